package webhook

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// What one step of a cursor takes together.
const (
	feedEntries = 128
	feedHooks   = 16
	// feedSkip is how many positions in which nothing was wanted a cursor may lag:
	// they are looked at again after a start.
	feedSkip = 1000
	// maxHooks is how many webhooks a tenant may have.
	maxHooks = 100
	// sweepRows is how many rows of a deleted webhook one transaction removes.
	sweepRows = 500
)

// progress says that nothing behind a stored cursor was wanted up to seen.
type progress struct{ cursor, seen uint64 }

// follower is an enabled webhook on its way through the log.
type follower struct {
	id     string
	hook   hook
	cursor uint64 // as it is stored
	at     uint64 // how far it has looked
}

// pass looks at everything once: starts and stirs endpoints, moves cursors,
// removes what is left of deleted webhooks. It says whether there is more to do.
func (r *Room) pass(ctx context.Context, all *sync.WaitGroup) (more bool, err error) {
	var items []platform.Item[hook]
	var gone []kernel.Row
	cursors := map[string]uint64{}
	err = r.read(ctx, "webhook.look", func(tx *kernel.Tx) (err error) {
		if items, err = hooks.Page(tx, "", "", maxHooks, false); err != nil {
			return err
		}
		for _, item := range items {
			if cursors[item.Key], err = readCursor(tx, item.Key); err != nil {
				return err
			}
		}
		gone, err = tx.Page(areaGone, "", "", 1, false)
		return err
	})
	if err != nil {
		return false, err
	}
	r.tend(ctx, all, items)
	for _, row := range gone {
		if err = r.sweep(ctx, row.Key); err != nil {
			return false, err
		}
	}
	moved, err := r.follow(ctx, items, cursors)
	return moved || len(gone) > 0, err
}

// tend has one endpoint at work for every webhook, and stirs those that changed.
func (r *Room) tend(ctx context.Context, all *sync.WaitGroup, items []platform.Item[hook]) {
	for id, e := range r.endpoints {
		if !slices.ContainsFunc(items, func(i platform.Item[hook]) bool { return i.Key == id }) {
			e.cancel()
			delete(r.endpoints, id)
			delete(r.seen, id)
		}
	}
	for _, item := range items {
		e := r.endpoints[item.Key]
		if e == nil {
			e = newEndpoint(r, item.Key)
			r.endpoints[item.Key] = e
			var own context.Context
			own, e.cancel = context.WithCancel(ctx)
			all.Go(func() { e.run(own) })
		}
		if v := (version{item.Value.Version, item.Value.Stirred, item.Value.Disabled}); v != e.version {
			e.version = v
			e.changed.send()
		}
	}
}

// follow moves the cursors of all enabled webhooks by one step. Those that are
// equally far read the log together.
func (r *Room) follow(ctx context.Context, items []platform.Item[hook], cursors map[string]uint64) (moved bool, err error) {
	level := map[uint64][]*follower{}
	for _, item := range items {
		if item.Value.Disabled != "" {
			continue
		}
		f := &follower{id: item.Key, hook: item.Value, cursor: cursors[item.Key], at: cursors[item.Key]}
		if p, ok := r.seen[f.id]; ok && p.cursor == f.cursor {
			f.at = p.seen
		}
		level[f.at] = append(level[f.at], f)
	}
	for at, all := range level {
		for group := range slices.Chunk(all, feedHooks) {
			m, err := r.step(ctx, at, group)
			if err != nil {
				return moved, err
			}
			moved = moved || m
		}
	}
	return moved, nil
}

// entry is an event with its place in the log.
type entry struct {
	outbox.Envelope
	position uint64
}

// entries reads the log behind a position.
func (r *Room) entries(after uint64, limit int) ([]entry, error) {
	rows, err := r.config.Log.Read(after, limit)
	if err != nil {
		return nil, err
	}
	all := make([]entry, len(rows))
	for i, row := range rows {
		if all[i].Envelope, err = outbox.Parse(row.Data); err != nil {
			return nil, fmt.Errorf("event at %d: %w", row.Position, err)
		}
		all[i].position = row.Position
	}
	return all, nil
}

// step moves some webhooks that are equally far. What was emitted while old
// events were handled is of the past, and nobody is told.
func (r *Room) step(ctx context.Context, at uint64, group []*follower) (moved bool, err error) {
	events, err := r.entries(at, feedEntries)
	if err != nil || len(events) == 0 {
		return false, err
	}
	end := events[len(events)-1].position
	var write []*follower
	for _, f := range group {
		if end-f.cursor >= feedSkip || slices.ContainsFunc(events, f.wants) {
			write = append(write, f)
		} else {
			r.seen[f.id] = progress{f.cursor, end}
		}
	}
	if len(write) == 0 {
		return true, nil
	}
	err = r.write(ctx, "webhook.feed", func(tx *kernel.Tx) error {
		for _, f := range write {
			if err := f.take(tx, events, end); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, f := range write {
		r.endpoints[f.id].wake.send()
	}
	return true, nil
}

func (f *follower) wants(e entry) bool { return !e.Replayed && wants(f.hook.Types, e.Type) }

// take writes the deliveries of events and moves the cursor behind them, unless
// the webhook is another one by now: then the next look sees it.
func (f *follower) take(tx *kernel.Tx, events []entry, end uint64) error {
	h, ok, err := hooks.Get(tx, f.id)
	if err != nil {
		return err
	}
	cursor, err := readCursor(tx, f.id)
	if err != nil || !ok || h.Disabled != "" || h.Version != f.hook.Version || cursor != f.cursor {
		return err
	}
	for _, e := range events {
		if !f.wants(e) {
			continue
		}
		if err := request(tx, f.id, &e); err != nil {
			return err
		}
	}
	return putCursor(tx, f.id, end)
}

// request writes that an event is to be delivered, now, as if it never was.
func request(tx *kernel.Tx, webhook string, e *entry) error {
	d, _, err := deliveries.Get(tx, deliveryID(webhook, e.position))
	if err != nil {
		return err
	}
	d.Event, d.Type, d.Position, d.Tries = e.ID, e.Type, e.position, 0
	now := tx.Now().UnixMilli()
	if d.Created == 0 {
		d.Created = now
	}
	return d.schedule(tx, webhook, now)
}

// sweep removes rows of a deleted webhook.
func (r *Room) sweep(ctx context.Context, id string) error {
	return r.write(ctx, "webhook.sweep", func(tx *kernel.Tx) error {
		left := 0
		for _, area := range []string{areaDue, deliveries.Name} {
			rows, err := tx.Page(area, id+".", "", sweepRows, false)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err = tx.Delete(area, row.Key); err != nil {
					return err
				}
			}
			left += len(rows)
		}
		if left > 0 {
			return nil
		}
		return tx.Delete(areaGone, id)
	})
}
