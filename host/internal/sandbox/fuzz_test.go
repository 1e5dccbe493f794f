package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/tetratelabs/wazero/api"
)

// imports names everything that a guest may import.
func imports() map[string]wasmtest.Import {
	all := map[string]wasmtest.Import{}
	add := func(module, name string, s signature) {
		all[module+"."+name] = wasmtest.Import{Module: module, Name: name, Sig: wasmtest.Sig{Params: types(s.params), Results: types(s.results)}}
	}
	for _, fn := range abi.Funcs() {
		add(abi.Module, fn.String(), hostSignature(fn))
	}
	for name, f := range wasi() {
		add(wasiModule, name, f.signature)
	}
	return all
}

func types(ts []api.ValueType) (out []wasmtest.Type) {
	for _, t := range ts {
		out = append(out, wasmtest.Type(t))
	}
	return out
}

// forward is a guest that calls every function of names in turn with the
// arguments that lie in its buffer, 8 bytes each.
func forward(names []string) []byte {
	all := imports()
	var m wasmtest.Module
	var code []byte
	for i, name := range names {
		f := all[name]
		m.Imports = append(m.Imports, f)
		for p, t := range f.Params {
			load := wasmtest.I64Load(1024 + uint32(8*p))
			if t == wasmtest.I32 {
				load = wasmtest.I32Load(1024 + uint32(8*p))
			}
			code = append(code, wasmtest.Seq(wasmtest.I32Const(0), load)...)
		}
		code = append(code, wasmtest.Call(uint32(i))...)
		if len(f.Results) > 0 {
			code = append(code, wasmtest.Drop()...)
		}
	}
	// The buffer that hostile declares lies at 0; this one has its own.
	m.Memories = []wasmtest.Limits{wasmtest.MinMax(1, 1)}
	return hostileAt(m, 1024, 256, nil, code, done)
}

// FuzzHostABI throws any arguments at all functions that a guest can reach. No
// outcome but an answer or an exit is right.
func FuzzHostABI(f *testing.F) {
	s := open(f, Config{})
	var names []string
	for name := range imports() {
		if name != wasiModule+".proc_exit" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	m := load(f, s, forward(names), ModuleLimits{})
	edge := []uint64{0, 1, 47, 48, 1024, 65_528, 65_535, 65_536, math.MaxInt32, math.MaxUint32 - 47, math.MaxUint32, math.MaxUint64}
	for i := range edge {
		var args []byte
		for k := range 9 {
			args = binary.LittleEndian.AppendUint64(args, edge[(i+k*5)%len(edge)])
		}
		f.Add(args)
	}
	f.Fuzz(func(t *testing.T, args []byte) {
		k := call(0, string(args[:min(len(args), 256)]))
		k.Host = hostOf(func(fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
			return append(out, in[:min(len(in), 100)]...), abi.Code(fn) % (abi.Internal + 1), nil
		})
		_, _, err := s.Run(context.Background(), m, k, nil)
		var fault *Fault
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%x: %v", args, err)
		}
		if fault != nil {
			t.Errorf("%x: %v", args, fault)
		}
	})
}
