package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Rule is one version of a promotion. Empty lists ask for nothing; of a list
// that is not empty one value must match; all lists must match.
type Rule struct {
	ID       string
	Version  int64
	Priority int64 // larger first, then by ID
	From, To retail.Instant

	// Where and for whom.
	Stores    []retail.StoreID
	Channels  []retail.Channel
	Customers []retail.CustomerID
	Groups    []string

	// Which goods.
	Brands, Lines, Seasons, Suppliers, Categories, Tags []string
	SKUs                                                []retail.SKU

	// How much of these goods must stand in the basket, counted on what
	// earlier promotions left. 0 asks for nothing.
	MinQuantity retail.Quantity
	MinAmount   retail.Money

	Effect    Effect
	Exclusive bool // works on untouched groups only, and nothing works on them after it
}

// Effect is what a rule takes off: a percentage of what is left of each group,
// or an amount.
type Effect struct {
	Percent retail.BasisPoints // 0 when Amount counts
	Amount  retail.Money
	Across  bool // Amount is shared over all groups once, instead of off each group
}

// Off is what the filler of a slot proposes for one group.
type Off struct {
	Group   int // number of the group, as in Groups
	Percent retail.BasisPoints
	Amount  retail.Money
	Reason  string
}

// Promote applies rules in the order of their priority, each on what the
// earlier ones left, and notes why those that came close did not apply.
func (b *Basket) Promote(rules []Rule) {
	ordered := slices.Clone(rules)
	slices.SortFunc(ordered, func(x, y Rule) int {
		return cmp.Or(-cmp.Compare(x.Priority, y.Priority), cmp.Compare(x.ID, y.ID))
	})
	for i := range ordered {
		b.promote(&ordered[i])
	}
}

func (b *Basket) promote(r *Rule) {
	goods := b.matching(r)
	if len(goods) == 0 {
		return // it speaks of other goods
	}
	miss, failed := b.context(r)
	if failed > 1 {
		return
	}
	targets := r.open(goods)
	if short, is := threshold(r, goods, targets); is {
		miss, failed = short, failed+1
	}
	if failed == 0 && b.apply(r, targets, &miss) {
		return
	}
	if failed <= 1 {
		miss.Promotion, miss.Version = r.ID, r.Version
		b.misses = append(b.misses, miss)
	}
}

// apply takes the rule's effect off its targets. It says false, and why in
// miss, if there was nothing to take.
func (b *Basket) apply(r *Rule, targets []*group, miss *Miss) bool {
	what := Applied{Promotion: r.ID, Version: r.Version}
	var total retail.Money
	for i, amount := range r.Effect.amounts(targets) {
		if amount > 0 {
			targets[i].take(what, amount)
			b.record(what, amount)
			total += amount
		}
		if r.Exclusive && amount > 0 {
			targets[i].locked = r.ID
		}
	}
	miss.Reason = NothingLeft
	return total > 0
}

// amounts is what the effect takes off each target, never more than is left.
func (e Effect) amounts(targets []*group) []retail.Money {
	amounts := make([]retail.Money, len(targets))
	var left retail.Money
	weights := make([]int64, len(targets))
	for i, g := range targets {
		left += g.left
		weights[i] = int64(g.left)
		if e.Percent > 0 {
			amounts[i] = percent(g.left, e.Percent)
		} else {
			amounts[i] = min(e.Amount, g.left)
		}
	}
	if e.Percent > 0 || !e.Across {
		return amounts
	}
	return allocate(min(e.Amount, left), weights)
}

// Groups lists what fillers of the discount slot may work on: one line per
// group, with the amount that is left, in a fixed order.
func (b *Basket) Groups() []Open {
	var open []Open
	for i, g := range b.groups {
		if g.locked == "" && !g.Manual && !g.Stored {
			open = append(open, Open{Group: i, Line: g.Line, Left: g.left})
		}
	}
	return open
}

// Open is a group as fillers see it.
type Open struct {
	Group int
	Line  Line
	Left  retail.Money
}

// Propose takes what a filler proposes off the groups it names, each on what
// is left, and says which proposals cannot be: for goods that are not open, for
// a group a second time, or out of range. The others may still take nothing:
// took says whether any took something.
func (b *Basket) Propose(filler string, offs []Off) (refused []int, took bool) {
	for i, o := range offs {
		if !b.possible(filler, o) {
			refused = append(refused, i)
			continue
		}
		g := b.groups[o.Group]
		g.asked = filler
		amount := min(o.Amount, g.left)
		if o.Percent > 0 {
			amount = percent(g.left, o.Percent)
		}
		if amount > 0 {
			what := Applied{Filler: filler, Reason: o.Reason}
			g.take(what, amount)
			b.record(what, amount)
			took = true
		}
	}
	return refused, took
}

// possible says whether a proposal is one that can be taken.
func (b *Basket) possible(filler string, o Off) bool {
	if o.Group < 0 || o.Group >= len(b.groups) || o.Percent < 0 || o.Percent > 10_000 || o.Amount < 0 {
		return false
	}
	g := b.groups[o.Group]
	return g.locked == "" && !g.Manual && !g.Stored && g.asked != filler
}
