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
	funding := b.funding(r.Applied)
	out := pricing.QuoteOut{
		Currency: b.store.Currency, At: b.at, Channel: b.scope.channel, Store: b.store,
		List: r.List, Discount: r.Discount, Total: r.Total, VAT: r.VAT,
		Applied: appliedOf(r.Applied, funding), NotApplied: b.misses(r.NotApplied, notes),
		Grants:   grantsOf(r.Grants, func(i int) string { return lineID(&b.in.Lines[i], i) }),
		Personal: b.personal(r.Applied), Greedy: r.Greedy,
		Lines: make([]pricing.PricedLine, len(r.Lines)), Shipping: b.delivered(r.Shipping, funding), Added: b.added(r.Added, funding),
	}
	runs := make([]pricing.Share, 0, runsOf(r.Lines))
	for i := range r.Lines {
		line := &out.Lines[i]
		b.line(line, i, &r.Lines[i], funding)
		start := len(runs)
		runs = appendShares(runs, r.Lines[i].Shares)
		line.UnitShares = runs[start:len(runs):len(runs)]
	}
	return out
}

// runsOf is how many runs of units lines have.
func runsOf(lines []price.Priced) (count int) {
	for i := range lines {
		count += len(lines[i].Shares)
	}
	return count
}

// funding says who pays for what applied; nil if for none of it anybody but the
// retailer does. Every line asks: it looks through what others pay for, no more.
func (b *basket) funding(applied []price.Applied) func(promotion string) []pricing.Funder {
	var paid []*terms
	for _, p := range b.promos {
		if len(p.Funding) > 0 && has(applied, p.ID) {
			paid = append(paid, p)
		}
	}
	if len(paid) == 0 {
		return nil
	}
	return func(promotion string) []pricing.Funder {
		for _, p := range paid {
			if p.ID == promotion {
				return p.Funding
			}
		}
		return nil
	}
}

// has says whether a promotion is among what applied.
func has(applied []price.Applied, promotion string) bool {
	for i := range applied {
		if applied[i].Promotion == promotion {
			return true
		}
	}
	return false
}

// personal says whether something that applied is for this customer by name.
func (b *basket) personal(applied []price.Applied) bool {
	return slices.ContainsFunc(b.promos, func(p *terms) bool { return len(p.Customers) > 0 && has(applied, p.ID) })
}

// misses are the promotions that did nothing: those with a code first, then those
// that came near, as many as an answer holds beside what fillers have to say.
func (b *basket) misses(all []price.Miss, notes []pricing.NotApplied) []pricing.NotApplied {
	notes = notes[:min(len(notes), pricing.MaxMisses)]
	most := pricing.MaxMisses - len(notes)
	out := make([]pricing.NotApplied, 0, min(len(all), most)+len(notes))
	brought := b.withCode()
	for i := 0; i < len(all) && len(brought) > 0 && len(out) < most; i++ {
		if brought[all[i].Promotion] {
			out = append(out, missedOf(&all[i]))
		}
	}
	for i := 0; i < len(all) && len(out) < most; i++ {
		if m := &all[i]; m.Near && !brought[m.Promotion] {
			out = append(out, missedOf(m))
		}
	}
	return append(out, notes...)
}

// withCode are the promotions that a code of the basket brought, nil for none.
func (b *basket) withCode() (brought map[string]bool) {
	for i := range b.cs {
		if c := &b.cs[i]; c.Code != "" {
			if brought == nil {
				brought = make(map[string]bool)
			}
			brought[c.Rule.ID] = true
		}
	}
	return brought
}

// line answers one line, but for what its units are worth.
func (b *basket) line(to *pricing.PricedLine, i int, p *price.Priced, funding func(string) []pricing.Funder) {
	asked, item, listed := &b.in.Lines[i], &b.items[b.of[i]], &b.prices[b.of[i]]
	*to = pricing.PricedLine{
		ID: lineID(asked, i), SKU: asked.SKU, Quantity: asked.Quantity,
		UnitPrice: listed.amount, Per: item.Unit.Per(), PriceList: listed.list,
		List: p.List, Discount: p.Discount, Total: p.Total,
		Applied: appliedOf(p.Applied, funding), Goods: goods(item),
	}
	if asked.PriceOverride != nil {
		to.UnitPrice, to.PriceList, to.PriceOverride = *asked.PriceOverride, "", true
	}
}

func (b *basket) delivered(ways []price.Priced, funding func(string) []pricing.Funder) []pricing.PricedShipping {
	out := make([]pricing.PricedShipping, len(ways))
	for i := range ways {
		asked, p := &b.in.Shipping[i], &ways[i]
		id := asked.ID
		if id == "" {
			id = strconv.Itoa(i + 1)
		}
		out[i] = pricing.PricedShipping{
			ID: id, Method: asked.Method, List: p.List, Discount: p.Discount, Total: p.Total,
			Applied: appliedOf(p.Applied, funding),
		}
	}
	return out
}

// goods is what a receipt keeps of a SKU.
func goods(item *catalog.Item) pricing.Goods {
	return pricing.Goods{
		Product: item.Product, Description: item.Description, Kind: item.Kind,
		Brand: item.Brand, Line: item.Line, Season: item.Season, Supplier: item.Supplier,
		Category: item.Category, Tags: item.Tags, Size: item.Size, Colour: item.Colour, Attributes: item.Attributes,
		Unit: item.Unit, VATRate: item.VATRate,
	}
}
