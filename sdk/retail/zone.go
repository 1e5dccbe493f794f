package retail

import "github.com/bottega-retail/bottega/sdk/internal/hostcall"

// A Zone's rules come from the host: a guest has no zone database. Every method
// of Zone returns an error for a zone that the host does not know.

// Local is a point in time as a clock on the wall of a zone shows it.
type Local struct {
	Date    Date
	Millis  int64 // since midnight as the clock counts: not the time passed, on a day of clock changes
	Weekday int   // 1 Monday to 7 Sunday
	Offset  int   // seconds east of UTC
}

// Time is the time of day, HH:MM:SS.
func (l Local) Time() LocalTime {
	s := l.Millis / 1000
	b := []byte("00:00:00")
	for i, v := range [3]int64{s / 3600, s / 60 % 60, s % 60} {
		b[3*i], b[3*i+1] = byte('0'+v/10), byte('0'+v%10)
	}
	return LocalTime(b)
}

// Valid says whether the host knows the zone.
func (z Zone) Valid() error {
	_, err := hostcall.Zone(string(z), 0)
	return err
}

// Local is what the clock of the zone shows at an instant. Errors: also
// ErrCivil, beyond the years 1 to 9999.
func (z Zone) Local(at Instant) (Local, error) {
	span, err := hostcall.Zone(string(z), int64(at))
	if err != nil {
		return Local{}, err
	}
	shown := int64(at) + int64(span.Offset)*1000
	days, millis := shown/day, shown%day
	if millis < 0 {
		days, millis = days-1, millis+day
	}
	d, err := dateOf(days)
	return Local{Date: d, Millis: millis, Weekday: weekday(days), Offset: span.Offset}, err
}

// Start is the instant at which something begins that begins on a date at a
// time of day: the first of two if the clock shows it twice, and the first
// instant after the gap if the clock skips it. Errors: also ErrCivil.
func (z Zone) Start(d Date, t LocalTime) (Instant, error) {
	first, _, err := z.instants(d, t)
	return first, err
}

// End is the instant up to which something lasts that ends on a date at a time
// of day: the second of two if the clock shows it twice, and the first instant
// after the gap if the clock skips it. Errors: also ErrCivil.
func (z Zone) End(d Date, t LocalTime) (Instant, error) {
	_, last, err := z.instants(d, t)
	return last, err
}

// Days is the period of whole civil days from first to last, both included, as
// people mean it who type an end date: up to the next local midnight. An empty
// date is open on that side. Errors: also ErrCivil.
func (z Zone) Days(first, last Date) (p Period, err error) {
	if first != "" {
		if p.From, err = z.Start(first, "00:00"); err != nil {
			return Period{}, err
		}
	}
	if last != "" {
		if p.To, err = z.Start(last, "24:00"); err != nil {
			return Period{}, err
		}
	}
	return p, nil
}

// AddDays is the instant n civil days later, or earlier, at the same time of
// day: 30 days back is not 720 hours back when the clocks have changed between.
// Errors: also ErrCivil.
func (z Zone) AddDays(at Instant, n int) (Instant, error) {
	return z.shift(at, func(d Date) (Date, error) { return d.AddDays(n) })
}

// AddMonths is AddDays by months, with the rule of Date.AddMonths.
func (z Zone) AddMonths(at Instant, n int) (Instant, error) {
	return z.shift(at, func(d Date) (Date, error) { return d.AddMonths(n) })
}

func (z Zone) shift(at Instant, move func(Date) (Date, error)) (Instant, error) {
	l, err := z.Local(at)
	if err != nil {
		return 0, err
	}
	d, err := move(l.Date)
	if err != nil {
		return 0, err
	}
	c, err := d.parse()
	if err != nil {
		return 0, err
	}
	first, _, err := z.shown(c.days()*day + l.Millis)
	return first, err
}

func (z Zone) instants(d Date, t LocalTime) (first, last Instant, err error) {
	c, err := d.parse()
	if err != nil {
		return 0, 0, err
	}
	millis, err := t.millis()
	if err != nil {
		return 0, 0, err
	}
	return z.shown(c.days()*day + millis)
}

// shown finds the first and the last instant at which the clock shows a time,
// given in milliseconds since it showed 1970. Zones lie within a day of UTC and
// change their clocks at most once in two days.
func (z Zone) shown(local int64) (first, last Instant, err error) {
	before, err := hostcall.Zone(string(z), local-day)
	if err != nil {
		return 0, 0, err
	}
	early := local - int64(before.Offset)*1000
	if before.End == 0 || before.End > local+day {
		return Instant(early), Instant(early), nil
	}
	after, err := hostcall.Zone(string(z), before.End)
	if err != nil {
		return 0, 0, err
	}
	late := local - int64(after.Offset)*1000
	switch isEarly, isLate := early < before.End, late >= before.End; {
	case isEarly && isLate:
		return Instant(early), Instant(late), nil
	case isEarly:
		return Instant(early), Instant(early), nil
	case isLate:
		return Instant(late), Instant(late), nil
	}
	return Instant(before.End), Instant(before.End), nil
}

// Period is [From, To): it holds at From and no more at To. A zero From or To
// is open on that side.
type Period struct {
	From Instant `json:"from,omitempty"`
	To   Instant `json:"to,omitempty"`
}

// Contains says whether p holds at an instant.
func (p Period) Contains(at Instant) bool {
	return (p.From == 0 || p.From <= at) && (p.To == 0 || at < p.To)
}

// Overlaps says whether there is an instant at which both hold.
func (p Period) Overlaps(q Period) bool {
	return !p.Empty() && !q.Empty() &&
		(p.From == 0 || q.To == 0 || p.From < q.To) && (q.From == 0 || p.To == 0 || q.From < p.To)
}

// Empty says whether p never holds.
func (p Period) Empty() bool { return p.From != 0 && p.To != 0 && p.From >= p.To }

// DayHours is [From, To) of every day, in civil time. To before From runs over
// midnight; From equal to To, or both empty, is the whole day.
type DayHours struct {
	From LocalTime `json:"from,omitempty"`
	To   LocalTime `json:"to,omitempty"`
}

// Hours makes DayHours of constants. It panics if one is no time of day.
func Hours(from, to LocalTime) DayHours {
	h := DayHours{From: from, To: to}
	if err := h.Valid(); err != nil {
		panic(err)
	}
	return h
}

// Valid is ErrCivil if a time of day is malformed, or only one is given.
func (h DayHours) Valid() error {
	_, _, err := h.bounds()
	return err
}

func (h DayHours) bounds() (from, to int64, err error) {
	if h == (DayHours{}) {
		return 0, 0, nil
	}
	if from, err = h.From.millis(); err != nil {
		return 0, 0, err
	}
	to, err = h.To.millis()
	return from, to, err
}

// Contains says whether the clock of a zone shows a time within h at an
// instant. Malformed hours and unknown zones contain nothing.
func (h DayHours) Contains(at Instant, z Zone) bool {
	from, to, err := h.bounds()
	if err != nil {
		return false
	}
	l, err := z.Local(at)
	switch {
	case err != nil:
		return false
	case from < to:
		return from <= l.Millis && l.Millis < to
	case from > to:
		return l.Millis >= from || l.Millis < to
	}
	return true
}
