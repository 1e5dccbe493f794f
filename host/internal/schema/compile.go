package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tinylib/msgp/msgp"
)

// Compile compiles a schema whose "$ref" are "#/types/Name" into types. It
// refuses remote and recursive references, keywords that it does not enforce,
// and schemas that are too big or too deep. An empty raw is the schema of an
// object without properties.
func Compile(raw json.RawMessage, types map[string]json.RawMessage) (*Schema, error) {
	if len(raw) == 0 {
		raw = json.RawMessage(`{"type":"object"}`)
	}
	c := compiler{types: types, done: map[string]compiled{}, open: map[string]bool{}}
	root, _, err := c.compile(raw, 0)
	if err != nil {
		return nil, err
	}
	return &Schema{root: root}, nil
}

// compiler compiles the named types that a schema refers to once each.
type compiler struct {
	types map[string]json.RawMessage
	done  map[string]compiled
	open  map[string]bool // being compiled now
}

type compiled struct {
	node   *node
	height int // of nested objects and arrays
}

// keywords is one schema as it is written. Members that are not here are
// annotations or refused.
type keywords struct {
	Ref                  string          `json:"$ref"`
	Type                 string          `json:"type"`
	Format               string          `json:"format"`
	ContentEncoding      string          `json:"contentEncoding"`
	Properties           members         `json:"properties"`
	Required             []string        `json:"required"`
	AdditionalProperties json.RawMessage `json:"additionalProperties"`
	Items                json.RawMessage `json:"items"`
	Enum                 json.RawMessage `json:"enum"`
	Minimum              json.Number     `json:"minimum"`
	Maximum              json.Number     `json:"maximum"`
	MinLength            *int64          `json:"minLength"`
	MaxLength            *int64          `json:"maxLength"`
	MinItems             *int64          `json:"minItems"`
	MaxItems             *int64          `json:"maxItems"`

	WriteOnly bool `json:"writeOnly"`

	Title       json.RawMessage `json:"title"`
	Description json.RawMessage `json:"description"`
	Comment     json.RawMessage `json:"$comment"`
	Dialect     json.RawMessage `json:"$schema"`
	ID          json.RawMessage `json:"$id"`
	Default     json.RawMessage `json:"default"`
	Examples    json.RawMessage `json:"examples"`
	Deprecated  json.RawMessage `json:"deprecated"`
	ReadOnly    json.RawMessage `json:"readOnly"`
	Refers      json.RawMessage `json:"ref"` // to records of a collection, for screens
}

// members are the members of an object in the order they are written, which
// encoding/json does not keep by itself.
type members []member

type member struct {
	name string
	raw  json.RawMessage
}

// UnmarshalJSON reads the members in order.
func (m *members) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.New("properties: an object is expected")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		next := member{name: name.(string)}
		if err := d.Decode(&next.raw); err != nil {
			return err
		}
		*m = append(*m, next)
	}
	return nil
}

func (c *compiler) compile(raw json.RawMessage, depth int) (*node, int, error) {
	if depth > maxDepth {
		return nil, 0, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if len(raw) > maxBytes {
		return nil, 0, fmt.Errorf("larger than %d bytes", maxBytes)
	}
	k, err := parseKeywords(raw)
	if err != nil {
		return nil, 0, err
	}
	if k.Ref != "" {
		return c.named(k.Ref, depth)
	}
	height := 0
	n := &node{min: -MaxInteger, max: MaxInteger}
	switch k.Type {
	case "object":
		n.kind = object
		if height, err = c.object(n, k, depth); err == nil && k.Format == formatFile {
			err = n.beFile()
		}
	case "array":
		n.kind = array
		height, err = c.array(n, k, depth)
	case "string":
		err = n.string(k)
	case "integer":
		err = n.integer(k)
	case "boolean":
		n.kind = boolean
	default:
		err = fmt.Errorf("type %q: not one of object, array, string, integer, boolean", k.Type)
	}
	if err == nil && depth+height > maxDepth {
		err = fmt.Errorf("nested deeper than %d", maxDepth)
	}
	return n, height, err
}

func parseKeywords(raw json.RawMessage) (*keywords, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	k := new(keywords)
	if err := d.Decode(k); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return k, nil
}

func (c *compiler) named(ref string, depth int) (*node, int, error) {
	name, ok := strings.CutPrefix(ref, "#/types/")
	raw, known := c.types[name]
	if !ok || !known {
		return nil, 0, fmt.Errorf("$ref %q: only #/types/Name of the same manifest", ref)
	}
	if c.open[name] {
		return nil, 0, fmt.Errorf("$ref %q: a type that contains itself", ref)
	}
	if done, ok := c.done[name]; ok {
		if depth+done.height > maxDepth {
			return nil, 0, fmt.Errorf("nested deeper than %d", maxDepth)
		}
		return done.node, done.height, nil
	}
	c.open[name] = true
	defer delete(c.open, name)
	n, height, err := c.compile(raw, depth)
	if err != nil {
		return nil, 0, fmt.Errorf("type %s: %w", name, err)
	}
	c.done[name] = compiled{n, height}
	return n, height, nil
}

func (c *compiler) object(n *node, k *keywords, depth int) (height int, err error) {
	if a := k.AdditionalProperties; len(a) != 0 && string(a) != "false" {
		return 0, errors.New("additionalProperties: only false")
	}
	if len(k.Properties) > maxProperties {
		return 0, fmt.Errorf("%d properties: more than %d", len(k.Properties), maxProperties)
	}
	n.index = make(map[string]int, len(k.Properties))
	for i, m := range k.Properties {
		if _, twice := n.index[m.name]; twice {
			return 0, fmt.Errorf("property %s: declared twice", m.name)
		}
		child, h, err := c.compile(m.raw, depth+1)
		if err != nil {
			return 0, fmt.Errorf("property %s: %w", m.name, err)
		}
		height = max(height, h+1)
		n.index[m.name] = i
		n.props = append(n.props, property{
			name: m.name,
			wire: msgp.AppendString(nil, m.name),
			json: append(appendText(nil, []byte(m.name)), ':'),
			node: child,
		})
	}
	return height, n.require(k.Required)
}

func (n *node) require(names []string) error {
	for _, name := range names {
		i, ok := n.index[name]
		if !ok {
			return fmt.Errorf("required %s: no such property", name)
		}
		n.needs = append(n.needs, i)
	}
	slices.Sort(n.needs)
	n.needs = slices.Compact(n.needs)
	return nil
}

func (c *compiler) array(n *node, k *keywords, depth int) (int, error) {
	if len(k.Items) == 0 {
		return 0, errors.New("items: an array says what it holds")
	}
	item, height, err := c.compile(k.Items, depth+1)
	if err != nil {
		return 0, fmt.Errorf("items: %w", err)
	}
	n.item = item
	n.lengths(k.MinItems, k.MaxItems)
	return height + 1, nil
}

func (n *node) string(k *keywords) error {
	n.kind, n.secret = text, k.WriteOnly
	switch {
	case k.Format == "date-time":
		n.kind = instant
		return nil
	case k.Format == "zone":
		n.kind = zone
	case k.ContentEncoding == "base64":
		n.kind = binary
	case k.ContentEncoding != "":
		return fmt.Errorf("contentEncoding %q: only base64", k.ContentEncoding)
	}
	n.lengths(k.MinLength, k.MaxLength)
	if len(k.Enum) == 0 {
		return nil
	}
	var words []string
	if err := json.Unmarshal(k.Enum, &words); err != nil {
		return fmt.Errorf("enum: %w", err)
	}
	n.words = make(map[string]bool, len(words))
	for _, w := range words {
		n.words[w] = true
	}
	return nil
}

func (n *node) lengths(least, most *int64) {
	n.min, n.max = 0, math.MaxInt64
	if least != nil {
		n.min = *least
	}
	if most != nil {
		n.max = *most
	}
}

func (n *node) integer(k *keywords) (err error) {
	n.kind = integer
	if n.min, err = bound(k.Minimum, n.min); err != nil {
		return fmt.Errorf("minimum: %w", err)
	}
	if n.max, err = bound(k.Maximum, n.max); err != nil {
		return fmt.Errorf("maximum: %w", err)
	}
	if len(k.Enum) == 0 {
		return nil
	}
	var numbers []int64
	if err := json.Unmarshal(k.Enum, &numbers); err != nil {
		return fmt.Errorf("enum: %w", err)
	}
	n.numbers = make(map[int64]bool, len(numbers))
	for _, v := range numbers {
		n.numbers[v] = true
	}
	return nil
}

// bound is a bound of an integer, cut to what JSON carries.
func bound(number json.Number, preset int64) (int64, error) {
	if number == "" {
		return preset, nil
	}
	v, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%s is no integer", number)
	}
	return min(max(v, -MaxInteger), MaxInteger), nil
}
