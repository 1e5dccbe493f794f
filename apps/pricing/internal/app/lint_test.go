package app

import (
	"fmt"
	"slices"
	"testing"

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
			must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "shirt", Amount: 1500}}}))(t)
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
