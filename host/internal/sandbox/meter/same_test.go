package meter_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
)

// long tells whether to run the numbers of a nightly run.
func long() bool { return os.Getenv("BOTTEGA_LONG") != "" }

// outcome is all that one can see of a call.
type outcome struct {
	results []uint64
	trap    string // first line of the error
	steps   uint64
	memory  []byte
}

func (o outcome) equal(p outcome) bool {
	return fmt.Sprint(o.results) == fmt.Sprint(p.results) && o.trap == p.trap &&
		o.steps == p.steps && bytes.Equal(o.memory, p.memory)
}

func (o outcome) String() string {
	return fmt.Sprintf("results %v, trap %q, %d steps left, %d bytes", o.results, o.trap, int32(o.steps), len(o.memory))
}

// observe calls every function of a generated module, each in the state that
// the one before left.
func observe(t *testing.T, e *engine, wasm []byte) []outcome {
	t.Helper()
	ctx := context.Background()
	c, err := e.CompileModule(ctx, wasm)
	if err != nil {
		t.Fatalf("%v\n%x", err, wasm)
	}
	defer c.Close(ctx)
	m, err := e.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(ctx)
	var all []outcome
	for i := range genFuncs {
		f := m.ExportedFunction(string(rune('a' + i)))
		args := make([]uint64, len(f.Definition().ParamTypes()))
		for j := range args {
			args[j] = uint64(j * 3)
		}
		steps := m.ExportedGlobal("steps").(api.MutableGlobal)
		results, err := f.Call(ctx, args...)
		o := outcome{results: results, steps: steps.Get()}
		if err != nil {
			o.trap, _, _ = strings.Cut(err.Error(), "\n")
		}
		o.memory, _ = m.Memory().Read(0, m.Memory().Size())
		o.memory = bytes.Clone(o.memory)
		all = append(all, o)
		steps.Set(genSteps)
	}
	return all
}

// TestRewrittenModulesGiveTheSameAnswers takes wazero's interpreter for right.
// Its compiler is not, without fusion.
func TestRewrittenModulesGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	rounds := uint64(150)
	if long() {
		rounds = 12_000
	}
	compiler := newEngine(t, wazero.NewRuntimeConfigCompiler())
	interpreter := newEngine(t, wazero.NewRuntimeConfigInterpreter())
	traps, answers := 0, 0
	for seed := range rounds {
		wasm := genModule(rand.New(rand.NewPCG(seed, 1)), 60).Bytes()
		rewritten := rewrite(t, wasm, meter.Options{})
		want := observe(t, interpreter, wasm)
		for _, e := range []*engine{compiler, interpreter} {
			for _, slice := range []int64{50_000, 1} {
				e.slice = slice
				for i, got := range observe(t, e, rewritten) {
					if !got.equal(want[i]) {
						t.Fatalf("seed %d, function %d, slice %d:\n got %v\nwant %v", seed, i, slice, got, want[i])
					}
				}
			}
		}
		for _, o := range want {
			if o.trap != "" {
				traps++
			} else {
				answers++
			}
		}
	}
	if traps < 50 || answers < 50 {
		t.Errorf("%d traps and %d answers: the generator tests too little", traps, answers)
	}
	t.Logf("%d calls answered, %d trapped", answers, traps)
}
