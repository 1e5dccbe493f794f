package peer

import (
	"encoding/binary"
	"path/filepath"

	"go.etcd.io/bbolt"

	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// Database does the transaction of package storagetest on some keys: read all,
// move one from the first to the last, write all, append one entry; durable
// when it returns. It answers how many attempts failed before.
type Database interface {
	Transfer(keys [][]byte) (failed int, err error)
	Close() error
}

// Bbolt is plain bbolt, one Update per transaction, with the options that our
// own storage gives it.
type Bbolt struct{ db *bbolt.DB }

var _ Database = Bbolt{}

var (
	bucketKV  = []byte("kv")
	bucketLog = []byte("log")
)

// BboltOptions are those of every bbolt that is compared with ours.
func BboltOptions() *bbolt.Options {
	return &bbolt.Options{FreelistType: bbolt.FreelistMapType, NoFreelistSync: true, InitialMmapSize: 16 << 30, NoStatistics: true}
}

// OpenBbolt makes a database with all keys of a load in a folder.
func OpenBbolt(dir string, load *storagetest.Load) (Bbolt, error) {
	db, err := bbolt.Open(filepath.Join(dir, "bbolt.db"), 0o600, BboltOptions())
	if err != nil {
		return Bbolt{}, err
	}
	return Bbolt{db}, db.Update(func(tx *bbolt.Tx) error {
		kv, err := tx.CreateBucket(bucketKV)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucket(bucketLog); err != nil {
			return err
		}
		for n := range load.Keys {
			if err := kv.Put(load.Key(n), make([]byte, storagetest.ValueSize)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Transfer implements Database.
func (b Bbolt) Transfer(keys [][]byte) (int, error) {
	return 0, b.db.Update(func(tx *bbolt.Tx) error {
		kv, log := tx.Bucket(bucketKV), tx.Bucket(bucketLog)
		values := make([][]byte, len(keys))
		for i, key := range keys {
			values[i] = append([]byte{}, kv.Get(key)...)
		}
		storagetest.Move(values[0], values[len(values)-1])
		for i, key := range keys {
			if err := kv.Put(key, values[i]); err != nil {
				return err
			}
		}
		return appendEntry(log, make([]byte, storagetest.ValueSize))
	})
}

// appendEntry puts an entry behind all others.
func appendEntry(log *bbolt.Bucket, entry []byte) error {
	n, err := log.NextSequence()
	if err != nil {
		return err
	}
	log.FillPercent = 0.9
	return log.Put(binary.BigEndian.AppendUint64(nil, n), entry)
}

// Close closes the file.
func (b Bbolt) Close() error { return b.db.Close() }
