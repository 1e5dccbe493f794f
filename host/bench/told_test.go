package main

import (
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/bench/guests/hearer"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// entry is an event as the log has it.
func entry(name string, data []byte) []byte {
	e := outbox.Envelope{ID: "01", Type: name, Data: data}
	return e.Append(nil)
}

// TestLatencyIsFromTheCommit takes the earlier of the two who know of a commit,
// and answers nothing of an event that was not heard.
func TestLatencyIsFromTheCommit(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		name     string
		answered time.Duration
		want     time.Duration
	}{{"the follower of the log was first", 5 * time.Second, 8 * time.Second}, {"the client was first", time.Second, 9 * time.Second}} {
		e := &ear{told: map[uint64]time.Time{}, heard: map[uint64]time.Time{}, each: make(chan uint64, 1)}
		e.told[7], e.heard[7] = start.Add(2*time.Second), start.Add(10*time.Second)
		if got, ok := e.latency(7, start.Add(c.answered)); !ok || got != c.want {
			t.Errorf("%s: got %v, %v", c.name, got, ok)
		}
		e.told[8] = start
		if _, ok := e.latency(8, start); ok {
			t.Errorf("%s: an event that nobody heard has a latency", c.name)
		}
	}
}

// TestEarTellsEventsApart notes what was told and what was heard by the numbers
// in both, and nothing else.
func TestEarTellsEventsApart(t *testing.T) {
	t.Parallel()
	e := &ear{told: map[uint64]time.Time{}, heard: map[uint64]time.Time{}, each: make(chan uint64, 9)}
	now := time.Unix(1000, 0)
	for _, entry := range [][]byte{
		entry("probe.moved", blob([]byte{0, 0, 0, 0, 0, 0, 1, 2, hearer.Asks})),
		entry(hearer.Heard.Name, blob([]byte{0, 0, 0, 0, 0, 0, 1, 2})),
		entry("probe.moved", blob([]byte{0, 0, 0, 0, 0, 0, 0, 3})),
		entry("host.webhook_failed", nil),
	} {
		if err := e.note(entry, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.told) != 2 || len(e.heard) != 1 || e.heard[258] != now || <-e.each != 258 {
		t.Errorf("told %v, heard %v", e.told, e.heard)
	}
	if err := e.note(entry("probe.moved", blob([]byte{1})), now); err == nil {
		t.Error("an event without a number was noted")
	}
}

// TestNumberedAsks carries the number and the wish in the event of a transfer,
// which has the size that the load gives it.
func TestNumberedAsks(t *testing.T) {
	t.Parallel()
	for _, asks := range []bool{true, false} {
		in := numbered([][]byte{{0, 0, 0, 0, 0, 0, 0, 9}}, 258, asks)
		data := in[len(in)-storagetest.ValueSize:]
		n, err := numberOf(blob(data))
		if err != nil || n != 258 || (data[8] == hearer.Asks) != asks {
			t.Errorf("asks %v: %d, %v, %v", asks, n, data[8], err)
		}
	}
}
