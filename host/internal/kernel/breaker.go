package kernel

import (
	"sync"
	"time"
)

// breaker keeps an app that does nothing but fault from costing others their
// time: after faultsToDegrade in a row it is degraded, and one call in each
// retryAfter may try it again.
type breaker struct {
	mu    sync.Mutex
	state map[patient]*health
}

// patient is one app of one tenant: what one retailer's data does to an app is
// nothing to another.
type patient struct{ tenant, app string } // app is id@version

type health struct {
	faults int
	until  time.Time
}

const (
	faultsToDegrade = 20
	retryAfter      = 30 * time.Second
)

// allow says whether app may be called at now.
func (b *breaker) allow(app patient, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.state[app]
	if h == nil || h.faults < faultsToDegrade {
		return true
	}
	if now.Before(h.until) {
		return false
	}
	h.until = now.Add(retryAfter)
	return true
}

// report counts a call's end; one that answers mends the app.
func (b *breaker) report(app patient, faulted bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.state[app]
	if !faulted {
		if h != nil {
			delete(b.state, app)
		}
		return
	}
	if h == nil {
		h = &health{}
		b.state[app] = h
	}
	h.faults++
	h.until = now.Add(retryAfter)
}

// degraded lists the apps that are not called, those that are gone too.
func (b *breaker) degraded() (apps []patient) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for app, h := range b.state {
		if h.faults >= faultsToDegrade {
			apps = append(apps, app)
		}
	}
	return apps
}
