package event

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// ledger writes down each event that it handles, so that a checker which knows
// nothing of the room can say whether each had its effect once and in order:
// "event/<id>" counts, "key/<subject>" lists the numbers. fail may end an attempt
// after it has written.
func ledger(fail func(i abi.Info)) guest {
	return func(g call, in []byte) ([]byte, abi.Code) {
		key, n := thing(in)
		i := g.info()
		g.count("event/" + i.Event)
		before, _ := g.get("key/" + key)
		g.put("key/"+key, strings.TrimSpace(before+" "+n))
		if fail != nil {
			fail(i)
		}
		return empty, abi.OK
	}
}

// checkLedger compares ledgers with what was emitted: the numbers 0 to n-1, each
// of the key of its number.
func checkLedger(t *testing.T, name string, things map[string]string, n int) {
	t.Helper()
	events, numbers := 0, 0
	for id, v := range things {
		switch kind, rest, _ := strings.Cut(id, "/"); kind {
		case "event":
			if events++; v != "1" {
				t.Errorf("%s: event %s had its effect %s times", name, rest, v)
			}
		case "key":
			last := -1
			for _, word := range strings.Fields(v) {
				i, _ := strconv.Atoi(word)
				if numbers++; i <= last || "k"+strconv.Itoa(i%16) != rest {
					t.Errorf("%s: key %s: %d behind %d", name, rest, i, last)
				}
				last = i
			}
		}
	}
	if events != n || numbers != n {
		t.Errorf("%s: %d events had an effect and %d numbers are written down, want %d", name, events, numbers, n)
	}
}

// someFail ends about 2 % of all attempts in a trap or an error, the same ones
// again whenever they are made.
func someFail(salt string) func(abi.Info) {
	return func(i abi.Info) {
		h := fnv.New32a()
		_, _ = fmt.Fprintf(h, "%s %s %d", salt, i.Event, i.Attempt) // a hash takes everything
		switch h.Sum32() % 100 {
		case 0:
			trap()
		case 1:
			panic(abort{&abi.Error{Code: abi.Conflict, Reason: "unlucky"}})
		}
	}
}

// TestExactlyOnce is P3 in small: 10,000 events to three handlers, 2 % of the
// attempts fail, and the host dies again and again. BOTTEGA_LONG=1 takes 20 other
// courses too.
func TestExactlyOnce(t *testing.T) {
	seeds := uint64(1)
	if os.Getenv("BOTTEGA_LONG") != "" {
		seeds = 21
	}
	ledgers := []string{"l1", "l2", "l3"}
	apps := []app{source("a")}
	for _, id := range ledgers {
		apps = append(apps, app{id: id, events: map[string]guest{"a.happened": ledger(someFail(id))}})
	}
	for seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			in(t, func(w *world) {
				const n = 10_000
				dying(w, rand.New(rand.NewPCG(1, seed)), n)
				for _, id := range ledgers {
					checkLedger(t, id, w.things(id), n)
				}
				if parked := ask[listParkedOut](w, "host.parked.list", listParkedIn{}).Items; len(parked) > 0 {
					t.Errorf("%d lines are left, the first is %+v", len(parked), parked[0])
				}
				for _, s := range ask[listSubscriptionsOut](w, "host.subscriptions.list", listSubscriptionsIn{}).Items {
					if s.Lag != 0 || s.Position != n || s.Paused != "" {
						t.Errorf("subscription %+v", s)
					}
				}
			}, apps...)
		})
	}
}

// dying emits n events while the host dies in all the ways that it can.
func dying(w *world, random *rand.Rand, n int) {
	const step = 50
	for i := 0; i < n; i += step {
		w.run("a.many", record(strconv.Itoa(i), strconv.Itoa(step)))
		switch random.IntN(10) {
		case 0:
			w.crash() // whatever the workers are doing
		case 1:
			synctest.Wait()
			w.crash()
		case 2:
			w.pass(time.Duration(random.IntN(int(8 * time.Second))))
		case 3:
			w.restart()
		case 4:
			w.torn.Store(true) // outcomes are unknown until it comes back
			w.pass(time.Duration(random.IntN(int(3 * time.Second))))
			w.torn.Store(false)
			w.crash()
		}
	}
	w.pass(time.Hour)
}

// TestFaultyDisk: failing and slow writes count as no attempt.
func TestFaultyDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var again atomic.Int64
		w := newWorld(t, source("a"), app{id: "l", events: map[string]guest{"a.happened": ledger(func(i abi.Info) { again.Add(int64(i.Attempt) - 1) })}})
		w.faults.Delay = func() { time.Sleep(time.Millisecond) }
		w.start()
		defer w.close()
		w.pass(time.Second) // until the app is subscribed
		for i := 0; i < 200; i += 20 {
			w.run("a.many", record(strconv.Itoa(i), "20"))
		}
		w.pass(time.Minute)
		checkLedger(t, "l", w.things("l"), 200)
		if n := again.Load(); n != 0 {
			t.Errorf("%d attempts were counted as further ones", n)
		}
	})
}

// TestPoison is P10: an event that always fails keeps back its own key alone,
// is parked after its tries, and has its effect once when it is replayed.
func TestPoison(t *testing.T) {
	var mu sync.Mutex
	broken := true
	var handled []string
	in(t, func(w *world) {
		begun := time.Now()
		w.emit("good", "1")
		w.emit("bad", "poison")
		w.emit("bad", "behind")
		for i := range 50 {
			w.emit("k"+strconv.Itoa(i), "x")
		}
		synctest.Wait()
		if got := w.things("l"); got["good"] != "1" || got["bad"] != "" || got["k49"] != "x" || time.Since(begun) > time.Second {
			t.Fatalf("at once: %v", got)
		}
		line := ask[listParkedOut](w, "host.parked.list", listParkedIn{}).Items[0]
		if line.State != "retrying" || line.Key != "bad" || line.Waiting != 2 || line.Failure.Reason != "poison" {
			t.Errorf("line %+v", line)
		}
		w.pass(time.Hour)
		line = ask[listParkedOut](w, "host.parked.list", listParkedIn{State: "parked"}).Items[0]
		if line.Attempts != 6 {
			t.Errorf("parked after %d attempts", line.Attempts)
		}
		if got := count(w.logged(), "host.event_parked l/bad"); got != 1 {
			t.Errorf("told %d times", got)
		}
		shown := ask[getParkedOut](w, "host.parked.get", getParkedIn{ID: line.ID})
		if len(shown.Items) != 2 || string(shown.Items[0].Event.Data) != `{"id":"bad","v":"poison"}` {
			t.Errorf("shown %+v", shown)
		}
		w.restart()
		broken = false
		if out := ask[replayParkedOut](w, "host.parked.replay", replayParkedIn{selection{App: "l", Key: "bad"}}); out.Lines != 1 {
			t.Errorf("replayed %+v", out)
		}
		synctest.Wait()
		w.pass(time.Second)
		if got := w.things("l")["bad"]; got != "poison behind" {
			t.Errorf("after the replay: %q", got)
		}
		if got := handled[len(handled)-2:]; !slices.Equal(got, []string{"poison 1", "behind 1"}) {
			t.Errorf("handled %q", got)
		}
		w.emit("bad", "later")
		synctest.Wait()
		if got := w.things("l")["bad"]; got != "poison behind later" {
			t.Errorf("and on: %q", got)
		}
	}, source("a"), app{id: "l", events: map[string]guest{"a.happened": locked(&mu, func(g call, in []byte) ([]byte, abi.Code) {
		key, v := thing(in)
		before, _ := g.get(key)
		g.put(key, strings.TrimSpace(before+" "+v))
		if v == "poison" && broken {
			return fails(abi.Invalid, "poison")
		}
		handled = append(handled, fmt.Sprintf("%s %d", v, g.info().Attempt))
		return empty, abi.OK
	})}})
}

func count(all []string, want string) (n int) {
	for _, s := range all {
		if s == want {
			n++
		}
	}
	return n
}

// TestDiscard: what is discarded has no effect, and what waits behind goes on.
func TestDiscard(t *testing.T) {
	in(t, func(w *world) {
		for _, v := range []string{"bad", "good", "bad", "bad"} {
			w.emit("k", v)
		}
		w.pass(time.Hour)
		id := ask[listParkedOut](w, "host.parked.list", listParkedIn{App: "l"}).Items[0].ID
		if out := ask[discardParkedOut](w, "host.parked.discard", discardParkedIn{selection: selection{ID: id}, Head: true, Reason: "a test"}); out.Events != 1 || out.More {
			t.Errorf("discarded %+v", out)
		}
		w.pass(time.Hour)
		if got := w.things("l")["k"]; got != "good" {
			t.Errorf("handled %q", got)
		}
		if out := ask[discardParkedOut](w, "host.parked.discard", discardParkedIn{selection: selection{All: true}, Reason: "a test"}); out.Events != 2 || out.Lines != 1 {
			t.Errorf("discarded %+v", out)
		}
		w.emit("k", "more")
		synctest.Wait()
		if got := w.things("l")["k"]; got != "good more" {
			t.Errorf("handled %q", got)
		}
		if got := count(w.logged(), "host.event_discarded l/k"); got != 2 {
			t.Errorf("logged %d times", got)
		}
		for _, bad := range []selection{{}, {App: "l", All: true}, {Key: "k"}} {
			if got := w.refused("host.parked.replay", replayParkedIn{bad}); got != "selection" {
				t.Errorf("%+v: %s", bad, got)
			}
		}
	}, source("a"), app{id: "l", events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		key, v := thing(in)
		if v == "bad" {
			return fails(abi.Invalid, "bad")
		}
		before, _ := g.get(key)
		g.put(key, strings.TrimSpace(before+" "+v))
		return empty, abi.OK
	}}})
}

// TestHopLimit: two apps that answer each other come to rest.
func TestHopLimit(t *testing.T) {
	answer := func(id string) guest {
		return func(g call, in []byte) ([]byte, abi.Code) {
			g.count("seen")
			if out, code := g.emit(id+".happened", "ball", record("ball", "")); code != abi.OK {
				return out, code
			}
			return empty, abi.OK
		}
	}
	in(t, func(w *world) {
		w.emit("ball", "")
		w.pass(time.Hour)
		hops := len(w.logged()) - 1 // without the news of the parked line
		if hops != abi.MaxHop+1 {
			t.Errorf("%d events follow from each other", hops)
		}
		parked := ask[listParkedOut](w, "host.parked.list", listParkedIn{}).Items
		if len(parked) != 1 || parked[0].Failure.Reason != abi.ReasonHop {
			t.Errorf("parked %+v", parked)
		}
	}, source("a"),
		app{id: "ping", events: map[string]guest{"a.happened": answer("ping"), "pong.happened": answer("ping")}},
		app{id: "pong", events: map[string]guest{"ping.happened": answer("pong")}})
}

// TestDegraded: an app that only faults loses no event and no attempt while it is
// not called.
func TestDegraded(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	in(t, func(w *world) {
		for i := range 64 {
			w.emit("k"+strconv.Itoa(i), strconv.Itoa(i))
		}
		w.pass(20 * time.Second)
		if s := ask[listSubscriptionsOut](w, "host.subscriptions.list", listSubscriptionsIn{App: "l"}).Items[0]; !strings.Contains(s.Paused, "only fails") {
			t.Errorf("paused: %+v", s)
		}
		broken.Store(false)
		w.pass(2 * time.Hour)
		if got := len(w.things("l")); got != 64 {
			t.Errorf("%d events had an effect", got)
		}
	}, source("a"), app{id: "l", events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		if broken.Load() {
			trap()
		}
		id, v := thing(in)
		g.put(id, v)
		return empty, abi.OK
	}}})
}
