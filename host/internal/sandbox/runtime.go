package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sync/singleflight"
)

// Sandbox loads modules and runs calls in their instances. It is safe for
// concurrent use.
type Sandbox struct {
	config Config
	cache  *cache
	memory budget
	// snapshots bounds their share of memory, shells counts the spare ones.
	snapshots, shells budget

	pool   pool
	count  counters
	flight singleflight.Group

	mu        sync.Mutex
	artefacts map[string]*artefact // by key
}

var _ Runner = (*Sandbox)(nil)

// New opens a sandbox. The error is about the cache directory.
func New(_ context.Context, c Config) (*Sandbox, error) {
	if os.Getenv(childMark) != "" {
		return nil, errors.New("sandbox: this process is a compile child and must call CompileMain first")
	}
	c = c.withDefaults()
	k, err := newCache(&c)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{config: c, cache: k, artefacts: map[string]*artefact{}}
	s.memory.limit, s.snapshots.limit, s.shells.limit = c.MemoryBudget, c.SnapshotBytes, allShells
	return s, nil
}

// Close throws away all idle instances and all generations, and the native code
// of modules that are closed or have no running call. No call may begin after
// it.
func (s *Sandbox) Close() {
	p := &s.pool
	p.drop(func(string, *Module) bool { return true }, func() { p.closed = true })
}

// Stats is what a sandbox did and holds.
type Stats struct {
	Calls     int64 // begun
	Started   int64 // instances for calls, ever
	Restored  int64 // of these, from a snapshot
	Faults    int64 // calls that ended in an error of Run
	Instances int64 // alive, running or idle
	Memory    int64 // bytes of their linear memories, shared with a snapshot or not
	Idle      int64 // bytes of those that are idle
	Snapshots int64 // bytes of snapshots; they and Memory come out of one budget
}

// Stats reads the counters.
func (s *Sandbox) Stats() Stats {
	s.pool.mu.Lock()
	idle := s.pool.bytes
	s.pool.mu.Unlock()
	snapshots := s.snapshots.used.Load()
	return Stats{
		Calls: s.count.calls.Load(), Started: s.count.started.Load(), Restored: s.count.restored.Load(),
		Faults: s.count.faults.Load(), Instances: s.count.living.Load(),
		Memory: s.memory.used.Load() - snapshots, Idle: idle, Snapshots: snapshots,
	}
}

// Load scans a module and makes it ready to run, from the cache if it was
// compiled before, else through a child process. The error is a *Rejected if
// the module may not run.
func (s *Sandbox) Load(ctx context.Context, wasm []byte, l ModuleLimits) (*Module, error) {
	l = l.withDefaults(&s.config)
	info, err := scan(wasm, l)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(wasm)
	digest := hex.EncodeToString(h[:])
	art, err := s.artefact(ctx, wasm, digest, l.Engine)
	if err != nil {
		return nil, err
	}
	return &Module{
		box: s, art: art, digest: digest, size: len(wasm), limits: l, moduleInfo: info, users: 1,
		plainOff: s.config.NoSnapshots || !info.capturable || !info.initializes,
	}, nil
}

// artefact is a module in wazero, shared by all Modules of the same bytes.
type artefact struct {
	key      string
	runtime  wazero.Runtime
	files    wazero.CompilationCache // nil if interpreted
	compiled wazero.CompiledModule
	config   wazero.ModuleConfig
	data     []segment // what the rewriter has taken out
	users    int
}

// artefact answers the artefact of a module with one user more.
func (s *Sandbox) artefact(ctx context.Context, wasm []byte, digest string, e Engine) (*artefact, error) {
	key, err := s.cache.key(digest, e)
	if err != nil {
		return nil, err
	}
	for {
		if a := s.retain(key); a != nil {
			return a, nil
		}
		// One caller at a time makes it; then all look again.
		if _, err, _ := s.flight.Do(key, func() (any, error) { return nil, s.make(ctx, wasm, key, e) }); err != nil {
			return nil, err
		}
	}
}

func (s *Sandbox) retain(key string) *artefact {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.artefacts[key]
	if a != nil {
		a.users++
	}
	return a
}

// release drops one user; the last one takes the native code with it.
func (s *Sandbox) release(a *artefact) {
	s.mu.Lock()
	a.users--
	last := a.users == 0
	if last {
		delete(s.artefacts, a.key)
	}
	s.mu.Unlock()
	if last {
		a.close()
	}
}

func (a *artefact) close() {
	// Neither can fail without a listener or an open file.
	_ = a.runtime.Close(context.Background())
	if a.files != nil {
		_ = a.files.Close(context.Background())
	}
}

// make compiles a module unless the cache has it, and loads it.
func (s *Sandbox) make(ctx context.Context, wasm []byte, key string, e Engine) error {
	rewritten, ok := s.cache.open(key)
	if !ok {
		if err := s.compileChild(ctx, wasm, key, e); err != nil {
			return err
		}
		if rewritten, ok = s.cache.open(key); !ok {
			return fmt.Errorf("load %s: the cache lost it", key)
		}
	}
	a, err := openArtefact(ctx, s.cache.path(key), rewritten, e)
	if err != nil {
		// What wazero cannot load now it must not be given again.
		_ = os.RemoveAll(s.cache.path(key))
		return fmt.Errorf("load %s: %w", key, err)
	}
	a.key = key
	if d, ok := separable(wasm); ok { // the rewriter leaves the data as they are
		a.data = detached(d.all)
	}
	s.mu.Lock()
	s.artefacts[key] = a
	s.mu.Unlock()
	return nil
}

// openArtefact gives a cached module to wazero, which must not compile it: the
// caller has just verified that its native code is there. A hollow module that was
// compiled after all would trap in each function: that is found out.
func openArtefact(ctx context.Context, dir string, cached []byte, e Engine) (a *artefact, err error) {
	a = &artefact{config: wazero.NewModuleConfig().WithName("").WithStartFunctions()}
	config := runtimeConfig(e)
	var native nativeState
	if e == Compiler {
		if native, err = nativeIn(dir); err != nil {
			return nil, err
		}
		if a.files, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return nil, err
		}
		config = config.WithCompilationCache(a.files)
	}
	a.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if err = hostModules(ctx, a.runtime); err == nil {
		a.compiled, err = a.runtime.CompileModule(ctx, cached)
	}
	if err == nil && e == Compiler {
		err = native.same(dir)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// runtimeConfig must be the same where code is compiled and where it is loaded.
// wazero's own memory limit stays at 4 GiB: ours is the allocator's, which is
// per module and knows when it refuses.
func runtimeConfig(e Engine) wazero.RuntimeConfig {
	c := wazero.NewRuntimeConfigCompiler()
	if e == Interpreter {
		c = wazero.NewRuntimeConfigInterpreter()
	}
	features := api.CoreFeaturesV2.SetEnabled(api.CoreFeatureSIMD, false)
	return c.WithCoreFeatures(features).WithDebugInfoEnabled(false).WithCustomSections(false)
}

func withAllocator(m *linearMemory) context.Context {
	return experimental.WithMemoryAllocator(context.Background(), m)
}
