package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reworkGoods is a part of a document's goods as the engine wants them.
type reworkGoods struct {
	lines []price.Line
	shelf []price.Line             // that promotions have added
	gifts map[gift]retail.Quantity // units of these
	held  [][]retail.Money         // per promotion that is not worked out again, what it took off each of lines
}

// gift is goods that a promotion added, by its place in the document.
type gift struct {
	promotion int
	sku       retail.SKU
}

// goods takes a part of the document apart.
func (p *rework) goods(which part) reworkGoods {
	out := reworkGoods{gifts: map[gift]retail.Quantity{}, held: make([][]retail.Money, len(p.all))}
	for i := range p.in.Lines {
		l := &p.in.Lines[i]
		units, stays := p.of(which, i)
		if l.Added {
			out.shelf = append(out.shelf, p.line(i, l.Quantity))
			for k := range l.Applied {
				if n := p.find(&l.Applied[k]); n >= 0 {
					out.gifts[gift{n, l.SKU}] += units
				}
			}
			continue
		}
		if units == 0 {
			continue
		}
		out.lines = append(out.lines, p.line(i, units))
		for k, amount := range stays {
			n := p.find(&l.Applied[k])
			if n < 0 || p.all[n].again || amount <= 0 {
				continue
			}
			if out.held[n] == nil {
				out.held[n] = make([]retail.Money, len(p.in.Lines)) // as many as there may be
			}
			out.held[n][len(out.lines)-1] += amount
		}
	}
	return out
}

// line is units of a line of the document.
func (p *rework) line(i int, units retail.Quantity) price.Line {
	l := &p.in.Lines[i]
	is := price.Line{
		SKU: l.SKU, Quantity: units, Unit: l.UnitPrice, Per: l.Per, VAT: l.Goods.VATRate, Manual: l.PriceOverride, Stored: stored(l),
		Goods: price.Goods{
			Product: l.Goods.Product, Brand: l.Goods.Brand, Line: l.Goods.Line, Season: l.Goods.Season, Supplier: l.Goods.Supplier,
			Category: l.Goods.Category, Tags: l.Goods.Tags, Size: l.Goods.Size, Colour: l.Goods.Colour,
			Attributes: attributesOf(l.Goods.Attributes),
		},
	}
	if p.costs != nil {
		is.Cost = p.costs[i]
	}
	return is
}

// candidates are the promotions of the document: those that are worked out again, and
// for each of the others a rule that takes off what that one took.
func (p *rework) candidates(held [][]retail.Money) []price.Candidate {
	all := make([]price.Candidate, 0, len(p.all))
	for n := range p.all {
		a := &p.all[n]
		switch {
		case a.again:
			c := price.Candidate{Rule: met(a.rule)}
			if a.rule.Partial {
				c.Budget = &a.Amount // it may have been the rest of one
			}
			all = append(all, c)
		case len(held[n]) > 0:
			all = append(all, price.Candidate{Rule: p.holding(n, held[n])})
		}
	}
	return all
}

// met is a rule without what was asked at the sale and held then.
func met(r price.Rule) *price.Rule {
	r.From, r.To, r.Hours, r.Currency, r.NeedsCode = 0, 0, nil, "", false
	r.For, r.Not = price.Audience{}, price.Audience{}
	r.If = slices.DeleteFunc(slices.Clone(r.If), func(c price.Condition) bool { return c.PastOrders != nil || len(c.Shipping) > 0 })
	return &r
}

// lastLane is behind all that promotions can choose: there plugins work.
const lastLane = 2

// holding is a rule that takes the same off goods as a promotion did, at its turn. It
// keeps nobody out, and nobody keeps it out: it has applied.
func (p *rework) holding(n int, amounts []retail.Money) *price.Rule {
	was := &p.all[n].rule
	r := &price.Rule{ID: was.ID, Version: was.Version}
	r.Stacking = price.Stacking{Catalog: was.Stacking.Catalog, Lane: was.Stacking.Lane, Priority: was.Stacking.Priority}
	if mode := p.modeIn(was); mode == price.BestPerLine {
		r.Stacking.Group, r.Stacking.Mode = was.Stacking.Group, was.Stacking.Mode
	} else {
		r.Stacking.Group, r.Stacking.Mode = "\x00"+strconv.Itoa(n), price.All
	}
	if was.ID == "" {
		r.ID, r.Stacking.Lane = "\x00"+strconv.Itoa(n), lastLane
	}
	r.Effects = []price.Effect{{Target: heldTarget(was), Held: amounts}}
	return r
}

// modeIn is how the group of a rule works, or the lane that it has for one.
func (p *rework) modeIn(r *price.Rule) price.Mode {
	if r.Stacking.Group == "" {
		return p.policy.LaneMode
	}
	return r.Stacking.Mode
}

// heldTarget is the last target of a rule's effects: it decides when the rule works.
func heldTarget(r *price.Rule) (last price.Target) {
	for i := range r.Effects {
		last = max(last, r.Effects[i].Target)
	}
	if last == price.ToShipping {
		return price.ToAll // as late, and on goods
	}
	return last
}
