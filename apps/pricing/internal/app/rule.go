package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

// ruleOf is a promotion as the engine wants it. It shares the promotion's lists.
func ruleOf(p *pricing.Promotion) price.Rule {
	r := price.Rule{
		ID: p.ID, Version: p.Version, From: p.Period.From, To: p.Period.To, Currency: p.Currency,
		For: audienceOf(&p.For), Not: audienceOf(&p.Not), Goods: selectionOf(&p.Goods), Except: selectionOf(&p.Except),
		NeedsCode: len(p.Codes)+len(p.Batches) > 0,
		Stacking:  stackingOf(&p.Stacking), Cap: p.Limits.Cap, Partial: p.Limits.Overrun == pricing.Partial,
	}
	for _, h := range p.Hours {
		r.Hours = append(r.Hours, price.Hours{Days: h.Days, Hours: h.Hours})
	}
	for i := range p.If {
		r.If = append(r.If, conditionOf(&p.If[i]))
	}
	for i := range p.Effects {
		r.Effects = append(r.Effects, effectOf(&p.Effects[i]))
	}
	if p.Floor != nil {
		r.Floor = &price.Floor{Margin: p.Floor.Margin}
	}
	return r
}

func audienceOf(a *pricing.Audience) price.Audience {
	return price.Audience{Stores: a.Stores, Channels: a.Channels, Customers: a.Customers, Groups: a.CustomerGroups, Tiers: a.Tiers}
}

func selectionOf(s *pricing.Selection) price.Selection {
	return price.Selection{
		SKUs: s.SKUs, Products: s.Products, Brands: s.Brands, Lines: s.Lines, Seasons: s.Seasons, Suppliers: s.Suppliers,
		Categories: s.Categories, Tags: s.Tags, Attributes: attributesOf(s.Attributes), Price: rangeOf(s.Price), Reduced: s.Reduced,
	}
}

// chosen is a selection that may be absent.
func chosen(s *pricing.Selection) *price.Selection {
	if s == nil {
		return nil
	}
	is := selectionOf(s)
	return &is
}

func rangeOf(r *pricing.Range) *price.Range {
	if r == nil {
		return nil
	}
	return &price.Range{Min: r.Min, Max: r.Max}
}

func conditionOf(c *pricing.Condition) price.Condition {
	return price.Condition{
		Amount: rangeOf(c.Amount), Quantity: rangeOf(c.Quantity),
		LineAmount: rangeOf(c.LineAmount), LineQuantity: rangeOf(c.LineQuantity),
		PastOrders: rangeOf(c.PastOrders), Shipping: c.Shipping,
		Goods: chosen(c.Goods), PerLine: c.PerLine, Base: measureOf(c.Base), VAT: vatOf(c.VAT),
	}
}

// measureOf is nil for the one of the rules.
func measureOf(b pricing.ConditionBase) *price.Measure {
	if b == "" {
		return nil
	}
	m := baseOf(b)
	return &m
}

func baseOf(b pricing.ConditionBase) price.Measure {
	switch b {
	case pricing.ByList:
		return price.ByList
	case pricing.AfterAllLine:
		return price.AfterAllLine
	}
	return price.BeforeThis
}

func vatOf(v pricing.VATBasis) price.VAT {
	switch v {
	case pricing.Gross:
		return price.Gross
	case pricing.Net:
		return price.Net
	}
	return price.AsPriced
}

func stackingOf(s *pricing.Stacking) price.Stacking {
	out := price.Stacking{Catalog: s.Catalog, Priority: s.Priority, Group: s.Group}
	switch s.Lane {
	case pricing.LanePre:
		out.Lane = -1
	case pricing.LanePost:
		out.Lane = 1
	}
	if out.Mode = modeOf(s.GroupMode); s.GroupMode == "" && s.Group != "" {
		out.Mode = price.Best
	}
	switch s.Exclusive {
	case pricing.ExclusiveGoods:
		out.Exclusive = price.ExclusiveGoods
	case pricing.ExclusiveGroup:
		out.Exclusive = price.ExclusiveGroup
	case pricing.ExclusiveLane:
		out.Exclusive = price.ExclusiveLane
	case pricing.ExclusiveAll:
		out.Exclusive = price.ExclusiveAll
	}
	switch s.Base {
	case pricing.AtStart:
		out.Base = price.AtStart
	case pricing.OnList:
		out.Base = price.OnList
	}
	return out
}

// modeOf is All unless something else is said.
func modeOf(m pricing.GroupMode) price.Mode {
	switch m {
	case pricing.Best:
		return price.Best
	case pricing.BestPerLine:
		return price.BestPerLine
	}
	return price.All
}

// policyOf is the settings as the engine wants them.
func policyOf(r *pricing.Rules) price.Policy {
	p := price.Policy{
		Together: r.Classes == pricing.TogetherClass, AnyExclusive: r.ExclusiveRule == pricing.AnyExclusive,
		ConditionBase: baseOf(r.ConditionBase), LaneMode: modeOf(r.LaneMode), AmountVAT: vatOf(r.AmountVAT),
		KeepLines: r.Merge == pricing.MergeNone, Lose: r.Overflow == pricing.Lose,
		ZeroEqual: r.ZeroWeight == pricing.ZeroEqual, Search: int(r.Search),
	}
	switch r.Order {
	case pricing.BySubmission:
		p.Order = price.BySubmission
	case pricing.ByValue:
		p.Order = price.ByValue
	case pricing.ByNominal:
		p.Order = price.ByNominal
	}
	switch r.Proration {
	case pricing.HalfUpLast:
		p.Proration = price.HalfUpLast
	case pricing.RoundEachFirst:
		p.Proration = price.RoundEachFirst
	case pricing.FloorFirst:
		p.Proration = price.FloorFirst
	}
	roundingOf(r, &p)
	return p
}

func roundingOf(r *pricing.Rules, p *price.Policy) {
	switch r.Rounding {
	case pricing.HalfEven:
		p.Rounding = price.HalfEven
	case pricing.HalfDown:
		p.Rounding = price.HalfDown
	case pricing.RoundDown:
		p.Rounding = price.Down
	case pricing.RoundUp:
		p.Rounding = price.Up
	}
	switch r.RoundAt {
	case pricing.LineLevel:
		p.RoundAt = price.PerLine
	case pricing.UnitLevel:
		p.RoundAt = price.PerUnit
	case pricing.OrderLevel:
		p.RoundAt = price.PerOrder
	}
	switch r.TaxRound {
	case pricing.PerTaxLine:
		p.TaxAt = price.TaxPerLine
	case pricing.PerTaxUnit:
		p.TaxAt = price.TaxPerUnit
	}
	switch r.TieBreak {
	case pricing.TieLine:
		p.Tie = price.FirstLine
	case pricing.TieLast:
		p.Tie = price.LastLine
	}
	switch r.UnitBase {
	case pricing.ListUnits:
		p.UnitBase = price.ListUnits
	case pricing.ListUnitsLess:
		p.UnitBase = price.ListUnitsLess
	}
}
