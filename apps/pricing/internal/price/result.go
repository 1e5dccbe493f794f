package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Result is a priced basket. Every sum in it is exact: shares sum to lines,
// lines to the total, what was applied to the discount.
type Result struct {
	Lines      []Priced // in the order of the basket
	List       retail.Money
	Discount   retail.Money
	Total      retail.Money
	Applied    []Applied         // per promotion, in the order they worked
	NotApplied []Miss            // near misses, at most MaxMisses
	VAT        []retail.VATShare // once per rate, rising
}

// Priced is the outcome of one line.
type Priced struct {
	List     retail.Money
	Discount retail.Money
	Total    retail.Money
	Shares   []Run // of Total, unit by unit
	Applied  []Applied
}

// Run is a number of units that are worth the same.
type Run struct {
	Amount   retail.Money // of one unit
	Quantity retail.Quantity
}

// Result shares what each group came to among its lines and adds up.
func (b *Basket) Result() Result {
	r := Result{Lines: make([]Priced, len(b.lines)), Applied: b.done, NotApplied: b.misses}
	if len(r.NotApplied) > MaxMisses {
		r.NotApplied = r.NotApplied[:MaxMisses]
	}
	for _, g := range b.groups {
		for i, m := range g.members {
			p := Priced{List: g.lists[i], Total: g.rests[i], Applied: g.applied[i]}
			p.Discount = p.List - p.Total
			p.Shares = Shares(p.Total, b.lines[m].Quantity)
			r.Lines[m] = p
		}
		r.List += g.list
		r.Total += g.left
	}
	r.Discount = r.List - r.Total
	r.VAT = b.taxes()
	return r
}

// Shares splits an amount that is not negative over equal units, as
// retail.Portion does: the larger shares come first, and they differ by no more
// than one minor unit.
func Shares(total retail.Money, quantity retail.Quantity) []Run {
	each, more := total/retail.Money(quantity), retail.Quantity(total%retail.Money(quantity))
	runs := []Run{{Amount: each + 1, Quantity: more}, {Amount: each, Quantity: quantity - more}}
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Quantity == 0 })
}

// taxes splits the VAT once per rate. It cannot overflow: the total is within
// MaxAmount.
func (b *Basket) taxes() []retail.VATShare {
	shares := make([]retail.VATShare, len(b.groups))
	for i, g := range b.groups {
		shares[i] = retail.VATShare{Rate: g.VAT, Gross: g.left}
	}
	shares, _ = retail.SplitVAT(shares)
	return shares
}
