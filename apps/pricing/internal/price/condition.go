package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// attempt is one rule at its turn.
type attempt struct {
	b       *Basket
	s       *state
	rule    *Rule
	budget  *retail.Money
	slot    int            // of the live rule; -1 for who is none
	goods   []int          // items that it speaks of, and that may change
	start   []retail.Money // per item, what was left before its first effect
	took    retail.Money
	capUsed retail.Money // of the rule's cap
	gave    bool
	added   retail.Money // worth of goods that were added, where a budget counts it
	used    int          // another rule that has used up units that this one needs, 1 + its slot
	floor   bool         // a floor has kept something off
}

// settle compares the rule's conditions, with what is left now. It answers the
// first that fails.
func (a *attempt) settle() (miss Miss, ok bool) {
	if a.rule.Goods.Reduced != nil || a.rule.Except.Reduced != nil {
		a.goods = a.b.matching(&a.rule.Goods, &a.rule.Except, a.s)
	}
	if miss, ok = a.available(); !ok {
		return miss, false
	}
	for i := range a.rule.If {
		c := &a.rule.If[i]
		if c.PerLine {
			all := a.goods
			a.goods = slices.DeleteFunc(slices.Clone(all), func(g int) bool { return !a.line(c, g) })
			if len(a.goods) == 0 {
				return a.nearest(c, all), false
			}
			continue
		}
		if miss, ok = a.holds(c); !ok {
			return miss, false
		}
	}
	return Miss{}, true
}

// nearest is what the line lacks that comes nearest to a condition of lines.
func (a *attempt) nearest(c *Condition, items []int) Miss {
	whole := Condition{Goods: c.Goods, Base: c.Base, VAT: c.VAT, LineAmount: c.LineAmount, LineQuantity: c.LineQuantity}
	if c.Amount != nil {
		whole.LineAmount = c.Amount
	}
	if c.Quantity != nil {
		whole.LineQuantity = c.Quantity
	}
	miss, ok := a.count(&whole, items, true)
	if ok {
		return Miss{Reason: NoGoods}
	}
	return miss
}

// available says whether there is anything to work on.
func (a *attempt) available() (Miss, bool) {
	if !a.rule.onGoods() {
		return Miss{}, true
	}
	if len(a.goods) == 0 {
		return Miss{Reason: NoGoods}, false
	}
	if a.unhindered() {
		return Miss{}, true
	}
	for _, g := range a.goods {
		if a.free(g) {
			return Miss{}, true
		}
	}
	return Miss{Reason: NotCombinable, With: a.holder(a.goods), Near: true}, false
}

// unhindered says whether the rule may work on all units, whatever happened: nothing in
// the basket keeps goods to itself.
func (a *attempt) unhindered() bool {
	return !a.b.holding && a.rule.Stacking.Exclusive != ExclusiveGoods
}

// free says whether the rule may work on units of an item.
func (a *attempt) free(item int) bool {
	runs := a.s.cells[item].runs
	for i := range runs {
		if a.usable(&runs[i]) {
			return true
		}
	}
	return false
}

// usable says whether the rule may work on units.
func (a *attempt) usable(r *run) bool {
	if r.locked != 0 && r.locked != a.slot+1 {
		return false
	}
	return a.rule.Stacking.Exclusive != ExclusiveGoods || r.touched == 0 || r.touched == a.slot+1
}

// open is how many units of an item the rule may work on.
func (a *attempt) open(item int, amount *retail.Money) (units retail.Quantity) {
	for i := range a.s.cells[item].runs {
		if r := &a.s.cells[item].runs[i]; a.usable(r) {
			units += r.quantity
			if amount != nil {
				*amount += r.left
			}
		}
	}
	return units
}

// holder is the promotion that keeps the first units that are held.
func (a *attempt) holder(items []int) string {
	touched := 0
	for _, g := range items {
		for _, r := range a.s.cells[g].runs {
			if r.locked != 0 && r.locked != a.slot+1 {
				return a.b.live[r.locked-1].Rule.ID
			}
			if touched == 0 {
				touched = r.touched
			}
		}
	}
	if touched > 0 {
		return a.b.live[touched-1].Rule.ID
	}
	return ""
}

// base is the measure of a condition.
func (a *attempt) base(own *Measure) Measure {
	if own != nil {
		return *own
	}
	return a.b.policy.ConditionBase
}

// worth is what an item counts with in a condition.
func (a *attempt) worth(item int, base Measure, vat VAT, all bool) (amount retail.Money) {
	switch {
	case base == ByList:
		amount = a.b.items[item].list
	case base == AfterAllLine && a.s.lines != nil:
		amount = a.s.lines[item]
	case all:
		amount = a.s.left(item)
	default:
		a.open(item, &amount)
	}
	return a.b.taxed(amount, a.b.items[item].VAT, vat)
}

// taxed is an amount as the prices are, with or without VAT.
func (b *Basket) taxed(amount retail.Money, rate retail.BasisPoints, vat VAT) retail.Money {
	switch {
	case vat == Gross && b.place.Net:
		return amount + b.policy.percent(amount, rate)
	case vat == Net && !b.place.Net:
		return b.policy.ratio(amount, 10_000, 10_000+int64(rate))
	}
	return amount
}

// measured are the items that a condition counts.
func (a *attempt) measured(goods *Selection) []int {
	if goods == nil {
		return a.goods
	}
	return a.b.matching(goods, nil, a.s)
}

// line says whether one line fulfils a condition by itself.
func (a *attempt) line(c *Condition, item int) bool {
	if c.Goods != nil && !slices.Contains(a.measured(c.Goods), item) {
		return false
	}
	for _, r := range []*Range{c.Amount, c.LineAmount} {
		if r != nil && !r.has(int64(a.worth(item, a.base(c.Base), c.VAT, true))) {
			return false
		}
	}
	for _, r := range []*Range{c.Quantity, c.LineQuantity} {
		if r != nil && !r.has(int64(a.b.items[item].Quantity)) {
			return false
		}
	}
	return true
}

// holds says whether a condition of the whole basket holds, and what it lacks.
func (a *attempt) holds(c *Condition) (Miss, bool) {
	switch {
	case c.PastOrders != nil, len(c.Shipping) > 0:
		return Miss{}, true // judged before
	}
	return a.counted(c, a.measured(c.Goods))
}

// counted compares amounts and quantities of items. If units that others hold would
// have made up for what is missing, it says who holds them.
func (a *attempt) counted(c *Condition, items []int) (Miss, bool) {
	miss, ok := a.count(c, items, false)
	if ok || miss.Reason == TooMuch || a.unhindered() {
		return miss, ok
	}
	if with, enough := a.count(c, items, true); enough {
		return Miss{Reason: NotCombinable, With: a.holder(items), Near: true}, false
	} else if c.Goods == nil {
		return with, false
	}
	return miss, false
}

func (a *attempt) count(c *Condition, items []int, all bool) (Miss, bool) {
	var amount, largest retail.Money
	var units, most retail.Quantity
	base := a.base(c.Base)
	all = all || a.unhindered()
	for _, g := range items {
		n := a.b.items[g].Quantity
		if !all {
			n = a.open(g, nil)
		}
		units, most = units+n, max(most, n)
		if c.Amount != nil || c.LineAmount != nil {
			v := a.worth(g, base, c.VAT, all)
			amount, largest = amount+v, max(largest, v)
		}
	}
	switch {
	case c.Quantity != nil && !c.Quantity.has(int64(units)):
		return short(c.Quantity, int64(units), MissingQuantity), false
	case c.LineQuantity != nil && !c.LineQuantity.has(int64(most)):
		return short(c.LineQuantity, int64(most), MissingQuantity), false
	case c.Amount != nil && !c.Amount.has(int64(amount)):
		return short(c.Amount, int64(amount), MissingAmount), false
	case c.LineAmount != nil && !c.LineAmount.has(int64(largest)):
		return short(c.LineAmount, int64(largest), MissingAmount), false
	}
	return Miss{}, true
}

// short says what is missing to the beginning of a range.
func short(of *Range, is int64, reason Reason) Miss {
	if of.Min == nil || is >= *of.Min {
		return Miss{Reason: TooMuch, Near: true}
	}
	if reason == MissingQuantity {
		return Miss{Reason: reason, Quantity: retail.Quantity(*of.Min - is), Near: true}
	}
	return Miss{Reason: reason, Amount: retail.Money(*of.Min - is), Near: true}
}
