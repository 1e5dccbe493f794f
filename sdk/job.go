package sdk

import (
	"strconv"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/wire"
)

// Job is work that is too long for one operation: many transactions, one after
// the other, that people can watch and cancel. In is what it begins with; State
// is what one step leaves to the next, and at the end the job's result.
type Job[In, State any] struct {
	Name string // unique in the app
}

// Begin asks for the job after this transaction has committed. A second one with
// the same id goes on with the first if it is at work on the same input, and
// otherwise replaces it or, once it has finished, begins anew.
// Errors: invalid, reason "key" (id is longer than 384 bytes or holds a NUL);
// too_large.
func (j Job[In, State]) Begin(tx *Tx, id string, in In) error {
	return put(&tx.c, hostcall.Begin, abi.Schedule{Name: j.Name, ID: id}, &in)
}

// Handle makes step the job's handler. It runs again and again, each time in a
// transaction of its own and exactly once in effect, until it says that the job
// is finished; it should do as much as fits well into one operation. Info.Key is
// the id that the job was begun with. A step that ends in an error is undone and
// tried again a few times; then the job has failed, and what earlier steps wrote
// stays.
func (j Job[In, State]) Handle(step func(tx *Tx, in In, s *Step[State]) error) Part {
	return part(func(a *App) {
		a.handle(abi.Entry{Kind: abi.EntryJob, Name: j.Name}, onStep(func(tx *Tx, input string, s *Step[State]) error {
			var in In
			if err := decode(&tx.c, input, &in); err != nil {
				return Invalid("", abi.ReasonMalformed, err.Error())
			}
			return step(tx, in, s)
		}))
	})
}

// Step is one step of a job or of a migration.
type Step[State any] struct {
	// State is what the step before has left, the zero value in the first one:
	// where to go on and what to count on. Of the last step it is the result. At
	// most 64 KiB encoded.
	State    State
	Finished bool   // there is nothing left to do
	Done     uint64 // how far it is, in a unit of the app's choice, for people to see
	Total    uint64 // in the same unit; 0 if nobody knows
}

// Migration leads what an app keeps to a data version, when its module is
// upgraded. Give one for each version after the first, and keep them for as long
// as somebody may upgrade over them. An app that keeps anything begins with
// version 1, and the highest version here is the one that its code is made for.
type Migration[State any] struct {
	Version int // from 2
	// Expand runs before the new module is used, while the old one still writes:
	// it adds, and the old code must go on working. What the old code writes
	// behind its back it does not see. Nil if there is nothing.
	Expand func(tx *Tx, s *Step[State]) error
	// Contract runs when the last operation of the old module has ended: it does
	// what Expand has missed, and removes what is no longer read. Nil if there is
	// nothing.
	Contract func(tx *Tx, s *Step[State]) error
}

func (m Migration[State]) register(a *App) {
	if m.Version < 2 {
		panic("sdk: " + a.id + " migrates to version " + strconv.Itoa(m.Version) + ": the first to migrate to is 2")
	}
	if m.Expand == nil && m.Contract == nil {
		panic("sdk: " + a.id + " migrates to version " + strconv.Itoa(m.Version) + " and does nothing")
	}
	d := &a.module.Descriptor
	d.DataVersion = max(d.DataVersion, m.Version)
	m.phase(a, abi.MigrateExpand, m.Expand)
	m.phase(a, abi.MigrateContract, m.Contract)
}

func (m Migration[State]) phase(a *App, phase string, fn func(*Tx, *Step[State]) error) {
	if fn == nil {
		return
	}
	e := abi.Entry{Kind: abi.EntryMigration, Name: phase, Key: strconv.Itoa(m.Version)}
	a.handle(e, onStep(func(tx *Tx, _ string, s *Step[State]) error { return fn(tx, s) }))
}

// onStep adapts a typed step to a handler.
func onStep[State any](fn func(tx *Tx, input string, s *Step[State]) error) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		t := Tx{newContext(port)}
		var s Step[State]
		err := t.step(in, func(input, cursor string) error {
			if cursor != "" {
				if err := decode(&t.c, cursor, &s.State); err != nil {
					return within("decode the state of a step", err)
				}
			}
			return fn(&t, input, &s)
		})
		if err != nil {
			return fail(&t.c, out, err)
		}
		w := &t.c.scratch.Body
		w.Reset()
		if err := codec.Write(w, &s.State); err != nil {
			return fail(&t.c, out, err)
		}
		return stepped(w, out, s.Finished, s.Done, s.Total), abi.OK
	}
}

// step reads the input of a step.
func (t *Tx) step(in []byte, fn func(input, cursor string) error) error {
	s, err := abi.ParseStepIn(in)
	if err != nil {
		return err
	}
	return fn(string(s.Input), string(s.Cursor))
}

// stepped writes the answer of a step: its state leads on, or is the result.
func stepped(state *wire.Writer, out []byte, finished bool, done, total uint64) []byte {
	s := abi.Step{Finished: finished, Cursor: state.Written(), Done: done, Total: total}
	if finished {
		s.Cursor, s.Output = nil, s.Cursor
	}
	return s.Append(out)
}
