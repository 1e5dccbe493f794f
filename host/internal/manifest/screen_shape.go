package manifest

import (
	"encoding/json"
	"slices"
	"strings"
)

// The bounds of an input that people fill in.
const (
	maxScreenDepth  = 8   // levels of objects and lists
	maxScreenFields = 500 // drawn at once
)

// shape is what screens need to know of a schema.
type shape struct {
	Ref        string                     `json:"$ref"`
	Type       string                     `json:"type"`
	Format     string                     `json:"format"`
	Items      json.RawMessage            `json:"items"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
}

// shapes finds fields in schemas. Screens name the same few many times, and decoding them
// each time was half of what it takes to read a manifest, which every start does for each
// app: so each is decoded once.
type shapes struct {
	named   map[string]json.RawMessage
	decoded map[string]*shape // by text; nil is none
}

// shapesOf finds fields in schemas that refer to named ones.
func shapesOf(named map[string]json.RawMessage) shapes {
	return shapes{named, map[string]*shape{}}
}

// of reads a schema, behind its reference if it is one. Nobody may change what it answers.
func (t shapes) of(raw json.RawMessage) (s shape, ok bool) {
	for range maxDepth {
		found := t.decode(raw)
		if found == nil {
			return s, false
		}
		name, refers := strings.CutPrefix(found.Ref, "#/types/")
		if !refers {
			return *found, true
		}
		s, raw = *found, t.named[name]
	}
	return s, false
}

func (t shapes) decode(raw json.RawMessage) *shape {
	s, known := t.decoded[string(raw)]
	if known {
		return s
	}
	s = &shape{}
	if len(raw) == 0 || json.Unmarshal(raw, s) != nil {
		s = nil
	}
	t.decoded[string(raw)] = s
	return s
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
	_, ok := t.within(raw, path)
	return ok
}

// within is like at, and what is in a list is there as if it were one.
func (t shapes) within(raw json.RawMessage, path string) (shape, bool) {
	s, ok := t.of(raw)
	for ok && path != "" {
		for ok && s.Type == "array" {
			s, ok = t.of(s.Items)
		}
		var name string
		name, path, _ = strings.Cut(path, ".")
		s, ok = t.of(s.Properties[name])
	}
	return s, ok
}

// records is the schema of what a list holds.
func (t shapes) records(raw json.RawMessage, path string) (json.RawMessage, bool) {
	s, ok := t.at(raw, path)
	return s.Items, ok && s.Type == "array"
}

// through is like records, for a path that may lead through lists.
func (t shapes) through(raw json.RawMessage, path string) (json.RawMessage, bool) {
	s, ok := t.within(raw, path)
	return s.Items, ok && s.Type == "array"
}

// endless is more than any size.
const endless = 1 << 30

// size is how large a form of a schema is.
type size struct {
	levels int // of objects and lists
	fields int // that are drawn at once: what is in a list is drawn when it is added
}

// sizes measures what a form draws of schemas. Each named one is looked at once,
// unless something in it is hidden there: a few that all refer to each other many
// times would otherwise take for ever.
type sizes struct {
	types  map[string]json.RawMessage
	hidden []string        // paths of fields that are not drawn; lists add nothing to a path
	known  map[string]size // endless while it is being looked at
}

// of measures the schema of the field at a path, which lies so many levels deep.
func (z sizes) of(raw json.RawMessage, path string, deep int) size {
	var s shape
	if path != "" && slices.Contains(z.hidden, path) || len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
		return size{}
	}
	if deep > maxDepth {
		return size{endless, endless}
	}
	if name, refers := strings.CutPrefix(s.Ref, "#/types/"); refers {
		if z.hides(path) {
			return z.of(z.types[name], path, deep+1)
		}
		if _, seen := z.known[name]; !seen {
			z.known[name] = size{endless, endless}
			z.known[name] = z.of(z.types[name], path, deep+1)
		}
		return z.known[name]
	}
	if s.Type != "object" && s.Type != "array" {
		return size{0, 1}
	}
	all := size{levels: z.of(s.Items, path, deep+1).levels, fields: 1}
	for name, p := range s.Properties {
		one := z.of(p, strings.TrimPrefix(path+"."+name, "."), deep+1)
		all = size{max(all.levels, one.levels), min(all.fields+one.fields, endless)}
	}
	all.levels = min(all.levels+1, endless)
	return all
}

// hides says whether something in the field at a path is not drawn.
func (z sizes) hides(path string) bool {
	return slices.ContainsFunc(z.hidden, func(h string) bool { return path == "" || strings.HasPrefix(h, path+".") })
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
