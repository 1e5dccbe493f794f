// Package happyhour takes a percentage off selected product lines at quiet
// hours. It fills the slot pricing.discount and owns no data; it knows neither
// prices nor promotions, only what the slot shows it.
package happyhour

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings is what the retailer fills in. Until then nothing is discounted.
type Settings struct {
	Percent retail.BasisPoints `json:"percent" title:"Discount" doc:"3000 is 30 %" min:"0" max:"9000"`
	Hours   retail.DayHours    `json:"hours" title:"Quiet hours, in the store's time"`
	Lines   []string           `json:"lines" title:"Product lines" ref:"catalog.line"`
}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("happyhour",
		settings,
		pricing.Discount.Fill(discount),
	)
}

var settings = sdk.Settings[Settings]{}

// discount proposes one discount per line that is on sale now. Errors:
// failed_precondition, reason "hours" (the settings hold no hours of a day).
func discount(v *sdk.View, in pricing.DiscountIn) (pricing.DiscountOut, error) {
	s := settings.Get(v)
	var out pricing.DiscountOut
	if err := s.Hours.Valid(); err != nil {
		return out, sdk.FailedPrecondition("hours", "The quiet hours are wrong: "+err.Error()+".")
	}
	if !s.Hours.Contains(in.At, in.Store.Zone) {
		return out.Skip("outside_hours"), nil
	}
	for _, l := range in.Lines {
		if s.takes(l.Product.Line) {
			out.Off(l.ID, s.Percent, "happy_hour")
		}
	}
	return out, nil
}

// takes says whether goods of a product line are discounted. Goods without one
// never are, as in promotions.
func (s *Settings) takes(line string) bool {
	return s.Percent > 0 && line != "" && slices.Contains(s.Lines, line)
}
