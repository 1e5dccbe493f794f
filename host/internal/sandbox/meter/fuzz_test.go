package meter_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// small keeps what the engine must do for one input small.
var small = meter.Limits{
	File: 64 << 10, Locals: 50, LoopLocals: 500, Nesting: 50, BrTable: 50, Functions: 50, Types: 50,
	Globals: 50, Segments: 50, Table: 50, MemoryPages: 2,
}

func seeds(f *testing.F) {
	for _, cases := range refused {
		for _, m := range cases {
			if b := m.Bytes(); len(b) < 4096 {
				f.Add(b)
			}
		}
	}
	for seed := range uint64(20) {
		f.Add(genModule(rand.New(rand.NewPCG(seed, 3)), 10).Bytes())
	}
	f.Add(CallBomb("run", 5).Bytes())
	f.Add(Recurse("run", 5).Bytes())
}

func FuzzScan(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		for _, l := range []meter.Limits{{}, small} {
			info, err := meter.Scan(wasm, l)
			var r *meter.Reject
			if (err == nil) != (info != nil) || err != nil && !errors.As(err, &r) {
				t.Fatalf("got %v, %v", info, err)
			}
			_, again := meter.Rewrite(wasm, meter.Options{Limits: l})
			if (err == nil) != (again == nil) {
				t.Fatalf("Scan says %v, Rewrite says %v", err, again)
			}
		}
	})
}

// FuzzRewrite holds that a rewritten module is valid exactly if the original is,
// but for its custom sections, in which wazero also finds faults.
func FuzzRewrite(f *testing.F) {
	seeds(f)
	valid := validator(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		if out, err := meter.Rewrite(wasm, meter.Options{Limits: small}); err == nil {
			sameValidity(t, valid, wasm, out)
		}
	})
}

// TestMutantsKeepTheirValidity is FuzzRewrite on modules that are nearly valid,
// which fuzzing alone finds too rarely.
func TestMutantsKeepTheirValidity(t *testing.T) {
	t.Parallel()
	mutants := 3000
	if long() {
		mutants = 100_000
	}
	valid := validator(t)
	r := rand.New(rand.NewPCG(4, 4))
	counts := map[bool]int{}
	for accepted := 0; accepted < mutants; {
		wasm := genModule(r, 12).Bytes()
		for range 20 {
			at := 8 + r.IntN(len(wasm)-8)
			was := wasm[at]
			wasm[at] = byte(r.IntN(256))
			if out, err := meter.Rewrite(wasm, meter.Options{}); err == nil {
				accepted++
				counts[sameValidity(t, valid, wasm, out)]++
			}
			wasm[at] = was
		}
	}
	if counts[true] < mutants/10 || counts[false] < mutants/10 {
		t.Errorf("%d valid and %d invalid mutants: too few to tell", counts[true], counts[false])
	}
}

// sameValidity tells whether both are valid.
func sameValidity(t *testing.T, valid func([]byte) error, wasm, out []byte) bool {
	t.Helper()
	before, after := valid(withoutCustom(wasm)), valid(out)
	if (before == nil) != (after == nil) {
		t.Fatalf("before: %v\nafter: %v\n%x\n%x", before, after, wasm, out)
	}
	return before == nil
}

// validator is wazero's validation.
func validator(t testing.TB) func([]byte) error {
	ctx := context.Background()
	config := wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2 &^ api.CoreFeatureSIMD)
	r := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { _ = r.Close(ctx) }) // what it said of the modules counts
	return func(wasm []byte) error {
		c, err := r.CompileModule(ctx, wasm)
		if err == nil {
			err = c.Close(ctx)
		}
		return err
	}
}

// withoutCustom drops custom sections from a module that Scan has accepted.
func withoutCustom(wasm []byte) []byte {
	w := &walker{b: wasm, pos: 8}
	out := append([]byte(nil), wasm[:8]...)
	for w.pos < len(wasm) {
		start := w.pos
		w.pos++
		size := int(w.u())
		w.pos += size
		if wasm[start] != 0 {
			out = append(out, wasm[start:w.pos]...)
		}
	}
	return out
}
