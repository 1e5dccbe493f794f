package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// remember is a call that leaves a marker and answers the last one.
func remember(owner, marker string) Call {
	c := call(entryRemember, marker)
	c.Owner = owner
	return c
}

func TestG29NoOwnerSeesAnother(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	modules := []*Module{loadGo(t, s, ModuleLimits{}), loadGo(t, s, ModuleLimits{})}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 29))
			for range 2500 {
				which := r.IntN(len(modules))
				owner := fmt.Sprintf("tenant%d/app", r.IntN(4))
				marker := fmt.Sprintf("%s %d", owner, which)
				if got := run(t, s, modules[which], remember(owner, marker)); got != "" && got != marker {
					t.Errorf("%q saw %q", marker, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestInstanceIsKeptUntil(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	abort := call(entryHostCall, "")
	abort.Host = hostOf(func(abi.Func, []byte, []byte) ([]byte, abi.Code, error) { return nil, 0, bad })
	for _, c := range []struct {
		name string
		kept bool
		then func(s *Sandbox, m *Module)
	}{
		{"nothing happens", true, func(*Sandbox, *Module) {}},
		{"another owner is retired", true, func(s *Sandbox, _ *Module) { s.Retire("other/app") }},
		{"its owner is retired", false, func(s *Sandbox, _ *Module) { s.Retire("tenant/app") }},
		{"a trap", false, func(s *Sandbox, m *Module) { faultOf(t, s, m, call(entryPrintAndPanic, "")) }},
		{"an abort", false, func(s *Sandbox, m *Module) { _, _, _ = s.Run(context.Background(), m, abort, nil) }},
		{"too many calls", false, func(s *Sandbox, m *Module) {
			for range 20 {
				run(t, s, m, call(entryEmpty, ""))
			}
		}},
		{"too much memory", false, func(s *Sandbox, m *Module) { faultOf(t, s, m, call(entryExhaust, "")) }},
	} {
		s := open(t, Config{InstanceCalls: 20})
		m := loadGo(t, s, ModuleLimits{})
		run(t, s, m, remember("tenant/app", "marker"))
		c.then(s, m)
		if got := run(t, s, m, remember("tenant/app", "marker")); (got == "marker") != c.kept {
			t.Errorf("%s: the marker is %q, want it kept: %v", c.name, got, c.kept)
		}
	}
}

func TestGrowthEndsAnInstance(t *testing.T) {
	t.Parallel()
	s := open(t, Config{GrowthMark: 3 * wasmPage})
	grow := wasmtest.Seq(wasmtest.I32Const(1), wasmtest.MemoryGrow(), wasmtest.Drop(), done)
	m := load(t, s, hostile(wasmtest.Module{}, nil, grow), ModuleLimits{})
	for i, want := range []int64{1, 1, 1, 0, 1} {
		run(t, s, m, call(0, ""))
		if got := s.Stats().Instances; got != want {
			t.Errorf("after call %d: %d instances, want %d", i, got, want)
		}
	}
}

func TestRetireDuringACall(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	k := call(entryHostCall, "")
	k.Host = hostOf(func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
		s.Retire(k.Owner)
		return out, abi.OK, nil
	})
	run(t, s, m, k)
	if n := s.Stats().Instances; n != 0 {
		t.Errorf("%d instances, want none: its settings are old", n)
	}
}

func TestCallsNestInInstancesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	const depth = 8
	meter := plenty()
	var nested func(level int) Call
	nested = func(level int) Call {
		k := call(entryHostCall, fmt.Sprint(level))
		k.Meter = meter
		k.Host = hostOf(func(_ abi.Func, in, out []byte) ([]byte, abi.Code, error) {
			if level == depth {
				return append(out, in...), abi.OK, nil
			}
			return s.Run(context.Background(), m, nested(level+1), append(out, in...))
		})
		return k
	}
	if got, want := run(t, s, m, nested(1)), "0:10:20:30:40:50:60:70:8"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if st := s.Stats(); st.Started != depth || meter.HostCalls != 10_000-depth {
		t.Errorf("%+v, %d host calls left; want %d instances and calls", st, meter.HostCalls, depth)
	}
}

func TestIdleMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, Config{PoolBytes: 3 * wasmPage})
	m := load(t, s, tiny(1), ModuleLimits{})
	as := func(owner string) Call { c := call(0, ""); c.Owner = owner; return c }
	for _, owner := range []string{"a", "b", "c", "a", "d"} { // b is idle longest
		run(t, s, m, as(owner))
	}
	if st := s.Stats(); st.Idle != 3*wasmPage || st.Instances != 3 || st.Memory != 3*wasmPage {
		t.Errorf("%+v, want three idle instances of a page", st)
	}
	for _, owner := range []string{"a", "c", "d"} {
		run(t, s, m, as(owner))
	}
	if n := s.Stats().Started; n != 4 {
		t.Errorf("%d instances were started, want 4: a, b, c, d once each", n)
	}
}

func TestIdleInstancesGiveWay(t *testing.T) {
	t.Parallel()
	s := open(t, Config{MemoryBudget: 4 * wasmPage, PoolBytes: 4 * wasmPage})
	m := load(t, s, tiny(1), ModuleLimits{})
	for i := range 20 {
		c := call(0, "")
		c.Owner = fmt.Sprint(i)
		run(t, s, m, c)
	}
	if st := s.Stats(); st.Memory != 4*wasmPage {
		t.Errorf("%+v, want the whole budget used", st)
	}
}

func TestModuleClosedDuringACall(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	wasm, err := goGuest()
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Load(context.Background(), wasm, ModuleLimits{})
	if err != nil {
		t.Fatal(err)
	}
	k := call(entryHostCall, "")
	k.Host = hostOf(func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
		m.Close()
		return append(out, "still here"...), abi.OK, nil
	})
	if got := run(t, s, m, k); got != "0:still here" {
		t.Errorf("%q", got)
	}
	if len(s.artefacts) != 0 || s.Stats().Instances != 0 {
		t.Errorf("%d artefacts, %+v; want nothing left", len(s.artefacts), s.Stats())
	}
}

func TestClosedModuleRunsNothing(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := load(t, s, tiny(1), ModuleLimits{})
	run(t, s, m, call(0, ""))
	m.Close()
	for range 2 {
		if f := faultOf(t, s, m, call(0, "")); f.Kind != FaultCapacity {
			t.Errorf("%v, want capacity", f)
		}
	}
	if st := s.Stats(); st.Instances != 0 || len(s.artefacts) != 0 {
		t.Errorf("%+v, %d artefacts; want nothing left", st, len(s.artefacts))
	}
}

// TestHammer runs everything at once; it is for the race detector.
func TestHammer(t *testing.T) {
	t.Parallel()
	s := open(t, Config{MemoryBudget: 40 * mib, PoolBytes: 12 * mib, InstanceCalls: 50})
	goModule := loadGo(t, s, ModuleLimits{})
	small := load(t, s, tiny(1), ModuleLimits{})
	steps := 150
	if os.Getenv("BOTTEGA_LONG") != "" {
		steps = 10_000
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 1))
			for range steps {
				hammer(t, s, goModule, small, r)
			}
		})
	}
	wg.Wait()
	for i := range 4 {
		s.Retire(fmt.Sprint(i))
	}
	if st := s.Stats(); st.Instances != 0 || st.Memory != 0 || st.Idle != 0 {
		t.Errorf("%+v, want nothing left", st)
	}
}

func hammer(t *testing.T, s *Sandbox, goModule, small *Module, r *rand.Rand) {
	k := call(uint32(r.IntN(5)), "[]")
	k.Owner = fmt.Sprint(r.IntN(4))
	k.Host = hostOf(func(_ abi.Func, in, out []byte) ([]byte, abi.Code, error) { return append(out, in...), abi.OK, nil })
	k.Meter.Units = 200_000
	switch r.IntN(20) {
	case 0:
		s.Retire(k.Owner)
	case 1:
		m, err := s.Load(context.Background(), tiny(1), ModuleLimits{})
		if err != nil {
			t.Error(err)
			return
		}
		m.Close()
	case 2, 3, 4, 5:
		run(t, s, small, k)
	default:
		_, _, err := s.Run(context.Background(), goModule, k, nil)
		var f *Fault
		if err != nil && (!errors.As(err, &f) || f.Kind != FaultFuel && f.Kind != FaultCapacity) {
			t.Errorf("entry %d: %v", k.Entry, err)
		}
	}
}
