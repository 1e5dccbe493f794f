package main

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

func checkedIn(t *testing.T) []result.Bound {
	t.Helper()
	bounds, err := result.ParseBounds(boundsFile)
	if err != nil {
		t.Fatal(err)
	}
	return bounds
}

// TestBoundsAndRowsMatch keeps a row from being measured and not judged, or
// bounded and not measured.
func TestBoundsAndRowsMatch(t *testing.T) {
	t.Parallel()
	var measured, bounded []string
	for _, e := range experiments() {
		measured = append(measured, e.rows...)
	}
	for _, b := range checkedIn(t) {
		bounded = append(bounded, b.ID)
	}
	slices.Sort(measured)
	slices.Sort(bounded)
	if !slices.Equal(measured, bounded) {
		t.Errorf("the experiments fill\n%q\nbounds.json bounds\n%q", measured, bounded)
	}
}

// figure makes a row whose bounded figure is v.
func figure(b result.Bound, v float64) result.Row {
	r := result.Row{ID: b.ID, Samples: []float64{v}}
	switch b.Of {
	case "ratio":
		r.Reference = &result.Series{Name: "peer", Samples: []float64{1}}
	case "inverse":
		r.Samples, r.Reference = []float64{1}, &result.Series{Name: "peer", Samples: []float64{v}}
	}
	return r
}

// TestEveryBoundHasTeeth holds each checked-in bound against a figure on either
// side of it.
func TestEveryBoundHasTeeth(t *testing.T) {
	t.Parallel()
	for _, b := range checkedIn(t) {
		if b.Of == "" {
			continue
		}
		better, worse := b.Limit*0.99-0.001, b.Limit*1.01+0.001
		if b.Op == ">=" {
			better, worse = worse, better
		}
		for v, want := range map[float64]bool{better: true, worse: false} {
			r := result.Report{Rows: []result.Row{figure(b, v)}}
			if ok := r.Judge([]result.Bound{b}); ok != want {
				t.Errorf("%s %s: a figure of %v is judged %v", b.ID, b, v, ok)
			}
		}
	}
}

func TestWantedByPrefix(t *testing.T) {
	t.Parallel()
	e := experiment{rows: []string{"durable.64", "durable.1"}}
	for prefixes, want := range map[string]bool{"": true, "dur": true, "x,durable.1": true, "empty": false, "empty,sale": false} {
		if e.wanted(prefixes) != want {
			t.Errorf("%q: wanted %v", prefixes, !want)
		}
	}
}

// TestAFailedExperimentLeavesRows keeps the reason beside every row that could
// not be measured.
func TestAFailedExperimentLeavesRows(t *testing.T) {
	t.Parallel()
	e := experiment{rows: []string{"a", "b"}}
	rows := filled(e, []result.Row{{ID: "a", Samples: []float64{1}}}, errBound)
	if len(rows) != 2 || rows[0].Error != "" || rows[1].ID != "b" || rows[1].Error == "" {
		t.Errorf("got %+v", rows)
	}
}
