package index

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

// anchors are selections of which at least one must find goods in a basket, or the
// rule neither applies nor comes close. None is a rule that asks for no goods.
func (k *kept) anchors() []*price.Selection {
	if k.goods != nil && positive(k.goods) {
		return []*price.Selection{k.goods}
	}
	if k.rare != nil {
		if c := conditional(k.rare.conds); c != nil {
			return []*price.Selection{c}
		}
	}
	var all []*price.Selection
	for i := range k.effects {
		own := ofEffect(&k.effects[i])
		if len(own) == 0 {
			return nil
		}
		all = append(all, own...)
	}
	return all
}

// conditional is the goods of a condition that no basket without them fulfils.
func conditional(all []price.Condition) *price.Selection {
	for i := range all {
		c := &all[i]
		if c.Goods == nil || !positive(c.Goods) {
			continue
		}
		for _, m := range []*price.Range{c.Quantity, c.LineQuantity, c.Amount, c.LineAmount} {
			if m != nil && m.Min != nil && *m.Min > 0 {
				return c.Goods
			}
		}
	}
	return nil
}

// ofEffect are the goods that an effect works on, none if that may be any.
func ofEffect(e *price.Effect) []*price.Selection {
	switch {
	case e.Goods != nil && positive(e.Goods):
		return []*price.Selection{e.Goods}
	case e.BuyGet != nil && e.BuyGet.Buy != nil && positive(e.BuyGet.Buy):
		if g := e.BuyGet.Get; g != nil && positive(g) {
			return []*price.Selection{e.BuyGet.Buy, g}
		}
		if e.BuyGet.Get == nil {
			return []*price.Selection{e.BuyGet.Buy}
		}
	case e.Bundle != nil:
		return ofParts(e.Bundle.Parts)
	}
	return nil
}

func ofParts(parts []price.Part) (all []*price.Selection) {
	for i := range parts {
		if parts[i].Goods == nil || !positive(parts[i].Goods) {
			return nil
		}
		all = append(all, parts[i].Goods)
	}
	return all
}

// positive says whether a selection asks for goods by a value that they must have.
func positive(s *price.Selection) bool {
	return len(s.SKUs)+len(s.Products)+len(s.Brands)+len(s.Lines)+len(s.Seasons)+len(s.Suppliers)+
		len(s.Categories)+len(s.Tags) > 0 || slices.ContainsFunc(s.Attributes, valued)
}

// valued says whether an attribute asks for anything.
func valued(a price.Attribute) bool { return len(a.Values) > 0 }

// asksFor says whether a selection, but for what changes while rules work, finds a line.
func asksFor(s *price.Selection, l *price.Line) bool {
	g := &l.Goods
	return has(s.SKUs, l.SKU) && has(s.Brands, g.Brand) && has(s.Lines, g.Line) && has(s.Seasons, g.Season) &&
		has(s.Suppliers, g.Supplier) && has(s.Categories, g.Category) && has(s.Products, g.Product) &&
		hasAny(s.Tags, g.Tags) && (s.Price == nil || within(s.Price, int64(l.Unit))) &&
		!slices.ContainsFunc(s.Attributes, func(a price.Attribute) bool { return !hasAttribute(&a, g) })
}

func hasAttribute(a *price.Attribute, g *price.Goods) bool {
	if own := g.Own(a.Name); own != "" {
		return has(a.Values, own)
	}
	return slices.ContainsFunc(g.Attributes, func(h price.Attribute) bool {
		return h.Name == a.Name && hasAny(a.Values, h.Values)
	})
}

func within(r *price.Range, v int64) bool {
	return (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

// has says whether a list asks for nothing or for v. What is absent is in no list.
func has[S ~string](list []S, v S) bool {
	return len(list) == 0 || v != "" && slices.Contains(list, v)
}

func hasAny(list, values []string) bool {
	return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != "" && slices.Contains(list, v) })
}
