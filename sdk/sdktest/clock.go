package sdktest

import (
	"fmt"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Now is what the next operation's clock will show.
func (e *Env) Now() retail.Instant { return retail.Instant(e.now) }

// At sets the clock: "2026-03-29 15:00 Europe/Rome". Seconds, the time of day
// and the zone (UTC) may be left out. It fires no timer; Settle does.
func (e *Env) At(text string) {
	t, err := parseTime(text)
	if err != nil {
		e.fatal("sdktest: %v", err)
	}
	e.now = t.UnixMilli()
}

// Advance moves the clock by d and does on the way what Settle does, with
// every timer at its own instant.
func (e *Env) Advance(d time.Duration) error {
	return e.settle(e.now+d.Milliseconds(), e.clockworks, e.outside, e.steps)
}

func parseTime(text string) (time.Time, error) {
	at, zone := text, time.UTC
	if i := strings.LastIndexByte(text, ' '); i >= 0 && !strings.ContainsRune(text[i:], ':') {
		loc, err := time.LoadLocation(text[i+1:])
		if err != nil {
			return time.Time{}, fmt.Errorf("the zone of %q: %w", text, err)
		}
		at, zone = text[:i], loc
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, at, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(`%q is not like "2026-03-29 15:00 Europe/Rome"`, text)
}
