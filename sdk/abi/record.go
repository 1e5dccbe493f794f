package abi

import (
	"errors"
	"fmt"
	"slices"
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

// Keys reads the keys of a MessagePack record.
func (c *Collection) Keys(record []byte) (Keys, error) {
	var k Keys
	for _, field := range c.Key {
		parts, err := keyParts(record, field)
		if err != nil || len(parts) != 1 {
			return k, fmt.Errorf("%w: %s: key field %q is absent, empty or not a scalar", ErrRecord, c.Name, field)
		}
		k.Primary = append(k.Primary, parts[0]...)
	}
	if !ValidKey(k.Primary) {
		return k, fmt.Errorf("%w: %s: key longer than %d bytes", ErrRecord, c.Name, MaxKey)
	}
	k.Index = make([][][]byte, len(c.Indexes))
	for i, x := range c.Indexes {
		entries, err := indexParts(record, x.Fields)
		if err != nil {
			return k, fmt.Errorf("%w: %s.%s: %w", ErrRecord, c.Name, x.Name, err)
		}
		k.Index[i] = entries
	}
	return k, c.attributes(record, &k)
}

func (c *Collection) attributes(record []byte, k *Keys) error {
	if c.Expires != "" {
		v, err := lookup(record, c.Expires)
		if err != nil {
			return err
		}
		k.Expires, _ = v.integer()
	}
	if c.Subject != "" {
		v, err := lookup(record, c.Subject)
		if err != nil {
			return err
		}
		text, _ := v.text()
		k.Subject = string(text)
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

// keyParts encodes the value of a field: none for an absent or empty one, one
// for a scalar, one per distinct element for an array.
func keyParts(record []byte, field string) ([][]byte, error) {
	v, err := lookup(record, field)
	if err != nil || v == nil {
		return nil, err
	}
	if n, elems, ok := v.array(); ok {
		var parts [][]byte
		for range n {
			var e value
			if e, elems, err = next(elems); err != nil {
				return nil, err
			}
			if parts, err = appendPart(parts, e); err != nil {
				return nil, err
			}
		}
		return parts, nil
	}
	return appendPart(nil, v)
}

func appendPart(parts [][]byte, v value) ([][]byte, error) {
	var p []byte
	if s, ok := v.text(); ok {
		if len(s) == 0 {
			return parts, nil
		}
		p = AppendKeyText(nil, s)
	} else if i, ok := v.integer(); ok {
		p = AppendKeyInt(nil, i)
	} else if b, ok := v.truth(); ok {
		p = AppendKeyBool(nil, b)
	} else if v.null() {
		return parts, nil
	} else {
		return nil, errors.New("neither text nor integer nor truth value")
	}
	if slices.ContainsFunc(parts, func(q []byte) bool { return slices.Equal(p, q) }) {
		return parts, nil
	}
	return append(parts, p), nil
}
