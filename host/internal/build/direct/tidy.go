package direct

import "encoding/binary"

// tidier rewrites the instructions of a function that body has written.
type tidier struct {
	b      []byte
	code   []edited
	params uint32 // locals that are parameters: the selector
	groups uint32 // of locals, as they are declared
	decl   []byte
	stack  uint32 // the local that the stack pointer is kept in
	global uint32 // the stack pointer
	base   uint32 // a local of its own, 8 below the stack pointer
}

// edited is an instruction and what has become of it.
type edited struct {
	instr
	gone   bool
	become []byte // stands for the instruction
	then   []byte // stands behind it
}

// tidy makes a function smaller and lets the engine look less often whether addresses
// lie within memory. It changes nothing in functions that do not begin by keeping the
// stack pointer in a local. Three things are taken for granted of compiled Go code:
//
//   - A call that returns 0 leaves the stack pointer as it found it. A stack only moves
//     while its goroutine is put aside, and then calls return 1: the runtime's newstack
//     ends in a switch, and a collection shrinks no stack of a goroutine that waits for
//     it (isShrinkStackSafe). So no host may call an export while it answers an import:
//     the export could move the stack below its caller and return as if nothing had been.
//   - All of a frame that a function speaks of is within memory as soon as its
//     prologue has run.
//   - The stack pointer and an offset into a frame never wrap around 4 GiB.
func tidy(b []byte) []byte {
	t, ok := read(b)
	if !ok || !t.lead() {
		return b
	}
	t.calls()
	t.addresses()
	t.comparisons()
	t.frame()
	t.elses()
	return t.write()
}

func read(b []byte) (*tidier, bool) {
	r := &reader{b: b}
	t := &tidier{b: b, params: 1, groups: r.u32()}
	start := r.pos
	t.base = t.params
	for i := uint32(0); i < t.groups && r.err == nil; i++ {
		t.base += r.u32()
		r.byte()
	}
	t.decl = b[start:r.pos]
	for r.more() {
		t.code = append(t.code, edited{instr: r.decode()})
	}
	return t, r.err == nil
}

func (t *tidier) write() []byte {
	out := binary.AppendUvarint(make([]byte, 0, len(t.b)+8), uint64(t.groups+1))
	out = append(append(out, t.decl...), 1, typeI32)
	for i := range t.code {
		switch e := &t.code[i]; {
		case e.gone:
		case e.become != nil:
			out = append(out, e.become...)
		case e.size() > 0:
			out = appendWith(out, e.op, e.align)
			out = binary.AppendUvarint(out, e.offset)
		default:
			out = append(out, t.b[e.start:e.end]...)
		}
		out = append(out, t.code[i].then...)
	}
	return out
}

// is tells whether instruction i is an op of a local or global, as it was.
func (t *tidier) is(i int, op byte, index uint32) bool {
	return i >= 0 && i < len(t.code) && t.code[i].op == op && t.code[i].index == index
}

// ops tells whether instructions follow one another.
func (t *tidier) ops(i int, ops ...byte) bool {
	for k, op := range ops {
		if i+k < 0 || i+k >= len(t.code) || t.code[i+k].op != op {
			return false
		}
	}
	return true
}

// leadAt is the instruction behind the selector's if: there the stack pointer is put
// into a local.
const leadAt = 6

func (t *tidier) lead() bool {
	if !t.ops(leadAt, opGlobalGet, opLocalSet) {
		return false
	}
	t.global, t.stack = t.code[leadAt].index, t.code[leadAt+1].index
	return true
}

// remove takes instructions out.
func (t *tidier) remove(from, to int) {
	for i := from; i < to; i++ {
		t.code[i].gone = true
	}
}

// inverses are the opposites of the ten comparisons of integers, in their order: eq ne
// lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u.
var inverses = [...]byte{1, 0, 8, 9, 6, 7, 4, 5, 2, 3}

// comparisons turns them round where their result is. The engine then compares and
// branches in one.
func (t *tidier) comparisons() {
	for i := 0; i+1 < len(t.code); i++ {
		if t.code[i+1].op != opI32Eqz {
			continue
		}
		switch e := &t.code[i]; {
		case e.op >= opI32Eq && e.op <= opI32GeU:
			e.become = []byte{opI32Eq + inverses[e.op-opI32Eq]}
		case e.op >= opI64Eq && e.op <= opI64GeU:
			e.become = []byte{opI64Eq + inverses[e.op-opI64Eq]}
		case e.op == opI64Eqz:
			e.become = []byte{opI64Const, 0, opI64Ne}
		default:
			continue
		}
		t.remove(i+1, i+2)
	}
}

// elses gives every if an else. Where one is missing wazero (1.12, frontend: only a
// block that is switched to gets the bounds that are known before it) forgets behind
// the if what it knew of addresses.
func (t *tidier) elses() {
	var open []int // the ifs that have none so far; -1 for other blocks
	for i := range t.code {
		switch e := &t.code[i]; e.op {
		case opBlock, opLoop:
			open = append(open, -1)
		case opIf:
			at := i
			if e.typed {
				at = -1
			}
			open = append(open, at)
		case opElse:
			if n := len(open) - 1; n >= 0 {
				open[n] = -1
			}
		case opEnd:
			if n := len(open) - 1; n >= 0 {
				if open[n] >= 0 {
					e.become = []byte{opElse, opEnd}
				}
				open = open[:n]
			}
		}
	}
}
