package price

import "slices"

// MaxMisses is how many misses a brief result has, beside those that came by a code.
const MaxMisses = 50

// misses says why candidates did not apply.
func (b *Basket) misses() (misses []Miss) {
	if !b.policy.Brief {
		misses = make([]Miss, 0, len(b.verdicts))
	}
	slot, seen, near := 0, 0, 0
	for i := range b.verdicts {
		c := &b.candidates[i]
		var m Miss
		switch {
		case slot < len(b.live) && b.live[slot].index == i:
			m = b.outcomes[slot].miss
			slot++
		case seen < len(b.watched) && b.watched[seen].index == i:
			m = b.watched[seen].miss
			seen++
		case !b.policy.Brief || near < MaxMisses || c.Code != "":
			m = b.explain(i)
		}
		if m.Reason == "" || b.policy.Brief && c.Code == "" && (!m.Near || near >= MaxMisses) {
			continue
		}
		if m.Near {
			near++
		}
		m.Promotion, m.Version = c.Rule.ID, c.Rule.Version
		if misses == nil {
			misses = make([]Miss, 0, min(len(b.verdicts)-i, MaxMisses))
		}
		misses = append(misses, m)
	}
	return misses
}

// explain says why a candidate could not work, whatever happened to the basket.
func (b *Basket) explain(i int) Miss {
	c, v := &b.candidates[i], &b.verdicts[i]
	m := Miss{Reason: v.reason}
	switch m.Reason {
	case NotStarted:
		m.From = c.Rule.From
	case Over:
		m.To = c.Rule.To
	}
	if v.failed > 1 || !b.speakable(v.reason, c.Rule) {
		return m
	}
	goods, why := b.goodsOf(c.Rule)
	if v.failed == 0 {
		m.Reason, m.Near = why, why == ManualPrice
	}
	if v.failed == 0 || why != "" {
		return m
	}
	a := attempt{b: b, s: &b.state, rule: c.Rule, slot: -1, goods: goods}
	_, m.Near = a.settle()
	return m
}

// speakable says whether a basket that lacks one thing may be told of the rule.
// Codes that were not given and what is not live are nobody's business.
func (b *Basket) speakable(reason Reason, r *Rule) bool {
	switch reason {
	case CodeMissing, Inactive, IsPaused, WrongCurrency:
		return false
	case Over:
		return b.place.At-r.To < day
	}
	return true
}

// watch says what watched rules lack whose turn comes before that of a live one, or
// of all that are left.
func (w *walk) watch(before *matter) {
	for ; w.watched < len(w.sights); w.watched++ {
		o := &w.b.watched[w.sights[w.watched]]
		if before != nil && w.b.compare(&o.matter, before) > 0 {
			return
		}
		a := attempt{b: w.b, s: w.s, rule: o.Rule, slot: -1, goods: o.goods}
		o.miss, _ = a.settle()
	}
}

// sight puts watched rules into the order of their turns.
func (w *walk) sight() {
	w.sights, w.watched = make([]int, len(w.b.watched)), 0
	for i := range w.sights {
		w.sights[i] = i
		m := &w.b.watched[i].matter
		m.stage, m.worth = w.b.stage(m), m.Rule.nominal()
	}
	slices.SortFunc(w.sights, func(x, y int) int { return w.b.compare(&w.b.watched[x].matter, &w.b.watched[y].matter) })
}
