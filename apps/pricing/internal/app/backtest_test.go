package app

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// boughtBefore is a past sale at list prices, of shirts for 30.00 and coats for 200.00.
func boughtBefore(document string, at retail.Instant, shirts, coats retail.Quantity) pricing.Sale {
	s := pricing.Sale{Document: document, At: at, Store: "MI-01"}
	for _, l := range []pricing.SaleLine{{SKU: "shirt", Quantity: shirts, UnitPrice: 3000, Per: 1}, {SKU: "coat", Quantity: coats, UnitPrice: 20000, Per: 1}} {
		if l.Quantity > 0 {
			l.Total = l.UnitPrice * retail.Money(l.Quantity)
			s.Lines, s.Total = append(s.Lines, l), s.Total+l.Total
		}
	}
	return s
}

func recordAll(t *testing.T, env *sdktest.Env, all ...pricing.Sale) {
	t.Helper()
	for part := range slices.Chunk(all, maxSales) {
		must(sdktest.Run(env, pricing.RecordSales, pricing.RecordIn{Sales: part}))(t)
	}
}

// backTested is a promotion back-tested over all that there is.
func backTested(t *testing.T, env *sdktest.Env, in pricing.BackTestIn) pricing.BackTest {
	t.Helper()
	in.First, in.Last = "2026-01-01", "2026-12-31"
	if in.Promotion != nil {
		in.Promotion.ID, in.Promotion.Name = cmp.Or(in.Promotion.ID, "draft"), "Draft"
	}
	must(sdktest.Run(env, pricing.BeginBackTest, in))(t)
	settle(t, env)
	out := must(sdktest.Call(env, pricing.GetBackTest, pricing.BackTestID{ID: in.ID}))(t)
	if out.State != pricing.Finished || out.Ended == 0 {
		t.Fatalf("%+v", out)
	}
	return out
}

// onShirts is a rate off shirts from a quantity on.
func onShirts(rate retail.BasisPoints, from int64) pricing.Promotion {
	return pricing.Promotion{
		Goods: pricing.Selection{Lines: []string{"basic"}}, If: []pricing.Condition{{LineQuantity: atLeast(from), PerLine: true}}, Effects: percentOff(rate),
	}
}

func newOnShirts(rate retail.BasisPoints, from int64) *pricing.Promotion {
	return new(onShirts(rate, from))
}

// What a draft would have cost is what a naive recomputation comes to, over receipts
// enough for many steps; two stores add up to both, and a promotion that matches
// nothing costs nothing.
func TestBackTestAgainstNaive(t *testing.T) {
	t.Parallel()
	env := shop(t)
	random := rand.New(rand.NewPCG(4, 6))
	var all []pricing.Sale
	want := map[retail.StoreID]pricing.BackTest{}
	for i := range 9*stepSales + 7 {
		shirts, coats := retail.Quantity(random.IntN(6)), retail.Quantity(random.IntN(3))
		s := boughtBefore(fmt.Sprint("R", i), env.Now()-retail.Instant(random.IntN(300))*aDay, shirts, coats+1)
		if random.IntN(2) == 0 {
			s.Store = "WEB"
		}
		w := want[s.Store]
		w.Receipts++
		if shirts >= 3 {
			off := (s.Lines[0].Total*1250 + 5000) / 10_000 // 12.5 %, half up
			w.Touched, w.Cost, w.Revenue = w.Touched+1, w.Cost+off, w.Revenue+s.Total
		}
		want[s.Store], all = w, append(all, s)
	}
	recordAll(t, env, all...)
	for name, stores := range map[string][]retail.StoreID{"both": nil, "milan": {"MI-01"}, "web": {"WEB"}, "the two": {"MI-01", "WEB"}} {
		var sum pricing.BackTest
		for store, w := range want {
			if len(stores) == 0 || slices.Contains(stores, store) {
				sum.Receipts, sum.Touched = sum.Receipts+w.Receipts, sum.Touched+w.Touched
				sum.Cost, sum.Revenue = sum.Cost+w.Cost, sum.Revenue+w.Revenue
			}
		}
		got := backTested(t, env, pricing.BackTestIn{ID: name, Promotion: newOnShirts(1250, 3), Stores: stores})
		if got.Receipts != sum.Receipts || got.Touched != sum.Touched || got.Cost != sum.Cost || got.Retailer != sum.Cost || got.Revenue != sum.Revenue ||
			got.Cost == 0 || got.Differs != 0 || got.Displaced != 0 || got.Worse != 0 || len(got.Examples) != 20 {
			t.Errorf("%s: %+v, want %+v", name, got, sum)
		}
	}
	if got := backTested(t, env, pricing.BackTestIn{ID: "nothing", Promotion: newOnShirts(1250, 100)}); got.Cost != 0 || got.Touched != 0 || got.Receipts != int64(len(all)) {
		t.Errorf("%+v", got)
	}
}

func TestBackTestOfNothing(t *testing.T) {
	t.Parallel()
	env := shop(t)
	got := backTested(t, env, pricing.BackTestIn{ID: "none", Promotion: newOnShirts(1000, 1)})
	if got.Receipts != 0 || got.Cost != 0 || got.Truth != nil {
		t.Errorf("%+v", got)
	}
	refuse := func(in pricing.BackTestIn, code sdk.Code, reason, pointer string) {
		t.Helper()
		in.Promotion = newOnShirts(1000, 1)
		in.Promotion.ID, in.Promotion.Name = "p", "P"
		_, err := sdktest.Run(env, pricing.BeginBackTest, in)
		refuses(t, err, code, reason, pointer)
	}
	refuse(pricing.BackTestIn{ID: "none", First: "2026-01-01", Last: "2026-01-01"}, sdk.CodeConflict, "id", "")
	refuse(pricing.BackTestIn{ID: "x", First: "2026-02-01", Last: "2026-01-31"}, sdk.CodeInvalid, "period", "/last")
	refuse(pricing.BackTestIn{ID: "x", First: "2026-02-30", Last: "2026-03-01"}, sdk.CodeInvalid, "period", "/first")
	_, err := sdktest.Run(env, pricing.BeginBackTest, pricing.BackTestIn{ID: "x", First: "2026-01-01", Last: "2026-01-01", Promotion: &pricing.Promotion{ID: "p", Name: "P", Effects: []pricing.Effect{{}}}})
	refuses(t, err, sdk.CodeInvalid, "effect", "/promotion/effects/0")
	_, err = sdktest.Call(env, pricing.GetBackTest, pricing.BackTestID{ID: "x"})
	refuses(t, err, sdk.CodeNotFound, "back_test", "")
}

// A receipt is priced with the promotions that were live at its instant, whatever is
// live now: before "old" went live, while it was, and when it was paused.
func TestBackTestUsesPromotionsOfThen(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	recordAll(t, env, boughtBefore("before", env.Now(), 1, 0))
	env.At("2026-11-22 10:00 Europe/Rome")
	goLive(t, env, pricing.Promotion{
		ID: "old", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(3000), Stacking: pricing.Stacking{Group: "g"},
		Funding: []pricing.Funder{{Supplier: "acme", Share: 5000}},
	})
	env.At("2026-11-22 11:00 Europe/Rome")
	if got := total(t, env, sold(one("while"))); got != 2100 {
		t.Fatal(got)
	}
	env.At("2026-11-22 12:00 Europe/Rome")
	must(sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "old"}))(t)
	env.At("2026-11-22 13:00 Europe/Rome")
	recordAll(t, env, boughtBefore("after", env.Now(), 1, 0))
	draft := onShirts(5000, 1)
	draft.Stacking.Group = "g"
	draft.Funding = []pricing.Funder{{Supplier: "beta", Share: 1000}}
	got := backTested(t, env, pricing.BackTestIn{ID: "b", Promotion: &draft})
	want := pricing.BackTest{
		Receipts: 3, Touched: 3, Cost: 1500 + (1500 - 900) + 1500, Revenue: 3000 + 2100 + 3000,
		Suppliers: []pricing.Funded{{Supplier: "acme", Amount: -450}, {Supplier: "beta", Amount: 450}}, Retailer: 3600,
		Displaced: 900, With: []pricing.Funded{{Supplier: "old", Amount: 900}}, Examples: []string{"after", "before", "while"},
	}
	if !sameFigures(&got, &want) {
		t.Errorf("%+v,\nwant %+v", got, want)
	}
	same := backTested(t, env, pricing.BackTestIn{ID: "itself", Promotion: &pricing.Promotion{ID: "old", Goods: draft.Goods, Effects: percentOff(3000)}})
	if same.Truth == nil || !same.Truth.Same || same.Truth.Receipts != 1 || same.Truth.Cost != 900 || same.Cost != 2700 || same.Displaced != 0 {
		t.Errorf("forecast %+v, truth %+v", same, same.Truth)
	}
}

// sameFigures compares what a run comes to.
func sameFigures(got, want *pricing.BackTest) bool {
	g := *got
	g.Measures, g.ID, g.State, g.Promotion, g.First, g.Last, g.Begun, g.Ended = "", "", "", pricing.Promotion{}, "", "", 0, 0
	g.Days, g.Done, g.Heard, g.Figures = 0, 0, 0, nil
	return reflect.DeepEqual(&g, want)
}

// What is void, what came back, and what has no price is left out. Customers who would
// pay more are counted, and margins where all costs are known.
func TestBackTestFigures(t *testing.T) {
	t.Parallel()
	env := shop(t)
	must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "shirt", Amount: 1000}}}))(t)
	goLive(t, env, pricing.Promotion{ID: "half", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(5000)})
	for _, id := range []string{"S", "V"} {
		if got := total(t, env, sold(one(id))); got != 1500 {
			t.Fatal(got)
		}
	}
	must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "V"}))(t)
	back := boughtBefore("B", env.Now(), 1, 0)
	back.Returns, back.Lines[0].Quantity, back.Lines[0].Total, back.Total = "S", -1, -1500, -1500
	bare := boughtBefore("C", env.Now(), 1, 0) // sold for more than what was live comes to
	recordAll(t, env, back, bare, boughtBefore("D", env.Now(), 1, 1))
	draft := pricing.Promotion{
		Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(1000), Stacking: pricing.Stacking{Exclusive: pricing.ExclusiveAll, Priority: 9},
	}
	got := backTested(t, env, pricing.BackTestIn{ID: "b", Promotion: &draft})
	if got.Receipts != 3 || got.LeftOut != 3 || got.Touched != 3 || got.Cost != -2400 || got.Returned != -1200 || got.Worse != 2 || got.WorseBy != 2400 || got.Displaced != 3000 || got.Differs != 2 {
		t.Errorf("%+v", got)
	}
	// 15.00 is 12.30 without VAT, 27.00 is 22.13; the shirt of S is back, the coat of D has no cost.
	if m := got.Margin; m == nil || *m != (pricing.MarginChange{Before: 1230 - 1000, After: 2213 - 1000, Covered: 2}) {
		t.Errorf("%+v", m)
	}
}

// Limits, codes and periods of a draft count as they would have.
func TestBackTestLimits(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	var all []pricing.Sale
	for i, customer := range []retail.CustomerID{"ada", "ada", "bea", "", "ada"} {
		s := boughtBefore(fmt.Sprint("R", i), env.Now()-retail.Instant(10-i)*aDay, 1, 0)
		if s.Customer = customer; i == 4 {
			s.Store = "WEB"
		}
		all = append(all, s)
	}
	recordAll(t, env, all...)
	for name, tt := range map[string]struct {
		change func(*pricing.BackTestIn)
		cost   retail.Money
	}{
		"none":              {func(*pricing.BackTestIn) {}, 1500},
		"uses":              {func(in *pricing.BackTestIn) { in.Promotion.Limits.Uses = 2 }, 600},
		"uses per customer": {func(in *pricing.BackTestIn) { in.Promotion.Limits.UsesPerCustomer = 1 }, 600},
		"budget":            {func(in *pricing.BackTestIn) { in.Promotion.Limits.Budget = 700 }, 600},
		"budget in part": {func(in *pricing.BackTestIn) {
			in.Promotion.Limits = pricing.Limits{Budget: 700, Overrun: pricing.Partial}
		}, 700},
		"budget per store": {func(in *pricing.BackTestIn) { in.Promotion.Limits.BudgetPerStore = 300 }, 600},
		"a code":           {func(in *pricing.BackTestIn) { in.Promotion.Codes = []string{"NATALE"} }, 0},
		"a code for all": {func(in *pricing.BackTestIn) {
			in.Promotion.Codes, in.WithCode = []string{"NATALE"}, true
		}, 1500},
		"a period": {func(in *pricing.BackTestIn) {
			in.Promotion.Period = retail.Period{From: all[1].At, To: all[3].At}
		}, 600},
		"a period that is moved": {func(in *pricing.BackTestIn) {
			in.Promotion.Period, in.Shift = retail.Period{From: all[1].At, To: all[3].At}, true
		}, 1500},
		"a store": {func(in *pricing.BackTestIn) { in.Promotion.For.Stores = []retail.StoreID{"WEB"} }, 300},
	} {
		in := pricing.BackTestIn{ID: name, Promotion: newOnShirts(1000, 1)}
		tt.change(&in)
		if got := backTested(t, env, in); got.Cost != tt.cost || got.Receipts != 5 {
			t.Errorf("%s: %d over %d receipts, want %d", name, got.Cost, got.Receipts, tt.cost)
		}
	}
}

// A run that is cancelled ends with what it has; people see how far a run is.
func TestBackTestCancelled(t *testing.T) {
	t.Parallel()
	env := shop(t)
	recordAll(t, env, boughtBefore("R", env.Now(), 1, 0))
	in := pricing.BackTestIn{ID: "b", First: "2026-11-01", Last: "2026-11-30", Promotion: newOnShirts(1000, 1)}
	in.Promotion.ID, in.Promotion.Name = "p", "P"
	must(sdktest.Run(env, pricing.BeginBackTest, in))(t)
	must(sdktest.Run(env, pricing.CancelBackTest, pricing.BackTestID{ID: "b"}))(t)
	settle(t, env)
	runs := must(sdktest.Call(env, pricing.BackTests, pricing.BackTestsIn{}))(t).Runs
	if len(runs) != 1 || runs[0].State != pricing.Cancelled || runs[0].Receipts != 0 {
		t.Errorf("%+v", runs)
	}
	if got := backTested(t, env, pricing.BackTestIn{ID: "c", Promotion: newOnShirts(1000, 1)}); got.Receipts != 1 || got.Cost != 300 {
		t.Errorf("%+v", got)
	}
	for _, j := range env.Jobs() {
		if j.ID == "c" && (j.Done != 365 || j.Total != 365) {
			t.Errorf("%+v", j)
		}
	}
}

// The cost is how much less is paid over all receipts, whatever runs already and
// however it goes together with the draft: pricing.try says each basket's total.
func TestBackTestIsConserved(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			env, random := shop(t), rand.New(rand.NewPCG(seed, 7))
			promotions := []pricing.Promotion{}
			for i := range 4 {
				promotions = append(promotions, anyPromotion(random, fmt.Sprint("p", i)))
			}
			draft := promotions[3]
			for _, p := range promotions[:3] {
				goLive(t, env, p)
			}
			env.At("2026-11-22 10:00 Europe/Rome")
			var all []pricing.Sale
			var cost retail.Money
			for i := range 40 {
				s := boughtBefore(fmt.Sprint("R", i), env.Now(), retail.Quantity(random.IntN(5)), retail.Quantity(random.IntN(3)+1))
				all = append(all, s)
				cost += tried(t, env, &s, promotions[:3]) - tried(t, env, &s, promotions)
			}
			recordAll(t, env, all...)
			got := backTested(t, env, pricing.BackTestIn{ID: "b", Promotion: &draft})
			paid := got.Retailer
			for _, f := range got.Suppliers {
				paid += f.Amount
			}
			if got.Cost != cost || paid != cost {
				t.Errorf("cost %d, paid %d, want %d: %+v", got.Cost, paid, cost, got)
			}
		})
	}
}

// anyPromotion is some promotion of shirts, coats or both.
func anyPromotion(random *rand.Rand, id string) pricing.Promotion {
	p := pricing.Promotion{ID: id, Name: id, Effects: percentOff(retail.BasisPoints(500 * (1 + random.IntN(10))))}
	switch random.IntN(4) {
	case 0:
		p.Goods.Lines = []string{"basic"}
	case 1:
		p.Goods.SKUs = []retail.SKU{"coat"}
	case 2:
		p.Effects = []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: retail.Money(100 + random.IntN(5000))}}}
	}
	p.Stacking = pricing.Stacking{
		Priority: int64(random.IntN(3)), Group: []string{"", "g"}[random.IntN(2)],
		Exclusive: []pricing.Exclusive{"", "", pricing.ExclusiveGoods, pricing.ExclusiveAll}[random.IntN(4)],
	}
	if random.IntN(2) == 0 {
		p.Funding = []pricing.Funder{{Supplier: "acme", Share: 3333}, {Supplier: "beta", Share: 3333}}
	}
	return p
}

// tried is what a basket comes to with promotions.
func tried(t *testing.T, env *sdktest.Env, s *pricing.Sale, promotions []pricing.Promotion) retail.Money {
	t.Helper()
	b := pricing.TryBasket{Store: s.Store, At: s.At, Promotions: promotions}
	for _, l := range s.Lines {
		line := pricing.TryLine{SKU: l.SKU, Quantity: l.Quantity, UnitPrice: l.UnitPrice, VATRate: 2200}
		if l.SKU == "shirt" {
			line.Line = "basic"
		}
		b.Lines = append(b.Lines, line)
	}
	return must(sdktest.Call(env, pricing.Try, pricing.TryIn{Basket: &b}))(t).Quote.Total
}
