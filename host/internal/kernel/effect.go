package kernel

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// add moves a counter of the session's app.
func (s *session) add(in []byte) error {
	f, err := frame(abi.ParseAdd(in))
	if err != nil {
		return err
	}
	key, err := s.counterKey(f.Counter, f.Key)
	if err != nil {
		return err
	}
	ok, err := s.op.txn.Add(key, f.Delta, f.Min, f.Max)
	if err == nil && !ok {
		return failure(abi.Exhausted, abi.ReasonBound, "The bound of "+f.Counter+" would be passed.")
	}
	return err
}

func (s *session) counter(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseGet(in))
	if err != nil {
		return out, err
	}
	key, err := s.counterKey(f.Collection, f.Key)
	if err != nil {
		return out, err
	}
	if err = s.op.reading(key); err != nil {
		return out, err
	}
	v, err := s.op.txn.Counter(key)
	return abi.AppendInt(out, v), storageError(err)
}

func (s *session) counterKey(name string, key []byte) ([]byte, error) {
	if !s.app.Counter(name) {
		return nil, failure(abi.Internal, abi.ReasonUndeclared, s.app.ID+" has no counter "+name+".")
	}
	if err := abi.CheckKey(key); err != nil {
		return nil, keyError(err)
	}
	return counterKey(s.app.ID, name, key), nil
}

// charge moves the app's use of storage by delta bytes, up to its quota. It is
// a counter like any other: exact after a crash, and no conflict.
func (s *session) charge(delta int) error {
	most := int64(math.MaxInt64)
	if delta > 0 {
		most = s.app.Limits.Storage
	}
	ok, err := s.op.txn.Add(usageKey(s.app.ID), int64(delta), math.MinInt64, most)
	if err == nil && !ok {
		return quota("storage")
	}
	return err
}

// emit appends an event of the app's own contract to the log.
func (s *session) emit(in []byte) error {
	f, err := frame(abi.ParseEmit(in))
	if err != nil {
		return err
	}
	switch {
	case !s.app.Event(f.Name):
		return failure(abi.Denied, abi.ReasonEvent, f.Name+" is not an event of "+s.app.ID+".")
	case len(f.Payload) > abi.MaxEvent || len(f.Key) > abi.MaxTimerID:
		return failure(abi.TooLarge, abi.ReasonEvent, "The event is longer than 256 KiB, or its key than 512 bytes.")
	case !abi.ValidRecord(f.Payload):
		return failure(abi.Invalid, abi.ReasonEvent, "The event is not a MessagePack map.")
	}
	if s.op.events++; s.op.events > abi.MaxEvents {
		return quota("events")
	}
	e := outbox.Envelope{
		ID: s.op.newID(), Type: f.Name, Source: s.app.String(), Subject: f.Key, Time: s.op.now.UnixMilli(),
		Operation: s.op.id(), Request: s.op.call.Request, Principal: s.op.call.Principal.ID, Data: f.Payload,
	}
	return s.op.txn.Append(e.Append(nil))
}

// schedule writes a timer of the app, in place of one of the same name and id.
func (s *session) schedule(in []byte) error {
	f, err := frame(abi.ParseSchedule(in))
	if err != nil {
		return err
	}
	switch {
	case !s.app.Timer(f.Name):
		return failure(abi.Internal, abi.ReasonUndeclared, s.app.ID+" has no timer "+f.Name+".")
	case len(f.ID) > abi.MaxTimerID || strings.ContainsRune(f.ID, 0):
		return failure(abi.Invalid, abi.ReasonKey, "The id of a timer is text without NUL of at most 512 bytes.")
	case len(f.Payload) > abi.MaxEvent-8:
		return failure(abi.TooLarge, abi.ReasonRecord, "The timer's payload is longer than 256 KiB.")
	}
	byID, byDue := timerKeys(s.app.ID, &f, f.At)
	old, there, err := s.op.txn.Get(byID)
	if err != nil {
		return err
	}
	if there && len(old.Value) >= 8 {
		_, stale := timerKeys(s.app.ID, &f, int64(binary.BigEndian.Uint64(old.Value)))
		if err = s.op.txn.Delete(stale); err != nil {
			return err
		}
	}
	value := binary.BigEndian.AppendUint64(nil, uint64(f.At))
	if err = s.op.txn.Put(byID, storage.Record{Value: slices.Concat(value, f.Payload)}); err != nil {
		return err
	}
	return s.op.txn.Put(byDue, storage.Record{Value: []byte{}})
}
