package kernel

import "github.com/bottega-retail/bottega/sdk/abi"

// What one attempt of an operation may make the host keep in its own memory,
// which no limit of a guest's memory bounds. The number of calls is no bound
// either: one call may write 256 KiB, or read 1,000 keys.
const (
	maxWritten = 16 << 20 // bytes of keys, records, events and timers that wait for the commit
	maxRead    = 16 << 20 // bytes of keys read, with readCost for each: they wait to be validated
	maxDerived = 1 << 30  // bytes of keys that building derived values reads; nothing of it is kept
	maxMany    = 8 << 20  // bytes of the records that one get_many answers
	readCost   = 128      // bytes that a key takes beside its own
)

// What one call of a query slot's filler may use of its operation's, beside its
// units: ten fillers together cannot leave their caller without.
const (
	slotHostCalls = abi.MaxHostCalls / 20
	slotLog       = abi.MaxLogBytes / 20
	slotRead      = maxRead / 20
)

// reading counts keys that are about to become part of the read set.
func (op *operation) reading(keys ...[]byte) error {
	for _, key := range keys {
		op.read += len(key) + readCost
	}
	if op.read > op.readable {
		return quota("reads")
	}
	return nil
}

// many reads records for a get_many in chunks, for a guest may name one large
// record a thousand times.
func (s *session) many(keys [][]byte) ([][]byte, error) {
	all := make([][]byte, 0, len(keys))
	for size := 0; len(keys) > 0; {
		n := min(scanChunk, len(keys))
		values, err := s.values(keys[:n])
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			size += len(v)
		}
		if size > maxMany {
			return nil, failure(abi.TooLarge, abi.ReasonKeys, "The records of one get_many are longer than 8 MiB.")
		}
		all, keys = append(all, values...), keys[n:]
	}
	return all, nil
}
