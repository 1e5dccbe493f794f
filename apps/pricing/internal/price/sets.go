package price

import (
	"math"
	"math/bits"
)

// listed is a set as a list. It is not to be written to.
func (b *Basket) listed(set []uint64) []int {
	start := len(b.arena)
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			b.arena = append(b.arena, w*64+bits.TrailingZeros64(word))
		}
	}
	if len(b.arena) == start {
		return nil
	}
	return b.arena[start:len(b.arena):len(b.arena)]
}

// find leaves in found those of a set of items that a selection speaks of, and says
// whether there are any. It makes nothing: thousands of rules ask, and few find goods
// that they keep.
func (b *Basket) find(from []uint64, goods, except *Selection, now *state) bool {
	x := &b.index
	copy(x.found, from)
	if !b.narrow(goods) {
		return false
	}
	if goods.Price != nil {
		b.priced(goods.Price)
		x.retain(true)
	}
	if goods.Reduced != nil && now != nil || len(goods.Attributes) > 0 {
		b.each(func(i int) bool { return b.fits(goods, i, now) })
		x.retain(true)
	}
	if !except.empty() {
		b.leave(except, now)
	}
	return x.left()
}

// leave takes out of what was found the items that one list of a selection names.
func (b *Basket) leave(except *Selection, now *state) {
	x := &b.index
	if except.lists() {
		b.marks(except)
		x.retain(false)
	}
	if except.Price != nil {
		b.priced(except.Price)
		x.retain(false)
	}
	if except.Reduced != nil && now != nil || len(except.Attributes) > 0 {
		b.each(func(i int) bool { return b.any(except, i, now) })
		x.retain(false)
	}
}

// lists says whether a selection has a list other than of further attributes.
func (s *Selection) lists() bool {
	return len(s.SKUs)+len(s.Products)+len(s.Brands)+len(s.Lines)+len(s.Seasons)+len(s.Suppliers)+len(s.Categories)+len(s.Tags) > 0
}

// marks marks the items that one of the lists names.
func (b *Basket) marks(s *Selection) {
	clear(b.index.some)
	if len(s.SKUs) > 0 {
		mark(b, bySKU, s.SKUs)
	}
	for _, l := range [...]struct {
		d    dimension
		list []string
	}{
		{byProduct, s.Products}, {byBrand, s.Brands}, {byLine, s.Lines}, {bySeason, s.Seasons},
		{bySupplier, s.Suppliers}, {byCategory, s.Categories}, {byTag, s.Tags},
	} {
		if len(l.list) > 0 {
			mark(b, l.d, l.list)
		}
	}
}

// priced marks the items of what was found whose price is in a range.
func (b *Basket) priced(r *Range) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if r.Min != nil {
		low = *r.Min
	}
	if r.Max != nil {
		high = *r.Max
	}
	x := &b.index
	for w, word := range x.found {
		some := uint64(0)
		for rest := word; rest != 0; rest &= rest - 1 {
			n := bits.TrailingZeros64(rest)
			if unit := x.facts[w*64+n].unit; unit >= low && unit <= high {
				some |= 1 << n
			}
		}
		x.some[w] = some
	}
}

// each marks the items of what was found that are as asked.
func (b *Basket) each(is func(item int) bool) {
	x := &b.index
	for w, word := range x.found {
		x.some[w] = 0
		for ; word != 0; word &= word - 1 {
			if n := bits.TrailingZeros64(word); is(w*64 + n) {
				x.some[w] |= 1 << n
			}
		}
	}
}

// retain leaves of what was found what is marked, or else what is not.
func (x *index) retain(marked bool) {
	for w, word := range x.some {
		if !marked {
			word = ^word
		}
		x.found[w] &= word
	}
}

// left says whether anything was found.
func (x *index) left() bool {
	for _, word := range x.found {
		if word != 0 {
			return true
		}
	}
	return false
}

// mark marks the items that have one of the values.
func mark[S ~string](b *Basket, d dimension, list []S) {
	t, x := b.table(d), &b.index
	words := len(x.some)
	for _, v := range list {
		if at := t.find(string(v)); at >= 0 {
			for w := range x.some {
				x.some[w] |= t.sets[at*words+w]
			}
		}
	}
}
