package direct

import "encoding/binary"

// calls keeps the local of the stack pointer as it is over calls, which it is not to
// the engine if it is read back from the global. Before a call the compiler pushes the
// address to return to:
//
//	local.get 1; i32.const 8; i32.sub; local.tee 1; global.set $sp
//	local.get 1; i64.const …; i64.store
//	…; call …
//	global.get $sp; local.set 1
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

func (t *tidier) pushes(i int) bool {
	return t.lowers(i) && t.code[i+1].value == 8 && t.is(i+5, opLocalGet, t.stack) &&
		t.ops(i+6, opI64Const, opI64Store) && t.code[i+7].offset == 0
}

// lowers tells whether at i the stack pointer is lowered.
func (t *tidier) lowers(i int) bool {
	return t.is(i, opLocalGet, t.stack) && t.ops(i+1, opI32Const, opI32Sub) &&
		t.is(i+3, opLocalTee, t.stack) && t.is(i+4, opGlobalSet, t.global)
}

// callAt finds the call behind a push: at most a selector or the number of a function
// lies between. 0 is none.
func (t *tidier) callAt(i int) int {
	for end := min(i+6, len(t.code)); i < end; i++ {
		switch e := &t.code[i]; {
		case e.op == opCall, e.op == opCallIndirect:
			return i
		case e.index == t.stack && (e.op == opLocalGet || e.op == opLocalSet || e.op == opLocalTee):
			return 0
		}
	}
	return 0
}

// addresses puts what is added to the stack pointer into the offset of the load or
// store that uses the sum:
//
//	local.get 1; i64.extend_i32_u; i64.const …; i64.add; i32.wrap_i64
func (t *tidier) addresses() {
	const most = 1 << 20
	for i := range t.code {
		if !t.is(i, opLocalGet, t.stack) || !t.ops(i+1, opI64ExtendU, opI64Const, opI64Add, opI32WrapI64) {
			continue
		}
		if by := t.code[i+2].value; by >= 0 && by < most {
			if user := t.user(i + 5); user != nil && user.offset < most {
				user.offset += uint64(by)
				t.remove(i+1, i+5)
			}
		}
	}
}

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
	if prologue == 0 {
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
			if user := t.user(i + 1); user != nil {
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
// is none or several.
func (t *tidier) prologue() (at int) {
	for i := range t.code {
		if !t.lowers(i) || t.code[i+3].become != nil {
			continue
		}
		if at > 0 {
			return 0
		}
		at = i + 5
	}
	return at
}
