package occ

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/tidwall/btree"
)

var errEnded = errors.New("transaction has ended")

// txn is one transaction. Its caller uses it from one goroutine; mu is for the
// end of its context, which may come from another.
type txn struct {
	engine   *Engine
	readOnly bool
	now      int64 // milliseconds since 1970
	attempt  int   // failed attempts before this one

	// Guarded by engine.mu.
	pinned  uint64        // the overlay keeps what is newer
	element *list.Element // in engine.running; nil once it has left
	lane    chan struct{} // the exclusive lane, if this transaction has it
	doomed  bool          // a full disk undid what it may have read

	key      *keyLock // of the key that failed the last attempt
	start    uint64   // S
	position uint64   // newest log position as of S
	watched  watched  // as of S
	over     *tree    // the overlay as of S

	mu    sync.Mutex
	snap  storage.Snapshot // nil once ended
	ended error            // why it ended
	stop  func() bool      // stops watching the context

	depends  uint64              // newest sequence that a read came from
	points   []string            // keys read, absent ones too
	seen     map[string]struct{} // the same, as a set; nil while they are few
	ranges   []seenRange
	counters map[string]*counter

	writes  writeTree
	entries [][]byte
	usage   int // bytes of keys, values and entries pending
	saves   []savepoint
	effects []effect // of writes, once the transaction commits
}

var _ storage.Txn = (*txn)(nil)

// kind of a pending effect.
type kind uint8

const (
	put kind = iota
	deleted
	counted
)

// pending is what a transaction will do to one key.
type pending struct {
	kind   kind
	record storage.Record // of a put
	head   int            // state of the key's counter
}

// effect is a pending effect on its way into a batch.
type effect struct {
	key string
	pending
	sealed []byte // nil deletes, or is still to be sealed
}

// seenRange is a part of the key space that a scan has looked at.
type seenRange struct {
	start, end string
	open       bool // no end
}

// writeTree holds a transaction's pending effects. Its zero value is empty, and
// a copy shares what neither side changes.
type writeTree = btree.Map[string, pending]

// savepoint is what Rollback restores.
type savepoint struct {
	writes  *writeTree
	entries int
	usage   int
}

// fewPoints is up to how many keys a slice is searched faster than a map.
const fewPoints = 16

func newTxn(e *Engine, o storage.Options) *txn {
	return &txn{engine: e, readOnly: o.ReadOnly, now: o.Now.UnixMilli()}
}

// attach gives the transaction its snapshot, unless the engine was closed in
// the meantime, and ends it with its context.
func (t *txn) attach(ctx context.Context, snap storage.Snapshot) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended != nil {
		return errors.Join(t.ended, snap.Close())
	}
	t.snap = snap
	t.stop = context.AfterFunc(ctx, func() { t.end(ctx.Err()) })
	return nil
}

// end closes the snapshot and gives back all locks. Reads after it return why.
// The first cause counts.
func (t *txn) end(why error) {
	t.mu.Lock()
	if t.ended != nil {
		t.mu.Unlock()
		return
	}
	t.detach(why)
	t.mu.Unlock()
	t.engine.release(t)
}

// detach closes the snapshot. The caller holds t.mu.
func (t *txn) detach(why error) {
	t.ended = why
	if t.stop != nil {
		t.stop()
	}
	if t.snap != nil {
		// The snapshot was only read: whether closing it succeeds changes no
		// result, and a broken backend will say so at the next call.
		_ = t.snap.Close()
		t.snap = nil
	}
}

// finish closes the snapshot for a commit, which may then wait.
func (t *txn) finish() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended != nil {
		return t.ended
	}
	t.detach(errEnded)
	return nil
}

// Discard implements storage.Txn.
func (t *txn) Discard() { t.end(errEnded) }

// Commit implements storage.Txn.
func (t *txn) Commit(ctx context.Context) (storage.Commit, error) {
	if err := t.finish(); err != nil {
		return storage.Commit{}, err
	}
	defer t.engine.release(t)
	if t.writes.Len() == 0 && len(t.entries) == 0 {
		return t.engine.verify(ctx, t)
	}
	t.sealWrites()
	a, err := t.engine.accept(ctx, t)
	if err != nil {
		return storage.Commit{}, err
	}
	t.engine.release(t) // before the wait: whoever wants the key need not wait for the disk
	return t.engine.settled(a)
}

// Verify implements storage.Txn. It ends the transaction.
func (t *txn) Verify(ctx context.Context) error {
	if err := t.finish(); err != nil {
		return err
	}
	defer t.engine.release(t)
	_, err := t.engine.verify(ctx, t)
	return err
}

// sealWrites encodes what does not depend on the commit, outside the lock.
func (t *txn) sealWrites() {
	t.effects = make([]effect, 0, t.writes.Len())
	t.writes.Scan(func(key string, p pending) bool {
		w := effect{key: key, pending: p}
		if p.kind == put && !p.record.Stamp {
			w.sealed = storage.Seal([]byte(key), p.record)
		}
		t.effects = append(t.effects, w)
		return true
	})
}

func (t *txn) conflict(key string) error {
	return &storage.Conflict{Key: []byte(key), Attempt: t.attempt + 1}
}

// firstRead returns a key to name in a conflict that no single key caused.
func (t *txn) firstRead() string {
	switch {
	case len(t.points) > 0:
		return t.points[0]
	case len(t.ranges) > 0:
		return t.ranges[0].start
	}
	for key := range t.counters {
		return key
	}
	return ""
}

// Get implements storage.Txn.
func (t *txn) Get(key []byte) (storage.Record, bool, error) {
	if err := checkKey(key); err != nil {
		return storage.Record{}, false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended != nil {
		return storage.Record{}, false, t.ended
	}
	return t.get(key)
}

// MultiGet implements storage.Txn.
func (t *txn) MultiGet(keys [][]byte) ([]storage.Record, error) {
	records := make([]storage.Record, len(keys))
	for i, key := range keys {
		r, _, err := t.Get(key)
		if err != nil {
			return nil, err
		}
		records[i] = r
	}
	return records, nil
}

func (t *txn) get(key []byte) (storage.Record, bool, error) {
	if p, ok := t.writes.Get(string(key)); ok {
		return t.ownRecord(key, p)
	}
	s, ok, err := t.read(key)
	if err != nil {
		return storage.Record{}, false, err
	}
	t.readPoint(key)
	if ok && s.Counter {
		return storage.Record{}, false, fmt.Errorf("get %q: %w: it is one", key, storage.ErrCounter)
	}
	return s.Record, ok, nil
}

// ownRecord is what the transaction itself wrote, if it has not expired.
func (t *txn) ownRecord(key []byte, p pending) (storage.Record, bool, error) {
	switch {
	case p.kind == counted:
		return storage.Record{}, false, fmt.Errorf("get %q: %w: it is one", key, storage.ErrCounter)
	case p.kind == deleted || t.expired(p.record):
		return storage.Record{}, false, nil
	}
	r := p.record
	r.Value, r.Stamp = append([]byte{}, r.Value...), false
	return r, true, nil
}

// read returns what storage holds under key as of S; false if absent or
// expired. It notes what the answer depends on, but not that it was read.
func (t *txn) read(key []byte) (storage.Sealed, bool, error) {
	sealed, err := t.sealed(key)
	if err != nil {
		return storage.Sealed{}, false, fmt.Errorf("read %q: %w", key, err)
	}
	return t.decode(key, sealed)
}

func (t *txn) sealed(key []byte) ([]byte, error) {
	if v, ok := t.over.Get(string(key)); ok {
		t.depends = max(t.depends, v.sequence)
		return v.sealed, nil
	}
	return t.snap.Get(key)
}

func (t *txn) decode(key, sealed []byte) (storage.Sealed, bool, error) {
	if sealed == nil {
		return storage.Sealed{}, false, nil
	}
	s, err := storage.Open(key, sealed)
	if err != nil || t.expired(s.Record) {
		return storage.Sealed{}, false, err
	}
	return s, true, nil
}

func (t *txn) expired(r storage.Record) bool {
	return r.Expires != 0 && r.Expires <= t.now
}

// readPoint puts a key into the read set.
func (t *txn) readPoint(key []byte) {
	if t.readOnly || t.hasRead(key) {
		return
	}
	t.points = append(t.points, string(key))
	switch {
	case t.seen != nil:
		t.seen[string(key)] = struct{}{}
	case len(t.points) > fewPoints:
		t.seen = make(map[string]struct{}, 2*fewPoints)
		for _, k := range t.points {
			t.seen[k] = struct{}{}
		}
	}
}

func (t *txn) hasRead(key []byte) bool {
	if t.seen != nil {
		_, ok := t.seen[string(key)]
		return ok
	}
	for _, k := range t.points {
		if k == string(key) {
			return true
		}
	}
	return false
}

// Watched implements storage.Txn.
func (t *txn) Watched() uint64 {
	t.depends = max(t.depends, t.watched.sequence)
	t.readPoint(t.engine.options.Watch)
	return t.watched.epoch
}

// Put implements storage.Txn.
func (t *txn) Put(key []byte, r storage.Record) error {
	if err := checkRecord(key, r); err != nil {
		return err
	}
	r.Value = bytes.Clone(r.Value)
	return t.change(key, pending{kind: put, record: r})
}

// Delete implements storage.Txn.
func (t *txn) Delete(key []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return t.change(key, pending{kind: deleted})
}

func (t *txn) change(key []byte, p pending) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.readOnly:
		return fmt.Errorf("write %q: %w", key, storage.ErrReadOnly)
	case t.ended != nil:
		return t.ended
	}
	t.set(string(key), p)
	return nil
}

func (t *txn) set(key string, p pending) {
	old, replaced := t.writes.Set(key, p)
	if replaced {
		t.usage -= old.size(key)
	}
	t.usage += p.size(key)
}

// size is what a pending effect counts in Usage.
func (p pending) size(key string) int {
	switch p.kind {
	case put:
		return len(key) + len(p.record.Value) + len(p.record.Subject)
	case counted:
		return len(key) + 8
	}
	return len(key)
}

// Append implements storage.Txn.
func (t *txn) Append(entry []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.readOnly:
		return fmt.Errorf("append: %w", storage.ErrReadOnly)
	case len(entry) > storage.MaxValue:
		return fmt.Errorf("append: %w: %d bytes", storage.ErrValue, len(entry))
	case t.ended != nil:
		return t.ended
	}
	t.entries = append(t.entries, bytes.Clone(entry))
	t.usage += len(entry)
	return nil
}

// Usage implements storage.Txn.
func (t *txn) Usage() storage.Usage {
	return storage.Usage{Writes: t.writes.Len(), Entries: len(t.entries), Bytes: t.usage}
}

// Save implements storage.Txn.
func (t *txn) Save() storage.Savepoint {
	t.saves = append(t.saves, savepoint{t.writes.Copy(), len(t.entries), t.usage})
	return storage.Savepoint(len(t.saves) - 1)
}

// Rollback implements storage.Txn. The savepoint itself stays good, later ones
// do not.
func (t *txn) Rollback(s storage.Savepoint) {
	t.saves = t.saves[:s+1]
	to := t.saves[s]
	t.writes = *to.writes.Copy()
	t.entries = t.entries[:to.entries]
	t.usage = to.usage
}

func checkKey(key []byte) error {
	if len(key) == 0 || len(key) > storage.MaxKey {
		return fmt.Errorf("%w: %d bytes", storage.ErrKey, len(key))
	}
	return nil
}

func checkRecord(key []byte, r storage.Record) error {
	switch {
	case len(r.Value) > storage.MaxValue:
		return fmt.Errorf("put %q: %w: %d bytes", key, storage.ErrValue, len(r.Value))
	case r.Stamp && len(r.Value) < 8:
		return fmt.Errorf("put %q: %w: no room for a stamp", key, storage.ErrValue)
	case len(r.Subject) > storage.MaxKey:
		return fmt.Errorf("put %q: %w: subject of %d bytes", key, storage.ErrValue, len(r.Subject))
	case r.Counter:
		return fmt.Errorf("put %q: %w: use Add", key, storage.ErrCounter)
	}
	return checkKey(key)
}
