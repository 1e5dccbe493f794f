package lifecycle

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/manifests"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const pair = `{"id":"pair","name":{"it":"Coppia","en":"Pair"},"summary":{"it":"Due","en":"Two"},
	"modules":[{"id":"child","range":"^1"},{"id":"base","range":"^1"},{"id":"extra","optional":true},{"id":"form"}],
	"settings":{"form":{"percent":25}},
	"roles":[{"id":"clerk","name":{"it":"Commesso","en":"Clerk"},"rights":["base.*"]}]}`

func TestSetIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")), app("child", "1.0.0").needs("base", "^1").query("ask", says("c")),
		app("extra", "1.0.0").query("ask", says("x")), formApp("1.0.0"))
	f.close()
	f.config.Sets = func() [][]byte { return [][]byte{[]byte(pair), []byte(`{"id":"bad"}`)} }
	f.open()
	sets := must[Sets](f, "host.sets.list", Listing{}).Items
	if len(sets) != 1 || sets[0].Modules[0].Available != "1.0.0" || sets[0].Roles[0].Rights[0] != "base.*" {
		t.Fatalf("listed: %+v", sets)
	}
	f.refuses("host.sets.apply", Take{ID: "pair"}, abi.Conflict, "plan_changed")
	f.refuses("host.sets.apply", Take{ID: "none"}, abi.NotFound, "set")
	before, _ := f.kernel.Head(shop)
	plan := must[Plan](f, "host.sets.plan", Take{ID: "pair"})
	j := f.done(must[Job](f, "host.sets.apply", Take{ID: "pair", Consent: plan.Consent}))
	if got := strings.Join(j.Apps, " "); got != "base child form" {
		t.Errorf("in the order %s", got)
	}
	must[App](f, "host.apps.get", ByID{ID: "form"})
	if of := must[Jobs](f, "host.jobs.list", Work{App: "form"}).Items; len(of) != 1 || of[0].ID != j.ID {
		t.Errorf("jobs of form: %+v", of)
	}
	if head, _ := f.kernel.Head(shop); head.Generation != before.Generation+1 {
		t.Errorf("%d generations", head.Generation-before.Generation)
	}
	if out, err := f.run("form.read", []byte{0x80}); err != nil {
		t.Error(err)
	} else if n, _ := abi.FieldInt(out, "percent"); n != 25 {
		t.Errorf("filled in: %q", out)
	}
	f.refuses("host.sets.apply", Take{ID: "pair"}, abi.FailedPrecondition, "applied")
	with := must[Plan](f, "host.sets.plan", Take{ID: "pair", With: []string{"extra"}})
	if len(with.Apps) != 1 || with.Apps[0].ID != "extra" {
		t.Errorf("with the optional one: %+v", with.Apps)
	}
	f.idle()
}

// What somebody has filled in stays, and the apps behind it in the set get what the
// set suggests.
func TestSetFillsInWhatNobodyHas(t *testing.T) {
	t.Parallel()
	f := setup(t, formOf("form", "1.0.0"), formOf("paper", "1.0.0"))
	f.install("form")
	f.filled(map[string]any{"percent": 7})
	f.done(must[Job](f, "host.apps.disable", Disable{ID: "form"}))
	take := TakeDocument{Set: map[string]any{
		"id": "forms", "name": both("f"), "summary": both("f"), "modules": []any{map[string]any{"id": "form"}, map[string]any{"id": "paper"}},
		"settings": map[string]any{"form": map[string]any{"percent": 25}, "paper": map[string]any{"percent": 30}},
	}}
	take.Consent = must[Plan](f, "host.sets.plan_document", take).Consent
	f.done(must[Job](f, "host.sets.apply_document", take))
	for id, want := range map[string]int64{"form": 7, "paper": 30} {
		out, err := f.run(id+".read", []byte{0x80})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := abi.FieldInt(out, "percent"); n != want {
			t.Errorf("%s has %d, not %d", id, n, want)
		}
	}
}

func TestSetDocumentsAreChecked(t *testing.T) {
	t.Parallel()
	f := setup(t, formApp("1.0.0"))
	doc := func(more map[string]any) map[string]any {
		d := map[string]any{"id": "mine", "name": both("m"), "summary": both("m"), "modules": []any{map[string]any{"id": "form"}}}
		for k, v := range more {
			d[k] = v
		}
		return d
	}
	for name, more := range map[string]map[string]any{
		"unknown field":  {"extra": 1},
		"no modules":     {"modules": []any{}},
		"twice":          {"modules": []any{map[string]any{"id": "form"}, map[string]any{"id": "form"}}},
		"settings of no": {"settings": map[string]any{"other": map[string]any{}}},
		"a right of all": {"roles": []any{map[string]any{"id": "r", "name": both("r"), "rights": []string{"*"}}}},
	} {
		if e := f.refuses("host.sets.plan_document", TakeDocument{Set: doc(more)}, abi.Invalid, "set_invalid"); e.Message == "" {
			t.Errorf("%s says nothing", name)
		}
	}
	missing := must[Plan](f, "host.sets.plan_document", TakeDocument{Set: doc(map[string]any{"modules": []any{map[string]any{"id": "gone"}}})})
	if missing.Possible || missing.Problems[0].Reason != "module_missing" {
		t.Errorf("%+v", missing)
	}
	wrong := doc(map[string]any{"settings": map[string]any{"form": map[string]any{"percent": 1000}}})
	if e := f.refuses("host.sets.plan_document", TakeDocument{Set: wrong}, abi.Invalid, "range"); e.Pointer != "/set/settings/form/values/percent" {
		t.Errorf("at %s", e.Pointer)
	}
}

// The sets that are shipped are sound, and all that they name exists here.
func TestShippedSets(t *testing.T) {
	t.Parallel()
	if len(manifests.Sets()) < 4 {
		t.Errorf("sets: %q", manifests.Sets())
	}
	rights := map[string]bool{}
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		for _, p := range m.Permissions {
			rights[p.Name] = true
		}
	}
	for _, id := range manifests.Sets() {
		s, err := manifest.ParseSet(manifests.Set(id))
		if err != nil || s.ID != id {
			t.Errorf("%s: %v", id, err)
			continue
		}
		for _, m := range s.Modules {
			if manifests.Module(m.ID) == nil {
				t.Errorf("%s: there is no module %s", id, m.ID)
			}
		}
		for _, role := range s.Roles {
			for _, right := range role.Rights {
				if !rights[right] {
					t.Errorf("%s: %s has the right %s, which no app declares", id, role.ID, right)
				}
			}
		}
	}
}

// notForPeople are the rights that no role of a shop needs: what apps do for each other,
// and what a program of the retailer's does once.
var notForPeople = []string{"stock.sell", "vouchers.redeem"}

// Whoever takes the set of a shop finds a role for all that can be done there: nobody has
// to be its owner to close the day.
func TestRolesOfAShopCoverIt(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"store-system", "omnichannel", "demo"} {
		s, err := manifest.ParseSet(manifests.Set(id))
		if err != nil {
			t.Fatal(err)
		}
		given, modules := slices.Clone(notForPeople), map[string]bool{}
		for _, role := range s.Roles {
			given = append(given, role.Rights...)
		}
		for _, m := range s.Modules {
			modules[m.ID] = true
		}
		for _, app := range []string{"till", "stock", "vouchers"} {
			if !modules[app] {
				t.Errorf("%s has no %s", id, app)
			}
			m, err := manifest.Parse(manifests.Module(app))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Permissions {
				if !slices.Contains(given, p.Name) {
					t.Errorf("%s: no role has the right %s; give it to one in manifests/sets/%s.json", id, p.Name, id)
				}
			}
		}
	}
}

// A set that somebody brings may hold secrets: nothing keeps them, nor a hash of
// the input by which they could be guessed, and the audit says who did it.
func TestSetWithASecretIsNotRemembered(t *testing.T) {
	t.Parallel()
	const secret = "sk-very-secret"
	f := setup(t, formApp("1.0.0"))
	take := TakeDocument{Set: map[string]any{
		"id": "mine", "name": both("m"), "summary": both("m"), "modules": []any{map[string]any{"id": "form"}},
		"settings": map[string]any{"form": map[string]any{"percent": 5, "token": secret}},
	}}
	take.Consent = must[Plan](f, "host.sets.plan_document", take).Consent
	f.done(must[Job](f, "host.sets.apply_document", take))
	if plain, err := f.room.Secret(context.Background(), shop, "form", "token"); err != nil || plain != secret {
		t.Errorf("the sender reads %q, %v", plain, err)
	}
	for _, space := range f.everything() {
		if strings.Contains(space, secret) {
			t.Errorf("the storage holds it: %q", space)
		}
	}
	for _, o := range f.ops {
		if o.Name == "host.sets.apply_document" && (o.Native != nil || !o.NoKey) {
			t.Error("the record of its key would hold a hash of the input")
		}
	}
	_, err := f.room.read(context.Background(), shop, func(tx *kernel.Tx) error {
		rows, err := tx.Audit("", 10)
		found := false
		for _, row := range rows {
			a, err := outbox.ParseAudit(row.Value)
			if err != nil {
				return err
			}
			found = found || a.Action == "host.sets.apply_document" && slices.Equal(a.Objects, []string{"app:form"}) && a.Principal == identity.Local().ID
		}
		if !found {
			t.Errorf("%d lines, and none of the set", len(rows))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
