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
	a.collection(abi.Collection{Name: c.Name, Key: c.Key, Expires: c.Expires, Subject: c.Subject}, c.Indexes)
}

// collection declares one, of whatever type.
func (a *App) collection(d abi.Collection, indexes []Index) {
	for _, x := range indexes {
		d.Indexes = append(d.Indexes, abi.Index(x))
	}
	all := &a.module.Descriptor.Collections
	a.declare("collection", d.Name, slices.ContainsFunc(*all, func(x abi.Collection) bool { return x.Name == d.Name }))
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
	ok = r.context().get(&abi.Get{Collection: c.Name, Index: index, Key: key}, &v)
	return v, ok
}

// get decodes a record into what the pointer v points to, and says whether there is
// one.
func (c *context) get(g *abi.Get, v any) bool {
	out, code := c.send(hostcall.Get, g.Append(c.frame()))
	if code == abi.NotFound {
		return false
	}
	c.decode(g.Collection, string(c.must(out, code)), v)
	return true
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
			x.decode(c.Name, string(record), &values[i])
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
func (c Collection[T]) Put(tx *Tx, v T) error { return tx.put(c.Name, &v, false) }

// Insert is Put for a key that must be new. Errors: those of Put; conflict,
// reason "exists".
func (c Collection[T]) Insert(tx *Tx, v T) error { return tx.put(c.Name, &v, true) }

// put writes the record that the pointer v points to.
func (tx *Tx) put(collection string, v any, insert bool) error {
	record, err := encode(&tx.c, v, "a record of "+collection)
	if err != nil {
		return err
	}
	p := abi.Put{Collection: collection, Insert: insert, Record: record}
	return outcome(tx.c.send(hostcall.Put, p.Append(tx.c.frame())))
}

// Delete removes the record under a primary key, if there is one.
func (c Collection[T]) Delete(tx *Tx, key Key) error { return tx.remove(c.Name, key) }

func (tx *Tx) remove(collection string, key Key) error {
	g := abi.Get{Collection: collection, Key: key}
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
				x.decode(c.Name, record, &v)
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

// decode decodes a record into what the pointer v points to.
func (c *context) decode(collection, record string, v any) {
	if err := decode(c, record, v); err != nil {
		panic(within("decode a record of "+collection, err))
	}
}
