package app

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A back-test finds what quotes of then found: whatever promotions came and went while
// receipts were sold, no receipt comes to another total than it was sold for.
func TestBackTestFindsWhatQuotesFound(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			env, random := shop(t), rand.New(rand.NewPCG(seed, 11))
			must(sdktest.Run(env, catalog.PutProduct, catalog.Product{
				ID: "coat", Name: "Coat", Brand: "alba", Line: "luxe", VAT: []catalog.ProductVAT{{Class: "standard"}},
				Attributes: []catalog.Attribute{attribute("material", "wool")}, Variants: []catalog.Variant{{SKU: "coat", Colour: "grey"}},
			}))(t)
			all := comingAndGoing()
			for i := range 60 {
				env.At(fmt.Sprintf("2026-11-%02d %02d:%02d Europe/Rome", 22+i/24, i%24, random.IntN(60)))
				flip(t, env, &all[random.IntN(len(all))])
				flip(t, env, &all[random.IntN(len(all))])
				in := sold(one(fmt.Sprint("R", i)))
				in.Basket.Lines = append(in.Basket.Lines, of("coat", retail.Quantity(1+random.IntN(2))))
				in.Basket.Store = []retail.StoreID{"MI-01", "WEB"}[random.IntN(2)]
				in.Basket.Customer = []retail.CustomerID{"", "ada", "bea"}[random.IntN(3)]
				if random.IntN(2) == 0 {
					in.Basket.CustomerGroups = []string{"gold"}
				}
				if random.IntN(2) == 0 {
					in.Basket.Codes = []string{"natale"}
				}
				total(t, env, in)
			}
			draft := &pricing.Promotion{Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 1}}}}
			got := backTested(t, env, pricing.BackTestIn{ID: "b", Promotion: draft})
			if got.Touched != 60 || got.Cost != 60 || got.Differs != 0 {
				t.Errorf("%d receipts are touched for %d, %d come to another total than they were sold for", got.Touched, got.Cost, got.Differs)
			}
		})
	}
}

// changing is a promotion, and whether it is live.
type changing struct {
	promotion pricing.Promotion
	there, on bool
}

// comingAndGoing are promotions that ask for all kinds of things.
func comingAndGoing() (all []changing) {
	for id, p := range map[string]pricing.Promotion{
		"all": {}, "line": {Goods: pricing.Selection{Lines: []string{"basic"}}}, "sku": {Goods: pricing.Selection{SKUs: []retail.SKU{"coat"}}},
		"brand": {Goods: pricing.Selection{Brands: []string{"alba"}}}, "store": {For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}},
		"ada": {For: pricing.Audience{Customers: []retail.CustomerID{"ada"}}}, "gold": {For: pricing.Audience{CustomerGroups: []string{"gold"}}},
		"wool": {Goods: asking(askFor("material", "wool"))}, "grey": {Goods: asking(askFor("colour", "grey", "black"))},
		"code": {Codes: []string{"Natale"}}, "evening": {Hours: []pricing.Hours{{Hours: retail.DayHours{From: "18:00", To: "22:00"}}}},
		"two": {Effects: []pricing.Effect{{Goods: &pricing.Selection{SKUs: []retail.SKU{"coat"}}, Percent: 300}, {Goods: &pricing.Selection{Lines: []string{"basic"}}, Percent: 400}}},
	} {
		if p.ID = id; len(p.Effects) == 0 {
			p.Effects = percentOff(retail.BasisPoints(100 * (1 + len(id))))
		}
		all = append(all, changing{promotion: p})
	}
	return all
}

// flip lets a promotion go live, or takes it out of quotes.
func flip(t *testing.T, env *sdktest.Env, c *changing) {
	t.Helper()
	switch id := (pricing.PromotionID{ID: c.promotion.ID}); {
	case !c.there:
		goLive(t, env, c.promotion)
	case c.on:
		must(sdktest.Run(env, pricing.Pause, id))(t)
	default:
		must(sdktest.Run(env, pricing.Resume, id))(t)
	}
	c.there, c.on = true, !c.on
}

// What came back counts for nothing: its part of what would have been taken off is told
// apart, and so it is of what the promotion really took off.
func TestBackTestReturns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		back           []retail.Quantity // of three shirts for 30.00, return by return
		at             retail.Money      // that they came back at
		cost, returned retail.Money      // of 10 %, 9.00 in all
		revenue        retail.Money
	}{
		{"nothing", nil, 3000, 900, 0, 9000},
		{"one", []retail.Quantity{1}, 3000, 600, 300, 6000},
		{"one and one", []retail.Quantity{1, 1}, 3000, 300, 600, 3000},
		{"all", []retail.Quantity{3}, 3000, 0, 900, 0},
		{"one at another price", []retail.Quantity{1}, 2500, 600, 300, 6500},
		{"more than there were", []retail.Quantity{3, 1}, 3000, 0, 900, -3000},
	} {
		env := shop(t)
		recordAll(t, env, boughtBefore("S", env.Now(), 3, 0))
		for i, n := range tt.back {
			back := boughtBefore(fmt.Sprint("B", i), env.Now(), n, 0)
			l := &back.Lines[0]
			l.Quantity, l.UnitPrice, l.Total = -n, tt.at, -tt.at*retail.Money(n)
			back.Returns, back.Total = "S", l.Total
			recordAll(t, env, back)
		}
		draft := newOnShirts(1000, 1)
		draft.Funding = []pricing.Funder{{Supplier: "acme", Share: 5000}}
		got := backTested(t, env, pricing.BackTestIn{ID: "b", Promotion: draft})
		paid := got.Retailer
		for _, f := range got.Suppliers {
			paid += f.Amount
		}
		if got.Cost != tt.cost || got.Returned != tt.returned || got.Revenue != tt.revenue || paid != tt.cost || got.Touched != 1 {
			t.Errorf("%s: cost %d, returned %d, revenue %d, paid %d", tt.name, got.Cost, got.Returned, got.Revenue, paid)
		}
	}
}

// The truth is net of returns, too: forecast and truth are of the same goods.
func TestBackTestTruthIsNet(t *testing.T) {
	t.Parallel()
	env := shop(t)
	p := goLive(t, env, pricing.Promotion{ID: "p", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(1000)})
	in := sold(one("S"))
	in.Basket.Lines[0].Quantity = 2
	total(t, env, in)
	back := boughtBefore("B", env.Now(), 1, 0)
	back.Returns, back.Lines[0].Quantity, back.Lines[0].Total, back.Total = "S", -1, -2700, -2700
	back.Applied = []pricing.Applied{{Promotion: "p", Version: p.Version, Amount: -300}}
	recordAll(t, env, back)
	must(sdktest.Run(env, pricing.BeginBackTest, pricing.BackTestIn{ID: "b", PromotionID: "p", First: "2026-11-01", Last: "2026-11-30"}))(t)
	settle(t, env)
	got := must(sdktest.Call(env, pricing.GetBackTest, pricing.BackTestID{ID: "b"}))(t)
	if got.Cost != 300 || got.Returned != 300 || got.Truth == nil || !got.Truth.Same || got.Truth.Cost != 300 || got.Truth.Receipts != 1 {
		t.Errorf("forecast %d, truth %+v", got.Cost, got.Truth)
	}
	for _, f := range got.Figures {
		if f.What == pricing.FigureCost && (*f.Amount != 300 || *f.True != 300) {
			t.Errorf("%+v", f)
		}
	}
}
