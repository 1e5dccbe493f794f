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
	parts := a.pieces(a.parts(items))
	p := pool{a: a, parts: parts[:0]}
	for _, x := range parts {
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
		r := p.a.at(x)
		if r.used = p.a.slot + 1; p.a.rule.Stacking.Exclusive == ExclusiveGoods {
			r.locked = p.a.slot + 1
		}
		parts = append(parts, x)
	}
	slices.SortStableFunc(parts, byItem)
	return parts
}

// in says whether an item is one of some.
func (a *attempt) in(items []int) func(int) bool {
	is := make([]bool, len(a.b.items))
	for _, g := range items {
		is[g] = true
	}
	return func(item int) bool { return is[item] }
}

// union is the items of two lists, each once, in their order.
func union(x, y []int) []int {
	all := slices.Concat(x, y)
	slices.Sort(all)
	return slices.Compact(all)
}

// named are the goods of an effect's own selection, but those that the rule is not for.
func (a *attempt) named(goods *Selection) []int {
	return a.b.matching(goods, &a.rule.Except, a.s)
}

// sides are the items that may be bought, and those that may be rewarded.
func (a *attempt) sides(items []int, e *BuyGet) (buy, get []int) {
	buy, get = items, items
	if e.Buy != nil {
		buy = a.named(e.Buy)
		get = buy
	}
	if e.Get != nil {
		get = a.named(e.Get)
	}
	return buy, get
}

// trade is a purchase of some units that makes others cheaper.
type trade struct {
	*BuyGet
	all, buy, get     []int
	isBought, isGiven func(item int) bool
}

// buyGet makes units cheaper for others that are bought. A unit is used once.
func (a *attempt) buyGet(items []int, e *BuyGet) {
	t := trade{BuyGet: e}
	t.buy, t.get = a.sides(items, e)
	t.all, t.isBought, t.isGiven = union(t.buy, t.get), a.in(t.buy), a.in(t.get)
	if e.Add {
		a.addUnits(&t)
		return
	}
	n := a.times(&t)
	if n == 0 {
		return
	}
	a.buy(&t, n)
	rewards := a.pool(t.get, e.Reward)
	drawn := make([]retail.Quantity, len(rewards.parts))
	rewards.draw(drawn, t.wanted(n), t.isGiven)
	parts := rewards.settle(drawn)
	a.commit(a.take(parts, a.reward(parts, e)))
}

// wanted is how many units are rewarded for so many purchases.
func (t *trade) wanted(n retail.Quantity) retail.Quantity {
	if units := n * t.GetQuantity; t.MaxGet == 0 || units < t.MaxGet {
		return units
	}
	return t.MaxGet
}

// times is how often enough is bought for a whole reward that there is.
func (a *attempt) times(t *trade) retail.Quantity {
	p := a.pool(t.all, t.Reward)
	given := p.units(t.isGiven)
	n := given / t.GetQuantity
	if t.MaxGet > 0 { // the last reward is as much as is allowed
		n = min((t.MaxGet+t.GetQuantity-1)/t.GetQuantity, n+1)
		n = most(n, func(n retail.Quantity) bool { return t.wanted(n) <= given })
	}
	if t.Once {
		n = min(n, 1)
	}
	if t.BuyQuantity > 0 {
		all := p.units(func(int) bool { return true })
		n = min(n, p.units(t.isBought)/t.BuyQuantity)
		n = most(n, func(n retail.Quantity) bool { return n*t.BuyQuantity+t.wanted(n) <= all })
	}
	if t.BuyAmount > 0 {
		n = most(n, func(n retail.Quantity) bool { return p.affords(t, n) })
	}
	return n
}

// most is the largest number up to a bound that is good, if all smaller ones are.
func most(bound retail.Quantity, good func(retail.Quantity) bool) retail.Quantity {
	low := retail.Quantity(0)
	for low < bound {
		if middle := low + (bound-low+1)/2; good(middle) {
			low = middle
		} else {
			bound = middle - 1
		}
	}
	return low
}

// affords says whether what is bought beside the rewards costs enough.
func (p *pool) affords(t *trade, n retail.Quantity) bool {
	drawn := make([]retail.Quantity, len(p.parts))
	p.draw(drawn, t.wanted(n), t.isGiven)
	var amount retail.Money
	for i, x := range p.parts {
		if r := p.a.at(x); t.isBought(x.item) {
			amount += r.left - retail.Portion(r.left, r.quantity, 0, drawn[i])
		}
	}
	return amount >= times(t.BuyAmount, n)
}

// buy uses units up as bought: first those that cannot be rewarded.
func (a *attempt) buy(t *trade, n retail.Quantity) {
	p := a.pool(t.all, t.BuyPick)
	drawn := make([]retail.Quantity, len(p.parts))
	only := func(item int) bool { return t.isBought(item) && !t.isGiven(item) }
	if t.BuyAmount > 0 {
		a.spend(&p, t, n)
		return
	}
	units := p.draw(drawn, n*t.BuyQuantity, only)
	p.draw(drawn, units, t.isBought)
	p.settle(drawn)
}

// spend uses units up as bought until they cost enough, but keeps the rewards.
func (a *attempt) spend(p *pool, t *trade, n retail.Quantity) {
	kept := a.pool(t.get, t.Reward)
	reserved := make([]retail.Quantity, len(kept.parts))
	kept.draw(reserved, t.wanted(n), t.isGiven)
	for i, x := range p.parts {
		for k, y := range kept.parts {
			if x == y {
				p.free[i] -= reserved[k]
			}
		}
	}
	drawn := make([]retail.Quantity, len(p.parts))
	need := times(t.BuyAmount, n)
	units := most(p.units(t.isBought), func(units retail.Quantity) bool {
		clear(drawn)
		p.draw(drawn, units-1, t.isBought)
		return p.worth(drawn) < need
	})
	clear(drawn)
	p.draw(drawn, units, t.isBought)
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
			amounts[i] = r.left - times(*e.Price, r.quantity)
		default:
			amounts[i] = times(e.Amount, r.quantity)
		}
	}
	return amounts
}

// addUnits gives units on top of those that are bought.
func (a *attempt) addUnits(t *trade) {
	p := a.pool(t.buy, t.BuyPick)
	there := p.units(t.isBought)
	if t.BuyQuantity <= 0 || there < t.BuyQuantity {
		return
	}
	n := there / t.BuyQuantity
	if t.Once {
		n = 1
	}
	gift := Added{Quantity: t.wanted(n), Percent: t.Percent, Amount: t.Amount, Price: t.Price}
	if given := a.pool(t.get, t.Reward); len(given.parts) > 0 {
		gift.SKU = a.b.items[given.parts[0].item].SKU
	} else if t.Get != nil && len(t.Get.SKUs) > 0 {
		gift.SKU = t.Get.SKUs[0]
	} else {
		return
	}
	drawn := make([]retail.Quantity, len(p.parts))
	p.draw(drawn, n*t.BuyQuantity, t.isBought)
	p.settle(drawn)
	a.add(gift)
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
	sets := make([]func(int) bool, len(e.Parts))
	sizes := make([]int, len(e.Parts))
	var all []int
	for i, p := range e.Parts {
		set := items
		if p.Goods != nil {
			set = a.named(p.Goods)
		}
		sets[i], sizes[i], all = a.in(set), len(set), union(all, set)
	}
	p := a.pool(all, e.Pick)
	s := shelf{pool: &p, parts: e.Parts, sets: sets, sizes: sizes}
	n := s.bundles(e.Max)
	if e.Price != nil {
		n = s.cheaper(n, *e.Price, e.Pick)
	}
	if n == 0 {
		return
	}
	drawn, _ := s.fill(n)
	parts := p.settle(drawn)
	switch {
	case e.Price != nil:
		a.commit(a.across(parts, max(a.amount(parts)-times(*e.Price, n), 0)))
	case e.Percent > 0:
		a.commit(a.percent(parts, e.Percent, true))
	default:
		a.commit(a.across(parts, times(e.Amount, n)))
	}
}

// shelf is a pool that bundles are made of.
type shelf struct {
	*pool
	parts []Part
	sets  []func(item int) bool // per part
	sizes []int                 // per part: its items
}

// cheaper is how many of so many bundles to make so that the last one costs less
// than its goods do. With dear units first, later bundles are worth less.
func (s *shelf) cheaper(n retail.Quantity, price retail.Money, pick Pick) retail.Quantity {
	gains := func(n retail.Quantity) bool {
		with, _ := s.fill(n)
		without, _ := s.fill(n - 1)
		return s.worth(with)-s.worth(without) > price
	}
	if n == 0 || gains(n) {
		return n
	}
	if pick != Dearest {
		all, _ := s.fill(n)
		if s.worth(all) > times(price, n) {
			return n
		}
	}
	return most(n, gains)
}

// bundles is how many complete ones there are, at most so many; 0 is any number.
func (s *shelf) bundles(limit retail.Quantity) retail.Quantity {
	for i, part := range s.parts {
		if n := s.units(s.sets[i]) / part.Quantity; limit == 0 && i == 0 || n < limit {
			if limit = n; n == 0 {
				return 0
			}
		}
	}
	return most(limit, func(n retail.Quantity) bool {
		_, ok := s.fill(n)
		return ok
	})
}

// fill draws the units of so many bundles, sets with fewer goods first.
func (s *shelf) fill(n retail.Quantity) (drawn []retail.Quantity, ok bool) {
	drawn, ok = make([]retail.Quantity, len(s.pool.parts)), true
	order := make([]int, len(s.sets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return s.sizes[x] - s.sizes[y] })
	for _, i := range order {
		if s.draw(drawn, s.parts[i].Quantity*n, s.sets[i]) > 0 {
			ok = false
		}
	}
	return drawn, ok
}
