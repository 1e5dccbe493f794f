package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// state is what changes while promotions work. A copy is a possible course of
// events that can be dropped.
type state struct {
	cells  []cell // per item
	taken  []taken
	added  []Added
	grants []Grant
	scopes []scope
	lines  []retail.Money // per item, what rules on lines left; nil until the first other rule
}

// cell is the state of one item.
type cell struct {
	runs []run
}

// run is units of an item that the same happened to.
type run struct {
	quantity retail.Quantity
	left     retail.Money // of all of them
	touched  int          // 1 + the live rule that first took something off; 0 none
	locked   int          // 1 + the exclusive one that holds them; 0 none
	used     int          // 1 + the one that counted them as bought or rewarded; 0 none
}

// taken is what a rule took off an item.
type taken struct {
	rule   int // a live one, -1 for a filler
	item   int
	amount retail.Money
	filler *Applied // for rule -1
}

// scope is a part of the order of work in which something may be exclusive.
type scope struct {
	applied   int // 1 + the last rule that applied; 0 none
	exclusive int // 1 + the rule that keeps the others out; 0 none
}

// outcome is what became of a rule.
type outcome struct {
	seen bool
	took retail.Money
	gave bool // something else than money
	miss Miss
}

// Added is goods that a promotion adds to the basket.
type Added struct {
	Promotion string
	Version   int64
	Code      string // that brought it
	SKU       retail.SKU
	Quantity  retail.Quantity
	Price     *retail.Money      // of each: this,
	Percent   retail.BasisPoints // … or this off the list price,
	Amount    retail.Money       // … or this
}

// Each is what one unit of added goods costs whose list price this is.
func (a *Added) Each(list retail.Money) retail.Money {
	switch {
	case a.Price != nil:
		return min(*a.Price, list)
	case a.Percent > 0:
		return list - retail.Money(divide(int64(list), int64(a.Percent), 10_000, HalfUp))
	}
	return max(list-a.Amount, 0)
}

// Grant is what a promotion gives that takes no money off.
type Grant struct {
	Promotion string
	Version   int64
	Points    retail.BasisPoints
	Lines     []int // that Points is for
	Cashback  retail.Money
	Days      int64
	Stores    []retail.StoreID
}

func (s *state) clone() state {
	c := *s
	count := 0
	for i := range s.cells {
		count += len(s.cells[i].runs)
	}
	c.cells = make([]cell, len(s.cells))
	runs := make([]run, 0, count)
	for i := range s.cells {
		start := len(runs)
		runs = append(runs, s.cells[i].runs...)
		c.cells[i].runs = runs[start:len(runs):len(runs)]
	}
	c.taken, c.added, c.grants = slices.Clone(s.taken), slices.Clone(s.added), slices.Clone(s.grants)
	c.scopes = slices.Clone(s.scopes)
	return c
}

// left is what is left of an item.
func (s *state) left(item int) (sum retail.Money) {
	for i := range s.cells[item].runs {
		sum += s.cells[item].runs[i].left
	}
	return sum
}

// total is what is left of everything.
func (s *state) total() (sum retail.Money) {
	for i := range s.cells {
		sum += s.left(i)
	}
	return sum
}

// goods is what is left of the first items.
func (s *state) goods(items int) (sum retail.Money) {
	for i := range items {
		sum += s.left(i)
	}
	return sum
}

// touched says whether a rule has taken something off an item.
func (s *state) touched(item int) bool {
	return slices.ContainsFunc(s.cells[item].runs, func(r run) bool { return r.touched != 0 })
}

// split makes units of a run one of their own, which comes first, and says where.
func (c *cell) split(at int, units retail.Quantity) {
	r := c.runs[at]
	if units <= 0 || units >= r.quantity {
		return
	}
	first, rest := r, r
	first.quantity, rest.quantity = units, r.quantity-units
	first.left = retail.Portion(r.left, r.quantity, 0, units)
	rest.left = r.left - first.left
	c.runs = slices.Insert(c.runs, at, first)
	c.runs[at+1] = rest
}
