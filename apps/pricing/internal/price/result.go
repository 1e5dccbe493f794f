package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Result is a priced basket. Every sum in it is exact: shares sum to lines,
// lines and shipping to the total, what was applied to the discount.
type Result struct {
	Lines      []Priced // in the order of the basket
	Shipping   []Priced
	Added      []Added
	Grants     []Grant
	List       retail.Money
	Discount   retail.Money
	Total      retail.Money
	Applied    []Applied // per promotion, in the order they worked
	NotApplied []Miss    // of all that did not, in the order of the rules
	VAT        []retail.VATShare
	Greedy     bool
}

// Priced is the outcome of one line, or of one way of delivery.
type Priced struct {
	List     retail.Money
	Discount retail.Money
	Total    retail.Money
	Shares   []Run // of Total, unit by unit
	Applied  []Applied
}

// Run is a number of units that are worth the same.
type Run struct {
	Amount   retail.Money // of one unit
	Quantity retail.Quantity
}

// Result shares what each item came to among its lines and adds up.
func (b *Basket) Result() Result {
	r := Result{
		Lines: make([]Priced, len(b.lines)), Shipping: make([]Priced, len(b.items)-b.goods),
		Added: b.state.added, Grants: b.state.grants, Greedy: b.greedy,
	}
	for i := range b.items {
		b.share(i, &r)
	}
	for _, t := range b.state.taken {
		r.Applied = record(r.Applied, b.applied(t))
	}
	r.Discount = r.List - r.Total
	r.VAT = b.taxes(&r)
	for i, o := range b.state.outcomes {
		if o.took == 0 && !o.gave {
			o.miss.Promotion, o.miss.Version = b.rules[i].ID, b.rules[i].Version
			r.NotApplied = append(r.NotApplied, o.miss)
		}
	}
	return r
}

// applied is what was taken, as results name it.
func (b *Basket) applied(t taken) Applied {
	what := t.filler
	if t.rule >= 0 {
		rule := &b.rules[t.rule]
		what = Applied{Promotion: rule.ID, Version: rule.Version, Code: rule.Code.Given}
	}
	what.Amount = t.amount
	return what
}

// share shares an item's outcome among its lines, by what is left of each, so
// that none falls below zero.
func (b *Basket) share(i int, r *Result) {
	g := &b.items[i]
	rests := slices.Clone(g.lists)
	applied := make([][]Applied, len(g.members))
	for _, t := range b.state.taken {
		if t.item != i {
			continue
		}
		weights := make([]int64, len(rests))
		for n, rest := range rests {
			weights[n] = int64(rest)
		}
		for n, part := range allocate(t.amount, weights) {
			if part > 0 {
				what := b.applied(t)
				what.Amount = part
				rests[n], applied[n] = rests[n]-part, append(applied[n], what)
			}
		}
	}
	for n, m := range g.members {
		p := Priced{List: g.lists[n], Total: rests[n], Discount: g.lists[n] - rests[n], Applied: applied[n]}
		if i < b.goods {
			p.Shares = Shares(p.Total, b.lines[m].Quantity)
			r.Lines[m] = p
		} else {
			r.Shipping[m] = p
		}
		r.List, r.Total = r.List+p.List, r.Total+p.Total
	}
}

// record adds an amount to the account of what took it off.
func record(all []Applied, what Applied) []Applied {
	for i := range all {
		if all[i].same(what) {
			all[i].Amount += what.Amount
			return all
		}
	}
	return append(all, what)
}

// Shares splits an amount that is not negative over equal units, as
// retail.Portion does: the larger shares come first, and they differ by no more
// than one minor unit.
func Shares(total retail.Money, quantity retail.Quantity) []Run {
	each, more := total/retail.Money(quantity), retail.Quantity(total%retail.Money(quantity))
	runs := []Run{{Amount: each + 1, Quantity: more}, {Amount: each, Quantity: quantity - more}}
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Quantity == 0 })
}
