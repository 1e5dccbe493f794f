package wasmtest

// Min is the size of a table or memory without a maximum.
func Min(n uint32) Limits { return Limits{Min: n} }

// MinMax is the size of a table or memory.
func MinMax(least, most uint32) Limits { return Limits{Min: least, Max: most, HasMax: true} }

// Spin never ends: a loop without anything in it.
func Spin() []byte { return Loop(Void, Br(0)) }

// CallBomb is a call tree of that depth without a single loop: f0 does nothing,
// and each function calls the one before it twice, so that the last one, which
// is exported, makes 2^depth calls.
func CallBomb(export string, depth int) Module {
	m := Module{Funcs: []Func{{}}}
	for i := range depth {
		call := Call(uint32(i))
		m.Funcs = append(m.Funcs, Func{Code: Seq(call, call)})
	}
	m.Funcs[depth].Export = export
	return m
}

// FillBomb fills size bytes n times, one after the other without a loop. Its
// memory is just as large as that.
func FillBomb(export string, n int, size uint32) Module {
	pages := (size + 65535) / 65536
	fill := Seq(I32Const(0), I32Const(1), I32Const(int32(size)), MemoryFill())
	return Module{
		Memories: []Limits{MinMax(pages, pages)},
		Funcs:    []Func{{Export: export, Code: Repeat(n, fill)}},
	}
}

// Recurse calls itself for ever. Each frame keeps that many i64 locals alive
// over the call.
func Recurse(export string, locals int) Module {
	var before, after []byte
	types := make([]Type, locals)
	for i := range locals {
		types[i] = I64
		before = append(before, Seq(LocalGet(0), I64Const(int64(i)+1), I64Mul(), LocalSet(uint32(i+1)))...)
		after = append(after, Seq(LocalGet(uint32(i+1)), I64Add())...)
	}
	code := Seq(before, LocalGet(0), I64Const(1), I64Add(), Call(0), after)
	f := Func{Sig: Sig{Params: []Type{I64}, Results: []Type{I64}}, Locals: types, Code: code, Export: export}
	return Module{Funcs: []Func{f}}
}

// LoopBomb is loops side by side in one function with many locals, which is
// slow to compile.
func LoopBomb(export string, loops, locals int) Module {
	types := make([]Type, locals)
	for i := range types {
		types[i] = I32
	}
	one := Loop(Void, LocalGet(0), BrIf(0))
	return Module{Funcs: []Func{{Export: export, Locals: types, Code: Repeat(loops, one)}}}
}

// NestBomb is that many blocks, one inside the other.
func NestBomb(export string, depth int) Module {
	open := Repeat(depth, []byte{0x02, 0x40})
	return Module{Funcs: []Func{{Export: export, Code: Seq(open, Repeat(depth, End()))}}}
}
