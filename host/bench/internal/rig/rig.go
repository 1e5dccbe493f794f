// Package rig puts a kernel together in this process: storage, sandbox and
// modules as a host has them, without HTTP, and with places where a benchmark
// can look in. It must not know what is measured.
package rig

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/event"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Options says what a rig is made of.
type Options struct {
	Dir     string // the database lies here; there must be none, or what its apps wrote
	Cache   string // of compiled modules
	Modules string // folder of <id>.wasm and <id>.json
	// Apps are those of the folder to load; nil is all. They are enabled, but for
	// those that are also Later, until Enable.
	Apps, Later []string
	Running     int // operations at once; 0 is the kernel's default
	// Wrap stands between kernel and sandbox; nil is nothing. What it answers is a
	// kernel.Warmer if derived values are wanted.
	Wrap func(sandbox.Runner) sandbox.Runner
	// Sandbox is how guests run, but for its CacheDir.
	Sandbox sandbox.Config
}

// tenant is the only one.
const tenant = "bench"

// Owner is whose instances those of an app are, as a sandbox.Call names it.
func Owner(app string) string { return tenant + "\x00" + app }

// Rig is one kernel over one database, with the host's room for events at work
// over its log. Safe for concurrent use, but for Enable and Disable.
type Rig struct {
	Engine *occ.Engine
	// Backend is what the engine keeps everything in. It may be read.
	Backend storage.Backend
	Kernel  *kernel.Kernel
	Room    *event.Room
	box     *sandbox.Sandbox
	apps    map[string]*registry.App // all that were loaded
	set     atomic.Pointer[registry.Set]
	head    uint64 // generation of the set
	stop    func() // ends the room's work
	keys    atomic.Int64
}

// memory is what apps may have, in bytes: as much as a host gives them on a machine of
// 16 GiB.
const memory = 4 << 30

// Open loads all modules and opens the database.
func Open(ctx context.Context, o Options) (*Rig, error) {
	r := &Rig{}
	if err := r.open(ctx, o); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Rig) open(ctx context.Context, o Options) (err error) {
	backend, err := bolt.Open(filepath.Join(o.Dir, "data.db"), bolt.Options{})
	if err != nil {
		return err
	}
	r.Backend = backend
	if r.Engine, err = occ.Open(backend, occ.Options{Watch: kernel.HeadKey()}); err != nil {
		return errors.Join(err, backend.Close())
	}
	o.Sandbox.CacheDir = o.Cache
	if o.Sandbox.MemoryBudget == 0 {
		o.Sandbox.MemoryBudget = memory
	}
	if r.box, err = sandbox.New(ctx, o.Sandbox); err != nil {
		return err
	}
	if err = r.load(ctx, o); err != nil {
		return err
	}
	r.furnish(o)
	set, err := r.compose(func(id string) bool { return !slices.Contains(o.Later, id) })
	if err != nil {
		return err
	}
	if err = r.Kernel.Open(tenant, r.Engine, set); err != nil {
		return err
	}
	r.set.Store(set)
	for _, app := range set.Apps() {
		if err = r.Kernel.WarmUp(ctx, tenant, app); err != nil {
			return err
		}
	}
	r.work()
	return nil
}

// furnish makes the kernel and the room for events, as a host does.
func (r *Rig) furnish(o Options) {
	var runner sandbox.Runner = r.box
	if o.Wrap != nil {
		runner = o.Wrap(runner)
	}
	r.Kernel = kernel.New(kernel.Config{Runner: runner, Running: o.Running, Sign: signer(), Hooks: kernel.Hooks{
		Queued: func(tenant string) { r.Room.Wake(tenant) },
	}})
	r.Room = event.New(event.Config{Kernel: r.Kernel, Logs: map[string]storage.Log{tenant: r.Engine}, Derive: r.Kernel.Derive})
}

// signer signs as a host does, with a key of its own for each app. Only the key in
// a file is not there.
func signer() func(tenant, app string, data []byte) []byte {
	master := make([]byte, 32)
	_, _ = rand.Read(master)
	return func(tenant, app string, data []byte) []byte {
		key, err := hkdf.Key(sha256.New, master, nil, tenant+"/"+app, 32)
		if err != nil {
			panic(err) // only for lengths that 32 is not
		}
		h := hmac.New(sha256.New, key)
		h.Write(data)
		return h.Sum(nil)
	}
}

// work lets the room work until Close.
func (r *Rig) work() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Room.Run(ctx) // it returns no error of its own
	}()
	r.stop = func() {
		stop()
		<-ended
	}
}

// Close gives everything back.
func (r *Rig) Close() error {
	if r.stop != nil {
		r.stop()
	}
	var err error
	if r.Engine != nil {
		err = r.Engine.Close()
	}
	if r.box != nil {
		r.box.Close()
	}
	return err
}

func (r *Rig) load(ctx context.Context, o Options) error {
	paths, err := filepath.Glob(filepath.Join(o.Modules, "*.json"))
	if err != nil || len(paths) == 0 {
		return errors.Join(fmt.Errorf("no modules in %s: run make build", o.Modules), err)
	}
	r.apps = map[string]*registry.App{}
	for _, path := range paths {
		id := strings.TrimSuffix(filepath.Base(path), ".json")
		if o.Apps != nil && !slices.Contains(o.Apps, id) {
			continue
		}
		if r.apps[id], err = r.loadApp(ctx, path); err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
	}
	return nil
}

// compose makes a set of the apps that are wanted.
func (r *Rig) compose(wanted func(id string) bool) (*registry.Set, error) {
	var apps []*registry.App
	for _, id := range slices.Sorted(maps.Keys(r.apps)) {
		if wanted(id) {
			apps = append(apps, r.apps[id])
		}
	}
	return registry.Compose(apps)
}

func (r *Rig) loadApp(ctx context.Context, path string) (*registry.App, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := manifest.Parse(text)
	if err != nil {
		return nil, err
	}
	wasm, err := os.ReadFile(path[:len(path)-len("json")] + "wasm")
	if err != nil {
		return nil, err
	}
	module, err := r.box.Load(ctx, wasm, sandbox.ModuleLimits{MemoryPages: uint32(m.Limits.MemoryBytes >> 16), Output: 4 * abi.MaxOutput})
	if err != nil {
		return nil, err
	}
	raw, err := module.Describe(ctx)
	if err != nil {
		return nil, err
	}
	d, err := abi.ParseDescriptor(raw)
	if err != nil {
		return nil, err
	}
	return registry.NewApp(registry.Making{Manifest: m, Module: module, Descriptor: d})
}

// Run runs one operation on input in MessagePack, without an idempotency key.
func (r *Rig) Run(ctx context.Context, operation string, input []byte) (kernel.Result, error) {
	return r.Kernel.Run(ctx, kernel.Call{
		Tenant: tenant, Operation: operation, Input: input, Principal: identity.Local(), Request: "req_bench",
	})
}

// Call runs one operation on input in JSON and decodes its output into out,
// which may be nil. A command gets a key of its own.
func (r *Rig) Call(ctx context.Context, operation string, in, out any) error {
	op, ok := r.set.Load().Operation(operation)
	if !ok {
		return fmt.Errorf("no operation %s", operation)
	}
	wire, err := r.Wire(operation, in)
	if err != nil {
		return err
	}
	call := kernel.Call{Tenant: tenant, Operation: operation, Input: wire, Principal: identity.Local(), Request: "req_bench"}
	if op.Command {
		call.Key = fmt.Sprintf("bench-%d", r.keys.Add(1))
	}
	res, err := r.Kernel.Run(ctx, call)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return r.decode(op, res.Output, out)
}

func (r *Rig) decode(op *registry.Operation, wire []byte, out any) error {
	if out == nil {
		return nil
	}
	s, err := schema.Compile(op.Info.Output, op.App.Manifest.Provides.Types)
	if err != nil {
		return err
	}
	text, err := s.ToJSON(wire)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// Decode decodes an operation's output as Call does.
func (r *Rig) Decode(operation string, wire []byte, out any) error {
	op, ok := r.set.Load().Operation(operation)
	if !ok {
		return fmt.Errorf("no operation %s", operation)
	}
	return r.decode(op, wire, out)
}

// Wire encodes an operation's input from what JSON makes of in.
func (r *Rig) Wire(operation string, in any) ([]byte, error) {
	op, ok := r.set.Load().Operation(operation)
	if !ok {
		return nil, fmt.Errorf("no operation %s", operation)
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	s, err := schema.Compile(op.Info.Input, op.App.Manifest.Provides.Types)
	if err != nil {
		return nil, err
	}
	return s.ToWire(text)
}

// Stats are the counters of the sandbox.
func (r *Rig) Stats() sandbox.Stats { return r.box.Stats() }
