package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Event is a fact that an app tells the rest of the world.
type Event[T any] struct {
	Name string // contract.event
	// Key says what the event is about: events of one key stay in order for
	// every subscriber. Nil orders all events of this name.
	Key func(*T) string
}

// Emit appends the event to the tenant's log in this transaction.
// Errors: exhausted (too many events in one operation), too_large, denied (an
// event of another contract).
func (e Event[T]) Emit(tx *Tx, v T) error {
	payload, err := encode(&tx.c, &v, e.Name)
	if err != nil {
		return err
	}
	f := abi.Emit{Name: e.Name, Payload: payload}
	if e.Key != nil {
		f.Key = e.Key(&v)
	}
	return outcome(tx.c.send(hostcall.Emit, f.Append(tx.c.frame())))
}

// On makes fn the app's handler of the event. It runs in a transaction of its
// own, exactly once in effect, as the app itself; Tx.Info tells which event it
// is. An event that it keeps failing is parked with later ones of its key, until
// somebody replays or discards it.
func (e Event[T]) On(fn func(tx *Tx, v T) error) Subscription {
	return Subscription{abi.Entry{Kind: abi.EntryEvent, Name: e.Name}, onHappening(fn)}
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
