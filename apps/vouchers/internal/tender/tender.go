// Package tender knows how a total is paid with stored value: which card first, and how
// much of each. It knows no card, and promotions come before it.
package tender

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Tender is stored value with what is on it.
type Tender struct {
	ID       string
	Balance  retail.Money
	Priority *int64        // the smaller first; without one last
	Limit    *retail.Money // of what it may pay
	Refuse   string        // why it pays nothing; "" it may
}

// Part is what one tender pays and what is left on it.
type Part struct {
	ID           string
	Amount, Left retail.Money
}

// Refused is a tender that pays nothing although something was due, and why.
type Refused struct{ ID, Reason string }

// Empty is why a tender without balance pays nothing.
const Empty = "balance"

// Pay shares a total out over tenders: each pays what is on it, up to what is due when its
// turn comes. It never pays more than is due, so nothing of a card is lost or paid out in
// cash. Tenders whose turn never comes stand in neither list.
func Pay(due retail.Money, tenders []Tender) (parts []Part, refused []Refused, remaining retail.Money) {
	sorted := slices.Clone(tenders)
	slices.SortStableFunc(sorted, func(a, b Tender) int {
		switch {
		case a.Priority == nil && b.Priority == nil:
			return 0
		case a.Priority == nil:
			return 1
		case b.Priority == nil:
			return -1
		}
		return cmp.Compare(*a.Priority, *b.Priority)
	})
	remaining = max(due, 0)
	for _, t := range sorted {
		may := t.Balance
		if t.Limit != nil {
			may = min(may, *t.Limit)
		}
		switch {
		case t.Refuse != "":
			refused = append(refused, Refused{t.ID, t.Refuse})
		case remaining == 0:
		case may <= 0:
			refused = append(refused, Refused{t.ID, Empty})
		default:
			paid := min(may, remaining)
			parts, remaining = append(parts, Part{t.ID, paid, t.Balance - paid}), remaining-paid
		}
	}
	return parts, refused, remaining
}
