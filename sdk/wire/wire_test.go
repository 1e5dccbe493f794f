package wire_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/wire"
)

// The witness of this package is tinylib/msgp: what it writes we write, and
// what it reads we read.

func written(write func(w *wire.Writer)) []byte {
	w := wire.NewWriter([]byte("x"))
	write(&w)
	return w.Written()[1:]
}

func TestWritesWhatMsgpWrites(t *testing.T) {
	t.Parallel()
	for _, v := range integers() {
		same(t, v, written(func(w *wire.Writer) { w.Int("k", v) }), msgp.AppendInt64([]byte("k"), v))
		same(t, v, written(func(w *wire.Writer) { w.Uint("k", uint64(v)) }), msgp.AppendUint64([]byte("k"), uint64(v)))
	}
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, math.MaxUint16, math.MaxUint16 + 1} {
		s := strings.Repeat("s", n)
		same(t, n, written(func(w *wire.Writer) { w.Text("k", s) }), msgp.AppendString([]byte("k"), s))
		same(t, n, written(func(w *wire.Writer) { w.Bytes("k", []byte(s)) }), msgp.AppendBytes([]byte("k"), []byte(s)))
		same(t, n, written(func(w *wire.Writer) { w.List("k", n) }), msgp.AppendArrayHeader([]byte("k"), uint32(n)))
	}
	for _, v := range []bool{false, true} {
		same(t, v, written(func(w *wire.Writer) { w.Bool("k", v) }), msgp.AppendBool([]byte("k"), v))
	}
	same(t, nil, written(func(w *wire.Writer) { w.Nil("k") }), msgp.AppendNil([]byte("k")))
}

// integers lists what lies at both sides of every bound.
func integers() []int64 {
	out := []int64{0, math.MaxInt64, math.MinInt64}
	for bit := range 63 {
		for d := int64(-2); d <= 2; d++ {
			out = append(out, 1<<bit+d, -1<<bit+d)
		}
	}
	return append(out, -33, -32, -31)
}

func same(t *testing.T, v any, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%v: got %x, want %x", v, got, want)
	}
}

// The head of a map counts the fields that were written, also where that takes
// more than one byte, and in a map within another.
func TestBeginCountsOptionalFields(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		key := string(msgp.AppendString(nil, "k"))
		got := written(func(w *wire.Writer) {
			outer := w.Begin(1)
			w.OptText(key, "")
			w.OptInt(key, 0)
			w.OptUint(key, 0)
			w.OptBool(key, false)
			w.OptBytes(key, nil)
			w.OptList(key, 0)
			w.Key(key)
			inner := w.Begin(0)
			for i := range n {
				w.OptInt(key, int64(i+1))
			}
			w.End(inner)
			w.OptText(key, "v")
			w.End(outer)
		})
		want := msgp.AppendString(msgp.AppendMapHeader(nil, 2), "k")
		want = msgp.AppendMapHeader(want, uint32(n))
		for i := range n {
			want = msgp.AppendInt(msgp.AppendString(want, "k"), i+1)
		}
		want = msgp.AppendString(msgp.AppendString(want, "k"), "v")
		same(t, n, got, want)
	}
}

// samples are values of every kind, whole, cut short and damaged.
func samples(t *rapid.T) []byte {
	b := value(t, 3)
	if len(b) > 0 && rapid.Bool().Draw(t, "cut") {
		b = b[:rapid.IntRange(0, len(b)-1).Draw(t, "at")]
	}
	if len(b) > 0 && rapid.Bool().Draw(t, "damage") {
		b[rapid.IntRange(0, len(b)-1).Draw(t, "where")] = rapid.Byte().Draw(t, "what")
	}
	return b
}

func value(t *rapid.T, depth int) []byte {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case kind == 0:
		return msgp.AppendInt64(nil, rapid.Int64().Draw(t, "int"))
	case kind == 1:
		return msgp.AppendUint64(nil, rapid.Uint64().Draw(t, "uint"))
	case kind == 2:
		return msgp.AppendString(nil, strings.Repeat("s", rapid.SampledFrom([]int{0, 3, 31, 32, 300, 70_000}).Draw(t, "size")))
	case kind == 3:
		return msgp.AppendBytes(nil, make([]byte, rapid.SampledFrom([]int{0, 3, 300, 70_000}).Draw(t, "size")))
	case kind == 4:
		return msgp.AppendBool(nil, rapid.Bool().Draw(t, "bool"))
	case kind == 5:
		return msgp.AppendFloat64(msgp.AppendFloat32(nil, 1), 2)[rapid.SampledFrom([]int{0, 5}).Draw(t, "float"):]
	case kind == 6:
		b, _ := msgp.AppendExtension(nil, &msgp.RawExtension{Data: make([]byte, rapid.IntRange(0, 300).Draw(t, "size")), Type: 9})
		return b
	case kind == 7 || depth == 0:
		return msgp.AppendNil(nil)
	case kind == 8:
		n := rapid.SampledFrom([]int{0, 2, 17}).Draw(t, "elements")
		return values(t, msgp.AppendArrayHeader(nil, uint32(n)), n, depth)
	}
	n := rapid.SampledFrom([]int{0, 2, 17}).Draw(t, "pairs")
	return values(t, msgp.AppendMapHeader(nil, uint32(n)), 2*n, depth)
}

func values(t *rapid.T, b []byte, n, depth int) []byte {
	for range n {
		b = append(b, value(t, depth-1)...)
	}
	return b
}

// reading is one way to take a value, ours and msgp's.
type reading struct {
	ours   func(r *wire.Reader) any
	theirs func(b []byte) (any, []byte, error)
}

func to[T any](f func([]byte) (T, []byte, error)) func([]byte) (any, []byte, error) {
	return func(b []byte) (any, []byte, error) { return boxed(f(b)) }
}

func boxed[T any](v T, rest []byte, err error) (any, []byte, error) { return v, rest, err }

var readings = map[string]reading{
	"bool":   {func(r *wire.Reader) any { return r.Bool() }, to(msgp.ReadBoolBytes)},
	"int":    {func(r *wire.Reader) any { return r.Int() }, to(msgp.ReadIntBytes)},
	"int8":   {func(r *wire.Reader) any { return r.Int8() }, to(msgp.ReadInt8Bytes)},
	"int16":  {func(r *wire.Reader) any { return r.Int16() }, to(msgp.ReadInt16Bytes)},
	"int32":  {func(r *wire.Reader) any { return r.Int32() }, to(msgp.ReadInt32Bytes)},
	"int64":  {func(r *wire.Reader) any { return r.Int64() }, to(msgp.ReadInt64Bytes)},
	"uint8":  {func(r *wire.Reader) any { return r.Uint8() }, to(msgp.ReadUint8Bytes)},
	"uint16": {func(r *wire.Reader) any { return r.Uint16() }, to(msgp.ReadUint16Bytes)},
	"uint32": {func(r *wire.Reader) any { return r.Uint32() }, to(msgp.ReadUint32Bytes)},
	"text":   {func(r *wire.Reader) any { return r.Str() }, to(msgp.ReadStringBytes)},
	"bytes": {func(r *wire.Reader) any { return string(r.Bytes()) }, func(b []byte) (any, []byte, error) {
		if msgp.IsNil(b) {
			return "", b[1:], nil
		}
		v, rest, err := msgp.ReadBytesZC(b)
		return string(v), rest, err
	}},
	"key": {func(r *wire.Reader) any { return r.Key() }, func(b []byte) (any, []byte, error) {
		v, rest, err := msgp.ReadMapKeyZC(b)
		return string(v), rest, err
	}},
	"skip": {func(r *wire.Reader) any { r.Skip(); return nil }, func(b []byte) (any, []byte, error) {
		rest, err := msgp.Skip(b)
		return nil, rest, err
	}},
}

func TestReadsWhatMsgpReads(t *testing.T) {
	t.Parallel()
	for name, x := range readings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { agree(t, x, samples(t)) })
		})
	}
}

// agree reads a value and then, with what is left, whether it is all.
func agree(t interface{ Fatalf(string, ...any) }, x reading, b []byte) {
	r := wire.NewReader(string(b))
	got := x.ours(&r)
	want, rest, err := x.theirs(b)
	if whole := err == nil && len(rest) == 0; whole != (r.Done() == nil) || whole && got != want {
		t.Fatalf("%x: got %v, %v; want %v, %d left, %v", b, got, r.Done(), want, len(rest), err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{0x82, 0xa1, 'a', 0xd1, 1, 2, 0xa1, 'b', 0xc0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, x := range readings {
			agree(t, x, b)
		}
		var p pair
		r := wire.NewReader(string(b))
		p.ReadWire(&r)
		if r.Done() != nil {
			return
		}
		if rest, err := msgp.Skip(b); err != nil || len(rest) != 0 {
			t.Fatalf("%x: read what is no value: %v", b, err)
		}
	})
}

// What a length claims is never believed, so that nobody allocates it.
func TestLengthsAreBoundedByWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, b := range []string{"\xdd\xff\xff\xff\xff\x01", "\xdc\xff\xff", "\x9f\x01"} {
		r := wire.NewReader(b)
		if n := r.Array(); n != 0 || r.Done() == nil {
			t.Errorf("%x: %d elements, %v", b, n, r.Done())
		}
	}
	for _, b := range []string{"\xdf\xff\xff\xff\xff\x01", "\xde\xff\xff", "\x82\xa0\xa0"} {
		r := wire.NewReader(b)
		if n := r.Map(); n != 0 || r.Done() == nil {
			t.Errorf("%x: %d pairs, %v", b, n, r.Done())
		}
	}
}

// Skip needs no stack: a megabyte of lists in lists is not too deep for it.
func TestSkipOfDepth(t *testing.T) {
	t.Parallel()
	r := wire.NewReader(strings.Repeat("\x91", 1<<20) + "\xc0")
	r.Skip()
	if err := r.Done(); err != nil {
		t.Error(err)
	}
}

// pair is what the build would generate for a struct of these fields.
type pair struct {
	A    string
	B    int64
	On   bool
	Next *pair
}

func (p *pair) ReadWire(r *wire.Reader) {
	for m := r.Begin(); r.More(m); {
		r.Text("a", &p.A)
		r.Number("b", &p.B)
		r.Flag("on", &p.On)
		if r.Is("next") {
			p.Next = new(pair)
			p.Next.ReadWire(r)
			r.Next()
		}
	}
}

// A reader takes keys in any order and in any encoding, skips what it does not
// know, and lets the last of two values win.
func TestRecords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pair{
		"\x80":                    {},
		"\x81\xa1a\xa1x":          {A: "x"},
		"\x82\xa1b\x01\xa1a\xa1x": {A: "x", B: 1},
		"\x83\xa1?\x92\x01\x02\xa1a\xa1x\xa1!\xc0":   {A: "x"},
		"\x82\xa1b\x01\xa1b\x02":                     {B: 2},
		"\x81\xd9\x01a\xd9\x01x":                     {A: "x"},
		"\x81\xc4\x01a\xa1x":                         {A: "x"},
		"\x81\xa2on\xc3":                             {On: true},
		"\x83\xa4next\x81\xa1b\x01\xa1b\x02\xa0\x00": {B: 2, Next: &pair{B: 1}},
	} {
		var got pair
		r := wire.NewReader(text)
		got.ReadWire(&r)
		if err := r.Done(); err != nil {
			t.Errorf("%x: %v", text, err)
		}
		next := got.Next
		if want.Next != nil && (next == nil || *next != *want.Next) {
			t.Errorf("%x: got %+v", text, next)
		}
		got.Next, want.Next = nil, nil
		if got != want {
			t.Errorf("%x: got %+v, want %+v", text, got, want)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "ends early",
		"\xa1a":                    "a value of another kind than expected",
		"\x80\x80":                 "more than one value",
		"\x82\xa1a\xa1x\xa1b\xa1x": "near field b: a value of another kind than expected",
		"\x81\xa1b\xcf\xff\xff\xff\xff\xff\xff\xff\xff": "near field b: a number too large or too small",
		"\x81\xa4next\x81\xa1a\xa2x":                    "near field a: ends early",
	} {
		var p pair
		r := wire.NewReader(text)
		p.ReadWire(&r)
		if err := r.Done(); err == nil || err.Error() != want {
			t.Errorf("%x: got %v, want %s", text, err, want)
		}
	}
}
