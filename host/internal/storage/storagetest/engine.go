package storagetest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// EngineOptions say how long the suite may take.
type EngineOptions struct {
	Programs int // random programs; 0 means as many as rapid is told to run
}

// Engine is the suite of the seam between kernel and storage.
func Engine(t *testing.T, o EngineOptions, place func(t *testing.T) EnginePlace) {
	tests := map[string]func(*testing.T, EnginePlace){
		"limits":                        limits,
		"read only":                     readOnly,
		"read your writes":              readYourWrites,
		"slices are the caller's":       ownSlices,
		"ended transactions":            ended,
		"context ends a transaction":    contextEnds,
		"expiry":                        expiry,
		"stamp":                         stamp,
		"usage":                         usage,
		"log":                           logEntries,
		"restart":                       restart,
		"closed":                        closed,
		"counters and records":          countersAndRecords,
		"counter after other writes":    counterAfterWrites,
		"counter does not overflow":     counterOverflow,
		"lost update":                   lostUpdate,
		"write skew":                    writeSkew,
		"blind writes do not conflict":  blindWrites,
		"absence is a read":             absence,
		"phantom":                       phantom,
		"phantom behind a limit":        phantomLimit,
		"savepoint keeps reads":         savepointKeepsReads,
		"nested failure on a counter":   nestedCounter,
		"undone answers are validated":  undoneAnswer,
		"several counters at once":      severalCounters,
		"hot counter without conflicts": hotCounter,
		"verify":                        verify,
		"read only never conflicts":     readOnlyNeverConflicts,
		"retry waits for the key":       retryWaits,
		"exclusive lane":                exclusiveLane,
		"starvation":                    starvation,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, place(t)) })
	}
	t.Run("random programs", func(t *testing.T) { t.Parallel(); programs(t, o, place) })
}

func limits(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	long := bytes.Repeat([]byte("k"), storage.MaxKey+1)
	big := storage.Record{Value: make([]byte, storage.MaxValue+1)}
	_, _, getErr := tx.Get(long)
	_, addErr := tx.Add(nil, 1, 0, 1)
	for what, c := range map[string]struct{ got, want error }{
		"put to the empty key": {tx.Put(nil, storage.Record{}), storage.ErrKey},
		"put to a long key":    {tx.Put(long, storage.Record{}), storage.ErrKey},
		"delete a long key":    {tx.Delete(long), storage.ErrKey},
		"get a long key":       {getErr, storage.ErrKey},
		"add to the empty key": {addErr, storage.ErrKey},
		"put a long value":     {tx.Put([]byte("a"), big), storage.ErrValue},
		"stamp a short value":  {tx.Put([]byte("a"), storage.Record{Stamp: true, Value: make([]byte, 7)}), storage.ErrValue},
		"a long subject":       {tx.Put([]byte("a"), storage.Record{Subject: string(long)}), storage.ErrValue},
		"put a counter":        {tx.Put([]byte("a"), storage.Record{Counter: true}), storage.ErrCounter},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	key := long[:storage.MaxKey]
	if err := tx.Put(key, storage.Record{Value: big.Value[:storage.MaxValue]}); err != nil {
		t.Errorf("put at the limits: %v", err)
	}
	commit(t, tx)
	if r, ok, err := begin(t, e).Get(key); !ok || err != nil || len(r.Value) != storage.MaxValue {
		t.Errorf("get at the limits: %d bytes, %v, %v", len(r.Value), ok, err)
	}
}

func readOnly(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "a", "1")
	tx := beginWith(t, e, storage.Options{ReadOnly: true})
	_, addErr := tx.Add([]byte("n"), 1, 0, 9)
	for what, err := range map[string]error{
		"put": tx.Put([]byte("b"), storage.Record{}), "delete": tx.Delete([]byte("a")),
		"append": tx.Append(nil), "add": addErr,
	} {
		if !errors.Is(err, storage.ErrReadOnly) {
			t.Errorf("%s in a read-only transaction: %v", what, err)
		}
	}
	if got := getString(t, tx, "a"); got != "1" {
		t.Errorf("got %q", got)
	}
	if c := commit(t, tx); c.Sequence != 0 {
		t.Errorf("a read-only transaction became commit %d", c.Sequence)
	}
}

func readYourWrites(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "a", "old", "c", "old", "e", "old")
	tx := begin(t, e)
	putString(t, tx, "a", "new")
	putString(t, tx, "b", "new")
	if err := tx.Delete([]byte("c")); err != nil {
		t.Fatal(err)
	}
	records, err := tx.MultiGet([][]byte{[]byte("c"), []byte("b"), []byte("a"), []byte("x")})
	if err != nil || records[0].Value != nil || string(records[1].Value) != "new" ||
		string(records[2].Value) != "new" || records[3].Value != nil {
		t.Errorf("multi-get: %v, %v", records, err)
	}
	for _, c := range []struct {
		r    storage.Range
		want string
	}{
		{storage.Range{}, "a=new b=new e=old"},
		{storage.Range{Reverse: true}, "e=old b=new a=new"},
		{storage.Range{Limit: 2}, "a=new b=new"},
		{storage.Range{Start: []byte("b"), End: []byte("e")}, "b=new"},
		{storage.Range{Start: []byte("c"), Reverse: true, Limit: 1}, "e=old"},
		{storage.Range{Start: []byte("c"), End: []byte("b")}, ""},
	} {
		if got := show(scan(t, tx, c.r)); got != c.want {
			t.Errorf("scan %+v: %q, want %q", c.r, got, c.want)
		}
	}
}

func show(pairs []storage.Pair) string {
	var parts []string
	for _, p := range pairs {
		parts = append(parts, fmt.Sprintf("%s=%s", p.Key, p.Value))
	}
	return strings.Join(parts, " ")
}

func ownSlices(t *testing.T, place EnginePlace) {
	e := open(t, place)
	key, value, entry := []byte("a"), []byte("1"), []byte("e")
	tx := begin(t, e)
	if err := errors.Join(tx.Put(key, storage.Record{Value: value}), tx.Append(entry)); err != nil {
		t.Fatal(err)
	}
	key[0], value[0], entry[0] = 'x', 'x', 'x'
	r, _, _ := tx.Get([]byte("a"))
	r.Value[0] = 'y'
	commit(t, tx)
	tx = begin(t, e)
	r, _, _ = tx.Get([]byte("a"))
	if string(r.Value) != "1" {
		t.Fatalf("stored %q", r.Value)
	}
	r.Value[0] = 'z'
	pairs := scan(t, tx, storage.Range{})
	pairs[0].Key[0] = 'z'
	if got := show(scan(t, tx, storage.Range{})); got != "a=1" {
		t.Errorf("what a caller did to his slices is seen: %q", got)
	}
	if es, err := e.Read(0, 1); err != nil || string(es[0].Data) != "e" {
		t.Errorf("log: %v, %v", es, err)
	}
}

func ended(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	putString(t, tx, "a", "1")
	commit(t, tx)
	tx.Discard()
	tx.Discard()
	if _, err := tx.Commit(t.Context()); err == nil {
		t.Error("committed twice")
	}
	if _, _, err := tx.Get([]byte("a")); err == nil {
		t.Error("read after commit")
	}
	if tx.Put([]byte("a"), storage.Record{}) == nil {
		t.Error("put after commit")
	}
	gone := begin(t, e)
	putString(t, gone, "a", "2")
	gone.Discard()
	if got := getString(t, begin(t, e), "a"); got != "1" {
		t.Errorf("after a discard a=%q", got)
	}
}

func contextEnds(t *testing.T, place EnginePlace) {
	e := open(t, place)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := e.Begin(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	putString(t, tx, "a", "1")
	cancel()
	if _, err := e.Begin(ctx, at); !errors.Is(err, context.Canceled) {
		t.Errorf("begin with an ended context: %v", err)
	}
	if _, err := tx.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("commit with an ended context: %v", err)
	}
	if got := getString(t, begin(t, e), "a"); got != "" {
		t.Errorf("written after its context ended: %q", got)
	}
}

func expiry(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	for key, expires := range map[string]int64{"a": 0, "b": 2_000, "c": 1_500} {
		if err := tx.Put([]byte(key), storage.Record{Value: []byte("v"), Expires: expires, Subject: "s", KeyID: 7}); err != nil {
			t.Fatal(err)
		}
	}
	if got := show(scan(t, tx, storage.Range{})); got != "a=v b=v c=v" {
		t.Errorf("own writes before expiry: %q", got)
	}
	commit(t, tx)
	for now, want := range map[int64]string{1_499: "a=v b=v c=v", 1_500: "a=v b=v", 1_999: "a=v b=v", 2_000: "a=v"} {
		tx := beginWith(t, e, storage.Options{Now: time.UnixMilli(now)})
		if got := show(scan(t, tx, storage.Range{Limit: 3})); got != want {
			t.Errorf("at %d: %q, want %q", now, got, want)
		}
		r, ok, err := tx.Get([]byte("b"))
		if err != nil || ok != (now < 2_000) {
			t.Errorf("get at %d: %v, %v", now, ok, err)
		}
		if ok && (r.Subject != "s" || r.KeyID != 7 || r.Expires != 2_000) {
			t.Errorf("the envelope lost something: %+v", r)
		}
	}
	// An expired record is no hindrance to a counter under its key.
	late := beginWith(t, e, storage.Options{Now: time.UnixMilli(5_000)})
	if !add(t, late, "c", 1, 0, 1) {
		t.Error("counter in an expired record's place does not start at 0")
	}
}

func stamp(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	tail := "tail"
	if err := tx.Put([]byte("a"), storage.Record{Value: append(make([]byte, 8), tail...), Stamp: true}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Append([]byte("1")), tx.Append([]byte("2"))); err != nil {
		t.Fatal(err)
	}
	c := commit(t, tx)
	if c.Position != 2 {
		t.Errorf("position %d, want 2", c.Position)
	}
	tx = begin(t, e)
	if err := tx.Put([]byte("b"), storage.Record{Value: make([]byte, 8), Stamp: true}); err != nil {
		t.Fatal(err)
	}
	if c := commit(t, tx); c.Position != 2 {
		t.Errorf("position %d of a commit without entries, want that of the newest before it, 2", c.Position)
	}
	tx = begin(t, e)
	for _, key := range []string{"a", "b"} {
		v := []byte(getString(t, tx, key))
		if got := binary.BigEndian.Uint64(v); got != 2 {
			t.Errorf("stamp of %s is %d, want 2", key, got)
		}
		if key == "a" && string(v[8:]) != tail {
			t.Errorf("the stamp changed what is behind it: %q", v[8:])
		}
	}
}

func usage(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	putString(t, tx, "a", "12345")
	s := tx.Save()
	putString(t, tx, "a", "1")
	putString(t, tx, "bb", "1")
	add(t, tx, "n", 1, 0, 9)
	if err := errors.Join(tx.Delete([]byte("ccc")), tx.Append([]byte("four"))); err != nil {
		t.Fatal(err)
	}
	want := storage.Usage{Writes: 4, Entries: 1, Bytes: 1 + 1 + 2 + 1 + 1 + 8 + 3 + 4}
	if got := tx.Usage(); got != want {
		t.Errorf("usage %+v, want %+v", got, want)
	}
	tx.Rollback(s)
	if got, want := tx.Usage(), (storage.Usage{Writes: 1, Bytes: 6}); got != want {
		t.Errorf("usage after rollback %+v, want %+v", got, want)
	}
}

func logEntries(t *testing.T, place EnginePlace) {
	e := open(t, place)
	for i := range 5 {
		tx := begin(t, e)
		for j := range i {
			if err := tx.Append(fmt.Appendf(nil, "%d.%d", i, j)); err != nil {
				t.Fatal(err)
			}
		}
		if c := commit(t, tx); i > 0 && c.Position != uint64(i*(i+1)/2) {
			t.Errorf("commit %d ends at position %d", i, c.Position)
		}
	}
	all, err := e.Read(0, 100)
	if err != nil || len(all) != 10 {
		t.Fatalf("log of %d entries, %v", len(all), err)
	}
	for i, entry := range all {
		if entry.Position != uint64(i+1) {
			t.Errorf("entry %d has position %d", i, entry.Position)
		}
	}
	if page, err := e.Read(3, 2); err != nil || len(page) != 2 || string(page[0].Data) != "3.0" || page[1].Position != 5 {
		t.Errorf("page: %v, %v", page, err)
	}
	if none, err := e.Read(10, 5); err != nil || len(none) != 0 {
		t.Errorf("behind the end: %v, %v", none, err)
	}
	if none, err := e.Read(0, 0); err != nil || len(none) != 0 {
		t.Errorf("no entries asked: %v, %v", none, err)
	}
}

func restart(t *testing.T, place EnginePlace) {
	var last storage.Commit
	for round := range 4 {
		e := open(t, place)
		tx := begin(t, e)
		if got := getString(t, tx, "round"); round > 0 && got != fmt.Sprint(round-1) {
			t.Errorf("round %d found %q", round, got)
		}
		putString(t, tx, "round", fmt.Sprint(round))
		add(t, tx, "n", 2, 0, math.MaxInt64)
		if err := errors.Join(tx.Append([]byte("x")), tx.Append([]byte("y"))); err != nil {
			t.Fatal(err)
		}
		c := commit(t, tx)
		if c.Position != last.Position+2 || c.Sequence <= last.Sequence {
			t.Errorf("after %+v came %+v", last, c)
		}
		last = c
		if n, err := begin(t, e).Counter([]byte("n")); err != nil || n != int64(2*(round+1)) {
			t.Errorf("counter %d, %v", n, err)
		}
		if s := e.Status(); s.Err != nil || s.Position != c.Position || s.Accepted != 1 || s.Durable != 1 {
			t.Errorf("status %+v", s)
		}
		if err := e.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	if es, err := open(t, place).Read(0, 100); err != nil || len(es) != 8 || es[7].Position != 8 {
		t.Errorf("log after restarts: %d entries, %v", len(es), err)
	}
}

func closed(t *testing.T, place EnginePlace) {
	e := open(t, place)
	running := begin(t, e)
	putString(t, running, "a", "1")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if _, err := e.Begin(t.Context(), at); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("begin: %v", err)
	}
	if _, err := running.Commit(t.Context()); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("commit: %v", err)
	}
	if _, err := e.Read(0, 1); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("log: %v", err)
	}
}
