package lifecycle

import (
	"context"
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// An app that was enabled before keeps its cursors, whoever asks for the past.
func TestEnableAgainCannotReplay(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0").query("ask", says("b")))
	events := &subscriptions{}
	f.close()
	f.config.Events = events
	f.open()
	f.install("base")
	f.done(must[Job](f, "host.apps.disable", Disable{ID: "base"}))
	before := f.dump()
	f.refuses("host.apps.enable", Enable{ID: "base", Replay: true}, abi.FailedPrecondition, "subscribed")
	if d := differ(before, f.dump()); d != "" || before["hcursor\x00base"] == "" || len(events.gone)+len(events.replayed) > 0 {
		t.Errorf("%s; forgot %v, replayed %v", d, events.gone, events.replayed)
	}
	f.done(must[Job](f, "host.apps.enable", Enable{ID: "base"}))
}

// A job that fails before it replayed has nobody's cursors to forget.
func TestFailureBeforeReplayForgetsNothing(t *testing.T) {
	t.Parallel()
	p := things1("1.0.0")
	p.reject = &sandbox.Rejected{Reason: "feature", Detail: "simd"}
	f := setup(t, p)
	events := &subscriptions{}
	f.close()
	f.config.Events = events
	f.open()
	j := f.ended(must[Job](f, "host.apps.install", Install{ID: "things", Replay: true, Consent: f.consentTo(Wish{Action: "install", ID: "things"})}))
	if j.State != jobFailed || len(events.gone) != 0 {
		t.Errorf("the job is %s, forgot %v", j.State, events.gone)
	}
}

// replaying is a host whose replay writes seven records, and whose installs fail
// behind it.
func replaying(t *testing.T) (*fixture, *subscriptions) {
	f := setup(t, things1("1.0.0"))
	events := &subscriptions{}
	events.hand = func(app *registry.App) error {
		_, err := f.kernel.Do(context.Background(), kernel.Task{Tenant: shop, Name: "replay", App: app.ID, Do: func(tx *kernel.Tx) error {
			entry, _ := app.Handler(abi.EntryCommand, "things.put", "")
			for i := range 7 {
				if _, err := tx.Handle(kernel.Handling{App: app, Entry: entry, Input: record2("id", fmt.Sprint("t", i), "value", "v")}); err != nil {
					return err
				}
			}
			return tx.Put("cursor", app.ID, []byte("replayed"))
		}})
		return err
	}
	f.close()
	f.config.Events = events
	f.config.Warm = func(context.Context, string, *registry.App) error {
		return &abi.Error{Code: abi.Internal, Reason: "cold", Message: "no"}
	}
	f.open()
	return f, events
}

// What a replay has written goes with the job that began it, also when the host
// is killed at any step: the app that is installed next hears each event once.
func TestFailedReplayLeavesNothing(t *testing.T) {
	t.Parallel()
	begin := func(f *fixture) Job {
		return must[Job](f, "host.apps.install", Install{ID: "things", Replay: true, Consent: f.consentTo(Wish{Action: "install", ID: "things"})})
	}
	quiet, events := replaying(t)
	empty := quiet.dump()
	watch := newKiller(0)
	quiet.watch(watch.step)
	check := func(f *fixture, j Job, at string) {
		t.Helper()
		if j.State != jobFailed || j.Error == nil || j.Error.Reason != "cold" {
			t.Errorf("%s: the job is %s: %+v", at, j.State, j.Error)
		}
		if d := differ(empty, f.dump()); d != "" {
			t.Errorf("%s: it left\n%s", at, d)
		}
	}
	check(quiet, quiet.ended(begin(quiet)), "never")
	if len(events.gone) != 1 || len(watch.all) < 12 {
		t.Errorf("forgot %v in %q", events.gone, watch.all)
	}
	for n := 1; n <= len(watch.all); n++ {
		f, _ := replaying(t)
		k := newKiller(n)
		f.watch(k.step)
		j := begin(f)
		at := <-k.hit
		f.close()
		f.watch(nil)
		f.open()
		check(f, f.ended(j), fmt.Sprint(at, n))
	}
}

// A replay may take hours, or never end with an app that only faults: who gives
// the job up does not wait for it.
func TestCancelBreaksAReplayOff(t *testing.T) {
	t.Parallel()
	f, events := replaying(t)
	empty := f.dump()
	begun := make(chan struct{})
	events.hold = func(ctx context.Context) error {
		close(begun)
		<-ctx.Done() // of the job, or of the host at the end of the test
		return fmt.Errorf("broken off: %w", ctx.Err())
	}
	j := must[Job](f, "host.apps.install", Install{ID: "things", Replay: true, Consent: f.consentTo(Wish{Action: "install", ID: "things"})})
	<-begun
	must[Job](f, "host.jobs.cancel", ByID{ID: j.ID})
	if j = f.ended(j); j.State != jobCancelled || j.Error != nil {
		t.Errorf("the job is %s: %+v", j.State, j.Error)
	}
	if d := differ(empty, f.dump()); d != "" || len(events.gone) != 1 {
		t.Errorf("forgot %v, it left\n%s", events.gone, d)
	}
}
