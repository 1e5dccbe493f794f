package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/bottega-retail/bottega/manifests"
)

// MaxSize is the length of the longest manifest, in bytes.
const MaxSize = 1 << 20

// Problem is one thing that is wrong with a manifest.
type Problem struct {
	Line    int    // 0 if it is not known
	Pointer string // RFC 6901 pointer to the value at fault
	Reason  string // one of the Reason… of this package
	Text    string

	missing bool // something that is not there
}

// Problems is the error of Parse and Validate.
type Problems []Problem

// Error is a line per problem: "14  /grants/0/why  en is missing".
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = fmt.Sprintf("%d  %s  %s", one.Line, one.Pointer, one.Text)
	}
	return strings.Join(lines, "\n")
}

// Parse reads a manifest strictly: one JSON document in UTF-8 of at most
// MaxSize, every name known, written as it is written here and given once, and
// all that the schema and Validate ask for. The error is Problems.
func Parse(b []byte) (*Manifest, error) {
	m := new(Manifest)
	if p := parse(b, schema, m); len(p) > 0 {
		return nil, reasoned(p)
	}
	return m, nil
}

// checked is a document that knows what is wrong with it.
type checked interface{ problems() Problems }

// parse reads a document strictly, by a schema and then by its own rules.
func parse(b []byte, schema func() (*jsonschema.Schema, error), into checked) Problems {
	lines, err := Scan(b)
	if p, ok := errors.AsType[Problems](err); ok {
		return p
	}
	if p := conforms(b, schema, lines); len(p) > 0 {
		return p
	}
	if err := json.Unmarshal(b, into); err != nil {
		return Problems{{Text: err.Error()}}
	}
	p := into.problems()
	for i := range p {
		p[i].Line = lines.Line(p[i].Pointer)
	}
	return p
}

// conforms compares a document with the schema.
func conforms(b []byte, compiled func() (*jsonschema.Schema, error), lines Lines) Problems {
	schema, err := compiled()
	if err != nil {
		return Problems{{Text: err.Error()}}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return Problems{{Text: err.Error()}}
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(doc); errors.As(err, &invalid) {
		return sorted(leaves(invalid, lines))
	} else if err != nil {
		return Problems{{Text: err.Error()}}
	}
	return nil
}

// sorted puts problems in the order of their lines, and what is missing behind
// what is there: a field in the wrong case is both.
func sorted(p Problems) Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.missing != b.missing {
			if a.missing {
				return 1
			}
			return -1
		}
		return a.Line - b.Line
	})
	return p
}

// leaves are the causes that have no cause.
func leaves(e *jsonschema.ValidationError, lines Lines) Problems {
	if len(e.Causes) == 0 {
		at := pointer(e.InstanceLocation)
		text := e.Error()
		if i := strings.LastIndex(text, "': "); i >= 0 {
			text = text[i+3:]
		}
		p := Problem{Line: lines.Line(at), Pointer: at, Text: text}
		switch k := e.ErrorKind.(type) {
		case *kind.Required:
			p.missing = true
		case *kind.AdditionalProperties:
			if reasonAt(at) != ReasonSchema {
				p.Reason = ReasonManifest // whatever the field around it is about
			}
			p.Line = lines.Line(at + "/" + escape(k.Properties[0]))
		}
		return Problems{p}
	}
	var out Problems
	for _, c := range e.Causes {
		out = append(out, leaves(c, lines)...)
	}
	return out
}

// schema compiles the schema once. It loads nothing: a manifest of a stranger
// must not make the host read files or the network.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return compile("manifest.schema.json", manifests.Schema())
})

func compile(name string, text []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	if err := c.AddResource(name, doc); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

type noLoader struct{}

func (noLoader) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not loaded", url) }
