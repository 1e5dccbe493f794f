package e2e

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// asks is a step that calls another app's command with a program.
func asks(operation string, steps ...step) step {
	return hostCall(abi.FuncCall, callFrame(operation, program(steps...)))
}

// TestG15 shows that a guest which only traps is left alone after twenty times,
// that its caller goes on without it, and that it is tried again.
func TestG15TwentyTrapsDegradeTheApp(t *testing.T) {
	t.Parallel()
	a := newArena(t, rogue{id: "fragile"}, rogue{id: "caller", grants: []string{"fragile.run"}, collections: []abi.Collection{things}})
	keep := hostCall(abi.FuncPut, putFrame(thing("kept", 1)))
	for i := range 20 {
		if bad := a.degraded(t); len(bad) != 0 {
			t.Fatalf("%v degraded after %d faults", bad, i)
		}
		got := a.must(t, "caller.run", asks("fragile.run", step{do: doTrap}), keep)
		if got[0].code() != abi.Internal || got[0].reason() != abi.ReasonAppFault || got[1].code() != abi.OK {
			t.Fatalf("the caller of a trap was told %s (%s)", got[0].code(), got[0].reason())
		}
	}
	if bad := a.degraded(t); !slices.Equal(bad, []string{"fragile@1.0.0"}) {
		t.Errorf("degraded: %v", bad)
	}
	if _, p := a.send(t, "fragile.run", program()); p == nil || p.Status != 503 || p.Reason != "degraded" || p.RetryAfter == 0 {
		t.Errorf("a degraded app answered %v", p)
	}
	got := a.must(t, "caller.run", asks("fragile.run"), keep)
	if got[0].code() != abi.Unavailable || got[1].code() != abi.OK {
		t.Errorf("the caller of a degraded app was told %s", got[0].code())
	}
	a.ahead.Add(int64(31 * time.Second))
	a.must(t, "fragile.run")
	if bad := a.degraded(t); len(bad) != 0 {
		t.Errorf("%v degraded after an answer", bad)
	}
}

// TestG15Traps shows each sort of trap at the edge of the host.
func TestG15EachSortOfTrap(t *testing.T) {
	t.Parallel()
	table := wasmtest.Module{Types: []wasmtest.Sig{{}}, Tables: []wasmtest.Table{{Limits: wasmtest.MinMax(2, 2)}}}
	end := wasmtest.I64Const(0)
	a := newArena(t,
		rogue{id: "unreachable", code: wasmtest.Unreachable()},
		rogue{id: "division", code: wasmtest.Seq(wasmtest.I32Const(1), wasmtest.I32Const(0), wasmtest.Op(0x6d), wasmtest.Drop(), end)},
		rogue{id: "indirect", wasm: table, code: wasmtest.Seq(wasmtest.I32Const(1), wasmtest.CallIndirect(0), end)},
		rogue{id: "bounds", code: wasmtest.Seq(wasmtest.I32Const(-8), wasmtest.I64Load(0))},
		rogue{id: "liar", code: wasmtest.I64Const(1 << 40)},
		rogue{id: "shapeless", code: wasmtest.I64Const(9)},
	)
	for _, id := range []string{"unreachable", "division", "indirect", "bounds", "liar", "shapeless"} {
		_, p := a.send(t, id+".run", program())
		if verdictOf(p) != faulted || strings.Contains(p.Detail, "wasm") || strings.Contains(p.Detail, "goroutine") {
			t.Errorf("%s: %v", id, p)
		}
	}
	if n, err := a.host.Metric("bottega_guest_instances"); err != nil || n > 1 { // shapeless answered, and lives
		t.Errorf("%v instances are alive after traps, %v", n, err)
	}
}

// TestG15Blame: an app that spends what an operation has and then calls another
// one does not make that one look faulty.
func TestG15NoAppIsDegradedForAnother(t *testing.T) {
	t.Parallel()
	a := newArena(t,
		rogue{id: "spender", limits: manifest.Limits{Units: 5_000}, grants: []string{"victim.run"}},
		rogue{id: "storm", grants: []string{"victim.run"}},
		rogue{id: "victim"},
	)
	for range 25 {
		_, p := a.send(t, "spender.run", program(asks("victim.run", step{do: doBurn, at: &span4{inPtr: 100_000}})))
		if verdictOf(p) != burnt {
			t.Fatalf("spending all units ended with %v", p)
		}
		gets := step{do: uint32(abi.FuncNewID), times: abi.MaxHostCalls - 2}
		_, p = a.send(t, "storm.run", program(gets, asks("victim.run", step{do: uint32(abi.FuncNewID), times: 2})))
		if verdictOf(p) != spent && verdictOf(p) != (verdict{503, "unavailable", "degraded"}) {
			t.Fatalf("spending all host calls ended with %v", p)
		}
	}
	a.must(t, "victim.run")
	if bad := a.degraded(t); !slices.Equal(bad, []string{"storm@1.0.0"}) {
		t.Errorf("degraded: %v, want the one that spent it", bad)
	}
}

// numbered is a step that puts records of a size under ever other keys, the
// first of which is first+1.
func numbered(first uint32, times uint32, body int) step {
	b := append(msgp.AppendString(msgp.AppendMapHeader(nil, 2), "id"), 0xce)
	at := len(b)
	b = msgp.AppendBytes(msgp.AppendString(binary.LittleEndian.AppendUint32(b, first), "body"), make([]byte, body))
	frame := putFrame(b)
	return step{do: uint32(abi.FuncPut), frame: frame, times: times, bump: 1, bumpAt: uint32(len(frame) - len(b) + at)}
}

// numberedKey is the key of the record that numbered puts in its nth call.
func numberedKey(n uint32) []byte {
	return abi.AppendKeyInt(nil, int64(binary.BigEndian.Uint32(binary.LittleEndian.AppendUint32(nil, n))))
}

// TestG18 holds the count of an app's storage to its records after every sort
// of write; the dump recomputes it.
func TestG18StorageQuotaIsExact(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	a := newArena(t,
		rogue{id: "hoarder", limits: manifest.Limits{StorageBytes: most}, collections: []abi.Collection{things}},
		rogue{id: "caller", grants: []string{"hoarder.run"}})
	usage := func() string { return a.dump(t)["uhoarder"] }
	full := func(r result) bool { return r.code() == abi.Exhausted && r.reason() == abi.ReasonQuota }

	got := a.must(t, "hoarder.run", numbered(0, 200, 1000))
	fits := got[0].oks
	size := most / int(fits+1)
	if !full(got[0]) || fits < 60 || size > 1100 {
		t.Fatalf("%d records of 1,000 bytes fit into 64 KiB, then %s", fits, got[0].reason())
	}
	filled := usage()
	remove := func(n uint32) step { return hostCall(abi.FuncDelete, getFrame(numberedKey(n))) }
	for _, c := range []struct {
		name  string
		steps []step
		want  []bool // each step: it is full
	}{
		{"one more record", []step{numbered(1000, 1, 1000)}, []bool{true}},
		{"a larger one in place of another", []step{numbered(0, 1, 3000)}, []bool{true}},
		{"deleting is allowed, and what is deleted twice counts once", []step{remove(0), remove(0), numbered(2000, 1, 1000), numbered(2001, 1, 1000)}, []bool{false, false, false, true}},
		{"a smaller one, and the space that it left", []step{numbered(2000, 1, 10), numbered(3000, 1, 900), numbered(3001, 1, 1500)}, []bool{false, false, true}},
	} {
		got := a.must(t, "hoarder.run", c.steps...)
		for i, r := range got {
			if full(r) != c.want[i] {
				t.Errorf("%s: step %d answered %s (%s)", c.name, i, r.code(), r.reason())
			}
		}
		a.dump(t)
	}
	before := usage()
	if _, p := a.send(t, "hoarder.run", program(remove(1), remove(2), step{do: doTrap})); verdictOf(p) != faulted {
		t.Errorf("%v", p)
	}
	undone := a.must(t, "caller.run", asks("hoarder.run", remove(1), remove(2), step{do: doTrap}))
	if undone[0].code() != abi.Internal || usage() != before {
		t.Errorf("after two operations that came to nothing the app keeps %s bytes, before %s", usage(), before)
	}
	for first := uint32(0); first < 4000; first += 1000 { // delete all
		var all []step
		for n := range uint32(100) {
			all = append(all, remove(first+n))
		}
		a.must(t, "hoarder.run", all...)
	}
	if got := usage(); got != "0" {
		t.Errorf("%s bytes are left of %s when nothing is", got, filled)
	}
}

// TestG19 shows that whoever reads without end holds nothing afterwards: a
// snapshot that stayed would keep the overlay from being emptied.
func TestG19SnapshotsAreReleased(t *testing.T) {
	t.Parallel()
	a := newArena(t, rogue{id: "reader", collections: []abi.Collection{things}})
	a.must(t, "reader.run", numbered(0, 100, 1000))
	scan := step{do: uint32(abi.FuncScan), frame: (&abi.Scan{Collection: "things", Limit: 3}).Append(nil), times: 20_000}
	for _, operation := range []string{"reader.run", "reader.look"} {
		for range 5 {
			if _, p := a.send(t, operation, program(scan)); verdictOf(p) != spent {
				t.Fatalf("%s ended with %v", operation, p)
			}
		}
		scan.times = 9_000
		if got, p := a.send(t, operation, program(scan)); p != nil || got[0].oks != 9_000 {
			t.Errorf("%d scans, %v", got[0].oks, p)
		}
		scan.times = 20_000
	}
	a.must(t, "reader.run", numbered(0, 100, 1000))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(settleTime); ; <-tick.C {
		keys, err := a.host.Metric("bottega_storage_overlay_keys")
		if err != nil {
			t.Fatal(err)
		}
		if keys == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v keys stay in memory for a snapshot that nobody reads", keys)
		}
	}
}

// forged is what a guest would like to see in a log or a terminal.
const forged = "x\x1b[2J\x1b[31m\r\n2026-11-21T00:00:00.000Z [ERROR] forged: money moved\u202e\x00\u009b\u2028y"

// TestG21 sends hostile text along every way that leads into the log.
func TestG21LogsCannotBeForged(t *testing.T) {
	t.Parallel()
	// The name of an export is the only text of a module that could be shown.
	named := wasmtest.Module{Funcs: []wasmtest.Func{{Export: forged, Code: wasmtest.Unreachable()}}}
	a := newArena(t, rogue{id: "writer"}, rogue{id: "named", wasm: named, code: wasmtest.Seq(wasmtest.Call(0), wasmtest.I64Const(0))})
	line := func(l abi.Log) step { return hostCall(abi.FuncLog, l.Append(nil)) }
	failure := func(code abi.Code) step {
		e := abi.Error{Code: code, Reason: forged, Message: forged, Pointer: forged, Fields: []abi.Field{{Name: forged, Text: forged}}}
		frame := e.Append(nil)
		s := step{do: doFail, frame: frame, times: 1}
		s.at = &span4{inPtr: 10 + 2*stepSize, inLen: uint32(len(frame)), outPtr: uint32(code)}
		return s
	}
	print := append(binary.LittleEndian.AppendUint32(make([]byte, 4), uint32(len(forged))), forged...)
	a.must(t, "writer.run",
		line(abi.Log{Level: abi.LogError, Message: forged}),
		line(abi.Log{Level: abi.LogInfo, Message: "fields", Fields: []abi.Field{{Name: forged, Text: forged}, {Name: forged, Int: 1, IsInt: true}}}),
		line(abi.Log{Level: 200, Message: forged}))
	for _, program := range [][]byte{
		program(step{do: doPrint, frame: print}, step{do: doTrap}),
		program(failure(abi.Internal)), program(failure(abi.Unavailable)), program(failure(abi.Invalid)),
	} {
		if _, p := a.send(t, "writer.run", program); p == nil {
			t.Error("a failure was answered as a success")
		}
	}
	if _, p := a.send(t, "named.run", program()); verdictOf(p) != faulted {
		t.Errorf("%v", p)
	}
	log := a.log.take()
	for _, want := range []string{"money moved", "writer@1.0.0", "named@1.0.0"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q", want)
		}
	}
	clean(t, log)
}

// clean checks a log as a terminal shows it.
func clean(t *testing.T, log string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		if strings.ContainsAny(line, "\x1b\r\x00\u009b\u202e\u2028") {
			t.Errorf("control characters in %q", line)
		}
		if strings.HasPrefix(line, "2026-11-21T00:00:00.000Z [ERROR] forged") {
			t.Errorf("a forged record: %q", line)
		}
		if len(line) > 16<<10 {
			t.Errorf("a line of %d bytes: %.100q", len(line), line)
		}
	}
}

// TestG20Logs: what one operation may add to the log is bounded, whatever its
// lines are like.
func TestG20LogStormsAreCapped(t *testing.T) {
	t.Parallel()
	a := newArena(t, rogue{id: "writer"})
	a.must(t, "writer.look")
	for name, frame := range map[string][]byte{
		"empty lines":          (&abi.Log{Level: abi.LogError}).Append(nil),
		"lines of 1 KiB":       (&abi.Log{Level: abi.LogError, Message: strings.Repeat("a", 1<<10)}).Append(nil),
		"lines of 600 KiB":     (&abi.Log{Level: abi.LogError, Message: strings.Repeat("a", 600<<10)}).Append(nil),
		"empty fields":         (&abi.Log{Level: abi.LogError, Fields: make([]abi.Field, 10)}).Append(nil),
		"what has to be shown": (&abi.Log{Level: abi.LogError, Message: strings.Repeat("\x1b", 1<<10)}).Append(nil),
	} {
		a.log.take()
		got := a.must(t, "writer.look", step{do: uint32(abi.FuncLog), frame: frame, times: 500})
		log := a.log.take()
		if len(log) > 2*abi.MaxLogBytes || got[0].reason() != abi.ReasonQuota {
			t.Errorf("%s: %d bytes in the log, the last line answered %s", name, len(log), got[0].reason())
		}
		if _, p := a.send(t, "writer.look", program(step{do: uint32(abi.FuncLog), frame: frame, times: 10_000_000})); verdictOf(p) != spent && verdictOf(p) != stopped {
			t.Errorf("%s, ten million times: %v", name, p)
		}
	}
}

// TestG30 compares what a guest could tell operations and instances apart by.
func TestG30RandomnessAndTime(t *testing.T) {
	t.Parallel()
	a := newArena(t, rogue{id: "puppet", grants: []string{"other.look"}}, rogue{id: "other"})
	draw := []step{{do: uint32(abi.FuncNow), times: 3}, hostCall(abi.FuncRandom, abi.AppendUint(nil, 48)), {do: uint32(abi.FuncNewID)}}
	seen := map[string]bool{}
	for i := range 20 {
		before := time.Now().UnixMilli()
		got := a.must(t, []string{"puppet.run", "puppet.look", "other.run"}[i%3], draw...)
		if now := int64(got[0].packed); now < before || now > time.Now().UnixMilli() || got[0].changes != 0 {
			t.Errorf("the clock showed %d after %d and changed %d times", now, before, got[0].changes)
		}
		for _, r := range got[1:] {
			if seen[string(r.answer)] {
				t.Errorf("%x twice", r.answer[:48])
			}
			seen[string(r.answer)] = true
		}
		if i%5 == 4 { // a fresh instance
			if _, p := a.send(t, "puppet.run", program(step{do: doTrap})); p == nil {
				t.Error("no trap")
			}
		}
	}
	got := a.must(t, "puppet.look", step{do: uint32(abi.FuncNow)}, hostCall(abi.FuncCall, callFrame("other.look", program(draw[0]))))
	if nested := got[1].nested(); nested.packed != got[0].packed {
		t.Errorf("another app of the operation sees %d, not %d", nested.packed, got[0].packed)
	}
}

// TestModulesThatNoHostStartsWith: a module that may not run is refused before
// the host serves, in time, and leaves nothing.
func TestModulesThatNoHostStartsWith(t *testing.T) {
	t.Parallel()
	end := wasmtest.I64Const(0)
	start := wasmtest.Module{Funcs: []wasmtest.Func{{Code: wasmtest.Spin()}}, Start: new(uint32)}
	table := func(n uint32) wasmtest.Module {
		return wasmtest.Module{Tables: []wasmtest.Table{{Limits: wasmtest.Min(n)}}}
	}
	for _, c := range []struct {
		name, want string
		compiled   bool // it was refused later
		rogue      rogue
		spoil      func(dir string) error
	}{
		{name: "G02_loop_in_the_start_section", want: "export_contract", compiled: true, rogue: rogue{wasm: start, code: end}},
		{name: "G07_memory_above_the_limit", want: "memory_limit", rogue: rogue{wasm: wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(513)}}, code: end}},
		{name: "G07_memory_above_its_own_limit", want: "memory_limit", rogue: rogue{limits: manifest.Limits{MemoryBytes: 1}, wasm: wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(2)}}, code: end}},
		{name: "G08_table_of_134_million", want: "table_limit", rogue: rogue{wasm: table(134_000_000), code: end}},
		{name: "G09_twenty_tables", want: "table_limit", rogue: rogue{wasm: wasmtest.Module{Tables: slices.Repeat(table(1<<27).Tables, 20)}, code: end}},
		{name: "G10_nested_blocks", want: "compile_limit", rogue: rogue{wasm: wasmtest.NestBomb("f", 20_000), code: end}},
		{name: "data_that_the_manifest_does_not_announce", want: "the manifest does not say so", compiled: true, rogue: rogue{hidden: []abi.Collection{{Name: "x\x00y", Key: []string{"id"}}}}},
		{name: "H45_another_module_than_described", want: "digest_mismatch", rogue: rogue{}, spoil: describe},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.rogue.id = "bad"
			modules, dir := writeModules(t, []rogue{c.rogue}), t.TempDir()
			if c.spoil != nil {
				if err := c.spoil(modules); err != nil {
					t.Fatal(err)
				}
			}
			begun := begin()
			h, err := host.New(t.Context(), host.Config{Dir: dir, Modules: modules, Preset: host.AllModules, Address: "127.0.0.1:0"})
			if err == nil {
				t.Fatal("the host has started", h.Close())
			}
			if took := begun.took(); !strings.Contains(err.Error(), c.want) || took > 5*time.Second {
				t.Errorf("%v after %v, want %s", err, took, c.want)
			}
			if staged, err := filepath.Glob(filepath.Join(dir, "cache", "*", "*")); err != nil || !c.compiled && len(staged) != 0 {
				t.Errorf("left behind: %v, %v", staged, err)
			}
		})
	}
}

// describe gives the manifest the digest of another module.
func describe(dir string) error {
	path := filepath.Join(dir, "bad.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var m manifest.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	m.Digest = fmt.Sprintf("%064x", 1)
	if text, err = json.Marshal(m); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
