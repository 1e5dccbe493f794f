package result

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Bound is what a row is held against.
type Bound struct {
	ID     string `json:"id"`
	Design string `json:"design"` // row of the design's table, in its words
	// Of is what Limit bounds: "value", "ratio" (sample / reference), "inverse"
	// (reference / sample), or "" for a row that must be there and is only told.
	Of    string  `json:"of,omitempty"`
	Op    string  `json:"op,omitempty"` // "<=", ">=" or "<"
	Limit float64 `json:"limit,omitempty"`
}

// ParseBounds reads the checked-in bounds. Errors: an id twice, an unknown Of
// or Op.
func ParseBounds(b []byte) ([]Bound, error) {
	var bounds []Bound
	if err := json.Unmarshal(b, &bounds); err != nil {
		return nil, fmt.Errorf("bounds: %w", err)
	}
	seen := map[string]bool{}
	for _, x := range bounds {
		if seen[x.ID] {
			return nil, fmt.Errorf("bounds: %s stands twice", x.ID)
		}
		seen[x.ID] = true
		if err := x.check(); err != nil {
			return nil, err
		}
	}
	return bounds, nil
}

func (b Bound) check() error {
	of := b.Of == "" || b.Of == "value" || b.Of == "ratio" || b.Of == "inverse"
	op := b.Of == "" && b.Op == "" || b.Op == "<=" || b.Op == ">=" || b.Op == "<"
	if b.ID == "" || b.Design == "" || !of || !op {
		return fmt.Errorf("bounds: %q bounds %q by %q", b.ID, b.Of, b.Op)
	}
	return nil
}

// String is the bound in words, "" if there is none.
func (b Bound) String() string {
	limit := strconv.FormatFloat(b.Limit, 'g', -1, 64)
	switch b.Of {
	case "value":
		return b.Op + " " + limit
	case "ratio":
		return b.Op + " " + limit + " × reference"
	case "inverse":
		return "reference " + b.Op + " " + limit + " × it"
	}
	return ""
}

// holds says whether a figure keeps the bound.
func (b Bound) holds(figure float64) bool {
	switch b.Op {
	case "<=":
		return figure <= b.Limit
	case ">=":
		return figure >= b.Limit
	case "<":
		return figure < b.Limit
	}
	return false
}

// Judge recomputes everything that is derived, from the samples alone, puts
// the rows into the order of the bounds and adds a failed row for each that is
// missing. It answers whether all is well.
func (r *Report) Judge(bounds []Bound) bool {
	rows := map[string]Row{}
	for _, row := range r.Rows {
		rows[row.ID] = row
	}
	r.Rows = nil
	good := true
	for _, b := range bounds {
		row, there := rows[b.ID]
		delete(rows, b.ID)
		if !there {
			row = Row{ID: b.ID, Error: "the row is missing"}
		}
		row.judge(b)
		good = good && row.OK
		r.Rows = append(r.Rows, row)
	}
	for _, row := range rows {
		row.OK, row.Error = false, "bounds.json does not know this row"
		good = false
		r.Rows = append(r.Rows, row)
	}
	return good
}

func (r *Row) judge(b Bound) {
	r.Value, r.Ratio, r.Bound = Median(r.Samples), 0, b.String()
	if r.Reference != nil {
		r.Ratio = ratio(r.Samples, r.Reference.Samples)
	}
	r.OK = r.Error == "" && len(r.Samples) > 0 && r.keeps(b)
}

func (r *Row) keeps(b Bound) bool {
	switch b.Of {
	case "":
		return true
	case "value":
		return b.holds(r.Value)
	}
	if r.Reference == nil || len(r.Reference.Samples) != len(r.Samples) || r.Ratio == 0 {
		return false
	}
	if b.Of == "ratio" {
		return b.holds(r.Ratio)
	}
	return b.holds(ratio(r.Reference.Samples, r.Samples))
}
