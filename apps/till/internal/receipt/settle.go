// Package receipt knows the arithmetic of documents: how tenders settle a
// total, what returned units are worth, how VAT and cash rounding of several
// returns add up to those of the sale, and what a sound document is. It knows
// neither where documents lie nor the SDK, and it reads no clock.
package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Payment is one tender as a customer gave it.
type Payment struct {
	Cash   bool
	Amount retail.Money
}

// Settled says how payments settle a total: their sum less Change is the total
// plus Rounding.
type Settled struct {
	Rounding retail.Money // of a total that is paid wholly in cash
	Change   retail.Money
}

// Refusal is why payments do not settle a total.
type Refusal struct {
	Index  int // of the payment at fault, -1 for none
	Reason string
	Amount retail.Money // what is due at Index, or missing
}

// Reasons of a Refusal.
const (
	BadAmount  = "amount"      // not above zero
	ExceedsDue = "exceeds_due" // only cash gives change
	NothingDue = "nothing_due" // other tenders have paid everything
	Underpaid  = "underpaid"
)

// Settle checks that payments pay a total that is not negative. A total that
// is paid wholly in cash is rounded to step, half away from zero; a step of 1
// or less rounds nothing. Cash comes last, whatever order it was given in, and
// it alone gives change.
func Settle(total, step retail.Money, payments []Payment) (Settled, *Refusal) {
	due, cash, last, wholly := total, retail.Money(0), -1, len(payments) > 0
	for i, p := range payments {
		switch {
		case p.Amount <= 0 || p.Amount > maxAmount:
			return Settled{}, &Refusal{Index: i, Reason: BadAmount}
		case p.Cash:
			cash, last = cash+p.Amount, i
			continue
		case p.Amount > due:
			return Settled{}, &Refusal{Index: i, Reason: ExceedsDue, Amount: due}
		}
		due, wholly = due-p.Amount, false
	}
	if last >= 0 && due == 0 {
		return Settled{}, &Refusal{Index: last, Reason: NothingDue}
	}
	var s Settled
	if wholly {
		s.Rounding = round(due, step) - due
		due += s.Rounding
	}
	if cash < due {
		return Settled{}, &Refusal{Index: -1, Reason: Underpaid, Amount: due - cash}
	}
	s.Change = cash - due
	return s, nil
}

// maxAmount bounds one payment, so that sums cannot overflow.
const maxAmount = 1 << 53

// round is RoundTo for amounts within maxAmount, which cannot overflow.
func round(m, step retail.Money) retail.Money {
	rounded, _ := m.RoundTo(step)
	return rounded
}
