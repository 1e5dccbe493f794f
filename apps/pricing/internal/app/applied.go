package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// appliedOf is what was taken off, as the contract has it, and who pays it. A nil
// funding is: the retailer.
func appliedOf(all []price.Applied, funding func(promotion string) []pricing.Funder) []pricing.Applied {
	out := make([]pricing.Applied, len(all))
	for i, a := range all {
		out[i] = pricing.Applied{
			Promotion: a.Promotion, Version: a.Version, Filler: a.Filler, Reason: a.Reason, Code: a.Code, Amount: a.Amount,
		}
		if funding != nil && a.Promotion != "" {
			out[i].Funded = funded(a.Amount, funding(a.Promotion))
		}
	}
	return out
}

// funded shares an amount out between who pays it, by largest remainder. The
// retailer pays what they do not; an odd cent is settled for those named first.
func funded(amount retail.Money, by []pricing.Funder) (out []pricing.Funded) {
	if len(by) == 0 {
		return nil
	}
	weights := make([]int64, len(by)+1)
	rest := int64(10_000)
	for i, f := range by {
		weights[i] = int64(f.Share)
		rest -= weights[i]
	}
	weights[len(by)] = rest
	for i, share := range retail.Allocate(amount, weights) {
		if i < len(by) && share != 0 {
			out = append(out, pricing.Funded{Supplier: by[i].Supplier, Amount: share})
		}
	}
	return out
}

// missedOf says why a promotion did not apply.
func missedOf(m *price.Miss) pricing.NotApplied {
	n := pricing.NotApplied{Promotion: m.Promotion, Version: m.Version, Reason: pricing.Reason(m.Reason), With: m.With}
	if missing := (pricing.Missing{Quantity: m.Quantity, Amount: m.Amount, From: m.From, To: m.To}); missing != (pricing.Missing{}) {
		n.Missing = &missing
	}
	return n
}

// grantsOf is what was given that is no money off. Lines are named by their ids.
func grantsOf(all []price.Grant, id func(line int) string) (out []pricing.Grant) {
	for _, g := range all {
		is := pricing.Grant{
			Promotion: g.Promotion, Version: g.Version, Points: g.Points, Cashback: g.Cashback, Days: g.Days, Stores: g.Stores,
		}
		for _, line := range g.Lines {
			is.Lines = append(is.Lines, id(line))
		}
		out = append(out, is)
	}
	return out
}

// sharesOf is what units are worth.
func sharesOf(runs []price.Run) []pricing.Share {
	return appendShares(make([]pricing.Share, 0, len(runs)), runs)
}

func appendShares(to []pricing.Share, runs []price.Run) []pricing.Share {
	for _, r := range runs {
		to = append(to, pricing.Share(r))
	}
	return to
}
