package meter_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
)

// What the host of the tests ends guests with.
const (
	exitSpent    = 1001
	exitDeadline = 1002
	exitOverflow = 1003
)

// bench is a runtime with the host functions of a rewritten guest.
type engine struct {
	wazero.Runtime
	slice    int64     // units per tick
	budget   int64     // units left; below zero ends the guest
	deadline time.Time // zero is never
	ticks    int64
}

// newEngine is a runtime whose ticks give slices of 50,000 units without end.
func newEngine(t testing.TB, config wazero.RuntimeConfig) *engine {
	t.Helper()
	ctx := context.Background()
	e := &engine{Runtime: wazero.NewRuntimeWithConfig(ctx, config), slice: 50_000, budget: 1 << 62}
	t.Cleanup(func() { _ = e.Close(ctx) }) // a guest that was ended may have closed it
	_, err := e.NewHostModuleBuilder(meter.Module).
		NewFunctionBuilder().WithGoFunction(api.GoFunc(e.tick), nil, []api.ValueType{api.ValueTypeI64}).Export(meter.Tick).
		NewFunctionBuilder().WithFunc(func() { panic(sys.NewExitError(exitOverflow)) }).Export(meter.Overflow).
		Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *engine) tick(_ context.Context, stack []uint64) {
	e.ticks++
	if !e.deadline.IsZero() && time.Now().After(e.deadline) {
		panic(sys.NewExitError(exitDeadline))
	}
	if e.budget <= 0 {
		panic(sys.NewExitError(exitSpent))
	}
	grant := min(e.slice, e.budget)
	e.budget -= grant
	stack[0] = uint64(grant)
}

// start instantiates a module.
func (e *engine) start(t testing.TB, wasm []byte) api.Module {
	t.Helper()
	m, err := e.InstantiateWithConfig(context.Background(), wasm,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func rewrite(t testing.TB, wasm []byte, o meter.Options) []byte {
	t.Helper()
	out, err := meter.Rewrite(wasm, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bigGuest builds testdata/bigguest once per test process.
var bigGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "bigguest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // left behind, it only takes room
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-buildmode=c-shared", "-o", out, ".")
	cmd.Dir = filepath.Join("testdata", "bigguest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build bigguest: %w: %s", err, msg)
	}
	return os.ReadFile(out)
})

func mountWASI(t testing.TB, e *engine) {
	t.Helper()
	if _, err := wasi_snapshot_preview1.Instantiate(context.Background(), e); err != nil {
		t.Fatal(err)
	}
}
