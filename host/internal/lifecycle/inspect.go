package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Sandbox loads modules; Box makes one of a sandbox.Sandbox.
type Sandbox interface {
	// Load scans, compiles and describes a module. The error is a
	// *sandbox.Rejected or a *sandbox.Fault if it is the module's.
	Load(ctx context.Context, wasm []byte, l sandbox.ModuleLimits) (*Loaded, error)
	// Retire throws away the instances of an owner, "tenant 00 app".
	Retire(owner string)
}

// Loaded is a module that may run.
type Loaded struct {
	Module     *sandbox.Module
	Descriptor []byte   // of abi.Descriptor
	Imports    []string // host functions
	Close      func()
}

// Box is the real Sandbox.
type Box struct{ *sandbox.Sandbox }

// Load implements Sandbox.
func (b Box) Load(ctx context.Context, wasm []byte, l sandbox.ModuleLimits) (*Loaded, error) {
	m, err := b.Sandbox.Load(ctx, wasm, l)
	if err != nil {
		return nil, err
	}
	d, err := m.Describe(ctx)
	if err != nil {
		m.Close()
		return nil, err
	}
	return &Loaded{Module: m, Descriptor: d, Imports: m.Imports(), Close: m.Close}, nil
}

// maxAnswer is where the sandbox stops reading what a guest answers. It lies
// above abi.MaxOutput, so that a little too much is an error and no fault.
const maxAnswer = 4 * abi.MaxOutput

// moduleLimits are what a manifest asks for.
func moduleLimits(m *manifest.Manifest) sandbox.ModuleLimits {
	const page = 64 << 10
	memory := cmp.Or(m.Limits.MemoryBytes, registry.DefaultMemory)
	return sandbox.ModuleLimits{MemoryPages: uint32((memory + page - 1) / page), Output: maxAnswer}
}

// inspect loads a module and compares what it is with what its manifest says.
func (r *Room) inspect(ctx context.Context, m *manifest.Manifest, wasm []byte) (*Loaded, *abi.Descriptor, error) {
	l, err := r.config.Sandbox.Load(ctx, wasm, moduleLimits(m))
	if err != nil {
		return nil, nil, rejected(err)
	}
	d, err := compare(m, l)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, d, nil
}

// compare refuses a module that does more than its manifest says, or less.
func compare(m *manifest.Manifest, l *Loaded) (*abi.Descriptor, error) {
	if err := capable(m, l.Imports); err != nil {
		return nil, err
	}
	d, err := abi.ParseDescriptor(l.Descriptor)
	if err != nil {
		return nil, refused("export_contract", "", "The module does not describe itself: "+err.Error()+".")
	}
	if _, err := registry.NewApp(registry.Making{Manifest: m, Module: l.Module, Descriptor: d}); err != nil {
		return nil, refused("manifest_mismatch", "/provides", err.Error())
	}
	if err := secrets(m); err != nil {
		return nil, err
	}
	p := m.Provides
	switch {
	case d.Settings != (len(p.Settings) > 0):
		return nil, refused("manifest_mismatch", "/provides/settings", "Either the code or the manifest has settings, not both.")
	case !slices.Equal(slices.Sorted(slices.Values(d.Derived)), slices.Sorted(slices.Values(p.Derived))):
		return nil, refused("manifest_mismatch", "/provides/derived", fmt.Sprintf("The code derives %q, the manifest announces %q.", d.Derived, p.Derived))
	case dataVersion(d.DataVersion) != dataVersion(p.DataVersion):
		return nil, refused("manifest_mismatch", "/provides/data_version", fmt.Sprintf("The code keeps data of version %d, the manifest says %d.", d.DataVersion, p.DataVersion))
	}
	return d, nil
}

// secrets refuses a grant whose secret is no secret of the settings: the host
// would have nothing to send, or something that anybody may read.
func secrets(m *manifest.Manifest) error {
	var known map[string]field
	if len(m.Provides.Settings) > 0 {
		var err error
		if known, err = fields(m); err != nil {
			return refused("schema_invalid", "/provides/settings", err.Error())
		}
	}
	for i, g := range m.Grants {
		if g.Secret != nil && !known[g.Secret.Setting].secret {
			return refused(manifest.ReasonCapability, fmt.Sprintf("/grants/%d/secret", i), "The settings have no secret "+g.Secret.Setting+".")
		}
	}
	return nil
}

// dataVersion is 1 where nobody has said another.
func dataVersion(v int) int { return max(v, 1) }

// capable refuses imports that a module could never use under its manifest. The
// SDK links a host function only where an app uses it, so what is imported is
// what the code is able to do.
func capable(m *manifest.Manifest, imports []string) error {
	var missing []string
	for _, name := range imports {
		if needs, ok := capabilities[name]; ok && !needs(m) {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return refused("capability_missing", "/grants", "The module imports "+strings.Join(missing, ", ")+", and its manifest asks for nothing that needs it.")
}

// capabilities says of a host function whether a manifest asks for what it does,
// or announces it. What is not here touches nobody's data.
var capabilities = capabilityTable()

func capabilityTable() map[string]func(*manifest.Manifest) bool {
	table := map[string]func(*manifest.Manifest) bool{}
	add := func(has func(*manifest.Manifest) bool, fns ...abi.Func) {
		for _, fn := range fns {
			table[fn.String()] = has
		}
	}
	grants := func(is func(manifest.Grant) bool) func(*manifest.Manifest) bool {
		return func(m *manifest.Manifest) bool { return slices.ContainsFunc(m.Grants, is) }
	}
	add(grants(func(g manifest.Grant) bool { return g.HTTP != "" }), abi.FuncHTTP)
	add(grants(func(g manifest.Grant) bool { return g.Call != "" }), abi.FuncCall)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Collections) > 0 }, abi.FuncGet, abi.FuncGetMany, abi.FuncScan, abi.FuncPut, abi.FuncDelete)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Counters) > 0 }, abi.FuncAdd, abi.FuncCounter, abi.FuncCounters)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Events) > 0 }, abi.FuncEmit)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Slots) > 0 }, abi.FuncEach, abi.FuncOne, abi.FuncFillers)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Timers) > 0 }, abi.FuncSchedule, abi.FuncCancel)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Effects) > 0 }, abi.FuncStart)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Jobs) > 0 }, abi.FuncBegin)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Derived) > 0 }, abi.FuncPublish)
	add(func(m *manifest.Manifest) bool { return len(m.Provides.Settings) > 0 }, abi.FuncSettings)
	return table
}

// rejected turns the sandbox's refusal into the answer to who brought the
// module.
func rejected(err error) error {
	if r, ok := errors.AsType[*sandbox.Rejected](err); ok {
		return refused(r.Reason, "", "The module may not run: "+r.Detail+".")
	}
	if f, ok := errors.AsType[*sandbox.Fault](err); ok {
		if f.Kind == sandbox.FaultCapacity {
			return &abi.Error{Code: abi.Unavailable, Reason: "capacity", Message: "No memory is left for another module."}
		}
		return refused("export_contract", "", "The module failed to describe itself ("+string(f.Kind)+").")
	}
	return err
}

// shelf holds loaded modules by the digest of their package, as long as anybody
// uses them.
type shelf struct {
	mu   sync.Mutex
	held map[string]*shelved
}

// shelved is one loaded module with its uses.
type shelved struct {
	key        string
	manifest   *manifest.Manifest
	descriptor *abi.Descriptor
	module     *sandbox.Module
	users      int
	close      func()
	ready      chan struct{} // closed when it is loaded, or err says why not
	err        error
}

// take answers a loaded package with one use more.
func (r *Room) take(ctx context.Context, digest string) (*shelved, error) {
	r.shelf.mu.Lock()
	s, there := r.shelf.held[digest]
	if !there {
		s = &shelved{key: digest, ready: make(chan struct{})}
		r.shelf.held[digest] = s
	}
	s.users++
	r.shelf.mu.Unlock()
	if !there {
		s.err = r.fill(ctx, s)
		close(s.ready)
	}
	select {
	case <-s.ready:
	case <-ctx.Done():
		r.give(s)
		return nil, ctx.Err()
	}
	if s.err != nil {
		r.give(s)
		return nil, s.err
	}
	return s, nil
}

// taken is what take answered for one of several packages.
type taken struct {
	held *shelved
	err  error
}

// takeAll takes packages, as many at once as there are processors: each that was
// never compiled keeps one busy for seconds.
func (r *Room) takeAll(ctx context.Context, digests []string) []taken {
	all, places := make([]taken, len(digests)), make(chan struct{}, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i, digest := range digests {
		places <- struct{}{}
		workers.Go(func() {
			defer func() { <-places }()
			all[i].held, all[i].err = r.take(ctx, digest)
		})
	}
	workers.Wait()
	return all
}

func (r *Room) fill(ctx context.Context, s *shelved) error {
	e, err := r.store.byDigest(s.key)
	if err != nil {
		return err
	}
	wasm, err := r.store.bytes(e)
	if err != nil {
		return err
	}
	l, d, err := r.inspect(ctx, e.manifest, wasm)
	if err != nil {
		return err
	}
	s.manifest, s.descriptor, s.module, s.close = e.manifest, d, l.Module, l.Close
	return nil
}

// give takes uses back; a module without any is closed.
func (r *Room) give(all ...*shelved) {
	for _, s := range all {
		r.shelf.mu.Lock()
		s.users--
		last := s.users == 0
		if last {
			delete(r.shelf.held, s.key)
		}
		r.shelf.mu.Unlock()
		if last && s.close != nil {
			s.close()
		}
	}
}
