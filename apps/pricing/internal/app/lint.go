package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/lint"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxNamed is how many promotions or SKUs a finding names.
const maxNamed = 20

func lintVersion(v *sdk.View, in pricing.GetPromotionIn) (out pricing.LintOut, err error) {
	p, err := getPromotion(v, in)
	if err != nil {
		return out, err
	}
	out.Findings, _, err = lintOf(v, &p)
	return out, err
}

// lintOf is all that is wrong with a version, the worst first, and what the law's part
// of it has proved.
func lintOf(r sdk.Reader, p *pricing.Promotion) ([]pricing.Finding, *proven, error) {
	rule := ruleOf(p)
	var all []pricing.Finding
	if why := lint.Unreachable(&rule, r.Now()); why != "" {
		all = append(all, pricing.Finding{Severity: pricing.Warning, Reason: "unreachable", Message: why})
	}
	all = append(all, beside(r, &rule)...)
	all = append(all, unfunded(p)...)
	below, err := belowCost(r, p, &rule)
	if err != nil {
		return nil, nil, err
	}
	law, proved := lawFindings(r, p)
	all = append(append(all, below...), law...)
	slices.SortStableFunc(all, func(a, b pricing.Finding) int {
		return cmp.Or(-cmp.Compare(weight(a.Severity), weight(b.Severity)), strings.Compare(a.Reason, b.Reason))
	})
	return all, proved, nil
}

func weight(s pricing.Severity) int {
	switch s {
	case pricing.Refused:
		return 2
	case pricing.Warning:
		return 1
	}
	return 0
}

// beside compares a rule with those that are live: which work on the same goods, and
// with which it is left to their ids who wins.
func beside(r sdk.Reader, rule *price.Rule) (all []pricing.Finding) {
	x := promotionIndex.Get(r)
	var meets, collides []string
	var o price.Rule // one for all: there may be very many
	x.All(x.Generation, func(e *index.Entry[terms]) {
		if e.ID == rule.ID || e.Over(r.Now()) {
			return
		}
		if e.Into(&o); !lint.Meet(rule, &o) {
			return
		}
		if meets = append(meets, e.ID); lint.Collide(rule, &o) {
			collides = append(collides, e.ID)
		}
	})
	if len(collides) > 0 {
		all = append(all, pricing.Finding{
			Severity: pricing.Warning, Reason: "collision", With: firstOf(collides),
			Message: "They keep each other out and have the same priority: the lower id wins.",
		})
	}
	if len(meets) > 0 {
		all = append(all, pricing.Finding{
			Severity: pricing.Note, Reason: "overlap", With: firstOf(meets),
			Message: "Live promotions may work on the same goods.",
		})
	}
	return all
}

// firstOf are the first ids in their order.
func firstOf[S ~string](ids []S) []S {
	slices.Sort(ids)
	return ids[:min(len(ids), maxNamed)]
}

// unfunded says what is left to the retailer of a promotion that suppliers have a part
// in.
func unfunded(p *pricing.Promotion) []pricing.Finding {
	share, strangers := retail.BasisPoints(0), false
	for _, f := range p.Funding {
		share += f.Share
		strangers = strangers || len(p.Goods.Suppliers) > 0 && !slices.Contains(p.Goods.Suppliers, f.Supplier)
	}
	switch {
	case strangers:
		return []pricing.Finding{{Severity: pricing.Warning, Reason: "unfunded", Message: "A supplier pays for goods of others."}}
	case len(p.Goods.Suppliers) > 0 && share == 0:
		return []pricing.Finding{{Severity: pricing.Note, Reason: "unfunded", Message: "It is for goods of certain suppliers, and none of them pays a part."}}
	case share > 0 && share < 10_000:
		return []pricing.Finding{{Severity: pricing.Note, Reason: "unfunded", Percent: int64(10_000 - share), Message: "The retailer pays what suppliers do not."}}
	}
	return nil
}
