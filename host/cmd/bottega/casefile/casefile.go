// Package casefile reads cases of the neutral format bottega-promotion-cases/1,
// says what to ask of which operation to find out what we do in each, and compares
// the answer with what a case expects. It is pure: it knows shapes and meanings,
// and neither how to ask nor an app.
//
// # Base options
//
// A case holds under the options that its semantics name. What it does not name
// is as the peers have it: lines stay as they are, equal claims are settled for the
// line that stands first, promotions work by priority and then in the order of the
// list. Everything else is our default. [Meanings] lists each value of each key
// that we have an option for. Returns are worked out anew and rounded, and the last one
// takes what is left, as peers do: what our till does (shares frozen with the sale) is an
// option of a case.
//
// # Kinds of more than one app
//
// What promotions take off is asked first, and vouchers then share the rest out over
// what is there to pay with. Stock and returns are each of one app. Their fields are read
// by any of the names that the peers have for them, since the format leaves many open.
//
// # What is compared
//
// Every field of expected that derived does not name, alone or with what it
// belongs to: lines is all of every line, the id of a line is that line, totals is
// every sum. Reasons are compared by what they mean ([Accepts]), errors by that there is
// one.
package casefile

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Schema is the format that is read.
const Schema = "bottega-promotion-cases/1"

// File is the cases of one file.
type File struct {
	Schema string          `json:"schema"`
	Peer   string          `json:"peer"`
	Money  string          `json:"money"`
	Count  int             `json:"count"`
	Note   json.RawMessage `json:"note"`
	Cases  []Case          `json:"cases"`
}

// Case is one case: what was bought under which promotions, and what a peer
// makes of it.
type Case struct {
	ID         string            `json:"id"`
	Peer       string            `json:"peer"`
	Kind       string            `json:"kind"`
	Source     json.RawMessage   `json:"source"`
	Title      string            `json:"title"`
	Tags       []string          `json:"tags"`
	Semantics  map[string]scalar `json:"semantics"`
	Note       json.RawMessage   `json:"note"`
	Currency   string            `json:"currency"`
	Context    context           `json:"context"`
	Cart       cart              `json:"cart"`
	Promotions []promotion       `json:"promotions"`
	Input      json.RawMessage   `json:"input"`
	Expected   json.RawMessage   `json:"expected"`

	strange []string // fields that this package does not know
}

// Missing says that a case holds under an option that we do not have.
type Missing struct{ Option string } // key=value

func (m *Missing) Error() string { return "without the option " + m.Option }

// missing is a Missing for a key and its value.
func missing(key string, value scalar) error { return &Missing{Option: key + "=" + string(value)} }

// Read reads a file of cases, or all files *.json of a folder, by name.
func Read(path string) (cases []Case, err error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.json")); err != nil {
			return nil, err
		}
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		of, err := Parse(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		cases = append(cases, of...)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("%s: no cases", path)
	}
	return cases, nil
}

// Parse reads the cases of one file's content.
func Parse(body []byte) ([]Case, error) {
	var f struct {
		File
		Cases []json.RawMessage `json:"cases"`
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, err
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("schema %q is not %s", f.Schema, Schema)
	}
	cases := make([]Case, len(f.Cases))
	for i, raw := range f.Cases {
		if err := json.Unmarshal(raw, &cases[i]); err != nil {
			var known struct{ ID, Kind, Title string }
			if err := json.Unmarshal(raw, &known); err != nil {
				return nil, fmt.Errorf("case %d: %w", i, err)
			}
			cases[i] = Case{ID: known.ID, Kind: known.Kind, Title: known.Title, strange: []string{"shape: " + err.Error()}}
			continue
		}
		cases[i].strange = strange("", raw, reflect.TypeFor[Case]())
	}
	return cases, nil
}

// Runs says whether cases of a kind are run by pricing alone.
func Runs(kind string) bool { return slices.Equal(Operations(kind), []string{priceIt}) }

// decode reads the input of a case, whose shape depends on the kind.
func (c *Case) decode(into any) error {
	if len(c.Input) == 0 {
		return fmt.Errorf("%s: no input", c.ID)
	}
	if err := json.Unmarshal(c.Input, into); err != nil {
		return &Missing{Option: "shape of input: " + err.Error()}
	}
	if s := strange("input", c.Input, reflect.TypeOf(into).Elem()); len(s) > 0 {
		return &Missing{Option: "field=" + s[0]}
	}
	return nil
}

// strange lists the fields of a JSON text that a type does not have. What decodes
// itself may have any.
func strange(at string, raw json.RawMessage, t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	switch t.Kind() {
	case reflect.Slice:
		var all []json.RawMessage
		if json.Unmarshal(raw, &all) == nil {
			for _, one := range all {
				names = append(names, strange(at, one, t.Elem())...)
			}
		}
	case reflect.Struct:
		fields := map[string]json.RawMessage{}
		if json.Unmarshal(raw, &fields) != nil {
			return nil
		}
		known := map[string]reflect.Type{}
		for i := range t.NumField() {
			known[t.Field(i).Tag.Get("json")] = t.Field(i).Type
		}
		for name, value := range fields {
			path := strings.TrimPrefix(at+"."+name, ".")
			if of, ok := known[name]; ok {
				names = append(names, strange(path, value, of)...)
			} else {
				names = append(names, path)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// scalar is a text, a number or a boolean, as it is written.
type scalar string

// UnmarshalJSON takes any value that is no list and no object.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = scalar(text)
		return nil
	}
	if len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') {
		return fmt.Errorf("%.40s is no single value", raw)
	}
	*s = scalar(raw)
	return nil
}

// scalars is one value or a list of them.
type scalars []scalar

// UnmarshalJSON takes a list, or a value that stands for a list of itself.
func (s *scalars) UnmarshalJSON(raw []byte) error {
	var all []scalar
	if json.Unmarshal(raw, &all) == nil {
		*s = all
		return nil
	}
	var one scalar
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*s = scalars{one}
	return nil
}

// texts are the values as texts.
func (s scalars) texts() []string {
	texts := make([]string, len(s))
	for i, v := range s {
		texts[i] = string(v)
	}
	return texts
}
