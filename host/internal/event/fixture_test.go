package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/faulty"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// guest is an app's code without wasm: it makes host calls and answers.
type guest func(g call, input []byte) ([]byte, abi.Code)

// call is what a guest can do.
type call func(fn abi.Func, frame []byte) ([]byte, abi.Code)

type abort struct{ err error }

// runner runs guests in this process: the kernel sees no difference.
type runner struct {
	mu     sync.Mutex
	guests map[*sandbox.Module][]guest
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
	r.mu.Lock()
	g := r.guests[m][c.Entry]
	r.mu.Unlock()
	res, code := g(func(fn abi.Func, frame []byte) ([]byte, abi.Code) {
		if fn == abi.FuncNow {
			return abi.AppendInt(nil, c.Now.UnixMilli()), abi.OK
		}
		res, code, err := c.Host.HostCall(ctx, fn, frame, nil)
		if err != nil {
			panic(abort{err})
		}
		return res, code
	}, bytes.Clone(c.Input))
	return append(out, res...), code, nil
}

// trap ends a guest as a broken module does.
func trap() { panic(abort{&sandbox.Fault{Kind: sandbox.FaultTrap, Detail: "unreachable"}}) }

// app describes a fake app. Handlers of events are replayable if said so.
type app struct {
	id       string
	version  string
	commands map[string]guest
	events   map[string]guest
	past     bool // its handlers are replayable
	asks     bool // they want replayed events
	emits    int  // version of its event, 0 for the first
	knows    int  // version of events that its handlers understand
	timers   map[string]guest
	daily    map[string]guest // "name 04:00"
	effects  map[string]guest
	done     map[string]guest
	jobs     map[string]guest
	derives  bool
}

func (a app) make(r *runner) (*registry.App, error) {
	m := &manifest.Manifest{ID: a.id, Version: "1.0.0", Provides: &manifest.Provides{Contract: a.id, Events: []manifest.Event{{Name: a.id + ".happened", Version: a.emits}}}}
	if a.version != "" {
		m.Version = a.version
	}
	d := &abi.Descriptor{Version: abi.Version, App: a.id, Collections: []abi.Collection{{Name: "things", Key: []string{"id"}}}}
	m.Provides.Collections = []manifest.Collection{{Name: "things", Key: []string{"id"}}}
	var guests []guest
	add := func(g guest, e abi.Entry) { d.Entries, guests = append(d.Entries, e), append(guests, g) }
	for name, g := range a.commands {
		m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: a.id + "." + name, Kind: "command"})
		add(g, abi.Entry{Kind: abi.EntryCommand, Name: a.id + "." + name})
	}
	a.later(m.Provides, add)
	if a.derives {
		m.Provides.Derived, d.Derived = []string{"index"}, []string{"index"}
		add(ok, abi.Entry{Kind: abi.EntryDerive, Name: "derive"})
	}
	module := new(sandbox.Module)
	r.mu.Lock()
	r.guests[module] = guests
	r.mu.Unlock()
	return registry.NewApp(registry.Making{Manifest: m, Module: module, Descriptor: d})
}

// later adds everything that is not called.
func (a app) later(p *manifest.Provides, add func(guest, abi.Entry)) {
	for name, g := range a.events {
		p.Subscribes = append(p.Subscribes, manifest.Subscription{Event: name, Replayable: a.past, Replayed: a.asks, Version: a.knows})
		e := abi.Entry{Kind: abi.EntryEvent, Name: name, Version: a.knows}
		if a.past {
			e.Flags |= abi.FlagReplayable
		}
		if a.asks {
			e.Flags |= abi.FlagReplayed
		}
		add(g, e)
	}
	for name, g := range a.timers {
		p.Timers = append(p.Timers, name)
		add(g, abi.Entry{Kind: abi.EntryTimer, Name: name})
	}
	for spec, g := range a.daily {
		name, at, _ := strings.Cut(spec, " ")
		p.Daily = append(p.Daily, manifest.Daily{Name: name, At: at})
		add(g, abi.Entry{Kind: abi.EntryDaily, Name: name, Key: at})
	}
	for name, g := range a.effects {
		p.Effects = append(p.Effects, manifest.Effect{Name: name})
		add(g, abi.Entry{Kind: abi.EntryEffect, Name: name})
		add(a.done[name], abi.Entry{Kind: abi.EntryEffectDone, Name: name})
	}
	for name, g := range a.jobs {
		p.Jobs = append(p.Jobs, manifest.Job{Name: name})
		add(g, abi.Entry{Kind: abi.EntryJob, Name: name})
	}
}

// world is a host with one tenant of fake apps, which can die and come back.
type world struct {
	t       testing.TB
	runner  *runner
	inner   *mem.Backend
	backend *faulty.Backend
	engine  *occ.Engine
	kernel  *kernel.Kernel
	room    *Room
	set     *registry.Set
	zone    *time.Location
	skew    atomic.Int64 // of the clock
	torn    atomic.Bool  // what is written is there, but nobody is told
	faults  faulty.Faults
	derive  func(ctx context.Context, tenant string, app *registry.App) error
	send    kernel.Sender
	stop    context.CancelFunc
	done    chan struct{}
}

const shop = "shop"

// in runs a test in a bubble of virtual time, with a world of these apps.
func in(t *testing.T, fn func(w *world), apps ...app) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, apps...)
		w.start()
		defer w.close()
		fn(w)
	})
}

func newWorld(t testing.TB, apps ...app) *world {
	w := &world{t: t, runner: &runner{guests: map[*sandbox.Module][]guest{}}, inner: mem.New(), zone: time.UTC}
	w.send = func(context.Context, *registry.App, abi.HTTPRequest) (abi.HTTPResponse, error) {
		return abi.HTTPResponse{Status: 200}, nil
	}
	w.faults.AfterApply = func(storage.Batch) error {
		if w.torn.Load() {
			return errors.New("the answer was lost")
		}
		return nil
	}
	w.set = w.compose(apps...)
	return w
}

func (w *world) compose(apps ...app) *registry.Set {
	w.t.Helper()
	var all []*registry.App
	for _, a := range apps {
		r, err := a.make(w.runner)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, r)
	}
	set, err := registry.Compose(all)
	if err != nil {
		w.t.Fatal(err)
	}
	return set
}

// open opens everything but does not begin to work.
func (w *world) open() {
	w.t.Helper()
	w.backend = faulty.Wrap(w.inner, w.faults)
	var err error
	if w.engine, err = occ.Open(w.backend, occ.Options{Watch: kernel.HeadKey()}); err != nil {
		w.t.Fatal(err)
	}
	var room *Room
	now := func() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) }
	w.kernel = kernel.New(kernel.Config{Runner: w.runner, Now: now, Hooks: kernel.Hooks{Queued: func(tenant string) { room.Wake(tenant) }}})
	room = New(Config{
		Kernel: w.kernel, Now: now, Logs: map[string]storage.Log{shop: w.engine}, Zone: func(string) *time.Location { return w.zone },
		Derive: w.derive, Send: w.send,
		JSON:   func(_ string, e *outbox.Envelope) (json.RawMessage, error) { return jsonOf(e.Data) },
		Output: func(_, _, _ string, data []byte) (json.RawMessage, error) { return json.Marshal(string(data)) },
	})
	w.room = room
	for _, o := range room.Operations() {
		w.kernel.Provide(o.Native)
	}
	if err := w.kernel.Open(shop, w.engine, w.set); err != nil {
		w.t.Fatal(err)
	}
}

func jsonOf(data []byte) (json.RawMessage, error) {
	var b bytes.Buffer
	_, err := msgp.UnmarshalAsJSON(&b, data)
	return b.Bytes(), err
}

func (w *world) start() {
	w.t.Helper()
	w.open()
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.done = stop, make(chan struct{})
	go func(r *Room) {
		defer close(w.done)
		_ = r.Run(ctx) // it returns no error of its own
	}(w.room)
	if _, bubble := w.t.(*testing.T); bubble {
		synctest.Wait()
	}
}

func (w *world) close() {
	w.t.Helper()
	w.stop()
	<-w.done
	if err := w.engine.Close(); err != nil && !errors.Is(err, storage.ErrPoisoned) {
		w.t.Error(err)
	}
}

// crash kills the host as a power cut does, and starts it again.
func (w *world) crash() {
	w.t.Helper()
	w.backend.Stop()
	w.close()
	w.start()
}

// restart stops the host and starts it again.
func (w *world) restart() {
	w.t.Helper()
	w.close()
	w.start()
}

// enable switches to another set of apps as lifecycle does: in one commit.
func (w *world) enable(generation uint64, apps ...app) {
	w.t.Helper()
	set := w.compose(apps...)
	if err := w.kernel.Stage(shop, generation, set); err != nil {
		w.t.Fatal(err)
	}
	w.do(func(tx *kernel.Tx) error {
		for _, a := range set.Apps() {
			if err := w.room.Subscribe(tx, a); err != nil {
				return err
			}
		}
		h := tx.Head()
		h.Generation = generation
		return tx.SetHead(h)
	})
	w.set = set
}

func (w *world) do(fn func(tx *kernel.Tx) error) uint64 {
	w.t.Helper()
	p, err := w.kernel.Do(context.Background(), kernel.Task{Tenant: shop, Name: "test", Do: fn})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// run runs an operation that must succeed.
func (w *world) run(operation string, input []byte) []byte {
	w.t.Helper()
	r, err := w.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: operation, Input: input, Principal: identity.Local(), Request: "req"})
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return r.Output
}

// ask runs one of the host's operations.
func ask[Out any](w *world, operation string, in any) (out Out) {
	w.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	if err = json.Unmarshal(w.run(operation, b), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// refused runs an operation of the host that must fail, and answers the reason.
func (w *world) refused(operation string, in any) string {
	w.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: operation, Input: b, Principal: identity.Local()})
	var e *kernel.Error
	if !errors.As(err, &e) {
		w.t.Fatalf("%s ended with %v", operation, err)
	}
	return e.Public.Reason
}

// things are an app's records, by id.
func (w *world) things(app string) map[string]string {
	w.t.Helper()
	txn, err := w.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer txn.Discard()
	prefix := []byte("d" + app + "\x00things\x00")
	pairs, err := txn.Scan(storage.Range{Start: prefix, End: append(bytes.Clone(prefix[:len(prefix)-1]), 1)})
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range pairs {
		id, v := thing(p.Value)
		all[id] = v
	}
	return all
}

// logged are the types of all events, with their subjects.
func (w *world) logged() (all []string) {
	w.t.Helper()
	entries, err := w.engine.Read(0, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, entry := range entries {
		e, err := outbox.Parse(entry.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(e.Type+" "+e.Subject))
	}
	return all
}

func (w *world) emit(subject, v string) { w.t.Helper(); w.run("a.emit", record(subject, v)) }

// pass lets virtual time pass until nothing runs.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
