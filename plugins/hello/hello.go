// Package hello takes a percentage off one line of a basket: off goods of the
// product line that the retailer names, or off the first goods of everybody's
// basket. It fills the slot pricing.discount and owns no data.
package hello

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings is what the retailer fills in. Until then nothing is discounted.
type Settings struct {
	Percent retail.BasisPoints `json:"percent" title:"Discount" doc:"1000 is 10 %" min:"0" max:"9000"`
	Line    string             `json:"line,omitempty" title:"Product line" doc:"Empty: the first goods of every basket" ref:"catalog.line"`
}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("hello",
		settings,
		pricing.Discount.Fill(discount),
	)
}

var settings = sdk.Settings[Settings]{}

// discount proposes one discount at most.
func discount(v *sdk.View, in pricing.DiscountIn) (pricing.DiscountOut, error) {
	s := settings.Get(v)
	var out pricing.DiscountOut
	for _, l := range in.Lines {
		if s.Percent > 0 && (s.Line == "" || l.Product.Line == s.Line) {
			out.Off(l.ID, s.Percent, "hello")
			break
		}
	}
	return out, nil
}
