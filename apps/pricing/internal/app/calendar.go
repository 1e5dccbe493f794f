package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// calendarFindings is what the sales calendars of regions say of an announced reduction:
// none may count in the quiet days before the sales, in their stores.
func calendarFindings(r sdk.Reader, rules *pricing.Rules, on, not *pricing.Audience, counts retail.Period) (found []pricing.Finding) {
	if len(rules.Calendar) == 0 {
		return nil
	}
	stores, err := storesOf(r, on, not)
	if err != nil {
		return []pricing.Finding{{Severity: pricing.Refused, Reason: "sales_calendar", Message: "The stores cannot be read: " + err.Error()}}
	}
	counts.From = max(r.Now(), counts.From)
	for i := range rules.Calendar {
		season := &rules.Calendar[i]
		at := slices.IndexFunc(stores, func(s catalog.Store) bool { return slices.Contains(season.Stores, s.ID) })
		if at < 0 {
			continue
		}
		if quiet, err := quietDays(season, stores[at].Zone); err != nil || quiet.Overlaps(counts) {
			found = append(found, pricing.Finding{
				Severity: pricing.Refused, Reason: "sales_calendar",
				Message: "Nothing is announced in " + season.Region + " in the " + digits(season.Quiet) + " days before the sales of " + string(season.First) + ".",
			})
		}
	}
	return found
}

// quietDays are the days before the sales, by the calendar of a zone. None is the
// empty period, which overlaps nothing.
func quietDays(season *pricing.SalesSeason, zone retail.Zone) (retail.Period, error) {
	if season.Quiet <= 0 {
		return retail.Period{From: 1, To: 1}, nil
	}
	first, err := season.First.AddDays(-int(season.Quiet))
	if err != nil {
		return retail.Period{}, err
	}
	last, err := season.First.AddDays(-1)
	if err != nil {
		return retail.Period{}, err
	}
	return zone.Days(first, last)
}
