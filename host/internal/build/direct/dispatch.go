package direct

// dispatch is a function as the compiler writes it: pieces of straight code, and before
// them a loop and a table of where they are. To get from one to another it sets a local
// to the other's place in the table and branches back to the loop:
//
//	global.get $sp; local.set 1
//	block                      ;; leave: to return 1, which puts the goroutine aside
//	  loop
//	    block … block block    ;; one per piece
//	      local.get 0
//	      br_table 0 0 1 2 …   ;; whose place is what the function was called with
//	    end
//	    …                      ;; piece 0
//	    end
//	    …                      ;; piece 1
//	  end
//	  unreachable
//	end
//	i32.const 1
//
// The compiler's cmd/internal/obj/wasm (preprocess) writes this.
type dispatch struct {
	b        []byte // the function, beginning with its locals
	locals   []byte // how they are declared
	lead     []byte // what it does before the loop: it puts the stack pointer into a local
	selector uint32 // the local that the table looks at
	table    []int  // pieces by what the selector is, last that of all others
	pieces   []piece
	leaves   bool // there is a block to leave by
}

// piece is straight code, but for blocks of its own.
type piece struct {
	code  []instr
	jumps []jump // to other pieces, by where they stand
	falls bool   // its end is reached: the next piece follows
}

// jump is three instructions: what sets the selector and goes back.
type jump struct{ at, to int }

// parse reads a function. It is not ok if it has another shape.
func parse(b []byte) (d *dispatch, ok bool) {
	r := &reader{b: b}
	d = &dispatch{b: b}
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		r.u32()
		r.byte()
	}
	d.locals = b[:r.pos]
	n, ok := d.head(r)
	for i := 0; i < n && ok; i++ {
		var p piece
		p, ok = d.piece(r, uint32(n-1-i))
		d.pieces = append(d.pieces, p)
	}
	return d, ok && d.tail(r)
}

// head reads up to the first piece and tells how many there are.
func (d *dispatch) head(r *reader) (n int, ok bool) {
	start := r.pos
	if r.decode().op != opGlobalGet || r.decode().op != opLocalSet {
		return 0, false
	}
	d.lead = d.b[start:r.pos]
	in := r.decode()
	if d.leaves = in.op == opBlock && !in.typed; d.leaves {
		in = r.decode()
	}
	if in.op != opLoop || in.typed {
		return 0, false // nothing jumps in it
	}
	for in = r.decode(); in.op == opBlock && !in.typed; in = r.decode() {
		n++
	}
	choose := r.decode()
	if in.op != opLocalGet || choose.op != opBrTable || r.decode().op != opEnd {
		return 0, false
	}
	d.selector = in.index
	for _, l := range choose.labels {
		if int(l) >= n {
			return 0, false
		}
		d.table = append(d.table, int(l))
	}
	return n, d.selector == 0
}

// piece reads a piece and the end behind it. To it, loop is the label of the loop.
func (d *dispatch) piece(r *reader, loop uint32) (p piece, ok bool) {
	p.falls = true
	var depth uint32
	for r.err == nil {
		in := r.decode()
		if in.op == opEnd && depth == 0 {
			return p, true
		}
		p.code = append(p.code, in)
		if !d.known(&p, depth, loop) {
			return p, false
		}
		switch in.op {
		case opBlock, opLoop, opIf:
			depth++
		case opEnd:
			depth--
		case opBr, opReturn, opUnreachable:
			p.falls = p.falls && depth > 0
		}
	}
	return p, false
}

// known tells whether the compiler could have written what a piece ends with so far,
// and notes jumps.
func (d *dispatch) known(p *piece, depth, loop uint32) bool {
	switch in := &p.code[len(p.code)-1]; in.op {
	case opBr:
		if in.index == depth+loop {
			return d.jump(p)
		}
		return in.index < depth || in.index > depth+loop
	case opBrIf:
		return in.index < depth || in.index > depth+loop
	case opBrTable:
		return false
	case opLocalGet:
		return in.index != d.selector || p.scratch()
	}
	return true
}

// jump notes the jump that a piece ends with so far.
func (d *dispatch) jump(p *piece) bool {
	at := len(p.code) - 3
	if at < 0 {
		return false
	}
	k, set := &p.code[at], &p.code[at+1]
	if k.op != opI32Const || set.op != opLocalSet || set.index != d.selector {
		return false
	}
	to := len(d.table) - 1
	if k.value >= 0 && k.value < int64(to) {
		to = int(k.value)
	}
	p.jumps = append(p.jumps, jump{at, d.table[to]})
	return true
}

// scratch tells whether the selector, got last, was set just before for another use:
// an indirect call puts the function's number aside in it.
func (p *piece) scratch() bool {
	n := len(p.code)
	return n >= 3 && p.code[n-2].op == opI32Const && p.code[n-3].op == opLocalSet && p.code[n-3].index == p.code[n-1].index
}

// tail reads what is behind the pieces. The end of the last was the loop's.
func (d *dispatch) tail(r *reader) bool {
	if r.decode().op != opUnreachable {
		return false
	}
	if d.leaves {
		end, one := r.decode(), r.decode()
		if end.op != opEnd || one.op != opI32Const || one.value != 1 {
			return false
		}
	}
	return r.decode().op == opEnd && r.err == nil && r.pos == len(r.b)
}
