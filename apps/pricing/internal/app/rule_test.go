package app

import (
	"reflect"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// everything is a promotion that says all that one can say.
func everything() pricing.Promotion {
	n, yes, amount := int64(1), true, retail.Money(1)
	bounds := &pricing.Range{Min: &n, Max: &n}
	goods := pricing.Selection{
		SKUs: []retail.SKU{"s"}, Products: []string{"p"}, Brands: []string{"b"}, Lines: []string{"l"}, Seasons: []string{"s"},
		Suppliers: []string{"s"}, Categories: []string{"c"}, Tags: []string{"t"},
		Attributes: []pricing.Attribute{{Name: "a", Values: []string{"v"}}}, Price: bounds, Reduced: &yes,
	}
	people := pricing.Audience{
		Stores: []retail.StoreID{"MI"}, Channels: []retail.Channel{"web"}, Customers: []retail.CustomerID{"c"},
		CustomerGroups: []string{"g"}, Tiers: []string{"t"},
	}
	units := &pricing.Units{Max: 1, PerLine: true, Of: 1, Pick: pricing.InOrder}
	effect := pricing.Effect{
		Target: pricing.ToAll, Goods: &goods, Except: &goods, Units: units, Methods: []string{"m"}, Percent: 1,
		Amount: &pricing.AmountOff{Value: 1, Allocation: pricing.Across}, Price: &pricing.FixedPrice{Value: 1, Of: pricing.OfOrder},
		BuyGet: &pricing.BuyGet{
			BuyQuantity: 1, BuyAmount: 1, Buy: &goods, GetQuantity: 1, Get: &goods, Percent: 1, Amount: 1, Price: &amount,
			MaxGet: 1, Once: true, Reward: pricing.InOrder, BuyPick: pricing.InOrder, Add: true,
		},
		Bundle: &pricing.Bundle{Parts: []pricing.Part{{Quantity: 1, Goods: goods}}, Price: &amount, Percent: 1, Amount: 1, Max: 1, Pick: pricing.InOrder},
		Tiers: &pricing.Tiers{
			By: pricing.ByLineQuantity, Goods: &goods, Base: pricing.AfterAllLine,
			Steps: []pricing.Step{{From: 1, Percent: 1, Amount: 1, Price: &amount}},
		},
		Ramp: &pricing.Ramp{First: 1, Further: 1, Max: 1}, Gift: &pricing.Gift{SKU: "s", Quantity: 1, Price: 1}, Points: 1,
		Cashback: &pricing.Cashback{Percent: 1, Amount: 1, Days: 1, Stores: []retail.StoreID{"MI"}},
	}
	return pricing.Promotion{
		ID: "p", Version: 1, Name: "P", Period: retail.Period{From: 1, To: 2}, Currency: "EUR",
		Hours: []pricing.Hours{{Days: []int64{1}, Hours: retail.DayHours{From: "09:00", To: "10:00"}}},
		For:   people, Not: people, Goods: goods, Except: goods, Codes: []string{"C"},
		If: []pricing.Condition{{
			Amount: bounds, Quantity: bounds, LineAmount: bounds, LineQuantity: bounds, PastOrders: bounds, Shipping: []string{"m"},
			Goods: &goods, PerLine: true, Base: pricing.AfterAllLine, VAT: pricing.Net,
		}},
		Effects: []pricing.Effect{effect},
		Stacking: pricing.Stacking{
			Catalog: true, Lane: pricing.LanePost, Priority: 1, Group: "g", GroupMode: pricing.BestPerLine,
			Exclusive: pricing.ExclusiveAll, Base: pricing.OnList,
		},
		Limits: pricing.Limits{Cap: 1, Overrun: pricing.Partial}, Floor: &pricing.Floor{Margin: 1},
	}
}

// unsaid lists what is zero in a value, by its path.
func unsaid(path string, v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return []string{path}
		}
		return unsaid(path, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() { // the engine says the others itself
				all = append(all, unsaid(path+"."+f.Name, v.Field(i))...)
			}
		}
		return all
	case reflect.Slice:
		if v.Len() == 0 {
			return []string{path}
		}
		return unsaid(path+"[]", v.Index(0))
	}
	if v.IsZero() {
		return []string{path}
	}
	return nil
}

// Nothing that a promotion says is lost on the way to the engine.
func TestRulesSayAll(t *testing.T) {
	t.Parallel()
	p := everything()
	r := ruleOf(&p)
	r.Effects[0].Held = []retail.Money{1} // of a document that is priced again, not of a promotion
	if lost := unsaid("rule", reflect.ValueOf(r)); lost != nil {
		t.Errorf("lost: %s", strings.Join(lost, " "))
	}
	r = ruleOf(&pricing.Promotion{ID: "p"})
	if r.Stacking.Mode != price.All || r.NeedsCode || r.Floor != nil || r.If != nil || r.Effects != nil {
		t.Errorf("an empty promotion asks for something: %+v", r)
	}
	r = ruleOf(&pricing.Promotion{ID: "p", Stacking: pricing.Stacking{Group: "g"}, Effects: []pricing.Effect{
		{Amount: &pricing.AmountOff{Value: 1}}, {Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 1}}, {BuyGet: &pricing.BuyGet{}}, {Bundle: &pricing.Bundle{}},
	}})
	if r.Stacking.Mode != price.Best || r.Effects[0].Amount.Of != price.EachUnit || r.Effects[1].Amount.Of != price.Across ||
		r.Effects[2].BuyGet.BuyPick != price.Dearest || r.Effects[2].BuyGet.Reward != price.Cheapest || r.Effects[3].Bundle.Pick != price.Dearest {
		t.Errorf("defaults: %+v", r)
	}
}

// Every choice of the rules reaches the engine, and the zero value of each is its
// default there.
func TestPoliciesSayAll(t *testing.T) {
	t.Parallel()
	if p := policyOf(&pricing.Rules{}); !reflect.DeepEqual(p, price.Policy{}) {
		t.Errorf("no rules: %+v", p)
	}
	p := policyOf(&pricing.Rules{
		Order: pricing.ByNominal, Classes: pricing.TogetherClass, ExclusiveRule: pricing.AnyExclusive, ConditionBase: pricing.ByList,
		LaneMode: pricing.BestPerLine, Proration: pricing.FloorFirst, TieBreak: pricing.TieLast, ZeroWeight: pricing.ZeroEqual,
		UnitBase: pricing.ListUnitsLess, Rounding: pricing.RoundUp, RoundAt: pricing.OrderLevel, TaxRound: pricing.PerTaxUnit,
		AmountVAT: pricing.Net, Merge: pricing.MergeNone, Overflow: pricing.Lose, Search: 1,
	})
	p.Brief = true // of who asks, not of the rules
	if lost := unsaid("policy", reflect.ValueOf(p)); lost != nil {
		t.Errorf("lost: %s", strings.Join(lost, " "))
	}
}
