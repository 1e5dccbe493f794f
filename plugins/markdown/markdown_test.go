package markdown_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/plugins/markdown"
	"github.com/bottega-retail/bottega/plugins/plugintest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

const rome = retail.Zone("Europe/Rome")

// Goods of a fashion store, by what they are.
var (
	dress    = pricing.Goods{Product: "dress", Kind: catalog.Goods, Season: "SS26", Line: "sera", Tags: []string{"seta"}}
	sandal   = pricing.Goods{Product: "sandal", Kind: catalog.Goods, Season: "SS26", Line: "scarpe"}
	coat     = pricing.Goods{Product: "coat", Kind: catalog.Goods, Season: "FW26", Line: "sera"}
	shirt    = pricing.Goods{Product: "shirt", Kind: catalog.Goods, Season: "SS26", Tags: []string{"continuativo"}}
	umbrella = pricing.Goods{Product: "umbrella", Kind: catalog.Goods}
)

// basket is one of each, in a store of a zone.
func basket(at retail.Instant, zone retail.Zone, goods ...pricing.Goods) pricing.DiscountIn {
	in := pricing.DiscountIn{
		Store: pricing.DiscountStore{ID: "MI-01", Zone: zone}, Channel: "store", Currency: "EUR", At: at,
		Lines: make([]pricing.DiscountLine, len(goods)),
	}
	for i, g := range goods {
		in.Lines[i] = pricing.DiscountLine{
			ID: int64(10 + i), SKU: retail.SKU(g.Product), Quantity: 1, UnitPrice: 8000, Per: 1, Left: 8000, Product: g,
		}
	}
	return in
}

// summer is what a retailer would fill in: the season came out on a Thursday, the
// evening line in it two weeks later.
func summer() markdown.Settings {
	return markdown.Settings{
		Steps: []markdown.Step{{Weeks: 16, Percent: 3000}, {Weeks: 12, Percent: 2000}, {Weeks: 22, Percent: 5000}},
		Collections: []markdown.Collection{
			{Season: "SS26", Line: "sera", Start: "2026-02-19"},
			{Season: "SS26", Start: "2026-02-05"},
		},
		ExceptTags: []string{"continuativo"},
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, markdown.New(), sdktest.Settings(summer()))
	env.At("2026-06-01 11:00 Europe/Rome")
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket(env.Now(), rome, dress, sandal, coat, shirt, umbrella)))
}

func TestAllTooNew(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, markdown.New(), sdktest.Settings(summer()))
	env.At("2026-04-20 11:00 Europe/Rome")
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket(env.Now(), rome, dress, umbrella)))
}

// Weeks begin at midnight of the store, also those that a change of the clocks makes
// an hour shorter or longer: twelve weeks from 5 February go over 29 March.
func TestAge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		start   retail.Date
		at      string
		zone    retail.Zone
		percent retail.BasisPoints
	}{
		{"before it came out", "2026-02-05", "2026-02-04 23:59:59 Europe/Rome", rome, 0},
		{"new", "2026-02-05", "2026-02-05 00:00 Europe/Rome", rome, 0},
		{"a second before twelve weeks", "2026-02-05", "2026-04-29 21:59:59", rome, 0},
		{"twelve weeks, in summer time", "2026-02-05", "2026-04-29 22:00", rome, 2000},
		{"a second before sixteen", "2026-02-05", "2026-05-27 23:59:59 Europe/Rome", rome, 2000},
		{"sixteen weeks", "2026-02-05", "2026-05-28 00:00 Europe/Rome", rome, 3000},
		{"the last step goes on", "2026-02-05", "2030-01-01 00:00 Europe/Rome", rome, 5000},
		{"autumn: a second before", "2026-09-03", "2026-11-25 22:59:59", rome, 0},
		{"autumn: twelve weeks, in winter time", "2026-09-03", "2026-11-25 23:00", rome, 2000},
		{"on the short day: a second before", "2026-01-04", "2026-03-28 22:59:59", rome, 0},
		{"on the short day", "2026-01-04", "2026-03-28 23:00", rome, 2000},
		{"on the long day: a second before", "2026-08-02", "2026-10-24 21:59:59", rome, 0},
		{"on the long day", "2026-08-02", "2026-10-24 22:00", rome, 2000},
		{"each store by its own clock: Lisbon later", "2026-02-05", "2026-04-29 22:00", "Europe/Lisbon", 0},
		{"an hour", "2026-02-05", "2026-04-29 23:00", "Europe/Lisbon", 2000},
		{"over a leap day", "2027-12-09", "2028-03-01 23:59:59 Europe/Rome", rome, 0},
		{"which is a day like others", "2027-12-09", "2028-03-02 00:00 Europe/Rome", rome, 2000},
	} {
		s := summer()
		s.Collections = []markdown.Collection{{Season: "SS26", Start: tt.start}}
		env := sdktest.New(t, markdown.New(), sdktest.Settings(s))
		env.At(tt.at)
		out := sdktest.Fill(env, pricing.Discount, basket(env.Now(), tt.zone, sandal))
		want := pricing.DiscountOut{Skipped: "too_new"}
		if tt.percent > 0 {
			want = pricing.DiscountOut{}
			want.Off(10, tt.percent, "markdown")
		}
		if !reflect.DeepEqual(out, want) {
			t.Errorf("%s: %+v, want %+v", tt.name, out, want)
		}
	}
}

// In Lombardy sales promotions stop thirty days before the sales begin.
func TestPauses(t *testing.T) {
	t.Parallel()
	s := summer()
	s.Pauses = []markdown.Pause{{First: "2026-06-04", Last: "2026-07-03", Stores: []retail.StoreID{"MI-01", "BG-01"}}, {First: "2026-08-15", Last: "2026-08-15"}}
	for _, tt := range []struct {
		name, at string
		store    retail.StoreID
		paused   bool
	}{
		{"the second before", "2026-06-03 23:59:59 Europe/Rome", "MI-01", false},
		{"the first instant", "2026-06-04 00:00 Europe/Rome", "MI-01", true},
		{"the last second", "2026-07-03 23:59:59 Europe/Rome", "MI-01", true},
		{"the first instant after", "2026-07-04 00:00 Europe/Rome", "MI-01", false},
		{"elsewhere", "2026-06-20 12:00 Europe/Rome", "RM-01", false},
		{"everywhere", "2026-08-15 12:00 Europe/Rome", "RM-01", true},
	} {
		env := sdktest.New(t, markdown.New(), sdktest.Settings(s))
		env.At(tt.at)
		in := basket(env.Now(), rome, sandal)
		in.Store.ID = tt.store
		out := sdktest.Fill(env, pricing.Discount, in)
		if (out.Skipped == "markdown_pause") != tt.paused || (len(out.Offs) == 0) != tt.paused {
			t.Errorf("%s: %+v", tt.name, out)
		}
	}
}

// A plugin that nobody has set up, or that the basket does not concern, takes nothing
// off and does not talk of itself in every quote.
func TestWhatItDoesNotSpeakOf(t *testing.T) {
	t.Parallel()
	old := summer()
	old.Collections = append(old.Collections, markdown.Collection{Start: "2020-01-01"})
	paused := summer()
	paused.Pauses = []markdown.Pause{{First: "2026-01-01", Last: "2026-12-31"}}
	for name, tt := range map[string]struct {
		parts []sdktest.Part
		goods pricing.Goods
	}{
		"no settings":                      {nil, sandal},
		"no collections":                   {[]sdktest.Part{sdktest.Settings(markdown.Settings{Steps: summer().Steps})}, sandal},
		"goods of no collection":           {[]sdktest.Part{sdktest.Settings(summer())}, umbrella},
		"a collection that names nothing":  {[]sdktest.Part{sdktest.Settings(old)}, umbrella},
		"goods that are always there":      {[]sdktest.Part{sdktest.Settings(summer())}, shirt},
		"a pause that goods do not notice": {[]sdktest.Part{sdktest.Settings(paused)}, umbrella},
	} {
		env := sdktest.New(t, markdown.New(), tt.parts...)
		env.At("2026-12-01 11:00 Europe/Rome")
		if out := sdktest.Fill(env, pricing.Discount, basket(env.Now(), rome, tt.goods)); !reflect.DeepEqual(out, pricing.DiscountOut{}) {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

// Dates that are none are a mistake to be named, not days that never come.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	with := func(change func(*markdown.Settings)) markdown.Settings {
		s := summer()
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		settings markdown.Settings
		zone     retail.Zone
		reason   string
	}{
		"no first day":       {with(func(s *markdown.Settings) { s.Collections[1].Start = "" }), rome, "date"},
		"a day of no month":  {with(func(s *markdown.Settings) { s.Collections[0].Start = "2026-02-30" }), rome, "date"},
		"as Italians write":  {with(func(s *markdown.Settings) { s.Collections[0].Start = "05/02/2026" }), rome, "date"},
		"a pause of one end": {with(func(s *markdown.Settings) { s.Pauses = []markdown.Pause{{First: "2026-06-04"}} }), rome, "date"},
		"a zone of nobody":   {summer(), "Europe/Atlantis", "zone"},
	} {
		env := sdktest.New(t, markdown.New(), sdktest.Settings(tt.settings))
		filled := sdktest.Each(env, pricing.Discount, basket(env.Now(), tt.zone, umbrella))
		var e *sdk.Error
		if len(filled) != 1 || !errors.As(filled[0].Err, &e) || e.Code != sdk.CodeFailedPrecondition || e.Reason != tt.reason || e.Message == "" {
			t.Errorf("%s: %+v", name, filled)
		}
	}
}

// In a quote the markdown works on what promotions left, and pricing names it.
func TestInAQuote(t *testing.T) {
	t.Parallel()
	env := shop(t)
	tenth := pricing.Promotion{ID: "tenth", Name: "Tenth", Goods: pricing.Selection{Seasons: []string{"SS26"}}, Effects: []pricing.Effect{{Percent: 1000}}}
	sdktest.Do(t, env, pricing.PutPromotion, tenth)
	sdktest.Do(t, env, pricing.Publish, pricing.PublishIn{ID: tenth.ID})
	in := pricing.QuoteIn{Store: "MI-01", Lines: []pricing.QuoteLine{{SKU: "sandal", Quantity: 1}, {SKU: "coat", Quantity: 1}, {SKU: "sandal", Quantity: 2}}}
	env.At("2026-04-30 00:00 Europe/Rome")
	out := sdktest.Ask(t, env, pricing.Quote, in)
	// 3 × 39.99 = 119.97; a tenth is 11.997, 12.00; 20 % of the 107.97 left is 21.594.
	want := []pricing.Applied{{Promotion: "tenth", Version: 1, Name: "Tenth", Amount: 1200}, {Filler: "markdown", Reason: "markdown", Amount: 2159}}
	if !reflect.DeepEqual(out.Applied, want) || len(out.NotApplied) != 0 || out.Total != 11997-1200-2159+20000 {
		t.Errorf("applied %+v, not applied %+v, total %d", out.Applied, out.NotApplied, out.Total)
	}
	env.At("2026-04-29 23:59:59 Europe/Rome")
	out = sdktest.Ask(t, env, pricing.Quote, in)
	if n := out.NotApplied; len(n) != 1 || n[0].Filler != "markdown" || n[0].Reason != "too_new" || out.Discount != 1200 {
		t.Errorf("%+v", out)
	}
}

// shop is a store of Milan with pricing, catalog and the plugin, each held to
// its manifest.
func shop(t *testing.T) *sdktest.Env {
	t.Helper()
	return plugintest.Shop(t, "../../manifests", "markdown", markdown.New(), []plugintest.Good{
		{Product: catalog.Product{ID: "sandal", Name: "Sandal", Season: "SS26"}, Amount: 3999},
		{Product: catalog.Product{ID: "coat", Name: "Coat", Season: "FW26"}, Amount: 20000},
	}, sdktest.SettingsOf("markdown", summer()))
}
