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
	Added      []Given
	Grants     []Grant
	List       retail.Money
	Discount   retail.Money
	Total      retail.Money
	Applied    []Applied // per promotion, in the order they worked
	NotApplied []Miss    // of all that did not, in the order of the candidates; see Policy.Brief
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

// Given is goods that a promotion adds, and what they come to.
type Given struct {
	Added
	Line Line // as on the shelf
	Priced
}

// Shelf says what goods cost that promotions may add. What is not on it costs what
// it does in the basket and, if it is not there either, what the promotion says.
func (b *Basket) Shelf(lines []Line) { b.shelf = lines }

// shelved is a line for goods.
func (b *Basket) shelved(a *Added) Line {
	l := Line{SKU: a.SKU, Per: 1}
	if a.Price != nil {
		l.Unit = *a.Price
	}
	named := func(l Line) bool { return l.SKU == a.SKU && !l.Manual }
	if i := slices.IndexFunc(b.shelf, named); i >= 0 {
		l = b.shelf[i]
	} else if i := slices.IndexFunc(b.lines, named); i >= 0 {
		l = b.lines[i]
	}
	l.Quantity = a.Quantity
	return l
}

// give adds goods to a result. An amount beyond MaxAmount cannot come up: prices and
// quantities are bounded by who asks.
func (b *Basket) give(a Added, r *Result) {
	l := b.shelved(&a)
	g := Given{Added: a, Line: l}
	n, per := int64(a.Quantity), int64(l.Per)
	g.List = retail.Money(divide(int64(l.Unit), n, per, HalfUp))
	g.Total = min(retail.Money(divide(int64(a.Each(l.Unit)), n, per, HalfUp)), g.List)
	g.Discount = g.List - g.Total
	g.Shares = Shares(g.Total, a.Quantity)
	what := Applied{Promotion: a.Promotion, Version: a.Version, Code: a.Code, Amount: g.Discount}
	g.Priced.Applied = []Applied{what}
	r.Applied = record(r.Applied, what)
	r.List, r.Total = r.List+g.List, r.Total+g.Total
	r.Added = append(r.Added, g)
}

// Result shares what each item came to among its lines and adds up.
func (b *Basket) Result() Result {
	r := Result{
		Lines: make([]Priced, len(b.lines)), Shipping: make([]Priced, len(b.items)-b.goods),
		Grants: b.state.grants, Greedy: b.greedy,
	}
	for i := range b.items {
		b.share(i, &r)
	}
	for _, t := range b.state.taken {
		r.Applied = record(r.Applied, b.applied(t))
	}
	for _, a := range b.state.added {
		b.give(a, &r)
	}
	r.Discount = r.List - r.Total
	r.VAT = b.taxes(&r)
	r.NotApplied = b.misses()
	return r
}

// misses says why candidates did not apply.
func (b *Basket) misses() (misses []Miss) {
	if !b.policy.Brief {
		misses = make([]Miss, 0, len(b.verdicts))
	}
	slot := 0
	for i := range b.verdicts {
		m := Miss{Reason: b.verdicts[i].reason, Near: b.verdicts[i].near}
		if slot < len(b.live) && b.live[slot].index == i {
			m = b.state.outcomes[slot].miss
			slot++
		}
		c := &b.candidates[i]
		if m.Reason == "" || b.policy.Brief && !m.Near && c.Code == "" {
			continue
		}
		m.Promotion, m.Version = c.Rule.ID, c.Rule.Version
		switch m.Reason {
		case NotStarted:
			m.From = c.Rule.From
		case Over:
			m.To = c.Rule.To
		}
		misses = append(misses, m)
	}
	return misses
}

// applied is what was taken, as results name it.
func (b *Basket) applied(t taken) Applied {
	what := t.filler
	if t.rule >= 0 {
		m := &b.live[t.rule]
		what = Applied{Promotion: m.Rule.ID, Version: m.Rule.Version, Code: m.Code}
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
