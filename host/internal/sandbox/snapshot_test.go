package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestRestoredIsAsFresh runs the same random calls where instances start from
// nothing and where they come from snapshots; all is replaced often.
func TestRestoredIsAsFresh(t *testing.T) {
	t.Parallel()
	engines := []Engine{Compiler}
	if os.Getenv("BOTTEGA_LONG") != "" { // the interpreter takes seconds for a Go guest
		engines = append(engines, Interpreter)
	}
	for _, engine := range engines {
		fresh := open(t, Config{Random: zeros{}, InstanceCalls: 4, NoSnapshots: true})
		restored := open(t, Config{Random: zeros{}, InstanceCalls: 4})
		of := map[*Sandbox]*Module{fresh: loadGo(t, fresh, ModuleLimits{Engine: engine}), restored: loadGo(t, restored, ModuleLimits{Engine: engine})}
		r := rand.New(rand.NewPCG(5, 9))
		steps := 400
		if engine == Interpreter {
			steps = 40
		}
		for range steps {
			k := randomCall(r)
			want, got := outcome(t, fresh, of[fresh], k), outcome(t, restored, of[restored], k)
			if got != want {
				t.Fatalf("%s: entry %d of %.60q for %s: %.200q, want %.200q", engine, k.Entry, k.Input, k.Owner, got, want)
			}
		}
		if a, b := fresh.Stats(), restored.Stats(); a.Restored != 0 || b.Restored != b.Started || a.Started != b.Started {
			t.Errorf("%s: %+v and %+v, want all restored here and none there", engine, a, b)
		}
	}
}

func randomCall(r *rand.Rand) Call {
	entries := []uint32{entryEmpty, entryCart, entryHostCall, entryRemember, entryRemember, entryRandom, entryEcho, entryChurn, entryPrintAndPanic, entryQuote, 999}
	k := call(entries[r.IntN(len(entries))], strings.Repeat(fmt.Sprint(r.IntN(100)), 1+r.IntN(3)))
	switch k.Entry {
	case entryCart:
		k.Input = []byte(cartJSON(r.IntN(20)))
	case entryEcho:
		k.Input = []byte(strings.Repeat("x", r.IntN(20_000)))
	}
	k.Owner = fmt.Sprint(r.IntN(3))
	return k
}

// outcome is all that a call shows, as text.
func outcome(t *testing.T, s *Sandbox, m *Module, k Call) string {
	k.Meter = plenty()
	k.Host = hostOf(func(_ abi.Func, in, out []byte) ([]byte, abi.Code, error) { return append(out, in...), abi.OK, nil })
	out, code, err := s.Run(t.Context(), m, k, nil)
	if f, ok := errors.AsType[*Fault](err); ok {
		return string(f.Kind)
	}
	return fmt.Sprintf("%q %v %v, %d host calls, %d log", out, code, err, k.Meter.HostCalls, k.Meter.LogBytes)
}

// counting is a guest that keeps what a snapshot has to keep: a global of each
// type and a cell of memory. _initialize sets them; each call answers them as
// eight bytes each and raises them by one.
func counting(m wasmtest.Module, more ...[]byte) []byte {
	add := map[wasmtest.Type]byte{wasmtest.I32: 0x6a, wasmtest.I64: 0x7c, wasmtest.F32: 0x92, wasmtest.F64: 0xa0}
	store := map[wasmtest.Type]byte{wasmtest.I32: 0x36, wasmtest.I64: 0x37, wasmtest.F32: 0x38, wasmtest.F64: 0x39}
	one := map[wasmtest.Type][]byte{wasmtest.I32: wasmtest.I32Const(1), wasmtest.I64: wasmtest.I64Const(1), wasmtest.F32: wasmtest.F32Const(1), wasmtest.F64: wasmtest.F64Const(1)}
	m.Globals = append(m.Globals, wasmtest.Global{Type: wasmtest.I64, Init: wasmtest.I64Const(77)}) // constant: not captured
	var initialize, code []byte
	const cell = 2048
	for i, typ := range []wasmtest.Type{wasmtest.I32, wasmtest.I64, wasmtest.F32, wasmtest.F64} {
		g := uint32(len(m.Globals))
		m.Globals = append(m.Globals, wasmtest.Global{Type: typ, Mutable: true, Init: one[typ]})
		raise := wasmtest.Seq(wasmtest.GlobalGet(g), one[typ], wasmtest.Op(add[typ]), wasmtest.GlobalSet(g))
		initialize = wasmtest.Seq(initialize, raise)
		code = wasmtest.Seq(code, wasmtest.I32Const(int32(8*i)), wasmtest.GlobalGet(g), wasmtest.Op(store[typ], wasmtest.U32(2), wasmtest.U32(0)), raise)
	}
	bump := wasmtest.Seq(wasmtest.I32Const(cell), wasmtest.I32Const(cell), wasmtest.I64Load(0), wasmtest.I64Const(1), wasmtest.I64Add(), wasmtest.I64Store(0))
	code = wasmtest.Seq(code, wasmtest.I32Const(32), wasmtest.I32Const(cell), wasmtest.I64Load(0), wasmtest.I64Store(0), bump)
	m.Funcs = append(m.Funcs, wasmtest.Func{Export: abi.ExportInit, Code: wasmtest.Seq(initialize, bump)})
	return hostile(m, nil, wasmtest.Seq(more...), code, wasmtest.I64Const(40))
}

// number reads what a counting guest answered: the same number five times.
func number(t *testing.T, answer string) int {
	t.Helper()
	var n int
	for n = range 1000 {
		want := fmt.Appendf(nil, "%s", le32(uint32(n+1)))
		if string(want) == answer[:4] {
			break
		}
	}
	return n
}

func le32(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }

func TestSnapshotHoldsGlobalsAndMemory(t *testing.T) {
	t.Parallel()
	for _, engine := range []Engine{Compiler, Interpreter} {
		fresh := open(t, Config{InstanceCalls: 3, NoSnapshots: true})
		restored := open(t, Config{InstanceCalls: 3})
		a, b := load(t, fresh, counting(wasmtest.Module{}), ModuleLimits{Engine: engine}), load(t, restored, counting(wasmtest.Module{}), ModuleLimits{Engine: engine})
		for i := range 12 {
			want, got := run(t, fresh, a, call(0, "")), run(t, restored, b, call(0, ""))
			if got != want || number(t, got) != i%3+1 {
				t.Errorf("%s: call %d: %x, from nothing %x", engine, i, got, want)
			}
		}
		if n := restored.Stats().Restored; n != 4 {
			t.Errorf("%s: %d restored, want 4", engine, n)
		}
	}
}

// TestGrownMemoryIsEmptyAgain uses one shell of wazero's again and again: what
// a guest left behind the end of the snapshot must be neither there nor seen.
func TestGrownMemoryIsEmptyAgain(t *testing.T) {
	t.Parallel()
	const page = wasmPage
	// The answer: pages before it grew, and what lies in the page that it got.
	code := wasmtest.Seq(
		wasmtest.I32Const(0), wasmtest.I32Const(3), wasmtest.MemoryGrow(), wasmtest.I32Store(0),
		wasmtest.I32Const(4), wasmtest.I32Const(3*page), wasmtest.I32Load(0), wasmtest.I32Store(0),
		wasmtest.I32Const(3*page), wasmtest.I32Const(0x5ec2e7), wasmtest.I32Store(0),
		wasmtest.I32Const(100), wasmtest.I32Const(0x5ec2e7), wasmtest.I32Store(0),
		wasmtest.I32Const(8), wasmtest.I32Const(2*page-4), wasmtest.I32Load(0), wasmtest.I32Store(0),
		wasmtest.I32Const(2*page-4), wasmtest.I32Const(0x5ec2e7), wasmtest.I32Store(0))
	m := wasmtest.Module{
		Memories: []wasmtest.Limits{wasmtest.Min(2)},
		Funcs:    []wasmtest.Func{{Export: abi.ExportInit}},
	}
	for _, engine := range []Engine{Compiler, Interpreter} {
		s := open(t, Config{InstanceCalls: 1})
		mod := load(t, s, hostile(m, nil, code, wasmtest.I64Const(12)), ModuleLimits{Engine: engine})
		for i := range 10 {
			k := call(0, "")
			k.Owner = fmt.Sprint(i)
			if got := run(t, s, mod, k); got != "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" {
				t.Fatalf("%s: owner %d saw %x, want 2 pages and zeros", engine, i, got)
			}
		}
		if len(mod.shells) != 1 || s.Stats().Memory != 0 {
			t.Errorf("%s: %d spare shells, %+v; want one, without memory", engine, len(mod.shells), s.Stats())
		}
	}
}

func TestModulesWithHiddenStateAreNotCaptured(t *testing.T) {
	t.Parallel()
	table := wasmtest.Module{Tables: []wasmtest.Table{{Limits: wasmtest.MinMax(2, 2)}}, Elems: []wasmtest.Elem{{Funcs: []uint32{0}}}}
	segments := wasmtest.Module{Datas: []wasmtest.Data{{Passive: true, Bytes: []byte("x")}}, DataCount: true}
	references := wasmtest.Module{Globals: []wasmtest.Global{{Type: wasmtest.FuncRef, Mutable: true, Init: wasmtest.RefNull(wasmtest.FuncRef)}}}
	start := wasmtest.Module{Funcs: []wasmtest.Func{{}}, Start: new(uint32)}
	null := wasmtest.RefNull(wasmtest.FuncRef)
	zero := wasmtest.I32Const(0)
	for _, c := range []struct {
		name       string
		wasm       []byte
		capturable bool
	}{
		{"nothing", counting(wasmtest.Module{}), true},
		{"a table", counting(table), true},
		{"a passive segment", counting(segments, zero, zero, zero, wasmtest.MemoryInit(0)), true},
		{"table.set", counting(table, zero, null, wasmtest.TableSet()), false},
		{"table.grow", counting(table, null, zero, wasmtest.TableGrow(), wasmtest.Drop()), false},
		{"table.fill", counting(table, zero, null, zero, wasmtest.TableFill()), false},
		{"table.copy", counting(table, zero, zero, zero, wasmtest.TableCopy()), false},
		{"table.init", counting(table, zero, zero, zero, wasmtest.TableInit(0)), false},
		{"elem.drop", counting(table, wasmtest.ElemDrop(0)), false},
		{"data.drop", counting(segments, wasmtest.DataDrop(0)), false},
		{"a reference", counting(references), false},
		{"a start function", counting(start), false},
	} {
		s := open(t, Config{InstanceCalls: 1})
		m := load(t, s, c.wasm, ModuleLimits{})
		for range 2 {
			if got := number(t, run(t, s, m, call(0, ""))); got != 1 {
				t.Errorf("%s: a new instance answers %d", c.name, got)
			}
		}
		if restored := s.Stats().Restored == 2; restored != c.capturable || m.Capturable() != c.capturable {
			t.Errorf("%s: restored %v, capturable %v, want %v", c.name, restored, m.Capturable(), c.capturable)
		}
		_, _, err := s.Warm(t.Context(), m, warming(1, 0, call(0, "")), nil)
		if warmed := err == nil; warmed != c.capturable {
			t.Errorf("%s: Warm answers %v", c.name, err)
		}
	}
}

// TestRandomIsNotInTheSnapshot draws from instances that are all restored from
// one snapshot, after its maker has drawn too.
func TestRandomIsNotInTheSnapshot(t *testing.T) {
	t.Parallel()
	s := open(t, Config{InstanceCalls: 1})
	m := loadGo(t, s, ModuleLimits{})
	if _, _, err := s.Warm(t.Context(), m, warming(1, 0, call(entryRandoms, "")), nil); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	const instances, each = 100, 1000
	for i := range instances {
		k := call(entryRandoms, "")
		k.Generation = uint64(i % 2)
		out := run(t, s, m, k)
		for ; len(out) > 0; out = out[8:] {
			seen[out[:8]] = true
		}
	}
	if len(seen) != instances*each || s.Stats().Restored != instances+1 {
		t.Errorf("%d different numbers of %d, %+v", len(seen), instances*each, s.Stats())
	}
}

// TestFailedWarmingIsTriedOnceOnly takes a module that starts and answers but
// cannot describe itself: it goes on without a snapshot.
func TestFailedWarmingIsTriedOnceOnly(t *testing.T) {
	t.Parallel()
	s := open(t, Config{InstanceCalls: 1})
	// It starts but cannot describe itself: answer of more than it may.
	m := wasmtest.Module{Funcs: []wasmtest.Func{{Export: abi.ExportInit}}}
	m.Funcs = append(m.Funcs,
		wasmtest.Func{Export: abi.ExportCall, Sig: wasmtest.Sig{Params: []wasmtest.Type{wasmtest.I32, wasmtest.I32}, Results: []wasmtest.Type{wasmtest.I64}}, Code: done},
		wasmtest.Func{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{wasmtest.I32}, Results: []wasmtest.Type{wasmtest.I64}}, Code: wasmtest.I64Const(1024)},
		wasmtest.Func{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{wasmtest.I64}}, Code: wasmtest.Unreachable()})
	m.Memories = []wasmtest.Limits{wasmtest.Min(1)}
	m.Exports = []wasmtest.Export{{Name: abi.ExportMemory, Kind: wasmtest.KindMemory}}
	mod := load(t, s, m.Bytes(), ModuleLimits{})
	for range 3 {
		run(t, s, mod, call(0, ""))
	}
	if st := s.Stats(); st.Restored != 0 || !mod.plainOff || st.Snapshots != 0 {
		t.Errorf("%+v, given up %v; want calls as without snapshots", st, mod.plainOff)
	}
}

// mappings counts those of this process that a sandbox could have made.
func mappings(t *testing.T) int {
	b, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("no /proc here")
	}
	return strings.Count(string(b), "bottega-snapshot")
}
