package schema

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// saleTypes and saleSchema have every kind of node.
var saleTypes = map[string]json.RawMessage{
	"Line": json.RawMessage(`{"type":"object","description":"one line","properties":{
		"sku":{"title":"SKU","type":"string","minLength":1,"maxLength":8,"ref":"catalog.products"},
		"quantity":{"type":"integer","format":"quantity","minimum":1,"maximum":1000},
		"price":{"type":"integer","format":"money"},
		"unit_shares":{"type":"array","items":{"type":"integer","format":"money"},"maxItems":3},
		"gift":{"type":"boolean"}},
		"required":["sku","quantity"],"additionalProperties":false}`),
	"Channel": json.RawMessage(`{"type":"string","enum":["store","web"]}`),
}

const saleSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
	"store":{"type":"string"},
	"channel":{"$ref":"#/types/Channel","description":"where it is sold"},
	"at":{"type":"string","format":"date-time"},
	"zone":{"type":"string","format":"zone"},
	"rate":{"type":"integer","format":"basis-points","enum":[400,1000,2200]},
	"lines":{"type":"array","items":{"$ref":"#/types/Line"},"minItems":1},
	"note":{"type":"string","contentEncoding":"base64","maxLength":4},
	"first/~":{"$ref":"#/types/Line"}},
	"required":["store","lines"],"additionalProperties":false}`

func compile(t testing.TB, raw string, types map[string]json.RawMessage) *Schema {
	t.Helper()
	s, err := Compile(json.RawMessage(raw), types)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// onWire is the value of wire as msgp's own reader sees it.
func onWire(t *testing.T, wire []byte) any {
	t.Helper()
	v, rest, err := msgp.ReadIntfBytes(wire)
	if err != nil || len(rest) != 0 {
		t.Fatalf("read %x: %v, %d bytes left", wire, err, len(rest))
	}
	return v
}

func TestToWireAndBack(t *testing.T) {
	t.Parallel()
	s := compile(t, saleSchema, saleTypes)
	_, err := s.ToWire([]byte(` {"lines" : [ {"quantity":3,"sku":"8001"}, {"sku":"caff\u00e8\ud83d\ude00\n","quantity":1,"price":-250,
		"unit_shares":[],"gift":true,"price":null} ], "at":"2026-11-21T17:05:00.120Z","note":"AAECAw==",
		"store":"MI-01","zone":"Europe/Rome","channel":"web","rate":2200} `))
	if err == nil {
		t.Fatal("price is there twice, once as null, and nothing was said")
	}
	wire, err := s.ToWire([]byte(` {"lines" : [ {"quantity":3,"sku":"8001"}, {"sku":"caff\u00e8\ud83d\ude00\n","quantity":1,"price":-250,
		"unit_shares":[],"gift":true} ], "at":"2026-11-21T17:05:00.120Z","note":"AAECAw==",
		"store":"MI-01","zone":"Europe/Rome","channel":"web","rate":2200} `))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"store": "MI-01", "channel": "web", "at": int64(1795280700120), "zone": "Europe/Rome", "rate": int64(2200),
		"lines": []any{
			map[string]any{"sku": "8001", "quantity": int64(3)},
			map[string]any{"sku": "caffè😀\n", "quantity": int64(1), "price": int64(-250), "unit_shares": []any{}, "gift": true},
		},
		"note": []byte{0, 1, 2, 3},
	}
	if got := onWire(t, wire); !reflect.DeepEqual(got, want) {
		t.Errorf("on the wire %v, want %v", got, want)
	}
	back, err := s.ToJSON(wire)
	if err != nil {
		t.Fatal(err)
	}
	const wantJSON = `{"store":"MI-01","channel":"web","at":"2026-11-21T17:05:00.120Z","zone":"Europe/Rome","rate":2200,` +
		`"lines":[{"sku":"8001","quantity":3},{"sku":"caffè😀\n","quantity":1,"price":-250,"unit_shares":[],"gift":true}],"note":"AAECAw=="}`
	if string(back) != wantJSON {
		t.Errorf("back as\n%s\nwant\n%s", back, wantJSON)
	}
}

func TestEqualValuesGiveEqualBytes(t *testing.T) {
	t.Parallel()
	s := compile(t, saleSchema, saleTypes)
	var first []byte
	for _, body := range []string{
		`{"store":"A","channel":"web","lines":[{"sku":"x","quantity":1,"gift":false}]}`,
		`{"lines":[{"gift":false,"sku":"\u0078","quantity":1}],"channel":"web","store":"A"}`,
		"{\"channel\":\"web\",\t\"lines\":[{\"quantity\":1,\r\n\"gift\":false,\"price\":null,\"sku\":\"x\"}],\"store\":\"A\",\"note\":null}",
	} {
		wire, err := s.ToWire([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = wire
		}
		if string(wire) != string(first) {
			t.Errorf("%s\nis %x\nwant %x", body, wire, first)
		}
	}
}

func TestToWireRefuses(t *testing.T) {
	t.Parallel()
	s := compile(t, saleSchema, saleTypes)
	line := func(s string) string { return `{"store":"A","lines":[{"sku":"x","quantity":1},` + s + `]}` }
	for _, c := range []struct{ name, body, reason, pointer string }{
		{"empty", ``, ReasonMalformed, ""},
		{"another type", `[]`, ReasonType, ""},
		{"null", `null`, ReasonType, ""},
		{"trailing data", `{"store":"A","lines":[{"sku":"x","quantity":1}]} {}`, ReasonMalformed, ""},
		{"ends early", `{"store":"A"`, ReasonMalformed, ""},
		{"trailing comma", `{"store":"A",}`, ReasonMalformed, ""},
		{"no colon", `{"store" "A"}`, ReasonMalformed, ""},
		{"byte order mark", "\uFEFF{}", ReasonMalformed, ""},
		{"comment", `{/**/}`, ReasonMalformed, ""},
		{"unknown field", `{"store":"A","tenant":"B"}`, ReasonUnknownField, "/tenant"},
		{"case matters", `{"Store":"A"}`, ReasonUnknownField, "/Store"},
		{"long unknown field", `{"` + strings.Repeat("a", 129) + `":1}`, ReasonUnknownField, ""},
		{"duplicate", `{"store":"A","store":"A"}`, ReasonDuplicateKey, "/store"},
		{"duplicate by escape", `{"store":"A","st\u006fre":"A"}`, ReasonDuplicateKey, "/store"},
		{"missing", `{"store":"A"}`, ReasonMissing, "/lines"},
		{"required null", `{"store":null,"lines":[]}`, ReasonLength, "/lines"},
		{"required null alone", `{"store":null,"lines":[{"sku":"x","quantity":1}]}`, ReasonMissing, "/store"},
		{"missing deep", line(`{"sku":"x"}`), ReasonMissing, "/lines/1/quantity"},
		{"null element", line(`null`), ReasonType, "/lines/1"},
		{"string for integer", line(`{"quantity":"1"}`), ReasonType, "/lines/1/quantity"},
		{"decimal", line(`{"quantity":1.0}`), ReasonType, "/lines/1/quantity"},
		{"exponent", line(`{"quantity":1e3}`), ReasonType, "/lines/1/quantity"},
		{"not a number", line(`{"quantity":NaN}`), ReasonMalformed, "/lines/1/quantity"},
		{"leading zero", line(`{"quantity":01}`), ReasonMalformed, "/lines/1/quantity"},
		{"minus alone", line(`{"quantity":-}`), ReasonMalformed, "/lines/1/quantity"},
		{"plus", line(`{"quantity":+1}`), ReasonMalformed, "/lines/1/quantity"},
		{"below", line(`{"quantity":0}`), ReasonRange, "/lines/1/quantity"},
		{"above", line(`{"quantity":1001}`), ReasonRange, "/lines/1/quantity"},
		{"thirty digits", line(`{"price":100000000000000000000000000000}`), ReasonRange, "/lines/1/price"},
		{"2^53", line(`{"price":9007199254740992}`), ReasonRange, "/lines/1/price"},
		{"-2^53", line(`{"price":-9007199254740992}`), ReasonRange, "/lines/1/price"},
		{"bool as text", line(`{"gift":"true"}`), ReasonType, "/lines/1/gift"},
		{"truth cut", line(`{"gift":tru}`), ReasonMalformed, "/lines/1/gift"},
		{"too short", line(`{"sku":""}`), ReasonLength, "/lines/1/sku"},
		{"too long", line(`{"sku":"123456789"}`), ReasonLength, "/lines/1/sku"},
		{"too many", line(`{"unit_shares":[1,2,3,4]}`), ReasonLength, "/lines/1/unit_shares"},
		{"deep element", line(`{"unit_shares":[1,{}]}`), ReasonType, "/lines/1/unit_shares/1"},
		{"enum", `{"channel":"phone"}`, ReasonEnum, "/channel"},
		{"enum of integers", `{"rate":500}`, ReasonEnum, "/rate"},
		{"escaped pointer", `{"first/~":{"x":1}}`, ReasonUnknownField, "/first~1~0/x"},
		{"no instant", `{"at":"tomorrow"}`, ReasonFormat, "/at"},
		{"offset", `{"at":"2026-11-21T17:05:00+01:00"}`, ReasonFormat, "/at"},
		{"31 february", `{"at":"2026-02-31T00:00:00Z"}`, ReasonFormat, "/at"},
		{"leap second", `{"at":"2026-12-31T23:59:60Z"}`, ReasonFormat, "/at"},
		{"number for an instant", `{"at":0}`, ReasonType, "/at"},
		{"no zone", `{"zone":"../etc/passwd"}`, ReasonFormat, "/zone"},
		{"no base64", `{"note":"A"}`, ReasonFormat, "/note"},
		{"base64 with a line break", `{"note":"AAEC\nAw=="}`, ReasonFormat, "/note"},
		{"base64 with set padding bits", `{"note":"AB=="}`, ReasonFormat, "/note"},
		{"bytes too long", `{"note":"AAECAwQ="}`, ReasonLength, "/note"},
		{"broken UTF-8", "{\"store\":\"\xff\"}", ReasonMalformed, "/store"},
		{"broken UTF-8 with escape", "{\"store\":\"\\n\xff\"}", ReasonMalformed, "/store"},
		{"lone surrogate", `{"store":"\ud800"}`, ReasonMalformed, "/store"},
		{"surrogates reversed", `{"store":"\udc00\ud800"}`, ReasonMalformed, "/store"},
		{"control character", "{\"store\":\"a\nb\"}", ReasonMalformed, "/store"},
		{"unknown escape", `{"store":"\x"}`, ReasonMalformed, "/store"},
		{"open string", `{"store":"A`, ReasonMalformed, "/store"},
		{"open escape", `{"store":"A\`, ReasonMalformed, "/store"},
		{"depth 10,000", strings.Repeat("[", 10_000), ReasonType, ""},
		{"depth 10,000 inside", `{"lines":` + strings.Repeat("[", 10_000), ReasonType, "/lines/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wire, err := s.ToWire([]byte(c.body))
			var e *abi.Error
			if !errors.As(err, &e) || wire != nil {
				t.Fatalf("answered %x, %v", wire, err)
			}
			if e.Code != abi.Invalid || e.Reason != c.reason || e.Pointer != c.pointer || e.Message == "" {
				t.Errorf("got %v, want %s at %q", e, c.reason, c.pointer)
			}
		})
	}
}

func TestLimitsThatFit(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"type":"object","properties":{"n":{"type":"integer","maximum":18446744073709551615},"s":{"type":"string","maxLength":2}}}`, nil)
	for body, want := range map[string]string{
		`{"n":9007199254740991}`:  `{"n":9007199254740991}`,
		`{"n":-9007199254740991}`: `{"n":-9007199254740991}`,
		`{"n":-0}`:                `{"n":0}`,
		`{"s":"èè"}`:              `{"s":"èè"}`,
		`{"s":"\u0000\u007f"}`:    `{"s":"\u0000\u007f"}`,
		`{}`:                      `{}`,
	} {
		wire, err := s.ToWire([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got, err := s.ToJSON(wire); string(got) != want || err != nil {
			t.Errorf("%s came back as %s, %v", body, got, err)
		}
	}
}

// Heads of maps and arrays grow with what is in them.
func TestManyMembers(t *testing.T) {
	t.Parallel()
	lengths := []int{0, 15, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 70_000} // 70,000 needs the longest head
	for _, n := range []int{15, 16, 17, maxProperties} {
		var props, body []string
		for i := range n {
			name := `"p` + strings.Repeat("x", i) + `"`
			props = append(props, name+`:{"type":"array","items":{"type":"integer"}}`)
			body = append(body, name+`:[`+strings.TrimSuffix(strings.Repeat("7,", lengths[i%len(lengths)]), ",")+`]`)
		}
		s := compile(t, `{"type":"object","properties":{`+strings.Join(props, ",")+`}}`, nil)
		text := `{` + strings.Join(body, ",") + `}`
		wire, err := s.ToWire([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		onWire(t, wire)
		if got, err := s.ToJSON(wire); string(got) != text || err != nil {
			t.Errorf("%d members came back changed: %v", n, err)
		}
	}
}

func TestToJSON(t *testing.T) {
	t.Parallel()
	s := compile(t, saleSchema, saleTypes)
	pairs := func(kv ...any) []byte {
		b := msgp.AppendMapHeader(nil, uint32(len(kv)/2))
		for _, v := range kv {
			b, _ = msgp.AppendIntf(b, v)
		}
		return b
	}
	for _, c := range []struct {
		name string
		wire []byte
		want string // JSON, or a reason and a pointer
	}{
		{"declared order", pairs("lines", []any{}, "store", "A"), `{"store":"A","lines":[]}`},
		{"unknown fields are left out", pairs("later", map[string]any{"x": []any{1.5, nil}}, "store", "A"), `{"store":"A"}`},
		{"nil is left out", pairs("store", "A", "channel", nil), `{"store":"A"}`},
		{"bounds are not checked again", pairs("channel", "phone", "rate", 7), `{"channel":"phone","rate":7}`},
		{"nil element", pairs("lines", []any{nil}), `{"lines":[null]}`},
		{"text that is not UTF-8", pairs("store", "a\xffb"), `{"store":"a` + "\uFFFD" + `b"}`},
		{"text of a terminal", pairs("store", "\x1b[31m\"\\\u2028"), `{"store":"\u001b[31m\"\\` + "\u2028" + `"}`},
		{"year 1", pairs("at", int64(minInstant)), `{"at":"0001-01-01T00:00:00Z"}`},
		{"year 9999", pairs("at", int64(maxInstant)), `{"at":"9999-12-31T23:59:59.999Z"}`},
		{"before 1970", pairs("at", int64(-1)), `{"at":"1969-12-31T23:59:59.999Z"}`},
		{"year 10000", pairs("at", int64(maxInstant+1)), "range /at"},
		{"beyond 2^53", pairs("rate", int64(1)<<53), "range /rate"},
		{"unsigned beyond", pairs("rate", uint64(1)<<63), "type /rate"},
		{"float", pairs("rate", 1.5), "type /rate"},
		{"twice", pairs("store", "A", "store", "B"), "duplicate_key /store"},
		{"another type", pairs("lines", []any{map[string]any{"gift": 1}}), "type /lines/0/gift"},
		{"bytes behind", append(pairs("store", "A"), 0), "malformed "},
		{"empty", nil, "type "},
		{"a length that is not there", []byte{0x81, 0xa5, 'l', 'i', 'n', 'e', 's', 0xdd, 0xff, 0xff, 0xff, 0xff}, "type /lines/0"},
		{"a text that is not there", []byte{0x81, 0xa5, 's', 't', 'o', 'r', 'e', 0xdb, 0xff, 0xff, 0xff, 0xff}, "type /store"},
		{"key that is no text", []byte{0x81, 0x01, 0x01}, "malformed "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := s.ToJSON(c.wire)
			if e := (*abi.Error)(nil); errors.As(err, &e) {
				if e.Code != abi.Internal {
					t.Errorf("code %v, want internal", e.Code)
				}
				got = []byte(e.Reason + " " + e.Pointer)
			}
			if string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestInstants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"1970-01-01T00:00:00Z", 0, true},
		{"2024-02-29T12:00:00.5Z", 1709208000500, true},
		{"2026-11-21T17:05:00.123456789Z", 1795280700123, true},
		{"2026-11-21T17:05:00+00:00", 1795280700000, true},
		{"0000-01-01T00:00:00Z", 0, false},
		{"2026-11-21T24:00:00Z", 0, false},
		{"2026-13-21T17:05:00Z", 0, false},
		{"2026-11-21T17:05:00.Z", 0, false},
		{"2026-11-21T17:05:00.1234567890Z", 0, false},
		{"2026-11-21T17:05:00", 0, false},
		{"2026-11-21 17:05:00Z", 0, false},
		{"2026-11-21T17:05:00z", 0, false},
		{"2026-11-21T17:05:00Z ", 0, false},
		{"", 0, false},
	} {
		if got, ok := parseInstant([]byte(c.text)); ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestFromQuery(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"type":"object","properties":{"sku":{"type":"string","minLength":1},"limit":{"type":"integer","minimum":1,"maximum":200},
		"all":{"type":"boolean"},"at":{"type":"string","format":"date-time"},"stores":{"type":"array","items":{"type":"string"},"maxItems":2}},"required":["sku"]}`, nil)
	if !s.Flat() || compile(t, saleSchema, saleTypes).Flat() {
		t.Fatal("flat is an object of scalars and arrays of scalars")
	}
	if compile(t, `{"type":"object","properties":{"code":{"type":"string","writeOnly":true}}}`, nil).Flat() {
		t.Fatal("a code that buys something is flat: it would stand in logs of URLs")
	}
	for _, c := range []struct{ query, want string }{
		{"stores=B&sku=x&limit=20&stores=A&all=true&at=1970-01-01T00:00:01Z", `{"sku":"x","limit":20,"all":true,"at":"1970-01-01T00:00:01Z","stores":["B","A"]}`},
		{"sku=x", `{"sku":"x"}`},
		{"", "missing /sku"},
		{"sku=", "length /sku"},
		{"sku=x&sku=y", "duplicate_key /sku"},
		{"sku=x&limit=-1", "range /limit"},
		{"sku=x&limit=1e9", "type /limit"},
		{"sku=x&limit=", "type /limit"},
		{"sku=x&limit=%201", "type /limit"},
		{"sku=x&all=1", "type /all"},
		{"sku=x&stores=1&stores=2&stores=3", "length /stores"},
		{"sku=x&cursor=1", "unknown_field /cursor"},
		{"sku=%ff", "malformed /sku"},
	} {
		values, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		wire, err := s.FromQuery(values)
		if e := (*abi.Error)(nil); errors.As(err, &e) {
			got = []byte(e.Reason + " " + e.Pointer)
		} else if got, err = s.ToJSON(wire); err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s: got %s, want %s", c.query, got, c.want)
		}
	}
}

// A file is read from the wire as it is, and its schema says that it is one.
func TestFile(t *testing.T) {
	t.Parallel()
	types := map[string]json.RawMessage{"F": json.RawMessage(`{"type":"object","format":"file","properties":{"name":{"type":"string"},"type":{"type":"string"},"content":{"type":"string","contentEncoding":"base64"}}}`)}
	s := compile(t, `{"$ref":"#/types/F"}`, types)
	wire, err := s.ToWire([]byte(`{"type":"text/csv","name":"a.csv","content":"YQDiAg=="}`))
	if err != nil || !s.IsFile() {
		t.Fatal(err, s.IsFile())
	}
	f, err := s.ReadFile(wire)
	if err != nil || f.Name != "a.csv" || f.Type != "text/csv" || string(f.Content) != "a\x00\xe2\x02" {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := s.ReadFile([]byte("\x82\xa3new\xc3\xa4name\xa1x")); err != nil || f.Name != "x" { // of a newer app
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{"", "\x07", "\x81", "\x81\xa4name\x07", "\x81\xa7content\xa1x", "\x80\x80", "\x82\xa4name\xa1x"} {
		if f, err := s.ReadFile([]byte(bad)); err == nil {
			t.Errorf("%q is %+v", bad, f)
		}
	}
	if compile(t, `{"type":"object"}`, nil).IsFile() {
		t.Error("just any object is a file")
	}
	for _, raw := range []string{`{"type":"object","format":"file"}`, `{"type":"object","format":"file","properties":{"name":{"type":"string"},"type":{"type":"string"},"content":{"type":"string"}}}`} {
		if _, err := Compile(json.RawMessage(raw), nil); err == nil {
			t.Errorf("%s is a file", raw)
		}
	}
}
