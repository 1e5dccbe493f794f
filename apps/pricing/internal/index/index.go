// Package index finds, among very many rules, the few that may concern a basket.
// Each rule lies under the rarest thing that it asks for: a SKU, a brand, a
// customer, a store. It knows what rules ask for, and neither prices nor what
// becomes of a basket; it holds no clock and reads nothing.
//
// Which rules it finds depends on the rules and the basket alone, never on where
// they lie or in which order they came. It does not find rules that are nobody's
// business here: those of other stores, for other customers by name, over for more
// than a day, without the code that they need, about goods that nobody buys, or
// that two or more things keep from applying.
package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Key names a rule: its promotion and the generation from which it is live.
type Key struct {
	ID   string
	From int64
}

// Entry is a rule in the generations in which it is live, with what its owner
// wants to know of it.
type Entry[T any] struct {
	Key
	To    int64          // first generation in which it is live no more; 0 it is still
	Until retail.Instant // from when on it may be forgotten; 0 never
	Codes []string       // that bring it, in the form in which they are asked for
	// Batches are those of coupons that bring it.
	Batches []string
	About   T

	rule    kept
	whole   *price.Rule        // of those that lie in rest; nil: rule is put together when it is asked for
	anchors []*price.Selection // of one of which there are goods; none asks for nothing
}

// Index is rules by what they ask for. Make it with New.
type Index[T any] struct {
	Generation int64 // newest that it knows
	size       int
	entries    map[string][]*Entry[T] // of a promotion
	goods      [dimensions]map[string][]posting[T]
	customers  map[retail.CustomerID][]*Entry[T]
	groups     map[string][]*Entry[T]
	grouped    []*Entry[T] // all of groups, by key
	stores     map[retail.StoreID][]*Entry[T]
	rest       []*Entry[T]
	codes      map[string][]*Entry[T]
	batches    map[string][]*Entry[T]
	ended      []*Entry[T] // that will be forgotten
}

// posting is a rule under a value, with the selection that asks for it.
type posting[T any] struct {
	entry  *Entry[T]
	anchor *price.Selection
}

// New is an empty index.
func New[T any]() *Index[T] {
	return &Index[T]{
		entries: map[string][]*Entry[T]{}, customers: map[retail.CustomerID][]*Entry[T]{}, groups: map[string][]*Entry[T]{},
		stores: map[retail.StoreID][]*Entry[T]{}, codes: map[string][]*Entry[T]{}, batches: map[string][]*Entry[T]{},
	}
}

// Rule is the entry's rule. It belongs to the index.
func (e *Entry[T]) Rule() *price.Rule {
	if e.whole != nil {
		return e.whole
	}
	return e.rule.rule(e.ID)
}

// Into writes the entry's rule where there was another, for who looks at very many.
func (e *Entry[T]) Into(r *price.Rule) { e.rule.into(r, e.ID) }

// Live says whether the entry counts in a generation.
func (e *Entry[T]) Live(generation int64) bool {
	return e.From <= generation && (e.To == 0 || generation < e.To)
}

// Len is how many rules there are, in all generations.
func (x *Index[T]) Len() int { return x.size }

// entry is the one under a key, nil if there is none.
func (x *Index[T]) entry(k Key) *Entry[T] {
	for _, e := range x.entries[k.ID] {
		if e.From == k.From {
			return e
		}
	}
	return nil
}

// Put adds a rule, or replaces the one under its key.
func (x *Index[T]) Put(e Entry[T], r *price.Rule) {
	x.Remove(e.Key)
	at := &e
	at.rule = keep(r)
	at.anchors = at.rule.anchors()
	at.rule.general = len(at.anchors) == 0 && at.rule.anybody()
	x.size++
	x.entries[e.ID] = append(x.entries[e.ID], at)
	if e.To != 0 {
		x.ended = append(x.ended, at)
	}
	x.file(at)
}

// End says that a rule is live no more from a generation on. It stays for older
// ones.
func (x *Index[T]) End(k Key, to int64, until retail.Instant) {
	e := x.entry(k)
	if e == nil {
		return
	}
	if e.To == 0 {
		x.ended = append(x.ended, e)
	}
	e.To, e.Until = to, until
}

// Remove forgets a rule.
func (x *Index[T]) Remove(k Key) {
	e := x.entry(k)
	if e == nil {
		return
	}
	x.size--
	drop(x.entries, k.ID, e)
	x.unfile(e)
	x.ended = without(x.ended, e)
}

// drop takes an entry out of one of the lists of a map.
func drop[K comparable, T any](lists map[K][]*Entry[T], k K, e *Entry[T]) {
	if left := without(lists[k], e); len(left) > 0 {
		lists[k] = left
	} else {
		delete(lists, k)
	}
}

func without[T any](all []*Entry[T], e *Entry[T]) []*Entry[T] {
	if at := slices.Index(all, e); at >= 0 {
		return slices.Delete(all, at, at+1)
	}
	return all
}

// Forget drops the rules that nobody asks for any more.
func (x *Index[T]) Forget(now retail.Instant) {
	var old []Key
	for _, e := range x.ended {
		if e.Until != 0 && e.Until <= now {
			old = append(old, e.Key)
		}
	}
	for _, k := range old {
		x.Remove(k)
	}
}

// Find is the rule of a promotion that is live in a generation, nil if there is
// none.
func (x *Index[T]) Find(id string, generation int64) *Entry[T] {
	for _, e := range x.entries[id] {
		if e.Live(generation) {
			return e
		}
	}
	return nil
}

// ByCode are the rules that a code brings in a generation, by id.
func (x *Index[T]) ByCode(code string, generation int64) []*Entry[T] {
	return among(x.codes[code], generation)
}

// ByBatch are the rules that coupons of a batch bring in a generation, by id.
func (x *Index[T]) ByBatch(batch string, generation int64) []*Entry[T] {
	return among(x.batches[batch], generation)
}

// All calls visit with every rule that is live in a generation, in no order.
func (x *Index[T]) All(generation int64, visit func(*Entry[T])) {
	for _, spans := range x.entries {
		for _, e := range spans {
			if e.Live(generation) {
				visit(e)
			}
		}
	}
}

func among[T any](all []*Entry[T], generation int64) (found []*Entry[T]) {
	for _, e := range all {
		if e.Live(generation) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, byKey[T])
	return found
}

func byKey[T any](a, b *Entry[T]) int {
	return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From))
}
