// Package result is what a run of the benchmarks leaves behind: raw samples,
// the bounds they are held against, and the verdict. It must not know how a
// sample came about.
package result

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Report is one run.
type Report struct {
	Machine Machine `json:"machine"`
	Quick   bool    `json:"quick,omitempty"` // short slices: the figures mean little
	Rows    []Row   `json:"rows"`
}

// Machine is where it ran.
type Machine struct {
	OS        string     `json:"os"`
	Arch      string     `json:"arch"`
	CPU       string     `json:"cpu"`
	Cores     int        `json:"cores"` // that Go uses
	Go        string     `json:"go"`
	LoadStart [3]float64 `json:"load_start"` // averages of 1, 5 and 15 minutes
	LoadEnd   [3]float64 `json:"load_end"`
	Dir       string     `json:"dir"` // where the databases lay
	FsyncP50  float64    `json:"fsync_p50_ms"`
	FsyncP99  float64    `json:"fsync_p99_ms"`
	Began     string     `json:"began"` // RFC 3339, UTC
	Seconds   float64    `json:"seconds"`
}

// Row is one figure. Sample i and reference sample i belong to one round.
type Row struct {
	ID        string    `json:"id"`
	Unit      string    `json:"unit"` // of the samples, of the reference's too
	Samples   []float64 `json:"samples"`
	Reference *Series   `json:"reference,omitempty"`
	Note      string    `json:"note,omitempty"`  // what a reader should know
	Error     string    `json:"error,omitempty"` // why there are no samples

	// Derived from the above by Judge, here and again by every reader.
	Value float64 `json:"value"`           // median of the samples
	Ratio float64 `json:"ratio,omitempty"` // median over rounds of sample / reference
	Bound string  `json:"bound"`           // in words; "" for a row that is only told
	OK    bool    `json:"ok"`
}

// Series is the raw samples of what a row is compared with.
type Series struct {
	Name    string    `json:"name"`
	Samples []float64 `json:"samples"`
}

// Median of samples, 0 of none.
func Median(samples []float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(samples))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// ratio is the median of the rounds' ratios, 0 if there is none.
func ratio(samples, reference []float64) float64 {
	var all []float64
	for i := range min(len(samples), len(reference)) {
		if reference[i] != 0 {
			all = append(all, samples[i]/reference[i])
		}
	}
	return Median(all)
}

// Write writes a report as indented JSON.
func (r *Report) Write(path string) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// Read reads a report as it was written: its verdicts are not to be trusted
// before Judge.
func Read(path string) (*Report, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &r, nil
}
