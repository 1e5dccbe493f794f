package manifest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/manifests"
)

const least = `{
  "id": "hello",
  "version": "1.0.0",
  "kind": "plugin",
  "name": {"it": "Ciao", "en": "Hello"},
  "summary": {"it": "Saluta.", "en": "Greets."},
  "vendor": "Somebody",
  "category": "fun"
}
`

func example(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "tally.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(least))
	if err != nil {
		t.Fatal(err)
	}
	want := &Manifest{ID: "hello", Version: "1.0.0", Kind: Plugin, Name: Text{"Ciao", "Hello"}, Summary: Text{"Saluta.", "Greets."}, Vendor: "Somebody", Category: "fun"}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v", m)
	}
	if m, err = Parse([]byte(example(t))); err != nil || len(m.Provides.Operations) != 3 || m.Provides.Collections[0].Indexes[1].Name != "person" {
		t.Errorf("got %+v, %v", m, err)
	}
}

// Every manifest of this repository can be read.
func TestShipped(t *testing.T) {
	t.Parallel()
	for _, id := range manifests.Modules() {
		if m, err := Parse(manifests.Module(id)); err != nil || m.ID != id {
			t.Errorf("%s: %v", id, err)
		}
	}
	if manifests.Module("../go") != nil || manifests.Module("nobody") != nil {
		t.Error("read a manifest that is not there")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":             {least, "", "1    unexpected EOF"},
		"not JSON":            {`"id":`, `id:`, "2    invalid character 'i'"},
		"two documents":       {"}\n", "} {}", "more than one document"},
		"not UTF-8":           {"Ciao", "\xff", "0    not UTF-8"},
		"too long":            {"Ciao", strings.Repeat("o", MaxSize), "0    longer than 1048576 bytes"},
		"too deep":            {`"Ciao"`, strings.Repeat("[", 1000), "5    nested too deep"},
		"not an object":       {least, "[]", "1    got array, want object"},
		"null":                {`"Somebody"`, "null", "7  /vendor  got null, want string"},
		"unknown":             {`"vendor"`, `"price": 1, "vendor"`, "additional properties 'price' not allowed"},
		"wrong case":          {`"vendor"`, `"Vendor"`, "additional properties 'Vendor' not allowed"},
		"given twice":         {`"vendor"`, "\"id\": \"x\",\n  \"vendor\"", "7  /id  given twice"},
		"twice inside":        {`"it": "Ciao"`, `"it": "Ciao", "it": "Ciao"`, "5  /name/it  given twice"},
		"missing":             {"\"vendor\": \"Somebody\",\n", "", "1    missing property 'vendor'"},
		"no id":               {`"hello"`, `"Hello"`, "2  /id  "},
		"id too short":        {`"hello"`, `"h"`, "2  /id  "},
		"id too long":         {`"hello"`, `"` + strings.Repeat("h", 64) + `"`, "2  /id  "},
		"version":             {`"1.0.0"`, `"1.0 beta"`, `3  /version  "1.0 beta" is no semantic version`},
		"version with a v":    {`"1.0.0"`, `"v1.0.0"`, `3  /version  "v1.0.0" is no semantic version`},
		"kind":                {`"plugin"`, `"theme"`, "4  /kind  value must be one of 'app', 'plugin'"},
		"one language":        {`"en": "Hello"`, `"de": "Hallo"`, "5  /name  "},
		"empty text":          {`"Hello"`, `"  "`, "5  /name  it and en are both needed"},
		"need twice":          {`"vendor"`, "\"needs\": [{\"contract\": \"aa\"},\n {\"contract\": \"aa\"}], \"vendor\"", "8  /needs/1  aa is needed twice"},
		"range":               {`"vendor"`, `"needs": [{"contract": "aa", "range": "newish"}], "vendor"`, `7  /needs/0/range  "newish" is no range of versions`},
		"grant without why":   {`"vendor"`, `"grants": [{"call": "aa.b"}], "vendor"`, "7  /grants/0  missing property 'why'"},
		"grant blank why":     {`"vendor"`, `"grants": [{"call": "aa.b", "why": {"it": " ", "en": "x"}}], "vendor"`, "7  /grants/0/why  it and en are both needed"},
		"grant of everything": {`"vendor"`, `"grants": [{"call": "*", "why": {"it": "x", "en": "x"}}], "vendor"`, "7  /grants/0/call  "},
		"grant twice":         {`"vendor"`, `"grants": [{"call": "aa.b", "why": {"it": "x", "en": "x"}}, {"call": "aa.b", "why": {"it": "x", "en": "x"}}], "vendor"`, "7  /grants/1  aa.b is asked for twice"},
		"limit below one":     {`"vendor"`, `"limits": {"units": 0}, "vendor"`, "7  /limits/units  "},
		"limit not whole":     {`"vendor"`, `"limits": {"units": 1.5}, "vendor"`, "7  /limits/units  "},
		"limit overflows":     {`"vendor"`, `"limits": {"units": 1e30}, "vendor"`, "7  /limits/units  "},
		"provides of another": {`"vendor"`, `"provides": {"contract": "hello", "events": [{"name": "till.closed", "payload": {}}]}, "vendor"`, `/provides/events/0/name  till.closed is not of the contract "hello"`},
		"event without past":  {`"vendor"`, `"provides": {"contract": "hello", "events": [{"name": "hello.said", "version": 3, "payload": {}, "earlier": [{}]}]}, "vendor"`, "/provides/events/0/earlier  hello.said has version 3, and the payloads of 1 before it"},
		"event's version":     {`"vendor"`, `"provides": {"contract": "hello", "events": [{"name": "hello.said", "version": 1, "payload": {}}]}, "vendor"`, "7  /provides/events/0/version  "},
		"plugin with data":    {`"vendor"`, `"provides": {"counters": ["x"]}, "vendor"`, "4  /kind  a plugin fills slots and owns nothing"},
		"schema that loads":   {`"vendor"`, `"provides": {"settings": {"$ref": "file:///etc/passwd"}}, "vendor"`, "7  /provides/settings/$ref  "},
		"schema keyword":      {`"vendor"`, `"provides": {"settings": {"pattern": "(a+)+$"}}, "vendor"`, "additional properties 'pattern' not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(least, c.old, c.new, 1)
			if text == least {
				t.Fatal("nothing was changed")
			}
			_, err := Parse([]byte(text))
			var problems Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestEventIn(t *testing.T) {
	t.Parallel()
	now := Event{Version: 3, Payload: []byte("3"), Earlier: []json.RawMessage{[]byte("1"), []byte("2")}}
	var first Event
	first.Payload = []byte("1")
	for version, want := range []string{"1", "1", "2", "3", ""} {
		if got := string(now.In(version)); got != want {
			t.Errorf("version %d is %q, want %q", version, got, want)
		}
		if version > 1 {
			want = ""
		}
		if got := string(first.In(version)); got != want {
			t.Errorf("of an event of one version, version %d is %q, want %q", version, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Validate(); err != nil {
		t.Error(err)
	}
	m.Provides.Operations = append(m.Provides.Operations, m.Provides.Operations[0])
	m.Kind = "theme"
	err = m.Validate()
	if want := "0  /kind  \"theme\" is neither app nor plugin\n0  /provides/operations/3/name  tally.add is provided twice"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	text := "{\n \"a~/b\": [1,\n  {\"c\": \"\\n\"}\n ],\n \"d\": 2\n}"
	l, err := Scan([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]int{
		"": 1, "/a~0~1b": 2, "/a~0~1b/0": 2, "/a~0~1b/1": 3, "/a~0~1b/1/c": 3, "/d": 5, "/d/absent": 5, "/absent": 1, "no pointer": 0,
	} {
		if got := l.Line(pointer); got != want {
			t.Errorf("%q is on line %d, not %d", pointer, got, want)
		}
	}
	for pointer, want := range map[string]string{"/a~0~1b/1/c": `"\n"`, "/d": "2", "/a~0~1b/1": `{"c": "\n"}`, "": text} {
		s, ok := l.Span(pointer)
		if !ok || text[s.Start:s.End] != want {
			t.Errorf("%q is %q, not %q", pointer, text[s.Start:s.End], want)
		}
	}
}

// What was read, written and read again is the same manifest, and no span lies
// outside the text.
func FuzzParse(f *testing.F) {
	f.Add([]byte(least))
	f.Add([]byte(example(f)))
	f.Add([]byte(`{"a":[{"b":null}],"a":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := Scan(b)
		if err == nil {
			for p, s := range lines.spans {
				if s.Key > s.Start || s.Start >= s.End || s.End > len(b) || !json.Valid(b[s.Start:s.End]) {
					t.Fatalf("%q lies at %+v of %q", p, s, b)
				}
			}
		}
		m, err := Parse(b)
		if err != nil {
			var p Problems
			if m != nil || !errors.As(err, &p) || len(p) == 0 {
				t.Fatalf("%v, %v", m, err)
			}
			return
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if rewritten, err := json.Marshal(again); err != nil || string(rewritten) != string(text) {
			t.Fatalf("%s became %s: %v", text, rewritten, err)
		}
	})
}
