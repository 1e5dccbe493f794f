package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// ErrInUse says that another process has the file open. It is gone once that
// process ends, also when it is killed.
var ErrInUse = errors.New("another bottega is using it")

// newSuffix marks a file that is being created. Whoever holds the lock of the
// directory may remove it.
const newSuffix = ".new"

// lockPause is how long to wait between two attempts to lock a file.
const lockPause = 20 * time.Millisecond

// prepare makes sure that a complete file stands at path. bbolt writes its first
// pages in place, and a power cut in between leaves a file that it cannot open
// and that a next start would not dare to remove. So the file is made under
// another name, synced, and renamed: it is there with all its pages or not at
// all. The directory is locked meanwhile, so that two processes cannot both
// create it.
func prepare(path string, o Options) error {
	dir, err := openDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := lock(dir, true, o.LockTimeout); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	unfinished := path + newSuffix
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return create(path, unfinished, dir, o)
}

func create(path, unfinished string, dir *os.File, o Options) error {
	if err := initialise(unfinished, o); err != nil {
		return errors.Join(fmt.Errorf("create: %w", err), os.Remove(unfinished))
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return dir.Sync()
}

// initialise writes a file with empty buckets. It commits twice, so that both
// meta pages are as every later commit will leave them.
func initialise(path string, o Options) error {
	options := o.bbolt()
	options.InitialMmapSize = 0
	db, err := bbolt.Open(path, 0o600, options)
	if err != nil {
		return err
	}
	for range 2 {
		if err := db.Update(initialState); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	if err := db.Close(); err != nil {
		return err
	}
	return syncFile(path)
}

func initialState(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketKV, bucketLog, bucketMeta} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyState, mark{generation: uint64(tx.ID())}.encode())
}

// openDir opens a directory and creates it, with its parents, if it is missing.
func openDir(path string) (*os.File, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(path); err != nil {
			return nil, err
		}
	}
	return os.Open(path)
}

// makeDir creates a directory and makes its name durable in its parent.
func makeDir(path string) error {
	parent, err := openDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return parent.Sync()
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lock takes the advisory lock of a file or directory, which the kernel gives
// back when the process ends, however it ends.
func lock(f *os.File, exclusive bool, timeout time.Duration) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for waited := time.Duration(0); ; waited += lockPause {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("lock: %w", err)
		case waited >= timeout:
			return ErrInUse
		}
		time.Sleep(lockPause)
	}
}
