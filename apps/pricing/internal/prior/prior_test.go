package prior_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/sdk/retail"
	"pgregory.net/rapid"
)

const rome = retail.Zone("Europe/Rome")

func instant(t *testing.T, text string) retail.Instant {
	t.Helper()
	zone, err := time.LoadLocation(string(rome))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return retail.Instant(at.UnixMilli())
}

func cents(t *testing.T, text string) *retail.Money {
	t.Helper()
	if text == "-" {
		return nil
	}
	n, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	m := retail.Money(n)
	return &m
}

// The situations that peers test, and those of the law, as a shopkeeper tells them.
func TestSituations(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/situations.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var name string
	var points []prior.Point
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "situation":
			name, points = strings.TrimSpace(strings.TrimPrefix(lines.Text(), "situation")), nil
		case words[0] == "on": // on DATE TIME: PROGRESSIVE LAST-CHANGE
			for i, by := range []prior.Anchor{prior.Progressive, prior.LastChange} {
				a, err := prior.Reference(points, instant(t, words[1]+" "+words[2]), 30, rome, by)
				want := cents(t, words[3+i])
				if err != nil || (a.Amount == nil) != (want == nil) || want != nil && *a.Amount != *want {
					t.Errorf("%s: by anchor %d the lowest price is %s, want %s (%v)", name, by, say(a.Amount), say(want), err)
				}
				n++
			}
		default: // DATE TIME PRICE ORIGINAL
			points = append(points, prior.Point{At: instant(t, words[0]+" "+words[1]), Price: cents(t, words[2]), Original: cents(t, words[3])})
		}
	}
	if n < 40 {
		t.Errorf("%d answers were looked at", n)
	}
}

func say(m *retail.Money) string {
	if m == nil {
		return "none"
	}
	return m.Format("EUR")
}

// A percentage that is announced is never more than is true, and no more than one
// hundredth of a percent less.
func TestPercentIsRoundedDown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lowest := retail.Money(rapid.Int64Range(1, 1<<40).Draw(t, "lowest"))
		price := retail.Money(rapid.Int64Range(0, int64(lowest)).Draw(t, "price"))
		p := int64(prior.Percent(lowest, price))
		off := int64(lowest - price)
		if p*int64(lowest) > off*10_000 || (p+1)*int64(lowest) <= off*10_000 {
			t.Fatalf("%d for %d instead of %d", p, price, lowest)
		}
	})
	if got := prior.Percent(0, 0) + prior.Percent(100, 100) + prior.Percent(100, 101) + prior.Percent(100, -1); got != 0 {
		t.Errorf("%d where nothing is off", got)
	}
}

// The lowest price is that of whoever looks at every minute of the days.
func TestLowestByEveryMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const minute, days = 60_000, 1
		base := retail.Instant(1_774_000_000_000)
		var points []prior.Point
		at := base - 2_000*minute
		for range rapid.IntRange(0, 12).Draw(t, "points") {
			at += retail.Instant(rapid.IntRange(1, 900).Draw(t, "later")) * minute
			p := prior.Point{At: at}
			if m := retail.Money(rapid.IntRange(0, 9).Draw(t, "price")); m > 0 {
				p.Price = &m
			}
			points = append(points, p)
		}
		a, err := prior.Before(points, base, days, "UTC")
		if err != nil {
			t.Fatal(err)
		}
		var want *retail.Money
		for m := base - 24*60*minute; m < base; m += minute {
			var now *retail.Money
			for i := range points {
				if points[i].At <= m {
					now = points[i].Price
				}
			}
			if now != nil && (want == nil || *now < *want) {
				want = now
			}
		}
		if (want == nil) != (a.Amount == nil) || want != nil && *want != *a.Amount {
			t.Fatalf("%s, want %s of %v", say(a.Amount), say(want), points)
		}
		if a.Amount != nil && points[a.Point].Price != a.Amount {
			t.Fatalf("point %d did not make %s", a.Point, say(a.Amount))
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	m := retail.Money(100)
	since := retail.Instant(1_700_000_000_000)
	until := since + 30*86_400_000
	for name, test := range map[string]struct {
		first retail.Instant
		want  bool
	}{"before the days": {since - 1, false}, "as they begin": {since, false}, "within them": {since + 1, true}} {
		a, err := prior.Before([]prior.Point{{At: test.first, Price: &m}}, until, 30, "UTC")
		if err != nil || a.New != test.want || a.Since != since {
			t.Errorf("on sale from %s: %+v, %v", name, a, err)
		}
	}
}
