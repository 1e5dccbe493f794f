package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Event is a fact that an app tells the rest of the world.
type Event[T any] struct {
	Name string // contract.event
	// Version is that of the shape that T has, from 1; 0 is 1. A field more, or
	// one that may be left out, is the same version. Whatever would make an old
	// event read wrongly, a field renamed or with another meaning, is a new one:
	// the log is kept, and replayed to apps that are enabled years later.
	Version int
	// Upcasts lead old events to T, one from each earlier version to the next:
	// the first takes what version 1 was.
	Upcasts []Upcaster
	// Key says what the event is about: events of one key stay in order for
	// every subscriber. Nil orders all events of this name.
	Key func(*T) string
}

// Emit appends the event to the tenant's log in this transaction.
// Errors: exhausted (too many events in one operation), too_large, denied (an
// event of another contract).
func (e Event[T]) Emit(tx *Tx, v T) error {
	f := abi.Emit{Name: e.Name, Version: e.version()}
	if e.Key != nil {
		f.Key = e.Key(&v)
	}
	return tx.emit(&f, &v)
}

// emit emits what the pointer v points to.
func (tx *Tx) emit(f *abi.Emit, v any) (err error) {
	if f.Payload, err = encode(&tx.c, v, f.Name); err != nil {
		return err
	}
	return outcome(tx.c.send(hostcall.Emit, f.Append(tx.c.frame())))
}

// On makes fn the app's handler of the event. An event of an earlier version
// comes in the shape of this one; one of a later version does not come before
// its app was built with that contract: it waits among the parked. fn runs in a transaction of its
// own, exactly once in effect, as the app itself; Tx.Info tells which event it
// is. An event that it keeps failing is parked with later ones of its key, until
// somebody replays or discards it. It panics if Upcasts do not lead from version
// 1 to this one.
func (e Event[T]) On(fn func(tx *Tx, v T) error) Subscription {
	e.check()
	handler := onHappening(fn)
	if len(e.Upcasts) > 0 {
		handler = e.upcasting(handler, fn)
	}
	return Subscription{abi.Entry{Kind: abi.EntryEvent, Name: e.Name, Version: e.version()}, handler}
}

// Subscription is the part that Event.On makes.
type Subscription struct {
	entry   abi.Entry
	handler hostcall.Handler
}

func (s Subscription) register(a *App) { a.handle(s.entry, s.handler) }

// Replayable lets the handler run on events that happened before its app was
// enabled, if the retailer wants that. Then Tx.Now is the event's time and
// Info.Replayed is true, calls to other apps are refused (denied, reason
// "replay"), the app's timers run in between when they were due, effects are not
// started, and what it emits reaches only those who asked for it with
// AlsoReplayed.
func (s Subscription) Replayable() Subscription {
	s.entry.Flags |= abi.FlagReplayable
	return s
}

// AlsoReplayed asks for what other apps emit while they replay, which is about
// the past and may have been heard before from whom they replaced.
func (s Subscription) AlsoReplayed() Subscription {
	s.entry.Flags |= abi.FlagReplayed
	return s
}
