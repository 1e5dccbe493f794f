package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// dimension is a list of a selection.
type dimension int

const (
	bySKU dimension = iota
	byProduct
	byBrand
	byLine
	bySeason
	bySupplier
	byCategory
	byTag
	dimensions
)

// index knows which goods of the basket have which values, so that a rule costs as
// much as it has values, and no more for each item that it does not speak of. Sets
// of items are bits.
type index struct {
	open, closed []uint64 // goods that rules may touch, and those with prices set by hand
	own          []uint64 // those that the rule speaks of which is judged
	found, some  []uint64 // scratch
	none         []uint64 // the empty set
	facts        []fact   // per item
	tables       [dimensions]table
	every        []int // all of open
}

// fact is what is asked most of an item.
type fact struct {
	unit     int64 // its price
	quantity retail.Quantity
	list     retail.Money // what all of it costs by list
}

// table has a set for each value of a dimension. It is made when it is first asked.
type table struct {
	made   bool
	values []string
	sets   []uint64       // one after the other
	slots  [2 * few]uint8 // 1 + the places of values, if these are few: a map costs ten times as much
	places map[string]int // of values, if these are many
}

// slot is where to look for a value first. Names mostly differ at their end.
func slot(value string) int {
	h, n := uint(len(value)), len(value)
	for i := max(n-4, 0); i < n; i++ {
		h = h*31 + uint(value[i])
	}
	return int(h % (2 * few))
}

// find is the place of a value, below zero if nothing has it.
func (t *table) find(value string) int {
	if t.places != nil {
		if at, ok := t.places[value]; ok {
			return at
		}
		return -1
	}
	for at := slot(value); t.slots[at] > 0; at = (at + 1) % (2 * few) {
		if place := int(t.slots[at]) - 1; t.values[place] == value {
			return place
		}
	}
	return -1
}

// place notes where a value is that find does not know.
func (t *table) place(value string, place int) {
	if t.places != nil {
		t.places[value] = place
		return
	}
	at := slot(value)
	for t.slots[at] > 0 {
		at = (at + 1) % (2 * few)
	}
	t.slots[at] = uint8(place + 1)
}

// prepare notes which goods rules may touch.
func (b *Basket) prepare() {
	words := (b.goods + 63) / 64
	all := make([]uint64, 6*words)
	x := &b.index
	x.open, x.closed, x.found = all[:words], all[words:2*words], all[2*words:3*words]
	x.some, x.own, x.none = all[3*words:4*words], all[4*words:5*words], all[5*words:]
	x.facts = make([]fact, b.goods)
	room := make([]int, 3*b.goods) // more lists than that are made elsewhere
	x.every, b.arena = room[:0:b.goods], room[b.goods:b.goods]
	for i := range b.goods {
		x.facts[i].unit = int64(b.items[i].Unit)
		switch g := &b.items[i]; {
		case g.Stored:
		case g.Manual:
			x.closed[i/64] |= 1 << (i % 64)
		default:
			x.open[i/64] |= 1 << (i % 64)
			x.every = append(x.every, i)
		}
	}
}

// table of a dimension.
func (b *Basket) table(d dimension) *table {
	t := &b.index.tables[d]
	if t.made {
		return t
	}
	most := min(b.goods, few)
	*t = table{made: true, values: make([]string, 0, most), sets: make([]uint64, 0, most*len(b.index.open))}
	for i := range b.goods {
		g := &b.items[i].Goods
		switch d {
		case bySKU:
			t.add(b, i, string(b.items[i].SKU))
		case byProduct:
			t.add(b, i, g.Product)
		case byBrand:
			t.add(b, i, g.Brand)
		case byLine:
			t.add(b, i, g.Line)
		case bySeason:
			t.add(b, i, g.Season)
		case bySupplier:
			t.add(b, i, g.Supplier)
		case byCategory:
			t.add(b, i, g.Category)
		case byTag:
			for _, tag := range g.Tags {
				t.add(b, i, tag)
			}
		}
	}
	return t
}

// add notes that an item has a value. An absent one is none: it matches no list.
func (t *table) add(b *Basket, item int, value string) {
	if value == "" {
		return
	}
	words := len(b.index.open)
	at := t.find(value)
	if at < 0 {
		at = len(t.values)
		t.values, t.sets = append(t.values, value), append(t.sets, b.index.none...)
		if t.places == nil && len(t.values) > few {
			t.places = make(map[string]int, b.goods)
			for i, v := range t.values {
				t.places[v] = i
			}
		}
		t.place(value, at)
	}
	t.sets[at*words+item/64] |= 1 << (item % 64)
}

// keep leaves of what was found the items that have one of the values, and says
// whether there are any.
func keep[S ~string](b *Basket, d dimension, list []S) bool {
	clear(b.index.some)
	mark(b, d, list)
	b.index.retain(true)
	return b.index.left()
}

// matching are the open items that a selection speaks of. A nil state leaves out
// what changes. The answer is not to be written to.
func (b *Basket) matching(goods, except *Selection, now *state) []int {
	if goods.empty() && except.empty() {
		return b.index.every
	}
	return b.among(b.index.open, goods, except, now)
}

// among are those of a set of items that a selection speaks of.
func (b *Basket) among(from []uint64, goods, except *Selection, now *state) []int {
	if !b.find(from, goods, except, now) {
		return nil
	}
	return b.listed(b.index.found)
}

// narrow compares all lists of a selection but those of further attributes. Most are
// empty: a call for each would cost more than all that is asked.
func (b *Basket) narrow(s *Selection) bool {
	return (len(s.SKUs) == 0 || keep(b, bySKU, s.SKUs)) && (len(s.Products) == 0 || keep(b, byProduct, s.Products)) && (len(s.Brands) == 0 || keep(b, byBrand, s.Brands)) &&
		(len(s.Lines) == 0 || keep(b, byLine, s.Lines)) && (len(s.Seasons) == 0 || keep(b, bySeason, s.Seasons)) && (len(s.Suppliers) == 0 || keep(b, bySupplier, s.Suppliers)) &&
		(len(s.Categories) == 0 || keep(b, byCategory, s.Categories)) && (len(s.Tags) == 0 || keep(b, byTag, s.Tags))
}

// fits compares what a selection asks beyond its lists.
func (b *Basket) fits(s *Selection, i int, now *state) bool {
	g := &b.items[i]
	if s.Price != nil && !s.Price.has(int64(g.Unit)) ||
		s.Reduced != nil && now != nil && *s.Reduced != now.touched(i) {
		return false
	}
	for n := range s.Attributes {
		if !s.Attributes[n].of(&g.Goods) {
			return false
		}
	}
	return true
}

// any says whether one list of a selection names the goods.
func (b *Basket) any(s *Selection, i int, now *state) bool {
	g := &b.items[i]
	return named(s.SKUs, g.SKU) ||
		named(s.Products, g.Goods.Product) ||
		named(s.Brands, g.Goods.Brand) ||
		named(s.Lines, g.Goods.Line) ||
		named(s.Seasons, g.Goods.Season) ||
		named(s.Suppliers, g.Goods.Supplier) ||
		named(s.Categories, g.Goods.Category) ||
		len(s.Tags) > 0 && overlap(s.Tags, g.Goods.Tags) ||
		s.Price != nil && s.Price.has(int64(g.Unit)) ||
		s.Reduced != nil && now != nil && *s.Reduced == now.touched(i) ||
		slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.of(&g.Goods) })
}

// covers says whether a selection speaks of one item.
func (b *Basket) covers(s *Selection, i int, now *state) bool {
	g := &b.items[i]
	return within(s.SKUs, g.SKU) && within(s.Products, g.Goods.Product) && within(s.Brands, g.Goods.Brand) &&
		within(s.Lines, g.Goods.Line) && within(s.Seasons, g.Goods.Season) && within(s.Suppliers, g.Goods.Supplier) &&
		within(s.Categories, g.Goods.Category) && overlap(s.Tags, g.Goods.Tags) && b.fits(s, i, now)
}

// empty says whether a selection names nothing.
func (s *Selection) empty() bool {
	return s == nil || len(s.SKUs)+len(s.Products)+len(s.Brands)+len(s.Lines)+len(s.Seasons)+len(s.Suppliers)+
		len(s.Categories)+len(s.Tags)+len(s.Attributes) == 0 && s.Price == nil && s.Reduced == nil
}

// of says whether goods have one of the attribute's values.
func (a *Attribute) of(g *Goods) bool {
	if own := g.Own(a.Name); own != "" {
		return within(a.Values, own)
	}
	for i := range g.Attributes {
		if h := &g.Attributes[i]; h.Name == a.Name && overlap(a.Values, h.Values) {
			return true
		}
	}
	return false
}

func (r *Range) has(v int64) bool {
	return (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

// within says whether a list asks for nothing or for v. It fails closed: an
// absent v is in no list.
func within[S ~string](list []S, v S) bool { return len(list) == 0 || named(list, v) }

// named says whether a list asks for v.
func named[S ~string](list []S, v S) bool {
	return v != "" && len(list) > 0 && slices.Contains(list, v)
}

// overlap is within for goods and people that have several values.
func overlap(list, values []string) bool {
	return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return named(list, v) })
}

// day is how long a rule that is over is spoken of.
const day = retail.Instant(24 * 60 * 60 * 1000)
