package sandbox

import (
	"bytes"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

func TestJoinData(t *testing.T) {
	t.Parallel()
	at := func(offset int32, s string) wasmtest.Data {
		return wasmtest.Data{Offset: wasmtest.I32Const(offset), Bytes: []byte(s)}
	}
	module := func(data ...wasmtest.Data) wasmtest.Module {
		return wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(1)}, Datas: data}
	}
	global := wasmtest.Module{
		Memories: []wasmtest.Limits{wasmtest.Min(1)},
		Globals:  []wasmtest.Global{{Type: wasmtest.I32, Init: wasmtest.I32Const(0)}},
		Datas:    []wasmtest.Data{{Offset: wasmtest.GlobalGet(0), Bytes: []byte("a")}, at(1, "b")},
	}
	counted := module(at(0, "a"), at(1, "b"))
	counted.DataCount = true
	for _, c := range []struct {
		name     string
		in, want wasmtest.Module
	}{
		{"neighbours", module(at(0, "ab"), at(2, "cd"), at(4, "")), module(at(0, "abcd"))},
		{"a gap", module(at(100, "a"), at(104, "b")), module(at(100, "a\x00\x00\x00b"))},
		{"a wide gap", module(at(0, "a"), at(maxGap+1, "b"), at(maxGap+3, "c")), module(at(0, "a"+string(make([]byte, maxGap))+"b\x00c"))},
		{"too wide a gap", module(at(0, "a"), at(maxGap+2, "b")), module(at(0, "a"), at(maxGap+2, "b"))},
		{"high addresses", module(at(-16, "a"), at(-15, "b")), module(at(-16, "ab"))},
		{"overlap", module(at(0, "ab"), at(1, "c")), module(at(0, "ab"), at(1, "c"))},
		{"descending", module(at(9, "ab"), at(0, "c")), module(at(9, "ab"), at(0, "c"))},
		{"descending and on", module(at(9, "ab"), at(0, "c"), at(3, "d")), module(at(9, "ab"), at(0, "c\x00\x00d"))},
		{"a gap that is not empty", module(at(2, "x"), at(0, "a"), at(4, "b")), module(at(2, "x"), at(0, "a"), at(4, "b"))},
		{"passive", module(at(0, "a"), wasmtest.Data{Passive: true, Bytes: []byte("b")}), module(at(0, "a"), wasmtest.Data{Passive: true, Bytes: []byte("b")})},
		{"from a global", global, global},
		{"counted", counted, counted},
		{"none", module(), module()},
	} {
		in := c.in.Bytes()
		before := bytes.Clone(in)
		if got, want := joinData(in), c.want.Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x", c.name, got, want)
		}
		if !bytes.Equal(in, before) {
			t.Errorf("%s: the module that was given has changed", c.name)
		}
	}
}

func FuzzJoinData(f *testing.F) {
	f.Add([]byte(probeModule))
	f.Add(wasmtest.Module{Datas: []wasmtest.Data{{Bytes: []byte("a")}, {Offset: wasmtest.I32Const(9), Bytes: []byte("b")}}}.Bytes())
	f.Fuzz(func(t *testing.T, wasm []byte) {
		once := joinData(wasm)
		if twice := joinData(once); !bytes.Equal(once, twice) {
			t.Errorf("%x becomes %x and then %x", wasm, once, twice)
		}
		if rest, data := cutData(wasm); data != nil && common(wasm, rest)+common(reversed(wasm), reversed(rest)) < len(rest) {
			t.Errorf("%x without one section is not %x", wasm, rest)
		}
	})
}

// common is how many bytes a and b begin with alike.
func common(a, b []byte) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func reversed(b []byte) []byte {
	b = bytes.Clone(b)
	slices.Reverse(b)
	return b
}

func TestDataAreThereWhoeverWritesThem(t *testing.T) {
	t.Parallel()
	at := func(offset int32, s string) wasmtest.Data {
		return wasmtest.Data{Offset: wasmtest.I32Const(offset), Bytes: []byte(s)}
	}
	in := func(m wasmtest.Module, data ...wasmtest.Data) wasmtest.Module {
		m.Datas = data
		return m
	}
	start := wasmtest.Module{Funcs: []wasmtest.Func{{}}, Start: new(uint32)}
	for _, c := range []struct {
		name string
		m    wasmtest.Module
		cut  bool
		want string // the first six bytes; nothing is a trap
	}{
		{"neighbours", in(wasmtest.Module{}, at(0, "ab"), at(2, "cdef")), true, "abcdef"},
		{"overlapping", in(wasmtest.Module{}, at(0, "abcdef"), at(2, "XY")), true, "abXYef"},
		{"none", wasmtest.Module{}, false, "\x00\x00\x00\x00\x00\x00"},
		{"at the very end", in(wasmtest.Module{}, at(0, "a"), at(wasmPage-1, "z")), true, "a\x00\x00\x00\x00\x00"},
		{"behind the end", in(wasmtest.Module{}, at(0, "a"), at(wasmPage-1, "zz")), true, ""},
		{"nothing behind the end", in(wasmtest.Module{}, at(wasmPage+1, "")), true, ""},
		{"a start function", in(start, at(0, "abcdef")), false, "abcdef"},
		{"counted", in(wasmtest.Module{DataCount: true}, at(0, "abcdef")), false, "abcdef"},
	} {
		wasm := hostile(c.m, nil, wasmtest.I64Const(6))
		rest, data := cutData(wasm)
		if (data != nil) != c.cut || bytes.Equal(rest, wasm) && c.cut {
			t.Errorf("%s: cut out %d segments, want any: %v", c.name, len(data), c.cut)
		}
		for _, engine := range []Engine{Compiler, Interpreter} {
			s := open(t, Config{})
			m := load(t, s, wasm, ModuleLimits{Engine: engine})
			if c.want == "" {
				if f := faultOf(t, s, m, call(0, "")); f.Kind != FaultTrap {
					t.Errorf("%s: %v, want a trap", c.name, f)
				}
			} else if got := run(t, s, m, call(0, "")); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	}
}
