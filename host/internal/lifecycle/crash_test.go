package lifecycle

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// killer abandons a room at the nth step of a job: the goroutine that works on it
// goes on nowhere, as after a SIGKILL, and nothing of it is written any more.
type killer struct {
	mu   sync.Mutex
	left int
	hit  chan string
	all  []string
}

func newKiller(n int) *killer { return &killer{left: n, hit: make(chan string, 1)} }

func (k *killer) step(_, name string) {
	k.mu.Lock()
	k.all = append(k.all, name)
	k.left--
	last := k.left == 0
	k.mu.Unlock()
	if last {
		k.hit <- name
		runtime.Goexit()
	}
}

// scene is a change that is to be killed at every step.
type scene struct {
	prepare func(f *fixture)
	begin   func(f *fixture) Job
}

func scenes() map[string]scene {
	withThings := func(f *fixture) {
		f.install("things")
		for i := range 7 {
			if _, err := f.run("things.put", record2("id", fmt.Sprint("t", i), "value", fmt.Sprint("v", i))); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	return map[string]scene{
		"install": {func(*fixture) {}, func(f *fixture) Job {
			return must[Job](f, "host.apps.install", Install{ID: "things", Consent: f.consentTo(Wish{Action: "install", ID: "things"})})
		}},
		"disable": {withThings, func(f *fixture) Job { return must[Job](f, "host.apps.disable", Disable{ID: "things"}) }},
		"enable": {func(f *fixture) {
			withThings(f)
			f.done(must[Job](f, "host.apps.disable", Disable{ID: "things"}))
		}, func(f *fixture) Job { return must[Job](f, "host.apps.enable", Enable{ID: "things"}) }},
		"upgrade": {func(f *fixture) {
			withThings(f)
			f.offer(things2("2.0.0"))
		}, func(f *fixture) Job { return must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"}) }},
		"settings": {func(f *fixture) { f.install("fill") }, func(f *fixture) Job {
			return must[Job](f, "host.settings.put", Fill{ID: "fill", IfMatch: "0", Values: map[string]any{"percent": 12, "token": "s3cret"}})
		}},
		"remove": {withThings, func(f *fixture) Job { return must[Job](f, "host.apps.remove", Remove{ID: "things", Confirm: "things"}) }},
		"set": {func(*fixture) {}, func(f *fixture) Job {
			doc := map[string]any{"id": "pair", "name": both("pair"), "summary": both("pair"), "modules": []any{map[string]any{"id": "child"}, map[string]any{"id": "things"}}}
			consent := must[Plan](f, "host.sets.plan_document", TakeDocument{Set: doc}).Consent
			return must[Job](f, "host.sets.apply_document", TakeDocument{Set: doc, Consent: consent})
		}},
	}
}

func stage1(t *testing.T) *fixture {
	fill := app("fill", "1.0.0").settings(`{"type":"object","properties":{"percent":{"type":"integer","maximum":100},"token":{"type":"string","format":"secret","minLength":3}}}`).query("ask", says("hi"))
	return setup(t, things1("1.0.0"), fill, app("child", "1.0.0").needs("things", "^1").query("ask", says("child")))
}

// Killed at every step, every kind of job ends as if nothing had been.
func TestCrashAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, s := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quiet := stage1(t)
			s.prepare(quiet)
			watch := newKiller(0)
			quiet.watch(watch.step)
			quiet.done(s.begin(quiet))
			want := quiet.dump()
			quiet.idle()
			for n := 1; n <= len(watch.all); n++ {
				at := crash(t, s, n, want)
				if at != watch.all[n-1] {
					t.Errorf("step %d is %s and was %s", n, watch.all[n-1], at)
				}
			}
			if len(watch.all) < 6 {
				t.Errorf("only %d steps: %q", len(watch.all), watch.all)
			}
		})
	}
}

// crash runs a scene, kills it at its nth step and lets another room end it.
func crash(t *testing.T, s scene, n int, want map[string]string) (at string) {
	t.Helper()
	f := stage1(t)
	s.prepare(f)
	k := newKiller(n)
	f.watch(k.step)
	j := s.begin(f)
	at = <-k.hit
	f.close()
	f.watch(nil)
	f.open()
	f.done(j)
	if d := differ(want, f.dump()); d != "" {
		t.Errorf("killed at %s (%d):\n%s", at, n, d)
	}
	f.idle()
	return at
}

// idle checks that no more is loaded than what is enabled: uses are given back.
func (f *fixture) idle() {
	f.t.Helper()
	f.room.shelf.mu.Lock()
	defer f.room.shelf.mu.Unlock()
	set, _ := f.kernel.Set(shop)
	if n := len(set.Apps()); len(f.room.shelf.held) != n {
		f.t.Errorf("%d modules are held for %d apps", len(f.room.shelf.held), n)
	}
	for _, s := range f.room.shelf.held {
		if s.users != 1 {
			f.t.Errorf("%s has %d users", s.manifest.ID, s.users)
		}
	}
}

// What fails before its switch leaves nothing behind, also when the host is
// killed while it is undone.
func TestFailedJobsRollBack(t *testing.T) {
	t.Parallel()
	broken := things2("2.0.0")
	broken.guests[len(broken.guests)-2] = func(hostCall, []byte) ([]byte, abi.Code) {
		return (&abi.Error{Code: abi.Internal, Reason: "oops", Message: "no"}).Append(nil), abi.Internal
	}
	f := stage1(t)
	scenes()["upgrade"].prepare(f)
	before := f.dump()
	f.offer(broken)
	j := f.ended(must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"}))
	if j.State != jobFailed || j.Error == nil || j.Error.Reason != "oops" || !strings.HasPrefix(j.Error.App, "things@2") {
		t.Errorf("the job is %s: %+v", j.State, j.Error)
	}
	if d := differ(before, f.dump()); d != "" {
		t.Errorf("it left:\n%s", d)
	}
	if a := f.state("things"); a.State != "enabled" || a.Version != "1.0.0" {
		t.Errorf("the app is %s %s", a.State, a.Version)
	}
	f.idle()
}
