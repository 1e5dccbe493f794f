package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// coupons puts a batch whose coupons take 10 % off, with a supplier who pays for half
// of it, and draws so many.
func coupons(t *testing.T, env *sdktest.Env, count int64) []string {
	t.Helper()
	must(sdktest.Run(env, pricing.PutBatch, pricing.Batch{ID: "spring", Name: "Spring"}))(t)
	goLive(t, env, pricing.Promotion{
		ID: "ten", Name: "−10 %", Batches: []string{"spring"}, Effects: []pricing.Effect{{Percent: 1000}},
		Limits: pricing.Limits{Budget: 10_000}, Funding: []pricing.Funder{{Supplier: "acme", Share: 5000}},
	})
	return must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "spring", Count: count}))(t).Codes
}

func used(t *testing.T, env *sdktest.Env) [2]int64 {
	t.Helper()
	out := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t)
	return [2]int64{out.Uses, int64(out.Spent)}
}

// A coupon sells once, and what undoes the sale gives it back: a void, or the return
// of the last unit.
func TestCouponAtTheTill(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	code := coupons(t, env, 1)[0]
	buy := func(total retail.Money) till.CloseIn {
		in := sale([]till.Line{goodsOf("shirt", 2)}, card(total))
		in.Codes = []string{strings.ToLower(code)}
		return in
	}
	r := must(sdktest.Run(env, till.Close, buy(5382)))(t)
	if len(r.Applied) != 1 || r.Applied[0].Amount != 598 || r.Applied[0].Version != 1 || !slices.Equal(r.Applied[0].Funded, []pricing.Funded{{Supplier: "acme", Amount: 299}}) {
		t.Errorf("applied %+v", r.Applied)
	}
	if got := r.Applied[0].Code + r.Lines[0].Applied[0].Code; strings.Contains(got, code[:12]) || !strings.HasSuffix(strings.ToUpper(got), code[15:]) {
		t.Errorf("the receipt keeps %q of %q", got, code)
	}
	must(sdktest.Run(env, till.Close, buy(5980)))(t)
	must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea", Reason: "wrong size"}))(t)
	if u := used(t, env); u != [2]int64{} {
		t.Errorf("after the void: %v", u)
	}
	r = must(sdktest.Run(env, till.Close, buy(5382)))(t)
	back := must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	if len(back.Applied) != 1 || back.Applied[0].Amount != -299 || back.Applied[0].Funded[0].Amount != -150 || used(t, env) != [2]int64{1, 299} {
		t.Errorf("%+v, used %v", back.Applied, used(t, env))
	}
	must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	must(sdktest.Run(env, till.Close, buy(5382)))(t)
	if u := used(t, env); u != [2]int64{1, 598} {
		t.Errorf("in the end: %v", u)
	}
}

// A basket keeps its codes, quotes with them and says which do not help; closed, it has
// forgotten them.
func TestCodesOfBasket(t *testing.T) {
	t.Parallel()
	env := shop(t)
	code := coupons(t, env, 1)[0]
	b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "3", Cashier: "ada", Customer: "C-1"}))(t)
	must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "shirt"}))(t)
	_, err := sdktest.Run(env, till.SetCodes, till.SetCodesIn{Basket: b.ID, Codes: []string{code, ""}})
	refuses(t, err, sdk.CodeInvalid, "codes", "/codes/1")
	must(sdktest.Run(env, till.SetCodes, till.SetCodesIn{Basket: b.ID, Codes: []string{"NATALE", code}}))(t)
	q := must(sdktest.Call(env, till.Quote, till.BasketID{Basket: b.ID}))(t)
	if q.Total != 2691 || len(q.Codes) != 1 || q.Codes[0] != (pricing.RejectedCode{Code: "NATALE", Reason: "unknown"}) {
		t.Errorf("%d, %+v", q.Total, q.Codes)
	}
	must(sdktest.Run(env, till.Close, till.CloseIn{Basket: b.ID, Tenders: []till.Payment{card(2691)}, ExpectedTotal: &q.Total}))(t)
	if b = must(sdktest.Call(env, till.GetBasket, till.BasketID{Basket: b.ID}))(t); len(b.Codes) != 0 {
		t.Errorf("%v", b.Codes)
	}
}

// What another till used up in the meantime sells nothing at another price.
func TestUsedUpMeanwhile(t *testing.T) {
	t.Parallel()
	env := shop(t)
	code := coupons(t, env, 1)[0]
	in := sale([]till.Line{goodsOf("shirt", 1)}, card(2691))
	in.Codes = []string{code}
	told := retail.Money(2691)
	in.ExpectedTotal = &told
	must(sdktest.Run(env, till.Close, in))(t)
	_, err := sdktest.Run(env, till.Close, in)
	e := refuses(t, err, sdk.CodeConflict, "quote_changed", "/expected_total")
	if at := slices.IndexFunc(e.Fields, func(f sdk.Field) bool { return f.Name == "quote" }); at < 0 || !strings.Contains(e.Fields[at].Text, `"reason":"limit"`) || field(e, "total") != 2990 {
		t.Errorf("fields %+v", e.Fields)
	}
	sound(t, env, 1)
}

// A token sells what a quote has promised, whatever has changed since.
func TestToken(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{ID: "half", Name: "−50 %", Effects: []pricing.Effect{{Percent: 5000}}})
	b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "3", Cashier: "ada"}))(t)
	must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "shirt"}))(t)
	q := must(sdktest.Call(env, till.Quote, till.BasketID{Basket: b.ID}))(t)
	must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "half"}))(t)
	in := till.CloseIn{Basket: b.ID, Tenders: []till.Payment{card(1495)}, Token: q.Token}
	if r := must(sdktest.Run(env, till.Close, in))(t); r.Total != 1495 || r.Generation != q.Generation {
		t.Errorf("%d, generation %d", r.Total, r.Generation)
	}
}

// Tier and past orders of the customer reach the promotions that ask for them.
func TestCustomerOfPromotions(t *testing.T) {
	t.Parallel()
	env := shop(t)
	none := int64(0)
	goLive(t, env, pricing.Promotion{ID: "gold", Name: "Gold", For: pricing.Audience{Tiers: []string{"gold"}}, Effects: []pricing.Effect{{Percent: 1000}}})
	goLive(t, env, pricing.Promotion{ID: "first", Name: "First", If: []pricing.Condition{{PastOrders: &pricing.Range{Max: &none}}}, Effects: []pricing.Effect{{Percent: 5000}}})
	in := sale([]till.Line{goodsOf("hem", 1)}, cash(1000))
	in.Customer = "C-1"
	if r := must(sdktest.Run(env, till.Close, in))(t); r.Total != 1000 {
		t.Errorf("nobody knows him: %d", r.Total)
	}
	in.Tier, in.PastOrders = "gold", &none
	if r := must(sdktest.Run(env, till.Close, in))(t); r.Total != 450 {
		t.Errorf("gold and new: %d", r.Total)
	}
}

// A sale that was closed before pricing held anything can be voided; one whose coupons
// cannot be given back now cannot.
func TestVoidOfOldSale(t *testing.T) {
	t.Parallel()
	env := shop(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	env.Faults.Fail("pricing.release", sdk.Fail(sdk.CodeUnavailable, "", ""))
	_, err := sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea"})
	refuses(t, err, sdk.CodeUnavailable, "", "")
	env.Faults.Fail("pricing.release", sdk.NotFound("hold", ""))
	must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea"}))(t)
	sound(t, env, 2)
}

// What is imported is known to pricing, once, and what is refused is not.
func TestImportsAreRecorded(t *testing.T) {
	t.Parallel()
	env := shop(t)
	document := func(external string) till.Document {
		return till.Document{
			External: external, Number: "7", Store: "MI-01", Till: "1", At: 1_291_190_400_000,
			Lines: []till.DocumentLine{{SKU: "old", Quantity: 2, UnitPrice: "2.55", Amount: 510}},
		}
	}
	bad := document("uci:2")
	bad.Lines[0].Amount = 511
	for range 2 {
		must(sdktest.Run(env, till.ImportReceipts, till.ImportReceiptsIn{Documents: []till.Document{document("uci:1"), bad}}))(t)
	}
	must(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: document("uci:3"), DryRun: true}))(t)
	again := func(document string) pricing.RecordOut {
		return must(sdktest.Run(env, pricing.RecordSales, pricing.RecordIn{Sales: []pricing.Sale{{
			Document: document, At: 1_291_190_400_000, Store: "MI-01", Lines: []pricing.SaleLine{{SKU: "old", Quantity: 1, Per: 1}},
		}}}))(t)
	}
	for document, want := range map[string]pricing.RecordOut{
		"import/uci:1": {Present: 1}, "import/uci:2": {Kept: 1}, "import/uci:3": {Kept: 1},
	} {
		if got := again(document); got != want {
			t.Errorf("%s: %+v, want %+v", document, got, want)
		}
	}
}
