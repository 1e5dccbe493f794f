package storagetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Backend is the suite of the seam between sequencer and disk.
func Backend(t *testing.T, place func(t *testing.T) BackendPlace) {
	tests := map[string]func(*testing.T, BackendPlace){
		"empty":             backendEmpty,
		"scan bounds":       backendScanBounds,
		"stop early":        backendStopsEarly,
		"snapshot is fixed": backendSnapshotFixed,
		"log":               backendLog,
		"random batches":    backendRandom,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, place(t)) })
	}
}

func openBackend(t *testing.T, place BackendPlace) storage.Backend {
	t.Helper()
	b, err := place()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return b
}

func closeBackend(t *testing.T, b storage.Backend) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func snapshotOf(t *testing.T, b storage.Backend) storage.Snapshot {
	t.Helper()
	s, err := b.Snapshot()
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	return s
}

func apply(t *testing.T, b storage.Backend, batch storage.Batch) {
	t.Helper()
	slices.SortFunc(batch.Writes, func(x, y storage.Write) int { return bytes.Compare(x.Key, y.Key) })
	if err := b.Apply(batch); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

// sealed returns a write as a sequencer would seal it.
func sealed(key, value string) storage.Write {
	return storage.Write{Key: []byte(key), Value: storage.Seal([]byte(key), storage.Record{Value: []byte(value)})}
}

// keysOf scans and returns the keys, in the order of the scan.
func keysOf(t *testing.T, s storage.Snapshot, start, end string, reverse bool, stopAfter int) []string {
	t.Helper()
	var keys []string
	visit := func(k, _ []byte) bool {
		keys = append(keys, string(k))
		return len(keys) != stopAfter
	}
	walk := s.Ascend
	if reverse {
		walk = s.Descend
	}
	var to []byte
	if end != "" {
		to = []byte(end)
	}
	if err := walk([]byte(start), to, visit); err != nil {
		t.Fatalf("scan: %v", err)
	}
	return keys
}

func backendEmpty(t *testing.T, place BackendPlace) {
	b := openBackend(t, place)
	defer closeBackend(t, b)
	if s, err := b.State(); err != nil || s != (storage.State{}) {
		t.Errorf("state of an empty backend: %v, %v", s, err)
	}
	s := snapshotOf(t, b)
	defer s.Close()
	if v, err := s.Get([]byte("a")); v != nil || err != nil {
		t.Errorf("get of an absent key: %q, %v", v, err)
	}
	if keys := keysOf(t, s, "", "", true, 0); keys != nil {
		t.Errorf("keys of an empty backend: %q", keys)
	}
}

func backendScanBounds(t *testing.T, place BackendPlace) {
	b := openBackend(t, place)
	defer closeBackend(t, b)
	apply(t, b, storage.Batch{Writes: []storage.Write{sealed("a", "1"), sealed("b", "2"), sealed("b\x00", "3"), sealed("d", "4")}})
	s := snapshotOf(t, b)
	defer s.Close()
	for _, c := range []struct {
		start, end string
		want       string
	}{
		{"", "", "a b b\x00 d"}, {"a", "d", "a b b\x00"}, {"b", "b\x00", "b"}, {"b\x00", "", "b\x00 d"},
		{"c", "c\xff", ""}, {"e", "", ""}, {"", "a", ""}, {"0", "e", "a b b\x00 d"},
	} {
		up, down := keysOf(t, s, c.start, c.end, false, 0), keysOf(t, s, c.start, c.end, true, 0)
		slices.Reverse(down)
		if got := fmt.Sprint(up); got != "["+c.want+"]" {
			t.Errorf("[%q, %q) forward: %q, want %q", c.start, c.end, got, c.want)
		}
		if got := fmt.Sprint(down); got != "["+c.want+"]" {
			t.Errorf("[%q, %q) backward: %q, want %q", c.start, c.end, got, c.want)
		}
	}
}

func backendStopsEarly(t *testing.T, place BackendPlace) {
	b := openBackend(t, place)
	defer closeBackend(t, b)
	apply(t, b, storage.Batch{Writes: []storage.Write{sealed("a", "1"), sealed("b", "2"), sealed("c", "3")}})
	s := snapshotOf(t, b)
	defer s.Close()
	if got := keysOf(t, s, "", "", false, 2); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("forward stopped after %q", got)
	}
	if got := keysOf(t, s, "", "", true, 2); !slices.Equal(got, []string{"c", "b"}) {
		t.Errorf("backward stopped after %q", got)
	}
}

func backendSnapshotFixed(t *testing.T, place BackendPlace) {
	b := openBackend(t, place)
	defer closeBackend(t, b)
	apply(t, b, storage.Batch{State: storage.State{Sequence: 1}, Writes: []storage.Write{sealed("a", "old"), sealed("b", "old")}})
	s := snapshotOf(t, b)
	apply(t, b, storage.Batch{State: storage.State{Sequence: 2, Position: 1},
		Writes:  []storage.Write{sealed("a", "new"), {Key: []byte("b")}, sealed("c", "new")},
		Entries: []storage.Entry{{Position: 1, Data: storage.SealEntry(1, nil)}}})
	if v, err := s.Get([]byte("a")); err != nil || !bytes.Equal(v, sealed("a", "old").Value) {
		t.Errorf("a snapshot's value changed: %q, %v", v, err)
	}
	if got := keysOf(t, s, "", "", false, 0); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("a snapshot's keys changed: %q", got)
	}
	if got := entriesOf(t, s, 0); got != nil {
		t.Errorf("a snapshot's log grew: %v", got)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close snapshot: %v", err)
	}
}

func entriesOf(t *testing.T, s storage.Snapshot, after uint64) []uint64 {
	t.Helper()
	var out []uint64
	err := s.Entries(after, func(e storage.Entry) bool {
		data, err := storage.OpenEntry(e.Position, e.Data)
		if err != nil || string(data) != fmt.Sprint("entry ", e.Position) && len(data) > 0 {
			t.Errorf("entry %d: %q, %v", e.Position, data, err)
		}
		out = append(out, e.Position)
		return true
	})
	if err != nil {
		t.Fatalf("entries: %v", err)
	}
	return out
}

func backendLog(t *testing.T, place BackendPlace) {
	b := openBackend(t, place)
	for p := uint64(1); p <= 600; p += 3 {
		batch := storage.Batch{State: storage.State{Sequence: p, Position: p + 2}}
		for i := p; i < p+3; i++ {
			batch.Entries = append(batch.Entries, storage.Entry{Position: i, Data: storage.SealEntry(i, fmt.Append(nil, "entry ", i))})
		}
		apply(t, b, batch)
	}
	closeBackend(t, b)
	b = openBackend(t, place)
	defer closeBackend(t, b)
	if s, err := b.State(); err != nil || s.Position != 600 {
		t.Errorf("state after reopening: %v, %v", s, err)
	}
	s := snapshotOf(t, b)
	defer s.Close()
	for after, want := range map[uint64]int{0: 600, 1: 599, 255: 345, 599: 1, 600: 0, 700: 0} {
		got := entriesOf(t, s, after)
		if len(got) != want || want > 0 && got[0] != after+1 {
			t.Errorf("after %d: %d entries, want %d", after, len(got), want)
		}
	}
}

// backendRandom applies random batches and compares with a map, across
// reopening.
func backendRandom(t *testing.T, place BackendPlace) {
	r := rand.New(rand.NewPCG(1, 2))
	model := map[string][]byte{}
	b := openBackend(t, place)
	for n := uint64(1); n <= 60; n++ {
		batch := randomBatch(r, n)
		apply(t, b, batch)
		for _, w := range batch.Writes {
			if model[string(w.Key)] = w.Value; w.Value == nil {
				delete(model, string(w.Key))
			}
		}
		if n%20 == 0 {
			closeBackend(t, b)
			b = openBackend(t, place)
		}
		compareBackend(t, b, model)
	}
	closeBackend(t, b)
}

func randomBatch(r *rand.Rand, n uint64) storage.Batch {
	batch := storage.Batch{State: storage.State{Sequence: n}}
	for _, k := range r.Perm(400)[:r.IntN(40)] {
		key := binary.BigEndian.AppendUint16([]byte("k"), uint16(k))
		w := storage.Write{Key: key}
		if r.IntN(3) > 0 {
			w.Value = storage.Seal(key, storage.Record{Value: bytes.Repeat([]byte{byte(n)}, r.IntN(900))})
		}
		batch.Writes = append(batch.Writes, w)
	}
	return batch
}

func compareBackend(t *testing.T, b storage.Backend, model map[string][]byte) {
	t.Helper()
	s := snapshotOf(t, b)
	defer s.Close()
	want := slices.Sorted(maps.Keys(model))
	if got := keysOf(t, s, "", "", false, 0); !slices.Equal(got, want) {
		t.Fatalf("keys differ from the model: %d, want %d", len(got), len(want))
	}
	for _, key := range want {
		if v, err := s.Get([]byte(key)); err != nil || !bytes.Equal(v, model[key]) {
			t.Fatalf("value of %q differs from the model (%v)", key, err)
		}
	}
}
