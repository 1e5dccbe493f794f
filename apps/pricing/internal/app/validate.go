package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// validateCode says whether a code would help: whether it counts, and for what.
func validateCode(v *sdk.View, in pricing.ValidateIn) (out pricing.ValidateOut, err error) {
	x := promotionIndex.Get(v)
	b := basket{
		in:    pricing.QuoteIn{Store: in.Store, Customer: in.Customer, Codes: []string{in.Code}},
		rules: settings.Get(v), at: v.Now(), generation: x.Generation,
	}
	b.codes(v, x)
	if len(b.given) == 0 {
		return pricing.ValidateOut{Reason: codeUnknown}, nil
	}
	g := &b.given[0]
	b.brought(x, g)
	if out.Reason = g.reason; out.Reason != "" {
		return out, nil
	}
	out.Reason = codeExpired
	for _, e := range b.found {
		switch b.open(v, e) {
		case "":
			out.Promotions = append(out.Promotions, e.ID)
		case codeLimit:
			out.Reason = codeLimit
		}
	}
	if len(out.Promotions) == 0 {
		return out, nil
	}
	out.Valid, out.Reason = true, ""
	if g.coupon != "" {
		out.Left = g.uses - couponUses.Get(v, sdk.K(g.coupon))
	}
	return out, nil
}

// open says why a promotion is not open to anybody who has its code, "" if it is.
func (b *basket) open(r sdk.Reader, e *index.Entry[terms]) string {
	rule := e.Rule()
	here := len(rule.For.Stores) == 0 || b.in.Store == "" || slices.Contains(rule.For.Stores, b.in.Store)
	if !here || !(retail.Period{From: rule.From, To: rule.To}).Contains(b.at) {
		return codeExpired
	}
	switch usedUp(r, e.ID, &e.About.Limits, b.in.Customer) {
	case price.UsageLimit, price.CustomerLimit:
		return codeLimit
	}
	return ""
}
