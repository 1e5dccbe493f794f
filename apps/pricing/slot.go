package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// DiscountIn is what a filler of Discount sees.
type DiscountIn struct {
	Store          DiscountStore     `json:"store"`
	Channel        retail.Channel    `json:"channel"`
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Currency       retail.Currency   `json:"currency"`
	At             retail.Instant    `json:"at"`
	Lines          []DiscountLine    `json:"lines"` // equal units merged, by SKU
}

// DiscountStore is where the basket is.
type DiscountStore struct {
	ID   retail.StoreID `json:"id"`
	Zone retail.Zone    `json:"zone"`
}

// DiscountLine is goods that may be discounted.
type DiscountLine struct {
	ID        int64           `json:"id"` // for Off
	SKU       retail.SKU      `json:"sku"`
	Quantity  retail.Quantity `json:"quantity"`
	UnitPrice retail.Money    `json:"unit_price"` // by list, of Per units
	Per       retail.Quantity `json:"per"`
	Left      retail.Money    `json:"left"` // of the line, after promotions
	Product   Goods           `json:"product"`
}

// DiscountOut is what a filler proposes.
type DiscountOut struct {
	Offs    []DiscountOff `json:"offs,omitempty"`    // at most one for each line
	Skipped string        `json:"skipped,omitempty"` // why it proposes nothing, a key of at most 64 characters, shown in the quote
}

// DiscountOff is a proposal for one line: exactly one of Percent and Amount.
type DiscountOff struct {
	Line    int64              `json:"line"`
	Percent retail.BasisPoints `json:"percent,omitempty"`
	Amount  retail.Money       `json:"amount,omitempty"` // off the line, at most what is left
	Reason  string             `json:"reason"`           // key of at most 64 characters, kept on the receipt
}

// Off proposes a percentage off what is left of a line.
func (o *DiscountOut) Off(line int64, percent retail.BasisPoints, reason string) {
	o.Offs = append(o.Offs, DiscountOff{Line: line, Percent: percent, Reason: reason})
}

// OffAmount proposes an amount off a line.
func (o *DiscountOut) OffAmount(line int64, amount retail.Money, reason string) {
	o.Offs = append(o.Offs, DiscountOff{Line: line, Amount: amount, Reason: reason})
}

// Skip is an answer that proposes nothing, and says why.
func (o DiscountOut) Skip(reason string) DiscountOut { return DiscountOut{Skipped: reason} }

// CouponIn is a code that pricing does not know.
type CouponIn struct {
	Code     string            `json:"code"` // as it was given, without outer blanks
	Store    retail.StoreID    `json:"store"`
	Channel  retail.Channel    `json:"channel"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	At       retail.Instant    `json:"at"`
}

// CouponOut is what a filler knows of a code. The zero value is: nothing.
type CouponOut struct {
	Known bool `json:"known"`
	// Promotion that the code brings, one with Codes or Batches; "" is the one whose
	// Batches name the filler.
	Promotion string `json:"promotion,omitempty"`
	Uses      int64  `json:"uses,omitempty"`   // of the code, which pricing counts; 0 is 1
	Reason    string `json:"reason,omitempty"` // why it is not valid: expired or limit; "" it is
}
