package meter_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// guestCalls are calls of testdata/bigguest.
var guestCalls = []struct {
	f    string
	arg  uint64
	want string // part of the answer
	deep bool   // too deep for wazero's interpreter; want is the whole answer
}{
	{f: "cart", arg: 3, want: "2"},
	{f: "nested", arg: 1000, want: "2000 <nil> true", deep: true},
	{f: "nested", arg: 3000, want: "6000 <nil> true", deep: true},
	{f: "page", arg: 30, want: `<p title="8001505000029">2 × 39.73</p>`},
	{f: "words", arg: 40, want: "LINO40"},
	{f: "zone", arg: 1774746000, want: "Sun, 29 Mar 2026 03:00:00 +0200"},
	{f: "recurse", arg: 400, want: "803", deep: true},
}

// TestGoGuestRunsAsBefore runs a guest with encoding/json, html/template,
// regexp and time/tzdata in it, and deep recursion.
func TestGoGuestRunsAsBefore(t *testing.T) {
	t.Parallel()
	wasm, err := bigGuest()
	if err != nil {
		t.Fatal(err)
	}
	info, err := meter.Scan(wasm, meter.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if info.HiddenState || !info.HasMemory || info.MutableGlobals == 0 {
		t.Errorf("a Go guest can be snapshot, but Info says %v, %v, %d", info.HiddenState, info.HasMemory, info.MutableGlobals)
	}
	rewritten := rewrite(t, wasm, meter.Options{MaxPages: 4096})
	if most := len(wasm) * 108 / 100; len(rewritten) > most {
		t.Errorf("grew from %d to %d bytes, want at most %d", len(wasm), len(rewritten), most)
	}
	// The original runs in the interpreter, which has it ready much sooner.
	want := answers(t, newEngine(t, wazero.NewRuntimeConfigInterpreter()), wasm, false)
	for i, got := range answers(t, newEngine(t, wazero.NewRuntimeConfigCompiler()), rewritten, true) {
		c := guestCalls[i]
		if c.deep {
			want[i] = c.want
		}
		if got != want[i] || !strings.Contains(got, c.want) {
			t.Errorf("%s(%d) = %q\nwant %q, with %q in it", c.f, c.arg, got, want[i], c.want)
		}
	}
}

// answers makes all guestCalls in one instance, but the deep ones only if so
// asked.
func answers(t *testing.T, e *engine, wasm []byte, deep bool) []string {
	t.Helper()
	mountWASI(t, e)
	m := e.start(t, wasm)
	var all []string
	for _, c := range guestCalls {
		if c.deep && !deep {
			all = append(all, "")
			continue
		}
		r, err := m.ExportedFunction(c.f).Call(context.Background(), c.arg)
		if err != nil {
			t.Fatalf("%s(%d): %v", c.f, c.arg, err)
		}
		s, _ := m.Memory().Read(uint32(r[0]>>32), uint32(r[0]))
		all = append(all, string(s))
	}
	return all
}

func TestNames(t *testing.T) {
	t.Parallel()
	entry := func(i uint32, s string) []byte { return Seq(U32(i), U32(uint32(len(s))), []byte(s)) }
	section := func(entries ...[]byte) Section {
		names := append(U32(uint32(len(entries))), Seq(entries...)...)
		moduleName := []byte{0, 2, 1, 'm'}
		return Section{Body: Seq(entry(4, "name")[1:], moduleName, []byte{1}, U32(uint32(len(names))), names)}
	}
	m := Module{
		Imports: []Import{{Module: "env", Name: "f"}},
		Funcs:   []Func{{}, {}},
		Extra:   []Section{{Body: []byte{1, 'x', 1, 2, 3}}, section(entry(0, "imported"), entry(2, "second"))},
	}
	if got := names(t, m, true); got[0] != "imported" || got[4] != "second" || len(got) != 2 {
		t.Errorf("names are %v, want imported at 0 and second at 4", got)
	}
	if got := names(t, m, false); len(got) != 0 {
		t.Errorf("names are %v, want none", got)
	}
	m.Extra[1] = section(entry(9, "nobody"))
	if got := names(t, m, true); len(got) != 0 {
		t.Errorf("names are %v, want none: they name a function that is not there", got)
	}
}

// names are the names of functions that wazero finds.
func names(t *testing.T, m Module, keep bool) map[uint32]string {
	t.Helper()
	out := rewrite(t, m.Bytes(), meter.Options{KeepNames: keep})
	if bytes.Contains(out, []byte{1, 'x', 1, 2, 3}) {
		t.Error("another custom section is still there")
	}
	_, section, found := bytes.Cut(out, []byte("\x04name\x01"))
	if !found {
		return nil
	}
	u := func() uint32 {
		v, n := binary.Uvarint(section)
		section = section[n:]
		return uint32(v)
	}
	u()
	all := map[uint32]string{}
	for range u() {
		i, n := u(), u()
		all[i] = string(section[:n])
		section = section[n:]
	}
	e := newEngine(t, wazero.NewRuntimeConfigInterpreter())
	c, err := e.CompileModule(context.Background(), out)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.ImportedFunctions() {
		if name := all[f.Index()]; name != "" && f.Name() != name {
			t.Errorf("function %d is %q, want %q", f.Index(), f.Name(), name)
		}
	}
	return all
}

// TestIndexesMoveUp holds everything that can name a function.
func TestIndexesMoveUp(t *testing.T) {
	t.Parallel()
	answer := func(n int32) Func { return Func{Sig: Sig{Results: []Type{I32}}, Code: I32Const(n)} }
	byRef := Seq(I32Const(3), RefFunc(1), TableSet(), I32Const(3), CallIndirect(0))
	at := func(i int32) Func {
		return Func{Sig: Sig{Results: []Type{I32}}, Code: Seq(I32Const(i), CallIndirect(0))}
	}
	m := Module{
		Types:   []Sig{{Results: []Type{I32}}},
		Imports: []Import{{Module: "env", Name: "zero", Sig: Sig{Results: []Type{I32}}}},
		Funcs: []Func{
			answer(1), answer(2), {Code: Seq(I32Const(5), GlobalSet(0))},
			{Sig: Sig{Results: []Type{I32}}, Code: byRef}, at(0), at(1), at(2), at(4),
			{Sig: Sig{Results: []Type{I32}}, Code: Seq(Call(2), Call(0), I32Add(), GlobalGet(0), I32Add())},
			{Sig: Sig{Results: []Type{I32}}, Code: Seq(I32Const(4), GlobalGet(1), TableSet(), I32Const(4), CallIndirect(0))},
		},
		Tables:  []Table{{Limits: Min(5)}},
		Globals: []Global{{Type: I32, Mutable: true, Init: I32Const(0)}, {Type: FuncRef, Init: RefFunc(2)}},
		Start:   new(uint32),
		Elems: []Elem{
			{Funcs: []uint32{0, 1}},
			{Raw: Seq([]byte{4}, I32Const(2), End(), U32(1), RefFunc(2), End())},
			{Raw: Seq([]byte{6, 0}, I32Const(4), End(), []byte{0x70}, U32(1), RefFunc(1), End())},
			{Raw: Seq([]byte{1, 0}, U32(1), U32(1))},
			{Raw: Seq([]byte{5, 0x70}, U32(1), RefNull(FuncRef), End())},
			{Raw: Seq([]byte{3, 0}, U32(1), U32(2))},
			{Raw: Seq([]byte{2, 0}, I32Const(0), End(), []byte{0}, U32(1), U32(0))},
		},
	}
	*m.Start = 3
	want := []struct {
		f string
		n uint64
	}{{"d", 1}, {"e", 0}, {"f", 1}, {"g", 2}, {"h", 1}, {"i", 7}, {"j", 2}, {"h", 2}}
	for i := range m.Funcs {
		m.Funcs[i].Export = string(rune('a' + i))
	}
	e := newEngine(t, wazero.NewRuntimeConfigCompiler())
	_, err := e.NewHostModuleBuilder("env").NewFunctionBuilder().
		WithGoFunction(api.GoFunc(func(_ context.Context, s []uint64) { s[0] = 0 }), nil, []api.ValueType{api.ValueTypeI32}).
		Export("zero").Instantiate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, wasm := range [][]byte{m.Bytes(), rewrite(t, m.Bytes(), meter.Options{})} {
		mod := e.start(t, wasm)
		for _, w := range want {
			if got, err := mod.ExportedFunction(w.f).Call(context.Background()); err != nil || got[0] != w.n {
				t.Errorf("%s: got %v, %v; want %d", w.f, got, err, w.n)
			}
		}
	}
}
