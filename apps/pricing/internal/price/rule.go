package price

import "github.com/bottega-retail/bottega/sdk/retail"

// Rule is one version of a promotion. What it does not say asks for nothing.
type Rule struct {
	ID      string
	Version int64
	From    retail.Instant
	To      retail.Instant // 0 is open
	Hours   []Hours
	// Currency of its amounts; "" is whichever the basket has.
	Currency retail.Currency

	For, Not Audience
	Goods    Selection
	Except   Selection // one list that matches is enough
	If       []Condition
	// NeedsCode says that it counts only for who gave one of its codes.
	NeedsCode bool

	Effects  []Effect
	Stacking Stacking
	Cap      retail.Money // of one basket; 0 is none
	Partial  bool         // as much as fits into a budget, rather than nothing
	Floor    *Floor

	lean *lean // see Prepare
}

// Candidate is a rule that may work on a basket, and what is special to this one.
type Candidate struct {
	Rule    *Rule
	Code    string        // that brings it; "" none
	Blocked Reason        // why it cannot apply whatever is in the basket; "" it can
	Budget  *retail.Money // that is left; nil is no budget
}

// Hours is a part of the week, by the clock of the place.
type Hours struct {
	Days  []int64 // 1 Monday to 7 Sunday, on which it begins; none is all
	Hours retail.DayHours
}

// Audience is places and people. Of each list that is not empty one value must
// match, and all lists must.
type Audience struct {
	Stores    []retail.StoreID
	Channels  []retail.Channel
	Customers []retail.CustomerID
	Groups    []string
	Tiers     []string
}

// Selection is goods. Of each list that is not empty one value must match, and
// all lists must.
type Selection struct {
	SKUs       []retail.SKU
	Products   []string
	Brands     []string
	Lines      []string
	Seasons    []string
	Suppliers  []string
	Categories []string
	Tags       []string
	Attributes []Attribute
	Price      *Range
	Reduced    *bool
}

// Attribute is a further attribute of goods, and values of it.
type Attribute struct {
	Name   string
	Values []string
}

// Range is [Min, Max], both included; nil is open.
type Range struct{ Min, Max *int64 }

// Condition is one thing that must hold: one of its measures.
type Condition struct {
	Amount, Quantity         *Range
	LineAmount, LineQuantity *Range
	PastOrders               *Range
	Shipping                 []string
	Goods                    *Selection // nil: the rule's
	PerLine                  bool
	Base                     *Measure // nil: the policy's
	VAT                      VAT
}

// Target says what an effect works on.
type Target int

// The targets.
const (
	ToLines Target = iota
	ToOrder
	ToShipping
	ToAll
)

// Effect is what comes off: one of the kinds.
type Effect struct {
	Target        Target
	Goods, Except *Selection // nil: the rule's
	Methods       []string   // of delivery; none is all
	Units         *Units

	Percent  retail.BasisPoints
	Amount   *Amount
	Price    *Fixed
	BuyGet   *BuyGet
	Bundle   *Bundle
	Tiers    *Tiers
	Ramp     *Ramp
	Gift     *Gift
	Points   retail.BasisPoints
	Cashback *Cashback
	// Held is, of each line of the basket, what comes off it: what was taken off once and
	// is not worked out again.
	Held []retail.Money
}

// Pick says which units come first.
type Pick int

// The picks.
const (
	Cheapest Pick = iota
	Dearest
	InOrder
)

// Units limits an effect to some units.
type Units struct {
	Max     retail.Quantity // 0 is all
	PerLine bool
	Of      retail.Quantity // complete groups of so many only; 0 is all
	Pick    Pick
}

// Amount is an amount that is taken off.
type Amount struct {
	Value retail.Money
	Of    Allocation
}

// Allocation says how often an amount is taken off.
type Allocation int

// The allocations.
const (
	EachUnit Allocation = iota
	EachLine
	Across
)

// Fixed is what goods cost.
type Fixed struct {
	Value retail.Money
	Of    FixedOf
}

// FixedOf says what a fixed price is for.
type FixedOf int

// What a fixed price is for.
const (
	OfUnit FixedOf = iota
	OfLine
	OfGroup
	OfOrder
)

// BuyGet makes units cheaper for others that are bought.
type BuyGet struct {
	BuyQuantity retail.Quantity
	BuyAmount   retail.Money
	Buy         *Selection // nil: the rule's goods
	GetQuantity retail.Quantity
	Get         *Selection // nil: those that are bought
	Percent     retail.BasisPoints
	Amount      retail.Money
	Price       *retail.Money
	MaxGet      retail.Quantity
	Once        bool
	Reward      Pick
	BuyPick     Pick
	Add         bool
}

// Bundle makes goods of several sets cheaper together.
type Bundle struct {
	Parts   []Part
	Price   *retail.Money
	Percent retail.BasisPoints
	Amount  retail.Money
	Max     retail.Quantity
	Pick    Pick
}

// Part is units of one set.
type Part struct {
	Quantity retail.Quantity
	Goods    *Selection // nil: the rule's
}

// Tiers takes more off the more is bought.
type Tiers struct {
	ByQuantity bool
	OfLines    bool // each line has its own step
	Goods      *Selection
	Base       *Measure
	Steps      []Step // rising
}

// Step is one step of Tiers.
type Step struct {
	From    int64
	Percent retail.BasisPoints
	Amount  retail.Money
	Price   *retail.Money
}

// Ramp takes one amount off the first unit of a line and another off the further.
type Ramp struct {
	First, Further retail.Money
	Max            retail.Quantity
}

// Gift adds goods.
type Gift struct {
	SKU      retail.SKU
	Quantity retail.Quantity
	Price    retail.Money
}

// Cashback gives a part back later.
type Cashback struct {
	Percent retail.BasisPoints
	Amount  retail.Money
	Days    int64
	Stores  []retail.StoreID
}

// Exclusive says what a rule does not go together with.
type Exclusive int

// The kinds of exclusion.
const (
	NotExclusive Exclusive = iota
	ExclusiveGoods
	ExclusiveGroup
	ExclusiveLane
	ExclusiveAll
)

// Base says what percentages are worked out on.
type Base int

// The bases.
const (
	Remaining Base = iota
	AtStart
	OnList
)

// Stacking says how a rule goes together with others.
type Stacking struct {
	Catalog   bool
	Lane      int // -1 before, 1 after the others
	Priority  int64
	Group     string
	Mode      Mode // of the group
	Exclusive Exclusive
	Base      Base
}

// Floor bounds a rule by what goods cost.
type Floor struct{ Margin retail.BasisPoints }

// classes are how many there are: what works on lines, then on orders, then on
// delivery, then on both together.
const classes = 4

// class is the last one of the rule's targets.
func (r *Rule) class() int {
	class := 0
	for i := range r.Effects {
		switch r.Effects[i].Target {
		case ToOrder:
			class = max(class, 1)
		case ToShipping:
			class = max(class, 2)
		case ToAll:
			class = max(class, 3)
		}
	}
	return class
}

// MayAdd says quickly whether there may be any goods in Adds.
func (r *Rule) MayAdd() bool {
	return len(r.Effects) != 1 || r.Effects[0].Gift != nil || r.Effects[0].BuyGet != nil
}

// Adds are the goods that the rule may put into a basket that lacks them.
func (r *Rule) Adds() (skus []retail.SKU) {
	for i := range r.Effects {
		switch e := &r.Effects[i]; {
		case e.Gift != nil:
			skus = append(skus, e.Gift.SKU)
		case e.BuyGet != nil && e.BuyGet.Add && e.BuyGet.Get != nil && len(e.BuyGet.Get.SKUs) > 0:
			skus = append(skus, e.BuyGet.Get.SKUs[0])
		}
	}
	return skus
}
