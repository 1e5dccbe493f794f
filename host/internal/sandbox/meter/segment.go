package meter

import "strings"

func (l Limits) readGlobals(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Globals, ReasonCompile, "globals")
		for range n {
			g := global{valueType: r.valueType()}
			switch c := r.byte(); c {
			case 0, 1:
				g.mutable = c == 1
			default:
				r.fail(ReasonInvalid, "mutability %d of a global", c)
			}
			m.constant(r)
			if r.failed() {
				return
			}
			m.hidden = m.hidden || g.mutable && !g.captured()
			m.globals = append(m.globals, g)
		}
	}
}

// constant checks a constant expression. Globals can be named by those that
// follow them only.
func (m *module) constant(r *reader) {
	for !r.failed() {
		switch op := r.byte(); op {
		case opEnd:
			return
		case opI32Const:
			r.signed(32)
		case opI64Const:
			r.signed(64)
		case opF32Const:
			r.skip(4)
		case opF64Const:
			r.skip(8)
		case opGlobalGet:
			r.index(len(m.globals), "global")
		case opRefNull:
			r.refType()
		case opRefFunc:
			r.index(len(m.funcs), "function")
		case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e, opVector, opGC:
			r.fail(ReasonFeature, "constant expression with opcode %#x", op)
		default:
			r.fail(ReasonInvalid, "constant expression with opcode %#x", op)
		}
	}
}

func (l Limits) readExports(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Exports, ReasonExport, "exports")
		seen := make(map[string]bool, n)
		for range n {
			e := Export{Name: r.name(), Kind: Kind(r.byte())}
			if strings.HasPrefix(e.Name, "$") {
				r.fail(ReasonExport, "export %q: names beginning with $ belong to the host", e.Name)
			}
			if seen[e.Name] {
				r.fail(ReasonInvalid, "two exports named %q", e.Name)
			}
			seen[e.Name] = true
			i := r.index(m.exportable(e.Kind), "exported item")
			if r.failed() {
				return
			}
			if e.Kind == KindFunc {
				e.Signature = m.types[m.funcs[i]].public()
			}
			m.exports = append(m.exports, e)
		}
	}
}

// exportable is how many items of a kind there are.
func (m *module) exportable(k Kind) int {
	switch k {
	case KindFunc:
		return len(m.funcs)
	case KindTable:
		return present(m.table)
	case KindMemory:
		return present(m.memory)
	case KindGlobal:
		return len(m.globals)
	}
	return 0
}

func present(l *limits) int {
	if l == nil {
		return 0
	}
	return 1
}

func (m *module) readStart(r *reader) {
	r.index(len(m.funcs), "start function")
	m.start = true
}

func (l Limits) readElements(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Segments, ReasonCompile, "element segments")
		entries := 0
		for range n {
			entries += m.element(r)
			if entries > int(l.Table) {
				r.fail(ReasonTable, "more than %d entries in element segments", l.Table)
			}
			if r.failed() {
				return
			}
			m.elems++
		}
	}
}

// Bits of the flags of an element segment.
const (
	elemPassive  = 1 // or declarative
	elemExplicit = 2 // names its table, or is declarative
	elemExprs    = 4 // entries are expressions
)

// element checks one segment and answers how many entries it has.
func (m *module) element(r *reader) int {
	flags := r.u32()
	if flags > 7 {
		r.fail(ReasonInvalid, "element segment with flags %d", flags)
	}
	if flags&elemPassive == 0 {
		if flags&elemExplicit != 0 {
			r.index(present(m.table), "table")
		} else if m.table == nil {
			r.fail(ReasonInvalid, "element segment without a table")
		}
		m.constant(r)
	}
	if flags&(elemPassive|elemExplicit) != 0 {
		if flags&elemExprs != 0 {
			r.refType()
		} else if kind := r.byte(); kind != 0 {
			r.fail(ReasonInvalid, "element kind %d", kind)
		}
	}
	n := r.count()
	for i := 0; i < n && !r.failed(); i++ {
		if flags&elemExprs != 0 {
			m.constant(r)
		} else {
			r.index(len(m.funcs), "function")
		}
	}
	return n
}

func (l Limits) readDataCount(m *module) func(*reader) {
	return func(r *reader) {
		n := r.u32()
		if int64(n) > int64(l.Segments) {
			r.fail(ReasonCompile, "%d data segments, at most %d are allowed", n, l.Segments)
			return
		}
		m.datas = int(n)
	}
}

func (l Limits) readData(m *module) func(*reader) {
	return func(r *reader) {
		n := r.limited(l.Segments, ReasonCompile, "data segments")
		if m.datas >= 0 && m.datas != n {
			r.fail(ReasonInvalid, "%d data segments, but the count says %d", n, m.datas)
		}
		total := 0
		for range n {
			flags := r.u32()
			if flags > 2 {
				r.fail(ReasonInvalid, "data segment with flags %d", flags)
			}
			if flags == 2 {
				r.index(present(m.memory), "memory")
			}
			if flags != 1 {
				if m.memory == nil {
					r.fail(ReasonInvalid, "data segment without a memory")
				}
				m.constant(r)
			}
			if total += len(r.bytes()); total > l.Data {
				r.fail(ReasonCompile, "more than %d bytes of data", l.Data)
			}
			if r.failed() {
				return
			}
		}
	}
}
