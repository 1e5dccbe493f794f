package meter

import "math"

// Section ids of the binary format.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
	secTag
)

// sectionOrder is the order in which sections must stand.
var sectionOrder = [...]byte{
	secType, secImport, secFunction, secTable, secMemory, secGlobal,
	secExport, secStart, secElement, secDataCount, secCode, secData,
}

// span is a part of the module, from byte start to before byte end.
type span struct{ start, end int }

func (s span) empty() bool { return s.start == s.end }

// module is what Scan keeps of a module for Rewrite. Everything in it has been
// checked.
type module struct {
	wasm     []byte
	sections [secDataCount + 1]span // contents; empty if the module has none
	names    span                   // contents of the name section

	types   []signature
	imports []Import
	funcs   []uint32 // types of all functions, imported ones first
	table   *limits
	memory  *limits
	globals []global
	exports []Export
	start   bool
	elems   int
	datas   int // as the data count section says, -1 without one
	bodies  []body
	// loopCalls tells of each loop, in the order of their headers, whether there
	// is a call in it.
	loopCalls []bool

	hidden bool // see Info.HiddenState
}

// signature is a function type; the bytes are those of the module.
type signature struct {
	params, results []byte
	raw             string // the whole entry, to compare
}

type global struct {
	valueType ValueType
	mutable   bool
}

// captured tells whether the global is exported under an ExportGlobal name.
func (g global) captured() bool {
	return g.mutable && g.valueType != FuncRef && g.valueType != ExternRef
}

// limits is the size of a table or memory.
type limits struct {
	min, max uint32
	hasMax   bool
}

// body is one function of the code section.
type body struct {
	span              // after its size
	code       int    // where its instructions begin
	groups     int    // entries in the list of locals
	locals     uint32 // parameters and locals
	calls      bool   // it calls, and so nests
	bulk       bool   // it has instructions that pay by length
	quietLoops bool   // it has loops without calls
	lead       int    // instructions up to its first loop if that is always reached, else 0
	weight     uint32 // words of stack, see frameWeight
}

func (m *module) imported() int { return len(m.imports) }

// sectionRank is the place of a section in sectionOrder, -1 for a custom one.
func sectionRank(id byte) int {
	for i, s := range sectionOrder {
		if s == id {
			return i
		}
	}
	return -1
}

// split finds the sections.
func (m *module) split(r *reader) {
	last := -1
	for r.left() > 0 && !r.failed() {
		id := r.byte()
		size := r.count()
		s := span{r.pos, r.pos + size}
		r.skip(size)
		switch {
		case id == secCustom:
			m.custom(r, s)
		case id == secTag:
			r.fail(ReasonFeature, "exceptions (tag section)")
		case id > secTag:
			r.fail(ReasonInvalid, "section id %d", id)
		case sectionRank(id) <= last:
			r.fail(ReasonInvalid, "section id %d out of order", id)
		case size == 0:
			r.fail(ReasonInvalid, "section id %d is empty", id)
		default:
			last = sectionRank(id)
			m.sections[id] = s
		}
	}
}

// custom notes the first name section; all the rest is dropped.
func (m *module) custom(r *reader, s span) {
	if r.failed() {
		return
	}
	in := reader{b: r.b, pos: s.start, end: s.end}
	name := in.name()
	if in.failed() {
		r.fail(in.err.Reason, "custom section: %s", in.err.Detail)
		return
	}
	if name == "name" && m.names.empty() {
		m.names = span{in.pos, s.end}
	}
}

// section runs read over a section if the module has it, and fails if read
// leaves bytes over.
func (m *module) section(id byte, read func(*reader)) *Reject {
	s := m.sections[id]
	if s.empty() {
		return nil
	}
	r := reader{b: m.wasm, pos: s.start, end: s.end}
	read(&r)
	if !r.failed() && r.left() > 0 {
		r.fail(ReasonInvalid, "section id %d has %d bytes too many", id, r.left())
	}
	return r.err
}

func (l Limits) readTypes(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Types, ReasonCompile, "types")
		for range n {
			start := r.pos
			switch c := r.byte(); c {
			case 0x60:
			case 0x4e, 0x4f, 0x50, 0x5e, 0x5f:
				r.fail(ReasonFeature, "garbage-collected type %#x", c)
			default:
				r.fail(ReasonInvalid, "type form %#x", c)
			}
			params := l.valueTypes(r)
			results := l.valueTypes(r)
			if r.failed() {
				return
			}
			m.types = append(m.types, signature{params, results, string(m.wasm[start:r.pos])})
		}
	}
}

func (l Limits) valueTypes(r *reader) []byte {
	n := r.limited(l.Locals, ReasonCompile, "values in a signature")
	start := r.pos
	for range n {
		r.valueType()
	}
	if r.failed() {
		return nil
	}
	return r.b[start:r.pos]
}

func (l Limits) readImports(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Imports, ReasonImport, "imports")
		for range n {
			i := Import{Module: r.name(), Name: r.name()}
			kind := r.byte()
			switch {
			case r.failed():
				return
			case i.Module == Module:
				r.fail(ReasonImport, "%s belongs to the host", Module)
			case kind == 4:
				r.fail(ReasonFeature, "exceptions (import of a tag)")
			case kind != 0:
				r.fail(ReasonImport, "%s.%s is not a function", i.Module, i.Name)
			}
			t := r.index(len(m.types), "type")
			if r.failed() {
				return
			}
			i.Signature = m.types[t].public()
			m.imports = append(m.imports, i)
			m.funcs = append(m.funcs, t)
		}
	}
}

func (s signature) public() Signature {
	convert := func(b []byte) []ValueType {
		out := make([]ValueType, len(b))
		for i, c := range b {
			out[i] = ValueType(c)
		}
		return out
	}
	return Signature{Params: convert(s.params), Results: convert(s.results)}
}

func (l Limits) readFunctions(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Functions, ReasonCompile, "functions")
		for range n {
			m.funcs = append(m.funcs, r.index(len(m.types), "type"))
			if r.failed() {
				return
			}
		}
	}
}

func (l Limits) readTable(m *module) func(*reader) {
	return func(r *reader) {
		if n := r.u32(); n > 1 {
			r.fail(ReasonTable, "%d tables, at most one is allowed", n)
		} else if n == 0 {
			return
		}
		if r.left() > 0 && r.b[r.pos] == 0x40 {
			r.fail(ReasonFeature, "table with an initial value")
		}
		r.refType()
		t := readLimits(r, "table")
		if t.min > l.Table || t.hasMax && t.max > l.Table {
			r.fail(ReasonTable, "table of %d to %d entries, at most %d are allowed", t.min, t.max, l.Table)
		}
		m.table = &t
	}
}

func (l Limits) readMemory(m *module) func(*reader) {
	return func(r *reader) {
		if n := r.u32(); n > 1 {
			r.fail(ReasonFeature, "%d memories", n)
		} else if n == 0 {
			return
		}
		mem := readLimits(r, "memory")
		if mem.min > math.MaxUint16+1 || mem.hasMax && mem.max > math.MaxUint16+1 {
			r.fail(ReasonInvalid, "memory of more than 4 GiB")
		}
		if mem.min > l.MemoryPages {
			r.fail(ReasonMemory, "memory starts with %d pages, at most %d are allowed", mem.min, l.MemoryPages)
		}
		m.memory = &mem
	}
}

func readLimits(r *reader, what string) limits {
	switch flags := r.byte(); {
	case flags > 7:
		r.fail(ReasonInvalid, "%s with limit flags %#x", what, flags)
	case flags&2 != 0:
		r.fail(ReasonFeature, "shared %s", what)
	case flags&4 != 0:
		r.fail(ReasonFeature, "64-bit %s", what)
	case flags == 0:
		return limits{min: r.u32()}
	}
	l := limits{min: r.u32(), max: r.u32(), hasMax: true}
	if l.max < l.min {
		r.fail(ReasonInvalid, "%s of at least %d and at most %d", what, l.min, l.max)
	}
	return l
}
