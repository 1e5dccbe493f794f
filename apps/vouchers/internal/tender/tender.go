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
	Priority *int64         // without one last
	Limit    *retail.Money  // of what it may pay
	Amount   *retail.Money  // asked of it: all of that or nothing
	Expires  retail.Instant // 0 is never
	Open     bool           // pays whatever is due
	Refuse   string         // why it pays nothing; "" it may
}

// Part is what one tender pays and what is left on it.
type Part struct {
	ID           string
	Amount, Left retail.Money
}

// Refused is a tender that pays nothing although something was due, and why.
type Refused struct{ ID, Reason string }

// Empty is why a tender without balance, or with less than what is asked of it, pays
// nothing.
const Empty = "balance"

// Order says who pays first.
type Order string

// The orders. Among equals the tender that stands first pays first.
const (
	ByPriority Order = ""              // the smaller first
	ByHighest  Order = "priority_desc" // the larger first
	AsGiven    Order = "given"
	BySmallest Order = "smallest" // balance
	ByLargest  Order = "largest"  // balance
	ByExpiry   Order = "expiring" // the sooner first
	Shared     Order = "shared"   // all at once, in proportion
)

// Known says whether there is such an order.
func (o Order) Known() bool {
	return slices.Contains([]Order{ByPriority, ByHighest, AsGiven, BySmallest, ByLargest, ByExpiry, Shared}, o)
}

// Pay shares a total out over tenders: each pays what is on it, up to what is due when its
// turn comes. It never pays more than is due, so nothing of a card is lost or paid out in
// cash. Tenders whose turn never comes stand in neither list.
func (o Order) Pay(due retail.Money, tenders []Tender) (parts []Part, refused []Refused, remaining retail.Money) {
	remaining = max(due, 0)
	turns := o.turns(remaining, tenders)
	for _, t := range turns {
		may := t.may(remaining)
		switch {
		case t.Refuse != "":
			refused = append(refused, Refused{t.ID, t.Refuse})
		case remaining == 0 || t.Limit != nil && *t.Limit == 0: // nobody asks anything of it
		case may <= 0:
			refused = append(refused, Refused{t.ID, Empty})
		default:
			parts, remaining = append(parts, Part{t.ID, may, max(t.Balance-may, 0)}), remaining-may
		}
	}
	return parts, refused, remaining
}

// may is what a tender pays of what is due.
func (t *Tender) may(due retail.Money) retail.Money {
	most := t.Balance
	switch {
	case t.Open:
		most = due
	case t.Amount != nil && *t.Amount > t.Balance:
		return 0
	case t.Amount != nil:
		most = *t.Amount
	}
	if t.Limit != nil {
		most = min(most, *t.Limit)
	}
	return min(most, due)
}

// turns are the tenders in the order in which they pay.
func (o Order) turns(due retail.Money, tenders []Tender) []Tender {
	turns := slices.Clone(tenders)
	switch o {
	case ByPriority, ByHighest:
		slices.SortStableFunc(turns, o.byPriority)
	case BySmallest, ByLargest:
		slices.SortStableFunc(turns, o.byBalance)
	case ByExpiry:
		slices.SortStableFunc(turns, byExpiry)
	case Shared:
		share(due, turns)
	case AsGiven:
	}
	return turns
}

func (o Order) byPriority(a, b Tender) int {
	switch {
	case a.Priority == nil && b.Priority == nil:
		return 0
	case a.Priority == nil:
		return 1
	case b.Priority == nil:
		return -1
	case o == ByHighest:
		return cmp.Compare(*b.Priority, *a.Priority)
	}
	return cmp.Compare(*a.Priority, *b.Priority)
}

func (o Order) byBalance(a, b Tender) int {
	switch {
	case a.Open || b.Open:
		return last(a.Open, b.Open)
	case o == ByLargest:
		return cmp.Compare(b.Balance, a.Balance)
	}
	return cmp.Compare(a.Balance, b.Balance)
}

func byExpiry(a, b Tender) int {
	if a.Expires == 0 || b.Expires == 0 {
		return last(a.Expires == 0, b.Expires == 0)
	}
	return cmp.Compare(a.Expires, b.Expires)
}

// last orders what is last behind what is not.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// share limits each tender to its part of what is due, in proportion to what it may pay.
// No part is more than that, since it is rounded up only if it is no whole number. If all
// together may not pay what is due, nothing is limited, and who pays whatever is due pays
// what they leave.
func share(due retail.Money, turns []Tender) {
	weights, sum := make([]int64, len(turns)), retail.Money(0)
	for i := range turns {
		if turns[i].Refuse == "" && !turns[i].Open {
			most := turns[i].may(turns[i].Balance)
			weights[i], sum = int64(most), sum+most
		}
	}
	if sum <= due {
		slices.SortStableFunc(turns, func(a, b Tender) int { return last(a.Open, b.Open) })
		return
	}
	for i, part := range retail.Allocate(due, weights) {
		if turns[i].Refuse == "" {
			turns[i].Limit, turns[i].Amount = &part, nil
		}
	}
}
