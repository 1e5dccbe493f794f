package price

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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

// tableCase is one case as it was written.
type tableCase struct {
	place Place
	lines []Line
	rules []Rule
	offs  []Off
}

func parseCase(t *testing.T, text string) tableCase {
	t.Helper()
	c := tableCase{place: Place{Store: "MI-01", Channel: "store", At: at(t, "2026-11-21 17:05")}}
	for _, row := range strings.Split(text, "\n") {
		f := strings.Fields(row)
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "at":
			c.parsePlace(t, f[1:])
		case "sell":
			c.lines = append(c.lines, parseLine(t, f[1:]))
		case "rule":
			c.rules = append(c.rules, parseRule(t, f[1:]))
		case "plugin":
			c.offs = append(c.offs, parseOff(t, f[1:]))
		}
	}
	return c
}

func (c *tableCase) parsePlace(t *testing.T, f []string) {
	for k, v := range options(t, f) {
		switch k {
		case "store":
			c.place.Store = retail.StoreID(v)
		case "channel":
			c.place.Channel = retail.Channel(v)
		case "customer":
			c.place.Customer = retail.CustomerID(v)
		case "groups":
			c.place.Groups = strings.Split(v, ",")
		case "time":
			c.place.At = at(t, strings.ReplaceAll(v, "_", " "))
		default:
			t.Fatalf("at: unknown %q", k)
		}
	}
}

// parseLine reads: SKU QUANTITY[g] x PRICE option=value …
func parseLine(t *testing.T, f []string) Line {
	l := Line{SKU: retail.SKU(f[0]), Per: 1, VAT: 2200, Unit: money(t, f[3])}
	count := strings.TrimSuffix(f[1], "g")
	if count != f[1] {
		l.Per = 1000
	}
	l.Quantity = retail.Quantity(number(t, count))
	for k, v := range options(t, f[4:]) {
		switch k {
		case "brand":
			l.Goods.Brand = v
		case "line":
			l.Goods.Line = v
		case "season":
			l.Goods.Season = v
		case "supplier":
			l.Goods.Supplier = v
		case "category":
			l.Goods.Category = v
		case "tags":
			l.Goods.Tags = strings.Split(v, ",")
		case "vat":
			l.VAT = retail.BasisPoints(number(t, v) * 100)
		case "manual":
			l.Manual = true
		case "stored":
			l.Stored = true
		default:
			t.Fatalf("line: unknown %q", k)
		}
	}
	return l
}

// parseRule reads: ID EFFECT option=value … where EFFECT is 20% or 5.00.
func parseRule(t *testing.T, f []string) Rule {
	r := Rule{ID: f[0], Version: 1}
	if p, is := strings.CutSuffix(f[1], "%"); is {
		r.Effect.Percent = retail.BasisPoints(money(t, p))
	} else {
		r.Effect.Amount = money(t, f[1])
	}
	for k, v := range options(t, f[2:]) {
		list := strings.Split(v, ",")
		switch k {
		case "brand":
			r.Brands = list
		case "line":
			r.Lines = list
		case "season":
			r.Seasons = list
		case "supplier":
			r.Suppliers = list
		case "category":
			r.Categories = list
		case "tag":
			r.Tags = list
		case "sku":
			r.SKUs = typed[retail.SKU](list)
		case "store":
			r.Stores = typed[retail.StoreID](list)
		case "channel":
			r.Channels = typed[retail.Channel](list)
		case "customer":
			r.Customers = typed[retail.CustomerID](list)
		case "group":
			r.Groups = list
		default:
			r.parseTerms(t, k, v)
		}
	}
	return r
}

func (r *Rule) parseTerms(t *testing.T, k, v string) {
	switch k {
	case "days":
		first, last, _ := strings.Cut(v, "..")
		p, err := rome.Days(retail.Date(first), retail.Date(last))
		if err != nil {
			t.Fatal(err)
		}
		r.From, r.To = p.From, p.To
	case "priority":
		r.Priority = number(t, v)
	case "min":
		r.MinQuantity = retail.Quantity(number(t, v))
	case "from":
		r.MinAmount = money(t, v)
	case "across":
		r.Effect.Across = true
	case "exclusive":
		r.Exclusive = true
	default:
		t.Fatalf("rule: unknown %q", k)
	}
}

func parseOff(t *testing.T, f []string) Off {
	o := Off{Group: int(number(t, f[0])), Reason: "happy_hour"}
	if p, is := strings.CutSuffix(f[1], "%"); is {
		o.Percent = retail.BasisPoints(money(t, p))
	} else {
		o.Amount = money(t, f[1])
	}
	return o
}

// outcome prices the case and prints the receipt.
func (c tableCase) outcome() string {
	b, err := New(c.place, c.lines)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	b.Promote(c.rules)
	refused, took := b.Propose("plugin", c.offs)
	r := b.Result()
	var s strings.Builder
	for i, p := range r.Lines {
		fmt.Fprintf(&s, "%-10s %4d  %9s", c.lines[i].SKU, c.lines[i].Quantity, euro(p.List))
		for _, a := range p.Applied {
			fmt.Fprintf(&s, "  −%s %s", euro(a.Amount), a.Promotion+a.Filler)
		}
		fmt.Fprintf(&s, "  = %s%s\n", euro(p.Total), shown(p.Shares))
	}
	fmt.Fprintf(&s, "total      %s − %s = %s\n", euro(r.List), euro(r.Discount), euro(r.Total))
	for _, v := range r.VAT {
		fmt.Fprintf(&s, "vat        %d%%: %s net %s vat %s\n", v.Rate/100, euro(v.Gross), euro(v.Net), euro(v.VAT))
	}
	for _, m := range r.NotApplied {
		fmt.Fprintf(&s, "not        %s: %s%s\n", m.Promotion, m.Reason, lacking(m))
	}
	if len(refused) > 0 {
		fmt.Fprintf(&s, "refused    %d\n", refused)
	}
	if len(c.offs) > len(refused) && !took {
		s.WriteString("plugin     took nothing\n")
	}
	return s.String()
}

func shown(runs []Run) string {
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
	if m.Amount > 0 {
		s += " " + euro(m.Amount) + " more"
	}
	return s
}

const rome retail.Zone = "Europe/Rome"

// at reads a civil time of Rome: 2026-11-21 17:05.
func at(t *testing.T, text string) retail.Instant {
	date, clock, _ := strings.Cut(text, " ")
	i, err := rome.Start(retail.Date(date), retail.LocalTime(clock))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return i
}

func options(t *testing.T, f []string) map[string]string {
	all := map[string]string{}
	for _, o := range f {
		k, v, _ := strings.Cut(o, "=")
		if _, twice := all[k]; twice {
			t.Fatalf("%s twice", k)
		}
		all[k] = v
	}
	return all
}

func typed[S ~string](list []string) []S {
	out := make([]S, len(list))
	for i, v := range list {
		out[i] = S(v)
	}
	return out
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// money reads 12.50 or 12.
func money(t *testing.T, text string) retail.Money {
	whole, cents, _ := strings.Cut(text, ".")
	return retail.Money(number(t, whole)*100 + number(t, (cents + "00")[:2]))
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
