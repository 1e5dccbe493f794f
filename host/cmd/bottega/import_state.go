package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// importState is how far an import is. It saves work, not correctness: without
// it every batch is sent again, and known ones change nothing. It is there
// while an import is under way, and gone after it.
type importState struct {
	path     string      // "" keeps nothing
	File     string      `json:"file"`    // digest of the CSV file
	Profile  string      `json:"profile"` // digest of the profile
	Host     string      `json:"host"`
	Rejected string      `json:"rejected"`       // file of rejected rows
	Bytes    int64       `json:"rejected_bytes"` // of it, that belong to what is done
	Run      string      `json:"run"`            // of the keys of all batches
	Steps    []stepState `json:"steps"`
}

// stepState is what a step has done.
type stepState struct {
	Listed    bool  `json:"listed"`  // rows that cannot be read are in the file of rejected rows
	Batches   int   `json:"batches"` // sent and answered
	Created   int   `json:"created"` // items, as the next ones
	Changed   int   `json:"changed"`
	Known     int   `json:"known"`
	Refused   int   `json:"refused"`
	Unchecked int   `json:"unchecked"`  // in a dry run: what they refer to is not there yet
	RowsTaken int   `json:"rows_taken"` // of items created, changed or unchecked
	RowsKnown int   `json:"rows_known"`
	RowsBad   int   `json:"rows_bad"` // rejected
	Total     int64 `json:"total"`    // of receipts that the host has, minor units, as it answered
	FileTotal int64 `json:"file_total"`

	Reasons map[string]int `json:"reasons,omitempty"` // of refused items
}

// same says whether an earlier state is of the same work.
func (s *importState) same(old *importState) bool {
	return old.File == s.File && old.Profile == s.Profile && old.Host == s.Host && old.Rejected == s.Rejected &&
		len(old.Steps) == len(s.Steps) && old.Run != ""
}

// resume takes over an earlier state of the same file, profile and host, and
// says whether there was one. One that cannot be read, or is of other work, is
// as good as none.
func (s *importState) resume() (bool, error) {
	if s.path == "" {
		return false, nil
	}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var old importState
	if json.Unmarshal(text, &old) != nil || !s.same(&old) {
		return false, nil
	}
	s.Steps, s.Run, s.Bytes = old.Steps, old.Run, old.Bytes
	return true, nil
}

// begin forgets what was done, under a new run.
func (s *importState) begin(run string) {
	s.Run, s.Bytes, s.Steps = run, 0, make([]stepState, len(s.Steps))
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

// remove ends the import.
func (s *importState) remove() error {
	if s.path == "" {
		return nil
	}
	if err := os.Remove(s.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// importKey is the idempotency key of a batch. The run is in it, so that a
// batch that is repeated after a kill is answered from its record, and a later
// run is told what the host has.
func importKey(run, operation string, body []byte) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", run, operation, body))
	return operation + "-" + hex.EncodeToString(sum[:12])
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
