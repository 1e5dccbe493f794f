package meter

import "encoding/binary"

func (w *rewriter) types() []byte {
	t := w.emit.types
	return w.vector(secType, int(t.count)-len(w.m.types), t.extra)
}

func (w *rewriter) imports(tick, overflow uint32) []byte {
	items := appendImport(nil, Tick, tick)
	return w.vector(secImport, added, appendImport(items, Overflow, overflow))
}

func appendImport(b []byte, name string, typeIndex uint32) []byte {
	b = appendName(appendName(b, Module), name)
	return binary.AppendUvarint(append(b, byte(KindFunc)), uint64(typeIndex))
}

func appendName(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// functions has one more, whose type is () -> ().
func (w *rewriter) functions(settle uint32) []byte {
	return w.vector(secFunction, 1, binary.AppendUvarint(nil, uint64(settle)))
}

// table gives the table a maximum.
func (w *rewriter) table() []byte {
	if w.m.table == nil {
		return nil
	}
	r := w.reader(secTable)
	r.u32()
	return appendLimits([]byte{1, r.byte()}, w.m.table.min, w.maxEntries())
}

// memory gives the memory a maximum.
func (w *rewriter) memory() []byte {
	if w.m.memory == nil {
		return nil
	}
	return appendLimits([]byte{1}, w.m.memory.min, w.maxPages())
}

func appendLimits(b []byte, least, most uint32) []byte {
	b = binary.AppendUvarint(append(b, 1), uint64(least))
	return binary.AppendUvarint(b, uint64(most))
}

func (w *rewriter) globals() []byte {
	r := w.reader(secGlobal)
	n := uint32(len(w.m.globals))
	out := binary.AppendUvarint(nil, uint64(n+2))
	if n > 0 {
		r.u32()
	}
	for range n {
		out = append(out, r.byte(), r.byte())
		out = w.constant(out, r)
	}
	out = append(out, byte(I64), 1, opI64Const, 0, opEnd)
	out = append(out, byte(I32), 1, opI32Const)
	return append(appendSigned(out, int64(int32(w.o.MaxDepth))), opEnd)
}

// constant copies a constant expression.
func (w *rewriter) constant(out []byte, r *reader) []byte {
	for {
		start := r.pos
		op := r.byte()
		switch op {
		case opI32Const, opI64Const:
			r.signed(64)
		case opF32Const:
			r.skip(4)
		case opF64Const:
			r.skip(8)
		case opGlobalGet:
			r.u32()
		case opRefNull:
			r.byte()
		case opRefFunc:
			out = binary.AppendUvarint(append(out, op), uint64(w.x.function(r.u32())))
			continue
		}
		out = append(out, r.b[start:r.pos]...)
		if op == opEnd || r.failed() {
			return out
		}
	}
}

func (w *rewriter) exports() []byte {
	r := w.reader(secExport)
	n, own := 2, len(w.m.exports)
	var items []byte
	if own > 0 {
		r.u32()
	}
	for range own {
		name, kind, index := r.bytes(), r.byte(), r.u32()
		if Kind(kind) == KindFunc {
			index = w.x.function(index)
		}
		items = appendExport(items, string(name), Kind(kind), index)
	}
	items = appendExport(items, ExportFuel, KindGlobal, w.x.fuel)
	items = appendExport(items, ExportDepth, KindGlobal, w.x.depth)
	for i, g := range w.m.globals {
		if g.captured() {
			items = appendExport(items, ExportGlobal(n-2), KindGlobal, uint32(i))
			n++
		}
	}
	return append(binary.AppendUvarint(nil, uint64(own+n)), items...)
}

func appendExport(b []byte, name string, k Kind, index uint32) []byte {
	return binary.AppendUvarint(append(appendName(b, name), byte(k)), uint64(index))
}

func (w *rewriter) start() []byte {
	if !w.m.start {
		return nil
	}
	return binary.AppendUvarint(nil, uint64(w.x.function(w.reader(secStart).u32())))
}

func (w *rewriter) elements() []byte {
	if w.m.sections[secElement].empty() {
		return nil
	}
	r := w.reader(secElement)
	n := r.u32()
	out := binary.AppendUvarint(nil, uint64(n))
	for range n {
		out = w.element(out, r)
	}
	return out
}

func (w *rewriter) element(out []byte, r *reader) []byte {
	flags := r.u32()
	out = binary.AppendUvarint(out, uint64(flags))
	if flags&elemPassive == 0 {
		if flags&elemExplicit != 0 {
			out = binary.AppendUvarint(out, uint64(r.u32()))
		}
		out = w.constant(out, r)
	}
	if flags&(elemPassive|elemExplicit) != 0 {
		out = append(out, r.byte()) // kind or type
	}
	n := r.u32()
	out = binary.AppendUvarint(out, uint64(n))
	for range n {
		if flags&elemExprs != 0 {
			out = w.constant(out, r)
		} else {
			out = binary.AppendUvarint(out, uint64(w.x.function(r.u32())))
		}
	}
	return out
}

// names is a name section with the names of functions, nothing if the module
// has none or they are malformed.
func (w *rewriter) names() []byte {
	const functionNames = 1
	r := &reader{b: w.m.wasm, pos: w.m.names.start, end: w.m.names.end}
	for r.left() > 0 && !r.failed() {
		id := r.byte()
		size := r.count()
		if id != functionNames {
			r.skip(size)
			continue
		}
		names := w.functionNames(&reader{b: r.b, pos: r.pos, end: r.pos + size})
		if names == nil {
			return nil
		}
		out := append(appendName(nil, "name"), functionNames)
		return append(binary.AppendUvarint(out, uint64(len(names))), names...)
	}
	return nil
}

func (w *rewriter) functionNames(r *reader) []byte {
	n := r.count()
	out := binary.AppendUvarint(nil, uint64(n))
	for range n {
		i := w.x.function(r.index(len(w.m.funcs), "function"))
		out = appendName(binary.AppendUvarint(out, uint64(i)), r.name())
		if r.failed() {
			return nil
		}
	}
	return out
}
