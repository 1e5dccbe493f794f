package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

// answer puts the outcome beside what was asked.
func (b *basket) answer(r *price.Result, notes []pricing.NotApplied) pricing.QuoteOut {
	out := pricing.QuoteOut{
		Currency: b.store.Currency, At: b.at, Channel: b.scope.channel, Store: b.store,
		List: r.List, Discount: r.Discount, Total: r.Total, VAT: r.VAT,
		Applied: appliedOf(r.Applied, b.funding), NotApplied: b.misses(r.NotApplied, notes),
		Grants:   grantsOf(r.Grants, func(i int) string { return lineID(&b.in.Lines[i], i) }),
		Personal: b.personal(r.Applied), Greedy: r.Greedy,
		Lines: make([]pricing.PricedLine, len(r.Lines)), Shipping: b.delivered(r.Shipping), Added: b.added(r.Added),
	}
	for i := range r.Lines {
		out.Lines[i] = b.line(i, &r.Lines[i])
	}
	return out
}

// funding is who pays for a promotion of the basket.
func (b *basket) funding(promotion string) []pricing.Funder {
	for _, p := range b.promos {
		if p.ID == promotion {
			return p.Funding
		}
	}
	return nil
}

// personal says whether something that applied is for this customer by name.
func (b *basket) personal(applied []price.Applied) bool {
	for _, a := range applied {
		for _, p := range b.promos {
			if p.ID == a.Promotion && len(p.Customers) > 0 {
				return true
			}
		}
	}
	return false
}

// misses are the promotions that did nothing: those with a code first, then those
// that came near, as many as an answer holds beside what fillers have to say.
func (b *basket) misses(all []price.Miss, notes []pricing.NotApplied) []pricing.NotApplied {
	notes = notes[:min(len(notes), pricing.MaxMisses)]
	out := make([]pricing.NotApplied, 0, min(len(all)+len(notes), pricing.MaxMisses))
	for _, withCode := range []bool{true, false} {
		for i := range all {
			m := &all[i]
			if len(out)+len(notes) < pricing.MaxMisses && b.hasCode(m.Promotion) == withCode && (withCode || m.Near) {
				out = append(out, missedOf(m))
			}
		}
	}
	return append(out, notes...)
}

// hasCode says whether a code of the basket brought a promotion.
func (b *basket) hasCode(promotion string) bool {
	return slices.ContainsFunc(b.cs, func(c price.Candidate) bool { return c.Code != "" && c.Rule.ID == promotion })
}

func (b *basket) line(i int, p *price.Priced) pricing.PricedLine {
	asked, item, listed := &b.in.Lines[i], &b.items[b.of[i]], &b.prices[b.of[i]]
	line := pricing.PricedLine{
		ID: lineID(asked, i), SKU: asked.SKU, Quantity: asked.Quantity,
		UnitPrice: listed.amount, Per: item.Unit.Per(), PriceList: listed.list,
		List: p.List, Discount: p.Discount, Total: p.Total, UnitShares: sharesOf(p.Shares),
		Applied: appliedOf(p.Applied, b.funding), Goods: goods(item),
	}
	if asked.PriceOverride != nil {
		line.UnitPrice, line.PriceList, line.PriceOverride = *asked.PriceOverride, "", true
	}
	return line
}

func (b *basket) delivered(ways []price.Priced) []pricing.PricedShipping {
	out := make([]pricing.PricedShipping, len(ways))
	for i := range ways {
		asked, p := &b.in.Shipping[i], &ways[i]
		id := asked.ID
		if id == "" {
			id = strconv.Itoa(i + 1)
		}
		out[i] = pricing.PricedShipping{
			ID: id, Method: asked.Method, List: p.List, Discount: p.Discount, Total: p.Total,
			Applied: appliedOf(p.Applied, b.funding),
		}
	}
	return out
}

// goods is what a receipt keeps of a SKU.
func goods(item *catalog.Item) pricing.Goods {
	return pricing.Goods{
		Product: item.Product, Description: item.Description, Kind: item.Kind,
		Brand: item.Brand, Line: item.Line, Season: item.Season, Supplier: item.Supplier,
		Category: item.Category, Tags: item.Tags, Unit: item.Unit, VATRate: item.VATRate,
	}
}
