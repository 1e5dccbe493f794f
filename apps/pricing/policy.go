package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// Rules are the choices in which engines differ. They are the app's settings; the
// zero value of each is its default, which is named first.
type Rules struct {
	Order         Order         `json:"order,omitempty"`          // priority
	Classes       Classes       `json:"classes,omitempty"`        // line_then_order
	ExclusiveRule ExclusiveRule `json:"exclusive_rule,omitempty"` // priority
	ConditionBase ConditionBase `json:"condition_base,omitempty"` // before_this
	// LaneMode says who works within a lane, beyond what groups say.
	LaneMode  GroupMode `json:"lane_mode,omitempty"` // all
	Proration Proration `json:"proration,omitempty"` // largest_remainder
	TieBreak  TieBreak  `json:"tie_break,omitempty"` // sku
	// ZeroWeight says who gets what of an amount that is shared out over things that
	// are all worth nothing.
	ZeroWeight ZeroWeight `json:"zero_weight,omitempty"` // nothing
	UnitBase   UnitBase   `json:"unit_base,omitempty"`   // picked
	Rounding   Rounding   `json:"rounding,omitempty"`    // half_up
	RoundAt    RoundAt    `json:"round_at,omitempty"`    // line
	TaxRound   TaxRound   `json:"tax_round,omitempty"`   // rate
	AmountVAT  VATBasis   `json:"amount_vat,omitempty"`
	Merge      Merge      `json:"merge,omitempty"` // units
	// CodeCase is chosen once: of coupons only hashes are kept, those of codes as they
	// are compared.
	CodeCase CodeCase   `json:"code_case,omitempty"` // ignored
	List     ListChoice `json:"list,omitempty"`      // priority
	// Overflow says what becomes of the part of an amount that a floor keeps off a line.
	Overflow Overflow `json:"overflow,omitempty"` // redistribute
	// Search bounds how many combinations of groups in Best mode are tried out;
	// beyond it each group is decided alone. 0 is 64.
	Search int64 `json:"search,omitempty"`
	// QuoteMinutes is how long a quote's token is honoured. 0 is 15.
	QuoteMinutes int64 `json:"quote_minutes,omitempty"`
	// PriorDays is the period of the lowest prior price. 0 is 30; -1 is for a
	// retailer to whom the law on prior prices does not apply.
	PriorDays int64 `json:"prior_days,omitempty"`
	// PriorAnchor says when a reduction began whose lowest prior price is asked for.
	PriorAnchor PriorAnchor `json:"prior_anchor,omitempty"` // progressive
	// PriorExempt is categories of goods that the law exempts, as those that perish.
	PriorExempt []string `json:"prior_exempt,omitempty"`
	// SalesMonths is how long sales and holds are kept, from when they were recorded, for
	// back-tests, reports and returns. They are personal data where a customer is named.
	// 0 is 24.
	SalesMonths int64 `json:"sales_months,omitempty"`
	// Calendar is when the regions hold their end of season sales.
	Calendar []SalesSeason `json:"calendar,omitempty"`
}

// Order says in which order promotions work.
type Order string

// The orders.
const (
	ByPriority   Order = "priority"   // larger first, then by id
	BySubmission Order = "submission" // codes as they were given, then by priority
	ByValue      Order = "value"      // the one that takes most off first
	ByNominal    Order = "nominal"    // the one that says the largest number first: 30 % before 20.00 before 10 %
)

// Classes says whether the target decides before the order does.
type Classes string

// The choices.
const (
	LineThenOrder Classes = "line_then_order" // lines, then orders, then shipping
	TogetherClass Classes = "together"        // by order alone
)

// ExclusiveRule says which of an exclusive promotion and others wins.
type ExclusiveRule string

// The rules.
const (
	PriorityWins ExclusiveRule = "priority"      // who comes first
	AnyExclusive ExclusiveRule = "any_exclusive" // an exclusive one that applies keeps all others out
)

// Proration says how an amount is shared out.
type Proration string

// The methods.
const (
	LargestRemainder Proration = "largest_remainder"
	HalfUpLast       Proration = "half_up_last"     // each share rounded half up, the last takes the rest
	RoundEachFirst   Proration = "round_each_first" // each share rounded half down, the difference is settled with the first ones, one unit each
	FloorFirst       Proration = "floor_first"      // each share rounded down, what is left over goes to the first, one unit each
)

// TieBreak says who gets the odd cent of equal claims.
type TieBreak string

// The choices.
const (
	TieSKU  TieBreak = "sku"  // the lower SKU: the order of the lines changes nothing
	TieLine TieBreak = "line" // the line that stands first
	TieLast TieBreak = "last" // the line that stands last
)

// ZeroWeight says how an amount is shared out over weights that are all zero.
type ZeroWeight string

// The choices.
const (
	ZeroNothing ZeroWeight = "nothing" // nobody gets anything
	ZeroEqual   ZeroWeight = "equal"   // all get the same
)

// UnitBase says what an effect is worked out on that is limited to some units of
// each line (Units.PerLine).
type UnitBase string

// The choices.
const (
	PickedUnits   UnitBase = "picked"    // what is left of the units that Units.Pick chooses
	ListUnits     UnitBase = "list"      // their list price, but no more than is left of the line
	ListUnitsLess UnitBase = "list_less" // their list price less all that was taken off the line before
)

// Rounding says how half a cent is rounded.
type Rounding string

// The modes.
const (
	HalfUp    Rounding = "half_up" // away from zero
	HalfEven  Rounding = "half_even"
	HalfDown  Rounding = "half_down"
	RoundDown Rounding = "down"
	RoundUp   Rounding = "up"
)

// RoundAt says what a percentage is rounded on.
type RoundAt string

// The levels. With OrderLevel the discount of all goods is rounded once and shared.
const (
	LineLevel  RoundAt = "line"
	UnitLevel  RoundAt = "unit"
	OrderLevel RoundAt = "order"
)

// TaxRound says what VAT is rounded on.
type TaxRound string

// The levels.
const (
	PerRate    TaxRound = "rate" // once per rate of the document
	PerTaxLine TaxRound = "line"
	PerTaxUnit TaxRound = "unit"
)

// Merge says what is one line to the engine.
type Merge string

// The choices.
const (
	MergeUnits Merge = "units" // equal units, whatever lines they stand on
	MergeNone  Merge = "lines" // the lines as they are
)

// CodeCase says whether the case of a code matters.
type CodeCase string

// The choices.
const (
	CaseIgnored CodeCase = "ignored"
	CaseExact   CodeCase = "exact"
)

// ListChoice says which of several eligible price lists counts.
type ListChoice string

// The choices.
const (
	ListByPriority  ListChoice = "priority"    // larger first, then by id
	ListBySpecifics ListChoice = "specificity" // the one that asks for most, even if it is dearer
	ListByPrice     ListChoice = "lowest"
)

// PriorAnchor says when a reduction began.
type PriorAnchor string

// The choices.
const (
	Progressive PriorAnchor = "progressive" // with the first of reductions that follow each other without a break and only fall
	LastChange  PriorAnchor = "last_change" // with the last change of the price
)

// Overflow says what becomes of the part of an amount that a floor keeps off a line.
type Overflow string

// The choices.
const (
	Redistribute Overflow = "redistribute" // the other lines take it as far as they can
	Lose         Overflow = "lose"
)

// SalesSeason is a period of end of season sales in a region: promotions that are
// announced are refused in Before of it.
type SalesSeason struct {
	Region string           `json:"region"` // as the retailer names it
	Stores []retail.StoreID `json:"stores"` // that lie in it
	First  retail.Date      `json:"first"`
	Last   retail.Date      `json:"last"`
	Quiet  int64            `json:"quiet,omitempty"` // days before First without announced promotions
}
