package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// warming makes a generation of the owner of k.
func warming(generation, from uint64, k Call) Warming {
	return Warming{Owner: k.Owner, Generation: generation, From: from, Call: k}
}

// warm makes a generation that must succeed, and answers the answer.
func warm(t testing.TB, s *Sandbox, m *Module, w Warming) string {
	t.Helper()
	out, code, err := s.Warm(context.Background(), m, w, nil)
	if err != nil || code != abi.OK {
		t.Fatalf("warm %d from %d: code %v, %v", w.Generation, w.From, code, err)
	}
	return string(out)
}

// in asks for a generation.
func in(generation uint64, k Call) Call {
	k.Generation = generation
	return k
}

func kindOf(err error) FaultKind {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	for _, engine := range []Engine{Compiler, Interpreter} {
		s := open(t, Config{})
		m := load(t, s, counting(wasmtest.Module{}), ModuleLimits{Engine: engine})
		k := call(0, "")
		want := func(step string, kept ...uint64) {
			t.Helper()
			for g := range uint64(9) {
				if has := s.HasGeneration(k.Owner, m, g); has != slices.Contains(kept, g) {
					t.Errorf("%s, %s: has generation %d: %v", engine, step, g, has)
				}
			}
		}
		want("before")
		if f := faultOf(t, s, m, in(1, k)); f.Kind != FaultCold || k.Meter.Units != plenty().Units {
			t.Errorf("%s: %v and %d units left, want cold and nothing run", engine, f, k.Meter.Units)
		}
		warm(t, s, m, warming(3, 0, k)) // a new instance answers 1 and becomes 2
		want("built", 3)
		warm(t, s, m, warming(4, 3, k))
		warm(t, s, m, warming(5, 4, k))
		want("applied twice", 4, 5)
		for i := range 2 { // the second call finds an idle instance
			for g, n := range map[uint64]int{4: 3, 5: 4} {
				if got := number(t, run(t, s, m, in(g, call(0, "")))); got != n+i {
					t.Errorf("%s: generation %d answers %d, want %d", engine, g, got, n+i)
				}
			}
		}
		if got := number(t, run(t, s, m, k)); got != 1 {
			t.Errorf("%s: a call without a generation answers %d", engine, got)
		}
		_, _, err := s.Warm(t.Context(), m, warming(2, 0, k), nil)
		if kindOf(err) != FaultCold {
			t.Errorf("%s: an old generation: %v, want cold", engine, err)
		}
		_, _, err = s.Warm(t.Context(), m, warming(6, 3, k), nil)
		if kindOf(err) != FaultCold {
			t.Errorf("%s: from one that is gone: %v, want cold", engine, err)
		}
		want("refused", 4, 5)
		warm(t, s, m, warming(5, 0, k))
		if got := number(t, run(t, s, m, in(5, call(0, "")))); got != 2 {
			t.Errorf("%s: generation 5 made again answers %d, want 2", engine, got)
		}
		s.Retire("somebody/else")
		want("another owner retired", 4, 5)
		s.Retire(k.Owner)
		want("retired")
		warm(t, s, m, warming(7, 0, k))
		m.Close()
		want("closed")
		if st := s.Stats(); st.Snapshots != 0 || st.Memory != 0 || st.Instances != 0 {
			t.Errorf("%s: %+v, want nothing left", engine, st)
		}
	}
}

func TestWarmThatFailsKeepsNothing(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	refuses := load(t, s, hostile(wasmtest.Module{}, nil, wasmtest.I64Const(int64(abi.Pack(abi.Invalid, 0)))), ModuleLimits{})
	traps := load(t, s, hostile(wasmtest.Module{}, nil, wasmtest.Unreachable()), ModuleLimits{})
	retires := loadGo(t, s, ModuleLimits{})
	if out, code, err := s.Warm(t.Context(), refuses, warming(1, 0, call(0, "")), []byte("before ")); code != abi.Invalid || err != nil || string(out) != "before " {
		t.Errorf("an answer that is not OK: %q, %v, %v", out, code, err)
	}
	if out, _, err := s.Warm(t.Context(), traps, warming(1, 0, call(0, "")), []byte("before ")); kindOf(err) != FaultTrap || string(out) != "before " {
		t.Errorf("a trap: %q, %v", out, err)
	}
	k := call(entryHostCall, "")
	k.Host = hostOf(func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
		s.Retire(k.Owner)
		return out, abi.OK, nil
	})
	if _, _, err := s.Warm(t.Context(), retires, warming(1, 0, k), nil); kindOf(err) != FaultCold {
		t.Errorf("retired meanwhile: %v, want cold", err)
	}
	for _, m := range []*Module{refuses, traps, retires} {
		if s.HasGeneration(k.Owner, m, 1) {
			t.Error("something was kept")
		}
		m.Close()
	}
	if st := s.Stats(); st.Snapshots != 0 || st.Memory != 0 || st.Instances != 0 {
		t.Errorf("%+v, want nothing left", st)
	}
}

// TestNothingLeaksBetweenRestored leaves a marker in every instance; none may
// see another's, and a generation stays what it was when it was made.
func TestNothingLeaksBetweenRestored(t *testing.T) {
	t.Parallel()
	s := open(t, Config{InstanceCalls: 2})
	m := loadGo(t, s, ModuleLimits{})
	const owners = 4
	for o := range owners {
		warm(t, s, m, warming(1, 0, remember(fmt.Sprint(o), fmt.Sprintf("made by %d", o))))
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 3))
			for range 800 {
				o, g := r.IntN(owners), uint64(r.IntN(2))
				own := fmt.Sprintf("left by %d in %d", o, g)
				first := ""
				if g == 1 {
					first = fmt.Sprintf("made by %d", o)
				}
				if got := run(t, s, m, in(g, remember(fmt.Sprint(o), own))); got != own && got != first {
					t.Errorf("%q saw %q", own, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestSnapshotsAreWithinTheBudgets(t *testing.T) {
	s := open(t, Config{MemoryBudget: 5 * wasmPage, SnapshotBytes: 2 * wasmPage, PoolBytes: 5 * wasmPage})
	files, maps := fds(t), mappings(t)
	m := load(t, s, counting(wasmtest.Module{}), ModuleLimits{})
	k := call(0, "")
	run(t, s, m, k)
	if st := s.Stats(); st.Snapshots != wasmPage || st.Memory != wasmPage {
		t.Errorf("%+v, want the plain snapshot and an idle instance", st)
	}
	warm(t, s, m, warming(1, 0, k))
	if _, _, err := s.Warm(t.Context(), m, warming(2, 0, k), nil); kindOf(err) != FaultCapacity || s.HasGeneration(k.Owner, m, 2) {
		t.Errorf("a third snapshot: %v, want capacity", err)
	}
	if st := s.Stats(); st.Snapshots != 2*wasmPage || s.memory.used.Load() != st.Snapshots+st.Memory {
		t.Errorf("%+v, want two snapshots", st)
	}
	// Three pages are left for instances: three calls within each other, not four.
	var depth int
	var nested func() error
	nested = func() error {
		depth++
		n := in(1, call(0, ""))
		f := s.pool.take(k.Owner, line{m, 1})
		i, err := s.newInstance(t.Context(), m, &n, f.from)
		if err != nil {
			return err
		}
		defer i.close()
		return nested()
	}
	if err := nested(); kindOf(err) != FaultCapacity || depth != 4 {
		t.Errorf("%v at depth %d, want capacity at the fourth", err, depth)
	}
	m.Close()
	if st := s.Stats(); st.Snapshots != 0 || st.Memory != 0 || st.Instances != 0 || s.memory.used.Load() != 0 || s.shells.used.Load() != 0 {
		t.Errorf("%+v, want nothing left", st)
	}
	if f, n := fds(t), mappings(t); f > files || n > maps {
		t.Errorf("%d files and %d mappings, before there were %d and %d", f, n, files, maps)
	}
}

func TestReplacedDuringACall(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	k := call(entryHostCall, "")
	warm(t, s, m, warming(1, 0, remember(k.Owner, "first")))
	k.Host = hostOf(func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
		warm(t, s, m, warming(1, 0, remember(k.Owner, "second")))
		return out, abi.OK, nil
	})
	run(t, s, m, in(1, k))
	if got := run(t, s, m, in(1, remember(k.Owner, ""))); got != "second" {
		t.Errorf("%q, want what the generation is now", got)
	}
}

// TestMonotonicClockGoesOn restores under an earlier clock than the snapshot
// was made under.
func TestMonotonicClockGoesOn(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := wasmtest.Module{Imports: []wasmtest.Import{{
		Module: wasiModule, Name: "clock_time_get",
		Sig: wasmtest.Sig{Params: []wasmtest.Type{wasmtest.I32, wasmtest.I64, wasmtest.I32}, Results: []wasmtest.Type{wasmtest.I32}},
	}}}
	read := wasmtest.Seq(wasmtest.I32Const(1), wasmtest.I64Const(0), wasmtest.I32Const(0), wasmtest.Call(0), wasmtest.Drop())
	mod := load(t, s, hostile(m, nil, read, wasmtest.I64Const(8)), ModuleLimits{})
	k := call(0, "")
	then := warm(t, s, mod, warming(1, 0, k))
	k.Now = noon.Add(-time.Hour)
	now := run(t, s, mod, in(1, k))
	if a, b := binary.LittleEndian.Uint64([]byte(then)), binary.LittleEndian.Uint64([]byte(now)); b <= a {
		t.Errorf("the clock went from %d to %d", a, b)
	}
}

// TestSnapshotOutlivesItsGeneration holds the memory of a snapshot for as long
// as somebody maps it.
func TestSnapshotOutlivesItsGeneration(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	k := call(entryHostCall, "")
	warm(t, s, m, warming(1, 0, call(entryEmpty, "")))
	before := s.Stats().Snapshots
	k.Host = hostOf(func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
		s.Retire(k.Owner)
		if now := s.Stats().Snapshots; now != before {
			t.Errorf("%d bytes of snapshots while one is mapped, want %d", now, before)
		}
		return append(out, "still here"...), abi.OK, nil
	})
	if got := run(t, s, m, in(1, k)); got != "0:still here" {
		t.Errorf("%q", got)
	}
	if st := s.Stats(); st.Snapshots >= before || st.Instances != 0 {
		t.Errorf("%+v, want the generation gone", st)
	}
}

// TestCallersDoNotWaitForTheCollector quotes from an index until an instance
// that is not replaced would long have collected its garbage. The collector's
// work shows as units.
func TestCallersDoNotWaitForTheCollector(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	if _, ok := privateBytes(make([]byte, os.Getpagesize())); !ok {
		t.Skip("the kernel does not tell which pages are private")
	}
	m := loadGo(t, s, ModuleLimits{MemoryPages: 2048})
	k := call(entryBuild, "0 20000 gc")
	warm(t, s, m, warming(1, 0, k))
	before := run(t, s, m, in(1, call(entryCollections, "")))
	var most int64
	for i := range 4000 {
		q := in(1, call(entryQuote, fmt.Sprint(i)))
		run(t, s, m, q)
		most = max(most, 1<<40-q.Meter.Units)
	}
	after := run(t, s, m, in(1, call(entryCollections, "")))
	t.Logf("before: %s; after: %s; %+v", before, after, s.Stats())
	if n := s.Stats().Started; before[:2] != after[:2] || most > 500_000 || n < 3 || n > 40 {
		t.Errorf("%q, then %q; a quote took %d units; %d instances", before, after, most, n)
	}
}

// TestWarmHammer runs everything at once; it is for the race detector.
func TestWarmHammer(t *testing.T) {
	t.Parallel()
	s := open(t, Config{MemoryBudget: 64 * mib, PoolBytes: 12 * mib, InstanceCalls: 20})
	modules := []*Module{loadGo(t, s, ModuleLimits{}), load(t, s, counting(wasmtest.Module{}), ModuleLimits{})}
	steps := 60
	if os.Getenv("BOTTEGA_LONG") != "" {
		steps = 5_000
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 2))
			for range steps {
				warmHammer(t, s, modules[r.IntN(2)], r)
			}
		})
	}
	wg.Wait()
	for _, m := range modules {
		m.Close()
	}
	if st := s.Stats(); st.Instances != 0 || st.Memory != 0 || st.Idle != 0 || st.Snapshots != 0 || s.shells.used.Load() != 0 {
		t.Errorf("%+v, %d shells; want nothing left", st, s.shells.used.Load())
	}
}

func warmHammer(t *testing.T, s *Sandbox, m *Module, r *rand.Rand) {
	k := in(uint64(r.IntN(6)), call(0, ""))
	k.Owner = fmt.Sprint(r.IntN(3))
	var err error
	switch r.IntN(12) {
	case 0:
		s.Retire(k.Owner)
	case 1, 2, 3:
		_, _, err = s.Warm(t.Context(), m, warming(1+uint64(r.IntN(5)), uint64(r.IntN(3)), k), nil)
	case 4:
		var short *Module
		if short, err = s.Load(t.Context(), counting(wasmtest.Module{}), ModuleLimits{}); err == nil {
			_, _, _ = s.Warm(t.Context(), short, warming(1, 0, k), nil)
			var closing sync.WaitGroup
			closing.Go(short.Close)
			_, _, err = s.Run(t.Context(), short, k, nil)
			closing.Wait()
		}
	default:
		_, _, err = s.Run(t.Context(), m, k, nil)
	}
	if kind := kindOf(err); err != nil && kind != FaultCold && kind != FaultCapacity {
		t.Errorf("%v", err)
	}
}
