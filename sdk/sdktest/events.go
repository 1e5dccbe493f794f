package sdktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Event is an entry of the log.
type Event struct {
	Position uint64 // dense, from 1, in commit order
	App      string // id of the app that emitted it
	Name     string // contract.event
	Key      string // what it is about, "" for the whole event
	At       retail.Instant
	Payload  []byte // MessagePack
}

// Timer is a timer that waits.
type Timer struct {
	App, Name, ID string
	At            retail.Instant
	Payload       []byte // MessagePack
	key           string // where it lies
}

// delivery is an event that a subscriber has not handled yet.
type delivery struct {
	to    target
	event Event
}

// Events is the log: what committed, in order.
func (e *Env) Events() []Event { return slices.Clone(e.events) }

// Timers are the timers that wait, in the order in which they are due.
func (e *Env) Timers() []Timer {
	var out []Timer
	base := "t\x00"
	e.space.scan(base, base+"\xff", false, e.now, func(key string, c cell) bool {
		names := strings.SplitN(key, "\x00", 4)
		out = append(out, Timer{names[1], names[2], names[3], retail.Instant(c.number), c.value, key})
		return true
	})
	slices.SortStableFunc(out, func(a, b Timer) int { return int(min(max(a.At-b.At, -1), 1)) })
	return out
}

// Emitted are the payloads of an event that were committed, in order.
func Emitted[T any](e *Env, event sdk.Event[T]) []T {
	var out []T
	for _, x := range e.events {
		if x.Name == event.Name {
			out = append(out, decoded[T](e, x.Name, x.Payload))
		}
	}
	return out
}

// Scheduled are the payloads of a timer of the app under test that waits, in
// the order in which they are due.
func Scheduled[T any](e *Env, timer sdk.Timer[T]) []T {
	var out []T
	for _, x := range e.Timers() {
		if x.App == e.apps[0].id && x.Name == timer.Name {
			out = append(out, decoded[T](e, x.Name, x.Payload))
		}
	}
	return out
}

// Deliver hands an event to all apps that listen to it, without an app that
// emits it and beside the log. The error is that of the first handler that
// fails.
func Deliver[T any](e *Env, event sdk.Event[T], payload T) error {
	list := e.registry.subscribers[event.Name]
	if len(list) == 0 {
		e.fatal("sdktest.Deliver: nobody listens to %s", event.Name)
	}
	for _, t := range list {
		if _, err := e.run("app:"+t.app.id, t, encoded(e, event.Name, payload), nil); err != nil {
			return err
		}
	}
	return nil
}

// Fire runs a timer of the app under test without waiting for it to be due.
func Fire[T any](e *Env, timer sdk.Timer[T], payload T) error {
	t, ok := e.apps[0].entry(abi.EntryTimer, timer.Name)
	if !ok {
		e.fatal("sdktest.Fire: %s has no handler of the timer %s", e.apps[0].id, timer.Name)
	}
	_, err := e.run("app:"+t.app.id, t, encoded(e, timer.Name, payload), nil)
	return asError(err)
}

// publish makes what an operation emitted part of the log.
func (e *Env) publish(emitted []Event) {
	for _, x := range emitted {
		x.Position = uint64(len(e.events)) + 1
		e.events = append(e.events, x)
		for _, t := range e.registry.subscribers[x.Name] {
			e.pending = append(e.pending, delivery{t, x})
		}
	}
}

// Settle does what the host does by itself: it hands every event to its
// subscribers and fires every timer that is due, each in a transaction of its
// own, until nothing is left. An event whose handler fails waits, with later
// ones of its key, for the next Settle. The error joins those of the handlers.
func (e *Env) Settle() error { return e.settle(e.now) }

// mostSteps is when Settle takes events that cause each other for a loop.
const mostSteps = 10_000

func (e *Env) settle(until int64) error {
	parked := map[string]error{}
	var failed []error
	for range mostSteps {
		what, key, err := e.step(until, parked)
		switch {
		case what == "":
			e.now = max(e.now, until)
			return errors.Join(failed...)
		case err != nil:
			parked[key] = err
			failed = append(failed, fmt.Errorf("%s: %w", what, err))
		}
	}
	e.fatal("sdktest: events and timers do not come to rest")
	return nil
}

// step handles one event or fires one timer that is not parked. It says what
// it did and under which key the rest waits if that failed.
func (e *Env) step(until int64, parked map[string]error) (what, key string, err error) {
	for i, d := range e.pending {
		key = "event\x00" + d.to.app.id + "\x00" + d.event.Name + "\x00" + d.event.Key
		if parked[key] != nil {
			continue
		}
		_, failed := e.run("app:"+d.to.app.id, d.to, d.event.Payload, nil)
		if failed == nil {
			e.pending = slices.Delete(e.pending, i, i+1)
		}
		return fmt.Sprintf("%s in %s", d.event.Name, d.to.app.id), key, asError(failed)
	}
	for _, timer := range e.Timers() {
		if int64(timer.At) > until || parked[timer.key] != nil {
			continue
		}
		e.now = max(e.now, int64(timer.At))
		t, _ := e.find(timer.App).entry(abi.EntryTimer, timer.Name)
		_, failed := e.run("app:"+timer.App, t, timer.Payload, func() { e.space.delete(timer.key) })
		return fmt.Sprintf("timer %s %s of %s", timer.Name, timer.ID, timer.App), timer.key, asError(failed)
	}
	return "", "", nil
}

func (p *port) emit(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseEmit(in))
	if err != nil {
		return nil, err
	}
	switch {
	case contractOf(f.Name) != p.app.contract:
		return nil, failure(abi.Denied, abi.ReasonEvent, f.Name+" is not an event of "+p.app.id)
	case len(f.Payload) > abi.MaxEvent || len(f.Key) > abi.MaxTimerID:
		return nil, failure(abi.TooLarge, abi.ReasonEvent, "the event is longer than 256 KiB, or its key too long")
	case !abi.ValidRecord(f.Payload):
		return nil, failure(abi.Invalid, abi.ReasonEvent, "the event is no MessagePack map")
	}
	if err = p.charge(&p.op.used.events, abi.MaxEvents, "events"); err != nil {
		return nil, err
	}
	p.op.emitted = append(p.op.emitted, Event{
		App: p.app.id, Name: f.Name, Key: f.Key, At: retail.Instant(p.op.now), Payload: slices.Clone(f.Payload),
	})
	return nil, nil
}

func (p *port) schedule(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseSchedule(in))
	if err != nil {
		return nil, err
	}
	_, declared := p.app.entry(abi.EntryTimer, f.Name)
	switch {
	case !declared:
		return nil, undeclared(p.app, "timer", f.Name)
	case len(f.ID) > abi.MaxTimerID || strings.Contains(f.ID, "\x00"):
		return nil, failure(abi.Invalid, abi.ReasonKey, "the id of a timer is text without NUL of at most 384 bytes")
	case len(f.Payload) > abi.MaxTimer:
		return nil, failure(abi.TooLarge, abi.ReasonRecord, "the timer's payload is longer than 256 KiB")
	}
	if err = p.chargeWrite(); err != nil {
		return nil, err
	}
	p.op.env.space.put(spaceKey("t", p.app.id, f.Name)+f.ID, cell{value: slices.Clone(f.Payload), number: f.At})
	return nil, nil
}

// asError keeps a nil *abi.Error from becoming an error.
func asError(e *abi.Error) error {
	if e == nil {
		return nil
	}
	return e
}

func encoded[T any](e *Env, name string, v T) []byte {
	b, err := codec.Append(nil, &v)
	if err != nil {
		e.fatal("sdktest: encode %s: %v", name, err)
	}
	return b
}

func decoded[T any](e *Env, name string, b []byte) (v T) {
	if err := codec.Parse(b, &v); err != nil {
		e.fatal("sdktest: decode %s: %v", name, err)
	}
	return v
}
