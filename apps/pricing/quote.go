package pricing

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// QuoteIn is a basket, and where, when and for whom it is priced.
//
//bottega:example {"store":"MI-01","customer":"C-88","codes":["DEMO-BENVENUTO-2026"],"lines":[{"sku":"P0001-M","quantity":2}]}
type QuoteIn struct {
	Store          retail.StoreID    `json:"store"`
	Channel        retail.Channel    `json:"channel,omitempty"`         // "" is the store's
	Customer       retail.CustomerID `json:"customer,omitempty"`        // "" nobody known
	CustomerGroups []string          `json:"customer_groups,omitempty"` // that the customer belongs to
	Tier           string            `json:"tier,omitempty"`            // of the customer
	PastOrders     *int64            `json:"past_orders,omitempty"`     // of the customer, cancelled ones left out; absent if nobody knows
	Codes          []string          `json:"codes,omitempty"`           // in the order they were given, at most MaxCodes
	At             retail.Instant    `json:"at,omitempty"`              // 0 is now
	Lines          []QuoteLine       `json:"lines"`
	Shipping       []QuoteShipping   `json:"shipping,omitempty"`
	// Token of an earlier quote: the basket is priced as it was then, if the token is
	// valid still and of the same basket.
	Token string `json:"token,omitempty"`
}

// QuoteLine asks for goods.
type QuoteLine struct {
	ID       string          `json:"id,omitempty"` // the caller's; "" is the line's place, from "1"
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"` // above zero, in the SKU's unit
	// PriceOverride is a price set by hand, as SKUPrice.Amount. Promotions
	// neither touch nor count the goods.
	PriceOverride *retail.Money `json:"price_override,omitempty"`
}

// QuoteShipping is a way of delivery and what it costs.
type QuoteShipping struct {
	ID      string             `json:"id,omitempty"`     // the caller's; "" is its place, from "1"
	Method  string             `json:"method,omitempty"` // what conditions ask for
	Amount  retail.Money       `json:"amount"`
	VATRate retail.BasisPoints `json:"vat_rate,omitempty"`
}

// QuoteOut is a priced basket. All sums are exact.
type QuoteOut struct {
	Currency   retail.Currency   `json:"currency"`
	At         retail.Instant    `json:"at"`
	Channel    retail.Channel    `json:"channel"`
	List       retail.Money      `json:"list"`
	Discount   retail.Money      `json:"discount"`
	Total      retail.Money      `json:"total"`
	Lines      []PricedLine      `json:"lines"` // in the order of the basket
	Added      []PricedLine      `json:"added,omitempty"`
	Shipping   []PricedShipping  `json:"shipping,omitempty"`
	Applied    []Applied         `json:"applied,omitempty"`
	NotApplied []NotApplied      `json:"not_applied,omitempty"` // those with a code and those that came close, at most MaxMisses
	Codes      []RejectedCode    `json:"codes,omitempty"`       // that did not help
	Grants     []Grant           `json:"grants,omitempty"`      // what is not money off
	VAT        []retail.VATShare `json:"vat"`                   // once per rate for the whole basket; by rate, rising
	Store      *catalog.Store    `json:"store,omitempty"`       // where it was priced
	// Personal says that a price was made for this customer by a program, which must
	// be disclosed (Directive 2011/83/EU, art. 6(1)(ea)).
	Personal   bool           `json:"personal,omitempty"`
	Greedy     bool           `json:"greedy,omitempty"` // more combinations than Rules.Search: groups were decided one by one
	Generation int64          `json:"generation"`       // of the promotions
	Token      string         `json:"token,omitempty"`
	ValidUntil retail.Instant `json:"valid_until,omitempty"` // of Token
}

// PricedLine is the outcome of one line, with what a receipt keeps of the
// goods.
type PricedLine struct {
	ID            string          `json:"id"`
	SKU           retail.SKU      `json:"sku"`
	Quantity      retail.Quantity `json:"quantity"`
	UnitPrice     retail.Money    `json:"unit_price"` // of Per units, before discounts
	Per           retail.Quantity `json:"per"`
	PriceList     string          `json:"price_list,omitempty"` // "" for a price set by hand
	List          retail.Money    `json:"list"`                 // the line before discounts
	Discount      retail.Money    `json:"discount"`
	Total         retail.Money    `json:"total"`
	UnitShares    []Share         `json:"unit_shares"` // of Total
	Applied       []Applied       `json:"applied,omitempty"`
	PriceOverride bool            `json:"price_override,omitempty"`
	Goods         Goods           `json:"goods"`
}

// Share is a number of units that are worth the same: three units at 8.99 are
// 2 × 3.00 and 1 × 2.99. The larger come first.
type Share struct {
	Amount   retail.Money    `json:"amount"` // of one unit
	Quantity retail.Quantity `json:"quantity"`
}

// PricedShipping is the outcome of one way of delivery.
type PricedShipping struct {
	ID       string       `json:"id"`
	Method   string       `json:"method,omitempty"`
	List     retail.Money `json:"list"`
	Discount retail.Money `json:"discount"`
	Total    retail.Money `json:"total"`
	Applied  []Applied    `json:"applied,omitempty"`
}

// Goods is what the catalog said of a SKU.
type Goods struct {
	Product     string              `json:"product"`
	Description string              `json:"description"`
	Kind        catalog.Kind        `json:"kind"`
	Brand       string              `json:"brand,omitempty"`
	Line        string              `json:"line,omitempty"`
	Season      string              `json:"season,omitempty"`
	Supplier    string              `json:"supplier,omitempty"`
	Category    string              `json:"category,omitempty"`
	Tags        []string            `json:"tags,omitempty"`
	Size        string              `json:"size,omitempty"`
	Colour      string              `json:"colour,omitempty"`
	Attributes  []catalog.Attribute `json:"attributes,omitempty"`
	Unit        retail.Unit         `json:"unit"`
	VATRate     retail.BasisPoints  `json:"vat_rate"`
}

// Applied is what a promotion took off, or the filler of a slot.
type Applied struct {
	Promotion string       `json:"promotion,omitempty"`
	Version   int64        `json:"version,omitempty"`
	Name      string       `json:"name,omitempty"`   // of this version, at most 200 bytes; of the whole basket only, not of its lines
	Filler    string       `json:"filler,omitempty"` // app that proposed it
	Reason    string       `json:"reason,omitempty"` // the filler's
	Code      string       `json:"code,omitempty"`   // that brought it
	Amount    retail.Money `json:"amount"`
	Funded    []Funded     `json:"funded,omitempty"` // of Amount, by others than the retailer
	Refund    Refund       `json:"refund,omitempty"` // recompute, or "" for keep; of the whole basket only
}

// Funded is what a supplier pays of a discount.
type Funded struct {
	Supplier string       `json:"supplier"`
	Amount   retail.Money `json:"amount"`
}

// Grant is what a promotion gives that takes no money off.
type Grant struct {
	Promotion string             `json:"promotion"`
	Version   int64              `json:"version,omitempty"`
	Name      string             `json:"name,omitempty"`   // as in Applied
	Points    retail.BasisPoints `json:"points,omitempty"` // multiplies the points of Lines
	Lines     []string           `json:"lines,omitempty"`  // ids of lines
	Cashback  retail.Money       `json:"cashback,omitempty"`
	Days      int64              `json:"days,omitempty"`
	Stores    []retail.StoreID   `json:"stores,omitempty"`
}

// RejectedCode says why a code did not help. To strangers it says only unknown,
// expired and limit.
type RejectedCode struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// NotApplied says why a promotion took nothing off.
type NotApplied struct {
	Promotion string   `json:"promotion,omitempty"`
	Version   int64    `json:"version,omitempty"`
	Name      string   `json:"name,omitempty"` // as in Applied
	Filler    string   `json:"filler,omitempty"`
	Reason    Reason   `json:"reason"`
	With      string   `json:"with,omitempty"` // promotion that stands in the way
	Missing   *Missing `json:"missing,omitempty"`
}

// Missing is what would have made a promotion apply.
type Missing struct {
	Quantity retail.Quantity `json:"quantity,omitempty"`
	Amount   retail.Money    `json:"amount,omitempty"` // of goods; for lost_to and cap: by how much
	From     retail.Instant  `json:"from,omitempty"`   // when it starts
	To       retail.Instant  `json:"to,omitempty"`     // when it was over
}

// Reason says why a promotion did not apply. Of several, the first in the order of
// these constants is named.
type Reason string

// The reasons. Codes first: who gave none is told nothing else.
const (
	CodeMissing     Reason = "code_missing"     // it needs a code
	Inactive        Reason = "inactive"         // draft or ended
	IsPaused        Reason = "paused"           //
	NotStarted      Reason = "not_started"      // Missing.From says when it does
	Over            Reason = "over"             // Missing.To says since when
	WrongHours      Reason = "hours"            // it counts at other times of the week
	WrongStore      Reason = "store"            //
	WrongChannel    Reason = "channel"          //
	WrongCurrency   Reason = "currency"         //
	UnknownCustomer Reason = "customer_unknown" // it is for known customers, and nobody was named
	WrongCustomer   Reason = "customer"         //
	WrongGroup      Reason = "customer_group"   //
	WrongTier       Reason = "tier"             //
	WrongOrders     Reason = "past_orders"      // it is for a first purchase, or another
	WrongShipping   Reason = "shipping"         // it asks for another way of delivery
	UsageLimit      Reason = "usage_limit"      // all its uses are used
	CustomerLimit   Reason = "customer_limit"   // this customer has used it
	BudgetSpent     Reason = "budget"           // its budget is spent, or too small for this basket
	NoGoods         Reason = "no_goods"         // nothing in the basket is what it speaks of
	ManualPrice     Reason = "price_override"   // its goods have prices set by hand
	MissingQuantity Reason = "quantity_missing" // Missing.Quantity more of its goods are needed
	MissingAmount   Reason = "amount_missing"   // Missing.Amount more of its goods is needed
	TooMuch         Reason = "too_much"         // more of its goods than a condition allows
	UnitsUsed       Reason = "units_used"       // With has used up its units
	NotCombinable   Reason = "not_combinable"   // With holds its goods
	ExcludedBy      Reason = "excluded"         // With is exclusive, and applied
	LostTo          Reason = "lost_to"          // With was better by Missing.Amount
	FloorReached    Reason = "floor"            // its goods cost what they must at least
	NothingLeft     Reason = "nothing_left"     // there was nothing to take off, or less than half a cent
	FillerFailed    Reason = "filler_failed"    // the filler of a slot ended in an error
	FillerRefused   Reason = "filler_refused"   // something that a filler said cannot be
)

// ExplainIn asks why promotions did not apply to a basket.
//
//bottega:example {"basket":{"store":"MI-01","lines":[{"sku":"P0001-M","quantity":2}]},"ids":["knit-3"],"language":"it"}
type ExplainIn struct {
	Basket QuoteIn  `json:"basket"`
	IDs    []string `json:"ids,omitempty"`    // of promotions; none is all, page by page
	Cursor string   `json:"cursor,omitempty"` // of the page before
	Limit  int64    `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
	// Language is that of Text: it or en; "" is en.
	Language string `json:"language,omitempty"`
}

// ExplainOut has an answer for each promotion that was asked for.
type ExplainOut struct {
	Promotions []Explanation `json:"promotions"`
	Cursor     string        `json:"cursor,omitempty"` // "" at the end
}

// Explanation is what one promotion did to a basket.
type Explanation struct {
	ID         string       `json:"id"`
	Version    int64        `json:"version"`
	Name       string       `json:"name"`
	Amount     retail.Money `json:"amount,omitempty"` // that it took off
	NotApplied *NotApplied  `json:"not_applied,omitempty"`
	Text       string       `json:"text"` // for people
}
