package index

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// dimension is a list of a selection, the one that tells most first.
type dimension int

const (
	bySKU dimension = iota
	byProduct
	bySupplier
	byBrand
	byLine
	byCategory
	bySeason
	byTag
	byAttribute
	dimensions
)

// asked calls visit with every value that a selection asks for in a dimension.
func asked(s *price.Selection, d dimension, visit func(value string)) {
	switch d {
	case bySKU:
		each(s.SKUs, visit)
	case byProduct:
		each(s.Products, visit)
	case bySupplier:
		each(s.Suppliers, visit)
	case byBrand:
		each(s.Brands, visit)
	case byLine:
		each(s.Lines, visit)
	case byCategory:
		each(s.Categories, visit)
	case bySeason:
		each(s.Seasons, visit)
	case byTag:
		each(s.Tags, visit)
	case byAttribute:
		if at := slices.IndexFunc(s.Attributes, valued); at >= 0 { // of several, the first: goods must have them all
			for _, v := range s.Attributes[at].Values {
				visit(attribute(s.Attributes[at].Name, v))
			}
		}
	}
}

func each[S ~string](list []S, visit func(string)) {
	for _, v := range list {
		visit(string(v))
	}
}

// attribute is one with its value, as one text.
func attribute(name, value string) string { return name + "\x00" + value }

// file puts an entry where baskets that it may concern find it.
func (x *Index[T]) file(e *Entry[T]) {
	for _, c := range e.Codes {
		x.codes[c] = append(x.codes[c], e)
	}
	for _, b := range e.Batches {
		x.batches[b] = append(x.batches[b], e)
	}
	if e.rule.needsCode {
		return
	}
	a := e.rule.audience
	if a == nil {
		a = &price.Audience{}
	}
	switch {
	case len(a.Customers) > 0:
		for _, c := range a.Customers {
			x.customers[c] = append(x.customers[c], e)
		}
	case len(e.anchors) > 0 && !x.rarer(a.Stores, e.anchors):
		for _, s := range e.anchors {
			d, _ := x.rarest(s)
			x.post(e, s, d)
		}
	case len(e.anchors) == 0 && len(a.Groups) > 0:
		for _, g := range a.Groups {
			x.groups[g] = append(x.groups[g], e)
		}
		x.grouped = sorted(x.grouped, e)
	default:
		x.shelve(e, a.Stores)
	}
}

// shelve puts an entry where every basket finds it, or every one of its stores.
func (x *Index[T]) shelve(e *Entry[T], stores []retail.StoreID) {
	e.whole = e.rule.rule(e.ID)
	e.whole.Prepare()
	if len(stores) == 0 {
		x.rest = sorted(x.rest, e)
	}
	for _, s := range stores {
		x.stores[s] = sorted(x.stores[s], e)
	}
}

// rarer says whether fewer rules lie under stores than under any values of
// selections.
func (x *Index[T]) rarer(stores []retail.StoreID, anchors []*price.Selection) bool {
	here, there := 0, 0
	for _, s := range stores {
		here += len(x.stores[s])
	}
	for _, s := range anchors {
		_, count := x.rarest(s)
		there += count
	}
	return len(stores) > 0 && here < there
}

// rarest is the dimension of a selection under which fewest rules lie so far.
func (x *Index[T]) rarest(s *price.Selection) (best dimension, fewest int) {
	fewest = -1
	for d := range dimensions {
		count, lists := 0, 0
		asked(s, d, func(v string) {
			lists++
			count += len(x.goods[d][v])
		})
		if lists > 0 && (fewest < 0 || count < fewest) {
			best, fewest = d, count
		}
	}
	return best, fewest
}

// sorted puts an entry behind all that come before it.
func sorted[T any](all []*Entry[T], e *Entry[T]) []*Entry[T] {
	if len(all) == 0 || byKey(all[len(all)-1], e) < 0 {
		return append(all, e) // whoever builds an index reads promotions by id
	}
	at, _ := slices.BinarySearchFunc(all, e, byKey[T])
	return slices.Insert(all, at, e)
}

func (x *Index[T]) post(e *Entry[T], s *price.Selection, d dimension) {
	if x.goods[d] == nil {
		x.goods[d] = map[string][]posting[T]{}
	}
	asked(s, d, func(v string) { x.goods[d][v] = append(x.goods[d][v], posting[T]{e, s}) })
}

// unfile takes an entry out of wherever it may lie.
func (x *Index[T]) unfile(e *Entry[T]) {
	for _, c := range e.Codes {
		drop(x.codes, c, e)
	}
	for _, b := range e.Batches {
		drop(x.batches, b, e)
	}
	for _, s := range e.anchors {
		x.unpost(e, s)
	}
	if a := e.rule.audience; a != nil {
		for _, c := range a.Customers {
			drop(x.customers, c, e)
		}
		for _, g := range a.Groups {
			drop(x.groups, g, e)
		}
		for _, s := range a.Stores {
			drop(x.stores, s, e)
		}
	}
	x.grouped, x.rest = without(x.grouped, e), without(x.rest, e)
}

func (x *Index[T]) unpost(e *Entry[T], s *price.Selection) {
	for d := range dimensions {
		if x.goods[d] == nil {
			continue
		}
		asked(s, d, func(v string) {
			left := slices.DeleteFunc(x.goods[d][v], func(p posting[T]) bool { return p.entry == e })
			if len(left) > 0 {
				x.goods[d][v] = left
			} else {
				delete(x.goods[d], v)
			}
		})
	}
}
