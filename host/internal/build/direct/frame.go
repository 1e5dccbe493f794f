package direct

import (
	"encoding/binary"
	"slices"
)

// calls keeps the local of the stack pointer as it is over calls, which it is not to
// the engine if it is read back from the global. Before a call the compiler pushes the
// address to return to:
//
//	local.get 1; i32.const 8; i32.sub; local.tee 1; global.set $sp
//	local.get 1; i64.const …; i64.store
//	i32.const 0; call …
//	global.get $sp; local.set 1
//
// If the function is a value, which then lies below the push, what calls it is
//
//	i64.const 16; i64.shr_u; i32.wrap_i64
//	local.set 0; i32.const 0; local.get 0; call_indirect …
func (t *tidier) calls() {
	for i := range t.code {
		if !t.pushes(i) {
			continue
		}
		if call := t.callAt(i + pushed); call > 0 && t.is(call+1, opGlobalGet, t.global) && t.is(call+2, opLocalSet, t.stack) {
			t.code[i+3].become = appendWith(nil, opLocalTee, t.base)
			t.code[i+5].become = appendWith(nil, opLocalGet, t.base)
			t.remove(call+1, call+3)
		}
	}
}

// pushed is how many instructions push the address to return to.
const pushed = 8

// pushes tells whether at i an address to return to is pushed. A frame of 8 bytes whose
// first word is set to a constant looks the same, but no call follows.
func (t *tidier) pushes(i int) bool {
	return t.lowers(i) && t.code[i+1].value == 8 && t.is(i+5, opLocalGet, t.stack) &&
		t.ops(i+6, opI64Const, opI64Store) && t.code[i+7].offset == 0
}

// lowers tells whether at i the stack pointer is lowered.
func (t *tidier) lowers(i int) bool {
	return t.is(i, opLocalGet, t.stack) && t.ops(i+1, opI32Const, opI32Sub) &&
		t.is(i+3, opLocalTee, t.stack) && t.is(i+4, opGlobalSet, t.global)
}

// callAt finds the call that begins at instruction i with its selector or the number of
// the function. 0 is none.
func (t *tidier) callAt(i int) int {
	if t.ops(i, opI64Const, opI64ShrU, opI32WrapI64, opLocalSet) && t.code[i+3].index != t.stack {
		i += 4
	}
	switch {
	case !t.ops(i, opI32Const) || t.code[i].value != 0:
		return 0
	case t.ops(i+1, opCall):
		return i + 1
	case t.ops(i+1, opLocalGet, opCallIndirect) && t.code[i+1].index != t.stack:
		return i + 2
	}
	return 0
}

// addresses puts what is added to the stack pointer into the offset of the load or
// store that uses the sum:
//
//	local.get 1; i64.extend_i32_u; i64.const …; i64.add; i32.wrap_i64
func (t *tidier) addresses() {
	for i := range t.code {
		if !t.is(i, opLocalGet, t.stack) || !t.ops(i+1, opI64ExtendU, opI64Const, opI64Add, opI32WrapI64) {
			continue
		}
		if by := t.code[i+2].value; by >= 0 && by < farthest {
			if user := t.user(i + 5); user != nil && user.offset < farthest {
				user.offset += uint64(by)
				t.remove(i+1, i+5)
			}
		}
	}
}

// farthest is how far from the stack pointer a frame is taken to reach, in bytes.
const farthest = 1 << 20

// user finds the load or store whose address lies on the stack before instruction i,
// nil if it is something else that takes it or if straight code ends before.
func (t *tidier) user(i int) *edited {
	for above := 0; i < len(t.code); i++ { // values above the address
		e := &t.code[i]
		if e.gone {
			continue
		}
		takes, gives, ok := e.operands()
		switch {
		case !ok:
			return nil
		case takes <= above:
			above += gives - takes
		case above == 0 && e.size() > 0 && !e.stores(), above == 1 && e.stores():
			return e
		default:
			return nil
		}
	}
	return nil
}

// frame makes all that a function loads from and stores to its frame relative to one
// address, which is where it pushes addresses to return to, and looks at the frame's
// far end wherever that address is new to the engine: behind the prologue and in
// loops. From there on the engine need not look any more.
func (t *tidier) frame() {
	prologue := t.prologue()
	if prologue == 0 || !t.steady(prologue) {
		return
	}
	var end uint64
	for i := prologue; i < len(t.code); i++ {
		switch e := &t.code[i]; {
		case e.gone:
		case e.become != nil && e.op == opLocalTee: // of a push
			t.remove(i-3, i)
			e.become = appendWith(nil, opLocalGet, t.base)
			end = max(end, 8)
		case t.is(i, opLocalGet, t.stack) && e.become == nil:
			if user := t.user(i + 1); user != nil && user.offset < 2*farthest {
				user.offset += 8
				end = max(end, user.offset+user.size())
				e.become = appendWith(nil, opLocalGet, t.base)
			}
		}
	}
	if end == 0 {
		return
	}
	look := appendWith(appendWith(nil, opLocalGet, t.base), opI32Load8U, 0)
	look = append(binary.AppendUvarint(look, end-1), opDrop)
	for i := prologue; i < len(t.code); i++ {
		if t.code[i].op == opLoop {
			t.code[i].then = look
		}
	}
	set := append(appendWith(nil, opLocalGet, t.stack), opI32Const, 8, opI32Sub)
	t.code[prologue-1].then = append(appendWith(set, opLocalSet, t.base), look...)
}

// prologue is the instruction behind the one place where the frame is made, 0 if there
// is none or several, if anything could pass by it, or if it could be a push whose call
// was not understood.
func (t *tidier) prologue() (at int) {
	for i := range t.code {
		if !t.lowers(i) || t.code[i+3].become != nil {
			continue
		}
		if at > 0 || t.pushes(i) || !t.first(i) {
			return 0
		}
		at = i + 5
	}
	return at
}

// first tells whether all that is written behind instruction i runs after it: nothing
// before it jumps but to the function's end.
func (t *tidier) first(i int) bool {
	var ifs []bool
	for k := leadAt; k < i; k++ {
		switch e := &t.code[k]; e.op {
		case opBlock, opLoop, opIf:
			ifs = append(ifs, e.op == opIf)
		case opEnd:
			if len(ifs) == 0 || !ifs[len(ifs)-1] {
				return false
			}
			ifs = ifs[:len(ifs)-1]
		case opBrIf:
			if int(e.index) != len(ifs)-1 || ifs[0] {
				return false
			}
		case opBr, opBrTable, opReturn, opElse:
			return false
		}
	}
	return !slices.Contains(ifs, true)
}

// steady tells whether the local of the stack pointer stays as it is from the prologue
// on, until the function returns.
func (t *tidier) steady(prologue int) bool {
	for i := leadAt + 2; i < len(t.code); i++ {
		e := &t.code[i]
		switch {
		case e.gone, e.become != nil, i == prologue-2, !t.is(i, opLocalSet, t.stack) && !t.is(i, opLocalTee, t.stack):
		case t.reads(i), t.raises(i) && t.returns(i+2):
		default:
			return false
		}
	}
	return true
}

// reads tells whether at i the stack pointer is read back behind a call. The compiler
// pushes nothing before one of its helpers.
func (t *tidier) reads(i int) bool {
	return t.is(i, opLocalSet, t.stack) && t.is(i-1, opGlobalGet, t.global) &&
		(t.ops(i-2, opCall) || t.ops(i-2, opCallIndirect))
}

// raises tells whether at i what raises the stack pointer is kept.
func (t *tidier) raises(i int) bool {
	return t.is(i-3, opLocalGet, t.stack) && t.ops(i-2, opI32Const, opI32Add, opLocalTee) && t.is(i+1, opGlobalSet, t.global)
}

// returns tells whether from i on straight code leads to the function's end and speaks
// of no frame.
func (t *tidier) returns(i int) bool {
	for ; i < len(t.code); i++ {
		switch e := &t.code[i]; e.op {
		case opReturn:
			return true
		case opBlock, opLoop, opIf, opElse, opEnd, opBr, opBrIf, opBrTable:
			return false
		case opLocalGet:
			if e.index == t.stack && t.user(i+1) != nil {
				return false
			}
		}
	}
	return false
}
