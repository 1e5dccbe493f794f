package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestRewrittenModulesAnswerTheSame records what the modules of the tree are
// asked, ask and answer in a shop's morning, and plays it to the original and
// to the rewritten module, in the compiler and in the interpreter, also with a
// slice of one unit: every host call and every answer must be the same bytes. The
// original in the compiler, which takes long to compile and holds wazero rather than
// the rewriter, is played of till alone without BOTTEGA_LONG=1.
func TestRewrittenModulesAnswerTheSame(t *testing.T) {
	t.Parallel()
	b := binaries(t)
	for name, calls := range record(t, b) {
		original, err := os.ReadFile(filepath.Join(b.modules, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		rewritten, err := meter.Rewrite(original, meter.Options{Limits: meter.Limits{}, MaxPages: 512})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			wasm   []byte
			config wazero.RuntimeConfig
			slices []int64
		}{
			{"original in the compiler", original, wazero.NewRuntimeConfigCompiler(), []int64{0}},
			{"original in the interpreter", original, wazero.NewRuntimeConfigInterpreter(), []int64{0}},
			{"rewritten in the compiler", rewritten, wazero.NewRuntimeConfigCompiler(), []int64{50_000, 1}},
			{"rewritten in the interpreter", rewritten, wazero.NewRuntimeConfigInterpreter(), []int64{50_000, 1}},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				if c.name == "original in the compiler" && name != "till" && os.Getenv("BOTTEGA_LONG") == "" {
					t.Skip("SKIPPED: it takes long; set BOTTEGA_LONG=1")
				}
				p := newPlayer(t, c.wasm, c.config)
				for _, slice := range c.slices {
					p.play(calls, slice)
				}
			})
		}
	}
}

// take is one call of a module as it was recorded.
type take struct {
	entry  uint32
	now    int64
	input  []byte
	answer []byte
	code   abi.Code
	asks   []ask
}

// ask is one host call within a take.
type ask struct {
	fn     abi.Func
	in     []byte
	answer []byte
	code   abi.Code
}

// script lists what a take asks.
func (t *take) script() (s string) {
	for _, a := range t.asks {
		s += fmt.Sprintf("%s %.40x → %s; ", a.fn, a.in, a.code)
	}
	return s
}

// recorder is a Runner that remembers what passes through it.
type recorder struct {
	sandbox.Runner
	mu    sync.Mutex
	names map[*sandbox.Module]string
	takes map[string][]take
}

func (r *recorder) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	h := &recordingHost{Host: c.Host}
	c.Host = h
	before := len(out)
	out, code, err := r.Runner.Run(ctx, m, c, out)
	if err == nil {
		r.mu.Lock()
		name := r.names[m]
		r.takes[name] = append(r.takes[name], take{
			entry: c.Entry, now: c.Now.UnixMilli(), input: bytes.Clone(c.Input), answer: bytes.Clone(out[before:]), code: code, asks: h.asks,
		})
		r.mu.Unlock()
	}
	return out, code, err
}

type recordingHost struct {
	sandbox.Host
	asks []ask
}

func (h *recordingHost) HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	question := bytes.Clone(in)
	before := len(out)
	out, code, err := h.Host.HostCall(ctx, fn, in, out)
	if err == nil {
		h.asks = append(h.asks, ask{fn, question, bytes.Clone(out[min(before, len(out)):]), code})
	}
	return out, code, err
}

// record opens a shop and sells in it, with the four apps in one kernel.
func record(t *testing.T, b built) map[string][]take {
	t.Helper()
	box, err := sandbox.New(t.Context(), sandbox.Config{CacheDir: b.cache})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	r := &recorder{Runner: box, names: map[*sandbox.Module]string{}, takes: map[string][]take{}}
	var apps []*registry.App
	for _, id := range []string{"catalog", "pricing", "stock", "till"} {
		g := loadGuest(t, box, filepath.Join(b.modules, id))
		r.names[g.module] = id
		app, err := registry.NewApp(registry.Making{Manifest: g.manifest, Module: g.module, Descriptor: g.descriptor})
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, app)
	}
	set, err := registry.Compose(apps)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := occ.Open(mem.New(), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	k := kernel.New(kernel.Config{Runner: r, Sign: signer})
	if err := k.Open("shop", engine, set); err != nil {
		t.Fatal(err)
	}
	morning(t, func(operation, key string, in object) { runJSON(t, k, set, operation, key, in) })
	return r.takes
}

// runJSON runs an operation in a kernel as REST would.
func runJSON(t *testing.T, k *kernel.Kernel, set *registry.Set, operation, key string, in object) {
	t.Helper()
	op, ok := set.Operation(operation)
	if !ok {
		t.Fatalf("no operation %s", operation)
	}
	s, err := schema.Compile(op.Info.Input, op.App.Manifest.Provides.Types)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := s.ToWire(in.json(t))
	if err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	_, err = k.Run(t.Context(), kernel.Call{Tenant: "shop", Operation: operation, Input: wire, Key: key, Principal: identity.Local(), Request: "req"})
	if e, ok := errors.AsType[*kernel.Error](err); ok && e.Public.Code == abi.Internal {
		t.Fatalf("%s: %v: %v", operation, err, e.Cause)
	}
}

// morning is what a shop does before noon: open, sell, take back, look up, and
// make a few mistakes.
func morning(t *testing.T, do func(operation, key string, in object)) {
	t.Helper()
	openShops(do)
	lines := []object{{"sku": "SHIRT-M", "quantity": 3}, {"sku": "PASTA", "quantity": 2}}
	do("pricing.put_promotion", "pp", promotion("p", "P", object{"skus": []string{"SHIRT-M"}}, 3333))
	do("pricing.publish", "pub", object{"id": "p"})
	do("pricing.quote", "", object{"store": "S1", "lines": lines})
	sale := object{"store": "S1", "till": "1", "cashier": "c", "lines": lines, "tenders": []object{{"type": "cash", "amount": 20000}}}
	for i := range 5 {
		do("till.close", fmt.Sprint("sale", i), sale)
	}
	do("till.return", "ret", object{"receipt": "S1/1/1", "store": "S2", "till": "1", "cashier": "c", "reason": "size", "lines": []object{{"line": "1", "quantity": 2}}})
	do("till.return", "ret2", object{"receipt": "S1/1/1", "store": "S2", "till": "1", "cashier": "c", "reason": "size", "lines": []object{{"line": "1", "quantity": 2}}})
	do("till.void", "void", object{"receipt": "S1/1/2", "cashier": "c", "reason": "mistake"})
	do("till.close", "poor", object{"store": "S1", "till": "1", "cashier": "c", "lines": lines, "tenders": []object{{"type": "card", "amount": 1}}})
	do("till.day", "", object{"store": "S1", "day": "2026-11-21"})
	do("till.verify", "", object{})
	do("stock.verify", "", object{})
	do("stock.look_up", "", object{"skus": []string{"SHIRT-M", "PASTA"}})
	do("catalog.search", "", object{"prefix": "s"})
	do("catalog.product", "", object{"sku": "NOTHING"})
}

// player runs a module without our sandbox around it.
type player struct {
	t        *testing.T
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	module   api.Module
	call     api.Function
	buffer   api.Function
	slice    int64
	take     *take
	next     int    // ask of the take
	answered []byte // of the last ask
}

func newPlayer(t *testing.T, wasm []byte, config wazero.RuntimeConfig) *player {
	t.Helper()
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { _ = runtime.Close(ctx) })
	p := &player{t: t, runtime: runtime}
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	p.hostModules(ctx, runtime)
	var err error
	if p.compiled, err = runtime.CompileModule(ctx, wasm); err != nil {
		t.Fatal(err)
	}
	return p
}

// instantiate makes a fresh instance: a guest remembers what cannot change,
// such as the rules of a zone, and would ask less in a second run.
func (p *player) instantiate() {
	p.t.Helper()
	ctx := context.Background()
	var err error
	if p.module, err = p.runtime.InstantiateModule(ctx, p.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions(abi.ExportInit)); err != nil {
		p.t.Fatal(err)
	}
	p.call, p.buffer = p.module.ExportedFunction(abi.ExportCall), p.module.ExportedFunction(abi.ExportBuffer)
}

// hostModules plays the host and the meter.
func (p *player) hostModules(ctx context.Context, runtime wazero.Runtime) {
	p.t.Helper()
	host := runtime.NewHostModuleBuilder(abi.Module)
	for _, fn := range abi.Funcs() {
		if fn == abi.FuncNow {
			host.NewFunctionBuilder().WithFunc(func() int64 { return p.take.now }).Export(fn.String())
			continue
		}
		host.NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, in, n, out, size uint32) uint64 {
			return p.ask(fn, m.Memory(), in, n, out, size)
		}).Export(fn.String())
	}
	if _, err := host.Instantiate(ctx); err != nil {
		p.t.Fatal(err)
	}
	m := runtime.NewHostModuleBuilder(meter.Module)
	m.NewFunctionBuilder().WithFunc(func() int64 { return p.slice }).Export(meter.Tick)
	m.NewFunctionBuilder().WithFunc(func() { panic("too deep") }).Export(meter.Overflow)
	if _, err := m.Instantiate(ctx); err != nil {
		p.t.Fatal(err)
	}
}

// ask compares a host call with the recorded one and answers as the host did.
func (p *player) ask(fn abi.Func, memory api.Memory, in, n, out, size uint32) uint64 {
	if fn == abi.FuncFetch {
		memory.Write(out, p.answered)
		return abi.Pack(abi.OK, len(p.answered))
	}
	question, _ := memory.Read(in, n)
	if p.next >= len(p.take.asks) || p.take.asks[p.next].fn != fn || !bytes.Equal(p.take.asks[p.next].in, question) {
		panic(fmt.Sprintf("host call %d is %s %x, recorded was %s", p.next, fn, question, p.take.script()))
	}
	a := p.take.asks[p.next]
	p.next++
	p.answered = a.answer
	if len(a.answer) <= int(size) {
		memory.Write(out, a.answer)
	}
	return abi.Pack(a.code, len(a.answer))
}

// play makes every recorded call and compares the answers.
func (p *player) play(calls []take, slice int64) {
	p.t.Helper()
	p.slice = slice
	p.instantiate()
	for i := range calls {
		p.take, p.next = &calls[i], 0
		answer, code := p.run()
		if code != p.take.code || !bytes.Equal(answer, p.take.answer) || p.next != len(p.take.asks) {
			p.t.Fatalf("slice %d, call %d of entry %d answers %s %x, want %s %x", slice, i, p.take.entry, code, answer, p.take.code, p.take.answer)
		}
	}
}

func (p *player) run() ([]byte, abi.Code) {
	p.t.Helper()
	ctx := context.Background()
	place := func(least int) uint32 {
		r, err := p.buffer.Call(ctx, uint64(least))
		if err != nil {
			p.t.Fatal(err)
		}
		return uint32(r[0] >> 32)
	}
	p.module.Memory().Write(place(len(p.take.input)), p.take.input)
	r, err := p.call.Call(ctx, uint64(p.take.entry), uint64(len(p.take.input)))
	if err != nil {
		p.t.Fatalf("entry %d: %v", p.take.entry, err)
	}
	code, n := abi.Unpack(r[0])
	answer, _ := p.module.Memory().Read(place(0), uint32(n))
	return bytes.Clone(answer), code
}
