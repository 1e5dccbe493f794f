package abi_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// receipts has every sort of key: scalar, nested, repeated, unique.
var receipts = abi.Collection{
	Name: "receipts", Key: []string{"id", "seller.number"}, Expires: "until", Subject: "seller.name",
	Indexes: []abi.Index{
		{Name: "tags", Fields: []string{"tags"}},
		{Name: "both", Fields: []string{"open", "tags"}},
		{Name: "deep", Fields: []string{"seller.shop.city"}, Unique: true},
	},
}

// scalars are values that a key may have, with the part that they make.
type scalar struct {
	encoded []byte
	part    []byte // nil for what has no entry
	text    string
	number  int64
}

func anyScalar() *rapid.Generator[scalar] {
	return rapid.Custom(func(t *rapid.T) scalar {
		switch rapid.IntRange(0, 5).Draw(t, "sort") {
		case 0:
			return scalar{encoded: msgp.AppendNil(nil)}
		case 1:
			b := rapid.Bool().Draw(t, "truth")
			return scalar{encoded: msgp.AppendBool(nil, b), part: abi.AppendKeyBool(nil, b)}
		case 2:
			return wideInt(t)
		case 3:
			s := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes")
			return textScalar(msgp.AppendBytes(nil, s), string(s))
		}
		s := rapid.StringN(0, 40, 300).Draw(t, "text")
		return textScalar(msgp.AppendString(nil, s), s)
	})
}

func textScalar(encoded []byte, s string) scalar {
	if s == "" {
		return scalar{encoded: encoded}
	}
	return scalar{encoded: encoded, part: abi.AppendKeyText(nil, s), text: s}
}

// wideInt writes an integer in any width that holds it: others than our codec
// may have written the record.
func wideInt(t *rapid.T) scalar {
	i := rapid.OneOf(rapid.Int64Range(-200, 200), rapid.Int64()).Draw(t, "integer")
	s := scalar{part: abi.AppendKeyInt(nil, i), number: i}
	switch rapid.IntRange(0, 2).Draw(t, "width") {
	case 0:
		s.encoded = msgp.AppendInt64(nil, i)
	case 1:
		s.encoded = append([]byte{0xd3}, bigEndian(uint64(i))...)
	default:
		s.encoded = append([]byte{0xcf}, bigEndian(uint64(i))...)
		if i < 0 {
			s.encoded[0] = 0xd3
		}
	}
	return s
}

func bigEndian(v uint64) (b []byte) {
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(v>>shift))
	}
	return b
}

// noise is a value of any shape, for fields that no key looks at.
func noise(t *rapid.T, depth int) []byte {
	switch n := rapid.IntRange(0, 9).Draw(t, "noise"); {
	case n == 0:
		return msgp.AppendFloat64(nil, 1.5)
	case n == 1:
		return msgp.AppendFloat32(nil, 1.5)
	case n == 2:
		b, err := msgp.AppendExtension(nil, &msgp.RawExtension{Data: make([]byte, rapid.IntRange(0, 300).Draw(t, "size")), Type: 9})
		if err != nil {
			t.Fatal(err)
		}
		return b
	case n == 3 && depth > 0:
		b := msgp.AppendArrayHeader(nil, 20)
		for range 20 {
			b = append(b, noise(t, 0)...)
		}
		return b
	case n == 4 && depth > 0:
		b := msgp.AppendMapHeader(nil, 2)
		for i := range 2 {
			b = msgp.AppendString(b, fmt.Sprint("id", i))
			b = append(b, noise(t, depth-1)...)
		}
		return b
	}
	return anyScalar().Draw(t, "scalar").encoded
}

// object encodes fields in any order, noise between them.
func object(t *rapid.T, fields map[string][]byte) []byte {
	names := []string{"zz", "é"}
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	b := msgp.AppendMapHeader(nil, uint32(len(names)))
	for _, name := range rapid.Permutation(names).Draw(t, "order") {
		b = msgp.AppendString(b, name)
		if v := fields[name]; v != nil {
			b = append(b, v...)
		} else {
			b = append(b, noise(t, 2)...)
		}
	}
	return b
}

// TestKeysOfRecords compares the reader of records with records whose keys are
// known, written by the reference library.
func TestKeysOfRecords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id, number, name, open, city, until := anyScalar().Draw(t, "id"), anyScalar().Draw(t, "number"), anyScalar().Draw(t, "name"), anyScalar().Draw(t, "open"), anyScalar().Draw(t, "city"), anyScalar().Draw(t, "until")
		tags := rapid.SliceOfN(anyScalar(), 0, 6).Draw(t, "tags")
		list := msgp.AppendArrayHeader(nil, uint32(len(tags)))
		for _, x := range tags {
			list = append(list, x.encoded...)
		}
		shop := object(t, map[string][]byte{"city": city.encoded})
		seller := object(t, map[string][]byte{"shop": shop, "number": number.encoded, "name": name.encoded})
		record := object(t, map[string][]byte{"id": id.encoded, "seller": seller, "tags": list, "open": open.encoded, "until": until.encoded})

		got, err := receipts.Keys(record)
		if !abi.ValidRecord(record) {
			t.Fatalf("%x is refused", record)
		}
		primary := slices.Concat(id.part, number.part)
		parts := distinct(tags)
		longest := len(primary) + max(longestOf(parts)+len(open.part), len(city.part))
		switch {
		case id.part == nil || number.part == nil:
			if !errors.Is(err, abi.ErrRecord) {
				t.Fatalf("without a key: %v", err)
			}
			return
		case len(primary) > abi.MaxKey:
			if !errors.Is(err, abi.ErrKeyLength) {
				t.Fatalf("a key of %d bytes: %v", len(primary), err)
			}
			return
		case err != nil && longest > abi.MaxKey && errors.Is(err, abi.ErrKeyLength):
			return
		case err != nil:
			t.Fatalf("keys of %x: %v", record, err)
		}
		check(t, "primary key", [][]byte{got.Primary}, [][]byte{primary})
		check(t, "tags", got.Index[0], parts)
		var both [][]byte
		for _, p := range parts {
			if open.part != nil {
				both = append(both, slices.Concat(open.part, p))
			}
		}
		check(t, "both", got.Index[1], both)
		check(t, "deep", got.Index[2], distinct([]scalar{city}))
		if got.Expires != until.number || got.Subject != name.text {
			t.Fatalf("expires %d, want %d; subject %q, want %q", got.Expires, until.number, got.Subject, name.text)
		}
	})
}

func distinct(values []scalar) (parts [][]byte) {
	for _, v := range values {
		if v.part != nil && !slices.ContainsFunc(parts, func(p []byte) bool { return bytes.Equal(p, v.part) }) {
			parts = append(parts, v.part)
		}
	}
	return parts
}

func longestOf(parts [][]byte) (n int) {
	for _, p := range parts {
		n = max(n, len(p))
	}
	return n
}

func check(t *rapid.T, what string, got, want [][]byte) {
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("%s: %x, want %x", what, got, want)
	}
}

func TestKeysRefuse(t *testing.T) {
	t.Parallel()
	seller := msgp.AppendInt64(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "number"), 1)
	record := func(fields ...any) []byte {
		b := msgp.AppendMapHeader(nil, uint32(len(fields)/2+1))
		b = append(msgp.AppendString(b, "seller"), seller...)
		for i := 0; i < len(fields); i += 2 {
			b = msgp.AppendString(b, fields[i].(string))
			b, _ = msgp.AppendIntf(b, fields[i+1])
		}
		return b
	}
	many := make([]any, abi.MaxEntries+1)
	for i := range many {
		many[i] = i
	}
	long := strings.Repeat("k", abi.MaxKey)
	for name, c := range map[string]struct {
		record []byte
		want   error
	}{
		"whole":                     {record("id", "a", "tags", many[1:]), nil},
		"no key":                    {record("tags", many[1:]), abi.ErrRecord},
		"null key":                  {record("id", nil), abi.ErrRecord},
		"list of one as a key":      {record("id", []any{"a"}), abi.ErrRecord},
		"float as a key":            {record("id", 1.5), abi.ErrRecord},
		"number past 63 bits":       {record("id", uint64(math.MaxUint64)), abi.ErrRecord},
		"long key":                  {record("id", long), abi.ErrKeyLength},
		"long entry":                {record("id", "a", "tags", []any{long}), abi.ErrKeyLength},
		"more entries":              {record("id", "a", "tags", many), abi.ErrRecord},
		"map as an index field":     {record("id", "a", "tags", map[string]any{}), abi.ErrRecord},
		"list of lists":             {record("id", "a", "tags", []any{[]any{"x"}}), abi.ErrRecord},
		"expiry that is no integer": {record("id", "a", "until", "soon"), nil},
		"no map":                    {msgp.AppendInt(nil, 1), abi.ErrRecord},
		"nothing":                   {nil, abi.ErrRecord},
	} {
		if _, err := receipts.Keys(c.record); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// nested is a record in which maps are nested depth deep.
func nested(depth int) []byte {
	b := bytes.Repeat([]byte{0x81, 0xa1, 'a'}, depth-1)
	return append(b, 0x80)
}

func TestDepthOfRecords(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]bool{1: true, 63: true, 64: true, 65: false, 100_000: false} {
		if got := abi.ValidRecord(nested(depth)); got != want {
			t.Errorf("nested %d deep: %v, want %v", depth, got, want)
		}
	}
}

// FuzzValidRecord: what we accept the reference library can read to its end,
// and what it can read we accept, if it is a map and not too deep.
func FuzzValidRecord(f *testing.F) {
	f.Add([]byte{0x81, 0xa2, 'i', 'd', 0xa1, 'x'})
	f.Add([]byte{0xdf, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x82, 0xc7, 3, 9, 1, 2, 3, 0xca, 0, 0, 0, 0, 0xdc, 0, 0, 0xd9, 1, 'a'})
	f.Add(nested(70))
	f.Fuzz(func(t *testing.T, b []byte) {
		valid := abi.ValidRecord(b)
		rest, err := msgp.Skip(b)
		readable := err == nil && len(rest) == 0 && msgp.NextType(b) == msgp.MapType
		if valid && !readable {
			t.Errorf("%x is accepted, and the reference says %v with %d bytes left", b, err, len(rest))
		}
		if readable && !valid && len(b) < 64 {
			t.Errorf("%x is refused", b)
		}
		keys, err := receipts.Keys(b)
		if valid && err == nil && abi.CheckKey(keys.Primary) != nil {
			t.Errorf("key %x of %x", keys.Primary, b)
		}
	})
}

// TestFieldOnce: what is decided on a field must be what every reader finds.
func TestFieldOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		record string
		path   string
		want   bool
	}{
		{"\x80", "a", true},
		{"\x82\xa1a\x01\xa1b\x02", "a", true},
		{"\x82\xa1a\x01\xa1a\x02", "a", false},
		{"\x82\xc4\x01a\x01\xa1a\x02", "a", false}, // a name in bytes
		{"\x82\xa1b\x01\xa1b\x02", "a", true},
		{"\x81\xa1a\x82\xa1b\x01\xa1b\x02", "a.b", false},
		{"\x82\xa1a\x81\xa1b\x01\xa1a\x01", "a.b", false},
		{"\x81\xa1a\x01", "a.b", true},
		{"\x80\x80", "a", false},
		{"\x81\xa1a", "a", false},
		{"", "a", false},
	} {
		if got := abi.FieldOnce([]byte(c.record), c.path); got != c.want {
			t.Errorf("%q, %s: %v", c.record, c.path, got)
		}
	}
}
