package sdk

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Derived is a value that is built from collections once and then lies in the
// app's memory, such as an index of promotions: every operation that the app
// answers finds it there. Declare it as a pointer in a package variable and give
// it to NewApp.
//
// The app says with [Publish] what has changed. The host then builds the next
// generation beside the operations, which go on with the one before until it is
// ready; within one operation the value never changes. What was written and not
// published is not seen.
type Derived[T any] struct {
	Name string // unique in the app
	// Build makes the value of everything. It may read as much as it needs.
	Build func(v *View) (T, error)
	// Apply brings a value up to one change and may change it in place. The record
	// is read from v; it is gone if it was deleted. It must come to what Build
	// would come to, which sdktest checks. Nil builds anew.
	Apply func(v *View, value T, c Change) (T, error)

	held hostcall.Held
}

// Change names a record that has changed. Collection.Changed makes one.
type Change struct {
	Collection string
	Key        Key
}

// refresh brings one derived value up to changes. It names no types of this
// package, whose descriptions would be in every module.
type refresh func(port hostcall.Port, changes []abi.Change) error

func (d *Derived[T]) register(a *App) {
	m := &a.module.Descriptor
	a.declare("derived value", d.Name, slices.Contains(m.Derived, d.Name))
	if d.Build == nil {
		panic("sdk: " + a.id + " has no Build for the derived value " + d.Name)
	}
	if len(m.Derived) == 0 {
		a.handle(abi.Entry{Kind: abi.EntryDerive, Name: "derive"}, a.derive)
	}
	m.Derived = append(m.Derived, d.Name)
	a.derived = append(a.derived, d.refresh)
}

// Get is the value as this operation sees it. It is shared with others: do not
// change it.
func (d *Derived[T]) Get(r Reader) T {
	v, ok := (*r.context().port.Held(&d.held)).(T)
	if !ok {
		panic("sdk: the derived value " + d.Name + " was not built: was it given to NewApp?")
	}
	return v
}

// refresh builds the value, or applies changes to it.
func (d *Derived[T]) refresh(port hostcall.Port, changes []abi.Change) error {
	v, at := &View{newContext(port)}, port.Held(&d.held)
	value, built := (*at).(T)
	*at = nil // if this fails, nobody may see half of it
	if d.Apply == nil || !built || len(changes) == 0 {
		value, err := d.Build(v)
		if err != nil {
			return within("build the derived value "+d.Name, err)
		}
		*at = value
		return nil
	}
	for _, c := range changes {
		var err error
		if value, err = d.Apply(v, value, Change{c.Collection, append(Key(nil), c.Key...)}); err != nil {
			return within("apply "+c.Collection+" to the derived value "+d.Name, err)
		}
	}
	*at = value
	return nil
}

// derive is the handler that brings all derived values of the app up to date.
func (a *App) derive(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
	changes, err := abi.ParseChanges(in)
	for i := 0; i < len(a.derived) && err == nil; i++ {
		err = a.derived[i](port, changes)
	}
	if err != nil {
		c := newContext(port)
		return fail(&c, out, err)
	}
	hostcall.Collect()
	return out, abi.OK
}

// Publish asks the host to bring the app's derived values up to these changes,
// or to build them anew if there are none. It takes effect after the transaction
// has committed, and with it. Errors: exhausted (too many writes).
func Publish(tx *Tx, changes ...Change) error {
	if len(changes) > abi.MaxChanges {
		changes = nil // building is quicker than naming them
	}
	named := make([]abi.Change, len(changes))
	for i, c := range changes {
		named[i] = abi.Change{Collection: c.Collection, Key: c.Key}
	}
	return outcome(tx.c.send(hostcall.Publish, abi.AppendChanges(tx.c.frame(), named)))
}
