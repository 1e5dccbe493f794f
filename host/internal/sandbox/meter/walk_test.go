package meter_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// mostPerUnit is the promise: 128 instructions, and the two that wrap a function.
const mostPerUnit = 130

// step is an instruction of a rewritten function, as a node of a graph.
type step struct {
	op    int
	arg   uint32
	next  []int // where it may go; none is the function's end
	added bool  // it was not in the original
	pays  bool
	zero  bool // a constant 0
}

// walker reads rewritten functions with a reader of its own.
type walker struct {
	b           []byte
	pos         int
	fuel, depth uint32 // globals
	vars        uint32 // locals of the original
	steps       []step
	longest     []int // instructions until the next payment, per step
	state       []byte
}

func (w *walker) u() uint32 {
	v, n := binary.Uvarint(w.b[w.pos:])
	w.pos += n
	return uint32(v)
}

func (w *walker) skipSigned() {
	for w.b[w.pos]&0x80 != 0 {
		w.pos++
	}
	w.pos++
}

// decode reads one instruction without its targets; labels are those of a br_table.
func (w *walker) decode() (s step, labels []uint32) {
	s.op = int(w.b[w.pos])
	w.pos++
	switch s.op {
	case 0x02, 0x03, 0x04, 0x41, 0x42:
		s.zero = w.b[w.pos] == 0
		w.skipSigned()
	case 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0xd2:
		s.arg = w.u()
	case 0xd0, 0x3f, 0x40:
		w.pos++
	case 0x0e:
		for range w.u() + 1 {
			labels = append(labels, w.u())
		}
	case 0x28, 0x29, 0x36, 0x37:
		w.u()
		w.u()
	case 0xfc:
		s.op = 0xfc00 + int(w.u())
		w.u()
		if s.op != 0xfc0b && s.op != 0xfc0f && s.op != 0xfc11 {
			w.u()
		}
	}
	return s, labels
}

// block is an open block while the graph is built.
type block struct {
	op    int
	start int
	ends  []int // steps that go behind its end
	from  int   // the if, until its else is found
}

// graph reads the instructions of a body.
func (w *walker) graph() {
	w.steps = make([]step, 0, len(w.b))
	blocks := []block{{op: 0x02, from: -1}}
	goTo := func(i int, label uint32) {
		b := &blocks[len(blocks)-1-int(label)]
		if b.op == 0x03 {
			w.steps[i].next = append(w.steps[i].next, b.start)
		} else {
			b.ends = append(b.ends, i)
		}
	}
	for w.pos < len(w.b) {
		s, labels := w.decode()
		i := len(w.steps)
		w.steps = append(w.steps, s)
		falls := true
		switch s.op {
		case 0x02, 0x03, 0x04:
			blocks = append(blocks, block{op: s.op, start: i, from: i})
		case 0x05: // reached from the first half only to leave; the second half begins behind it
			b := &blocks[len(blocks)-1]
			w.steps[b.from].next = append(w.steps[b.from].next, i+1)
			b.op, falls = 0x05, false
			b.ends = append(b.ends, i)
		case 0x0b:
			b := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			if b.op == 0x04 {
				b.ends = append(b.ends, b.from)
			}
			falls = len(blocks) > 0
			for _, e := range b.ends {
				if falls { // a branch goes behind the end
					w.steps[e].next = append(w.steps[e].next, i+1)
				}
			}
		case 0x0c:
			goTo(i, s.arg)
			falls = false
		case 0x0d:
			goTo(i, s.arg)
		case 0x0e:
			for _, l := range labels {
				goTo(i, l)
			}
			falls = false
		case 0x0f, 0x00:
			falls = false
		}
		if falls {
			w.steps[i].next = append(w.steps[i].next, i+1)
		}
	}
}

// mark finds what the rewriter has inserted. Its pieces begin by naming a global
// or local that the original does not have.
func (w *walker) mark() {
	for i := 0; i < len(w.steps); i++ {
		if w.keepsApart(i) {
			w.steps[i].added, w.steps[i+1].added = true, true
		}
		if !w.foreign(i) {
			continue
		}
		start := i
		for w.steps[i].op != 0x24 && w.steps[i].op != 0x21 {
			i++
		}
		w.steps[i].pays = w.steps[i].op == 0x24 && w.steps[i].arg == w.fuel
		if w.foreign(i+1) && w.compares(i+3) {
			for w.steps[i].op != 0x0b {
				i++
			}
		}
		for j := start; j <= i; j++ {
			w.steps[j].added = true
		}
	}
}

// keepsApart tells whether an addition of 0 begins here, before an ordered
// comparison.
func (w *walker) keepsApart(i int) bool {
	if i+2 >= len(w.steps) || w.steps[i].op != 0x41 && w.steps[i].op != 0x42 || !w.steps[i].zero {
		return false
	}
	add, cmp := w.steps[i+1].op, w.steps[i+2].op
	return add == 0x6a && cmp >= 0x48 && cmp <= 0x4f || add == 0x7c && cmp >= 0x53 && cmp <= 0x5a
}

// compares tells whether a step compares with zero: i64.ge_s or i32.ge_s.
func (w *walker) compares(i int) bool {
	return i < len(w.steps) && (w.steps[i].op == 0x59 || w.steps[i].op == 0x4e)
}

func (w *walker) foreign(i int) bool {
	switch s := w.steps[i]; s.op {
	case 0x23, 0x24:
		return s.arg == w.fuel || s.arg == w.depth
	case 0x20, 0x21, 0x22:
		return s.arg >= w.vars
	}
	return false
}

const (
	unseen = iota
	seeing
	seen
)

// after is how many original instructions can run from step i on, until the
// next payment or the end. A cycle without a payment is an error.
func (w *walker) after(i int) (int, error) {
	switch w.state[i] {
	case seen:
		return w.longest[i], nil
	case seeing:
		return 0, fmt.Errorf("a cycle through step %d pays nothing", i)
	}
	w.state[i] = seeing
	most := 0
	for _, n := range w.steps[i].next {
		if w.steps[n].pays {
			continue
		}
		m, err := w.after(n)
		if err != nil {
			return 0, err
		}
		most = max(most, m)
	}
	if !w.steps[i].added {
		most++
	}
	w.state[i], w.longest[i] = seen, most
	return most, nil
}

// check proves the promise for one function: from every payment on, the longest
// way to the next is short enough. If the first loop pays for the entry, what
// runs before it counts as run behind it.
func (w *walker) check() error {
	w.state, w.longest = make([]byte, len(w.steps)), make([]int, len(w.steps))
	lead, first := 0, 0
	for !w.steps[first].pays {
		if len(w.steps[first].next) == 0 && !w.steps[first].added {
			return fmt.Errorf("it can end at step %d without having paid", first)
		}
		if !w.steps[first].added {
			lead++
		}
		if len(w.steps[first].next) > 1 && !w.steps[first].added {
			return fmt.Errorf("step %d branches before the first payment", first)
		}
		first++
	}
	for i, s := range w.steps {
		if !s.pays {
			continue
		}
		n, err := w.after(i)
		if err != nil {
			return err
		}
		if i == first {
			n += lead
		}
		if n > mostPerUnit {
			return fmt.Errorf("%d instructions for the unit paid at step %d", n, i)
		}
	}
	return nil
}

// bodies splits the code section of a module that Rewrite wrote.
func bodies(wasm []byte) [][]byte {
	w := &walker{b: wasm, pos: 8}
	for {
		id := w.b[w.pos]
		w.pos++
		size := int(w.u())
		if id != 10 {
			w.pos += size
			continue
		}
		all := make([][]byte, w.u())
		for i := range all {
			n := int(w.u())
			all[i] = w.b[w.pos : w.pos+n]
			w.pos += n
		}
		return all
	}
}

// walk checks all functions of a generated module.
func walk(t *testing.T, m Module) error {
	out := rewrite(t, m.Bytes(), meter.Options{})
	all := bodies(out)
	for i, f := range m.Funcs {
		w := &walker{b: all[i], fuel: uint32(len(m.Globals)), depth: uint32(len(m.Globals)) + 1,
			vars: uint32(len(f.Params) + len(f.Locals))}
		for range w.u() {
			w.u()
			w.pos++
		}
		w.graph()
		w.mark()
		if err := w.check(); err != nil {
			return fmt.Errorf("function %d: %w\n%x", i, err, f.Code)
		}
	}
	return nil
}

func TestNoUnitBuysMoreThanItsInstructions(t *testing.T) {
	t.Parallel()
	functions := int64(25_000)
	if testing.Short() {
		functions = 10_000
	}
	if long() {
		functions = 3_000_000
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for !t.Failed() {
				seed := next.Add(1)
				if seed*genFuncs > functions {
					return
				}
				m := genModule(rand.New(rand.NewPCG(uint64(seed), 2)), 25)
				if err := walk(t, m); err != nil {
					t.Errorf("seed %d, %v", seed, err)
				}
			}
		})
	}
	group.Wait()
}

// TestWalkerSeesMissingPayments makes sure that the test above can fail.
func TestWalkerSeesMissingPayments(t *testing.T) {
	t.Parallel()
	long := Repeat(mostPerUnit, Nop())
	for name, code := range map[string][]byte{
		"straight": Seq(pay(), long, End()),
		"branch":   Seq(pay(), I32Const(1), IfElse(Void, long, nil), pay(), End()),
		"loop":     Seq(pay(), Loop(Void, Br(0)), End()),
		"never":    End(),
		"late":     Seq(I32Const(0), If(Void, Return()), pay(), End()),
	} {
		w := &walker{b: code, fuel: 9, depth: 10}
		w.graph()
		w.mark()
		if w.check() == nil {
			t.Errorf("%s: nothing found", name)
		}
	}
}

func pay() []byte { return Seq(GlobalGet(9), I64Const(1), I64Sub(), GlobalSet(9)) }
