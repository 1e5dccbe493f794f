package kernel

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Queue is something that apps put away for later, in the order in which it is
// due.
type Queue byte

// The queues.
const (
	Timers     Queue = 't' // run a timer's handler
	Effects    Queue = 'x' // do something outside
	Jobs       Queue = 'j' // begin long work
	Publishing Queue = 'g' // build derived values again; Payload is abi.AppendChanges
)

// Waiting is one thing in a queue: one of its Name and ID at a time.
type Waiting struct {
	Queue         Queue
	App, Name, ID string
	Due           int64 // milliseconds since 1970 UTC
	Payload       []byte
}

// key names the thing: app 00 name 00 id.
func (w *Waiting) key() []byte {
	return append(append(append(append([]byte(w.App), 0), w.Name...), 0), w.ID...)
}

func (w *Waiting) byID() []byte { return slices.Concat([]byte{byte(w.Queue), 0}, w.key()) }

func dueKey(q Queue, due int64, key []byte) []byte {
	b := binary.BigEndian.AppendUint64([]byte{byte(q), 1}, uint64(due)^(1<<63))
	return append(b, key...)
}

// queueOf says of which queue a row by id is.
func queueOf(key []byte) (Queue, bool) {
	q := Queue(key[0])
	return q, len(key) > 2 && key[1] == 0 && (q == Timers || q == Effects || q == Jobs || q == Publishing)
}

// enqueue puts w into its queue, in place of one of the same name and id.
func (op *operation) enqueue(w *Waiting) error {
	if err := op.dequeue(w); err != nil {
		return err
	}
	op.queued = true
	value := binary.BigEndian.AppendUint64(nil, uint64(w.Due))
	if err := op.txn.Put(w.byID(), storage.Record{Value: append(value, w.Payload...)}); err != nil {
		return err
	}
	return op.txn.Put(dueKey(w.Queue, w.Due, w.key()), storage.Record{Value: []byte{}})
}

// dequeue takes w out of its queue if it is there.
func (op *operation) dequeue(w *Waiting) error {
	old, there, err := op.txn.Get(w.byID())
	if err != nil || !there || len(old.Value) < 8 {
		return err
	}
	if err = op.txn.Delete(dueKey(w.Queue, int64(binary.BigEndian.Uint64(old.Value)), w.key())); err != nil {
		return err
	}
	return op.txn.Delete(w.byID())
}

// Enqueue puts something into a queue, in place of one of the same name and id.
func (t *Tx) Enqueue(w Waiting) error { return t.op.enqueue(&w) }

// Dequeue takes something out of its queue, there or not.
func (t *Tx) Dequeue(w Waiting) error { return t.op.dequeue(&w) }

// Wake has Hooks.Queued called after the commit although nothing was queued: a
// task has written something else that somebody waits for.
func (t *Tx) Wake() { t.op.queued = true }

// Queued reads one thing of a queue, due or not; false if it is not there.
func (t *Tx) Queued(q Queue, app, name, id string) (Waiting, bool, error) {
	w := Waiting{Queue: q, App: app, Name: name, ID: id}
	rec, ok, err := t.op.txn.Get(w.byID())
	if err != nil || !ok {
		return w, false, err
	}
	if len(rec.Value) < 8 {
		return w, false, storage.ErrCorrupt
	}
	w.Due, w.Payload = int64(binary.BigEndian.Uint64(rec.Value)), rec.Value[8:]
	return w, true, nil
}

// Due lists up to limit things of a queue that are due at an instant, the
// longest due first; skip passes over apps.
func (t *Tx) Due(q Queue, at time.Time, limit int, skip func(app string) bool) ([]Waiting, error) {
	var all []Waiting
	r := storage.Range{Start: []byte{byte(q), 1}, End: dueKey(q, at.UnixMilli()+1, nil), Limit: max(limit, 64)}
	for {
		rows, err := t.op.txn.Scan(r)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			w, err := t.waiting(q, row.Key)
			if err != nil {
				return nil, err
			}
			if skip != nil && skip(w.App) {
				continue
			}
			if all = append(all, w); len(all) == limit {
				return all, nil
			}
		}
		if len(rows) < r.Limit {
			return all, nil
		}
		r.Start = slices.Concat(rows[len(rows)-1].Key, []byte{0})
	}
}

// Next is when the first thing of a queue is due; false if there is none.
func (t *Tx) Next(q Queue) (time.Time, bool, error) {
	rows, err := t.op.txn.Scan(storage.Range{Start: []byte{byte(q), 1}, End: []byte{byte(q), 2}, Limit: 1})
	if err != nil || len(rows) == 0 {
		return time.Time{}, false, err
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(rows[0].Key[2:]) ^ (1 << 63))), true, nil
}

// waiting reads what a row in the order of due points to.
func (t *Tx) waiting(q Queue, due []byte) (Waiting, error) {
	if len(due) < 10 {
		return Waiting{}, storage.ErrCorrupt
	}
	parts := bytes.SplitN(due[10:], []byte{0}, 3)
	if len(parts) != 3 {
		return Waiting{}, storage.ErrCorrupt
	}
	w := Waiting{Queue: q, App: string(parts[0]), Name: string(parts[1]), ID: string(parts[2])}
	rec, ok, err := t.op.txn.Get(w.byID())
	if err != nil {
		return w, err
	}
	if !ok || len(rec.Value) < 8 {
		return w, storage.ErrCorrupt
	}
	w.Due, w.Payload = int64(binary.BigEndian.Uint64(rec.Value)), rec.Value[8:]
	return w, nil
}

// validID says whether a guest may use an id in a queue.
func validID(id string) bool { return !strings.ContainsRune(id, 0) }
