package price

import (
	"math"
	"math/bits"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// lean is what a rule asks before all: goods by lists and a price, and a least quantity
// or amount of them, wherever and for whomever. Where thousands of rules are looked at
// one by one, most are of that kind, and most lack that.
type lean struct {
	asks, nots []ask // all of which name the goods, and none of which does
	low, high  int64 // price of a unit
	quantity   retail.Quantity
	amount     retail.Money
}

// ask is a list of a selection.
type ask struct {
	dimension dimension
	values    []string
}

// Prepare makes a rule quick to look at. Who keeps it does so, once; it is not changed
// afterwards but for its effects.
func (r *Rule) Prepare() {
	g, x := &r.Goods, &r.Except
	if !r.anywhere() || r.NeedsCode || g.Reduced != nil || len(g.Attributes) > 0 ||
		x.Reduced != nil || len(x.Attributes) > 0 || x.Price != nil {
		return
	}
	l := &lean{asks: asks(g), nots: asks(x), low: math.MinInt64, high: math.MaxInt64}
	if g.Price != nil && g.Price.Min != nil {
		l.low = *g.Price.Min
	}
	if g.Price != nil && g.Price.Max != nil {
		l.high = *g.Price.Max
	}
	for i := range r.If {
		l.least(&r.If[i])
	}
	if l.quantity > 0 || l.amount > 0 {
		r.lean = l
	}
}

// least takes over what a condition asks for of the rule's own goods together. Others
// may be in the way besides.
func (l *lean) least(c *Condition) {
	if c.Goods != nil || c.PerLine {
		return
	}
	if c.Quantity != nil && c.Quantity.Min != nil {
		l.quantity = max(l.quantity, retail.Quantity(*c.Quantity.Min))
	}
	if c.Amount != nil && c.Amount.Min != nil && c.VAT == AsPriced {
		l.amount = max(l.amount, retail.Money(*c.Amount.Min))
	}
}

// asks are the lists of a selection that are not empty.
func asks(s *Selection) (all []ask) {
	if len(s.SKUs) > 0 {
		skus := make([]string, len(s.SKUs))
		for i, v := range s.SKUs {
			skus[i] = string(v)
		}
		all = append(all, ask{bySKU, skus})
	}
	for _, a := range [...]ask{
		{byProduct, s.Products}, {byBrand, s.Brands}, {byLine, s.Lines}, {bySeason, s.Seasons},
		{bySupplier, s.Suppliers}, {byCategory, s.Categories}, {byTag, s.Tags},
	} {
		if len(a.values) > 0 {
			all = append(all, a)
		}
	}
	return all
}

// vain says whether the basket has not enough of what a rule asks for: it is hopeless,
// or finds no goods at all.
func (b *Basket) vain(l *lean) bool {
	x := &b.index
	var units retail.Quantity
	var amount retail.Money
	for w := range x.open {
		found := x.open[w]
		for i := range l.asks {
			found &= b.word(&l.asks[i], w)
		}
		for i := range l.nots {
			found &^= b.word(&l.nots[i], w)
		}
		for ; found != 0; found &= found - 1 {
			if f := &x.facts[w*64+bits.TrailingZeros64(found)]; f.unit >= l.low && f.unit <= l.high {
				units, amount = units+f.quantity, amount+f.list
			}
		}
	}
	return units < l.quantity || amount < l.amount
}

// word is 64 items of the set that has one of some values.
func (b *Basket) word(a *ask, w int) (set uint64) {
	t, words := &b.index.tables[a.dimension], len(b.index.open)
	if !t.made {
		b.table(a.dimension)
	}
	for _, v := range a.values {
		if at := t.find(v); at >= 0 {
			set |= t.sets[at*words+w]
		}
	}
	return set
}
