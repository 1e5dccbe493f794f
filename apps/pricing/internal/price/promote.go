package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Promote lets rules work, each on what the earlier ones left, and notes why
// others did not.
func (b *Basket) Promote(rules []Rule) {
	b.rules = rules
	b.cases = make([]matter, len(rules))
	b.state.outcomes = make([]outcome, len(rules))
	for i := range rules {
		b.cases[i] = b.matter(&rules[i])
	}
	order := b.order()
	w := walk{b: b, order: order, groups: b.groups(order)}
	b.state = w.best(b.state)
	b.greedy = w.greedy
}

// stage is when a rule works, before its own order counts.
func (b *Basket) stage(r *Rule) int {
	stage := 3 * (r.Stacking.Lane + 2)
	if r.Stacking.Catalog {
		return 0
	}
	if !b.policy.Together {
		stage += r.class()
	}
	return stage
}

// order is the rules in the order of their work.
func (b *Basket) order() []int {
	order := make([]int, len(b.rules))
	for i := range order {
		order[i] = i
	}
	var worth []retail.Money
	if b.policy.Order == ByValue {
		worth = b.worths()
	}
	slices.SortStableFunc(order, func(x, y int) int {
		r, s := &b.rules[x], &b.rules[y]
		if c := cmp.Compare(b.stage(r), b.stage(s)); c != 0 {
			return c
		}
		switch b.policy.Order {
		case BySubmission:
			return cmp.Compare(x, y)
		case ByValue:
			if c := -cmp.Compare(worth[x], worth[y]); c != 0 {
				return c
			}
		}
		return cmp.Or(-cmp.Compare(r.Stacking.Priority, s.Stacking.Priority), cmp.Compare(r.ID, s.ID))
	})
	return order
}

// worths is what each rule would take off if it were alone.
func (b *Basket) worths() []retail.Money {
	worth := make([]retail.Money, len(b.rules))
	for i := range b.rules {
		s := b.state.clone()
		worth[i] = b.promote(&s, i).took
	}
	return worth
}

// promote lets one rule work on a state.
func (b *Basket) promote(s *state, i int) (o outcome) {
	r, m := &b.rules[i], &b.cases[i]
	a := attempt{b: b, s: s, rule: r, index: i, goods: m.goods}
	o = outcome{seen: true, miss: m.miss}
	o.miss.Promotion, o.miss.Version = r.ID, r.Version
	miss, ok := a.settle()
	if m.failed > 0 {
		o.miss.Near = m.failed == 1 && ok
		return o
	}
	if !ok {
		o.fail(miss)
		o.miss.Near = miss.Reason != NoGoods
		return o
	}
	before := s.clone()
	a.act()
	if r.Budget != nil && !r.Partial && a.took > *r.Budget {
		*s = before
		o.fail(Miss{Reason: BudgetSpent, Near: true, Amount: a.took - *r.Budget})
		return o
	}
	o.took, o.gave = a.took, a.gave
	if o.took == 0 && !o.gave {
		*s = before
		o.fail(a.nothing())
	}
	return o
}

func (o *outcome) fail(m Miss) {
	m.Promotion, m.Version = o.miss.Promotion, o.miss.Version
	o.miss = m
}

// nothing says why the effects took nothing off.
func (a *attempt) nothing() Miss {
	switch {
	case a.used > 0 && a.used != a.index+1:
		return Miss{Reason: UnitsUsed, With: a.b.rules[a.used-1].ID, Near: true}
	case a.rule.Budget != nil && *a.rule.Budget <= 0:
		return Miss{Reason: BudgetSpent, Near: true}
	case a.floor:
		return Miss{Reason: FloorReached, Near: true}
	}
	if n, ok := a.lacking(); ok {
		return Miss{Reason: MissingQuantity, Quantity: n, Near: true}
	}
	return Miss{Reason: NothingLeft, Near: true}
}

// lacking is how many units more the first effect that counts units needs.
func (a *attempt) lacking() (units retail.Quantity, ok bool) {
	for i := range a.rule.Effects {
		e := &a.rule.Effects[i]
		there := a.quantity(a.pieces(a.parts(a.targets(e))))
		need := retail.Quantity(0)
		switch {
		case e.BuyGet != nil:
			need = e.BuyGet.BuyQuantity
			if e.BuyGet.Get == nil {
				need += e.BuyGet.GetQuantity
			}
			if e.BuyGet.Buy != nil {
				there = a.quantity(a.pieces(a.parts(a.measured(e.BuyGet.Buy))))
			}
		case e.Bundle != nil:
			for _, p := range e.Bundle.Parts {
				need += p.Quantity
			}
		case e.Units != nil:
			need = e.Units.Of
		}
		if need > there {
			return need - there, true
		}
	}
	return 0, false
}
