package build

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestPretty(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 90)
	for in, want := range map[string]string{
		`{}`: `{}`, `[]`: `[]`, `1`: `1`, `"a,b:{\"\\"`: `"a,b:{\"\\"`,
		`{"a":[1,2],"b":{"c":null}}`:            `{"a": [1, 2], "b": {"c": null}}`,
		`{"a":["` + long + `",1],"b":true}`:     "{\n    \"a\": [\n      \"" + long + "\",\n      1\n    ],\n    \"b\": true\n  }",
		`[{"b":"` + long + `","c":[]},"` + `"]`: "[\n    {\n      \"b\": \"" + long + "\",\n      \"c\": []\n    },\n    \"\"\n  ]",
	} {
		if got := string(pretty([]byte(in), 2)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}

// Whatever it writes is the same JSON.
func FuzzPretty(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\"}"}],"` + strings.Repeat("c", 120) + `":[[],{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var in, out bytes.Buffer
		if json.Compact(&in, b) != nil {
			return
		}
		if err := json.Compact(&out, pretty(in.Bytes(), 2)); err != nil || !bytes.Equal(in.Bytes(), out.Bytes()) {
			t.Fatalf("%q became %q: %v", in.Bytes(), out.Bytes(), err)
		}
	})
}
