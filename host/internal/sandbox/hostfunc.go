package sandbox

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// maxHostInput bounds the frame of one host call, in bytes.
const maxHostInput = mib

// hostModules builds everything that a guest may import into r.
func hostModules(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(abi.Module)
	for _, fn := range abi.Funcs() {
		define(b, fn.String(), hostSignature(fn), hostFunc(fn))
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return fmt.Errorf("host module %s: %w", abi.Module, err)
	}
	b = r.NewHostModuleBuilder(wasiModule)
	for name, f := range wasi() {
		define(b, name, f.signature, f.run)
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return fmt.Errorf("host module %s: %w", wasiModule, err)
	}
	return meterModule(ctx, r)
}

func define(b wazero.HostModuleBuilder, name string, s signature, run func(*instance, []uint64)) {
	b.NewFunctionBuilder().WithGoModuleFunction(guestFunc(run), s.params, s.results).Export(name)
}

// guestFunc finds the instance that calls.
func guestFunc(run func(*instance, []uint64)) api.GoModuleFunc {
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		in := ctx.(*guestCtx).in
		if in.mem == nil { // in the start function
			in.mem = mod.Memory()
		}
		run(in, stack)
	}
}

// signature is the type of a function.
type signature struct{ params, results []api.ValueType }

// sig reads "ii>I": i is i32, I is i64.
func sig(s string) signature {
	var out signature
	to := &out.params
	for _, c := range s {
		switch c {
		case 'i':
			*to = append(*to, api.ValueTypeI32)
		case 'I':
			*to = append(*to, api.ValueTypeI64)
		case '>':
			to = &out.results
		}
	}
	return out
}

func hostSignature(fn abi.Func) signature {
	if fn == abi.FuncNow {
		return sig(">I")
	}
	return sig("iiii>I")
}

func hostFunc(fn abi.Func) func(*instance, []uint64) {
	switch fn {
	case abi.FuncNow:
		return func(in *instance, stack []uint64) { stack[0] = uint64(in.now.UnixMilli()) }
	case abi.FuncFetch:
		return func(in *instance, stack []uint64) { stack[0] = in.fetch(stack) }
	default:
		return func(in *instance, stack []uint64) { stack[0] = in.hostCall(fn, stack) }
	}
}

// hostCall is every other host function. The order of its steps is a rule
// (RATIONALE.md): time, bounds, copy in, quota, work, copy out.
func (in *instance) hostCall(fn abi.Func, stack []uint64) uint64 {
	if err := in.expired(); err != nil {
		in.stop(err)
	}
	arg, ok := in.mem.Read(uint32(stack[0]), uint32(stack[1]))
	outPtr, outCap := uint32(stack[2]), uint32(stack[3])
	if !ok || uint64(outPtr)+uint64(outCap) > uint64(in.mem.Size()) {
		return in.refuse(abi.Invalid, "pointer")
	}
	if len(arg) > maxHostInput {
		in.refuse(abi.TooLarge, "host_input")
		return in.reply(abi.TooLarge, outPtr, outCap)
	}
	in.in = append(in.in[:0], arg...)
	in.meter.HostCalls--
	if in.meter.HostCalls < 0 {
		in.stop(in.fault(FaultQuota, "host calls"))
	}
	code, err := in.work(fn)
	if err != nil {
		in.stop(err)
	}
	return in.reply(code, outPtr, outCap)
}

// work lets the kernel answer into in.out.
func (in *instance) work(fn abi.Func) (code abi.Code, err error) {
	if in.host == nil { // it starts: there is no call to have effects in
		in.out = in.out[:0]
		return abi.FailedPrecondition, nil
	}
	defer func() {
		if r := recover(); r != nil {
			in.box.config.Logger.Error("host function panicked", "function", fn.String(), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("host function %s panicked", fn)
		}
	}()
	in.out, code, err = in.host.HostCall(in.guestCtx.Context, fn, in.in, in.out[:0])
	return code, err
}

// refuse answers an error of the sandbox's own. Its frame can be fetched.
func (in *instance) refuse(code abi.Code, reason string) uint64 {
	e := abi.Error{Code: code, Reason: reason}
	in.out = e.Append(in.out[:0])
	in.rest = in.out
	return abi.Pack(code, len(in.out))
}

// reply writes the answer to the guest if it fits, else keeps it for fetch.
func (in *instance) reply(code abi.Code, ptr, room uint32) uint64 {
	in.rest = nil
	if len(in.out) > int(room) {
		in.rest = in.out
	} else {
		in.mem.Write(ptr, in.out) // the bounds are known to be good
	}
	return abi.Pack(code, len(in.out))
}

// fetch hands out what the last answer left. It is free: the call that it
// belongs to was paid for.
func (in *instance) fetch(stack []uint64) uint64 {
	ptr, room := uint32(stack[2]), uint32(stack[3])
	if uint64(ptr)+uint64(room) > uint64(in.mem.Size()) {
		return abi.Pack(abi.Invalid, 0)
	}
	n := min(len(in.rest), int(room))
	in.mem.Write(ptr, in.rest[:n])
	in.rest = in.rest[n:]
	return abi.Pack(abi.OK, n)
}
