package e2e

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// things is a collection with an index of each sort.
var things = abi.Collection{Name: "things", Key: []string{"id"}, Indexes: []abi.Index{
	{Name: "tag", Fields: []string{"tag"}}, {Name: "code", Fields: []string{"code"}, Unique: true},
}}

// thing is a record of things with a body of that many bytes.
func thing(id string, body int) []byte {
	b := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 2), "id"), id)
	return msgp.AppendBytes(msgp.AppendString(b, "body"), make([]byte, body))
}

func putFrame(record []byte) []byte {
	return (&abi.Put{Collection: "things", Record: record}).Append(nil)
}

func getFrame(key []byte) []byte { return (&abi.Get{Collection: "things", Key: key}).Append(nil) }

func textKey(s string) []byte { return abi.AppendKeyText(nil, s) }

func callFrame(operation string, input []byte) []byte {
	return (&abi.Invoke{Name: operation, Input: input}).Append(nil)
}

func emitFrame(name string, payload []byte) []byte {
	return (&abi.Emit{Name: name, Payload: payload}).Append(nil)
}

// answers expects one code and reason per step.
func answers(want ...abi.Error) func(*testing.T, []result) {
	return func(t *testing.T, got []result) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%d results, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i].code() != want[i].Code || want[i].Code != abi.OK && got[i].reason() != want[i].Reason {
				t.Errorf("step %d answered %s (%s), want %s (%s)", i, got[i].code(), got[i].reason(), want[i].Code, want[i].Reason)
			}
		}
	}
}

// hostileApps are the guests of the rows below.
func hostileApps() []rogue {
	bomb := func(id string, depth int) rogue {
		return rogue{id: id, limits: brief(1), wasm: wasmtest.CallBomb("bomb", depth), code: wasmtest.Seq(wasmtest.Call(uint32(depth)), wasmtest.I64Const(0))}
	}
	recurse := func(id string, locals int) rogue {
		return rogue{id: id, limits: brief(1), wasm: wasmtest.Recurse("recurse", locals), code: wasmtest.Seq(wasmtest.I64Const(1), wasmtest.Call(0))}
	}
	own := rogue{id: "puppet", grants: []string{"other.run", "other.look"}, events: []string{"puppet.happened"}, collections: []abi.Collection{things}, counters: []string{"sum"}}
	other := rogue{id: "other", events: []string{"other.happened"}, collections: []abi.Collection{things}, counters: []string{"sum"}}
	apps := []rogue{
		own, other,
		{id: "quick", limits: brief(32), collections: []abi.Collection{things}},
		bomb("tree-of-32", 32), bomb("tree-of-60", 60),
		{id: "fills", limits: brief(64), wasm: wasmtest.FillBomb("fill", 200, 64<<20), code: wasmtest.Seq(wasmtest.Call(0), wasmtest.I64Const(0))},
		recurse("deep", 0), recurse("wide", 200),
		{id: "grower", limits: brief(16)},
	}
	for level, id := range chain {
		r := rogue{id: id}
		if level+1 < len(chain) {
			r.grants = []string{chain[level+1] + ".run"}
		}
		apps = append(apps, r)
	}
	return apps
}

// chain is one app more than may be on the stack.
// Their ids do not look alike: a set of such is refused.
var chain = []string{"chain-amber", "chain-birch", "chain-copper", "chain-dune", "chain-elder", "chain-flint", "chain-garnet", "chain-hazel", "chain-ivory"}

// links is the input of an app of the chain: call the next one.
func links(level int) []byte {
	if level+1 == len(chain) {
		return program()
	}
	return program(hostCall(abi.FuncCall, callFrame(chain[level+1]+".run", links(level+1))))
}

func hostileRows() []row {
	const largest = abi.MaxRecord
	long := string(bytes.Repeat([]byte{'k'}, 64<<10))
	claim := abi.AppendUint(abi.AppendBool(abi.AppendString(nil, "things"), false), 1<<30)
	manyClaim := abi.AppendUint(abi.AppendString(nil, "things"), 1<<32)
	e := func(code abi.Code, reason string) abi.Error { return abi.Error{Code: code, Reason: reason} }
	scan := hostCall(abi.FuncScan, (&abi.Scan{Collection: "things"}).Append(nil))
	times := func(s step, n uint32) step { s.times = n; return s }
	return []row{
		{name: "G01_loop_in_a_handler", call: "quick.run", steps: []step{hostCall(abi.FuncPut, putFrame(thing("before", 9))), {do: doSpin}}, want: stopped, within: inTime},
		{name: "G01_loop_in_many_requests_at_once", call: "quick.run", steps: []step{{do: doSpin}}, times: 16, want: stopped, or: refused, within: inTime},
		{name: "G01_loop_burns_its_units", call: "puppet.run", steps: []step{{do: doSpin}}, want: burnt},
		{name: "G03_call_tree_of_depth_32", call: "tree-of-32.run", want: stopped, within: inTime},
		{name: "G03_call_tree_of_depth_60", call: "tree-of-60.run", want: stopped, within: inTime},
		{name: "G04_fills_in_a_straight_line", call: "fills.run", want: stopped, within: inTime, budget: 64 << 20},
		{name: "G05_recursion", call: "deep.run", want: faulted, budget: 1 << 20},
		{name: "G05_recursion_with_200_locals_x8", call: "wide.run", want: faulted, times: 8, budget: 8 << 20},
		{name: "G06_memory_to_the_cap_and_past_it", call: "grower.run", budget: 16 << 20,
			steps: []step{{do: doGrow, times: 500, until: true, at: &span4{inPtr: 1}}, {do: doGrow, at: &span4{inPtr: 1}}},
			check: func(t *testing.T, got []result) {
				if got[0].oks != 128 || got[1].packed != 1<<64-1 {
					t.Errorf("grew %d times, then %x; want 128 pages, then -1", got[0].oks, got[1].packed)
				}
			}},
		{name: "G06_guest_aborts_at_the_cap", call: "grower.run", budget: 16 << 20, want: faulted,
			steps: []step{{do: doGrow, times: 500, until: true, at: &span4{inPtr: 1}}, {do: doTrap}}},
		{name: "G16_pointers_past_memory_in_each_host_function", call: "puppet.run", steps: badPointers(), check: allInvalid},
		{name: "G17_values_and_keys_that_claim_too_much", call: "puppet.run", budget: 8 << 20,
			steps: []step{
				hostCall(abi.FuncPut, claim),
				{do: uint32(abi.FuncPut), at: &span4{inPtr: zerosAt - 1, inLen: 1<<20 + 1, outPtr: outAt, outCap: outSize}},
				hostCall(abi.FuncPut, putFrame(thing("x", largest))),
				hostCall(abi.FuncPut, putFrame(thing(long, 0))),
				hostCall(abi.FuncPut, putFrame(msgp.AppendMapHeader(nil, 0))),
				hostCall(abi.FuncGet, getFrame(textKey(long))),
				hostCall(abi.FuncGet, getFrame(nil)),
				hostCall(abi.FuncDelete, getFrame(nil)),
				hostCall(abi.FuncCounter, (&abi.Get{Collection: "sum"}).Append(nil)),
				hostCall(abi.FuncAdd, (&abi.Add{Counter: "sum", Key: textKey(long)}).Append(nil)),
				hostCall(abi.FuncGetMany, manyClaim),
				hostCall(abi.FuncGetMany, (&abi.GetMany{Collection: "things", Keys: make([][]byte, 1001)}).Append(nil)),
				hostCall(abi.FuncScan, (&abi.Scan{Collection: "things", Prefix: textKey(long)}).Append(nil)),
				hostCall(abi.FuncRandom, abi.AppendUint(nil, 1<<30)),
				hostCall(abi.FuncCounters, manyClaim),
				hostCall(abi.FuncCounters, (&abi.GetMany{Collection: "sum", Keys: make([][]byte, 1001)}).Append(nil)),
				hostCall(abi.FuncCounters, (&abi.GetMany{Collection: "sum", Keys: [][]byte{textKey("x"), textKey(long)}}).Append(nil)),
			},
			check: answers(e(abi.Invalid, "frame"), e(abi.TooLarge, "host_input"), e(abi.TooLarge, "record"), e(abi.TooLarge, "key"), e(abi.Invalid, "record"),
				e(abi.TooLarge, "key"), e(abi.Invalid, "key"), e(abi.Invalid, "key"), e(abi.Invalid, "key"), e(abi.TooLarge, "key"),
				e(abi.Invalid, "frame"), e(abi.TooLarge, "keys"), e(abi.TooLarge, "key"), e(abi.TooLarge, "random"),
				e(abi.Invalid, "frame"), e(abi.TooLarge, "keys"), e(abi.TooLarge, "key"))},
		{name: "G17_a_thousand_copies_of_the_largest_record", call: "puppet.run", budget: 32 << 20,
			steps: []step{hostCall(abi.FuncPut, putFrame(thing("large", largest-100))), hostCall(abi.FuncGetMany, (&abi.GetMany{Collection: "things", Keys: slices.Repeat([][]byte{textKey("large")}, 1000)}).Append(nil)), {do: doTrap}},
			want:  faulted},
		{name: "G18_the_largest_writes_in_one_operation", call: "puppet.run", budget: 32 << 20, steps: []step{largeWrites(), {do: doTrap}}, want: faulted},
		{name: "G20_reads_of_ever_other_keys", call: "puppet.run", budget: 32 << 20, steps: []step{largeReads()},
			check: answers(e(abi.Exhausted, "quota"))},
		{name: "G19_a_hundred_thousand_scans", call: "puppet.run", steps: []step{times(scan, 100_000)}, want: spent},
		{name: "G20_ten_million_gets", call: "puppet.run", steps: []step{times(hostCall(abi.FuncGet, getFrame(textKey("x"))), 10_000_000)}, want: spent},
		{name: "G20_host_calls_that_cost_nothing", call: "quick.run", steps: []step{{do: uint32(abi.FuncNow), times: 1 << 31}}, want: stopped, within: inTime},
		{name: "G27_a_million_events", call: "puppet.run", steps: []step{times(hostCall(abi.FuncEmit, emitFrame("puppet.happened", thing("x", 0))), 1_000_000)}, want: spent},
		{name: "G27_events_past_the_quota", call: "puppet.run", writes: true, steps: []step{times(hostCall(abi.FuncEmit, emitFrame("puppet.happened", thing("x", 0))), 200)},
			check: func(t *testing.T, got []result) {
				if got[0].oks != abi.MaxEvents || got[0].reason() != abi.ReasonQuota {
					t.Errorf("%d events, then %s", got[0].oks, got[0].reason())
				}
			}},
		{name: "G27_events_that_may_not_be", call: "puppet.run", budget: 8 << 20,
			steps: []step{
				{do: uint32(abi.FuncEmit), at: &span4{inPtr: resultsAt + 1<<19, inLen: 5 << 20, outPtr: outAt, outCap: 1 << 10}},
				hostCall(abi.FuncEmit, emitFrame("puppet.happened", thing("x", 300<<10))),
				hostCall(abi.FuncEmit, emitFrame("other.happened", thing("x", 0))),
				hostCall(abi.FuncEmit, emitFrame("puppet.happened", []byte("no map"))),
				hostCall(abi.FuncEmit, (&abi.Emit{Name: "puppet.happened", Key: long, Payload: thing("x", 0)}).Append(nil)),
			},
			check: answers(e(abi.TooLarge, "host_input"), e(abi.TooLarge, "event"), e(abi.Denied, "event"), e(abi.Invalid, "event"), e(abi.TooLarge, "event"))},
		{name: "G28_calls_that_were_not_granted", call: "puppet.run",
			steps: []step{
				hostCall(abi.FuncCall, callFrame("probe.look", program())),
				hostCall(abi.FuncCall, callFrame("puppet.run", program())),
				hostCall(abi.FuncCall, callFrame("puppet.look", program())),
				hostCall(abi.FuncCall, callFrame("nobody.run", program())),
				hostCall(abi.FuncEach, callFrame("other.slot", program())),
				hostCall(abi.FuncCall, callFrame("other.run", program())),
			},
			check: answers(e(abi.Denied, "grant"), e(abi.Denied, "reentrant"), e(abi.Denied, "reentrant"), e(abi.NotFound, "operation"), e(abi.NotFound, "operation"), abi.Error{})},
		{name: "G28_chain_of_nine_apps", call: chain[0] + ".run", steps: []step{hostCall(abi.FuncCall, callFrame(chain[1]+".run", links(1)))}, budget: 80 << 20, check: chainEnds},
		{name: "G30_a_million_clock_readings", call: "puppet.run", steps: []step{{do: uint32(abi.FuncNow), times: 1_000_000}},
			check: func(t *testing.T, got []result) {
				if got[0].changes != 0 || got[0].packed == 0 {
					t.Errorf("the clock changed %d times and shows %d", got[0].changes, got[0].packed)
				}
			}},
	}
}

// largeWrites puts 1,000 different records of nearly the largest size.
func largeWrites() step {
	b := msgp.AppendString(msgp.AppendMapHeader(nil, 2), "id")
	at := len(b) + 1
	b = msgp.AppendBytes(msgp.AppendString(append(b, 0xd2, 1, 1, 1, 1), "body"), make([]byte, abi.MaxRecord-100))
	frame := putFrame(b)
	return step{do: uint32(abi.FuncPut), frame: frame, times: 1000, bump: 1, bumpAt: uint32(len(frame) - len(b) + at)}
}

// largeReads reads 1,000 different keys of nearly the longest length, again and
// again, none of them twice.
func largeReads() step {
	key := textKey(strings.Repeat("k", 700))
	var keys [][]byte
	for i := range int64(1000) {
		keys = append(keys, append(abi.AppendKeyInt(nil, i<<32), key...))
	}
	frame := (&abi.GetMany{Collection: "things", Keys: keys}).Append(nil)
	one := len(keys[0]) + 2
	first := len(frame) - 1000*one
	return step{do: uint32(abi.FuncGetMany), frame: frame, times: 10_000, until: true, bump: 1000, bumpAt: uint32(first + 2 + 5), bumpEvery: uint32(one)}
}

// badPointers is every host function that takes pointers with pointers that lie
// outside of the memory, wrap around, or nearly do.
func badPointers() (steps []step) {
	const end = memorySize
	for _, fn := range abi.Funcs() {
		for i, at := range []span4{
			{0, 0, end - 6, 7}, {0, 0, end + 1, 0}, {0, 0, 1<<32 - 1, 1}, {0, 0, 1<<32 - 1, 1<<32 - 1}, {0, 0, 0, 1<<32 - 1},
			{end - 6, 7, 0, 0}, {end + 1, 0, 0, 0}, {1<<32 - 1, 1, 0, 0}, {1<<32 - 1, 1<<32 - 1, 0, 0}, {0, 1<<32 - 1, 0, 0},
		} {
			if fn == abi.FuncNow || fn == abi.FuncFetch && i >= 5 { // fetch takes nothing
				continue
			}
			steps = append(steps, step{do: uint32(fn), at: &at})
		}
	}
	return steps
}

func allInvalid(t *testing.T, got []result) {
	t.Helper()
	if len(got) < 190 {
		t.Errorf("only %d calls", len(got))
	}
	for i, r := range got {
		if r.code() != abi.Invalid {
			t.Errorf("call %d answered %s", i, r.code())
		}
	}
}

// chainEnds follows the answers down the chain: each app but the last one that
// may run was answered, and that one was refused.
func chainEnds(t *testing.T, got []result) {
	t.Helper()
	r := got[0]
	for level := 1; level+1 < len(chain); level++ {
		if r.code() != abi.OK {
			t.Fatalf("%s answered %s (%s)", chain[level], r.code(), r.reason())
		}
		r = r.nested()
	}
	if r.code() != abi.Exhausted || r.reason() != abi.ReasonCallDepth {
		t.Errorf("%s answered %s (%s), want exhausted (call_depth)", chain[len(chain)-1], r.code(), r.reason())
	}
}

func TestHostileGuests(t *testing.T) {
	a := newArena(t, hostileApps()...)
	a.must(t, "other.run", hostCall(abi.FuncPut, putFrame(thing("treasure", 100))))
	a.must(t, "probe.look")
	for _, r := range hostileRows() {
		t.Run(r.name, func(t *testing.T) { r.run(t, a) })
	}
	log := a.log.take()
	if strings.Contains(log, "goroutine ") || strings.Contains(log, "panic") {
		t.Errorf("a Go panic in the log:\n%.2000s", log)
	}
	if bad := a.degraded(t); bad != nil {
		t.Errorf("degraded without twenty faults in a row: %v", bad)
	}
}
