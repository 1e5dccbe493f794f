package sdk

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Effect is something that an app does outside of the host: send a mail, ask a
// card terminal. It cannot be part of a transaction, so it is asked for in one,
// done after it has committed, and what came of it is told in another.
type Effect[In, Out any] struct {
	Name string // unique in the app
}

// Start asks for the effect after this transaction has committed. A second one
// with the same key replaces the first as long as nothing was attempted.
// Errors: invalid, reason "key" (key is longer than 384 bytes or holds a NUL);
// too_large.
func (e Effect[In, Out]) Start(tx *Tx, key string, in In) error {
	return put(&tx.c, hostcall.Start, abi.Schedule{Name: e.Name, ID: key}, &in)
}

// Handle makes do what happens outside and done what happens when it is over.
//
// do runs at least once: an answer may be lost on its way. Whoever it talks to
// must be told the same key each time, which is Info.Key: made by the host from
// the app, the effect and the key that it was started with, and no other
// effect's in the world. It sees no data; all
// that it needs is in in. It is tried again, later and later, after an error
// whose code is unavailable, deadline or conflict, and after a fault; any other
// error ends it.
//
// done runs in a transaction, exactly once in effect, with what do answered or,
// after the last attempt, its error, which is an *Error. It may be nil.
func (e Effect[In, Out]) Handle(do func(o *Outside, in In) (Out, error), done func(tx *Tx, in In, out Out, err error) error) Part {
	return part(func(a *App) {
		a.handle(abi.Entry{Kind: abi.EntryEffect, Name: e.Name}, onOutside(do))
		a.handle(abi.Entry{Kind: abi.EntryEffectDone, Name: e.Name}, onEnd(done))
	})
}

func onOutside[In, Out any](fn func(*Outside, In) (Out, error)) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		o := Outside{newContext(port)}
		var input In
		var output Out
		return answer(&o.c, in, out, &input, &output, func() (err error) {
			output, err = fn(&o, input)
			return err
		})
	}
}

func onEnd[In, Out any](fn func(*Tx, In, Out, error) error) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		t := Tx{newContext(port)}
		if fn == nil {
			return out, abi.OK
		}
		if err := t.end(in, func(end *abi.EffectEnd) error {
			var input In
			var output Out
			if err := decode(&t.c, string(end.Input), &input); err != nil {
				return err
			}
			if end.Code != abi.OK {
				return fn(&t, input, output, parseError(end.Output, end.Code))
			}
			if err := decode(&t.c, string(end.Output), &output); err != nil {
				return err
			}
			return fn(&t, input, output, nil)
		}); err != nil {
			return fail(&t.c, out, err)
		}
		return out, abi.OK
	}
}

// end reads how an effect ended.
func (t *Tx) end(in []byte, fn func(*abi.EffectEnd) error) error {
	end, err := abi.ParseEffectEnd(in)
	if err != nil {
		return err
	}
	return fn(&end)
}

// Outside is what an effect's handler is given: a clock, settings, a log, and
// the way out. It reads and writes no data. It dies with the attempt.
type Outside struct{ c context }

// Now is the attempt's one clock reading.
func (o *Outside) Now() retail.Instant { return retail.Instant(o.c.port.Now()) }

// Info says which effect this is: Key is the same in every attempt and of no
// other effect in the world, and Attempt counts from 1.
func (o *Outside) Info() Info { return o.c.info() }

func (o *Outside) context() *context { return &o.c }

// Header is one header field of a Request or a Response.
type Header = abi.Header

// Request is an HTTP request. It goes out over TLS, to hosts that the manifest
// asks for with a reason and the retailer has allowed.
type Request struct {
	Method  string // GET if it is empty
	URL     string // https only
	Headers []Header
	// Secret is a field of the settings that the host puts into the header which
	// the manifest's grant says.
	Secret Secret
	Body   []byte // at most 1 MiB
}

// Response is what came back, whatever its status.
type Response struct {
	Status  int
	Headers []Header
	Body    []byte // at most 1 MiB
}

// Header is the first value of a header field, "" for none.
func (r *Response) Header(name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// HTTP sends a request and waits for the answer. A status such as 500 is an
// answer. Errors: denied, reason "egress" (a host that was not granted, or an
// address inside the retailer's network); invalid, reason "http" (no proper
// request); too_large, reason "http"; unavailable, reason "http" (no answer).
func (o *Outside) HTTP(r Request) (Response, error) {
	f := abi.HTTPRequest{Method: r.Method, URL: r.URL, Headers: r.Headers, Secret: string(r.Secret), Body: r.Body}
	if f.Method == "" {
		f.Method = "GET"
	}
	out, code := o.c.send(hostcall.HTTP, f.Append(o.c.frame()))
	if code != abi.OK {
		return Response{}, parseError(out, code)
	}
	answer, err := abi.ParseHTTPResponse(out)
	if err != nil {
		return Response{}, within("decode the answer of "+r.URL, err)
	}
	answer.Body = append([]byte(nil), answer.Body...)
	return Response(answer), nil
}
