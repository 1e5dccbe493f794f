package receipt

import (
	"errors"
	"strings"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// ErrDecimal is a price that is not written as a decimal of at most 15 digits,
// such as 2.55, 0.001 or -11062.06.
var ErrDecimal = errors.New("not a decimal of at most 15 digits")

// Decimal is an exact decimal: Digits / 10^Scale.
type Decimal struct {
	Digits int64
	Scale  int // 0 to 15
}

// ParseDecimal reads a decimal with a point. Errors: ErrDecimal.
func ParseDecimal(text string) (Decimal, error) {
	body, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(body, ".")
	if whole == "" || point && fraction == "" || len(whole)+len(fraction) > 15 {
		return Decimal{}, ErrDecimal
	}
	d := Decimal{Scale: len(fraction)}
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return Decimal{}, ErrDecimal
		}
		d.Digits = d.Digits*10 + int64(c-'0')
	}
	if negative {
		d.Digits = -d.Digits
	}
	return d, nil
}

// Times is quantity × d in minor units of a currency with so many digits,
// rounded half away from zero. Errors: retail.ErrOverflow.
func (d Decimal) Times(quantity retail.Quantity, digits int) (retail.Money, error) {
	if shift := digits - d.Scale; shift >= 0 {
		v, err := retail.MulDiv(d.Digits, pow10(shift), 1)
		if err != nil {
			return 0, err
		}
		v, err = retail.MulDiv(v, int64(quantity), 1)
		return retail.Money(v), err
	}
	v, err := retail.MulDiv(d.Digits, int64(quantity), pow10(d.Scale-digits))
	return retail.Money(v), err
}

func pow10(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}
