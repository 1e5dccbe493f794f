package abi

import (
	"bytes"
	"errors"
	"slices"
)

// A collection has an order of its own, by primary key, and one per index. In
// each of them a record is found under an entry key, and a scan is a range of
// entry keys. The host puts its own prefix before every one of them.

// Entry is the key of a record's entry in an index: the entry's field parts
// and then the primary key, so that equal parts are ordered by primary key. An
// entry of a unique index is its parts alone: two records cannot have one. The
// value of an entry is the primary key.
func (x *Index) Entry(parts, primary []byte) []byte {
	if x.Unique {
		return parts
	}
	return slices.Concat(parts, primary)
}

// Errors of keys that a guest sends.
var (
	ErrKey       = errors.New("malformed key")
	ErrKeyLength = errors.New("key too long")
)

// CheckKey is ErrKey or ErrKeyLength for what no record can lie under.
func CheckKey(key []byte) error {
	if len(key) > MaxKey {
		return ErrKeyLength
	}
	if !ValidKey(key) {
		return ErrKey
	}
	return nil
}

// rangeEnd sorts after every part, and after every escape within a text it
// sorts with them: appended to whole parts it is the end of all keys that
// continue them, and of no other key.
const rangeEnd = 0xff

// Bounds is the range [start, end) of entry keys that s asks for; what lies
// before After is left out already, at the side where the scan begins. Neither
// is nil; if start is not below end there is nothing to read.
// Errors: ErrKey, ErrKeyLength.
//
// The cursor of a page is the entry key of its last record; in the order of
// the primary key that is the primary key.
func (s *Scan) Bounds() (start, end []byte, err error) {
	for _, k := range [][]byte{s.Prefix, s.From, s.To, s.After} {
		if !ValidPrefix(k) {
			return nil, nil, ErrKey
		}
	}
	if len(s.Prefix)+max(len(s.From), len(s.To)) > MaxKey || len(s.After) > MaxKey {
		return nil, nil, ErrKeyLength
	}
	start = append(append([]byte{}, s.Prefix...), s.From...)
	end = slices.Concat(s.Prefix, s.To)
	if len(s.To) == 0 {
		end = append(end, rangeEnd)
	}
	switch {
	case len(s.After) == 0:
	case s.Reverse:
		end = slices.MinFunc([][]byte{end, slices.Clone(s.After)}, bytes.Compare)
	default:
		start = slices.MaxFunc([][]byte{start, append(slices.Clone(s.After), 0)}, bytes.Compare)
	}
	return start, end, nil
}
