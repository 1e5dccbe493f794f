package peer

import (
	"encoding/binary"
	"errors"
	"sync/atomic"

	badger "github.com/dgraph-io/badger/v4"

	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// Badger is Badger with SyncWrites; conflicts are tried again at once.
type Badger struct {
	db      *badger.DB
	entries atomic.Uint64
}

var _ Database = (*Badger)(nil)

// OpenBadger makes a database with all keys of a load in a folder.
func OpenBadger(dir string, load *storagetest.Load) (*Badger, error) {
	db, err := badger.Open(badger.DefaultOptions(dir).WithSyncWrites(true).WithLogger(nil))
	if err != nil {
		return nil, err
	}
	batch := db.NewWriteBatch()
	defer batch.Cancel()
	for n := range load.Keys {
		if err := batch.Set(load.Key(n), make([]byte, storagetest.ValueSize)); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return &Badger{db: db}, batch.Flush()
}

// Transfer implements Database.
func (b *Badger) Transfer(keys [][]byte) (failed int, err error) {
	for ; ; failed++ {
		err := b.db.Update(func(tx *badger.Txn) error { return b.transfer(tx, keys) })
		if !errors.Is(err, badger.ErrConflict) {
			return failed, err
		}
	}
}

func (b *Badger) transfer(tx *badger.Txn, keys [][]byte) error {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		item, err := tx.Get(key)
		if err != nil {
			return err
		}
		if values[i], err = item.ValueCopy(nil); err != nil {
			return err
		}
	}
	storagetest.Move(values[0], values[len(values)-1])
	for i, key := range keys {
		if err := tx.Set(key, values[i]); err != nil {
			return err
		}
	}
	entry := binary.BigEndian.AppendUint64([]byte("log"), b.entries.Add(1))
	return tx.Set(entry, make([]byte, storagetest.ValueSize))
}

// Close closes the database.
func (b *Badger) Close() error { return b.db.Close() }
