package direct

// The opcodes that have a name here because some rule speaks of them. The sandbox reads
// modules by code of its own: that refuses what is hostile, and knows limits and names of
// what it reads; this reads what a compiler has just written, and a build needs no sandbox.
const (
	opUnreachable  = 0x00
	opNop          = 0x01
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opDrop         = 0x1a
	opSelect       = 0x1b
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableSet     = 0x26
	opFirstLoad    = 0x28
	opI32Load8U    = 0x2d
	opLastLoad     = 0x35
	opFirstStore   = 0x36
	opI64Store     = 0x37
	opLastStore    = 0x3e
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI32Eqz       = 0x45
	opI32Eq        = 0x46
	opI32GeU       = 0x4f
	opI64Eqz       = 0x50
	opI64Eq        = 0x51
	opI64Ne        = 0x52
	opI64GeU       = 0x5a
	opI32Clz       = 0x67 // the first of 3 with one operand
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI64Clz       = 0x79
	opI64Add       = 0x7c
	opI64ShrU      = 0x88
	opF32Abs       = 0x8b // the first of 7
	opF64Abs       = 0x99
	opF64Copysign  = 0xa6 // the last with two operands
	opI32WrapI64   = 0xa7
	opI64ExtendU   = 0xad
	opLastNumber   = 0xc4
	opRefNull      = 0xd0
	opRefIsNull    = 0xd1
	opRefFunc      = 0xd2
	opMisc         = 0xfc

	void    = 0x40 // the type of a block without values
	typeI32 = 0x7f
)

// instr is one instruction.
type instr struct {
	op         byte
	start, end int      // of its bytes in the function
	index      uint32   // label, local, global or function
	value      int64    // of a constant integer
	labels     []uint32 // of br_table, the default last
	typed      bool     // a block with values
	align      uint32   // of a load or store
	offset     uint64   // of a load or store
}

// decode reads the next instruction.
func (r *reader) decode() (in instr) {
	in.start = r.pos
	in.op = r.byte()
	switch op := in.op; {
	case op == opBlock, op == opLoop, op == opIf:
		in.typed = r.signed() != void-0x80
	case op == opBr, op == opBrIf, op == opCall, op >= opLocalGet && op <= opTableSet,
		op == opMemorySize, op == opMemoryGrow, op == opRefNull, op == opRefFunc:
		in.index = r.u32()
	case op == opBrTable:
		in.labels = r.labels()
	case op == opCallIndirect:
		in.index = r.u32()
		r.u32()
	case op == opI32Const, op == opI64Const:
		in.value = r.signed()
	case op == opF32Const:
		r.take(4)
	case op == opF64Const:
		r.take(8)
	case op >= opFirstLoad && op <= opLastStore:
		in.align, in.offset = r.u32(), uint64(r.u32())
	case op == opMisc:
		r.misc()
	case op <= opNop, op == opElse, op == opEnd, op == opReturn, op == opDrop, op == opSelect,
		op >= opI32Eqz && op <= opLastNumber, op == opRefIsNull:
	default:
		r.fail()
	}
	in.end = r.pos
	return in
}

func (r *reader) labels() (all []uint32) {
	n := r.u32()
	for i := uint32(0); i <= n && r.err == nil; i++ {
		all = append(all, r.u32())
	}
	return all
}

// misc reads what follows the prefix of conversions and bulk instructions.
func (r *reader) misc() {
	switch op := r.u32(); {
	case op <= 7:
	case op == 8, op == 10, op == 12, op == 14:
		r.u32()
		r.u32()
	case op <= 17:
		r.u32()
	default:
		r.fail()
	}
}

// accessed are the bytes that each load and store speaks of.
var accessed = [...]uint64{4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4}

// size is how many bytes a load or store speaks of, 0 of other instructions.
func (in *instr) size() uint64 {
	if in.op < opFirstLoad || in.op > opLastStore {
		return 0
	}
	return accessed[in.op-opFirstLoad]
}

func (in *instr) stores() bool { return in.op >= opFirstStore && in.op <= opLastStore }

// operands says how many values an instruction takes and gives; ok is false of calls,
// of those that straight code ends with, and of rare ones.
func (in *instr) operands() (takes, gives int, ok bool) {
	switch op := in.op; {
	case op == opNop:
		return 0, 0, true
	case op == opLocalGet, op == opGlobalGet, op >= opI32Const && op <= opF64Const:
		return 0, 1, true
	case op == opLocalSet, op == opGlobalSet, op == opDrop:
		return 1, 0, true
	case op == opLocalTee, op >= opFirstLoad && op <= opLastLoad, in.unary():
		return 1, 1, true
	case in.stores():
		return 2, 0, true
	case op >= opI32Eq && op <= opF64Copysign:
		return 2, 1, true
	case op == opSelect:
		return 3, 1, true
	}
	return 0, 0, false
}

// unary tells whether it makes one number of one.
func (in *instr) unary() bool {
	op := in.op
	return op == opI32Eqz || op == opI64Eqz ||
		op >= opI32Clz && op <= opI32Clz+2 || op >= opI64Clz && op <= opI64Clz+2 ||
		op >= opF32Abs && op <= opF32Abs+6 || op >= opF64Abs && op <= opF64Abs+6 ||
		op >= opI32WrapI64 && op <= opLastNumber
}
