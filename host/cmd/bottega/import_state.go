package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// importState is how far an import is. It saves work, not correctness: without
// it every batch is sent again, and known ones change nothing.
type importState struct {
	path    string // "" keeps nothing
	File    string `json:"file"`    // digest of the CSV file
	Profile string `json:"profile"` // digest of the profile
	Host    string `json:"host"`
	Steps   []stepState
}

// stepState is what a step has done.
type stepState struct {
	Batches int   `json:"batches"` // sent and answered
	Created int   `json:"created"`
	Changed int   `json:"changed"`
	Known   int   `json:"known"`
	Refused int   `json:"refused"`
	Total   int64 `json:"total"` // of receipts, minor units, as the host answered
}

// read takes over an earlier state of the same file, profile and host.
func (s *importState) read() error {
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var old importState
	if err := json.Unmarshal(text, &old); err != nil {
		return fmt.Errorf("%s: %w; delete it to start again", s.path, err)
	}
	if old.File == s.File && old.Profile == s.Profile && old.Host == s.Host && len(old.Steps) == len(s.Steps) {
		s.Steps = old.Steps
	}
	return nil
}

// write replaces the file at once, so that a kill leaves the old or the new.
func (s *importState) write() error {
	if s.path == "" {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(s.path+".new", s.path)
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// rejects is the file of rows that were not taken: line, reason, and the row as
// it was. It exists only if there are any.
type rejects struct {
	path string
	rows int
	file *os.File
	csv  *csv.Writer
}

func (r *rejects) add(header []string, w row, reason string) error {
	if r.file == nil {
		f, err := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		r.file, r.csv = f, csv.NewWriter(f)
		if err := r.csv.Write(append([]string{"line", "reason"}, header...)); err != nil {
			return err
		}
	}
	r.rows++
	return r.csv.Write(append([]string{strconv.Itoa(w.line), reason}, w.cells...))
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.file.Close())
}
