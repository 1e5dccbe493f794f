package retail

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMulDivRoundsHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, c, want int64 }{
		{1050, 8500, 10_000, 893}, // 15 % off 10.50 leaves 8.925
		{5, 1, 2, 3},
		{-5, 1, 2, -3},
		{5, -1, 2, -3},
		{5, 1, -2, -3},
		{-5, -1, 2, 3},
		{4, 1, 3, 1},
		{0, 7, 3, 0},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64},
		{math.MaxInt64, 10_000, 10_000, math.MaxInt64},
	} {
		if got, err := MulDiv(c.a, c.b, c.c); err != nil || got != c.want {
			t.Errorf("%d × %d ÷ %d = %d, %v; want %d", c.a, c.b, c.c, got, err, c.want)
		}
	}
}

func TestMulDivAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b"), rapid.Int64().Draw(t, "c")
		got, err := MulDiv(a, b, c)
		want, ok := bigMulDiv(a, b, c)
		if (err == nil) != ok || ok && got != want {
			t.Fatalf("%d × %d ÷ %d = %d, %v; want %d, %v", a, b, c, got, err, want, ok)
		}
	})
}

// bigMulDiv rounds |ab| + |c|/2 down.
func bigMulDiv(a, b, c int64) (int64, bool) {
	if c == 0 {
		return 0, false
	}
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	divisor := new(big.Int).Abs(big.NewInt(c))
	negative := product.Sign()*big.NewInt(c).Sign() < 0
	q := new(big.Int).Abs(product)
	q.Mul(q, big.NewInt(2)).Add(q, divisor).Div(q, divisor.Mul(divisor, big.NewInt(2)))
	if negative {
		q.Neg(q)
	}
	return q.Int64(), q.IsInt64() && q.Int64() != math.MinInt64
}

func TestMoney(t *testing.T) {
	t.Parallel()
	check := func(name string, got Money, err error, want Money) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s = %d, %v; want %d", name, got, err, want)
		}
	}
	got, err := Money(9990).Percent(1500)
	check("15 % of 99.90", got, err, 1499)
	got, err = Money(1).Percent(1000)
	check("10 % of 0.01", got, err, 0)
	got, err = Money(-250).Percent(1000)
	check("10 % of -2.50", got, err, -25)
	got, err = Money(1990).Times(437, Gram.Per())
	check("437 g at 19.90 a kilo", got, err, 870)
	got, err = Money(999).Times(3, Piece.Per())
	check("three at 9.99", got, err, 2997)
	got, err = Sum([]Money{1, 2, -5})
	check("sum", got, err, -2)
	for name, err := range map[string]error{
		"percent":  second(Money(math.MaxInt64).Percent(10_001)),
		"plus":     second(Money(math.MaxInt64).Plus(1)),
		"minus":    second(Money(math.MinInt64).Plus(-1)),
		"sum":      second(Sum([]Money{math.MaxInt64, 1, -1})),
		"no unit":  second(Money(1).Times(1, Unit("dozen").Per())),
		"rounding": second(Money(math.MaxInt64).RoundTo(10)),
	} {
		if !errors.Is(err, ErrOverflow) {
			t.Errorf("%s: %v, want ErrOverflow", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// DL 50/2017 art. 13-quater: the total, to the nearest 5 cents.
func TestCashRounding(t *testing.T) {
	t.Parallel()
	for total, want := range map[Money]Money{
		1990: 1990, 1991: 1990, 1992: 1990, 1993: 1995, 1994: 1995, 1995: 1995,
		1996: 1995, 1997: 1995, 1998: 2000, 1999: 2000, 1: 0, 2: 0, 3: 5, 0: 0,
		-1992: -1990, -1993: -1995,
	} {
		if got, err := total.RoundTo(5); err != nil || got != want {
			t.Errorf("%d rounds to %d, %v; want %d", total, got, err, want)
		}
	}
	if got, _ := Money(1991).RoundTo(1); got != 1991 {
		t.Errorf("a step of 1 made %d of 1991", got)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"12.40 EUR":                Money(1240).Format("EUR"),
		"0.05 EUR":                 Money(5).Format("EUR"),
		"-0.05 EUR":                Money(-5).Format("EUR"),
		"500 JPY":                  Money(500).Format("JPY"),
		"1.005 KWD":                Money(1005).Format("KWD"),
		"-92233720368547758.08 XX": Money(math.MinInt64).Format("XX"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, known := Currency("eur").Digits(); known {
		t.Error("eur in lower case counts as known")
	}
}

// The vectors of retail.md §7 and promotions.md §4.
func TestAllocateGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   Money
		weights []int64
		want    []Money
	}{
		{1000, []int64{1000, 1000, 1000}, []Money{334, 333, 333}},
		{1000, []int64{5000, 1000}, []Money{833, 167}},
		{4200, []int64{15000, 6000}, []Money{3000, 1200}},
		{1, []int64{7, 7, 7}, []Money{1, 0, 0}},
		{500, []int64{1999, 1, 450}, []Money{408, 0, 92}},
		{299, []int64{43, 14, 23}, []Money{161, 52, 86}},
		{299, []int64{5, 5, 5}, []Money{100, 100, 99}},
		{5000, []int64{120, 230, 300}, []Money{923, 1769, 2308}},
		{-1000, []int64{1, 1, 1}, []Money{-334, -333, -333}},
		{7, []int64{0, 5, -3, 2}, []Money{0, 5, 0, 2}},
		{0, []int64{1, 2}, []Money{0, 0}},
		{10, []int64{0, 0}, nil},
		{10, nil, nil},
		{1, []int64{math.MaxInt64, 1}, nil},
		{math.MinInt64, []int64{1}, []Money{math.MinInt64}},
	} {
		if got := Allocate(c.total, c.weights); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%d over %v = %v, want %v", c.total, c.weights, got, c.want)
		}
	}
}

func TestAllocateAddsUpAndIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := Money(rapid.Int64().Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<50), 1, 40).Draw(t, "weights")
		shares := Allocate(total, weights)
		if shares == nil {
			if slices.Max(weights) > 0 {
				t.Fatal("nothing distributed")
			}
			return
		}
		var sum Money
		for i, s := range shares {
			sum += s
			if !withinOne(total, weights, i, s) {
				t.Fatalf("share %d is %d: more than one unit from its exact value", i, s)
			}
		}
		if sum != total {
			t.Fatalf("shares add up to %d, not %d", sum, total)
		}
	})
}

// withinOne: |share × Σw − total × w| < Σw, and nothing for a weight of zero.
func withinOne(total Money, weights []int64, i int, share Money) bool {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	exact := new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(weights[i]))
	off := new(big.Int).Mul(big.NewInt(int64(share)), sum)
	return off.Sub(off, exact).CmpAbs(sum) < 0 && (weights[i] > 0 || share == 0)
}

func TestUnitShares(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total Money
		units Quantity
		want  []Money
	}{
		{899, 3, []Money{300, 300, 299}},
		{2000, 3, []Money{667, 667, 666}},
		{-899, 3, []Money{-300, -300, -299}},
		{2, 3, []Money{1, 1, 0}},
		{5, 0, []Money{}},
	} {
		if got := UnitShares(c.total, c.units); !slices.Equal(got, c.want) {
			t.Errorf("%d over %d = %v, want %v", c.total, c.units, got, c.want)
		}
	}
	// sonata's: 3 × 100 less 10 %, two come back.
	if got := Portion(27000, 3, 0, 2); got != 18000 {
		t.Errorf("two of three are worth %d", got)
	}
}

// However a line comes back, in whatever pieces, the refunds are what was paid.
func TestPortionsOfALineAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := Money(rapid.Int64Range(-1e15, 1e15).Draw(t, "total"))
		units := Quantity(rapid.Int64Range(1, 1e9).Draw(t, "units"))
		var at Quantity
		var sum Money
		for at < units {
			n := Quantity(rapid.Int64Range(1, int64(units-at)).Draw(t, "back"))
			sum, at = sum+Portion(total, units, at, at+n), at+n
		}
		if sum != total {
			t.Fatalf("%d units worth %d came back as %d", units, total, sum)
		}
	})
}
