package meter

// The opcodes that have a name here because some rule speaks of them.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableSet     = 0x26
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opRefNull      = 0xd0
	opRefFunc      = 0xd2
	opGC           = 0xfb
	opMisc         = 0xfc
	opVector       = 0xfd
	opAtomic       = 0xfe

	// Behind opMisc; instr.op holds misc + opcode.
	misc          = 0xfc00
	opMemoryInit  = misc + 8
	opDataDrop    = misc + 9
	opMemoryCopy  = misc + 10
	opMemoryFill  = misc + 11
	opTableInit   = misc + 12
	opElemDrop    = misc + 13
	opTableCopy   = misc + 14
	opTableGrow   = misc + 15
	opTableSize   = misc + 16
	opTableFill   = misc + 17
	miscSaturated = misc + 7 // last of the saturating conversions, which begin at misc
)

// operand says what follows an opcode.
type operand byte

const (
	none     operand = iota
	unknown          // no such opcode
	feature          // an opcode of a feature outside the core
	block            // block type
	label            // label
	table            // labels
	function         // function index
	indirect         // type index, table index
	types            // vector of value types
	local            // local index
	variable         // global index
	element          // table index
	access           // alignment, offset
	whole            // memory index, one byte
	int32s           // s32
	int64s           // s64
	float4           // 4 bytes
	float8           // 8 bytes
	refType          // reference type
	prefix           // a further opcode
)

// operands is what follows each opcode.
var operands = func() (o [256]operand) {
	fill := func(from, to int, kind operand) {
		for i := from; i <= to; i++ {
			o[i] = kind
		}
	}
	fill(0x00, 0xff, unknown)
	fill(0x00, 0x01, none)  // unreachable, nop
	fill(0x02, 0x04, block) // block, loop, if
	o[opElse], o[opEnd] = none, none
	fill(0x06, 0x0a, feature) // exceptions
	fill(0x0c, 0x0d, label)
	o[opBrTable], o[opReturn], o[opCall], o[opCallIndirect] = table, none, function, indirect
	fill(0x12, 0x15, feature) // tail calls, typed calls
	fill(0x18, 0x19, feature) // exceptions
	fill(0x1a, 0x1b, none)    // drop, select
	o[0x1c] = types
	o[0x1f] = feature // exceptions
	fill(0x20, 0x22, local)
	fill(0x23, 0x24, variable)
	fill(0x25, 0x26, element)
	fill(0x28, 0x3e, access)
	fill(0x3f, 0x40, whole)
	o[opI32Const], o[opI64Const], o[opF32Const], o[opF64Const] = int32s, int64s, float4, float8
	fill(0x45, 0xc4, none) // numbers
	o[opRefNull], o[0xd1], o[opRefFunc] = refType, none, function
	fill(0xd3, 0xd6, feature) // typed references
	fill(0xe0, 0xe6, feature) // stack switching
	o[opGC], o[opMisc], o[opVector], o[opAtomic] = feature, prefix, feature, feature
	return o
}()

// instr is one instruction.
type instr struct {
	op    int    // opcode; misc + opcode behind the prefix
	index uint32 // label, function, type, local, global or segment; what the block type names
	typed bool   // a block whose type is the signature index
	start int    // of its bytes
}

// decoder reads the instructions of a module's functions, one after the other,
// and checks every index against the module. Labels are the caller's to check,
// since only it knows the blocks.
type decoder struct {
	reader
	m      *module
	l      *Limits
	locals int      // of the function
	labels []uint32 // of the last br_table, with the default at the end
}

// next reads one instruction.
func (d *decoder) next(in *instr) {
	in.start = d.pos
	if d.pos >= d.end {
		in.op = int(d.byte()) // fails
		return
	}
	c := d.b[d.pos]
	d.pos++
	in.op = int(c)
	switch operands[c] {
	case none:
	case local:
		in.index = d.index(d.locals, "local")
	case access:
		d.access()
	case int32s:
		d.signed(32)
	case int64s:
		d.signed(64)
	case float4:
		d.skip(4)
	case float8:
		d.skip(8)
	case label:
		in.index = d.u32()
	case block:
		d.blockType(in)
	case function:
		in.index = d.index(len(d.m.funcs), "function")
	case variable:
		in.index = d.index(len(d.m.globals), "global")
	default:
		d.rare(in, c)
	}
}

// rare reads the operands of instructions that are not in every function.
func (d *decoder) rare(in *instr, c byte) {
	switch operands[c] {
	case table:
		d.brTable()
	case indirect:
		in.index = d.index(len(d.m.types), "type")
		d.tableIndex()
	case types:
		if n := d.u32(); n != 1 {
			d.fail(ReasonInvalid, "select of %d types at byte %d", n, in.start)
		}
		d.valueType()
	case element:
		d.tableIndex()
	case whole:
		d.memoryIndex()
	case refType:
		d.refType()
	case prefix:
		d.misc(in)
	case feature:
		d.fail(ReasonFeature, "opcode %#x at byte %d", c, in.start)
	default:
		d.fail(ReasonInvalid, "opcode %#x at byte %d", c, in.start)
	}
}

func (d *decoder) misc(in *instr) {
	op := d.u32()
	if op > 17 {
		d.fail(ReasonInvalid, "opcode 0xfc %d at byte %d", op, in.start)
		return
	}
	in.op = misc + int(op)
	switch in.op {
	case opMemoryInit:
		in.index = d.dataIndex()
		d.memoryIndex()
	case opDataDrop:
		in.index = d.dataIndex()
	case opMemoryCopy:
		d.memoryIndex()
		d.memoryIndex()
	case opMemoryFill:
		d.memoryIndex()
	case opTableInit:
		in.index = d.index(d.m.elems, "element segment")
		d.tableIndex()
	case opElemDrop:
		in.index = d.index(d.m.elems, "element segment")
	case opTableCopy:
		d.tableIndex()
		d.tableIndex()
	case opTableGrow, opTableSize, opTableFill:
		d.tableIndex()
	}
}

// blockType reads the type of a block: nothing, one value, or a signature.
func (d *decoder) blockType(in *instr) {
	in.typed = false
	if d.left() > 0 {
		c := d.b[d.pos]
		if c == 0x40 {
			d.pos++
			return
		}
		if c > 0x40 && c < 0x80 {
			d.valueType()
			return
		}
	}
	i := d.signed(33)
	if i < 0 || i >= int64(len(d.m.types)) {
		d.fail(ReasonInvalid, "block of type %d of %d at byte %d", i, len(d.m.types), in.start)
		return
	}
	in.typed, in.index = true, uint32(i)
}

func (d *decoder) brTable() {
	n := d.limited(d.l.BrTable, ReasonCompile, "labels in a br_table")
	d.labels = d.labels[:0]
	for i := 0; i <= n && !d.failed(); i++ {
		d.labels = append(d.labels, d.u32())
	}
}

// access reads alignment and offset. Whether the alignment fits the opcode is
// the engine's to check, but bit 6 would move the bytes that follow.
func (d *decoder) access() {
	align := d.u32()
	d.u32()
	if align >= 64 {
		d.fail(ReasonFeature, "several memories at byte %d", d.pos)
	}
	d.needMemory()
}

func (d *decoder) memoryIndex() {
	if c := d.byte(); c != 0 {
		d.fail(ReasonFeature, "memory %d at byte %d", c, d.pos)
	}
	d.needMemory()
}

func (d *decoder) needMemory() {
	if d.m.memory == nil {
		d.fail(ReasonInvalid, "no memory at byte %d", d.pos)
	}
}

func (d *decoder) tableIndex() { d.index(present(d.m.table), "table") }

func (d *decoder) dataIndex() uint32 { return d.index(max(d.m.datas, 0), "data segment") }
