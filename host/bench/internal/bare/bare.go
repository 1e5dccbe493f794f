// Package bare runs a guest in wazero and nothing else, as it was built or as
// the rewriter made it, so that what metering costs can be seen alone. Host
// calls are answered from a script. It must not know kernel or storage.
package bare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Call is one call into a guest, with all that the host answered it.
type Call struct {
	Entry  uint32
	Input  []byte
	Now    time.Time
	Host   []HostCall
	Output []byte // what it answered when it was recorded; nil does not compare
}

// HostCall is one host call of a guest and its answer.
type HostCall struct {
	Func   abi.Func
	In     []byte
	Out    []byte
	Result abi.Code
}

// Play is a call, and those before that built the derived values which it reads.
type Play struct {
	Built []Call
	Call  Call
}

// What the sandbox gives a guest: see its Config and rewriteOptions.
const (
	slice    = 50_000
	budget   = 50 * 200_000_000 // what building derived values may use
	deadline = time.Minute
	maxPages = 1 << 16
	maxDepth = 512 << 10
)

// room is the guest's buffer in bytes: no call needs more.
const room = 256 << 10

// Guest is one instance. It serves one call at a time.
type Guest struct {
	runtime     wazero.Runtime
	mod         api.Module
	call        api.Function
	at          uint32 // of the guest's buffer
	stack       [2]uint64
	fuel, depth api.MutableGlobal // nil without metering
	words       uint64            // of stack that each call starts with
	units       int64             // left
	deadline    time.Time

	now    time.Time
	script []HostCall
	rest   []byte // of the last answer, for fetch
}

// Open starts a module, metered or as it is.
func Open(ctx context.Context, wasm []byte, metered bool) (*Guest, error) {
	g := &Guest{units: budget}
	if metered {
		var err error
		o := meter.Options{Limits: meter.Limits{MemoryPages: maxPages}, MaxPages: maxPages, MaxDepth: maxDepth}
		if wasm, err = meter.Rewrite(wasm, o); err != nil {
			return nil, err
		}
	}
	features := api.CoreFeaturesV2.SetEnabled(api.CoreFeatureSIMD, false)
	g.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(features).WithDebugInfoEnabled(false))
	if err := g.start(ctx, wasm); err != nil {
		return nil, errors.Join(err, g.runtime.Close(ctx))
	}
	return g, nil
}

func (g *Guest) start(ctx context.Context, wasm []byte) error {
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, g.runtime); err != nil {
		return err
	}
	if err := g.hostModules(ctx); err != nil {
		return err
	}
	mod, err := g.runtime.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return err
	}
	g.mod, g.call = mod, mod.ExportedFunction(abi.ExportCall)
	g.fuel, _ = mod.ExportedGlobal(meter.ExportFuel).(api.MutableGlobal)
	if g.depth, _ = mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal); g.depth != nil {
		g.words = g.depth.Get()
	}
	g.arm()
	if _, err = mod.ExportedFunction(abi.ExportInit).Call(ctx); err != nil {
		return err
	}
	where, err := mod.ExportedFunction(abi.ExportBuffer).Call(ctx, room)
	if err != nil {
		return err
	}
	g.at = uint32(where[0] >> 32)
	return nil
}

// Close frees the guest.
func (g *Guest) Close(ctx context.Context) error { return g.runtime.Close(ctx) }

// Run runs one call and says whether the guest did as it was recorded.
func (g *Guest) Run(ctx context.Context, c *Call) error {
	g.now, g.script = c.Now, c.Host
	g.arm()
	if len(c.Input) > room || !g.mod.Memory().Write(g.at, c.Input) {
		return fmt.Errorf("an input of %d bytes does not fit", len(c.Input))
	}
	g.stack[0], g.stack[1] = uint64(c.Entry), uint64(len(c.Input))
	if err := g.call.CallWithStack(ctx, g.stack[:]); err != nil {
		return err
	}
	code, n := abi.Unpack(g.stack[0])
	if code != abi.OK {
		return fmt.Errorf("the guest answered %v", code)
	}
	out, ok := g.mod.Memory().Read(g.at, uint32(n))
	if !ok || n > room {
		return fmt.Errorf("an answer of %d bytes does not fit", n)
	}
	if c.Output != nil && !bytes.Equal(out, c.Output) || len(Unasked(g.script)) > 0 {
		return errors.New("the guest answered otherwise than when it was recorded")
	}
	return nil
}

// Unasked is what is left of a script but for questions about a zone at its head:
// the SDK keeps the last answer to these, so a later call does not ask again.
func Unasked(script []HostCall) []HostCall {
	for len(script) > 0 && script[0].Func == abi.FuncZone {
		script = script[1:]
	}
	return script
}

// arm gives a metered guest what the sandbox gives it before a call.
func (g *Guest) arm() {
	if g.fuel == nil {
		return
	}
	g.units, g.deadline = budget, time.Now().Add(deadline)
	g.fuel.Set(slice)
	g.depth.Set(g.words)
}

// tick is what the sandbox does when a slice is used up.
func (g *Guest) tick(_ context.Context, stack []uint64) {
	if !time.Now().Before(g.deadline) || g.units < slice {
		panic(sys.NewExitError(1))
	}
	g.units -= slice
	stack[0] = slice
}
