package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The fields that mean the same in every operation of the host.
const (
	fieldIfMatch = "if_match"
	fieldAfter   = "after"
	fieldNext    = "next"
	fieldLimit   = "limit"
)

const maxPage = 200 // items of a list

// The kinds of a plain field.
const (
	kindString  = "string"
	kindInteger = "integer"
	kindBoolean = "boolean"
)

// param is a field of an input.
type param struct {
	name string
	kind string // of it, or of its items if it is a list; "" if it is not plain
	list bool
}

func (p param) scalar() bool { return p.kind != "" }

// fieldsOf are the fields of an input in their order.
func fieldsOf(s *jsonschema.Schema) ([]param, error) {
	if s == nil {
		return nil, errors.New("no schema of the input")
	}
	var all []param
	for _, name := range names(s) {
		f := s.Properties[name]
		p := param{name: name, kind: kindOf(f)}
		if p.kind == "array" && f.Items != nil {
			p.list, p.kind = true, kindOf(f.Items)
		}
		if p.kind != kindString && p.kind != kindInteger && p.kind != kindBoolean {
			p.kind = ""
		}
		all = append(all, p)
	}
	return all, nil
}

// names are the properties of a schema in their order.
func names(s *jsonschema.Schema) []string {
	out := slices.Clone(s.PropertyOrder)
	var rest []string
	for name := range s.Properties {
		if !slices.Contains(out, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(out, rest...)
}

// kindOf is the type of a value that is not null.
func kindOf(s *jsonschema.Schema) string {
	if s.Type != "" {
		return s.Type
	}
	for _, t := range s.Types {
		if t != "null" {
			return t
		}
	}
	return ""
}

func has(s *jsonschema.Schema, field string) bool { return s != nil && s.Properties[field] != nil }

// pathNames are the names in the braces of a path.
func pathNames(path string) []string {
	var all []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			all = append(all, strings.TrimSuffix(name, "}"))
		}
	}
	return all
}

// input makes the JSON of the operation's input from everywhere that it stands.
// The operation itself decodes it, strictly.
func (r *route) input(c echo.Context, scope scope) ([]byte, error) {
	in := members{out: []byte{'{'}}
	for _, p := range r.vars {
		value, err := identifier(c.Param(p.name), p)
		if err != nil {
			return nil, err
		}
		scope.filter.Set(p.name, value)
		if err := in.add(p, []string{value}); err != nil {
			return nil, err
		}
	}
	if r.IfMatch {
		etag, err := ifMatch(c.Request().Header)
		if err != nil {
			return nil, err
		}
		in.text(fieldIfMatch, etag)
	}
	if r.body {
		return in.body(c)
	}
	if c.Request().ContentLength > 0 {
		return nil, refuse(abi.Invalid, "body", "This address takes its input from the URL, and no body.")
	}
	err := in.finish(r.fromQuery(c.Request().URL.RawQuery, &in, scope))
	return in.out, err
}

// fromQuery adds the parameters of a URL. What there is no field for is refused
// with the names that there are.
func (r *route) fromQuery(raw string, in *members, scope scope) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return refuse(abi.Invalid, abi.ReasonMalformed, "The query string is malformed.")
	}
	if err := r.foreign(values); err != nil {
		return err
	}
	for _, p := range r.query {
		given, ok := values[p.name]
		if !ok {
			continue
		}
		if p.name != fieldAfter && p.name != fieldLimit {
			scope.filter[p.name] = given
		}
	}
	for _, p := range r.query {
		given, ok := values[p.name]
		if !ok {
			continue
		}
		if p.name == fieldAfter && r.list {
			if given, err = scope.open(given); err != nil {
				return err
			}
		}
		if err := in.add(p, given); err != nil {
			return err
		}
	}
	return nil
}

// foreign refuses the first parameter for which there is no field.
func (r *route) foreign(values url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(r.query, func(p param) bool { return p.name == name }) {
			return r.unknown(name)
		}
	}
	return nil
}

func (r *route) unknown(name string) error {
	known := make([]string, len(r.query))
	for i, p := range r.query {
		known[i] = p.name
	}
	slices.Sort(known)
	e := refuse(abi.Invalid, schema.ReasonUnknownField, "There is no such parameter; known: "+strings.Join(known, ", ")+".")
	if len(known) == 0 {
		e.Message = "This address takes no parameters."
	}
	e.Pointer = pointerTo(name)
	return e
}

// pointerTo names a parameter; one that cannot be a name is not repeated.
func pointerTo(name string) string {
	if !validName(name) {
		return ""
	}
	return "/" + name
}

// identifier is a part of a path that names something: nothing that means
// anything to a file system, a log or another URL.
func identifier(escaped string, p param) (string, error) {
	value, err := url.PathUnescape(escaped)
	valid := err == nil && value != "" && len(value) <= 128 && strings.Trim(value, ".") != "" &&
		!strings.ContainsFunc(value, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._:@-", c)
		})
	if !valid {
		e := refuse(abi.Invalid, "id", "An id has 1 to 128 letters, digits and . _ : @ -")
		e.Pointer = "/" + p.name
		return "", e
	}
	return value, nil
}

// ifMatch is the one version that a caller means to change.
func ifMatch(h http.Header) (string, error) {
	values := h.Values(headerMatch)
	if len(values) == 0 {
		return "", refuse(abi.FailedPrecondition, reasonIfMatch, "Send If-Match with the ETag of what you mean to change.")
	}
	etag, open := strings.CutPrefix(values[0], `"`)
	etag, closed := strings.CutSuffix(etag, `"`)
	if len(values) > 1 || !open || !closed || etag == "" || len(etag) > 128 || strings.ContainsAny(etag, "\"\\,") {
		return "", refuse(abi.Invalid, "if_match", "If-Match is one ETag in quotes, as it was answered.")
	}
	return etag, nil
}

// members writes the members of a JSON object.
type members struct{ out []byte }

func (m *members) name(name string) {
	if len(m.out) > 1 {
		m.out = append(m.out, ',')
	}
	m.out = append(strconv.AppendQuote(m.out, name), ':')
}

// text adds a string; quoting a Go string would not do for JSON.
func (m *members) text(name, value string) {
	m.name(name)
	m.string(value)
}

func (m *members) string(value string) {
	quoted, err := json.Marshal(value)
	if err != nil { // of a string there is none
		quoted = []byte(`""`)
	}
	m.out = append(m.out, quoted...)
}

// add adds a field as its type says.
func (m *members) add(p param, values []string) error {
	if !p.list && len(values) != 1 {
		return badParameter(p.name, schema.ReasonDuplicateKey, "This parameter stands twice.")
	}
	m.name(p.name)
	if p.list {
		m.out = append(m.out, '[')
	}
	for i, v := range values {
		if i > 0 {
			m.out = append(m.out, ',')
		}
		if err := m.value(p, v); err != nil {
			return err
		}
	}
	if p.list {
		m.out = append(m.out, ']')
	}
	return nil
}

func (m *members) value(p param, v string) error {
	switch p.kind {
	case kindInteger:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n > schema.MaxInteger || n < -schema.MaxInteger {
			return badParameter(p.name, schema.ReasonType, "An integer is expected.")
		}
		if p.name == fieldLimit {
			if n < 1 {
				return badParameter(p.name, schema.ReasonRange, fmt.Sprintf("From 1 to %d.", maxPage))
			}
			n = min(n, maxPage)
		}
		m.out = strconv.AppendInt(m.out, n, 10)
	case kindBoolean:
		if v != "true" && v != "false" {
			return badParameter(p.name, schema.ReasonType, "It is true or false.")
		}
		m.out = append(m.out, v...)
	default:
		m.string(v)
	}
	return nil
}

func badParameter(name, reason, message string) error {
	e := refuse(abi.Invalid, reason, message)
	e.Pointer = "/" + name
	return e
}

func (m *members) finish(err error) error {
	m.out = append(m.out, '}')
	return err
}

// body adds the members of the JSON body and ends the object. A field that
// stands in the path too stands twice, which the operation refuses.
func (m *members) body(c echo.Context) ([]byte, error) {
	r := c.Request()
	if r.ContentLength == 0 && r.Header.Get(echo.HeaderContentType) == "" && r.URL.RawQuery == "" {
		m.out = append(m.out, '}')
		return m.out, nil
	}
	body, err := readJSON(c)
	if err != nil {
		return nil, err
	}
	body = bytes.TrimSpace(body)
	inner, ok := bytes.CutPrefix(body, []byte{'{'})
	if !ok || !json.Valid(body) {
		return nil, refuse(abi.Invalid, abi.ReasonMalformed, "The body is one well-formed JSON object.")
	}
	if len(m.out) > 1 && len(bytes.TrimSpace(inner)) > 1 {
		m.out = append(m.out, ',')
	}
	return append(m.out, inner...), nil
}
