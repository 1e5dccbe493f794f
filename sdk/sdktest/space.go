package sdktest

import (
	"slices"
	"strings"
)

// space is everything that lasts, in key order, with a journal for undoing.
type space struct {
	keys    []string
	cells   map[string]cell
	journal []change
}

// cell is what lies under a key: bytes, or the number of a counter or timer.
type cell struct {
	value   []byte
	number  int64
	expires int64 // milliseconds since 1970 UTC, 0 never
	attempt int   // of what waits in a queue: how often it has failed
}

// change is what a key held before.
type change struct {
	key  string
	cell cell
	was  bool
}

// key joins the names of a space and a key in it. Names hold no NUL.
func spaceKey(kind string, names ...string) string {
	return kind + "\x00" + strings.Join(names, "\x00") + "\x00"
}

// get finds what lies under a key and has not expired at now.
func (s *space) get(key string, now int64) (cell, bool) {
	c, ok := s.cells[key]
	if !ok || c.expires != 0 && c.expires <= now {
		return cell{}, false
	}
	return c, true
}

func (s *space) put(key string, c cell) {
	old, was := s.cells[key]
	s.journal = append(s.journal, change{key, old, was})
	s.set(key, c, true)
}

func (s *space) delete(key string) {
	if old, was := s.cells[key]; was {
		s.journal = append(s.journal, change{key, old, was})
		s.set(key, cell{}, false)
	}
}

// set writes or removes without a journal.
func (s *space) set(key string, c cell, there bool) {
	i, found := slices.BinarySearch(s.keys, key)
	switch {
	case there && !found:
		s.keys = slices.Insert(s.keys, i, key)
	case !there && found:
		s.keys = slices.Delete(s.keys, i, i+1)
	}
	if there {
		s.cells[key] = c
	} else {
		delete(s.cells, key)
	}
}

// save marks a point for rollback.
func (s *space) save() int { return len(s.journal) }

// rollback undoes everything since a point.
func (s *space) rollback(point int) {
	for _, c := range slices.Backward(s.journal[point:]) {
		s.set(c.key, c.cell, c.was)
	}
	s.journal = s.journal[:point]
}

// commit forgets how to undo.
func (s *space) commit() { s.journal = nil }

// scan calls fn for what has not expired in [start, end), or in its reverse,
// until fn returns false. fn must not write.
func (s *space) scan(start, end string, reverse bool, now int64, fn func(key string, c cell) bool) {
	i, _ := slices.BinarySearch(s.keys, start)
	j, _ := slices.BinarySearch(s.keys, end)
	if i >= j {
		return
	}
	keys := s.keys[i:j]
	for n := range keys {
		key := keys[n]
		if reverse {
			key = keys[len(keys)-1-n]
		}
		if c, ok := s.get(key, now); ok && !fn(key, c) {
			return
		}
	}
}
