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

// Shelf says, before rules work, what goods cost that promotions may add. What is not on it costs what
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
	g.Applied = []Applied{what}
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
	r.Applied = make([]Applied, 0, min(len(b.state.taken), len(b.live))+len(b.state.added)) // more with fillers
	shares := sharing{b: b, r: &r, runs: make([]Run, 0, 2*len(b.lines)), applied: make([]Applied, 0, len(b.state.taken))}
	shares.index()
	for i := range b.items {
		shares.item(i)
	}
	for i := range b.state.taken {
		r.Applied = record(r.Applied, b.applied(&b.state.taken[i], b.state.taken[i].amount))
	}
	for _, a := range b.state.added {
		b.give(a, &r)
	}
	r.Discount = r.List - r.Total
	r.VAT = b.taxes(&r)
	r.NotApplied = b.misses()
	return r
}

// applied is what was taken, as results name it.
func (b *Basket) applied(t *taken, amount retail.Money) Applied {
	if t.rule < 0 {
		what := *t.filler
		what.Amount = amount
		return what
	}
	m := &b.live[t.rule]
	return Applied{Promotion: m.Rule.ID, Version: m.Rule.Version, Code: m.Code, Amount: amount}
}

// sharing shares what items came to among their lines.
type sharing struct {
	b       *Basket
	r       *Result
	first   []int32 // per item: 1 + what was first taken off it; 0 nothing
	next    []int32 // per taken: 1 + what was next taken off the same item
	runs    []Run
	applied []Applied
}

// index finds what was taken off each item, in order.
func (s *sharing) index() {
	taken := s.b.state.taken
	links := make([]int32, len(s.b.items)+len(taken))
	s.first, s.next = links[:len(s.b.items)], links[len(s.b.items):]
	for i := len(taken) - 1; i >= 0; i-- {
		s.next[i] = s.first[taken[i].item]
		s.first[taken[i].item] = int32(i + 1)
	}
}

// item shares one out, by what is left of each line, so that none falls below zero.
func (s *sharing) item(i int) {
	g := &s.b.items[i]
	if len(g.members) > 1 {
		s.several(i)
		return
	}
	p := Priced{List: g.list}
	start := len(s.applied)
	for n := s.first[i]; n > 0; n = s.next[n-1] {
		t := &s.b.state.taken[n-1]
		s.applied = append(s.applied, s.b.applied(t, t.amount))
		p.Discount += t.amount
	}
	p.Total = p.List - p.Discount
	if len(s.applied) > start {
		p.Applied = s.applied[start:len(s.applied):len(s.applied)]
	}
	s.line(i, g.members[0], p)
}

// several shares one out that stands on more than one line.
func (s *sharing) several(i int) {
	g := &s.b.items[i]
	rests := slices.Clone(g.lists)
	weights := make([]int64, len(rests))
	applied := make([][]Applied, len(g.members))
	for n := s.first[i]; n > 0; n = s.next[n-1] {
		t := &s.b.state.taken[n-1]
		for k, rest := range rests {
			weights[k] = int64(rest)
		}
		for k, part := range allocate(t.amount, weights) {
			if part > 0 {
				rests[k], applied[k] = rests[k]-part, append(applied[k], s.b.applied(t, part))
			}
		}
	}
	for k, m := range g.members {
		s.line(i, m, Priced{List: g.lists[k], Total: rests[k], Discount: g.lists[k] - rests[k], Applied: applied[k]})
	}
}

// line notes the outcome of one line, or of one way of delivery.
func (s *sharing) line(item, line int, p Priced) {
	s.r.List, s.r.Total = s.r.List+p.List, s.r.Total+p.Total
	if item >= s.b.goods {
		s.r.Shipping[line] = p
		return
	}
	start := len(s.runs)
	s.runs = appendShares(s.runs, p.Total, s.b.lines[line].Quantity)
	p.Shares = s.runs[start:len(s.runs):len(s.runs)]
	s.r.Lines[line] = p
}

// record adds an amount to the account of what took it off.
func record(all []Applied, what Applied) []Applied {
	for i := len(all) - 1; i >= 0; i-- {
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
	return appendShares(nil, total, quantity)
}

func appendShares(runs []Run, total retail.Money, quantity retail.Quantity) []Run {
	each, more := total/retail.Money(quantity), retail.Quantity(total%retail.Money(quantity))
	if more > 0 {
		runs = append(runs, Run{Amount: each + 1, Quantity: more})
	}
	return append(runs, Run{Amount: each, Quantity: quantity - more})
}
