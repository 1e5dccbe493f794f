package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Promote lets rules work, each on what the earlier ones left, and notes why
// others did not. Candidates are read, never written to.
func (b *Basket) Promote(candidates []Candidate) {
	b.candidates, b.live, b.watched = candidates, make([]matter, 0, min(len(candidates), 8)), nil
	b.verdicts = make([]verdict, len(candidates))
	for i := range candidates {
		b.judge(i)
	}
	if b.state.taken == nil {
		b.state.taken = make([]taken, 0, max(len(b.live), 8))
	}
	b.enclose()
	order := b.order()
	b.rival(order)
	w := walk{b: b, order: order}
	b.state, b.outcomes = w.best(b.state)
	b.greedy = w.greedy
}

// stage is when a rule works, before its own order counts.
func (b *Basket) stage(m *matter) int {
	if m.Rule.Stacking.Catalog {
		return 0
	}
	stage := classes * (m.Rule.Stacking.Lane + 2)
	if !b.policy.Together {
		stage += m.class
	}
	return stage
}

// order is the live rules in the order of their work.
func (b *Basket) order() []int {
	order := make([]int, len(b.live))
	for i := range order {
		m := &b.live[i]
		order[i], m.stage = i, b.stage(m)
		switch b.policy.Order {
		case ByValue:
			s := b.state.clone()
			m.worth = b.promote(&s, i).took // if it were alone
		case ByNominal:
			m.worth = m.Rule.nominal()
		}
	}
	slices.SortFunc(order, func(x, y int) int { return b.compare(&b.live[x], &b.live[y]) }) // quick where candidates are in order
	return order
}

// compare says which rule works first.
func (b *Basket) compare(l, m *matter) int {
	if l.stage != m.stage {
		return cmp.Compare(l.stage, m.stage)
	}
	switch b.policy.Order {
	case BySubmission:
		return cmp.Compare(l.index, m.index)
	case ByValue, ByNominal:
		if l.worth != m.worth {
			return cmp.Compare(m.worth, l.worth)
		}
	}
	if p, q := l.Rule.Stacking.Priority, m.Rule.Stacking.Priority; p != q {
		return cmp.Compare(q, p)
	}
	return cmp.Or(cmp.Compare(l.Rule.ID, m.Rule.ID), cmp.Compare(l.index, m.index))
}

// nominal is the number that a rule says: basis points or minor units.
func (r *Rule) nominal() (n retail.Money) {
	for i := range r.Effects {
		n = max(n, r.Effects[i].nominal())
	}
	return n
}

func (e *Effect) nominal() retail.Money {
	switch {
	case e.Amount != nil:
		return e.Amount.Value
	case e.Price != nil:
		return e.Price.Value
	case e.BuyGet != nil:
		return max(retail.Money(e.BuyGet.Percent), e.BuyGet.Amount)
	case e.Bundle != nil:
		return max(retail.Money(e.Bundle.Percent), e.Bundle.Amount)
	}
	return retail.Money(e.Percent)
}

// promote lets one rule work on a state.
func (b *Basket) promote(s *state, slot int) (o outcome) {
	m := &b.live[slot]
	a := attempt{b: b, s: s, rule: m.Rule, budget: m.Budget, slot: slot, goods: m.goods}
	o.seen = true
	miss, ok := a.settle()
	if !ok {
		o.miss = miss
		return o
	}
	var before state
	undo := a.reversible()
	if undo {
		before = s.clone()
	}
	a.act()
	o.took, o.gave = a.took, a.gave
	if over := a.over(); over > 0 {
		o = outcome{seen: true, miss: Miss{Reason: BudgetSpent, Near: true, Amount: over}}
	} else if o.took == 0 && !o.gave {
		o.miss = a.nothing()
	} else {
		return o
	}
	if undo {
		*s = before
	}
	return o
}

// reversible says whether the rule may leave traces though it takes nothing off in
// the end, or has to be undone: whoever picks units splits runs.
func (a *attempt) reversible() bool {
	if a.budget != nil {
		return true
	}
	for i := range a.rule.Effects {
		e := &a.rule.Effects[i]
		if e.Units != nil || e.BuyGet != nil || e.Bundle != nil || e.Price != nil && e.Price.Of == OfGroup {
			return true
		}
	}
	return false
}

// over is by how much a budget is too small that is not to be used up in part. Goods
// that are added are worth what their price on the shelf is reduced by; there is no
// part of them.
func (a *attempt) over() retail.Money {
	if a.budget == nil || a.rule.Partial && a.added == 0 {
		return 0
	}
	return max(a.took+a.added-*a.budget, 0)
}

// nothing says why the effects took nothing off.
func (a *attempt) nothing() Miss {
	switch {
	case a.used > 0 && a.used != a.slot+1:
		return Miss{Reason: UnitsUsed, With: a.b.live[a.used-1].Rule.ID, Near: true}
	case a.budget != nil && *a.budget <= 0:
		return Miss{Reason: BudgetSpent, Near: true}
	}
	if m, ok := a.lacking(); ok {
		return m
	}
	if a.floor {
		return Miss{Reason: FloorReached, Near: true}
	}
	if !a.rule.onGoods() && a.undelivered() {
		return Miss{Reason: WrongShipping, Near: true}
	}
	return Miss{Reason: NothingLeft, Near: true}
}

// undelivered says whether nothing is delivered in a way that an effect works on.
func (a *attempt) undelivered() bool {
	for i := range a.rule.Effects {
		if len(a.targets(&a.rule.Effects[i])) > 0 {
			return false
		}
	}
	return true
}

// lacking is what the first effect that counts units or amounts needs more.
func (a *attempt) lacking() (Miss, bool) {
	for i := range a.rule.Effects {
		e := &a.rule.Effects[i]
		if m, ok := a.lacks(e); ok {
			m.Near = true
			return m, true
		}
	}
	return Miss{}, false
}

func (a *attempt) lacks(e *Effect) (Miss, bool) {
	switch {
	case e.BuyGet != nil:
		return a.lacksBought(a.targets(e), e.BuyGet)
	case e.Bundle != nil:
		return a.lacksParts(a.targets(e), e.Bundle)
	case e.Units != nil && e.Units.Of > 0:
		there := a.countable(a.targets(e))
		return Miss{Reason: MissingQuantity, Quantity: e.Units.Of - there}, there < e.Units.Of
	case e.Tiers != nil && len(e.Tiers.Steps) > 0:
		return a.lacksStep(a.targets(e), e.Tiers)
	}
	return Miss{}, false
}

// countable is how many pieces of items the rule may work on.
func (a *attempt) countable(items []int) retail.Quantity {
	return a.quantity(a.pieces(a.parts(items)))
}

func (a *attempt) lacksBought(items []int, e *BuyGet) (Miss, bool) {
	buy, get := a.sides(items, e)
	need, there := e.BuyQuantity, a.countable(buy)
	if e.Get == nil && !e.Add {
		need += e.GetQuantity
		if e.MaxGet > 0 && e.MaxGet < e.GetQuantity {
			need += e.MaxGet - e.GetQuantity
		}
	}
	if there < need {
		return Miss{Reason: MissingQuantity, Quantity: need - there}, true
	}
	if amount := a.amount(a.parts(buy)); amount < e.BuyAmount {
		return Miss{Reason: MissingAmount, Amount: e.BuyAmount - amount}, true
	}
	if e.Add {
		return Miss{}, false
	}
	whole := e.GetQuantity
	if e.MaxGet > 0 {
		whole = min(whole, e.MaxGet)
	}
	if given := a.countable(get); given < whole {
		return Miss{Reason: MissingQuantity, Quantity: whole - given}, true
	}
	both := a.countable(union(buy, get))
	return Miss{Reason: MissingQuantity, Quantity: e.BuyQuantity + whole - both}, both < e.BuyQuantity+whole
}

func (a *attempt) lacksParts(items []int, e *Bundle) (Miss, bool) {
	var missing retail.Quantity
	for _, p := range e.Parts {
		set := items
		if p.Goods != nil {
			set = a.named(p.Goods)
		}
		missing += max(p.Quantity-a.countable(set), 0)
	}
	return Miss{Reason: MissingQuantity, Quantity: missing}, missing > 0
}

// lacksStep is what is missing to the first step.
func (a *attempt) lacksStep(items []int, t *Tiers) (Miss, bool) {
	first, best := t.Steps[0].From, int64(0)
	if t.OfLines {
		for _, g := range items {
			best = max(best, a.reached(t, []int{g}))
		}
	} else {
		if t.Goods != nil {
			items = a.measured(t.Goods)
		}
		best = a.reached(t, items)
	}
	if best >= first {
		return Miss{}, false
	}
	if t.ByQuantity {
		return Miss{Reason: MissingQuantity, Quantity: retail.Quantity(first - best)}, true
	}
	return Miss{Reason: MissingAmount, Amount: retail.Money(first - best)}, true
}
