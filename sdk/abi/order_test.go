package abi_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// inRange says what a scan's bounds mean, in parts.
func inRange(key, prefix, from, to []part) bool {
	if len(key) < len(prefix) || compare(key[:len(prefix)], prefix) != 0 {
		return false
	}
	rest := key[len(prefix):]
	return compare(rest, from) >= 0 && (len(to) == 0 || compare(rest, to) < 0)
}

func TestBoundsHoldWhatTheScanSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(anyKey(2, 3), 1, 12).Draw(t, "keys")
		slices.SortFunc(keys, compare)
		keys = slices.CompactFunc(keys, func(a, b []part) bool { return compare(a, b) == 0 })
		near := rapid.SampledFrom(keys)
		prefix := near.Draw(t, "prefix")[:rapid.IntRange(0, 2).Draw(t, "parts of prefix")]
		from := rapid.OneOf(anyKey(0, 1), rapid.Just(near.Draw(t, "from")[min(len(prefix), 1):2])).Draw(t, "from")
		to := rapid.OneOf(anyKey(0, 1), rapid.Just(near.Draw(t, "to")[min(len(prefix), 1):2])).Draw(t, "to")
		var want [][]byte
		for _, k := range keys {
			if inRange(k, prefix, from, to) {
				want = append(want, encode(k))
			}
		}
		s := abi.Scan{Prefix: encode(prefix), From: encode(from), To: encode(to), Reverse: rapid.Bool().Draw(t, "reverse")}
		if s.Reverse {
			slices.Reverse(want)
		}
		if got := paged(t, &s, keys, rapid.IntRange(1, 3).Draw(t, "page")); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("found %x, want %x", got, want)
		}
	})
}

// paged reads a range page by page, as a host does.
func paged(t *rapid.T, s *abi.Scan, keys [][]part, page int) (got [][]byte) {
	for {
		start, end, err := s.Bounds()
		if err != nil {
			t.Fatalf("bounds of %+v: %v", s, err)
		}
		var found [][]byte
		for _, k := range keys {
			if b := encode(k); bytes.Compare(b, start) >= 0 && bytes.Compare(b, end) < 0 {
				found = append(found, b)
			}
		}
		if s.Reverse {
			slices.Reverse(found)
		}
		found = found[:min(page, len(found))]
		if got = append(got, found...); len(found) < page {
			return got
		}
		s.After = found[page-1]
	}
}

func TestBoundsRefuse(t *testing.T) {
	t.Parallel()
	text := func(n int) []byte { return abi.AppendKeyText(nil, strings.Repeat("k", n-2)) }
	for name, c := range map[string]struct {
		scan abi.Scan
		want error
	}{
		"everything":        {abi.Scan{}, nil},
		"malformed prefix":  {abi.Scan{Prefix: []byte{9}}, abi.ErrKey},
		"malformed from":    {abi.Scan{From: []byte{2}}, abi.ErrKey},
		"malformed to":      {abi.Scan{To: []byte{3, 1}}, abi.ErrKey},
		"malformed cursor":  {abi.Scan{After: []byte{0xff}}, abi.ErrKey},
		"the longest":       {abi.Scan{Prefix: text(abi.MaxKey - 10), To: text(10)}, nil},
		"too long together": {abi.Scan{Prefix: text(abi.MaxKey - 10), To: text(11)}, abi.ErrKeyLength},
		"a long cursor":     {abi.Scan{After: text(abi.MaxKey + 1)}, abi.ErrKeyLength},
	} {
		if _, _, err := c.scan.Bounds(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestEntriesAreOrderedByPrimaryKey: equal parts are apart in an index, and one
// key in a unique one.
func TestEntriesAreOrderedByPrimaryKey(t *testing.T) {
	t.Parallel()
	parts, first, second := abi.AppendKeyInt(nil, 7), abi.AppendKeyText(nil, "a"), abi.AppendKeyText(nil, "b")
	plain, unique := abi.Index{}, abi.Index{Unique: true}
	if a, b := plain.Entry(parts, first), plain.Entry(parts, second); bytes.Compare(a, b) >= 0 || abi.KeyLen(a, 1) != len(parts) {
		t.Errorf("entries %x and %x", a, b)
	}
	if a, b := unique.Entry(parts, first), unique.Entry(parts, second); !bytes.Equal(a, b) {
		t.Errorf("unique entries %x and %x", a, b)
	}
}

func FuzzBounds(f *testing.F) {
	f.Add([]byte{2, 'a', 0}, []byte{}, []byte{4}, []byte{2, 'a', 0, 5}, true)
	f.Add([]byte{}, []byte{}, []byte{4}, []byte{}, false)
	f.Fuzz(func(t *testing.T, prefix, from, to, after []byte, reverse bool) {
		s := abi.Scan{Prefix: prefix, From: from, To: to, After: after, Reverse: reverse}
		start, end, err := s.Bounds()
		if err != nil {
			return
		}
		if start == nil || end == nil {
			t.Errorf("bounds [%x, %x) of %+v", start, end, s)
		}
		if bytes.Compare(start, prefix) < 0 {
			t.Errorf("start %x lies before the prefix %x", start, prefix)
		}
	})
}
