package price

import "github.com/bottega-retail/bottega/sdk/retail"

// Policy is the choices in which engines differ. The zero value of each is the
// first constant of its type.
type Policy struct {
	Order         Order
	Together      bool // the target of a rule does not decide when it works
	AnyExclusive  bool // an exclusive rule that applies keeps out what comes before it, too
	ConditionBase Measure
	LaneMode      Mode // of rules without a group
	Proration     Proration
	Tie           Tie
	ZeroEqual     bool // weights that are all zero share equally, rather than get nothing
	Rounding      Rounding
	RoundAt       Level
	TaxAt         TaxLevel
	AmountVAT     VAT  // of amounts that are taken off
	KeepLines     bool // equal units on several lines are not merged
	Lose          bool // what a floor keeps off one line no other takes
	UnitBase      UnitBase
	Search        int  // combinations of groups that are tried out at most; 0 is 64
	Brief         bool // a result leaves out what came nowhere near and has no code
}

// Order says in which order rules of one stage work.
type Order int

// The orders.
const (
	ByPriority   Order = iota // larger first, then by id
	BySubmission              // as they were given
	ByValue                   // the one that would take most off first
	ByNominal                 // the one that says the largest number first, then as they were given
)

// Measure says on what amounts of conditions are measured.
type Measure int

// The measures. A rule's own effect never counts.
const (
	BeforeThis   Measure = iota // what earlier rules left
	ByList                      // list prices
	AfterAllLine                // what rules on lines left
)

// Mode says who works of several rules that are put together.
type Mode int

// The modes.
const (
	All Mode = iota
	Best
	BestPerLine
)

// Proration says how an amount is shared out.
type Proration int

// The methods.
const (
	LargestRemainder Proration = iota
	HalfUpLast                 // each share rounded half up, the last takes the rest
	RoundEachFirst             // each share rounded half down, what is over or missing goes to the first ones, a unit each
	FloorFirst                 // each share rounded down, what is over goes to the first ones, a unit each
)

// Tie says who gets the odd cent of equal claims.
type Tie int

// The choices.
const (
	LowerSKU Tie = iota // the order of the lines changes nothing
	FirstLine
	LastLine
)

// UnitBase says what an effect is worked out on that is limited to some units of
// each line.
type UnitBase int

// The bases.
const (
	PickedUnits   UnitBase = iota // what is left of the units that Units.Pick chooses
	ListUnits                     // their list price, but no more than is left of the line
	ListUnitsLess                 // their list price less all that was taken off the line
)

// Rounding says how a fraction of a minor unit is rounded.
type Rounding int

// The modes.
const (
	HalfUp Rounding = iota // away from zero
	HalfEven
	HalfDown
	Down
	Up
)

// Level says on what a percentage is rounded.
type Level int

// The levels.
const (
	Usual Level = iota // lines, but units of a price that is shown reduced (Stacking.Catalog)
	PerLine
	PerUnit
	PerOrder // of all goods together, then shared
)

// TaxLevel says on what VAT is rounded.
type TaxLevel int

// The levels.
const (
	TaxPerRate TaxLevel = iota
	TaxPerLine
	TaxPerUnit
)

// VAT says whether VAT is in an amount.
type VAT int

// The bases.
const (
	AsPriced VAT = iota
	Gross
	Net
)

// search is how many combinations may be tried out.
func (p *Policy) search() int {
	if p.Search == 0 {
		return 64
	}
	return p.Search
}

// ratio is amount × num / den for num and den that are not negative.
func (p *Policy) ratio(amount retail.Money, num, den int64) retail.Money {
	if den == 0 {
		return 0
	}
	return retail.Money(divide(int64(amount), num, den, p.Rounding))
}

// percent is the rate's share of an amount that is not negative.
func (p *Policy) percent(amount retail.Money, rate retail.BasisPoints) retail.Money {
	return p.ratio(amount, int64(rate), 10_000)
}
