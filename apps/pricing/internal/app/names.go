package app

import "github.com/bottega-retail/bottega/apps/pricing"

// names freezes what promotions are called, for documents that must speak of them
// when they are gone. Misses stand in the order of the candidates, so that looking on
// from the last one finds each at once.
func (b *basket) names(out *pricing.QuoteOut) {
	at := 0
	for i := range out.Applied {
		out.Applied[i].Name = b.name(out.Applied[i].Promotion, &at)
	}
	for i := range out.Grants {
		out.Grants[i].Name = b.name(out.Grants[i].Promotion, &at)
	}
	at = 0
	for i := range out.NotApplied {
		out.NotApplied[i].Name = b.name(out.NotApplied[i].Promotion, &at)
	}
}

// name is what a promotion of the basket is called, looked for from a place on, which
// it moves; "" for no promotion.
func (b *basket) name(id string, at *int) string {
	for n := 0; n < len(b.promos) && id != ""; n++ {
		if p := b.promos[(*at+n)%len(b.promos)]; p.ID == id {
			*at = (*at + n) % len(b.promos)
			return p.Name
		}
	}
	return ""
}
