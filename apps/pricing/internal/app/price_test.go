package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestCosts(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, New(), sdktest.Twice)
	put := func(in pricing.PutCostsIn, want int64) {
		t.Helper()
		if out := must(sdktest.Run(env, pricing.PutCosts, in))(t); out.Changed != want {
			t.Errorf("%d changed, want %d", out.Changed, want)
		}
	}
	put(pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "a", Amount: 100}, {SKU: "b", Amount: 0}}}, 2)
	put(pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "a", Amount: 100}, {SKU: "c", Amount: 300}}, Remove: []retail.SKU{"b", "never"}}, 2)
	if err := env.View(func(v *sdk.View) error {
		got := costs(v, []retail.SKU{"c", "b", "a"})
		if *got[0] != 300 || got[1] != nil || *got[2] != 100 {
			t.Errorf("%v", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for at, in := range map[string]pricing.PutCostsIn{
		"/costs/1/sku": {Costs: []pricing.Cost{{SKU: "a"}, {SKU: "a"}}},
		"/costs/0/sku": {Costs: []pricing.Cost{{}}},
		"/remove/0":    {Costs: []pricing.Cost{{SKU: "a"}}, Remove: []retail.SKU{"a"}},
	} {
		_, err := sdktest.Run(env, pricing.PutCosts, in)
		refuses(t, err, sdk.CodeInvalid, "sku", at)
	}
	_, err := sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "a", Amount: -1}}})
	refuses(t, err, sdk.CodeInvalid, "amount", "/costs/0/amount")
}

// A basket with one price without VAT is priced without VAT.
func TestLevel(t *testing.T) {
	t.Parallel()
	original := retail.Money(1220)
	want := []wanted{{rate: 2200}, {rate: 2200}, {rate: 400}, {}}
	gross := []listed{{amount: 999}, {amount: 999, original: &original}, {amount: 104}, {amount: 7}}
	if level(gross, want) || gross[0].amount != 999 {
		t.Errorf("%+v", gross)
	}
	gross[3].net = true
	if !level(gross, want) {
		t.Error("priced with VAT")
	}
	if got := fmt.Sprint(gross[0].amount, gross[1].amount, *gross[1].original, gross[2].amount, gross[3].amount); got != "819 819 1000 100 7" {
		t.Error(got)
	}
	if original != 1220 {
		t.Error("somebody else's price was changed")
	}
}

// The codes of a basket that open private sales are not unknown.
func TestGates(t *testing.T) {
	t.Parallel()
	env := shop(t)
	list(t, env, pricing.List{ID: "preview", Name: "Preview", Currency: "EUR", Gated: true, Codes: []string{"Preview"}})
	list(t, env, pricing.List{ID: "web", Name: "Web", Currency: "EUR", Gated: true, Codes: []string{"Web"}, Stores: []retail.StoreID{"WEB"}})
	if err := env.View(func(v *sdk.View) error {
		s := scope{store: "MI-01", currency: "EUR", at: v.Now(), codes: []string{"no", "PREVIEW ", "web"}}
		if got := gates(v, &s); len(got) != 1 || got[0] != "PREVIEW " {
			t.Errorf("%q", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// However many lists there are for others, a quote reads those that may hold for it.
func TestManyLists(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for i := range 300 {
		id := fmt.Sprintf("c%03d", i)
		l := pricing.List{ID: id, Name: id, Currency: "EUR", Priority: 1, Customers: []retail.CustomerID{retail.CustomerID(id)}}
		list(t, env, l, pricing.Entry{SKU: "shirt", Amount: retail.Money(i)})
	}
	if got, want := amounts(t, env, pricing.PriceIn{Customer: "c123", SKUs: []retail.SKU{"shirt", "coat"}}), "123@c123 20000@base"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := env.View(func(v *sdk.View) error {
		s := scope{store: "MI-01", currency: "EUR", at: v.Now(), customer: "c123"}
		if found := eligible(v, &s); len(found) != 2 || found[0].ID != "c123" {
			t.Errorf("%d lists", len(found))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
