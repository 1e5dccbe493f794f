package retail

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitGross(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gross    Money
		rate     BasisPoints
		net, vat Money
	}{
		{12200, 2200, 10000, 2200},
		{999, 2200, 819, 180},
		{3, 2200, 2, 1},
		{-999, 2200, -819, -180},
		{1000, 0, 1000, 0},
		{104, 400, 100, 4},
	} {
		net, vat, err := SplitGross(c.gross, c.rate)
		if err != nil || net != c.net || vat != c.vat {
			t.Errorf("%d at %d: %d + %d, %v; want %d + %d", c.gross, c.rate, net, vat, err, c.net, c.vat)
		}
	}
	if _, _, err := SplitGross(1, -1); err == nil {
		t.Error("a rate below zero was taken")
	}
}

// Why net prices are never stored: some gross prices are the gross of none.
func TestGrossPricesThatNoNetReaches(t *testing.T) {
	t.Parallel()
	reached := map[Money]bool{}
	for net := Money(0); net <= 20000; net++ {
		gross, err := MulDiv(int64(net), 12200, 10000)
		if err != nil {
			t.Fatal(err)
		}
		reached[Money(gross)] = true
	}
	var missing []Money
	for gross := Money(1); gross <= 20000; gross++ {
		if !reached[gross] {
			missing = append(missing, gross)
		}
	}
	if want := []Money{3, 8, 14, 19, 25, 30, 36}; !slices.Equal(missing[:7], want) || len(missing) != 3607 {
		t.Errorf("%d prices, from %v; want 3607 (18.0 %%), from %v", len(missing), missing[:7], want)
	}
}

// Once per rate and document, whatever the order of the lines.
func TestSplitVAT(t *testing.T) {
	t.Parallel()
	got, err := SplitVAT([]VATShare{{Rate: 2200, Gross: 3}, {Rate: 400, Gross: 104}, {Rate: 2200, Gross: 3}, {Rate: 2200, Gross: 3}})
	want := []VATShare{{Rate: 400, Gross: 104, Net: 100, VAT: 4}, {Rate: 2200, Gross: 9, Net: 7, VAT: 2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.Custom(func(t *rapid.T) VATShare {
			return VATShare{
				Rate:  rapid.SampledFrom([]BasisPoints{0, 400, 500, 1000, 2200}).Draw(t, "rate"),
				Gross: Money(rapid.Int64Range(-1e6, 1e6).Draw(t, "gross")),
			}
		})).Draw(t, "lines")
		forward, err := SplitVAT(lines)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(lines)
		backward, err := SplitVAT(lines)
		if err != nil || !slices.Equal(forward, backward) {
			t.Fatalf("%v, backwards %v, %v", forward, backward, err)
		}
		var in, out Money
		for _, l := range lines {
			in += l.Gross
		}
		for _, s := range forward {
			out += s.Net + s.VAT
		}
		if in != out {
			t.Fatalf("%d went in, %d came out", in, out)
		}
	})
}
