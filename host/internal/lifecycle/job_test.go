package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// gate stops a job before a step until it is opened.
type gate struct {
	at      string
	reached chan struct{}
	open    chan struct{}
	once    sync.Once
}

func (f *fixture) gate(at string) *gate {
	g := &gate{at: at, reached: make(chan struct{}), open: make(chan struct{})}
	f.watch(func(_, name string) {
		if name == g.at {
			g.once.Do(func() { close(g.reached) })
			<-g.open
		}
	})
	return g
}

func TestH49FiftyInstallsAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")))
	g := f.gate(stepLoad)
	consent := f.consentTo(Wish{Action: "install", ID: "base"})
	input, err := json.Marshal(Install{ID: "base", Consent: consent})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var won []Job
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			r, err := f.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: "host.apps.install", Input: input, Principal: identity.Local()})
			k, _ := errors.AsType[*kernel.Error](err)
			switch {
			case err == nil:
				var j Job
				if err := json.Unmarshal(r.Output, &j); err != nil {
					t.Error(err)
				}
				mu.Lock()
				won = append(won, j)
				mu.Unlock()
			case k == nil || k.Public.Code != abi.Conflict || k.Public.Reason != "operation_in_progress":
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	<-g.reached
	if len(won) != 1 {
		t.Fatalf("%d won", len(won))
	}
	f.refuses("host.apps.remove", Remove{ID: "base", Confirm: "base"}, abi.Conflict, "operation_in_progress")
	if a := f.state("base"); a.State != "enabling" || a.Name.EN != "base" {
		t.Errorf("meanwhile it is %+v", a)
	}
	close(g.open)
	f.done(won[0])
	f.refuses("host.apps.install", Install{ID: "base", Consent: consent}, abi.FailedPrecondition, "installed")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")))
	g := f.gate(stepWarm)
	j := must[Job](f, "host.apps.install", Install{ID: "base", Consent: f.consentTo(Wish{Action: "install", ID: "base"})})
	<-g.reached
	must[Job](f, "host.jobs.cancel", ByID{ID: j.ID})
	close(g.open)
	if j = f.ended(j); j.State != jobCancelled {
		t.Errorf("the job is %s: %+v", j.State, j.Error)
	}
	f.refuses("host.apps.get", ByID{ID: "base"}, abi.NotFound, "app")
	f.refuses("host.jobs.cancel", ByID{ID: j.ID}, abi.FailedPrecondition, "ended")
	f.refuses("host.jobs.cancel", ByID{ID: "none"}, abi.NotFound, "job")
	g = f.gate(stepDrain)
	j = must[Job](f, "host.apps.install", Install{ID: "base", Consent: f.consentTo(Wish{Action: "install", ID: "base"})})
	<-g.reached
	f.refuses("host.jobs.cancel", ByID{ID: j.ID}, abi.FailedPrecondition, "too_late")
	close(g.open)
	f.done(j)
	if all := must[Jobs](f, "host.jobs.list", Work{App: "base"}); len(all.Items) != 2 || all.Items[0].State != jobDone || all.Items[1].State != jobCancelled {
		t.Errorf("listed: %+v", all.Items)
	}
	f.idle()
}

func TestWatchWaitsForAChange(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")))
	g := f.gate(stepConsent)
	j := must[Job](f, "host.apps.install", Install{ID: "base", Consent: f.consentTo(Wish{Action: "install", ID: "base"})})
	<-g.reached
	now := must[Job](f, "host.jobs.get", Watch{ID: j.ID})
	begun := time.Now()
	if same := must[Job](f, "host.jobs.get", Watch{ID: j.ID, Since: now.Revision, Wait: 1}); same.Revision != now.Revision || time.Since(begun) < time.Second {
		t.Errorf("revision %d after %s", same.Revision, time.Since(begun))
	}
	answer := make(chan Job)
	go func() { answer <- must[Job](f, "host.jobs.get", Watch{ID: j.ID, Since: now.Revision, Wait: 30}) }()
	close(g.open)
	if later := <-answer; later.Revision <= now.Revision {
		t.Errorf("revision %d", later.Revision)
	}
	f.done(j)
	f.refuses("host.jobs.get", Watch{ID: "none"}, abi.NotFound, "job")
}

// A module that is gone or damaged costs its app, and those that need it, and
// nobody else. When it is back the app can be enabled.
func TestOneBadModuleDoesNotStopTheHost(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")), app("client", "1.0.0").needs("base", "").query("ask", says("u")), app("alone", "1.0.0").query("ask", says("a")))
	for _, id := range []string{"base", "client", "alone"} {
		f.install(id)
	}
	digest := f.state("base").Digest
	f.close()
	path := filepath.Join(f.dir, "modules", digest+".wasm")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(path, []byte("damaged"), 0o600), os.RemoveAll(f.catalogue), os.Mkdir(f.catalogue, 0o700)); err != nil {
		t.Fatal(err)
	}
	f.open()
	for id, want := range map[string]string{"base": "digest_mismatch", "client": "needs the contract base"} {
		if a := f.state(id); a.State != "failed" || !strings.Contains(a.Reason, want) {
			t.Errorf("%s is %s: %s", id, a.State, a.Reason)
		}
	}
	if _, err := f.run("alone.ask", []byte{0x80}); err != nil {
		t.Errorf("the one that is well: %v", err)
	}
	if j := f.ended(must[Job](f, "host.apps.enable", Enable{ID: "base"})); j.State != jobFailed || j.Error.Reason != "digest_mismatch" {
		t.Errorf("enabled again: %s %+v", j.State, j.Error)
	}
	f.offer(app("next", "1.0.0").query("ask", says("n")))
	f.install("next") // what is broken stands in nobody's way
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	f.done(must[Job](f, "host.apps.enable", Enable{ID: "base"}))
	for _, id := range []string{"base", "client"} {
		if a := f.state(id); a.State != "enabled" {
			t.Errorf("%s is %s: %s", id, a.State, a.Reason)
		}
	}
	f.idle()
}

// A query in flight sees one cut: it began with the old version and ends with it.
func TestQueryInFlightSeesOneCut(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	front := app("front", "1.0.0").needs("base", "").grant(manifestGrant("base.ask")).query("ask", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		inside <- struct{}{}
		<-goOn
		return call(abi.FuncCall, (&abi.Invoke{Name: "base.ask", Input: []byte{0x80}}).Append(nil))
	})
	f := setup(t, app("base", "1.0.0").query("ask", says("old")), front)
	f.install("base")
	f.install("front")
	f.offer(app("base", "1.1.0").query("ask", says("new")))
	answer := make(chan string)
	ask := func() {
		out, err := f.run("front.ask", []byte{0x80})
		if err != nil {
			t.Error(err)
		}
		answer <- abi.FieldText(out, "v")
	}
	go ask()
	<-inside
	j := must[Job](f, "host.apps.upgrade", Upgrade{ID: "base"})
	for since := 0; ; { // until only the drain is left
		now := must[Job](f, "host.jobs.get", Watch{ID: j.ID, Wait: 5, Since: since})
		if since = now.Revision; slicesHas(now.Steps, stepSwitch) {
			break
		}
	}
	go ask()
	<-inside
	if now := must[Job](f, "host.jobs.get", Watch{ID: j.ID}); now.State != jobRunning {
		t.Errorf("the job is %s while the old version runs", now.State)
	}
	close(goOn)
	if a, b := <-answer, <-answer; a == b || a+b != "oldnew" && a+b != "newold" {
		t.Errorf("one said %q, the other %q", a, b)
	}
	f.done(j)
	f.idle()
}

// A command in flight runs again under the new set: nothing is committed by an
// old version after the switch.
func TestCommandInFlightRunsAgain(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	old := things1("1.0.0").command("slow", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		inside <- struct{}{}
		<-goOn
		return []byte{0x80}, put(call, record2("id", "slow", "old", "by the old"))
	})
	next := things1("1.1.0").command("slow", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		return []byte{0x80}, put(call, record2("id", "slow", "old", "by_the_new"))
	})
	f := setup(t, old)
	f.install("things")
	f.offer(next)
	ended := make(chan error)
	go func() {
		_, err := f.run("things.slow", []byte{0x80})
		ended <- err
	}()
	<-inside
	j := must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"})
	for since := 0; ; {
		now := must[Job](f, "host.jobs.get", Watch{ID: j.ID, Wait: 5, Since: since})
		if since = now.Revision; slicesHas(now.Steps, stepSwitch) {
			break
		}
	}
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	f.done(j)
	f.same(model{"slow": "by_the_new"}, "in the end")
}

func slicesHas(steps []Step, done string) bool {
	for _, s := range steps {
		if s.Name == done && s.State == stepDone {
			return true
		}
	}
	return false
}

// subscriptions count what the lifecycle asks of the events.
type subscriptions struct {
	mu       sync.Mutex
	replayed []uint64
	gone     []string
	hand     func(app *registry.App) error   // what a replay does, nil for nothing
	hold     func(ctx context.Context) error // what it waits for before, nil for nothing
}

func (s *subscriptions) Subscribe(tx *kernel.Tx, app *registry.App) error {
	return tx.Put("cursor", app.ID, []byte(app.Version))
}

func (s *subscriptions) Unsubscribe(tx *kernel.Tx, app string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = append(s.gone, app)
	return tx.Delete("cursor", app)
}

func (s *subscriptions) Replay(ctx context.Context, _ string, app *registry.App, until uint64, progress func(done, total uint64)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replayed = append(s.replayed, until)
	progress(1, 2)
	if s.hold != nil {
		if err := s.hold(ctx); err != nil {
			return err
		}
	}
	if s.hand != nil {
		return s.hand(app)
	}
	return nil
}

func TestEventsAreToldInTheSameCommit(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")))
	events := &subscriptions{}
	f.close()
	f.config.Events = events
	f.open()
	f.done(must[Job](f, "host.apps.install", Install{ID: "base", Replay: true, Consent: f.consentTo(Wish{Action: "install", ID: "base"})}))
	if d := f.dump(); d["hcursor\x00base"] != "1.0.0" || len(events.replayed) != 1 {
		t.Errorf("cursor %q, replayed %v", d["hcursor\x00base"], events.replayed)
	}
	f.done(must[Job](f, "host.apps.disable", Disable{ID: "base"}))
	if f.dump()["hcursor\x00base"] == "" {
		t.Error("disabling took the cursor")
	}
	f.done(must[Job](f, "host.apps.remove", Remove{ID: "base", Confirm: "base"}))
	if f.dump()["hcursor\x00base"] != "" || len(events.gone) != 1 {
		t.Error("removing left the cursor")
	}
}

// A disabled app keeps what it has; a removed one leaves nothing.
func TestRemoveLeavesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t, things1("1.0.0"))
	empty := f.dump()
	f.install("things")
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		f.put(id, "x")
	}
	kept := f.dump()
	f.done(must[Job](f, "host.apps.disable", Disable{ID: "things"}))
	if _, err := f.run("things.all", []byte{0x80}); err == nil {
		t.Error("a disabled app answers")
	}
	for k, v := range f.dump() {
		if k[0] == 'd' && kept[k] != v {
			t.Errorf("%q is %q", k, v)
		}
	}
	f.done(must[Job](f, "host.apps.remove", Remove{ID: "things", Confirm: "things"}))
	if d := differ(empty, f.dump()); d != "" {
		t.Errorf("left:\n%s", d)
	}
	if f.machine.living() != 0 {
		t.Errorf("%d modules are loaded", f.machine.living())
	}
	f.install("things")
	f.same(model{}, "installed again")
}

// What was built before an app was enabled is what it runs with: nothing loads
// the module again in between, and nothing throws it away.
func TestWarmedModuleIsTheOneThatRuns(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")), formApp("1.0.0"))
	var mu sync.Mutex
	var warmed []*registry.App
	f.close()
	f.config.Warm = func(_ context.Context, _ string, app *registry.App) error {
		mu.Lock()
		defer mu.Unlock()
		warmed = append(warmed, app)
		return nil
	}
	f.open()
	check := func(id string, n int) {
		t.Helper()
		set, _ := f.kernel.Set(shop)
		app, _ := set.App(id)
		mu.Lock()
		defer mu.Unlock()
		if len(warmed) != n || warmed[n-1].Module != app.Module || warmed[n-1].Version != app.Version {
			t.Errorf("%d were warmed, the last another than what runs", len(warmed))
		}
	}
	f.install("base")
	check("base", 1)
	f.offer(app("base", "1.1.0").query("ask", says("c")))
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "base"}))
	check("base", 2)
	f.install("form")
	check("form", 3)
	if len(f.machine.retired) != 0 {
		t.Errorf("retired: %q", f.machine.retired)
	}
	f.filled(map[string]any{"percent": 5})
	check("form", 4) // what was derived from other settings is built again
}
