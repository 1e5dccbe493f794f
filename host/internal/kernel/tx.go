package kernel

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Tx is a transaction of the host itself, over the tenant's part that is the
// host's own: areas of keys and values that no app reads or writes. It dies with
// its Do or Run.
type Tx struct {
	op  *operation
	ctx context.Context
}

// Row is one record of an area.
type Row struct {
	Key   string
	Value []byte
}

// Context ends when nobody waits for the task any more.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the task's one clock reading, to the millisecond.
func (t *Tx) Now() time.Time { return t.op.begun }

// NewID is a new ULID. A rerun is given the same again.
func (t *Tx) NewID() string { return t.op.newID() }

// Random is n unpredictable bytes, the same again in a rerun.
func (t *Tx) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = t.op.entropy().Read(b) // ChaCha8 does not fail
	return b
}

// Tenant is whose transaction this is.
func (t *Tx) Tenant() string { return t.op.call.Tenant }

// Principal is who acts.
func (t *Tx) Principal() identity.Principal { return t.op.call.Principal }

// Request is the id of the request, "" if there is none.
func (t *Tx) Request() string { return t.op.call.Request }

// Set is what is enabled, as this transaction sees it.
func (t *Tx) Set() *registry.Set { return t.op.Set }

// Head is the head as this transaction sees it.
func (t *Tx) Head() Head {
	if t.op.head != nil {
		return *t.op.head
	}
	return t.op.cut.head
}

// SetHead changes what operations run with from this commit on. The generation
// must be staged.
func (t *Tx) SetHead(h Head) error {
	t.op.head = &h
	return t.op.txn.Put(HeadKey(), storage.Record{Value: h.append(nil)})
}

// Usage counts what the task would write.
func (t *Tx) Usage() storage.Usage { return t.op.txn.Usage() }

// Get reads a value of an area.
func (t *Tx) Get(area, key string) ([]byte, bool, error) {
	rec, ok, err := t.op.txn.Get(houseKey(area, key))
	return rec.Value, ok, err
}

// Put writes a value of at most 256 KiB.
func (t *Tx) Put(area, key string, value []byte) error {
	return t.op.txn.Put(houseKey(area, key), storage.Record{Value: value})
}

// PutUntil writes a value that counts as absent from an instant on.
func (t *Tx) PutUntil(area, key string, value []byte, until time.Time) error {
	return t.op.txn.Put(houseKey(area, key), storage.Record{Value: value, Expires: until.UnixMilli()})
}

// PutStamped writes a value whose first eight bytes become the log position of
// this commit, big endian: that of its last event, or of the newest before it. So
// it says what is logged after the commit and what is not. This transaction
// itself reads those bytes as they were given.
func (t *Tx) PutStamped(area, key string, value []byte) error {
	return t.op.txn.Put(houseKey(area, key), storage.Record{Value: value, Stamp: true})
}

// Delete removes a value, absent or not.
func (t *Tx) Delete(area, key string) error { return t.op.txn.Delete(houseKey(area, key)) }

// Page lists up to limit rows of an area whose keys begin with prefix and come
// after a key ("" for the first), in their order or its reverse.
func (t *Tx) Page(area, prefix, after string, limit int, reverse bool) ([]Row, error) {
	base := houseKey(area, "")
	r := storage.Range{Start: houseKey(area, prefix), Reverse: reverse, Limit: limit}
	r.End = following(r.Start)
	// Clients choose after: it may narrow the range, and never widens it.
	switch at := houseKey(area, after); {
	case after != "" && reverse && bytes.Compare(at, r.End) < 0:
		r.End = at
	case after != "" && !reverse && bytes.Compare(at, r.Start) >= 0:
		r.Start = append(slices.Clone(at), 0)
	}
	pairs, err := t.op.txn.Scan(r)
	rows := make([]Row, len(pairs))
	for i, p := range pairs {
		rows[i] = Row{Key: string(p.Key[len(base):]), Value: p.Value}
	}
	return rows, err
}

// following is the first key behind all that begin with prefix.
func following(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// Emit appends an event of the host to the log; name is host.…, data MessagePack.
func (t *Tx) Emit(name, subject string, data []byte) error {
	e := t.op.envelope(name, "host", subject, data)
	return t.op.txn.Append(e.Append(nil))
}

// Touch says what the change is about, for the audit: "user:anna". Ids only.
func (t *Tx) Touch(object string) {
	if !slices.Contains(t.op.touched, object) {
		t.op.touched = append(t.op.touched, object)
	}
}

// Audit lists lines of the audit that come before an id ("" for the newest),
// newest first, as outbox.ParseAudit reads them.
func (t *Tx) Audit(before string, limit int) ([]Row, error) {
	r := storage.Range{Start: auditKey(""), End: following(auditKey("")), Reverse: true, Limit: limit}
	if before != "" {
		r.End = auditKey(before)
	}
	pairs, err := t.op.txn.Scan(r)
	rows := make([]Row, len(pairs))
	for i, p := range pairs {
		rows[i] = Row{Key: string(p.Key[1:]), Value: p.Value}
	}
	return rows, err
}

// AddAudit writes a line of the audit that no commit of an operation wrote, as
// of a refusal.
func (t *Tx) AddAudit(id string, line []byte) error {
	return t.op.txn.Put(auditKey(id), storage.Record{Value: line})
}

// Records lists records of an app's collection, as the app itself would scan
// them.
func (t *Tx) Records(app *registry.App, scan abi.Scan) (abi.Page, error) {
	s := &session{op: t.op, app: app, readOnly: true}
	out, err := s.scan(scan.Append(nil), nil)
	if err != nil {
		return abi.Page{}, err
	}
	return abi.ParsePage(out)
}

// Reindex writes the entries of one index for a page of records and answers
// where the next page begins, nil at the end. Errors: conflict, reason "unique".
func (t *Tx) Reindex(app *registry.App, at registry.IndexName, after []byte, limit int) (next []byte, n int, err error) {
	s := &session{op: t.op, app: app}
	c, err := s.collection(at.Collection)
	if err != nil {
		return nil, 0, err
	}
	i, ok := c.Index(at.Index)
	if !ok {
		return nil, 0, failure(abi.NotFound, abi.ReasonUndeclared, app.ID+" has no index "+at.Index+".")
	}
	only := abi.Collection{Name: c.Name, Key: c.Key, Indexes: c.Indexes[i : i+1], Expires: c.Expires, Subject: c.Subject}
	page, err := t.Records(app, abi.Scan{Collection: at.Collection, After: after, Limit: limit})
	if err != nil {
		return nil, 0, err
	}
	for _, record := range page.Records {
		keys, err := only.Keys(record)
		if err != nil {
			return nil, n, err
		}
		if err = s.unique(&only, abi.Keys{}, keys); err != nil {
			return nil, n, err
		}
		if err = s.reindex(&only, abi.Keys{}, keys); err != nil {
			return nil, n, err
		}
		n++
	}
	return page.Cursor, n, nil
}

// Erase removes up to limit of everything that an app keeps: records, indexes,
// counters, queues. It answers how much it removed; 0 means that nothing is left.
func (t *Tx) Erase(app string, limit int) (int, error) {
	n := 0
	for _, prefix := range appPrefixes(app) {
		pairs, err := t.op.txn.Scan(storage.Range{Start: prefix, End: following(prefix), Limit: limit - n})
		if err != nil {
			return n, err
		}
		for _, p := range pairs {
			if err := t.drop(p); err != nil {
				return n, err
			}
		}
		if n += len(pairs); n >= limit {
			return n, nil
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, t.op.txn.Delete(usageKey(app))
}

// drop removes one row of an app, and the second row that each row of a queue has.
func (t *Tx) drop(p storage.Pair) error {
	if q, ok := queueOf(p.Key); ok && len(p.Value) >= 8 {
		if err := t.op.txn.Delete(dueKey(q, int64(binary.BigEndian.Uint64(p.Value)), p.Key[2:])); err != nil {
			return err
		}
	}
	return t.op.txn.Delete(p.Key)
}
