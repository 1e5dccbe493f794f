package sdk

import (
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Query is an operation that reads. One value serves both sides: its owner
// registers Handle, others use Call.
type Query[In, Out any] struct {
	Name string // contract.operation
}

// Handle makes fn the query's handler.
func (q Query[In, Out]) Handle(fn func(v *View, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.EntryQuery, q.Name, "", onView(fn)) })
}

// Call asks the query of whoever provides its contract. In a command it sees
// the command's uncommitted writes. The error is an *Error.
func (q Query[In, Out]) Call(r Reader, in In) (Out, error) {
	return invoke[In, Out](r.context(), abi.FuncCall, q.Name, "", &in)
}

// Command is an operation that reads and writes. One value serves both sides:
// its owner registers Handle, others use Call.
type Command[In, Out any] struct {
	Name string // contract.operation
}

// Handle makes fn the command's handler.
func (c Command[In, Out]) Handle(fn func(tx *Tx, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.EntryCommand, c.Name, "", onTx(fn)) })
}

// Call runs the command in the caller's transaction. If it ends in an error,
// all that it wrote is undone and the caller goes on; what it read still
// counts. The error is an *Error.
func (c Command[In, Out]) Call(tx *Tx, in In) (Out, error) {
	return invoke[In, Out](&tx.c, abi.FuncCall, c.Name, "", &in)
}

// None is the input or output of an operation that has none.
type None struct{}

// invoke calls an operation or a slot and decodes what it answers.
func invoke[In, Out any](c *context, fn abi.Func, name, key string, in *In) (out Out, err error) {
	input, err := codec.Append(nil, in)
	if err != nil {
		return out, fmt.Errorf("encode the input of %s: %w", name, err)
	}
	answer, code := c.call(fn, &abi.Invoke{Name: name, Key: key, Input: input})
	if err = outcome(answer, code); err != nil {
		return out, err
	}
	if err = codec.Parse(answer, &out); err != nil {
		return out, fmt.Errorf("decode the output of %s: %w", name, err)
	}
	return out, nil
}

// onView and onTx adapt a typed function to a handler.
func onView[In, Out any](fn func(*View, In) (Out, error)) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		v := View{context{port: port}}
		return answer(&v.c, in, out, func(in In) (Out, error) { return fn(&v, in) })
	}
}

func onTx[In, Out any](fn func(*Tx, In) (Out, error)) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		t := Tx{context{port: port}}
		return answer(&t.c, in, out, func(in In) (Out, error) { return fn(&t, in) })
	}
}

func answer[In, Out any](c *context, in, out []byte, fn func(In) (Out, error)) ([]byte, abi.Code) {
	var input In
	if err := codec.Parse(in, &input); err != nil {
		return fail(c, out, Invalid("", abi.ReasonMalformed, err.Error()))
	}
	output, err := fn(input)
	if err != nil {
		return fail(c, out, err)
	}
	out, err = codec.Append(out, &output)
	if err != nil {
		return fail(c, out[:0], err)
	}
	return out, abi.OK
}

// fail answers with an error. One that is no *Error, or has no code, is a fault
// of the app: its text is logged and not shown.
func fail(c *context, out []byte, err error) ([]byte, abi.Code) {
	var e *Error
	if !errors.As(err, &e) || e == nil || e.Code == abi.OK || e.Code > abi.Internal {
		logLine(c, abi.LogError, fmt.Sprint(err), nil)
		e = &Error{Code: abi.Internal}
	}
	return e.Append(out), e.Code
}
