package main

import (
	"testing"
	"time"
)

// TestMeanwhileCountsByWhenQueriesRan keeps a query that began before a change
// and ended in it, and one that began just behind it, with the change.
func TestMeanwhileCountsByWhenQueriesRan(t *testing.T) {
	t.Parallel()
	began := time.Unix(1000, 0)
	end := began.Add(100 * time.Millisecond)
	at := func(ms int64) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	for _, c := range []struct {
		name          string
		q             question
		during, after time.Duration
	}{
		{"before", question{at(-50), 40 * time.Millisecond}, 0, 0},
		{"across the commit", question{at(-50), 60 * time.Millisecond}, 60 * time.Millisecond, 0},
		{"in it", question{at(10), 5 * time.Millisecond}, 5 * time.Millisecond, 0},
		{"the first behind it", question{at(120), 7 * time.Millisecond}, 7 * time.Millisecond, 0},
		{"long behind it", question{at(200), 3 * time.Millisecond}, 0, 3 * time.Millisecond},
	} {
		var m meanwhile
		m.note([]question{{at(-500), time.Millisecond}, c.q}, began, end)
		if m.during != c.during || m.after != c.after {
			t.Errorf("%s: during %v, after %v", c.name, m.during, m.after)
		}
	}
}
