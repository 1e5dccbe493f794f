package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

func effectOf(e *pricing.Effect) price.Effect {
	out := price.Effect{
		Target: targetOf(e.Target), Goods: chosen(e.Goods), Except: chosen(e.Except), Methods: e.Methods,
		Percent: e.Percent, Points: e.Points, BuyGet: buyGetOf(e.BuyGet), Bundle: bundleOf(e.Bundle), Tiers: tiersOf(e.Tiers),
	}
	if u := e.Units; u != nil {
		out.Units = &price.Units{Max: u.Max, PerLine: u.PerLine, Of: u.Of, Pick: pickOf(u.Pick, price.Cheapest)}
	}
	if a := e.Amount; a != nil {
		out.Amount = &price.Amount{Value: a.Value, Of: allocationOf(a.Allocation, out.Target)}
	}
	if p := e.Price; p != nil {
		out.Price = &price.Fixed{Value: p.Value, Of: priceOf(p.Of)}
	}
	if r := e.Ramp; r != nil {
		out.Ramp = &price.Ramp{First: r.First, Further: r.Further, Max: r.Max}
	}
	if g := e.Gift; g != nil {
		out.Gift = &price.Gift{SKU: g.SKU, Quantity: g.Quantity, Price: g.Price}
	}
	if c := e.Cashback; c != nil {
		out.Cashback = &price.Cashback{Percent: c.Percent, Amount: c.Amount, Days: c.Days, Stores: c.Stores}
	}
	return out
}

func targetOf(t pricing.Target) price.Target {
	switch t {
	case pricing.ToOrder:
		return price.ToOrder
	case pricing.ToShipping:
		return price.ToShipping
	case pricing.ToAll:
		return price.ToAll
	}
	return price.ToLines
}

func pickOf(p pricing.Pick, usual price.Pick) price.Pick {
	switch p {
	case pricing.Cheapest:
		return price.Cheapest
	case pricing.Dearest:
		return price.Dearest
	case pricing.InOrder:
		return price.InOrder
	}
	return usual
}

func allocationOf(a pricing.Allocation, target price.Target) price.Allocation {
	switch a {
	case pricing.PerUnit:
		return price.EachUnit
	case pricing.PerLine:
		return price.EachLine
	case pricing.Across:
		return price.Across
	}
	if target == price.ToLines {
		return price.EachUnit
	}
	return price.Across
}

func priceOf(o pricing.PriceOf) price.FixedOf {
	switch o {
	case pricing.OfLine:
		return price.OfLine
	case pricing.OfGroup:
		return price.OfGroup
	case pricing.OfOrder:
		return price.OfOrder
	}
	return price.OfUnit
}

func buyGetOf(b *pricing.BuyGet) *price.BuyGet {
	if b == nil {
		return nil
	}
	return &price.BuyGet{
		BuyQuantity: b.BuyQuantity, BuyAmount: b.BuyAmount, Buy: chosen(b.Buy), GetQuantity: b.GetQuantity, Get: chosen(b.Get),
		Percent: b.Percent, Amount: b.Amount, Price: b.Price, MaxGet: b.MaxGet, Once: b.Once,
		Reward: pickOf(b.Reward, price.Cheapest), BuyPick: pickOf(b.BuyPick, price.Dearest), Add: b.Add,
	}
}

func bundleOf(b *pricing.Bundle) *price.Bundle {
	if b == nil {
		return nil
	}
	out := &price.Bundle{Price: b.Price, Percent: b.Percent, Amount: b.Amount, Max: b.Max, Pick: pickOf(b.Pick, price.Dearest)}
	for i := range b.Parts {
		out.Parts = append(out.Parts, price.Part{Quantity: b.Parts[i].Quantity, Goods: chosen(&b.Parts[i].Goods)})
	}
	return out
}

func tiersOf(t *pricing.Tiers) *price.Tiers {
	if t == nil {
		return nil
	}
	out := &price.Tiers{
		ByQuantity: t.By == pricing.ByQuantity || t.By == pricing.ByLineQuantity,
		OfLines:    t.By == pricing.ByLineAmount || t.By == pricing.ByLineQuantity,
		Goods:      chosen(t.Goods), Base: measureOf(t.Base),
	}
	for _, s := range t.Steps {
		out.Steps = append(out.Steps, price.Step(s))
	}
	return out
}
