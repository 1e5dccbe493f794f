package main

import (
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// rejects is the file of rows that were not taken: line, reason, and the row as
// it was, separated as the source is. Once corrected it can be imported itself.
// It exists only if there are any.
type rejects struct {
	path string
	file *os.File
	csv  *csv.Writer
}

// resume cuts the file down to what belongs to batches that are done. It says
// whether the file still had all of that.
func (r *rejects) resume(bytes int64) (bool, error) {
	if bytes == 0 {
		return true, r.remove()
	}
	info, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < bytes {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, os.Truncate(r.path, bytes)
}

// remove takes away the file of an earlier run.
func (r *rejects) remove() error {
	if err := r.close(); err != nil {
		return err
	}
	if err := os.Remove(r.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (r *rejects) add(t *table, w row, reason string) error {
	if r.file == nil {
		if err := r.open(t); err != nil {
			return err
		}
	}
	return r.csv.Write(append([]string{strconv.Itoa(w.line), reason}, w.cells...))
}

// open goes on at the end of the file, and begins a new one with the header.
func (r *rejects) open(t *table) error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r.file, r.csv = f, csv.NewWriter(f)
	r.csv.Comma = t.comma()
	if end > 0 {
		return nil
	}
	return r.csv.Write(append([]string{"line", "reason"}, t.header...))
}

// flush writes out what was added and returns the length of the file.
func (r *rejects) flush(before int64) (int64, error) {
	if r.file == nil {
		return before, nil
	}
	r.csv.Flush()
	if err := r.csv.Error(); err != nil {
		return 0, err
	}
	return r.file.Seek(0, io.SeekEnd)
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	err := errors.Join(r.csv.Error(), r.file.Close())
	r.file, r.csv = nil, nil
	return err
}
