package wasmtest

import (
	"encoding/binary"
	"math"
)

// BlockType is the type of a block, loop or if in its binary form.
type BlockType []byte

// Void is the type of a block without parameters and results.
var Void = BlockType{0x40}

// Result is the type of a block with one result.
func Result(t Type) BlockType { return BlockType{byte(t)} }

// TypeRef is the type of a block with the signature of that index.
func TypeRef(index uint32) BlockType { return BlockType(S64(int64(index))) }

// Seq joins pieces of code.
func Seq(parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := make([]byte, 0, n)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// Repeat is code n times.
func Repeat(n int, code []byte) []byte {
	out := make([]byte, 0, n*len(code))
	for range n {
		out = append(out, code...)
	}
	return out
}

// U32 is an unsigned LEB128.
func U32(v uint32) []byte { return binary.AppendUvarint(nil, uint64(v)) }

// S64 is a signed LEB128.
func S64(v int64) []byte {
	var out []byte
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && b&0x40 == 0) || (v == -1 && b&0x40 != 0) {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

// Op is one instruction: an opcode and its immediates as they are.
func Op(opcode byte, immediates ...[]byte) []byte {
	return append([]byte{opcode}, Seq(immediates...)...)
}

// Misc is an instruction behind the prefix 0xfc.
func Misc(opcode uint32, immediates ...[]byte) []byte {
	return Seq([]byte{0xfc}, U32(opcode), Seq(immediates...))
}

// Control instructions.

// Block is a block with its end.
func Block(t BlockType, body ...[]byte) []byte { return Seq([]byte{0x02}, t, Seq(body...), End()) }

// Loop is a loop with its end; a branch to it goes to its start.
func Loop(t BlockType, body ...[]byte) []byte { return Seq([]byte{0x03}, t, Seq(body...), End()) }

// If takes its condition from the stack and has no else.
func If(t BlockType, then ...[]byte) []byte { return Seq([]byte{0x04}, t, Seq(then...), End()) }

// IfElse takes its condition from the stack.
func IfElse(t BlockType, then, otherwise []byte) []byte {
	return Seq([]byte{0x04}, t, then, []byte{0x05}, otherwise, End())
}

// BrTable branches by the number on the stack.
func BrTable(labels []uint32, otherwise uint32) []byte {
	out := append([]byte{0x0e}, U32(uint32(len(labels)))...)
	for _, l := range labels {
		out = append(out, U32(l)...)
	}
	return append(out, U32(otherwise)...)
}

// CallIndirect calls through table 0 a function of that type index.
func CallIndirect(typeIndex uint32) []byte { return Op(0x11, U32(typeIndex), U32(0)) }

// Instructions with at most one index, under their names in the text format.

func Unreachable() []byte       { return []byte{0x00} }
func Nop() []byte               { return []byte{0x01} }
func End() []byte               { return []byte{0x0b} }
func Br(label uint32) []byte    { return Op(0x0c, U32(label)) }
func BrIf(label uint32) []byte  { return Op(0x0d, U32(label)) }
func Return() []byte            { return []byte{0x0f} }
func Call(index uint32) []byte  { return Op(0x10, U32(index)) }
func Drop() []byte              { return []byte{0x1a} }
func Select() []byte            { return []byte{0x1b} }
func RefNull(t Type) []byte     { return []byte{0xd0, byte(t)} }
func RefFunc(i uint32) []byte   { return Op(0xd2, U32(i)) }
func LocalGet(i uint32) []byte  { return Op(0x20, U32(i)) }
func LocalSet(i uint32) []byte  { return Op(0x21, U32(i)) }
func LocalTee(i uint32) []byte  { return Op(0x22, U32(i)) }
func GlobalGet(i uint32) []byte { return Op(0x23, U32(i)) }
func GlobalSet(i uint32) []byte { return Op(0x24, U32(i)) }

// Numbers.

func I32Const(v int32) []byte { return Op(0x41, S64(int64(v))) }
func I64Const(v int64) []byte { return Op(0x42, S64(v)) }

func F32Const(v float32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0x43}, math.Float32bits(v))
}

func F64Const(v float64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0x44}, math.Float64bits(v))
}

func I32Eqz() []byte { return []byte{0x45} }
func I32Eq() []byte  { return []byte{0x46} }
func I32LtS() []byte { return []byte{0x48} }
func I32LtU() []byte { return []byte{0x49} }
func I32Add() []byte { return []byte{0x6a} }
func I32Sub() []byte { return []byte{0x6b} }
func I32Mul() []byte { return []byte{0x6c} }
func I32And() []byte { return []byte{0x71} }
func I64Eqz() []byte { return []byte{0x50} }
func I64LtS() []byte { return []byte{0x53} }
func I64Add() []byte { return []byte{0x7c} }
func I64Sub() []byte { return []byte{0x7d} }
func I64Mul() []byte { return []byte{0x7e} }

// Memory and tables; addresses and lengths come from the stack.

func I32Load(offset uint32) []byte  { return Op(0x28, U32(2), U32(offset)) }
func I64Load(offset uint32) []byte  { return Op(0x29, U32(3), U32(offset)) }
func I32Store(offset uint32) []byte { return Op(0x36, U32(2), U32(offset)) }
func I64Store(offset uint32) []byte { return Op(0x37, U32(3), U32(offset)) }
func MemorySize() []byte            { return []byte{0x3f, 0} }
func MemoryGrow() []byte            { return []byte{0x40, 0} }
func MemoryInit(data uint32) []byte { return Misc(8, U32(data), U32(0)) }
func DataDrop(data uint32) []byte   { return Misc(9, U32(data)) }
func MemoryCopy() []byte            { return Misc(10, U32(0), U32(0)) }
func MemoryFill() []byte            { return Misc(11, U32(0)) }
func TableGet() []byte              { return Op(0x25, U32(0)) }
func TableSet() []byte              { return Op(0x26, U32(0)) }
func TableInit(elem uint32) []byte  { return Misc(12, U32(elem), U32(0)) }
func ElemDrop(elem uint32) []byte   { return Misc(13, U32(elem)) }
func TableCopy() []byte             { return Misc(14, U32(0), U32(0)) }
func TableGrow() []byte             { return Misc(15, U32(0)) }
func TableSize() []byte             { return Misc(16, U32(0)) }
func TableFill() []byte             { return Misc(17, U32(0)) }
