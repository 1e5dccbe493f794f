package meter

import "math"

// Scan reads a module and refuses, with a *Reject, one that is malformed, uses
// a feature outside the core (version 2 without SIMD), passes a limit, or names
// anything that it does not have. It takes time linear in the module's size and
// keeps no part of it. Whether the imports and exports that Info lists are the
// right ones is the caller's to say.
func Scan(wasm []byte, l Limits) (*Info, error) {
	m, err := parse(wasm, l.orDefault())
	if err != nil {
		return nil, err
	}
	return m.info(), nil
}

func (m *module) info() *Info {
	i := &Info{
		Imports:     m.imports,
		Exports:     m.exports,
		Functions:   len(m.bodies),
		HasStart:    m.start,
		HiddenState: m.hidden,
	}
	if m.memory != nil {
		i.HasMemory, i.MemoryMin, i.MemoryMax = true, m.memory.min, math.MaxUint32
		if m.memory.hasMax {
			i.MemoryMax = m.memory.max
		}
	}
	for _, g := range m.globals {
		if g.captured() {
			i.MutableGlobals++
		}
	}
	return i
}

// parse reads and checks the whole module. The error is a *Reject.
func parse(wasm []byte, l Limits) (*module, error) {
	if len(wasm) > l.File {
		return nil, reject(ReasonCompile, "%d bytes, at most %d are allowed", len(wasm), l.File)
	}
	const header = "\x00asm\x01\x00\x00\x00"
	if len(wasm) < len(header) || string(wasm[:len(header)]) != header {
		return nil, reject(ReasonInvalid, "not a WebAssembly module of version 1")
	}
	m := &module{wasm: wasm, datas: -1}
	r := &reader{b: wasm, pos: len(header), end: len(wasm)}
	if m.split(r); r.failed() {
		return nil, r.err
	}
	steps := []struct {
		id   byte
		read func(*reader)
	}{
		{secType, l.readTypes(m)}, {secImport, l.readImports(m)}, {secFunction, l.readFunctions(m)},
		{secTable, l.readTable(m)}, {secMemory, l.readMemory(m)}, {secGlobal, l.readGlobals(m)},
		{secExport, l.readExports(m)}, {secStart, m.readStart}, {secElement, l.readElements(m)},
		{secDataCount, l.readDataCount(m)}, {secCode, l.readCode(m)}, {secData, l.readData(m)},
	}
	for _, s := range steps {
		if err := m.section(s.id, s.read); err != nil {
			return nil, err
		}
	}
	return m, m.complete()
}

// complete checks what no single section shows.
func (m *module) complete() error {
	if defined := len(m.funcs) - m.imported(); defined != len(m.bodies) {
		return reject(ReasonInvalid, "%d functions have %d bodies", defined, len(m.bodies))
	}
	if m.datas > 0 && m.sections[secData].empty() {
		return reject(ReasonInvalid, "%d data segments counted, but there are none", m.datas)
	}
	return nil
}

func (l Limits) readCode(m *module) func(*reader) {
	return func(r *reader) {
		defined := len(m.funcs) - m.imported()
		if n := r.u32(); int64(n) != int64(defined) {
			r.fail(ReasonInvalid, "%d functions have %d bodies", defined, n)
			return
		}
		m.bodies = make([]body, 0, defined)
		c := checker{decoder: decoder{reader: reader{b: m.wasm}, m: m, l: &l}}
		for i := range defined {
			size := r.limited(l.Body, ReasonCompile, "bytes in a function")
			b := body{span: span{r.pos, r.pos + size}}
			if r.skip(size); r.failed() {
				return
			}
			sig := m.types[m.funcs[m.imported()+i]]
			if err := c.body(&b, len(sig.params)); err != nil {
				r.fail(err.Reason, "function %d: %s", m.imported()+i, err.Detail)
				return
			}
			m.bodies = append(m.bodies, b)
		}
	}
}

// checker checks function bodies.
type checker struct {
	decoder
	blocks []around
	loops  int
	calls  int
	lead   int // instructions so far, or notLeading
}

// around is a block around an instruction.
type around struct {
	op    byte // opElse in the second half of an if
	loop  int  // of a loop, its place in module.loopCalls
	calls int  // of a loop, checker.calls at its header
}

const (
	maxLead    = 16 // a first loop that comes later is not worth waiting for
	notLeading = -1
)

// body checks one function and fills in b.
func (c *checker) body(b *body, params int) *Reject {
	c.pos, c.end, c.err = b.start, b.end, nil
	c.blocks, c.loops, c.calls, c.lead = c.blocks[:0], 0, 0, 0
	c.readLocals(b, params)
	b.code = c.pos
	c.locals = int(b.locals)
	c.push(opBlock)
	var in instr
	for len(c.blocks) > 0 && !c.failed() {
		c.next(&in)
		c.leading(in.op, b)
		c.check(&in, b)
	}
	if !c.failed() && c.left() > 0 {
		c.fail(ReasonInvalid, "%d bytes behind its end", c.left())
	}
	if c.loops*c.locals > c.l.LoopLocals {
		c.fail(ReasonCompile, "%d loops × %d locals, at most %d are allowed", c.loops, c.locals, c.l.LoopLocals)
	}
	b.calls = c.calls > 0
	b.weight = frameWeight(b, c.loops)
	return c.err
}

// leading finds a loop that every call reaches soon and before it can end or
// call. Functions made by the Go compiler begin like that.
func (c *checker) leading(op int, b *body) {
	if c.lead == notLeading {
		return
	}
	c.lead++
	switch op {
	case opLoop:
		b.lead = c.lead
		c.lead = notLeading
	case opIf, opElse, opEnd, opBr, opBrIf, opBrTable, opReturn, opUnreachable, opCall, opCallIndirect:
		c.lead = notLeading
	default:
		if c.lead == maxLead || op >= misc || op == opMemoryGrow {
			c.lead = notLeading
		}
	}
}

func (c *checker) readLocals(b *body, params int) {
	total := uint64(params)
	b.groups = c.count()
	for i := 0; i < b.groups && !c.failed(); i++ {
		total += uint64(c.u32())
		c.valueType()
		if total > uint64(c.l.Locals) {
			c.fail(ReasonCompile, "%d locals, at most %d are allowed", total, c.l.Locals)
		}
	}
	if total > uint64(c.l.Locals) {
		c.fail(ReasonCompile, "%d locals, at most %d are allowed", total, c.l.Locals)
		return
	}
	b.locals = uint32(total)
}

func (c *checker) push(op byte) {
	if len(c.blocks) > c.l.Nesting {
		c.fail(ReasonCompile, "more than %d blocks within each other", c.l.Nesting)
		return
	}
	a := around{op: op}
	if op == opLoop {
		c.loops++
		a.loop, a.calls = len(c.m.loopCalls), c.calls
		c.m.loopCalls = append(c.m.loopCalls, false)
	}
	c.blocks = append(c.blocks, a)
}

// pop leaves a block.
func (c *checker) pop(b *body) {
	a := c.blocks[len(c.blocks)-1]
	c.blocks = c.blocks[:len(c.blocks)-1]
	if a.op == opLoop {
		calls := c.calls > a.calls
		c.m.loopCalls[a.loop] = calls
		b.quietLoops = b.quietLoops || !calls
	}
}

// check checks what next cannot see, and notes what the rewriter must know.
func (c *checker) check(in *instr, b *body) {
	switch in.op {
	case opBlock, opLoop, opIf:
		c.push(byte(in.op))
	case opElse:
		if top := &c.blocks[len(c.blocks)-1]; top.op != opIf {
			c.fail(ReasonInvalid, "else without if at byte %d", in.start)
		} else {
			top.op = opElse
		}
	case opEnd:
		c.pop(b)
	case opBr, opBrIf:
		c.label(in.index)
	case opBrTable:
		for _, l := range c.labels {
			c.label(l)
		}
	case opCall, opCallIndirect:
		c.calls++
	case opMemoryGrow, opMemoryInit, opMemoryCopy, opMemoryFill:
		b.bulk = true
	case opTableInit, opTableCopy, opTableGrow, opTableFill:
		b.bulk, c.m.hidden = true, true
	case opTableSet, opDataDrop, opElemDrop:
		c.m.hidden = true
	}
}

func (c *checker) label(l uint32) {
	if int64(l) >= int64(len(c.blocks)) {
		c.fail(ReasonInvalid, "label %d in %d blocks at byte %d", l, len(c.blocks), c.pos)
	}
}
