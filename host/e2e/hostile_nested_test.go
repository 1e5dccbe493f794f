package e2e

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestWhatNoCallerCatches: when the operation itself is spent, the caller does
// not go on, and nothing of it remains.
func TestWhatNoCallerCatches(t *testing.T) {
	a := newArena(t,
		rogue{id: "caller", limits: brief(16), grants: []string{"servant.run"}, collections: []abi.Collection{things}},
		rogue{id: "frugal", limits: manifest.Limits{Units: 1_000_000}, grants: []string{"servant.run"}, collections: []abi.Collection{things}},
		rogue{id: "servant", collections: []abi.Collection{things}},
	)
	keep := hostCall(abi.FuncPut, putFrame(thing("kept", 1)))
	storm := step{do: uint32(abi.FuncNewID), times: 20_000}
	for _, r := range []row{
		{name: "a deadline spent in a nested call", call: "caller.run", want: stopped, within: inTime, steps: []step{keep, asks("servant.run", keep, step{do: doSpin}), keep}},
		{name: "units spent in a nested call", call: "frugal.run", want: burnt, steps: []step{keep, asks("servant.run", keep, step{do: doSpin}), keep}},
		{name: "host calls spent in a nested call", call: "caller.run", want: spent, steps: []step{keep, asks("servant.run", keep, storm), keep}},
		{name: "host calls spent together", call: "caller.run", want: spent, steps: []step{{do: uint32(abi.FuncNewID), times: 6_000}, asks("servant.run", step{do: uint32(abi.FuncNewID), times: 6_000}), keep}},
		{name: "a trap is caught, and undone alone", call: "caller.run", writes: true, steps: []step{asks("servant.run", keep, step{do: doTrap}), keep},
			check: answers(abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault}, abi.Error{})},
	} {
		t.Run(r.name, func(t *testing.T) { r.run(t, a) })
	}
	data := a.dump(t)
	if _, there := data["dservant\x00things\x00"+string(textKey("kept"))]; there {
		t.Error("what the servant wrote before its trap is there")
	}
	if _, there := data["dcaller\x00things\x00"+string(textKey("kept"))]; !there {
		t.Error("what the caller wrote after a trap that it caught is not there")
	}
}

// TestSlotFillersThatMisbehave: fillers of a query slot that burn, storm, trap,
// read and log without end are skipped and reported; who asks goes on, with as
// much of everything as before.
func TestSlotFillersThatMisbehave(t *testing.T) {
	t.Parallel()
	opinions := []manifest.Slot{{Name: "asker.opinions", Kind: "query", Input: framed, Output: results}}
	fills := []manifest.Fill{{Slot: "asker.opinions"}}
	zero, end := wasmtest.I32Const(0), wasmtest.I64Const(0)
	host := func(fn abi.Func) wasmtest.Module {
		i32 := wasmtest.I32
		return wasmtest.Module{Imports: []wasmtest.Import{{Module: abi.Module, Name: fn.String(), Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32, i32, i32}, Results: []wasmtest.Type{wasmtest.I64}}}}}
	}
	stormy := wasmtest.Seq(wasmtest.Loop(wasmtest.Void, zero, zero, zero, zero, wasmtest.Call(0), wasmtest.Drop(), wasmtest.Br(0)), end)
	a := newArena(t,
		rogue{id: "asker", slots: opinions, collections: []abi.Collection{things}},
		rogue{id: "f-burner", fills: fills, code: wasmtest.Seq(wasmtest.Spin(), end)},
		rogue{id: "f-honest", fills: fills},
		rogue{id: "f-storm", fills: fills, wasm: host(abi.FuncGet), code: stormy},
		rogue{id: "f-trap", fills: fills, code: wasmtest.Unreachable()},
	)
	ask := hostCall(abi.FuncEach, callFrame("asker.opinions", program()))
	keep := hostCall(abi.FuncPut, putFrame(thing("kept", 1)))
	gets := step{do: uint32(abi.FuncGet), frame: getFrame(textKey("kept")), times: 5_000}
	want := map[string]verdict{
		"f-burner": {0, "deadline", "fuel"}, "f-honest": {0, "ok", ""}, "f-storm": {0, "exhausted", "quota"}, "f-trap": {0, "internal", "app_fault"},
	}
	for i := range 22 {
		got := a.must(t, "asker.run", ask, keep, gets)
		if got[0].code() != abi.OK || got[1].code() != abi.OK || got[2].oks != 5_000 {
			t.Fatalf("asked %s, kept %s, read %d times", got[0].code(), got[1].code(), got[2].oks)
		}
		_, length := abi.Unpack(got[0].packed)
		said, err := abi.ParseAnswers(got[0].answer[:length])
		if err != nil || len(said) != len(want) {
			t.Fatalf("%d answers, %v", len(said), err)
		}
		for _, s := range said {
			w := want[s.Filler]
			if i >= 20 && w.reason != "" {
				w = verdict{0, "unavailable", "degraded"}
			}
			r := result{answer: s.Output}
			if s.Code.String() != w.code || w.reason != "" && r.reason() != w.reason {
				t.Errorf("round %d: %s answered %s (%s), want %+v", i, s.Filler, s.Code, r.reason(), w)
			}
		}
	}
	bad := a.degraded(t)
	slices.Sort(bad)
	if !slices.Equal(bad, []string{"f-burner@1.0.0", "f-storm@1.0.0", "f-trap@1.0.0"}) {
		t.Errorf("degraded: %v", bad)
	}
}

// TestNoMemoryForAnInstance: when the budget of the process is spent, an
// operation fails as a whole and may be tried again; nobody waits for anybody.
func TestNoMemoryForAnInstance(t *testing.T) {
	t.Parallel()
	rogues := []rogue{{id: "aa", grants: []string{"bb.run"}}, {id: "bb", grants: []string{"cc.run"}}, {id: "cc"}}
	const budget = 2*memorySize + memorySize/2 // of two marionettes
	s := newStage(t, rogues, sandbox.Config{MemoryBudget: budget}, kernel.Config{Running: 4}, "shop")
	_, _, e := s.run(t, "shop", "aa.run", asks("bb.run", asks("cc.run")), hostCall(abi.FuncNewID, nil))
	if e == nil || e.Code != abi.Unavailable || e.Reason != "capacity" {
		t.Errorf("three instances where two have room: %v", e)
	}
	if _, _, e := s.run(t, "shop", "aa.run", asks("bb.run")); e != nil {
		t.Errorf("two instances: %v", e)
	}
	var all sync.WaitGroup
	var fine, short atomic.Int64
	for worker := range 32 {
		all.Go(func() {
			for i := range 10 {
				operation, steps := "aa.run", []step{asks("bb.run")}
				if (worker+i)%2 == 0 {
					operation, steps = "bb.run", []step{asks("cc.run")}
				}
				switch _, _, e := s.run(t, "shop", operation, steps...); {
				case e == nil:
					fine.Add(1)
				case e.Code == abi.Unavailable && e.Reason == "capacity":
					short.Add(1)
				default:
					t.Errorf("%s: %v", operation, e)
				}
			}
		})
	}
	finish(t, &all, time.Minute)
	t.Logf("%d answered, %d had no memory", fine.Load(), short.Load())
	if fine.Load()+short.Load() != 320 || fine.Load() == 0 {
		t.Errorf("%d answered, %d had no memory, of 320", fine.Load(), short.Load())
	}
	if bad := s.kernel.Degraded(); len(bad) != 0 {
		t.Errorf("%v degraded for what the host had not", bad)
	}
	if st := s.box.Stats(); st.Memory > budget {
		t.Errorf("%d bytes of guests, the budget is %d", st.Memory, budget)
	}
}

// finish waits for all to end and fails the test if they do not: then they wait
// for each other.
func finish(t *testing.T, all *sync.WaitGroup, within time.Duration) {
	t.Helper()
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(within):
		t.Fatalf("not all have ended after %s", within)
	}
}

// TestConflictRunsTheCallerAgain: a callee's decision rests on what it read,
// although its caller caught the refusal; when another operation changes that
// meanwhile, the caller runs again and cannot tell.
func TestConflictRunsTheCallerAgain(t *testing.T) {
	t.Parallel()
	rogues := []rogue{
		{id: "caller", grants: []string{"purse.run"}, collections: []abi.Collection{things}},
		{id: "purse", collections: []abi.Collection{things}},
	}
	var s *stage
	var once sync.Once
	calls := 0
	hooks := kernel.Hooks{Nested: func(int) {
		if calls++; calls == 2 { // the first attempt has been refused, and goes on
			once.Do(func() {
				if _, _, e := s.run(t, "shop", "purse.run", hostCall(abi.FuncPut, putFrame(thing("balance", 10)))); e != nil {
					t.Error(e)
				}
			})
		}
	}}
	s = newStage(t, rogues, sandbox.Config{}, kernel.Config{Hooks: hooks}, "shop")
	look := asks("purse.run", hostCall(abi.FuncGet, getFrame(textKey("balance"))))
	fail := asks("purse.run", hostCall(abi.FuncGet, getFrame(textKey("balance"))), step{do: doTrap})
	keep := hostCall(abi.FuncPut, putFrame(thing("kept", 1)))
	got, usage, e := s.run(t, "shop", "caller.run", fail, keep, asks("purse.run"), look)
	if e != nil {
		t.Fatal(e)
	}
	found := got[3].nested()
	if usage.Attempts != 2 || got[0].code() != abi.Internal || found.code() != abi.OK {
		t.Errorf("%d attempts; the first call ended with %s, the last found %s", usage.Attempts, got[0].code(), found.code())
	}
}

// TestTenantsFaultsStayWithTheTenant: an app that one retailer's data makes
// fail answers the other retailers.
func TestTenantsFaultsStayWithTheTenant(t *testing.T) {
	t.Parallel()
	s := newStage(t, []rogue{{id: "sole"}}, sandbox.Config{}, kernel.Config{}, "rossi", "bianchi")
	for range 20 {
		if _, _, e := s.run(t, "rossi", "sole.run", step{do: doTrap}); e == nil {
			t.Fatal("no trap")
		}
	}
	if _, _, e := s.run(t, "rossi", "sole.run"); e == nil || e.Reason != "degraded" {
		t.Errorf("after twenty faults: %v", e)
	}
	if _, _, e := s.run(t, "bianchi", "sole.run"); e != nil {
		t.Errorf("the other tenant: %v", e)
	}
}

// TestWaitingIsNoFault: operations that never got a place are overload, and
// their app is not to blame.
func TestWaitingIsNoFault(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	hooks := kernel.Hooks{Nested: func(int) { started <- struct{}{}; <-release }}
	rogues := []rogue{{id: "slow", grants: []string{"quick.run"}}, {id: "quick", limits: manifest.Limits{TimeMillis: 20}}}
	s := newStage(t, rogues, sandbox.Config{}, kernel.Config{Running: 1, Hooks: hooks}, "shop")
	var first, all sync.WaitGroup
	first.Go(func() {
		if _, _, e := s.run(t, "shop", "slow.run", asks("quick.run")); e != nil && e.Code != abi.Deadline {
			t.Error(e)
		}
	})
	<-started
	for range 25 {
		all.Go(func() {
			_, err := s.kernel.Run(t.Context(), kernel.Call{Tenant: "shop", Operation: "quick.run", Input: program(), Principal: identity.Local()})
			if e, ok := errors.AsType[*kernel.Error](err); !ok || e.Public.Code != abi.Unavailable || e.Public.Reason != "overloaded" {
				t.Errorf("%v, want overloaded", err)
			}
		})
	}
	finish(t, &all, time.Minute) // by their own deadlines, for the place is taken
	close(release)
	finish(t, &first, time.Minute)
	if bad := s.kernel.Degraded(); len(bad) != 0 {
		t.Errorf("%v degraded", bad)
	}
	if _, _, e := s.run(t, "shop", "quick.run"); e != nil {
		t.Errorf("afterwards: %v", e)
	}
}
