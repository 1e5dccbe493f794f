package trial

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Tables that a retailer can read.
func TestReturns(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/returns.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for block := range strings.SplitSeq(string(file), "\n\n") {
		var rows []string
		for row := range strings.SplitSeq(block, "\n") {
			if row != "" && row[0] != '#' {
				rows = append(rows, row)
			}
		}
		cut := slices.Index(rows, "--")
		if cut < 0 {
			continue
		}
		seen++
		order := bought(t, rows[:cut])
		if !order.Settle() {
			if !slices.Equal(rows[cut+1:], []string{"refused"}) {
				t.Errorf("%s\nrefused", block)
			}
			continue
		}
		for _, row := range rows[cut+1:] {
			units, want, _ := strings.Cut(row, "|")
			var sum retail.Money
			for _, amount := range order.Take(parts(t, units)) {
				sum += amount
			}
			if sum != cents(t, strings.TrimSpace(want)) {
				t.Errorf("%s\n%s: %d", block, row, sum)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d tables", seen)
	}
}

// bought is an order as the table has it.
func bought(t *testing.T, rows []string) Order {
	t.Helper()
	var o Order
	for line := range strings.SplitSeq(rows[0], "|") {
		f := strings.Fields(line)
		l := OrderLine{Quantity: retail.Quantity(number(t, f[0])), Total: cents(t, f[2])}
		for i, word := range f[3:] {
			switch word {
			case "full":
				l.Full = true
			case "vat":
				l.Rate = retail.BasisPoints(100 * number(t, f[4+i]))
			}
		}
		o.Lines = append(o.Lines, l)
	}
	words := strings.Fields(strings.Join(rows[1:], " "))
	for i, word := range words {
		switch word {
		case "off":
			o.Discount = cents(t, words[i+1])
		case "exact":
			o.Terms.Exact = true
		case "alone":
			o.Terms.Alone = true
		case "units":
			o.Terms.ByUnits = true
		case "unit", "return":
			o.Terms.Level = Level(word)
		case "down", "up", "half_even", "half_down":
			o.Terms.Rounding = Rounding(word)
		}
	}
	return o
}

func parts(t *testing.T, text string) (all []Part) {
	t.Helper()
	for i, f := range strings.Fields(text) {
		if n := number(t, f); n > 0 {
			all = append(all, Part{Line: i, Quantity: retail.Quantity(n)})
		}
	}
	return all
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func cents(t *testing.T, text string) retail.Money {
	t.Helper()
	return retail.Money(number(t, strings.Replace(text, ".", "", 1)))
}

// Whatever the rules: returning everything, in whatever parts, refunds what was paid, and
// never more on the way. Returned alone, no part is off by more than a minor unit.
func TestAllComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawn(t)
		if !o.Settle() {
			return
		}
		var paid, back, units retail.Money
		for _, l := range o.Lines {
			paid += l.share
		}
		if o.Terms.Exact {
			paid = o.paid
		}
		for !o.Complete() {
			i := rapid.IntRange(0, len(o.Lines)-1).Draw(t, "line")
			if left := o.Left(i); left > 0 {
				q := retail.Quantity(rapid.Int64Range(1, int64(left)).Draw(t, "quantity"))
				for _, amount := range o.Take([]Part{{i, q}}) {
					back += amount
				}
				if units += retail.Money(q); back > paid && !o.Terms.Alone {
					t.Fatalf("paid %d, refunded %d on the way: %+v", paid, back, o)
				}
			}
		}
		if off := paid - back; off != 0 && (!o.Terms.Alone || !o.Terms.Exact || off > units || off < -units) {
			t.Fatalf("paid %d, refunded %d: %+v", paid, back, o)
		}
	})
}

func drawn(t *rapid.T) (o Order) {
	var sum retail.Money
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := OrderLine{
			Quantity: retail.Quantity(rapid.Int64Range(1, 7).Draw(t, "units")), Total: retail.Money(rapid.Int64Range(0, 2000).Draw(t, "total")),
			Rate: rapid.SampledFrom([]retail.BasisPoints{0, 0, 2200}).Draw(t, "vat"), Full: rapid.Bool().Draw(t, "full"),
		}
		if o.Lines = append(o.Lines, l); !l.Full {
			sum += l.Total
		}
	}
	o.Discount = retail.Money(rapid.Int64Range(0, int64(sum)).Draw(t, "discount"))
	o.Terms = Terms{
		Exact: rapid.Bool().Draw(t, "exact"), ByUnits: rapid.Bool().Draw(t, "by units"), Alone: rapid.Bool().Draw(t, "alone"),
		Rounding: rapid.SampledFrom([]Rounding{HalfUp, HalfDown, HalfEven, Down, Up}).Draw(t, "rounding"),
		Level:    rapid.SampledFrom([]Level{ByLine, ByUnit, ByReturn}).Draw(t, "level"),
	}
	return o
}
