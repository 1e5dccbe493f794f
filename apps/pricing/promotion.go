package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// State says where a promotion is in its life.
type State string

// The states. A promotion that is live counts from the start of its period to
// the end of it; before and after it is named as not started or over.
const (
	Draft  State = "draft"
	Live   State = "live"
	Paused State = "paused"
	Ended  State = "ended" // taken out for good; a new version begins a new life
)

// Promotion is one version of a promotion. Everything that it does not say asks
// for nothing.
//
//bottega:example {"id":"shirts-3-for-2","name":"Three shirts for two","period":{"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z"},
//bottega:example "for":{"stores":["MI-01"]},"not":{},"goods":{"categories":["shirts"]},"except":{"brands":["alba"]},
//bottega:example "effects":[{"buy_get":{"buy_quantity":2,"get_quantity":1,"percent":10000}}],"stacking":{"priority":10},"limits":{"budget":500000}}
type Promotion struct {
	ID      string        `json:"id"`                // 1 to 64 characters
	Version int64         `json:"version,omitempty"` // 1, 2, … ; set by the app
	Name    string        `json:"name"`              // what a cashier and a receipt show, 1 to 200 characters
	State   State         `json:"state,omitempty"`   // set by Publish, Pause, Resume and End
	Period  retail.Period `json:"period"`            // it counts at From and no more at To
	Hours   []Hours       `json:"hours,omitempty"`   // when in the week, in the store's zone; none is always
	// Currency of its amounts: baskets in another get nothing. "" is whichever the
	// basket has.
	Currency retail.Currency `json:"currency,omitempty"`

	For     Audience    `json:"for"`               // where and for whom
	Not     Audience    `json:"not"`               // where and for whom it is not: one value that matches is enough
	Goods   Selection   `json:"goods"`             // what it speaks of
	Except  Selection   `json:"except"`            // of these, what it is not for: one list that matches is enough
	If      []Condition `json:"if,omitempty"`      // that must all hold
	Codes   []string    `json:"codes,omitempty"`   // one of which must be given, each usable by everybody
	Batches []string    `json:"batches,omitempty"` // of coupons, one of which must be given

	Effects  []Effect `json:"effects"` // what comes off, one after the other
	Stacking Stacking `json:"stacking"`
	Limits   Limits   `json:"limits"`
	Floor    *Floor   `json:"floor,omitempty"`   // below which no unit may fall
	Funding  []Funder `json:"funding,omitempty"` // who pays; the rest is the retailer's
	Refund   Refund   `json:"refund,omitempty"`  // "" is keep

	// Announced says that the reduction is advertised to everybody, so that the law
	// on prior prices holds for it (Codice del consumo, art. 17-bis).
	Announced bool           `json:"announced,omitempty"`
	Note      string         `json:"note,omitempty"`    // for colleagues, at most 1,000 characters
	Changed   retail.Instant `json:"changed,omitempty"` // last change; ignored in a put
	By        string         `json:"by,omitempty"`      // who made it; ignored in a put
}

// Audience is places and people. Of each list that is not empty one value must
// match, and all lists must.
type Audience struct {
	Stores         []retail.StoreID    `json:"stores,omitempty"`
	Channels       []retail.Channel    `json:"channels,omitempty"`
	Customers      []retail.CustomerID `json:"customers,omitempty"`
	CustomerGroups []string            `json:"customer_groups,omitempty"`
	Tiers          []string            `json:"tiers,omitempty"`
}

// Selection is goods, by the ids of the catalog. Of each list that is not empty
// one value must match, and all lists must. Goods that lack an attribute match no
// list that asks for it. The empty selection is everything.
type Selection struct {
	SKUs       []retail.SKU `json:"skus,omitempty"`
	Products   []string     `json:"products,omitempty"`
	Brands     []string     `json:"brands,omitempty"`
	Lines      []string     `json:"lines,omitempty"`
	Seasons    []string     `json:"seasons,omitempty"`
	Suppliers  []string     `json:"suppliers,omitempty"`
	Categories []string     `json:"categories,omitempty"`
	Tags       []string     `json:"tags,omitempty"`
	Attributes []Attribute  `json:"attributes,omitempty"` // any others, each at most once; size and colour too
	Price      *Range       `json:"price,omitempty"`      // list price of a unit
	// Reduced asks for goods that earlier promotions took something off (true), or
	// nothing (false).
	Reduced *bool `json:"reduced,omitempty"`
}

// Attribute is an attribute of goods that has no field of its own, and the values
// one of which it must have. Those of the catalog's products and variants are meant;
// size and colour are the fields of a variant.
type Attribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Range is [Min, Max], both included; a bound that is absent is open.
type Range struct {
	Min *int64 `json:"min,omitempty"`
	Max *int64 `json:"max,omitempty"`
}

// Hours is a part of the week, in the store's own time.
type Hours struct {
	Days  []int64         `json:"days,omitempty"` // 1 Monday to 7 Sunday, on which Hours begins; none is all
	Hours retail.DayHours `json:"hours"`          // empty is the whole day
}

// Condition is one thing that must hold: exactly one of its measures.
type Condition struct {
	Amount       *Range   `json:"amount,omitempty"`        // what the goods cost, by Base
	Quantity     *Range   `json:"quantity,omitempty"`      // how many units of the goods
	LineAmount   *Range   `json:"line_amount,omitempty"`   // what one line of the goods costs, by Base
	LineQuantity *Range   `json:"line_quantity,omitempty"` // how many units one line of the goods has
	PastOrders   *Range   `json:"past_orders,omitempty"`   // of the customer, before this one; {max 0} is a first purchase
	Shipping     []string `json:"shipping,omitempty"`      // methods, one of which is chosen

	// Goods are those that are measured. Absent they are the goods that the
	// promotion speaks of; the empty selection is the whole basket.
	Goods *Selection `json:"goods,omitempty"`
	// PerLine asks each line for itself: those that fail get nothing, the others do.
	PerLine bool          `json:"per_line,omitempty"`
	Base    ConditionBase `json:"base,omitempty"` // of amounts; "" is that of the rules
	VAT     VATBasis      `json:"vat,omitempty"`  // of amounts; "" is as the prices are
}

// ConditionBase says what an amount in a condition is measured on.
type ConditionBase string

// The bases of conditions. A promotion's own effect never counts.
const (
	ByList       ConditionBase = "list"           // list prices
	BeforeThis   ConditionBase = "before_this"    // what earlier promotions left
	AfterAllLine ConditionBase = "after_all_line" // what all promotions on lines left
)

// VATBasis says whether VAT is in an amount.
type VATBasis string

// The bases.
const (
	Gross VATBasis = "gross"
	Net   VATBasis = "net"
)

// Target says what an effect works on.
type Target string

// The targets. "" is ToLines.
const (
	ToLines    Target = "lines"              // each line by itself
	ToOrder    Target = "order"              // the goods together, then shared over the lines
	ToShipping Target = "shipping"           // what delivery costs
	ToAll      Target = "order_and_shipping" // both together
)

// Effect is what comes off: exactly one of the kinds.
type Effect struct {
	Target Target     `json:"target,omitempty"`
	Goods  *Selection `json:"goods,omitempty"`  // absent: those of the promotion
	Except *Selection `json:"except,omitempty"` // absent: those of the promotion
	Units  *Units     `json:"units,omitempty"`  // absent: all
	// Methods of delivery that it works on, with the targets that deliver; none is all.
	Methods []string `json:"methods,omitempty"`

	Percent  retail.BasisPoints `json:"percent,omitempty"` // 2000 is 20 %, at most 10000
	Amount   *AmountOff         `json:"amount,omitempty"`
	Price    *FixedPrice        `json:"price,omitempty"`
	BuyGet   *BuyGet            `json:"buy_get,omitempty"`
	Bundle   *Bundle            `json:"bundle,omitempty"`
	Tiers    *Tiers             `json:"tiers,omitempty"`
	Ramp     *Ramp              `json:"ramp,omitempty"`
	Gift     *Gift              `json:"gift,omitempty"`
	Points   retail.BasisPoints `json:"points,omitempty"` // multiplies the points of the goods: 20000 is double
	Cashback *Cashback          `json:"cashback,omitempty"`
}

// Pick says which units come first. Of equal ones the lower line does.
type Pick string

// The picks. "" is Cheapest.
const (
	Cheapest Pick = "cheapest"
	Dearest  Pick = "dearest"
	InOrder  Pick = "in_order" // as they stand in the basket
)

// Units limits an effect to some units of its goods.
type Units struct {
	Max     retail.Quantity `json:"max,omitempty"`      // at most so many; 0 is all
	PerLine bool            `json:"per_line,omitempty"` // so many of each line, rather than of the basket
	Of      retail.Quantity `json:"of,omitempty"`       // only complete groups of so many; 0 is all
	Pick    Pick            `json:"pick,omitempty"`
}

// Allocation says how often an amount is taken off.
type Allocation string

// The allocations. "" is Across for orders and shipping, PerUnit for lines.
const (
	PerUnit Allocation = "unit"   // off each unit
	PerLine Allocation = "line"   // off each line, once
	Across  Allocation = "across" // once, shared over all by what is left of them
)

// AmountOff takes an amount off.
type AmountOff struct {
	Value      retail.Money `json:"value"`
	Allocation Allocation   `json:"allocation,omitempty"`
}

// FixedPrice makes goods cost an amount. What costs less already stays so.
type FixedPrice struct {
	Value retail.Money `json:"value"`
	Of    PriceOf      `json:"of,omitempty"`
}

// PriceOf says what a fixed price is for.
type PriceOf string

// What a fixed price is for. "" is a unit.
const (
	OfUnit  PriceOf = "unit"
	OfLine  PriceOf = "line"
	OfGroup PriceOf = "group" // of Units.Of units together: 3 for 10.00
	OfOrder PriceOf = "order" // all goods together
)

// BuyGet makes units cheaper for others that are bought. No unit counts twice,
// neither as bought nor as rewarded, over all promotions of this kind.
type BuyGet struct {
	BuyQuantity retail.Quantity    `json:"buy_quantity,omitempty"` // units to buy for one reward
	BuyAmount   retail.Money       `json:"buy_amount,omitempty"`   // or the amount to buy for it
	Buy         *Selection         `json:"buy,omitempty"`          // absent: the goods of the promotion
	GetQuantity retail.Quantity    `json:"get_quantity"`           // units that are rewarded
	Get         *Selection         `json:"get,omitempty"`          // absent: the goods that are bought
	Percent     retail.BasisPoints `json:"percent,omitempty"`      // off a rewarded unit: exactly one of this,
	Amount      retail.Money       `json:"amount,omitempty"`       // … an amount off it,
	Price       *retail.Money      `json:"price,omitempty"`        // … or what it costs
	MaxGet      retail.Quantity    `json:"max_get,omitempty"`      // rewarded units of a basket; 0 is any number
	Once        bool               `json:"once,omitempty"`         // rather than for as often as enough is bought
	Reward      Pick               `json:"reward,omitempty"`       // which units are rewarded
	BuyPick     Pick               `json:"buy_pick,omitempty"`     // which are used up as bought; "" is dearest
	// Add gives units on top of those in the basket, which stay as they are.
	Add bool `json:"add,omitempty"`
}

// Bundle makes goods of several sets cheaper when they are bought together.
type Bundle struct {
	Parts   []Part             `json:"parts"`
	Price   *retail.Money      `json:"price,omitempty"` // of one bundle: exactly one of this,
	Percent retail.BasisPoints `json:"percent,omitempty"`
	Amount  retail.Money       `json:"amount,omitempty"` // off one bundle
	Max     retail.Quantity    `json:"max,omitempty"`    // bundles in a basket; 0 is any number
	Pick    Pick               `json:"pick,omitempty"`   // which units go into bundles; "" is dearest
}

// Part is units of one set that a bundle needs.
type Part struct {
	Quantity retail.Quantity `json:"quantity"`
	Goods    Selection       `json:"goods"`
}

// TierBy says what a tier is chosen by.
type TierBy string

// What a tier is chosen by.
const (
	ByAmount       TierBy = "amount"        // of all goods
	ByQuantity     TierBy = "quantity"      // of all goods
	ByLineAmount   TierBy = "line_amount"   // of each line
	ByLineQuantity TierBy = "line_quantity" // of each line
)

// Tiers takes more off the more is bought: the highest step that is reached
// counts, for everything.
type Tiers struct {
	By    TierBy        `json:"by"`
	Goods *Selection    `json:"goods,omitempty"` // that are measured; absent: those of the effect
	Base  ConditionBase `json:"base,omitempty"`
	Steps []Step        `json:"steps"` // rising
}

// Step is one step of tiers: exactly one of Percent, Amount and Price.
type Step struct {
	From    int64              `json:"from"` // amount or quantity
	Percent retail.BasisPoints `json:"percent,omitempty"`
	Amount  retail.Money       `json:"amount,omitempty"` // off each unit with the target lines, once otherwise
	Price   *retail.Money      `json:"price,omitempty"`  // of a unit
}

// Ramp takes one amount off the first unit of each line and another off those
// that follow.
type Ramp struct {
	First   retail.Money    `json:"first"`
	Further retail.Money    `json:"further"`
	Max     retail.Quantity `json:"max,omitempty"` // units of a line; 0 is all
}

// Gift adds goods to the basket.
type Gift struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity,omitempty"` // 0 is 1
	Price    retail.Money    `json:"price,omitempty"`    // of each; 0 is free
}

// Cashback gives back a part of what was paid, later and in stores only.
type Cashback struct {
	Percent retail.BasisPoints `json:"percent,omitempty"` // of what is left of the goods: exactly one of this
	Amount  retail.Money       `json:"amount,omitempty"`  // … and an amount
	Days    int64              `json:"days,omitempty"`    // it is valid, from the day after the sale; 0 is 30
	Stores  []retail.StoreID   `json:"stores,omitempty"`  // that take it; none is all
}

// Lane is a stage of the order of work.
type Lane string

// The lanes, in their order. "" is LaneDefault.
const (
	LanePre     Lane = "pre"
	LaneDefault Lane = "default"
	LanePost    Lane = "post"
)

// GroupMode says who of a group works.
type GroupMode string

// The modes. "" is Best.
const (
	Best        GroupMode = "best"          // the one that leaves the lowest total
	BestPerLine GroupMode = "best_per_line" // on each line the one that takes most off it
	All         GroupMode = "all"
)

// Exclusive says what a promotion does not go together with.
type Exclusive string

// The kinds of exclusion. "" is none.
const (
	ExclusiveGoods Exclusive = "goods" // others on the same units
	ExclusiveGroup Exclusive = "group" // others of its group
	ExclusiveLane  Exclusive = "lane"  // others of its lane
	ExclusiveAll   Exclusive = "all"   // any others
)

// Base says what percentages and fixed prices are worked out on.
type Base string

// The bases. "" is Remaining. No effect takes more than what is left.
const (
	Remaining Base = "remaining" // what is left
	AtStart   Base = "start"     // what was left before the promotion's first effect
	OnList    Base = "list"      // the list price
)

// Stacking says how a promotion goes together with others.
type Stacking struct {
	Catalog   bool      `json:"catalog,omitempty"`  // it reduces prices as they are shown, before all others
	Lane      Lane      `json:"lane,omitempty"`     // "" is default
	Priority  int64     `json:"priority,omitempty"` // larger first, then by id
	Group     string    `json:"group,omitempty"`    // "" none
	GroupMode GroupMode `json:"group_mode,omitempty"`
	Exclusive Exclusive `json:"exclusive,omitempty"`
	Base      Base      `json:"base,omitempty"`
}

// Limits bounds what a promotion may give away.
type Limits struct {
	Cap             retail.Money `json:"cap,omitempty"`               // of one basket
	Uses            int64        `json:"uses,omitempty"`              // baskets in all; 0 is any number
	UsesPerCustomer int64        `json:"uses_per_customer,omitempty"` // a customer must be named then
	Budget          retail.Money `json:"budget,omitempty"`            // of all baskets; 0 is none
	BudgetPerStore  retail.Money `json:"budget_per_store,omitempty"`
	Overrun         Overrun      `json:"overrun,omitempty"`
	// KeepCancelled says that a use that was cancelled or given back stays used.
	KeepCancelled bool `json:"keep_cancelled,omitempty"`
}

// Overrun says what happens to a discount that no longer fits into a budget.
type Overrun string

// What happens. "" is Refuse.
const (
	Refuse  Overrun = "refuse"  // there is none
	Partial Overrun = "partial" // there is as much as fits
)

// Floor is a bound that a unit's price does not fall below.
type Floor struct {
	Margin retail.BasisPoints `json:"margin,omitempty"` // on the net price; 0 is cost
}

// Funder pays a share of what a promotion takes off.
type Funder struct {
	Supplier string             `json:"supplier"` // id of a term of the catalog
	Share    retail.BasisPoints `json:"share"`    // 1 to 10000; all together at most 10000
}

// Refund says what becomes of a promotion when goods come back.
type Refund string

// What becomes of it. "" is Keep.
const (
	Keep Refund = "keep" // each unit is worth what was paid for it
	// Recompute withholds from a refund what the goods that the customer keeps no longer
	// earn: they are priced again as this version would have priced them alone, by
	// [RecomputeKept]. All returns of a sale together refund no more than was paid for
	// what came back, no return asks for money, and who returns everything has
	// everything back.
	Recompute Refund = "recompute"
)
