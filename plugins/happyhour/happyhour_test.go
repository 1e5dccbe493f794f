package happyhour_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/plugins/happyhour"
	"github.com/bottega-retail/bottega/plugins/plugintest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

const rome = retail.Zone("Europe/Rome")

// basket is goods of those product lines, one of each, in a store of a zone.
func basket(at retail.Instant, zone retail.Zone, lines ...string) pricing.DiscountIn {
	in := pricing.DiscountIn{
		Store: pricing.DiscountStore{ID: "MI-01", Zone: zone}, Channel: "store", Currency: "EUR", At: at,
		Lines: make([]pricing.DiscountLine, len(lines)),
	}
	for i, line := range lines {
		in.Lines[i] = pricing.DiscountLine{
			ID: int64(10 + i), SKU: retail.SKU("sku-" + line), Quantity: 1, UnitPrice: 3000, Per: 1, Left: 3000,
			Product: pricing.Goods{Product: line, Description: line, Kind: catalog.Goods, Line: line, Unit: retail.Piece, VATRate: 2200},
		}
	}
	return in
}

func quiet(from, to retail.LocalTime, lines ...string) happyhour.Settings {
	return happyhour.Settings{Percent: 3000, Hours: retail.Hours(from, to), Lines: lines}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, happyhour.New(), sdktest.Settings(quiet("14:00", "16:00", "basic")))
	env.At("2026-03-29 15:00 Europe/Rome")
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket(env.Now(), rome, "basic", "luxe")))
}

// The clock on the wall of the store decides, also on the days when it changes:
// on 29 March 2026 there is no 02:30 in Rome, on 25 October there are two.
func TestHours(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		from, to retail.LocalTime
		at       string
		zone     retail.Zone
		on       bool
	}{
		{"a second before", "14:00", "16:00", "2026-05-04 13:59:59 Europe/Rome", rome, false},
		{"the first instant", "14:00", "16:00", "2026-05-04 14:00 Europe/Rome", rome, true},
		{"the last second", "14:00", "16:00", "2026-05-04 15:59:59 Europe/Rome", rome, true},
		{"the first instant after", "14:00", "16:00", "2026-05-04 16:00 Europe/Rome", rome, false},
		{"each store by its own clock", "14:00", "16:00", "2026-05-04 16:30 Europe/Rome", "Europe/Lisbon", true},
		{"and not by another's", "14:00", "16:00", "2026-05-04 14:30 Europe/Rome", "Europe/Lisbon", false},
		{"in winter 15:00 in Rome is 14:00 UTC", "15:00", "16:00", "2026-03-28 14:00", rome, true},
		{"from 29 March it is 13:00 UTC", "15:00", "16:00", "2026-03-29 13:00", rome, true},
		{"and 14:00 UTC no more", "15:00", "16:00", "2026-03-29 14:00", rome, false},
		{"from 25 October it is 14:00 UTC again", "15:00", "16:00", "2026-10-25 14:00", rome, true},
		{"and 13:00 UTC no more", "15:00", "16:00", "2026-10-25 13:00", rome, false},
		{"before the hour that is skipped", "02:00", "03:00", "2026-03-29 00:59:59", rome, false},
		{"an hour that is skipped never comes", "02:00", "03:00", "2026-03-29 01:00", rome, false},
		{"hours around it have what is left: before", "01:30", "03:30", "2026-03-29 00:59:59", rome, true},
		{"after", "01:30", "03:30", "2026-03-29 01:00", rome, true},
		{"and end", "01:30", "03:30", "2026-03-29 01:30", rome, false},
		{"an hour shown twice is there twice: first", "02:00", "03:00", "2026-10-25 00:30", rome, true},
		{"second", "02:00", "03:00", "2026-10-25 01:30", rome, true},
		{"and ends after the second", "02:00", "03:00", "2026-10-25 02:00", rome, false},
		{"over midnight: not yet", "22:00", "02:00", "2026-05-04 21:59:59 Europe/Rome", rome, false},
		{"over midnight: before", "22:00", "02:00", "2026-05-04 23:59:59 Europe/Rome", rome, true},
		{"over midnight: at", "22:00", "02:00", "2026-05-05 00:00 Europe/Rome", rome, true},
		{"over midnight: after", "22:00", "02:00", "2026-05-05 01:59:59 Europe/Rome", rome, true},
		{"over midnight: no more", "22:00", "02:00", "2026-05-05 02:00 Europe/Rome", rome, false},
		{"over the midnight of the change, to the skipped hour", "22:00", "02:30", "2026-03-29 00:59:59", rome, true},
		{"which ends it early", "22:00", "02:30", "2026-03-29 01:00", rome, false},
		{"to the end of the day", "20:00", "24:00", "2026-05-04 23:59:59 Europe/Rome", rome, true},
		{"and not into the next", "20:00", "24:00", "2026-05-05 00:00 Europe/Rome", rome, false},
		{"equal ends are the whole day", "08:00", "08:00", "2026-05-04 07:59 Europe/Rome", rome, true},
		{"a zone that nobody knows", "00:00", "24:00", "2026-05-04 12:00", "Europe/Atlantis", false},
	} {
		env := sdktest.New(t, happyhour.New(), sdktest.Settings(quiet(tt.from, tt.to, "basic")))
		env.At(tt.at)
		out := sdktest.Fill(env, pricing.Discount, basket(env.Now(), tt.zone, "basic"))
		skipped := "outside_hours"
		if tt.on {
			skipped = ""
		}
		if len(out.Offs) == 1 != tt.on || out.Skipped != skipped {
			t.Errorf("%s: %+v", tt.name, out)
		}
	}
}

// A plugin that nobody has set up, or set up in part, takes nothing off and
// does not talk of itself in every quote.
func TestWhatIsNotFilledIn(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]sdktest.Part{
		"no settings":      nil,
		"no product lines": {sdktest.Settings(happyhour.Settings{Percent: 3000})},
		"no percentage":    {sdktest.Settings(happyhour.Settings{Lines: []string{"basic"}})},
		"an empty line":    {sdktest.Settings(happyhour.Settings{Percent: 3000, Lines: []string{""}})},
		"other lines":      {sdktest.Settings(happyhour.Settings{Percent: 3000, Lines: []string{"Basic", "bas"}})},
	} {
		env := sdktest.New(t, happyhour.New(), parts...)
		if out := sdktest.Fill(env, pricing.Discount, basket(env.Now(), rome, "basic", "")); len(out.Offs) > 0 || out.Skipped != "" {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

// Hours that are none are a mistake to be named, not hours that never come.
func TestWrongHours(t *testing.T) {
	t.Parallel()
	for _, hours := range []retail.DayHours{{From: "14:00"}, {To: "14:00"}, {From: "2 pm", To: "4 pm"}, {From: "14:00", To: "24:01"}, {From: "14.00", To: "16.00"}} {
		env := sdktest.New(t, happyhour.New(), sdktest.Settings(happyhour.Settings{Percent: 3000, Hours: hours, Lines: []string{"basic"}}))
		filled := sdktest.Each(env, pricing.Discount, basket(env.Now(), rome, "basic"))
		var e *sdk.Error
		if len(filled) != 1 || !errors.As(filled[0].Err, &e) || e.Code != sdk.CodeFailedPrecondition || e.Reason != "hours" || e.Message == "" {
			t.Errorf("%+v: %+v", hours, filled)
		}
	}
}

// In a quote the plugin works on what promotions left, its cents included, and
// pricing names it: by its discount, or by why there is none.
func TestInAQuote(t *testing.T) {
	t.Parallel()
	env := shop(t)
	half := pricing.Promotion{ID: "half", Name: "Half", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: []pricing.Effect{{Percent: 5000}}}
	sdktest.Do(t, env, pricing.PutPromotion, half)
	sdktest.Do(t, env, pricing.Publish, pricing.PublishIn{ID: half.ID})
	in := pricing.QuoteIn{Store: "MI-01", Lines: []pricing.QuoteLine{{SKU: "shirt", Quantity: 2}, {SKU: "coat", Quantity: 1}, {SKU: "shirt", Quantity: 1}}}
	env.At("2026-10-25 14:00 Europe/Rome")
	out := sdktest.Ask(t, env, pricing.Quote, in)
	// 3 × 9.99 = 29.97; half of it is 14.985, 14.99; 30 % of the 14.98 left is 4.494.
	want := []pricing.Applied{{Promotion: "half", Version: 1, Name: "Half", Amount: 1499}, {Filler: "happyhour", Reason: "happy_hour", Amount: 449}}
	if !reflect.DeepEqual(out.Applied, want) || len(out.NotApplied) != 0 {
		t.Errorf("applied %+v, not applied %+v", out.Applied, out.NotApplied)
	}
	var sum retail.Money
	for _, l := range out.Lines {
		for _, s := range l.UnitShares {
			sum += s.Amount * retail.Money(s.Quantity)
		}
	}
	if out.Total != 2997-1499-449+20000 || sum != out.Total {
		t.Errorf("total %d, shares %d", out.Total, sum)
	}
	env.At("2026-10-25 16:00 Europe/Rome")
	out = sdktest.Ask(t, env, pricing.Quote, in)
	if n := out.NotApplied; len(n) != 1 || n[0] != (pricing.NotApplied{Filler: "happyhour", Reason: "outside_hours"}) || out.Discount != 1499 {
		t.Errorf("%+v", out)
	}
}

// shop is a store of Milan with pricing, catalog and the plugin, each held to
// its manifest.
func shop(t *testing.T) *sdktest.Env {
	t.Helper()
	return plugintest.Shop(t, "../../manifests", "happyhour", happyhour.New(), []plugintest.Good{
		{Product: catalog.Product{ID: "shirt", Name: "Shirt", Line: "basic"}, Amount: 999},
		{Product: catalog.Product{ID: "coat", Name: "Coat", Line: "luxe"}, Amount: 20000},
	}, sdktest.SettingsOf("happyhour", quiet("14:00", "16:00", "basic")))
}
