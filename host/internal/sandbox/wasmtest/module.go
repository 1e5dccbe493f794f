// Package wasmtest assembles WebAssembly modules for tests: hostile guests,
// broken binaries and small programs, written as Go values. It knows the binary
// format and nothing else; in particular it does not validate, because most of
// its users want modules that are wrong. It must not be imported by anything
// but tests.
//
//	m := wasmtest.Module{Funcs: []wasmtest.Func{{
//		Export: "spin",
//		Code:   wasmtest.Loop(wasmtest.Void, wasmtest.Br(0)),
//	}}}
//	bin := m.Bytes()
package wasmtest

// Type is a value type in its binary form.
type Type byte

// The value types.
const (
	I32       Type = 0x7f
	I64       Type = 0x7e
	F32       Type = 0x7d
	F64       Type = 0x7c
	V128      Type = 0x7b
	FuncRef   Type = 0x70
	ExternRef Type = 0x6f
)

// Sig is a function's signature.
type Sig struct {
	Params, Results []Type
}

// Import is an imported function. Imported functions have the indexes 0 … n-1;
// the module's own follow.
type Import struct {
	Module, Name string
	Sig
}

// Func is a function of the module itself.
type Func struct {
	Sig
	Locals []Type // beside the parameters
	Code   []byte // without the last end, which Bytes appends
	Export string // exported under this name; empty is not exported
	Raw    []byte // if not nil, the whole body (locals and code) as it is
}

// Limits is the size of a table (in entries) or a memory (in pages of 64 KiB).
type Limits struct {
	Min, Max uint32
	HasMax   bool
	Flags    byte // further bits of the flag byte: 2 is shared, 4 is 64-bit
}

// Table is a table of references; the zero Elem is funcref.
type Table struct {
	Elem Type
	Limits
}

// Global is a global variable. Init is an expression without its end.
type Global struct {
	Type    Type
	Mutable bool
	Init    []byte
}

// Kind is what an export names.
type Kind byte

// The kinds of export.
const (
	KindFunc Kind = iota
	KindTable
	KindMemory
	KindGlobal
)

// Export is an export beside those that Func.Export names.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32
}

// Elem is an active segment of function indexes in table 0.
type Elem struct {
	Offset []byte // expression without its end; nil is 0
	Funcs  []uint32
	Raw    []byte // if not nil, the whole segment as it is
}

// Data is an active segment of memory 0, or a passive one.
type Data struct {
	Offset  []byte // expression without its end; nil is 0
	Bytes   []byte
	Passive bool
}

// Section is a section as it is, added behind the others; ID 0 is custom.
type Section struct {
	ID   byte
	Body []byte
}

// Module is a module to be assembled. The zero value is the empty module.
type Module struct {
	Types     []Sig // explicit types; those that functions need are added behind
	Imports   []Import
	Funcs     []Func
	Tables    []Table
	Memories  []Limits
	Globals   []Global
	Exports   []Export
	Start     *uint32 // index of the start function
	Elems     []Elem
	Datas     []Data
	DataCount bool // write the data count section
	Extra     []Section
}

// Bytes assembles the module.
func (m Module) Bytes() []byte {
	types := typeTable{sigs: append([]Sig(nil), m.Types...)}
	imports := m.importSection(&types)
	funcs := m.funcSection(&types)
	out := []byte("\x00asm\x01\x00\x00\x00")
	out = appendSection(out, 1, types.section())
	out = appendSection(out, 2, imports)
	out = appendSection(out, 3, funcs)
	out = appendSection(out, 4, m.tableSection())
	out = appendSection(out, 5, m.memorySection())
	out = appendSection(out, 6, m.globalSection())
	out = appendSection(out, 7, m.exportSection())
	if m.Start != nil {
		out = appendSection(out, 8, U32(*m.Start))
	}
	out = appendSection(out, 9, m.elemSection())
	if m.DataCount {
		out = appendSection(out, 12, U32(uint32(len(m.Datas))))
	}
	out = appendSection(out, 10, m.codeSection())
	out = appendSection(out, 11, m.dataSection())
	for _, s := range m.Extra {
		out = append(out, s.ID)
		out = append(append(out, U32(uint32(len(s.Body)))...), s.Body...)
	}
	return out
}

// TypeIndex is the index that Bytes gives to a signature, for block types and
// call_indirect. It lies in Types or is that of a function that has it; a
// signature that nothing has panics, since it must then stand in Types.
func (m Module) TypeIndex(s Sig) uint32 {
	types := typeTable{sigs: append([]Sig(nil), m.Types...)}
	m.importSection(&types)
	m.funcSection(&types)
	n := len(types.sigs)
	i := types.index(s)
	if int(i) == n {
		panic("wasmtest: signature is not in Module.Types")
	}
	return i
}

func (m Module) importSection(types *typeTable) []byte {
	var items [][]byte
	for _, i := range m.Imports {
		items = append(items, Seq(name(i.Module), name(i.Name), []byte{0}, U32(types.index(i.Sig))))
	}
	return vector(items)
}

func (m Module) funcSection(types *typeTable) []byte {
	var items [][]byte
	for _, f := range m.Funcs {
		items = append(items, U32(types.index(f.Sig)))
	}
	return vector(items)
}

func (m Module) tableSection() []byte {
	var items [][]byte
	for _, t := range m.Tables {
		if t.Elem == 0 {
			t.Elem = FuncRef
		}
		items = append(items, Seq([]byte{byte(t.Elem)}, t.bytes()))
	}
	return vector(items)
}

func (m Module) memorySection() []byte {
	var items [][]byte
	for _, l := range m.Memories {
		items = append(items, l.bytes())
	}
	return vector(items)
}

func (m Module) globalSection() []byte {
	var items [][]byte
	for _, g := range m.Globals {
		mut := byte(0)
		if g.Mutable {
			mut = 1
		}
		items = append(items, Seq([]byte{byte(g.Type), mut}, g.Init, End()))
	}
	return vector(items)
}

func (m Module) exportSection() []byte {
	var items [][]byte
	for i, f := range m.Funcs {
		if f.Export != "" {
			items = append(items, Seq(name(f.Export), []byte{byte(KindFunc)}, U32(uint32(len(m.Imports)+i))))
		}
	}
	for _, e := range m.Exports {
		items = append(items, Seq(name(e.Name), []byte{byte(e.Kind)}, U32(e.Index)))
	}
	return vector(items)
}

func (m Module) elemSection() []byte {
	var items [][]byte
	for _, e := range m.Elems {
		if e.Raw != nil {
			items = append(items, e.Raw)
			continue
		}
		var funcs [][]byte
		for _, f := range e.Funcs {
			funcs = append(funcs, U32(f))
		}
		items = append(items, Seq([]byte{0}, offset(e.Offset), vectorOrEmpty(funcs)))
	}
	return vector(items)
}

func (m Module) codeSection() []byte {
	var items [][]byte
	for _, f := range m.Funcs {
		body := f.Raw
		if body == nil {
			body = Seq(locals(f.Locals), f.Code, End())
		}
		items = append(items, Seq(U32(uint32(len(body))), body))
	}
	return vector(items)
}

func (m Module) dataSection() []byte {
	var items [][]byte
	for _, d := range m.Datas {
		head := Seq([]byte{0}, offset(d.Offset))
		if d.Passive {
			head = []byte{1}
		}
		items = append(items, Seq(head, U32(uint32(len(d.Bytes))), d.Bytes))
	}
	return vector(items)
}

// typeTable gives each signature one index.
type typeTable struct{ sigs []Sig }

func (t *typeTable) index(s Sig) uint32 {
	for i, have := range t.sigs {
		if same(have.Params, s.Params) && same(have.Results, s.Results) {
			return uint32(i)
		}
	}
	t.sigs = append(t.sigs, s)
	return uint32(len(t.sigs) - 1)
}

func (t *typeTable) section() []byte {
	var items [][]byte
	for _, s := range t.sigs {
		items = append(items, Seq([]byte{0x60}, typeVec(s.Params), typeVec(s.Results)))
	}
	return vector(items)
}

func same(a, b []Type) bool { return string(typeVec(a)) == string(typeVec(b)) }

func typeVec(ts []Type) []byte {
	out := U32(uint32(len(ts)))
	for _, t := range ts {
		out = append(out, byte(t))
	}
	return out
}

// locals groups neighbours of one type, as compilers do.
func locals(ts []Type) []byte {
	var items [][]byte
	for len(ts) > 0 {
		n := 1
		for n < len(ts) && ts[n] == ts[0] {
			n++
		}
		items = append(items, append(U32(uint32(n)), byte(ts[0])))
		ts = ts[n:]
	}
	return vectorOrEmpty(items)
}

func (l Limits) bytes() []byte {
	if !l.HasMax {
		return append([]byte{l.Flags}, U32(l.Min)...)
	}
	return Seq([]byte{l.Flags | 1}, U32(l.Min), U32(l.Max))
}

func name(s string) []byte { return append(U32(uint32(len(s))), s...) }

func offset(expr []byte) []byte {
	if expr == nil {
		expr = I32Const(0)
	}
	return Seq(expr, End())
}

// vector is nil without items, so that an empty section is left out.
func vector(items [][]byte) []byte {
	if len(items) == 0 {
		return nil
	}
	return vectorOrEmpty(items)
}

func vectorOrEmpty(items [][]byte) []byte {
	return append(U32(uint32(len(items))), Seq(items...)...)
}

func appendSection(out []byte, id byte, body []byte) []byte {
	if body == nil {
		return out
	}
	return append(append(append(out, id), U32(uint32(len(body)))...), body...)
}
