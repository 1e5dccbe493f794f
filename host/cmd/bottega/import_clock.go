package main

import (
	"fmt"
	"time"
)

// clock says how an instant had to be read.
type clock int

const (
	plainClock   clock = iota
	skippedClock       // the wall clock never showed it: clocks were put forward
	doubleClock        // it showed it twice: clocks were put back
)

// instant is an instant as the API writes it. A time that the zone's clocks
// skipped is read as if they had not been changed yet, and one that they showed
// twice as the first: a receipt is never dropped for the clock that printed it.
func (t *table) instant(w row, field string) (string, clock, error) {
	c := t.step.Columns[field]
	s, layout := t.text(w, field), c.Layout
	if layout == "" {
		layout = time.RFC3339
	}
	at, err := time.Parse(layout, s)
	if err != nil {
		return "", plainClock, fmt.Errorf("%w: %s %q is not written like %s", errRow, field, s, layout)
	}
	read := plainClock
	if zone := t.zones[field]; zone != nil && !c.ownZone() {
		at, read = inZone(at, zone)
	}
	return at.UTC().Format(time.RFC3339), read, nil
}

// inZone is the instant at which clocks of a zone show what wall shows in UTC.
func inZone(wall time.Time, zone *time.Location) (time.Time, clock) {
	const around = 24 * time.Hour // clocks are not changed twice within it
	_, before := wall.Add(-around).In(zone).Zone()
	_, after := wall.Add(around).In(zone).Zone()
	early := wall.Add(-time.Duration(before) * time.Second)
	late := wall.Add(-time.Duration(after) * time.Second)
	shows := func(at time.Time) bool {
		_, offset := at.In(zone).Zone()
		return at.Add(time.Duration(offset) * time.Second).Equal(wall)
	}
	switch {
	case shows(early) && shows(late) && !early.Equal(late):
		return early, doubleClock // clocks go back: the offset before is the greater, its instant the earlier
	case shows(early):
		return early, plainClock
	case shows(late):
		return late, plainClock
	}
	return early, skippedClock
}
