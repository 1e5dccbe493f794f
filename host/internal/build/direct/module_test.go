package direct

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// vector is a section's contents: how many, and each.
func vector(all ...[]byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(all))), bytes.Join(all, nil)...)
}

func sized(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }

// module is one with two imports and functions, all from i32 to i32.
func module(bodies ...[]byte) []byte {
	types := vector([]byte{0x60, 0, 0}, []byte{0x60, 1, typeI32, 1, typeI32})
	imports := vector([]byte("\x01m\x01a\x00\x00"), []byte("\x01m\x01b\x00\x00"))
	var kinds, code [][]byte
	for _, b := range bodies {
		kinds, code = append(kinds, []byte{1}), append(code, sized(b))
	}
	out := []byte(header)
	for _, s := range []section{
		{secType, types}, {secImport, imports}, {secFunction, vector(kinds...)}, {5, []byte{1, 0, 1}},
		{secCode, vector(code...)}, {0, []byte("\x04note...")},
	} {
		out = append(append(out, s.id), sized(s.contents)...)
	}
	return out
}

// functionsOf are the bodies of a module.
func functionsOf(t *testing.T, wasm []byte) (functions, []section) {
	t.Helper()
	all, err := split(wasm)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFunctions(all)
	if err != nil {
		t.Fatal(err)
	}
	return f, all
}

func TestModule(t *testing.T) {
	t.Parallel()
	loop := function(t, "get 2; eqz; if; goto 0; end", "i32 0; return")
	straight := append(append([]byte{}, locals...), assemble(t, "i32 0; end")...)
	in := module(straight, loop, straight, loop)
	out, err := Module(in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Module(bytes.Clone(in))
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("the same module does not give the same bytes, %v", err)
	}
	f, all := functionsOf(t, out)
	if len(f.bodies) != 6 || len(f.types) != 6 || f.types[5] != 1 || f.imported != 2 {
		t.Fatalf("%d functions, types %v: want two more of type 1", len(f.bodies), f.types)
	}
	for i, original := range map[int][]byte{0: straight, 2: straight, 4: loop, 5: loop} {
		if !bytes.Equal(f.bodies[i], original) {
			t.Errorf("function %d is %x", i, f.bodies[i])
		}
	}
	for i, call := range map[int]string{1: "call 6;", 3: "call 7;"} { // behind two imports
		if text := disassemble(t, f.bodies[i][len(locals)+2:]); !strings.Contains(text, call) {
			t.Errorf("function %d hands over to another than %s its original: %s", i, call, text)
		}
	}
	if before, _ := split(in); len(all) != len(before) || string(all[5].contents) != string(before[5].contents) {
		t.Error("other sections are not as they were")
	}
	if twice, err := Module(out); err != nil || len(twice) < len(out) {
		t.Errorf("what was written cannot be read: %v", err)
	}
}

// TestModulesStayWithinLimits of hosts: what was accepted is not refused afterwards.
func TestModulesStayWithinLimits(t *testing.T) {
	t.Parallel()
	large := func(n int) []byte { // a function with n bytes more
		return function(t, "get 2; eqz; if; goto 0; end; "+strings.Repeat("nop;", n), "i32 0; return")
	}
	count := func(wasm []byte) int {
		out, err := Module(wasm)
		if err != nil || len(out) > maxModule {
			t.Errorf("%d bytes became %d, %v", len(wasm), len(out), err)
		}
		f, _ := functionsOf(t, out)
		return len(f.bodies)
	}
	full := module(slices.Repeat([][]byte{large(0)}, 300)...)
	note := make([]byte, maxModule-len(full)-10_000)
	full = append(append(full, 0), sized(note)...)
	if n := count(full); n < 400 || n >= 600 {
		t.Errorf("%d functions: want as many more as find room", n)
	}
	if n := count(module(large(maxBody - 20))); n != 1 {
		t.Error("a function becomes too large")
	}
	if n := count(module(large(2 * maxBody))); n != 1 {
		t.Error("a function that is too large is written again")
	}
	if n := count(module(slices.Repeat([][]byte{large(0)}, maxFunctions-3)...)); n != maxFunctions {
		t.Errorf("%d functions, want %d", n, maxFunctions)
	}
}

// TestMalformedModules must be refused, or may be written as they are, but never panic.
func TestMalformedModules(t *testing.T) {
	t.Parallel()
	good := module(function(t, "i64 9; set 2", "get 2; eqz; if; goto 3; end", "get 2; i64 -1; add; set 2; goto 1", push+"; i32 0; call 5; "+back+"; leave?; i32 0; return"))
	for n := range good {
		_, _ = Module(good[:n]) // whatever it says
		for _, c := range []byte{0x00, 0x05, 0x0b, 0x40, 0x7f, 0x80, 0xff} {
			bad := bytes.Clone(good)
			bad[n] = c
			_, _ = Module(bad)
		}
	}
	for name, bad := range map[string]string{
		"nothing":                       "",
		"text":                          "(module)",
		"another version":               "\x00asm\x02\x00\x00\x00",
		"half a section":                header + "\x01\x05\x01",
		"types without end":             header + "\x01\x05\xff\xff\xff\xff\x0f",
		"no function type":              header + "\x01\x04\x01\x5f\x00\x00",
		"imports without end":           header + "\x02\x05\xff\xff\xff\xff\x0f",
		"an imported memory":            header + "\x02\x07\x01\x01m\x01a\x02\x00",
		"functions without code":        header + "\x03\x02\x01\x00",
		"code without functions":        header + "\x0a\x04\x01\x02\x00\x0b",
		"a function longer than code":   header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x04\x01\x09\x00\x0b",
		"a size that never ends":        header + "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"a size beyond 32 bits":         header + "\x01\xff\xff\xff\xff\xff\x01",
		"a function section of nothing": header + "\x03\x00",
	} {
		if out, err := Module([]byte(bad)); err == nil {
			t.Errorf("%s: became %x", name, out)
		}
	}
	if out, err := Module([]byte(header)); err != nil || string(out) != header {
		t.Errorf("an empty module became %x, %v", out, err)
	}
}

func FuzzModule(f *testing.F) {
	f.Add([]byte(header))
	f.Add(module(function(f, "nop; goto 1", "i32 0; return")))
	f.Add(module(function(f, "i64 9; set 2", "get 2; eqz; if; goto 3; end", "get 2; i64 -1; add; set 2; goto 1", "i32 0; return")))
	f.Add(module(function(f, made+"; "+push+"; i32 0; call 2; "+back+"; leave?; goto 1", "get 1; extend_u; i64 8; add; wrap; load 8; set 2; get 2; eqz; if; goto 1; end; "+gone)))
	f.Add(module(function(f, "get 2; wrap; set 0; i32 0; get 0; call_indirect 1; leave?; goto 1", "get 2; get 3; lt_s; i32.eqz; if; nop; else; goto 0; end; i32 0; return")))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		out, err := Module(wasm)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(out, []byte(header)) {
			t.Fatalf("became %x", out)
		}
		if _, err := Module(out); err != nil && len(out) <= maxModule {
			t.Errorf("%v: cannot read what it has written of %x", err, wasm)
		}
	})
}
