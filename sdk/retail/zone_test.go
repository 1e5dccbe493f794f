package retail

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// at reads an instant from RFC 3339.
func at(t *testing.T, s string) Instant {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return Instant(v.UnixMilli())
}

const rome Zone = "Europe/Rome"

// The policy: a time that the clock skips is the first instant after the gap; a
// time that it shows twice is the first for a start and the second for an end.
func TestStartAndEndAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone       Zone
		date       Date
		time       LocalTime
		start, end string
	}{
		{rome, "2026-01-15", "09:00", "2026-01-15T08:00:00Z", ""},
		{rome, "2026-07-15", "09:00:30", "2026-07-15T07:00:30Z", ""},
		{rome, "2026-03-29", "01:59", "2026-03-29T00:59:00Z", ""},
		{rome, "2026-03-29", "02:00", "2026-03-29T01:00:00Z", ""},
		{rome, "2026-03-29", "02:30", "2026-03-29T01:00:00Z", ""},
		{rome, "2026-03-29", "03:00", "2026-03-29T01:00:00Z", ""},
		{rome, "2026-10-25", "01:59", "2026-10-24T23:59:00Z", ""},
		{rome, "2026-10-25", "02:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{rome, "2026-10-25", "02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{rome, "2026-10-25", "03:00", "2026-10-25T02:00:00Z", ""},
		{rome, "2026-12-31", "24:00", "2026-12-31T23:00:00Z", ""},
		{"Europe/London", "2010-12-01", "08:26", "2010-12-01T08:26:00Z", ""},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00:00Z", ""}, // a whole day skipped
		{"Pacific/Kiritimati", "2026-06-01", "00:00", "2026-05-31T10:00:00Z", ""},
		{"UTC", "1969-12-31", "23:59", "1969-12-31T23:59:00Z", ""},
	} {
		if c.end == "" {
			c.end = c.start
		}
		start, err := c.zone.Start(c.date, c.time)
		if err != nil || start != at(t, c.start) {
			t.Errorf("%s %s %s starts at %d, %v; want %s", c.zone, c.date, c.time, start, err, c.start)
		}
		if end, err := c.zone.End(c.date, c.time); err != nil || end != at(t, c.end) {
			t.Errorf("%s %s %s ends at %d, %v; want %s", c.zone, c.date, c.time, end, err, c.end)
		}
	}
}

// A typed end date lasts to the next local midnight: 23 and 25 hours in Rome.
func TestDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, last Date
		from, to    string
	}{
		{"2026-03-29", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"2026-10-25", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"2026-01-01", "2026-12-31", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
	} {
		p, err := rome.Days(c.first, c.last)
		if want := (Period{at(t, c.from), at(t, c.to)}); err != nil || p != want {
			t.Errorf("%s to %s is %v, %v; want %v", c.first, c.last, p, err, want)
		}
		if !p.Contains(p.From) || !p.Contains(p.To-1) || p.Contains(p.To) || p.Contains(p.From-1) {
			t.Errorf("%v does not hold in [from, to)", p)
		}
	}
	if p, err := rome.Days("", ""); err != nil || p != (Period{}) || !p.Contains(0) {
		t.Errorf("no dates are %v, %v", p, err)
	}
	if _, err := rome.Days("2026-02-30", ""); !errors.Is(err, ErrCivil) {
		t.Errorf("30 February: %v", err)
	}
	if _, err := Zone("Europe/Roma").Days("2026-02-01", ""); err == nil {
		t.Error("Europe/Roma is a zone")
	}
}

func TestMonthsAreClamped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		date Date
		n    int
		want Date
	}{
		{"2026-08-31", 6, "2027-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-05-15", -17, "2024-12-15"},
		{"2026-05-15", 0, "2026-05-15"},
		{"9999-12-01", 1, ""},
		{"0001-01-01", -1, ""},
		{"0001-01-01", -13, ""},
	} {
		got, err := c.date.AddMonths(c.n)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s and %d months is %q, %v; want %q", c.date, c.n, got, err, c.want)
		}
	}
}

// Thirty days back across a clock change is not 720 hours back.
func TestAddDaysKeepsTheTimeOfDay(t *testing.T) {
	t.Parallel()
	got, err := rome.AddDays(at(t, "2026-04-10T16:00:00Z"), -30)
	if want := at(t, "2026-03-11T17:00:00Z"); err != nil || got != want {
		t.Errorf("got %d, %v; want %d", got, err, want)
	}
	got, err = rome.AddMonths(at(t, "2026-08-31T10:00:00.250Z"), 6)
	if want := at(t, "2027-02-28T11:00:00.250Z"); err != nil || got != want {
		t.Errorf("got %d, %v; want %d", got, err, want)
	}
}

func TestCivilAgreesWithTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.Int64Range(-719_162, 2_932_896).Draw(t, "days") // years 1 to 9999
		want := time.Unix(days*86_400, 0).UTC()
		d, err := dateOf(days)
		if err != nil || string(d) != want.Format(time.DateOnly) {
			t.Fatalf("day %d is %s, %v; want %s", days, d, err, want.Format(time.DateOnly))
		}
		c, err := d.parse()
		if err != nil || c.days() != days {
			t.Fatalf("%s is day %d, %v; want %d", d, c.days(), err, days)
		}
		if w, _ := d.Weekday(); w%7 != int(want.Weekday()) {
			t.Fatalf("%s is weekday %d, want %s", d, w, want.Weekday())
		}
	})
	for _, days := range []int64{-719_163, 2_932_897} {
		if d, err := dateOf(days); err == nil {
			t.Errorf("day %d is %s", days, d)
		}
	}
}

// Whatever the clock of a zone shows leads back to the instant.
func TestLocalAndBack(t *testing.T) {
	t.Parallel()
	zones := []Zone{rome, "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		now := Instant(rapid.Int64Range(0, 4e9).Draw(t, "second") * 1000)
		l, err := z.Local(now)
		if err != nil {
			t.Fatal(err)
		}
		loc, err := time.LoadLocation(string(z))
		if err != nil {
			t.Fatal(err)
		}
		shown := time.UnixMilli(int64(now)).In(loc)
		if got, want := string(l.Date)+" "+string(l.Time()), shown.Format(time.DateTime); got != want || l.Weekday%7 != int(shown.Weekday()) {
			t.Fatalf("%d in %s is %s, weekday %d; want %s", now, z, got, l.Weekday, want)
		}
		start, err := z.Start(l.Date, l.Time())
		if err != nil {
			t.Fatal(err)
		}
		end, err := z.End(l.Date, l.Time())
		if err != nil || now != start && now != end {
			t.Fatalf("%d in %s leads back to %d and %d, %v", now, z, start, end, err)
		}
	})
}

func TestDayHours(t *testing.T) {
	t.Parallel()
	quiet, night := Hours("14:00", "16:00"), Hours("22:00", "06:00")
	for _, c := range []struct {
		hours DayHours
		at    string
		want  bool
	}{
		{quiet, "2026-01-15T12:59:59Z", false},
		{quiet, "2026-01-15T13:00:00Z", true},
		{quiet, "2026-01-15T14:59:59Z", true},
		{quiet, "2026-01-15T15:00:00Z", false},
		{quiet, "2026-03-29T13:00:00Z", true}, // 15:00 in summer time
		{quiet, "2026-03-29T11:59:59Z", false},
		{night, "2026-01-15T23:00:00Z", true},
		{night, "2026-01-15T04:59:59Z", true},
		{night, "2026-01-15T05:00:00Z", false},
		{DayHours{}, "2026-01-15T05:00:00Z", true},
		{Hours("00:00", "24:00"), "2026-01-15T22:59:59Z", true},
		{DayHours{From: "25:00", To: "26:00"}, "2026-01-15T05:00:00Z", false},
	} {
		if got := c.hours.Contains(at(t, c.at), rome); got != c.want {
			t.Errorf("%v contains %s: %v", c.hours, c.at, got)
		}
	}
	if quiet.Contains(at(t, "2026-01-15T13:00:00Z"), "Nowhere/Land") {
		t.Error("an unknown zone has quiet hours")
	}
	for _, h := range []DayHours{{From: "9:00", To: "10:00"}, {From: "09:00"}, {From: "24:01", To: "10:00"}, {From: "09:60", To: "10:00"}} {
		if h.Valid() == nil {
			t.Errorf("%v is valid", h)
		}
	}
}

func TestPeriodsOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p, q Period
		want bool
	}{
		{Period{1, 5}, Period{5, 9}, false},
		{Period{1, 5}, Period{4, 9}, true},
		{Period{0, 5}, Period{4, 0}, true},
		{Period{0, 5}, Period{5, 0}, false},
		{Period{}, Period{3, 4}, true},
		{Period{}, Period{4, 4}, false},
		{Period{5, 4}, Period{}, false},
	} {
		if c.p.Overlaps(c.q) != c.want || c.q.Overlaps(c.p) != c.want {
			t.Errorf("%v and %v overlap: want %v", c.p, c.q, c.want)
		}
	}
}

func TestMalformedCivil(t *testing.T) {
	t.Parallel()
	for _, d := range []Date{"", "2026-1-01", "2026/01/01", "2026-13-01", "2026-00-01", "2026-02-29", "0000-01-01", "2026-01-00", "2026-01-1x"} {
		if !errors.Is(d.Valid(), ErrCivil) {
			t.Errorf("%q is a date", d)
		}
	}
	for _, l := range []LocalTime{"", "1:00", "10.00", "10:00:", "10:00:60", "24:00:01", "10-00-00", "aa:00"} {
		if !errors.Is(l.Valid(), ErrCivil) {
			t.Errorf("%q is a time of day", l)
		}
	}
}
