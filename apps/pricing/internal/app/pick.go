package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/tariff"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// shelf is where a pick finds prices at one instant: in storage, or in what a price
// history has read.
type shelf interface {
	// spans are those of SKUs in a list, nil for those without a price.
	spans(l *kept, skus []retail.SKU) []*span
	// parent is a list by its id.
	parent(id string) (kept, bool)
}

// storage is the shelf of quotes.
type storage struct {
	r  sdk.Reader
	at retail.Instant
}

var _ shelf = (*storage)(nil)

func (s *storage) spans(l *kept, skus []retail.SKU) []*span {
	records, there := entries.GetMany(s.r, keysOf(l.ID, skus))
	found, clock := make([]*span, len(skus)), clockOf(s.r, l.ID, l.Epochs)
	for i := range records {
		if there[i] {
			found[i] = records[i].counts(s.at, clock)
		}
	}
	return found
}

func (s *storage) parent(id string) (kept, bool) {
	l, ok := lists.Get(s.r, sdk.K(id))
	if ok && s.at < s.r.Now() {
		l.List, ok = l.version(s.r, s.at)
	}
	return l, ok
}

// pick chooses a list and a price for each SKU.
type pick struct {
	want    []wanted
	lists   []kept // eligible, the best first
	by      tariff.Choice
	shelf   shelf
	columns []*column
}

// column is the prices of one list, as far as they were asked for.
type column struct {
	list  string
	cells []cell // per SKU
}

// cell is a price, if it is known that there is one.
type cell struct {
	known, has bool
	amount     retail.Money
}

// all picks for all SKUs. It answers the index of the first without a price, -1 if
// there is none.
func (p *pick) all() (found []listed, missing int) {
	found = make([]listed, len(p.want))
	open := make([]int, len(p.want))
	for i := range open {
		open[i] = i
	}
	chosen := p.best(p.lists, open)
	var reduced []int
	for i, l := range chosen {
		if l == nil {
			return nil, i
		}
		found[i] = listed{amount: p.column(l, nil, 0).cells[i].amount, list: l.ID, net: l.List.Net}
		if l.List.Reduction {
			found[i].announced = l.List.Announced
			reduced = append(reduced, i)
		}
	}
	if len(reduced) > 0 {
		p.originals(found, reduced)
	}
	return found, -1
}

// originals finds what reductions reduce: the price of the list that would count if
// no list were a reduction. A reduction that is not lower is none.
func (p *pick) originals(found []listed, reduced []int) {
	var plain []kept
	for _, l := range p.lists {
		if !l.List.Reduction {
			plain = append(plain, l)
		}
	}
	chosen := p.best(plain, reduced)
	for _, i := range reduced {
		f := &found[i]
		if l := chosen[i]; l != nil {
			amount := p.column(l, nil, 0).cells[i].amount
			if f.net && !l.List.Net {
				amount = without(amount, p.want[i].rate)
			} else if !f.net && l.List.Net {
				amount = with(amount, p.want[i].rate)
			}
			if amount > f.amount {
				f.original = &amount
			}
		}
		f.announced = f.announced && f.original != nil
	}
}

// best is the list that counts for each of the SKUs that are open, nil where none
// has a price.
func (p *pick) best(lists []kept, open []int) []*kept {
	chosen := make([]*kept, len(p.want))
	for n := range lists {
		if len(open) == 0 {
			break
		}
		l, rest := &lists[n], open[:0]
		if n == 0 {
			rest = make([]int, 0, len(open)) // open is the caller's
		}
		cells := p.column(l, open, 0).cells
		for _, i := range open {
			if cells[i].has && (chosen[i] == nil || p.gross(l, i) < p.gross(chosen[i], i)) {
				chosen[i] = l
			}
			if chosen[i] == nil || p.by == tariff.ByPrice {
				rest = append(rest, i)
			}
		}
		open = rest
	}
	return chosen
}

// gross is the price of a SKU in a list, with VAT.
func (p *pick) gross(l *kept, i int) retail.Money {
	amount := p.column(l, nil, 0).cells[i].amount
	if l.List.Net {
		amount = with(amount, p.want[i].rate)
	}
	return amount
}

// column is that of a list, with the prices of the SKUs that are open.
func (p *pick) column(l *kept, open []int, depth int) *column {
	c := p.columnOf(l.ID)
	ask := c.unknown(open)
	if len(ask) == 0 {
		return c
	}
	skus := make([]retail.SKU, len(ask))
	for n, i := range ask {
		skus[n] = p.want[i].sku
	}
	var rest []int
	for n, s := range p.shelf.spans(l, skus) {
		i := ask[n]
		if c.cells[i].known = true; s == nil {
			rest = append(rest, i)
			continue
		}
		c.cells[i].has, c.cells[i].amount = true, s.price(p.want[i].quantity)
	}
	if len(rest) > 0 && l.List.Parent != "" && depth < pricing.MaxDepth {
		p.derive(c, l, rest, depth)
	}
	return c
}

// unknown are those of open that the column does not know yet.
func (c *column) unknown(open []int) []int {
	if !slices.ContainsFunc(open, func(i int) bool { return c.cells[i].known }) {
		return open
	}
	ask := make([]int, 0, len(open))
	for _, i := range open {
		if !c.cells[i].known {
			ask = append(ask, i)
		}
	}
	return ask
}

func (p *pick) columnOf(id string) *column {
	for _, c := range p.columns {
		if c.list == id {
			return c
		}
	}
	c := &column{list: id, cells: make([]cell, len(p.want))}
	p.columns = append(p.columns, c)
	return c
}

// derive works prices out of those of the list behind. The list behind need not
// hold here and now itself. What becomes larger than a price may be is none.
func (p *pick) derive(c *column, l *kept, rest []int, depth int) {
	parent, ok := p.listed(l.List.Parent)
	if !ok {
		return
	}
	behind, formula := p.column(&parent, rest, depth+1), formulaOf(l.List.Formula)
	for _, i := range rest {
		if !behind.cells[i].has {
			continue
		}
		if amount, err := formula.Of(behind.cells[i].amount); err == nil && amount <= maxPrice {
			c.cells[i].has, c.cells[i].amount = true, amount
		}
	}
}

// listed is a list by its id: one that is at hand, or else from the shelf.
func (p *pick) listed(id string) (kept, bool) {
	for i := range p.lists {
		if p.lists[i].ID == id {
			return p.lists[i], true
		}
	}
	return p.shelf.parent(id)
}
