package sdk

import (
	"iter"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Collection declares a set of records of one app. The host keeps its indexes.
// Give it to NewApp and use it from handlers; it holds no state itself.
type Collection[T any] struct {
	Name    string   // unique in the app
	Key     []string // fields of the primary key, by their names on the wire
	Indexes []Index
	Expires string // field with the retail.Instant after which a record is absent; "" never
	Subject string // field with the id of the person a record is about; "" nobody
}

// Index declares a second order of a collection. A record whose indexed text
// is empty has no entry; a field that holds a list has an entry per element.
type Index struct {
	Name   string
	Fields []string // by their names on the wire, "a.b" for a nested one
	Unique bool     // a second record with the same values is refused
}

func (c Collection[T]) register(a *App) {
	d := abi.Collection{Name: c.Name, Key: c.Key, Expires: c.Expires, Subject: c.Subject}
	for _, x := range c.Indexes {
		d.Indexes = append(d.Indexes, abi.Index(x))
	}
	all := &a.module.Descriptor.Collections
	a.declare("collection", c.Name, slices.ContainsFunc(*all, func(x abi.Collection) bool { return x.Name == c.Name }))
	*all = append(*all, d)
	a.keeps()
}

// Changed names a record of the collection for Publish.
func (c Collection[T]) Changed(key Key) Change { return Change{Collection: c.Name, Key: key} }

// Get returns the record under a primary key, and whether there is one.
func (c Collection[T]) Get(r Reader, key Key) (T, bool) { return c.get(r, "", key) }

// Find returns the record under a key of a unique index, and whether there is
// one.
func (c Collection[T]) Find(r Reader, index string, key Key) (T, bool) { return c.get(r, index, key) }

func (c Collection[T]) get(r Reader, index string, key Key) (v T, ok bool) {
	x := r.context()
	record, ok := x.get(&abi.Get{Collection: c.Name, Index: index, Key: key})
	if ok {
		c.decode(x, record, &v)
	}
	return v, ok
}

func (c *context) get(g *abi.Get) (record string, ok bool) {
	out, code := c.send(hostcall.Get, g.Append(c.frame()))
	if code == abi.NotFound {
		return "", false
	}
	return string(c.must(out, code)), true
}

// GetMany returns the records under several primary keys, in their order, and
// whether each is there. It is one host call per 1,000 keys.
func (c Collection[T]) GetMany(r Reader, keys []Key) ([]T, []bool) {
	values, there := make([]T, len(keys)), make([]bool, len(keys))
	for at := 0; at < len(keys); at += abi.MaxPage {
		end := min(at+abi.MaxPage, len(keys))
		c.getMany(r.context(), keys[at:end], values[at:end], there[at:end])
	}
	return values, there
}

func (c Collection[T]) getMany(x *context, keys []Key, values []T, there []bool) {
	for i, record := range x.getMany(c.Name, keys) {
		if there[i] = len(record) > 0; there[i] {
			c.decode(x, string(record), &values[i])
		}
	}
}

// getMany answers with records that are gone at the next call.
func (c *context) getMany(collection string, keys []Key) [][]byte {
	g := abi.GetMany{Collection: collection, Keys: make([][]byte, len(keys))}
	for i, k := range keys {
		g.Keys[i] = k
	}
	records, err := abi.ParseRecords(c.must(c.send(hostcall.GetMany, g.Append(c.frame()))))
	if err != nil {
		panic(err)
	}
	return records
}

// Put writes a record under the key that its fields say, new or not.
// Errors: conflict, reason "unique", Fields["index"]; too_large; exhausted (too
// many writes in one operation); invalid, reason "record" (a key field is
// empty).
func (c Collection[T]) Put(tx *Tx, v T) error { return c.put(tx, &v, false) }

// Insert is Put for a key that must be new. Errors: those of Put; conflict,
// reason "exists".
func (c Collection[T]) Insert(tx *Tx, v T) error { return c.put(tx, &v, true) }

func (c Collection[T]) put(tx *Tx, v *T, insert bool) error {
	record, err := encode(&tx.c, v, "a record of "+c.Name)
	if err != nil {
		return err
	}
	p := abi.Put{Collection: c.Name, Insert: insert, Record: record}
	return outcome(tx.c.send(hostcall.Put, p.Append(tx.c.frame())))
}

// Delete removes the record under a primary key, if there is one.
func (c Collection[T]) Delete(tx *Tx, key Key) error {
	g := abi.Get{Collection: c.Name, Key: key}
	return outcome(tx.c.send(hostcall.Delete, g.Append(tx.c.frame())))
}

// Scan says which records to read, and in which order. The zero value is all
// of them in the order of the primary key.
type Scan struct {
	Index    string // order of this index; "" the primary key
	Prefix   Key    // keys that begin with these fields
	From, To Key    // of the fields after Prefix: from included, to excluded; empty is open
	Reverse  bool
	Limit    int // 0 is no limit
}

// Scan iterates over the records of s. It fetches pages as it goes; what was
// read, and no more, counts as read. A limit costs less than a break.
func (c Collection[T]) Scan(r Reader, s Scan) iter.Seq[T] {
	return func(yield func(T) bool) {
		frame := abi.Scan{Collection: c.Name, Index: s.Index, Prefix: s.Prefix, From: s.From, To: s.To, Reverse: s.Reverse}
		for left := s.Limit; ; {
			x := r.context()
			frame.Limit = left
			records := x.page(&frame)
			for _, record := range records {
				var v T
				c.decode(x, record, &v)
				if !yield(v) {
					return
				}
			}
			left -= len(records)
			if len(frame.After) == 0 || s.Limit > 0 && left <= 0 {
				return
			}
		}
	}
}

// page reads a page and moves the scan to its end. It copies the records, since
// the caller's loop makes host calls of its own: all of them at once, and
// decoding copies no more.
func (c *context) page(s *abi.Scan) []string {
	out := c.must(c.send(hostcall.Scan, s.Append(c.frame())))
	page, err := abi.ParsePage(out)
	if err != nil {
		panic(err)
	}
	s.After = append([]byte(nil), page.Cursor...)
	var all strings.Builder
	all.Grow(len(out))
	for _, record := range page.Records {
		all.Write(record)
	}
	records, text := make([]string, len(page.Records)), all.String()
	for i, record := range page.Records {
		records[i], text = text[:len(record)], text[len(record):]
	}
	return records
}

func (c Collection[T]) decode(x *context, record string, v *T) {
	if err := decode(x, record, v); err != nil {
		panic(within("decode a record of "+c.Name, err))
	}
}
