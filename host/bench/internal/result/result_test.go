package result

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func bounds() []Bound {
	return []Bound{
		{ID: "fast", Design: "d", Of: "inverse", Op: ">=", Limit: 20},
		{ID: "lean", Design: "d", Of: "ratio", Op: "<=", Limit: 1.2},
		{ID: "small", Design: "d", Of: "value", Op: "<", Limit: 3},
		{ID: "told", Design: "d"},
	}
}

func good() *Report {
	return &Report{Rows: []Row{
		{ID: "told", Samples: []float64{5}},
		{ID: "small", Samples: []float64{2, 9, 2.9}},
		{ID: "fast", Samples: []float64{1, 1, 1}, Reference: &Series{Name: "peer", Samples: []float64{20, 90, 21}}},
		{ID: "lean", Samples: []float64{1.1, 2.2, 9}, Reference: &Series{Name: "peer", Samples: []float64{1, 2, 3}}},
	}}
}

func (r *Report) row(id string) *Row {
	for i := range r.Rows {
		if r.Rows[i].ID == id {
			return &r.Rows[i]
		}
	}
	return nil
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(*Report)
		bad  string // the row that fails; "" none
	}{
		{"as it is", func(*Report) {}, ""},
		{"a claim is not believed", func(r *Report) { r.row("small").Samples = []float64{3}; r.row("small").OK = true }, "small"},
		{"a value at a strict limit", func(r *Report) { r.row("small").Samples = []float64{3} }, "small"},
		{"a ratio over its limit", func(r *Report) { r.row("lean").Samples = []float64{1.3, 2.6, 3} }, "lean"},
		{"not fast enough", func(r *Report) { r.row("fast").Reference.Samples = []float64{19, 19, 90} }, "fast"},
		{"no reference", func(r *Report) { r.row("fast").Reference = nil }, "fast"},
		{"a round without its reference", func(r *Report) { r.row("lean").Reference.Samples = []float64{1, 2} }, "lean"},
		{"no samples", func(r *Report) { r.row("told").Samples = nil }, "told"},
		{"an error", func(r *Report) { r.row("told").Error = "n/a" }, "told"},
		{"a missing row", func(r *Report) { r.Rows = r.Rows[1:] }, "told"},
		{"a row that nobody bounds", func(r *Report) { r.Rows = append(r.Rows, Row{ID: "new", Samples: []float64{1}}) }, "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := good()
			c.do(r)
			if ok := r.Judge(bounds()); ok != (c.bad == "") {
				t.Errorf("Judge said %v", ok)
			}
			for _, row := range r.Rows {
				if row.OK != (row.ID != c.bad) {
					t.Errorf("%s: ok %v: %+v", row.ID, row.OK, row)
				}
			}
		})
	}
}

func TestReaderRecomputes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bench.json")
	r := good()
	r.row("small").Samples = []float64{4}
	if r.Judge(bounds()) {
		t.Fatal("4 is not below 3")
	}
	small := r.row("small")
	small.OK, small.Value, small.Bound = true, 1, "<= 9"
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if read.Judge(bounds()) || read.row("small").OK || read.row("small").Value != 4 || read.row("small").Bound != "< 3" {
		t.Errorf("the reader believed what was written: %+v", read.row("small"))
	}
	var out bytes.Buffer
	if err := read.Print(&out); err != nil || !strings.Contains(out.String(), "✗") {
		t.Errorf("printed %v\n%s", err, &out)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}} {
		if got := Median(c.in); got != c.want {
			t.Errorf("median of %v is %v", c.in, got)
		}
	}
}

func TestParseBounds(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`[{"id":"a","design":"d"},{"id":"a","design":"d"}]`,
		`[{"id":"a","design":"d","of":"median","op":"<="}]`,
		`[{"id":"a","design":"d","of":"value","op":"=="}]`,
		`[{"id":"a"}]`, `{}`,
	} {
		if _, err := ParseBounds([]byte(bad)); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
}
