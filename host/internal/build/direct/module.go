package direct

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Section ids of the binary format.
const (
	secType     = 1
	secImport   = 2
	secFunction = 3
	secCode     = 10
)

// What functions and modules may become: hosts refuse what is larger. Who writes a
// module that was accepted must not find it refused for what this package made of it.
const (
	maxModule    = 16 << 20  // bytes
	maxFunctions = 50_000    // of a module's own
	maxBody      = 256 << 10 // bytes of a function
	maxNesting   = 1 << 10   // blocks within each other; hosts accept twice as many
)

// Module rewrites the functions of a module that have the compiler's shape. The same
// module gives the same bytes. It fails if wasm is no module of version 1.
func Module(wasm []byte) ([]byte, error) {
	sections, err := split(wasm)
	if err != nil {
		return nil, err
	}
	f, err := readFunctions(sections)
	if err != nil {
		return nil, err
	}
	const sizes = 16 // bytes by which the sections' own sizes may grow
	f.room = maxModule - len(wasm) - sizes
	for i := range f.bodies {
		if len(f.bodies) < maxFunctions && slices.Contains(f.resumable, f.types[i]) {
			f.rewrite(i)
		}
	}
	f.store(sections)
	out := slices.Clone(wasm[:len(header)])
	for _, s := range sections {
		out = binary.AppendUvarint(append(out, s.id), uint64(len(s.contents)))
		out = append(out, s.contents...)
	}
	return out, nil
}

const header = "\x00asm\x01\x00\x00\x00"

// section is one section.
type section struct {
	id       byte
	contents []byte
}

func split(wasm []byte) ([]section, error) {
	if len(wasm) < len(header) || string(wasm[:len(header)]) != header {
		return nil, fmt.Errorf("%w: no header", errMalformed)
	}
	r := &reader{b: wasm, pos: len(header)}
	var all []section
	for r.more() {
		all = append(all, section{r.byte(), r.sized()})
	}
	return all, r.err
}

// find is a reader of a section, of nothing if there is none.
func find(all []section, id byte) *reader {
	for _, s := range all {
		if s.id == id {
			return &reader{b: s.contents}
		}
	}
	return &reader{b: []byte{0}}
}

// functions are those that a module has of its own.
type functions struct {
	imported  int
	types     []uint32
	bodies    [][]byte
	resumable []uint32 // types of the compiler's functions: where to go on -> whether it was put aside
	room      int      // bytes by which the module may still grow
}

func readFunctions(all []section) (f functions, err error) {
	types := find(all, secType)
	for i := range types.u32() {
		if types.resumable() {
			f.resumable = append(f.resumable, i)
		}
		if types.err != nil {
			break
		}
	}
	imports := find(all, secImport)
	for range imports.u32() {
		imports.sized()
		imports.sized()
		if kind := imports.byte(); kind != 0 {
			imports.fail() // the compiler imports functions and nothing else
		}
		imports.u32()
		f.imported++
		if imports.err != nil {
			break
		}
	}
	kinds, code := find(all, secFunction), find(all, secCode)
	n := kinds.u32()
	if code.u32() != n {
		code.fail()
	}
	for i := uint32(0); i < n && kinds.err == nil && code.err == nil; i++ {
		f.types = append(f.types, kinds.u32())
		f.bodies = append(f.bodies, code.sized())
	}
	for _, r := range []*reader{types, imports, kinds, code} {
		if r.err != nil {
			return f, r.err
		}
	}
	return f, nil
}

// resumable reads a type and tells whether it is i32 -> i32.
func (r *reader) resumable() bool {
	start := r.pos
	if r.byte() != 0x60 {
		r.fail()
	}
	r.sized()
	r.sized()
	return r.err == nil && string(r.b[start:r.pos]) == string([]byte{0x60, 1, typeI32, 1, typeI32})
}

// rewrite puts a function's second form in its place and keeps the first at the end.
func (f *functions) rewrite(i int) {
	if len(f.bodies[i]) > maxBody {
		return
	}
	d, ok := parse(f.bodies[i])
	if !ok {
		return
	}
	g := graphOf(d, d.table[0])
	if g.tangled {
		return
	}
	e := &emitter{d: d, g: g}
	b := tidy(e.body(d.table[0], uint32(f.imported+len(f.bodies))))
	const entry = 8 // bytes, in the sections of functions and of code
	if len(b) > maxBody || e.most > maxNesting || len(b)+entry > f.room {
		return
	}
	f.room -= len(b) + entry
	f.types = append(f.types, f.types[i])
	f.bodies = append(f.bodies, f.bodies[i])
	f.bodies[i] = b
}

// store writes the sections of the functions.
func (f *functions) store(all []section) {
	for i := range all {
		switch all[i].id {
		case secFunction:
			out := binary.AppendUvarint(nil, uint64(len(f.types)))
			for _, t := range f.types {
				out = binary.AppendUvarint(out, uint64(t))
			}
			all[i].contents = out
		case secCode:
			out := binary.AppendUvarint(nil, uint64(len(f.bodies)))
			for _, b := range f.bodies {
				out = append(binary.AppendUvarint(out, uint64(len(b))), b...)
			}
			all[i].contents = out
		}
	}
}
