package event

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// What fake guests say and write.

var empty = []byte{0x80}

func ok(call, []byte) ([]byte, abi.Code) { return empty, abi.OK }

func fails(code abi.Code, reason string) ([]byte, abi.Code) {
	return (&abi.Error{Code: code, Reason: reason, Message: "no"}).Append(nil), code
}

// record is {id, v}.
func record(id, v string) []byte {
	b := msgp.AppendMapHeader(nil, 2)
	b = msgp.AppendString(msgp.AppendString(b, "id"), id)
	return msgp.AppendString(msgp.AppendString(b, "v"), v)
}

func thing(b []byte) (id, v string) {
	m, _, err := msgp.ReadMapStrIntfBytes(b, nil)
	if err != nil {
		panic(err)
	}
	id, _ = m["id"].(string)
	v, _ = m["v"].(string)
	return id, v
}

func (g call) must(fn abi.Func, frame []byte) []byte {
	out, code := g(fn, frame)
	if code != abi.OK {
		e, err := abi.ParseError(out)
		panic(fmt.Sprintf("%s: %v %v %v", fn, code, e, err))
	}
	return out
}

func (g call) put(id, v string) {
	g.must(abi.FuncPut, (&abi.Put{Collection: "things", Record: record(id, v)}).Append(nil))
}

func (g call) get(id string) (string, bool) {
	out, code := g(abi.FuncGet, (&abi.Get{Collection: "things", Key: abi.AppendKeyText(nil, id)}).Append(nil))
	if code != abi.OK {
		return "", false
	}
	_, v := thing(out)
	return v, true
}

// count adds one to a record.
func (g call) count(id string) int {
	v, _ := g.get(id)
	n, _ := strconv.Atoi(v)
	g.put(id, strconv.Itoa(n+1))
	return n + 1
}

func (g call) emit(name, key string, payload []byte) ([]byte, abi.Code) {
	return g(abi.FuncEmit, (&abi.Emit{Name: name, Key: key, Payload: payload}).Append(nil))
}

func (g call) later(fn abi.Func, name, id string, at time.Time, payload []byte) {
	s := abi.Schedule{Name: name, ID: id, Payload: payload}
	if !at.IsZero() {
		s.At = at.UnixMilli()
	}
	g.must(fn, s.Append(nil))
}

func (g call) info() abi.Info {
	i, err := abi.ParseInfo(g.must(abi.FuncInfo, nil))
	if err != nil {
		panic(err)
	}
	return i
}

func (g call) now() time.Time {
	return time.UnixMilli(abi.NewDecoder(g.must(abi.FuncNow, nil)).Int()).UTC()
}

// source is an app that emits what it is told: its input is {id: subject, v: text
// of the payload}.
func source(id string) app {
	return app{id: id, commands: map[string]guest{"emit": func(g call, in []byte) ([]byte, abi.Code) {
		key, v := thing(in)
		g.must(abi.FuncEmit, (&abi.Emit{Name: id + ".happened", Key: key, Payload: record(key, v)}).Append(nil))
		return empty, abi.OK
	}, "many": func(g call, in []byte) ([]byte, abi.Code) {
		// {id: number of the first, v: how many}, over 16 keys
		first, many := thing(in)
		from, _ := strconv.Atoi(first)
		n, _ := strconv.Atoi(many)
		for i := from; i < from+n; i++ {
			key := "k" + strconv.Itoa(i%16)
			g.must(abi.FuncEmit, (&abi.Emit{Name: id + ".happened", Key: key, Payload: record(key, strconv.Itoa(i))}).Append(nil))
		}
		return empty, abi.OK
	}}}
}

// locked lets one call of a guest run at a time, so that it may write variables
// of its test.
func locked(mu *sync.Mutex, g guest) guest {
	return func(c call, in []byte) ([]byte, abi.Code) {
		mu.Lock()
		defer mu.Unlock()
		return g(c, in)
	}
}
