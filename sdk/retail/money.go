package retail

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// ErrOverflow is arithmetic whose result does not fit into 64 bits.
var ErrOverflow = errors.New("amount out of range")

// MulDiv is a × b ÷ c, rounded half away from zero, with a product of 128 bits
// in between. Errors: ErrOverflow, also if c is zero.
func MulDiv(a, b, c int64) (int64, error) {
	if c == 0 {
		return 0, ErrOverflow
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	d := magnitude(c)
	if hi >= d {
		return 0, ErrOverflow
	}
	q, r := bits.Div64(hi, lo, d)
	if r >= d-r && q < math.MaxUint64 {
		q++
	}
	return signed(q, (a < 0) != (b < 0) != (c < 0))
}

// magnitude is |v|, of the smallest integer too.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed gives a magnitude its sign back. The smallest integer has none that
// is positive, and no amount needs it: it counts as overflow.
func signed(u uint64, negative bool) (int64, error) {
	if u > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if negative {
		return -int64(u), nil
	}
	return int64(u), nil
}

// Percent is the rate's share of m, rounded half away from zero.
// Errors: ErrOverflow.
func (m Money) Percent(rate BasisPoints) (Money, error) {
	v, err := MulDiv(int64(m), int64(rate), 10_000)
	return Money(v), err
}

// Times is the price of a quantity if m is the price of per units of it (see
// Unit.Per), rounded half away from zero. Errors: ErrOverflow.
func (m Money) Times(q, per Quantity) (Money, error) {
	v, err := MulDiv(int64(m), int64(q), int64(per))
	return Money(v), err
}

// Plus is m + n. Errors: ErrOverflow.
func (m Money) Plus(n Money) (Money, error) {
	s := m + n
	if (s > m) != (n > 0) && n != 0 {
		return 0, ErrOverflow
	}
	return s, nil
}

// Sum adds amounts up. Errors: ErrOverflow.
func Sum(amounts []Money) (Money, error) {
	var sum Money
	var err error
	for _, m := range amounts {
		if sum, err = sum.Plus(m); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// RoundTo rounds m to a multiple of step, half away from zero; a step of 1 or
// less changes nothing. Cash totals in Italy round to 5 cents: only the total,
// and only if it is paid wholly in cash. Errors: ErrOverflow.
func (m Money) RoundTo(step Money) (Money, error) {
	if step <= 1 {
		return m, nil
	}
	n, err := MulDiv(int64(m), 1, int64(step))
	if err != nil {
		return 0, err
	}
	v, err := MulDiv(n, int64(step), 1)
	return Money(v), err
}

// Format is m with a point and the currency, "12.40 EUR": for messages and
// logs. What people read in their own language is made at the edge.
func (m Money) Format(c Currency) string {
	digits, _ := c.Digits()
	text := strconv.FormatUint(magnitude(int64(m)), 10)
	for len(text) <= digits {
		text = "0" + text
	}
	if digits > 0 {
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	if m < 0 {
		text = "-" + text
	}
	return text + " " + string(c)
}

// Digits is how many decimal digits the minor unit of a currency has, and
// whether the currency is one the house knows; an unknown one has 2.
func (c Currency) Digits() (digits int, known bool) {
	switch c {
	case "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "RON",
		"HUF", "BGN", "TRY", "CAD", "AUD", "NZD", "CNY", "BRL", "MXN", "AED",
		"ALL", "RSD", "MAD", "ILS", "ZAR", "INR", "SGD", "HKD":
		return 2, true
	case "JPY", "KRW", "ISK", "VND", "CLP":
		return 0, true
	case "BHD", "KWD", "OMR", "JOD", "TND":
		return 3, true
	}
	return 2, false
}
