package e2e

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// same fails a script unless a part of the JSON on stdout is a part of the JSON in a
// file:
//
//	same closes.0.totals x.json totals
func same(ts *testscript.TestScript, args []string) {
	if got, want := within(ts, "stdout", args[0]), within(ts, args[1], args[2]); !reflect.DeepEqual(got, want) {
		ts.Fatalf("%s is %v, and %s of %s is %v", args[0], got, args[2], args[1], want)
	}
}

// within is what lies at a path of fields and indexes in the JSON of a file.
func within(ts *testscript.TestScript, file, path string) any {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &v))
	for _, part := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			n, err := strconv.Atoi(part)
			ts.Check(err)
			if n >= len(at) {
				ts.Fatalf("%s: there are %d", path, len(at))
			}
			v = at[n]
		default:
			ts.Fatalf("%s: nothing lies at %s", path, part)
		}
	}
	return v
}
