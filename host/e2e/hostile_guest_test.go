package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// rogue is an app whose code no SDK made. It provides the contract of its id
// with the command run and the query look; both run the same code.
type rogue struct {
	id          string
	limits      manifest.Limits
	grants      []string
	events      []string
	slots       []manifest.Slot
	fills       []manifest.Fill
	collections []abi.Collection
	hidden      []abi.Collection // that the manifest does not announce
	counters    []string
	wasm        wasmtest.Module // what code calls, and its memory
	code        []byte          // of every handler; nil makes it a marionette
}

// The shapes that every operation and slot of a rogue has.
var (
	framed  = json.RawMessage(`{"type":"object","properties":{"frame":{"type":"string","contentEncoding":"base64"}},"required":["frame"],"additionalProperties":false}`)
	results = json.RawMessage(`{"type":"object","properties":{"results":{"type":"string","contentEncoding":"base64"}},"required":["results"],"additionalProperties":false}`)
)

func (r *rogue) entries() []abi.Entry {
	entries := []abi.Entry{{Kind: abi.EntryCommand, Name: r.id + ".run"}, {Kind: abi.EntryQuery, Name: r.id + ".look"}}
	for _, f := range r.fills {
		kind := abi.EntryFill
		if f.Key == "" {
			kind = abi.EntryQueryFill
		}
		entries = append(entries, abi.Entry{Kind: kind, Name: f.Slot, Key: f.Key})
	}
	for _, kind := range []abi.EntryKind{abi.EntryTimer, abi.EntryEffect, abi.EntryEffectDone, abi.EntryJob} {
		entries = append(entries, abi.Entry{Kind: kind, Name: unused})
	}
	return entries
}

// unused is the name of everything that a rogue announces only because a module
// may import no function that its manifest has no use for.
const unused = "unused"

// announce lets a rogue import everything: what it may do with it is asked when
// it runs.
func (r *rogue) announce(m *manifest.Manifest) {
	p := m.Provides
	p.Timers, p.Effects, p.Jobs = []string{unused}, []manifest.Effect{{Name: unused, Input: framed, Output: framed}}, []manifest.Job{{Name: unused, Input: framed, Output: framed}}
	p.Events = append(p.Events, manifest.Event{Name: r.id + "." + unused, Payload: framed})
	p.Slots = append(slices.Clone(p.Slots), manifest.Slot{Name: r.id + "." + unused, Kind: "query", Input: framed, Output: framed})
	p.Settings = json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`)
	m.Grants = append(m.Grants, manifest.Grant{HTTP: "hostile.example", Why: m.Name}, manifest.Grant{Call: "nobody." + unused, Why: m.Name})
}

// counted and kept are what the rogue keeps, and one unused of each.
func (r *rogue) counted() []string { return append(slices.Clone(r.counters), unused) }

func (r *rogue) kept() []abi.Collection {
	return append(slices.Clone(r.collections), abi.Collection{Name: unused, Key: []string{"frame"}})
}

func (r *rogue) manifest() *manifest.Manifest {
	text := manifest.Text{IT: "Ostile", EN: "Hostile"}
	m := &manifest.Manifest{
		ID: r.id, Version: "1.0.0", Kind: manifest.App, Name: text, Summary: text, Vendor: "test", Category: "test", Limits: r.limits,
		Provides: &manifest.Provides{
			Contract: r.id, Slots: r.slots, Fills: r.fills, Counters: r.counted(),
			Operations: []manifest.Operation{
				{Name: r.id + ".run", Kind: "command", Input: framed, Output: results},
				{Name: r.id + ".look", Kind: "query", Input: framed, Output: results},
			},
		},
	}
	for _, g := range r.grants {
		m.Grants = append(m.Grants, manifest.Grant{Call: g, Why: text})
	}
	for _, e := range r.events {
		m.Provides.Events = append(m.Provides.Events, manifest.Event{Name: e, Payload: framed})
	}
	for _, c := range r.kept() {
		shown := manifest.Collection{Name: c.Name, Key: c.Key, Expires: c.Expires, Subject: c.Subject, Record: framed}
		for _, x := range c.Indexes {
			shown.Indexes = append(shown.Indexes, manifest.Index{Name: x.Name, Fields: x.Fields, Unique: x.Unique})
		}
		m.Provides.Collections = append(m.Provides.Collections, shown)
	}
	r.announce(m)
	return m
}

// bytes assembles the module: the descriptor lies in the buffer until the
// first input comes.
func (r *rogue) bytes() []byte {
	described := (&abi.Descriptor{
		Version: abi.Version, App: r.id, Entries: r.entries(),
		Collections: slices.Concat(r.kept(), r.hidden), Counters: r.counted(), Settings: true,
	}).Append(nil)
	i32, i64 := wasmtest.I32, wasmtest.I64
	m, call, size := r.wasm, wasmtest.Func{Code: r.code}, int64(32<<10)
	if r.code == nil {
		m, call = marionette()
		size = bufferSize
	}
	if m.Memories == nil {
		m.Memories = []wasmtest.Limits{wasmtest.Min(1)}
	}
	call.Export, call.Sig = abi.ExportCall, wasmtest.Sig{Params: []wasmtest.Type{i32, i32}, Results: []wasmtest.Type{i64}}
	m.Datas = append(m.Datas, wasmtest.Data{Bytes: described})
	m.Exports = append(m.Exports, wasmtest.Export{Name: abi.ExportMemory, Kind: wasmtest.KindMemory})
	m.Funcs = append(m.Funcs, call,
		wasmtest.Func{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(size)},
		wasmtest.Func{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(int64(len(described)))})
	return m.Bytes()
}

// asBuilt is a manifest as it lies beside its module.
func asBuilt(m *manifest.Manifest, wasm []byte) *manifest.Manifest {
	sum := sha256.Sum256(wasm)
	m.Digest, m.Size = hex.EncodeToString(sum[:]), int64(len(wasm))
	return m
}

// writeModules puts the modules and their manifests into a folder.
func writeModules(t *testing.T, rogues []rogue) string {
	t.Helper()
	dir := t.TempDir()
	for i := range rogues {
		r := &rogues[i]
		paper, err := json.Marshal(asBuilt(r.manifest(), r.bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string][]byte{r.id + ".json": paper, r.id + ".wasm": r.bytes()} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// A marionette does what its input says, step by step: it makes host calls
// with any frame and any pointers, as often as it is told, and answers what
// they answered. Its memory is
//
//	0 … 2 MiB    the buffer: input, at the end the answer
//	2 … 3 MiB    the answer in the making
//	3 … 8 MiB    where host calls answer; zero until they do
const (
	bufferSize  = 2 << 20
	resultsAt   = 2 << 20
	outAt       = 3 << 20
	outSize     = 3 << 20
	zerosAt     = 6 << 20
	memorySize  = 8 << 20
	stepSize    = 40
	resultSize  = 512
	answerBytes = 496 // of an answer that a result keeps
)

// What a step may do beside calling a host function.
const (
	doTrap  = 100 + iota // unreachable
	doSpin               // for ever
	doEnd                // answer the results
	doFail               // answer the frame, an error, with the code in outPtr
	doPrint              // fd_write to stderr; the frame is one iovec and the text
	doGrow               // memory.grow by inPtr pages
	doBurn               // count to inPtr
)

// step is one thing that a marionette does.
type step struct {
	do    uint32 // an abi.Func or one of the above
	frame []byte
	times uint32 // 0 is once
	until bool   // stop repeating at the first code that is not OK
	at    *span4 // instead of where the frame lies and answers go

	// After each call, add 1 to each of bump numbers (32 bits, little endian)
	// in the frame, the first at bumpAt, the others bumpEvery bytes apart.
	bump, bumpAt, bumpEvery uint32
}

// span4 is what a host function gets: two pointers, each with a length.
type span4 struct{ inPtr, inLen, outPtr, outCap uint32 }

func hostCall(fn abi.Func, frame []byte) step { return step{do: uint32(fn), frame: frame} }

// program is the input of a marionette, as MessagePack.
func program(steps ...step) []byte {
	steps = append(slices.Clone(steps), step{do: doEnd})
	head := len(steps) * stepSize
	size := head
	for _, s := range steps {
		size += len(s.frame)
	}
	size = max(size, 256) // so that it never has the shortest header
	base := uint32(1 + 6 + 3)
	if size > math.MaxUint16 {
		base += 2
	}
	b := make([]byte, size)
	at := uint32(head)
	for i, s := range steps {
		copy(b[at:], s.frame)
		where := span4{base + at, uint32(len(s.frame)), outAt, outSize}
		if s.at != nil {
			where = *s.at
		}
		until := uint32(0)
		if s.until {
			until = 1
		}
		for j, v := range []uint32{s.do, max(s.times, 1), where.inPtr, where.inLen, where.outPtr, where.outCap, base + at + s.bumpAt, s.bump, s.bumpEvery, until} {
			binary.LittleEndian.PutUint32(b[i*stepSize+4*j:], v)
		}
		at += uint32(len(s.frame))
	}
	return msgp.AppendBytes(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "frame"), b)
}

// asJSON is a program as REST takes it.
func asJSON(t *testing.T, program []byte) []byte {
	t.Helper()
	_, rest, err := msgp.ReadMapHeaderBytes(program)
	if err == nil {
		_, rest, err = msgp.ReadStringZC(rest)
	}
	var frame []byte
	if err == nil {
		frame, _, err = msgp.ReadBytesZC(rest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return object{"frame": base64.StdEncoding.EncodeToString(frame)}.json(t)
}

// result is what one step of a marionette found.
type result struct {
	packed  uint64 // of the last call
	oks     uint32 // calls that answered OK
	changes uint32 // answers that differ from the one before, but for the first
	answer  []byte // beginning of the last one
}

func (r *result) code() abi.Code {
	code, _ := abi.Unpack(r.packed)
	return code
}

// reason reads the reason of an error frame.
func (r *result) reason() string {
	d := abi.NewDecoder(r.answer)
	if d.Byte() == 0 {
		return ""
	}
	return d.String()
}

func parseResults(t *testing.T, b []byte) []result {
	t.Helper()
	var all []result
	for ; len(b) >= resultSize; b = b[resultSize:] {
		all = append(all, result{
			packed: binary.LittleEndian.Uint64(b), oks: binary.LittleEndian.Uint32(b[8:]), changes: binary.LittleEndian.Uint32(b[12:]),
			answer: slices.Clone(b[16:resultSize]),
		})
	}
	if len(b) != 0 {
		t.Fatalf("%d bytes too many", len(b))
	}
	return all
}

// ofWire are the results in an answer as MessagePack, ofJSON as REST gives it.
func ofWire(t *testing.T, answer []byte) []result {
	t.Helper()
	if len(answer) < len(marionetteHeader)+4 {
		t.Fatalf("an answer of %d bytes", len(answer))
	}
	return parseResults(t, answer[len(marionetteHeader)+4:])
}

// nested is the first result of the marionette that a call answered: as much of
// it as was kept.
func (r *result) nested() result {
	b := r.answer[min(len(marionetteHeader)+4, len(r.answer)):]
	if len(b) < 16 {
		return result{}
	}
	return result{packed: binary.LittleEndian.Uint64(b), oks: binary.LittleEndian.Uint32(b[8:]), answer: b[16:]}
}

func ofJSON(t *testing.T, answer []byte) []result {
	t.Helper()
	var a struct{ Results []byte }
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatal(err)
	}
	return parseResults(t, a.Results)
}
