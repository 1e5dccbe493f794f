package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/tetratelabs/wazero"
)

// maxFile bounds a module, in bytes.
const maxFile = 16 * mib

const (
	globalFuel  = meter.ExportFuel
	globalDepth = meter.ExportDepth
)

// moduleInfo is what must be known of a module to make instances of it.
type moduleInfo struct {
	firstPages, lastPages uint32
	globals               int      // mutable ones, exported by the rewriter
	initializes           bool     // it has a function that runs before the first call
	capturable            bool     // memory and globals are all that it keeps between calls
	imports               []string // host functions of Bottega, by name
}

// scan refuses what may not run, as far as that can be seen without compiling.
func scan(wasm []byte, l ModuleLimits) (*moduleInfo, error) {
	info, err := meter.Scan(wasm, meter.Limits{File: maxFile, MemoryPages: l.MemoryPages})
	if err != nil {
		return nil, rejected(err)
	}
	if err := checkImports(info.Imports); err != nil {
		return nil, err
	}
	if err := checkExports(info); err != nil {
		return nil, err
	}
	return &moduleInfo{
		firstPages:  info.MemoryMin,
		lastPages:   min(info.MemoryMax, maxPages),
		globals:     info.MutableGlobals,
		initializes: slices.ContainsFunc(info.Exports, func(e meter.Export) bool { return e.Name == abi.ExportInit }),
		imports:     hostFunctions(info.Imports),
		// Instantiation runs a start function, also where a snapshot follows.
		capturable: !info.HiddenState && !info.HasStart,
	}, nil
}

// rewriteOptions leave the limits that differ between uses of one module to
// scan and to the allocator, so that all uses share the native code.
var rewriteOptions = meter.Options{
	Limits:    meter.Limits{File: maxFile, MemoryPages: maxPages},
	MaxPages:  maxPages,
	MaxDepth:  maxDepth,
	KeepNames: true,
}

// maxDepth is the stack of a call in words of 8 bytes: 4 MiB, some 9,000 frames
// of ordinary Go code. An idle instance keeps what stack it once had, outside
// the memory budget, so it is not larger.
const maxDepth = 512 << 10

// maxPages is the most that a 32-bit memory can have.
const maxPages = 1 << 16

// rewrite adds the counters and takes out or joins data segments.
func rewrite(wasm []byte) ([]byte, error) {
	out, err := meter.Rewrite(wasm, rewriteOptions)
	if err != nil {
		return nil, rejected(err)
	}
	out, _ = cutData(out)
	return out, nil
}

// cacheFormat is to be raised when what is cached changes in a way that
// rewriterVersion does not see.
const cacheFormat = "4"

// rewriterVersion changes when the rewriter makes something else of a module.
func rewriterVersion() string {
	out, err := rewrite([]byte(probeModule))
	h := sha256.Sum256(fmt.Appendf(out, "%s %v %+v %v", cacheFormat, meter.Revision, rewriteOptions, err))
	return hex.EncodeToString(h[:])
}

// probeModule has a bit of what the rewriter and the compiler work on: a loop,
// a call and a growing memory.
const probeModule = "\x00asm\x01\x00\x00\x00" +
	"\x01\x04\x01\x60\x00\x00" + // type 0: () -> ()
	"\x03\x02\x01\x00" + // function 0 of type 0
	"\x05\x03\x01\x00\x01" + // one page of memory
	"\x0a\x12\x01\x10\x00" + // its body, without locals
	"\x03\x40\x41\x00\x0d\x00\x0b" + // loop: br_if 0 on 0
	"\x10\x00\x41\x01\x40\x00\x1a\x0b" // call 0, drop memory.grow 1

// meterModule gives r what rewritten modules import.
func meterModule(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(meter.Module)
	define(b, meter.Tick, sig(">I"), tick)
	define(b, meter.Overflow, sig(">"), overflow)
	if _, err := b.Instantiate(ctx); err != nil {
		return fmt.Errorf("host module %s: %w", meter.Module, err)
	}
	return nil
}

// rejected turns the scanner's error into ours.
func rejected(err error) error {
	var r *meter.Reject
	if errors.As(err, &r) {
		return &Rejected{Reason: r.Reason, Detail: r.Detail}
	}
	return err
}

// checkImports lists every import that the host does not have.
func checkImports(imports []meter.Import) error {
	known := map[string]signature{}
	for _, fn := range abi.Funcs() {
		known[abi.Module+"."+fn.String()] = hostSignature(fn)
	}
	for name, f := range wasi() {
		known[wasiModule+"."+name] = f.signature
	}
	var unknown []string
	for _, i := range imports {
		name := i.Module + "." + i.Name
		if s, ok := known[name]; !ok {
			unknown = append(unknown, name)
		} else if !s.is(i.Signature) {
			unknown = append(unknown, name+" with another signature")
		}
	}
	if unknown != nil {
		slices.Sort(unknown)
		return &Rejected{Reason: meter.ReasonImport, Detail: strings.Join(slices.Compact(unknown), ", ")}
	}
	return nil
}

// checkExports checks what the ABI demands.
func checkExports(info *meter.Info) error {
	want := map[string]signature{
		abi.ExportCall:     sig("ii>I"),
		abi.ExportBuffer:   sig("i>I"),
		abi.ExportDescribe: sig(">I"),
		abi.ExportInit:     sig(">"),
	}
	memory := false
	for _, e := range info.Exports {
		if e.Name == abi.ExportMemory {
			memory = e.Kind == meter.KindMemory
		}
		s, ok := want[e.Name]
		if !ok {
			continue
		}
		if e.Kind != meter.KindFunc || !s.is(e.Signature) {
			return &Rejected{Reason: meter.ReasonExport, Detail: e.Name + " has the wrong type"}
		}
		delete(want, e.Name)
	}
	delete(want, abi.ExportInit) // a module without one needs none
	for name := range want {
		return &Rejected{Reason: meter.ReasonExport, Detail: fmt.Sprintf("%s is missing", name)}
	}
	if !memory {
		return &Rejected{Reason: meter.ReasonExport, Detail: abi.ExportMemory + " is missing"}
	}
	return nil
}

// is compares with the scanner's form of a signature.
func (s signature) is(o meter.Signature) bool {
	return sameTypes(s.params, o.Params) && sameTypes(s.results, o.Results)
}

func sameTypes(a []byte, b []meter.ValueType) bool {
	return slices.EqualFunc(a, b, func(x byte, y meter.ValueType) bool { return x == byte(y) })
}
