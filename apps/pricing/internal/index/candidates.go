package index

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Query is a basket that rules are asked for.
type Query struct {
	Generation int64
	Place      *price.Place
	Lines      []price.Line
	// Teasers bounds how many rules for groups are named to who may belong to one:
	// nobody knows him.
	Teasers int
}

// day is how long a rule that is over is somebody's business.
const day = 24 * 60 * 60 * 1000

// Candidates are the rules that a basket may have something from, or nearly, but
// for those that need a code. They come by id, each once.
func (x *Index[T]) Candidates(q *Query) []*Entry[T] {
	f := finder[T]{q: q, found: make([]*Entry[T], 0, 16), hits: make([]hit[T], 0, len(q.Lines))}
	for d := range dimensions {
		if len(x.goods[d]) > 0 {
			f.dimension(x, d)
		}
	}
	p := q.Place
	if p.Customer != "" {
		f.all(x.customers[p.Customer])
	}
	for _, g := range p.Groups {
		f.all(x.groups[g])
	}
	if p.Customer == "" && len(p.Groups) == 0 {
		f.some(x.grouped, q.Teasers)
	}
	slices.SortFunc(f.found, byKey[T])
	f.found = slices.Compact(f.found)
	f.merge(x.stores[p.Store])
	f.merge(x.rest)
	return f.found
}

// merge adds those of a list that concern the basket, which come by key. There may be
// thousands, and none of them is found in another way: only what was found before is
// compared.
func (f *finder[T]) merge(list []*Entry[T]) {
	before := f.found
	f.found = make([]*Entry[T], 0, len(before)+len(list))
	for _, e := range before {
		at, _ := slices.BinarySearchFunc(list, e, byKey[T])
		f.all(list[:at])
		f.found, list = append(f.found, e), list[at:]
	}
	f.all(list)
}

// finder collects rules for a basket.
type finder[T any] struct {
	q     *Query
	found []*Entry[T]
	hits  []hit[T] // of one dimension
}

// hit is the rules that lie under a value, and a line that has it.
type hit[T any] struct {
	rules []posting[T]
	line  int
}

// same says whether two hits are of the same value: few values of a basket are any
// rule's, and these are told apart by where the rules lie.
func (h *hit[T]) same(o *hit[T]) bool { return &h.rules[0] == &o.rules[0] }

// dimension collects the rules that lie under values of the basket's goods.
func (f *finder[T]) dimension(x *Index[T], d dimension) {
	f.hits = f.hits[:0]
	var last string
	var rules []posting[T] // under last
	for i := range f.q.Lines {
		l := &f.q.Lines[i]
		switch one := valueOf(l, d); {
		case l.Stored:
		case one != "":
			if one != last {
				last, rules = one, x.goods[d][one]
			}
			f.hit(rules, i)
		case d == byTag:
			for _, tag := range l.Goods.Tags {
				f.hit(x.goods[d][tag], i)
			}
		case d == byAttribute:
			eachAttribute(&l.Goods, func(name, value string) { f.hit(x.goods[d][attribute(name, value)], i) })
		}
	}
	for i := range f.hits {
		h := &f.hits[i]
		if slices.ContainsFunc(f.hits[:i], func(o hit[T]) bool { return h.same(&o) }) {
			continue
		}
		for _, p := range h.rules {
			if f.concerns(p.entry) && f.buysOf(i, p.anchor) {
				f.found = append(f.found, p.entry)
			}
		}
	}
}

// hit notes a line that has the value under which rules lie.
func (f *finder[T]) hit(rules []posting[T], line int) {
	if len(rules) > 0 {
		f.hits = append(f.hits, hit[T]{rules, line})
	}
}

// buysOf says whether a line of a hit, or of a later one of its value, is what a
// selection asks for.
func (f *finder[T]) buysOf(first int, s *price.Selection) bool {
	h := &f.hits[first]
	for i := first; i < len(f.hits); i++ {
		if o := &f.hits[i]; h.same(o) && asksFor(s, &f.q.Lines[o.line]) {
			return true
		}
	}
	return false
}

// buys says whether the basket has goods that a selection asks for.
func (f *finder[T]) buys(s *price.Selection) bool {
	for i := range f.q.Lines {
		if l := &f.q.Lines[i]; !l.Stored && asksFor(s, l) {
			return true
		}
	}
	return false
}

// eachAttribute calls visit with every value of every further attribute of goods, their
// size and colour among them.
func eachAttribute(g *price.Goods, visit func(name, value string)) {
	for _, name := range [...]string{"size", "colour"} {
		if own := g.Own(name); own != "" {
			visit(name, own)
		}
	}
	for _, a := range g.Attributes {
		for _, v := range a.Values {
			visit(a.Name, v)
		}
	}
}

// valueOf is what a line has in a dimension, "" where it has none or may have several.
func valueOf(l *price.Line, d dimension) string {
	switch g := &l.Goods; d {
	case bySKU:
		return string(l.SKU)
	case byProduct:
		return g.Product
	case bySupplier:
		return g.Supplier
	case byBrand:
		return g.Brand
	case byLine:
		return g.Line
	case byCategory:
		return g.Category
	case bySeason:
		return g.Season
	}
	return ""
}

// all collects those of a list that concern the basket.
func (f *finder[T]) all(list []*Entry[T]) {
	for _, e := range list {
		if e.rule.general && e.From <= f.q.Generation && (e.To == 0 || f.q.Generation < e.To) || f.takes(e) {
			f.found = append(f.found, e)
		}
	}
}

// takes says whether a rule concerns the basket, whatever it was found by.
func (f *finder[T]) takes(e *Entry[T]) bool {
	return f.concerns(e) && (len(e.anchors) == 0 || slices.ContainsFunc(e.anchors, f.buys))
}

// some collects the first so many of a list that concern the basket.
func (f *finder[T]) some(list []*Entry[T], most int) {
	for _, e := range list {
		if most == 0 {
			return
		}
		if f.takes(e) {
			f.found = append(f.found, e)
			most--
		}
	}
}

// concerns says whether a rule is somebody's business in the basket's place, at its
// time, for its customer.
func (f *finder[T]) concerns(e *Entry[T]) bool {
	p, k := f.q.Place, &e.rule
	if !e.Live(f.q.Generation) || k.to != 0 && k.to <= p.At-day {
		return false
	}
	if a := k.audience; a != nil && (!has(a.Stores, p.Store) || !has(a.Customers, p.Customer)) {
		return false
	}
	return k.rare == nil || !slices.Contains(k.rare.not.Stores, p.Store) && !slices.Contains(k.rare.not.Customers, p.Customer)
}

// Equal says whether two indexes hold the same rules for the same generations, as
// far as anybody asks. Where they lie may differ.
func (x *Index[T]) Equal(y *Index[T]) bool {
	if x.Generation != y.Generation || x.size != y.size {
		return false
	}
	for _, spans := range x.entries {
		for _, e := range spans {
			o := y.entry(e.Key)
			if o == nil || o.To != e.To || o.rule.version != e.rule.version || !slices.Equal(o.Codes, e.Codes) {
				return false
			}
		}
	}
	return true
}

// Over says whether the rule's period is over.
func (e *Entry[T]) Over(at retail.Instant) bool { return e.rule.to != 0 && e.rule.to <= at }
