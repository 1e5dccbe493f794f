package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// past is how far a replay is. While it is there, nothing of its app is
// delivered, fired or done live: every transaction that would reads it.
type past struct {
	Position uint64 `json:"position"` // handled up to here
	Until    uint64 `json:"until"`
	Begun    int64  `json:"begun"` // what is due before belongs to the past
	Now      int64  `json:"now"`   // time of what was handled last
}

var replays = platform.Area[past]{Name: "replay"} // by app

// Replay hands an app the events of the past that it can handle, in one stream,
// up to and with a position. The app is not subscribed yet, staged or enabled.
// Its timers and daily work run in order at their own time, up to the moment at
// which the replay began. What fails goes into waiting lines, which are tried
// again when the replay is over. The last transaction ends the replay and lets
// live delivery begin behind until, without a gap and without anything twice.
//
// A replay that was broken off goes on where it stopped, with the until that it
// began with; one that is over is not done again. progress is told positions,
// and may be nil. Errors: failed_precondition, reason "subscribed", if the app
// has received events already; those of kernel.Do.
func (r *Room) Replay(ctx context.Context, tenant string, app *registry.App, until uint64, progress func(done, total uint64)) error {
	t := r.tenants[tenant]
	if t == nil {
		return &abi.Error{Code: abi.NotFound, Reason: "tenant", Message: "There is no such tenant."}
	}
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	if err := t.unlock(ctx); err != nil {
		return err
	}
	p := &replay{tenant: t, app: app, handlers: handlers(app), timed: timed(app)}
	over, err := p.begin(ctx, until)
	for err == nil && !over {
		progress(p.Position, p.Until)
		over, err = p.page(ctx)
	}
	if err != nil {
		return fmt.Errorf("replay %s from %d: %w", app, p.Position, err)
	}
	t.again.send()
	t.wakeDesks()
	progress(p.Until, p.Until)
	return nil
}

// replay is the state of one Replay.
type replay struct {
	*tenant
	past
	app      *registry.App
	handlers map[string]registry.Subscriber
	timed    bool
	lined    bool // there may be waiting lines of the app
}

// timed says whether an app can have anything among the timers.
func timed(a *registry.App) bool {
	for _, e := range a.Descriptor.Entries {
		if e.Kind == abi.EntryTimer || e.Kind == abi.EntryDaily {
			return true
		}
	}
	return false
}

// begin writes that the replay has begun, or reads how far it is.
func (p *replay) begin(ctx context.Context, until uint64) (over bool, err error) {
	_, err = p.config.Kernel.Do(ctx, kernel.Task{Tenant: p.name, Name: "event.replay_begin", Do: func(tx *kernel.Tx) error {
		old, held, err := replays.Get(tx, p.app.ID)
		if p.past = old; err != nil || held {
			return err
		}
		sub, there, err := subscriptions.Get(tx, p.app.ID)
		switch {
		case err != nil:
			return err
		case there && sub.Past && sub.Replayed >= until:
			over, p.Position, p.Until = true, until, until
			return nil
		case there:
			return &abi.Error{Code: abi.FailedPrecondition, Reason: "subscribed", Message: p.app.ID + " receives events already; it cannot replay older ones."}
		}
		p.past = past{Until: until, Begun: tx.Now().UnixMilli()}
		return replays.Put(tx, p.app.ID, p.past)
	}})
	return over, err
}

// page handles the next page of the log, or ends the replay.
func (p *replay) page(ctx context.Context) (over bool, err error) {
	entries, err := p.log.Read(p.Position, batchEvents)
	if err != nil {
		return false, err
	}
	var events []event
	last := p.Position
	for _, entry := range entries {
		if entry.Position > p.Until {
			break
		}
		e, err := parse(entry)
		if err != nil {
			return false, err
		}
		last = e.position
		if h, ok := p.handlers[e.Type]; ok && h.Flags&abi.FlagReplayable != 0 && receives(h, &e) {
			events = append(events, e)
		}
	}
	if last == p.Position {
		return true, p.end(ctx)
	}
	return false, p.through(ctx, events, last)
}

// through handles a page's events, with what is due before each.
func (p *replay) through(ctx context.Context, events []event, last uint64) error {
	for over := false; !over; {
		var i int
		var next past
		_, err := p.batch(ctx, batch{
			name: "event.replay", app: p.app.ID, n: batchEvents,
			enter: func(tx *kernel.Tx) (*registry.App, error) {
				i, next = 0, p.past
				return p.app, p.check(tx, events)
			},
			step: func(tx *kernel.Tx, _ *registry.App, _ int) error {
				if i == len(events) {
					return errEnough
				}
				fired, err := p.fireBefore(tx, &next, events[i].Time)
				if err != nil || fired {
					return err
				}
				if err = p.event(tx, &next, &events[i]); err == nil {
					i++
				}
				return err
			},
			leave: func(tx *kernel.Tx, _ int) error {
				if over = i == len(events); over {
					next.Position = last
				}
				return replays.Put(tx, p.app.ID, next)
			},
		})
		if err := p.settle(ctx, err, next); err != nil {
			return err
		}
		events = events[i:]
	}
	return nil
}

// settle takes over what a transaction has written. A degraded app is waited for.
func (p *replay) settle(ctx context.Context, err error, next past) error {
	if err == nil || errors.As(err, new(degraded)) {
		p.past = next
	}
	if errors.As(err, new(degraded)) {
		p.sleep(ctx, backoffMost)
		return ctx.Err()
	}
	return err
}

// check makes sure that nobody else replays the app, and sets its daily work when
// the past begins.
func (p *replay) check(tx *kernel.Tx, events []event) error {
	now, held, err := replays.Get(tx, p.app.ID)
	if err != nil {
		return err
	}
	if !held || now != p.past {
		return &abi.Error{Code: abi.Conflict, Reason: "replay", Message: "The replay of " + p.app.ID + " was ended by somebody else."}
	}
	if !p.lined {
		there, err := lines.Page(tx, p.app.ID+".", "", 1, false)
		if err != nil {
			return err
		}
		p.lined = len(there) > 0
	}
	if p.Now == 0 && len(events) > 0 {
		return p.setDaily(tx, p.app, time.UnixMilli(events[0].Time-1))
	}
	return nil
}

// fireBefore fires the first timer of the app that is due before an instant;
// false if there is none.
func (p *replay) fireBefore(tx *kernel.Tx, next *past, at int64) (bool, error) {
	if !p.timed {
		return false, nil
	}
	rows, err := tx.Due(kernel.Timers, time.UnixMilli(at-1), 1, func(app string) bool { return app != p.app.ID })
	if err != nil || len(rows) == 0 {
		return false, err
	}
	now := max(next.Now, rows[0].Due)
	if err = p.fireOne(tx, p.app, &rows[0], firing{now: time.UnixMilli(now).UTC(), replayed: true}); err != nil {
		return false, err
	}
	next.Now = now
	return true, nil
}

// event handles one event of the past at its own time.
func (p *replay) event(tx *kernel.Tx, next *past, e *event) error {
	h := p.handling(p.app, p.handlers[e.Type].Entry, e, 1)
	h.Time, h.Info.Replayed = time.UnixMilli(e.Time).UTC(), true
	it := eventItem(e)
	it.Replayed, it.Time = true, e.Time
	line := linePrefix(p.app.ID, e.hash%Partitions) + lineHash(it.Kind, e.key())
	joined := false
	if p.lined {
		var err error
		if joined, err = p.join(tx, line, it, nil); err != nil {
			return err
		}
	}
	if !joined {
		_, failed, err := p.handle(tx, h)
		if err != nil {
			return err
		}
		if failed != nil {
			p.lined = true
			if err = p.park(tx, line, Line{App: p.app.ID, Kind: it.Kind, Key: e.key()}, it, nil, failed); err != nil {
				return err
			}
		}
	}
	next.Position, next.Now = e.position, max(next.Now, e.Time)
	return nil
}

// end fires what was due before the replay began, and then ends it in one commit
// with the cursors of live delivery.
func (p *replay) end(ctx context.Context) error {
	for over := false; !over; {
		var next past
		_, err := p.batch(ctx, batch{
			name: "event.replay_end", app: p.app.ID, n: batchEvents,
			enter: func(tx *kernel.Tx) (*registry.App, error) {
				next, over = p.past, false
				return p.app, p.check(tx, nil)
			},
			step: func(tx *kernel.Tx, _ *registry.App, _ int) error {
				fired, err := p.fireBefore(tx, &next, p.Begun)
				if over = err == nil && !fired; over {
					return errEnough
				}
				return err
			},
			leave: func(tx *kernel.Tx, _ int) error {
				if !over {
					return replays.Put(tx, p.app.ID, next)
				}
				return p.goLive(tx)
			},
		})
		if err := p.settle(ctx, err, next); err != nil {
			return err
		}
	}
	return nil
}

// goLive ends the replay: live delivery goes on behind what was replayed. If the
// log ended before until, that is where.
func (p *replay) goLive(tx *kernel.Tx) error {
	at := positionBytes(p.Position)
	for name := range p.handlers {
		if err := tx.Put(areaSince, p.app.ID+"/"+name, at); err != nil {
			return err
		}
	}
	for i := range uint32(Partitions) {
		if err := tx.Put(areaCursor, cursorKey(p.app.ID, i), at); err != nil {
			return err
		}
	}
	if err := replays.Delete(tx, p.app.ID); err != nil {
		return err
	}
	if err := p.setDaily(tx, p.app, tx.Now()); err != nil {
		return err
	}
	return subscriptions.Put(tx, p.app.ID, Subscription{Partitions: Partitions, Past: true, Replayed: p.Until})
}
