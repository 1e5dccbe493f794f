package sdktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// port is one app's part in an operation: every effect of its handler passes
// here, in the app's own name.
type port struct {
	op       *operation
	app      *app
	caller   string
	slotName string // of the slot that it fills here, "" for none
	readOnly bool
	outside  bool // there is no transaction
	ended    bool
	answer   []byte // of the last call
}

// Now is the operation's one clock reading.
func (p *port) Now() int64 {
	p.alive()
	return p.op.now
}

// Call answers a host call. The answer is overwritten by the next one, as in a
// guest.
func (p *port) Call(fn abi.Func, in []byte) ([]byte, abi.Code) {
	p.alive()
	for i := range p.answer {
		p.answer[i] = 0xdb
	}
	out, err := p.dispatch(fn, in)
	if err != nil {
		p.answer = err.Append(nil)
		return p.answer, err.Code
	}
	p.answer = slices.Clone(out)
	return p.answer, abi.OK
}

func (p *port) alive() {
	if p.ended {
		panic(fmt.Sprintf("sdktest: %s used a *Tx or *View after its operation", p.app.id))
	}
}

// dispatch counts the call and answers it.
func (p *port) dispatch(fn abi.Func, in []byte) ([]byte, *abi.Error) {
	if fn == abi.FuncLog {
		return p.log(in)
	}
	if p.op.used.calls++; p.op.used.calls > p.op.most.calls {
		p.op.spent = quota("host_calls")
		panic(spent{})
	}
	if p.outside {
		return p.outsideCall(fn, in)
	}
	switch fn {
	case abi.FuncGet:
		return p.get(in)
	case abi.FuncGetMany:
		return p.getMany(in)
	case abi.FuncScan:
		return p.scan(in)
	case abi.FuncPut:
		return p.write(p.put, in)
	case abi.FuncDelete:
		return p.write(p.delete, in)
	case abi.FuncAdd:
		return p.write(p.add, in)
	case abi.FuncCounter:
		return p.count(in)
	case abi.FuncCounters:
		return p.counts(in)
	case abi.FuncCall:
		return p.call(in)
	case abi.FuncEach:
		return p.each(in)
	case abi.FuncOne:
		return p.write(p.one, in)
	case abi.FuncFillers:
		return p.fillers(in)
	case abi.FuncEmit:
		return p.write(p.emit, in)
	case abi.FuncSchedule:
		return p.write(p.schedule, in)
	case abi.FuncCancel:
		return p.write(p.cancel, in)
	case abi.FuncStart:
		return p.write(p.start, in)
	case abi.FuncBegin:
		return p.write(p.begin, in)
	case abi.FuncPublish:
		return p.write(p.publish, in)
	case abi.FuncHTTP:
		return nil, failure(abi.Denied, abi.ReasonOutside, "only an effect handler may send HTTP requests")
	}
	return p.ambient(fn, in)
}

// outsideCall answers an effect's handler, which has no transaction.
func (p *port) outsideCall(fn abi.Func, in []byte) ([]byte, *abi.Error) {
	switch fn {
	case abi.FuncNewID, abi.FuncRandom, abi.FuncSettings, abi.FuncInfo, abi.FuncZone, abi.FuncSign:
		return p.ambient(fn, in)
	case abi.FuncHTTP:
		return p.http(in)
	}
	return nil, failure(abi.Denied, abi.ReasonOutside, "an effect handler has no transaction")
}

// ambient answers what touches no data.
func (p *port) ambient(fn abi.Func, in []byte) ([]byte, *abi.Error) {
	switch fn {
	case abi.FuncRandom:
		return p.random(in)
	case abi.FuncNewID:
		return []byte(p.op.ids.next()), nil
	case abi.FuncSettings:
		return p.app.settings, nil
	case abi.FuncInfo:
		i := p.op.info
		if i.Caller = p.caller; i.Caller != "" {
			i.Version = 0 // others are not handed the event
		}
		return i.Append(nil), nil
	case abi.FuncZone:
		return p.zone(in)
	case abi.FuncSign:
		return p.sign(in)
	}
	return nil, failure(abi.Invalid, abi.ReasonFrame, "no host function "+fn.String())
}

// write guards everything that a query must not do.
func (p *port) write(do func([]byte) ([]byte, *abi.Error), in []byte) ([]byte, *abi.Error) {
	if p.readOnly {
		return nil, failure(abi.Denied, abi.ReasonReadOnly, "a query cannot write")
	}
	if p.op.used.written >= maxWritten {
		return nil, quota("write_bytes")
	}
	return do(in)
}

// frame refuses a malformed frame. Only a guest without our SDK makes one.
func frame[T any](v T, err error) (T, *abi.Error) {
	if err != nil {
		return v, failure(abi.Invalid, abi.ReasonFrame, err.Error())
	}
	return v, nil
}

func undeclared(a *app, kind, name string) *abi.Error {
	return failure(abi.Internal, abi.ReasonUndeclared, a.id+" has no "+kind+" "+name)
}

func (p *port) random(in []byte) ([]byte, *abi.Error) {
	d := abi.NewDecoder(in)
	n := d.Uint()
	if _, err := frame(n, d.Done()); err != nil {
		return nil, err
	}
	if n > abi.MaxRandom {
		return nil, failure(abi.TooLarge, abi.ReasonRandom, "more than 4,096 random bytes in one call")
	}
	b := make([]byte, n)
	p.op.ids.bytes(b)
	return b, nil
}

// sign signs by a key that every test knows: it is made of the app's id.
func (p *port) sign(in []byte) ([]byte, *abi.Error) {
	if len(in) > abi.MaxSign {
		return nil, failure(abi.TooLarge, abi.ReasonSign, "more than 65,536 bytes to sign in one call")
	}
	h := hmac.New(sha256.New, []byte("sdktest "+p.app.id))
	h.Write(in)
	return h.Sum(nil), nil
}

func (p *port) zone(in []byte) ([]byte, *abi.Error) {
	z, err := frame(abi.ParseZoneAt(in))
	if err != nil {
		return nil, err
	}
	span, zerr := hostcall.Zone(z.Zone, z.At)
	if zerr != nil {
		return nil, failure(abi.NotFound, abi.ReasonZone, zerr.Error())
	}
	return span.Append(nil), nil
}

// Line is one line of an app's log.
type Line struct {
	App     string
	Level   abi.LogLevel
	Message string
	Fields  []sdk.Field
}

// Logs are the lines of all apps so far, those of undone attempts too.
func (e *Env) Logs() []Line { return slices.Clone(e.lines) }

func (p *port) log(in []byte) ([]byte, *abi.Error) {
	l, err := frame(abi.ParseLog(in))
	if err != nil {
		return nil, err
	}
	if p.op.used.log += len(in) + lineCost; p.op.used.log > p.op.most.log {
		return nil, quota("log")
	}
	p.op.env.lines = append(p.op.env.lines, Line{p.app.id, l.Level, l.Message, l.Fields})
	return nil, nil
}
