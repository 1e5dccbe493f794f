package kernel

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// guest is an app's code without wasm: it makes host calls and answers.
type guest func(call host, input []byte) ([]byte, abi.Code)

// host makes one host call; it panics with an abort when the kernel aborts.
type host func(fn abi.Func, frame []byte) ([]byte, abi.Code)

type abort struct{ err error }

// runner runs guests in this process: the kernel sees no difference.
type runner struct {
	guests map[*sandbox.Module][]guest
	fault  atomic.Pointer[sandbox.Fault] // ends every call while set
}

func (r *runner) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) (answer []byte, code abi.Code, err error) {
	defer func() {
		switch a := recover().(type) {
		case nil:
		case abort:
			answer, code, err = nil, abi.Internal, a.err
		default:
			panic(a)
		}
	}()
	if f := r.fault.Load(); f != nil {
		return nil, abi.Internal, f
	}
	c.Meter.Units -= 100
	if c.Meter.Units < 0 {
		return nil, abi.Internal, &sandbox.Fault{Kind: sandbox.FaultFuel}
	}
	call := func(fn abi.Func, frame []byte) ([]byte, abi.Code) {
		if c.Meter.HostCalls--; c.Meter.HostCalls < 0 {
			panic(abort{&sandbox.Fault{Kind: sandbox.FaultQuota}})
		}
		res, code, err := c.Host.HostCall(ctx, fn, frame, nil)
		if err != nil {
			panic(abort{err})
		}
		return res, code
	}
	res, code := r.guests[m][c.Entry](call, bytes.Clone(c.Input))
	return append(out, res...), code, nil
}

// fixture is a kernel with one tenant of fake apps.
type fixture struct {
	t      *testing.T
	kernel *Kernel
	engine *occ.Engine
	runner *runner
}

// app describes a fake app: its operations by name, each with its guest.
type app struct {
	id       string
	queries  map[string]guest
	commands map[string]guest
	grants   []string
	slots    []manifest.Slot
	fills    map[string]guest // slot, or slot/key
	units    int64
	slot     int64 // units of a slot call
	time     time.Duration

	events      map[string]guest // handlers
	effects     map[string]guest
	permissions []manifest.Permission
	bounds      *manifest.Bounds // of all its grants
	stores      string           // field of every operation's input
	derive      guest
	version     string
}

// events are what every fake app may emit: one, named after it.
func (a app) manifest() (*manifest.Manifest, *abi.Descriptor, []guest) {
	m := &manifest.Manifest{ID: a.id, Version: cmp.Or(a.version, "1.0.0"), Permissions: a.permissions, Provides: &manifest.Provides{
		Contract: a.id, Events: []manifest.Event{{Name: a.id + ".happened"}}, Slots: a.slots, Timers: []string{"alarm"},
	}}
	m.Limits.Units, m.Limits.SlotUnits, m.Limits.TimeMillis = a.units, a.slot, a.time.Milliseconds()
	d := &abi.Descriptor{Version: abi.Version, App: a.id, Counters: []string{"balance"}, Collections: []abi.Collection{{
		Name: "things", Key: []string{"id"}, Indexes: []abi.Index{{Name: "code", Fields: []string{"code"}, Unique: true}, {Name: "tag", Fields: []string{"tag"}}}, Expires: "until",
	}}}
	m.Provides.Counters = d.Counters
	for _, c := range d.Collections {
		shown := manifest.Collection{Name: c.Name, Key: c.Key, Expires: c.Expires}
		for _, x := range c.Indexes {
			shown.Indexes = append(shown.Indexes, manifest.Index{Name: x.Name, Fields: x.Fields, Unique: x.Unique})
		}
		m.Provides.Collections = append(m.Provides.Collections, shown)
	}
	var guests []guest
	add := func(e abi.Entry, g guest) { d.Entries, guests = append(d.Entries, e), append(guests, g) }
	for name, g := range a.queries {
		m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: a.id + "." + name, Kind: "query", Store: a.stores})
		add(abi.Entry{Kind: abi.EntryQuery, Name: a.id + "." + name}, g)
	}
	for name, g := range a.commands {
		m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: a.id + "." + name, Kind: "command", Store: a.stores})
		add(abi.Entry{Kind: abi.EntryCommand, Name: a.id + "." + name}, g)
	}
	for slot, g := range a.fills {
		m.Provides.Fills = append(m.Provides.Fills, manifest.Fill{Slot: slot})
		add(abi.Entry{Kind: abi.EntryQueryFill, Name: slot}, g)
	}
	add(abi.Entry{Kind: abi.EntryTimer, Name: "alarm"}, nil)
	for event, g := range a.events {
		m.Provides.Subscribes = append(m.Provides.Subscribes, manifest.Subscription{Event: event})
		add(abi.Entry{Kind: abi.EntryEvent, Name: event}, g)
	}
	for effect, g := range a.effects {
		m.Provides.Effects = append(m.Provides.Effects, manifest.Effect{Name: effect})
		add(abi.Entry{Kind: abi.EntryEffect, Name: effect}, g)
		add(abi.Entry{Kind: abi.EntryEffectDone, Name: effect}, nil)
	}
	if a.derive != nil {
		m.Provides.Derived, d.Derived = []string{"index"}, []string{"index"}
		add(abi.Entry{Kind: abi.EntryDerive, Name: "derive"}, a.derive)
	}
	for _, g := range a.grants {
		m.Grants = append(m.Grants, manifest.Grant{Call: g, Bounds: a.bounds})
	}
	return m, d, guests
}

func setup(t *testing.T, apps ...app) *fixture {
	t.Helper()
	engine, err := occ.Open(mem.New(), occ.Options{Watch: HeadKey()})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, engine: engine, runner: &runner{guests: map[*sandbox.Module][]guest{}}}
	f.kernel = New(Config{Runner: f.runner})
	set := f.compose(apps...)
	if err := f.kernel.Open("shop", engine, set); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	return f
}

// compose makes a set of fake apps.
func (f *fixture) compose(apps ...app) *registry.Set {
	f.t.Helper()
	var enabled []*registry.App
	for _, a := range apps {
		m, d, guests := a.manifest()
		module := new(sandbox.Module)
		f.runner.guests[module] = guests
		r, err := registry.NewApp(registry.Making{Manifest: m, Module: module, Descriptor: d})
		if err != nil {
			f.t.Fatal(err)
		}
		enabled = append(enabled, r)
	}
	set, err := registry.Compose(enabled)
	if err != nil {
		f.t.Fatal(err)
	}
	return set
}

func (f *fixture) run(operation, key string, input []byte) (Result, error) {
	return f.kernel.Run(context.Background(), Call{Tenant: "shop", Operation: operation, Input: input, Key: key, Principal: identity.Local(), Request: "req"})
}

// must runs an operation that must succeed.
func (f *fixture) must(operation, key string, input []byte) Result {
	f.t.Helper()
	r, err := f.run(operation, key, input)
	if err != nil {
		f.t.Fatalf("%s: %v", operation, err)
	}
	return r
}

// refuses runs an operation that must end with a code and a reason.
func (f *fixture) refuses(operation, key string, input []byte, code abi.Code, reason string) *Error {
	f.t.Helper()
	_, err := f.run(operation, key, input)
	var e *Error
	if !errors.As(err, &e) || e.Public.Code != code || e.Public.Reason != reason {
		f.t.Fatalf("%s ended with %v, want %s (%s)", operation, err, code, reason)
	}
	return e
}

// Frames and records of the fake apps.

func text(b []byte, s string) []byte { return append(append(b, 0xa0|byte(len(s))), s...) }

// record is {id, code, tag, until}.
func record(id, code, tag string, until byte) []byte {
	b := text(text([]byte{0x84}, "id"), id)
	b = text(text(b, "code"), code)
	b = text(text(b, "tag"), tag)
	return append(text(b, "until"), until)
}

func put(call host, id, code, tag string) abi.Code {
	_, c := call(abi.FuncPut, (&abi.Put{Collection: "things", Record: record(id, code, tag, 0)}).Append(nil))
	return c
}

func add(call host, delta, min int64) abi.Code {
	_, c := call(abi.FuncAdd, (&abi.Add{Counter: "balance", Key: abi.AppendKeyText(nil, "x"), Delta: delta, Min: min, Max: 1 << 60}).Append(nil))
	return c
}

func balance(call host) int64 {
	out, _ := call(abi.FuncCounter, (&abi.Get{Collection: "balance", Key: abi.AppendKeyText(nil, "x")}).Append(nil))
	return abi.NewDecoder(out).Int()
}

func emit(call host, name string) abi.Code {
	_, c := call(abi.FuncEmit, (&abi.Emit{Name: name, Payload: []byte{0x80}}).Append(nil))
	return c
}

func schedule(call host) abi.Code {
	_, c := call(abi.FuncSchedule, (&abi.Schedule{Name: "alarm", ID: "a", At: 99}).Append(nil))
	return c
}

func invoke(call host, name string) ([]byte, abi.Code) {
	return call(abi.FuncCall, (&abi.Invoke{Name: name, Input: []byte{0x80}}).Append(nil))
}

func fails(code abi.Code, reason string) ([]byte, abi.Code) {
	return (&abi.Error{Code: code, Reason: reason}).Append(nil), code
}

var empty = []byte{0x80}

// keys lists everything in storage under a space, for "nothing remains".
func (f *fixture) keys(space byte) (keys []string) {
	f.t.Helper()
	txn, err := f.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		f.t.Fatal(err)
	}
	defer txn.Discard()
	pairs, err := txn.Scan(storage.Range{Start: []byte{space}, End: []byte{space + 1}})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, p := range pairs {
		keys = append(keys, string(p.Key))
	}
	return keys
}

func (f *fixture) events() (types []string) {
	f.t.Helper()
	entries, err := f.engine.Read(0, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, entry := range entries {
		e, err := outbox.Parse(entry.Data)
		if err != nil {
			f.t.Fatal(err)
		}
		types = append(types, e.Type)
	}
	return types
}
