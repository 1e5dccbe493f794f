package trial

import (
	"math/bits"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// micro is millionths of a minor unit, for what must not be rounded yet. Amounts up to a
// million million minor units fit.
type micro int64

// one is a minor unit, and near how far thirds may put a half from where it is.
const (
	one  micro = 1_000_000
	near micro = 50
)

// MaxExact bounds what an order may cost, so that no product overflows.
const MaxExact retail.Money = 1_000_000_000_000

// part is n of d equal parts, to the nearest millionth. All are at least zero, d above it.
func part(m micro, n, d int64) micro {
	hi, lo := bits.Mul64(uint64(m), uint64(n))
	lo, carry := bits.Add64(lo, uint64(d)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(d))
	return micro(q)
}

// portion is what the weight at i is of all, of an amount.
func portion(amount retail.Money, weights []int64, i int) micro {
	sum := int64(0)
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return 0
	}
	return part(micro(amount)*one, weights[i], sum)
}

// vatOn is a net amount with VAT; below zero it stays.
func vatOn(net micro, rate retail.BasisPoints) micro {
	if net <= 0 || rate == 0 {
		return net
	}
	return part(net, 10_000+int64(rate), 10_000)
}

// Rounding says what becomes of a part of a minor unit.
type Rounding string

// The roundings.
const (
	HalfUp   Rounding = ""
	HalfDown Rounding = "half_down"
	HalfEven Rounding = "half_even"
	Down     Rounding = "down"
	Up       Rounding = "up"
)

// Known says whether there is such a rounding.
func (r Rounding) Known() bool {
	return slices.Contains([]Rounding{HalfUp, HalfDown, HalfEven, Down, Up}, r)
}

func (r Rounding) round(m micro) retail.Money {
	whole, rest := retail.Money(m/one), m%one
	switch {
	case rest <= near: // nothing
	case rest >= one-near:
		whole++
	case r == Down:
	case r == Up:
		whole++
	case rest > one/2+near:
		whole++
	case rest < one/2-near || r == HalfDown || r == HalfEven && whole%2 == 0:
	default:
		whole++
	}
	return whole
}
