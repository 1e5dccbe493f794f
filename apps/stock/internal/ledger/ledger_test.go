package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

func TestReasons(t *testing.T) {
	t.Parallel()
	for _, line := range table(t, "reasons.txt") {
		f := strings.Fields(line)
		if got := Allowed(f[0], f[1], f[2]); got != (f[3] == "yes") {
			t.Errorf("%s: got %v", line, got)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, line := range table(t, "amounts.txt") {
		in, want, _ := strings.Cut(line, " = ")
		var list []Amount
		for _, f := range strings.Fields(in) {
			sku, n, _ := strings.Cut(f, ":")
			q, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sku, fate := strings.CutSuffix(sku, "*")
			list = append(list, Amount{retail.SKU(sku), fate, retail.Quantity(q)})
		}
		merged, at, err := Merge(list)
		if got := show(merged, at, err); got != want {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func show(merged []Amount, at int, err error) string {
	switch {
	case errors.Is(err, ErrSKU):
		return fmt.Sprint("sku ", at)
	case errors.Is(err, ErrQuantity):
		return fmt.Sprint("quantity ", at)
	}
	var parts []string
	for _, a := range merged {
		star := ""
		if a.Fate {
			star = "*"
		}
		parts = append(parts, fmt.Sprintf("%s%s:%d", a.SKU, star, a.Quantity))
	}
	return strings.Join(parts, " ")
}

// Whatever moves between whatever places, the sum over all of them is zero,
// and Check finds every place that shows something else.
func TestBalance(t *testing.T) {
	t.Parallel()
	names := []string{"MI-01", "MI-02", "adjustment", "customer", "supplier"}
	rapid.Check(t, func(t *rapid.T) {
		var b Balance
		want := map[string]retail.Quantity{}
		for _, n := range names {
			b.Know(n)
		}
		for range rapid.IntRange(0, 40).Draw(t, "movements") {
			from, to := rapid.SampledFrom(names).Draw(t, "from"), rapid.SampledFrom(names).Draw(t, "to")
			q := retail.Quantity(rapid.Int64Range(1, 1000).Draw(t, "quantity"))
			b.Post(from, to, q)
			want[from] -= q
			want[to] += q
		}
		shown := func(p string) retail.Quantity { return want[p] }
		if faults := b.Check(shown); len(faults) != 0 {
			t.Fatalf("faults in a sound ledger: %v", faults)
		}
		wrong := rapid.SampledFrom(names).Draw(t, "wrong")
		off := retail.Quantity(rapid.Int64Range(1, 5).Draw(t, "off"))
		want[wrong] += off
		faults := b.Check(shown)
		expect := []Fault{{Shown: off}, {wrong, want[wrong] - off, want[wrong]}}
		if !slices.Equal(faults, expect) {
			t.Fatalf("got %v, want %v", faults, expect)
		}
	})
}

func TestCountable(t *testing.T) {
	t.Parallel()
	if !Countable(0) || !Countable(5) || Countable(-1) || Countable(1_000_000_000_000_001) {
		t.Error("counts are zero or more, within reason")
	}
}
