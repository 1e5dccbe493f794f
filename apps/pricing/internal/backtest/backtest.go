// Package backtest adds up what a promotion would have cost: receipts are told to it
// one after the other, each as it was priced without the promotion and with it. It
// knows sums and who pays them; it knows neither how a receipt comes to a total nor
// where receipts are kept.
package backtest

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Share is an amount under a name: a supplier's, or a promotion's.
type Share struct {
	Name   string       `json:"name"`
	Amount retail.Money `json:"amount"`
}

// Part is what one promotion takes off a receipt.
type Part struct {
	Promotion string
	Amount    retail.Money
	Funded    []Share // of Amount, what suppliers pay
}

// Side is a receipt as it was priced, without what came back since.
type Side struct {
	Discount retail.Money // all that was taken off
	Parts    []Part
	Margin   retail.Money // without VAT; counts if Receipt.Costs
}

// Receipt is one on which the promotion does something.
type Receipt struct {
	Document string
	Paid     retail.Money // what was really paid, less what was given back
	Before   Side
	After    Side // with the promotion
	Costs    bool // what its goods cost is known
	Differs  bool // it was not sold for what Before comes to
	// Returned is how much less is paid with the promotion for what came back: it is in
	// neither side.
	Returned retail.Money
}

// Example is a receipt and how much less is paid on it with the promotion.
type Example struct {
	Document string       `json:"document"`
	Amount   retail.Money `json:"amount"` // below zero if more is paid
}

// Sums is what receipts add up to. The zero value is nothing; what it comes to does
// not depend on the order of the receipts.
type Sums struct {
	Touched   int64        `json:"touched"`
	Differs   int64        `json:"differs"`
	Cost      retail.Money `json:"cost"`                // how much less is paid
	Returned  retail.Money `json:"returned"`            // how much less was paid for what came back
	Suppliers []Share      `json:"suppliers,omitempty"` // of Cost, by supplier; below zero if others of his promotions take off less
	Revenue   retail.Money `json:"revenue"`
	Covered   int64        `json:"covered"` // receipts whose margin is known
	Before    retail.Money `json:"before"`
	After     retail.Money `json:"after"`
	Displaced retail.Money `json:"displaced"`      // that other promotions take off less
	With      []Share      `json:"with,omitempty"` // …by promotion
	Worse     int64        `json:"worse"`          // receipts on which more is paid
	WorseBy   retail.Money `json:"worse_by"`
	Examples  []Example    `json:"examples,omitempty"` // with the largest differences, those first
}

// Bounds of what is kept.
const (
	MaxExamples = 20
	// MaxNames bounds suppliers and promotions; further ones are added up under the
	// name "".
	MaxNames = 1_000
)

// Retailer is what of Cost nobody else pays.
func (s *Sums) Retailer() retail.Money {
	rest := s.Cost
	for _, f := range s.Suppliers {
		rest -= f.Amount
	}
	return rest
}

// Add adds a receipt. Other promotions than the one that is tested displace nothing
// where they take off more than before.
func (s *Sums) Add(promotion string, r *Receipt) {
	less := r.After.Discount - r.Before.Discount
	s.Touched, s.Cost, s.Revenue, s.Returned = s.Touched+1, s.Cost+less, s.Revenue+r.Paid, s.Returned+r.Returned
	if r.Differs {
		s.Differs++
	}
	if less < 0 {
		s.Worse, s.WorseBy = s.Worse+1, s.WorseBy-less
	}
	if r.Costs {
		s.Covered, s.Before, s.After = s.Covered+1, s.Before+r.Before.Margin, s.After+r.After.Margin
	}
	s.fund(&r.Before, -1)
	s.fund(&r.After, 1)
	for i := range r.Before.Parts {
		p := &r.Before.Parts[i]
		if p.Promotion == promotion {
			continue
		}
		if gone := p.Amount - r.After.of(p.Promotion); gone > 0 {
			s.Displaced, s.With = s.Displaced+gone, add(s.With, p.Promotion, gone)
		}
	}
	s.show(Example{Document: r.Document, Amount: less})
}

// fund adds what suppliers pay of one side.
func (s *Sums) fund(side *Side, sign retail.Money) {
	for i := range side.Parts {
		for _, f := range side.Parts[i].Funded {
			s.Suppliers = add(s.Suppliers, f.Name, sign*f.Amount)
		}
	}
}

// of is what a promotion takes off.
func (s *Side) of(promotion string) (amount retail.Money) {
	for i := range s.Parts {
		if s.Parts[i].Promotion == promotion {
			amount += s.Parts[i].Amount
		}
	}
	return amount
}

// show keeps an example if it is among the largest.
func (s *Sums) show(e Example) {
	at, _ := slices.BinarySearchFunc(s.Examples, e, func(a, b Example) int {
		return cmp.Or(-cmp.Compare(size(a.Amount), size(b.Amount)), cmp.Compare(a.Document, b.Document))
	})
	if at < MaxExamples {
		s.Examples = slices.Insert(s.Examples, at, e)
		s.Examples = s.Examples[:min(len(s.Examples), MaxExamples)]
	}
}

func size(amount retail.Money) retail.Money { return max(amount, -amount) }

// add adds an amount under a name, in the order of names.
func add(all []Share, name string, amount retail.Money) []Share {
	find := func() (int, bool) {
		return slices.BinarySearchFunc(all, name, func(s Share, n string) int { return cmp.Compare(s.Name, n) })
	}
	at, there := find()
	if !there && len(all) >= MaxNames && name != "" {
		name = ""
		at, there = find()
	}
	if !there {
		return slices.Insert(all, at, Share{Name: name, Amount: amount})
	}
	all[at].Amount += amount
	return all
}
