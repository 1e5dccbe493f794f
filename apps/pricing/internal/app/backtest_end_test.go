package app

import (
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// oneRun is a shop with one receipt, and a run over it that has not begun its work.
func oneRun(t *testing.T) *sdktest.Env {
	t.Helper()
	env := shop(t)
	recordAll(t, env, boughtBefore("R", env.Now(), 1, 0))
	in := pricing.BackTestIn{ID: "b", First: "2026-11-01", Last: "2026-11-30", Promotion: newOnShirts(1000, 1)}
	in.Promotion.ID, in.Promotion.Name = "p", "P"
	must(sdktest.Run(env, pricing.BeginBackTest, in))(t)
	return env
}

func runB(t *testing.T, env *sdktest.Env) pricing.BackTest {
	t.Helper()
	return must(sdktest.Call(env, pricing.GetBackTest, pricing.BackTestID{ID: "b"}))(t)
}

// An error that another try would not mend ends a run at once, with its reason.
func TestBackTestFails(t *testing.T) {
	t.Parallel()
	env := oneRun(t)
	env.Faults.Fail("catalog.products", sdk.NotFound("store", "There is no such store."))
	settle(t, env)
	got := runB(t, env)
	if got.State != pricing.Failed || got.Ended == 0 || got.Failure == nil || *got.Failure != (pricing.BackTestFailure{Reason: "store", Message: "There is no such store."}) {
		t.Errorf("%s %+v", got.State, got.Failure)
	}
	if len(env.Timers()) != 0 {
		t.Errorf("%v still waits", env.Timers())
	}
}

// A run that the host does not go on with is given up after half an hour, and goes on
// if the host does after all.
func TestBackTestIsGivenUp(t *testing.T) {
	t.Parallel()
	env := oneRun(t)
	env.Faults.Fail("catalog.products", sdk.Fail(sdk.CodeUnavailable, "", ""))
	if err := env.Advance(29 * time.Minute); err == nil || runB(t, env).State != pricing.Running {
		t.Fatalf("%v, %s", err, runB(t, env).State)
	}
	_ = env.Advance(2 * time.Minute)
	if got := runB(t, env); got.State != pricing.Failed || got.Failure.Reason != pricing.GaveUp {
		t.Errorf("%s %+v", got.State, got.Failure)
	}
	env.Faults.Heal("catalog.products")
	settle(t, env)
	if got := runB(t, env); got.State != pricing.Finished || got.Failure != nil || got.Cost != 300 || got.Done != got.Days {
		t.Errorf("%+v", got)
	}
}

// Who watches is told when a run begins, of each tenth of its way, and when it ends.
func TestBackTestTells(t *testing.T) {
	t.Parallel()
	env := oneRun(t)
	settle(t, env)
	marks := sdktest.Emitted(env, pricing.BackTestChanged)
	if len(marks) != 2 || marks[0].State != pricing.Running || marks[1] != (pricing.BackTestMark{ID: "b", Promotion: "p", State: pricing.Finished, Days: 30, Done: 30}) {
		t.Errorf("%+v", marks)
	}
}

// A run may name a promotion that is kept, its newest version or another, and then has
// an id of its own making; the newest run is listed first.
func TestBackTestOfOneThatIsKept(t *testing.T) {
	t.Parallel()
	env := shop(t)
	recordAll(t, env, boughtBefore("R", env.Now(), 1, 0))
	for _, rate := range []retail.BasisPoints{1000, 2000} {
		p := onShirts(rate, 1)
		p.ID, p.Name = "p", "P"
		must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	}
	begin := func(in pricing.BackTestIn) pricing.BackTest {
		in.First, in.Last = "2026-11-01", "2026-11-30"
		return must(sdktest.Run(env, pricing.BeginBackTest, in))(t)
	}
	first := begin(pricing.BackTestIn{PromotionID: "p"})
	env.At("2026-11-23 10:00 Europe/Rome")
	second := begin(pricing.BackTestIn{PromotionID: "p", Version: 1})
	begin(pricing.BackTestIn{ID: "0", Promotion: &pricing.Promotion{ID: "q", Name: "Q", Effects: percentOff(100)}})
	settle(t, env)
	runs := must(sdktest.Call(env, pricing.BackTests, pricing.BackTestsIn{Promotion: "p", Limit: 1}))(t)
	if len(runs.Runs) != 1 || runs.Runs[0].ID != second.ID || runs.Runs[0].Cost != 300 {
		t.Errorf("%+v", runs)
	}
	runs = must(sdktest.Call(env, pricing.BackTests, pricing.BackTestsIn{Promotion: "p", Cursor: runs.Cursor}))(t)
	if len(runs.Runs) != 1 || runs.Runs[0].ID != first.ID || runs.Runs[0].Cost != 600 || runs.Cursor != "" {
		t.Errorf("%+v", runs)
	}
	for _, in := range []pricing.BackTestIn{{}, {PromotionID: "p", Promotion: newOnShirts(1, 1)}} {
		in.First, in.Last = "2026-11-01", "2026-11-30"
		_, err := sdktest.Run(env, pricing.BeginBackTest, in)
		refuses(t, err, sdk.CodeInvalid, "promotion", "/promotion")
	}
	_, err := sdktest.Run(env, pricing.BeginBackTest, pricing.BackTestIn{PromotionID: "none", First: "2026-11-01", Last: "2026-11-30"})
	refuses(t, err, sdk.CodeNotFound, "promotion", "")
}
