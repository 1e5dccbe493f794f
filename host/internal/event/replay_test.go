package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// diary is an app that uses all that a handler may: records, ids, random bytes,
// the clock, timers that set each other, daily work and effects.
func diary(sent *atomic.Int64) app {
	note := func(g call, what string) {
		id := string(g.must(abi.FuncNewID, nil))
		g.put(id, fmt.Sprintf("%s at %s %x", what, g.now().Format(time.RFC3339Nano), g.must(abi.FuncRandom, abi.AppendUint(nil, 4))))
	}
	return app{
		id: "diary", past: true,
		events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
			key, v := thing(in)
			n := g.count("of " + key)
			note(g, fmt.Sprintf("%s %s %d, number %d", key, v, g.info().Position, n))
			g.later(abi.FuncSchedule, "remind", key, g.now().Add(90*time.Minute), record(key, v)) // a later event moves it
			if n%7 == 0 {
				g.later(abi.FuncCancel, "remind", key, time.Time{}, nil)
			}
			g.later(abi.FuncStart, "mail", g.info().Event, time.Time{}, empty)
			return empty, abi.OK
		}},
		timers: map[string]guest{"remind": func(g call, in []byte) ([]byte, abi.Code) {
			key, v := thing(in)
			note(g, "remind "+key+" of "+v)
			g.later(abi.FuncStart, "mail", "remind "+key, time.Time{}, empty)
			if g.count("reminders of "+key)%3 != 0 {
				g.later(abi.FuncSchedule, "remind", key, g.now().Add(20*time.Minute), in)
			}
			return empty, abi.OK
		}},
		daily: map[string]guest{"close 03:00": func(g call, _ []byte) ([]byte, abi.Code) {
			note(g, "close "+strconv.Itoa(g.count("days")))
			return empty, abi.OK
		}},
		effects: map[string]guest{"mail": func(call, []byte) ([]byte, abi.Code) {
			sent.Add(1)
			return empty, abi.OK
		}},
		done: map[string]guest{"mail": ok},
	}
}

// stored is everything that lies in a tenant's storage under an app's name, by
// key; equal maps are equal bytes.
func (w *world) stored(app string, spaces string) map[string]string {
	w.t.Helper()
	txn, err := w.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer txn.Discard()
	all := map[string]string{}
	for _, space := range []byte(spaces) {
		for _, middle := range []string{"", "\x00"} { // records; rows of queues
			prefix := append([]byte{space}, middle+app+"\x00"...)
			pairs, err := txn.Scan(storage.Range{Start: prefix, End: append(bytes.Clone(prefix[:len(prefix)-1]), 1)})
			if err != nil {
				w.t.Fatal(err)
			}
			for _, p := range pairs {
				all[string(p.Key)] = string(p.Value)
			}
		}
	}
	return all
}

// TestReplayedTwin: an app that replays the log keeps, byte for byte, what it
// would keep if it had been enabled from the start, and sends not one message.
func TestReplayedTwin(t *testing.T) {
	var sent atomic.Int64
	twin := diary(&sent)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, source("a"), twin)
		w.zone = rome
		w.start()
		random := rand.New(rand.NewPCG(3, 4))
		for i := range 150 {
			w.pass(time.Duration(1+random.IntN(40*60_000)) * time.Millisecond)
			w.emit("k"+strconv.Itoa(random.IntN(12)), strconv.Itoa(i))
			synctest.Wait()
		}
		until := w.do(func(*kernel.Tx) error { return nil })
		live, timers := w.stored("diary", "d"), w.stored("diary", "t")
		if len(live) < 300 || sent.Load() < 150 {
			t.Fatalf("%d records and %d messages prove nothing", len(live), sent.Load())
		}
		// Forget the app as if it had never been, but for the log and the secret.
		w.enable(1, source("a"))
		w.erase("diary")
		if left := len(w.stored("diary", "dtxj")); left > 0 {
			t.Fatalf("%d rows are left", left)
		}
		before := sent.Swap(0)
		staged := w.compose(source("a"), twin)
		again, _ := staged.App("diary")
		if err := w.room.Replay(context.Background(), shop, again, until, nil); err != nil {
			t.Fatal(err)
		}
		same(t, "records", w.stored("diary", "d"), live)
		same(t, "timers", w.stored("diary", "t"), timers)
		w.enable(2, source("a"), twin)
		w.pass(time.Second)
		if n := sent.Load(); n != 0 {
			t.Errorf("%d messages were sent, %d by the twin", n, before)
		}
		w.pass(2 * time.Hour)
		w.emit("k1", "live again")
		w.pass(time.Second)
		if sent.Load() == 0 {
			t.Error("nothing is sent after the replay either")
		}
		w.close()
	})
}

func (w *world) erase(app string) {
	w.t.Helper()
	w.do(func(tx *kernel.Tx) error { return w.room.Unsubscribe(tx, app) })
	for n := 1; n > 0; {
		w.do(func(tx *kernel.Tx) (err error) { n, err = tx.Erase(app, 500); return err })
	}
}

// same compares two maps and names what differs.
func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	n := 0
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			if n++; n < 5 {
				t.Errorf("%s: %q is %q, want %q", what, k, got[k], want[k])
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			if n++; n < 10 {
				t.Errorf("%s: %q is too many: %q", what, k, got[k])
			}
		}
	}
	t.Errorf("%s: %d differ", what, n)
}

// TestReplayResumes: killed at any point a replay goes on, what fails in it waits
// in lines and is tried later at its own time, and live delivery follows without
// a gap and without anything twice.
func TestReplayResumes(t *testing.T) {
	l := app{id: "l", past: true, events: map[string]guest{"a.happened": ledger(someFail("l"))}}
	in(t, func(w *world) {
		const n = 4000
		random := rand.New(rand.NewPCG(5, 6))
		for i := 0; i < n/2; i += 50 {
			w.run("a.many", record(strconv.Itoa(i), "50"))
		}
		until := w.do(func(*kernel.Tx) error { return nil })
		staged := w.compose(l).Apps()[0]
		runs := 0
		for over := false; !over; runs++ {
			at := uint64(random.IntN(n / 4))
			begun := uint64(0)
			err := w.room.Replay(context.Background(), shop, staged, until, func(done, _ uint64) {
				if begun == 0 {
					begun = done + 1
				}
				if done >= begun+at {
					w.backend.Stop()
				}
			})
			if over = err == nil; !over {
				w.crash()
			}
			if runs > 100 {
				t.Fatal("it does not come to its end")
			}
		}
		if runs < 3 {
			t.Errorf("killed %d times", runs-1)
		}
		// Logged behind the replay and before the app is enabled: delivered live.
		for i := n / 2; i < n*3/4; i += 50 {
			w.run("a.many", record(strconv.Itoa(i), "50"))
		}
		w.enable(1, source("a"), l)
		if err := w.room.Replay(context.Background(), shop, staged, until, nil); err != nil {
			t.Errorf("once more: %v", err)
		}
		for i := n * 3 / 4; i < n; i += 50 {
			w.run("a.many", record(strconv.Itoa(i), "50"))
		}
		w.pass(time.Hour)
		checkLedger(t, "l", w.things("l"), n)
		var e *abi.Error
		if err := w.room.Replay(context.Background(), shop, staged, n, nil); !errors.As(err, &e) || e.Reason != "subscribed" {
			t.Errorf("a second replay: %v", err)
		}
	}, source("a"))
}

// TestReplayHolds: while an enabled app is being replayed nothing of it runs
// live, and handlers that are not marked do not see the past.
func TestReplayHolds(t *testing.T) {
	var w *world
	var early atomic.Bool
	l := app{id: "l", past: true, events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		i := g.info()
		g.put(v, strconv.FormatBool(i.Replayed))
		if v == "0" { // something happens meanwhile
			done := make(chan struct{})
			go func() {
				defer close(done)
				w.emit("k", "live")
				time.Sleep(time.Second)
			}()
			<-done
		}
		if _, ok := g.get("2"); v == "live" && !ok {
			early.Store(true)
		}
		return empty, abi.OK
	}}}
	now := app{id: "now", events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		g.put(v, strconv.FormatBool(g.info().Replayed))
		return empty, abi.OK
	}}}
	in(t, func(world *world) {
		w = world
		for i := range 3 {
			w.emit("k", strconv.Itoa(i))
		}
		set := w.compose(source("a"), l, now)
		if err := w.kernel.Stage(shop, 1, set); err != nil {
			t.Fatal(err)
		}
		staged, _ := set.App("l")
		marked, _ := set.App("now")
		w.set = set
		// Enabled and replayed at once: the replay is begun in the same moment.
		w.do(func(tx *kernel.Tx) error {
			h := tx.Head()
			h.Generation = 1
			return errors.Join(replays.Put(tx, "l", past{Until: 3, Begun: tx.Now().UnixMilli()}), w.room.Subscribe(tx, staged), w.room.Subscribe(tx, marked), tx.SetHead(h))
		})
		w.set = set
		if err := w.room.Replay(context.Background(), shop, staged, 3, nil); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		got := w.things("l")
		if len(got) != 4 || got["0"] != "true" || got["live"] != "false" || early.Load() {
			t.Errorf("replayed: %v", got)
		}
		if got := w.things("now"); len(got) != 1 || got["live"] != "false" {
			t.Errorf("not replayable: %v", got)
		}
	}, source("a"))
}

// BenchmarkReplay is the ceiling of a replay: guests in this process, storage in
// memory.
func BenchmarkReplay(b *testing.B) {
	w := newWorld(b, source("a"))
	w.open()
	const n = 50_000
	for i := 0; i < n; i += 100 {
		w.run("a.many", record(strconv.Itoa(i), "100"))
	}
	for b.Loop() {
		staged := w.compose(app{id: "l", past: true, timers: map[string]guest{"t": ok}, events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
			key, v := thing(in)
			g.put(key, v)
			g.put("n"+v, key)
			return empty, abi.OK
		}}}).Apps()[0]
		if err := w.room.Replay(context.Background(), shop, staged, n, nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		w.erase("l")
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkLatency is from the answer of a command to the end of the handler of
// its event.
func BenchmarkLatency(b *testing.B) {
	handled := make(chan string, 1)
	w := newWorld(b, source("a"), app{id: "l", events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		g.put("x", v)
		handled <- v
		return empty, abi.OK
	}}})
	w.start()
	defer w.close()
	for i := 0; ; i++ { // until the app is subscribed
		w.emit("k", "first"+strconv.Itoa(i))
		select {
		case <-handled:
		case <-time.After(100 * time.Millisecond):
			continue
		}
		break
	}
	i := 0
	for b.Loop() {
		i++
		want := strconv.Itoa(i)
		w.emit("k", want)
		for got := range handled {
			if got == want {
				break
			}
			if !strings.HasPrefix(got, "first") {
				b.Fatalf("handled %s, want %s", got, want)
			}
		}
	}
}
