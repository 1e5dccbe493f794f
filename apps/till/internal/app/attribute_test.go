package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Three for two on linen: it is quoted, sold, and worked out again when goods come back a
// year later, by what the receipt says that they were. The catalog says cotton by then.
func TestReceiptKeepsAttributes(t *testing.T) {
	t.Parallel()
	env := shop(t)
	reprice(t, env)
	dress := func(material string) {
		p := product("shirt", "Shirt", "standard", "alba")
		p.Attributes = []catalog.Attribute{{Name: "material", Values: []string{material}}}
		p.Variants[0].Size = "M"
		must(sdktest.Run(env, catalog.PutProduct, p))(t)
	}
	dress("linen")
	goLive(t, env, pricing.Promotion{
		ID: "3x2", Name: "3x2", Refund: pricing.Recompute, Goods: pricing.Selection{Attributes: []pricing.Attribute{{Name: "material", Values: []string{"linen"}}}},
		Effects: []pricing.Effect{{BuyGet: &pricing.BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000}}},
	})
	b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "3", Cashier: "ada"}))(t)
	must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "shirt", Quantity: 3}))(t)
	q := must(sdktest.Call(env, till.Quote, till.BasketID{Basket: b.ID}))(t)
	r := must(sdktest.Run(env, till.Close, till.CloseIn{Basket: b.ID, Tenders: []till.Payment{card(6000)}, ExpectedTotal: &q.Total}))(t)
	if got, want := fmt.Sprint(r.Lines[0].Goods.Size, r.Lines[0].Goods.Attributes), "M[{material [linen]}]"; got != want || r.Total != 6000 {
		t.Errorf("sold for %d as %s, want 6000 as %s", r.Total, got, want)
	}
	env.At("2027-11-20 10:00 Europe/Rome")
	dress("cotton")
	must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "3x2"}))(t)
	for i, want := range []retail.Money{0, -3000, -3000} {
		back := must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
		if back.Total != want {
			t.Errorf("shirt %d gives back %d, want %d", i+1, back.Total, want)
		}
	}
	sound(t, env, 4)
}
