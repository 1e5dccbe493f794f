package rest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// conventionOf describes integers and strings of a format that JSON Schema does
// not have, where a manifest says nothing more.
var conventionOf = map[string]string{
	"money":        "In minor units of the currency: 1240 is 12.40.",
	"quantity":     "In the unit of the goods: pieces, grams or millimetres.",
	"basis-points": "In hundredths of a percent: 2000 is 20 %.",
	"zone":         "A time zone of the IANA database, e.g. Europe/Rome.",
}

const (
	typesPrefix   = "#/types/"
	schemasPrefix = "#/components/schemas/"
)

// vocabulary are the named types of one contract.
type vocabulary struct {
	contract string
	types    map[string]json.RawMessage
}

// schema reads a schema of a manifest as it stands in the document. The types
// that it refers to become components.
func (d *composer) schema(raw json.RawMessage, v vocabulary) (*ordered, error) {
	if len(raw) == 0 {
		raw = json.RawMessage(`{"type":"object","additionalProperties":false}`)
	}
	value, err := parseOrdered(raw)
	if err != nil {
		return nil, err
	}
	s, ok := value.(*ordered)
	if !ok {
		return nil, fmt.Errorf("a schema is an object: %s", raw)
	}
	return s, d.adapt(s, v)
}

// adapt turns a schema of a manifest into one of OpenAPI, in place.
func (d *composer) adapt(s *ordered, v vocabulary) error {
	if ref := s.text("$ref"); ref != "" {
		name, err := d.component(ref, v)
		if err != nil {
			return err
		}
		s.set("$ref", schemasPrefix+name)
	}
	if to := s.get("ref"); to != nil {
		s.remove("ref")
		s.set("x-ref", to)
	}
	if said := conventionOf[s.text("format")]; said != "" && s.text("description") == "" {
		s.set("description", said)
	}
	anything(s)
	return d.children(s, func(child *ordered) error { return d.adapt(child, v) })
}

// anything writes the schema of just any value as an object: generators of clients
// trip over the true that JSON Schema allows in its place.
func anything(s *ordered) {
	if s.get("items") == true {
		s.set("items", newOrdered())
	}
	if group := s.object("properties"); group != nil {
		for _, member := range group.names {
			if group.get(member) == true {
				group.set(member, newOrdered())
			}
		}
	}
}

// children calls fn for the schemas within a schema.
func (d *composer) children(s *ordered, fn func(*ordered) error) error {
	for _, name := range []string{"items", "additionalProperties", "not"} {
		if child := s.object(name); child != nil {
			if err := fn(child); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"properties", "$defs"} {
		group := s.object(name)
		if group == nil {
			continue
		}
		for _, member := range group.names {
			if child := group.object(member); child != nil {
				if err := fn(child); err != nil {
					return fmt.Errorf("%s: %w", member, err)
				}
			}
		}
	}
	return nil
}

// component is the name under which a type stands in the document.
func (d *composer) component(ref string, v vocabulary) (string, error) {
	short, ok := strings.CutPrefix(ref, typesPrefix)
	raw, known := v.types[short]
	if !ok || !known {
		return "", fmt.Errorf("$ref %q: no such type", ref)
	}
	name := v.contract + "." + short
	if d.schemas.get(name) != nil {
		return name, nil
	}
	d.schemas.set(name, newOrdered()) // so that a type that contains itself ends
	s, err := d.schema(raw, v)
	if err != nil {
		return "", fmt.Errorf("type %s: %w", short, err)
	}
	d.schemas.set(name, s)
	return name, nil
}

// anyType is the media type of files, whose own is known when there is one.
const anyType = "*/*"

// isFile says whether a schema is that of a file.
func (d *composer) isFile(s *ordered) bool { return d.resolve(s).text("format") == "file" }

// resolve follows a reference to a component.
func (d *composer) resolve(s *ordered) *ordered {
	for s != nil {
		name, ok := strings.CutPrefix(s.text("$ref"), schemasPrefix)
		if !ok {
			return s
		}
		s = d.schemas.object(name)
	}
	return newOrdered()
}

// media is a JSON body with an example: the schema's own, or one made of it.
func (d *composer) media(s *ordered) *ordered {
	return newOrdered("application/json", newOrdered("schema", s, "example", d.sample("value", s, 0)))
}

// sample is a value that fits a schema: its own example if it has one, else the
// required fields, or all of them if none is required.
func (d *composer) sample(name string, s *ordered, depth int) any {
	s = d.resolve(s)
	if own, ok := s.get("examples").([]any); ok && len(own) > 0 {
		return own[0]
	}
	if all, ok := s.get("enum").([]any); ok && len(all) > 0 {
		return all[0]
	}
	switch typeOf(s) {
	case "object":
		return d.sampleObject(s, depth)
	case "array":
		if item := s.object("items"); item != nil && depth < 8 {
			return []any{d.sample(name, item, depth+1)}
		}
		return []any{}
	case "integer":
		return sampleInteger(s)
	case "number":
		return json.Number("1.5")
	case "boolean":
		return true
	case "string":
		return sampleString(name, s)
	}
	return newOrdered()
}

func (d *composer) sampleObject(s *ordered, depth int) *ordered {
	out, fields := newOrdered(), s.object("properties")
	if fields == nil || depth > 8 {
		return out
	}
	wanted := fields.names
	if required, ok := s.get("required").([]any); ok && len(required) > 0 {
		wanted = nil
		for _, r := range required {
			if name, ok := r.(string); ok {
				wanted = append(wanted, name)
			}
		}
	}
	for _, name := range wanted {
		if child := fields.object(name); child != nil {
			out.set(name, d.sample(name, child, depth+1))
		}
	}
	return out
}

// typeOf is the type of a schema's values that are not null.
func typeOf(s *ordered) string {
	if t := s.text("type"); t != "" {
		return t
	}
	all, _ := s.get("type").([]any)
	for _, t := range all {
		if t != "null" {
			name, _ := t.(string)
			return name
		}
	}
	return ""
}

func sampleInteger(s *ordered) int64 {
	n := map[string]int64{"money": 1990, "basis-points": 2000}[s.text("format")]
	if n == 0 {
		n = 1
	}
	if least, ok := s.get("minimum").(json.Number); ok {
		if v, err := least.Int64(); err == nil {
			n = max(n, v)
		}
	}
	if most, ok := s.get("maximum").(json.Number); ok {
		if v, err := most.Int64(); err == nil {
			n = min(n, v)
		}
	}
	return n
}

func sampleString(name string, s *ordered) string {
	switch {
	case s.text("format") == "date-time":
		return "2026-11-21T17:05:00Z"
	case s.text("format") == "zone":
		return "Europe/Rome"
	case s.text("contentEncoding") == "base64":
		return "Y2lhbw=="
	}
	if least, ok := s.get("minLength").(json.Number); ok {
		if v, err := least.Int64(); err == nil && int(v) > len(name) {
			name += strings.Repeat("x", int(v)-len(name))
		}
	}
	if most, ok := s.get("maxLength").(json.Number); ok {
		if v, err := most.Int64(); err == nil && int(v) < len(name) {
			name = name[:v]
		}
	}
	return name
}
