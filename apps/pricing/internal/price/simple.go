package price

// simple says whether no live rule can ever cost the customer more by working: each
// only lowers lines, and the lower a line is before a rule, the lower it is after it.
// Then nothing is won by leaving a rule of a group out, and only which one works has
// to be tried. It errs on the side of trying.
func (b *Basket) simple() bool {
	if b.policy.RoundAt == PerOrder || b.policy.Together || b.policy.AnyExclusive || b.policy.LaneMode == BestPerLine {
		return false
	}
	orders := false
	for i := range b.live {
		m := &b.live[i]
		if !m.Rule.lowers() || m.Budget != nil || m.Rule.Stacking.Lane != b.live[0].Rule.Stacking.Lane ||
			m.group >= 0 && b.groups[m.group].mode == BestPerLine {
			return false
		}
		orders = orders || m.class > 0
	}
	return !orders || !b.floored()
}

// floored says whether something bounds prices from below.
func (b *Basket) floored() bool {
	for i := range b.live {
		if b.live[i].Rule.Floor != nil {
			return true
		}
	}
	for i := range b.goods {
		if b.items[i].Floor > 0 {
			return true
		}
	}
	return b.place.Hand > 0
}

// lowers says whether a rule is no more than what simple speaks of.
func (r *Rule) lowers() bool {
	s := &r.Stacking
	if s.Exclusive != NotExclusive || s.Base != Remaining || r.Cap > 0 || len(r.Effects) != 1 || r.Goods.Reduced != nil || r.Except.Reduced != nil {
		return false
	}
	for i := range r.If {
		if c := &r.If[i]; c.Amount != nil || c.LineAmount != nil || c.PerLine || c.Goods != nil && c.Goods.Reduced != nil {
			return false
		}
	}
	e := &r.Effects[0]
	if e.Units != nil || e.Goods != nil && e.Goods.Reduced != nil || e.Except != nil && e.Except.Reduced != nil {
		return false
	}
	if order := e.Target == ToOrder; order || e.Target == ToAll {
		return order && (e.Percent > 0 || e.Amount != nil && e.Amount.Of == Across)
	}
	return e.Percent > 0 || e.Amount != nil && e.Amount.Of != Across || e.Price != nil && (e.Price.Of == OfUnit || e.Price.Of == OfLine)
}
