package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// MaxKinds bounds the kinds of tenders of one document that may pay for some goods only.
const MaxKinds = 8

// Limited is a tender that may pay for some goods only: Kind is one of at most MaxKinds,
// from 0.
type Limited struct {
	Kind   int
	Amount retail.Money
}

// Part is goods of a document, and the kinds of limited tenders that may pay for them, a
// bit for each.
type Part struct {
	Amount retail.Money
	Kinds  uint
}

// Exceeds finds the first limited tender that is more than the goods it may pay for, once
// those before it have been placed as well as they can be, and how much of it could be.
// It is -1 if all can be placed. Kinds that may pay for the same goods share them.
//
// By Hall's theorem the tenders can be placed if, of every set of kinds, they come to no
// more than the goods that any of the set may pay for.
func Exceeds(tenders []Limited, parts []Part) (index int, most retail.Money) {
	var room [1 << MaxKinds]retail.Money
	for set := range room {
		for _, p := range parts {
			if p.Kinds&uint(set) != 0 {
				room[set] += max(p.Amount, 0)
			}
		}
	}
	for i, t := range tenders {
		most := t.Amount
		for set := range room {
			if set&(1<<t.Kind) != 0 {
				most = min(most, room[set])
			}
		}
		if most < t.Amount {
			return i, most
		}
		for set := range room {
			if set&(1<<t.Kind) != 0 {
				room[set] -= t.Amount
			}
		}
	}
	return -1, 0
}
