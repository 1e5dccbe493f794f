package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// taxes splits the VAT of a result per rate, rounded where the policy says. It
// cannot overflow: the total is within MaxAmount.
func (b *Basket) taxes(r *Result) (rates []retail.VATShare) {
	for i := range b.items {
		for _, m := range b.items[i].members {
			if i < b.goods {
				rates = b.taxLine(rates, b.items[i].VAT, &r.Lines[m])
			} else {
				rates = b.taxLine(rates, b.items[i].VAT, &r.Shipping[m])
			}
		}
	}
	for i := range r.Added {
		rates = b.taxLine(rates, r.Added[i].Line.VAT, &r.Added[i].Priced)
	}
	if b.policy.TaxAt == TaxPerRate {
		for i, v := range rates {
			amount := v.Gross
			if b.place.Net {
				amount = v.Net
			}
			rates[i] = b.tax(v.Rate, amount, 1)
		}
	}
	slices.SortStableFunc(rates, func(x, y retail.VATShare) int { return cmp.Compare(x.Rate, y.Rate) })
	return rates
}

// taxLine adds the VAT of a line: of its total, or of its units.
func (b *Basket) taxLine(rates []retail.VATShare, rate retail.BasisPoints, p *Priced) []retail.VATShare {
	if b.policy.TaxAt == TaxPerUnit && len(p.Shares) > 0 {
		for _, u := range p.Shares {
			rates = sumRate(rates, b.tax(rate, u.Amount, u.Quantity))
		}
		return rates
	}
	if b.policy.TaxAt == TaxPerRate {
		return sumRate(rates, retail.VATShare{Rate: rate, Gross: p.Total, Net: p.Total}) // taxes works its VAT out
	}
	return sumRate(rates, b.tax(rate, p.Total, 1))
}

// sumRate adds to the account of a rate.
func sumRate(rates []retail.VATShare, s retail.VATShare) []retail.VATShare {
	for i := range rates {
		if r := &rates[i]; r.Rate == s.Rate {
			r.Gross, r.Net, r.VAT = r.Gross+s.Gross, r.Net+s.Net, r.VAT+s.VAT
			return rates
		}
	}
	return append(rates, s)
}

// tax is the VAT of an amount, as often as it is there.
func (b *Basket) tax(rate retail.BasisPoints, amount retail.Money, times retail.Quantity) retail.VATShare {
	v := retail.VATShare{Rate: rate}
	if b.place.Net {
		v.Net, v.VAT = amount, retail.Money(divide(int64(amount), int64(rate), 10_000, HalfUp))
		v.Gross = v.Net + v.VAT
	} else {
		v.Gross, v.VAT = amount, retail.Money(divide(int64(amount), int64(rate), 10_000+int64(rate), HalfUp))
		v.Net = v.Gross - v.VAT
	}
	n := retail.Money(times)
	return retail.VATShare{Rate: rate, Gross: v.Gross * n, Net: v.Net * n, VAT: v.VAT * n}
}
