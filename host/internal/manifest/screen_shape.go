package manifest

import (
	"encoding/json"
	"strings"
)

// maxScreenDepth is how deep an input may be that people fill in.
const maxScreenDepth = 8

// shape is what screens need to know of a schema.
type shape struct {
	Ref        string                     `json:"$ref"`
	Type       string                     `json:"type"`
	Format     string                     `json:"format"`
	Items      json.RawMessage            `json:"items"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
}

// shapes finds fields in schemas; it holds those that have names.
type shapes map[string]json.RawMessage

// of reads a schema, behind its reference if it is one.
func (t shapes) of(raw json.RawMessage) (s shape, ok bool) {
	for range maxDepth {
		s = shape{}
		if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
			return s, false
		}
		name, refers := strings.CutPrefix(s.Ref, "#/types/")
		if !refers {
			return s, true
		}
		raw = t[name]
	}
	return s, false
}

// at is the field of an object that a path with dots names. "" is the object.
func (t shapes) at(raw json.RawMessage, path string) (shape, bool) {
	s, ok := t.of(raw)
	for ok && path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		s, ok = t.of(s.Properties[name])
	}
	return s, ok
}

// label is the field that people are told about: like at, and what is in a list
// is there as if it were one.
func (t shapes) label(raw json.RawMessage, path string) bool {
	s, ok := t.of(raw)
	for ok && path != "" {
		for ok && s.Type == "array" {
			s, ok = t.of(s.Items)
		}
		var name string
		name, path, _ = strings.Cut(path, ".")
		s, ok = t.of(s.Properties[name])
	}
	return ok
}

// records is the schema of what a list holds.
func (t shapes) records(raw json.RawMessage, path string) (json.RawMessage, bool) {
	s, ok := t.at(raw, path)
	return s.Items, ok && s.Type == "array"
}

// deep says whether a schema has more than some levels, or no end.
func (t shapes) deep(raw json.RawMessage, levels int) bool {
	s, ok := t.of(raw)
	if !ok || s.Type != "object" && s.Type != "array" {
		return false
	}
	if levels == 0 {
		return true
	}
	if s.Type == "array" {
		return t.deep(s.Items, levels-1)
	}
	for _, p := range s.Properties {
		if t.deep(p, levels-1) {
			return true
		}
	}
	return false
}

// formats says which types a format shows; one that is not here shows any.
var formats = map[string]string{
	"text": "string", "integer": "integer", "quantity": "integer", "money": "integer", "percent": "integer",
	"date": "string", "datetime": "string", "badge": "string", "boolean": "boolean", "gtin": "string",
	"phone": "string", "email": "string", "country": "string", "count": "array",
}

// shows says whether a format can show a field. Texts may be several.
func (t shapes) shows(format string, s shape) bool {
	want, ok := formats[format]
	if !ok || s.Type == want {
		return true
	}
	item, _ := t.of(s.Items)
	return format == "text" && s.Type == "array" && item.Type == "string"
}
