package event

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// tenant is one retailer's part of the room.
type tenant struct {
	*Room
	name   string
	log    storage.Log
	feed   *feed
	again  signal // what is enabled has changed: start over
	look   signal // it may have
	desks  []*desk
	mu     sync.Mutex
	secret []byte           // that seeds are made with; nil until it was read
	paused map[string]pause // by app/partition: what is shown of the workers, and nothing is decided by
}

// signal wakes one waiter; several calls before it looks are one.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) send() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func newTenant(r *Room, name string, log storage.Log) *tenant {
	t := &tenant{Room: r, name: name, log: log, feed: newFeed(log), again: newSignal(), look: newSignal(), paused: map[string]pause{}}
	t.desks = []*desk{t.lineDesk(), t.timerDesk(), t.jobDesk()}
	if r.config.Send != nil {
		t.desks = append(t.desks, t.effectDesk())
	}
	if r.config.Derive != nil {
		t.desks = append(t.desks, t.deriveDesk())
	}
	return t
}

func (t *tenant) wakeDesks() {
	for _, d := range t.desks {
		d.wake.send()
	}
}

// run works until the context ends.
func (t *tenant) run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, d := range t.desks {
		all.Go(func() { d.run(ctx) })
	}
	for tries := 0; ctx.Err() == nil; {
		p, err := t.load(ctx)
		if err != nil {
			tries++
			t.config.Logger.Warn("subscriptions are not loaded", "tenant", t.name, "error", err)
			t.sleep(ctx, t.backoff("load", tries))
			continue
		}
		tries = 0
		t.wakeDesks()
		t.deliver(ctx, p)
	}
}

// sleep waits for a while, or less if the context ends.
func (t *tenant) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Waits after a fault of the host's, which is nobody's attempt.
const (
	backoffFirst = 100 * time.Millisecond
	backoffMost  = 30 * time.Second
)

// backoff is how long to wait after the host has failed n times in a row.
func (t *tenant) backoff(what string, n int) time.Duration {
	d := backoffMost
	if n < 9 {
		d = min(d, backoffFirst<<(n-1))
	}
	return t.jitter(d, what, n)
}

// retry is how long to wait after a handler has failed n times; false if that
// was the last try.
func (t *tenant) retry(what string, n int) (time.Duration, bool) {
	if n > len(t.config.Retries) {
		return 0, false
	}
	return t.jitter(t.config.Retries[n-1], what, n), true
}

// jitter changes a wait by up to a fifth, so that what failed together does not
// come back together; the same wait again for the same thing.
func (t *tenant) jitter(d time.Duration, what string, n int) time.Duration {
	h := t.seed("wait", what, string(binary.AppendUvarint(nil, uint64(n))))
	part := time.Duration(binary.BigEndian.Uint32(h)) * (d / 5 * 2 / (1 << 16)) / (1 << 16)
	return d - d/5 + part
}

// seed is 32 bytes that only this tenant's host can know, the same again for the
// same words.
func (t *tenant) seed(words ...string) []byte {
	t.mu.Lock()
	secret := t.secret
	t.mu.Unlock()
	h := hmac.New(sha256.New, secret)
	for _, w := range words {
		h.Write(binary.AppendUvarint(nil, uint64(len(w))))
		h.Write([]byte(w))
	}
	return h.Sum(nil)
}

const areaOwn = "event"

// unlock reads the tenant's secret, or makes it once and for ever.
func (t *tenant) unlock(ctx context.Context) error {
	t.mu.Lock()
	known := t.secret != nil
	t.mu.Unlock()
	if known {
		return nil
	}
	var secret []byte
	_, err := t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.secret", Do: func(tx *kernel.Tx) error {
		old, ok, err := tx.Get(areaOwn, "secret")
		if err != nil || ok {
			secret = old
			return err
		}
		secret = tx.Random(32)
		return tx.Put(areaOwn, "secret", secret)
	}})
	if err == nil {
		t.mu.Lock()
		t.secret = secret
		t.mu.Unlock()
	}
	return err
}

// pause is why an app's queue, or a part of its events, waits.
type pause struct {
	until time.Time
	tries int
	why   string
}

// hold notes that something waits; a zero pause ends it.
func (t *tenant) hold(what string, p pause) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.until.IsZero() {
		delete(t.paused, what)
		return
	}
	t.paused[what] = p
}

// Faults of the host, which count as no attempt of what was handled.
var (
	errChanged = errors.New("what is enabled has changed")
	errHeld    = errors.New("the app is being replayed")
	errAbsent  = errors.New("the app is not enabled")
)

// degraded is the answer for an app that only faults: it was not called.
type degraded struct{ app string }

func (d degraded) Error() string { return d.app + " only fails at the moment" }

// handle runs a handler inside a task. failed is how it failed by itself, after
// which the task goes on; err is a fault of the host, or a degraded app.
func (t *tenant) handle(tx *kernel.Tx, h kernel.Handling) (out []byte, failed *kernel.Error, err error) {
	out, err = tx.Handle(h)
	if err == nil {
		return out, nil, nil
	}
	if stopped := tx.Context().Err(); stopped != nil {
		return nil, nil, stopped
	}
	if !errors.As(err, &failed) {
		return nil, nil, err
	}
	if isDegraded(failed, h.App) {
		return nil, nil, degraded{h.App.ID}
	}
	return nil, failed, nil
}

// isDegraded says whether the app itself was not called, and not one that it
// calls.
func isDegraded(e *kernel.Error, a *registry.App) bool {
	return e.Public.Code == abi.Unavailable && e.Public.Reason == "degraded" && (e.Public.App == "" || e.Public.App == a.String())
}
