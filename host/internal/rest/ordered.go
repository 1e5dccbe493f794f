package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// ordered is a JSON object whose members stay in their order: documentation is
// read in the order in which it was written, and equal documents have equal
// bytes.
type ordered struct {
	names  []string
	values map[string]any
}

// newOrdered makes an object of names and values in turn.
func newOrdered(pairs ...any) *ordered {
	o := &ordered{values: make(map[string]any, len(pairs)/2)}
	for i := 0; i < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// set adds a member, or changes it where it stands.
func (o *ordered) set(name string, value any) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = value
}

func (o *ordered) get(name string) any { return o.values[name] }

func (o *ordered) text(name string) string {
	s, _ := o.values[name].(string)
	return s
}

// object is a member that is an object, nil if it is none.
func (o *ordered) object(name string) *ordered {
	child, _ := o.values[name].(*ordered)
	return child
}

func (o *ordered) remove(name string) {
	if i := slices.Index(o.names, name); i >= 0 {
		o.names = slices.Delete(o.names, i, i+1)
		delete(o.values, name)
	}
}

// sort puts the members into the order of their names.
func (o *ordered) sort() { slices.Sort(o.names) }

// MarshalJSON writes the members in their order.
func (o *ordered) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, v := range []any{name, o.values[name]} {
			if j > 0 {
				out.WriteByte(':')
			}
			b, err := marshal(v)
			if err != nil {
				return nil, err
			}
			out.Write(b)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// parseOrdered reads one JSON value: objects are *ordered, numbers json.Number.
func parseOrdered(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return parseValue(d)
}

func parseValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := newOrdered()
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			o.set(name.(string), value)
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('}'), json.Delim(']'):
		return nil, errors.New("a bracket without its other")
	}
	return t, nil
}
