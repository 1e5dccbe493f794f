package sdktest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Settle does what the host does by itself until nothing is left: it hands every
// event to its subscribers, fires every timer that is due, does what is due
// today, runs effects and the steps of jobs, each in a transaction of its own. An
// event whose handler fails waits, with later ones of its key, for the next
// Settle. The error joins those of the handlers; that of an effect goes to its
// app instead.
func (e *Env) Settle() error { return e.settle(e.now, e.clockworks, e.outside, e.steps) }

// Deliver is the part of Settle that is about events.
func (e *Env) Deliver() error { return e.settle(e.now) }

// mostSteps is when Settle takes events that cause each other for a loop.
const mostSteps = 10_000

// settle hands out events and does what the lists have that is due until an
// instant.
func (e *Env) settle(until int64, lists ...func() []work) error {
	parked := map[string]error{}
	var failed []error
	for range mostSteps {
		w := e.next(until, parked, lists)
		if w == nil {
			e.now = max(e.now, until)
			return errors.Join(failed...)
		}
		if err := w.run(); err != nil {
			parked[w.key] = err
			failed = append(failed, fmt.Errorf("%s: %w", w.what, err))
		}
	}
	e.fatal("sdktest: events, timers and jobs do not come to rest")
	return nil
}

// work is one thing that the host does by itself. Its key is what waits with it
// if it fails.
type work struct {
	what, key string
	due       int64
	run       func() error
}

// next finds the next thing to do that is not parked: events first, then what is
// due the longest.
func (e *Env) next(until int64, parked map[string]error, lists []func() []work) *work {
	for i := range e.pending {
		if w := e.delivering(i); parked[w.key] == nil {
			return w
		}
	}
	var first *work
	for _, list := range lists {
		for _, w := range list() {
			if w.due <= until && parked[w.key] == nil && (first == nil || w.due < first.due) {
				first = &w
			}
		}
	}
	if first != nil {
		e.now = max(e.now, first.due)
	}
	return first
}

// delivering is handing the i-th event that waits to its subscriber.
func (e *Env) delivering(i int) *work {
	d := &e.pending[i]
	key := "event\x00" + d.to.app.id + "\x00" + d.event.Name + "\x00" + d.event.Key
	return &work{what: d.event.Name + " in " + d.to.app.id, key: key, run: func() error {
		if err := e.deliver(d); err != nil {
			e.pending[i].attempt++ // run may have moved the list
			return err
		}
		e.pending = slices.Delete(e.pending, i, i+1)
		return nil
	}}
}

// clockwork is a timer that waits or something that an app does daily.
type clockwork struct {
	app       *app
	what, key string
	daily     string // under which the last instant is kept; "" for a timer
	due       int64
	task      task
	timer     waiting
}

func (e *Env) timers() (all []clockwork) {
	for _, w := range e.in(queueTimers) {
		t := e.task(&w, abi.EntryTimer)
		t.before = func() { e.space.delete(w.key) }
		all = append(all, clockwork{app: t.to.app, what: "timer " + w.name + " " + w.id + " of " + w.app, key: w.key, due: w.due, task: t, timer: w})
	}
	return all
}

// dailies are what apps do once a day. A day that was jumped over with At is not
// made up for.
func (e *Env) dailies() (all []clockwork) {
	for _, a := range e.apps {
		for i, x := range a.module.Descriptor.Entries {
			if x.Kind != abi.EntryDaily || e.later && a == e.apps[0] {
				continue
			}
			key := "daily\x00" + a.id + "\x00" + x.Name
			since, ok := e.daily[key]
			if !ok || since > e.now {
				since = e.now
				if a == e.apps[0] && e.begun != 0 {
					since = e.begun
				}
				e.daily[key] = since
			}
			all = append(all, clockwork{
				app: a, what: "daily " + x.Name + " of " + a.id, key: key, daily: key, due: nextDaily(x.Key, since, e.zone),
				task: task{as: Principal{ID: "app:" + a.id}, to: target{app: a, kind: x.Kind, handler: a.module.Handlers[i]}, handled: &abi.Info{Key: x.Name, Attempt: 1}},
			})
		}
	}
	return all
}

// clockworks are timers and daily work as Settle does them.
func (e *Env) clockworks() (all []work) {
	for _, w := range append(e.timers(), e.dailies()...) {
		all = append(all, work{w.what, w.key, w.due, func() error {
			if w.daily != "" {
				e.daily[w.daily] = e.now
			}
			_, err := e.run(w.task)
			if err != nil && w.daily == "" {
				e.again(&w.timer, w.due)
			}
			return asError(err)
		}})
	}
	return all
}

// nextDaily is the first instant after since at which clocks in a zone show a time
// of day, for the first time on its day; where a day jumps over it, the first
// instant behind the gap.
func nextDaily(at string, since int64, zone *time.Location) int64 {
	hour, minute := int(at[0]-'0')*10+int(at[1]-'0'), int(at[3]-'0')*10+int(at[4]-'0')
	day := time.UnixMilli(since).In(zone)
	for n := range 3 {
		if due := civil(time.Date(day.Year(), day.Month(), day.Day()+n, hour, minute, 0, 0, time.UTC), zone); due > since {
			return due
		}
	}
	return since + 24*time.Hour.Milliseconds()
}

// civil is when clocks in a zone first show what shown says in UTC.
func civil(shown time.Time, zone *time.Location) int64 {
	before := shown.Add(-24 * time.Hour).In(zone)
	_, offset := before.Zone()
	first := shown.Add(-time.Duration(offset) * time.Second)
	change := func(t time.Time) time.Time { start, _ := t.In(zone).ZoneBounds(); return start }
	_, now := first.In(zone).Zone()
	if now == offset {
		return first.UnixMilli()
	}
	if second := shown.Add(-time.Duration(now) * time.Second); now < offset || !second.Before(change(first)) {
		return second.UnixMilli()
	}
	return change(first).UnixMilli() // behind the gap
}
