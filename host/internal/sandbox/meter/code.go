package meter

import "encoding/binary"

// code builds instructions.
type code []byte

func (c code) op(opcodes ...byte) code { return append(c, opcodes...) }

func (c code) with(opcode byte, index uint32) code {
	return binary.AppendUvarint(append(c, opcode), uint64(index))
}

func (c code) i32(v uint32) code { return appendSigned(append(c, opI32Const), int64(int32(v))) }

func appendSigned(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// More opcodes, which only inserted code uses.
const (
	void      = 0x40
	opSelect  = 0x1b
	opI32LeU  = 0x4d
	opI32GeS  = 0x4e
	opI64LtS  = 0x53
	opI64GeS  = 0x59
	opI32Add  = 0x6a
	opI32Sub  = 0x6b
	opI32Shl  = 0x74
	opI32ShrU = 0x76
	opI64Add  = 0x7c
	opI64Sub  = 0x7d
	opExtendU = 0xad
)

// indexes are what the added items are called in the rewritten module.
type indexes struct {
	firstOwn               uint32 // the guest's own functions begin here and move up by added
	tick, overflow, settle uint32 // functions
	fuel, depth            uint32 // globals
}

// added is how many imported functions Rewrite adds.
const added = 2

func (m *module) indexes() indexes {
	own, globals := uint32(m.imported()), uint32(len(m.globals))
	return indexes{
		firstOwn: own, tick: own, overflow: own + 1, settle: uint32(len(m.funcs)) + added,
		fuel: globals, depth: globals + 1,
	}
}

// function is where a function of the guest is now.
func (x *indexes) function(i uint32) uint32 {
	if i >= x.firstOwn {
		return i + added
	}
	return i
}

// charge pays a unit and looks no further.
func (x *indexes) charge() code {
	return code{}.with(opGlobalGet, x.fuel).op(opI64Const, 1, opI64Sub).with(opGlobalSet, x.fuel)
}

// check pays a unit and settles a debt.
func (x *indexes) check() code {
	return append(x.charge(), x.settled()...)
}

// settled settles a debt if there is one. The likely case comes first: wazero's
// register allocator lets the code behind go on from the state of the branch
// that it has seen first, and behind a call no register holds anything.
func (x *indexes) settled() code {
	c := code{}.with(opGlobalGet, x.fuel).op(opI64Const, 0, opI64GeS, opIf, void, opElse)
	return c.with(opCall, x.settle).op(opEnd)
}

// chargeIn and checkIn are charge and check where a local holds a copy of the
// counter. The counter itself is written all the same, so that nothing need be
// done where the copy goes out of use; what is saved is reading it back, which
// makes the smallest loops 1.6 times as slow.
func (x *indexes) chargeIn(copy uint32) code {
	c := code{}.with(opLocalGet, copy).op(opI64Const, 1, opI64Sub)
	return c.with(opLocalTee, copy).with(opGlobalSet, x.fuel)
}

func (x *indexes) checkIn(copy uint32) code {
	c := x.chargeIn(copy).with(opLocalGet, copy).op(opI64Const, 0, opI64GeS, opIf, void, opElse)
	return append(c.with(opCall, x.settle), x.load(copy)...).op(opEnd)
}

// load copies the counter to a local.
func (x *indexes) load(copy uint32) code {
	return code{}.with(opGlobalGet, x.fuel).with(opLocalSet, copy)
}

// enter takes words from the stack that is left, and notes in a local what was
// left before. Putting that back is faster than adding words again, since it
// need not wait for what the calls in between wrote.
func (x *indexes) enter(words, before uint32) code {
	c := code{}.with(opGlobalGet, x.depth).with(opLocalTee, before)
	c = c.i32(words).op(opI32Sub).with(opGlobalSet, x.depth)
	c = c.with(opGlobalGet, x.depth).op(opI32Const, 0, opI32GeS, opIf, void, opElse)
	return c.with(opCall, x.overflow).op(opUnreachable, opEnd)
}

func (x *indexes) leave(before uint32) code {
	return code{}.with(opLocalGet, before).with(opGlobalSet, x.depth)
}

// settleBody is the body of the added function, which ticks until the counter
// is not below zero any more. Debts are paid, not forgotten.
func (x *indexes) settleBody() code {
	c := code{0, opLoop, void}.with(opGlobalGet, x.fuel).op(opI64Const, 0, opI64LtS, opIf, void)
	c = c.with(opCall, x.tick).with(opGlobalGet, x.fuel).op(opI64Add).with(opGlobalSet, x.fuel)
	return c.op(opBr, 1, opEnd, opEnd, opEnd)
}

// paysByLength tells whether an instruction's work is the number on the stack.
func paysByLength(op int) bool {
	switch op {
	case opMemoryGrow, opMemoryInit, opMemoryCopy, opMemoryFill,
		opTableInit, opTableCopy, opTableGrow, opTableFill:
		return true
	}
	return false
}

// lengthUnits turns the length in a local into the units that an instruction
// pays for it beside the one that it pays in any case.
func (e *emitter) lengthUnits(op int, length uint32) code {
	c := code{}.with(opLocalGet, length)
	switch op {
	case opMemoryGrow:
		return unlessAbove(c.i32(6).op(opI32Shl), length, e.growPages)
	case opTableGrow:
		return unlessAbove(c.i32(7).op(opI32ShrU), length, e.growEntries)
	case opTableInit, opTableCopy, opTableFill:
		return c.i32(7).op(opI32ShrU)
	}
	return c.i32(10).op(opI32ShrU)
}

// unlessAbove makes units zero for a growth that is going to fail.
func unlessAbove(units code, length, most uint32) code {
	return units.op(opI32Const, 0).with(opLocalGet, length).i32(most).op(opI32LeU, opSelect)
}
