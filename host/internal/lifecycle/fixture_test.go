package lifecycle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const shop = "shop"

// guest is an app's code without wasm.
type guest func(call hostCall, input []byte) ([]byte, abi.Code)

type hostCall func(fn abi.Func, frame []byte) ([]byte, abi.Code)

type abort struct{ err error }

// program is a module of these tests: its manifest and what stands behind it.
type program struct {
	manifest *manifest.Manifest
	entries  []abi.Entry
	guests   []guest
	imports  []string
	reject   error // of Load
	twist    func(*abi.Descriptor)
}

// descriptor is what the code says of itself: what the manifest announces.
func (p *program) descriptor() []byte {
	d := &abi.Descriptor{Version: abi.Version, App: p.manifest.ID, Entries: p.entries, DataVersion: p.manifest.Provides.DataVersion, Settings: len(p.manifest.Provides.Settings) > 0}
	for _, c := range p.manifest.Provides.Collections {
		a := abi.Collection{Name: c.Name, Key: c.Key, Subject: c.Subject}
		for _, x := range c.Indexes {
			a.Indexes = append(a.Indexes, abi.Index{Name: x.Name, Fields: x.Fields, Unique: x.Unique})
		}
		d.Collections = append(d.Collections, a)
	}
	if p.twist != nil {
		p.twist(d)
	}
	return d.Append(nil)
}

// wasm stands for the module's bytes: no two programs have the same.
func (p *program) wasm() []byte {
	return []byte(fmt.Sprintf("\x00asm of %s@%s %v", p.manifest.ID, p.manifest.Version, len(p.guests)))
}

// text is the manifest as it lies beside the module.
func (p *program) text() []byte {
	m := *p.manifest
	sum := sha256.Sum256(p.wasm())
	m.Digest, m.Size = fmt.Sprintf("%x", sum), int64(len(p.wasm()))
	b, err := json.MarshalIndent(&m, "", "  ")
	if err != nil {
		panic(err)
	}
	return b
}

// machine loads and runs programs in this process.
type machine struct {
	mu       sync.Mutex
	programs map[string]*program // by wasm
	loaded   map[*sandbox.Module]*program
	retired  []string
	closed   int
}

func (m *machine) add(all ...*program) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range all {
		m.programs[string(p.wasm())] = p
	}
}

func (m *machine) Load(_ context.Context, wasm []byte, _ sandbox.ModuleLimits) (*Loaded, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.programs[string(wasm)]
	if p == nil {
		return nil, &sandbox.Rejected{Reason: "wasm_invalid", Detail: "no such program"}
	}
	if p.reject != nil {
		return nil, p.reject
	}
	module := new(sandbox.Module)
	m.loaded[module] = p
	return &Loaded{Module: module, Descriptor: p.descriptor(), Imports: p.imports, Close: func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.loaded[module] == nil {
			panic("a module is closed twice")
		}
		delete(m.loaded, module)
		m.closed++
	}}, nil
}

func (m *machine) Retire(owner string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.retired = append(m.retired, owner)
}

func (m *machine) living() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.loaded)
}

func (m *machine) Run(ctx context.Context, module *sandbox.Module, c sandbox.Call, out []byte) (answer []byte, code abi.Code, err error) {
	defer func() {
		if a, ok := recover().(abort); ok {
			answer, code, err = nil, abi.Internal, a.err
		}
	}()
	m.mu.Lock()
	p := m.loaded[module]
	m.mu.Unlock()
	if p == nil {
		return nil, 0, &sandbox.Fault{Kind: sandbox.FaultCapacity, Detail: "closed"}
	}
	call := func(fn abi.Func, frame []byte) ([]byte, abi.Code) {
		res, code, err := c.Host.HostCall(ctx, fn, frame, nil)
		if err != nil {
			panic(abort{err})
		}
		return res, code
	}
	res, code := p.guests[c.Entry](call, bytes.Clone(c.Input))
	return append(out, res...), code, nil
}

// keys is a Sealer that is not one, but cannot be mistaken for plain text.
type keys struct{}

func (keys) Seal(purpose, about string, plain []byte, _ io.Reader) ([]byte, error) {
	sum := sha256.Sum256([]byte(purpose + about))
	out := append([]byte(nil), sum[:]...)
	for i, b := range plain {
		out = append(out, b^sum[i%32])
	}
	return out, nil
}

func (keys) Unseal(purpose, about string, sealed []byte) ([]byte, error) {
	sum := sha256.Sum256([]byte(purpose + about))
	if !bytes.HasPrefix(sealed, sum[:]) {
		return nil, errors.New("sealed for something else")
	}
	var plain []byte
	for i, b := range sealed[32:] {
		plain = append(plain, b^sum[i%32])
	}
	return plain, nil
}

// fixture is a host of one tenant whose room can be abandoned and opened again.
type fixture struct {
	t         *testing.T
	dir       string
	catalogue string
	machine   *machine
	backend   *mem.Backend
	config    Config // that the next room is made of
	box       Sandbox
	step      atomic.Pointer[func(job, step string)] // of the room and the next ones

	engine *occ.Engine
	kernel *kernel.Kernel
	room   *Room
	ops    []*platform.Operation
	stop   func()
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// setup opens a host whose catalogue offers these programs.
func setup(t *testing.T, offered ...*program) *fixture {
	t.Helper()
	dir := t.TempDir()
	f := &fixture{t: t, dir: dir, catalogue: filepath.Join(dir, "catalogue"), backend: mem.New(),
		machine: &machine{programs: map[string]*program{}, loaded: map[*sandbox.Module]*program{}}}
	if err := os.Mkdir(f.catalogue, 0o700); err != nil {
		t.Fatal(err)
	}
	f.offer(offered...)
	f.config = Config{Batch: 3, Sets: func() [][]byte { return nil }, Seal: keys{}}
	f.open()
	t.Cleanup(func() { f.close() })
	return f
}

// offer puts programs into the catalogue.
func (f *fixture) offer(all ...*program) {
	f.t.Helper()
	f.machine.add(all...)
	for _, p := range all {
		base := filepath.Join(f.catalogue, p.manifest.ID+"-"+p.manifest.Version)
		if err := errors.Join(os.WriteFile(base+".wasm", p.wasm(), 0o600), os.WriteFile(base+".json", p.text(), 0o600)); err != nil {
			f.t.Fatal(err)
		}
	}
}

// open starts engine, kernel and room on what is there.
func (f *fixture) open() {
	f.t.Helper()
	var err error
	if f.engine, err = occ.Open(f.backend, occ.Options{Watch: kernel.HeadKey()}); err != nil {
		f.t.Fatal(err)
	}
	c := f.config
	f.kernel = kernel.New(kernel.Config{Runner: f.machine, Hooks: kernel.Hooks{Done: func(c kernel.Call, r kernel.Result, err error) {
		if f.room != nil {
			f.room.Done(c, r, err)
		}
	}}})
	c.Dir, c.Catalogue, c.Tenant, c.Kernel, c.Sandbox = f.dir, f.catalogue, shop, f.kernel, f.machine
	if f.box != nil {
		c.Sandbox = f.box
	}
	c.Step = func(job, step string) {
		if fn := f.step.Load(); fn != nil {
			(*fn)(job, step)
		}
	}
	f.room = nil
	room, err := New(c)
	if err != nil {
		f.t.Fatal(err)
	}
	var natives []*kernel.Native
	f.ops = room.Operations()
	for _, o := range f.ops {
		if o.Native != nil {
			natives = append(natives, o.Native)
		}
	}
	f.kernel.Provide(natives...)
	if err := f.kernel.Open(shop, f.engine, nothing); err != nil {
		f.t.Fatal(err)
	}
	set, err := room.Open(context.Background(), shop)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.kernel.Open(shop, f.engine, set); err != nil {
		f.t.Fatal(err)
	}
	f.room = room
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := room.Run(ctx); err != nil {
			f.t.Error(err)
		}
	}()
	f.stop = func() { cancel(); <-done }
}

// watch is called at every step from now on; nil for nothing.
func (f *fixture) watch(fn func(job, step string)) {
	if fn == nil {
		f.step.Store(nil)
		return
	}
	f.step.Store(&fn)
}

// close stops everything.
func (f *fixture) close() {
	f.stop()
	if err := f.engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
		f.t.Error(err)
	}
}

// act runs an operation of the room as REST would.
func (f *fixture) act(name string, in any) ([]byte, error) {
	f.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, o := range f.ops {
		switch {
		case o.Name != name:
		case o.Act != nil:
			return o.Act(context.Background(), platform.Caller{Principal: identity.Local()}, b)
		default:
			r, err := f.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: name, Input: b, Principal: identity.Local(), Request: "req"})
			return r.Output, err
		}
	}
	f.t.Fatalf("no operation %s", name)
	return nil, nil
}

// must is act that must succeed.
func must[T any](f *fixture, name string, in any) (out T) {
	f.t.Helper()
	b, err := f.act(name, in)
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	return out
}

// refuses is act that must end with a code and a reason.
func (f *fixture) refuses(name string, in any, code abi.Code, reason string) *abi.Error {
	f.t.Helper()
	_, err := f.act(name, in)
	var e *abi.Error
	if k, ok := errors.AsType[*kernel.Error](err); ok {
		e = &k.Public
	} else {
		errors.As(err, &e)
	}
	if e == nil || e.Code != code || e.Reason != reason {
		f.t.Fatalf("%s ended with %v, want %s (%s)", name, err, code, reason)
	}
	return e
}

// ended waits for a job's end.
func (f *fixture) ended(j Job) Job {
	f.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for since := 0; time.Now().Before(deadline); {
		now := must[Job](f, "host.jobs.get", Watch{ID: j.ID, Wait: 5, Since: since})
		if now.State != jobRunning {
			return now
		}
		since = now.Revision
	}
	f.t.Fatalf("job %s (%s) does not end", j.ID, j.Kind)
	return j
}

// done waits for a job that must succeed.
func (f *fixture) done(j Job) Job {
	f.t.Helper()
	j = f.ended(j)
	if j.State != jobDone {
		f.t.Fatalf("job %s of %s is %s: %+v", j.Kind, j.Subject, j.State, j.Error)
	}
	return j
}

// consentTo is the digest of a plan.
func (f *fixture) consentTo(w Wish) string {
	f.t.Helper()
	return must[Plan](f, "host.apps.plan", w).Consent
}

// install installs and enables the newest version of an app.
func (f *fixture) install(id string) {
	f.t.Helper()
	f.done(must[Job](f, "host.apps.install", Install{ID: id, Consent: f.consentTo(Wish{Action: "install", ID: id})}))
}

// state is an app as it is shown.
func (f *fixture) state(id string) App {
	f.t.Helper()
	return must[App](f, "host.apps.get", ByID{ID: id})
}

// run runs an operation of an app.
func (f *fixture) run(operation string, input []byte) ([]byte, error) {
	r, err := f.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: operation, Input: input, Principal: identity.Local(), Request: "req"})
	return r.Output, err
}

// dump is everything that is kept, but what only says who worked on it and when.
func (f *fixture) dump() map[string]string {
	f.t.Helper()
	txn, err := f.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: noon})
	if err != nil {
		f.t.Fatal(err)
	}
	defer txn.Discard()
	out := map[string]string{}
	for _, space := range []string{"d", "i", "c", "happ\x00", "hsetting\x00", "hjob.open\x00", "hcursor\x00"} {
		start := []byte(space)
		end := append(bytes.Clone(start[:len(start)-1]), start[len(start)-1]+1)
		pairs, err := txn.Scan(storage.Range{Start: start, End: end})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, p := range pairs {
			out[string(p.Key)] = plain(f.t, space, p.Value)
		}
	}
	return out
}

// plain takes from an app's record what differs between two runs.
func plain(t *testing.T, space string, value []byte) string {
	t.Helper()
	if space != "happ\x00" {
		return string(value)
	}
	var rec record
	if err := json.Unmarshal(value, &rec); err != nil {
		t.Fatal(err)
	}
	rec.Consent.At = 0
	b, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// differ says where two dumps differ.
func differ(a, b map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if a[k] != b[k] {
			out = append(out, fmt.Sprintf("%q: %q, %q", k, a[k], b[k]))
		}
	}
	for k, v := range b {
		if _, ok := a[k]; !ok {
			out = append(out, fmt.Sprintf("%q: nothing, %q", k, v))
		}
	}
	return strings.Join(out, "\n")
}

// everything is all keys and values of the storage, as text.
func (f *fixture) everything() (all []string) {
	f.t.Helper()
	txn, err := f.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: noon})
	if err != nil {
		f.t.Fatal(err)
	}
	defer txn.Discard()
	pairs, err := txn.Scan(storage.Range{Start: []byte{0}, End: []byte{0xff}})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, p := range pairs {
		all = append(all, string(p.Key)+" "+string(p.Value))
	}
	return all
}
