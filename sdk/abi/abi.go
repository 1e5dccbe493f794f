// Package abi is the contract between the host and its guests: import and
// export names, codes, frames and the order-preserving key encoding. Both
// worlds import it and nothing else of each other; it imports the standard
// library only, because every byte of it is in every guest.
//
// A guest exports [ExportCall], [ExportBuffer] and [ExportDescribe] and imports
// functions of the module [Module] only. Every imported function but now has
// the same shape,
//
//	(in_ptr, in_len, out_ptr, out_cap i32) -> i64
//
// where the result is [Pack] of a [Code] and a length. The host reads the frame
// at in_ptr at once and writes its answer to out_ptr if it fits into out_cap;
// a longer answer is kept, and the guest takes it with fetch into a larger
// buffer. A code other than OK makes the answer an [Error] frame.
package abi

// Version is the number in Module. A host runs the versions it knows.
const Version = 1

// Module is the import module of every host function.
const Module = "bottega_v1"

// What a guest exports.
const (
	// ExportCall is (entry, length i32) -> i64: run a handler on the input of
	// that length that lies in the buffer. The answer lies in the buffer.
	ExportCall = "bottega_call"
	// ExportBuffer is (size i32) -> i64: make the guest's one reusable buffer at
	// least that long and answer its pointer (high 32 bits) and capacity (low).
	ExportBuffer = "bottega_buffer"
	// ExportDescribe is () -> i64: write the Descriptor into the buffer and
	// answer its length.
	ExportDescribe = "bottega_describe"
	// ExportInit is the reactor's start function, run once per instance.
	ExportInit = "_initialize"
	// ExportMemory is the one linear memory.
	ExportMemory = "memory"
)

// Func numbers the host functions.
type Func uint8

// The host functions. Their frames stand beside the types in frame.go.
const (
	FuncFetch    Func = iota // () -> rest of the last answer
	FuncNow                  // () -> i64, milliseconds since 1970 UTC; its own signature
	FuncGet                  // Get -> record; NotFound if there is none
	FuncGetMany              // GetMany -> Records
	FuncScan                 // Scan -> Page
	FuncPut                  // Put -> nothing
	FuncDelete               // Get -> nothing
	FuncAdd                  // Add -> nothing; Exhausted if a bound would be passed
	FuncCounter              // Get -> varint
	FuncCall                 // Invoke -> output of the operation
	FuncEach                 // Invoke on a query slot -> Answers
	FuncOne                  // Invoke on a command slot -> output of the filler
	FuncFillers              // string, the slot -> strings, the keys of its fillers
	FuncEmit                 // Emit -> nothing
	FuncSchedule             // Schedule -> nothing
	FuncRandom               // uvarint n <= 4096 -> n bytes
	FuncNewID                // () -> 26 characters, a ULID
	FuncSettings             // () -> MessagePack of the app's settings
	FuncInfo                 // () -> Info
	FuncZone                 // ZoneAt -> ZoneSpan
	FuncLog                  // Log -> nothing
	FuncCancel               // Schedule without At and Payload -> nothing; takes a timer back
	FuncStart                // Schedule of an effect -> nothing; At is the earliest instant, 0 at once
	FuncHTTP                 // HTTPRequest -> HTTPResponse; in effect handlers only
	FuncBegin                // Schedule of a job without At -> nothing
	FuncPublish              // Changes -> nothing; asks for a new generation of the app's derived values
	FuncSign                 // at most MaxSign bytes, no frame -> SignatureSize bytes, by a key of tenant and app
	FuncCounters             // GetMany with a counter's name -> Ints
	funcs
)

var funcNames = [funcs]string{
	"fetch", "now", "get", "get_many", "scan", "put", "delete", "add", "counter",
	"call", "each", "one", "fillers", "emit", "schedule", "random", "new_id",
	"settings", "info", "zone", "log", "cancel", "start", "http", "begin", "publish",
	"sign", "counters",
}

// String is the name under which a guest imports f.
func (f Func) String() string {
	if f < funcs {
		return funcNames[f]
	}
	return "unknown"
}

// Funcs lists every host function.
func Funcs() []Func {
	all := make([]Func, funcs)
	for i := range all {
		all[i] = Func(i)
	}
	return all
}

// Pack joins a code and a length into the result of a call in either direction.
func Pack(code Code, length int) uint64 { return uint64(code)<<32 | uint64(uint32(length)) }

// Unpack takes the result of a call apart.
func Unpack(v uint64) (Code, int) { return Code(v >> 32), int(uint32(v)) }
