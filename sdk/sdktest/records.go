package sdktest

import (
	"bytes"
	"errors"
	"math"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
)

func recordKey(a *app, c *abi.Collection, key []byte) string {
	return spaceKey("d", a.id, c.Name) + string(key)
}

func indexKey(a *app, c *abi.Collection, index string, entry []byte) string {
	return spaceKey("i", a.id, c.Name, index) + string(entry)
}

func counterKey(a *app, name string, key []byte) string {
	return spaceKey("c", a.id, name) + string(key)
}

// keyError says what is wrong with a key that a guest sent, nil for nothing.
func keyError(err error) *abi.Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, abi.ErrKeyLength):
		return failure(abi.TooLarge, abi.ReasonKey, err.Error())
	case errors.Is(err, abi.ErrRecord):
		return failure(abi.Invalid, abi.ReasonRecord, err.Error())
	}
	return failure(abi.Invalid, abi.ReasonKey, err.Error())
}

// declared finds one of the app's collections.
func (p *port) declared(name string) (*abi.Collection, *abi.Error) {
	c, ok := p.app.collection(name)
	if !ok {
		return nil, undeclared(p.app, "collection", name)
	}
	return c, nil
}

// named reads the frame that names one record, by a key that is sound.
func (p *port) named(in []byte) (f abi.Get, c *abi.Collection, err *abi.Error) {
	if f, err = frame(abi.ParseGet(in)); err != nil {
		return f, nil, err
	}
	if c, err = p.declared(f.Collection); err != nil {
		return f, nil, err
	}
	return f, c, keyError(abi.CheckKey(f.Key))
}

func (p *port) lookup(key string) (cell, bool) { return p.op.env.space.get(key, p.op.now) }

func (p *port) get(in []byte) ([]byte, *abi.Error) {
	f, c, err := p.named(in)
	if err != nil {
		return nil, err
	}
	key := f.Key
	if f.Index != "" {
		if i, ok := c.Index(f.Index); !ok || !c.Indexes[i].Unique {
			return nil, undeclared(p.app, "unique index", c.Name+"."+f.Index)
		}
		at := indexKey(p.app, c, f.Index, f.Key)
		if err = p.reading(at); err != nil {
			return nil, err
		}
		entry, ok := p.lookup(at)
		if !ok {
			return nil, &abi.Error{Code: abi.NotFound}
		}
		key = entry.value
	}
	at := recordKey(p.app, c, key)
	if err = p.reading(at); err != nil {
		return nil, err
	}
	record, ok := p.lookup(at)
	if !ok {
		return nil, &abi.Error{Code: abi.NotFound}
	}
	return record.value, nil
}

func (p *port) getMany(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseGetMany(in))
	if err != nil {
		return nil, err
	}
	c, err := p.declared(f.Collection)
	if err != nil {
		return nil, err
	}
	if len(f.Keys) > abi.MaxPage {
		return nil, failure(abi.TooLarge, abi.ReasonKeys, "more than 1,000 keys in one call")
	}
	records, size := make([][]byte, len(f.Keys)), 0
	for i, key := range f.Keys {
		if err = keyError(abi.CheckKey(key)); err != nil {
			return nil, err
		}
		at := recordKey(p.app, c, key)
		if err = p.reading(at); err != nil {
			return nil, err
		}
		record, _ := p.lookup(at)
		records[i] = record.value
		if size += len(record.value); size > maxMany {
			return nil, failure(abi.TooLarge, abi.ReasonKeys, "the records of one get_many are longer than 8 MiB")
		}
	}
	return abi.AppendRecords(nil, records), nil
}

func (p *port) scan(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseScan(in))
	if err != nil {
		return nil, err
	}
	c, err := p.declared(f.Collection)
	if err != nil {
		return nil, err
	}
	base := recordKey(p.app, c, nil)
	if f.Index != "" {
		if _, ok := c.Index(f.Index); !ok {
			return nil, undeclared(p.app, "index", c.Name+"."+f.Index)
		}
		base = indexKey(p.app, c, f.Index, nil)
	}
	start, end, bad := f.Bounds()
	if bad != nil {
		return nil, keyError(bad)
	}
	page, err := p.page(&f, c, base, base+string(start), base+string(end))
	if err != nil {
		return nil, err
	}
	return page.Append(nil), nil
}

// page reads a page of a range of space keys, whose entry keys begin after
// base.
func (p *port) page(f *abi.Scan, c *abi.Collection, base, start, end string) (abi.Page, *abi.Error) {
	limit, size := f.Limit, 0
	if limit == 0 {
		limit = abi.MaxPage
	}
	var page abi.Page
	if err := p.reading(start, end); err != nil {
		return page, err
	}
	var failed *abi.Error
	more := false
	p.op.env.space.scan(start, end, f.Reverse, p.op.now, func(key string, found cell) bool {
		if f.Index != "" {
			at := recordKey(p.app, c, found.value)
			failed = p.reading(at)
			found, _ = p.lookup(at)
		}
		if size += len(found.value); failed != nil || size > abi.MaxPageBytes && len(page.Records) > 0 {
			more = true
			return false
		}
		page.Records, page.Cursor = append(page.Records, found.value), []byte(key[len(base):])
		more = len(page.Records) == limit
		return !more
	})
	if !more {
		page.Cursor = nil
	}
	return page, failed
}

func (p *port) put(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParsePut(in))
	if err != nil {
		return nil, err
	}
	c, err := p.declared(f.Collection)
	if err != nil {
		return nil, err
	}
	switch {
	case len(f.Record) > abi.MaxRecord:
		return nil, failure(abi.TooLarge, abi.ReasonRecord, "the record is longer than 256 KiB")
	case !abi.ValidRecord(f.Record):
		return nil, failure(abi.Invalid, abi.ReasonRecord, "the record is no MessagePack map")
	}
	keys, bad := c.Keys(f.Record)
	if bad != nil {
		return nil, keyError(bad)
	}
	if err = p.chargeWrite(); err != nil {
		return nil, err
	}
	key := recordKey(p.app, c, keys.Primary)
	if _, taken := p.lookup(key); taken && f.Insert {
		return nil, failure(abi.Conflict, abi.ReasonExists, "there is a record with this key in "+c.Name)
	}
	if err = p.unique(c, &keys); err != nil {
		return nil, err
	}
	p.unindex(c, key)
	for i, x := range c.Indexes {
		for _, parts := range keys.Index[i] {
			p.store(indexKey(p.app, c, x.Name, x.Entry(parts, keys.Primary)), cell{value: keys.Primary, expires: keys.Expires})
		}
	}
	p.store(key, cell{value: slices.Clone(f.Record), expires: keys.Expires})
	return nil, nil
}

// unique refuses a record whose values in a unique index are another's.
func (p *port) unique(c *abi.Collection, keys *abi.Keys) *abi.Error {
	for i, x := range c.Indexes {
		if !x.Unique {
			continue
		}
		for _, parts := range keys.Index[i] {
			entry, taken := p.lookup(indexKey(p.app, c, x.Name, parts))
			if taken && !bytes.Equal(entry.value, keys.Primary) {
				e := failure(abi.Conflict, abi.ReasonUnique, "another record of "+c.Name+" has the same "+x.Name)
				e.Fields = []abi.Field{{Name: "index", Text: x.Name}}
				return e
			}
		}
	}
	return nil
}

// unindex removes the index entries of the record under a space key. Those of
// an expired record have expired with it, and may be another's by now.
func (p *port) unindex(c *abi.Collection, key string) {
	old, ok := p.lookup(key)
	if !ok {
		return
	}
	keys, err := c.Keys(old.value)
	if err != nil {
		panic(err) // it was read when it was written
	}
	for i, x := range c.Indexes {
		for _, parts := range keys.Index[i] {
			p.remove(indexKey(p.app, c, x.Name, x.Entry(parts, keys.Primary)))
		}
	}
}

func (p *port) delete(in []byte) ([]byte, *abi.Error) {
	f, c, err := p.named(in)
	if err != nil {
		return nil, err
	}
	if err = p.chargeWrite(); err != nil {
		return nil, err
	}
	key := recordKey(p.app, c, f.Key)
	p.unindex(c, key)
	p.remove(key)
	return nil, nil
}

func (p *port) add(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseAdd(in))
	if err != nil {
		return nil, err
	}
	key, err := p.counterKey(f.Counter, f.Key)
	if err != nil {
		return nil, err
	}
	if err = p.chargeWrite(); err != nil {
		return nil, err
	}
	old, _ := p.lookup(key)
	if overflows(old.number, f.Delta) || old.number+f.Delta < f.Min || old.number+f.Delta > f.Max {
		return nil, failure(abi.Exhausted, abi.ReasonBound, "the bound of "+f.Counter+" would be passed")
	}
	p.store(key, cell{number: old.number + f.Delta})
	return nil, nil
}

func overflows(a, b int64) bool {
	return b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b
}

func (p *port) count(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseGet(in))
	if err != nil {
		return nil, err
	}
	key, err := p.counterKey(f.Collection, f.Key)
	if err != nil {
		return nil, err
	}
	if err = p.reading(key); err != nil {
		return nil, err
	}
	c, _ := p.lookup(key)
	return abi.AppendInt(nil, c.number), nil
}

func (p *port) counts(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseGetMany(in))
	if err != nil {
		return nil, err
	}
	if len(f.Keys) > abi.MaxPage {
		return nil, failure(abi.TooLarge, abi.ReasonKeys, "more than 1,000 keys in one call")
	}
	values := make([]int64, len(f.Keys))
	for i, key := range f.Keys {
		at, err := p.counterKey(f.Collection, key)
		if err != nil {
			return nil, err
		}
		if err = p.reading(at); err != nil {
			return nil, err
		}
		c, _ := p.lookup(at)
		values[i] = c.number
	}
	return abi.AppendInts(nil, values), nil
}

func (p *port) counterKey(name string, key []byte) (string, *abi.Error) {
	if !p.app.counter(name) {
		return "", undeclared(p.app, "counter", name)
	}
	if err := keyError(abi.CheckKey(key)); err != nil {
		return "", err
	}
	return counterKey(p.app, name, key), nil
}
