package delivery

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// table reads a text table: cells between bars, without comments and blank
// lines.
func table(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 5 {
		t.Fatalf("%s has %d rows", name, len(rows))
	}
	return rows
}

func split(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }

func TestRoutes(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "routes.txt") {
		route, address, refusal := Choose(split(row[0]), Facts{
			Filled: func(r string) bool { return slices.Contains(split(row[1]), r) },
			Address: func(r string) string {
				if slices.Contains(split(row[2]), r) {
					return "at " + r
				}
				return ""
			},
			Refusal: func(r string) string {
				for _, pair := range split(row[3]) {
					if why, ok := strings.CutPrefix(pair, r+"="); ok {
						return why
					}
				}
				return ""
			},
		})
		got := route
		if refusal != "" {
			got = "! " + refusal
		}
		if got != row[4] || refusal == "" && address != "at "+route {
			t.Errorf("%v: got %s at %q", row, got, address)
		}
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "languages.txt") {
		there := split(row[0])
		if got := there[Language(there, split(row[1])...)]; got != row[2] {
			t.Errorf("%v: got %s", row, got)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "outcomes.txt") {
		state, reference, reason := Outcome(row[0], row[1], row[2])
		if got := strings.Join(strings.Fields(state+" "+reference+" "+reason), " "); got != row[3] {
			t.Errorf("%v: got %s", row, got)
		}
	}
	if _, reference, _ := Outcome("sent", strings.Repeat("x", 201), ""); reference != "" {
		t.Error("a reference without end is kept")
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"order/417:ready": true, "": false, "anna@example.it": false, "a b": false, strings.Repeat("k", 129): false} {
		if Key(s, 128) != want {
			t.Errorf("Key(%q) is not %v", s, want)
		}
	}
	for s, want := range map[string]bool{"mailbox_full": true, "a/b": false, "a:b": false, "": false} {
		if ID(s) != want {
			t.Errorf("ID(%q) is not %v", s, want)
		}
	}
	for s, want := range map[string]bool{"it": true, "de-AT": true, "gsw": true, "": false, "IT": false, "it-": false, "it-it": false, "italiano": false} {
		if Tag(s) != want {
			t.Errorf("Tag(%q) is not %v", s, want)
		}
	}
	if Short("a\nb", 9) || !Long("a\nb", 9) || Long("\xff", 9) || Short("1234", 3) {
		t.Error("a line is one line, a text may have several")
	}
}
