package tariff

import "github.com/bottega-retail/bottega/sdk/retail"

// Round says to which rung of a ladder of prices a price goes.
type Round uint8

// The directions.
const (
	Nearest Round = iota // of two equally near rungs the higher
	Up
	Down
)

// Formula works a price out of another. The zero value changes nothing.
type Formula struct {
	Percent   retail.BasisPoints // of change, from -10000
	Surcharge retail.Money
	Step      retail.Money // between two rungs; 0 is 1
	Ending    retail.Money // the lowest rung, 0 to Step-1
	Round     Round
}

// Of is the price that the formula makes of another. The percentage is rounded
// to a minor unit, half away from zero; then comes the surcharge, and then the
// rung of Ending, Step+Ending, 2·Step+Ending … No price lies below the lowest
// rung. Errors: retail.ErrOverflow.
func (f Formula) Of(price retail.Money) (retail.Money, error) {
	changed, err := price.Percent(10_000 + f.Percent)
	if err != nil {
		return 0, err
	}
	if changed, err = changed.Plus(f.Surcharge); err != nil {
		return 0, err
	}
	return f.rung(changed)
}

// rung is the price on the ladder that another one goes to.
func (f Formula) rung(price retail.Money) (retail.Money, error) {
	step := max(f.Step, 1)
	above := price - f.Ending
	if price <= f.Ending {
		return f.Ending, nil
	}
	down := above / step * step
	up := down
	if down != above {
		up = down + step
	}
	to := down
	if f.Round == Up || f.Round == Nearest && above-down >= up-above {
		to = up
	}
	return to.Plus(f.Ending)
}
