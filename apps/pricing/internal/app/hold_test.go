package app

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// limited is 10 % off with limits.
func limited(id string, l pricing.Limits) pricing.Promotion {
	return pricing.Promotion{ID: id, Effects: percentOff(1000), Limits: l}
}

// one is a shirt for a document.
func one(id string, codes ...string) pricing.HoldIn {
	in := pricing.HoldIn{ID: id, Basket: cart(of("shirt", 1))}
	in.Basket.Codes = codes
	return in
}

func sold(in pricing.HoldIn) pricing.HoldIn {
	in.Sale = true
	return in
}

func by(customer retail.CustomerID, in pricing.HoldIn) pricing.HoldIn {
	in.Basket.Customer = customer
	return in
}

func expecting(total retail.Money, in pricing.HoldIn) pricing.HoldIn {
	in.Expect = &total
	return in
}

// used is what a promotion has used: times and money.
func used(t *testing.T, env *sdktest.Env, id string) [2]int64 {
	t.Helper()
	out := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: id}))(t)
	return [2]int64{out.Uses, int64(out.Spent)}
}

func total(t *testing.T, env *sdktest.Env, in pricing.HoldIn) retail.Money {
	t.Helper()
	return must(sdktest.Run(env, pricing.HoldBasket, in))(t).Quote.Total
}

// What is held is there or given back, and then it is there for others.
func TestHoldConfirmRelease(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("first", pricing.Limits{Uses: 1, Budget: 1000}))
	held := must(sdktest.Run(env, pricing.HoldBasket, one("A")))(t)
	if held.Quote.Total != 2700 || held.Expires != env.Now()+15*60*1000 {
		t.Fatalf("%d until %d", held.Quote.Total, held.Expires)
	}
	if again := must(sdktest.Run(env, pricing.HoldBasket, one("A")))(t); again.Quote.Total != 2700 || used(t, env, "first") != [2]int64{1, 300} {
		t.Errorf("held again: %d, used %v", again.Quote.Total, used(t, env, "first"))
	}
	_, err := sdktest.Run(env, pricing.HoldBasket, one("A", "SUMMER"))
	refuses(t, err, sdk.CodeConflict, "hold", "")
	if got := total(t, env, one("B")); got != 3000 {
		t.Errorf("the second buyer pays %d", got)
	}
	if h := must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "A"}))(t); h.State != pricing.Released || used(t, env, "first") != [2]int64{} {
		t.Errorf("%+v, used %v", h, used(t, env, "first"))
	}
	if must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "A"}))(t); used(t, env, "first") != [2]int64{} {
		t.Errorf("given back twice: %v", used(t, env, "first"))
	}
	_, err = sdktest.Run(env, pricing.Confirm, pricing.HoldID{ID: "A"})
	refuses(t, err, sdk.CodeConflict, "released", "")
	if got := total(t, env, one("C")); got != 2700 {
		t.Errorf("the third buyer pays %d", got)
	}
	for range 2 {
		if h := must(sdktest.Run(env, pricing.Confirm, pricing.HoldID{ID: "C"}))(t); h.State != pricing.Confirmed || h.Expires != 0 {
			t.Errorf("%+v", h)
		}
	}
	_, err = sdktest.Run(env, pricing.Confirm, pricing.HoldID{ID: "nobody"})
	refuses(t, err, sdk.CodeNotFound, "hold", "")
}

// What nobody confirms comes back when it expires, once.
func TestHoldExpires(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("p", pricing.Limits{Uses: 1}))
	in := one("A")
	in.Minutes = 20
	must(sdktest.Run(env, pricing.HoldBasket, in))(t)
	if err := env.Advance(19 * time.Minute); err != nil || used(t, env, "p") != [2]int64{1, 300} {
		t.Fatal(err, used(t, env, "p"))
	}
	if err := env.Advance(time.Minute); err != nil || used(t, env, "p") != [2]int64{} {
		t.Fatal(err, used(t, env, "p"))
	}
	if h := must(sdktest.Call(env, pricing.GetHold, pricing.HoldID{ID: "A"}))(t); h.State != pricing.Released {
		t.Errorf("%+v", h)
	}
	if got := total(t, env, one("A")); got != 2700 {
		t.Errorf("held anew for %d", got)
	}
	must(sdktest.Run(env, pricing.Confirm, pricing.HoldID{ID: "A"}))(t)
	if err := env.Advance(24 * time.Hour); err != nil || used(t, env, "p") != [2]int64{1, 300} {
		t.Errorf("%v: what was sold has expired: %v", err, used(t, env, "p"))
	}
}

// A total that is not what the customer was told holds nothing, and the error has the
// new quote.
func TestQuoteChanged(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, limited("p", pricing.Limits{Uses: 1}))
	must(sdktest.Run(env, pricing.HoldBasket, sold(one("A"))))(t)
	_, err := sdktest.Run(env, pricing.HoldBasket, expecting(2700, one("B", "NATALE")))
	refuses(t, err, sdk.CodeConflict, "quote_changed", "/expect")
	var e *sdk.Error
	errors.As(err, &e)
	var text string
	var now int64
	for _, f := range e.Fields {
		switch f.Name {
		case "quote":
			text = f.Text
		case "total":
			now = f.Int
		}
	}
	var q pricing.QuoteOut
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if now != 3000 || q.Total != 3000 || len(q.Lines) != 1 || q.Lines[0].SKU != "shirt" || len(q.Codes) != 1 || q.Codes[0].Reason != "unknown" {
		t.Errorf("%d: %s", now, text)
	}
	if len(q.NotApplied) != 1 || q.NotApplied[0].Reason != pricing.UsageLimit {
		t.Errorf("not applied: %+v", q.NotApplied)
	}
	_, err = sdktest.Call(env, pricing.GetHold, pricing.HoldID{ID: "B"})
	refuses(t, err, sdk.CodeNotFound, "hold", "")
	if got := total(t, env, expecting(3000, one("B", "NATALE"))); got != 3000 {
		t.Error(got)
	}
}

// The last use, each customer's own and the last cents of a budget go to whoever comes
// first; a discount that no longer fits is refused, or cut.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		limits pricing.Limits
		holds  []pricing.HoldIn
		want   []retail.Money
	}{
		{"uses", pricing.Limits{Uses: 2}, []pricing.HoldIn{one("1"), one("2"), one("3")}, []retail.Money{2700, 2700, 3000}},
		{"uses of a customer", pricing.Limits{UsesPerCustomer: 1},
			[]pricing.HoldIn{by("ada", one("1")), by("bea", one("2")), by("ada", one("3")), one("4")}, []retail.Money{2700, 2700, 3000, 3000}},
		{"a budget that refuses", pricing.Limits{Budget: 700}, []pricing.HoldIn{one("1"), one("2"), one("3")}, []retail.Money{2700, 2700, 3000}},
		{"a budget that cuts", pricing.Limits{Budget: 700, Overrun: pricing.Partial},
			[]pricing.HoldIn{one("1"), one("2"), one("3"), one("4")}, []retail.Money{2700, 2700, 2900, 3000}},
		{"a budget for each store", pricing.Limits{BudgetPerStore: 300},
			[]pricing.HoldIn{one("1"), one("2"), inStore("WEB", one("3")), inStore("WEB", one("4"))}, []retail.Money{2700, 3000, 2700, 3000}},
		{"both budgets", pricing.Limits{Budget: 500, BudgetPerStore: 400, Overrun: pricing.Partial},
			[]pricing.HoldIn{one("1"), one("2"), inStore("WEB", one("3"))}, []retail.Money{2700, 2900, 2900}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := shop(t, sdktest.Twice)
			goLive(t, env, limited("p", tt.limits))
			for i, in := range tt.holds {
				quoted := must(sdktest.Call(env, pricing.Quote, in.Basket))(t).Total
				if got := total(t, env, sold(expecting(quoted, in))); got != tt.want[i] {
					t.Errorf("%s pays %d, want %d", in.ID, got, tt.want[i])
				}
			}
		})
	}
}

func inStore(store retail.StoreID, in pricing.HoldIn) pricing.HoldIn {
	in.Basket.Store = store
	return in
}

// What a cancelled sale gives back is what the promotion and the batch say.
func TestCancelledSale(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                  string
		keepUse, keepCode     bool
		uses, coupons, budget int64
	}{
		{"everything", false, false, 0, 0, 0},
		{"the promotion keeps its use", true, false, 1, 0, 0},
		{"the batch keeps the coupon", false, true, 0, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := shop(t)
			must(sdktest.Run(env, pricing.PutBatch, pricing.Batch{ID: "b", Name: "B", KeepOnVoid: tt.keepCode}))(t)
			p := limited("p", pricing.Limits{Budget: 1000, KeepCancelled: tt.keepUse})
			p.Batches = []string{"b"}
			goLive(t, env, p)
			drawn := must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "b", Count: 1}))(t).Codes[0]
			if got := total(t, env, sold(one("A", drawn))); got != 2700 {
				t.Fatal(got)
			}
			for range 2 {
				must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "A"}))(t)
			}
			b := must(sdktest.Call(env, pricing.Batches, pricing.BatchesIn{}))(t).Batches[0]
			if u := used(t, env, "p"); u != [2]int64{tt.uses, tt.budget} || b.Redeemed != tt.coupons {
				t.Errorf("used %v, %d coupons", u, b.Redeemed)
			}
			if n := len(sdktest.Emitted(env, pricing.CouponRedeemed)) - len(sdktest.Emitted(env, pricing.CouponReleased)); n != 0 {
				t.Errorf("%d uses were told and not taken back", n)
			}
			_, err := sdktest.Run(env, pricing.HoldBasket, sold(one("A", drawn)))
			refuses(t, err, sdk.CodeConflict, "hold", "")
		})
	}
}

// Goods that come back give their share of a budget back, and the last of them the
// uses.
func TestReturnsGiveBack(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("p", pricing.Limits{Uses: 1, Budget: 1000}))
	in := sold(pricing.HoldIn{ID: "A", Basket: cart(of("shirt", 2))})
	if got := total(t, env, in); got != 5400 {
		t.Fatal(got)
	}
	back := func(document string, last bool) pricing.RecordIn {
		return pricing.RecordIn{Sales: []pricing.Sale{{
			Document: document, Returns: "A", Last: last, At: env.Now(), Store: "MI-01", Total: -2700,
			Lines:   []pricing.SaleLine{{SKU: "shirt", Quantity: -1, UnitPrice: 3000, Per: 1, Total: -2700}},
			Applied: []pricing.Applied{{Promotion: "p", Version: 1, Amount: -300}},
		}}}
	}
	for range 2 {
		must(sdktest.Run(env, pricing.RecordSales, back("R1", false)))(t)
	}
	if u := used(t, env, "p"); u != [2]int64{1, 300} {
		t.Errorf("after the first: %v", u)
	}
	out := must(sdktest.Run(env, pricing.RecordSales, back("R2", true)))(t)
	if u := used(t, env, "p"); u != [2]int64{} || out.Kept != 1 {
		t.Errorf("after the last: %v, %+v", u, out)
	}
	if sum, n := recorded(t, env); sum != 0 || n != 3 {
		t.Errorf("%d documents come to %d", n, sum)
	}
	total(t, env, sold(one("B")))
	more := back("R3", false)
	more.Sales[0].Returns, more.Sales[0].Applied[0].Amount = "B", -5000
	if must(sdktest.Run(env, pricing.RecordSales, more))(t); used(t, env, "p") != [2]int64{1, 0} {
		t.Errorf("more came back than was given: %v", used(t, env, "p"))
	}
}

// recorded adds up what is recorded.
func recorded(t *testing.T, env *sdktest.Env) (sum retail.Money, documents int) {
	t.Helper()
	if err := env.View(func(v *sdk.View) error {
		for s := range salesOf(v, "2020-01-01", "2030-01-01") {
			sum, documents = sum+s.Total, documents+1
			var lines retail.Money
			for _, l := range s.Lines {
				lines += l.Total
			}
			if lines != s.Total {
				t.Errorf("%s: lines of %d, total %d", s.Document, lines, s.Total)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return sum, documents
}

// A sale is recorded when it is final, with what a back-test needs; a void leaves
// nothing of it in the sums, also after a return.
func TestSalesAreRecorded(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, limited("p", pricing.Limits{}))
	must(sdktest.Run(env, pricing.HoldBasket, by("ada", one("A"))))(t)
	if _, n := recorded(t, env); n != 0 {
		t.Errorf("%d sales of what is held", n)
	}
	env.At("2026-11-22 00:05 Europe/Rome") // the hold has not expired yet: nobody has let the host work
	must(sdktest.Run(env, pricing.Confirm, pricing.HoldID{ID: "A"}))(t)
	if err := env.View(func(v *sdk.View) error {
		for s := range salesOf(v, "2026-11-22", "2026-11-22") {
			if s.Document != "A" || s.Customer != "ada" || s.At != env.Now() || s.Total != 2700 || len(s.Applied) != 1 || s.Lines[0].UnitPrice != 3000 {
				t.Errorf("%+v", s)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "A"}))(t)
	if sum, n := recorded(t, env); sum != 0 || n != 2 {
		t.Errorf("%d documents come to %d", n, sum)
	}
}

// Marks of budgets are told once for each amount.
func TestBudgetThreshold(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("p", pricing.Limits{Budget: 1000}))
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		total(t, env, sold(one(id)))
	}
	var got [][2]int64
	for _, m := range sdktest.Emitted(env, pricing.BudgetThreshold) {
		got = append(got, [2]int64{m.Percent, int64(m.Spent)})
	}
	if len(got) != 2 || got[0] != [2]int64{80, 900} || got[1] != [2]int64{100, 900} {
		t.Errorf("%v", got)
	}
	must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "1"}))(t)
	total(t, env, sold(one("6")))
	if n := len(sdktest.Emitted(env, pricing.BudgetThreshold)); n != 2 {
		t.Errorf("%d marks", n)
	}
}

// Of a coupon's code nothing is kept that anybody could use.
func TestCodesAreNotKept(t *testing.T) {
	t.Parallel()
	env := shop(t)
	must(sdktest.Run(env, pricing.PutBatch, pricing.Batch{ID: "b", Name: "B", Uses: 5}))(t)
	p := limited("p", pricing.Limits{})
	p.Batches = []string{"b"}
	goLive(t, env, p)
	drawn := must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "b", Count: 1}))(t).Codes[0]
	held := must(sdktest.Run(env, pricing.HoldBasket, sold(one("A", drawn))))(t)
	if got := held.Quote.Applied[0].Code; got != "…"+drawn[15:] {
		t.Errorf("%q of %q", got, drawn)
	}
	if err := env.View(func(v *sdk.View) error {
		for s := range salesOf(v, "2026-11-21", "2026-11-21") {
			all, _ := json.Marshal(s)
			if strings.Contains(string(all), drawn) || len(s.Codes) != 1 || s.Codes[0] != key.Coupon(code.Fold(drawn, false)) {
				t.Errorf("%s", all)
			}
		}
		h, _ := holds.Get(v, sdk.K("A"))
		if all, _ := json.Marshal(h); strings.Contains(string(all), drawn) {
			t.Errorf("%s", all)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
