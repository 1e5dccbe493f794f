package kernel

import (
	"context"
	"slices"
	"sync"
)

// admission bounds how many operations run at once. It is the only place where
// an operation waits for capacity: once admitted it never waits for an
// instance, so that no two can wait for each other. Waiting tenants take turns.
type admission struct {
	mu      sync.Mutex
	free    int
	waiting int
	limit   int                        // of waiting operations
	queues  map[string][]chan struct{} // by tenant
	turns   []string                   // tenants with a queue, next first
}

func newAdmission(running, waiting int) *admission {
	return &admission{free: running, limit: waiting, queues: map[string][]chan struct{}{}}
}

// try takes a place if one is free.
func (a *admission) try() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.free == 0 {
		return false
	}
	a.free--
	return true
}

// enter waits for a place. Errors: errOverloaded at once if too many wait, the
// context's error.
func (a *admission) enter(ctx context.Context, tenant string) error {
	a.mu.Lock()
	if a.free > 0 {
		a.free--
		a.mu.Unlock()
		return nil
	}
	if a.waiting >= a.limit {
		a.mu.Unlock()
		return errOverloaded
	}
	turn := make(chan struct{})
	a.waiting++
	if len(a.queues[tenant]) == 0 {
		a.turns = append(a.turns, tenant)
	}
	a.queues[tenant] = append(a.queues[tenant], turn)
	a.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		a.abandon(tenant, turn)
		return ctx.Err()
	}
}

// leave gives the place to the next tenant in turn.
func (a *admission) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.turns) == 0 {
		a.free++
		return
	}
	tenant := a.turns[0]
	a.turns = a.turns[1:]
	turn := a.queues[tenant][0]
	if a.queues[tenant] = a.queues[tenant][1:]; len(a.queues[tenant]) > 0 {
		a.turns = append(a.turns, tenant)
	} else {
		delete(a.queues, tenant)
	}
	a.waiting--
	close(turn)
}

// abandon takes a turn out of its queue, or passes on the place that it was
// given meanwhile.
func (a *admission) abandon(tenant string, turn chan struct{}) {
	a.mu.Lock()
	i := slices.Index(a.queues[tenant], turn)
	if i < 0 {
		a.mu.Unlock()
		a.leave()
		return
	}
	a.waiting--
	a.queues[tenant] = slices.Delete(a.queues[tenant], i, i+1)
	if len(a.queues[tenant]) == 0 {
		delete(a.queues, tenant)
		a.turns = slices.DeleteFunc(a.turns, func(t string) bool { return t == tenant })
	}
	a.mu.Unlock()
}
