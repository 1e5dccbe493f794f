package app

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func ask(t *testing.T, in pricing.TryIn) pricing.TryOut {
	t.Helper()
	return must(sdktest.Call(shop(t), pricing.Try, in))(t)
}

// A basket that somebody brings: every promotion of it applied, or says why not.
func TestTryBasket(t *testing.T) {
	t.Parallel()
	ten := percentOff(1000)
	out := ask(t, pricing.TryIn{Basket: &pricing.TryBasket{
		Currency: "EUR", Codes: []string{" spring ", "WINTER", "NOBODY"},
		Lines:    []pricing.TryLine{{ID: "a", SKU: "a", Quantity: 2, UnitPrice: 5000, VATRate: 2200, Brand: "alba"}},
		Shipping: []pricing.QuoteShipping{{ID: "s", Method: "dhl", Amount: 500}},
		Shelf:    []pricing.TryLine{{SKU: "cap", UnitPrice: 900, VATRate: 2200}},
		Promotions: []pricing.Promotion{
			{ID: "coded", Codes: []string{"SPRING"}, Effects: ten, Funding: []pricing.Funder{{Supplier: "rossi", Share: 5000}}},
			{ID: "over", Codes: []string{"winter"}, Period: retail.Period{To: 1}, Effects: ten},
			{ID: "secret", Codes: []string{"X"}, Effects: ten},
			{ID: "draft", State: pricing.Draft, Effects: ten},
			{ID: "dollars", Currency: "USD", Effects: ten},
			{ID: "used", Limits: pricing.Limits{Uses: 3}, Effects: ten},
			{ID: "each", Limits: pricing.Limits{UsesPerCustomer: 1}, Effects: ten},
			{ID: "spent", Limits: pricing.Limits{Budget: 1000}, Effects: ten},
			{ID: "gift", Effects: []pricing.Effect{{Gift: &pricing.Gift{SKU: "cap"}}}},
			{ID: "free", Effects: []pricing.Effect{{Target: pricing.ToShipping, Percent: 10_000}}},
		},
		Used: []pricing.TryUse{{Promotion: "used", Uses: 3}, {Promotion: "spent", Spent: 500}},
	}}).Quote
	if out.Total != 9000 || out.Discount != 1000+500+900 || out.List != 10_000+500+900 {
		t.Errorf("%d − %d = %d", out.List, out.Discount, out.Total)
	}
	why := map[string]pricing.Reason{}
	for _, n := range out.NotApplied {
		why[n.Promotion] = n.Reason
	}
	for id, want := range map[string]pricing.Reason{
		"over": pricing.Over, "secret": pricing.CodeMissing, "draft": pricing.Inactive, "dollars": pricing.WrongCurrency,
		"used": pricing.UsageLimit, "each": pricing.UnknownCustomer, "spent": pricing.BudgetSpent,
	} {
		if why[id] != want {
			t.Errorf("%s: %q, want %q", id, why[id], want)
		}
	}
	if len(why) != 7 {
		t.Errorf("not applied: %v", why)
	}
	first := out.Lines[0].Applied[0]
	if first.Promotion != "coded" || first.Code != " spring " || first.Amount != 1000 || len(first.Funded) != 1 || first.Funded[0].Amount != 500 {
		t.Errorf("applied %+v", first)
	}
	if want := []pricing.RejectedCode{{Code: "WINTER", Reason: "over"}, {Code: "NOBODY", Reason: "unknown"}}; !slices.Equal(out.Codes, want) {
		t.Errorf("codes %+v", out.Codes)
	}
	if len(out.Added) != 1 || out.Added[0].UnitPrice != 900 || out.Added[0].Total != 0 {
		t.Errorf("added %+v", out.Added)
	}
}

// What is taken off by hand is a line of its own: rules leave as much.
func TestTryByHand(t *testing.T) {
	t.Parallel()
	out := ask(t, pricing.TryIn{Basket: &pricing.TryBasket{
		Currency: "EUR",
		Lines: []pricing.TryLine{
			{ID: "hand", SKU: "hand", Quantity: 1, UnitPrice: -1500, Manual: true, VATRate: 2200},
			{ID: "coat", SKU: "coat", Quantity: 1, UnitPrice: 2000, VATRate: 2200},
		},
		Promotions: []pricing.Promotion{{ID: "ten", Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 1000}}}}},
	}}).Quote
	if out.Total != 0 || out.List != 500 || out.Discount != 500 || out.Lines[0].Total != -1500 || out.Lines[1].Total != 1500 || out.VAT[0].Gross != 0 {
		t.Errorf("%+v", out)
	}
}

// A try asks one question, of things that could be.
func TestTryRefuses(t *testing.T) {
	t.Parallel()
	env := shop(t)
	line := []pricing.TryLine{{SKU: "a", Quantity: 1, UnitPrice: 100}}
	for _, c := range []struct {
		name            string
		in              pricing.TryIn
		code            sdk.Code
		reason, pointer string
	}{
		{"nothing", pricing.TryIn{}, sdk.CodeInvalid, "try", ""},
		{"two questions", pricing.TryIn{Choice: []pricing.Candidate{{ID: "a"}}, Proration: &pricing.TryProration{}}, sdk.CodeInvalid, "try", ""},
		{"no units", pricing.TryIn{Basket: &pricing.TryBasket{Lines: []pricing.TryLine{{SKU: "a"}}}}, sdk.CodeInvalid, "quantity", "/basket/lines/0/quantity"},
		{"below zero", pricing.TryIn{Basket: &pricing.TryBasket{Lines: []pricing.TryLine{{SKU: "a", Quantity: 1, UnitPrice: -1}}}}, sdk.CodeInvalid, "amount", "/basket/lines/0"},
		{"a promotion without effect", pricing.TryIn{Basket: &pricing.TryBasket{Lines: line, Promotions: []pricing.Promotion{{ID: "p"}}}}, sdk.CodeInvalid, "effect", "/basket/promotions/0/effects"},
		{"beyond counting", pricing.TryIn{Basket: &pricing.TryBasket{Lines: []pricing.TryLine{{SKU: "a", Quantity: maxQuantity, UnitPrice: maxPrice}}}}, sdk.CodeTooLarge, "amount", ""},
		{"no weights", pricing.TryIn{Proration: &pricing.TryProration{Amount: 1}}, sdk.CodeTooLarge, "lines", ""},
		{"time runs back", pricing.TryIn{Prior: &pricing.TryPrior{Prices: []pricing.PricePoint{{At: 2}, {At: 1}}}}, sdk.CodeInvalid, "try", "/prior/prices"},
	} {
		_, err := sdktest.Call(env, pricing.Try, c.in)
		t.Run(c.name, func(t *testing.T) { refuses(t, err, c.code, c.reason, c.pointer) })
	}
}

// The vectors of the house (retail.md §7), and amounts over weights of nothing.
func TestTryProration(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for _, c := range []struct {
		amount  retail.Money
		weights []int64
		rules   pricing.Rules
		want    []retail.Money
	}{
		{1000, []int64{1000, 1000, 1000}, pricing.Rules{}, []retail.Money{334, 333, 333}},
		{1000, []int64{5000, 1000}, pricing.Rules{}, []retail.Money{833, 167}},
		{4200, []int64{15000, 6000}, pricing.Rules{}, []retail.Money{3000, 1200}},
		{1, []int64{1, 1, 1}, pricing.Rules{}, []retail.Money{1, 0, 0}},
		{500, []int64{1999, 1, 450}, pricing.Rules{}, []retail.Money{408, 0, 92}},
		{-500, []int64{1999, 1, 450}, pricing.Rules{}, []retail.Money{-408, 0, -92}},
		{10, []int64{0, 0}, pricing.Rules{}, []retail.Money{0, 0}},
		{11, []int64{0, 0}, pricing.Rules{ZeroWeight: pricing.ZeroEqual}, []retail.Money{6, 5}},
		{300, []int64{4300, 1400, 2300}, pricing.Rules{Proration: pricing.RoundEachFirst}, []retail.Money{162, 52, 86}},
		{1000, []int64{1, 1, 1}, pricing.Rules{Proration: pricing.HalfUpLast}, []retail.Money{333, 333, 334}},
		{1000, []int64{1, 1, 1}, pricing.Rules{TieBreak: pricing.TieLast}, []retail.Money{333, 333, 334}},
	} {
		out := must(sdktest.Call(env, pricing.Try, pricing.TryIn{Rules: &c.rules, Proration: &pricing.TryProration{Amount: c.amount, Weights: c.weights}}))(t)
		if !slices.Equal(out.Parts, c.want) {
			t.Errorf("%d over %d: %d, want %d", c.amount, c.weights, out.Parts, c.want)
		}
	}
}

// Prices, choices and budgets.
func TestTryOthers(t *testing.T) {
	t.Parallel()
	env := shop(t)
	run := func(in pricing.TryIn) pricing.TryOut { return must(sdktest.Call(env, pricing.Try, in))(t) }
	if got := run(pricing.TryIn{Choice: []pricing.Candidate{{ID: "a", Amount: 1}, {ID: "b", Amount: 2}, {ID: "c", Amount: 2}}}).Choice; !slices.Equal(got, []string{"b"}) {
		t.Errorf("chosen %q", got)
	}
	orders := []pricing.Candidate{{ID: "1", Amount: 60}, {ID: "1", Amount: 10}, {ID: "2", Amount: 50}}
	for _, c := range []struct {
		in   pricing.TrySpending
		want retail.Money
	}{
		{pricing.TrySpending{Limit: 100, Orders: orders}, 70},
		{pricing.TrySpending{Limit: 100, Overrun: pricing.Partial, Orders: orders}, 100},
		{pricing.TrySpending{Limit: 100, ByUse: true, Orders: orders}, 2},
		{pricing.TrySpending{Limit: 1, Used: 1, ByUse: true, Orders: orders}, 1},
	} {
		if got := *run(pricing.TryIn{Spending: &c.in}).Spending; got != c.want {
			t.Errorf("%+v: spent %d, want %d", c.in, got, c.want)
		}
	}
	p := run(pricing.TryIn{Price: &pricing.TryPrice{
		Currency: "EUR", Base: []pricing.TryEntry{{Amount: 1000}},
		Lists: []pricing.TryList{{ID: "sale", Prices: []pricing.TryEntry{{Amount: 900}}}},
	}}).Price
	if p.Amount == nil || *p.Amount != 900 || p.List != "sale" || p.Original == nil || *p.Original != 1000 {
		t.Errorf("price %+v", p)
	}
}
