package app

import "github.com/bottega-retail/bottega/apps/pricing"

// names freezes what promotions are called, for documents that must speak of them
// when they are gone, and what they want of returns. Misses stand in the order of the
// candidates, so that looking on from the last one finds each at once.
func (b *basket) names(out *pricing.QuoteOut) {
	at := 0
	for i := range out.Applied {
		if p := b.named(out.Applied[i].Promotion, &at); p != nil {
			out.Applied[i].Name = p.Name
			if p.Recompute {
				out.Applied[i].Refund = pricing.Recompute
			}
		}
	}
	for i := range out.Grants {
		if p := b.named(out.Grants[i].Promotion, &at); p != nil {
			out.Grants[i].Name = p.Name
		}
	}
	at = 0
	for i := range out.NotApplied {
		if p := b.named(out.NotApplied[i].Promotion, &at); p != nil {
			out.NotApplied[i].Name = p.Name
		}
	}
}

// named is a promotion of the basket, looked for from a place on, which it moves; nil
// for no promotion.
func (b *basket) named(id string, at *int) *terms {
	for n := 0; n < len(b.promos) && id != ""; n++ {
		if p := b.promos[(*at+n)%len(b.promos)]; p.ID == id {
			*at = (*at + n) % len(b.promos)
			return p
		}
	}
	return nil
}
