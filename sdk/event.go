package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
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
	return outcome(tx.c.send(abi.FuncEmit, f.Append(tx.c.frame())))
}

// On makes fn the app's handler of the event. It runs in a transaction of its
// own, exactly once in effect, as the app itself.
func (e Event[T]) On(fn func(tx *Tx, v T) error) Part {
	return part(func(a *App) {
		a.handle(abi.EntryEvent, e.Name, "", onTx(func(tx *Tx, v T) (None, error) { return None{}, fn(tx, v) }))
	})
}

// Timer is an app's own durable alarm clock.
type Timer[T any] struct {
	Name string // unique in the app
}

// Schedule asks for the timer at or after an instant, once, with v. A second
// one with the same id replaces the first.
func (t Timer[T]) Schedule(tx *Tx, id string, at retail.Instant, v T) error {
	payload, err := encode(&tx.c, &v, t.Name)
	if err != nil {
		return err
	}
	s := abi.Schedule{Name: t.Name, ID: id, At: int64(at), Payload: payload}
	return outcome(tx.c.send(abi.FuncSchedule, s.Append(tx.c.frame())))
}

// On makes fn the timer's handler, in a transaction of its own.
func (t Timer[T]) On(fn func(tx *Tx, v T) error) Part {
	return part(func(a *App) {
		a.handle(abi.EntryTimer, t.Name, "", onTx(func(tx *Tx, v T) (None, error) { return None{}, fn(tx, v) }))
	})
}
