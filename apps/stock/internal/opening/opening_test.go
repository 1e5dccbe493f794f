package opening

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

var weekdays = []string{"", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func TestHours(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/hours.txt")
	if err != nil {
		t.Fatal(err)
	}
	var h Hours
	asked := 0
	for _, line := range strings.Split(string(text), "\n") {
		switch name, isShop := strings.CutPrefix(line, "shop "); {
		case line == "" || line[0] == '#':
		case isShop:
			h = Hours{Zone: "Europe/Rome"}
			_ = name
		case strings.HasPrefix(line, "  "):
			h.read(t, strings.Fields(line))
		default:
			moment, want, _ := strings.Cut(line, "=")
			s, err := h.At(instant(t, h.Zone, strings.TrimSpace(moment)))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.text(t, h.Zone); got != strings.TrimSpace(want) {
				t.Errorf("%s: %s", line, got)
			}
			asked++
		}
	}
	if asked < 15 {
		t.Errorf("only %d rows", asked)
	}
}

func (h *Hours) read(t *testing.T, f []string) {
	t.Helper()
	for _, span := range f[1:] {
		var hours retail.DayHours
		if span != "-" {
			from, to, _ := strings.Cut(span, "-")
			hours = retail.DayHours{From: retail.LocalTime(from), To: retail.LocalTime(to)}
		}
		if strings.HasPrefix(f[0], "20") {
			h.Singles = append(h.Singles, Single{retail.Date(f[0]), span == "-", hours})
			continue
		}
		first, last, ok := strings.Cut(f[0], "-")
		if !ok {
			last = first
		}
		for d := slices.Index(weekdays, first); d <= slices.Index(weekdays, last); d++ {
			h.Weekly = append(h.Weekly, Weekly{int64(d), hours})
		}
	}
}

func instant(t *testing.T, z retail.Zone, text string) retail.Instant {
	t.Helper()
	d, clock, _ := strings.Cut(text, " ")
	at, err := z.Start(retail.Date(d), retail.LocalTime(clock))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (s Status) text(t *testing.T, z retail.Zone) string {
	t.Helper()
	show := func(at retail.Instant) string {
		l, err := z.Local(at)
		if err != nil {
			t.Fatal(err)
		}
		return " " + string(l.Date) + " " + string(l.Time()[:5])
	}
	switch {
	case !s.Known:
		return "unknown"
	case s.Open && s.Until == 0:
		return "open"
	case s.Open:
		return "open until" + show(s.Until)
	case s.Next == 0:
		return "closed"
	}
	return "opens" + show(s.Next)
}
