package index

import (
	"slices"
	"strings"

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
	f := finder[T]{q: q, values: make([]value, 0, len(q.Lines)), found: make([]*Entry[T], 0, 16)}
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
	q      *Query
	found  []*Entry[T]
	values []value // of one dimension
}

// value is what a line has in a dimension.
type value struct {
	text string
	line int
}

// dimension collects the rules that lie under values of the basket's goods.
func (f *finder[T]) dimension(x *Index[T], d dimension) {
	f.values = f.values[:0]
	for i := range f.q.Lines {
		if !f.q.Lines[i].Stored {
			f.values = appendValues(f.values, d, f.q.Lines, i)
		}
	}
	slices.SortFunc(f.values, func(a, b value) int { return strings.Compare(a.text, b.text) })
	for at := 0; at < len(f.values); {
		end := at + 1
		for end < len(f.values) && f.values[end].text == f.values[at].text {
			end++
		}
		for _, p := range x.goods[d][f.values[at].text] {
			if f.concerns(p.entry) && f.buysOf(f.values[at:end], p.anchor) {
				f.found = append(f.found, p.entry)
			}
		}
		at = end
	}
}

// buysOf says whether one of the lines that have a value is what a selection asks for.
func (f *finder[T]) buysOf(lines []value, s *price.Selection) bool {
	for _, v := range lines {
		if asksFor(s, &f.q.Lines[v.line]) {
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

// appendValues appends what a line has in a dimension.
func appendValues(to []value, d dimension, lines []price.Line, i int) []value {
	one := ""
	switch l, g := &lines[i], &lines[i].Goods; d {
	case bySKU:
		one = string(l.SKU)
	case byProduct:
		one = g.Product
	case bySupplier:
		one = g.Supplier
	case byBrand:
		one = g.Brand
	case byLine:
		one = g.Line
	case byCategory:
		one = g.Category
	case bySeason:
		one = g.Season
	case byTag:
		for _, tag := range g.Tags {
			to = append(to, value{tag, i})
		}
	case byAttribute:
		for _, a := range g.Attributes {
			for _, v := range a.Values {
				to = append(to, value{attribute(a.Name, v), i})
			}
		}
	}
	if one != "" {
		to = append(to, value{one, i})
	}
	return to
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
