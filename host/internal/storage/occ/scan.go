package occ

import (
	"fmt"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/tidwall/btree"
)

// Scan implements storage.Txn. Counters in the range are returned with their
// value, which is then a read of it.
func (t *txn) Scan(r storage.Range) ([]storage.Pair, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended != nil {
		return nil, t.ended
	}
	if r.End != nil && string(r.End) <= string(r.Start) {
		return nil, nil
	}
	m := &merge{t: t, limit: r.Limit, over: newCursor(t.over, r), own: newCursor(&t.writes, r)}
	visit := m.visit
	var err error
	if r.Reverse {
		err = t.snap.Descend(r.Start, r.End, visit)
	} else {
		err = t.snap.Ascend(r.Start, r.End, visit)
	}
	if err == nil && !m.done {
		m.rest()
	}
	t.readRange(r, m)
	if err == nil {
		err = m.err
	}
	if err != nil {
		return nil, fmt.Errorf("scan from %q: %w", r.Start, err)
	}
	return m.out, nil
}

// readRange puts what a scan has looked at into the read set: up to the last
// key if a limit stopped it there, else the whole range.
func (t *txn) readRange(r storage.Range, m *merge) {
	if t.readOnly {
		return
	}
	seen := seenRange{string(r.Start), string(r.End), r.End == nil}
	if m.full() && r.Reverse {
		seen.start = m.last
	} else if m.full() {
		seen.end, seen.open = m.last+"\x00", false
	}
	t.ranges = append(t.ranges, seen)
}

// merge lays the transaction's own writes over the overlay over the backend's
// snapshot, all three in the order of the scan.
type merge struct {
	t     *txn
	limit int
	over  cursor[version]
	own   cursor[pending]
	out   []storage.Pair
	last  string // the last key returned
	done  bool   // limit reached or err set
	err   error
}

func (m *merge) full() bool { return m.limit > 0 && len(m.out) == m.limit }

// visit takes the snapshot's next key; what the layers above have before it
// comes first.
func (m *merge) visit(key, sealed []byte) bool {
	k := string(key)
	for !m.done {
		next, ok := m.nextAbove()
		if !ok || m.own.after(next, k) {
			break
		}
		if next == k {
			m.take(k)
			return !m.done
		}
		m.take(next)
	}
	if !m.done {
		m.emit(k, sealed)
	}
	return !m.done
}

// rest takes what the layers above have behind the snapshot's last key.
func (m *merge) rest() {
	for !m.done {
		next, ok := m.nextAbove()
		if !ok {
			return
		}
		m.take(next)
	}
}

// nextAbove is the next key of the layers above the snapshot.
func (m *merge) nextAbove() (string, bool) {
	switch {
	case !m.over.ok:
		return m.own.key(), m.own.ok
	case !m.own.ok || m.own.after(m.own.key(), m.over.key()):
		return m.over.key(), true
	}
	return m.own.key(), true
}

// take consumes a key from the layers above and emits the uppermost.
func (m *merge) take(key string) {
	var v version
	over := m.over.ok && m.over.key() == key
	if over {
		v = m.over.it.Value()
		m.t.depends = max(m.t.depends, v.sequence)
		m.over.next()
	}
	if m.own.ok && m.own.key() == key {
		p := m.own.it.Value()
		m.own.next()
		m.emitOwn(key, p)
		return
	}
	m.emit(key, v.sealed)
}

func (m *merge) emit(key string, sealed []byte) {
	s, ok, err := m.t.decode([]byte(key), sealed)
	switch {
	case err != nil:
		m.err, m.done = err, true
	case ok && s.Counter:
		m.add(counterPair(key, s.Count))
	case ok:
		m.add(storage.Pair{Key: []byte(key), Record: s.Record})
	}
}

func (m *merge) emitOwn(key string, p pending) {
	if p.kind == counted {
		m.add(counterPair(key, m.t.counters[key].value(p.head)))
		return
	}
	if r, ok, _ := m.t.ownRecord([]byte(key), p); ok {
		m.add(storage.Pair{Key: []byte(key), Record: r})
	}
}

func (m *merge) add(p storage.Pair) {
	m.out = append(m.out, p)
	m.last = string(p.Key)
	m.done = m.full()
}

// cursor walks a tree through a range in the order of the scan.
type cursor[V any] struct {
	it         btree.MapIter[string, V]
	start, end string
	open       bool // no end
	reverse    bool
	ok         bool // stands on a key of the range
}

func newCursor[V any](m *btree.Map[string, V], r storage.Range) cursor[V] {
	c := cursor[V]{it: m.Iter(), start: string(r.Start), end: string(r.End), open: r.End == nil, reverse: r.Reverse}
	switch {
	case !r.Reverse:
		c.ok = c.it.Seek(c.start)
	case c.open || !c.it.Seek(c.end):
		c.ok = c.it.Last()
	default:
		c.ok = c.it.Prev()
	}
	c.clip()
	return c
}

func (c *cursor[V]) key() string { return c.it.Key() }

func (c *cursor[V]) next() {
	if c.reverse {
		c.ok = c.it.Prev()
	} else {
		c.ok = c.it.Next()
	}
	c.clip()
}

func (c *cursor[V]) clip() {
	c.ok = c.ok && c.key() >= c.start && (c.open || c.key() < c.end)
}

// after says whether a comes after b in the order of the scan.
func (c *cursor[V]) after(a, b string) bool {
	if c.reverse {
		return a < b
	}
	return a > b
}
