package event

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// desk watches what waits in one queue of a tenant and has it done when it is
// due, for each app by itself: one that is slow or failing delays no other.
type desk struct {
	t    *tenant
	name string
	most int // errands at once per app
	look func(tx *kernel.Tx, skip func(app string) bool) ([]errand, error)
	do   func(ctx context.Context, e errand) error
	wake signal

	mu     sync.Mutex
	busy   map[string]int     // errands of each app
	flying map[[2]string]bool // app, key
	paused map[string]pause   // by app
}

// errand is something that is due, or will be.
type errand struct {
	app, key string
	due      time.Time
	rows     []kernel.Waiting
}

const (
	deskLook = 64                   // rows that are looked at together
	deskNap  = time.Minute          // at most, so that a clock that was set is noticed
	deskRest = 2 * time.Millisecond // at least, so that many commits wake it once
)

func (t *tenant) desk(name string, most int, look func(*kernel.Tx, func(string) bool) ([]errand, error), do func(context.Context, errand) error) *desk {
	return &desk{
		t: t, name: name, most: most, look: look, do: do, wake: newSignal(),
		busy: map[string]int{}, flying: map[[2]string]bool{}, paused: map[string]pause{},
	}
}

// run works until the context ends and what it began has stopped.
func (d *desk) run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for ctx.Err() == nil {
		if d.t.unlock(ctx) != nil {
			d.t.sleep(ctx, time.Second)
			continue
		}
		next := d.round(ctx, &all)
		timer := time.NewTimer(next)
		select {
		case <-d.wake:
			d.t.sleep(ctx, min(next, deskRest))
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// round begins everything that is due and says how long nothing else will be.
func (d *desk) round(ctx context.Context, all *sync.WaitGroup) time.Duration {
	now := d.t.config.Now()
	next := now.Add(deskNap)
	var due []errand
	_, err := d.t.config.Kernel.Do(ctx, kernel.Task{Tenant: d.t.name, Name: "event." + d.name, ReadOnly: true, Do: func(tx *kernel.Tx) (err error) {
		held, err := replays.Page(tx, "", "", 1000, false)
		if err != nil {
			return err
		}
		due, err = d.look(tx, func(app string) bool {
			for _, r := range held {
				if r.Key == app {
					return true
				}
			}
			_, enabled := tx.Set().App(app)
			return !enabled || d.waits(app, now, &next)
		})
		return err
	}})
	if err != nil {
		if ctx.Err() == nil {
			d.t.config.Logger.Warn("a queue cannot be read", "tenant", d.t.name, "queue", d.name, "error", err)
		}
		return time.Second
	}
	rows, taken := 0, false
	for _, e := range due {
		rows += max(1, len(e.rows))
		if e.due.After(now) {
			if e.due.Before(next) {
				next = e.due
			}
			break
		}
		if d.take(e) {
			taken = true
			all.Go(func() { d.perform(ctx, e) })
		}
	}
	if taken && rows >= deskLook {
		return time.Millisecond // what others wait for lies behind these, and shows once a busy app is passed over
	}
	// A clock of milliseconds: what is due in the next one is not due before it.
	return max(next.Sub(now), time.Millisecond)
}

// waits says whether nothing of an app is begun now.
func (d *desk) waits(app string, now time.Time, next *time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.paused[app]; ok && now.Before(p.until) {
		if p.until.Before(*next) {
			*next = p.until
		}
		return true
	}
	return d.busy[app] >= d.most
}

func (d *desk) take(e errand) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := [2]string{e.app, e.key}
	if d.busy[e.app] >= d.most || d.flying[id] {
		return false
	}
	d.busy[e.app]++
	d.flying[id] = true
	return true
}

// perform does an errand. If the host fails at it, the app's part of this queue
// pauses.
func (d *desk) perform(ctx context.Context, e errand) {
	err := d.do(ctx, e)
	d.mu.Lock()
	if d.busy[e.app]--; d.busy[e.app] == 0 {
		delete(d.busy, e.app)
	}
	delete(d.flying, [2]string{e.app, e.key})
	p := d.paused[e.app]
	harmless := err == nil || errors.Is(err, errAbsent) || errors.Is(err, errHeld)
	if harmless {
		delete(d.paused, e.app)
	} else {
		p.tries++
		wait := d.t.backoff(d.name+e.app, p.tries)
		p.until, p.why = d.t.config.Now().Add(wait), err.Error()
		d.paused[e.app] = p
	}
	d.mu.Unlock()
	if ctx.Err() == nil && !harmless {
		d.t.config.Logger.Warn("an app's queue waits", "tenant", d.t.name, "app", e.app, "queue", d.name, "until", p.until, "error", err)
	}
	d.wake.send()
}
