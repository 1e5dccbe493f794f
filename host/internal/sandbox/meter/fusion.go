package meter

// Wazero up to 1.12.0 miscompiles a branch on 0 < a & b and its like: it fuses
// the two into one test instruction, which compares a & b with 0, but forgets to
// turn the comparison round (tryLowerBandToFlag of both of its backends). The Go
// compiler writes if a&b > 0 just so. The rewriter keeps the two apart by adding
// 0 to the right operand wherever that may be the result of an and.
//
// Wazero fuses only what lies in one straight run of code, so fusion follows
// such runs and forgets all at every branch and label.
type fusion struct {
	top   bool  // the value on the stack may come from an and
	run   int   // number of the straight run
	local []int // per local, the run in which a value from an and was put there
}

func (f *fusion) start(locals int) {
	f.top, f.run = true, f.run+1
	for len(f.local) < locals {
		f.local = append(f.local, 0)
	}
}

const (
	opI32And = 0x71
	opI64And = 0x83
)

// step goes over one instruction. Whatever it does not know well counts as a
// value from an and.
func (f *fusion) step(in *instr) {
	switch op := in.op; {
	case op == opLocalGet:
		f.top = f.local[in.index] == f.run
	case op == opLocalSet, op == opLocalTee:
		f.local[in.index] = 0
		if f.top {
			f.local[in.index] = f.run
		}
		f.top = f.top || op == opLocalSet
	case op == opI32And || op == opI64And:
		f.top = true
	case op >= opFirstLoad && op <= opLastLoad, op >= opI32Const && op <= opLastNumber:
		f.top = false
	case op == opElse, op == opEnd, op == opLoop, op == opIf, op == opBrIf:
		f.top, f.run = true, f.run+1
	default:
		f.top = true
	}
}

const (
	opFirstLoad  = 0x28
	opLastLoad   = 0x35
	opLastNumber = 0xc4
)

// apart is what keeps the operand of an ordered comparison from being fused,
// nothing if there is no need.
func (f *fusion) apart(op int) code {
	switch {
	case !f.top:
	case op >= 0x48 && op <= 0x4f: // i32.lt_s … i32.ge_u
		return code{opI32Const, 0, opI32Add}
	case op >= 0x53 && op <= 0x5a: // i64.lt_s … i64.ge_u
		return code{opI64Const, 0, opI64Add}
	}
	return nil
}
