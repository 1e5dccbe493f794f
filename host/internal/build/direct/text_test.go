package direct

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// The tests write functions as text: instructions separated by ";" or by lines, without
// the names' first part where nothing else has it. "goto 2" in a piece is the jump to
// another, "leave?" the way out behind a call.

// form is what stands behind an opcode.
type form byte

const (
	plain  form = iota
	typed       // a block without values
	index       // of a local, a global, a function or a label
	number      // a constant
	offset      // of a load or store
	labels      // of a br_table
	kind        // of a call_indirect
)

var words = []struct {
	name string
	op   byte
	form form
}{
	{"unreachable", opUnreachable, plain}, {"nop", opNop, plain}, {"block", opBlock, typed}, {"loop", opLoop, typed},
	{"if", opIf, typed}, {"else", opElse, plain}, {"end", opEnd, plain}, {"br", opBr, index}, {"br_if", opBrIf, index},
	{"br_table", opBrTable, labels}, {"return", opReturn, plain}, {"call", opCall, index}, {"call_indirect", opCallIndirect, kind},
	{"drop", opDrop, plain}, {"select", opSelect, plain}, {"get", opLocalGet, index}, {"set", opLocalSet, index},
	{"tee", opLocalTee, index}, {"global.get", opGlobalGet, index}, {"global.set", opGlobalSet, index},
	{"i32.load", 0x28, offset}, {"load", 0x29, offset}, {"load8", opI32Load8U, offset}, {"store", opI64Store, offset},
	{"store8", 0x3c, offset}, {"i32", opI32Const, number}, {"i64", opI64Const, number}, {"i32.eqz", opI32Eqz, plain},
	{"i32.eq", opI32Eq, plain}, {"i32.ne", 0x47, plain}, {"i32.le_u", 0x4d, plain}, {"i32.gt_u", 0x4b, plain},
	{"eqz", opI64Eqz, plain}, {"eq", opI64Eq, plain}, {"ne", opI64Ne, plain}, {"lt_s", 0x53, plain}, {"ge_s", 0x59, plain},
	{"f64.lt", 0x63, plain}, {"i32.add", opI32Add, plain}, {"i32.sub", opI32Sub, plain}, {"add", opI64Add, plain},
	{"shr_u", opI64ShrU, plain}, {"wrap", opI32WrapI64, plain}, {"extend_u", opI64ExtendU, plain},
}

// assemble writes instructions.
func assemble(t testing.TB, text string) (code []byte) {
	t.Helper()
next:
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\n", ";"), ";") {
		in := strings.Fields(line)
		if len(in) == 0 {
			continue
		}
		for _, w := range words {
			if w.name == in[0] {
				code = append(append(code, w.op), w.form.immediates(t, in[1:])...)
				continue next
			}
		}
		t.Fatalf("unknown instruction %q", line)
	}
	return code
}

func (f form) immediates(t testing.TB, in []string) (b []byte) {
	t.Helper()
	var n []int64
	for _, s := range in {
		v, err := strconv.ParseInt(s, 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		n = append(n, v)
	}
	switch f {
	case typed:
		return []byte{void}
	case index:
		return binary.AppendUvarint(nil, uint64(n[0]))
	case kind:
		return append(binary.AppendUvarint(nil, uint64(n[0])), 0)
	case offset:
		return binary.AppendUvarint([]byte{0}, uint64(n[0]))
	case number:
		return signed(n[0])
	case labels:
		b = binary.AppendUvarint(nil, uint64(len(n)-1))
		for _, l := range n {
			b = binary.AppendUvarint(b, uint64(l))
		}
	}
	return b
}

func signed(v int64) (b []byte) {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// disassemble reads instructions to the function's end.
func disassemble(t testing.TB, code []byte) string {
	t.Helper()
	r := &reader{b: code}
	var all []string
next:
	for r.more() {
		in := r.decode()
		for _, w := range words {
			if w.op == in.op {
				all = append(all, w.form.text(w.name, &in))
				continue next
			}
		}
		t.Fatalf("unknown opcode %#x in %x", in.op, code)
	}
	if r.err != nil {
		t.Fatalf("%v: %x", r.err, code)
	}
	return strings.Join(all, "; ")
}

func (f form) text(name string, in *instr) string {
	switch f {
	case index, kind:
		return fmt.Sprint(name, " ", in.index)
	case offset:
		return fmt.Sprint(name, " ", in.offset)
	case number:
		return fmt.Sprint(name, " ", in.value)
	case labels:
		return name + " " + strings.Trim(fmt.Sprint(in.labels), "[]")
	}
	return name
}

// locals are those of all functions here: the stack pointer, 1, and four numbers. The
// local that tidy adds is 6.
var locals = []byte{2, 1, typeI32, 4, 0x7e}

// function is a function in the compiler's shape. Its selector is the piece.
func function(t testing.TB, pieces ...string) []byte {
	t.Helper()
	n := len(pieces)
	table := make([]string, n+1)
	for i := range table {
		table[i] = strconv.Itoa(min(i, n-1))
	}
	text := "global.get 0; set 1; block; loop;" + strings.Repeat("block;", n) +
		"get 0; br_table " + strings.Join(table, " ") + "; end;"
	for i, p := range pieces {
		text += connect(p, n-1-i) + "; end;"
	}
	return append(append([]byte{}, locals...), assemble(t, text+"unreachable; end; i32 1; end")...)
}

// connect writes a piece's jumps out. The label of the loop is that outside the piece.
func connect(piece string, loop int) string {
	var out []string
	depth := 0
	for in := range strings.SplitSeq(piece, ";") {
		in = strings.TrimSpace(in)
		to, jumps := strings.CutPrefix(in, "goto ")
		switch {
		case in == "block", in == "loop", in == "if":
			depth++
		case in == "end":
			depth--
		case in == "leave?":
			in = fmt.Sprint("br_if ", depth+loop+1)
		case jumps:
			in = fmt.Sprint("i32 ", to, "; set 0; br ", depth+loop)
		}
		out = append(out, in)
	}
	return strings.Join(out, "; ")
}

// same compares instructions whatever they are separated by.
func same(a, b string) bool { return normal(a) == normal(b) }

func normal(text string) string {
	var all []string
	for in := range strings.SplitSeq(strings.ReplaceAll(text, "\n", ";"), ";") {
		if in = strings.Join(strings.Fields(in), " "); in != "" {
			all = append(all, in)
		}
	}
	return strings.Join(all, "; ")
}
