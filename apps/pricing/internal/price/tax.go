package price

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// taxes splits the VAT of a result per rate, rounded where the policy says. It
// cannot overflow: the total is within MaxAmount.
func (b *Basket) taxes(r *Result) []retail.VATShare {
	var shares []retail.VATShare
	for i := range b.items {
		for _, m := range b.items[i].members {
			if p := r.Lines; i < b.goods {
				shares = append(shares, b.split(b.items[i].VAT, p[m].Total, p[m].Shares)...)
			} else {
				total := r.Shipping[m].Total
				shares = append(shares, b.split(b.items[i].VAT, total, []Run{{Amount: total, Quantity: 1}})...)
			}
		}
	}
	for i := range r.Added {
		g := &r.Added[i]
		shares = append(shares, b.split(g.Line.VAT, g.Total, g.Shares)...)
	}
	return b.sumRates(shares)
}

// split is the VAT of a line, of its total or of its units.
func (b *Basket) split(rate retail.BasisPoints, total retail.Money, units []Run) []retail.VATShare {
	if b.policy.TaxAt != TaxPerUnit {
		return []retail.VATShare{b.tax(rate, total, 1)}
	}
	var shares []retail.VATShare
	for _, u := range units {
		shares = append(shares, b.tax(rate, u.Amount, u.Quantity))
	}
	return shares
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

// sumRates adds up by rate. Rounded per rate, each sum is split once.
func (b *Basket) sumRates(shares []retail.VATShare) (rates []retail.VATShare) {
	slices.SortStableFunc(shares, func(x, y retail.VATShare) int { return cmp.Compare(x.Rate, y.Rate) })
	for _, s := range shares {
		if n := len(rates); n == 0 || rates[n-1].Rate != s.Rate {
			rates = append(rates, s)
		} else {
			r := &rates[n-1]
			r.Gross, r.Net, r.VAT = r.Gross+s.Gross, r.Net+s.Net, r.VAT+s.VAT
		}
	}
	if b.policy.TaxAt != TaxPerRate {
		return rates
	}
	for i, r := range rates {
		amount := r.Gross
		if b.place.Net {
			amount = r.Net
		}
		rates[i] = b.tax(r.Rate, amount, 1)
	}
	return rates
}
