// Package lint knows what is wrong with rules as they are written: what can never
// hold, and what two rules want of the same goods. It knows no prices and no law.
package lint

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Unreachable says why a rule can never apply from an instant on, "" if it can.
func Unreachable(r *price.Rule, now retail.Instant) string {
	switch {
	case r.To != 0 && r.To <= now:
		return "Its period is over."
	case r.From != 0 && r.To != 0 && r.From >= r.To:
		return "Its period is empty."
	case swallowed(r.For.Stores, r.Not.Stores):
		return "Every store that it is for is one that it is not for."
	case swallowed(r.For.Channels, r.Not.Channels):
		return "Every channel that it is for is one that it is not for."
	case swallowed(r.For.Customers, r.Not.Customers):
		return "Every customer that it is for is one that it is not for."
	case swallowed(r.For.Groups, r.Not.Groups):
		return "Every customer group that it is for is one that it is not for."
	case swallowed(r.For.Tiers, r.Not.Tiers):
		return "Every tier that it is for is one that it is not for."
	case excluded(&r.Goods, &r.Except):
		return "All goods that it speaks of are excepted."
	}
	return conditions(r)
}

// swallowed says whether a list names something, and another all of it.
func swallowed[S ~string](list, by []S) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(s S) bool { return !slices.Contains(by, s) })
}

// excluded says whether one list of the goods is all excepted: one list that matches
// is enough.
func excluded(goods, except *price.Selection) bool {
	return swallowed(goods.SKUs, except.SKUs) || swallowed(goods.Products, except.Products) ||
		swallowed(goods.Brands, except.Brands) || swallowed(goods.Lines, except.Lines) ||
		swallowed(goods.Seasons, except.Seasons) || swallowed(goods.Suppliers, except.Suppliers) ||
		swallowed(goods.Categories, except.Categories) || swallowed(goods.Tags, except.Tags)
}

// conditions says which condition never holds.
func conditions(r *price.Rule) string {
	if empty(r.Goods.Price) {
		return "No price lies between the bounds of its goods."
	}
	least, most := int64(0), int64(-1)
	for i := range r.If {
		c := &r.If[i]
		for _, m := range []*price.Range{c.Amount, c.Quantity, c.LineAmount, c.LineQuantity, c.PastOrders} {
			if empty(m) {
				return "A condition asks for more than it allows."
			}
		}
		if q := c.Quantity; q != nil && c.Goods == nil {
			least, most = larger(least, q.Min), smaller(most, q.Max)
		}
	}
	if most >= 0 && least > most {
		return "Two conditions on the same goods contradict each other."
	}
	if most >= 0 && needed(r) > most {
		return "Its effects need more units than its conditions allow."
	}
	return ""
}

func empty(r *price.Range) bool {
	return r != nil && r.Max != nil && (*r.Max < 0 || r.Min != nil && *r.Min > *r.Max)
}

func larger(n int64, bound *int64) int64 {
	if bound == nil {
		return n
	}
	return max(n, *bound)
}

// smaller takes -1 for no bound.
func smaller(n int64, bound *int64) int64 {
	if bound == nil || n >= 0 && n < *bound {
		return n
	}
	return *bound
}

// needed is how many units of the rule's own goods every effect needs at least.
func needed(r *price.Rule) int64 {
	least := int64(-1)
	for i := range r.Effects {
		e, n := &r.Effects[i], int64(0)
		switch {
		case e.Goods != nil:
		case e.BuyGet != nil && e.BuyGet.Buy == nil && e.BuyGet.Get == nil && !e.BuyGet.Add:
			n = int64(e.BuyGet.BuyQuantity + e.BuyGet.GetQuantity)
		case e.Units != nil:
			n = int64(e.Units.Of)
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}

// Quantity is how many units of its own goods a rule asks for at least.
func Quantity(r *price.Rule) int64 {
	least := needed(r)
	for i := range r.If {
		if c := &r.If[i]; c.Goods == nil && c.Quantity != nil {
			least = larger(least, c.Quantity.Min)
		}
	}
	return least
}

// Meet says whether two rules may work on the same goods, in the same place, at the
// same time, for the same person. Goods of different attributes may be the same.
func Meet(a, b *price.Rule) bool {
	return period(a).Overlaps(period(b)) && share(a.For.Stores, b.For.Stores) && share(a.For.Channels, b.For.Channels) &&
		share(a.For.Customers, b.For.Customers) && share(a.For.Groups, b.For.Groups) && share(a.For.Tiers, b.For.Tiers) &&
		together(&a.Goods, &b.Goods)
}

func period(r *price.Rule) retail.Period { return retail.Period{From: r.From, To: r.To} }

// together says whether goods may be in both of two selections.
func together(a, b *price.Selection) bool {
	return share(a.SKUs, b.SKUs) && share(a.Products, b.Products) && share(a.Brands, b.Brands) && share(a.Lines, b.Lines) &&
		share(a.Seasons, b.Seasons) && share(a.Suppliers, b.Suppliers) && share(a.Categories, b.Categories)
}

// share says whether two lists ask for something in common. One that is empty asks for
// nothing.
func share[S ~string](a, b []S) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(s S) bool { return slices.Contains(b, s) })
}

// Collide says whether which of two rules that meet is the one that works is left to
// their ids: they keep each other out, and neither comes first.
func Collide(a, b *price.Rule) bool {
	s, o := &a.Stacking, &b.Stacking
	if s.Priority != o.Priority || s.Catalog != o.Catalog || s.Lane != o.Lane {
		return false
	}
	for _, x := range []price.Exclusive{s.Exclusive, o.Exclusive} {
		switch x {
		case price.ExclusiveAll, price.ExclusiveLane, price.ExclusiveGoods:
			return true
		case price.ExclusiveGroup:
			if s.Group == o.Group {
				return true
			}
		}
	}
	return false
}
