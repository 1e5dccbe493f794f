// Package meter makes an untrusted WebAssembly module countable: [Scan] refuses
// what is broken, too large or uses a feature outside the core, and [Rewrite]
// adds a counter that no path through the module can avoid.
//
// It knows the binary format of WebAssembly and nothing of engines, instances,
// budgets or time: what a unit is worth and when a guest must stop is decided
// by whoever provides the two imported functions of [Module].
//
// # What Scan checks, and what it leaves
//
// Scan checks the limits and that every index (type, function, table, memory,
// global, local, label, segment) is one that the module itself has, so that a
// guest cannot name a function or global that only exists after rewriting. It
// does not check operand types: that is left to the engine, which validates the
// rewritten module. Nothing is lost by that, since everything that Rewrite
// inserts leaves the operand stack as it was: a rewritten module is valid
// exactly if the module was (the fuzz tests hold that against wazero).
//
// # Units
//
// One unit is paid at every function entry and at every loop header, where also
// the counter is checked; one more without a check wherever 128 instructions
// could have run since the last payment. Instructions that work by length pay
// before they run, with a check: one unit and one more for each KiB of memory,
// 128 table entries or 1/64 page of growth. So no path runs more than 128
// instructions for a unit. What host functions cost is the host's to count.
//
// A unit is a bound, not a time: in wazero's compiler it lasted 2 ns in an empty
// loop and 120 ns for divisions, but 29 µs for 128 loads that each wait for the
// one before and miss all caches. Between two ticks a guest cannot be stopped,
// and Go's garbage collector waits for it. So the units that a tick grants
// decide how punctual deadlines are: 2,000 are 58 ms at worst, 50,000 are 1.4 s,
// and in speed no difference could be measured.
package meter

import "fmt"

// What a rewritten module imports and exports beside its own.
const (
	// Module is the import module of the functions that a rewritten module calls.
	// A guest that imports it itself is refused.
	Module = "bottega_meter"
	// Tick is () -> i64. It is called when the counter is below zero and answers
	// by how many units to raise it, more than zero; it stops the guest by
	// panicking. Whatever a guest ran into debt stays in the counter.
	Tick = "tick"
	// Overflow is () -> (). It is called when calls are nested too deeply and
	// must not return (if it does, the guest traps with unreachable).
	Overflow = "overflow"
	// ExportFuel is the counter, a mutable i64 global: the units that the guest
	// may still use before it ticks. It starts with 0, so that the first check
	// ticks, in the start function too.
	ExportFuel = "$fuel"
	// ExportDepth is a mutable i32 global: the stack, in words of 8 bytes, that
	// calls may still use. After a call that returned it is as before.
	ExportDepth = "$depth"
)

// ExportGlobal is the name under which the n-th mutable number (not reference)
// among the guest's globals is exported, counted from 0.
func ExportGlobal(n int) string { return fmt.Sprintf("$g%d", n) }

// PageSize is the size of a page of memory in bytes.
const PageSize = 64 << 10

// Limits is what a module may have. A zero field has the default that its
// comment names, which a module made by the Go compiler passes.
type Limits struct {
	File        int    // bytes of the module; 16 MiB
	Body        int    // bytes of one function; 256 KiB
	Locals      int    // parameters and locals of one function, values of one signature; 1,000
	LoopLocals  int    // loops × (parameters and locals) of one function; 2,000,000
	Nesting     int    // blocks within each other; 2,048
	BrTable     int    // labels of one br_table, without the default; 8,192
	Functions   int    // of the module itself; 50,000
	Types       int    // signatures; 10,000
	Globals     int    // 1,000
	Imports     int    // 256
	Exports     int    // 256
	Segments    int    // of data, and of elements; 100,000
	Data        int    // bytes of all data segments; 16 MiB
	Table       uint32 // entries the table may grow to, and entries of all element segments; 65,536
	MemoryPages uint32 // pages that memory may start with; 512 (32 MiB)
}

// orDefault fills the zero fields.
func (l Limits) orDefault() Limits {
	ints := []struct {
		field *int
		value int
	}{
		{&l.File, 16 << 20}, {&l.Body, 256 << 10}, {&l.Locals, 1000}, {&l.LoopLocals, 2_000_000},
		{&l.Nesting, 2048}, {&l.BrTable, 8192}, {&l.Functions, 50_000}, {&l.Types, 10_000},
		{&l.Globals, 1000}, {&l.Imports, 256}, {&l.Exports, 256}, {&l.Segments, 100_000}, {&l.Data, 16 << 20},
	}
	for _, i := range ints {
		if *i.field == 0 {
			*i.field = i.value
		}
	}
	if l.Table == 0 {
		l.Table = 65_536
	}
	if l.MemoryPages == 0 {
		l.MemoryPages = 512
	}
	return l
}

// The reasons of a Reject.
const (
	ReasonInvalid = "wasm_invalid"    // not a module, or one that names what it does not have
	ReasonFeature = "feature"         // SIMD, threads, tail calls, exceptions, GC, several memories …
	ReasonMemory  = "memory_limit"    // starts with more memory than allowed
	ReasonTable   = "table_limit"     // more than one table, or too many entries
	ReasonCompile = "compile_limit"   // too large or too intricate to compile
	ReasonExport  = "export_contract" // too many exports, or a name beginning with $
	ReasonImport  = "import_unknown"  // too many imports, of anything but functions, or of Module
)

// Reject is a module that may not run.
type Reject struct {
	Reason string // one of the Reason constants
	Detail string // for the module's developer
}

func (r *Reject) Error() string { return "rejected (" + r.Reason + "): " + r.Detail }

func reject(reason, format string, args ...any) *Reject {
	return &Reject{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// ValueType is a value type in its binary form, the same byte that wazero's api
// package uses.
type ValueType byte

// The value types.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

// Signature is the type of a function.
type Signature struct {
	Params, Results []ValueType
}

// Import is an imported function.
type Import struct {
	Module, Name string
	Signature
}

// Kind is what an export names.
type Kind byte

// The kinds of export.
const (
	KindFunc Kind = iota
	KindTable
	KindMemory
	KindGlobal
)

// Export is an export.
type Export struct {
	Name      string
	Kind      Kind
	Signature // of a KindFunc
}

// Info is what Scan learned of a module.
type Info struct {
	Imports   []Import // all of them, in order; nothing but functions can be imported
	Exports   []Export // all of them, in order
	Functions int      // of the module itself
	HasMemory bool
	MemoryMin uint32 // pages
	MemoryMax uint32 // pages; MaxUint32 if the module names no maximum
	HasStart  bool   // it has a start function, run by instantiation
	// MutableGlobals is how many ExportGlobal names the rewritten module has.
	MutableGlobals int
	// HiddenState says that calls may change something that is neither in memory
	// nor in a global with an export name (table entries, dropped segments,
	// globals that hold references), so that memory and globals alone do not make
	// a snapshot.
	HiddenState bool
}
