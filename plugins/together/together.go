// Package together takes a percentage off goods that are bought together: a razor
// and its blades, a suit, a shirt and a tie. It fills the slot pricing.discount and
// owns no data; it knows neither prices nor promotions, only what the slot shows it.
package together

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings is what the retailer fills in. Until then nothing is discounted.
type Settings struct {
	Sets []Set `json:"sets,omitempty" title:"Sets" doc:"Each unit counts for one set: the first ones have the first choice" maxlen:"100"`
}

// Set is what has to be bought together.
type Set struct {
	Percent retail.BasisPoints `json:"percent" title:"Discount" doc:"Off all of the set; 2000 is 20 %" min:"0" max:"9000"`
	Max     int64              `json:"max,omitempty" title:"At most" doc:"Sets in one basket; empty is any number" min:"0" max:"10000"`
	Parts   []Part             `json:"parts" title:"Parts" doc:"All of which are needed" minlen:"2" maxlen:"5"`
}

// Part is units of goods, in the unit in which they are sold. Of each list that is
// not empty one value must match, and all lists must; a part without any has no goods.
type Part struct {
	Quantity retail.Quantity `json:"quantity,omitempty" title:"Quantity" doc:"Pieces, or grams; empty is 1" min:"0" max:"1000000"`
	SKUs     []retail.SKU    `json:"skus,omitempty" title:"SKUs" ref:"catalog.sku"`
	Tags     []string        `json:"tags,omitempty" title:"Tags" ref:"catalog.tag"`
	Lines    []string        `json:"lines,omitempty" title:"Product lines" ref:"catalog.line"`
}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("together",
		settings,
		pricing.Discount.Fill(discount),
	)
}

var settings = sdk.Settings[Settings]{}

// discount proposes, for each line, the percentage of the units that stand in sets.
// Errors: failed_precondition, reason "parts" (a set has fewer than 2 or more than 5).
func discount(v *sdk.View, in pricing.DiscountIn) (out pricing.DiscountOut, err error) {
	s := settings.Get(v)
	rest := units(in.Lines)
	near := false
	for i := range s.Sets {
		set := &s.Sets[i]
		if len(set.Parts) < 2 || len(set.Parts) > maxParts {
			return pricing.DiscountOut{}, sdk.FailedPrecondition("parts", "A set has 2 to 5 parts.")
		}
		near = set.take(rest) || near
	}
	for i := range rest {
		u := &rest[i]
		amount, err := retail.MulDiv(int64(u.line.Left), u.off, 10_000*int64(u.line.Quantity))
		if err != nil {
			return pricing.DiscountOut{}, sdk.FailedPrecondition("amount", "A line is too long to be shared.")
		}
		if amount > 0 {
			out.OffAmount(u.line.ID, retail.Money(amount), "together")
		}
	}
	if near && len(out.Offs) == 0 {
		return out.Skip("set_incomplete"), nil
	}
	return out, nil
}
