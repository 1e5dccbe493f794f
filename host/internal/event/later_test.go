package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
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

// TestJobs: a job goes on where it stopped after a crash, takes turns with others
// of its app, is put off when it fails, and its answer is kept.
func TestJobs(t *testing.T) {
	var broken atomic.Bool
	step := func(g call, in []byte) ([]byte, abi.Code) {
		s, err := abi.ParseStepIn(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		_, total := thing(s.Input)
		n := len(s.Cursor)
		if n == 3 && broken.Load() {
			return fails(abi.Unavailable, "broken")
		}
		g.count("steps of " + g.info().Key)
		out := abi.Step{Cursor: append(s.Cursor, 'x'), Done: uint64(n + 1), Total: 10}
		if want, _ := strconv.Atoi(total); n+1 == want {
			out.Finished, out.Output = true, []byte("answer of "+g.info().Key)
		}
		return out.Append(nil), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("long", "10"))
		w.run("c.do", record("short", "2"))
		synctest.Wait()
		w.crash()
		w.pass(time.Second)
		got := w.things("c")
		if got["steps of long"] != "10" || got["steps of short"] != "2" {
			t.Errorf("steps: %v", got)
		}
		work := map[string]Work{}
		list := func() {
			for _, x := range ask[listWorkOut](w, "host.work.list", listWorkIn{App: "c"}).Items {
				work[x.Key] = ask[Work](w, "host.work.get", workIn{x.ID})
			}
		}
		list()
		if x := work["long"]; x.State != "done" || x.Done != 10 || x.Steps != 10 || string(x.Output) != `"answer of long"` {
			t.Errorf("long is %+v", x)
		}
		broken.Store(true)
		w.run("c.do", record("bad", "5"))
		w.pass(time.Minute)
		if list(); work["bad"].State != "waiting" || work["bad"].Failure.Reason != "broken" || work["bad"].Done != 3 {
			t.Errorf("bad is %+v", work["bad"])
		}
		w.pass(time.Hour)
		if list(); work["bad"].State != "failed" {
			t.Errorf("bad is %+v", work["bad"])
		}
		broken.Store(false)
		ask[Work](w, "host.work.retry", workIn{work["bad"].ID})
		w.pass(time.Minute)
		if list(); work["bad"].State != "done" || w.things("c")["steps of bad"] != "5" {
			t.Errorf("bad is %+v after %s steps", work["bad"], w.things("c")["steps of bad"])
		}
		broken.Store(true)
		w.run("c.do", record("dropped", "5"))
		w.pass(time.Second)
		list()
		ask[Work](w, "host.work.cancel", workIn{work["dropped"].ID})
		broken.Store(false)
		w.pass(time.Hour)
		if list(); work["dropped"].State != "canceled" || w.things("c")["steps of dropped"] != "3" {
			t.Errorf("dropped is %+v", work["dropped"])
		}
		if got := w.refused("host.work.cancel", workIn{work["long"].ID}); got != "over" {
			t.Errorf("refused with %s", got)
		}
		w.close()
		w.pass(31 * 24 * time.Hour)
		w.start()
		if left := ask[listWorkOut](w, "host.work.list", listWorkIn{}).Items; len(left) > 0 {
			t.Errorf("%d are kept for ever", len(left))
		}
	}, clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncBegin, "count", id, time.Time{}, in)
		return empty, abi.OK
	}, app{jobs: map[string]guest{"count": step}}))
}

// TestJobsTakeTurns: a long job does not keep back the others of its app.
func TestJobsTakeTurns(t *testing.T) {
	var mu sync.Mutex
	var order []string
	step := func(g call, in []byte) ([]byte, abi.Code) {
		s, err := abi.ParseStepIn(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		time.Sleep(20 * time.Millisecond)
		order = append(order, g.info().Key)
		out := abi.Step{Cursor: append(s.Cursor, 'x'), Finished: len(s.Cursor) == 11}
		return out.Append(nil), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("one", ""))
		w.run("c.do", record("two", ""))
		w.pass(time.Minute)
		if len(order) != 24 || count(order[:12], "one") != 6 || count(order[:6], "one") != 3 {
			t.Errorf("steps of %q", order)
		}
	}, clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncBegin, "count", id, time.Time{}, in)
		return empty, abi.OK
	}, app{jobs: map[string]guest{"count": locked(&mu, step)}}))
}

// effectWorld has an app whose effect "mail" does what fn says, outside.
func effectApp(fn guest) app {
	return clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncStart, "mail", id, time.Time{}, in)
		return empty, abi.OK
	}, app{effects: map[string]guest{"mail": fn}, done: map[string]guest{"mail": func(g call, in []byte) ([]byte, abi.Code) {
		end, err := abi.ParseEffectEnd(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		id, _ := thing(end.Input)
		g.count("done " + id)
		g.put("end "+id, end.Code.String()+" "+g.info().Key)
		return empty, abi.OK
	}}})
}

// TestEffects: an effect is done outside and its app told once; it is tried again
// with the same key; after its last try the app is told of the error.
func TestEffects(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	var healed atomic.Bool
	fn := func(g call, in []byte) ([]byte, abi.Code) {
		id, v := thing(in)
		i := g.info()
		keys = append(keys, id+" "+i.Key)
		if n, _ := strconv.Atoi(v); i.Attempt <= n && !healed.Load() {
			return fails(abi.Unavailable, "busy")
		}
		_, code := g(abi.FuncGet, (&abi.Get{Collection: "things", Key: abi.AppendKeyText(nil, "x")}).Append(nil))
		return record("code", code.String()), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("once", "0"))
		w.run("c.do", record("thrice", "2"))
		w.run("c.do", record("never", "100"))
		w.pass(3 * time.Second)
		w.crash()
		w.pass(time.Hour)
		got := w.things("c")
		for id, want := range map[string]string{"once": "ok", "thrice": "ok", "never": "unavailable"} {
			code, key, _ := strings.Cut(got["end "+id], " ")
			if got["done "+id] != "1" || code != want || !slices.Contains(keys, id+" "+key) {
				t.Errorf("%s: told %s times of %s", id, got["done "+id], got["end "+id])
			}
		}
		tried := map[string]int{}
		for _, k := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			id, _, _ := strings.Cut(k, " ")
			tried[id]++
		}
		if tried["once"] != 1 || tried["thrice"] != 1 || tried["never"] != 1 {
			t.Errorf("keys change: %q", keys)
		}
		failed := ask[listWorkOut](w, "host.work.list", listWorkIn{State: "failed"}).Items
		if len(failed) != 1 || failed[0].Kind != "effect" || failed[0].Key != "never" || failed[0].Failure.Reason != "busy" {
			t.Fatalf("failed: %+v", failed)
		}
		healed.Store(true)
		ask[Work](w, "host.work.retry", workIn{failed[0].ID})
		w.pass(time.Minute)
		if got := w.things("c")["end never"]; !strings.HasPrefix(got, "ok ") {
			t.Errorf("after the retry: %s", got)
		}
	}, effectApp(locked(&mu, fn)))
}

// TestEffectGivesUp: an error that will not change ends an effect at once; a
// fault does not.
func TestEffectGivesUp(t *testing.T) {
	var tries atomic.Int64
	in(t, func(w *world) {
		w.run("c.do", record("wrong", ""))
		w.pass(time.Second)
		if got := w.things("c")["end wrong"]; tries.Load() != 1 || !strings.HasPrefix(got, "invalid ") {
			t.Errorf("%d tries, told %q", tries.Load(), got)
		}
		w.run("c.do", record("fault", ""))
		w.pass(10 * time.Second)
		if got := w.things("c")["end fault"]; tries.Load() != 3 || !strings.HasPrefix(got, "ok ") {
			t.Errorf("%d tries, told %q", tries.Load(), got)
		}
	}, effectApp(func(_ call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		if n := tries.Add(1); id == "fault" && n == 2 {
			trap()
		}
		if id == "wrong" {
			return fails(abi.Invalid, "address")
		}
		return empty, abi.OK
	}))
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

// TestEffectKilledBetween: what was done outside and not yet told is done again,
// with the same key, and told once.
func TestEffectKilledBetween(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	var w *world
	fn := func(g call, in []byte) ([]byte, abi.Code) {
		keys = append(keys, g.info().Key)
		if len(keys) == 1 {
			w.backend.Stop()
		}
		return empty, abi.OK
	}
	in(t, func(world *world) {
		mu.Lock()
		w = world
		mu.Unlock()
		w.run("c.do", record("mail", ""))
		w.pass(time.Second)
		w.crash()
		w.pass(time.Minute)
		if len(keys) != 2 || keys[0] != keys[1] || w.things("c")["done mail"] != "1" {
			t.Errorf("done with %q, told %s times", keys, w.things("c")["done mail"])
		}
	}, effectApp(locked(&mu, fn)))
}

// TestEffectsAtOnce: a slow address holds no more than four of an app's effects,
// and none of another's.
func TestEffectsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	fn := func(call, []byte) ([]byte, abi.Code) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(10 * time.Second)
		now.Add(-1)
		return empty, abi.OK
	}
	in(t, func(w *world) {
		for i := range 10 {
			w.run("c.do", record(strconv.Itoa(i), ""))
		}
		w.pass(time.Minute)
		if got := len(w.things("c")); got != 20 || most.Load() > effectMost || most.Load() < 2 {
			t.Errorf("%d records, %d at once", got, most.Load())
		}
	}, effectApp(fn))
}

// TestDerive: what was published is built, and built again if that fails.
func TestDerive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, app{id: "c"})
		tries := 0
		w.derive = func(_ context.Context, tenant string, a *registry.App) error {
			if tries++; tries < 3 {
				return errors.New("not yet")
			}
			_, err := w.kernel.Do(context.Background(), kernel.Task{Tenant: tenant, Name: "derive", Do: func(tx *kernel.Tx) error {
				return tx.Dequeue(kernel.Waiting{Queue: kernel.Publishing, App: a.ID, Name: "derive", ID: "1"})
			}})
			return err
		}
		w.start()
		defer w.close()
		w.do(func(tx *kernel.Tx) error {
			return tx.Enqueue(kernel.Waiting{Queue: kernel.Publishing, App: "c", Name: "derive", ID: "1", Due: tx.Now().UnixMilli()})
		})
		w.pass(time.Minute)
		if tries != 3 {
			t.Errorf("built %d times", tries)
		}
	})
}
