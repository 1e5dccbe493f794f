package casefile

import "time"

// Instant is milliseconds since 1970, in JSON a time in UTC.
type Instant int64

// MarshalJSON writes an RFC 3339 time.
func (i Instant) MarshalJSON() ([]byte, error) {
	return time.UnixMilli(int64(i)).UTC().MarshalJSON()
}

// Question is the input of pricing.try, as JSON names it. Exactly one of its
// questions is asked; amounts are minor units, percentages basis
// points.
type Question struct {
	Rules     Rules       `json:"rules"`
	Basket    *Basket     `json:"basket,omitempty"`
	Proration *Proration  `json:"proration,omitempty"`
	Price     *Price      `json:"price,omitempty"`
	Prior     *Prior      `json:"prior,omitempty"`
	Choice    []Candidate `json:"choice,omitempty"`
	Spending  *Spending   `json:"spending,omitempty"`
}

// Rules are the options of a case.
type Rules struct {
	Order         string `json:"order,omitempty"`
	Classes       string `json:"classes,omitempty"`
	ExclusiveRule string `json:"exclusive_rule,omitempty"`
	ConditionBase string `json:"condition_base,omitempty"`
	LaneMode      string `json:"lane_mode,omitempty"`
	Proration     string `json:"proration,omitempty"`
	ZeroWeight    string `json:"zero_weight,omitempty"`
	TieBreak      string `json:"tie_break,omitempty"`
	UnitBase      string `json:"unit_base,omitempty"`
	Rounding      string `json:"rounding,omitempty"`
	RoundAt       string `json:"round_at,omitempty"`
	TaxRound      string `json:"tax_round,omitempty"`
	AmountVAT     string `json:"amount_vat,omitempty"`
	Merge         string `json:"merge,omitempty"`
	CodeCase      string `json:"code_case,omitempty"`
	List          string `json:"list,omitempty"`
	Overflow      string `json:"overflow,omitempty"`
	PriorAnchor   string `json:"prior_anchor,omitempty"`
}

// Basket is a cart with its promotions.
type Basket struct {
	Channel        string      `json:"channel,omitempty"`
	Store          string      `json:"store,omitempty"`
	Customer       string      `json:"customer,omitempty"`
	CustomerGroups []string    `json:"customer_groups,omitempty"`
	PastOrders     *int64      `json:"past_orders,omitempty"`
	Codes          []string    `json:"codes,omitempty"`
	At             Instant     `json:"at,omitempty"`
	Currency       string      `json:"currency"`
	Net            bool        `json:"net,omitempty"`
	Lines          []Line      `json:"lines"`
	Shelf          []Line      `json:"shelf,omitempty"`
	Shipping       []Shipping  `json:"shipping,omitempty"`
	Promotions     []Promotion `json:"promotions,omitempty"`
	Used           []Use       `json:"used,omitempty"`
}

// Line is goods with their price.
type Line struct {
	ID         string      `json:"id"`
	SKU        string      `json:"sku"`
	Quantity   int64       `json:"quantity"`
	UnitPrice  int64       `json:"unit_price"`
	Floor      int64       `json:"floor,omitempty"`
	Manual     bool        `json:"manual,omitempty"`
	VATRate    int64       `json:"vat_rate,omitempty"`
	Product    string      `json:"product,omitempty"`
	Brand      string      `json:"brand,omitempty"`
	Line       string      `json:"line,omitempty"`
	Season     string      `json:"season,omitempty"`
	Supplier   string      `json:"supplier,omitempty"`
	Category   string      `json:"category,omitempty"`
	Tags       []string    `json:"tags,omitempty"`
	Attributes []Attribute `json:"attributes,omitempty"`
}

// Attribute is a name and values.
type Attribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Shipping is a way of delivery.
type Shipping struct {
	ID      string `json:"id"`
	Method  string `json:"method,omitempty"`
	Amount  int64  `json:"amount"`
	VATRate int64  `json:"vat_rate,omitempty"`
}

// Use is what was used of a promotion before.
type Use struct {
	Promotion  string `json:"promotion"`
	Uses       int64  `json:"uses,omitempty"`
	ByCustomer int64  `json:"by_customer,omitempty"`
	Spent      int64  `json:"spent,omitempty"`
}

// Promotion is a promotion, as pricing.put_promotion takes it.
type Promotion struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	State    string      `json:"state,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Period   Period      `json:"period"`
	For      Audience    `json:"for"`
	Not      Audience    `json:"not"`
	Goods    Selection   `json:"goods"`
	Except   Selection   `json:"except"`
	If       []Condition `json:"if,omitempty"`
	Codes    []string    `json:"codes,omitempty"`
	Effects  []Effect    `json:"effects"`
	Stacking Stacking    `json:"stacking"`
	Limits   Limits      `json:"limits"`
}

// Period is [From, To).
type Period struct {
	From Instant `json:"from,omitempty"`
	To   Instant `json:"to,omitempty"`
}

// Audience is places and people.
type Audience struct {
	Stores         []string `json:"stores,omitempty"`
	Channels       []string `json:"channels,omitempty"`
	Customers      []string `json:"customers,omitempty"`
	CustomerGroups []string `json:"customer_groups,omitempty"`
	Tiers          []string `json:"tiers,omitempty"`
}

// Selection is goods.
type Selection struct {
	SKUs       []string    `json:"skus,omitempty"`
	Products   []string    `json:"products,omitempty"`
	Brands     []string    `json:"brands,omitempty"`
	Lines      []string    `json:"lines,omitempty"`
	Seasons    []string    `json:"seasons,omitempty"`
	Suppliers  []string    `json:"suppliers,omitempty"`
	Categories []string    `json:"categories,omitempty"`
	Tags       []string    `json:"tags,omitempty"`
	Attributes []Attribute `json:"attributes,omitempty"`
	Price      *Range      `json:"price,omitempty"`
	Reduced    *bool       `json:"reduced,omitempty"`
}

// Range is [Min, Max].
type Range struct {
	Min *int64 `json:"min,omitempty"`
	Max *int64 `json:"max,omitempty"`
}

// Condition is one thing that must hold.
type Condition struct {
	Amount       *Range     `json:"amount,omitempty"`
	Quantity     *Range     `json:"quantity,omitempty"`
	LineAmount   *Range     `json:"line_amount,omitempty"`
	LineQuantity *Range     `json:"line_quantity,omitempty"`
	PastOrders   *Range     `json:"past_orders,omitempty"`
	Shipping     []string   `json:"shipping,omitempty"`
	Goods        *Selection `json:"goods,omitempty"`
	PerLine      bool       `json:"per_line,omitempty"`
	Base         string     `json:"base,omitempty"`
	VAT          string     `json:"vat,omitempty"`
}

// Effect is what comes off.
type Effect struct {
	Target  string     `json:"target,omitempty"`
	Methods []string   `json:"methods,omitempty"`
	Goods   *Selection `json:"goods,omitempty"`
	Except  *Selection `json:"except,omitempty"`
	Units   *Units     `json:"units,omitempty"`
	Percent int64      `json:"percent,omitempty"`
	Amount  *AmountOff `json:"amount,omitempty"`
	Price   *Fixed     `json:"price,omitempty"`
	BuyGet  *BuyGet    `json:"buy_get,omitempty"`
	Tiers   *Tiers     `json:"tiers,omitempty"`
	Ramp    *Ramp      `json:"ramp,omitempty"`
	Gift    *Gift      `json:"gift,omitempty"`
}

// Units limits an effect to some units.
type Units struct {
	Max     int64  `json:"max,omitempty"`
	PerLine bool   `json:"per_line,omitempty"`
	Of      int64  `json:"of,omitempty"`
	Pick    string `json:"pick,omitempty"`
}

// AmountOff takes an amount off.
type AmountOff struct {
	Value      int64  `json:"value"`
	Allocation string `json:"allocation,omitempty"`
}

// Fixed makes goods cost an amount.
type Fixed struct {
	Value int64  `json:"value"`
	Of    string `json:"of,omitempty"`
}

// BuyGet makes units cheaper for others that are bought.
type BuyGet struct {
	BuyQuantity int64      `json:"buy_quantity,omitempty"`
	BuyAmount   int64      `json:"buy_amount,omitempty"`
	Buy         *Selection `json:"buy,omitempty"`
	GetQuantity int64      `json:"get_quantity"`
	Get         *Selection `json:"get,omitempty"`
	Percent     int64      `json:"percent,omitempty"`
	Amount      int64      `json:"amount,omitempty"`
	Price       *int64     `json:"price,omitempty"`
	MaxGet      int64      `json:"max_get,omitempty"`
	Once        bool       `json:"once,omitempty"`
	Reward      string     `json:"reward,omitempty"`
	BuyPick     string     `json:"buy_pick,omitempty"`
	Add         bool       `json:"add,omitempty"`
}

// Tiers takes more off the more is bought.
type Tiers struct {
	By    string     `json:"by"`
	Goods *Selection `json:"goods,omitempty"`
	Base  string     `json:"base,omitempty"`
	Steps []Step     `json:"steps"`
}

// Step is one step of tiers.
type Step struct {
	From    int64 `json:"from"`
	Percent int64 `json:"percent,omitempty"`
}

// Ramp takes one amount off the first unit of a line and another off the others.
type Ramp struct {
	First   int64 `json:"first"`
	Further int64 `json:"further"`
	Max     int64 `json:"max,omitempty"`
}

// Gift adds goods.
type Gift struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity,omitempty"`
	Price    int64  `json:"price,omitempty"`
}

// Stacking says how a promotion goes together with others.
type Stacking struct {
	Catalog   bool   `json:"catalog,omitempty"`
	Lane      string `json:"lane,omitempty"`
	Priority  int64  `json:"priority,omitempty"`
	Group     string `json:"group,omitempty"`
	GroupMode string `json:"group_mode,omitempty"`
	Exclusive string `json:"exclusive,omitempty"`
	Base      string `json:"base,omitempty"`
}

// Limits bounds what a promotion gives away.
type Limits struct {
	Cap             int64  `json:"cap,omitempty"`
	Uses            int64  `json:"uses,omitempty"`
	UsesPerCustomer int64  `json:"uses_per_customer,omitempty"`
	Budget          int64  `json:"budget,omitempty"`
	Overrun         string `json:"overrun,omitempty"`
}

// Proration asks how an amount is shared out.
type Proration struct {
	Amount  int64   `json:"amount"`
	Weights []int64 `json:"weights"`
}

// Price asks for the price of goods.
type Price struct {
	Currency string      `json:"currency"`
	Quantity int64       `json:"quantity,omitempty"`
	At       Instant     `json:"at,omitempty"`
	Facts    []Attribute `json:"facts,omitempty"`
	Base     []Entry     `json:"base,omitempty"`
	Lists    []List      `json:"lists,omitempty"`
}

// List is a price list with its prices for the goods.
type List struct {
	ID       string      `json:"id"`
	Override bool        `json:"override,omitempty"`
	Priority int64       `json:"priority,omitempty"`
	Facts    []Attribute `json:"facts,omitempty"`
	Period   Period      `json:"period"`
	Prices   []Entry     `json:"prices,omitempty"`
	Formulas []FormulaOf `json:"formulas,omitempty"`
}

// Entry is a price.
type Entry struct {
	Amount      int64       `json:"amount"`
	Currency    string      `json:"currency,omitempty"`
	MinQuantity int64       `json:"min_quantity,omitempty"`
	MaxQuantity int64       `json:"max_quantity,omitempty"`
	Facts       []Attribute `json:"facts,omitempty"`
}

// FormulaOf is a price worked out from the base price.
type FormulaOf struct {
	MinQuantity int64   `json:"min_quantity,omitempty"`
	Formula     Formula `json:"formula"`
}

// Formula works a price out of another.
type Formula struct {
	Percent   int64 `json:"percent,omitempty"`
	Surcharge int64 `json:"surcharge,omitempty"`
}

// Prior asks for the lowest price of the days before the reduction that is on at an
// instant; of -1 days is none.
type Prior struct {
	Days   int64        `json:"days,omitempty"`
	At     Instant      `json:"at"`
	Prices []PricePoint `json:"prices"`
}

// PricePoint is a price from an instant on.
type PricePoint struct {
	At       Instant `json:"at"`
	Price    *int64  `json:"price,omitempty"`
	Original *int64  `json:"original,omitempty"`
}

// Candidate is an amount that somebody would take off, or an order spends.
type Candidate struct {
	ID     string `json:"id"`
	Amount int64  `json:"amount"`
}

// Spending asks what a budget has spent.
type Spending struct {
	Limit   int64       `json:"limit"`
	Used    int64       `json:"used,omitempty"`
	ByUse   bool        `json:"by_use,omitempty"`
	Overrun string      `json:"overrun,omitempty"`
	Orders  []Candidate `json:"orders"`
}
