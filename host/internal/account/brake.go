package account

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// brake slows down who guesses. It counts failed attempts per name and network
// together, per network, and per name. The delays grow and end: nobody is locked
// out for good, and who has signed in from a network before is not slowed down
// by strangers who try his name from elsewhere. It lives in memory and is bounded.
type brake struct {
	mu                     sync.Mutex
	pairs, networks, names *tries
}

// pace is how many attempts are free, and how the delay grows behind them.
type pace struct {
	free        int
	first, most time.Duration
}

const (
	braked = 8192      // names, networks and pairs that are remembered
	forget = time.Hour // after the last failure, nothing is held against anybody
)

func newBrake() *brake {
	return &brake{
		pairs:    newTries(pace{5, time.Second, 15 * time.Minute}),
		networks: newTries(pace{20, time.Second, 15 * time.Minute}),
		names:    newTries(pace{20, time.Second, 30 * time.Second}),
	}
}

// verdict is how an attempt ended.
type verdict int

const (
	failed verdict = iota
	passed
	void // it was never made
)

// attempt counts one attempt at once, so that many at the same time are as slow as
// many in a row, or says how long to wait. done says how it ended.
func (b *brake) attempt(now time.Time, name, network string) (wait time.Duration, done func(verdict)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	pair := name + "\x00" + network
	wait = max(b.pairs.wait(now, pair), b.networks.wait(now, network))
	if !b.pairs.trusted(pair) {
		wait = max(wait, b.names.wait(now, name))
	}
	if wait > 0 {
		return wait, nil
	}
	b.pairs.charge(now, pair)
	b.networks.charge(now, network)
	b.names.charge(now, name)
	return 0, func(v verdict) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if v == failed {
			return
		}
		b.networks.refund(network)
		b.names.refund(name)
		b.pairs.refund(pair)
		if v == passed {
			b.pairs.trust(pair)
		}
	}
}

// network is what stands for a client's address: the address, or for version 6
// the network of 64 bits that one customer has. "" for none.
func network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, err := a.Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// tries remembers attempts under a bounded number of keys, the newest ones.
type tries struct {
	pace  pace
	order *list.List // of *try, the newest first
	byKey map[string]*list.Element
}

type try struct {
	key      string
	failures int
	last     time.Time // of them
	trusted  bool
}

func newTries(p pace) *tries {
	return &tries{pace: p, order: list.New(), byKey: map[string]*list.Element{}}
}

func (t *tries) get(key string) *try {
	if e := t.byKey[key]; e != nil {
		return e.Value.(*try)
	}
	return nil
}

// wait is how long a key must still wait.
func (t *tries) wait(now time.Time, key string) time.Duration {
	y := t.get(key)
	if y == nil {
		return 0
	}
	if now.Sub(y.last) >= forget {
		y.failures = 0
	}
	if y.failures < t.pace.free {
		return 0
	}
	delay := t.pace.most
	if n := y.failures - t.pace.free; n < 20 {
		delay = min(delay, t.pace.first<<n)
	}
	return max(0, y.last.Add(delay).Sub(now))
}

func (t *tries) charge(now time.Time, key string) {
	e := t.byKey[key]
	if e == nil {
		e = t.order.PushFront(&try{key: key})
		t.byKey[key] = e
	}
	t.order.MoveToFront(e)
	y := e.Value.(*try)
	y.failures++
	y.last = now
	if t.order.Len() > braked {
		oldest := t.order.Remove(t.order.Back()).(*try)
		delete(t.byKey, oldest.key)
	}
}

func (t *tries) refund(key string) {
	if y := t.get(key); y != nil && y.failures > 0 {
		y.failures--
	}
}

// trust forgives everything under a key.
func (t *tries) trust(key string) {
	if y := t.get(key); y != nil {
		y.failures, y.trusted = 0, true
	}
}

func (t *tries) trusted(key string) bool {
	y := t.get(key)
	return y != nil && y.trusted
}
