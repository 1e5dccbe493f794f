package consent

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// parse reads instant:yes/channel; its text is its id.
func parse(t *testing.T, text string) Statement {
	t.Helper()
	at, rest, _ := strings.Cut(text, ":")
	word, channel, ok := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok || word != "yes" && word != "no" {
		t.Fatalf("%q is no statement", text)
	}
	return Statement{ID: text, Channel: strings.TrimPrefix(channel, "*"), Given: word == "yes", At: retail.Instant(n)}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/decisions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		rows++
		said, rest, _ := strings.Cut(line, "   ")
		var list []Statement
		for _, text := range strings.Fields(said) {
			if text != "(nothing)" {
				list = append(list, parse(t, text))
			}
		}
		cells := append(strings.Fields(rest), "")
		want := Decision{cells[1] == "yes", cells[2]}
		if got := Decide(list, cells[0]); got != want {
			t.Errorf("%s: got %+v", line, got)
		}
		slices.Reverse(list)
		if got := Decide(list, cells[0]); got != want {
			t.Errorf("%s: the other way round %+v", line, got)
		}
	}
	if rows < 20 {
		t.Errorf("%d rows", rows)
	}
}

func statements(t *rapid.T) []Statement {
	list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Statement {
		return Statement{
			Channel: rapid.SampledFrom([]string{"", "email", "sms"}).Draw(t, "channel"),
			Given:   rapid.Bool().Draw(t, "given"),
			At:      retail.Instant(rapid.Int64Range(1, 5).Draw(t, "at")),
		}
	}), 0, 8).Draw(t, "said")
	for i := range list {
		list[i].ID = strconv.Itoa(i)
	}
	return list
}

// The most restrictive holds, said without the rules of Decide: one more no
// never turns a no into a yes, one yes less neither; a yes needs a yes that no
// later or simultaneous no covers; and the order of the list means nothing.
func TestMostRestrictive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		list := statements(rt)
		got := Decide(list, "email")
		if same := Decide(rapid.Permutation(list).Draw(rt, "order"), "email"); same != got {
			rt.Fatalf("in another order %+v, not %+v", same, got)
		}
		if got.Allowed != slices.ContainsFunc(list, func(s Statement) bool { return holds(list, s) }) {
			rt.Fatalf("%+v of %+v", got, list)
		}
		for i, s := range list {
			fewer := slices.Delete(slices.Clone(list), i, i+1)
			if before := Decide(fewer, "email"); !s.Given && got.Allowed && !before.Allowed {
				rt.Fatalf("a no to %q at %d allows", s.Channel, s.At)
			} else if s.Given && before.Allowed && !got.Allowed {
				rt.Fatalf("a yes to %q at %d forbids", s.Channel, s.At)
			}
		}
	})
}

// holds says whether s is a yes to e-mail that nothing ends.
func holds(list []Statement, s Statement) bool {
	if !s.Given || s.Channel == "sms" {
		return false
	}
	return !slices.ContainsFunc(list, func(no Statement) bool {
		switch {
		case no.Given || no.Channel == "sms":
			return false
		case no.Channel == "email" && s.Channel == "":
			// lifted by a later yes to e-mail only, whose own fate is its own
			return !slices.ContainsFunc(list, func(y Statement) bool { return y.Given && y.Channel == "email" && y.At > no.At })
		}
		return no.At >= s.At
	})
}
