package event

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Daily work lies among the timers, under a name that no guest can use: a
// manifest allows no colon.
const dailyMark = "daily:"

// dailyRow is the payload of its timer: what the next instant was computed by.
type dailyRow struct {
	At   string `json:"at"` // civil time, HH:MM
	Zone string `json:"zone"`
	Day  string `json:"day"` // civil day that it is for
}

// day is the last civil day for which a piece of daily work was done.
type day struct {
	Done string `json:"done"` // 2026-11-21
}

var days = platform.Area[day]{Name: "event_daily"} // by app/name

func dailyName(timer string) (string, bool) { return strings.CutPrefix(timer, dailyMark) }

// dailyEntry finds an app's daily work by its name.
func dailyEntry(a *registry.App, name string) (uint32, string, bool) {
	for i, e := range a.Descriptor.Entries {
		if e.Kind == abi.EntryDaily && e.Name == name {
			return uint32(i), e.Key, true
		}
	}
	return 0, "", false
}

// dailySet says whether all of an app's daily work waits for its next instant, in
// the zone of now.
func (r *Room) dailySet(tx *kernel.Tx, a *registry.App) (bool, error) {
	zone := r.config.Zone(tx.Tenant())
	for _, e := range a.Descriptor.Entries {
		if e.Kind != abi.EntryDaily {
			continue
		}
		w, ok, err := tx.Queued(kernel.Timers, a.ID, dailyMark+e.Name, "")
		if err != nil || !ok {
			return false, err
		}
		var row dailyRow
		if err := json.Unmarshal(w.Payload, &row); err != nil || row.At != e.Key || row.Zone != zone.String() {
			return false, err
		}
	}
	return true, nil
}

// setDaily puts off all of an app's daily work to its next instant after one,
// unless it waits for that already.
func (r *Room) setDaily(tx *kernel.Tx, a *registry.App, after time.Time) error {
	if ok, err := r.dailySet(tx, a); err != nil || ok {
		return err
	}
	for _, e := range a.Descriptor.Entries {
		if e.Kind == abi.EntryDaily {
			if err := r.setNext(tx, a.ID, e.Name, e.Key, after); err != nil {
				return err
			}
		}
	}
	return nil
}

// setNext puts off one piece of daily work to its next civil day.
func (r *Room) setNext(tx *kernel.Tx, app, name, at string, after time.Time) error {
	zone := r.config.Zone(tx.Tenant())
	last, _, err := days.Get(tx, app+"/"+name)
	if err != nil {
		return err
	}
	next, on, err := nextDaily(after, at, zone, last.Done)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(dailyRow{At: at, Zone: zone.String(), Day: on})
	if err != nil {
		return err
	}
	return tx.Enqueue(kernel.Waiting{Queue: kernel.Timers, App: app, Name: dailyMark + name, Due: next.UnixMilli(), Payload: payload})
}

// fireDaily does daily work for the civil day on which it was due, and puts it
// off to the next. Days that passed meanwhile are not made up for, but in a
// replay, where no day has passed unseen. What failed on an earlier day is
// forgotten: today's work stands for it.
func (t *tenant) fireDaily(tx *kernel.Tx, a *registry.App, w *kernel.Waiting, name string, f firing) error {
	_, at, ok := dailyEntry(a, name)
	if !ok {
		return tx.Dequeue(*w)
	}
	var row dailyRow
	if err := json.Unmarshal(w.Payload, &row); err != nil {
		return err
	}
	before, _, err := days.Get(tx, a.ID+"/"+name)
	if err != nil {
		return err
	}
	if err = days.Put(tx, a.ID+"/"+name, day{Done: row.Day}); err != nil {
		return err
	}
	if err = t.setNext(tx, a.ID, name, at, f.now); err != nil {
		return err
	}
	line := Line{App: a.ID, Kind: kindDaily, Key: "daily/" + name}
	if err = t.forget(tx, timerPrefix(a.ID)+lineHash(line.Kind, line.Key)); err != nil {
		return err
	}
	h, _ := t.dailyHandling(a, name, w.Due)
	empty := *w
	empty.Payload = nil
	err = t.fireInto(tx, line, item{Kind: kindDaily, Name: name, Due: w.Due}, &empty, h, f)
	if err == nil {
		return nil
	}
	if back := days.Put(tx, a.ID+"/"+name, before); back != nil {
		return back
	}
	if back := tx.Enqueue(*w); back != nil {
		return back
	}
	return err
}

func (t *tenant) dailyHandling(a *registry.App, name string, due int64) (kernel.Handling, bool) {
	entry, _, ok := dailyEntry(a, name)
	return kernel.Handling{
		App: a, Entry: entry, Input: []byte{0x80}, // a record without fields
		Seed: t.seed("daily", a.ID, name, strconv.FormatInt(due, 10)), Info: abi.Info{Key: name, Attempt: 1},
	}, ok
}

// forget removes a line with all that waits in it.
func (t *tenant) forget(tx *kernel.Tx, name string) error {
	l, ok, err := lines.Get(tx, name)
	if err != nil || !ok {
		return err
	}
	old := l
	for ; l.First < l.End; l.First++ {
		key := itemKey(name, l.First)
		it, _, err := items.Get(tx, key)
		if err != nil {
			return err
		}
		if err = removeItem(tx, key, &it); err != nil {
			return err
		}
	}
	return l.write(tx, name, &old)
}

// nextDaily is the first instant after another at which clocks in a zone show a
// civil time, on a day later than the last one that it was done for. A time that a
// day does not have is taken at the first instant behind the gap; one that it has
// twice, at the first.
func nextDaily(after time.Time, at string, zone *time.Location, last string) (next time.Time, on string, err error) {
	clock, err := time.Parse("15:04", at)
	if err != nil {
		return time.Time{}, "", err
	}
	y, m, d := after.In(zone).Date()
	for ; ; d++ {
		next = civil(y, m, d, clock.Hour(), clock.Minute(), zone)
		on = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if next.After(after) && on > last {
			return next, on, nil
		}
	}
}

// civil is the instant at which clocks in a zone show a time. time.Date does not
// say which one it takes if there are two, or none.
func civil(y int, m time.Month, d, hour, minute int, zone *time.Location) time.Time {
	shown := time.Date(y, m, d, hour, minute, 0, 0, time.UTC)
	var first, before time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // offsets of before and after a change
		_, offset := shown.Add(near).In(zone).Zone()
		t := shown.Add(-time.Duration(offset) * time.Second)
		if before.IsZero() {
			before = t
		}
		wall := t.In(zone)
		if wall.Hour() == hour && wall.Minute() == minute && wall.Day() == shown.Day() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first
	}
	gap, _ := before.In(zone).ZoneBounds() // by the clock of before the gap, it is behind it
	return gap
}
