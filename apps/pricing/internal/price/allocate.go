package price

import (
	"math/bits"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// divide is a × b / c, rounded, for b >= 0 and c > 0 and a result that fits.
func divide(a, b, c int64, mode Rounding) int64 {
	negative := a < 0
	if negative {
		a = -a
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0 // beyond MaxAmount: the caller has refused it
	}
	q, rest := bits.Div64(hi, lo, uint64(c))
	if mode.up(q, rest, uint64(c)) {
		q++
	}
	if negative {
		return -int64(q)
	}
	return int64(q)
}

// up says whether a quotient with a rest is rounded up.
func (m Rounding) up(q, rest, c uint64) bool {
	switch m {
	case Down:
		return false
	case Up:
		return rest > 0
	case HalfDown:
		return rest > c-rest
	case HalfEven:
		return rest > c-rest || rest == c-rest && q%2 == 1
	}
	return rest > 0 && rest >= c-rest
}

// Share shares an amount that is not negative out in proportion to weights. A
// weight of zero or less gets nothing. It answers nil if no weight is above zero.
func (p *Policy) Share(amount retail.Money, weights []int64) []retail.Money {
	switch p.Proration {
	case HalfUpLast:
		return shareLast(amount, weights)
	case RoundEachFirst, FloorFirst:
		return p.shareFirst(amount, weights)
	}
	return retail.Allocate(amount, weights)
}

func sum(weights []int64) (total int64) {
	for _, w := range weights {
		total += max(w, 0)
	}
	return total
}

// shareLast rounds each share half up and gives the rest to the last weight above
// zero.
func shareLast(amount retail.Money, weights []int64) []retail.Money {
	total, left, last := sum(weights), amount, -1
	if total == 0 {
		return nil
	}
	shares := make([]retail.Money, len(weights))
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		last = i
		shares[i] = min(retail.Money(divide(int64(amount), w, total, HalfUp)), left)
		left -= shares[i]
	}
	shares[last] += left
	return shares
}

// shareFirst rounds each share and settles the difference with the first weights
// above zero, one unit each in turn.
func (p *Policy) shareFirst(amount retail.Money, weights []int64) []retail.Money {
	total, left := sum(weights), amount
	if total == 0 {
		return nil
	}
	mode := Down
	if p.Proration == RoundEachFirst {
		mode = HalfUp
	}
	shares := make([]retail.Money, len(weights))
	for i, w := range weights {
		shares[i] = retail.Money(divide(int64(amount), max(w, 0), total, mode))
		left -= shares[i]
	}
	for i := 0; left != 0; i = (i + 1) % len(weights) {
		switch {
		case weights[i] <= 0:
		case left > 0:
			shares[i]++
			left--
		case shares[i] > 0:
			shares[i]--
			left++
		}
	}
	return shares
}

// shareWithin shares an amount out by weights, but no more than its room to each;
// what one cannot take the others do, unless the policy loses it.
func (p *Policy) shareWithin(amount retail.Money, weights []int64, room []retail.Money) []retail.Money {
	shares := make([]retail.Money, len(weights))
	open := append([]int64(nil), weights...)
	for amount > 0 {
		parts := p.Share(amount, open)
		if parts == nil {
			break
		}
		before := amount
		for i, part := range parts {
			part = min(part, room[i]-shares[i])
			shares[i] += part
			amount -= part
			if shares[i] == room[i] {
				open[i] = 0
			}
		}
		if p.Lose || amount == before {
			break
		}
	}
	return shares
}
