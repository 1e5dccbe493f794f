package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Open reads the master key from a file of 32 bytes, or makes one of random
// bytes there if the file does not exist; its directory must. The file is
// refused if anybody but its owner may read or write it, if it is no regular
// file, and if it is no key: a key that is lost or replaced makes everything
// that was sealed unreadable, so nothing is ever written over it.
func Open(path string, random io.Reader) (*Keys, error) {
	k, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err = create(path, random); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the master key %s: %w", path, err)
	}
	return read(path)
}

func read(path string) (*Keys, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	switch {
	case !i.Mode().IsRegular():
		return nil, fmt.Errorf("the master key %s is no regular file", path)
	case i.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the master key %s may be read or written by others (%v); chmod 600 it", path, i.Mode().Perm())
	case i.Size() != keySize:
		return nil, fmt.Errorf("the master key %s has %d bytes, not %d", path, i.Size(), keySize)
	}
	master := make([]byte, keySize)
	if _, err = io.ReadFull(f, master); err != nil {
		return nil, fmt.Errorf("read the master key %s: %w", path, err)
	}
	if [keySize]byte(master) == [keySize]byte{} {
		return nil, fmt.Errorf("the master key %s is all zeros, as after a crash of the machine", path)
	}
	return newKeys(master), nil
}

// create makes the file whole or not at all: it is written and synced under
// another name, and linked to its own, which fails if somebody was faster.
func create(path string, random io.Reader) error {
	master := make([]byte, keySize)
	if _, err := io.ReadFull(random, master); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // the link stays
	_, err = f.Write(master)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
