package sdktest

import (
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Replay enables the app under test now, with the events so far: those of its
// handlers that are replayable handle them in order, with the event's time as
// theirs; timers that they set and what it does daily run in between when they
// were due. Calls to other apps are refused, effects are not started, and what is
// emitted reaches only those who asked for it. Use it with [Later]: otherwise it
// handles again what it has handled. The error joins those of the handlers.
func (e *Env) Replay() error {
	a := e.apps[0]
	var waiting []delivery
	for _, d := range e.pending {
		if d.to.app != a {
			waiting = append(waiting, d)
		}
	}
	e.pending, e.later = waiting, false
	past := e.past(a)
	if len(past) == 0 {
		return nil
	}
	e.daily, e.begun = map[string]int64{}, int64(past[0].event.At)-1
	var failed []error
	for _, d := range past {
		d.event.Replayed = true
		failed = append(failed, e.replayDue(int64(d.event.At)))
		if err := e.deliver(&d); err != nil {
			failed = append(failed, fmt.Errorf("replay %s of %s: %w", d.event.Name, d.event.Key, err))
		}
	}
	failed = append(failed, e.replayDue(e.now))
	return errors.Join(failed...)
}

// past lists what an app is handed in a replay.
func (e *Env) past(a *app) (all []delivery) {
	for _, x := range e.events {
		for _, t := range e.registry.subscribers[x.Name] {
			if t.app == a && t.flags&abi.FlagReplayable != 0 && t.hears(&x) {
				all = append(all, delivery{to: t, event: x})
			}
		}
	}
	return all
}

// replayDue does what was due of the app under test before an instant of the
// past, each at its own.
func (e *Env) replayDue(until int64) error {
	var failed []error
	for range mostSteps {
		w := e.firstDue(until)
		if w == nil {
			return errors.Join(failed...)
		}
		w.task.at, w.task.handled.Replayed = w.due, true
		if w.daily != "" {
			e.daily[w.daily] = w.due
		}
		if _, err := e.run(w.task); err != nil {
			failed = append(failed, fmt.Errorf("replay %s: %w", w.what, err))
			e.space.delete(w.key) // it would hold up all others
			e.space.commit()
		}
	}
	e.fatal("sdktest: timers do not come to rest")
	return nil
}

// firstDue is what is due first of the app under test before an instant, nil for
// nothing.
func (e *Env) firstDue(until int64) *clockwork {
	var first *clockwork
	for _, w := range append(e.timers(), e.dailies()...) {
		if w.app == e.apps[0] && w.due < until && (first == nil || w.due < first.due) {
			first = &w
		}
	}
	return first
}
