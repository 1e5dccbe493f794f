package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// The envelope, version 1, all integers big endian:
//
//	0     format version, 1
//	1     flags
//	2..5  CRC32C over the key's length (4 bytes), the key, version, flags and
//	      everything behind the checksum
//	then  expiry (8), key id (4), subject (length 2, bytes), each only if its
//	      flag is set; the rest is the value
//
// There is exactly one encoding of a record, so what Open accepts Seal gives
// back byte for byte.
const (
	formatV1   = 1
	headerSize = 6

	flagCounter = 1 << 0 // the body is a counter: 8 bytes and nothing else
	flagEntry   = 1 << 1 // the body is a log entry, its key the position
	flagExpires = 1 << 2
	flagKeyID   = 1 << 3
	flagSubject = 1 << 4
	flagsKnown  = flagCounter | flagEntry | flagExpires | flagKeyID | flagSubject
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sealed is an opened envelope: a record, or a counter.
type Sealed struct {
	Record        // zero if Counter
	Counter bool  // the key holds a counter
	Count   int64 // its value
}

// Seal encodes a record for its key. It keeps nothing of its arguments. The
// subject must not be longer than MaxKey.
func Seal(key []byte, r Record) []byte {
	var flags byte
	size := headerSize + len(r.Value)
	if r.Expires != 0 {
		flags |= flagExpires
		size += 8
	}
	if r.KeyID != 0 {
		flags |= flagKeyID
		size += 4
	}
	if r.Subject != "" {
		flags |= flagSubject
		size += 2 + len(r.Subject)
	}
	b := header(size, flags)
	if r.Expires != 0 {
		b = binary.BigEndian.AppendUint64(b, uint64(r.Expires))
	}
	if r.KeyID != 0 {
		b = binary.BigEndian.AppendUint32(b, r.KeyID)
	}
	if r.Subject != "" {
		b = binary.BigEndian.AppendUint16(b, uint16(len(r.Subject)))
		b = append(b, r.Subject...)
	}
	return sign(key, append(b, r.Value...))
}

// SealCounter encodes a counter's value for its key.
func SealCounter(key []byte, value int64) []byte {
	b := header(headerSize+8, flagCounter)
	return sign(key, binary.BigEndian.AppendUint64(b, uint64(value)))
}

// SealEntry encodes a log entry for its position.
func SealEntry(position uint64, data []byte) []byte {
	b := header(headerSize+len(data), flagEntry)
	return sign(positionKey(position), append(b, data...))
}

// Open decodes what Seal or SealCounter made for the same key. The value is a
// copy. Errors: ErrCorrupt with the key.
func Open(key, sealed []byte) (Sealed, error) {
	flags, body, err := unwrap(key, sealed)
	if err != nil {
		return Sealed{}, err
	}
	switch {
	case flags&flagEntry != 0:
		return Sealed{}, corrupt(key, "a log entry in a record's place")
	case flags == flagCounter && len(body) == 8:
		return Sealed{Counter: true, Count: int64(binary.BigEndian.Uint64(body))}, nil
	case flags&flagCounter != 0:
		return Sealed{}, corrupt(key, "malformed counter")
	}
	r, ok := openRecord(flags, body)
	if !ok {
		return Sealed{}, corrupt(key, "malformed record")
	}
	return Sealed{Record: r}, nil
}

// OpenEntry decodes what SealEntry made for the same position. The data is a
// copy. Errors: ErrCorrupt with the position.
func OpenEntry(position uint64, sealed []byte) ([]byte, error) {
	key := positionKey(position)
	flags, body, err := unwrap(key, sealed)
	if err != nil {
		return nil, fmt.Errorf("log position %d: %w", position, err)
	}
	if flags != flagEntry {
		return nil, fmt.Errorf("log position %d: %w", position, corrupt(key, "not a log entry"))
	}
	return append([]byte{}, body...), nil
}

// openRecord decodes the body of a record whose checksum holds.
func openRecord(flags byte, body []byte) (r Record, ok bool) {
	if flags&flagExpires != 0 {
		if len(body) < 8 {
			return r, false
		}
		r.Expires, body = int64(binary.BigEndian.Uint64(body)), body[8:]
		if r.Expires == 0 {
			return r, false
		}
	}
	if flags&flagKeyID != 0 {
		if len(body) < 4 {
			return r, false
		}
		r.KeyID, body = binary.BigEndian.Uint32(body), body[4:]
		if r.KeyID == 0 {
			return r, false
		}
	}
	if flags&flagSubject != 0 {
		if len(body) < 2 {
			return r, false
		}
		n := int(binary.BigEndian.Uint16(body))
		if body = body[2:]; n == 0 || len(body) < n {
			return r, false
		}
		r.Subject, body = string(body[:n]), body[n:]
	}
	r.Value = append([]byte{}, body...)
	return r, true
}

func header(size int, flags byte) []byte {
	b := make([]byte, headerSize, size)
	b[0], b[1] = formatV1, flags
	return b
}

// sign fills the checksum of an envelope that is otherwise complete.
func sign(key, b []byte) []byte {
	binary.BigEndian.PutUint32(b[2:], checksum(key, b))
	return b
}

// unwrap checks version, flags and checksum.
func unwrap(key, sealed []byte) (flags byte, body []byte, err error) {
	if len(sealed) < headerSize {
		return 0, nil, corrupt(key, "shorter than its header")
	}
	if binary.BigEndian.Uint32(sealed[2:]) != checksum(key, sealed) {
		return 0, nil, corrupt(key, "checksum differs")
	}
	if sealed[0] != formatV1 {
		return 0, nil, corrupt(key, fmt.Sprintf("unknown format %d", sealed[0]))
	}
	if sealed[1]&^flagsKnown != 0 {
		return 0, nil, corrupt(key, fmt.Sprintf("unknown flags %#x", sealed[1]))
	}
	return sealed[1], sealed[headerSize:], nil
}

// checksum covers the key's length too, so that no byte can move between key
// and value unnoticed.
func checksum(key, b []byte) uint32 {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(key)))
	sum := crc32.Update(0, castagnoli, n[:])
	sum = crc32.Update(sum, castagnoli, key)
	sum = crc32.Update(sum, castagnoli, b[:2])
	return crc32.Update(sum, castagnoli, b[headerSize:])
}

func positionKey(position uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, position)
}

func corrupt(key []byte, why string) error {
	return fmt.Errorf("%w: key %q: %s", ErrCorrupt, key, why)
}
