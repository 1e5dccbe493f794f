package occ

import "github.com/tidwall/btree"

// version is the newest accepted write of a key.
type version struct {
	sequence uint64
	sealed   []byte // nil: deleted
}

// tree is an immutable or, under the engine's mutex, the live overlay.
type tree = btree.Map[string, version]

// overlay holds accepted writes that are not durable, or that a running
// transaction may still have to be validated against.
type overlay struct {
	live  *tree
	clone *tree // of live, shared by readers; nil after a publish
	queue []published
}

// published are the keys of one commit, to be pruned together.
type published struct {
	sequence uint64
	keys     []string
}

// overlayDegree keeps nodes small: the first write after a clone copies one
// path of them under the engine's mutex.
const overlayDegree = 8

func newOverlay() overlay {
	return overlay{live: btree.NewMap[string, version](overlayDegree)}
}

// view returns the overlay as it is now; it never changes.
func (o *overlay) view() *tree {
	if o.clone == nil {
		o.clone = o.live.Copy()
	}
	return o.clone
}

// publish makes a commit's writes visible to all who begin later.
func (o *overlay) publish(sequence uint64, writes []effect) {
	keys := make([]string, len(writes))
	for i, w := range writes {
		keys[i] = w.key
		o.live.Set(w.key, version{sequence, w.sealed})
	}
	o.queue = append(o.queue, published{sequence, keys})
	o.clone = nil
}

// prune forgets commits up to and including a sequence. A key written again
// since stays.
func (o *overlay) prune(limit uint64) {
	n := 0
	for n < len(o.queue) && o.queue[n].sequence <= limit {
		for _, key := range o.queue[n].keys {
			if v, ok := o.live.Get(key); ok && v.sequence <= limit {
				o.live.Delete(key)
			}
		}
		o.queue[n].keys = nil
		n++
	}
	if n > 0 {
		o.queue = o.queue[n:]
		o.clone = nil
	}
}
