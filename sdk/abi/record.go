package abi

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Collection is what a guest declares of a set of records and what the host
// needs to keep its indexes. Field names are those on the wire; "a.b" reaches
// into a nested record.
type Collection struct {
	Name    string
	Key     []string // fields of the primary key, in order; never absent
	Indexes []Index
	Expires string // integer field: the instant after which a record is absent; 0 never
	Subject string // text field: whom a record is about
}

// Index is a second order of a collection. A record whose indexed text is
// empty or whose field is absent has no entry. A field that holds an array has
// an entry for each distinct element.
type Index struct {
	Name   string
	Fields []string
	Unique bool
}

// Index finds an index by name.
func (c *Collection) Index(name string) (int, bool) {
	i := slices.IndexFunc(c.Indexes, func(x Index) bool { return x.Name == name })
	return i, i >= 0
}

// Keys are the keys of one record.
type Keys struct {
	Primary []byte
	Index   [][][]byte // per index of the collection: the encoded field parts of each entry
	Expires int64
	Subject string
}

// ErrRecord is a record that its collection cannot hold.
var ErrRecord = errors.New("record does not fit its collection")

// recordError is a record's fault: of which kind, where and, if there is more to
// say, why.
type recordError struct {
	kind  error
	where string
	why   error
}

func (e *recordError) Error() string {
	if e.why == nil {
		return e.kind.Error() + ": " + e.where
	}
	return e.kind.Error() + ": " + e.where + ": " + e.why.Error()
}

func (e *recordError) Unwrap() []error { return []error{e.kind, e.why} }

// Keys reads the keys of a MessagePack record that ValidRecord holds for.
// Errors: ErrRecord; ErrKeyLength, if its key or an entry of an index, with the
// primary key behind it, is longer than MaxKey.
func (c *Collection) Keys(record []byte) (Keys, error) {
	k, err := c.primary(record)
	if err != nil {
		return k, err
	}
	k.Index = make([][][]byte, len(c.Indexes))
	for i, x := range c.Indexes {
		entries, err := indexParts(record, x.Fields)
		if err != nil {
			return k, &recordError{ErrRecord, c.Name + "." + x.Name, err}
		}
		for _, parts := range entries {
			if len(parts)+len(k.Primary) > MaxKey {
				return k, &recordError{ErrKeyLength, c.Name + "." + x.Name, nil}
			}
		}
		k.Index[i] = entries
	}
	return k, c.attributes(record, &k)
}

func (c *Collection) primary(record []byte) (k Keys, err error) {
	for _, field := range c.Key {
		v, err := lookup(record, field)
		if err != nil {
			return k, &recordError{ErrRecord, c.Name, err}
		}
		before := len(k.Primary)
		if v != nil {
			k.Primary, err = appendScalar(k.Primary, v)
		}
		if err != nil || len(k.Primary) == before {
			return k, &recordError{ErrRecord, c.Name, errors.New(`key field "` + field + `" is absent, empty or not a scalar`)}
		}
	}
	switch {
	case len(k.Primary) > MaxKey:
		err = &recordError{ErrKeyLength, c.Name, nil}
	case len(k.Primary) == 0:
		err = &recordError{ErrRecord, c.Name, errors.New("no key fields")}
	}
	return k, err
}

func (c *Collection) attributes(record []byte, k *Keys) error {
	if c.Expires != "" {
		v, err := lookup(record, c.Expires)
		if err != nil {
			return err
		}
		if v != nil {
			k.Expires, _ = v.integer()
		}
	}
	if c.Subject != "" {
		v, err := lookup(record, c.Subject)
		if err != nil {
			return err
		}
		if v != nil {
			text, _ := v.text()
			k.Subject = string(text)
		}
	}
	return nil
}

// indexParts is the product of the fields' parts; any empty factor empties it.
func indexParts(record []byte, fields []string) ([][]byte, error) {
	entries := [][]byte{nil}
	for _, field := range fields {
		parts, err := keyParts(record, field)
		if err != nil {
			return nil, err
		}
		if len(entries)*len(parts) > MaxEntries {
			return nil, errEntries
		}
		var next [][]byte
		for _, e := range entries {
			for _, p := range parts {
				next = append(next, slices.Concat(e, p))
			}
		}
		entries = next
	}
	return entries, nil
}

var errEntries = errors.New("more than " + strconv.Itoa(MaxEntries) + " entries")

// keyParts encodes the value of a field: none for an absent or empty one, one
// for a scalar, one per distinct element for an array.
func keyParts(record []byte, field string) ([][]byte, error) {
	v, err := lookup(record, field)
	if err != nil || v == nil {
		return nil, err
	}
	n, elems, ok := v.array()
	if !ok {
		return appendPart(nil, v)
	}
	var parts [][]byte
	for range n {
		var e value
		if e, elems, err = next(elems); err != nil {
			return nil, err
		}
		if parts, err = appendPart(parts, e); err != nil {
			return nil, err
		}
		if len(parts) > MaxEntries {
			return nil, errEntries
		}
	}
	return parts, nil
}

// appendPart adds the part of a scalar unless it is there already.
func appendPart(parts [][]byte, v value) ([][]byte, error) {
	p, err := appendScalar(nil, v)
	if err != nil || len(p) == 0 || slices.ContainsFunc(parts, func(q []byte) bool { return slices.Equal(p, q) }) {
		return parts, err
	}
	return append(parts, p), nil
}

// appendScalar appends the part of a scalar: nothing for null and for an empty
// text.
func appendScalar(b []byte, v value) ([]byte, error) {
	if s, ok := v.text(); ok {
		if len(s) == 0 {
			return b, nil
		}
		return AppendKeyText(b, s), nil
	}
	if i, ok := v.integer(); ok {
		return AppendKeyInt(b, i), nil
	}
	if t, ok := v.truth(); ok {
		return AppendKeyBool(b, t), nil
	}
	if v.null() {
		return b, nil
	}
	return b, errors.New("neither text nor integer nor truth value")
}

// FieldText is a text field of a record, "" if it is absent or something else.
func FieldText(record []byte, path string) string {
	v, err := lookup(record, path)
	if err != nil || len(v) == 0 {
		return ""
	}
	t, _ := v.text()
	return string(t)
}

// FieldOnce says whether a record has the field of a path at most once, and
// nothing on the way to it twice. Only then does everybody who decodes it find
// the same: FieldText and FieldInt take the first of two, sdk/wire the last.
func FieldOnce(record []byte, path string) bool {
	v, rest, err := next(record)
	if err != nil || len(rest) != 0 {
		return false
	}
	for v != nil && path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		if v, err = v.only(name); err != nil {
			return false
		}
	}
	return true
}

// only is field, and an error if there are two.
func (v value) only(name string) (found value, err error) {
	n, b, ok := v.pairs()
	if !ok {
		return nil, nil
	}
	for range n {
		var key, val value
		if key, b, err = next(b); err != nil {
			return nil, err
		}
		if val, b, err = next(b); err != nil {
			return nil, err
		}
		k, ok := key.text()
		if !ok || string(k) != name {
			continue
		}
		if found != nil {
			return nil, ErrMessagePack
		}
		found = val
	}
	return found, nil
}

// FieldInt is an integer field of a record, 0 if it is absent; false if it is
// something else.
func FieldInt(record []byte, path string) (int64, bool) {
	v, err := lookup(record, path)
	if err != nil {
		return 0, false
	}
	if len(v) == 0 || v.null() {
		return 0, true
	}
	return v.integer()
}
