package sourcing

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type shops struct {
	sites []Site
	has   map[string]int64 // by "site sku"
}

func (s *shops) available(site, sku string) int64 { return s.has[site+" "+sku] }

func TestPlans(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/plans.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := shops{has: map[string]int64{}}
	asked := 0
	for _, line := range strings.Split(string(text), "\n") {
		rules, rest, isPlan := strings.Cut(line, "|")
		switch {
		case line == "" || line == "sites" || line[0] == '#':
		case isPlan:
			wanted, want, _ := strings.Cut(rest, "=")
			takes, left := Plan(readRules(t, rules), s.sites[0], s.sites, readLines(t, strings.Fields(wanted)), s.available)
			if got := show(takes, left); got != strings.TrimSpace(want) {
				t.Errorf("%s: %s", line, got)
			}
			asked++
		default:
			f := strings.Fields(line)
			site := Site{ID: f[0], City: f[1], Metres: -1, Warehouse: strings.HasPrefix(f[0], "WH")}
			if f[2] != "?" {
				site.Metres = number(t, f[2]) * 1000
			}
			s.sites = append(s.sites, site)
			for _, l := range readLines(t, f[3:]) {
				s.has[site.ID+" "+l.SKU] = l.Quantity
			}
		}
	}
	if asked < 15 {
		t.Errorf("only %d rows", asked)
	}
}

func readRules(t *testing.T, text string) (rules []Rule) {
	t.Helper()
	for _, one := range strings.Split(text, "/") {
		f := strings.Fields(one)
		r := Rule{Use: Use(f[0])}
		for _, option := range f[1:] {
			switch key, value, _ := strings.Cut(option, "="); key {
			case "km":
				r.Kilometres = number(t, value)
			case "keep":
				r.Keep = number(t, value)
			case "site":
				r.Site = value
			case "whole":
				r.Whole = true
			default:
				t.Fatalf("option %s", option)
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func readLines(t *testing.T, fields []string) (lines []Line) {
	t.Helper()
	for _, f := range fields {
		sku, n, _ := strings.Cut(f, ":")
		lines = append(lines, Line{sku, number(t, n)})
	}
	return lines
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func show(takes []Take, left []Line) string {
	var parts []string
	site := ""
	for _, x := range takes {
		text := x.SKU + ":" + strconv.FormatInt(x.Quantity, 10)
		if x.Site == site {
			parts[len(parts)-1] += " " + text
			continue
		}
		site = x.Site
		parts = append(parts, site+" "+text)
	}
	for i, l := range left {
		text := l.SKU + ":" + strconv.FormatInt(l.Quantity, 10)
		if i == 0 {
			parts = append(parts, "left "+text)
		} else {
			parts[len(parts)-1] += " " + text
		}
	}
	return strings.Join(parts, ", ")
}

// Whatever the rules: what is taken and what is left add up to what was wanted, nobody
// gives more than he may promise beyond what stays, and no site serves by two rules.
func TestPlanAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := shops{has: map[string]int64{}}
		for _, id := range []string{"A", "B", "C", "WH"} {
			s.sites = append(s.sites, Site{ID: id, Warehouse: id == "WH", City: rapid.SampledFrom([]string{"", "X", "Y"}).Draw(t, "city"), Metres: rapid.Int64Range(-1, 9000).Draw(t, "metres")})
			for _, sku := range []string{"a", "b"} {
				s.has[id+" "+sku] = rapid.Int64Range(-2, 6).Draw(t, "has")
			}
		}
		rules := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Rule {
			return Rule{
				Use:  rapid.SampledFrom([]Use{Own, SameCity, Nearby, Shop, Warehouse, Anywhere, Exclude}).Draw(t, "use"),
				Site: rapid.SampledFrom([]string{"A", "B", "WH"}).Draw(t, "site"), Kilometres: rapid.Int64Range(0, 9).Draw(t, "km"),
				Keep: rapid.Int64Range(0, 3).Draw(t, "keep"), Whole: rapid.Bool().Draw(t, "whole"),
			}
		}), 0, 5).Draw(t, "rules")
		wanted := []Line{{"a", rapid.Int64Range(1, 9).Draw(t, "a")}, {"b", rapid.Int64Range(1, 9).Draw(t, "b")}}
		takes, left := Plan(rules, s.sites[0], s.sites, wanted, s.available)
		sums, by := map[string]int64{}, map[string]int{}
		for _, x := range takes {
			sums[x.SKU] += x.Quantity
			if x.Quantity <= 0 || x.Quantity > s.has[x.Site+" "+x.SKU]-rules[x.Rule].Keep {
				t.Fatalf("%+v of %d", x, s.has[x.Site+" "+x.SKU])
			}
			if first, again := by[x.Site]; again && first != x.Rule {
				t.Fatalf("%s serves by two rules", x.Site)
			}
			by[x.Site] = x.Rule
			if i := slices.IndexFunc(s.sites, func(o Site) bool { return o.ID == x.Site }); Of(rules, s.sites[0], s.sites[i]) != x.Rule {
				t.Fatalf("%s serves by rule %d, Of says %d", x.Site, x.Rule, Of(rules, s.sites[0], s.sites[i]))
			}
		}
		for _, l := range left {
			sums[l.SKU] += l.Quantity
		}
		for _, l := range wanted {
			if sums[l.SKU] != l.Quantity {
				t.Fatalf("of %s %d are accounted for, want %d", l.SKU, sums[l.SKU], l.Quantity)
			}
		}
	})
}
