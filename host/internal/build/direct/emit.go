package direct

import (
	"encoding/binary"
	"slices"
)

// emitter writes the pieces of a function as blocks and loops: Ramsey, "Beyond
// Relooper: Recursive Translation of Unstructured Control Flow to Structured Control
// Flow" (ICFP 2022).
type emitter struct {
	d      *dispatch
	g      *graph
	out    []byte
	labels []label // of the blocks around, the innermost last
	most   int     // how many blocks were ever around
}

// label is what a branch to a block means.
type label struct {
	kind  labelKind
	piece int
}

type labelKind byte

const (
	within labelKind = iota // a block of a piece's own
	ahead                   // the piece begins behind it
	again                   // the piece begins in it
	leave                   // the function ends behind it
)

// body writes a function that begins with a piece. Called to go on elsewhere it hands
// over to the original.
func (e *emitter) body(entry int, original uint32) []byte {
	e.put(e.d.locals...)
	e.with(opLocalGet, e.d.selector)
	e.put(opIf, void)
	e.with(opLocalGet, e.d.selector)
	e.with(opCall, original)
	e.put(opReturn, opEnd)
	e.put(e.d.lead...)
	if e.d.leaves {
		e.open(opBlock, label{kind: leave})
	}
	e.tree(entry)
	e.put(opUnreachable)
	if e.d.leaves {
		e.close()
		e.put(opI32Const, 1)
	}
	e.put(opEnd)
	return e.out
}

func (e *emitter) put(b ...byte) { e.out = append(e.out, b...) }

func (e *emitter) with(op byte, v uint32) { e.out = appendWith(e.out, op, v) }

func appendWith(b []byte, op byte, v uint32) []byte {
	return binary.AppendUvarint(append(b, op), uint64(v))
}

func (e *emitter) open(op byte, l label) {
	e.put(op, void)
	e.enter(l)
}

func (e *emitter) enter(l label) {
	e.labels = append(e.labels, l)
	e.most = max(e.most, len(e.labels))
}

func (e *emitter) close() {
	e.put(opEnd)
	e.labels = e.labels[:len(e.labels)-1]
}

// tree writes a piece and all that it dominates. Nothing comes to its end.
func (e *emitter) tree(i int) {
	if e.g.loops[i] {
		e.open(opLoop, label{again, i})
		defer e.close()
	}
	e.before(i, e.g.below[i])
}

// before writes a piece in blocks behind which those begin that merge ways, the last
// in the outermost.
func (e *emitter) before(i int, merging []int) {
	if len(merging) == 0 {
		e.piece(i)
		return
	}
	last := len(merging) - 1
	e.open(opBlock, label{ahead, merging[last]})
	e.before(i, merging[:last])
	e.close()
	e.tree(merging[last])
}

func (e *emitter) piece(i int) {
	p := &e.d.pieces[i]
	jumps, around := p.jumps, len(e.labels)
	for k := 0; k < len(p.code); k++ {
		if len(jumps) > 0 && jumps[0].at == k {
			e.branch(i, jumps[0].to)
			jumps = jumps[1:]
			k += 2
			continue
		}
		e.instruction(i, &p.code[k], uint32(len(e.labels)-around))
	}
	switch {
	case !p.falls:
	case i+1 == len(e.d.pieces):
		e.put(opUnreachable) // it stands behind the loop
	default:
		e.branch(i, i+1)
	}
}

// instruction writes one of a piece, within depth blocks of the piece's own.
func (e *emitter) instruction(i int, in *instr, depth uint32) {
	switch in.op {
	case opBlock, opLoop, opIf:
		e.enter(label{kind: within})
	case opEnd:
		e.labels = e.labels[:len(e.labels)-1]
	case opBr, opBrIf:
		if in.index >= depth {
			e.with(in.op, e.outside(in.index-depth-uint32(len(e.d.pieces)-1-i)))
			return
		}
	}
	e.put(e.d.b[in.start:in.end]...)
}

// outside is the label of the nth block around the loop of the original.
func (e *emitter) outside(n uint32) uint32 {
	if e.d.leaves && n == 1 {
		return e.find(label{kind: leave})
	}
	return uint32(len(e.labels)) // the function itself
}

// branch goes on with another piece: back, to where ways merge, or here, if this is the
// only way to it.
func (e *emitter) branch(from, to int) {
	switch {
	case e.g.back(from, to):
		e.with(opBr, e.find(label{again, to}))
	case e.g.merges[to]:
		e.with(opBr, e.find(label{ahead, to}))
	default:
		e.tree(to)
		e.put(opUnreachable)
	}
}

func (e *emitter) find(l label) uint32 {
	return uint32(len(e.labels) - 1 - slices.Index(e.labels, l))
}
