package event

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// clock is an app with a command that does what a test says, timers and more.
func clock(command guest, more app) app {
	more.id, more.commands = "c", map[string]guest{"do": command}
	return more
}

// TestTimers: a timer fires at its time or after, once, in spite of restarts; one
// that was taken back or set anew does not fire at its old time.
func TestTimers(t *testing.T) {
	fired := func(g call, in []byte) ([]byte, abi.Code) {
		id, v := thing(in)
		g.count(id)
		g.put(id+" at", g.now().Format("15:04:05")+" "+v+" "+g.info().Key)
		return empty, abi.OK
	}
	in(t, func(w *world) { // it is 2000-01-01 00:00
		w.run("c.do", empty)
		w.pass(30 * time.Second)
		w.restart()
		w.pass(30 * time.Second)
		w.crash()
		w.pass(time.Hour)
		w.close()
		w.pass(24 * time.Hour) // the host is off
		w.start()
		w.pass(time.Minute)
		got := w.things("c")
		for id, want := range map[string]string{"soon": "00:00:20 x soon", "past": "00:00:00 x past", "moved": "00:50:00 new moved"} {
			if got[id] != "1" || got[id+" at"] != want {
				t.Errorf("%s fired %s times, at %q, want %q", id, got[id], got[id+" at"], want)
			}
		}
		if got["while off"] != "1" || got["gone"] != "" {
			t.Errorf("while off %q, gone %q", got["while off"], got["gone"])
		}
	}, clock(func(g call, _ []byte) ([]byte, abi.Code) {
		now := g.now()
		set := func(id string, after time.Duration, v string) {
			g.later(abi.FuncSchedule, "ring", id, now.Add(after), record(id, v))
		}
		set("soon", 20*time.Second, "x")
		set("past", -time.Hour, "x")
		set("gone", 40*time.Second, "x")
		set("moved", 40*time.Second, "old")
		set("moved", 50*time.Minute, "new")
		set("while off", 12*time.Hour, "x")
		g.later(abi.FuncCancel, "ring", "gone", time.Time{}, nil)
		return empty, abi.OK
	}, app{timers: map[string]guest{"ring": fired}}))
}

// TestTimerFails: a timer that fails is tried again with its input, and one that
// its own handler sets again stays set.
func TestTimerFails(t *testing.T) {
	in(t, func(w *world) {
		w.run("c.do", empty)
		w.pass(time.Hour)
		got := w.things("c")
		if got["bad"] != "done in attempt 3" || got["again"] != "5" {
			t.Errorf("got %v", got)
		}
	}, clock(func(g call, _ []byte) ([]byte, abi.Code) {
		g.later(abi.FuncSchedule, "bad", "x", g.now(), record("in", "put"))
		g.later(abi.FuncSchedule, "again", "x", g.now(), empty)
		return empty, abi.OK
	}, app{timers: map[string]guest{
		"bad": func(g call, in []byte) ([]byte, abi.Code) {
			g.put("half", "written")
			if _, v := thing(in); v != "put" || g.info().Attempt < 3 {
				return fails(abi.Unavailable, "later")
			}
			g.put("bad", fmt.Sprintf("done in attempt %d", g.info().Attempt))
			return empty, abi.OK
		},
		"again": func(g call, _ []byte) ([]byte, abi.Code) {
			if g.count("again") < 5 {
				g.later(abi.FuncSchedule, "again", "x", g.now().Add(time.Minute), empty)
			}
			return empty, abi.OK
		},
	}}))
}

// TestDaily: once per civil day of Rome, over both changes of the clock, over
// restarts, and once for all the days on which the host was off.
func TestDaily(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var at []string
	note := func(g call, _ []byte) ([]byte, abi.Code) {
		at = append(at, g.now().In(rome).Format("01-02 15:04 MST"))
		return empty, abi.OK
	}
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, app{id: "c", daily: map[string]guest{"night 02:30": locked(&mu, note)}})
		w.zone = rome
		until := func(s string) {
			when, err := time.ParseInLocation("2006-01-02 15:04", s, rome)
			if err != nil {
				t.Fatal(err)
			}
			w.pass(time.Until(when))
		}
		until("2000-03-24 12:00")
		w.start()
		until("2000-03-28 12:00") // the clock has no 02:30 on the 26th
		w.restart()
		w.close()
		until("2000-10-27 12:00") // seven months off
		w.start()
		until("2000-10-29 02:40") // the first 02:40
		w.crash()
		until("2000-10-31 12:00")
		w.close()
		want := []string{
			"03-25 02:30 CET", "03-26 03:00 CEST", "03-27 02:30 CEST", "03-28 02:30 CEST",
			"10-27 12:00 CEST", "10-28 02:30 CEST", "10-29 02:30 CEST", "10-30 02:30 CET", "10-31 02:30 CET",
		}
		if !slices.Equal(at, want) {
			t.Errorf("done at\n%q, want\n%q", at, want)
		}
	})
}

func TestNextDaily(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, after, at, last, want, on string }{
		{"UTC", "2026-01-31T10:00:00Z", "09:00", "", "2026-02-01T09:00:00Z", "2026-02-01"},
		{"UTC", "2026-01-31T09:00:00Z", "09:00", "", "2026-02-01T09:00:00Z", "2026-02-01"},
		{"UTC", "2026-01-31T08:59:59Z", "09:00", "", "2026-01-31T09:00:00Z", "2026-01-31"},
		{"UTC", "2026-01-31T08:00:00Z", "09:00", "2026-01-31", "2026-02-01T09:00:00Z", "2026-02-01"},
		{"Europe/Rome", "2026-03-29T00:00:00Z", "02:00", "", "2026-03-29T01:00:00Z", "2026-03-29"}, // the gap's first minute
		{"Europe/Rome", "2026-03-29T00:00:00Z", "02:59", "", "2026-03-29T01:00:00Z", "2026-03-29"},
		{"Europe/Rome", "2026-10-24T12:00:00Z", "02:00", "", "2026-10-25T00:00:00Z", "2026-10-25"},
		{"Europe/Rome", "2026-10-25T00:00:00Z", "02:00", "2026-10-25", "2026-10-26T01:00:00Z", "2026-10-26"},
		{"America/Havana", "2026-03-07T12:00:00Z", "00:30", "", "2026-03-08T05:00:00Z", "2026-03-08"}, // a gap at midnight
		{"Australia/Lord_Howe", "2026-10-03T12:00:00Z", "02:15", "", "2026-10-03T15:30:00Z", "2026-10-04"},
		{"Pacific/Apia", "2011-12-29T12:00:00Z", "12:00", "", "2011-12-29T22:00:00Z", "2011-12-29"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		got, on, err := nextDaily(after, c.at, zone, c.last)
		if err != nil || got.UTC().Format(time.RFC3339) != c.want || on != c.on {
			t.Errorf("%s in %s after %s: %s on %s, %v; want %s on %s", c.at, c.zone, c.after, got.UTC().Format(time.RFC3339), on, err, c.want, c.on)
		}
	}
}

// TestClockIsSet (P12): a clock that is set forth and back makes daily work run
// once per civil day, and a timer once.
func TestClockIsSet(t *testing.T) {
	var mu sync.Mutex
	var days []string
	in(t, func(w *world) { // it is 2000-01-01 00:00 UTC
		w.run("c.do", empty)
		w.pass(5 * time.Hour)
		w.skew.Store(int64(24 * time.Hour))
		w.pass(2 * time.Minute)
		w.skew.Store(int64(-24 * time.Hour))
		w.pass(26 * time.Hour)
		w.skew.Store(0)
		w.pass(2 * time.Minute)
		if want := []string{"2000-01-01 04:00", "2000-01-02 05:0"}; len(days) != 2 || days[0] != want[0] || !strings.HasPrefix(days[1], want[1]) {
			t.Errorf("done at %q, want %q", days, want)
		}
		if got := w.things("c")["rung"]; got != "1" {
			t.Errorf("the timer fired %s times", got)
		}
	}, clock(func(g call, _ []byte) ([]byte, abi.Code) {
		g.later(abi.FuncSchedule, "ring", "x", g.now().Add(12*time.Hour), empty)
		return empty, abi.OK
	}, app{
		timers: map[string]guest{"ring": func(g call, _ []byte) ([]byte, abi.Code) {
			g.count("rung")
			return empty, abi.OK
		}},
		daily: map[string]guest{"night 04:00": locked(&mu, func(g call, _ []byte) ([]byte, abi.Code) {
			days = append(days, g.now().Format("2006-01-02 15:04"))
			return empty, abi.OK
		})},
	}))
}
