package occ

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// acceptance is what a commit knows once it was accepted.
type acceptance struct {
	storage.Commit
	batch *batch // that carries it
	leads bool   // nobody applies a batch: this commit must apply its own
}

// accept validates a transaction and makes it the next commit.
func (e *Engine) accept(ctx context.Context, t *txn) (acceptance, error) {
	if err := ctx.Err(); err != nil {
		return acceptance{}, err
	}
	if err := e.lockPastLane(ctx, t); err != nil {
		return acceptance{}, err
	}
	defer e.mu.Unlock()
	if err := e.validate(t); err != nil {
		return acceptance{}, err
	}
	e.accepted++
	e.position += uint64(len(t.entries))
	e.resolve(t)
	e.join(t)
	e.stats.accepted.Add(1)
	e.unregister(t)
	a := acceptance{Commit: storage.Commit{Sequence: e.accepted, Position: e.position}, batch: e.open}
	if e.flying == nil {
		a.leads = e.start()
	}
	return a, nil
}

// start takes the open batch for the commit that has just joined it, which
// spares an idle engine two switches between goroutines. One that will not wait
// leaves it to the committer.
func (e *Engine) start() bool {
	if e.options.Faults.ReleaseBeforeDurable {
		e.work.Signal()
		return false
	}
	e.flying, e.open = e.open, newBatch()
	return true
}

// resolve seals the effects that had to wait until counters' new values and the
// commit's position are known.
func (e *Engine) resolve(t *txn) {
	for i := range t.effects {
		w := &t.effects[i]
		switch {
		case w.kind == counted:
			w.sealed = storage.SealCounter([]byte(w.key), t.counters[w.key].value(w.head))
		case w.kind == put && w.record.Stamp:
			binary.BigEndian.PutUint64(w.record.Value, e.position)
			w.sealed = storage.Seal([]byte(w.key), w.record)
		}
	}
}

// join publishes a commit to the overlay and to the open batch.
func (e *Engine) join(t *txn) {
	e.overlay.publish(e.accepted, t.effects)
	b := e.open
	for _, w := range t.effects {
		b.writes[w.key] = w.sealed
		if w.key == string(e.options.Watch) {
			e.watched = watched{e.watched.epoch + 1, e.accepted}
		}
	}
	first := e.position - uint64(len(t.entries)) + 1
	for i, data := range t.entries {
		position := first + uint64(i)
		b.entries = append(b.entries, storage.Entry{Position: position, Data: storage.SealEntry(position, data)})
	}
	b.state = storage.State{Sequence: e.accepted, Position: e.position}
	b.commits++
}

// validate says whether everything that the transaction read is still so in the
// newest accepted state. The caller holds mu.
func (e *Engine) validate(t *txn) error {
	if e.err != nil {
		return e.err
	}
	key, changed := e.changed(t)
	if !changed {
		return nil
	}
	e.stats.conflicts.Add(1)
	return t.conflict(key)
}

func (e *Engine) changed(t *txn) (key string, changed bool) {
	if t.doomed {
		return t.firstRead(), true
	}
	if e.accepted == t.start || t.readOnly {
		return "", false
	}
	if key, changed = e.pointChanged(t); changed {
		return key, true
	}
	if key, changed = e.rangeChanged(t); changed {
		return key, true
	}
	return e.answerChanged(t)
}

func (e *Engine) pointChanged(t *txn) (string, bool) {
	if e.options.Faults.SkipPointValidation {
		return "", false
	}
	for _, key := range t.points {
		if v, ok := e.overlay.live.Get(key); ok && v.sequence > t.start {
			return key, true
		}
	}
	return "", false
}

func (e *Engine) rangeChanged(t *txn) (string, bool) {
	if e.options.Faults.SkipRangeValidation {
		return "", false
	}
	for _, r := range t.ranges {
		changed := false
		e.overlay.live.Ascend(r.start, func(key string, v version) bool {
			if !r.open && key >= r.end {
				return false
			}
			changed = v.sequence > t.start
			return !changed
		})
		if changed {
			return r.start, true
		}
	}
	return "", false
}

// answerChanged replays the counters' operations on the current values. A
// counter that others moved, but not across a bound that was asked about, is
// not a conflict. It leaves the new values behind for resolve.
func (e *Engine) answerChanged(t *txn) (string, bool) {
	if e.options.Faults.CounterValueInsteadOfAnswer {
		return "", false
	}
	for key, c := range t.counters {
		if !c.loaded {
			continue
		}
		v, ok := e.overlay.live.Get(key)
		if !ok || v.sequence <= t.start {
			continue
		}
		base, err := t.counterValue([]byte(key), v.sealed)
		if err != nil || !c.replay(base) {
			return key, true
		}
	}
	return "", false
}

// settled returns a commit when its batch's outcome is known. Nothing can be
// told before that, so no context breaks the wait off.
func (e *Engine) settled(a acceptance) (storage.Commit, error) {
	if hook := e.options.Hooks.Accepted; hook != nil {
		hook(a.Sequence)
	}
	if e.options.Faults.ReleaseBeforeDurable {
		return a.Commit, nil
	}
	if a.leads {
		e.finish(a.batch)
	}
	if <-a.batch.done; a.batch.err != nil {
		return storage.Commit{}, a.batch.err
	}
	return a.Commit, nil
}

// verify validates the reads of a transaction that writes nothing, and waits
// until the newest commit that they depend on is durable. If a full disk undid
// that commit, what was read never was: a conflict.
func (e *Engine) verify(ctx context.Context, t *txn) (storage.Commit, error) {
	b, position, err := e.settleReads(t)
	if err != nil || b == nil {
		return storage.Commit{Position: position}, err
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		return storage.Commit{}, ctx.Err()
	}
	if errors.Is(b.err, storage.ErrFull) {
		return storage.Commit{}, t.conflict(t.firstRead())
	}
	// The batch is durable and so is everything before it.
	return storage.Commit{Position: min(t.position, b.state.Position)}, b.err
}

// settleReads validates, finds what to wait for and forgets the transaction, in
// one step: between two of them a full disk could undo what was read unseen.
func (e *Engine) settleReads(t *txn) (*batch, uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.unregister(t)
	if err := e.validate(t); err != nil {
		return nil, 0, err
	}
	return e.dependency(t), min(t.position, e.durable.Position), nil
}

// dependency finds the batch that must become durable before what the
// transaction read may be told; nil if it is so already. The caller holds mu.
func (e *Engine) dependency(t *txn) *batch {
	switch {
	case t.depends <= e.durable.Sequence || e.options.Faults.ReleaseBeforeDurable:
		return nil
	case e.flying != nil && t.depends <= e.flying.state.Sequence:
		return e.flying
	}
	return e.open
}
