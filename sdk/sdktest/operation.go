package sdktest

import (
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// operation is one operation over all of its attempts.
type operation struct {
	env  *Env
	task *task
	now  int64
	info abi.Info // Caller is filled in per app
	seed [2]uint64

	// of the current attempt
	ids       ids
	events    ids // a source of its own: an event does not move the app's ids
	stack     []*app
	emitted   []Event
	published []published
	used      usage
	most      allowance
	spent     *abi.Error // what cannot be caught
}

// task is a handler to run as an operation of its own.
type task struct {
	as      Principal
	to      target
	in      []byte
	at      int64     // what the clock shows; 0 is the Env's now
	handled *abi.Info // Event, Key, Attempt, Position and Replayed of what is handled, nil for nothing
	hop     int       // of the event that is handled
	// before and after are done in its transaction; they may be nil.
	before func()
	after  func(out []byte) *abi.Error
}

// replayed says whether what is handled is of the past.
func (t *task) replayed() bool { return t.handled != nil && t.handled.Replayed }

// begin makes an operation with everything that its attempts have in common.
func (e *Env) begin(t *task) *operation {
	e.requests++
	op := &operation{env: e, task: t, now: e.now, seed: [2]uint64{e.seeds.Uint64(), e.seeds.Uint64()}}
	if t.at != 0 {
		op.now = t.at
	}
	op.restart()
	if t.handled != nil {
		op.info = *t.handled
	}
	op.info.Operation, op.info.Request = op.ids.next(), fmt.Sprintf("req-%d", e.requests)
	op.info.Principal, op.info.Stores = t.as.ID, t.as.Stores
	return op
}

// restart makes the attempt's state as it was before the first attempt.
func (op *operation) restart() {
	fresh := operation{env: op.env, task: op.task, now: op.now, info: op.info, seed: op.seed, most: wholeOperation}
	fresh.ids = newIDs(op.now, op.seed)
	fresh.events = newIDs(op.now, [2]uint64{^op.seed[0], op.seed[1]})
	if op.task.to.kind == abi.EntryDerive {
		fresh.most = wholeDerivation
	}
	if op.info.Operation != "" {
		fresh.ids.next() // the operation's own
	}
	*op = fresh
}

// run runs a task as often as the faults ask for; the last attempt commits or
// leaves nothing.
func (e *Env) run(t task) ([]byte, *abi.Error) {
	out, done, err := e.attempts(&t)
	if err == nil {
		e.publish(done.emitted)
		e.derive(done.published)
	}
	return out, err
}

func (e *Env) attempts(t *task) ([]byte, *operation, *abi.Error) {
	if e.running {
		e.fatal("sdktest: a handler may not use its Env; give it what it needs")
	}
	e.running = true
	defer func() { e.running = false }()
	defer e.space.commit()
	op := e.begin(t)
	for range e.reruns(t.to.writes()) {
		_, _ = op.attempt()
		e.space.rollback(0)
		op.restart()
	}
	out, err := op.attempt()
	if err != nil {
		e.space.rollback(0)
		return nil, op, err
	}
	return out, op, nil
}

// reruns is how many attempts of the next operation are made in vain.
func (e *Env) reruns(command bool) int {
	if !command {
		return 0
	}
	n := e.Faults.takeConflicts()
	if e.twice {
		n++
	}
	return n
}

// attempt runs the task once; what cannot be caught ends here.
func (op *operation) attempt() (out []byte, err *abi.Error) {
	finished := false
	defer func() {
		if !finished && op.spent == nil {
			op.env.space.rollback(0) // a test that failed inside a handler
		}
		if op.spent != nil {
			if r := recover(); r != nil && r != (spent{}) {
				panic(r)
			}
			out, err = nil, op.spent
		}
	}()
	t := op.task
	if t.before != nil {
		t.before()
	}
	out, err = op.enter(t.to, nil, nesting{}, t.in)
	if err == nil && t.after != nil {
		err = t.after(out)
	}
	finished = true
	return out, err
}

// nesting is how an app is called in an operation.
type nesting struct {
	readOnly bool
	slot     string // that it fills, "" for an operation
}

// enter runs a handler in this operation, called by an app or, if caller is
// nil, from the edge. An error leaves nothing behind.
func (op *operation) enter(t target, caller *app, n nesting, in []byte) ([]byte, *abi.Error) {
	switch {
	case len(in) > abi.MaxInput:
		return nil, failure(abi.TooLarge, abi.ReasonInput, "the input is longer than 1 MiB")
	case slices.Contains(op.stack, t.app):
		return nil, failure(abi.Denied, abi.ReasonReentrant, t.app.id+" is at work in this operation already")
	case len(op.stack) >= abi.MaxDepth:
		return nil, failure(abi.Exhausted, abi.ReasonCallDepth, "calls are nested too deep")
	}
	undo := op.save()
	op.stack = append(op.stack, t.app)
	p := &port{op: op, app: t.app, readOnly: n.readOnly || !t.writes(), outside: t.kind == abi.EntryEffect, slotName: n.slot}
	if caller != nil {
		p.caller = caller.id
	}
	out, err := op.guard(t, p, slices.Clone(in))
	op.stack = op.stack[:len(op.stack)-1]
	if err != nil {
		undo()
	}
	return out, err
}

// save marks a point in the operation, and answers how to get back to it: what
// was used stays used, but for what waits to be written.
func (op *operation) save() (undo func()) {
	point, emitted, published := op.env.space.save(), len(op.emitted), len(op.published)
	stack, written := len(op.stack), op.used.written
	return func() {
		op.env.space.rollback(point)
		op.emitted, op.published = op.emitted[:emitted], op.published[:published]
		op.stack, op.used.written = op.stack[:stack], written
	}
}

// spent is what a host call panics with to end an operation that has used up
// what it may; the operation holds the reason.
type spent struct{}

// guard runs a handler and turns its panic into the fault that a guest's would
// be.
func (op *operation) guard(t target, p *port, in []byte) (out []byte, err *abi.Error) {
	defer func() {
		p.ended = true
		if op.spent != nil {
			panic(spent{})
		}
		if r := recover(); r != nil {
			op.fault(t, fmt.Sprint(r), debug.Stack())
			out, err = nil, &abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, Message: "the app stopped with a fault", App: t.app.id}
		}
	}()
	out, code := t.handler(p, in, nil)
	switch {
	case code != abi.OK:
		return nil, guestError(out, code, t.app)
	case len(out) > abi.MaxOutput:
		return nil, &abi.Error{Code: abi.TooLarge, Reason: abi.ReasonOutput, Message: "the output is longer than 1 MiB", App: t.app.id}
	}
	return out, nil
}

// fault shows the test's author what a caller is not shown.
func (op *operation) fault(t target, what string, stack []byte) {
	op.env.lines = append(op.env.lines, Line{App: t.app.id, Level: abi.LogError, Message: what})
	if op.env.t != nil {
		op.env.t.Logf("%s panicked: %s\n%s", t.app.id, what, stack)
	}
}

func guestError(out []byte, code abi.Code, a *app) *abi.Error {
	e, err := abi.ParseError(out)
	if err != nil || e.Code != code {
		e = &abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, Message: "the app answered with a malformed error"}
	}
	if e.App == "" {
		e.App = a.id
	}
	return e
}

func failure(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

var _ hostcall.Port = (*port)(nil)
