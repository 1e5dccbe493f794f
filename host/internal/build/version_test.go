package build

import (
	"fmt"
	"strings"
	"testing"
)

// shapes are what an event once was, and what leads from one to the next.
const shapes = `// TotalV1 is what Added was in version 1.
type TotalV1 struct {
	Shop string ` + "`json:\"shop\"`" + `
}

// TotalV2 is what Added was in version 2.
type TotalV2 struct {
	Where string ` + "`json:\"where\"`" + `
}

func second(v TotalV1) TotalV2 { return TotalV2{Where: v.Shop} }

func third(v TotalV2) (t Total) { t.Store = retail.StoreID(v.Where); return t }

var three = 3

var chain []sdk.Upcaster

`

func TestVersions(t *testing.T) {
	t.Parallel()
	jobs, r := analysed(t, stranger(t, "stranger", "// Added is", shapes+"// Added is", `"tally.added", `,
		`"tally.added", Version: 3, Upcasts: []sdk.Upcaster{sdk.Upcast(second), sdk.Upcast[TotalV2, Total](third)}, `))
	if err := r.err(); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if j.m.id != "tally" {
			continue
		}
		for _, e := range j.m.provides().Events {
			got := fmt.Sprintf("%d %s %s", e.Version, e.Payload, e.Earlier)
			if want := `3 {"$ref":"#/types/Total"} [{"$ref":"#/types/TotalV1"} {"$ref":"#/types/TotalV2"}]`; e.Name == "tally.added" && got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
		if !strings.Contains(string(j.paper.text), `"TotalV1": {`) {
			t.Error("the manifest does not say what version 1 was")
		}
		return
	}
	t.Error("no tally")
}

func TestVersionsRefused(t *testing.T) {
	t.Parallel()
	var events strings.Builder
	cases := []struct{ event, want string }{
		{"Version: 2", "tally.e0 has version 2 and 0 upcasters"},
		{"Version: 3, Upcasts: []sdk.Upcaster{sdk.Upcast(third)}", "tally.e1 has version 3 and 1 upcasters"},
		{"Upcasts: []sdk.Upcaster{sdk.Upcast(third)}", "tally.e2 has version 1 and 1 upcasters"},
		{"Version: 3, Upcasts: []sdk.Upcaster{sdk.Upcast(second), sdk.Upcast(second)}", "tally.e3: the upcaster from version 1 makes a tally.TotalV2, and version 2 is a tally.TotalV1"},
		{"Version: 2, Upcasts: []sdk.Upcaster{sdk.Upcast(second)}", "tally.e4: the upcaster from version 1 makes a tally.TotalV2, and version 2 is a tally.Total"},
		{"Version: three", "the Version of tally.e5 is not one that the build can read"},
		{"Version: 1001", "the Version of tally.e6 is not one that the build can read"},
		{"Version: 2, Upcasts: chain", "the Upcasts of tally.e7 are not written out"},
	}
	for i, c := range cases {
		fmt.Fprintf(&events, "var E%d = sdk.Event[Total]{Name: \"tally.e%d\", %s}\n\n", i, i, c.event)
	}
	_, r := analysed(t, stranger(t, "stranger", "// Added is", events.String()+shapes+"// Added is"))
	err := r.err()
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for _, c := range cases {
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got no %q in\n%v", c.event, c.want, err)
		}
	}
}

// TestVersionsGoForward: a number that a log may hold is not used again.
func TestVersionsGoForward(t *testing.T) {
	t.Parallel()
	_, r := analysed(t, stranger(t, "stranger", `"id": "tally", "version"`, `"id": "tally",
  "provides": {"contract": "tally", "events": [{"name": "tally.added", "version": 2, "payload": {}, "earlier": [{}]}]},
  "version"`))
	if err := r.err(); err == nil || !strings.Contains(err.Error(), "manifests/tally.json:3  tally.added had version 2 and now has version 1") {
		t.Errorf("got %v", err)
	}
}
