package occ

import (
	"context"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// admit makes a repeated operation wait for the lock of the key that failed it,
// and from the sixth failure for the exclusive lane. Waiting happens before the
// snapshot is taken, and whoever waits holds nothing, so there is no cycle.
func (e *Engine) admit(ctx context.Context, t *txn, retry *storage.Conflict) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if retry == nil || t.readOnly {
		return nil
	}
	t.attempt = retry.Attempt
	if retry.Attempt >= exclusiveAfter {
		return e.enterLane(ctx, t)
	}
	l, err := e.locks.acquire(ctx, string(retry.Key))
	t.key = l
	return err
}

// enterLane waits for the exclusive lane and takes it: until the transaction
// ends, no other one that writes begins or is accepted.
func (e *Engine) enterLane(ctx context.Context, t *txn) error {
	if err := e.lockPastLane(ctx, t); err != nil {
		return err
	}
	defer e.mu.Unlock()
	e.lane = make(chan struct{})
	t.lane = e.lane
	return nil
}

// lockPastLane locks mu at a moment when the transaction may pass: nobody else
// has the lane, and the engine is well. On error mu is not locked.
func (e *Engine) lockPastLane(ctx context.Context, t *txn) error {
	for {
		e.mu.Lock()
		if e.err != nil {
			defer e.mu.Unlock()
			return e.err
		}
		lane := e.lane
		if lane == nil || lane == t.lane || t.readOnly {
			return nil
		}
		e.mu.Unlock()
		select {
		case <-lane:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// keyLocks are locks of keys that failed somebody. They exist while someone
// holds or wants them, and are given in order of arrival.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

type keyLock struct {
	key   string
	users int           // who holds or waits; guarded by keyLocks.mu
	token chan struct{} // full while held; blocked senders are served in order
}

func (k *keyLocks) acquire(ctx context.Context, key string) (*keyLock, error) {
	l := k.use(key)
	select {
	case l.token <- struct{}{}:
		return l, nil
	case <-ctx.Done():
		k.leave(l)
		return nil, ctx.Err()
	}
}

func (k *keyLocks) release(l *keyLock) {
	if l == nil {
		return
	}
	<-l.token
	k.leave(l)
}

func (k *keyLocks) use(key string) *keyLock {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.held[key]
	if l == nil {
		l = &keyLock{key: key, token: make(chan struct{}, 1)}
		if k.held == nil {
			k.held = map[string]*keyLock{}
		}
		k.held[key] = l
	}
	l.users++
	return l
}

func (k *keyLocks) leave(l *keyLock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(k.held, l.key)
	}
}
