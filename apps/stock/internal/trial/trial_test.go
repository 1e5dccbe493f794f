package trial

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestPlays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/plays.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(string(text), "\n") {
		f := strings.Split(row, "|")
		if row == "" || row[0] == '#' || len(f) != 3 {
			continue
		}
		at, p := told(t, f[0])
		var refused []string
		for _, step := range strings.Split(f[1], "/") {
			var op, key string
			var q int64
			if n, _ := fmt.Sscan(step, &op, &q, &key); n < 2 || !Op(op).Known() {
				t.Fatalf("%s: %s", row, step)
			}
			if _, why := p.Do(Op(op), at, q, key); why != "" {
				refused = append(refused, fmt.Sprint(op, " ", q, ": ", why))
			}
		}
		var levels []string
		for _, l := range at {
			levels = append(levels, fmt.Sprint(l.OnHand, l.Reserved, l.Available()))
		}
		got := fmt.Sprintf("%s; %d; %s", strings.Join(levels, " + "), p.InCart(), strings.Join(refused, ", "))
		if strings.TrimSpace(got) != strings.TrimSpace(f[2]) {
			t.Errorf("%s: %s", row, got)
		}
	}
}

// told is levels and rules as the table has them.
func told(t *testing.T, text string) (at []*Level, p Play) {
	t.Helper()
	for _, one := range strings.Split(text, "+") {
		l := &Level{}
		words := strings.Fields(one)
		if _, err := fmt.Sscan(one, &l.OnHand, &l.Reserved, &l.Threshold); err != nil {
			t.Fatal(err)
		}
		for _, w := range words[3:] {
			rule, ok := map[string]*bool{
				"backorder": &l.Backorder, "untracked": &l.Untracked, "partial": &p.Rules.Partial, "whole": &p.Rules.Whole,
				"clamp": &p.Rules.Clamp, "reserved-only": &p.Rules.ReservedOnly, "negative": &p.Rules.Negative,
			}[w]
			if !ok {
				t.Fatalf("nobody knows %q", w)
			}
			*rule = true
		}
		at = append(at, l)
	}
	return at, p
}
