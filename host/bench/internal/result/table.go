package result

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes a report for people. Judge comes first.
func (r *Report) Print(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s/%s, %d cores (%s), %s, load %.2f → %.2f, fsync of %s: p50 %.2f ms, p99 %.2f ms, %s, %.0f s\n",
		m.OS, m.Arch, m.Cores, m.CPU, m.Go, m.LoadStart[0], m.LoadEnd[0], m.Dir, m.FsyncP50, m.FsyncP99, m.Began, m.Seconds)
	if r.Quick {
		fmt.Fprintln(w, "-quick: short slices, the figures mean little")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\t row\t median\t reference\t ratio\t bound\t")
	for _, row := range r.Rows {
		fmt.Fprintf(t, "%s\t %s\t %s\t %s\t %s\t %s\t\n", row.mark(), row.ID, row.figure(), row.peer(), row.times(), row.Bound)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, row := range r.Rows {
		if text := strings.TrimSpace(row.Error + " " + row.Note); text != "" {
			fmt.Fprintf(w, "  %s: %s\n", row.ID, text)
		}
	}
	return nil
}

func (r *Row) mark() string {
	switch {
	case !r.OK:
		return "✗"
	case r.Bound == "":
		return "·"
	}
	return "✓"
}

func (r *Row) figure() string {
	if len(r.Samples) == 0 {
		return "–"
	}
	return number(r.Value) + " " + r.Unit
}

func (r *Row) peer() string {
	if r.Reference == nil {
		return ""
	}
	return number(Median(r.Reference.Samples)) + " " + r.Unit + " " + r.Reference.Name
}

// times is the ratio in the direction that is larger than one.
func (r *Row) times() string {
	switch {
	case r.Ratio == 0:
		return ""
	case r.Ratio < 0.1:
		return fmt.Sprintf("1/%.1f", 1/r.Ratio)
	}
	return fmt.Sprintf("%.2f", r.Ratio)
}

// number prints three digits or so.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
