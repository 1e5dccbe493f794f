package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// twoColumns reads A and B.
func twoColumns() *step {
	return &step{As: "deliveries", Columns: map[string]column{"sku": {Column: "A"}, "document": {Column: "B"}}, Constants: map[string]string{"place": "P", "quantity": "1"}}
}

func openText(t *testing.T, s *step, text string) (*table, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := openTable(path, s)
	if err == nil {
		t.Cleanup(table.close)
	}
	return table, err
}

// readAll writes rows as "line: cell|cell", and bad ones with a "!" in front.
func readAll(t *testing.T, table *table) []string {
	t.Helper()
	var rows []string
	for {
		w, err := table.next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		mark := ""
		if errors.Is(err, errRow) {
			mark = "!"
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%s%d: %s", mark, w.line, strings.Join(w.cells, "|")))
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		comma, text string
		want        []string
	}{
		"plain":               {"", "A,B\n1,2\n", []string{"2: 1|2"}},
		"byte order mark":     {"", "\ufeffA,B\n1,2", []string{"2: 1|2"}},
		"carriage returns":    {"", "A,B\r\n1,2\r\n3,4\r\n", []string{"2: 1|2", "3: 3|4"}},
		"semicolon":           {";", "A;B\n1,5;2\n", []string{"2: 1,5|2"}},
		"tab":                 {"\t", "A\tB\n1\t2\n", []string{"2: 1|2"}},
		"only a header":       {"", "A,B\n", nil},
		"empty lines":         {"", "A,B\n\n1,2\n\n\n3,4\n", []string{"3: 1|2", "6: 3|4"}},
		"line break in cell":  {"", "A,B\n\"x\ny\",2\n3,4\n", []string{"2: x\ny|2", "4: 3|4"}},
		"short and long":      {"", "A,B\n1\n1,2,3\n4,5\n", []string{"!2: 1", "!3: 1|2|3", "4: 4|5"}},
		"bare quote":          {"", "A,B\n1\"5,2\n3,4\n", []string{`!2: 1"5|2`, "3: 3|4"}},
		"quote inside":        {"", "A,B\n\"1\"5,2\n3,4\n", []string{`!2: "1"5,2`, "3: 3|4"}},
		"never closed":        {"", "A,B\n1,\"2\n3,4\n5,6\n", []string{"!2: 1|2\n", "3: 3|4", "4: 5|6"}},
		"closed far below":    {"", "A,B\n1,\"2\n3,4\n\"5\",6\n7,8\n", []string{"!2: 1|2\n", "3: 3|4", "4: 5|6", "5: 7|8"}},
		"after empty lines":   {"", "A,B\n\n\n1\"5,2\n3,4\n", []string{`!4: 1"5|2`, "5: 3|4"}},
		"several unclosed":    {"", "A,B\n1,\"2\n3,4\n5,\"6\n7,8\n", []string{"!2: 1|2\n", "3: 3|4", "!4: 5|6\n", "5: 7|8"}},
		"not UTF-8":           {"", "A,B\ncaff\xe8,2\n3,4\n", []string{"!2: caff\xe8|2", "3: 3|4"}},
		"no way to tell":      {"", "A,B\n1\"\n", []string{`!2: 1"`}},
		"last line is broken": {"", "A,B\n1,2\n\"", []string{"2: 1|2", `!3: "`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := twoColumns()
			s.Comma = c.comma
			table, err := openText(t, s, c.text)
			if err != nil {
				t.Fatal(err)
			}
			got := readAll(t, table)
			for i := range got { // how a guess of a broken line ends is not what is tested
				got[i] = strings.TrimSuffix(got[i], "\n")
			}
			for i := range c.want {
				c.want[i] = strings.TrimSuffix(c.want[i], "\n")
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTableRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "it is empty"},
		"no column":   {"A,C\n", `there is no column "B"; there are A, C`},
		"two columns": {"A,B,B\n", `two columns are called "B"`},
		"wrong comma": {"A;B\n", `only one column at all: does "comma" fit the file?`},
		"not gzip":    {"\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00\x00", "gzip: invalid header"},
	} {
		if _, err := openText(t, twoColumns(), c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTableGzip(t *testing.T) {
	t.Parallel()
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, "A,B\n"+strings.Repeat("1,2\n", 5000)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := openText(t, twoColumns(), packed.String())
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, table); len(got) != 5000 || got[4999] != "5001: 1|2" {
		t.Errorf("%d rows, the last %q", len(got), got[len(got)-1])
	}
	// A file that was cut off is an error, not the end.
	table, err = openText(t, twoColumns(), packed.String()[:packed.Len()-9])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readItems(table); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("cut off: %v", err)
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		layout, zone, text, want string
		read                     clock
	}{
		{"2006-01-02 15:04:05", "Europe/London", "2010-12-01 08:26:00", "2010-12-01T08:26:00Z", plainClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-07-01 08:26:00", "2011-07-01T07:26:00Z", plainClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-03-27 00:59:59", "2011-03-27T00:59:59Z", plainClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-03-27 01:30:00", "2011-03-27T01:30:00Z", skippedClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-03-27 02:00:00", "2011-03-27T01:00:00Z", plainClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-10-30 00:59:59", "2011-10-29T23:59:59Z", plainClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-10-30 01:30:00", "2011-10-30T00:30:00Z", doubleClock},
		{"2006-01-02 15:04:05", "Europe/London", "2011-10-30 02:00:00", "2011-10-30T02:00:00Z", plainClock},
		{"02/01/2006 15.04", "Europe/Rome", "29/03/2026 02.30", "2026-03-29T01:30:00Z", skippedClock},
		{"02/01/2006 15.04", "Europe/Rome", "25/10/2026 02.30", "2026-10-25T00:30:00Z", doubleClock},
		{"2006-01-02 15:04", "", "2026-03-29 02:30", "2026-03-29T02:30:00Z", plainClock},
		{"", "Europe/Rome", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z", plainClock},
		{"2006-01-02 15:04 -0700", "Europe/Rome", "2026-03-29 02:30 +0200", "2026-03-29T00:30:00Z", plainClock},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		s := &step{Columns: map[string]column{"at": {Column: "A", Layout: c.layout, Zone: c.zone}}}
		table := &table{step: s, at: map[string]int{"at": 0}, zones: map[string]*time.Location{"at": zone}}
		got, read, err := table.instant(row{1, []string{c.text}}, "at")
		if got != c.want || read != c.read || err != nil {
			t.Errorf("%s in %s is %s (%d), %v; want %s (%d)", c.text, c.zone, got, read, err, c.want, c.read)
		}
	}
	table := &table{step: &step{Constants: map[string]string{"at": "yesterday"}}}
	if _, _, err := table.instant(row{}, "at"); !errors.Is(err, errRow) {
		t.Errorf("yesterday: %v", err)
	}
}

// However broken the text, reading ends, no line is in two rows, and no line
// that is not empty is lost.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"1,2\n", "1\"5,2\n3,4\n", "\"a\nb\",\"c\n\nd\n", "\xff\n\"\"\"\n", "\r\n\r\"\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := twoColumns()
		table := &table{step: s, line: 1, at: map[string]int{}, zones: map[string]*time.Location{}}
		if err := table.open(strings.NewReader("A,B\n" + text)); err != nil {
			t.Fatal(err)
		}
		last, letters := 1, 0
		for {
			w, err := table.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, errRow) {
				t.Fatal(err)
			}
			if w.line <= last {
				t.Fatalf("line %d after line %d", w.line, last)
			}
			last = w.line
			for _, c := range w.cells {
				letters += strings.Count(c, "x")
			}
		}
		if want := strings.Count(text, "x"); letters != want {
			t.Fatalf("%d of %d letters", letters, want)
		}
	})
}

// Columns of attributes are what their rows' SKUs have. An empty cell is none.
func TestAttributesOfRows(t *testing.T) {
	t.Parallel()
	p, err := parseProfile([]byte(`{"steps":[{"as":"products","constants":{"vat_class":"v","attribute.outlet":"yes"},"columns":{
		"sku":{"column":"S"},"name":{"column":"N"},"attribute.material":{"column":"M","split":"/"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	table, err := openText(t, &p.Steps[0], "S,N,M\na,Shirt, linen / cotton/\nb,Hat,\n")
	if err != nil {
		t.Fatal(err)
	}
	g, err := readItems(table)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`"attributes":[{"name":"material","values":["linen","cotton"]},{"name":"outlet","values":["yes"]}]`,
		`"attributes":[{"name":"outlet","values":["yes"]}]`,
	} {
		if got := string(g.all[i].raw); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
