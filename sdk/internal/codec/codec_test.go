package codec

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

type money int64

type inner struct {
	Name string `json:"name"`
	At   money  `json:"at,omitempty"`
}

type outer struct {
	ID     string   `json:"id"`
	Total  money    `json:"total"`
	Small  uint8    `json:"small"`
	On     bool     `json:"on,omitempty"`
	Blob   []byte   `json:"blob"`
	Tags   []string `json:"tags"`
	Lines  []inner  `json:"lines,omitempty"`
	Best   *inner   `json:"best,omitempty"`
	Either *money   `json:"either"`
	Pair   [2]int32 `json:"pair"`
	Sum    [4]byte  `json:"sum"`
	Skip   string   `json:"-"`
	hidden string   //nolint:unused // that it stands here is the test: nobody reads or writes it
}

func sample() outer {
	m := money(-7)
	return outer{
		ID: "a", Total: 1798, Small: 200, On: true, Blob: []byte{1, 2}, Tags: []string{"x", ""},
		Lines: []inner{{Name: "l", At: 3}, {}}, Best: &inner{Name: "b"}, Either: &m,
		Pair: [2]int32{-1, 1 << 20}, Sum: [4]byte{9, 8, 7, 6},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]outer{"full": sample(), "zero": {}} {
		b, err := Append([]byte("x"), &want)
		if err != nil || b[0] != 'x' {
			t.Fatalf("%s: %v", name, err)
		}
		var got outer
		if err := Parse(b[1:], &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
}

// The bytes are those that tinylib/msgp's own generator writes for these types.
func TestBytes(t *testing.T) {
	t.Parallel()
	v := inner{Name: "l", At: 300}
	b, err := Append(nil, &v)
	if want := "82a46e616d65a16ca26174d1012c"; err != nil || hex.EncodeToString(b) != want {
		t.Errorf("%x %v, want %s", b, err, want)
	}
	v.At = 0
	if b, _ = Append(nil, &v); hex.EncodeToString(b) != "81a46e616d65a16c" {
		t.Errorf("omitempty was not left out: %x", b)
	}
}

// Settings are decoded over a default that all operations share.
func TestParseKeepsWhatIsAbsentAndSharesNothing(t *testing.T) {
	t.Parallel()
	def := sample()
	got := def
	b := msgp.AppendMapHeader(nil, 4)
	b = msgp.AppendString(b, "tags")
	b = msgp.AppendArrayHeader(b, 1)
	b = msgp.AppendString(b, "new")
	b = msgp.AppendString(b, "best")
	b = msgp.AppendMapHeader(b, 1)
	b = msgp.AppendString(b, "at")
	b = msgp.AppendInt(b, 5)
	b = msgp.AppendString(b, "unknown")
	b = msgp.AppendArrayHeader(b, 1)
	b = msgp.AppendMapHeader(b, 0)
	b = msgp.AppendString(b, "lines")
	b = msgp.AppendNil(b)
	if err := Parse(b, &got); err != nil {
		t.Fatal(err)
	}
	want := sample()
	want.Tags, want.Best, want.Lines = []string{"new"}, &inner{Name: "b", At: 5}, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(def, sample()) {
		t.Errorf("the default changed: %+v", def)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, bytes := range map[string]string{
		"empty":          "",
		"not a map":      "a161",
		"short":          "81a26964",
		"wrong type":     "81a2696401",
		"overflow":       "81a5736d616c6ccd0100",
		"array too long": "81a470616972930102" + "03",
		"lying array":    "81a474616773ddffffffff",
		"text for bytes": "81a3737564a461626364" + "00",
		"bytes too few":  "81a373756dc40101",
		"rest":           "80c0",
	} {
		b, err := hex.DecodeString(bytes)
		if err != nil {
			t.Fatal(err)
		}
		var v outer
		if err := Parse(b, &v); err == nil {
			t.Errorf("%s: decoded %+v", name, v)
		}
	}
}

func TestAppendRefusesWhatCannotCross(t *testing.T) {
	t.Parallel()
	type bad struct {
		M map[string]int `json:"m"`
	}
	_, err := Append(nil, &bad{})
	if err == nil || !strings.Contains(err.Error(), "map[string]int") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	v := sample()
	b, err := Append(nil, &v)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var v outer
		if Parse(b, &v) != nil {
			return
		}
		again, err := Append(nil, &v)
		if err != nil {
			t.Fatal(err)
		}
		var w outer
		if err := Parse(again, &w); err != nil || !reflect.DeepEqual(v, w) {
			t.Fatalf("%+v became %+v: %v", v, w, err)
		}
	})
}
