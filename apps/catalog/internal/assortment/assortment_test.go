package assortment

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// table reads a text table: lines without comments and blank ones.
func table(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return lines
}

func TestVATNumbers(t *testing.T) {
	t.Parallel()
	for _, line := range table(t, "vat_numbers.txt") {
		country, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		i := strings.Index(rest, "  ")
		number, verdict := rest[:i], strings.Fields(rest[i:])[0]
		if got := VATNumber(country, number); got != (verdict == "yes") {
			t.Errorf("%s: got %v", line, got)
		}
	}
}

type step struct {
	from  retail.Instant
	class string
}

func stepFrom(s *step) retail.Instant { return s.from }

// Exactly one VAT class at any instant: whatever passes SortSteps has one.
func TestVATSteps(t *testing.T) {
	t.Parallel()
	for _, line := range table(t, "vat_steps.txt") {
		fields := strings.Fields(line)
		n := len(fields)
		var steps []step
		for _, f := range fields[:n-2] {
			if from, class, ok := strings.Cut(f, "="); ok {
				steps = append(steps, step{retail.Instant(atoi(t, from)), class})
			}
		}
		before := slices.Clone(steps)
		sorted, err := SortSteps(steps, stepFrom)
		if (err != nil) != (fields[n-1] == "!") {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if !slices.Equal(before, steps) {
			t.Errorf("%s: the caller's history was sorted in place", line)
		}
		if err != nil {
			continue
		}
		if got := sorted[StepAt(sorted, stepFrom, retail.Instant(atoi(t, fields[n-2])))].class; got != fields[n-1] {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	for _, line := range table(t, "search_keys.txt") {
		name, want, _ := strings.Cut(line, " | ")
		if got := SearchKey(strings.TrimRight(name, " ")); got != want {
			t.Errorf("%s: got %q", line, got)
		}
	}
	long := SearchKey(strings.Repeat("è", 150))
	if len(long) > 200 || !utf8.ValidString(long) {
		t.Errorf("a long key has %d bytes, valid %v", len(long), utf8.ValidString(long))
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"a": true, "BANK CHARGES": true, "gift_0001_10": true, "85123a": true, "caffè": true,
		"": false, " a": false, "a ": false, "a\nb": false, "a\x00b": false, "\xff": false, "1234567890123": false,
	} {
		if got := Label(s, 12); got != want {
			t.Errorf("Label(%q) = %v", s, got)
		}
	}
	if !Label("èèèèèèèè", 8) || Label("èèèèèèèèè", 8) {
		t.Error("characters are not counted as people count them")
	}
	for id, want := range map[string]bool{
		"MI-01": true, "web.it": true, "A_1": true, "": false, "MI/01": false, "MI 01": false, "Forlì": false,
		strings.Repeat("a", 32): true, strings.Repeat("a", 33): false,
	} {
		if StoreID(id) != want {
			t.Errorf("StoreID(%q) is not %v", id, want)
		}
	}
	if !Country("IT") || Country("it") || Country("ITA") || Country("I1") {
		t.Error("countries are two capital letters")
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	got, ok := Set([]string{"b", "a", "b"})
	if !ok || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := Set([]string{"a", ""}); ok {
		t.Error("an empty tag was taken")
	}
	if got := Describe("Maglia", "rosso", "M"); got != "Maglia rosso M" {
		t.Errorf("got %q", got)
	}
	if got := Describe("Maglia", "", ""); got != "Maglia" {
		t.Errorf("got %q", got)
	}
}
