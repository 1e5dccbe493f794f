// Package price knows how a basket becomes a total: how equal units are
// merged, in which order promotions work on what is left, how cents are shared
// and why a promotion did not apply. It knows neither where prices and
// promotions come from nor the SDK, and it reads no clock.
//
// A total does not depend on the order of the lines, nor on whether two units
// stand on one line or on two: equal units are merged into groups, groups are
// worked on in the order of their SKUs, and only then is a group's result
// shared among its lines. All arithmetic is in integers.
package price

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Place is where and for whom a basket is priced.
type Place struct {
	Store    retail.StoreID
	Channel  retail.Channel
	Customer retail.CustomerID // "" unknown
	Groups   []string          // that the customer belongs to
	At       retail.Instant
}

// Goods is what promotions can ask of a SKU. An empty attribute is one that
// the SKU does not have: it matches no promotion that asks for it.
type Goods struct {
	Brand, Line, Season, Supplier, Category string
	Tags                                    []string
}

// Line is one line of a basket with its list price.
type Line struct {
	SKU      retail.SKU
	Quantity retail.Quantity // above zero, in the SKU's unit
	Unit     retail.Money    // list price of Per units, not below zero
	Per      retail.Quantity // 1 for pieces, 1,000 for goods priced by kilogram, metre or litre
	Manual   bool            // Unit was set by hand: no promotion touches it or counts it
	Stored   bool            // stored value: no promotion speaks of it
	Goods    Goods
	VAT      retail.BasisPoints
}

// Applied is what one promotion, or the filler of a slot, took off.
type Applied struct {
	Promotion string
	Version   int64
	Filler    string // app that proposed it, "" for a promotion
	Reason    string // the filler's own
	Amount    retail.Money
}

// same says whether two entries are of one origin.
func (a Applied) same(b Applied) bool {
	a.Amount = b.Amount
	return a == b
}

// Basket is a basket on its way to a total. Make it with New, work on it with
// Promote and Propose, take the outcome with Result. Use it once.
type Basket struct {
	place  Place
	lines  []Line
	groups []*group
	done   []Applied // per promotion or filler, in the order of work
	misses []Miss
}

// group is the units that are equal in all that a price can depend on.
type group struct {
	Line
	members []int          // lines, by their index
	list    retail.Money   // of the whole group
	left    retail.Money   // list less what was taken off
	lists   []retail.Money // per member
	rests   []retail.Money // per member, sums to left
	applied [][]Applied    // per member
	touched string         // first promotion that took something off, "" none
	locked  string         // exclusive promotion that holds the group, "" none
	asked   string         // filler that proposed something last, "" none
}

// MaxAmount bounds prices, lines and totals: the integers that JSON carries.
const MaxAmount = retail.Money(1)<<53 - 1

// ErrAmount is an amount that is negative or above MaxAmount, or a quantity
// that leads to one. It carries no detail: fmt alone would make the guest 0.7 MB
// larger, and the caller knows what it asked for.
var ErrAmount = errors.New("amount out of range")

// New merges equal lines and prices them by list. Errors: ErrAmount.
func New(place Place, lines []Line) (*Basket, error) {
	b := &Basket{place: place, lines: lines}
	for i, l := range lines {
		if l.Quantity <= 0 || l.Per <= 0 || l.Unit < 0 {
			return nil, ErrAmount
		}
		b.join(i, l)
	}
	slices.SortFunc(b.groups, compare)
	var total retail.Money
	for _, g := range b.groups {
		if err := g.open(lines); err != nil {
			return nil, err
		}
		if total += g.list; total > MaxAmount {
			return nil, ErrAmount
		}
	}
	return b, nil
}

// join adds line i to the group of its equals.
func (b *Basket) join(i int, l Line) {
	for _, g := range b.groups {
		if g.SKU == l.SKU && g.Unit == l.Unit && g.Per == l.Per && g.Manual == l.Manual {
			g.members = append(g.members, i)
			return
		}
	}
	b.groups = append(b.groups, &group{Line: l, members: []int{i}})
}

// compare orders groups by what they are and never by where they stood.
func compare(a, b *group) int {
	manual := func(g *group) int {
		if g.Manual {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Unit, b.Unit),
		cmp.Compare(a.Per, b.Per), cmp.Compare(manual(a), manual(b)))
}

// open prices the group by list and shares the amount among its members.
func (g *group) open(lines []Line) error {
	quantities := make([]int64, len(g.members))
	g.Quantity = 0
	for i, m := range g.members {
		quantities[i] = int64(lines[m].Quantity)
		if g.Quantity += lines[m].Quantity; g.Quantity > retail.Quantity(MaxAmount) {
			return ErrAmount
		}
	}
	amount, err := g.Unit.Times(g.Quantity, g.Per)
	if err != nil || amount > MaxAmount {
		return ErrAmount
	}
	g.list, g.left = amount, amount
	g.lists = allocate(amount, quantities)
	g.rests = slices.Clone(g.lists)
	g.applied = make([][]Applied, len(g.members))
	return nil
}

// take takes amount, at most what is left, off the group. It is shared by what
// is left of each member, so that none falls below zero.
func (g *group) take(what Applied, amount retail.Money) {
	weights := make([]int64, len(g.rests))
	for i, r := range g.rests {
		weights[i] = int64(r)
	}
	for i, share := range allocate(amount, weights) {
		if share == 0 {
			continue
		}
		g.rests[i] -= share
		what.Amount = share
		g.applied[i] = append(g.applied[i], what)
	}
	g.left -= amount
	if g.touched == "" {
		g.touched = what.Promotion
	}
}

// allocate is retail.Allocate for amounts that may be zero and weights that are
// not all zero unless the amount is.
func allocate(amount retail.Money, weights []int64) []retail.Money {
	if amount == 0 {
		return make([]retail.Money, len(weights))
	}
	return retail.Allocate(amount, weights)
}

// percent is the rate's share of an amount within MaxAmount, rounded half away
// from zero; it cannot overflow.
func percent(amount retail.Money, rate retail.BasisPoints) retail.Money {
	share, _ := amount.Percent(min(rate, 10_000))
	return share
}

// record adds amount to the basket's account of what.
func (b *Basket) record(what Applied, amount retail.Money) {
	what.Amount = amount
	if n := len(b.done); n > 0 && b.done[n-1].same(what) {
		b.done[n-1].Amount += amount
		return
	}
	b.done = append(b.done, what)
}
