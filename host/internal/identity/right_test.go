package identity

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// table reads a file of columns that two spaces or more part; "-" is "".
func table(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		var row []string
		for _, cell := range strings.Split(line, "  ") {
			if cell = strings.TrimSpace(cell); cell != "" {
				row = append(row, strings.TrimPrefix(cell, "-"))
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return rows
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "covers.txt") {
		if got := Covers(row[0], row[1]); got != (row[2] == "yes") {
			t.Errorf("Covers(%q, %q) is %v", row[0], row[1], got)
		}
	}
}

func TestCheckRight(t *testing.T) {
	t.Parallel()
	for _, row := range append(table(t, "rights.txt"), []string{strings.Repeat("a", 128) + ".b", "no"}) {
		if err := CheckRight(row[0]); (err == nil) != (row[1] == "yes") {
			t.Errorf("CheckRight(%q): %v", row[0], err)
		}
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	anna := Principal{ID: "user:anna", Rights: []string{"till.*", "stock.read"}, Stores: []string{"MI-01", "MI-02"}}
	for name, c := range map[string]struct {
		p    Principal
		need Need
		want string
	}{
		"held":                     {anna, Need{"till.sell", "MI-01"}, ""},
		"without a store":          {anna, Need{"till.sell", ""}, ""},
		"another store":            {anna, Need{"till.sell", "RM-01"}, "the store RM-01 is not one of the principal's"},
		"a right that is missing":  {anna, Need{"stock.move", "MI-01"}, "the permission stock.move is missing"},
		"the right before a store": {anna, Need{"stock.move", "RM-01"}, "the permission stock.move is missing"},
		"for the owner only":       {anna, Need{}, "the permission * is missing"},
		"the owner":                {Local(), Need{}, ""},
		"no store at all":          {Principal{Rights: []string{All}, Stores: []string{}}, Need{"till.sell", "MI-01"}, "the store MI-01 is not one of the principal's"},
		"nobody":                   {Nobody(), Need{Right: "till.sell"}, "the permission till.sell is missing"},
		"the host":                 {Host(), Need{"till.sell", "MI-01"}, ""},
		"an app":                   {App("loyalty"), Need{"till.sell", "MI-01"}, ""},
	} {
		got := ""
		if err := Authorize(c.p, c.need); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// some are all rights of a small world, with every pattern over them.
func some() (rights, patterns []string) {
	for _, contract := range []string{"till", "stock", "host"} {
		rights = append(rights, contract+".read", contract+".write")
		patterns = append(patterns, contract+".*")
	}
	return rights, slices.Concat(rights, patterns, []string{All, AllApps})
}

// TestSetsOfRights: union and intersection mean what they mean, right by right.
func TestSetsOfRights(t *testing.T) {
	t.Parallel()
	rights, patterns := some()
	rapid.Check(t, func(t *rapid.T) {
		lists := rapid.SliceOfN(rapid.SampledFrom(patterns), 0, 5)
		a, b := Principal{Rights: lists.Draw(t, "a")}, Principal{Rights: lists.Draw(t, "b")}
		either, both := Principal{Rights: Union(a.Rights, b.Rights)}, Principal{Rights: Intersect(a.Rights, b.Rights)}
		for _, r := range append(rights, "") {
			if either.May(r) != (a.May(r) || b.May(r)) {
				t.Fatalf("the union %v of %v and %v answers %v for %q", either.Rights, a.Rights, b.Rights, either.May(r), r)
			}
			if both.May(r) != (a.May(r) && b.May(r)) {
				t.Fatalf("the intersection %v of %v and %v answers %v for %q", both.Rights, a.Rights, b.Rights, both.May(r), r)
			}
		}
		if a.Holds(b.Rights, nil) && slices.ContainsFunc(rights, func(r string) bool { return b.May(r) && !a.May(r) }) {
			t.Fatalf("%v would hold %v", a.Rights, b.Rights)
		}
		if !a.Holds(both.Rights, nil) {
			t.Fatalf("%v does not hold its own part %v", a.Rights, both.Rights)
		}
	})
}

func TestStores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b, both []string
		within     bool // a in b
	}{
		{nil, nil, nil, true},
		{nil, []string{"x"}, []string{"x"}, false},
		{[]string{"x"}, nil, []string{"x"}, true},
		{[]string{"x", "y"}, []string{"y", "z"}, []string{"y"}, false},
		{[]string{"x"}, []string{"y"}, []string{}, false},
		{[]string{}, []string{"y"}, []string{}, true},
		{[]string{}, nil, []string{}, true},
		{nil, []string{}, []string{}, false},
	} {
		got := IntersectStores(c.a, c.b)
		if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", c.both) || WithinStores(c.a, c.b) != c.within {
			t.Errorf("%#v and %#v: %#v, %v; want %#v, %v", c.a, c.b, got, WithinStores(c.a, c.b), c.both, c.within)
		}
	}
}

func FuzzCheckRight(f *testing.F) {
	f.Add("till.sell")
	f.Add("*.*")
	f.Add("till.*")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckRight(s) == nil && (!Covers(s, s) || !Covers(All, s) || strings.ContainsAny(s, " \n/\x00")) {
			t.Errorf("%q is a right", s)
		}
	})
}
