package meter

import (
	"encoding/binary"
	"slices"
)

// emitter writes rewritten function bodies. What stays as it was is copied in
// long runs.
type emitter struct {
	in          decoder
	path        path
	fusion      fusion
	x           indexes
	types       *typeTable
	growPages   uint32 // memory.grow by more than that fails
	growEntries uint32 // table.grow by more than that fails
	plain       code   // charge
	checked     code   // check
	loops       int    // loops of the module seen so far

	// Of the function at hand:
	b       *body
	extra   extraLocals
	quiet   int  // how many blocks are around the outermost loop without calls; 0 is outside
	waiting bool // the entry's unit is yet to be paid by the first loop
	out     []byte
	copied  int // everything before it is in out
}

// extraLocals are the locals that a function gets.
type extraLocals struct {
	length uint32 // i32, of a bulk instruction
	before uint32 // i32, what stack was left
	fuel   uint32 // i64, copy of the counter
	groups code   // how they are declared
	count  int
}

func newExtraLocals(b *body) extraLocals {
	l := extraLocals{}
	add := func(wanted bool, t ValueType) uint32 {
		if !wanted {
			return 0
		}
		l.groups = l.groups.op(1, byte(t))
		l.count++
		return b.locals + uint32(l.count) - 1
	}
	l.length = add(b.bulk, I32)
	l.before = add(b.calls, I32)
	l.fuel = add(b.quietLoops, I64)
	return l
}

// functions writes the contents of the code section.
func (e *emitter) functions() {
	m := e.in.m
	section := m.sections[secCode]
	all := make([]byte, 0, (section.end-section.start)*5/4)
	all = binary.AppendUvarint(all, uint64(len(m.bodies)+1))
	for i := range m.bodies {
		sig := m.types[m.funcs[m.imported()+i]]
		e.out = e.out[:0]
		e.function(&m.bodies[i], sig)
		all = binary.AppendUvarint(all, uint64(len(e.out)))
		all = append(all, e.out...)
	}
	settle := e.x.settleBody()
	all = binary.AppendUvarint(all, uint64(len(settle)))
	all = append(all, settle...)
	e.out = all
}

// function writes one body, without its size.
func (e *emitter) function(b *body, sig signature) {
	e.b, e.extra, e.quiet = b, newExtraLocals(b), 0
	e.in.pos, e.in.end, e.in.locals = b.start, b.end, int(b.locals)
	e.localGroups()
	if e.waiting = b.lead > 0; !e.waiting {
		e.out = append(e.out, e.checked...)
	}
	if b.calls {
		e.out = append(e.out, e.x.enter(b.weight, e.extra.before)...)
		e.out = append(append(e.out, opBlock), e.types.block(sig.results)...)
	}
	e.path.start()
	e.fusion.start(int(b.locals))
	e.in.pos, e.copied = b.code, b.code
	var in instr
	for len(e.path.frames) > 0 {
		e.instruction(&in)
	}
	e.flush(e.in.pos)
	if b.calls { // the last end has closed our block
		e.out = append(e.out, e.x.leave(e.extra.before)...)
		e.out = append(e.out, opEnd)
	}
}

// localGroups writes the list of locals with the extra ones.
func (e *emitter) localGroups() {
	e.in.u32()
	e.out = binary.AppendUvarint(e.out, uint64(e.b.groups+e.extra.count))
	e.out = append(e.out, e.in.b[e.in.pos:e.b.code]...)
	e.out = append(e.out, e.extra.groups...)
}

func (e *emitter) instruction(in *instr) {
	e.in.next(in)
	if e.path.due() {
		e.insert(in.start, e.charge())
		e.path.paid()
	}
	if e.b.bulk && paysByLength(in.op) && e.path.reached() {
		e.payLength(in)
	}
	if in.op == opLoop {
		e.beforeLoop(in)
	}
	if c := e.fusion.apart(in.op); c != nil {
		e.insert(in.start, c)
	}
	e.fusion.step(in)
	outermost := uint32(len(e.path.frames) - 1)
	e.path.step(in, e.in.labels)
	switch in.op {
	case opCall, opRefFunc:
		if in.index >= e.x.firstOwn {
			e.replace(in, code{}.with(byte(in.op), e.x.function(in.index)))
		}
	case opReturn:
		if e.b.calls {
			e.replace(in, code{}.with(opBr, outermost))
		}
	case opLoop:
		e.atLoop()
	case opEnd:
		if len(e.path.frames) < e.quiet {
			e.quiet = 0
		}
	}
}

// beforeLoop makes a copy of the counter for a loop without calls.
func (e *emitter) beforeLoop(in *instr) {
	calls := e.in.m.loopCalls[e.loops]
	e.loops++
	if !calls && e.quiet == 0 {
		e.quiet = len(e.path.frames) + 1
		e.insert(in.start, e.x.load(e.extra.fuel))
	}
}

// atLoop pays at a loop's header, for what ran before it too if the function's
// entry has not paid.
func (e *emitter) atLoop() {
	if !e.path.reached() {
		return
	}
	if e.quiet > 0 {
		e.insert(e.in.pos, e.x.checkIn(e.extra.fuel))
	} else {
		e.insert(e.in.pos, e.checked)
	}
	if !e.waiting {
		e.path.paid()
	}
	e.waiting = false
}

func (e *emitter) charge() code {
	if e.quiet > 0 {
		return e.x.chargeIn(e.extra.fuel)
	}
	return e.plain
}

// payLength pays for an instruction that works by length, before it does.
func (e *emitter) payLength(in *instr) {
	c := code{}.with(opLocalTee, e.extra.length).with(opGlobalGet, e.x.fuel)
	c = append(c, e.lengthUnits(in.op, e.extra.length)...)
	c = c.op(opI32Const, 1, opI32Add, opExtendU, opI64Sub).with(opGlobalSet, e.x.fuel)
	c = append(c, e.x.settled()...)
	if e.quiet > 0 {
		c = append(c, e.x.load(e.extra.fuel)...)
	}
	e.insert(in.start, c)
	e.path.paid()
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
