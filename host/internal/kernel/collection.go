package kernel

import (
	"bytes"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// collection finds a collection that the session's app registered.
func (s *session) collection(name string) (*abi.Collection, error) {
	c, ok := s.app.Collection(name)
	if !ok {
		return nil, failure(abi.Internal, abi.ReasonUndeclared, s.app.ID+" has no collection "+name+".")
	}
	return c, nil
}

func (s *session) get(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseGet(in))
	if err != nil {
		return out, err
	}
	c, err := s.collection(f.Collection)
	if err != nil {
		return out, err
	}
	if err = abi.CheckKey(f.Key); err != nil {
		return out, keyError(err)
	}
	key := f.Key
	if f.Index != "" {
		if key, err = s.find(c, f.Index, f.Key); err != nil {
			return out, err
		}
	}
	key = recordKey(s.app.ID, c.Name, key)
	if err = s.op.reading(key); err != nil {
		return out, err
	}
	rec, ok, err := s.op.txn.Get(key)
	if err == nil && !ok {
		err = errAbsent
	}
	return append(out, rec.Value...), storageError(err)
}

// errAbsent answers a Get of nothing: no text, it is no failure.
var errAbsent = &abi.Error{Code: abi.NotFound}

var errBuilding = failure(abi.Unavailable, abi.ReasonIndex, "This index is being built; try again later.")

// find looks a unique index up.
func (s *session) find(c *abi.Collection, index string, key []byte) ([]byte, error) {
	i, ok := c.Index(index)
	if !ok || !c.Indexes[i].Unique {
		return nil, failure(abi.Internal, abi.ReasonUndeclared, c.Name+" has no unique index "+index+".")
	}
	if s.app.Building(c.Name, index) {
		return nil, errBuilding
	}
	key = indexKey(s.app.ID, c.Name, index, key)
	if err := s.op.reading(key); err != nil {
		return nil, err
	}
	rec, ok, err := s.op.txn.Get(key)
	if err == nil && !ok {
		err = errAbsent
	}
	return rec.Value, storageError(err)
}

func (s *session) getMany(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseGetMany(in))
	if err != nil {
		return out, err
	}
	c, err := s.collection(f.Collection)
	if err != nil {
		return out, err
	}
	if len(f.Keys) > abi.MaxPage {
		return out, failure(abi.TooLarge, abi.ReasonKeys, "More than 1,000 keys in one call.")
	}
	for i, key := range f.Keys {
		if err = abi.CheckKey(key); err != nil {
			return out, keyError(err)
		}
		f.Keys[i] = recordKey(s.app.ID, c.Name, key)
	}
	values, err := s.many(f.Keys)
	return abi.AppendRecords(out, values), err
}

func (s *session) values(keys [][]byte) ([][]byte, error) {
	if err := s.op.reading(keys...); err != nil {
		return nil, err
	}
	records, err := s.op.txn.MultiGet(keys)
	values := make([][]byte, len(records))
	for i := range records {
		values[i] = records[i].Value
	}
	return values, storageError(err)
}

// scanChunk is the most rows that are read before their size is looked at.
const scanChunk = 64

func (s *session) scan(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseScan(in))
	if err != nil {
		return out, err
	}
	c, err := s.collection(f.Collection)
	if err != nil {
		return out, err
	}
	start, end, err := f.Bounds()
	if err != nil {
		return out, keyError(err)
	}
	base := recordKey(s.app.ID, c.Name, nil)
	if f.Index != "" {
		if _, ok := c.Index(f.Index); !ok {
			return out, failure(abi.Internal, abi.ReasonUndeclared, c.Name+" has no index "+f.Index+".")
		}
		if s.app.Building(c.Name, f.Index) {
			return out, errBuilding
		}
		base = indexKey(s.app.ID, c.Name, f.Index, nil)
	}
	r := storage.Range{Start: slices.Concat(base, start), End: slices.Concat(base, end), Reverse: f.Reverse}
	page, err := s.page(c, &f, r, len(base))
	return page.Append(out), err
}

// page reads rows in chunks until the limit or the page's size is reached. A
// cursor is a row's key without the first base bytes, the host's own.
func (s *session) page(c *abi.Collection, f *abi.Scan, r storage.Range, base int) (abi.Page, error) {
	var page abi.Page
	limit := f.Limit
	if limit == 0 {
		limit = abi.MaxPage
	}
	for size := 0; len(page.Records) < limit; {
		r.Limit = min(chunk(size, len(page.Records)), limit-len(page.Records))
		if err := s.op.reading(r.Start, r.End); err != nil {
			return page, err
		}
		rows, err := s.op.txn.Scan(r)
		if err != nil {
			return page, storageError(err)
		}
		values, err := s.rowValues(c, f.Index, rows)
		if err != nil {
			return page, err
		}
		for i, v := range values {
			if size += len(v); size > abi.MaxPageBytes && len(page.Records) > 0 {
				return page, nil
			}
			page.Records, page.Cursor = append(page.Records, v), rows[i].Key[base:]
		}
		if len(rows) < r.Limit {
			page.Cursor = nil
			return page, nil
		}
		if last := rows[len(rows)-1].Key; r.Reverse {
			r.End = last
		} else {
			r.Start = append(slices.Clone(last), 0)
		}
	}
	return page, nil
}

// chunk is how many rows to read next, after so many with so many bytes: about
// as many as still fit into a page, so that pages of large records cost little
// more than what is answered.
func chunk(size, rows int) int {
	if rows == 0 {
		return scanChunk / 4
	}
	return max(1, min(scanChunk, (abi.MaxPageBytes-size)/(size/rows+1)+1))
}

// rowValues are the records of rows: the rows themselves, or what the index
// entries point to.
func (s *session) rowValues(c *abi.Collection, index string, rows []storage.Pair) ([][]byte, error) {
	values := make([][]byte, len(rows))
	for i := range rows {
		values[i] = rows[i].Value
	}
	if index == "" {
		return values, nil
	}
	for i, primary := range values {
		values[i] = recordKey(s.app.ID, c.Name, primary)
	}
	return s.values(values)
}

func (s *session) put(in []byte) error {
	f, err := frame(abi.ParsePut(in))
	if err != nil {
		return err
	}
	c, err := s.collection(f.Collection)
	if err != nil {
		return err
	}
	if len(f.Record) > abi.MaxRecord {
		return failure(abi.TooLarge, abi.ReasonRecord, "The record is longer than 256 KiB.")
	}
	if !abi.ValidRecord(f.Record) {
		return failure(abi.Invalid, abi.ReasonRecord, "The record is not a MessagePack map.")
	}
	keys, err := c.Keys(f.Record)
	if errors.Is(err, abi.ErrKeyLength) {
		return keyError(err)
	}
	if err != nil {
		return failure(abi.Invalid, abi.ReasonRecord, err.Error())
	}
	key := recordKey(s.app.ID, c.Name, keys.Primary)
	old, there, err := s.op.txn.Get(key)
	if err != nil {
		return err
	}
	if there && f.Insert {
		return failure(abi.Conflict, abi.ReasonExists, "There is a record with this key in "+c.Name+".")
	}
	var before abi.Keys
	if there {
		if before, err = c.Keys(old.Value); err != nil {
			return err
		}
	}
	if err = s.unique(c, before, keys); err != nil {
		return err
	}
	if err = s.charge(len(f.Record) + len(key) - stored(there, key, old.Value)); err != nil {
		return err
	}
	if err = s.reindex(c, before, keys); err != nil {
		return err
	}
	return s.op.txn.Put(key, storage.Record{Value: slices.Clone(f.Record), Expires: keys.Expires, Subject: keys.Subject})
}

func stored(there bool, key, value []byte) int {
	if !there {
		return 0
	}
	return len(key) + len(value)
}

// unique refuses a record that would take another's entry. It reads the
// absence of each entry that the record is about to have, and comes before
// anything is written.
func (s *session) unique(c *abi.Collection, before, now abi.Keys) error {
	for i, x := range c.Indexes {
		if !x.Unique {
			continue
		}
		for _, parts := range entries(now, i) {
			if contains(entries(before, i), parts) {
				continue
			}
			taken, there, err := s.op.txn.Get(s.entry(c, &x, parts, now.Primary))
			if err != nil {
				return err
			}
			if there && !bytes.Equal(taken.Value, now.Primary) {
				e := failure(abi.Conflict, abi.ReasonUnique, "Another record of "+c.Name+" has the same "+x.Name+".")
				e.Fields = []abi.Field{{Name: "index", Text: x.Name}}
				return e
			}
		}
	}
	return nil
}

// reindex moves a record's index entries from what they were to what they are
// now. Either side may have none.
func (s *session) reindex(c *abi.Collection, before, now abi.Keys) error {
	for i, x := range c.Indexes {
		was, is := entries(before, i), entries(now, i)
		for _, parts := range was {
			if !contains(is, parts) {
				if err := s.op.txn.Delete(s.entry(c, &x, parts, before.Primary)); err != nil {
					return err
				}
			}
		}
		for _, parts := range is {
			if contains(was, parts) && before.Expires == now.Expires {
				continue
			}
			if err := s.op.txn.Put(s.entry(c, &x, parts, now.Primary), storage.Record{Value: now.Primary, Expires: now.Expires}); err != nil {
				return err
			}
		}
	}
	return nil
}

func entries(k abi.Keys, i int) [][]byte {
	if k.Index == nil {
		return nil
	}
	return k.Index[i]
}

func contains(list [][]byte, item []byte) bool {
	return slices.ContainsFunc(list, func(b []byte) bool { return bytes.Equal(b, item) })
}

// entry is the storage key of an index entry: of a unique index one point key,
// of another one per record.
func (s *session) entry(c *abi.Collection, x *abi.Index, parts, primary []byte) []byte {
	return indexKey(s.app.ID, c.Name, x.Name, x.Entry(parts, primary))
}

func (s *session) delete(in []byte) error {
	f, err := frame(abi.ParseGet(in))
	if err != nil {
		return err
	}
	c, err := s.collection(f.Collection)
	if err != nil {
		return err
	}
	if err = abi.CheckKey(f.Key); err != nil {
		return keyError(err)
	}
	key := recordKey(s.app.ID, c.Name, f.Key)
	old, there, err := s.op.txn.Get(key)
	if err != nil || !there {
		return err
	}
	before, err := c.Keys(old.Value)
	if err != nil {
		return err
	}
	if err = s.charge(-len(key) - len(old.Value)); err != nil {
		return err
	}
	if err = s.reindex(c, before, abi.Keys{}); err != nil {
		return err
	}
	return s.op.txn.Delete(key)
}
