package event

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"strconv"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Partitions is into how many streams the events of a new subscription are
// divided by their key. Each subscription keeps its own number.
const Partitions = 4

// Subscription is what the host keeps of an app that handles events.
type Subscription struct {
	Partitions uint32 `json:"partitions"`
	// Past: the app has replayed the log. Replayed is the position up to which the app has replayed the log.
	Past     bool   `json:"past,omitempty"`
	Replayed uint64 `json:"replayed,omitempty"`
}

// The areas of subscriptions. A position is eight bytes, big endian.
//
//	since   app/type       the position after which events of a type are delivered
//	cursor  app/partition  the position up to which they were
const (
	areaSince  = "event_since"
	areaCursor = "cursor"
)

var subscriptions = platform.Area[Subscription]{Name: "subscription"}

func position(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, storage.ErrCorrupt
	}
	return binary.BigEndian.Uint64(b), nil
}

func positionBytes(p uint64) []byte { return binary.BigEndian.AppendUint64(nil, p) }

// Subscribe makes an app receive events, inside the transaction that enables it
// or changes its version: exactly those that are logged behind that commit, of
// every type that it did not receive before. The commit's own position is
// stamped into the record, so that nothing between what the transaction saw and
// its commit is delivered, and nothing behind is missed. What the app received
// before goes on where it stopped: so does an app that was disabled, and one that
// has replayed the log. Its daily work is set too.
func (r *Room) Subscribe(tx *kernel.Tx, app *registry.App) error {
	_, held, err := replays.Get(tx, app.ID)
	if err != nil || held {
		return err
	}
	tx.Wake() // the commit need not move the log, and what was missed is due now
	if err = r.setDaily(tx, app, tx.Now()); err != nil {
		return err
	}
	wanted := handlers(app)
	_, there, err := subscriptions.Get(tx, app.ID)
	if err == nil && !there && len(wanted) > 0 {
		err = subscriptions.Put(tx, app.ID, Subscription{Partitions: Partitions})
	}
	if err != nil {
		return err
	}
	since, err := readSince(tx, app.ID)
	if err != nil {
		return err
	}
	for name := range wanted {
		if _, ok := since[name]; !ok {
			if err = tx.PutStamped(areaSince, app.ID+"/"+name, make([]byte, 8)); err != nil {
				return err
			}
		}
		delete(since, name)
	}
	for name := range since {
		if err = tx.Delete(areaSince, app.ID+"/"+name); err != nil {
			return err
		}
	}
	return nil
}

// handlers are an app's event handlers, by type.
func handlers(app *registry.App) map[string]registry.Subscriber {
	all := map[string]registry.Subscriber{}
	for i, e := range app.Descriptor.Entries {
		if e.Kind == abi.EntryEvent {
			all[e.Name] = registry.Subscriber{App: app, Entry: uint32(i), Flags: e.Flags}
		}
	}
	return all
}

// readSince reads after which position each type is delivered.
func readSince(tx *kernel.Tx, app string) (map[string]uint64, error) {
	since := map[string]uint64{}
	err := each(tx, areaSince, app+"/", func(row kernel.Row) error {
		p, err := position(row.Value)
		since[row.Key[len(app)+1:]] = p
		return err
	})
	return since, err
}

// each calls fn for every row whose key begins with prefix.
func each(tx *kernel.Tx, area, prefix string, fn func(kernel.Row) error) error {
	for after := ""; ; {
		rows, err := tx.Page(area, prefix, after, 500, false)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err = fn(row); err != nil {
				return err
			}
			after = row.Key
		}
		if len(rows) < 500 {
			return nil
		}
	}
}

// mostRemoved bounds what one Unsubscribe takes away.
const mostRemoved = 20_000

// Unsubscribe forgets everything that the room keeps of an app, inside the
// transaction that removes it: cursors, lines, daily work, jobs' records. What
// the app itself has queued is erased by kernel.Tx.Erase. To disable an app needs
// no call. Errors: too_large, reason "parked", if more waits than one transaction
// should remove; discard it first.
func (r *Room) Unsubscribe(tx *kernel.Tx, app string) error {
	n := 0
	remove := func(area, prefix string) error {
		return each(tx, area, prefix, func(row kernel.Row) error {
			if n++; n > mostRemoved {
				return &abi.Error{Code: abi.TooLarge, Reason: "parked", Message: "Too much waits for " + app + " to be forgotten at once; discard it first."}
			}
			return tx.Delete(area, row.Key)
		})
	}
	if err := each(tx, lines.Name, app+".", func(row kernel.Row) error {
		l, _, err := lines.Get(tx, row.Key)
		if err != nil || l.Parked {
			return err
		}
		return tx.Delete(areaRetry, retryKey(l.Next, row.Key))
	}); err != nil {
		return err
	}
	for area, prefix := range map[string]string{
		areaSince: app + "/", areaCursor: app + "/", days.Name: app + "/",
		lines.Name: app + ".", items.Name: app + ".", areaInput: app + ".",
		works.Name: app + ".", areaWorkInput: app + ".", areaWorkOutput: app + ".", tries.Name: app + ".",
	} {
		if err := remove(area, prefix); err != nil {
			return err
		}
	}
	if err := replays.Delete(tx, app); err != nil {
		return err
	}
	return subscriptions.Delete(tx, app)
}

// plan is what is delivered to whom, as one transaction saw it.
type plan struct {
	generation uint64
	parts      []*partition
	wanted     map[string][][]*partition // by type, then app, then number
}

// load reads what is enabled and how far each app is.
func (t *tenant) load(ctx context.Context) (*plan, error) {
	if err := t.unlock(ctx); err != nil {
		return nil, err
	}
	if err := t.adopt(ctx); err != nil {
		return nil, err
	}
	var p *plan
	head, err := t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.load", ReadOnly: true, Do: func(tx *kernel.Tx) error {
		p = &plan{generation: tx.Head().Generation, wanted: map[string][][]*partition{}}
		for _, app := range tx.Set().Apps() {
			if err := t.loadApp(tx, p, app); err != nil {
				return fmt.Errorf("subscriptions of %s: %w", app.ID, err)
			}
		}
		return nil
	}})
	t.feed.begin(head)
	return p, err
}

// loadApp adds an app's partitions to the plan, unless it is being replayed.
func (t *tenant) loadApp(tx *kernel.Tx, p *plan, app *registry.App) error {
	sub, ok, err := subscriptions.Get(tx, app.ID)
	if err != nil || !ok {
		return err
	}
	if _, held, err := replays.Get(tx, app.ID); err != nil || held {
		return err
	}
	parts, err := t.partitions(tx, app.ID, sub.Partitions)
	if err != nil || len(parts) == 0 || len(parts[0].since) == 0 {
		return err
	}
	turns := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	for _, part := range parts {
		part.generation, part.made, part.wake, part.turns = p.generation, app, newSignal(), turns
	}
	p.parts = append(p.parts, parts...)
	for name := range parts[0].since {
		p.wanted[name] = append(p.wanted[name], parts)
	}
	return nil
}

// partitions reads how far an app is, enabled or not. Of one that is not, nobody
// knows whether it asks for replayed events: those are taken for unwanted.
func (t *tenant) partitions(tx *kernel.Tx, app string, of uint32) ([]*partition, error) {
	since, err := readSince(tx, app)
	if err != nil {
		return nil, err
	}
	first := ^uint64(0)
	for _, s := range since {
		first = min(first, s)
	}
	var flags map[string]registry.Subscriber
	if a, ok := tx.Set().App(app); ok {
		flags = handlers(a)
	}
	parts := make([]*partition, of)
	for i := range parts {
		c, _, err := readCursor(tx, app, uint32(i))
		if err != nil {
			return nil, err
		}
		c = max(c, first)
		parts[i] = &partition{t: t, app: app, number: uint32(i), of: of, since: since, flags: flags, first: first, cursor: c, seen: c}
	}
	return parts, nil
}

func cursorKey(app string, number uint32) string { return app + "/" + strconv.Itoa(int(number)) }

func readCursor(tx *kernel.Tx, app string, number uint32) (uint64, bool, error) {
	b, ok, err := tx.Get(areaCursor, cursorKey(app, number))
	if err != nil || !ok {
		return 0, false, err
	}
	c, err := position(b)
	return c, true, err
}

// adopt subscribes apps that somebody enabled without Subscribe: from now on.
func (t *tenant) adopt(ctx context.Context) error {
	var missing bool
	_, err := t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.look", ReadOnly: true, Do: func(tx *kernel.Tx) error {
		missing = false
		for _, app := range tx.Set().Apps() {
			ok, err := t.subscribed(tx, app)
			if err != nil {
				return err
			}
			missing = missing || !ok
		}
		return nil
	}})
	if err != nil || !missing {
		return err
	}
	_, err = t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.adopt", Do: func(tx *kernel.Tx) error {
		for _, app := range tx.Set().Apps() {
			if err := t.Subscribe(tx, app); err != nil {
				return err
			}
		}
		return nil
	}})
	return err
}

// subscribed says whether everything is written that Subscribe writes.
func (t *tenant) subscribed(tx *kernel.Tx, app *registry.App) (bool, error) {
	if _, held, err := replays.Get(tx, app.ID); err != nil || held {
		return true, err
	}
	since, err := readSince(tx, app.ID)
	if err != nil {
		return false, err
	}
	wanted := handlers(app)
	if len(since) != len(wanted) {
		return false, nil
	}
	for name := range wanted {
		if _, ok := since[name]; !ok {
			return false, nil
		}
	}
	return t.dailySet(tx, app)
}
