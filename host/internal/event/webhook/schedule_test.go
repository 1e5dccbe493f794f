package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestSchedule: ten tries at the times of Standard Webhooks, with one id; then the
// delivery has failed, and its record goes after 90 days.
func TestSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(func(int) (int, error) { return 0, errors.New("no route") })
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		stop := f.work()
		f.emit("till.closed")
		time.Sleep(4 * 24 * time.Hour)
		synctest.Wait()
		got := b.all()
		if len(got) != len(waits)+1 {
			t.Fatalf("%d tries", len(got))
		}
		for i, wait := range waits {
			if took := got[i+1].at.Sub(got[i].at); took < wait || took > wait+wait/9 {
				t.Errorf("try %d came after %s, want %s", i+2, took, wait)
			}
			if got[i+1].id != got[0].id {
				t.Errorf("try %d has the id %s, the first %s", i+2, got[i+1].id, got[0].id)
			}
		}
		d := f.deliveries(hook.ID)
		if len(d) != 1 || d[0].State != stateFailed || d[0].Attempts != 10 || d[0].Last.Why != whyNoAnswer || d[0].Last.Status != 0 || !d[0].Next.IsZero() {
			t.Errorf("deliveries %+v", d)
		}
		stop()
		time.Sleep(keepFailed)
		if d = f.deliveries(hook.ID); len(d) != 0 {
			t.Errorf("after 90 days: %+v", d)
		}
	})
}

// TestFailingDisables: five days without a success, and the webhook is disabled
// and the log says so; enabled, it goes on from now with what waited.
func TestFailingDisables(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var healthy atomic.Bool
		b := newInbox(func(int) (int, error) {
			if healthy.Load() {
				return 200, nil
			}
			return 503, nil
		})
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		f.work()
		for day := range 6 {
			f.emit("till.closed")
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			disabled := must[Webhook](f, "host.webhooks.get", Named{hook.ID}).Disabled
			if want := map[bool]string{true: disabledFailing}[day >= 5]; disabled != want {
				t.Errorf("after day %d: disabled %q", day+1, disabled)
			}
		}
		if !slices.Contains(f.logged(), "host.webhook_disabled") {
			t.Errorf("logged %q", f.logged())
		}
		f.refuses("failed_precondition disabled", "host.webhooks.resend", Resend{ID: hook.ID, From: "1"})
		tried := len(b.all())
		f.emit("till.closed")
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if n := len(b.all()); n != tried {
			t.Errorf("%d tries while it was disabled", n-tried)
		}
		healthy.Store(true)
		if w := must[Webhook](f, "host.webhooks.enable", Enabling{ID: hook.ID}); w.Disabled != "" || !w.Failing.IsZero() {
			t.Errorf("enabled: %+v", w)
		}
		last := f.emit("till.opened")
		synctest.Wait()
		states := map[string]int{}
		for _, d := range f.deliveries(hook.ID) {
			states[d.State]++
			if d.State == stateDelivered && d.Type == "till.opened" && d.Position != fmt.Sprint(last) {
				t.Errorf("delivered %+v", d)
			}
		}
		// The first two days' events were given up on, by their tenth try; what was
		// logged while it was disabled is not sent.
		if states[stateWaiting] != 0 || states[stateFailed]+states[stateDelivered] != 7 || states[stateDelivered] < 2 {
			t.Errorf("states %v", states)
		}
	})
}

// TestGoneDisables: 410 says that nobody wants more.
func TestGoneDisables(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(func(n int) (int, error) { return 410 - 206*min(n-1, 1), nil })
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		f.work()
		first := f.emit("till.closed")
		synctest.Wait()
		f.emit("till.closed")
		time.Sleep(time.Hour)
		synctest.Wait()
		w := must[Webhook](f, "host.webhooks.get", Named{hook.ID})
		if d := f.deliveries(hook.ID); w.Disabled != disabledGone || len(b.all()) != 1 || len(d) != 1 || d[0].State != stateFailed {
			t.Errorf("%+v after %d tries; deliveries %+v", w, len(b.all()), d)
		}
		must[Webhook](f, "host.webhooks.enable", Enabling{ID: hook.ID, After: fmt.Sprint(first)})
		synctest.Wait()
		if d := f.deliveries(hook.ID); len(d) != 2 || d[0].State != stateDelivered {
			t.Errorf("after it was enabled: %+v", d)
		}
		f.refuses("invalid malformed", "host.webhooks.enable", Enabling{ID: hook.ID, After: "999999"})
	})
}

// TestAnswerOfTheOldAddress: what the address before a change answers says nothing
// of the new one: 410 does not disable it, and what was tried goes there.
func TestAnswerOfTheOldAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, answer := make(chan bool), make(chan bool)
		b := newInbox(func(n int) (int, error) {
			if n > 1 {
				return 204, nil
			}
			asked <- true
			<-answer
			return http.StatusGone, nil
		})
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		f.work()
		f.emit("till.closed")
		<-asked
		to := "https://new.example.com/hook"
		_ = must[Webhook](f, "host.webhooks.update", Change{ID: hook.ID, IfMatch: hook.ETag, URL: &to})
		close(answer)
		time.Sleep(time.Minute)
		synctest.Wait()
		w := must[Webhook](f, "host.webhooks.get", Named{hook.ID})
		if w.Disabled != "" || !w.Failing.IsZero() {
			t.Errorf("the new address is blamed: %+v", w)
		}
		if d := f.deliveries(hook.ID); len(d) != 1 || d[0].State != stateDelivered || len(b.all()) != 2 || b.all()[1].to != to {
			t.Errorf("deliveries %+v after %+v", d, b.all())
		}
	})
}

// TestSentAndNotRecorded: a host that dies between the answer and its record sends
// the delivery again, with the same id.
func TestSentAndNotRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(nil)
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		f.emit("till.closed")
		e := newEndpoint(f.Room, hook.ID)
		f.endpoints[hook.ID] = e
		e.cancel = func() {}
		e.version = version{number: 1}
		if _, err := f.pass(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		found, err := e.look(t.Context())
		if err != nil || len(found.due) != 1 {
			t.Fatalf("due %+v, %v", found, err)
		}
		if o := e.try(t.Context(), &job{found.due[0], found.url, found.signer}); o.why != "" {
			t.Fatalf("%+v", o)
		}
		// And now the host is killed, and starts again.
		again := New(f.config)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = again.Run(ctx); close(done) }()
		synctest.Wait()
		cancel()
		<-done
		got := b.all()
		if len(got) != 2 || got[0].id != got[1].id {
			t.Errorf("sent %+v", got)
		}
		if d := f.deliveries(hook.ID); len(d) != 1 || d[0].State != stateDelivered {
			t.Errorf("deliveries %+v", d)
		}
	})
}

// TestRestarts: however often the room stops and starts, each event has one row
// and arrives.
func TestRestarts(t *testing.T) {
	t.Parallel()
	b := newInbox(nil)
	f := setup(t, b)
	hook := f.create(NewWebhook{})
	const events = 200
	last := ""
	for i := range events {
		f.emit("till.closed", "stock.moved")
		if i%10 == 0 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { _ = New(f.config).Run(ctx); close(done) }()
			last = (<-b.came).id
			cancel()
			<-done
		}
	}
	f.work()
	arrived := map[string]bool{last: true}
	for _, m := range b.all() {
		arrived[m.id] = true
	}
	for len(arrived) < events {
		arrived[(<-b.came).id] = true
	}
	if d := f.deliveries(hook.ID); len(d) != events {
		t.Errorf("%d rows", len(d))
	}
}

// TestFourAtOnce: an endpoint gets no more than four deliveries at once, begun in
// the order of the log, and one that never answers keeps no other waiting.
func TestFourAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var slow, most, good atomic.Int64
		f := setup(t, posting(func(ctx context.Context, to string, _ http.Header, body []byte) (int, error) {
			if !strings.HasSuffix(to, "/slow") {
				good.Add(1)
				return 200, nil
			}
			most.Store(max(most.Load(), slow.Add(1)))
			<-ctx.Done()
			slow.Add(-1)
			return 0, ctx.Err()
		}))
		f.create(NewWebhook{URL: "https://shop.example.com/slow"})
		f.create(NewWebhook{URL: "https://shop.example.com/good"})
		f.work()
		for range 40 {
			f.emit("till.closed")
		}
		synctest.Wait() // no time has passed
		if good.Load() != 40 || slow.Load() != sendingOne {
			t.Errorf("%d arrived at the good one, %d are on their way to the slow one", good.Load(), slow.Load())
		}
		time.Sleep(time.Minute)
		if most.Load() != sendingOne {
			t.Errorf("%d at once", most.Load())
		}
	})
}
