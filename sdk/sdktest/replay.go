package sdktest

import (
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Replay enables the app under test now, with the events so far: those of its
// handlers that are replayable handle them in order, with the event's time as
// theirs, and timers that they set run in between when they were due. Calls to
// other apps are refused, effects are not started, and what is emitted reaches
// only those who asked for it. Use it with [Later]: otherwise it handles again
// what it has handled. The error joins those of the handlers.
func (e *Env) Replay() error {
	a := e.apps[0]
	var waiting []delivery
	for _, d := range e.pending {
		if d.to.app != a {
			waiting = append(waiting, d)
		}
	}
	e.pending = waiting
	var failed []error
	for _, x := range e.Events() {
		for _, t := range e.registry.subscribers[x.Name] {
			if t.app != a || t.flags&abi.FlagReplayable == 0 || x.Replayed && t.flags&abi.FlagReplayed == 0 {
				continue
			}
			failed = append(failed, e.replayTimers(int64(x.At)))
			x.Replayed = true
			d := delivery{to: t, event: x}
			again := d.task()
			again.at = int64(x.At)
			if _, err := e.run(again); err != nil {
				failed = append(failed, fmt.Errorf("replay %s of %s: %w", x.Name, x.Key, err))
			}
		}
	}
	failed = append(failed, e.replayTimers(e.now))
	e.later = false
	return errors.Join(failed...)
}

// replayTimers runs the timers of the app under test that were due until an
// instant of the past, each at its own.
func (e *Env) replayTimers(until int64) error {
	var failed []error
	for range mostSteps {
		w := e.firstTimer(until)
		if w == nil {
			return errors.Join(failed...)
		}
		t := e.task(w, abi.EntryTimer)
		t.at, t.handled.Replayed = w.due, true
		t.before = func() { e.space.delete(w.key) }
		if _, err := e.run(t); err != nil {
			failed = append(failed, fmt.Errorf("replay timer %s %s: %w", w.name, w.id, err))
			e.space.delete(w.key) // it would hold up all others
			e.space.commit()
		}
	}
	e.fatal("sdktest: timers do not come to rest")
	return nil
}

func (e *Env) firstTimer(until int64) *waiting {
	for _, w := range e.in(queueTimers) {
		if w.app == e.apps[0].id && w.due <= until {
			return &w
		}
	}
	return nil
}
