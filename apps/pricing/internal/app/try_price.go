package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/apps/pricing/internal/tariff"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tryProration shares an amount out as the engine does. Nobody gets anything if
// there is nothing to share by.
func tryProration(in *pricing.TryProration, rules *pricing.Rules) ([]retail.Money, error) {
	if len(in.Weights) == 0 || len(in.Weights) > pricing.MaxLines {
		return nil, sdk.Fail(sdk.CodeTooLarge, "lines", "An amount is shared out over 1 to 400 weights.")
	}
	if !money(max(in.Amount, -in.Amount)) || slices.ContainsFunc(in.Weights, func(w int64) bool { return w < 0 || w > maxPrice }) {
		return nil, sdk.Invalid("/proration", "amount", "An amount or a weight is out of range.")
	}
	policy := policyOf(rules)
	if parts := policy.Share(in.Amount, in.Weights); parts != nil {
		return parts, nil
	}
	return make([]retail.Money, len(in.Weights)), nil
}

// tryPrice looks a price up in lists that the caller brings.
func tryPrice(in *pricing.TryPrice, rules *pricing.Rules, now retail.Instant) (*pricing.TriedPrice, error) {
	if len(in.Base) > pricing.MaxEntries || len(in.Lists) > pricing.MaxEntries {
		return nil, sdk.Fail(sdk.CodeTooLarge, "lines", "At most 500 prices and lists are tried at once.")
	}
	ask := tariff.Ask{
		Currency: in.Currency, Quantity: max(in.Quantity, 1), At: cmp.Or(in.At, now),
		Facts: factsOf(in.Facts), Choice: listChoice(rules.List),
	}
	lists := make([]tariff.List, len(in.Lists))
	for i := range in.Lists {
		l := &in.Lists[i]
		lists[i] = tariff.List{
			ID: l.ID, Override: l.Override, Priority: l.Priority, Facts: factsOf(l.Facts), Period: l.Period, Prices: pricesOf(l.Prices),
		}
		for _, f := range l.Formulas {
			if err := checkFormula(&f.Formula, pointer("/price/lists", i)+"/formulas"); err != nil {
				return nil, err
			}
			lists[i].Steps = append(lists[i].Steps, tariff.Step{Min: f.MinQuantity, Formula: formulaOf(&f.Formula)})
		}
	}
	found, err := tariff.Find(ask, pricesOf(in.Base), lists)
	if err != nil {
		return nil, sdk.Fail(sdk.CodeTooLarge, "amount", "A price is beyond what can be paid.")
	}
	return &pricing.TriedPrice{Amount: found.Amount, Original: found.Original, List: found.List}, nil
}

func factsOf(all []pricing.Attribute) []tariff.Fact {
	out := make([]tariff.Fact, len(all))
	for i, a := range all {
		out[i] = tariff.Fact(a)
	}
	return out
}

func pricesOf(all []pricing.TryEntry) []tariff.Price {
	out := make([]tariff.Price, len(all))
	for i, e := range all {
		out[i] = tariff.Price{Amount: e.Amount, Currency: e.Currency, Min: e.MinQuantity, Max: e.MaxQuantity, Facts: factsOf(e.Facts)}
	}
	return out
}

// tryPrior finds the lowest price before a reduction.
func tryPrior(in *pricing.TryPrior, rules *pricing.Rules) (*retail.Money, error) {
	if len(in.Prices) > pricing.MaxEntries {
		return nil, sdk.Fail(sdk.CodeTooLarge, "lines", "At most 500 prices are tried at once.")
	}
	points := make([]prior.Point, len(in.Prices))
	for i, p := range in.Prices {
		points[i] = prior.Point(p)
	}
	if !slices.IsSortedFunc(points, func(a, b prior.Point) int { return cmp.Compare(a.At, b.At) }) {
		return nil, sdk.Invalid("/prior/prices", "try", "Prices stand in the order of time.")
	}
	days := cmp.Or(in.Days, rules.PriorDays, 30)
	if days < 0 {
		return nil, nil
	}
	anchor := prior.Progressive
	if rules.PriorAnchor == pricing.LastChange {
		anchor = prior.LastChange
	}
	found, err := prior.Reference(points, in.At, days, "Europe/Rome", anchor)
	if err != nil {
		return nil, sdk.Invalid("/prior", "try", "The days lie beyond the calendar.")
	}
	return found.Amount, nil
}

// tryChoice is the one of a group that takes most off, the first of equal ones.
func tryChoice(all []pricing.Candidate) []string {
	best := -1
	for i, c := range all {
		if c.Amount > 0 && (best < 0 || c.Amount > all[best].Amount) {
			best = i
		}
	}
	if best < 0 {
		return []string{}
	}
	return []string{all[best].ID}
}

// trySpending registers orders with a budget, each once, and says what it has spent.
func trySpending(in *pricing.TrySpending) (retail.Money, error) {
	if len(in.Orders) > pricing.MaxEntries {
		return 0, sdk.Fail(sdk.CodeTooLarge, "lines", "At most 500 orders are tried at once.")
	}
	spent := in.Used
	seen := make(map[string]bool, len(in.Orders))
	for i, o := range in.Orders {
		if !money(o.Amount) {
			return 0, sdk.Invalid(pointer("/spending/orders", i)+"/amount", "amount", "An order spends nothing below zero.")
		}
		amount := o.Amount
		if in.ByUse {
			if seen[o.ID] {
				continue
			}
			amount = 1
		}
		seen[o.ID] = true
		if left := in.Limit - spent; in.Limit > 0 && amount > left {
			if amount = 0; in.Overrun == pricing.Partial && !in.ByUse {
				amount = max(left, 0)
			}
		}
		spent += amount
	}
	return spent, nil
}
