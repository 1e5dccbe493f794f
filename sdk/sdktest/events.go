package sdktest

import (
	"fmt"
	"slices"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Event is an entry of the log.
type Event struct {
	Position uint64 // dense, from 1, in commit order
	ID       string // a ULID
	App      string // id of the app that emitted it
	Name     string // contract.event
	Key      string // what it is about, "" for the whole event
	At       retail.Instant
	Payload  []byte // MessagePack
	Replayed bool   // it was emitted about the past
	Version  int    // of the payload's shape; 0 for the first
	hop      int    // handlers that it follows from
}

// delivery is an event that a subscriber has not handled yet.
type delivery struct {
	to      target
	event   Event
	attempt int // that have failed
}

// Events is the log: what committed, in order.
func (e *Env) Events() []Event { return slices.Clone(e.events) }

// Emitted are the payloads of an event that were committed, in order and all in
// the shape of this version.
func Emitted[T any](e *Env, event sdk.Event[T]) []T {
	var out []T
	for _, x := range e.events {
		if x.Name == event.Name {
			out = append(out, upcast(e, event, &x))
		}
	}
	return out
}

// Deliver hands an event to all apps that listen to it, without an app that
// emits it and beside the log. The error is that of the first handler that
// fails. What an app makes of events of an earlier version shows when they are
// delivered as they were: sdk.Event[Old]{Name: …} with that Version, if not 1.
func Deliver[T any](e *Env, event sdk.Event[T], payload T) error {
	list := e.registry.subscribers[event.Name]
	if len(list) == 0 {
		e.fatal("sdktest.Deliver: nobody listens to %s", event.Name)
	}
	for _, t := range list {
		d := delivery{to: t, event: Event{ID: e.eventID(), Name: event.Name, At: e.Now(), Payload: encoded(e, event.Name, payload), Version: first(event.Version)}}
		if event.Key != nil {
			d.event.Key = event.Key(&payload)
		}
		if err := e.deliver(&d); err != nil {
			return err
		}
	}
	return nil
}

// first is a version as frames have it: 0 for the first.
func first(version int) int {
	if version == 1 {
		return 0
	}
	return version
}

// deliver hands an event to a handler that understands it.
func (e *Env) deliver(d *delivery) *abi.Error {
	if newest := max(d.to.version, 1); d.event.Version > newest {
		return failure(abi.FailedPrecondition, abi.ReasonEventVersion,
			fmt.Sprintf("%s has version %d, %s was built for version %d", d.event.Name, d.event.Version, d.to.app.id, newest))
	}
	_, err := e.run(d.task())
	return err
}

// upcast is the payload of an event as its handlers get it.
func upcast[T any](e *Env, event sdk.Event[T], x *Event) (v T) {
	hear := sdk.NewApp("sdktest", event.On(func(_ *sdk.Tx, heard T) error {
		v = heard
		return nil
	})).Module().Handlers[0]
	if out, code := hear(told{Version: x.Version}, x.Payload, nil); code != abi.OK {
		e.fatal("sdktest: decode %s: %v %s", x.Name, code, out)
	}
	return v
}

// told is a host that does nothing but say what is handled.
type told abi.Info

// Now implements hostcall.Port.
func (told) Now() int64 { return 0 }

// Held implements hostcall.Port.
func (told) Held(*hostcall.Held) *any { return nil }

// Call implements hostcall.Port.
func (i told) Call(fn abi.Func, _ []byte) ([]byte, abi.Code) {
	if fn != abi.FuncInfo {
		return nil, abi.Internal
	}
	info := abi.Info(i)
	return info.Append(nil), abi.OK
}

// eventID is the id of an event that no app has emitted.
func (e *Env) eventID() string {
	source := newIDs(e.now, [2]uint64{e.seeds.Uint64(), e.seeds.Uint64()})
	return source.next()
}

// publish makes what an operation emitted part of the log.
func (e *Env) publish(emitted []Event) {
	for _, x := range emitted {
		x.Position = uint64(len(e.events)) + 1
		e.events = append(e.events, x)
		for _, t := range e.registry.subscribers[x.Name] {
			if t.hears(&x) && (!e.later || t.app != e.apps[0]) {
				e.pending = append(e.pending, delivery{to: t, event: x})
			}
		}
	}
}

// hears says whether a handler is handed an event: one about the past only if it
// asked for those.
func (t target) hears(x *Event) bool { return !x.Replayed || t.flags&abi.FlagReplayed != 0 }

// task is the delivery as an operation: as the app itself. An event that was
// emitted about the past is handled as such, at its own time.
func (d *delivery) task() task {
	x := &d.event
	t := task{as: Principal{ID: "app:" + d.to.app.id}, to: d.to, in: x.Payload, hop: x.hop, handled: &abi.Info{
		Event: x.ID, Key: x.Key, Attempt: d.attempt + 1, Position: x.Position, Replayed: x.Replayed, Version: x.Version,
	}}
	if x.Replayed {
		t.at = int64(x.At)
	}
	return t
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
	op := p.op
	if err = p.charge(&op.used.events, abi.MaxEvents, "events"); err != nil {
		return nil, err
	}
	x := Event{ID: op.events.next(), App: p.app.id, Name: f.Name, Key: f.Key, At: retail.Instant(op.now), Payload: slices.Clone(f.Payload), Version: f.Version}
	if op.task.handled != nil {
		x.hop, x.Replayed = op.task.hop+1, op.task.replayed()
	}
	if x.hop > abi.MaxHop {
		return nil, failure(abi.Exhausted, abi.ReasonHop, f.Name+" would follow from more than 16 handlers: events go around in a circle")
	}
	op.used.written += len(x.Payload)
	op.emitted = append(op.emitted, x)
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
