package retail

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Allocate shares a total out in proportion to weights, by largest remainder
// and, of equal ones, to the lower index. The shares always add up to the
// total, and each is within one minor unit of its exact value. A weight of zero
// or less gets nothing. A negative total is shared out as its opposite is.
//
// It answers nil if nothing can be distributed: no weight is above zero, or
// their sum does not fit into 63 bits.
func Allocate(total Money, weights []int64) []Money {
	sum, ok := weightSum(weights)
	if !ok {
		return nil
	}
	shares, rests := make([]Money, len(weights)), make([]uint64, len(weights))
	left := magnitude(int64(total))
	for i, w := range weights {
		if w > 0 {
			hi, lo := bits.Mul64(magnitude(int64(total)), uint64(w))
			var q uint64
			q, rests[i] = bits.Div64(hi, lo, sum)
			shares[i], left = Money(q), left-q
		}
	}
	for _, i := range byRest(rests)[:left] {
		shares[i]++
	}
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares
}

// weightSum adds up the weights above zero; ok is false if there is none or
// the sum is too large.
func weightSum(weights []int64) (sum uint64, ok bool) {
	for _, w := range weights {
		if w > 0 {
			sum += uint64(w)
		}
		if sum > math.MaxInt64 {
			return 0, false
		}
	}
	return sum, sum > 0
}

// byRest lists indexes by rest, the largest first, equal ones in order. There
// are always more rests above zero than units left to give.
func byRest(rests []uint64) []int {
	order := make([]int, len(rests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rests[b], rests[a]) })
	return order
}

// Portion is what units [from, to) of a line of so many units are worth if the
// line is worth total: units share it equally and the first ones get what is
// left over, so that any way of splitting a line adds up to it. 8.99 over three
// units is 3.00, 3.00, 2.99. Bounds beyond the units are cut off.
func Portion(total Money, units, from, to Quantity) Money {
	from, to = max(from, 0), min(to, units)
	if from >= to {
		return 0
	}
	n := uint64(units)
	each, rest := magnitude(int64(total))/n, magnitude(int64(total))%n
	extra := min(uint64(to), rest) - min(uint64(from), rest)
	v := Money(each*uint64(to-from) + extra)
	if total < 0 {
		return -v
	}
	return v
}

// UnitShares is Portion of every single unit of a line. For goods by weight or
// length use Portion: a unit is a gram.
func UnitShares(total Money, units Quantity) []Money {
	shares := make([]Money, max(units, 0))
	for i := range shares {
		shares[i] = Portion(total, units, Quantity(i), Quantity(i)+1)
	}
	return shares
}
