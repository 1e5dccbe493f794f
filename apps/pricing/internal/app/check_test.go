package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// What is wrong with a promotion is said with a pointer.
func TestCheckPromotion(t *testing.T) {
	t.Parallel()
	n, m, price := int64(5), int64(4), retail.Money(-1)
	for _, c := range []struct {
		name            string
		change          func(p *pricing.Promotion)
		reason, pointer string
	}{
		{"no id", func(p *pricing.Promotion) { p.ID = "" }, "id", "/id"},
		{"no name", func(p *pricing.Promotion) { p.Name = "" }, "name", "/name"},
		{"ends before it begins", func(p *pricing.Promotion) { p.Period = retail.Period{From: 2, To: 1} }, "period", "/period"},
		{"half past 25", func(p *pricing.Promotion) {
			p.Hours = []pricing.Hours{{Hours: retail.DayHours{From: "25:30", To: "26:00"}}}
		}, "hours", "/hours/0/hours"},
		{"an eighth day", func(p *pricing.Promotion) { p.Hours = []pricing.Hours{{Days: []int64{8}}} }, "hours", "/hours/0/days"},
		{"no effect", func(p *pricing.Promotion) { p.Effects = nil }, "effect", "/effects"},
		{"two kinds", func(p *pricing.Promotion) { p.Effects[0].Points = 1 }, "effect", "/effects/0"},
		{"120 %", func(p *pricing.Promotion) { p.Effects[0].Percent = 12_000 }, "effect", "/effects/0/percent"},
		{"no such target", func(p *pricing.Promotion) { p.Effects[0].Target = "moon" }, "target", "/effects/0/target"},
		{"units of delivery", func(p *pricing.Promotion) {
			p.Effects[0].Target, p.Effects[0].Units = pricing.ToShipping, &pricing.Units{Max: 1}
		}, "target", "/effects/0/target"},
		{"methods of lines", func(p *pricing.Promotion) { p.Effects[0].Methods = []string{"dhl"} }, "target", "/effects/0/methods"},
		{"picked at random", func(p *pricing.Promotion) { p.Effects[0].Units = &pricing.Units{Pick: "random"} }, "effect", "/effects/0/units/pick"},
		{"nothing off", func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Amount: &pricing.AmountOff{}} }, "effect", "/effects/0/amount/value"},
		{"dearer than free", func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Price: &pricing.FixedPrice{Value: price}} }, "effect", "/effects/0/price/value"},
		{"a group of none", func(p *pricing.Promotion) {
			p.Effects[0] = pricing.Effect{Price: &pricing.FixedPrice{Of: pricing.OfGroup}}
		}, "effect", "/effects/0/units/of"},
		{"nothing bought", func(p *pricing.Promotion) {
			p.Effects[0] = pricing.Effect{BuyGet: &pricing.BuyGet{GetQuantity: 1, Percent: 1}}
		}, "effect", "/effects/0/buy_get"},
		{"nothing given", func(p *pricing.Promotion) {
			p.Effects[0] = pricing.Effect{BuyGet: &pricing.BuyGet{BuyQuantity: 1, Percent: 1}}
		}, "effect", "/effects/0/buy_get/get_quantity"},
		{"a bundle of nothing", func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Bundle: &pricing.Bundle{Percent: 1}} }, "effect", "/effects/0/bundle/parts"},
		{"steps that fall", func(p *pricing.Promotion) {
			p.Effects[0] = pricing.Effect{Tiers: &pricing.Tiers{By: pricing.ByAmount, Steps: []pricing.Step{{From: 2, Percent: 1}, {From: 1, Percent: 2}}}}
		}, "effect", "/effects/0/tiers/steps/0"},
		{"an unnamed gift", func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Gift: &pricing.Gift{}} }, "effect", "/effects/0/gift"},
		{"no cashback", func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Cashback: &pricing.Cashback{}} }, "effect", "/effects/0/cashback"},
		{"a condition on nothing", func(p *pricing.Promotion) { p.If = []pricing.Condition{{}} }, "condition", "/if/0"},
		{"from 5 to 4", func(p *pricing.Promotion) { p.If = []pricing.Condition{{Quantity: &pricing.Range{Min: &n, Max: &m}}} }, "condition", "/if/0"},
		{"an open range", func(p *pricing.Promotion) { p.Goods.Price = &pricing.Range{} }, "condition", "/goods/price"},
		{"an attribute twice", func(p *pricing.Promotion) {
			p.Except.Attributes = []pricing.Attribute{{Name: "a", Values: []string{"x"}}, {Name: "a", Values: []string{"y"}}}
		}, "condition", "/except/attributes"},
		{"no such lane", func(p *pricing.Promotion) { p.Stacking.Lane = "fast" }, "stacking", "/stacking/lane"},
		{"alone in no group", func(p *pricing.Promotion) { p.Stacking.Exclusive = pricing.ExclusiveGroup }, "stacking", "/stacking/group"},
		{"a cap below zero", func(p *pricing.Promotion) { p.Limits.Cap = -1 }, "limits", "/limits"},
		{"a margin of all", func(p *pricing.Promotion) { p.Floor = &pricing.Floor{Margin: 10_000} }, "floor", "/floor/margin"},
		{"funded twice over", func(p *pricing.Promotion) {
			p.Funding = []pricing.Funder{{Supplier: "a", Share: 6000}, {Supplier: "b", Share: 6000}}
		}, "funding", "/funding/1"},
		{"a refund of its own", func(p *pricing.Promotion) { p.Refund = "half" }, "limits", "/refund"},
		{"an empty code", func(p *pricing.Promotion) { p.Codes = []string{""} }, "limits", "/codes"},
	} {
		p := pricing.Promotion{ID: "p", Name: "P", Effects: []pricing.Effect{{Percent: 1000}}, Refund: pricing.Recompute}
		if err := checkPromotion(&p); err != nil {
			t.Fatalf("a plain promotion: %v", err)
		}
		c.change(&p)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			refuses(t, checkPromotion(&p), sdk.CodeInvalid, c.reason, c.pointer)
		})
	}
}

// Lists are bounded.
func TestPromotionsAreBounded(t *testing.T) {
	t.Parallel()
	p := pricing.Promotion{ID: "p", Name: "P", Effects: []pricing.Effect{{Percent: 1000}}}
	p.Goods.SKUs = make([]retail.SKU, pricing.MaxValues+1)
	refuses(t, checkPromotion(&p), sdk.CodeTooLarge, "values", "")
}
