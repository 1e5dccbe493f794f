package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// part is units of one run of one item.
type part struct {
	item, run int
}

// cut is what an effect takes off units.
type cut struct {
	part
	amount retail.Money
}

func (a *attempt) at(p part) *run { return &a.s.cells[p.item].runs[p.run] }

// parts are all units of items that the rule may work on.
func (a *attempt) parts(items []int) []part {
	parts := make([]part, 0, len(items)+2)
	for _, g := range items {
		for i := range a.s.cells[g].runs {
			if a.usable(&a.s.cells[g].runs[i]) {
				parts = append(parts, part{g, i})
			}
		}
	}
	return parts
}

// room is how much may come off units: no more than is left above their floor.
func (a *attempt) room(p part) retail.Money {
	r, g := a.at(p), &a.b.items[p.item]
	return max(r.left-a.floorOf(g, r.quantity), 0)
}

// floorOf is what units of an item cost at least.
func (a *attempt) floorOf(g *item, units retail.Quantity) retail.Money {
	floor := g.Floor
	if f := a.rule.Floor; f != nil && g.Cost != nil {
		// the margin is a part of the net price, and every rounding is up: a floor holds
		net := divide(int64(*g.Cost), 10_000, max(10_000-int64(f.Margin), 1), Up)
		if !a.b.place.Net {
			net = divide(net, 10_000+int64(g.VAT), 10_000, Up)
		}
		floor = max(floor, retail.Money(net))
	}
	if floor == 0 {
		return 0
	}
	return retail.Money(divide(int64(floor), int64(units), int64(g.Per), Up))
}

// basis is what a percentage or price of units is worked out on.
func (a *attempt) basis(p part) retail.Money {
	r, g := a.at(p), &a.b.items[p.item]
	of := g.list
	switch a.rule.Stacking.Base {
	case Remaining:
		return r.left
	case AtStart:
		of = a.start[p.item]
	}
	from := retail.Quantity(0) // so that all units together are worth all of it
	for i := range p.run {
		from += a.s.cells[p.item].runs[i].quantity
	}
	return retail.Portion(of, g.Quantity, from, from+r.quantity)
}

// take turns what an effect would like to take off each part into cuts, within
// what there is room for.
func (a *attempt) take(parts []part, amounts []retail.Money) []cut {
	cuts := make([]cut, 0, len(parts))
	for i, p := range parts {
		cuts = a.cut(cuts, p, amounts[i])
	}
	return cuts
}

// cut adds what can be taken off a part to cuts.
func (a *attempt) cut(cuts []cut, p part, amount retail.Money) []cut {
	room := a.room(p)
	if amount > room {
		a.floor = a.floor || room < a.at(p).left
		amount = room
	}
	if amount > 0 {
		cuts = append(cuts, cut{p, amount})
	}
	return cuts
}

// across shares an amount out over parts by what percentages of them are worked out
// on, as far as there is room. Goods and delivery share it first, then each among
// themselves.
func (a *attempt) across(parts []part, amount retail.Money) (cuts []cut) {
	goods := len(parts)
	for goods > 0 && parts[goods-1].item >= a.b.goods {
		goods--
	}
	if goods == 0 || goods == len(parts) {
		return a.among(nil, group(parts), amount)
	}
	sides := [][]part{parts[:goods], parts[goods:]}
	for i, share := range a.shares(sides, amount) {
		cuts = a.among(cuts, group(sides[i]), share)
	}
	return cuts
}

// among shares an amount out over items, and adds what it takes off to cuts.
func (a *attempt) among(cuts []cut, by [][]part, amount retail.Money) []cut {
	for i, share := range a.shares(by, amount) {
		cuts = a.spread(cuts, by[i], share)
	}
	return cuts
}

// shares is what of an amount comes off each of several parts.
func (a *attempt) shares(by [][]part, amount retail.Money) []retail.Money {
	weights, room := make([]int64, len(by)), make([]retail.Money, len(by))
	var all, left retail.Money
	for i, of := range by {
		for _, p := range of {
			weights[i] += int64(a.basis(p))
			room[i] += a.room(p)
			left += a.at(p).left
		}
		all += room[i]
	}
	a.floor = a.floor || all < left && amount > all
	return a.b.policy.shareWithin(min(amount, left), weights, room)
}

// spread shares an amount out over the units of one item, and adds what it takes off
// to cuts.
func (a *attempt) spread(cuts []cut, parts []part, amount retail.Money) []cut {
	if len(parts) == 1 {
		return a.cut(cuts, parts[0], amount)
	}
	weights, room := make([]int64, len(parts)), make([]retail.Money, len(parts))
	for i, p := range parts {
		weights[i], room[i] = int64(a.at(p).left), a.room(p)
	}
	even := Policy{}
	for i, share := range even.shareWithin(amount, weights, room) {
		cuts = a.cut(cuts, parts[i], share)
	}
	return cuts
}

// group puts the parts of each item together. They stand beside each other.
func group(parts []part) [][]part {
	by := make([][]part, 0, len(parts))
	for start := 0; start < len(parts); {
		end := start + 1
		for end < len(parts) && parts[end].item == parts[start].item {
			end++
		}
		by = append(by, parts[start:end:end])
		start = end
	}
	return by
}

// choose picks units out of parts, in an order, at most so many. It splits runs so
// that what it answers is whole runs.
func (a *attempt) choose(parts []part, units retail.Quantity, pick Pick) []part {
	a.sort(parts, pick)
	var chosen []part
	for i := 0; i < len(parts) && units > 0; i++ {
		p := parts[i]
		if r := a.at(p); r.quantity > units {
			a.s.cells[p.item].split(p.run, units)
			shift(parts[i+1:], p)
			shift(chosen, p)
		}
		units -= a.at(p).quantity
		chosen = append(chosen, p)
	}
	slices.SortStableFunc(chosen, byItem) // of sort's two codes for parts, the module has one
	return chosen
}

// byItem is the order of the basket's items.
func byItem(x, y part) int { return cmp.Or(cmp.Compare(x.item, y.item), cmp.Compare(x.run, y.run)) }

// shift follows a split of the run at p in other parts of its item.
func shift(parts []part, p part) {
	for i := range parts {
		if parts[i].item == p.item && parts[i].run > p.run {
			parts[i].run++
		}
	}
}

// sort puts parts in the order of a pick. Equal ones stay in the order of items.
func (a *attempt) sort(parts []part, pick Pick) {
	slices.SortStableFunc(parts, func(x, y part) int {
		switch pick {
		case Cheapest:
			return cmp.Or(a.dearer(x, y), cmp.Compare(x.item, y.item))
		case Dearest:
			return cmp.Or(-a.dearer(x, y), cmp.Compare(x.item, y.item))
		}
		return cmp.Compare(a.first(x), a.first(y))
	})
}

// dearer compares what one unit is worth: quotients first, then rests.
func (a *attempt) dearer(x, y part) int {
	r, s := a.at(x), a.at(y)
	p, q := int64(r.left)/int64(r.quantity), int64(s.left)/int64(s.quantity)
	return cmp.Or(cmp.Compare(p, q), cmp.Compare(int64(r.left)%int64(r.quantity)*int64(s.quantity), int64(s.left)%int64(s.quantity)*int64(r.quantity)))
}

// first is where an item stands first in the basket.
func (a *attempt) first(p part) int { return slices.Min(a.b.items[p.item].members) }

// counted are parts whose units can be counted: pieces.
func (a *attempt) pieces(parts []part) []part {
	return slices.DeleteFunc(parts, func(p part) bool { return a.b.items[p.item].Per != 1 })
}

func (a *attempt) quantity(parts []part) (units retail.Quantity) {
	for _, p := range parts {
		units += a.at(p).quantity
	}
	return units
}

func (a *attempt) amount(parts []part) (sum retail.Money) {
	for _, p := range parts {
		sum += a.at(p).left
	}
	return sum
}

// commit takes cuts off. What goes beyond the rule's cap is shared out anew.
func (a *attempt) commit(cuts []cut) {
	cuts = a.capped(cuts)
	first := a.took == 0
	for _, c := range cuts {
		r := a.at(c.part)
		r.left -= c.amount
		if r.touched == 0 {
			r.touched = a.slot + 1
		}
		if a.rule.Stacking.Exclusive == ExclusiveGoods {
			r.locked = a.slot + 1
		}
		a.s.note(taken{rule: a.slot, item: c.item, amount: c.amount}, first)
		a.took += c.amount
	}
}

// note adds to what a rule took off an item. The first cuts of a rule come item by
// item: no other entry than the last can be of the same.
func (s *state) note(t taken, first bool) {
	if last := len(s.taken) - 1; first && last >= 0 && s.taken[last].item < t.item {
		s.taken = append(s.taken, t)
		return
	}
	for i := len(s.taken) - 1; i >= 0 && s.taken[i].rule == t.rule && s.taken[i].filler == t.filler; i-- {
		if s.taken[i].item == t.item {
			s.taken[i].amount += t.amount
			return
		}
	}
	s.taken = append(s.taken, t)
}

// capped keeps cuts within the cap, and within a budget that is used up in part. A
// budget that is refused instead is looked at afterwards.
func (a *attempt) capped(cuts []cut) []cut {
	if a.rule.Cap > 0 {
		cuts = a.bound(cuts, max(a.rule.Cap-a.capUsed, 0), a.b.policy.AmountVAT)
		a.capUsed += a.worthOf(cuts, a.b.policy.AmountVAT)
	}
	if hand := a.b.place.Hand; hand > 0 {
		cuts = a.bound(cuts, max(a.s.goods(a.b.goods)-hand, 0), AsPriced)
	}
	if a.budget != nil && a.rule.Partial {
		cuts = a.bound(cuts, max(*a.budget-a.took, 0), AsPriced)
	}
	return cuts
}

// worthOf is what cuts are worth together.
func (a *attempt) worthOf(cuts []cut, vat VAT) (total retail.Money) {
	for _, c := range cuts {
		total += a.b.taxed(c.amount, a.b.items[c.item].VAT, vat)
	}
	return total
}

// bound shares what may be taken off out anew if cuts are worth more.
func (a *attempt) bound(cuts []cut, limit retail.Money, vat VAT) []cut {
	if a.worthOf(cuts, vat) <= limit {
		return cuts
	}
	weights, room := make([]int64, len(cuts)), make([]retail.Money, len(cuts))
	for i, c := range cuts {
		room[i] = a.b.taxed(c.amount, a.b.items[c.item].VAT, vat)
		weights[i] = int64(room[i])
	}
	for i, share := range a.b.policy.shareWithin(limit, weights, room) {
		if share < room[i] {
			cuts[i].amount = min(cuts[i].amount, a.priced(share, a.b.items[cuts[i].item].VAT, vat))
		}
	}
	return slices.DeleteFunc(cuts, func(c cut) bool { return c.amount == 0 })
}
