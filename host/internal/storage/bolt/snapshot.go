package bolt

import (
	"bytes"
	"encoding/binary"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"go.etcd.io/bbolt"
)

// Snapshot implements storage.Backend. bbolt shows a commit before its sync
// returns; the sequencer hides that.
func (b *Backend) Snapshot() (storage.Snapshot, error) {
	tx, err := b.start(false)
	if err != nil {
		return nil, err
	}
	s := &snapshot{backend: b, tx: tx}
	if err := guard("begin", func() error { s.kv = tx.Bucket(bucketKV); return nil }); err != nil {
		_ = s.Close() // the damage is the better answer
		return nil, err
	}
	return s, nil
}

type snapshot struct {
	backend *Backend
	tx      *bbolt.Tx
	kv      *bbolt.Bucket
}

func (s *snapshot) Get(key []byte) (value []byte, err error) {
	err = guard("get", func() error {
		value = s.kv.Get(key)
		touch(value)
		return nil
	})
	return value, err
}

func (s *snapshot) Ascend(start, end []byte, fn func(key, value []byte) bool) error {
	inside := false
	return guardCalls("scan", &inside, func() error {
		c := s.kv.Cursor()
		for k, v := c.Seek(start); k != nil; k, v = c.Next() {
			if end != nil && bytes.Compare(k, end) >= 0 {
				return nil
			}
			inside = true
			more := fn(k, v)
			inside = false
			if !more {
				return nil
			}
		}
		return nil
	})
}

func (s *snapshot) Descend(start, end []byte, fn func(key, value []byte) bool) error {
	inside := false
	return guardCalls("scan", &inside, func() error {
		c := s.kv.Cursor()
		for k, v := seekBelow(c, end); k != nil && bytes.Compare(k, start) >= 0; k, v = c.Prev() {
			inside = true
			more := fn(k, v)
			inside = false
			if !more {
				return nil
			}
		}
		return nil
	})
}

// seekBelow moves to the last key below end; a nil end has no upper bound.
func seekBelow(c *bbolt.Cursor, end []byte) (key, value []byte) {
	if end == nil {
		return c.Last()
	}
	if k, _ := c.Seek(end); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (s *snapshot) Entries(after uint64, fn func(storage.Entry) bool) error {
	inside := false
	return guardCalls("read log", &inside, func() error {
		c := s.tx.Bucket(bucketLog).Cursor()
		for k, v := c.Seek(positionKey(after + 1)); k != nil; k, v = c.Next() {
			inside = true
			more := fn(storage.Entry{Position: binary.BigEndian.Uint64(k), Data: v})
			inside = false
			if !more {
				return nil
			}
		}
		return nil
	})
}

func (s *snapshot) Close() error {
	if s.backend.broken.Load() != nil {
		return nil // bbolt's lock is held for ever: see Backend.begin
	}
	return guard("end read", s.tx.Rollback)
}

func positionKey(position uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, position)
}
