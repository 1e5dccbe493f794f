package event

import (
	"context"
	"strconv"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// never is later than everything that waits.
var never = time.UnixMilli(1 << 52)

// due lists what waits in a queue, due or not, by app.
func due(tx *kernel.Tx, q kernel.Queue, skip func(string) bool) ([]errand, error) {
	rows, err := tx.Due(q, never, deskLook, skip)
	all := make([]errand, len(rows))
	for i, w := range rows {
		all[i] = errand{app: w.App, key: w.Name + "\x00" + w.ID, due: time.UnixMilli(w.Due), rows: rows[i : i+1]}
	}
	return all, err
}

// timerDesk fires timers and daily work: those of one app that are due together
// in one transaction.
func (t *tenant) timerDesk() *desk {
	return t.desk("timers", 1, func(tx *kernel.Tx, skip func(string) bool) ([]errand, error) {
		all, err := due(tx, kernel.Timers, skip)
		now := t.config.Now()
		together := map[string]int{}
		grouped := all[:0]
		for _, e := range all {
			if i, ok := together[e.app]; ok && !e.due.After(now) {
				grouped[i].rows = append(grouped[i].rows[:len(grouped[i].rows):len(grouped[i].rows)], e.rows...)
				continue
			}
			together[e.app] = len(grouped)
			grouped = append(grouped, e)
		}
		return grouped, err
	}, t.fire)
}

// fire runs what is due of an app, in its order.
func (t *tenant) fire(ctx context.Context, e errand) error {
	_, err := t.batch(ctx, batch{
		name: "event.fire", app: e.app, n: len(e.rows),
		enter: func(tx *kernel.Tx) (*registry.App, error) { return t.enter(tx, e.app) },
		step: func(tx *kernel.Tx, a *registry.App, i int) error {
			w, ok, err := tx.Queued(kernel.Timers, e.app, e.rows[i].Name, e.rows[i].ID)
			if err != nil || !ok || w.Due > tx.Now().UnixMilli() {
				return err // it was taken back, or set anew
			}
			return t.fireOne(tx, a, &w, firing{now: tx.Now()})
		},
		leave: func(*kernel.Tx, int) error { return nil },
	})
	return err
}

// firing is when something is fired, and whether that is in the past.
type firing struct {
	now      time.Time
	replayed bool
}

// fireOne fires one timer, which is then gone: its handler may set it again. If
// the app is degraded the timer stays.
func (t *tenant) fireOne(tx *kernel.Tx, a *registry.App, w *kernel.Waiting, f firing) error {
	if name, ok := dailyName(w.Name); ok {
		return t.fireDaily(tx, a, w, name, f)
	}
	h, ok := t.timerHandling(a, w.Name, w.ID, w.Due, w.Payload)
	if err := tx.Dequeue(*w); err != nil || !ok {
		return err
	}
	it := item{Kind: kindTimer, Name: w.Name, ID: w.ID, Due: w.Due}
	line := Line{App: a.ID, Kind: kindTimer, Key: "timer/" + w.Name + "/" + w.ID}
	return t.fireInto(tx, line, it, w, h, f)
}

// fireInto runs a handler, or puts what it is for into its line.
func (t *tenant) fireInto(tx *kernel.Tx, l Line, it item, w *kernel.Waiting, h kernel.Handling, f firing) error {
	name := timerPrefix(l.App) + lineHash(l.Kind, l.Key)
	h.Info.Attempt = 1
	if f.replayed {
		h.Time, h.Info.Replayed = f.now, true
		it.Time, it.Replayed = f.now.UnixMilli(), true
	}
	if joined, err := t.join(tx, name, it, w.Payload); err != nil || joined {
		return err
	}
	_, failed, err := t.handle(tx, h)
	if err != nil {
		if back := tx.Enqueue(*w); back != nil {
			return back
		}
		return err
	}
	if failed == nil {
		return nil
	}
	return t.park(tx, name, l, it, w.Payload, failed)
}

func (t *tenant) timerHandling(a *registry.App, name, id string, due int64, input []byte) (kernel.Handling, bool) {
	entry, ok := a.Handler(abi.EntryTimer, name, "")
	return kernel.Handling{
		App: a, Entry: entry, Input: input, Seed: t.seed("timer", a.ID, name, id, strconv.FormatInt(due, 10)),
		Info: abi.Info{Key: id, Attempt: 1},
	}, ok
}
