package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Units is a part of a line: units [From, To) of Sold. Lines are worth Total
// after and List before discounts.
type Units struct {
	Sold, From, To retail.Quantity
	List, Total    retail.Money
	Rate           retail.BasisPoints
	// Of units of the line, what is not refunded: of those before From, and after it of
	// those before To.
	HeldBefore, HeldAfter retail.Money
}

// Worth is what the units were paid, by the shares of the sale: parts that
// together are the line sum to Total, in whatever order and number they come.
func (u Units) Worth() retail.Money { return retail.Portion(u.Total, u.Sold, u.From, u.To) }

// ListWorth is Worth by the list price.
func (u Units) ListWorth() retail.Money { return retail.Portion(u.List, u.Sold, u.From, u.To) }

// Run is a number of units worth the same.
type Run struct {
	Amount   retail.Money
	Quantity retail.Quantity
}

// Shares is Worth unit by unit, the larger first.
func (u Units) Shares() []Run {
	each := u.Total / retail.Money(u.Sold)
	more := min(max(retail.Quantity(u.Total%retail.Money(u.Sold))-u.From, 0), u.To-u.From)
	var runs []Run
	if more > 0 {
		runs = append(runs, Run{Amount: each + 1, Quantity: more})
	}
	if rest := u.To - u.From - more; rest > 0 {
		runs = append(runs, Run{Amount: each, Quantity: rest})
	}
	return runs
}

// VATBack is the VAT inside what is refunded of returned units, such that the returns
// of a whole sale sum to the VAT of the sale to the cent: the VAT of all that is
// refunded by now less that of all that was refunded before. What is withheld has the
// rate of the line that it is withheld from. Units are of all
// lines of the sale; those of a line that gives nothing back have From == To.
// All of it is within what the sale could hold, so nothing overflows.
func VATBack(parts []Units) []retail.VATShare {
	var before, after []retail.VATShare
	for _, u := range parts {
		from := retail.Portion(u.Total, u.Sold, 0, u.From)
		before = append(before, retail.VATShare{Rate: u.Rate, Gross: from - u.HeldBefore})
		after = append(after, retail.VATShare{Rate: u.Rate, Gross: from + u.Worth() - u.HeldAfter})
	}
	before, _ = retail.SplitVAT(before)
	after, _ = retail.SplitVAT(after)
	var back []retail.VATShare
	for i, a := range after { // the same rates stand in both
		b := before[i]
		if a.Gross != b.Gross || rateReturns(parts, a.Rate) {
			back = append(back, retail.VATShare{Rate: a.Rate, Gross: a.Gross - b.Gross, Net: a.Net - b.Net, VAT: a.VAT - b.VAT})
		}
	}
	return back
}

func rateReturns(parts []Units, rate retail.BasisPoints) bool {
	for _, u := range parts {
		if u.Rate == rate && u.To > u.From {
			return true
		}
	}
	return false
}

// CashBack is what a cash refund pays out, a multiple of step where the sale
// leaves room: worth is what all returned units are worth, this return's
// included, before is what earlier returns paid out, and paid is what the
// customer paid for the sale. The cents that rounding gives or takes once are
// carried into the next return, so that no sequence of returns pays out more
// than was paid.
func CashBack(worth, before, paid, step retail.Money) retail.Money {
	open, left := worth-before, paid-before
	if open <= 0 || left <= 0 {
		return 0
	}
	if step <= 1 {
		return min(open, left)
	}
	out := round(open, step)
	if out > left {
		out = left - left%step
	}
	return out
}
