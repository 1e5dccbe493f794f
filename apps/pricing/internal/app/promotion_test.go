package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// shirt is what one shirt costs now.
func shirt(t *testing.T, env *sdktest.Env) pricing.QuoteOut {
	t.Helper()
	return must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t)
}

// A put is a draft: the version that is live goes on until the next one is
// published, and quotes name the one that worked.
func TestVersions(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	env.AsPrincipal(sdktest.Principal{ID: "user:ada"})
	goLive(t, env, pricing.Promotion{ID: "p", Effects: percentOff(1000), Version: 77})
	next := must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "p", Name: "P", Effects: percentOff(2000)}))(t)
	if next.Version != 2 || next.State != pricing.Draft || next.By != "user:ada" {
		t.Errorf("%+v", next)
	}
	if out := shirt(t, env); out.Total != 2700 || out.Generation != 1 {
		t.Errorf("a draft made it %d of generation %d", out.Total, out.Generation)
	}
	env.AsPrincipal(sdktest.Principal{ID: "user:eva"})
	live := must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "p"}))(t)
	out := shirt(t, env)
	if a := out.Applied; out.Generation != 2 || live.Generation != 2 || len(a) != 1 || a[0].Version != 2 || a[0].Amount != 600 {
		t.Errorf("%+v", out)
	}
	for number, want := range map[int64]pricing.State{0: pricing.Live, 1: pricing.Ended, 2: pricing.Live} {
		p := must(sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p", Version: number}))(t)
		if p.State != want {
			t.Errorf("version %d is %s, want %s", number, p.State, want)
		}
	}
	_, err := sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p", Version: 3})
	refuses(t, err, sdk.CodeNotFound, "promotion", "")
	var steps string
	for in := (pricing.HistoryIn{ID: "p", Limit: 3}); ; {
		page := must(sdktest.Call(env, pricing.History, in))(t)
		for _, s := range page.Steps {
			steps += fmt.Sprintf("%s v%d by %s g%d; ", s.What, s.Version, s.By, s.Generation)
		}
		if in.Cursor = page.Cursor; in.Cursor == "" {
			break
		}
	}
	if want := "published v2 by user:eva g2; put v2 by user:ada g0; published v1 by user:ada g1; put v1 by user:ada g0; "; steps != want {
		t.Errorf("%s, want %s", steps, want)
	}
}

// Drafts, paused and ended promotions take no part; what is over takes none either.
func TestStates(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	id := pricing.PromotionID{ID: "p"}
	days := must(retail.Zone("Europe/Rome").Days("2026-10-25", "2026-11-21"))(t)
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "p", Name: "P", Effects: percentOff(1000), Period: days}))(t)
	_, err := sdktest.Run(env, pricing.Pause, id)
	refuses(t, err, sdk.CodeFailedPrecondition, "draft", "")
	for _, tt := range []struct {
		what       string
		do         func() error
		total      retail.Money
		generation int64
	}{
		{"a draft", func() error { return nil }, 3000, 0},
		{"live", func() error { return done(env, pricing.Publish, pricing.PublishIn{ID: "p"}) }, 2700, 1},
		{"published again", func() error { return done(env, pricing.Publish, pricing.PublishIn{ID: "p"}) }, 2700, 1},
		{"paused", func() error { return done(env, pricing.Pause, id) }, 3000, 2},
		{"paused again", func() error { return done(env, pricing.Pause, id) }, 3000, 2},
		{"resumed", func() error { return done(env, pricing.Resume, id) }, 2700, 3},
		{"ended", func() error { return done(env, pricing.End, id) }, 3000, 4},
		{"ended again", func() error { return done(env, pricing.End, id) }, 3000, 4},
	} {
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.what, err)
		}
		if out := shirt(t, env); out.Total != tt.total || out.Generation != tt.generation {
			t.Errorf("%s made it %d in generation %d", tt.what, out.Total, out.Generation)
		}
	}
	_, err = sdktest.Run(env, pricing.Resume, id)
	refuses(t, err, sdk.CodeFailedPrecondition, "ended", "")
	_, err = sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "p"})
	refuses(t, err, sdk.CodeFailedPrecondition, "ended", "")
	_, err = sdktest.Run(env, pricing.Resume, pricing.PromotionID{ID: "none"})
	refuses(t, err, sdk.CodeNotFound, "promotion", "")
	if n := len(sdktest.Emitted(env, pricing.PromotionChanged)); n != 5 {
		t.Errorf("%d events, want 5: pausing twice is pausing once", n)
	}
}

func done[In, Out any](env *sdktest.Env, c sdk.Command[In, Out], in In) error {
	_, err := sdktest.Run(env, c, in)
	return err
}

// A promotion counts from its first instant until just before its last.
func TestPeriod(t *testing.T) {
	t.Parallel()
	env := shop(t)
	days := must(retail.Zone("Europe/Rome").Days("2027-03-28", "2027-10-31"))(t) // days on which clocks change
	goLive(t, env, pricing.Promotion{ID: "p", Effects: percentOff(1000), Period: days})
	for at, want := range map[string]struct {
		total  retail.Money
		reason pricing.Reason
	}{
		"2027-03-27 23:59 Europe/Rome": {3000, pricing.NotStarted},
		"2027-03-28 00:00 Europe/Rome": {2700, ""},
		"2027-10-31 23:59 Europe/Rome": {2700, ""},
		"2027-11-01 00:00 Europe/Rome": {3000, pricing.Over},
		"2027-11-03 00:00 Europe/Rome": {3000, ""},
	} {
		env.At(at)
		out := shirt(t, env)
		reason := pricing.Reason("")
		if len(out.NotApplied) > 0 {
			reason = out.NotApplied[0].Reason
		}
		if out.Total != want.total || reason != want.reason {
			t.Errorf("at %s: %d, %q", at, out.Total, reason)
		}
	}
}

func TestRefusedPromotions(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for name, tt := range map[string]struct {
		change          func(*pricing.Promotion)
		reason, pointer string
	}{
		"no id":         {func(p *pricing.Promotion) { p.ID = "" }, "id", "/id"},
		"no name":       {func(p *pricing.Promotion) { p.Name = "" }, "name", "/name"},
		"empty period":  {func(p *pricing.Promotion) { p.Period = retail.Period{From: 2, To: 2} }, "period", "/period"},
		"no effect":     {func(p *pricing.Promotion) { p.Effects = nil }, "effect", "/effects"},
		"an empty one":  {func(p *pricing.Promotion) { p.Effects = []pricing.Effect{{}} }, "effect", "/effects/0"},
		"above 100 %":   {func(p *pricing.Promotion) { p.Effects = percentOff(10_001) }, "effect", "/effects/0/percent"},
		"no condition":  {func(p *pricing.Promotion) { p.If = []pricing.Condition{{}} }, "condition", "/if/0"},
		"odd exclusion": {func(p *pricing.Promotion) { p.Stacking.Exclusive = "sometimes" }, "stacking", "/stacking/exclusive"},
	} {
		p := pricing.Promotion{ID: "p", Name: "P", Effects: percentOff(1000)}
		tt.change(&p)
		_, err := sdktest.Run(env, pricing.PutPromotion, p)
		t.Run(name, func(t *testing.T) { refuses(t, err, sdk.CodeInvalid, tt.reason, tt.pointer) })
	}
	p := pricing.Promotion{ID: "p", Name: "P", Effects: percentOff(1000), Goods: pricing.Selection{SKUs: make([]retail.SKU, pricing.MaxValues+1)}}
	_, err := sdktest.Run(env, pricing.PutPromotion, p)
	refuses(t, err, sdk.CodeTooLarge, "values", "")
}
