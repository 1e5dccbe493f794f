package bare

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// hostModules builds what guests import: the script's player and the meter.
func (g *Guest) hostModules(ctx context.Context) error {
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	b := g.runtime.NewHostModuleBuilder(abi.Module)
	for _, fn := range abi.Funcs() {
		params := []api.ValueType{i32, i32, i32, i32}
		if fn == abi.FuncNow {
			params = nil
		}
		define(b, fn.String(), g.hostFunc(fn), params, []api.ValueType{i64})
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return err
	}
	b = g.runtime.NewHostModuleBuilder(meter.Module)
	define(b, meter.Tick, func(ctx context.Context, _ api.Module, stack []uint64) { g.tick(ctx, stack) }, nil, []api.ValueType{i64})
	define(b, meter.Overflow, func(context.Context, api.Module, []uint64) { panic("stack overflow") }, nil, nil)
	_, err := b.Instantiate(ctx)
	return err
}

func define(b wazero.HostModuleBuilder, name string, fn api.GoModuleFunc, params, results []api.ValueType) {
	b.NewFunctionBuilder().WithGoModuleFunction(fn, params, results).Export(name)
}

func (g *Guest) hostFunc(fn abi.Func) api.GoModuleFunc {
	switch fn {
	case abi.FuncNow:
		return func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = uint64(g.now.UnixMilli()) }
	case abi.FuncFetch:
		return func(_ context.Context, mod api.Module, stack []uint64) { stack[0] = g.fetch(mod, stack) }
	}
	return func(_ context.Context, mod api.Module, stack []uint64) { stack[0] = g.play(fn, mod, stack) }
}

// play answers the next host call of the script, which must be this one.
func (g *Guest) play(fn abi.Func, mod api.Module, stack []uint64) uint64 {
	in, ok := mod.Memory().Read(uint32(stack[0]), uint32(stack[1]))
	if fn != abi.FuncZone {
		g.script = Unasked(g.script)
	}
	if !ok || len(g.script) == 0 || g.script[0].Func != fn || !bytes.Equal(g.script[0].In, in) {
		panic(fmt.Sprintf("host call %s is not in the script", fn))
	}
	next := g.script[0]
	g.script, g.rest = g.script[1:], nil
	if len(next.Out) > int(uint32(stack[3])) {
		g.rest = next.Out
	} else {
		mod.Memory().Write(uint32(stack[2]), next.Out)
	}
	return abi.Pack(next.Result, len(next.Out))
}

func (g *Guest) fetch(mod api.Module, stack []uint64) uint64 {
	n := min(len(g.rest), int(uint32(stack[3])))
	mod.Memory().Write(uint32(stack[2]), g.rest[:n])
	g.rest = g.rest[n:]
	return abi.Pack(abi.OK, n)
}
