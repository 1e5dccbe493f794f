// Package wire is the MessagePack that crosses the boundary: what the code
// that `bottega build` generates is made of. It is public because that code
// lies in the apps' own packages; nobody calls it by hand.
//
// It writes the bytes that tinylib/msgp writes and reads what tinylib/msgp
// reads, and knows nothing of reflection, frames or the host. Every byte of it
// is in every guest, so it imports next to nothing.
//
// Generated code is run once per message and is never warm in the processor's
// caches: what it costs is its size. So a field is one call, in which the name
// of the field, the question whether it is there and the value go together,
// and none of what is called is inlined.
package wire

// Record is what the build generates for every struct that crosses.
type Record interface {
	// WriteWire writes the record as a map.
	WriteWire(w *Writer)
	// ReadWire reads a map. Fields that it does not have keep their values.
	ReadWire(r *Reader)
}

// The first bytes of values, as MessagePack numbers them. Small integers, short
// texts, lists and maps have theirs in one byte together with the value or the
// length.
const (
	fixMap   = 0x80
	fixArray = 0x90
	fixStr   = 0xa0

	null     = 0xc0
	falsity  = 0xc2
	truth    = 0xc3
	bin8     = 0xc4
	bin16    = 0xc5
	bin32    = 0xc6
	uint8s   = 0xcc
	uint16s  = 0xcd
	uint32s  = 0xce
	uint64s  = 0xcf
	int8s    = 0xd0
	int16s   = 0xd1
	int32s   = 0xd2
	int64s   = 0xd3
	str8     = 0xd9
	str16    = 0xda
	str32    = 0xdb
	array16  = 0xdc
	array32  = 0xdd
	map16    = 0xde
	map32    = 0xdf
	minFixed = -32 // the least integer of one byte
	maxFixed = 15  // the longest list or map whose length is in its first byte
)
