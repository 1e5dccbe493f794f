package event

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// One transaction of deliveries takes no more than this.
const (
	batchEvents = 500
	batchBytes  = 4 << 20
	batchWrites = 2000
	batchTime   = 500 * time.Millisecond
)

// lazy is how far a cursor may lie behind although nothing waits: to move it is
// a commit, to look at that many events again is not.
const lazy = 4096

// deliver hands events to the partitions of a plan, until what is enabled
// changes or the context ends.
func (t *tenant) deliver(ctx context.Context, p *plan) {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	for _, part := range p.parts {
		all.Go(func() { part.run(ctx) })
	}
	for failures := 0; ctx.Err() == nil; {
		moved := t.log.Moved()
		events, err := t.feed.advance()
		if err != nil {
			failures++
			t.config.Logger.Error("the log cannot be read", "tenant", t.name, "error", err)
			t.sleep(ctx, t.backoff("log", failures))
			continue
		}
		failures = 0
		// Whoever logged these has seen every change of the set before them, and so
		// has the kernel by now.
		if head, _ := t.config.Kernel.Head(t.name); head.Generation != p.generation {
			return
		}
		p.wake(events, t.feed.newest())
		if len(events) > 0 {
			moved = always
		}
		select {
		case <-moved:
		case <-t.look:
		case <-t.again:
			return
		case <-ctx.Done():
		}
	}
}

// always is ready.
var always = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// wake wakes the partitions that events are for, and those far behind.
func (p *plan) wake(events []event, head uint64) {
	for i := range events {
		for _, parts := range p.wanted[events[i].Type] {
			parts[events[i].hash%uint32(len(parts))].wake.send()
		}
	}
	for _, part := range p.parts {
		if head-min(head, part.last.Load()) >= lazy {
			part.wake.send()
		}
	}
}

// run delivers a partition's events in order, until the context ends.
func (p *partition) run(ctx context.Context) {
	name := cursorKey(p.app, p.number)
	defer p.t.hold(name, pause{})
	p.last.Store(p.cursor)
	for failures := 0; ctx.Err() == nil; {
		err := p.work(ctx)
		switch {
		case err == nil:
			failures = 0
			p.t.hold(name, pause{})
		case errors.Is(err, errChanged), errors.Is(err, errHeld), errors.Is(err, errAbsent):
			p.t.again.send()
			<-ctx.Done()
		case ctx.Err() == nil:
			failures++
			wait := p.t.backoff(name, failures)
			p.t.config.Logger.Warn("deliveries wait", "tenant", p.t.name, "app", p.app, "partition", p.number, "for", wait, "error", err)
			p.t.hold(name, pause{until: p.t.config.Now().Add(wait), tries: failures, why: err.Error()})
			p.t.sleep(ctx, wait)
		}
	}
}

// work delivers what is there, or waits for more.
func (p *partition) work(ctx context.Context) error {
	if err := p.collect(); err != nil {
		return err
	}
	if len(p.pending) > 0 || p.seen-p.cursor >= lazy {
		return p.commit(ctx)
	}
	select {
	case <-p.wake:
	case <-ctx.Done():
	}
	return nil
}

// collect looks for events up to the newest, or as many as a batch takes.
func (p *partition) collect() error {
	size := 0
	for i := range p.pending {
		size += len(p.pending[i].Data)
	}
	for len(p.pending) < batchEvents && size < batchBytes {
		events, upTo, err := p.t.feed.after(p.seen)
		if err != nil {
			return err
		}
		for _, e := range events {
			if p.wants(&e) {
				p.pending = append(p.pending, e)
				size += len(e.Data)
			}
		}
		if upTo == p.seen {
			break
		}
		p.seen = upTo
	}
	p.last.Store(p.seen)
	return nil
}

// wants says whether an event is for it to deliver.
func (p *partition) wants(e *event) bool {
	since, ok := p.since[e.Type]
	return ok && e.hash%p.of == p.number && e.position > since && receives(p.flags[e.Type], e)
}

// reach says up to which position nothing waits to be delivered. Behind a cursor
// that stands still the log is searched for what the app wants, as far as cursors
// lag without a reason and then some.
func (p *partition) reach(head uint64) (uint64, error) {
	at := p.cursor
	if len(p.since) == 0 {
		return head, nil
	}
	for most := at + 2*lazy; at < min(head, most); {
		events, upTo, err := p.t.feed.after(at)
		if err != nil || upTo == at {
			return at, err
		}
		for i := range events {
			if p.wants(&events[i]) {
				return events[i].position - 1, nil
			}
		}
		at = upTo
	}
	return at, nil
}

// receives says whether a handler wants an event that may have been emitted in a
// replay.
func receives(h registry.Subscriber, e *event) bool {
	return !e.Replayed || h.Flags&abi.FlagReplayed != 0
}

// commit handles pending events in one transaction and moves the cursor in it.
func (p *partition) commit(ctx context.Context) error {
	if p.commits++; p.commits%16 == 0 {
		p.lined.Store(false) // look again whether any line is left
	}
	select { // an app's deliveries leave some of its places to those who call it
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var moved uint64
	done, err := p.t.batch(ctx, batch{
		name: "event.deliver", app: p.app, n: len(p.pending),
		enter: p.enter,
		step: func(tx *kernel.Tx, a *registry.App, i int) error {
			return p.handle(tx, a, &p.pending[i])
		},
		leave: func(tx *kernel.Tx, done int) error {
			if moved = p.seen; done < len(p.pending) {
				moved = p.cursor
				if done > 0 {
					moved = p.pending[done-1].position
				}
			}
			return tx.Put(areaCursor, cursorKey(p.app, p.number), positionBytes(moved))
		},
	})
	if done > 0 || err == nil {
		p.cursor, p.pending = moved, p.pending[done:]
	}
	if len(p.pending) == 0 {
		p.pending = nil
	}
	return err
}

// enter refuses a transaction that does not see what the events were chosen by.
func (p *partition) enter(tx *kernel.Tx) (*registry.App, error) {
	a, err := p.t.enter(tx, p.app)
	if err != nil {
		return nil, err
	}
	if tx.Head().Generation != p.generation || a != p.made {
		return nil, errChanged
	}
	c, ok, err := readCursor(tx, p.app, p.number)
	if err == nil && ok && max(c, p.first) != p.cursor {
		return nil, errChanged
	}
	if err != nil || p.lined.Load() {
		return a, err
	}
	// No line at all is one read that nobody else's write breaks.
	there, err := lines.Page(tx, p.prefix(), "", 1, false)
	if len(there) > 0 {
		p.lined.Store(true)
	}
	return a, err
}

// enter finds an enabled app that is not being replayed.
func (t *tenant) enter(tx *kernel.Tx, app string) (*registry.App, error) {
	a, ok := tx.Set().App(app)
	if !ok {
		return nil, errAbsent
	}
	_, held, err := replays.Get(tx, app)
	if err == nil && held {
		err = errHeld
	}
	return a, err
}

// handle handles one event, or puts it behind others of its key that wait.
func (p *partition) handle(tx *kernel.Tx, a *registry.App, e *event) error {
	it := eventItem(e)
	line := p.prefix() + lineHash(it.Kind, e.key())
	if p.lined.Load() {
		if joined, err := p.t.join(tx, line, it, nil); err != nil || joined {
			return err
		}
	}
	_, failed, err := p.t.handle(tx, p.t.handling(a, p.flags[e.Type].Entry, e, 1))
	if err != nil || failed == nil {
		return err
	}
	p.lined.Store(true)
	return p.t.park(tx, line, Line{App: p.app, Kind: it.Kind, Key: e.key()}, it, nil, failed)
}

// handling is how an app handles an event, in any attempt. An event of the past
// is handled at its own time.
func (t *tenant) handling(a *registry.App, entry uint32, e *event, attempt int) kernel.Handling {
	h := kernel.Handling{App: a, Entry: entry, Input: e.Data, Seed: t.seed("event", a.ID, e.ID), Hop: e.Hop}
	h.Info = abi.Info{Event: e.ID, Key: e.Subject, Attempt: attempt, Position: e.position, Replayed: e.Replayed, Version: e.Version}
	if e.Replayed {
		h.Time = time.UnixMilli(e.Time).UTC()
	}
	return h
}
