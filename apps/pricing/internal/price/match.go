package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// matter is what can be said of a rule before anything has happened to the basket.
type matter struct {
	goods  []int // items that it speaks of
	reason Reason
	miss   Miss
	failed int
}

// matter compares all that is not the state of the basket.
func (b *Basket) matter(r *Rule) matter {
	m := matter{goods: b.matching(&r.Goods, &r.Except, nil)}
	m.context(b, r)
	return m
}

// fail notes a reason. The first one is named.
func (m *matter) fail(reason Reason) {
	if m.failed == 0 {
		m.miss.Reason = reason
	}
	m.failed++
}

func (m *matter) context(b *Basket, r *Rule) {
	p := &b.place
	if r.Code.Needed && r.Code.Given == "" {
		m.fail(CodeMissing)
	}
	if r.Code.Reason != "" {
		m.fail(r.Code.Reason)
	}
	if r.Blocked != "" {
		m.fail(r.Blocked)
	}
	if p.At < r.From {
		m.miss.From = r.From
		m.fail(NotStarted)
	}
	if r.To != 0 && p.At >= r.To {
		m.miss.To = r.To
		m.fail(Over)
	}
	if !b.within(r.Hours) {
		m.fail(WrongHours)
	}
	m.audience(p, r)
}

func (m *matter) audience(p *Place, r *Rule) {
	a := &r.For
	if !within(a.Stores, p.Store) || named(r.Not.Stores, p.Store) {
		m.fail(WrongStore)
	}
	if !within(a.Channels, p.Channel) || named(r.Not.Channels, p.Channel) {
		m.fail(WrongChannel)
	}
	if p.Customer == "" && (len(a.Customers) > 0 || len(p.Groups) == 0 && len(a.Groups) > 0 || p.Tier == "" && len(a.Tiers) > 0) {
		m.fail(UnknownCustomer)
		return
	}
	if !within(a.Customers, p.Customer) || named(r.Not.Customers, p.Customer) {
		m.fail(WrongCustomer)
	}
	if !overlap(a.Groups, p.Groups) || len(r.Not.Groups) > 0 && overlap(r.Not.Groups, p.Groups) {
		m.fail(WrongGroup)
	}
	if !within(a.Tiers, p.Tier) || named(r.Not.Tiers, p.Tier) {
		m.fail(WrongTier)
	}
}

// within says whether it is one of the hours, by the place's clock.
func (b *Basket) within(hours []Hours) bool {
	clock := b.place.Clock
	return len(hours) == 0 || clock != nil && slices.ContainsFunc(hours, func(h Hours) bool { return h.contain(clock) })
}

// contain says whether a clock shows one of the hours. Hours that run over midnight
// belong to the day on which they begin. Civil times compare as texts.
func (h *Hours) contain(clock *retail.Local) bool {
	now, day, from, to := clock.Time(), int64(clock.Weekday), h.Hours.From, h.Hours.To
	switch {
	case from == to:
	case from < to:
		if now < from || now >= to {
			return false
		}
	case now < to:
		day = (day+5)%7 + 1 // they began yesterday
	case now < from:
		return false
	}
	return len(h.Days) == 0 || slices.Contains(h.Days, day)
}

// matching are the items that a selection speaks of. A nil state leaves out what
// changes.
func (b *Basket) matching(goods, except *Selection, s *state) (items []int) {
	for i := range b.goods {
		g := &b.items[i]
		if !g.Stored && b.covers(goods, i, s) && (except.empty() || !b.any(except, i, s)) {
			items = append(items, i)
		}
	}
	return items
}

// covers compares goods' attributes. An attribute that the goods do not have
// matches no list.
func (b *Basket) covers(s *Selection, i int, now *state) bool {
	g := &b.items[i]
	return within(s.SKUs, g.SKU) &&
		within(s.Products, g.Goods.Product) &&
		within(s.Brands, g.Goods.Brand) &&
		within(s.Lines, g.Goods.Line) &&
		within(s.Seasons, g.Goods.Season) &&
		within(s.Suppliers, g.Goods.Supplier) &&
		within(s.Categories, g.Goods.Category) &&
		overlap(s.Tags, g.Goods.Tags) &&
		(s.Price == nil || s.Price.has(int64(g.Unit))) &&
		(s.Reduced == nil || now == nil || *s.Reduced == now.touched(i)) &&
		!slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return !a.of(&g.Goods) })
}

// any says whether one list of a selection names the goods.
func (b *Basket) any(s *Selection, i int, now *state) bool {
	g := &b.items[i]
	return named(s.SKUs, g.SKU) ||
		named(s.Products, g.Goods.Product) ||
		named(s.Brands, g.Goods.Brand) ||
		named(s.Lines, g.Goods.Line) ||
		named(s.Seasons, g.Goods.Season) ||
		named(s.Suppliers, g.Goods.Supplier) ||
		named(s.Categories, g.Goods.Category) ||
		len(s.Tags) > 0 && overlap(s.Tags, g.Goods.Tags) ||
		s.Price != nil && s.Price.has(int64(g.Unit)) ||
		s.Reduced != nil && now != nil && *s.Reduced == now.touched(i) ||
		slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.of(&g.Goods) })
}

// empty says whether a selection names nothing.
func (s *Selection) empty() bool {
	return s == nil || len(s.SKUs)+len(s.Products)+len(s.Brands)+len(s.Lines)+len(s.Seasons)+len(s.Suppliers)+
		len(s.Categories)+len(s.Tags)+len(s.Attributes) == 0 && s.Price == nil && s.Reduced == nil
}

// of says whether goods have one of the attribute's values.
func (a *Attribute) of(g *Goods) bool {
	return slices.ContainsFunc(g.Attributes, func(h Attribute) bool {
		return h.Name == a.Name && overlap(a.Values, h.Values)
	})
}

func (r *Range) has(v int64) bool {
	return (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

// within says whether a list asks for nothing or for v. It fails closed: an
// absent v is in no list.
func within[S ~string](list []S, v S) bool { return len(list) == 0 || named(list, v) }

// named says whether a list asks for v.
func named[S ~string](list []S, v S) bool {
	return v != "" && len(list) > 0 && slices.Contains(list, v)
}

// overlap is within for goods and people that have several values.
func overlap(list, values []string) bool {
	return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return named(list, v) })
}
