package kernel

import (
	"context"
	"errors"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// call runs another contract's operation in this transaction.
func (s *session) call(ctx context.Context, in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseInvoke(in))
	if err != nil {
		return out, err
	}
	target, ok := s.op.Operation(f.Name)
	switch {
	case !ok:
		return out, failure(abi.NotFound, abi.ReasonOperation, "No enabled app answers "+f.Name+".")
	case s.readOnly && target.Command:
		return out, failure(abi.Denied, abi.ReasonReadOnly, "A query cannot run the command "+f.Name+".")
	}
	if err = s.granted(target, f.Input); err != nil {
		return out, err
	}
	return s.nest(ctx, nesting{app: target.App, entry: target.Entry, readOnly: !target.Command, input: f.Input}, out)
}

// nesting is one call into another app.
type nesting struct {
	app      *registry.App
	entry    uint32
	readOnly bool
	slot     string // that it fills, "" for an operation
	input    []byte
}

// one runs the filler of a key of one of the app's own command slots.
func (s *session) one(ctx context.Context, in, out []byte) ([]byte, error) {
	f, slot, err := s.ownSlot(in)
	if err != nil {
		return out, err
	}
	filler, ok := slot.Filler(f.Key)
	switch {
	case !ok || !slot.Command:
		return out, failure(abi.NotFound, abi.ReasonFiller, "Nothing fills "+f.Name+" for "+f.Key+".")
	case s.readOnly:
		return out, failure(abi.Denied, abi.ReasonReadOnly, "A query cannot run "+f.Name+".")
	}
	return s.nest(ctx, nesting{app: filler.App, entry: filler.Entry, slot: f.Name, input: f.Input}, out)
}

// each asks all fillers of one of the app's own query slots, each on an
// allowance of its own. One that fails is an answer like another.
func (s *session) each(ctx context.Context, in, out []byte) ([]byte, error) {
	f, slot, err := s.ownSlot(in)
	if err != nil {
		return out, err
	}
	var answers []abi.Answer
	if !slot.Command {
		for _, filler := range slot.Fillers {
			a, err := s.ask(ctx, f.Name, filler, f.Input)
			if err != nil {
				return out, err
			}
			answers = append(answers, a)
		}
	}
	return abi.AppendAnswers(out, answers), nil
}

// ask calls one filler of a query slot with an allowance of its own of all that
// it could use up for its caller. If the allowance ends it, and not the
// operation's, that is an answer like another.
func (s *session) ask(ctx context.Context, slot string, filler registry.Filler, input []byte) (abi.Answer, error) {
	op := s.op
	give := op.allow(filler.App)
	out, err := s.nest(ctx, nesting{app: filler.App, entry: filler.Entry, readOnly: true, slot: slot, input: input}, nil)
	give()
	a := abi.Answer{Filler: filler.App.ID, Output: out}
	var f *sandbox.Fault
	if errors.As(err, &f) {
		switch {
		case f.Kind == sandbox.FaultFuel && op.meter.Units > 0:
			err = failure(abi.Deadline, "fuel", "The filler computed too much.")
		case f.Kind == sandbox.FaultQuota && op.meter.HostCalls > 0:
			err = quota("host_calls")
		default:
			return a, err
		}
		op.k.breaker.report(op.patient(filler.App), true, op.k.config.Now())
	}
	var e *abi.Error
	if errors.As(err, &e) {
		return abi.Answer{Filler: filler.App.ID, Code: e.Code, Output: e.Append(nil)}, nil
	}
	return a, err
}

// allow leaves the operation no more than one slot call may use, and answers
// how to give back what it did not.
func (op *operation) allow(filler *registry.App) (give func()) {
	units, calls, log, most := op.meter.Units, op.meter.HostCalls, op.meter.LogBytes, op.readable
	allowed := sandbox.Meter{
		Units:     min(units, filler.Limits.SlotUnits),
		HostCalls: min(calls, slotHostCalls),
		LogBytes:  min(log, slotLog),
	}
	op.meter.Units, op.meter.HostCalls, op.meter.LogBytes = allowed.Units, allowed.HostCalls, allowed.LogBytes
	op.readable = min(most, op.read+slotRead)
	return func() {
		op.meter.Units += units - allowed.Units
		op.meter.HostCalls += calls - allowed.HostCalls
		op.meter.LogBytes += log - allowed.LogBytes
		op.readable = most
	}
}

func (s *session) ownSlot(in []byte) (abi.Invoke, *registry.Slot, error) {
	f, err := frame(abi.ParseInvoke(in))
	if err != nil {
		return f, nil, err
	}
	slot, err := s.slot(f.Name)
	return f, slot, err
}

// slot finds a slot of the app's own contract: only its owner asks it.
func (s *session) slot(name string) (*registry.Slot, error) {
	slot, ok := s.op.Slot(name)
	if !ok {
		return nil, failure(abi.NotFound, abi.ReasonOperation, "There is no slot "+name+".")
	}
	if slot.Owner != s.app {
		return nil, failure(abi.Denied, abi.ReasonGrant, name+" is not a slot of "+s.app.ID+".")
	}
	return slot, nil
}

// fillers lists the keys of a command slot that are filled.
func (s *session) fillers(in, out []byte) ([]byte, error) {
	d := abi.NewDecoder(in)
	name := d.String()
	if _, err := frame(name, d.Done()); err != nil {
		return out, err
	}
	slot, err := s.slot(name)
	if err != nil {
		return out, err
	}
	keys := make([]string, len(slot.Fillers))
	for i, f := range slot.Fillers {
		keys[i] = f.Key
		if !slot.Command {
			keys[i] = f.App.ID
		}
	}
	return abi.AppendStrings(out, keys), nil
}

// nest runs another app's entry in this transaction. If it ends in an error,
// what it wrote is undone and what it read stays read. The error is an
// *abi.Error if the caller may catch it.
func (s *session) nest(ctx context.Context, n nesting, out []byte) ([]byte, error) {
	op, app := s.op, n.app
	if h := s.handled(); h != nil && h.Info.Replayed {
		return out, failure(abi.Denied, abi.ReasonReplay, "While old events are handled no other app is called.")
	}
	if s.onStack(app) {
		return out, failure(abi.Denied, abi.ReasonReentrant, app.ID+" is at work in this operation already: "+op.path())
	}
	if len(op.stack) >= abi.MaxDepth {
		return out, failure(abi.Exhausted, abi.ReasonCallDepth, "Calls are nested too deep: "+op.path())
	}
	op.usage.Hops++
	if op.k.config.Hooks.Nested != nil {
		op.k.config.Hooks.Nested(len(op.stack))
	}
	save := op.txn.Save()
	child := &session{op: op, app: app, from: s, readOnly: s.readOnly || n.readOnly, slotName: n.slot}
	begin := len(out)
	out, code, err := child.run(ctx, n.entry, n.input, out)
	if err == nil && code == abi.OK {
		return out, nil
	}
	op.txn.Rollback(save)
	if err == nil {
		e := guestError(out[begin:], code, app)
		return out[:begin], e
	}
	if f, ok := catchable(err); ok {
		e := faultError(f)
		e.App = app.String()
		return out[:begin], e
	}
	return nil, err
}

// path names the apps at work, for error messages.
func (op *operation) path() string {
	ids := make([]string, len(op.stack))
	for i, a := range op.stack {
		ids[i] = a.ID
	}
	return strings.Join(ids, " → ")
}
