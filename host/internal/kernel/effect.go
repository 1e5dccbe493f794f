package kernel

import (
	"fmt"
	"math"
	"slices"
	"strconv"

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

func (s *session) counters(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseGetMany(in))
	if err != nil {
		return out, err
	}
	if len(f.Keys) > abi.MaxPage {
		return out, failure(abi.TooLarge, abi.ReasonKeys, "More than 1,000 keys in one call.")
	}
	for i, key := range f.Keys {
		if f.Keys[i], err = s.counterKey(f.Collection, key); err != nil {
			return out, err
		}
	}
	if err = s.op.reading(f.Keys...); err != nil {
		return out, err
	}
	values, err := s.op.txn.Counters(f.Keys)
	return abi.AppendInts(out, values), storageError(err)
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
	version, ok := s.app.Event(f.Name)
	switch {
	case !ok:
		return failure(abi.Denied, abi.ReasonEvent, f.Name+" is not an event of "+s.app.ID+".")
	case f.Version != version:
		return failure(abi.FailedPrecondition, abi.ReasonEvent, fmt.Sprintf("%s was emitted in version %d; by the manifest of %s it has version %d.", f.Name, max(f.Version, 1), s.app.ID, max(version, 1)))
	case len(f.Payload) > abi.MaxEvent || len(f.Key) > abi.MaxTimerID:
		return failure(abi.TooLarge, abi.ReasonEvent, "The event is longer than 256 KiB, or its key than "+strconv.Itoa(abi.MaxTimerID)+" bytes.")
	case !abi.ValidRecord(f.Payload):
		return failure(abi.Invalid, abi.ReasonEvent, "The event is not a MessagePack map.")
	}
	if s.op.events++; s.op.events > abi.MaxEvents {
		return quota("events")
	}
	e := s.op.envelope(f.Name, s.app.String(), f.Key, f.Payload)
	e.Version = f.Version
	if h := s.handled(); h != nil {
		e.Hop, e.Replayed = h.Hop+1, h.Info.Replayed
	}
	if e.Hop > abi.MaxHop {
		return failure(abi.Exhausted, abi.ReasonHop, f.Name+" would follow from more than 16 handlers: events go around in a circle.")
	}
	return s.op.txn.Append(e.Append(nil))
}

// handled is what this operation handles, nil if it was called.
func (s *session) handled() *Handling {
	for ; s.from != nil; s = s.from {
	}
	return s.handling
}

// schedule sets a timer of the app, in place of one of the same name and id.
func (s *session) schedule(in []byte) error {
	w, err := s.later(Timers, abi.EntryTimer, "timer", in)
	if err != nil {
		return err
	}
	return s.op.enqueue(w)
}

// cancel takes a timer of the app back.
func (s *session) cancel(in []byte) error {
	w, err := s.later(Timers, abi.EntryTimer, "timer", in)
	if err != nil {
		return err
	}
	return s.op.dequeue(w)
}

// start queues an effect. In a replay what it would do has been done long ago.
func (s *session) start(in []byte) error {
	w, err := s.later(Effects, abi.EntryEffect, "effect", in)
	if err != nil {
		return err
	}
	if h := s.handled(); h != nil && h.Info.Replayed {
		return nil
	}
	w.Due = max(w.Due, s.op.begun.UnixMilli())
	return s.op.enqueue(w)
}

// begin queues a job of the app.
func (s *session) begin(in []byte) error {
	w, err := s.later(Jobs, abi.EntryJob, "job", in)
	if err != nil {
		return err
	}
	w.Due = s.op.begun.UnixMilli()
	return s.op.enqueue(w)
}

// publish asks for a new generation of the app's derived values.
func (s *session) publish(in []byte) error {
	changes, err := frame(abi.ParseChanges(in))
	switch {
	case err != nil:
		return err
	case len(s.app.Descriptor.Derived) == 0:
		return failure(abi.Internal, abi.ReasonUndeclared, s.app.ID+" has no derived values.")
	case len(changes) > abi.MaxChanges:
		in = abi.AppendChanges(nil, nil) // too many to name: build again
	}
	return s.op.enqueue(&Waiting{Queue: Publishing, App: s.app.ID, Name: "derive", ID: s.op.newID(), Due: s.op.begun.UnixMilli(), Payload: slices.Clone(in)})
}

// later checks what a guest wants to put into a queue.
func (s *session) later(q Queue, kind abi.EntryKind, word string, in []byte) (*Waiting, error) {
	f, err := frame(abi.ParseSchedule(in))
	if err != nil {
		return nil, err
	}
	_, declared := s.app.Handler(kind, f.Name, "")
	switch {
	case !declared:
		return nil, failure(abi.Internal, abi.ReasonUndeclared, s.app.ID+" has no "+word+" "+f.Name+".")
	case len(f.ID) > abi.MaxTimerID || !validID(f.ID):
		return nil, failure(abi.Invalid, abi.ReasonKey, "The id of a "+word+" is text without NUL of at most "+strconv.Itoa(abi.MaxTimerID)+" bytes.")
	case len(f.Payload) > abi.MaxTimer:
		return nil, failure(abi.TooLarge, abi.ReasonRecord, "The payload of a "+word+" is longer than 256 KiB.")
	}
	return &Waiting{Queue: q, App: s.app.ID, Name: f.Name, ID: f.ID, Due: f.At, Payload: slices.Clone(f.Payload)}, nil
}
