package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
)

// turned is a wall clock that a test turns on by hours; in between it goes as
// the machine's does.
type turned struct {
	begun  time.Time // of the machine
	origin time.Time // what it showed then
	hours  atomic.Int64
}

func newTurned() *turned {
	return &turned{begun: time.Now(), origin: time.Date(2026, 3, 2, 8, 0, 5, 0, time.UTC)}
}

func (c *turned) now() time.Time {
	return c.origin.Add(time.Since(c.begun) + time.Duration(c.hours.Load())*time.Hour)
}

// guestTenant is a host in this process with the guests as its catalogue.
func guestTenant(t *testing.T, now func() time.Time) (*hosttest.Host, desk, troupe) {
	t.Helper()
	b, troupe := guestHost(t)
	h := hosttest.Start(t, hosttest.Options{Modules: troupe.first, Preset: "none", Cache: b.cache, Now: now})
	owners.Store(h.URL, h.Token)
	return h, desk{t: t, base: h.URL}, troupe
}

// twins are two apps of the same code.
const elder, younger = "abacus", "tally"

// TestReplayedTwin enables one app from the start, lets some days pass, and then
// enables its twin with the past. What the two keep is the same byte for byte,
// and for the past not one message is sent twice.
func TestReplayedTwin(t *testing.T) {
	t.Parallel()
	const keys, rounds = 12, 4
	clock := newTurned()
	h, d, _ := guestTenant(t, clock.now)
	d.done(d.agreed("install", "source", nil))
	d.done(d.agreed("install", elder, nil))
	w := &twins{t: t, d: d, h: h, clock: clock}
	for round := range rounds {
		w.tell(round, keys)
		for hour := range 3 { // the host is there when a timer is due, so it fires in that hour
			w.turn(1)
			d.until("the timers that are due have fired", func() bool {
				return len(d.records(elder, "reminders")) == keys*round+keys/3*(hour+1)
			})
		}
		w.turn(20)
	}
	w.tellAll(object{"key": "later", "n": 1, "fragile": false, "remind": 30, "send": true}) // its timer is due when both are there
	d.until("the last fact handled", func() bool { return w.has(elder, "later") })
	d.until("every message sent", func() bool { return len(d.records(elder, "sents")) == w.messages })
	before := w.messages

	d.done(d.agreed("install", younger, object{"replay": true}))
	w.same("accounts", keys+2)
	w.same("reminders", keys*rounds)
	if n := len(d.records(younger, "sents")); n != 0 {
		t.Errorf("the twin has sent %d of %d messages of the past", n, before)
	}

	w.turn(30)
	w.same("accounts", keys+2)
	d.until("the timer that was left fired twice", func() bool {
		return len(d.records(elder, "reminders")) == keys*rounds+1 && len(d.records(younger, "reminders")) == keys*rounds+1
	})
	w.same("reminders", keys*rounds+1)
	d.until("the twin's one message sent", func() bool { return len(d.records(younger, "sents")) == 1 })
	d.until("no message left", func() bool { return len(d.records(elder, "sents")) == before+1 })
	for app, n := range w.queued() {
		t.Errorf("%d effects of %s are still to be done", n, app)
	}
}

type twins struct {
	t        *testing.T
	d        desk
	h        *hosttest.Host
	clock    *turned
	told     int // requests
	ticks    int
	messages int // that were to be sent
}

// tell tells a fact of every key: all set a timer, every fourth sends a message.
func (w *twins) tell(round, keys int) {
	w.t.Helper()
	var facts []object
	for k := range keys {
		facts = append(facts, object{"key": fmt.Sprint("k", k), "n": round + 1, "fragile": false, "remind": 1 + (k+round)%3, "send": k%4 == 0})
	}
	w.tellAll(facts...)
	w.d.until("the facts handled", func() bool { return w.handled(elder, fmt.Sprint("k", keys-1), round+1) })
}

func (w *twins) tellAll(facts ...object) {
	w.t.Helper()
	for _, f := range facts {
		if f["send"] == true {
			w.messages++
		}
	}
	w.told++
	if _, err := post(w.t.Context(), w.d.base, "source.tell", fmt.Sprint("tell-", w.told), object{"facts": facts}.json(w.t)); err != nil {
		w.t.Fatal(err)
	}
}

// turn turns the clock, and lets something be queued, so that the host looks at
// it: it sleeps for as long as the machine's clock says.
func (w *twins) turn(hours int) {
	w.t.Helper()
	w.clock.hours.Add(int64(hours))
	w.ticks++
	w.tellAll(object{"key": "tick", "n": w.ticks, "fragile": false, "remind": 0, "send": true})
	w.d.until("the tick handled", func() bool { return w.handled(elder, "tick", w.ticks) })
}

func (w *twins) has(app, key string) bool { return w.handled(app, key, 1) }

func (w *twins) handled(app, key string, n int) bool {
	for _, raw := range w.d.records(app, "accounts") {
		var a account
		if err := json.Unmarshal(raw, &a); err != nil {
			w.t.Fatal(err)
		}
		if a.Key == key {
			return a.Count >= int64(n)
		}
	}
	return false
}

// same compares what the two keep in a collection.
func (w *twins) same(collection string, records int) {
	w.t.Helper()
	var a, b []json.RawMessage
	w.d.until("as many "+collection+" of both", func() bool {
		a, b = w.d.records(elder, collection), w.d.records(younger, collection)
		return len(a) == records && len(b) == records && w.handled(younger, "tick", w.ticks)
	})
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			w.t.Errorf("%s: %s has %s, %s has %s", collection, elder, a[i], younger, b[i])
		}
	}
}

// queued counts the effects that wait, by app, in a copy of the tenant's data.
func (w *twins) queued() map[string]int {
	w.t.Helper()
	path, err := w.h.Copy(w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	backend, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	engine, err := occ.Open(backend, occ.Options{Watch: kernel.HeadKey()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			w.t.Error(err)
		}
	}()
	txn, err := engine.Begin(w.t.Context(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer txn.Discard()
	queue := byte(kernel.Effects)
	rows, err := txn.Scan(storage.Range{Start: []byte{queue, 0}, End: []byte{queue, 1}})
	if err != nil {
		w.t.Fatal(err)
	}
	count := map[string]int{}
	for _, row := range rows {
		app, _, _ := bytes.Cut(row.Key[2:], []byte{0})
		count[string(app)]++
	}
	return count
}
