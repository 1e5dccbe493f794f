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
		var l Level
		if _, err := fmt.Sscan(f[0], &l.OnHand, &l.Reserved, &l.Threshold); err != nil {
			t.Fatal(err)
		}
		var p Play
		var refused []string
		for _, step := range strings.Split(f[1], "/") {
			var op, key string
			var q int64
			if n, _ := fmt.Sscan(step, &op, &q, &key); n < 2 || !Op(op).Known() {
				t.Fatalf("%s: %s", row, step)
			}
			if _, why := p.Do(Op(op), &l, q, key); why != "" {
				refused = append(refused, fmt.Sprint(op, " ", q, ": ", why))
			}
		}
		got := fmt.Sprintf("%d %d %d; %d; %s", l.OnHand, l.Reserved, l.Available(), p.InCart(), strings.Join(refused, ", "))
		if strings.TrimSpace(got) != strings.TrimSpace(f[2]) {
			t.Errorf("%s: %s", row, got)
		}
	}
}
