package price

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

var update = flag.Bool("update", false, "write what the code does into testdata")

// TestTables runs the files of testdata: a basket and promotions in, the
// receipt out, as a retailer would write them. Each case is a title, what goes
// in, a line of dashes and what comes out; an empty line ends it.
func TestTables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after := runTable(t, string(before))
			if *update {
				if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(before, []byte(after)) {
				t.Errorf("%s differs; go test -update writes:\n%s", file, diff(string(before), after))
			}
		})
	}
}

// runTable renders every case of a table with the outcome that the code has.
func runTable(t *testing.T, table string) string {
	t.Helper()
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimRight(table, "\n"), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		in, _, isCase := strings.Cut(block, "\n----")
		out.WriteString(in + "\n")
		if isCase {
			out.WriteString("----\n" + parseCase(t, in).outcome())
		}
	}
	return out.String()
}

// outcome prices the case and prints the receipt.
func (c *tableCase) outcome() string {
	b, err := New(c.policy, c.place, c.lines, c.shipping)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	b.Shelf(c.shelf)
	b.Promote(c.candidates)
	refused, took := b.Propose("plugin", c.offs)
	r := b.Result()
	var s strings.Builder
	for i, p := range r.Lines {
		printLine(&s, string(c.lines[i].SKU), c.lines[i].Quantity, p)
	}
	for _, g := range r.Added {
		printLine(&s, "+"+string(g.SKU), g.Quantity, g.Priced)
	}
	for i, p := range r.Shipping {
		printLine(&s, "by "+c.shipping[i].Method, 1, p)
	}
	fmt.Fprintf(&s, "total      %s − %s = %s\n", euro(r.List), euro(r.Discount), euro(r.Total))
	for _, v := range r.VAT {
		fmt.Fprintf(&s, "vat        %d%%: %s net %s vat %s\n", v.Rate/100, euro(v.Gross), euro(v.Net), euro(v.VAT))
	}
	for _, g := range r.Grants {
		printGrant(&s, g)
	}
	for _, m := range r.NotApplied {
		fmt.Fprintf(&s, "%-10s %s: %s%s\n", map[bool]string{true: "not", false: "far"}[m.Near], m.Promotion, m.Reason, lacking(m))
	}
	if len(refused) > 0 {
		fmt.Fprintf(&s, "refused    %d\n", refused)
	}
	if len(c.offs) > len(refused) && !took {
		s.WriteString("plugin     took nothing\n")
	}
	return s.String()
}

func printLine(s *strings.Builder, name string, quantity retail.Quantity, p Priced) {
	fmt.Fprintf(s, "%-10s %4d  %9s", name, quantity, euro(p.List))
	for _, a := range p.Applied {
		fmt.Fprintf(s, "  −%s %s", euro(a.Amount), a.Promotion+a.Filler)
	}
	fmt.Fprintf(s, "  = %s%s\n", euro(p.Total), shown(p.Shares))
}

func printGrant(s *strings.Builder, g Grant) {
	if g.Points > 0 {
		fmt.Fprintf(s, "points     %s: %d%% for lines %v\n", g.Promotion, g.Points/100, g.Lines)
		return
	}
	fmt.Fprintf(s, "later      %s: %s back within %d days\n", g.Promotion, euro(g.Cashback), g.Days)
}

func shown(runs []Run) string {
	if len(runs) == 0 {
		return ""
	}
	var parts []string
	for _, r := range runs {
		parts = append(parts, fmt.Sprintf("%d×%s", r.Quantity, euro(r.Amount)))
	}
	return " (" + strings.Join(parts, " ") + ")"
}

func lacking(m Miss) string {
	var s string
	if m.With != "" {
		s += " with " + m.With
	}
	if m.Quantity > 0 {
		s += fmt.Sprintf(" %d more", m.Quantity)
	}
	if m.Amount > 0 && m.Reason == LostTo {
		s += " by " + euro(m.Amount)
	} else if m.Amount > 0 {
		s += " " + euro(m.Amount) + " more"
	}
	return s
}

func euro(m retail.Money) string { return strings.TrimSuffix(m.Format("EUR"), " EUR") }

// diff shows the lines that two texts do not share.
func diff(a, b string) string {
	had, has := map[string]bool{}, map[string]bool{}
	for _, l := range strings.Split(a, "\n") {
		had[l] = true
	}
	var s strings.Builder
	for _, l := range strings.Split(b, "\n") {
		has[l] = true
		if !had[l] {
			s.WriteString("+ " + l + "\n")
		}
	}
	for _, l := range strings.Split(a, "\n") {
		if !has[l] {
			s.WriteString("- " + l + "\n")
		}
	}
	return s.String()
}
