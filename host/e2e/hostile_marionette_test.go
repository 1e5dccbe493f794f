package e2e

import (
	w "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The locals of a marionette; the first two are its parameters.
const (
	_ uint32 = iota
	_
	lPC
	lOut
	lDo
	lTimes
	lIn
	lI
	lK
	lP
	lOKs
	lChanges
	lR
	lPrevious
)

// marionetteHeader is where the results begin in the answer: a map of one, its
// key, and the head of a bin 32.
const marionetteHeader = "\x81\xa7results\xc6"

// marionette is the module and its handler, written by hand.
func marionette() (w.Module, w.Func) {
	i32, i64 := w.I32, w.I64
	hostSig := w.Sig{Params: []w.Type{i32, i32, i32, i32}, Results: []w.Type{i64}}
	m := w.Module{
		Memories: []w.Limits{w.Min(memorySize >> 16)},
		Datas:    []w.Data{{Offset: w.I32Const(resultsAt), Bytes: []byte(marionetteHeader)}},
	}
	var slots []uint32
	for i, fn := range abi.Funcs() {
		s := hostSig
		slots = append(slots, uint32(i))
		if fn == abi.FuncNow {
			s, slots[i] = w.Sig{Results: []w.Type{i64}}, 0
		}
		name := fn
		if fn == abi.FuncPublish {
			name = abi.FuncLog // only an app with derived values may import it, which are none of this
		}
		m.Imports = append(m.Imports, w.Import{Module: abi.Module, Name: name.String(), Sig: s})
	}
	m.Imports = append(m.Imports, w.Import{Module: "wasi_snapshot_preview1", Name: "fd_write", Sig: w.Sig{Params: hostSig.Params, Results: []w.Type{i32}}})
	n := uint32(len(slots))
	m.Tables = []w.Table{{Limits: w.MinMax(n, n)}}
	m.Elems = []w.Elem{{Funcs: slots}}
	hostType := w.Module{Imports: m.Imports}.TypeIndex(hostSig)
	locals := []w.Type{i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i64, i64}
	return m, w.Func{Locals: locals, Code: marionetteCode(hostType)}
}

func marionetteCode(hostType uint32) []byte {
	return w.Seq(
		// pc: behind the header of a bin 16 or a bin 32
		w.I32Const(10), w.I32Const(12), w.I32Const(7), load8(), w.I32Const(0xc5), w.I32Eq(), w.Select(), w.LocalSet(lPC),
		w.I32Const(resultsAt+int32(len(marionetteHeader))+4), w.LocalSet(lOut),
		w.Block(w.Void, w.Loop(w.Void,
			stepField(0), w.LocalTee(lDo), w.I32Const(doEnd), w.I32Eq(), w.BrIf(1),
			stepField(1), w.LocalSet(lTimes), stepField(2), w.LocalSet(lIn),
			marionetteRare(),
			clearLocal(lI), clearLocal(lOKs), clearLocal(lChanges),
			w.Loop(w.Void, marionetteOnce(hostType)),
			marionetteNote(),
			addLocal(lPC, stepSize), w.Br(0),
		)),
		marionetteAnswer(),
	)
}

// marionetteRare does what is not repeated.
func marionetteRare() []byte {
	is := func(what int32, then ...[]byte) []byte {
		return w.Seq(w.LocalGet(lDo), w.I32Const(what), w.I32Eq(), w.If(w.Void, then...))
	}
	return w.Seq(
		is(doTrap, w.Unreachable()),
		is(doSpin, w.Spin()),
		is(doBurn, w.Loop(w.Void,
			w.LocalGet(lIn), w.I32Const(1), w.I32Sub(), w.LocalTee(lIn), w.BrIf(0))),
		is(doFail,
			w.I32Const(0), w.LocalGet(lIn), stepField(3), w.MemoryCopy(),
			extend(stepField(4)), w.I64Const(32), w.Op(0x86), extend(stepField(3)), w.Op(0x84), w.Return()), // code<<32 | length
	)
}

// marionetteOnce makes one call, notes its answer and branches back unless it
// was the last.
func marionetteOnce(hostType uint32) []byte {
	is := func(what int32) []byte { return w.Seq(w.LocalGet(lDo), w.I32Const(what), w.I32Eq()) }
	args := w.Seq(w.LocalGet(lIn), stepField(3), stepField(4), stepField(5))
	host := w.IfElse(w.Result(w.I64), w.Call(uint32(abi.FuncNow)), w.Seq(args, w.LocalGet(lDo), w.CallIndirect(hostType)))
	print := w.Seq(
		// the iovec's pointer is where its text lies, right behind it
		w.LocalGet(lIn), w.LocalGet(lIn), w.I32Const(8), w.I32Add(), w.I32Store(0),
		extend(w.Seq(w.I32Const(2), w.LocalGet(lIn), w.I32Const(1), stepField(4), w.Call(uint32(len(abi.Funcs()))))))
	grow := w.Seq(w.LocalGet(lIn), w.MemoryGrow(), w.Op(0xac)) // i64.extend_i32_s
	return w.Seq(
		is(doPrint), w.IfElse(w.Result(w.I64), print,
			w.Seq(is(doGrow), w.IfElse(w.Result(w.I64), grow,
				w.Seq(is(doBurn), w.IfElse(w.Result(w.I64), w.I64Const(0),
					w.Seq(is(int32(abi.FuncNow)), host)))))),
		w.LocalSet(lR),
		w.LocalGet(lI), w.If(w.Void, w.LocalGet(lR), w.LocalGet(lPrevious), w.Op(0x52), w.If(w.Void, addLocal(lChanges, 1))), // i64.ne
		w.LocalGet(lR), w.LocalSet(lPrevious),
		addLocal(lI, 1),
		marionetteBump(),
		w.LocalGet(lR), w.I64Const(32), w.Op(0x88), w.I64Eqz(), // shr_u: the code
		w.IfElse(w.Void, addLocal(lOKs, 1), w.Seq(stepField(9), w.If(w.Void, w.LocalGet(lTimes), w.LocalSet(lI)))),
		w.LocalGet(lI), w.LocalGet(lTimes), w.I32LtU(), w.BrIf(0),
	)
}

func marionetteBump() []byte {
	return w.Seq(
		stepField(7), w.If(w.Void,
			clearLocal(lK), stepField(6), w.LocalSet(lP),
			w.Loop(w.Void,
				w.LocalGet(lP), w.LocalGet(lP), w.I32Load(0), w.I32Const(1), w.I32Add(), w.I32Store(0),
				w.LocalGet(lP), stepField(8), w.I32Add(), w.LocalSet(lP),
				addLocal(lK, 1), w.LocalGet(lK), stepField(7), w.I32LtU(), w.BrIf(0))))
}

// marionetteNote writes a result.
func marionetteNote() []byte {
	return w.Seq(
		w.LocalGet(lOut), w.LocalGet(lR), w.I64Store(0),
		w.LocalGet(lOut), w.LocalGet(lOKs), w.I32Store(8),
		w.LocalGet(lOut), w.LocalGet(lChanges), w.I32Store(12),
		stepField(4), w.I32Const(memorySize-answerBytes), w.I32LtU(),
		w.If(w.Void, w.LocalGet(lOut), w.I32Const(16), w.I32Add(), stepField(4), w.I32Const(answerBytes), w.MemoryCopy()),
		addLocal(lOut, resultSize),
	)
}

// marionetteAnswer writes the length into the head of the results and copies
// all of it into the buffer.
func marionetteAnswer() []byte {
	head := int32(len(marionetteHeader))
	var length []byte
	for i := range int32(4) { // big endian
		length = append(length, w.Seq(
			w.I32Const(resultsAt+head+i), w.LocalGet(lOut), w.I32Const(resultsAt+head+4), w.I32Sub(),
			w.I32Const(24-8*i), w.Op(0x76), w.Op(0x3a, w.U32(0), w.U32(0)))...) // shr_u, i32.store8
	}
	size := w.Seq(w.LocalGet(lOut), w.I32Const(resultsAt), w.I32Sub())
	return w.Seq(length, w.I32Const(0), w.I32Const(resultsAt), size, w.MemoryCopy(), extend(size))
}

// field is a number of the step in hand.
func stepField(i uint32) []byte { return w.Seq(w.LocalGet(lPC), w.I32Load(4*i)) }

func load8() []byte { return w.Op(0x2d, w.U32(0), w.U32(0)) }

func clearLocal(local uint32) []byte { return w.Seq(w.I32Const(0), w.LocalSet(local)) }

func addLocal(local uint32, n int32) []byte {
	return w.Seq(w.LocalGet(local), w.I32Const(n), w.I32Add(), w.LocalSet(local))
}

// extend makes an i64 of an i32 without a sign.
func extend(code []byte) []byte { return w.Seq(code, w.Op(0xad)) }
