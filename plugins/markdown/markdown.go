// Package markdown takes more off a collection the longer it has been out: 20 %
// after twelve weeks, 30 % after sixteen. It fills the slot pricing.discount and
// owns no data; it knows neither prices nor stock, only what the slot shows it and
// the days that the retailer wrote down.
package markdown

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings is what the retailer fills in. Until then nothing is discounted.
type Settings struct {
	Steps       []Step       `json:"steps,omitempty" title:"Steps" doc:"The one with the most weeks that have passed counts" maxlen:"20"`
	Collections []Collection `json:"collections,omitempty" title:"Collections" doc:"The first that goods belong to counts" maxlen:"200"`
	ExceptTags  []string     `json:"except_tags,omitempty" title:"Never" doc:"Tags of goods that are never marked down, such as carry-overs" ref:"catalog.tag"`
	Pauses      []Pause      `json:"pauses,omitempty" title:"Pauses" doc:"Days without markdowns, such as the weeks before the sales" maxlen:"100"`
}

// Step is what comes off from an age on.
type Step struct {
	Weeks   int64              `json:"weeks" title:"After weeks" min:"0" max:"520"`
	Percent retail.BasisPoints `json:"percent" title:"Discount" doc:"2000 is 20 %" min:"0" max:"9000"`
}

// Collection is goods that came out on one day: of a season, of a line, with a tag.
// What is left empty asks for nothing; one that says nothing has no goods.
type Collection struct {
	Season string      `json:"season,omitempty" title:"Season" ref:"catalog.season"`
	Line   string      `json:"line,omitempty" title:"Product line" ref:"catalog.line"`
	Tag    string      `json:"tag,omitempty" title:"Tag" ref:"catalog.tag"`
	Start  retail.Date `json:"start" title:"First day on sale" doc:"YYYY-MM-DD" minlen:"10" maxlen:"10"`
}

// Pause is days without markdowns, both included.
type Pause struct {
	First  retail.Date      `json:"first" title:"From" doc:"YYYY-MM-DD" minlen:"10" maxlen:"10"`
	Last   retail.Date      `json:"last" title:"To" doc:"YYYY-MM-DD, the last day of the pause" minlen:"10" maxlen:"10"`
	Stores []retail.StoreID `json:"stores,omitempty" title:"Stores" doc:"Empty: all"`
}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("markdown",
		settings,
		pricing.Discount.Fill(discount),
	)
}

var settings = sdk.Settings[Settings]{}

// discount proposes one discount per line that is old enough today, where the
// store is. Errors: failed_precondition, reason "date" (the settings hold something
// that is no date) or "zone" (nobody knows the store's).
func discount(v *sdk.View, in pricing.DiscountIn) (out pricing.DiscountOut, err error) {
	s := settings.Get(v)
	if err := s.valid(); err != nil {
		return out, err
	}
	now, err := in.Store.Zone.Local(in.At)
	if err != nil {
		return out, sdk.FailedPrecondition("zone", "The store's time zone is wrong: "+err.Error()+".")
	}
	young := false
	for i := range in.Lines {
		c := s.collection(&in.Lines[i].Product)
		if c == nil {
			continue
		}
		if percent := s.percent(c, now.Date); percent > 0 {
			out.Off(in.Lines[i].ID, percent, "markdown")
		} else {
			young = true
		}
	}
	switch {
	case len(out.Offs) > 0 && s.pauses(in.Store.ID, now.Date):
		return pricing.DiscountOut{}.Skip("markdown_pause"), nil
	case len(out.Offs) == 0 && young:
		return out.Skip("too_new"), nil
	}
	return out, nil
}

// valid says whether all dates are some. A wrong one would make a collection never,
// or always, old enough.
func (s *Settings) valid() error {
	for _, c := range s.Collections {
		if c.Start.Valid() != nil {
			return sdk.FailedPrecondition("date", "The first day of a collection is wrong: "+retail.ErrCivil.Error()+".")
		}
	}
	for _, p := range s.Pauses {
		if p.First.Valid() != nil || p.Last.Valid() != nil {
			return sdk.FailedPrecondition("date", "A day of a pause is wrong: "+retail.ErrCivil.Error()+".")
		}
	}
	return nil
}

// collection is the first one that goods belong to, nil if there is none or they
// are never marked down.
func (s *Settings) collection(g *pricing.Goods) *Collection {
	if slices.ContainsFunc(g.Tags, func(tag string) bool { return slices.Contains(s.ExceptTags, tag) }) {
		return nil
	}
	i := slices.IndexFunc(s.Collections, func(c Collection) bool { return c.has(g) })
	if i < 0 {
		return nil
	}
	return &s.Collections[i]
}

func (c *Collection) has(g *pricing.Goods) bool {
	return (c.Season != "" || c.Line != "" || c.Tag != "") &&
		(c.Season == "" || c.Season == g.Season) &&
		(c.Line == "" || c.Line == g.Line) &&
		(c.Tag == "" || slices.Contains(g.Tags, c.Tag))
}

// percent is what comes off a collection on a day: weeks begin with the weekday of
// its first day, at midnight by the store's clock.
func (s *Settings) percent(c *Collection, today retail.Date) (percent retail.BasisPoints) {
	reached := int64(-1)
	for _, step := range s.Steps {
		from, err := c.Start.AddDays(int(7 * step.Weeks))
		if err == nil && from <= today && step.Weeks > reached {
			reached, percent = step.Weeks, step.Percent
		}
	}
	return percent
}

// pauses says whether a day in a store is one without markdowns.
func (s *Settings) pauses(store retail.StoreID, today retail.Date) bool {
	return slices.ContainsFunc(s.Pauses, func(p Pause) bool {
		return p.First <= today && today <= p.Last && (len(p.Stores) == 0 || slices.Contains(p.Stores, store))
	})
}
