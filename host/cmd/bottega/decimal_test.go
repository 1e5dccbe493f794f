package main

import (
	"math/big"
	"strings"
	"testing"
)

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, separator, want string
		minor                 int64
	}{
		{"2.55", "", "2.55", 255},
		{"0", "", "0", 0},
		{"-0", "", "0", 0},
		{"+3", "", "3", 300},
		{"5.", "", "5", 500},
		{".5", "", "0.5", 50},
		{"007.10", "", "7.10", 710},
		{"0.005", "", "0.005", 1},
		{"-0.005", "", "-0.005", -1},
		{"0.0049", "", "0.0049", 0},
		{"-0.0049", "", "-0.0049", 0},
		{"1.995", "", "1.995", 200},
		{"-11062.06", "", "-11062.06", -1106206},
		{"12,40", ",", "12.40", 1240},
		{"92233720368547758.07", "", "92233720368547758.07", 9223372036854775807},
	} {
		d, err := parseDecimal(c.text, c.separator)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if minor, err := d.minor(); d.String() != c.want || minor != c.minor || err != nil {
			t.Errorf("%q is %s, %d minor units, %v", c.text, d, minor, err)
		}
	}
}

func TestDecimalRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", ".", "-", "+", "1e3", "1E3", "1,5", "1.234.5", "-+5", "--5", "+-5", "5-", "1.-5", "1 000", "0x10", "NaN", "∞", "٣", "€ 5", strings.Repeat("9", 31)} {
		if d, err := parseDecimal(text, ""); err == nil {
			t.Errorf("%q is %s", text, d)
		}
	}
	if d, err := parseDecimal("1.5", ","); err == nil {
		t.Errorf("1.5 with a comma is %s", d)
	}
	if d, err := parseDecimal("92233720368547758.08", ""); err != nil {
		t.Error(err)
	} else if n, err := d.minor(); err == nil {
		t.Errorf("more than an int64 is %d", n)
	}
}

func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	parse := func(s string) decimal {
		d, err := parseDecimal(s, "")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var sum decimal
	for _, s := range []string{"0.1", "0.02", "3", "-0.003"} {
		sum = sum.plus(parse(s))
	}
	if got := sum.String(); got != "3.117" {
		t.Errorf("sum %s", got)
	}
	if got := parse("0.001").times(-7).String(); got != "-0.007" {
		t.Errorf("product %s", got)
	}
	for text, want := range map[string]string{"1": "1", "123": "123", "1234.5": "1,234.5", "-9747747.934": "-9,747,747.934", "0.1234": "0.1234"} {
		if got := parse(text).grouped(); got != want {
			t.Errorf("%s for people is %s", text, got)
		}
	}
	for text, want := range map[string]bool{"1": true, "1.25": true, "1.250": true, "1.251": false, "-0.001": false} {
		if got := parse(text).whole(); got != want {
			t.Errorf("%s is whole in cents: %v", text, got)
		}
	}
}

// Rounding is what arithmetic with fractions says, and what is written can be
// read again.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"2.55", "-0.005", "1e3", "--1", "12,40", "999999999999999999999999999999"} {
		f.Add(s)
	}
	half := big.NewRat(1, 2)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDecimal(s, "")
		if err != nil {
			return
		}
		again, err := parseDecimal(d.String(), "")
		if err != nil || again.String() != d.String() {
			t.Fatalf("%q is %s, which is %s, %v", s, d, again, err)
		}
		minor, err := d.minor()
		exact, ok := new(big.Rat).SetString(d.String())
		if err != nil || !ok {
			return
		}
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(minor), exact.Mul(exact, big.NewRat(100, 1)))
		if off.Abs(off).Cmp(half) > 0 {
			t.Fatalf("%s is %d minor units", d, minor)
		}
	})
}
