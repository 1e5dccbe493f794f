package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
)

// said is what the fillers of the discount slot came to, beside what they took off.
type said struct {
	notes   []pricing.NotApplied
	skipped []string // that failed: a quote that is called in skips them again
}

// propose asks the fillers of the discount slot and takes what they propose,
// filler by filler. It notes what it could not take.
func (b *basket) propose(r sdk.Reader, engine *price.Basket) (s said, err error) {
	if len(pricing.Discount.Fillers(r)) == 0 {
		return s, nil // most shops have none: nothing is made for them
	}
	open := engine.Groups()
	if len(open) == 0 {
		return s, nil
	}
	answers, err := pricing.Discount.Each(r, b.offer(open))
	if err != nil {
		return s, err
	}
	for _, a := range answers {
		reason := pricing.FillerFailed
		if a.Err == nil && !slices.Contains(b.promised.skipped, a.Filler) {
			reason = take(engine, a, len(open))
		} else {
			s.skipped = append(s.skipped, a.Filler)
		}
		if reason != "" {
			s.notes = append(s.notes, pricing.NotApplied{Filler: a.Filler, Reason: reason})
		}
	}
	return s, nil
}

// take takes what one filler proposes for so many open lines. It says why if
// there was anything that it could not take, or nothing at all. What a filler
// may say is bounded, or it could make a quote too long to be answered and a
// receipt too long to be written.
func take(engine *price.Basket, a sdk.Filled[pricing.DiscountOut], open int) pricing.Reason {
	proposed := a.Out.Offs[:min(len(a.Out.Offs), open)]
	refused, took := engine.Propose(a.Filler, offs(proposed))
	switch {
	case len(refused) > 0 || len(a.Out.Offs) > open || len(a.Out.Skipped) > maxID:
		return pricing.FillerRefused
	case len(proposed) > 0 && !took:
		return pricing.NothingLeft
	}
	return pricing.Reason(a.Out.Skipped)
}

// offer is what fillers see.
func (b *basket) offer(open []price.Open) pricing.DiscountIn {
	in := pricing.DiscountIn{
		Store:   pricing.DiscountStore{ID: b.store.ID, Zone: b.store.Zone},
		Channel: b.scope.channel, Customer: b.in.Customer, CustomerGroups: b.in.CustomerGroups,
		Currency: b.store.Currency, At: b.at, Lines: make([]pricing.DiscountLine, len(open)),
	}
	for n, g := range open {
		i := slices.Index(b.skus, g.Line.SKU)
		in.Lines[n] = pricing.DiscountLine{
			ID: int64(g.Group), SKU: g.Line.SKU, Quantity: g.Line.Quantity,
			UnitPrice: g.Line.Unit, Per: g.Line.Per, Left: g.Left, Product: goods(&b.items[i]),
		}
	}
	return in
}

// offs are proposals as the engine wants them. One that names both a percentage
// and an amount, or neither, names no group: the engine refuses it.
func offs(proposed []pricing.DiscountOff) []price.Off {
	offs := make([]price.Off, len(proposed))
	for i, o := range proposed {
		offs[i] = price.Off{Group: int(o.Line), Percent: o.Percent, Amount: o.Amount, Reason: o.Reason}
		if (o.Percent > 0) == (o.Amount > 0) || len(o.Reason) > maxID {
			offs[i].Group = -1
		}
	}
	return offs
}
