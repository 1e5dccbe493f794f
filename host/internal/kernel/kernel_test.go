package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
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
		if a, ok := recover().(abort); ok {
			answer, code, err = nil, abi.Internal, a.err
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
}

// events are what every fake app may emit: one, named after it.
func (a app) manifest() (*manifest.Manifest, *abi.Descriptor, []guest) {
	m := &manifest.Manifest{ID: a.id, Version: "1.0.0", Provides: &manifest.Provides{
		Contract: a.id, Events: []manifest.Event{{Name: a.id + ".happened"}}, Slots: a.slots, Timers: []string{"alarm"},
	}}
	m.Limits.Units, m.Limits.SlotUnits = a.units, a.slot
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
		m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: a.id + "." + name, Kind: "query"})
		add(abi.Entry{Kind: abi.EntryQuery, Name: a.id + "." + name}, g)
	}
	for name, g := range a.commands {
		m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: a.id + "." + name, Kind: "command"})
		add(abi.Entry{Kind: abi.EntryCommand, Name: a.id + "." + name}, g)
	}
	for slot, g := range a.fills {
		m.Provides.Fills = append(m.Provides.Fills, manifest.Fill{Slot: slot})
		add(abi.Entry{Kind: abi.EntryQueryFill, Name: slot}, g)
	}
	add(abi.Entry{Kind: abi.EntryTimer, Name: "alarm"}, nil)
	for _, g := range a.grants {
		m.Grants = append(m.Grants, manifest.Grant{Call: g})
	}
	return m, d, guests
}

func setup(t *testing.T, apps ...app) *fixture {
	t.Helper()
	engine, err := occ.Open(mem.New(), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, engine: engine, runner: &runner{guests: map[*sandbox.Module][]guest{}}}
	f.kernel = New(Config{Runner: f.runner})
	var enabled []*registry.App
	for _, a := range apps {
		m, d, guests := a.manifest()
		module := new(sandbox.Module)
		f.runner.guests[module] = guests
		r, err := registry.NewApp(m, module, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		enabled = append(enabled, r)
	}
	set, err := registry.Compose(enabled)
	if err != nil {
		t.Fatal(err)
	}
	f.kernel.Open("shop", engine, set)
	t.Cleanup(func() {
		if err := engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	return f
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

// TestFailedCalleeLeavesNothing: B writes, counts, emits, schedules and fails;
// A catches and commits.
func TestFailedCalleeLeavesNothing(t *testing.T) {
	t.Parallel()
	b := app{id: "b", commands: map[string]guest{"fail": func(call host, _ []byte) ([]byte, abi.Code) {
		for _, c := range []abi.Code{put(call, "1", "c1", "red"), add(call, 5, 0), emit(call, "b.happened"), schedule(call)} {
			if c != abi.OK {
				return fails(abi.Internal, "setup")
			}
		}
		return fails(abi.FailedPrecondition, "on_purpose")
	}}}
	a := app{id: "a", grants: []string{"b.fail"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		put(call, "mine", "", "")
		emit(call, "a.happened")
		if _, c := invoke(call, "b.fail"); c != abi.FailedPrecondition {
			return fails(abi.Internal, "b did not fail: "+c.String())
		}
		return empty, abi.OK
	}}}
	f := setup(t, a, b)
	f.must("a.try", "", empty)
	if got := fmt.Sprint(f.keys('d'), f.keys('i'), f.keys('t'), f.keys('c')); got != fmt.Sprint([]string{string(recordKey("a", "things", abi.AppendKeyText(nil, "mine")))}, []string{}, []string{}, []string{}) {
		t.Errorf("storage holds %q", got)
	}
	if got := fmt.Sprint(f.events()); got != "[a.happened]" {
		t.Errorf("log holds %s", got)
	}
}

// TestCaughtFailureKeepsItsReads: B fails on a balance that another operation
// raises meanwhile. A decided on that failure, so A must run again.
func TestCaughtFailureKeepsItsReads(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	raised := make(chan struct{})
	started := make(chan struct{})
	b := app{id: "b", commands: map[string]guest{
		"spend": func(call host, _ []byte) ([]byte, abi.Code) {
			if add(call, -10, 0) != abi.OK {
				return fails(abi.Exhausted, "poor")
			}
			return empty, abi.OK
		},
		"raise": func(call host, _ []byte) ([]byte, abi.Code) {
			add(call, 10, 0)
			return empty, abi.OK
		},
	}}
	a := app{id: "a", grants: []string{"b.spend"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		_, c := invoke(call, "b.spend")
		if attempts.Add(1) == 1 {
			close(started)
			<-raised
		}
		return text(nil, c.String()), abi.OK
	}}}
	f := setup(t, a, b)
	done := make(chan Result, 1)
	go func() { done <- f.must("a.try", "", empty) }()
	<-started
	f.must("b.raise", "", empty)
	close(raised)
	r := <-done
	if attempts.Load() != 2 || string(r.Output[1:]) != "ok" {
		t.Errorf("%d attempts, the answer is %q; want 2 and ok", attempts.Load(), r.Output[1:])
	}
}

// TestContention: many operations that all read and write one counter all
// finish, each with its own value.
func TestContention(t *testing.T) {
	t.Parallel()
	f := setup(t, app{id: "a", commands: map[string]guest{"next": func(call host, _ []byte) ([]byte, abi.Code) {
		n := balance(call)
		time.Sleep(100 * time.Microsecond) // long enough for others to come in between
		add(call, 1, 0)
		return abi.AppendInt(nil, n), abi.OK
	}}})
	const operations = 64
	var seen sync.Map
	var group sync.WaitGroup
	for range operations {
		group.Go(func() {
			r, err := f.run("a.next", "", empty)
			if _, twice := seen.LoadOrStore(string(r.Output), true); err != nil || twice {
				t.Errorf("answered %q a second time, or failed: %v", r.Output, err)
			}
		})
	}
	group.Wait()
}

// TestReentry: A → B → A is refused, by command and by query.
func TestReentry(t *testing.T) {
	t.Parallel()
	for _, inner := range []string{"a.read", "a.write"} {
		ok := func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }
		var got *abi.Error
		a := app{id: "a", grants: []string{"b.back"}, queries: map[string]guest{"read": ok}, commands: map[string]guest{"write": ok,
			"start": func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, "b.back") }}}
		b := app{id: "b", grants: []string{"a.read", "a.write"}, commands: map[string]guest{"back": func(call host, _ []byte) ([]byte, abi.Code) {
			out, _ := invoke(call, inner)
			got, _ = abi.ParseError(out)
			return empty, abi.OK
		}}}
		f := setup(t, a, b)
		f.must("a.start", "", empty)
		if got == nil || got.Code != abi.Denied || got.Reason != abi.ReasonReentrant {
			t.Errorf("a → b → %s ended with %v", inner, got)
		}
	}
}

// TestRefusals: each rule of a call, with its code and reason.
func TestRefusals(t *testing.T) {
	t.Parallel()
	nested := func(name string) guest {
		return func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, name) }
	}
	write := func(call host, _ []byte) ([]byte, abi.Code) {
		return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: record("1", "", "", 0)}).Append(nil))
	}
	a := app{
		id: "a", grants: []string{"b.write", "b.read"},
		queries: map[string]guest{"writes": write, "emits": func(call host, _ []byte) ([]byte, abi.Code) {
			return call(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Payload: empty}).Append(nil))
		}, "commands": nested("b.write")},
		commands: map[string]guest{
			"ungranted": nested("b.secret"), "unknown": nested("c.any"),
			"foreign": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncEmit, (&abi.Emit{Name: "b.happened", Payload: empty}).Append(nil))
			},
			"undeclared": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncGet, (&abi.Get{Collection: "others", Key: abi.AppendKeyInt(nil, 1)}).Append(nil))
			},
			"garbage": func(call host, _ []byte) ([]byte, abi.Code) { return call(abi.FuncGet, []byte{0xff}) },
			"keyless": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: empty}).Append(nil))
			},
			"huge": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: make([]byte, abi.MaxRecord+1)}).Append(nil))
			},
			"longkey": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncGet, (&abi.Get{Collection: "things", Key: abi.AppendKeyText(nil, string(make([]byte, 600)))}).Append(nil))
			},
			"random": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncRandom, abi.AppendUint(nil, abi.MaxRandom+1))
			},
			"storm": func(call host, _ []byte) ([]byte, abi.Code) {
				for range abi.MaxEvents {
					emit(call, "a.happened")
				}
				return call(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Payload: empty}).Append(nil))
			},
		},
	}
	b := app{id: "b", commands: map[string]guest{"write": write, "secret": write}, queries: map[string]guest{"read": write}}
	f := setup(t, a, b)
	for _, c := range []struct {
		operation string
		code      abi.Code
		reason    string
	}{
		{"a.writes", abi.Denied, abi.ReasonReadOnly},
		{"a.emits", abi.Denied, abi.ReasonReadOnly},
		{"a.commands", abi.Denied, abi.ReasonReadOnly},
		{"b.read", abi.Denied, abi.ReasonReadOnly},
		{"a.ungranted", abi.Denied, abi.ReasonGrant},
		{"a.unknown", abi.NotFound, abi.ReasonOperation},
		{"a.foreign", abi.Denied, abi.ReasonEvent},
		{"a.undeclared", abi.Internal, abi.ReasonUndeclared},
		{"a.garbage", abi.Invalid, abi.ReasonFrame},
		{"a.keyless", abi.Invalid, abi.ReasonRecord},
		{"a.huge", abi.TooLarge, abi.ReasonRecord},
		{"a.longkey", abi.TooLarge, abi.ReasonKey},
		{"a.random", abi.TooLarge, abi.ReasonRandom},
		{"a.storm", abi.Exhausted, abi.ReasonQuota},
		{"c.any", abi.NotFound, abi.ReasonOperation},
	} {
		f.refuses(c.operation, "", empty, c.code, c.reason)
	}
	if e := f.refuses("a.storm", "", empty, abi.Exhausted, abi.ReasonQuota); e.Public.App != "a@1.0.0" {
		t.Errorf("the error says it is of %q", e.Public.App)
	}
	if keys := f.keys('d'); len(keys) != 0 {
		t.Errorf("refused operations left %q", keys)
	}
}

// TestIdempotency: 64 equal requests at once have one effect and one answer.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	a := app{id: "a", commands: map[string]guest{"count": func(call host, in []byte) ([]byte, abi.Code) {
		runs.Add(1)
		add(call, 1, 0)
		emit(call, "a.happened")
		id, _ := call(abi.FuncNewID, nil)
		return text(nil, string(id)), abi.OK
	}, "fail": func(call host, _ []byte) ([]byte, abi.Code) { runs.Add(1); return fails(abi.Exhausted, "poor") }}}
	f := setup(t, a)
	answers := make(chan Result, 64)
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for {
				r, err := f.run("a.count", "key", empty)
				var e *Error
				if errors.As(err, &e) && e.Public.Reason == "idempotency_in_progress" {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				answers <- r
				return
			}
		})
	}
	group.Wait()
	close(answers)
	first := f.must("a.count", "key", empty)
	for r := range answers {
		if !bytes.Equal(r.Output, first.Output) || r.Position != first.Position || first.Position == 0 {
			t.Fatalf("answers differ: %q at %d and %q at %d", r.Output, r.Position, first.Output, first.Position)
		}
	}
	if n := len(f.events()); n != 1 || !first.Replayed {
		t.Errorf("%d events, replayed %v", n, first.Replayed)
	}
	f.refuses("a.count", "key", text([]byte{0x81}, "x"), abi.Invalid, "idempotency_key_reused")
	f.must("a.count", "other", empty)
	if n := len(f.events()); n != 2 {
		t.Errorf("%d events after another key", n)
	}
	before := runs.Load()
	f.refuses("a.fail", "failing", empty, abi.Exhausted, "poor")
	f.refuses("a.fail", "failing", empty, abi.Exhausted, "poor")
	if runs.Load() != before+2 {
		t.Error("a failure left nothing behind, yet it was not tried again")
	}
}

// TestSameSeedInEveryAttempt: ids and random bytes of a rerun are the same.
func TestSameSeedInEveryAttempt(t *testing.T) {
	t.Parallel()
	var seen []string
	var f *fixture
	a := app{id: "a", commands: map[string]guest{
		"draw": func(call host, _ []byte) ([]byte, abi.Code) {
			b := balance(call)
			id, _ := call(abi.FuncNewID, nil)
			r, _ := call(abi.FuncRandom, abi.AppendUint(nil, 16))
			seen = append(seen, fmt.Sprintf("%s %x", id, r))
			if b == 0 { // somebody moves what was read, once
				f.must("a.move", "", empty)
			}
			add(call, 1, 0)
			return empty, abi.OK
		},
		"move": func(call host, _ []byte) ([]byte, abi.Code) { add(call, 1, 0); return empty, abi.OK },
	}}
	f = setup(t, a)
	f.must("a.draw", "", empty)
	if len(seen) != 2 || seen[0] != seen[1] {
		t.Errorf("attempts drew %q", seen)
	}
}

// TestFaultsAndBreaker: a callee's trap can be caught, spent fuel cannot, and
// an app that only faults is left alone until it may be tried again.
func TestFaultsAndBreaker(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(1_000_000)
	a := app{id: "a", grants: []string{"b.do"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		_, c := invoke(call, "b.do")
		return text(nil, c.String()), abi.OK
	}}}
	b := app{id: "b", commands: map[string]guest{"do": func(call host, _ []byte) ([]byte, abi.Code) { return empty, abi.OK }}}
	f := setup(t, a, b)
	f.kernel.config.Now = func() time.Time { return time.UnixMilli(now.Load()) }
	for range faultsToDegrade {
		f.runner.fault.Store(&sandbox.Fault{Kind: sandbox.FaultTrap, Detail: "secret"})
		e := f.refuses("b.do", "", empty, abi.Internal, abi.ReasonAppFault)
		if bytes.Contains([]byte(e.Public.Error()), []byte("secret")) {
			t.Fatal("the fault's detail is public")
		}
	}
	f.runner.fault.Store(nil)
	f.refuses("b.do", "", empty, abi.Unavailable, "degraded")
	if r := f.must("a.try", "", empty); string(r.Output[1:]) != "unavailable" {
		t.Errorf("the caller of a degraded app got %q", r.Output)
	}
	now.Add(retryAfter.Milliseconds())
	f.must("b.do", "", empty)
	f.must("b.do", "", empty)
	if d := f.kernel.Degraded(); len(d) != 0 {
		t.Errorf("still degraded: %v", d)
	}
}

// TestFillersSpendTheirOwn: a query slot's filler that computes or asks the
// host without end fails alone, and whoever asked it goes on.
func TestFillersSpendTheirOwn(t *testing.T) {
	t.Parallel()
	var called int
	fill := func(id string, slot int64, g guest) app {
		return app{id: id, slot: slot, fills: map[string]guest{"a.offer": g}}
	}
	f := setup(t, app{
		id: "a", slots: []manifest.Slot{{Name: "a.offer", Kind: "query"}},
		commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
			out, code := call(abi.FuncEach, (&abi.Invoke{Name: "a.offer", Input: empty}).Append(nil))
			answers, err := abi.ParseAnswers(out)
			if code != abi.OK || err != nil {
				return fails(abi.Internal, "each")
			}
			var codes []byte
			for _, answer := range answers {
				codes = text(codes, answer.Filler+" "+answer.Code.String())
			}
			return codes, put(call, "id", "code", "tag")
		}},
	},
		fill("burner", 50, func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }),
		fill("caller", 0, func(call host, _ []byte) ([]byte, abi.Code) {
			for {
				call(abi.FuncSettings, nil)
				called++
			}
		}),
		fill("honest", 0, func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }),
	)
	want := text(text(text(nil, "burner deadline"), "caller exhausted"), "honest ok")
	if r := f.must("a.try", "", empty); !bytes.Equal(r.Output, want) || called != slotHostCalls {
		t.Errorf("%q after %d calls, want %q", r.Output, called, want)
	}
}

// TestSpentFuelEndsTheOperation: what is spent together cannot be caught.
func TestSpentFuelEndsTheOperation(t *testing.T) {
	t.Parallel()
	deep := app{id: "b", commands: map[string]guest{"do": func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }}}
	a := app{id: "a", units: 150, grants: []string{"b.do"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		invoke(call, "b.do")
		return empty, abi.OK
	}}}
	f := setup(t, a, deep)
	f.refuses("a.try", "", empty, abi.Deadline, "fuel")
}

// TestOppositeOrders: 1,280 operations that call two apps in opposite orders
// all finish over four places.
func TestOppositeOrders(t *testing.T) {
	t.Parallel()
	leaf := func(call host, _ []byte) ([]byte, abi.Code) { add(call, 1, 0); return empty, abi.OK }
	via := func(name string) guest {
		return func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, name) }
	}
	f := setup(t,
		app{id: "a", grants: []string{"b.leaf"}, commands: map[string]guest{"leaf": leaf, "start": via("b.leaf")}},
		app{id: "b", grants: []string{"a.leaf"}, commands: map[string]guest{"leaf": leaf, "start": via("a.leaf")}},
	)
	f.kernel.admission = newAdmission(4, 2000)
	var group sync.WaitGroup
	for i := range 1280 {
		group.Go(func() { f.must([]string{"a.start", "b.start"}[i%2], "", empty) })
	}
	group.Wait()
}

// TestOverload: more than may wait are refused at once, and places come back.
func TestOverload(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{})
	f := setup(t, app{id: "a", queries: map[string]guest{"wait": func(host, []byte) ([]byte, abi.Code) {
		entered <- struct{}{}
		<-block
		return empty, abi.OK
	}}})
	f.kernel.admission = newAdmission(1, 0)
	done := make(chan error, 1)
	go func() { _, err := f.run("a.wait", "", empty); done <- err }()
	<-entered
	f.refuses("a.wait", "", empty, abi.Unavailable, "overloaded")
	close(block)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestTenantsTakeTurns: a tenant with a long queue does not hold up another.
func TestTenantsTakeTurns(t *testing.T) {
	t.Parallel()
	a := newAdmission(1, 100)
	if err := a.enter(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 4)
	wait := func(tenant string) {
		before := a.queued()
		go func() {
			if a.enter(context.Background(), tenant) == nil {
				order <- tenant
				a.leave()
			}
		}()
		for a.queued() == before {
			time.Sleep(time.Millisecond)
		}
	}
	wait("x")
	wait("x")
	wait("y")
	a.leave()
	if got := <-order + <-order + <-order; got != "xyx" {
		t.Errorf("served in the order %s", got)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.enter(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	if err := a.enter(canceled, "y"); !errors.Is(err, context.Canceled) {
		t.Errorf("a waiter that gave up got %v", err)
	}
	a.leave()
	if a.free != 1 || a.waiting != 0 || len(a.queues)+len(a.turns) != 0 {
		t.Errorf("left over: %+v", a)
	}
}

func (a *admission) queued() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waiting
}
