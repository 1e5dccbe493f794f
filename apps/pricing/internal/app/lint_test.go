package app

import (
	"fmt"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Lint finds what cannot be meant, and publishing asks for each warning to be read.
func TestLint(t *testing.T) {
	t.Parallel()
	shirts := pricing.Selection{SKUs: []retail.SKU{"shirt"}}
	most := int64(1)
	for name, tt := range map[string]struct {
		p    pricing.Promotion
		want []string
	}{
		"nothing":              {pricing.Promotion{Goods: pricing.Selection{Brands: []string{"zeta"}}}, nil},
		"overlap":              {pricing.Promotion{Goods: pricing.Selection{Lines: []string{"basic"}}}, []string{"note overlap [live]"}},
		"goods of other lines": {pricing.Promotion{Goods: pricing.Selection{Brands: []string{"alba"}}, For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}}, nil},
		"over":                 {pricing.Promotion{Period: retail.Period{To: 1}, Goods: pricing.Selection{Brands: []string{"zeta"}}}, []string{"warning unreachable []"}},
		"excepted": {
			pricing.Promotion{Goods: pricing.Selection{Brands: []string{"zeta"}}, Except: pricing.Selection{Brands: []string{"zeta", "alba"}}},
			[]string{"warning unreachable []"},
		},
		"nobody left": {
			pricing.Promotion{
				Goods: pricing.Selection{Brands: []string{"zeta"}},
				For:   pricing.Audience{CustomerGroups: []string{"gold"}}, Not: pricing.Audience{CustomerGroups: []string{"gold"}},
			}, []string{"warning unreachable []"},
		},
		"two that contradict": {
			pricing.Promotion{
				Goods: pricing.Selection{Brands: []string{"zeta"}},
				If:    []pricing.Condition{{Quantity: atLeast(3)}, {Quantity: &pricing.Range{Max: &most}}},
			}, []string{"warning unreachable []"},
		},
		"three for two of one": {
			pricing.Promotion{
				Goods: pricing.Selection{Brands: []string{"zeta"}}, If: []pricing.Condition{{Quantity: &pricing.Range{Max: &most}}},
				Effects: []pricing.Effect{{BuyGet: &pricing.BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000}}},
			}, []string{"warning unreachable []"},
		},
		"collision": {
			pricing.Promotion{Goods: pricing.Selection{Brands: []string{"alba"}}, Stacking: pricing.Stacking{Exclusive: pricing.ExclusiveAll}},
			[]string{"warning collision [live]", "note overlap [live]"},
		},
		"below cost": {
			pricing.Promotion{Goods: shirts, Effects: percentOff(5000)},
			[]string{"warning below_floor [shirt]", "note overlap [live]"},
		},
		"a brand, the worst first": {
			pricing.Promotion{Goods: pricing.Selection{Brands: []string{"alba"}}, For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: percentOff(6000)},
			[]string{"warning below_floor [coat shirt]"},
		},
		"a line": {
			pricing.Promotion{Goods: pricing.Selection{Lines: []string{"luxe"}}, For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: percentOff(6000)},
			[]string{"warning below_floor [coat]"},
		},
		"everything but one": {
			pricing.Promotion{Except: shirts, For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: percentOff(6000)},
			[]string{"warning below_floor [coat]"},
		},
		"effects on goods of their own": {
			pricing.Promotion{For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: []pricing.Effect{{Goods: &shirts, Percent: 6000}}},
			[]string{"warning below_floor [shirt]"},
		},
		"above cost": {pricing.Promotion{Goods: shirts, Effects: percentOff(1000)}, []string{"note overlap [live]"}},
		"with a floor": {
			pricing.Promotion{Goods: shirts, Effects: percentOff(5000), Floor: &pricing.Floor{}}, []string{"note overlap [live]"},
		},
		"a stranger pays": {
			pricing.Promotion{
				Goods:   pricing.Selection{Suppliers: []string{"s1"}, Brands: []string{"zeta"}},
				Funding: []pricing.Funder{{Supplier: "s2", Share: 5000}},
			}, []string{"warning unfunded []"},
		},
		"nobody pays": {pricing.Promotion{Goods: pricing.Selection{Suppliers: []string{"s1"}, Brands: []string{"zeta"}}}, []string{"note unfunded []"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := shop(t)
			goLive(t, env, pricing.Promotion{
				ID: "live", Goods: pricing.Selection{Brands: []string{"alba"}}, For: pricing.Audience{Stores: []retail.StoreID{"MI-01"}}, Effects: percentOff(100),
			})
			must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "shirt", Amount: 1500}, {SKU: "coat", Amount: 10_000}}}))(t)
			p := tt.p
			p.ID, p.Name = "p", "P"
			if p.Effects == nil {
				p.Effects = percentOff(100)
			}
			must(sdktest.Run(env, pricing.PutPromotion, p))(t)
			out := must(sdktest.Call(env, pricing.Lint, pricing.GetPromotionIn{ID: "p"}))(t)
			var got, warnings []string
			for _, f := range out.Findings {
				about := append(slices.Clone(f.With), []string(nil)...)
				for _, s := range f.SKUs {
					about = append(about, string(s))
				}
				if got = append(got, fmt.Sprint(f.Severity, " ", f.Reason, " ", about)); f.Severity == pricing.Warning {
					warnings = append(warnings, f.Reason)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			_, err := sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "p"})
			if (err != nil) != (len(warnings) > 0) || err != nil && sdk.CodeOf(err) != sdk.CodeFailedPrecondition {
				t.Errorf("published without reading %v: %v", warnings, err)
			}
			must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "p", Accept: warnings}))(t)
		})
	}
}

// Of many goods lint looks at the first, and says at how many.
func TestLintOfMany(t *testing.T) {
	t.Parallel()
	env := shop(t)
	const each = 100 // variants of a product
	for at := 0; at < mostLooked+each; {
		var products []catalog.Product
		var prices []pricing.Entry
		var costs []pricing.Cost
		for len(products) < 5 {
			id := fmt.Sprintf("p%05d", at)
			p := catalog.Product{ID: id, Name: id, Brand: "caps", VAT: []catalog.ProductVAT{{Class: "standard"}}}
			for range each {
				sku := retail.SKU(fmt.Sprintf("c%05d", at))
				p.Variants = append(p.Variants, catalog.Variant{SKU: sku})
				prices, costs = append(prices, pricing.Entry{SKU: sku, Amount: 2440}), append(costs, pricing.Cost{SKU: sku, Amount: 1000})
				at++
			}
			products = append(products, p)
		}
		must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: products}))(t)
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: prices}))(t)
		must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: costs}))(t)
	}
	lint := func() (got string) {
		for _, f := range must(sdktest.Call(env, pricing.Lint, pricing.GetPromotionIn{ID: "p"}))(t).Findings {
			got += fmt.Sprintf("%s %s %d of %d, %d named", f.Severity, f.Reason, f.Found, f.Looked, len(f.SKUs))
			if f.Amount != nil {
				got += fmt.Sprintf(", the worst by %d", *f.Amount)
			}
		}
		return got
	}
	p := pricing.Promotion{ID: "p", Name: "P", Goods: pricing.Selection{Brands: []string{"caps"}}, Effects: percentOff(1000)}
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	if got, want := lint(), fmt.Sprintf("note below_floor 0 of %d, 0 named", mostLooked); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.Effects = percentOff(6000)
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	if got, want := lint(), fmt.Sprintf("warning below_floor %d of %[1]d, 20 named, the worst by 200", mostLooked); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
