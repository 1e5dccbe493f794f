package meter

import (
	"encoding/binary"
	"slices"
)

// indexes are what the added items are called in the rewritten module.
type indexes struct {
	firstOwn       uint32 // the guest's own functions begin here and move up by added
	tick, overflow uint32 // functions
	fuel, depth    uint32 // globals
}

// added is how many imported functions Rewrite adds.
const added = 2

// function is where a function of the guest is now.
func (x *indexes) function(i uint32) uint32 {
	if i >= x.firstOwn {
		return i + added
	}
	return i
}

// code builds instructions.
type code []byte

func (c code) op(opcodes ...byte) code { return append(c, opcodes...) }

func (c code) with(opcode byte, index uint32) code {
	return binary.AppendUvarint(append(c, opcode), uint64(index))
}

func (c code) i32(v uint32) code { return appendSigned(append(c, opI32Const), int64(v)) }

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
	void       = 0x40
	opI32LtS   = 0x48
	opI32LeU   = 0x4d
	opI64LtS   = 0x53
	opI32Add   = 0x6a
	opI32Sub   = 0x6b
	opI32Shl   = 0x74
	opI32ShrU  = 0x76
	opI64Add   = 0x7c
	opI64Sub   = 0x7d
	opExtendU  = 0xad
	opSelect   = 0x1b
	groupOfOne = 1
)

// charge pays a unit and looks no further.
func (x *indexes) charge() code {
	return code{}.with(opGlobalGet, x.fuel).op(opI64Const, 1, opI64Sub).with(opGlobalSet, x.fuel)
}

// check pays a unit and ticks once if the counter is below zero.
func (x *indexes) check() code {
	c := x.charge().with(opGlobalGet, x.fuel).op(opI64Const, 0, opI64LtS, opIf, void)
	return append(c, x.refill()...).op(opEnd)
}

// settle ticks until the counter is no longer below zero, so that what is to
// come is paid for before it begins.
func (x *indexes) settle() code {
	c := code{opLoop, void}.with(opGlobalGet, x.fuel).op(opI64Const, 0, opI64LtS, opIf, void)
	return append(c, x.refill()...).op(opBr, 1, opEnd, opEnd)
}

// refill adds to the counter, so that debts are not forgotten.
func (x *indexes) refill() code {
	return code{}.with(opCall, x.tick).with(opGlobalGet, x.fuel).op(opI64Add).with(opGlobalSet, x.fuel)
}

// enter takes words from the stack that is left.
func (x *indexes) enter(words uint32) code {
	c := code{}.with(opGlobalGet, x.depth).i32(words).op(opI32Sub).with(opGlobalSet, x.depth)
	c = c.with(opGlobalGet, x.depth).op(opI32Const, 0, opI32LtS, opIf, void)
	return c.with(opCall, x.overflow).op(opUnreachable, opEnd)
}

// leave gives them back.
func (x *indexes) leave(words uint32) code {
	return code{}.with(opGlobalGet, x.depth).i32(words).op(opI32Add).with(opGlobalSet, x.depth)
}

// emitter writes rewritten function bodies. What stays as it was is copied in
// long runs.
type emitter struct {
	in          decoder
	path        path
	x           indexes
	types       *typeTable
	plain       code   // charge
	checked     code   // check
	growPages   uint32 // memory.grow by more than that fails
	growEntries uint32 // table.grow by more than that fails
	out         []byte
	copied      int // everything before it is in out
}

// function writes one body, without its size.
func (e *emitter) function(b *body, sig signature) {
	e.in.pos, e.in.end, e.in.locals = b.start, b.end, int(b.locals)
	e.localGroups(b)
	e.out = append(e.out, e.checked...)
	if b.calls {
		e.out = append(e.out, e.x.enter(b.weight)...)
		e.out = append(append(e.out, opBlock), e.types.block(sig.results)...)
	}
	e.path.start()
	e.in.pos, e.copied = b.code, b.code
	var in instr
	for len(e.path.frames) > 0 {
		e.instruction(&in, b)
	}
	e.flush(e.in.pos)
	if b.calls { // the last end has closed our block
		e.out = append(e.out, e.x.leave(b.weight)...)
		e.out = append(e.out, opEnd)
	}
}

// localGroups writes the list of locals, with one for a length if need be.
func (e *emitter) localGroups(b *body) {
	all := e.in.b
	if !b.bulk {
		e.out = append(e.out, all[b.start:b.code]...)
		return
	}
	e.in.u32()
	e.out = binary.AppendUvarint(e.out, uint64(b.groups)+1)
	e.out = append(e.out, all[e.in.pos:b.code]...)
	e.out = append(e.out, groupOfOne, byte(I32))
}

func (e *emitter) instruction(in *instr, b *body) {
	e.in.next(in)
	if e.path.due() {
		e.insert(in.start, e.plain)
		e.path.paid()
	}
	if b.bulk && e.path.reached() && e.payLength(in, b.locals) {
		e.path.paid()
	}
	outermost := uint32(len(e.path.frames) - 1)
	e.path.step(in, e.in.labels)
	switch in.op {
	case opCall, opRefFunc:
		if in.index >= e.x.firstOwn {
			e.replace(in, code{}.with(byte(in.op), e.x.function(in.index)))
		}
	case opReturn:
		if b.calls {
			e.replace(in, code{}.with(opBr, outermost))
		}
	case opLoop:
		if e.path.reached() {
			e.insert(e.in.pos, e.checked)
			e.path.paid()
		}
	}
}

// flush copies what lies before at.
func (e *emitter) flush(at int) {
	e.out = append(e.out, e.in.b[e.copied:at]...)
	e.copied = at
}

func (e *emitter) insert(at int, c []byte) {
	e.flush(at)
	e.out = append(e.out, c...)
}

func (e *emitter) replace(in *instr, c []byte) {
	e.insert(in.start, c)
	e.copied = e.in.pos
}

// payLength pays for an instruction whose work is the number on the stack, and
// tells whether this is one.
func (e *emitter) payLength(in *instr, temp uint32) bool {
	length := code{}.with(opLocalGet, temp)
	var units code
	switch in.op {
	case opMemoryInit, opMemoryCopy, opMemoryFill:
		units = length.i32(10).op(opI32ShrU)
	case opTableInit, opTableCopy, opTableFill:
		units = length.i32(7).op(opI32ShrU)
	case opMemoryGrow:
		units = unlessAbove(length.i32(6).op(opI32Shl), temp, e.growPages)
	case opTableGrow:
		units = unlessAbove(length.i32(7).op(opI32ShrU), temp, e.growEntries)
	default:
		return false
	}
	c := code{}.with(opLocalTee, temp).with(opGlobalGet, e.x.fuel)
	c = append(c, units...).op(opI32Const, 1, opI32Add, opExtendU, opI64Sub).with(opGlobalSet, e.x.fuel)
	e.insert(in.start, append(c, e.x.settle()...))
	return true
}

// unlessAbove makes units zero for a growth that is going to fail.
func unlessAbove(units code, temp, most uint32) code {
	return units.op(opI32Const, 0).with(opLocalGet, temp).i32(most).op(opI32LeU, opSelect)
}

// typeTable gives signatures an index, adding those that the module lacks.
type typeTable struct {
	byRaw map[string]uint32
	count uint32
	extra []byte
}

func newTypeTable(types []signature) *typeTable {
	t := &typeTable{byRaw: make(map[string]uint32, len(types)+2), count: uint32(len(types))}
	for i, s := range slices.Backward(types) {
		t.byRaw[s.raw] = uint32(i)
	}
	return t
}

// index is the index of () -> results.
func (t *typeTable) index(results []byte) uint32 {
	raw := append(binary.AppendUvarint([]byte{0x60, 0}, uint64(len(results))), results...)
	if i, ok := t.byRaw[string(raw)]; ok {
		return i
	}
	t.byRaw[string(raw)] = t.count
	t.extra = append(t.extra, raw...)
	t.count++
	return t.count - 1
}

// block is the type of a block with these results.
func (t *typeTable) block(results []byte) []byte {
	switch len(results) {
	case 0:
		return []byte{void}
	case 1:
		return results
	}
	return appendSigned(nil, int64(t.index(results)))
}
