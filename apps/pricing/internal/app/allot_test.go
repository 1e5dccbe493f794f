package app

import (
	"errors"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// aPart asks for a part of one promotion for till 3.
func aPart(p pricing.AllotPart) pricing.AllotIn {
	return pricing.AllotIn{Store: "MI-01", Till: "3", Parts: []pricing.AllotPart{p}}
}

func allotted(t *testing.T, env *sdktest.Env, p pricing.AllotPart) pricing.Allotted {
	t.Helper()
	return must(sdktest.Run(env, pricing.Allot, aPart(p)))(t).Parts[0]
}

// late is a shirt that till 3 sold while it was cut off, with so much off by a promotion.
func late(env *sdktest.Env, document, promotion string, off retail.Money, slips ...string) pricing.TakeOverIn {
	return pricing.TakeOverIn{Till: "3", Slips: slips, Sale: pricing.Sale{
		Document: document, At: env.Now(), Store: "MI-01", Channel: "store", Total: 3000 - off,
		Lines:   []pricing.SaleLine{{SKU: "shirt", Quantity: 1, UnitPrice: 3000, Per: 1, Total: 3000 - off}},
		Applied: []pricing.Applied{{Promotion: promotion, Version: 1, Amount: off}},
	}}
}

// uncovered fails a test unless a sale was refused for want of a slip, and for why.
func uncovered(t *testing.T, err error, why string) {
	t.Helper()
	refuses(t, err, sdk.CodeFailedPrecondition, "not_covered", "/slips")
	var e *sdk.Error
	_ = errors.As(err, &e)
	for _, f := range e.Fields {
		if f.Name == "why" && f.Text != why {
			t.Errorf("not covered for %q, want %q", f.Text, why)
		}
	}
}

func spentOf(t *testing.T, env *sdktest.Env, promotion string) (uses int64, spent retail.Money) {
	t.Helper()
	b := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: promotion}))(t)
	return b.Uses, b.Spent
}

// A till takes 10.00 of a budget of 25.00 with it. Nobody else spends that; the till spends
// no more; and what it did not spend comes back when it is settled.
func TestAllotmentOfBudget(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("ten", pricing.Limits{Budget: 2500}))
	a := allotted(t, env, pricing.AllotPart{Promotion: "ten", Amount: 1000})
	if _, spent := spentOf(t, env, "ten"); spent != 1000 {
		t.Errorf("%d is spent as soon as a till holds 1000", spent)
	}
	_, err := sdktest.Run(env, pricing.Allot, aPart(pricing.AllotPart{Promotion: "ten", Amount: 1501}))
	refuses(t, err, sdk.CodeExhausted, "budget", "/parts/0/amount")

	must(sdktest.Run(env, pricing.TakeOver, late(env, "D1", "ten", 300, a.Slip)))(t)
	must(sdktest.Run(env, pricing.TakeOver, late(env, "D2", "ten", 300, a.Slip)))(t)
	_, err = sdktest.Run(env, pricing.TakeOver, late(env, "D2", "ten", 300, a.Slip))
	refuses(t, err, sdk.CodeConflict, "hold", "")
	_, err = sdktest.Run(env, pricing.TakeOver, late(env, "D3", "ten", 401, a.Slip))
	uncovered(t, err, "amount")
	_, err = sdktest.Run(env, pricing.TakeOver, late(env, "D3", "ten", 300))
	uncovered(t, err, "slip")
	forged := a.Slip[:len(a.Slip)-1] + map[bool]string{true: "1", false: "0"}[a.Slip[len(a.Slip)-1] == '0']
	_, err = sdktest.Run(env, pricing.TakeOver, late(env, "D3", "ten", 300, forged))
	uncovered(t, err, "slip")
	other := late(env, "D3", "ten", 300, a.Slip)
	other.Till = "4"
	_, err = sdktest.Run(env, pricing.TakeOver, other)
	uncovered(t, err, "slip")
	if _, spent := spentOf(t, env, "ten"); spent != 1000 {
		t.Errorf("what the slip covers was counted twice: %d", spent)
	}

	must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "D1"}))(t) // that sale is void
	for range 2 {
		if got := must(sdktest.Run(env, pricing.Settle, pricing.SettleIn{Allotment: a.Allotment.ID}))(t); got.AmountLeft != 400 || got.Closed == 0 {
			t.Errorf("settled %+v", got)
		}
	}
	if _, spent := spentOf(t, env, "ten"); spent != 300 {
		t.Errorf("in the end %d is spent, want what one sale took off", spent)
	}
	_, err = sdktest.Run(env, pricing.TakeOver, late(env, "D4", "ten", 300, a.Slip))
	uncovered(t, err, "closed")
	waived := late(env, "D4", "ten", 300, a.Slip)
	waived.Waive = true
	if got := must(sdktest.Run(env, pricing.TakeOver, waived))(t); len(got.Waived) != 1 || len(got.Uses) != 0 {
		t.Errorf("let pass %+v", got)
	}
	if _, spent := spentOf(t, env, "ten"); spent != 300 {
		t.Errorf("what was let pass is counted: %d", spent)
	}
}

// What a till does not tell in time comes back by itself: three days after it may use the
// part no more. What it tells then is not covered, so that nothing is spent twice.
func TestAllotmentEnds(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("two", pricing.Limits{Uses: 2}))
	a := allotted(t, env, pricing.AllotPart{Promotion: "two", Uses: 2})
	_, err := sdktest.Run(env, pricing.Allot, aPart(pricing.AllotPart{Promotion: "two", Uses: 1}))
	refuses(t, err, sdk.CodeExhausted, "usage_limit", "/parts/0/uses")
	inTime, afterwards := late(env, "D1", "two", 300, a.Slip), late(env, "D2", "two", 300, a.Slip)
	afterwards.Sale.At = a.Allotment.Until
	never := late(env, "D3", "two", 300, a.Slip)
	if err := env.Advance(4*24*time.Hour - time.Minute); err != nil {
		t.Fatal(err)
	}
	must(sdktest.Run(env, pricing.TakeOver, inTime))(t)
	_, err = sdktest.Run(env, pricing.TakeOver, afterwards)
	uncovered(t, err, "expired")
	if uses, _ := spentOf(t, env, "two"); uses != 2 {
		t.Errorf("%d uses while the till may tell, want 2", uses)
	}
	if err := env.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	if uses, _ := spentOf(t, env, "two"); uses != 1 {
		t.Errorf("%d uses when it may no more, want the one that it told", uses)
	}
	_, err = sdktest.Run(env, pricing.TakeOver, never)
	uncovered(t, err, "closed")
}

// A coupon is used by one till, wherever it is shown: the till that holds it, or the others.
func TestAllotmentOfCoupon(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	must(sdktest.Run(env, pricing.PutBatch, pricing.Batch{ID: "b", Name: "B"}))(t)
	p := limited("c", pricing.Limits{UsesPerCustomer: 1})
	p.Batches = []string{"b"}
	goLive(t, env, p)
	drawn := must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "b", Count: 3}))(t).Codes
	_, err := sdktest.Run(env, pricing.Allot, aPart(pricing.AllotPart{Promotion: "c", Uses: 1}))
	refuses(t, err, sdk.CodeNotFound, "code", "/parts/0/code")
	a := allotted(t, env, pricing.AllotPart{Promotion: "c", Code: drawn[0], Uses: 1})
	b := allotted(t, env, pricing.AllotPart{Promotion: "c", Code: drawn[1], Uses: 1})
	in := pricing.QuoteIn{Store: "MI-01", Customer: "ada", Codes: drawn[:1], Lines: []pricing.QuoteLine{of("shirt", 1)}}
	if q := must(sdktest.Call(env, pricing.Quote, in))(t); q.Discount != 0 || len(q.Codes) != 1 || q.Codes[0].Reason != "limit" {
		t.Errorf("others use the coupon: %+v", q.Codes)
	}
	sale := late(env, "D1", "c", 300, a.Slip)
	sale.Sale.Customer, sale.Codes = "ada", drawn[:1]
	must(sdktest.Run(env, pricing.TakeOver, sale))(t)
	blind := late(env, "D2", "c", 300)
	blind.Codes = drawn[2:]
	_, err = sdktest.Run(env, pricing.TakeOver, blind)
	uncovered(t, err, "slip")
	again := late(env, "D3", "c", 300, b.Slip)
	again.Sale.Customer = "ada"
	_, err = sdktest.Run(env, pricing.TakeOver, again)
	uncovered(t, err, "customer_limit")
	must(sdktest.Run(env, pricing.Settle, pricing.SettleIn{Allotment: b.Allotment.ID}))(t)
	all := must(sdktest.Call(env, pricing.Batches, pricing.BatchesIn{}))(t)
	if all.Batches[0].Redeemed != 1 {
		t.Errorf("%d coupons were redeemed", all.Batches[0].Redeemed)
	}
	in.Codes = drawn[1:2]
	in.Customer = "bea"
	if q := must(sdktest.Call(env, pricing.Quote, in))(t); q.Discount != 300 {
		t.Errorf("a coupon that came back unused takes %d off", q.Discount)
	}
	list := must(sdktest.Call(env, pricing.Allotments, pricing.AllotmentsIn{Promotion: "c"}))(t)
	if len(list.Allotments) != 2 || list.Allotments[0].ID != b.Allotment.ID {
		t.Errorf("%+v", list.Allotments)
	}
}

// What has no limit needs no slip, and is counted and kept for back-tests as of any sale.
func TestTakeOverWithoutLimits(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, limited("free", pricing.Limits{}))
	in := late(env, "D1", "free", 300)
	in.Sale.At -= 3_600_000
	must(sdktest.Run(env, pricing.TakeOver, in))(t)
	if uses, spent := spentOf(t, env, "free"); uses != 1 || spent != 300 {
		t.Errorf("%d uses, %d", uses, spent)
	}
	if err := env.View(func(v *sdk.View) error {
		s, there := sales.Find(v, "document", sdk.K("D1"))
		if !there || s.At != in.Sale.At || s.Sale.Total != 2700 {
			t.Errorf("recorded %+v", s)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, err := sdktest.Run(env, pricing.TakeOver, late(env, "D2", "nobody", 300))
	uncovered(t, err, "version")
	below := late(env, "D2", "free", -300)
	_, err = sdktest.Run(env, pricing.TakeOver, below)
	refuses(t, err, sdk.CodeInvalid, "amount", "/sale/applied")
}
