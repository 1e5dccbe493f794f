package till

import "github.com/bottega-retail/bottega/sdk/retail"

// TryReturnIn is an order that the caller brings, and what comes back of it: the
// arithmetic of [Return] on things that are nowhere stored.
//
//bottega:example {"lines":[{"id":"1","quantity":1,"unit_price":5000},{"id":"2","quantity":1,"unit_price":1000}],"order_discount":1000,"returned":[{"line":"1","quantity":1}]}
type TryReturnIn struct {
	Rules          TryRules      `json:"rules"`
	Lines          []TryLine     `json:"lines"`
	OrderDiscount  retail.Money  `json:"order_discount,omitempty"` // off all lines that take part in it
	Shipping       retail.Money  `json:"shipping,omitempty"`       // paid
	RefundShipping bool          `json:"refund_shipping,omitempty"`
	ShippingBack   retail.Money  `json:"shipping_back,omitempty"` // of it, whatever comes back
	Before         []TryReturned `json:"before,omitempty"`        // returned earlier, each by itself, in order
	Returned       []TryReturned `json:"returned"`
}

// TryRules are what retailers decide differently about an amount that comes back. The zero
// value is what this till does: what each unit was paid is frozen with the sale.
type TryRules struct {
	Proration TryProration `json:"proration,omitempty"`
	ByUnits   bool         `json:"by_units,omitempty"` // the order's discount is shared by units, not by what they cost
	// The rest is of TryExact alone.
	Rounding TryRounding `json:"rounding,omitempty"`
	RoundAt  TryLevel    `json:"round_at,omitempty"`
	Alone    bool        `json:"alone,omitempty"` // the last return does not give what is left of the line and the order
}

// TryProration says what a unit is worth.
type TryProration string

// The prorations.
const (
	// TryFrozen is fixed with the sale: a line has its share of the order's discount by
	// the largest remainder, a unit its share of the line, the larger ones first.
	TryFrozen TryProration = ""
	// TryExact is worked out with each return, to a millionth, and rounded then.
	TryExact TryProration = "exact"
)

// TryRounding says what becomes of a part of a minor unit.
type TryRounding string

// The roundings.
const (
	TryHalfUp   TryRounding = ""
	TryHalfDown TryRounding = "half_down"
	TryHalfEven TryRounding = "half_even"
	TryDown     TryRounding = "down"
	TryUp       TryRounding = "up"
)

// TryLevel says what is rounded.
type TryLevel string

// The levels.
const (
	TryByLine   TryLevel = ""       // what a line gives back
	TryByUnit   TryLevel = "unit"   // the price of one unit
	TryByReturn TryLevel = "return" // what all lines together give back
)

// TryLine is a line of the order. It costs Total, or UnitPrice × Quantity less Discount.
type TryLine struct {
	ID         string             `json:"id"`
	Quantity   retail.Quantity    `json:"quantity"`
	UnitPrice  retail.Money       `json:"unit_price,omitempty"`
	Discount   retail.Money       `json:"discount,omitempty"`
	Total      *retail.Money      `json:"total,omitempty"`
	VATOnTop   retail.BasisPoints `json:"vat_on_top,omitempty"`  // of prices without VAT: it was paid, and comes back, too
	NoDiscount bool               `json:"no_discount,omitempty"` // takes no part in the order's discount
}

// TryReturned is units of a line that come back, or with Amount and no Quantity, a part of
// the price of goods that stay with the customer: what else they are worth comes when they
// come back.
type TryReturned struct {
	Line     string          `json:"line"`
	Quantity retail.Quantity `json:"quantity,omitempty"`
	Amount   *retail.Money   `json:"amount,omitempty"`   // no more than this, of what they are worth
	Exchange bool            `json:"exchange,omitempty"` // for other goods
	For      *retail.Money   `json:"for,omitempty"`      // what these cost; absent they are worth the same
}

// TryReturnOut is what the return refunds.
type TryReturnOut struct {
	Refund retail.Money      `json:"refund"` // below zero the customer pays, for what he took in exchange
	Lines  []TryReturnedLine `json:"lines"`  // as Returned
	Left   retail.Money      `json:"left"`   // that returning all the rest would refund
}

// TryReturnedLine is what one line refunds.
type TryReturnedLine struct {
	Line   string       `json:"line"`
	Refund retail.Money `json:"refund"`
}
