package sdk

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Scope is what a *View, a *Tx and an *Outside have in common: what touches no
// data takes a Scope.
type Scope interface {
	// Now is the operation's one clock reading. It is the same in nested calls
	// and in every attempt of a command.
	Now() retail.Instant
	// Info says in which operation this runs, and for whom.
	Info() Info
	context() *context
}

// Reader is what a *View and a *Tx have in common: everything that reads data
// takes a Reader, so that a query and a command read the same way.
type Reader interface {
	Scope
	reads()
}

// Info is what an app may know of the operation it runs in.
type Info struct {
	Operation string   // id of the operation, a ULID
	Request   string   // id of the request that started it
	Principal string   // who acts
	Caller    string   // id of the calling app, "" at the edge
	Stores    []string // that who acts is limited to; empty for all
	Event     string   // id of the event that is handled, "" if none is
	Key       string   // of the event, timer, effect or job that is handled; of an effect the same in every attempt
	Attempt   int      // of handling it, from 1; 0 if nothing is handled
	Position  uint64   // of the event in the log
	Replayed  bool     // the event is of the past: nothing leaves the host
}

// MayStore says whether who acts may see and change what belongs to a store. The
// host asks this itself for the store that an operation is about, the one field
// of its input of type retail.StoreID; an app asks it where it answers with many
// stores. Events, timers and jobs act for the app, which may all.
func MayStore(s Scope, store retail.StoreID) bool {
	stores := s.Info().Stores
	return len(stores) == 0 || slices.Contains(stores, string(store))
}

// View is a query's view of the tenant's data: one consistent state. It dies
// with the operation.
type View struct{ c context }

// Tx is a command's transaction. It sees its own writes. A command may run
// several times and commits once, so it must have no other effect. It dies
// with the operation.
type Tx struct{ c context }

// context is the state of one call of one handler.
type context struct {
	port    hostcall.Port
	scratch *hostcall.Scratch
}

func newContext(port hostcall.Port) context { return context{port, hostcall.Borrow()} }

// Now is the operation's one clock reading.
func (v *View) Now() retail.Instant { return retail.Instant(v.c.port.Now()) }

// Info says in which operation this runs, and for whom.
func (v *View) Info() Info { return v.c.info() }

func (v *View) context() *context { return &v.c }

func (*View) reads() {}

// Now is the operation's one clock reading.
func (t *Tx) Now() retail.Instant { return retail.Instant(t.c.port.Now()) }

// Info says in which operation this runs, and for whom.
func (t *Tx) Info() Info { return t.c.info() }

func (t *Tx) context() *context { return &t.c }

func (*Tx) reads() {}

// NewID is a new ULID: 26 characters that sort by time and by order of asking.
// A rerun of the operation is given the same ids again.
func (t *Tx) NewID() string {
	return string(t.c.must(t.c.port.Call(hostcall.NewID, nil)))
}

// Random is n unpredictable bytes from the host, at most 4,096; the same again
// in a rerun. There is no other source of randomness in an app: an instance may
// be a copy of another.
func (t *Tx) Random(n int) []byte {
	out := t.c.must(t.c.port.Call(hostcall.Random, abi.AppendUint(nil, uint64(n))))
	return append([]byte(nil), out...)
}

func (c *context) info() Info {
	i := c.task()
	return Info{
		Operation: i.Operation, Request: i.Request, Principal: i.Principal, Caller: i.Caller, Stores: i.Stores,
		Event: i.Event, Key: i.Key, Attempt: i.Attempt, Position: i.Position, Replayed: i.Replayed,
	}
}

// task is what the host says of what runs.
func (c *context) task() abi.Info {
	i, err := abi.ParseInfo(c.must(c.port.Call(hostcall.Info, nil)))
	if err != nil {
		panic(err)
	}
	return i
}

// must is for host calls that fail only by a mistake of the programmer, such
// as a collection that NewApp was not given: the guest ends in a fault that
// names it.
func (c *context) must(out []byte, code abi.Code) []byte {
	if code != abi.OK {
		panic(parseError(out, code))
	}
	return out
}

// frame is where a frame is built: what was built there before is gone.
func (c *context) frame() []byte { return c.scratch.Frame[:0] }

// send sends a frame built on frame.
func (c *context) send(fn hostcall.Func, frame []byte) ([]byte, abi.Code) {
	c.scratch.Frame = frame
	return c.port.Call(fn, frame)
}

// encode encodes what the pointer v points to, which about names in errors. The bytes are gone when the
// next value is encoded.
func encode(c *context, v any, about string) ([]byte, error) {
	w := &c.scratch.Body
	w.Reset()
	if err := codec.Write(w, v); err != nil {
		return nil, within("encode "+about, err)
	}
	return w.Written(), nil
}

// decode decodes text into what the pointer v points to.
func decode(c *context, text string, v any) error {
	return codec.Read(&c.scratch.Reader, text, v)
}
