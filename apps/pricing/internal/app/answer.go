package app

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

// answer puts the outcome beside what was asked.
func (b *basket) answer(r price.Result, notes []pricing.NotApplied) pricing.QuoteOut {
	out := pricing.QuoteOut{
		Currency: b.store.Currency, At: b.at, Channel: b.scope.channel, Store: b.store,
		List: r.List, Discount: r.Discount, Total: r.Total, VAT: r.VAT,
		Applied: appliedOf(r.Applied, nil),
		Lines:   make([]pricing.PricedLine, len(r.Lines)),
	}
	for i, p := range r.Lines {
		out.Lines[i] = b.priced(i, p)
	}
	for _, m := range r.NotApplied[:min(len(r.NotApplied), pricing.MaxMisses-min(len(notes), pricing.MaxMisses))] {
		out.NotApplied = append(out.NotApplied, missed(m))
	}
	out.NotApplied = append(out.NotApplied, notes[:min(len(notes), pricing.MaxMisses)]...)
	return out
}

func (b *basket) priced(i int, p price.Priced) pricing.PricedLine {
	asked, item, listed := b.in.Lines[i], &b.items[b.of[i]], b.prices[b.of[i]]
	line := pricing.PricedLine{
		ID: lineID(asked, i), SKU: asked.SKU, Quantity: asked.Quantity,
		UnitPrice: listed.amount, Per: item.Unit.Per(), PriceList: listed.list,
		List: p.List, Discount: p.Discount, Total: p.Total,
		Applied: appliedOf(p.Applied, nil), Goods: goods(item),
	}
	if asked.PriceOverride != nil {
		line.UnitPrice, line.PriceList, line.PriceOverride = *asked.PriceOverride, "", true
	}
	for _, s := range p.Shares {
		line.UnitShares = append(line.UnitShares, pricing.Share(s))
	}
	return line
}

func missed(m price.Miss) pricing.NotApplied {
	n := pricing.NotApplied{Promotion: m.Promotion, Version: m.Version, Reason: pricing.Reason(m.Reason), With: m.With}
	if missing := (pricing.Missing{Quantity: m.Quantity, Amount: m.Amount, From: m.From, To: m.To}); missing != (pricing.Missing{}) {
		n.Missing = &missing
	}
	return n
}

// goods is what a receipt keeps of a SKU.
func goods(item *catalog.Item) pricing.Goods {
	return pricing.Goods{
		Product: item.Product, Description: item.Description, Kind: item.Kind,
		Brand: item.Brand, Line: item.Line, Season: item.Season, Supplier: item.Supplier,
		Category: item.Category, Tags: item.Tags, Unit: item.Unit, VATRate: item.VATRate,
	}
}
