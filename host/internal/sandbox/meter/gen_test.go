package meter_test

import (
	"math/rand/v2"

	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// The generator writes valid modules full of odd control flow. Every function
// counts down the global steps at its entry and in its loops and traps when it
// is spent, so that all of them end.

const (
	genFuncs = 6
	genSteps = 300
	// Indexes in generated modules.
	stepsGlobal, i64Global = 0, 1
)

// gen writes one function.
type gen struct {
	*rand.Rand
	self    int    // callable are the functions before it
	sigs    []Sig  // of all functions
	vars    []Type // parameters and locals
	results []Type
	labels  [][]Type // what a branch to each takes, innermost last
	size    int      // statements that may still be written
}

// genModule is a module of genFuncs functions named f0 … and a memory. Code is
// about size statements a function.
func genModule(r *rand.Rand, size int) Module {
	m := Module{
		Memories: []Limits{MinMax(1, 3)},
		Tables:   []Table{{Limits: Min(4)}},
		Globals: []Global{
			{Type: I32, Mutable: true, Init: I32Const(genSteps)},
			{Type: I64, Mutable: true, Init: I64Const(7)},
		},
		Exports: []Export{{Name: "memory", Kind: KindMemory}, {Name: "steps", Kind: KindGlobal, Index: stepsGlobal}},
		Elems:   []Elem{{Funcs: []uint32{0, 1}}},
		Datas:   []Data{{Passive: true, Bytes: []byte("passive data segment")}}, DataCount: true,
	}
	sigs := make([]Sig, genFuncs)
	for i := range sigs {
		sigs[i] = Sig{Params: genTypes(r, 3), Results: genTypes(r, 3)}
	}
	for i := range sigs {
		locals := genTypes(r, 5)
		g := &gen{Rand: r, self: i, sigs: sigs, vars: append(append([]Type(nil), sigs[i].Params...), locals...),
			results: sigs[i].Results, labels: [][]Type{sigs[i].Results}, size: 1 + r.IntN(size)}
		m.Funcs = append(m.Funcs, Func{Sig: sigs[i], Locals: locals, Export: string(rune('a' + i)), Code: g.function()})
	}
	return m
}

func genTypes(r *rand.Rand, most int) []Type {
	ts := make([]Type, r.IntN(most))
	for i := range ts {
		ts[i] = []Type{I32, I64}[r.IntN(2)]
	}
	return ts
}

func (g *gen) function() []byte {
	var out []byte
	if g.IntN(2) == 0 { // else it may begin with a loop
		out = countDown()
	}
	out = append(out, g.statements(0)...)
	if g.IntN(2) == 0 { // like the Go compiler: one loop around everything
		out = Loop(Void, g.within(nil, func() []byte { return append(countDown(), out...) }))
	}
	return append(out, g.values(g.results, 0)...)
}

func countDown() []byte {
	return Seq(GlobalGet(stepsGlobal), I32Const(1), I32Sub(), GlobalSet(stepsGlobal),
		GlobalGet(stepsGlobal), I32Const(0), I32LtS(), If(Void, Unreachable()))
}

// within writes code inside a block whose label takes those values.
func (g *gen) within(label []Type, f func() []byte) []byte {
	g.labels = append(g.labels, label)
	defer func() { g.labels = g.labels[:len(g.labels)-1] }()
	return f()
}

// statements leave the stack as it was.
func (g *gen) statements(depth int) []byte {
	var out []byte
	for range 1 + g.IntN(5) {
		if g.size <= 0 {
			break
		}
		g.size--
		out = append(out, g.statement(depth)...)
	}
	return out
}

func (g *gen) statement(depth int) []byte {
	if depth > 8 {
		return Nop()
	}
	inner := func() []byte { return g.statements(depth + 1) }
	switch g.IntN(20) {
	case 0, 1:
		return Block(Void, g.within(nil, inner))
	case 2, 3:
		return Loop(Void, g.within(nil, func() []byte { return append(countDown(), inner()...) }))
	case 4:
		return Seq(g.value(I32, depth), If(Void, g.within(nil, inner)))
	case 5, 6:
		return Seq(g.value(I32, depth), IfElse(Void, g.within(nil, inner), g.within(nil, inner)))
	case 7:
		return Seq(g.jump(depth), g.dead(depth))
	case 8, 9:
		return g.branchIf(depth)
	case 10, 11:
		return g.call(depth)
	case 12:
		return g.bulk(depth)
	case 13:
		return Repeat(g.IntN(150), Seq(g.value(I32, 9), Drop()))
	case 14:
		return Seq(g.address(depth), g.value(I64, depth), I64Store(uint32(g.IntN(100))))
	case 15:
		return Seq(g.value(I64, depth), GlobalSet(i64Global))
	}
	if len(g.vars) == 0 {
		return Seq(g.value(I32, depth), Drop())
	}
	i := g.IntN(len(g.vars))
	return Seq(g.value(g.vars[i], depth), LocalSet(uint32(i)))
}

// jump leaves for good.
func (g *gen) jump(depth int) []byte {
	switch g.IntN(8) {
	case 0:
		return Unreachable()
	case 1, 2:
		return Seq(g.values(g.results, depth), Return())
	case 3, 4:
		return g.branchTable(depth)
	}
	l := g.IntN(len(g.labels))
	return Seq(g.values(g.label(l), depth), Br(uint32(l)))
}

func (g *gen) label(l int) []Type { return g.labels[len(g.labels)-1-l] }

// branchTable goes to labels that take nothing.
func (g *gen) branchTable(depth int) []byte {
	var free []uint32
	for l := range g.labels {
		if len(g.label(l)) == 0 {
			free = append(free, uint32(l))
		}
	}
	if len(free) == 0 {
		return Unreachable()
	}
	pick := func() uint32 { return free[g.IntN(len(free))] }
	labels := make([]uint32, g.IntN(5))
	for i := range labels {
		labels[i] = pick()
	}
	return Seq(g.value(I32, depth), BrTable(labels, pick()))
}

// dead is code that nothing reaches: valid, and with operands from nowhere.
func (g *gen) dead(depth int) []byte {
	switch g.IntN(4) {
	case 0:
		return nil
	case 1:
		return Seq(I32Add(), Drop())
	case 2:
		return Seq(Loop(Void, g.within(nil, func() []byte { return Br(0) })), MemoryFill())
	}
	return g.statements(depth + 1)
}

func (g *gen) branchIf(depth int) []byte {
	l := g.IntN(len(g.labels))
	ts := g.label(l)
	return Seq(g.values(ts, depth), g.value(I32, depth), BrIf(uint32(l)), Repeat(len(ts), Drop()))
}

func (g *gen) call(depth int) []byte {
	if g.self == 0 {
		return Nop()
	}
	f := g.IntN(g.self)
	return Seq(g.values(g.sigs[f].Params, depth), Call(uint32(f)), Repeat(len(g.sigs[f].Results), Drop()))
}

func (g *gen) bulk(depth int) []byte {
	length := func() []byte { return I32Const(g.Int32N(3000)) }
	switch g.IntN(7) {
	case 0:
		return Seq(g.address(depth), I32Const(0), I32Const(g.Int32N(22)), MemoryInit(0))
	case 1:
		return Seq(g.address(depth), g.address(depth), length(), MemoryCopy())
	case 2:
		return Seq(I32Const(g.Int32N(3)), MemoryGrow(), Drop())
	case 3:
		return Seq(RefFunc(0), I32Const(g.Int32N(3)), TableGrow(), Drop())
	case 4:
		return Seq(I32Const(g.Int32N(5)), RefNull(FuncRef), I32Const(g.Int32N(4)), TableFill())
	case 5:
		return Seq(I32Const(g.Int32N(5)), TableGet(), Op(0xd1), I32Eqz(), If(Void, g.within(nil, func() []byte {
			return g.statements(depth + 1)
		})))
	}
	return Seq(g.address(depth), g.value(I32, depth), length(), MemoryFill())
}

// address is nearly always inside memory.
func (g *gen) address(depth int) []byte {
	if g.IntN(50) == 0 {
		return g.value(I32, depth)
	}
	return Seq(g.value(I32, depth), I32Const(0x7fff), I32And())
}

func (g *gen) values(ts []Type, depth int) []byte {
	var out []byte
	for _, t := range ts {
		out = append(out, g.value(t, depth)...)
	}
	return out
}

// value leaves one value of that type.
func (g *gen) value(t Type, depth int) []byte {
	if depth > 6 || g.IntN(3) == 0 {
		return g.simple(t)
	}
	depth += 2
	switch g.IntN(8) {
	case 0:
		return Block(Result(t), g.within([]Type{t}, func() []byte {
			return Seq(g.statements(depth), g.value(t, depth))
		}))
	case 1:
		arm := func() []byte { return Seq(g.statements(depth), g.value(t, depth)) }
		return Seq(g.value(I32, depth), IfElse(Result(t), g.within([]Type{t}, arm), g.within([]Type{t}, arm)))
	case 2:
		return Seq(g.value(t, depth), g.value(t, depth), g.value(I32, depth), Select())
	case 3:
		if t == I32 {
			return Seq(g.value(I64, depth), g.value(I64, depth), I64LtS())
		}
		return Seq(g.value(I32, depth), Op(0xac))
	case 4:
		return Seq(g.address(depth), loadOf(t))
	}
	op := []byte{0x6a, 0x6b, 0x6c, 0x6d, 0x71, 0x73, 0x74}[g.IntN(7)]
	if t == I64 {
		op += 0x12
	}
	return Seq(g.value(t, depth), g.value(t, depth), Op(op))
}

func loadOf(t Type) []byte {
	if t == I32 {
		return I32Load(4)
	}
	return I64Load(8)
}

func (g *gen) simple(t Type) []byte {
	if len(g.vars) > 0 && g.IntN(4) > 0 {
		if i := g.IntN(len(g.vars)); g.vars[i] == t {
			return LocalGet(uint32(i))
		}
	}
	if t == I64 {
		if g.IntN(3) == 0 {
			return GlobalGet(i64Global)
		}
		return I64Const(g.Int64N(1<<40) - 1<<20)
	}
	return I32Const(g.Int32N(70) - 5)
}
