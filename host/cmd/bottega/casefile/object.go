package casefile

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object that is read field by field, since the format leaves names open
// in some kinds. The first thing wrong with it is kept, and so is which fields were read.
type object struct {
	at     string
	fields map[string]json.RawMessage
	used   []string
	err    *error
}

// remarks are fields that say nothing that counts.
func remarks() []string {
	return []string{"note", "notes", "comment", "title", "name", "description", "email", "peer_asserts", "derived", "product", "variant"}
}

// objectOf reads a JSON object; another value stands for an object of one field.
func objectOf(at string, raw json.RawMessage, alone string, err *error) *object {
	o := &object{at: at, fields: map[string]json.RawMessage{}, err: err}
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
	case raw[0] == '{':
		if e := json.Unmarshal(raw, &o.fields); e != nil {
			o.fail("shape of " + at + ": " + e.Error())
		}
	case alone != "":
		o.fields[alone] = raw
	default:
		o.fail("shape of " + at)
	}
	return o
}

// fail notes that something cannot be read.
func (o *object) fail(what string) {
	if *o.err == nil {
		*o.err = &Missing{Option: what}
	}
}

// has finds a field by any of its names.
func (o *object) has(names ...string) (json.RawMessage, bool) {
	for _, name := range names {
		if raw, ok := o.fields[name]; ok {
			o.used = append(o.used, name)
			if string(raw) != "null" {
				return raw, true
			}
		}
	}
	return nil, false
}

func (o *object) read(into any, names []string) bool {
	raw, ok := o.has(names...)
	if !ok {
		return false
	}
	if err := json.Unmarshal(raw, into); err != nil {
		o.fail("shape of " + o.at + "." + names[0])
		return false
	}
	return true
}

// text is a field that is one value.
func (o *object) text(names ...string) string {
	var s scalar
	o.read(&s, names)
	return string(s)
}

// number is a number, nil if it is not there.
func (o *object) number(names ...string) *float64 {
	var s scalar
	if !o.read(&s, names) {
		return nil
	}
	n, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		o.fail(names[0] + "=" + string(s))
		return nil
	}
	return &n
}

// money is an amount of minor units, nil if it is not there.
func (o *object) money(names ...string) *int64 {
	n := o.number(names...)
	if n == nil {
		return nil
	}
	if !whole(*n) {
		o.fail("amount=" + number(*n))
	}
	amount := int64(*n)
	return &amount
}

// amount is money that is nothing if it is not there.
func (o *object) amount(names ...string) int64 {
	if m := o.money(names...); m != nil {
		return *m
	}
	return 0
}

// flag is a boolean, nil if it is not there.
func (o *object) flag(names ...string) *bool {
	text := o.text(names...)
	if text == "" {
		return nil
	}
	yes := slices.Contains([]string{"true", "yes", "1"}, strings.ToLower(text))
	return &yes
}

// is says whether a boolean is there and true.
func (o *object) is(names ...string) bool {
	flag := o.flag(names...)
	return flag != nil && *flag
}

// list is a list of values, or one that stands for a list of itself.
func (o *object) list(names ...string) []json.RawMessage {
	raw, ok := o.has(names...)
	if !ok {
		return nil
	}
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) == nil {
		return all
	}
	return []json.RawMessage{raw}
}

// objects is a list of objects; a value that is none stands for one with the field alone.
func (o *object) objects(alone string, names ...string) (all []*object) {
	for _, raw := range o.list(names...) {
		all = append(all, objectOf(strings.TrimPrefix(o.at+"."+names[0], "."), raw, alone, o.err))
	}
	return all
}

// texts is a list of single values.
func (o *object) texts(names ...string) (all []string) {
	for _, raw := range o.list(names...) {
		var s scalar
		if json.Unmarshal(raw, &s) != nil {
			o.fail("shape of " + o.at + "." + names[0])
		}
		all = append(all, string(s))
	}
	return all
}

// done notes a field that nobody read and that may count.
func (o *object) done(but ...string) {
	var rest []string
	for name := range o.fields {
		if !slices.Contains(o.used, name) && !slices.Contains(remarks(), name) && !slices.Contains(but, name) {
			rest = append(rest, name)
		}
	}
	if len(rest) > 0 {
		slices.Sort(rest)
		o.fail("field=" + o.at + "." + rest[0])
	}
}

// whole says whether a number has no fraction.
func whole(n float64) bool { return n == math.Trunc(n) }
