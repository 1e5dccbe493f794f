package peer

import (
	"database/sql"
	"errors"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver

	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// SQLite is SQLite without cgo, WAL, synchronous=FULL. It has one writer, so
// clients queue for one connection instead of for SQLITE_BUSY.
type SQLite struct {
	db                   *sql.DB
	read, write, journal *sql.Stmt
}

var _ Database = (*SQLite)(nil)

// OpenSQLite makes a database with all keys of a load in a folder.
func OpenSQLite(dir string, load *storagetest.Load) (*SQLite, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "sqlite.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	s := &SQLite{db: db}
	if err := s.prepare(load); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *SQLite) prepare(load *storagetest.Load) error {
	if _, err := s.db.Exec("CREATE TABLE kv (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID; CREATE TABLE log (n INTEGER PRIMARY KEY, v BLOB)"); err != nil {
		return err
	}
	for to, text := range map[**sql.Stmt]string{
		&s.read:    "SELECT v FROM kv WHERE k = ?",
		&s.write:   "INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
		&s.journal: "INSERT INTO log (v) VALUES (?)",
	} {
		var err error
		if *to, err = s.db.Prepare(text); err != nil {
			return err
		}
	}
	return s.update(func(tx *sql.Tx) error {
		write := tx.Stmt(s.write)
		for n := range load.Keys {
			if _, err := write.Exec(load.Key(n), make([]byte, storagetest.ValueSize)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *SQLite) update(do func(tx *sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Transfer implements Database.
func (s *SQLite) Transfer(keys [][]byte) (int, error) {
	return 0, s.update(func(tx *sql.Tx) error {
		read, write := tx.Stmt(s.read), tx.Stmt(s.write)
		values := make([][]byte, len(keys))
		for i, key := range keys {
			if err := read.QueryRow(key).Scan(&values[i]); err != nil {
				return err
			}
		}
		storagetest.Move(values[0], values[len(values)-1])
		for i, key := range keys {
			if _, err := write.Exec(key, values[i]); err != nil {
				return err
			}
		}
		_, err := tx.Stmt(s.journal).Exec(make([]byte, storagetest.ValueSize))
		return err
	})
}

// Close closes the database.
func (s *SQLite) Close() error { return s.db.Close() }
