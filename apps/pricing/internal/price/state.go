package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// state is what changes while promotions work. A copy is a possible course of
// events that can be dropped.
type state struct {
	cells    []cell // per item
	taken    []taken
	added    []Added
	grants   []Grant
	scopes   []scope
	lines    []retail.Money // per item, what rules on lines left; nil until the first other rule
	outcomes []outcome      // per rule
}

// cell is the state of one item.
type cell struct {
	runs []run
}

// run is units of an item that the same happened to.
type run struct {
	quantity retail.Quantity
	left     retail.Money // of all of them
	touched  int          // 1 + the rule that first took something off; 0 none
	locked   int          // 1 + the exclusive rule that holds them; 0 none
	used     int          // 1 + the rule that counted them as bought or rewarded; 0 none
}

// taken is what a rule took off an item.
type taken struct {
	rule   int // -1 for a filler
	item   int
	amount retail.Money
	filler Applied // for rule -1
}

// scope is a part of the order of work in which something may be exclusive.
type scope struct {
	catalog   bool
	lane      int
	group     string
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
	SKU       retail.SKU
	Quantity  retail.Quantity
	Price     retail.Money // of each
	rule      int
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
	c.cells = make([]cell, len(s.cells))
	for i := range s.cells {
		c.cells[i].runs = slices.Clone(s.cells[i].runs)
	}
	c.taken, c.added, c.grants = slices.Clone(s.taken), slices.Clone(s.added), slices.Clone(s.grants)
	c.scopes, c.outcomes = slices.Clone(s.scopes), slices.Clone(s.outcomes)
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

// scope finds or makes a scope.
func (s *state) scope(want scope) *scope {
	for i := range s.scopes {
		if x := &s.scopes[i]; x.catalog == want.catalog && x.lane == want.lane && x.group == want.group {
			return x
		}
	}
	s.scopes = append(s.scopes, want)
	return &s.scopes[len(s.scopes)-1]
}
