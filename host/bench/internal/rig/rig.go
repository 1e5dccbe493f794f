// Package rig puts a kernel together in this process: storage, sandbox and
// modules as a host has them, without HTTP, and with places where a benchmark
// can look in. It must not know what is measured.
package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Options says what a rig is made of.
type Options struct {
	Dir     string // the database lies here; it must be empty
	Cache   string // of compiled modules
	Modules string // folder of <id>.wasm and <id>.json
	Running int    // operations at once; 0 is the kernel's default
	// Wrap stands between kernel and sandbox; nil is nothing.
	Wrap func(sandbox.Runner) sandbox.Runner
}

// tenant is the only one.
const tenant = "bench"

// Owner is whose instances those of an app are, as a sandbox.Call names it.
func Owner(app string) string { return tenant + "\x00" + app }

// Rig is one kernel over one database. Safe for concurrent use.
type Rig struct {
	Engine *occ.Engine
	kernel *kernel.Kernel
	box    *sandbox.Sandbox
	set    *registry.Set
	keys   atomic.Int64
}

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
	if r.Engine, err = occ.Open(backend, occ.Options{}); err != nil {
		return errors.Join(err, backend.Close())
	}
	if r.box, err = sandbox.New(ctx, sandbox.Config{CacheDir: o.Cache}); err != nil {
		return err
	}
	if r.set, err = r.load(ctx, o.Modules); err != nil {
		return err
	}
	var runner sandbox.Runner = r.box
	if o.Wrap != nil {
		runner = o.Wrap(runner)
	}
	r.kernel = kernel.New(kernel.Config{Runner: runner, Running: o.Running})
	return r.kernel.Open(tenant, r.Engine, r.set)
}

// Close gives everything back.
func (r *Rig) Close() error {
	var err error
	if r.Engine != nil {
		err = r.Engine.Close()
	}
	if r.box != nil {
		r.box.Close()
	}
	return err
}

func (r *Rig) load(ctx context.Context, dir string) (*registry.Set, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(paths) == 0 {
		return nil, errors.Join(fmt.Errorf("no modules in %s: run make build", dir), err)
	}
	var apps []*registry.App
	for _, path := range paths {
		app, err := r.loadApp(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", path, err)
		}
		apps = append(apps, app)
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
	module, err := r.box.Load(ctx, wasm, sandbox.ModuleLimits{Output: 4 * abi.MaxOutput})
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
	return r.kernel.Run(ctx, kernel.Call{
		Tenant: tenant, Operation: operation, Input: input, Principal: identity.Local(), Request: "req_bench",
	})
}

// Call runs one operation on input in JSON and decodes its output into out,
// which may be nil. A command gets a key of its own.
func (r *Rig) Call(ctx context.Context, operation string, in, out any) error {
	op, ok := r.set.Operation(operation)
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
	res, err := r.kernel.Run(ctx, call)
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

// Wire encodes an operation's input from what JSON makes of in.
func (r *Rig) Wire(operation string, in any) ([]byte, error) {
	op, ok := r.set.Operation(operation)
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
