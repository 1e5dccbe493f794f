package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/wire"
)

// Query is an operation that reads. One value serves both sides: its owner
// registers Handle, others use Call.
type Query[In, Out any] struct {
	Name string // contract.operation
}

// Handle makes fn the query's handler.
func (q Query[In, Out]) Handle(fn func(v *View, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.Entry{Kind: abi.EntryQuery, Name: q.Name}, onView(fn)) })
}

// Call asks the query of whoever provides its contract. In a command it sees
// the command's uncommitted writes. The error is an *Error.
func (q Query[In, Out]) Call(r Reader, in In) (Out, error) {
	return invoke[In, Out](r.context(), hostcall.Call, q.Name, "", &in)
}

// Command is an operation that reads and writes. One value serves both sides:
// its owner registers Handle, others use Call.
type Command[In, Out any] struct {
	Name string // contract.operation
}

// Handle makes fn the command's handler.
func (c Command[In, Out]) Handle(fn func(tx *Tx, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.Entry{Kind: abi.EntryCommand, Name: c.Name}, onTx(fn)) })
}

// Call runs the command in the caller's transaction. If it ends in an error,
// all that it wrote is undone and the caller goes on; what it read still
// counts. The error is an *Error.
func (c Command[In, Out]) Call(tx *Tx, in In) (Out, error) {
	return invoke[In, Out](&tx.c, hostcall.Call, c.Name, "", &in)
}

// None is the input or output of an operation that has none.
type None struct{}

// invoke calls an operation or a slot and decodes what it answers.
func invoke[In, Out any](c *context, fn hostcall.Func, name, key string, in *In) (out Out, err error) {
	err = c.invoke(fn, name, key, in, &out)
	return out, err
}

// invoke is the part that is the same for all types: in and out are pointers.
func (c *context) invoke(fn hostcall.Func, name, key string, in, out any) error {
	input, err := encode(c, in, name)
	if err != nil {
		return err
	}
	i := abi.Invoke{Name: name, Key: key, Input: input}
	answer, code := c.send(fn, i.Append(c.frame()))
	if code != abi.OK {
		return parseError(answer, code)
	}
	if err = decode(c, string(answer), out); err != nil {
		return within("decode the output of "+name, err)
	}
	return nil
}

// onView and onTx adapt a typed function to a handler.
func onView[In, Out any](fn func(*View, In) (Out, error)) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		v := View{newContext(port)}
		var input In
		var output Out
		return answer(&v.c, in, out, &input, &output, func() (err error) {
			output, err = fn(&v, input)
			return err
		})
	}
}

func onTx[In, Out any](fn func(*Tx, In) (Out, error)) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		t := Tx{newContext(port)}
		var input In
		var output Out
		return answer(&t.c, in, out, &input, &output, func() (err error) {
			output, err = fn(&t, input)
			return err
		})
	}
}

// onHappening adapts what handles an event or a timer, and answers nothing.
func onHappening[T any](fn func(*Tx, T) error) hostcall.Handler {
	return onTx(func(tx *Tx, v T) (None, error) { return None{}, fn(tx, v) })
}

// answer runs fn between its input, which it decodes, and its output, which it
// encodes: both are pointers. It is no generic code, since every operation would
// bring another one into its module.
func answer(c *context, in, out []byte, input, output any, fn func() error) ([]byte, abi.Code) {
	if err := decode(c, string(in), input); err != nil {
		return fail(c, out, Invalid("", abi.ReasonMalformed, err.Error()))
	}
	if err := fn(); err != nil {
		return fail(c, out, err)
	}
	w := &c.scratch.Answer
	*w = wire.NewWriter(out)
	if err := codec.Write(w, output); err != nil {
		return fail(c, out, err)
	}
	return w.Written(), abi.OK
}

// fail answers with an error. One that is no *Error, or has no code, is a fault
// of the app: its text is logged and not shown.
func fail(c *context, out []byte, err error) ([]byte, abi.Code) {
	e := asError(err)
	if e == nil || e.Code == abi.OK || e.Code > abi.Internal {
		logLine(c, abi.LogError, textOf(err), nil)
		e = &Error{Code: abi.Internal}
	}
	return e.Append(out), e.Code
}

// textOf is the text of an error, which may be a nil *Error in disguise.
func textOf(err error) string {
	if e, ok := err.(*Error); ok && e == nil { //nolint:errorlint // of this very value
		return "a nil *sdk.Error was returned as an error"
	}
	return err.Error()
}
