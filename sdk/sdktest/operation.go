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
	now  int64
	info abi.Info // Caller is filled in per app
	seed [2]uint64

	// of the current attempt
	ids     ids
	stack   []*app
	emitted []Event
	used    struct{ writes, events, calls, log int }
	spent   *abi.Error // what cannot be caught
}

// begin makes an operation with everything that its attempts have in common.
func (e *Env) begin(principal string) *operation {
	e.requests++
	op := &operation{env: e, now: e.now, seed: [2]uint64{e.seeds.Uint64(), e.seeds.Uint64()}}
	op.restart()
	op.info = abi.Info{Operation: op.ids.next(), Request: fmt.Sprintf("req-%d", e.requests), Principal: principal}
	return op
}

// restart makes the attempt's state as it was before the first attempt.
func (op *operation) restart() {
	fresh := operation{env: op.env, now: op.now, info: op.info, seed: op.seed}
	fresh.ids = newIDs(op.now, op.seed)
	if op.info.Operation != "" {
		fresh.ids.next() // the operation's own
	}
	*op = fresh
}

// run runs a handler as an operation of its own. before is done in its
// transaction; it may be nil.
func (e *Env) run(principal string, t target, in []byte, before func()) ([]byte, *abi.Error) {
	return e.attempts(principal, t.writes(), func(op *operation) ([]byte, *abi.Error) {
		if before != nil {
			before()
		}
		return op.enter(t, nil, false, in)
	})
}

// attempts runs fn as often as the faults ask for; the last attempt commits or
// leaves nothing.
func (e *Env) attempts(principal string, command bool, fn func(*operation) ([]byte, *abi.Error)) ([]byte, *abi.Error) {
	if e.running {
		e.fatal("sdktest: a handler may not use its Env; give it what it needs")
	}
	e.running = true
	defer func() { e.running = false }()
	defer e.space.commit()
	op := e.begin(principal)
	for range e.reruns(command) {
		_, _ = op.attempt(fn)
		e.space.rollback(0)
		op.restart()
	}
	out, err := op.attempt(fn)
	if err != nil {
		e.space.rollback(0)
		return nil, err
	}
	e.publish(op.emitted)
	return out, nil
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

// attempt runs fn once; what cannot be caught ends here.
func (op *operation) attempt(fn func(*operation) ([]byte, *abi.Error)) (out []byte, err *abi.Error) {
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
	out, err = fn(op)
	finished = true
	return out, err
}

// enter runs a handler in this operation, called by an app or, if caller is
// nil, from the edge. An error leaves nothing behind.
func (op *operation) enter(t target, caller *app, readOnly bool, in []byte) ([]byte, *abi.Error) {
	switch {
	case len(in) > abi.MaxInput:
		return nil, failure(abi.TooLarge, abi.ReasonInput, "the input is longer than 1 MiB")
	case slices.Contains(op.stack, t.app):
		return nil, failure(abi.Denied, abi.ReasonReentrant, t.app.id+" is at work in this operation already")
	case len(op.stack) >= abi.MaxDepth:
		return nil, failure(abi.Exhausted, abi.ReasonCallDepth, "calls are nested too deep")
	}
	point, emitted := op.env.space.save(), len(op.emitted)
	op.stack = append(op.stack, t.app)
	p := &port{op: op, app: t.app, readOnly: readOnly || !t.writes()}
	if caller != nil {
		p.caller = caller.id
	}
	out, err := op.guard(t, p, slices.Clone(in))
	op.stack = op.stack[:len(op.stack)-1]
	if err != nil {
		op.env.space.rollback(point)
		op.emitted = op.emitted[:emitted]
	}
	return out, err
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
