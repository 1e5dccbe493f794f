package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// act lets the rule's effects work, one after the other.
func (a *attempt) act() {
	if a.rule.Stacking.Base == AtStart {
		a.start = make([]retail.Money, len(a.b.items))
		for i := range a.b.items {
			a.start[i] = a.s.left(i)
		}
	}
	for i := range a.rule.Effects {
		a.effect(&a.rule.Effects[i])
	}
}

func (a *attempt) effect(e *Effect) {
	if e.Gift != nil {
		a.gift(e.Gift)
		return
	}
	items := a.targets(e)
	switch {
	case e.Points > 0:
		a.points(items, e.Points)
	case e.BuyGet != nil:
		a.buyGet(items, e.BuyGet)
	case e.Bundle != nil:
		a.bundle(items, e.Bundle)
	case e.Price != nil && e.Price.Of == OfGroup:
		a.bundle(items, a.groupPrice(e))
	case a.b.policy.UnitBase != PickedUnits && e.ofLine():
		a.commit(a.unitsOfLines(items, e))
	default:
		a.rest(items, a.limited(a.parts(items), e.Units), e)
	}
}

// rest lets an effect work that takes something off each of its units.
func (a *attempt) rest(items []int, parts []part, e *Effect) {
	switch {
	case e.Cashback != nil:
		a.cashback(parts, e.Cashback)
	case e.Tiers != nil:
		a.tiers(items, parts, e)
	default:
		a.commit(a.simple(parts, e))
	}
}

// ofLine says whether an effect is limited to some units of each line.
func (e *Effect) ofLine() bool {
	u := e.Units
	return u != nil && u.PerLine && u.Max > 0 && u.Of == 0 &&
		(e.Percent > 0 || e.Amount != nil && e.Amount.Of == EachUnit || e.Price != nil && e.Price.Of == OfUnit)
}

// unitsOfLines works an effect on some units of each line out on list prices, and
// takes it off the line as a whole.
func (a *attempt) unitsOfLines(items []int, e *Effect) (cuts []cut) {
	for _, of := range group(a.pieces(a.parts(items))) {
		g, left := &a.b.items[of[0].item], a.amount(of)
		n := min(e.Units.Max, g.Quantity)
		base := retail.Portion(g.list, g.Quantity, 0, n)
		if a.b.policy.UnitBase == ListUnitsLess {
			base = max(base-(g.list-left), 0)
		}
		base = min(base, left)
		switch {
		case e.Percent > 0:
			base = a.b.policy.percent(base, e.Percent)
		case e.Price != nil:
			base = max(base-times(e.Price.Value, n), 0)
		default:
			base = min(base, times(a.asPriced(e.Amount.Value, g), n))
		}
		cuts = a.spread(cuts, of, base)
	}
	return cuts
}

// targets are the items that an effect works on.
func (a *attempt) targets(e *Effect) (items []int) {
	if e.Target != ToShipping {
		items = a.goods
		if e.Goods != nil || e.Except != nil {
			items = a.narrowed(e)
		}
	}
	if e.Target == ToShipping || e.Target == ToAll {
		items = slices.Clone(items)
		for i := a.b.goods; i < len(a.b.items); i++ {
			if within(e.Methods, a.b.items[i].method) {
				items = append(items, i)
			}
		}
	}
	return items
}

// narrowed are the rule's goods that the effect's own selection names.
func (a *attempt) narrowed(e *Effect) []int {
	return slices.DeleteFunc(slices.Clone(a.goods), func(g int) bool {
		return e.Goods != nil && !a.b.covers(e.Goods, g, a.s) || !e.Except.empty() && a.b.any(e.Except, g, a.s)
	})
}

// limited picks the units that an effect is limited to.
func (a *attempt) limited(parts []part, u *Units) []part {
	if u == nil || u.Max == 0 && u.Of == 0 {
		return parts
	}
	parts = a.pieces(parts)
	if !u.PerLine {
		return a.choose(parts, u.units(a.quantity(parts)), u.Pick)
	}
	var all []part
	for _, of := range group(parts) {
		all = append(all, a.choose(of, u.units(a.quantity(of)), u.Pick)...)
	}
	return all
}

// units is how many of so many units an effect works on.
func (u *Units) units(there retail.Quantity) retail.Quantity {
	if u.Max > 0 {
		there = min(there, u.Max)
	}
	if u.Of > 0 {
		there -= there % u.Of
	}
	return there
}

// simple works out percentages, amounts, fixed prices and ramps.
func (a *attempt) simple(parts []part, e *Effect) []cut {
	switch {
	case e.Percent > 0:
		return a.percent(parts, e.Percent, e.Target != ToLines)
	case e.Amount != nil:
		return a.off(parts, e.Amount)
	case e.Price != nil:
		return a.fixed(parts, e.Price)
	case e.Ramp != nil:
		return a.ramp(parts, e.Ramp)
	case e.Held != nil:
		return a.held(parts, e.Held)
	}
	return nil
}

// held takes off each item what is said of its lines.
func (a *attempt) held(parts []part, amounts []retail.Money) (cuts []cut) {
	for _, of := range group(parts) {
		var sum retail.Money
		if g := of[0].item; g < a.b.goods {
			for _, line := range a.b.items[g].members {
				sum += amounts[line]
			}
		}
		cuts = a.spread(cuts, of, sum)
	}
	return cuts
}

// percent takes a percentage off: of each item, each unit, or all together.
func (a *attempt) percent(parts []part, rate retail.BasisPoints, together bool) (cuts []cut) {
	p := &a.b.policy
	switch {
	case p.RoundAt == PerUnit, p.RoundAt == Usual && a.rule.Stacking.Catalog && !together:
		amounts := make([]retail.Money, len(parts))
		for i, x := range parts {
			if amounts[i] = p.percent(a.basis(x), rate); a.b.items[x.item].Per == 1 {
				amounts[i] = p.percentEach(a.basis(x), a.at(x).quantity, rate)
			}
		}
		return a.take(parts, amounts)
	case together || p.RoundAt == PerOrder:
		var all retail.Money
		for _, x := range parts {
			all += a.basis(x)
		}
		return a.across(parts, p.percent(all, rate))
	}
	cuts = make([]cut, 0, len(parts))
	for _, of := range group(parts) {
		var all retail.Money
		for _, x := range of {
			all += a.basis(x)
		}
		cuts = a.spread(cuts, of, p.percent(all, rate))
	}
	return cuts
}

// percentEach is a percentage of each of some units, rounded each.
func (p *Policy) percentEach(worth retail.Money, units retail.Quantity, rate retail.BasisPoints) retail.Money {
	each, more := worth/retail.Money(units), worth%retail.Money(units)
	return more*p.percent(each+1, rate) + (retail.Money(units)-more)*p.percent(each, rate)
}

// off takes an amount off each unit, each line, or once.
func (a *attempt) off(parts []part, m *Amount) (cuts []cut) {
	switch m.Of {
	case EachUnit:
		amounts := make([]retail.Money, len(parts))
		for i, p := range parts {
			g := &a.b.items[p.item]
			amounts[i] = retail.Money(divide(int64(a.asPriced(m.Value, g)), int64(a.at(p).quantity), int64(g.Per), a.b.policy.Rounding))
		}
		return a.take(parts, amounts)
	case EachLine:
		for _, of := range group(parts) {
			cuts = a.spread(cuts, of, a.asPriced(m.Value, &a.b.items[of[0].item]))
		}
		return cuts
	}
	return a.acrossVAT(parts, m.Value)
}

// asPriced is an amount that a rule says, on the basis of the prices.
func (a *attempt) asPriced(amount retail.Money, g *item) retail.Money {
	return a.priced(amount, g.VAT, a.b.policy.AmountVAT)
}

// priced is an amount with or without VAT on the basis of the prices.
func (a *attempt) priced(amount retail.Money, rate retail.BasisPoints, vat VAT) retail.Money {
	p := &a.b.policy
	switch {
	case vat == Gross && a.b.place.Net:
		return p.ratio(amount, 10_000, 10_000+int64(rate))
	case vat == Net && !a.b.place.Net:
		return amount + p.percent(amount, rate)
	}
	return amount
}

// acrossVAT shares an amount out. If it is on another basis than the prices, each
// share becomes one of theirs.
func (a *attempt) acrossVAT(parts []part, amount retail.Money) []cut {
	vat := a.b.policy.AmountVAT
	if vat == AsPriced || (vat == Net) == a.b.place.Net {
		return a.across(parts, amount)
	}
	by := group(parts)
	weights := make([]int64, len(by))
	for i, of := range by {
		weights[i] = int64(a.b.taxed(a.amount(of), a.b.items[of[0].item].VAT, vat))
	}
	var cuts []cut
	for i, share := range a.b.policy.Share(min(amount, retail.Money(sum(weights))), weights) {
		cuts = a.spread(cuts, by[i], a.asPriced(share, &a.b.items[by[i][0].item]))
	}
	return cuts
}

// fixed makes goods cost an amount, if they cost more.
func (a *attempt) fixed(parts []part, f *Fixed) (cuts []cut) {
	switch f.Of {
	case OfUnit:
		amounts := make([]retail.Money, len(parts))
		for i, p := range parts {
			per := a.b.items[p.item].Per
			amounts[i] = a.at(p).left - retail.Money(divide(int64(f.Value), int64(a.at(p).quantity), int64(per), a.b.policy.Rounding))
		}
		return a.take(parts, amounts)
	case OfLine:
		for _, of := range group(parts) {
			cuts = a.spread(cuts, of, max(a.amount(of)-f.Value, 0))
		}
		return cuts
	}
	return a.across(parts, max(a.amount(parts)-f.Value, 0))
}

// ramp takes one amount off the first unit of each line, another off further ones.
func (a *attempt) ramp(parts []part, m *Ramp) (cuts []cut) {
	for _, of := range group(a.pieces(parts)) {
		units := a.quantity(of)
		if m.Max > 0 {
			units = min(units, m.Max)
		}
		cuts = a.spread(cuts, of, m.First+times(m.Further, units-1))
	}
	return cuts
}

func (a *attempt) gift(g *Gift) {
	price := &g.Price
	a.add(Added{SKU: g.SKU, Quantity: max(g.Quantity, 1), Price: price})
}

func (a *attempt) add(g Added) {
	g.Promotion, g.Version, g.Code = a.rule.ID, a.rule.Version, a.b.live[a.slot].Code
	if a.budget != nil {
		unit := a.b.shelved(&g).Unit
		a.added += times(unit-g.Each(unit), g.Quantity)
	}
	a.s.added = append(a.s.added, g)
	a.gave = true
}

func (a *attempt) points(items []int, times retail.BasisPoints) {
	g := Grant{Promotion: a.rule.ID, Version: a.rule.Version, Points: times}
	for _, i := range items {
		if i < a.b.goods {
			g.Lines = append(g.Lines, a.b.items[i].members...)
		}
	}
	slices.Sort(g.Lines)
	a.grant(g)
}

func (a *attempt) cashback(parts []part, c *Cashback) {
	amount := c.Amount
	if c.Percent > 0 {
		amount = a.b.policy.percent(a.amount(parts), c.Percent)
	}
	if a.rule.Cap > 0 {
		amount = min(amount, a.rule.Cap)
	}
	if amount > 0 {
		a.grant(Grant{Promotion: a.rule.ID, Version: a.rule.Version, Cashback: amount, Days: c.Days, Stores: c.Stores})
	}
}

func (a *attempt) grant(g Grant) {
	a.s.grants = append(a.s.grants, g)
	a.gave = true
}
