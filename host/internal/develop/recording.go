package develop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// RecordVariable asks native tests to write down what handlers do; sdktest
// reads it.
const RecordVariable = "BOTTEGA_RECORD"

// Recording is one call that a native test made into a module, as sdktest
// writes it.
type Recording struct {
	Test   string        `json:"test"`
	App    string        `json:"app"`
	Kind   abi.EntryKind `json:"kind"`
	Name   string        `json:"name"`
	Key    string        `json:"key"`
	Now    int64         `json:"now"` // milliseconds since 1970 UTC
	Input  []byte        `json:"input"`
	Calls  []HostCall    `json:"calls"`
	Code   abi.Code      `json:"code"`
	Output []byte        `json:"output"`
}

// HostCall is one call of the host with its answer.
type HostCall struct {
	Func   abi.Func `json:"func"`
	Input  []byte   `json:"input"`
	Code   abi.Code `json:"code"`
	Output []byte   `json:"output"`
}

// Entry is what was called, for people.
func (r *Recording) Entry() string {
	if r.Key != "" {
		return r.Name + " " + r.Key
	}
	return r.Name
}

// Recordings reads all that tests wrote into a folder, by test, each call of a
// module once however often it was made.
func Recordings(dir string) ([]Recording, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	var all []Recording
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(text) {
			var r Recording
			if err := json.Unmarshal(line, &r); err != nil {
				return nil, fmt.Errorf("read the recordings of the tests: %w", err)
			}
			if key := string(line); !seen[key] {
				seen[key] = true
				all = append(all, r)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Recording) int { return bytes.Compare([]byte(a.Test), []byte(b.Test)) })
	return all, nil
}
