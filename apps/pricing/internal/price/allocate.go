package price

import (
	"math/bits"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// divide is a × b / c, rounded, for a and b that are not negative and c > 0. What
// is beyond MaxAmount is MaxAmount: it is more than there is to take off.
func divide(a, b, c int64, mode Rounding) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return int64(MaxAmount)
	}
	q, rest := bits.Div64(hi, lo, uint64(c))
	if mode.up(q, rest, uint64(c)) {
		q++
	}
	return int64(min(q, uint64(MaxAmount)))
}

// times is amount × n, at most MaxAmount.
func times(amount retail.Money, n retail.Quantity) retail.Money {
	return retail.Money(divide(int64(amount), int64(n), 1, Down))
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

// Share shares an amount out in proportion to weights. A weight of zero or less
// gets nothing. A negative amount is shared out as its opposite is. It answers nil
// if no weight is above zero, unless the policy has such weights share equally.
func (p *Policy) Share(amount retail.Money, weights []int64) []retail.Money {
	if amount < 0 {
		shares := p.Share(-amount, weights)
		for i := range shares {
			shares[i] = -shares[i]
		}
		return shares
	}
	if p.ZeroEqual && sum(weights) == 0 {
		weights = slices.Repeat([]int64{1}, len(weights))
	}
	if p.Tie == LastLine {
		weights = slices.Clone(weights)
		slices.Reverse(weights)
		shares := p.share(amount, weights)
		slices.Reverse(shares)
		return shares
	}
	return p.share(amount, weights)
}

func (p *Policy) share(amount retail.Money, weights []int64) []retail.Money {
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
		mode = HalfDown
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
	shares := p.Share(amount, weights)
	if shares == nil {
		return make([]retail.Money, len(weights))
	}
	left := cutTo(shares, room)
	if left == 0 || p.Lose {
		return shares
	}
	open := slices.Clone(weights)
	for left > 0 {
		for i := range shares {
			if shares[i] == room[i] {
				open[i] = 0
			}
		}
		parts := p.share(left, open)
		if parts == nil {
			break
		}
		for i := range parts {
			shares[i] += parts[i]
		}
		left = cutTo(shares, room)
	}
	return shares
}

// cutTo makes shares fit into their room and says what is over.
func cutTo(shares, room []retail.Money) (over retail.Money) {
	for i := range shares {
		if shares[i] > room[i] {
			over += shares[i] - room[i]
			shares[i] = room[i]
		}
	}
	return over
}
