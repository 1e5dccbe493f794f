package storage_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

var records = map[string]storage.Record{
	"empty":   {Value: []byte{}},
	"plain":   {Value: []byte("value")},
	"expires": {Value: []byte("v"), Expires: math.MaxInt64},
	"past":    {Value: []byte("v"), Expires: -1},
	"subject": {Value: []byte("v"), Subject: strings.Repeat("s", storage.MaxKey)},
	"key id":  {Value: []byte("v"), KeyID: math.MaxUint32},
	"all":     {Value: []byte("v"), Expires: 1, Subject: "C-88", KeyID: 1},
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	key := []byte("key")
	for name, want := range records {
		got, err := storage.Open(key, storage.Seal(key, want))
		if err != nil || got.Counter || !reflect.DeepEqual(got.Record, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	for _, n := range []int64{0, 1, -1, math.MinInt64, math.MaxInt64} {
		got, err := storage.Open(key, storage.SealCounter(key, n))
		if err != nil || !got.Counter || got.Count != n {
			t.Errorf("counter %d: got %+v, %v", n, got, err)
		}
	}
	data, err := storage.OpenEntry(7, storage.SealEntry(7, []byte("entry")))
	if err != nil || string(data) != "entry" {
		t.Errorf("entry: %q, %v", data, err)
	}
}

// TestEnvelopeDamage: every flipped bit, every cut and every other key is found,
// and the error names the key.
func TestEnvelopeDamage(t *testing.T) {
	t.Parallel()
	key := []byte("the-key")
	for name, r := range records {
		sealed := storage.Seal(key, r)
		for bit := range 8 * len(sealed) {
			damaged := bytes.Clone(sealed)
			damaged[bit/8] ^= 1 << (bit % 8)
			wantCorrupt(t, name, key, damaged)
		}
		for n := range sealed {
			wantCorrupt(t, name, key, sealed[:n])
		}
		wantCorrupt(t, name, []byte("the-kez"), sealed)
		wantCorrupt(t, name, []byte("the-ke"), append([]byte("y"), sealed...))
	}
	wantCorrupt(t, "an entry", key, storage.SealEntry(1, nil))
	if _, err := storage.OpenEntry(2, storage.SealEntry(1, nil)); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("an entry at another position: %v", err)
	}
	if _, err := storage.OpenEntry(1, storage.SealCounter([]byte{0, 0, 0, 0, 0, 0, 0, 1}, 1)); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("a counter in the log: %v", err)
	}
}

func wantCorrupt(t *testing.T, name string, key, sealed []byte) {
	t.Helper()
	_, err := storage.Open(key, sealed)
	if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), string(key)) {
		t.Errorf("%s: %x opened: %v", name, sealed, err)
	}
}

// FuzzOpen: whatever opens is sealed again to the same bytes, so there is one
// encoding of each record.
func FuzzOpen(f *testing.F) {
	key := []byte("key")
	for _, r := range records {
		f.Add(storage.Seal(key, r)[1:])
	}
	f.Add(storage.SealCounter(key, 5)[1:])
	f.Add(storage.SealEntry(1, []byte("x"))[1:])
	f.Fuzz(func(t *testing.T, tail []byte) {
		sealed := storage.Resign(key, append([]byte{1}, tail...))
		got, err := storage.Open(key, sealed)
		if err != nil {
			if !errors.Is(err, storage.ErrCorrupt) {
				t.Errorf("error %v", err)
			}
			return
		}
		again := storage.Seal(key, got.Record)
		if got.Counter {
			again = storage.SealCounter(key, got.Count)
		}
		if !bytes.Equal(again, sealed) {
			t.Errorf("%x was sealed again to %x", sealed, again)
		}
	})
}

// FuzzSeal: every record survives.
func FuzzSeal(f *testing.F) {
	f.Add([]byte("key"), []byte("value"), int64(1), "subject", uint32(1))
	f.Fuzz(func(t *testing.T, key, value []byte, expires int64, subject string, id uint32) {
		if len(subject) > storage.MaxKey {
			return
		}
		want := storage.Record{Value: append([]byte{}, value...), Expires: expires, Subject: subject, KeyID: id}
		got, err := storage.Open(key, storage.Seal(key, want))
		if err != nil || got.Counter || !reflect.DeepEqual(got.Record, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}
