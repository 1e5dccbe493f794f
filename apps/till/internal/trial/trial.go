// Package trial works out what returns of an order refund, on numbers alone: by the rule of
// the till, and by rules that others have. It knows nothing that is stored.
package trial

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Order is what an order cost, line by line, for working out returns of it that are
// nowhere stored.
type Order struct {
	Lines    []OrderLine
	Discount retail.Money // off all lines that take part in it
	Terms    Terms

	paid, back retail.Money // for all of it, and refunded by now
}

// OrderLine is goods of an order.
type OrderLine struct {
	Quantity retail.Quantity
	Total    retail.Money       // before the order's discount; with Rate before VAT, too
	Rate     retail.BasisPoints // of VAT that comes on top
	Full     bool               // takes no part in the order's discount

	came        retail.Quantity
	share, gave retail.Money // paid for the line, and refunded of it by now
	worth       micro        // share, not rounded
}

// Terms say how the amount of a return is worked out. The zero value is what a till does.
type Terms struct {
	// Exact freezes no shares: each return is worked out from the order anew and rounded
	// then. Otherwise a line has its share of the discount by the largest remainder, and
	// each unit its share of the line, the larger first.
	Exact   bool
	ByUnits bool // the discount is shared by units, not by what they cost
	// Of Exact alone: how and when it is rounded, and whether a return that completes a
	// line or the order gives what is left of it.
	Rounding Rounding
	Level    Level
	Alone    bool // it does not
}

// Level says what is rounded.
type Level string

// The levels.
const (
	ByLine   Level = ""       // what a line gives back
	ByUnit   Level = "unit"   // the price of one unit
	ByReturn Level = "return" // what all lines together give back
)

// Part is units of a line that come back.
type Part struct {
	Line     int
	Quantity retail.Quantity
}

// Settle works out what was paid for each line; false if the discount is more than that.
func (o *Order) Settle() bool {
	weights, costs := make([]int64, len(o.Lines)), retail.Money(0)
	for i, l := range o.Lines {
		switch {
		case l.Full:
		case o.Terms.ByUnits:
			weights[i], costs = int64(l.Quantity), costs+l.Total
		default:
			weights[i], costs = int64(l.Total), costs+l.Total
		}
	}
	if o.Discount > costs {
		return false
	}
	shares := retail.Allocate(o.Discount, weights)
	var sum micro
	for i := range o.Lines {
		l := &o.Lines[i]
		off := retail.Money(0)
		if shares != nil {
			off = shares[i]
		}
		worth := vatOn(micro(l.Total)*one-portion(o.Discount, weights, i), l.Rate)
		l.worth = max(worth, 0)
		l.share = o.round(vatOn(micro(l.Total-off)*one, l.Rate))
		if o.Terms.Exact {
			l.share = o.round(l.worth)
		}
		if l.share < 0 || o.Terms.Exact && worth < 0 { // a line that costs less than its share by units
			return false
		}
		o.paid, sum = o.paid+l.share, sum+l.worth
	}
	if o.Terms.Exact {
		o.paid = o.round(sum)
	}
	return true
}

// Left is how many units of a line did not come back.
func (o *Order) Left(line int) retail.Quantity { return o.Lines[line].Quantity - o.Lines[line].came }

// Complete says whether all units came back.
func (o *Order) Complete() bool {
	return !slices.ContainsFunc(o.Lines, func(l OrderLine) bool { return l.came < l.Quantity })
}

// Take takes units back, no more than are left, and says what each part refunds.
func (o *Order) Take(parts []Part) []retail.Money {
	amounts := make([]retail.Money, len(parts))
	var exact micro
	var sum retail.Money
	for i, p := range parts {
		l := &o.Lines[p.Line]
		amounts[i] = o.amount(l, p.Quantity)
		exact += part(l.worth, int64(p.Quantity), int64(l.Quantity))
		l.came, l.gave = l.came+p.Quantity, l.gave+amounts[i]
		sum += amounts[i]
	}
	if last := len(parts) - 1; last >= 0 && o.Terms.Exact {
		all := o.whole(exact, sum)
		amounts[last] += all - sum
		sum = all
	}
	o.back += sum
	return amounts
}

// whole is what a return refunds in all whose lines sum to an amount: no more than was
// paid and not refunded.
func (o *Order) whole(exact micro, sum retail.Money) retail.Money {
	if o.Complete() && !o.Terms.Alone {
		return o.paid - o.back
	}
	if o.Terms.Level == ByReturn {
		sum = o.round(exact)
	}
	if o.Terms.Alone {
		return sum
	}
	return min(sum, o.paid-o.back)
}

// amount is what units of a line refund.
func (o *Order) amount(l *OrderLine, q retail.Quantity) (amount retail.Money) {
	switch {
	case !o.Terms.Exact:
		return retail.Portion(l.share, l.Quantity, l.came, l.came+q)
	case o.Terms.Level == ByUnit:
		amount = retail.Money(q) * o.round(part(l.worth, 1, int64(l.Quantity)))
	default:
		amount = o.round(part(l.worth, int64(q), int64(l.Quantity)))
	}
	switch {
	case o.Terms.Alone:
		return amount
	case l.came+q == l.Quantity:
		return l.share - l.gave
	}
	return min(amount, l.share-l.gave)
}

// round is in minor units what is worked out finer. What lies within a few millionths of a
// half is one: it comes of thirds.
func (o *Order) round(m micro) retail.Money { return o.Terms.Rounding.round(m) }
