package occ

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// zero is the state of a counter whose key the transaction deleted: its value
// is 0 whatever the storage holds.
const zero = -1

// counter is what one transaction did to one counter. Steps are never
// forgotten: a step that a savepoint undid moves nothing, but its answer was
// seen and stays to be validated.
type counter struct {
	loaded bool // base was read from the storage
	base   int64
	steps  []step
	values []int64 // values[i] is the state after steps[i]
}

// step is one Add and its answer.
type step struct {
	from            int // the state it started at: 0 the base, i+1 after steps[i], or zero
	delta, min, max int64
	ok              bool
}

// value returns the value of a state.
func (c *counter) value(state int) int64 {
	switch state {
	case zero:
		return 0
	case 0:
		return c.base
	}
	return c.values[state-1]
}

// add does a step from a state and returns the state after it.
func (c *counter) add(from int, delta, min, max int64) (state int, ok bool) {
	value, ok := bounded(c.value(from), delta, min, max)
	c.steps = append(c.steps, step{from, delta, min, max, ok})
	c.values = append(c.values, value)
	return len(c.steps), ok
}

// replay repeats all steps on another base and says whether every answer is the
// same. Only then are the values those of the new base.
func (c *counter) replay(base int64) bool {
	c.base = base
	for i, s := range c.steps {
		value, ok := bounded(c.value(s.from), s.delta, s.min, s.max)
		if ok != s.ok {
			return false
		}
		c.values[i] = value
	}
	return true
}

// bounded adds delta unless the sum would overflow or lie outside the bounds.
func bounded(value, delta, min, max int64) (int64, bool) {
	if delta > 0 && value > math.MaxInt64-delta || delta < 0 && value < math.MinInt64-delta {
		return value, false
	}
	sum := value + delta
	if sum < min || sum > max {
		return value, false
	}
	return sum, true
}

// Add implements storage.Txn.
func (t *txn) Add(key []byte, delta, min, max int64) (bool, error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.readOnly:
		return false, fmt.Errorf("add %q: %w", key, storage.ErrReadOnly)
	case t.ended != nil:
		return false, t.ended
	}
	c, head, err := t.counter(key)
	if err != nil {
		return false, fmt.Errorf("add %q: %w", key, err)
	}
	head, ok := c.add(head, delta, min, max)
	if ok {
		t.set(string(key), pending{kind: counted, head: head})
	}
	return ok, nil
}

// Counter implements storage.Txn.
func (t *txn) Counter(key []byte) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count(key)
}

// Counters implements storage.Txn.
func (t *txn) Counters(keys [][]byte) ([]int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	values := make([]int64, len(keys))
	for i, key := range keys {
		var err error
		if values[i], err = t.count(key); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (t *txn) count(key []byte) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	if t.ended != nil {
		return 0, t.ended
	}
	if t.readOnly { // nothing was moved, and nothing will be validated
		sealed, err := t.sealed(key)
		if err != nil {
			return 0, fmt.Errorf("counter %q: %w", key, err)
		}
		return t.counterValue(key, sealed)
	}
	c, head, err := t.counter(key)
	if err != nil {
		return 0, fmt.Errorf("counter %q: %w", key, err)
	}
	if c.loaded {
		t.readPoint(key)
	}
	return c.value(head), nil
}

// counter returns the transaction's counter under key and its present state.
func (t *txn) counter(key []byte) (*counter, int, error) {
	p, own := t.writes.Get(string(key))
	if own && p.kind == put && !t.expired(p.record) {
		return nil, 0, storage.ErrCounter
	}
	c := t.counters[string(key)]
	if c == nil {
		c = &counter{}
		if t.counters == nil {
			t.counters = map[string]*counter{}
		}
		t.counters[string(key)] = c
	}
	switch {
	case own && p.kind == counted:
		return c, p.head, nil
	case own:
		return c, zero, nil
	}
	return c, 0, t.load(key, c)
}

// load reads a counter's base. That a key holds a record instead is a read like
// any other.
func (t *txn) load(key []byte, c *counter) error {
	if c.loaded {
		return nil
	}
	sealed, err := t.sealed(key)
	if err != nil {
		return err
	}
	if c.base, err = t.counterValue(key, sealed); err != nil {
		t.readPoint(key)
		return err
	}
	c.loaded = true
	return nil
}

func (t *txn) counterValue(key, sealed []byte) (int64, error) {
	s, ok, err := t.decode(key, sealed)
	if err != nil || !ok {
		return 0, err
	}
	if !s.Counter {
		return 0, storage.ErrCounter
	}
	return s.Count, nil
}

// counterPair is how Scan shows a counter.
func counterPair(key string, value int64) storage.Pair {
	v := binary.BigEndian.AppendUint64(nil, uint64(value))
	return storage.Pair{Key: []byte(key), Record: storage.Record{Value: v, Counter: true}}
}
