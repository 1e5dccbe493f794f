package price

import (
	"math/bits"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// matter is a rule that nothing but what happens to the basket can keep from
// working.
type matter struct {
	*Candidate
	index  int          // of the candidate
	goods  []int        // items that it speaks of
	class  int          // of its targets
	stage  int          // when it works
	worth  retail.Money // by which it works early, where the policy goes by that
	group  int          // rivals that it belongs to, -1 for none
	scopes [3]int       // in which something may be exclusive
}

// verdict is why a candidate cannot work, whatever happens to the basket.
type verdict struct {
	reason Reason // "" it may, or its goods and conditions say why
	failed int    // how many things of the context are in the way
}

// watched is a rule that lacks something whatever happens, and what that is at its
// turn.
type watched struct {
	matter
	miss Miss
}

// judge compares all that does not change while rules work, and what can only get
// worse. Most candidates end here: it makes nothing for those that do.
func (b *Basket) judge(i int) {
	c, v := &b.candidates[i], &b.verdicts[i]
	enough := b.policy.Brief && len(b.watched) >= MaxMisses && c.Code == "" // nobody is told why it does not work
	if r := c.Rule; enough && r.lean != nil && c.Blocked == "" && b.place.At >= r.From && (r.To == 0 || b.place.At < r.To) && b.vain(r.lean) {
		return
	}
	if v.reason, v.failed = b.context(c); v.failed > 0 {
		return
	}
	if !b.own(c.Rule) && b.goodless(c.Rule) != "" {
		return
	}
	hopeless := b.hopeless(c.Rule)
	if hopeless && enough {
		return
	}
	m := matter{Candidate: c, index: i, goods: b.index.every, class: c.Rule.class(), group: -1}
	if !c.Rule.Goods.empty() || !c.Rule.Except.empty() {
		m.goods = b.listed(b.index.own)
	}
	if !hopeless {
		b.live = append(b.live, m)
		return
	}
	if b.watched == nil {
		b.watched = make([]watched, 0, min(len(b.candidates)-i, MaxMisses))
	}
	b.watched = append(b.watched, watched{matter: m})
}

// own leaves in its set the items that a rule speaks of, and says whether there are
// any.
func (b *Basket) own(r *Rule) bool {
	x := &b.index
	if r.Goods.empty() && r.Except.empty() {
		copy(x.own, x.open)
		return len(x.every) > 0
	}
	found := b.find(x.open, &r.Goods, &r.Except, nil)
	if !found {
		clear(x.found)
	}
	copy(x.own, x.found)
	return found
}

// hopeless says whether a least amount or quantity is beyond what the basket began
// with: no rule adds to either.
func (b *Basket) hopeless(r *Rule) bool {
	x := &b.index
	for i := range r.If {
		c := &r.If[i]
		if c.Goods != nil && c.Goods.Reduced != nil || c.PerLine {
			continue
		}
		of := x.own
		if c.Goods != nil {
			of = x.open
			if !c.Goods.empty() {
				if of = x.none; b.find(x.open, c.Goods, nil, nil) {
					of = x.found
				}
			}
		}
		if c.Amount != nil && c.Amount.Min != nil && int64(b.sum(of, c.VAT)) < *c.Amount.Min ||
			c.Quantity != nil && c.Quantity.Min != nil && int64(b.pile(of)) < *c.Quantity.Min {
			return true
		}
	}
	return false
}

// sum is what a set of items is worth to a condition before any rule has worked.
func (b *Basket) sum(of []uint64, vat VAT) (sum retail.Money) {
	for w, word := range of {
		for ; word != 0; word &= word - 1 {
			g := &b.items[w*64+bits.TrailingZeros64(word)]
			sum += b.taxed(g.list, g.VAT, vat)
		}
	}
	return sum
}

// pile is how many units there are of a set of items.
func (b *Basket) pile(of []uint64) (sum retail.Quantity) {
	for w, word := range of {
		for ; word != 0; word &= word - 1 {
			sum += b.items[w*64+bits.TrailingZeros64(word)].Quantity
		}
	}
	return sum
}

// goodsOf are the items that a rule speaks of, or why there are none that it needs.
func (b *Basket) goodsOf(r *Rule) (goods []int, why Reason) {
	if goods = b.matching(&r.Goods, &r.Except, nil); len(goods) > 0 {
		return goods, ""
	}
	return nil, b.goodless(r)
}

// goodless is why a rule finds none of the goods that it needs, "" if it needs none.
func (b *Basket) goodless(r *Rule) Reason {
	switch {
	case !r.onGoods() && r.Goods.empty():
		if len(b.items) == b.goods && r.class() == 2 {
			return NoGoods // nothing is delivered
		}
		return ""
	case b.find(b.index.closed, &r.Goods, &r.Except, nil):
		return ManualPrice
	}
	return NoGoods
}

// onGoods says whether one of the effects needs goods.
func (r *Rule) onGoods() bool {
	for i := range r.Effects {
		if e := &r.Effects[i]; e.Target != ToShipping && e.Gift == nil {
			return true
		}
	}
	return false
}

// faults collects reasons. The first one is named.
type faults struct {
	first Reason
	count int
}

func (f *faults) add(failed bool, reason Reason) {
	if failed {
		if f.count++; f.count == 1 {
			f.first = reason
		}
	}
}

// context compares where, when and for whom, in the order of the reasons.
func (b *Basket) context(c *Candidate) (Reason, int) {
	var f faults
	r, p := c.Rule, &b.place
	if c.Blocked == "" && r.anywhere() && (!r.NeedsCode || c.Code != "") && p.At >= r.From && (r.To == 0 || p.At < r.To) {
		return "", 0 // most rules, if they come as far as here
	}
	f.add(c.Blocked == CodeMissing || r.NeedsCode && c.Code == "" && c.Blocked == "", CodeMissing)
	f.add(c.Blocked == Inactive || c.Blocked == IsPaused, c.Blocked)
	f.add(p.At < r.From, NotStarted)
	f.add(r.To != 0 && p.At >= r.To, Over)
	f.add(len(r.Hours) > 0 && !b.within(r.Hours), WrongHours)
	f.add(!within(r.For.Stores, p.Store) || named(r.Not.Stores, p.Store), WrongStore)
	f.add(!within(r.For.Channels, p.Channel) || named(r.Not.Channels, p.Channel), WrongChannel)
	f.add(r.Currency != "" && r.Currency != p.Currency, WrongCurrency)
	f.people(p, r)
	for i := range r.If {
		f.static(b, &r.If[i])
	}
	switch c.Blocked {
	case "", CodeMissing, Inactive, IsPaused:
	default:
		f.add(true, c.Blocked)
	}
	return f.first, f.count
}

// anywhere says whether a rule asks for nothing of the place, its clock or its people.
func (r *Rule) anywhere() bool {
	return len(r.Hours) == 0 && r.Currency == "" && r.For.everybody() && r.Not.everybody() && !r.static()
}

// everybody says whether an audience names nobody.
func (a *Audience) everybody() bool {
	return len(a.Stores)+len(a.Channels)+len(a.Customers)+len(a.Groups)+len(a.Tiers) == 0
}

// static says whether a condition speaks of neither amounts nor quantities.
func (r *Rule) static() bool {
	for i := range r.If {
		if r.If[i].PastOrders != nil || len(r.If[i].Shipping) > 0 {
			return true
		}
	}
	return false
}

func (f *faults) people(p *Place, r *Rule) {
	a, not := &r.For, &r.Not
	if p.Customer == "" && (len(a.Customers) > 0 || len(p.Groups) == 0 && len(a.Groups) > 0 || p.Tier == "" && len(a.Tiers) > 0) {
		f.add(true, UnknownCustomer)
		return
	}
	f.add(!within(a.Customers, p.Customer) || named(not.Customers, p.Customer), WrongCustomer)
	f.add(!overlap(a.Groups, p.Groups) || len(not.Groups) > 0 && overlap(not.Groups, p.Groups), WrongGroup)
	f.add(!within(a.Tiers, p.Tier) || named(not.Tiers, p.Tier), WrongTier)
}

// static compares the conditions that speak neither of amounts nor of quantities.
func (f *faults) static(b *Basket, c *Condition) {
	if c.PastOrders != nil {
		n := b.place.PastOrders
		f.add(n == nil || !c.PastOrders.has(*n), WrongOrders)
	}
	if len(c.Shipping) > 0 {
		f.add(!slices.ContainsFunc(b.items[b.goods:], func(g item) bool { return named(c.Shipping, g.method) }), WrongShipping)
	}
}

// within says whether it is one of the hours, by the place's clock.
func (b *Basket) within(hours []Hours) bool {
	if b.place.Clock == nil {
		return false
	}
	if b.clock == "" {
		b.clock = b.place.Clock.Time()
	}
	for i := range hours {
		if hours[i].contain(int64(b.place.Clock.Weekday), b.clock) {
			return true
		}
	}
	return false
}

// contain says whether a clock shows one of the hours. Hours that run over midnight
// belong to the day on which they begin. Civil times compare as texts.
func (h *Hours) contain(weekday int64, now retail.LocalTime) bool {
	from, to := h.Hours.From, h.Hours.To
	switch {
	case from == to:
	case from < to:
		if now < from || now >= to {
			return false
		}
	case now < to:
		weekday = (weekday+5)%7 + 1 // they began yesterday
	case now < from:
		return false
	}
	return len(h.Days) == 0 || slices.Contains(h.Days, weekday)
}
