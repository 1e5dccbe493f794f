package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Result is a priced basket. Every sum in it is exact: shares sum to lines,
// lines to the total, what was applied to the discount.
type Result struct {
	Lines    []Priced // in the order of the basket
	List     retail.Money
	Discount retail.Money
	Total    retail.Money
	Applied  []Applied // per promotion, in the order they worked
	NotApply []Miss    // near misses, at most MaxMisses
	Taxes    []Tax     // by rate, rising
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

// Tax is the VAT inside the lines of one rate, worked out once for the whole
// document.
type Tax struct {
	Rate            retail.BasisPoints
	Gross, Net, VAT retail.Money
}

// Result shares what each group came to among its lines and adds up.
func (b *Basket) Result() Result {
	r := Result{Lines: make([]Priced, len(b.lines)), Applied: b.done, NotApply: b.misses}
	if len(r.NotApply) > MaxMisses {
		r.NotApply = r.NotApply[:MaxMisses]
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
	r.Taxes = b.taxes()
	return r
}

// Shares splits an amount that is not negative over equal units: the larger
// shares come first, and they differ by no more than one minor unit.
func Shares(total retail.Money, quantity retail.Quantity) []Run {
	each, more := total/retail.Money(quantity), retail.Quantity(total%retail.Money(quantity))
	runs := []Run{{Amount: each + 1, Quantity: more}, {Amount: each, Quantity: quantity - more}}
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Quantity == 0 })
}

func (b *Basket) taxes() []Tax {
	var taxes []Tax
	for _, g := range b.groups {
		i := slices.IndexFunc(taxes, func(t Tax) bool { return t.Rate == g.VAT })
		if i < 0 {
			i = len(taxes)
			taxes = append(taxes, Tax{Rate: g.VAT})
		}
		taxes[i].Gross += g.left
	}
	for i := range taxes {
		t := &taxes[i]
		t.VAT = retail.TaxWithin(t.Gross, t.Rate)
		t.Net = t.Gross - t.VAT
	}
	slices.SortFunc(taxes, func(x, y Tax) int { return cmp.Compare(x.Rate, y.Rate) })
	return taxes
}
