package occ

import "math"

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
