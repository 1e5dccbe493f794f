package meter_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// one is a module of one function with that code, a memory, a table and a
// mutable global.
func one(code ...[]byte) Module {
	return Module{
		Memories: []Limits{MinMax(1, 1)},
		Tables:   []Table{{Limits: MinMax(1, 1)}},
		Globals:  []Global{{Type: I32, Mutable: true, Init: I32Const(0)}},
		Funcs:    []Func{{Code: Seq(code...), Export: "run"}},
	}
}

func memory(l Limits) Module { return Module{Memories: []Limits{l}} }
func tables(l ...Limits) Module {
	m := Module{}
	for _, l := range l {
		m.Tables = append(m.Tables, Table{Limits: l})
	}
	return m
}

func exports(names ...string) Module {
	m := Module{Funcs: []Func{{}}}
	for _, n := range names {
		m.Exports = append(m.Exports, Export{Name: n})
	}
	return m
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("f", i)
	}
	return names
}

func imports(is ...Import) Module { return Module{Imports: is} }

func section(id byte, body ...byte) Module { return Module{Extra: []Section{{ID: id, Body: body}}} }

func locals(n int) Module {
	m := one()
	m.Funcs[0].Locals = make([]Type, n)
	for i := range m.Funcs[0].Locals {
		m.Funcs[0].Locals[i] = I32
	}
	return m
}

func global(init []byte) Module { return Module{Globals: []Global{{Type: I32, Init: init}}} }

func startAt(i uint32) Module { return Module{Funcs: []Func{{}}, Start: &i} }

func funcs(n int) Module { return Module{Funcs: make([]Func, n)} }

func globals(n int) Module {
	m := Module{}
	for range n {
		m.Globals = append(m.Globals, Global{Type: I64, Init: I64Const(0)})
	}
	return m
}

func elems(e Elem) Module {
	m := one()
	m.Elems = []Elem{e}
	return m
}

func data(n, size int) Module {
	m := memory(MinMax(1, 1))
	for range n {
		m.Datas = append(m.Datas, Data{Bytes: make([]byte, size)})
	}
	return m
}

// refused lists, for each reason, modules that must be refused with it.
var refused = map[string]map[string]Module{
	meter.ReasonMemory: {
		"starts too large": memory(Min(513)),
		"maximum below":    memory(MinMax(513, 600)),
	},
	meter.ReasonTable: {
		"two tables":            tables(Min(1), Min(1)),
		"twenty huge tables":    tables(make([]Limits, 20)...),
		"starts too large":      tables(Min(65_537)),
		"may grow too large":    tables(MinMax(1, 1<<27)),
		"too many elem entries": elems(Elem{Funcs: make([]uint32, 65_537)}),
	},
	meter.ReasonCompile: {
		"loops and locals":  LoopBomb("run", 2001, 1000),
		"nested blocks":     NestBomb("run", 20_000),
		"br_table":          one(Block(Void, I32Const(0), BrTable(make([]uint32, 40_000), 0))),
		"locals":            locals(1001),
		"million locals":    {Funcs: []Func{{Raw: Seq(U32(1), U32(1_000_000), []byte{0x7f}, End())}}},
		"4G locals twice":   {Funcs: []Func{{Raw: Seq(U32(2), U32(math.MaxUint32), []byte{0x7f}, U32(math.MaxUint32), []byte{0x7f}, End())}}},
		"params and locals": {Funcs: []Func{{Sig: Sig{Params: make1000(I32)}, Locals: []Type{I32}}}},
		"results":           {Types: []Sig{{Results: append(make1000(I32), I32)}}},
		"functions":         funcs(50_001),
		"body":              one(Repeat(256<<10, Nop())),
		"globals":           globals(1001),
		"types":             section(1, U32(10_001)...),
		"segments":          section(12, U32(100_001)...),
		"data":              data(17, 1<<20-1000),
	},
	meter.ReasonExport: {
		"dollar": exports("$fuel"),
		"many":   exports(numbered(257)...),
	},
	meter.ReasonImport: {
		"meter":  imports(Import{Module: meter.Module, Name: meter.Tick, Sig: Sig{Results: []Type{I64}}}),
		"memory": section(2, Seq(U32(1), U32(1), []byte("m"), U32(1), []byte("m"), []byte{2, 0, 1})...),
		"global": section(2, Seq(U32(1), U32(1), []byte("m"), U32(1), []byte("g"), []byte{3, 0x7f, 1})...),
		"table":  section(2, Seq(U32(1), U32(1), []byte("m"), U32(1), []byte("t"), []byte{1, 0x70, 0, 1})...),
		"many":   imports(make([]Import, 257)...),
	},
	meter.ReasonFeature: {
		"simd":              one(Op(0xfd, U32(12), make([]byte, 16)), Drop()),
		"simd type":         {Funcs: []Func{{Sig: Sig{Params: []Type{V128}}}}},
		"simd local":        {Funcs: []Func{{Locals: []Type{V128}}}},
		"threads":           one(Op(0xfe, U32(3), []byte{0})),
		"shared memory":     memory(Limits{Min: 1, Max: 1, HasMax: true, Flags: 2}),
		"memory64":          memory(Limits{Min: 1, Max: 1, HasMax: true, Flags: 4}),
		"table64":           tables(Limits{Min: 1, Flags: 4}),
		"two memories":      {Memories: []Limits{Min(1), Min(1)}},
		"memory index":      one(Op(0x3f, []byte{1}), Drop()),
		"memory in access":  one(I32Const(0), Op(0x28, U32(0x42), U32(0), U32(0)), Drop()),
		"return_call":       one(Op(0x12, U32(0))),
		"return_call_indir": one(I32Const(0), Op(0x13, U32(0), U32(0))),
		"call_ref":          one(Op(0x14, U32(0))),
		"try":               one(Op(0x06, []byte{0x40}), End()),
		"try_table":         one(Op(0x1f, []byte{0x40}, U32(0)), End()),
		"throw":             one(Op(0x08, U32(0))),
		"tag section":       section(13, 1, 0, 0),
		"tag import":        section(2, Seq(U32(1), U32(1), []byte("m"), U32(1), []byte("t"), []byte{4, 0, 0})...),
		"gc":                one(Op(0xfb, U32(0), U32(0))),
		"struct type":       section(1, 1, 0x5f, 0),
		"rec group":         section(1, 1, 0x4e, 1, 0x60, 0, 0),
		"typed reference":   one(Op(0xd0, []byte{0x6e}), Drop()),
		"ref local":         {Funcs: []Func{{Raw: []byte{1, 1, 0x64, 0, 0x0b}}}},
		"extended const":    global(Seq(I32Const(1), I32Const(1), I32Add())),
		"table init expr":   section(4, Seq([]byte{1, 0x40, 0, 0x70, 0, 1}, RefNull(FuncRef), End())...),
	},
	meter.ReasonInvalid: {
		"function index":       one(Call(1)),
		"local index":          one(LocalGet(0), Drop()),
		"global index":         one(GlobalGet(1), Drop()),
		"global set":           one(I32Const(0), GlobalSet(2)),
		"label":                one(Br(1)),
		"label in table":       one(I32Const(0), BrTable([]uint32{0, 1}, 0)),
		"default label":        one(I32Const(0), BrTable([]uint32{0}, 1)),
		"type of block":        one(Block(TypeRef(9))),
		"negative block type":  one(Block(BlockType{0xff, 0x7f})),
		"type of call":         one(I32Const(0), CallIndirect(1)),
		"ref.func":             one(RefFunc(1), Drop()),
		"data segment":         one(DataDrop(0)),
		"elem segment":         one(ElemDrop(0)),
		"memory without":       {Funcs: []Func{{Code: Seq(MemorySize(), Drop())}}},
		"table without":        {Funcs: []Func{{Code: Seq(TableSize(), Drop())}}},
		"table index":          one(I32Const(0), Op(0x25, U32(1)), Drop()),
		"start":                startAt(1),
		"export":               {Funcs: []Func{{}}, Exports: []Export{{Name: "x", Index: 1}}},
		"export of nothing":    {Exports: []Export{{Name: "memory", Kind: KindMemory}}},
		"exported twice":       exports("a", "a"),
		"elem entry":           elems(Elem{Funcs: []uint32{1}}),
		"elem flags":           elems(Elem{Raw: U32(8)}),
		"elem without table":   {Funcs: []Func{{}}, Elems: []Elem{{Funcs: []uint32{0}}}},
		"data without memory":  {Datas: []Data{{Bytes: []byte("x")}}},
		"global of itself":     global(GlobalGet(0)),
		"constant call":        global(Call(0)),
		"constant function":    global(RefFunc(0)),
		"name not UTF-8":       exports("\xff"),
		"else alone":           one(Block(Void, Op(0x05))),
		"two elses":            one(I32Const(0), If(Void, Op(0x05), Op(0x05))),
		"unknown opcode":       one(Op(0xff)),
		"unknown misc opcode":  one(Misc(18)),
		"end missing":          {Funcs: []Func{{Raw: []byte{0, 0x01}}}},
		"bytes behind the end": {Funcs: []Func{{Raw: []byte{0, 0x0b, 0x0b}}}},
		"integer too long":     one(Op(0x41, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0}), Drop()),
		"integer too large":    one(Op(0x41, []byte{0xff, 0xff, 0xff, 0xff, 0x0f}), Drop()),
		"index too large":      one(Op(0x10, []byte{0x80, 0x80, 0x80, 0x80, 0x10})),
		"long 64-bit integer":  one(Op(0x42, Repeat(9, []byte{0x80}), []byte{2}), Drop()),
		"table below minimum":  tables(MinMax(2, 1)),
		"memory too large":     memory(MinMax(1, 65_537)),
		"limit flags":          memory(Limits{Flags: 8}),
		"types claimed":        section(1, U32(9000)...),
		"empty section":        section(1),
		"unknown section":      section(14, 0),
		"section twice":        {Funcs: []Func{{}}, Extra: []Section{{ID: 10, Body: []byte{0}}}},
		"bodies missing":       {Types: []Sig{{}}, Extra: []Section{{ID: 3, Body: []byte{1, 0}}}},
		"data count missing":   {Memories: []Limits{Min(1)}, Datas: []Data{{}}, Funcs: []Func{{Code: DataDrop(0)}}},
		"data count alone":     section(12, 1),
		"custom without name":  section(0, 5, 'a'),
	},
}

func make1000(t Type) []Type {
	ts := make([]Type, 1000)
	for i := range ts {
		ts[i] = t
	}
	return ts
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for reason, cases := range refused {
		for name, m := range cases {
			t.Run(reason+"/"+name, func(t *testing.T) {
				t.Parallel()
				_, err := meter.Scan(m.Bytes(), meter.Limits{})
				wantReject(t, err, reason)
				_, err = meter.Rewrite(m.Bytes(), meter.Options{})
				wantReject(t, err, reason)
			})
		}
	}
}

func wantReject(t *testing.T, err error, reason string) {
	t.Helper()
	var r *meter.Reject
	if !errors.As(err, &r) || r.Reason != reason || r.Detail == "" {
		t.Errorf("got error %v, want reason %s with a detail", err, reason)
	}
}

func TestBytesThatAreNoModule(t *testing.T) {
	t.Parallel()
	good := one(Spin()).Bytes()
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("hello, world"), "version 2": append([]byte("\x00asm\x02\x00\x00\x00"), good[8:]...),
		"component": []byte("\x00asm\x0d\x00\x01\x00"), "cut": good[:len(good)-1], "more": append(good[:len(good):len(good)], 1),
	} {
		_, err := meter.Scan(b, meter.Limits{})
		if r := (&meter.Reject{}); !errors.As(err, &r) || r.Reason != meter.ReasonInvalid {
			t.Errorf("%s: got %v, want %s", name, err, meter.ReasonInvalid)
		}
	}
	_, err := meter.Scan(good, meter.Limits{File: len(good) - 1})
	wantReject(t, err, meter.ReasonCompile)
	if _, err := meter.Scan(good, meter.Limits{File: len(good)}); err != nil {
		t.Error(err)
	}
}

// TestJustWithinLimits makes sure that no limit is off by one.
func TestJustWithinLimits(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Module{
		"memory":     memory(Min(512)),
		"high max":   memory(MinMax(1, 65_536)),
		"table":      tables(MinMax(1, 65_536)),
		"loops":      LoopBomb("run", 2000, 1000),
		"nesting":    NestBomb("run", 2048),
		"br_table":   one(Block(Void, I32Const(0), BrTable(make([]uint32, 8192), 0))),
		"locals":     locals(1000),
		"functions":  funcs(50_000),
		"body":       one(Repeat(256<<10-2, Nop())),
		"globals":    globals(1000),
		"exports":    exports(numbered(256)...),
		"imports":    imports(make([]Import, 256)...),
		"elems":      elems(Elem{Funcs: make([]uint32, 65_536)}),
		"empty":      {},
		"long index": one(Op(0x10, []byte{0x80, 0x80, 0x80, 0x80, 0x00})),
	} {
		if _, err := meter.Scan(m.Bytes(), meter.Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	zero := uint32(1)
	m := Module{
		Imports:  []Import{{Module: "bottega_v1", Name: "get", Sig: Sig{Params: []Type{I32, I64}, Results: []Type{F64}}}},
		Funcs:    []Func{{Export: "run", Sig: Sig{}}, {Code: Seq(I32Const(0), RefNull(FuncRef), TableSet())}},
		Memories: []Limits{Min(3)},
		Tables:   []Table{{Limits: Min(1)}},
		Globals: []Global{
			{Type: I32, Init: I32Const(0)}, {Type: I64, Mutable: true, Init: I64Const(0)},
			{Type: FuncRef, Mutable: true, Init: RefNull(FuncRef)}, {Type: F32, Mutable: true, Init: F32Const(1)},
		},
		Exports: []Export{{Name: "memory", Kind: KindMemory}},
		Start:   &zero,
	}
	got, err := meter.Scan(m.Bytes(), meter.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := &meter.Info{
		Imports: []meter.Import{{Module: "bottega_v1", Name: "get", Signature: meter.Signature{
			Params: []meter.ValueType{meter.I32, meter.I64}, Results: []meter.ValueType{meter.F64}}}},
		Exports: []meter.Export{{Name: "run", Signature: meter.Signature{Params: []meter.ValueType{}, Results: []meter.ValueType{}}},
			{Name: "memory", Kind: meter.KindMemory}},
		Functions: 2, HasMemory: true, MemoryMin: 3, MemoryMax: math.MaxUint32, HasStart: true,
		MutableGlobals: 2, HiddenState: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRejectNamesThePlace(t *testing.T) {
	t.Parallel()
	_, err := meter.Scan(one(Call(77)).Bytes(), meter.Limits{})
	if err == nil || !strings.Contains(err.Error(), "function 0: function 77 of 1 at byte") {
		t.Errorf("got %v", err)
	}
}
