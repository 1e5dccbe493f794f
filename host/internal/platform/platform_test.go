package platform

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestDecode: strict, and where it can with a pointer to what is wrong.
func TestDecode(t *testing.T) {
	t.Parallel()
	type inner struct {
		Names map[string]int `json:"names"`
	}
	type input struct {
		ID   string  `json:"id"`
		List []inner `json:"list"`
	}
	const twice, unknown, malformed = "This field stands twice.", "There is no such field.", "This is not well-formed JSON"
	for _, c := range []struct{ text, pointer, message string }{
		{``, "", ""},
		{` {"id":"a","list":[{"names":{"k":1,"K":2}}]} `, "", ""},
		{`{"id":"a","id":"b"}`, "/id", twice},
		{`{"id":"a","ID":"b"}`, "/ID", twice},
		{`{"list":[],"li\u017ft":[]}`, "/li\u017ft", twice},
		{`{"list":[{"names":{"k":1}},{"names":{"k":1,"k":2}}]}`, "/list/1/names/k", twice},
		{`{"other":1}`, "/other", unknown},
		{`{"id":1}`, "/id", "This is a number, which does not fit here."},
		{`{"id":"a"} {}`, "", "There is more than one JSON value."},
		{`{"id":`, "/id", malformed},
		{`{"list":[{]}`, "/list/0", malformed},
		{strings.Repeat("[", maxNesting+2) + strings.Repeat("]", maxNesting+2), strings.Repeat("/0", maxNesting+1), malformed},
	} {
		var in input
		err := Decode([]byte(c.text), &in)
		var e *abi.Error
		if c.message == "" {
			if err != nil {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Code != abi.Invalid || e.Pointer != c.pointer || !strings.HasPrefix(e.Message, c.message) {
			t.Errorf("%s: %+v, want %q at %q", c.text, err, c.message, c.pointer)
		}
	}
}

// TestDecodeTakesNoMoreThanItsInput: the pointers of a long name with many values
// would be the square of the input, of somebody whom nobody knows yet.
func TestDecodeTakesNoMoreThanItsInput(t *testing.T) {
	text := `{"` + strings.Repeat("n", 100_000) + `":[` + strings.Repeat("1,", 10_000) + `1]}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var in map[string]json.RawMessage
	if err := Decode([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 20<<20 {
		t.Errorf("%d bytes took %d", len(text), took)
	}
}
