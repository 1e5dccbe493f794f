package platform

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// Area is a part of what the host keeps for a tenant: JSON values of one type
// under keys. Only one room writes an area.
type Area[T any] struct {
	Name string // lower case letters, unique in the host
}

// Item is one value of an area with its key.
type Item[T any] struct {
	Key   string
	Value T
}

// Get reads a value.
func (a Area[T]) Get(tx *kernel.Tx, key string) (v T, ok bool, err error) {
	b, ok, err := tx.Get(a.Name, key)
	if err != nil || !ok {
		return v, false, err
	}
	if err = json.Unmarshal(b, &v); err != nil {
		return v, false, fmt.Errorf("%s %q: %w", a.Name, key, err)
	}
	return v, true, nil
}

// Put writes a value of at most 256 KiB of JSON.
func (a Area[T]) Put(tx *kernel.Tx, key string, v T) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s %q: %w", a.Name, key, err)
	}
	return tx.Put(a.Name, key, b)
}

// PutUntil writes a value that counts as absent from an instant on.
func (a Area[T]) PutUntil(tx *kernel.Tx, key string, v T, until time.Time) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s %q: %w", a.Name, key, err)
	}
	return tx.PutUntil(a.Name, key, b, until)
}

// Delete removes a value, absent or not.
func (a Area[T]) Delete(tx *kernel.Tx, key string) error { return tx.Delete(a.Name, key) }

// Page lists up to limit values whose keys begin with prefix and come after a
// key, in order or in reverse.
func (a Area[T]) Page(tx *kernel.Tx, prefix, after string, limit int, reverse bool) ([]Item[T], error) {
	rows, err := tx.Page(a.Name, prefix, after, limit, reverse)
	if err != nil {
		return nil, err
	}
	items := make([]Item[T], len(rows))
	for i, r := range rows {
		items[i].Key = r.Key
		if err := json.Unmarshal(r.Value, &items[i].Value); err != nil {
			return nil, fmt.Errorf("%s %q: %w", a.Name, r.Key, err)
		}
	}
	return items, nil
}
