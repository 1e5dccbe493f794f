// Package ledger holds the rules of double entry: what a movement may look
// like and what movements add up to. It knows values and nothing of who keeps
// them.
package ledger

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Amount is a quantity of a SKU; Fate tells amounts of one SKU apart that go
// different ways.
type Amount struct {
	SKU      retail.SKU
	Fate     bool
	Quantity retail.Quantity
}

// What can be wrong with the amounts of a movement.
var (
	ErrSKU      = errors.New("a SKU has 1 to 256 bytes")
	ErrQuantity = errors.New("a quantity is above zero and below 10^15")
)

// most is far more than anything that is counted, and so small that no sum of
// a movement overflows.
const most = 1_000_000_000_000_000

// Merge adds up the amounts of one SKU and fate, sorted by both: demand is
// summed before it is checked, and every counter is moved once. at is the index
// of the amount at fault. Errors: ErrSKU, ErrQuantity.
func Merge(amounts []Amount) (merged []Amount, at int, err error) {
	for i, a := range amounts {
		if a.SKU == "" || len(a.SKU) > 256 {
			return nil, i, ErrSKU
		}
		if a.Quantity <= 0 || a.Quantity > most {
			return nil, i, ErrQuantity
		}
	}
	sorted := slices.Clone(amounts)
	slices.SortStableFunc(sorted, compareAmounts)
	for _, a := range sorted {
		last := len(merged) - 1
		if last < 0 || compareAmounts(merged[last], a) != 0 {
			merged = append(merged, a)
			continue
		}
		if merged[last].Quantity += a.Quantity; merged[last].Quantity > most {
			return nil, 0, ErrQuantity
		}
	}
	return merged, 0, nil
}

func compareAmounts(a, b Amount) int {
	switch {
	case a.SKU != b.SKU:
		return cmp.Compare(a.SKU, b.SKU)
	case a.Fate == b.Fate:
		return 0
	case b.Fate:
		return -1
	}
	return 1
}

// side is what stands at one end of a reason.
type side uint8

const (
	own        side = iota // any place of the retailer
	adjustment             // where losses go and finds come from
	supplier
)

// rules says between which places goods may be moved by hand, and why.
var rules = []struct {
	reason   string
	from, to side
}{
	{"transfer", own, own},
	{"loss", own, adjustment},
	{"damage", own, adjustment},
	{"internal_use", own, adjustment},
	{"found", adjustment, own},
	{"supplier_return", own, supplier},
}

// Allowed says whether goods may be moved by hand for a reason between two
// places, each named by "adjustment", "supplier", "customer", or anything else
// for a place of the retailer.
func Allowed[R, P ~string](reason R, from, to P) bool {
	for _, r := range rules {
		if r.reason == string(reason) {
			return r.from.is(string(from)) && r.to.is(string(to))
		}
	}
	return false
}

// Happened says whether a reason tells what has become of goods, rather than what
// somebody wants to do with them: it is written down also of goods that are reserved.
func Happened[R ~string](reason R) bool { return reason == "loss" || reason == "damage" }

func (s side) is(place string) bool {
	switch place {
	case "adjustment":
		return s == adjustment
	case "supplier":
		return s == supplier
	case "customer":
		return false
	}
	return s == own
}

// Balance is how much of one SKU lies at each place. The zero value is empty.
type Balance struct {
	places []string
	counts []retail.Quantity
}

// Post adds an entry: what leaves one place reaches the other.
func (b *Balance) Post(from, to string, q retail.Quantity) {
	*b.at(from) -= q
	*b.at(to) += q
}

// Know makes b have a place, with zero if nothing was ever posted to it.
func (b *Balance) Know(place string) { b.at(place) }

func (b *Balance) at(place string) *retail.Quantity {
	i, ok := slices.BinarySearch(b.places, place)
	if !ok {
		b.places = slices.Insert(b.places, i, place)
		b.counts = slices.Insert(b.counts, i, 0)
	}
	return &b.counts[i]
}

// Fault is a place that shows another quantity than its entries add up to.
type Fault struct {
	Place         string // "" for the sum over all places, which must be zero
	Ledger, Shown retail.Quantity
}

// Check compares b with what is shown at each of its places. Faults are sorted
// by place.
func (b *Balance) Check(shown func(place string) retail.Quantity) []Fault {
	var faults []Fault
	var sum retail.Quantity
	for i, place := range b.places {
		q := shown(place)
		sum += q
		if q != b.counts[i] {
			faults = append(faults, Fault{place, b.counts[i], q})
		}
	}
	if sum != 0 {
		faults = slices.Insert(faults, 0, Fault{Shown: sum})
	}
	return faults
}

// Countable says whether a count can have found q.
func Countable(q retail.Quantity) bool { return q >= 0 && q <= most }
