// Package tariff chooses among price lists and works prices out: by formulas, by
// quantity, through lists that stand behind others. It knows nothing of where
// lists and prices are kept.
package tariff

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Choice says which of several lists that hold counts.
type Choice uint8

// The choices.
const (
	ByPriority  Choice = iota // the larger, then by id
	BySpecifics               // the one that asks for most, then as ByPriority
	ByPrice                   // the one with the lowest price, then as ByPriority
)

// Rank is what lists are chosen by before their prices are known.
type Rank struct {
	ID        string
	Priority  int64
	Specifics int // things that the list asks for
}

// Compare orders two lists, the better first.
func (c Choice) Compare(a, b Rank) int {
	specifics := 0
	if c == BySpecifics {
		specifics = cmp.Compare(b.Specifics, a.Specifics)
	}
	return cmp.Or(specifics, cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.ID, b.ID))
}

// Fact is something that is so, or one of the values of which must be so.
type Fact struct {
	Name   string
	Values []string
}

// Price is a price and what it asks for.
type Price struct {
	Amount   retail.Money
	Currency retail.Currency // "" is any
	Min, Max retail.Quantity // both included; a Max of 0 is open
	Facts    []Fact          // all of which must match
}

// Step is a formula for quantities from Min on.
type Step struct {
	Min     retail.Quantity
	Formula Formula
}

// List is a price list with its prices for one SKU.
type List struct {
	ID       string
	Override bool // its price is also the one that is shown as original
	Priority int64
	Facts    []Fact // all of which must match
	Period   retail.Period
	Prices   []Price
	Steps    []Step // of the base price, where Prices have none
}

// Ask is what is bought, and by whom.
type Ask struct {
	Currency retail.Currency
	Quantity retail.Quantity
	At       retail.Instant
	Facts    []Fact // that are so
	Choice   Choice
}

// Answer is a price. What there is none of is nil.
type Answer struct {
	Amount, Original *retail.Money
	List             string // "" for a base price
}

// Find is the price of what is asked for in the lists, or else the base price.
// Within a list, and among base prices, the one that asks for most facts counts,
// of several the one for the larger quantity, and then the lowest.
// Errors: retail.ErrOverflow.
func Find(ask Ask, base []Price, lists []List) (Answer, error) {
	var out Answer
	if b := ask.best(base); b != nil {
		out.Amount, out.Original = &b.Amount, &b.Amount
	}
	found, err := ask.offers(lists, out.Amount)
	if err != nil || len(found) == 0 {
		return out, err
	}
	best := slices.MinFunc(found, func(a, b offer) int {
		price := 0
		if ask.Choice == ByPrice {
			price = cmp.Compare(a.amount, b.amount)
		}
		return cmp.Or(price, ask.Choice.Compare(a.rank, b.rank))
	})
	out.Amount, out.List = &best.amount, best.rank.ID
	if best.override {
		out.Original = out.Amount
	}
	return out, nil
}

// offer is the price of one list.
type offer struct {
	rank     Rank
	amount   retail.Money
	override bool
}

// offers lists the prices of the lists that hold.
func (a Ask) offers(lists []List, base *retail.Money) (found []offer, err error) {
	for i := range lists {
		l := &lists[i]
		if !l.Period.Contains(a.At) || !a.meets(l.Facts) {
			continue
		}
		o := offer{rank: Rank{ID: l.ID, Priority: l.Priority, Specifics: len(l.Facts)}, override: l.Override}
		if p := a.best(l.Prices); p != nil {
			o.amount = p.Amount
			o.rank.Specifics += len(p.Facts)
		} else if step := a.step(l.Steps); step != nil && base != nil {
			if o.amount, err = step.Formula.Of(*base); err != nil {
				return nil, err
			}
		} else {
			continue
		}
		found = append(found, o)
	}
	return found, nil
}

// best is the price that counts of several, nil if none does.
func (a Ask) best(all []Price) (best *Price) {
	for i := range all {
		p := &all[i]
		fits := (p.Currency == "" || p.Currency == a.Currency) && a.Quantity >= p.Min && (p.Max == 0 || a.Quantity <= p.Max)
		if fits && a.meets(p.Facts) && (best == nil || better(p, best)) {
			best = p
		}
	}
	return best
}

func better(a, b *Price) bool {
	return cmp.Or(cmp.Compare(len(b.Facts), len(a.Facts)), cmp.Compare(b.Min, a.Min), cmp.Compare(a.Amount, b.Amount)) < 0
}

// step is the formula for the largest quantity that is reached, nil if none is.
func (a Ask) step(all []Step) (best *Step) {
	for i := range all {
		if all[i].Min <= a.Quantity && (best == nil || all[i].Min > best.Min) {
			best = &all[i]
		}
	}
	return best
}

// meets says whether all facts that are asked for are so. What nothing is known
// of does not match.
func (a Ask) meets(asked []Fact) bool {
	for _, f := range asked {
		at := slices.IndexFunc(a.Facts, func(k Fact) bool { return k.Name == f.Name })
		if at < 0 || !slices.ContainsFunc(a.Facts[at].Values, func(v string) bool { return slices.Contains(f.Values, v) }) {
			return false
		}
	}
	return true
}
