package event

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestSubscribe: an app receives what is logged behind the commit that enables
// it, goes on where it stopped when it is enabled again, and a type that a new
// version adds from that version on.
func TestSubscribe(t *testing.T) {
	l := func(version string, types ...string) app {
		a := app{id: "l", version: version, events: map[string]guest{}}
		for _, name := range types {
			a.events[name] = func(g call, in []byte) ([]byte, abi.Code) {
				_, v := thing(in)
				g.put(v, g.info().Key)
				return empty, abi.OK
			}
		}
		return a
	}
	emitB := func(w *world, v string) { w.run("b.emit", record("b", v)) }
	in(t, func(w *world) {
		w.emit("s", "before")
		w.enable(1, source("a"), source("b"), l("1.0.0", "a.happened"))
		w.emit("s", "first")
		emitB(w, "unwanted")
		w.enable(2, source("a"), source("b"))
		w.emit("s", "while disabled")
		w.enable(3, source("a"), source("b"), l("1.0.0", "a.happened"))
		synctest.Wait()
		emitB(w, "also unwanted")
		w.enable(4, source("a"), source("b"), l("2.0.0", "a.happened", "b.happened"))
		emitB(w, "wanted")
		w.emit("s", "last")
		synctest.Wait()
		w.restart()
		got := w.things("l")
		for _, want := range []string{"first", "while disabled", "wanted", "last"} {
			if _, ok := got[want]; !ok {
				t.Errorf("%q was not delivered", want)
			}
		}
		if len(got) != 4 {
			t.Errorf("delivered %v", got)
		}
		w.do(func(tx *kernel.Tx) error { return w.room.Unsubscribe(tx, "l") })
		w.do(func(tx *kernel.Tx) error {
			for _, area := range []string{areaSince, areaCursor, subscriptions.Name, lines.Name, items.Name, areaRetry, days.Name} {
				if rows, err := tx.Page(area, "", "", 10, false); err != nil || len(rows) > 0 {
					t.Errorf("%s keeps %d rows, %v", area, len(rows), err)
				}
			}
			return nil
		})
	}, source("a"), source("b"))
}

// TestSubscribeToOther: a version that handles nothing of what the one before it
// did receives its own types, and one that handles nothing at all waits for
// nothing.
func TestSubscribeToOther(t *testing.T) {
	l := func(version string, events map[string]guest) app {
		return app{id: "l", version: version, events: events}
	}
	note := func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		g.put(v, "")
		return empty, abi.OK
	}
	in(t, func(w *world) {
		w.emit("k", "of the first")
		w.pass(time.Minute)
		w.run("b.emit", record("k", "not yet wanted")) // behind the cursor that is kept
		w.enable(1, source("a"), source("b"), l("2.0.0", map[string]guest{"b.happened": note}))
		w.run("b.emit", record("k", "of the second"))
		w.pass(time.Minute)
		if got := w.things("l"); len(got) != 2 {
			t.Errorf("delivered %v", got)
		}
		w.enable(2, source("a"), source("b"), l("3.0.0", nil))
		w.run("b.emit", record("k", "of nobody"))
		w.pass(time.Minute)
		for _, s := range ask[listSubscriptionsOut](w, "host.subscriptions.list", listSubscriptionsIn{}).Items {
			if s.Lag != 0 || s.Position != w.room.tenants[shop].feed.newest() {
				t.Errorf("who handles nothing: %+v", s)
			}
		}
	}, source("a"), source("b"), l("1.0.0", map[string]guest{"a.happened": note}))
}

// TestLag: what an app does not want is no lag of it, even though its cursor
// stands still; what it wants and cannot have is.
func TestLag(t *testing.T) {
	l := app{id: "l", events: map[string]guest{"a.happened": ok}}
	in(t, func(w *world) {
		check := func(when string, lag, position uint64) {
			t.Helper()
			var most uint64
			least := ^uint64(0)
			for _, s := range ask[listSubscriptionsOut](w, "host.subscriptions.list", listSubscriptionsIn{App: "l"}).Items {
				most, least = max(most, s.Lag), min(least, s.Position)
			}
			if most != lag || least != position {
				t.Errorf("%s: lag %d at %d, want %d at %d", when, most, least, lag, position)
			}
		}
		w.emit("k", "1")
		synctest.Wait()
		check("all is handled", 0, 1)
		for range 3 {
			w.run("b.emit", record("k", "of others"))
		}
		synctest.Wait()
		check("others' events behind it", 0, 4)
		w.restart()
		check("after a start", 0, 4)
		w.enable(1, source("a"), source("b"))
		w.run("b.emit", record("k", "of others"))
		synctest.Wait()
		check("not enabled, and nothing for it", 0, w.room.tenants[shop].feed.newest())
		w.emit("k", "2")
		at := w.room.tenants[shop].feed.newest()
		synctest.Wait()
		w.run("b.emit", record("k", "of others"))
		synctest.Wait()
		check("something waits", 2, at)
		w.enable(2, source("a"), source("b"), l)
		w.pass(time.Minute)
		check("enabled again", 0, w.room.tenants[shop].feed.newest())
	}, source("a"), source("b"), l)
}

// TestSameAgain: an event is handled with the same ids and random bytes in every
// attempt, and with others than any other event.
func TestSameAgain(t *testing.T) {
	var mu sync.Mutex
	var drawn []string
	in(t, func(w *world) {
		w.emit("k", "1")
		w.emit("k", "2")
		w.pass(time.Hour)
		if len(drawn) < 5 || drawn[0] != drawn[1] || drawn[1] != drawn[2] || drawn[2] == drawn[3] {
			t.Errorf("drawn %q", drawn)
		}
	}, source("a"), app{id: "l", events: map[string]guest{"a.happened": locked(&mu, func(g call, _ []byte) ([]byte, abi.Code) {
		drawn = append(drawn, fmt.Sprintf("%x", g.must(abi.FuncRandom, abi.AppendUint(nil, 8))))
		if len(drawn) < 3 || len(drawn) == 4 {
			return fails(abi.Unavailable, "again")
		}
		return empty, abi.OK
	})}})
}

// TestReplayedEventsReachWhoAsks: what is emitted in a replay goes to those who
// ask for it alone.
func TestReplayedEventsReachWhoAsks(t *testing.T) {
	echo := app{id: "echo", past: true, events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		return g.emit("echo.happened", "k", record("k", v))
	}}}
	note := func(g call, in []byte) ([]byte, abi.Code) {
		i := g.info()
		g.put(i.Event, strconv.FormatBool(i.Replayed))
		return empty, abi.OK
	}
	in(t, func(w *world) {
		w.emit("k", "1")
		until := w.do(func(*kernel.Tx) error { return nil })
		staged := w.compose(echo).Apps()[0]
		if err := w.room.Replay(context.Background(), shop, staged, until, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := w.things("asks"); len(got) != 1 {
			t.Errorf("who asks received %v", got)
		}
		if got := w.things("rest"); len(got) != 0 {
			t.Errorf("who does not ask received %v", got)
		}
	}, source("a"), app{id: "asks", asks: true, events: map[string]guest{"echo.happened": note}}, app{id: "rest", events: map[string]guest{"echo.happened": note}})
}

// TestListEvents: the log in CloudEvents' words, filtered and paged.
func TestListEvents(t *testing.T) {
	in(t, func(w *world) {
		for i := range 7 {
			w.emit("k", strconv.Itoa(i))
			w.run("b.emit", record("x", strconv.Itoa(i)))
		}
		var got []CloudEvent
		for next := ""; ; {
			page := ask[listEventsOut](w, "host.events.list", listEventsIn{After: next, Limit: 3, Types: "c.happened, a.*"})
			if len(page.Items) == 0 {
				break
			}
			got, next = append(got, page.Items...), page.Next
		}
		if len(got) != 7 || got[6].Position != 13 || string(got[6].Data) != `{"id":"k","v":"6"}` || got[6].SpecVersion != "1.0" || got[6].Source != "a@1.0.0" || got[6].Principal != "local" || got[6].Request != "req" {
			t.Errorf("listed %+v", got)
		}
		if got := w.refused("host.events.list", listEventsIn{After: "x"}); got != abi.ReasonMalformed {
			t.Errorf("refused with %s", got)
		}
	}, source("a"), source("b"))
}
