package meter

import (
	"encoding/binary"
	"math"
)

// Revision is raised with every change of what Rewrite writes, for the keys of
// caches.
const Revision = 1

// Options says how to rewrite. A zero field has the default that its comment
// names.
type Options struct {
	Limits Limits // of the original module
	// MaxPages is the most memory that the module may grow to, in pages; the
	// default is what it may start with, Limits.MemoryPages. A module that names
	// a lower maximum keeps it.
	MaxPages uint32
	// MaxDepth is the stack that nested calls may use, in words of 8 bytes;
	// DefaultDepth by default. See frameWeight for how it is counted.
	MaxDepth uint32
	// KeepNames keeps the names of functions for the engine's traces. All other
	// custom sections are dropped in any case.
	KeepNames bool
}

// Rewrite makes a module countable. It refuses, with a *Reject, what Scan
// refuses under the same limits, and changes the module as follows and in no
// other way:
//
//   - It imports Tick and Overflow of Module behind the guest's own imports, so
//     that the guest's functions move up by two, and has one function more at the
//     end, which calls Tick.
//   - Functions pay units (see the package comment). Those that call others also
//     take their frame from a counter of what stack is left, and call Overflow
//     when there is none.
//   - Some comparisons get an addition of 0 before them, see fusion.
//   - Memory and table have a maximum.
//   - ExportFuel, ExportDepth and ExportGlobal are exported.
//   - Custom sections are gone, but for names if Options say so.
func Rewrite(wasm []byte, o Options) ([]byte, error) {
	o = o.orDefault()
	m, err := parse(wasm, o.Limits)
	if err != nil {
		return nil, err
	}
	if m.memory != nil && m.memory.min > o.MaxPages {
		return nil, reject(ReasonMemory, "memory starts with %d pages, at most %d are allowed", m.memory.min, o.MaxPages)
	}
	w := newRewriter(m, o)
	// The code comes first, because it decides which types are added.
	w.emit.functions()
	return w.module(), nil
}

func (o Options) orDefault() Options {
	o.Limits = o.Limits.orDefault()
	if o.MaxPages == 0 {
		o.MaxPages = o.Limits.MemoryPages
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = DefaultDepth
	}
	o.MaxDepth = min(o.MaxDepth, math.MaxInt32)
	o.MaxPages = min(o.MaxPages, math.MaxUint16+1)
	return o
}

// rewriter puts the new module together.
type rewriter struct {
	m    *module
	o    Options
	x    indexes
	emit *emitter
	out  []byte
}

func newRewriter(m *module, o Options) *rewriter {
	x := m.indexes()
	w := &rewriter{m: m, o: o, x: x}
	w.emit = &emitter{
		in:          decoder{reader: reader{b: m.wasm}, m: m, l: &o.Limits},
		x:           x,
		types:       newTypeTable(m.types),
		growPages:   w.maxPages(),
		growEntries: w.maxEntries(),
		plain:       x.charge(),
		checked:     x.check(),
	}
	return w
}

func (w *rewriter) maxPages() uint32 {
	if w.m.memory != nil && w.m.memory.hasMax {
		return min(w.m.memory.max, w.o.MaxPages)
	}
	return w.o.MaxPages
}

func (w *rewriter) maxEntries() uint32 {
	if w.m.table != nil && w.m.table.hasMax {
		return w.m.table.max
	}
	return w.o.Limits.Table
}

func (w *rewriter) module() []byte {
	tick, overflow := w.emit.types.index([]byte{byte(I64)}), w.emit.types.index(nil)
	w.out = make([]byte, 0, len(w.m.wasm)+len(w.emit.out)/4)
	w.out = append(w.out, w.m.wasm[:8]...)
	w.section(secType, w.types())
	w.section(secImport, w.imports(tick, overflow))
	w.section(secFunction, w.functions(overflow))
	w.section(secTable, w.table())
	w.section(secMemory, w.memory())
	w.section(secGlobal, w.globals())
	w.section(secExport, w.exports())
	w.section(secStart, w.start())
	w.section(secElement, w.elements())
	w.copy(secDataCount)
	w.section(secCode, w.emit.out)
	w.copy(secData)
	if w.o.KeepNames {
		w.section(secCustom, w.names())
	}
	return w.out
}

// section writes a section, or nothing if it is empty.
func (w *rewriter) section(id byte, contents []byte) {
	if len(contents) == 0 {
		return
	}
	w.out = binary.AppendUvarint(append(w.out, id), uint64(len(contents)))
	w.out = append(w.out, contents...)
}

func (w *rewriter) copy(id byte) {
	s := w.m.sections[id]
	w.section(id, w.m.wasm[s.start:s.end])
}

// reader reads a section again, which has been checked.
func (w *rewriter) reader(id byte) *reader {
	s := w.m.sections[id]
	return &reader{b: w.m.wasm, pos: s.start, end: s.end}
}

// vector is a section whose items stay as they are, with more behind them.
func (w *rewriter) vector(id byte, more int, items []byte) []byte {
	r := w.reader(id)
	n := 0
	if r.left() > 0 {
		n = int(r.u32())
	}
	out := binary.AppendUvarint(nil, uint64(n+more))
	out = append(out, r.b[r.pos:r.end]...)
	return append(out, items...)
}
