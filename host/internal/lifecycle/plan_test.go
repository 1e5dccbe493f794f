package lifecycle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func (f *fixture) plan(w Wish) Plan {
	f.t.Helper()
	return must[Plan](f, "host.apps.plan", w)
}

func reasons(p Plan) (all []string) {
	for _, x := range p.Problems {
		all = append(all, x.Reason+" "+x.App+" "+x.Contract)
	}
	return all
}

func TestH37PlanNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := setup(t,
		app("base", "1.4.0").query("ask", says("base")),
		app("other-base", "2.0.0").query("ask", says("other")),
		app("high", "1.0.0").needs("base", "^2").query("ask", says("high")),
		app("client", "1.0.0").needs("base", "^1").query("ask", says("client")),
		app("lost", "1.0.0").needs("nowhere", "").query("ask", says("lost")),
		app("ring-one", "1.0.0").needs("ring-two", "").query("ask", says("1")),
		app("ring-two", "1.0.0").needs("ring-one", "").query("ask", says("2")),
	)
	for id, want := range map[string]string{
		"client": "dependency_missing client base", "lost": "dependency_missing lost nowhere", "high": "dependency_missing high base",
	} {
		p := f.plan(Wish{Action: "install", ID: id})
		if got := strings.Join(reasons(p), ", "); got != want || p.Possible {
			t.Errorf("%s: %s", id, got)
		}
		f.refuses("host.apps.install", Install{ID: id, Consent: p.Consent}, abi.FailedPrecondition, "dependency_missing")
	}
	if p := f.plan(Wish{Action: "install", ID: "client"}); len(p.Problems[0].Modules) != 1 || p.Problems[0].Modules[0] != (Ref{"base", "1.4.0"}) {
		t.Errorf("what would help: %+v", p.Problems[0].Modules)
	}
	f.install("base")
	if got := strings.Join(reasons(f.plan(Wish{Action: "install", ID: "high"})), ", "); got != "dependency_version high base" {
		t.Errorf("out of range: %s", got)
	}
	doc := map[string]any{"id": "ring", "name": both("ring"), "summary": both("ring"), "modules": []any{map[string]any{"id": "ring-one"}, map[string]any{"id": "ring-two"}}}
	if got := reasons(must[Plan](f, "host.sets.plan_document", TakeDocument{Set: doc})); len(got) != 1 || !strings.HasPrefix(got[0], "dependency_cycle") {
		t.Errorf("a ring: %q", got)
	}
}

// TestStandInAnswersWhatIsCalled: an app that replaces another need not answer all
// that the contract names, only what enabled apps call of it.
func TestStandInAnswersWhatIsCalled(t *testing.T) {
	t.Parallel()
	rival := func(id string, operations ...string) *program {
		p := app(id, "1.0.0")
		p.manifest.Provides.Contract = "base"
		for _, o := range operations {
			p.query(o, says(id))
		}
		return p
	}
	call := func(name string) manifest.Grant { return manifest.Grant{Call: name} }
	maybe := app("maybe", "1.0.0").needs("base", "^1").grant(call("base.more")).query("ask", says("maybe"))
	maybe.manifest.Needs[0].Optional = true
	able := app("able", "1.0.0").needs("base", "^1").grant(call("base.ask")).grant(manifest.Grant{Call: "base.more", Optional: true}).query("ask", says("able"))
	f := setup(t,
		app("base", "1.0.0").query("ask", says("base")).query("more", says("base")),
		app("client", "1.0.0").needs("base", "^1").grant(call("base.ask")).query("ask", says("client")), maybe, able,
		app("eager", "1.0.0").needs("base", "^1").grant(call("base.ask")).grant(call("base.more")).query("ask", says("eager")),
		rival("small", "ask"), rival("other", "more"),
	)
	f.install("base")
	f.install("client")
	f.install("maybe")
	replace := func(id string) Wish { return Wish{Action: "install", ID: id, Replace: []string{"base"}} }
	p := f.plan(replace("other"))
	if got := strings.Join(reasons(p), ", "); got != "operation_missing client base.ask" || p.Problems[0].Other != "other" {
		t.Errorf("one that does not answer: %s %+v", got, p.Problems)
	}
	f.refuses("host.apps.install", Install{ID: "other", Replace: []string{"base"}, Consent: p.Consent}, abi.FailedPrecondition, "operation_missing")
	p = f.plan(replace("small"))
	f.done(must[Job](f, "host.apps.install", Install{ID: "small", Replace: []string{"base"}, Consent: p.Consent}))
	if out, err := f.run("base.ask", []byte{0x80}); err != nil || abi.FieldText(out, "v") != "small" {
		t.Errorf("the contract answers %q, %v", out, err)
	}
	f.install("able")
	if got := strings.Join(reasons(f.plan(Wish{Action: "install", ID: "eager"})), ", "); got != "operation_missing eager base.more" {
		t.Errorf("who calls more: %s", got)
	}
}

func TestH38TwoForOneContract(t *testing.T) {
	t.Parallel()
	rival := app("rival", "1.0.0").query("extra", says("rival"))
	rival.manifest.Provides.Contract = "base"
	rival.manifest.Provides.Operations[0].Name, rival.entries[0].Name = "base.ask", "base.ask"
	f := setup(t, app("base", "1.0.0").query("ask", says("base")), app("client", "1.0.0").needs("base", "^1").query("ask", says("client")), rival)
	f.install("base")
	f.install("client")
	p := f.plan(Wish{Action: "install", ID: "rival"})
	if got := strings.Join(reasons(p), ", "); got != "contract_taken rival base" {
		t.Fatal(got)
	}
	f.refuses("host.apps.install", Install{ID: "rival", Consent: p.Consent}, abi.FailedPrecondition, "contract_taken")
	wish := Wish{Action: "install", ID: "rival", Replace: []string{"base"}}
	p = f.plan(wish)
	if !p.Possible || len(p.Disables) != 1 {
		t.Fatalf("with a replacement: %+v", p)
	}
	f.done(must[Job](f, "host.apps.install", Install{ID: "rival", Replace: wish.Replace, Consent: p.Consent}))
	if out, err := f.run("base.ask", []byte{0x80}); err != nil || abi.FieldText(out, "v") != "rival" {
		t.Errorf("the contract answers %q, %v", out, err)
	}
	if a := f.state("base"); a.State != "disabled" {
		t.Errorf("what was replaced is %s", a.State)
	}
	f.idle()
}

func TestDisableNamesWhoNeedsIt(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("base")), app("client", "1.0.0").needs("base", "^1").query("ask", says("client")), app("top", "1.0.0").needs("client", "").query("ask", says("top")))
	for _, id := range []string{"base", "client", "top"} {
		f.install(id)
	}
	e := f.refuses("host.apps.disable", Disable{ID: "base"}, abi.FailedPrecondition, "needed")
	if e.Fields[0].Text != "client" {
		t.Errorf("it names %+v", e.Fields[0])
	}
	j := f.done(must[Job](f, "host.apps.disable", Disable{ID: "base", Cascade: true}))
	if strings.Join(j.Apps, " ") != "base client top" {
		t.Errorf("it disabled %q", j.Apps)
	}
	if set, _ := f.kernel.Set(shop); len(set.Apps()) != 0 {
		t.Errorf("%d apps run", len(set.Apps()))
	}
	f.refuses("host.apps.enable", Enable{ID: "top"}, abi.FailedPrecondition, "dependency_missing")
	f.refuses("host.apps.remove", Remove{ID: "base"}, abi.Invalid, "confirm")
	f.refuses("host.apps.get", ByID{ID: "base2"}, abi.NotFound, "app")
}

// asking is an app that asks for much.
func asking(version string, most int64, more bool) *program {
	p := app("asking", version).query("ask", says("asking"))
	p.grant(manifest.Grant{Call: "people.find", Bounds: &manifest.Bounds{Max: []manifest.Max{{Field: "limit", Max: most}}}})
	if more {
		p.grant(manifest.Grant{HTTP: "api.example.com", Secret: nil})
		p.manifest.Limits.MemoryBytes = 64 << 20
		p.manifest.Provides.Subscribes = []manifest.Subscription{{Event: "people.moved"}}
		p.entry(abi.Entry{Kind: abi.EntryEvent, Name: "people.moved"}, says(""))
	}
	return p
}

func people() *program {
	p := app("people", "1.0.0").keeps("people").query("find", says("p"))
	p.manifest.Provides.Collections[0].Subject = "id"
	return p
}

func TestPlanTellsWhatIsAsked(t *testing.T) {
	t.Parallel()
	f := setup(t, people(), asking("1.0.0", 10, true))
	p := f.plan(Wish{Action: "install", ID: "asking"})
	a := p.Apps[0]
	if !p.AsksMore || len(a.Grants) != 2 || a.Grants[0].Change != "new" || len(a.Limits) != 1 || a.Limits[0].Name != "memory_bytes" || len(a.Events) != 1 {
		t.Errorf("%+v", a)
	}
	if len(a.Telling) != 1 || a.Telling[0].Level != "high" || a.Telling[0].Text.EN != "It reads people, which holds personal data, AND sends to api.example.com." {
		t.Errorf("telling: %+v", a.Telling)
	}
	if all := strings.Join(p.Words.IT, "\n"); !strings.Contains(all, "Può inviare dati a https://api.example.com") || !strings.Contains(all, "Legge gli eventi people.moved") {
		t.Errorf("in words: %s", all)
	}
	if k := f.plan(Wish{Action: "install", ID: "people"}).Apps[0].Keeps; len(k) != 1 || !k[0].Personal {
		t.Errorf("keeps: %+v", k)
	}
}

// Consent is to exactly what was shown: nothing, something else, or what was true
// before a module changed, is no consent.
func TestConsentIsToThePlan(t *testing.T) {
	t.Parallel()
	f := setup(t, people(), asking("1.0.0", 10, false))
	stale := f.consentTo(Wish{Action: "install", ID: "asking"})
	e := f.refuses("host.apps.install", Install{ID: "asking"}, abi.Conflict, "plan_changed")
	var shown Plan
	if err := json.Unmarshal([]byte(e.Fields[1].Text), &shown); err != nil || shown.Consent != stale {
		t.Errorf("the answer shows %+v, %v", shown, err)
	}
	f.offer(asking("1.1.0", 10, true))
	f.refuses("host.apps.install", Install{ID: "asking", Consent: stale}, abi.Conflict, "plan_changed")
	f.done(must[Job](f, "host.apps.install", Install{ID: "asking", Version: "1.0.0", Consent: stale}))
}

// An upgrade that asks for no more needs no consent; one that asks for more waits
// for it while the old version serves.
func TestUpgradeWaitsForConsent(t *testing.T) {
	t.Parallel()
	f := setup(t, people(), asking("1.0.0", 10, false))
	f.install("asking")
	f.offer(asking("1.1.0", 5, false))
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "asking"}))
	f.offer(asking("1.2.0", 20, true))
	j := must[Job](f, "host.apps.upgrade", Upgrade{ID: "asking"})
	if j.State != "waiting_consent" || j.Plan == nil || j.Plan.Apps[0].Grants[0].Change != "wider" || j.Plan.Apps[0].Grants[1].Change != "new" {
		t.Fatalf("%+v", j)
	}
	if a := f.state("asking"); a.Version != "1.1.0" || a.State != "enabled" || a.Job != j.ID {
		t.Errorf("meanwhile the app is %+v", a)
	}
	f.refuses("host.apps.disable", Disable{ID: "asking"}, abi.Conflict, "operation_in_progress")
	f.refuses("host.jobs.consent", Agree{ID: j.ID, Consent: "no"}, abi.Conflict, "plan_changed")
	f.close()
	f.open() // it waits over a restart
	must[Job](f, "host.jobs.consent", Agree{ID: j.ID, Consent: j.Plan.Consent})
	f.done(j)
	if a := f.state("asking"); a.Version != "1.2.0" || len(a.Grants) != 2 {
		t.Errorf("the app is %+v", a)
	}
	f.refuses("host.jobs.consent", Agree{ID: j.ID, Consent: j.Plan.Consent}, abi.FailedPrecondition, "not_waiting")
	f.idle()
}

// A retailer may narrow what is asked, and it stays so over upgrades.
func TestNarrowedBoundsStay(t *testing.T) {
	t.Parallel()
	f := setup(t, people(), asking("1.0.0", 10, false))
	bounds := func(most int64, stores ...string) Narrow {
		return Narrow{"asking": {{Name: "people.find", Bounds: manifest.Bounds{Max: []manifest.Max{{Field: "limit", Max: most}}, Stores: stores}}}}
	}
	consent := f.consentTo(Wish{Action: "install", ID: "asking"})
	f.refuses("host.apps.install", Install{ID: "asking", Consent: consent, Narrow: bounds(11)}, abi.Invalid, "narrow")
	f.refuses("host.apps.install", Install{ID: "asking", Consent: consent, Narrow: Narrow{"people": nil, "asking": {{Name: "people.erase"}}}}, abi.Invalid, "narrow")
	f.done(must[Job](f, "host.apps.install", Install{ID: "asking", Consent: consent, Narrow: bounds(3, "mi1")}))
	check := func(most int64) {
		t.Helper()
		set, _ := f.kernel.Set(shop)
		a, _ := set.App("asking")
		g, ok := a.Grant("people.find")
		if !ok || g.Bounds.Max[0].Max != most || len(g.Bounds.Stores) != 1 {
			t.Errorf("the grant is %+v", g)
		}
	}
	check(3)
	f.offer(asking("1.1.0", 2, false))
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "asking"}))
	check(2)
}

func TestWithin(t *testing.T) {
	t.Parallel()
	limit := func(n int64) *manifest.Bounds { return &manifest.Bounds{Max: []manifest.Max{{Field: "n", Max: n}}} }
	stores := func(s ...string) *manifest.Bounds { return &manifest.Bounds{Stores: s} }
	for name, c := range map[string]struct {
		b, outer *manifest.Bounds
		want     bool
	}{
		"none in none":              {nil, nil, true},
		"some in none":              {limit(1), nil, true},
		"none in some":              {nil, limit(1), false},
		"none in empty":             {nil, &manifest.Bounds{}, true},
		"lower":                     {limit(1), limit(2), true},
		"higher":                    {limit(3), limit(2), false},
		"another field":             {&manifest.Bounds{Max: []manifest.Max{{Field: "m", Max: 1}}}, limit(2), false},
		"fewer stores":              {stores("a"), stores("a", "b"), true},
		"another store":             {stores("c"), stores("a", "b"), false},
		"all stores where some are": {limit(1), stores("a"), false},
		"the same slot":             {&manifest.Bounds{Slot: "a.b"}, &manifest.Bounds{Slot: "a.b"}, true},
		"another slot":              {&manifest.Bounds{Slot: "a.c"}, &manifest.Bounds{Slot: "a.b"}, false},
		"any slot":                  {limit(1), &manifest.Bounds{Slot: "a.b"}, false},
	} {
		if got := within(c.b, c.outer); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if inner := tighter(c.b, c.outer); c.outer != nil && c.outer.Slot == "" && !within(inner, c.outer) {
			t.Errorf("%s: the tighter of both lies outside: %+v", name, inner)
		}
	}
}

func TestH35ConfusableWithAnInstalledOne(t *testing.T) {
	t.Parallel()
	f := setup(t, app("stock", "1.0.0").query("ask", says("s")), app("st0ck", "1.0.0").query("ask", says("s")), app("stocks", "1.0.0").query("ask", says("s")))
	f.refuses("host.apps.plan", Wish{Action: "install", ID: "nobody"}, abi.NotFound, "module")
	f.install("stock")
	for _, id := range []string{"st0ck", "stocks"} {
		f.refuses("host.apps.plan", Wish{Action: "install", ID: id}, abi.Invalid, "id_confusable")
	}
}

func TestH35ConfusableWithinOneSet(t *testing.T) {
	t.Parallel()
	copycat := app("other", "1.0.0").query("ask", says("o"))
	copycat.manifest.Vendor = "B0ttega"
	genuine := app("stock", "1.0.0").query("ask", says("s"))
	genuine.manifest.Vendor = "Bottega"
	f := setup(t, genuine, app("st0ck", "1.0.0").query("ask", says("s")), app("till", "1.0.0").query("ask", says("t")), copycat)
	two := func(a, b string) TakeDocument {
		return TakeDocument{Set: map[string]any{"id": "two", "name": both("t"), "summary": both("t"), "modules": []any{map[string]any{"id": a}, map[string]any{"id": b}}}}
	}
	for _, pair := range [][2]string{{"stock", "st0ck"}, {"st0ck", "stock"}, {"stock", "other"}} {
		e := f.refuses("host.sets.plan_document", two(pair[0], pair[1]), abi.Invalid, "id_confusable")
		if !strings.Contains(e.Message, pair[0]) || !strings.Contains(e.Message, "comes with it") {
			t.Errorf("%q: %s", pair, e.Message)
		}
	}
	if p := must[Plan](f, "host.sets.plan_document", two("stock", "till")); !p.Possible {
		t.Errorf("two that nobody confuses: %+v", p.Problems)
	}
}

// What `bottega dev` brings is a pre-release of what stands in the manifest: those
// that need its contract take it, and nobody is offered it.
func TestPreReleaseMeetsNeeds(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.2.0").query("ask", says("one")), app("client", "1.0.0").needs("base", "^1.2").query("ask", says("client")))
	f.close()
	f.config.Development = true
	f.open()
	f.install("base")
	f.install("client")
	for i := range 3 {
		version := fmt.Sprint("1.2.0-dev.", i)
		f.offer(app("base", version).query("ask", says(version)))
		f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "base", Version: version}))
		if out, err := f.run("base.ask", []byte{0x80}); err != nil || abi.FieldText(out, "v") != version {
			t.Fatalf("%q, %v", out, err)
		}
		if a := f.state("client"); a.State != "enabled" {
			t.Errorf("client is %s: %s", a.State, a.Reason)
		}
	}
	f.close()
	f.open()
	if failed := f.room.Failed(shop); len(failed) != 0 {
		t.Errorf("after a start: %v", failed)
	}
	f.offer(app("base", "2.0.0-dev.1").query("ask", says("two")))
	if got := strings.Join(reasons(f.plan(Wish{Action: "upgrade", ID: "base", Version: "2.0.0-dev.1"})), ", "); got != "dependency_version client base" {
		t.Errorf("another contract: %s", got)
	}
	doc := map[string]any{"id": "pair", "name": both("pair"), "summary": both("pair"), "modules": []any{map[string]any{"id": "base"}}}
	f.done(must[Job](f, "host.apps.remove", Remove{ID: "base", Confirm: "base", Cascade: true}))
	if p := must[Plan](f, "host.sets.plan_document", TakeDocument{Set: doc}); len(p.Apps) != 1 || p.Apps[0].Version != "1.2.0" {
		t.Errorf("a set takes %+v", p.Apps)
	}
}

// The figure of H37: how long a plan with ten thousand needs takes.
func TestH37TenThousandNeeds(t *testing.T) {
	t.Parallel()
	const modules, each = 160, 64
	f := setup(t)
	records := map[string]record{}
	for i := range modules {
		p := app(fmt.Sprintf("m%03d-%c%c", i, 'a'+i/16, 'a'+i%16), "1.0.0")
		p.manifest.Provides.Contract = fmt.Sprintf("m%03d", i)
		p.query("ask", says("m"))
		for n := range each {
			p.needs(fmt.Sprintf("m%03d", (i+1+n)%modules), "^1.0")
		}
		f.offer(p)
		e, err := newEntry(p.text())
		if err != nil {
			t.Fatal(err)
		}
		records[p.manifest.ID] = record{State: stateEnabled, Package: e.digest, Version: "1.0.0"}
	}
	f.offer(app("extra", "1.0.0").needs("m000", "^1").query("ask", says("x")))
	f.keep(records)
	for _, c := range []struct {
		name     string
		wish     Wish
		problems int
	}{
		{"manifests read for the first time", Wish{Action: "install", ID: "extra"}, 0},
		{"one more app", Wish{Action: "install", ID: "extra"}, 0},
		{"one that all around it need", Wish{Action: "disable", ID: "m000-aa"}, each},
	} {
		begun := time.Now()
		p := f.plan(c.wish)
		t.Logf("%d needs of %d apps, %s: %s", modules*each, modules, c.name, time.Since(begun))
		needed := slices.DeleteFunc(p.Problems, func(p Problem) bool { return p.Reason != "needed" })
		if len(needed) != c.problems {
			t.Errorf("%s: %d problems", c.name, len(needed))
		}
	}
}
