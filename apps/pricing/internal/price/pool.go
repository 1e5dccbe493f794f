package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// pool is pieces that nobody has counted as bought or rewarded, each part once,
// in the order of a pick. It shares units out without touching the basket.
type pool struct {
	a     *attempt
	parts []part
	free  []retail.Quantity // of each part
}

// pool makes one of items.
func (a *attempt) pool(items []int, pick Pick) pool {
	p := pool{a: a}
	for _, x := range a.pieces(a.parts(items)) {
		if a.at(x).used == 0 {
			p.parts = append(p.parts, x)
		} else if a.used == 0 {
			a.used = a.at(x).used
		}
	}
	a.sort(p.parts, pick)
	p.free = make([]retail.Quantity, len(p.parts))
	for i, x := range p.parts {
		p.free[i] = a.at(x).quantity
	}
	return p
}

// units is how many there are of some items.
func (p *pool) units(of func(item int) bool) (sum retail.Quantity) {
	for i, x := range p.parts {
		if of(x.item) {
			sum += p.free[i]
		}
	}
	return sum
}

// draw takes units of some items out of the pool, the first ones first, and adds
// them to what was drawn of each part. It says how many were missing.
func (p *pool) draw(drawn []retail.Quantity, units retail.Quantity, of func(item int) bool) (missing retail.Quantity) {
	for i, x := range p.parts {
		if of(x.item) {
			n := min(units, p.free[i]-drawn[i])
			drawn[i] += n
			units -= n
		}
	}
	return units
}

// worth is what drawn units cost.
func (p *pool) worth(drawn []retail.Quantity) (sum retail.Money) {
	for i, x := range p.parts {
		r := p.a.at(x)
		sum += retail.Portion(r.left, r.quantity, 0, drawn[i])
	}
	return sum
}

// settle makes drawn units runs of their own, used by the rule, and answers them.
func (p *pool) settle(drawn []retail.Quantity) (parts []part) {
	for i := range p.parts {
		if drawn[i] == 0 {
			continue
		}
		x := p.parts[i]
		if p.a.at(x).quantity > drawn[i] {
			p.a.s.cells[x.item].split(x.run, drawn[i])
			shift(p.parts[i+1:], x)
			shift(p.parts[:i], x)
			shift(parts, x)
		}
		p.a.at(x).used = p.a.index + 1
		parts = append(parts, x)
	}
	slices.SortFunc(parts, byItem)
	return parts
}

// in says whether an item is one of some.
func in(items []int) func(int) bool {
	return func(item int) bool { return slices.Contains(items, item) }
}

// buyGet makes units cheaper for others that are bought. A unit is used once.
func (a *attempt) buyGet(items []int, e *BuyGet) {
	buy, get := items, items
	if e.Buy != nil {
		buy, get = a.measured(e.Buy), a.measured(e.Buy)
	}
	if e.Get != nil {
		get = a.measured(e.Get)
	}
	if e.Add {
		a.addUnits(buy, get, e)
		return
	}
	all := slices.Clone(buy)
	for _, g := range get {
		if !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	slices.Sort(all)
	times := a.times(all, buy, get, e)
	if times == 0 {
		return
	}
	a.buy(all, buy, get, times*e.BuyQuantity, e)
	rewards := a.pool(get, e.Reward)
	drawn := make([]retail.Quantity, len(rewards.parts))
	wanted := times * e.GetQuantity
	if e.MaxGet > 0 {
		wanted = min(wanted, e.MaxGet)
	}
	rewards.draw(drawn, wanted, in(get))
	parts := rewards.settle(drawn)
	a.commit(a.take(parts, a.reward(parts, e)))
}

// times is how often enough is bought for a reward that there is.
func (a *attempt) times(all, buy, get []int, e *BuyGet) retail.Quantity {
	p := a.pool(all, e.Reward)
	times := p.units(in(get)) / e.GetQuantity
	if e.BuyQuantity > 0 {
		times = min(times, p.units(in(buy))/e.BuyQuantity, p.units(in(all))/(e.BuyQuantity+e.GetQuantity))
	}
	if e.Once {
		times = min(times, 1)
	}
	if e.MaxGet > 0 {
		times = min(times, (e.MaxGet+e.GetQuantity-1)/e.GetQuantity)
	}
	for e.BuyAmount > 0 && times > 0 && !p.affords(buy, get, times, e) {
		times--
	}
	return times
}

// affords says whether what is bought beside the rewards costs enough.
func (p *pool) affords(buy, get []int, times retail.Quantity, e *BuyGet) bool {
	drawn := make([]retail.Quantity, len(p.parts))
	p.draw(drawn, times*e.GetQuantity, in(get))
	var amount retail.Money
	for i, x := range p.parts {
		if r := p.a.at(x); slices.Contains(buy, x.item) {
			amount += r.left - retail.Portion(r.left, r.quantity, 0, drawn[i])
		}
	}
	return amount >= e.BuyAmount*retail.Money(times)
}

// buy uses units up as bought: first those that cannot be rewarded.
func (a *attempt) buy(all, buy, get []int, units retail.Quantity, e *BuyGet) {
	p := a.pool(all, e.BuyPick)
	drawn := make([]retail.Quantity, len(p.parts))
	reward, bought := in(get), in(buy)
	units = p.draw(drawn, units, func(item int) bool { return bought(item) && !reward(item) })
	p.draw(drawn, units, bought)
	p.settle(drawn)
}

// reward is what comes off rewarded units.
func (a *attempt) reward(parts []part, e *BuyGet) []retail.Money {
	amounts := make([]retail.Money, len(parts))
	for i, x := range parts {
		r := a.at(x)
		switch {
		case e.Percent > 0:
			amounts[i] = a.b.policy.percentEach(r.left, r.quantity, e.Percent)
		case e.Price != nil:
			amounts[i] = r.left - *e.Price*retail.Money(r.quantity)
		default:
			amounts[i] = e.Amount * retail.Money(r.quantity)
		}
	}
	return amounts
}

// addUnits gives units on top of those that are bought.
func (a *attempt) addUnits(buy, get []int, e *BuyGet) {
	p := a.pool(buy, e.BuyPick)
	there := p.units(in(buy))
	if len(get) == 0 || e.BuyQuantity <= 0 || there < e.BuyQuantity {
		return
	}
	times := there / e.BuyQuantity
	if e.Once {
		times = 1
	}
	units := times * e.GetQuantity
	if e.MaxGet > 0 {
		units = min(units, e.MaxGet)
	}
	drawn := make([]retail.Quantity, len(p.parts))
	p.draw(drawn, times*e.BuyQuantity, in(buy))
	p.settle(drawn)
	gift := a.pool(get, e.Reward)
	item := get[0]
	if len(gift.parts) > 0 {
		item = gift.parts[0].item
	}
	a.gift(&Gift{SKU: a.b.items[item].SKU, Quantity: units, Price: a.addedPrice(a.b.items[item].Unit, e)})
}

// addedPrice is what a unit costs that is added.
func (a *attempt) addedPrice(unit retail.Money, e *BuyGet) retail.Money {
	switch {
	case e.Price != nil:
		return min(*e.Price, unit)
	case e.Percent > 0:
		return unit - a.b.policy.percent(unit, e.Percent)
	}
	return max(unit-e.Amount, 0)
}

// groupPrice is a fixed price of so many units together, as a bundle.
func (a *attempt) groupPrice(e *Effect) *Bundle {
	u := Units{Of: 1, Pick: Dearest}
	if e.Units != nil {
		u = *e.Units
	}
	n := max(u.Of, 1)
	return &Bundle{Parts: []Part{{Quantity: n}}, Price: &e.Price.Value, Max: u.Max / n, Pick: u.Pick}
}

// bundle makes goods of several sets cheaper together, as often as that takes
// anything off.
func (a *attempt) bundle(items []int, e *Bundle) {
	sets := make([][]int, len(e.Parts))
	var all []int
	for i, p := range e.Parts {
		if sets[i] = items; p.Goods != nil {
			sets[i] = a.measured(p.Goods)
		}
		for _, g := range sets[i] {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	slices.Sort(all)
	p := a.pool(all, e.Pick)
	times := p.bundles(sets, e)
	drawn, _ := p.fill(sets, e, times)
	for ; times > 0 && e.Price != nil; times-- {
		fewer, _ := p.fill(sets, e, times-1)
		if p.worth(drawn)-p.worth(fewer) > *e.Price {
			break
		}
		drawn = fewer
	}
	if times == 0 {
		return
	}
	parts := p.settle(drawn)
	switch n := retail.Money(times); {
	case e.Price != nil:
		a.commit(a.across(parts, max(a.amount(parts)-*e.Price*n, 0)))
	case e.Percent > 0:
		a.commit(a.percent(parts, e.Percent, true))
	default:
		a.commit(a.across(parts, e.Amount*n))
	}
}

// bundles is how many complete ones the pool makes.
func (p *pool) bundles(sets [][]int, e *Bundle) retail.Quantity {
	most := e.Max
	for i, part := range e.Parts {
		if n := p.units(in(sets[i])) / part.Quantity; i == 0 && e.Max == 0 || n < most {
			most = n
		}
	}
	low, high := retail.Quantity(0), most
	for low < high {
		middle := (low + high + 1) / 2
		if _, ok := p.fill(sets, e, middle); ok {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// fill draws the units of so many bundles, sets with fewer goods first.
func (p *pool) fill(sets [][]int, e *Bundle, times retail.Quantity) (drawn []retail.Quantity, ok bool) {
	drawn, ok = make([]retail.Quantity, len(p.parts)), true
	order := make([]int, len(sets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return len(sets[x]) - len(sets[y]) })
	for _, i := range order {
		if p.draw(drawn, e.Parts[i].Quantity*times, in(sets[i])) > 0 {
			ok = false
		}
	}
	return drawn, ok
}
