package kernel

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/oklog/ulid/v2"
)

// ids are an attempt's ULIDs, in the order in which they are asked for. They
// come from the operation's seed, so every attempt has the same ones, and from
// a stream of their own, so that they tell nothing of its random bytes. Most
// operations ask for none: nothing is drawn before the first.
type ids struct {
	stream *rand.ChaCha8
	first  ulid.ULID // the operation's own
	last   ulid.ULID
}

// start draws the first id.
func (op *operation) startIDs() {
	if op.ids.stream != nil {
		return
	}
	seed := op.seed
	seed[0] ^= 0xff
	op.ids.stream = rand.NewChaCha8(seed)
	_ = op.ids.first.SetTime(uint64(op.now.UnixMilli())) // it fails in the year 10889
	_, _ = op.ids.stream.Read(op.ids.first[6:])          // ChaCha8 does not fail
	op.ids.last = op.ids.first
}

// id is the operation's own id.
func (op *operation) id() string {
	op.startIDs()
	return op.ids.first.String()
}

// newID is an id above the one before it, by a step that cannot be guessed.
func (op *operation) newID() string {
	op.startIDs()
	id := &op.ids.last
	low := binary.BigEndian.Uint64(id[8:])
	next := low + 1 + op.ids.stream.Uint64()>>32
	if next < low { // carry into the upper two bytes of the entropy
		binary.BigEndian.PutUint16(id[6:], binary.BigEndian.Uint16(id[6:])+1)
	}
	binary.BigEndian.PutUint64(id[8:], next)
	return id.String()
}

// entropy is the stream of the operation's random bytes.
func (op *operation) entropy() *rand.ChaCha8 {
	if op.random == nil {
		op.random = rand.NewChaCha8(op.seed)
	}
	return op.random
}
