package main

import (
	"errors"
	"math/big"
	"strings"
)

// decimal is an exact decimal number as a file has it.
type decimal struct {
	unscaled *big.Int
	scale    int // digits after the point
}

var errDecimal = errors.New("no decimal number")

// parseDecimal reads digits with an optional sign and at most one separator.
// Exponents are refused: a spreadsheet has rounded them.
func parseDecimal(s, separator string) (decimal, error) {
	if separator == "" {
		separator = "."
	}
	unsigned := strings.TrimPrefix(s, "-")
	if unsigned == s {
		unsigned = strings.TrimPrefix(s, "+")
	}
	whole, fraction, _ := strings.Cut(unsigned, separator)
	digits := whole + fraction
	if digits == "" || len(digits) > 30 || strings.Trim(digits, "0123456789") != "" {
		return decimal{}, errDecimal
	}
	v, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return decimal{}, errDecimal
	}
	if s[0] == '-' {
		v.Neg(v)
	}
	return decimal{v, len(fraction)}, nil
}

// String writes d with a point.
func (d decimal) String() string {
	s := new(big.Int).Abs(d.unscaled).String()
	if len(s) <= d.scale {
		s = strings.Repeat("0", d.scale-len(s)+1) + s
	}
	if d.scale > 0 {
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// times is d × n, exactly.
func (d decimal) times(n int64) decimal {
	return decimal{new(big.Int).Mul(d.unscaled, big.NewInt(n)), d.scale}
}

// plus is d + e, exactly.
func (d decimal) plus(e decimal) decimal {
	if d.unscaled == nil {
		return e
	}
	for d.scale < e.scale {
		d = decimal{new(big.Int).Mul(d.unscaled, big.NewInt(10)), d.scale + 1}
	}
	for e.scale < d.scale {
		e = decimal{new(big.Int).Mul(e.unscaled, big.NewInt(10)), e.scale + 1}
	}
	return decimal{new(big.Int).Add(d.unscaled, e.unscaled), d.scale}
}

// minor is d in minor units with two digits, rounded half away from zero.
func (d decimal) minor() (int64, error) {
	v := new(big.Int).Mul(d.unscaled, big.NewInt(200))
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.scale)), nil)
	if d.unscaled.Sign() >= 0 {
		v.Add(v, unit)
	} else {
		v.Sub(v, unit)
	}
	v.Quo(v, unit.Lsh(unit, 1)) // towards zero, of twice the value and a half
	if !v.IsInt64() {
		return 0, errDecimal
	}
	return v.Int64(), nil
}

// whole says whether minor need not round: d has at most two digits after the
// point, zeros at its end not counted.
func (d decimal) whole() bool {
	if d.scale <= 2 {
		return true
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.scale-2)), nil)
	return new(big.Int).Rem(d.unscaled, unit).Sign() == 0
}

// formatMinor writes minor units with two digits, for people.
func formatMinor(n int64) string { return decimal{big.NewInt(n), 2}.grouped() }

// grouped is String with a comma before every third digit of the whole part.
func (d decimal) grouped() string {
	s := d.String()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	return sign + whole
}

// grouped writes a count for people.
func grouped(n int) string { return decimal{big.NewInt(int64(n)), 0}.grouped() }
