package abi_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// part is one part of a key as its author thinks of it.
type part struct {
	text   string
	number int64
	truth  bool
	kind   int // 0 text, 1 integer, 2 truth value, in the order of their tags
}

func (p part) append(b []byte) []byte {
	switch p.kind {
	case 0:
		return abi.AppendKeyText(b, p.text)
	case 1:
		return abi.AppendKeyInt(b, p.number)
	}
	return abi.AppendKeyBool(b, p.truth)
}

func (p part) compare(q part) int {
	switch {
	case p.kind != q.kind:
		return p.kind - q.kind
	case p.kind == 0:
		return strings.Compare(p.text, q.text)
	case p.kind == 1 && p.number != q.number:
		return map[bool]int{true: -1, false: 1}[p.number < q.number]
	case p.kind == 2 && p.truth != q.truth:
		return map[bool]int{true: 1, false: -1}[p.truth]
	}
	return 0
}

// compare orders keys: by part, then by length.
func compare(a, b []part) int {
	for i := range min(len(a), len(b)) {
		if c := a[i].compare(b[i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

func encode(parts []part) (b []byte) {
	for _, p := range parts {
		b = p.append(b)
	}
	return b
}

// anyPart draws parts that are often nearly the same: few letters, with the
// bytes that the encoding treats apart among them.
func anyPart() *rapid.Generator[part] {
	letters := rapid.SampledFrom([]byte{0, 1, 'a', 'b', 0xfe, 0xff})
	return rapid.Custom(func(t *rapid.T) part {
		return part{
			kind:   rapid.IntRange(0, 2).Draw(t, "kind"),
			text:   string(rapid.SliceOfN(letters, 0, 4).Draw(t, "text")),
			number: rapid.OneOf(rapid.Int64Range(-2, 2), rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "number"),
			truth:  rapid.Bool().Draw(t, "truth"),
		}
	})
}

func anyKey(least, most int) *rapid.Generator[[]part] {
	return rapid.SliceOfN(anyPart(), least, most)
}

func sign(i int) int { return max(min(i, 1), -1) }

func TestBytesSortAsValuesDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyKey(0, 3).Draw(t, "a"), anyKey(0, 3).Draw(t, "b")
		if got, want := bytes.Compare(encode(a), encode(b)), sign(compare(a, b)); got != want {
			t.Fatalf("bytes compare as %d, values as %d", got, want)
		}
	})
}

func TestKeyLenFindsTheParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := anyKey(1, 4).Draw(t, "key")
		whole := encode(k)
		for n := range len(k) + 1 {
			if got, want := abi.KeyLen(whole, n), len(encode(k[:n])); got != want {
				t.Fatalf("the first %d parts are %d bytes, want %d", n, got, want)
			}
		}
		if abi.KeyLen(whole, len(k)+1) != -1 {
			t.Fatal("a part more than there are")
		}
		if !abi.ValidKey(whole) || abi.CheckKey(whole) != nil {
			t.Fatalf("%x is no valid key", whole)
		}
		if cut := whole[:rapid.IntRange(1, len(whole)).Draw(t, "cut")]; abi.ValidKey(cut) != isWhole(k, len(cut)) {
			t.Fatalf("ValidKey(%x) = %v of %x", cut, abi.ValidKey(cut), whole)
		}
	})
}

// isWhole says whether the first n bytes of k are whole parts. A text cut
// before an escape's second byte is a whole, shorter text.
func isWhole(k []part, n int) bool {
	b := encode(k)[:n]
	for len(b) > 0 {
		switch b[0] {
		case 2:
			i := 1
			for i < len(b) && (b[i] != 0 || i+1 < len(b) && b[i+1] == 0xff) {
				if b[i] == 0 {
					i++
				}
				i++
			}
			if i >= len(b) {
				return false
			}
			b = b[i+1:]
		case 3:
			if len(b) < 9 {
				return false
			}
			b = b[9:]
		default:
			b = b[1:]
		}
	}
	return true
}

// TestKeyBytes holds the encoding to the bytes that are on disk for good.
func TestKeyBytes(t *testing.T) {
	t.Parallel()
	for want, key := range map[string][]byte{
		"024d492d303100":           abi.AppendKeyText(nil, "MI-01"),
		"0200":                     abi.AppendKeyText(nil, ""),
		"026100ff6200":             abi.AppendKeyText(nil, "a\x00b"),
		"02c3a8ff00":               abi.AppendKeyText(nil, []byte("è\xff")),
		"038000000000000000":       abi.AppendKeyInt(nil, 0),
		"0380000000000001a1":       abi.AppendKeyInt(nil, 417),
		"037fffffffffffffff":       abi.AppendKeyInt(nil, -1),
		"030000000000000000":       abi.AppendKeyInt(nil, math.MinInt64),
		"03ffffffffffffffff":       abi.AppendKeyInt(nil, math.MaxInt64),
		"04":                       abi.AppendKeyBool(nil, false),
		"05":                       abi.AppendKeyBool(nil, true),
		"02610003800000000000000a": abi.AppendKeyInt(abi.AppendKeyText(nil, "a"), 10),
	} {
		if got := hex.EncodeToString(key); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	longest := abi.AppendKeyText(nil, strings.Repeat("k", abi.MaxKey-2))
	for name, c := range map[string]struct {
		key  []byte
		want error
	}{
		"the longest":   {longest, nil},
		"longer":        {append(longest, 4), abi.ErrKeyLength},
		"empty":         {nil, abi.ErrKey},
		"unknown tag":   {[]byte{6}, abi.ErrKey},
		"absent":        {[]byte{1}, nil},
		"unended text":  {[]byte{2, 'a'}, abi.ErrKey},
		"short integer": {[]byte{3, 0, 0}, abi.ErrKey},
	} {
		if got := abi.CheckKey(c.key); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPrefixEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0xfe, 0xff}), 0, 3).Draw(t, "prefix")
		key := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0xfe, 0xff}), 0, 5).Draw(t, "key")
		end := abi.PrefixEnd(prefix)
		within := bytes.Compare(key, prefix) >= 0 && (end == nil || bytes.Compare(key, end) < 0)
		if within != bytes.HasPrefix(key, prefix) {
			t.Fatalf("PrefixEnd(%x) = %x, and %x is within: %v", prefix, end, key, within)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add([]byte{2, 'a', 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 5})
	f.Add([]byte{2, 0, 0xff, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if !abi.ValidPrefix(b) {
			return
		}
		n := 0
		for abi.KeyLen(b, n) < len(b) {
			n++
		}
		if abi.KeyLen(b, n) != len(b) {
			t.Errorf("%x is valid and not a whole number of parts", b)
		}
	})
}

// TestKeyParts: what was put into a key comes out of it, and nothing else does.
func TestKeyParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, i := rapid.String().Draw(t, "text"), rapid.Int64().Draw(t, "int")
		text += rapid.SampledFrom([]string{"", "\x00", "\x00\x00a", "\xff", "\x00\xff"}).Draw(t, "end")
		key := abi.AppendKeyInt(abi.AppendKeyText(abi.AppendKeyBool(nil, true), text), i)
		if got, ok := abi.KeyText(key, 1); got != text || !ok {
			t.Errorf("text %q, %v; want %q", got, ok, text)
		}
		if got, ok := abi.KeyInt(key, 2); got != i || !ok {
			t.Errorf("integer %d, %v; want %d", got, ok, i)
		}
		for n := range 5 {
			if _, ok := abi.KeyText(key, n); ok != (n == 1) {
				t.Errorf("part %d is a text: %v", n, ok)
			}
			if _, ok := abi.KeyInt(key[:len(key)-1], n); ok {
				t.Errorf("part %d of a cut key is an integer", n)
			}
		}
	})
}
