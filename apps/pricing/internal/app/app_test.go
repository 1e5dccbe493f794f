package app

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// shop is a store of Milan and a web shop with goods and a price list, over the
// real catalog, held to the grants of the manifest.
func shop(t *testing.T, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	paper, err := os.ReadFile("../../../../manifests/pricing.json")
	if err != nil {
		t.Fatal(err)
	}
	env := sdktest.New(t, New(), append(parts, sdktest.With(catalogtest.New()), sdktest.Manifest(paper))...)
	env.At("2026-11-21 17:05 Europe/Rome")
	must(sdktest.Run(env, catalog.PutEntity, catalog.Entity{ID: "IT01", Name: "Emporio", Country: "IT"}))(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "MI-01", Name: "Milano", Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "WEB", Name: "Web", Kind: catalog.Web, Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	must(sdktest.Run(env, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "22", Rates: []catalog.VATRate{{Rate: 2200}}}))(t)
	vat := []catalog.ProductVAT{{Class: "standard"}}
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		{ID: "shirt", Name: "Shirt", Brand: "alba", Line: "basic", VAT: vat, Variants: []catalog.Variant{{SKU: "shirt"}}},
		{ID: "coat", Name: "Coat", Brand: "alba", Line: "luxe", VAT: vat, Variants: []catalog.Variant{{SKU: "coat"}}},
		{ID: "ham", Name: "Ham", Unit: retail.Gram, VAT: vat, Variants: []catalog.Variant{{SKU: "ham"}}},
		{ID: "gift", Name: "Gift card", Kind: catalog.GiftCard, VAT: vat, Variants: []catalog.Variant{{SKU: "gift"}}},
	}}))(t)
	list(t, env, pricing.List{ID: "base", Name: "Base", Currency: "EUR"},
		pricing.Entry{SKU: "shirt", Amount: 3000, Breaks: []pricing.Break{{MinQuantity: 3, Amount: 2500}, {MinQuantity: 10, Amount: 2000}}},
		pricing.Entry{SKU: "coat", Amount: 20000}, pricing.Entry{SKU: "ham", Amount: 2890}, pricing.Entry{SKU: "gift", Amount: 5000})
	return env
}

func list(t *testing.T, env *sdktest.Env, l pricing.List, prices ...pricing.Entry) {
	t.Helper()
	must(sdktest.Run(env, pricing.PutList, l))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, Entries: prices}))(t)
}

// goLive puts a promotion and publishes it, whatever lint says.
func goLive(t *testing.T, env *sdktest.Env, p pricing.Promotion) pricing.Promotion {
	t.Helper()
	p.Name = p.ID
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	return must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: p.ID, Accept: everyWarning}))(t).Promotion
}

// everyWarning is what lint may warn of.
var everyWarning = []string{"overlap", "collision", "unreachable", "below_floor", "unfunded", "no_cost"}

// percentOff is an effect.
func percentOff(rate retail.BasisPoints) []pricing.Effect { return []pricing.Effect{{Percent: rate}} }

// atLeast is a condition on quantity or amount.
func atLeast(n int64) *pricing.Range { return &pricing.Range{Min: &n} }

// must fails a test on an error; it takes a call's two results at once.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refuses fails a test unless err has a code, a reason and a pointer.
func refuses(t *testing.T, err error, code sdk.Code, reason, pointer string) {
	t.Helper()
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code != code || e.Reason != reason || e.Pointer != pointer {
		t.Fatalf("%v; want %s (%s) at %q", err, code, reason, pointer)
	}
}

func cart(lines ...pricing.QuoteLine) pricing.QuoteIn {
	return pricing.QuoteIn{Store: "MI-01", Lines: lines}
}

func of(sku retail.SKU, quantity retail.Quantity) pricing.QuoteLine {
	return pricing.QuoteLine{SKU: sku, Quantity: quantity}
}

// A quote says what each line costs, what applied, what nearly did, and the VAT.
func TestQuote(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{
		ID: "basic-20", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(2000), Stacking: pricing.Stacking{Priority: 10},
	})
	goLive(t, env, pricing.Promotion{
		ID: "alba-10", Goods: pricing.Selection{Brands: []string{"alba"}},
		Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 1000}}},
	})
	goLive(t, env, pricing.Promotion{ID: "web", For: pricing.Audience{Channels: []retail.Channel{"web"}}, Effects: percentOff(500)})
	goLive(t, env, pricing.Promotion{ID: "gold", For: pricing.Audience{CustomerGroups: []string{"gold"}}, Effects: percentOff(500)})
	goLive(t, env, pricing.Promotion{
		ID: "many", Goods: pricing.Selection{SKUs: []retail.SKU{"shirt"}}, If: []pricing.Condition{{Quantity: atLeast(5)}}, Effects: percentOff(500),
	})
	in := cart(of("shirt", 3), of("ham", 335), of("coat", 1))
	in.Lines[0].ID = "first"
	sdktest.Golden(t, must(sdktest.Call(env, pricing.Quote, in))(t))
}

// The best eligible list that knows a SKU prices it; others fill its gaps.
func TestLists(t *testing.T) {
	t.Parallel()
	env := shop(t)
	days := must(retail.Zone("Europe/Rome").Days("2026-11-27", "2026-11-27"))(t)
	list(t, env, pricing.List{ID: "web", Name: "Web", Currency: "EUR", Channels: []retail.Channel{"web"}, Priority: 5}, pricing.Entry{SKU: "shirt", Amount: 2800})
	list(t, env, pricing.List{ID: "friday", Name: "Friday", Currency: "EUR", Period: days, Priority: 9}, pricing.Entry{SKU: "shirt", Amount: 1900})
	list(t, env, pricing.List{ID: "gold", Name: "Gold", Currency: "EUR", CustomerGroups: []string{"gold"}, Priority: 7}, pricing.Entry{SKU: "coat", Amount: 15000})
	list(t, env, pricing.List{ID: "rome", Name: "Rome", Currency: "EUR", Stores: []retail.StoreID{"RM-01"}, Priority: 99}, pricing.Entry{SKU: "shirt", Amount: 1})
	list(t, env, pricing.List{ID: "dollars", Name: "Dollars", Currency: "USD", Priority: 99}, pricing.Entry{SKU: "shirt", Amount: 2})
	list(t, env, pricing.List{ID: "aaa", Name: "Tie", Currency: "EUR"}, pricing.Entry{SKU: "coat", Amount: 19999})
	at := func(text string) retail.Instant {
		day, clock, _ := strings.Cut(text, " ")
		return must(retail.Zone("Europe/Rome").Start(retail.Date(day), retail.LocalTime(clock)))(t)
	}
	for name, tt := range map[string]struct {
		in          pricing.PriceIn
		shirt, coat string
	}{
		"base, and the tie goes to the lower id": {pricing.PriceIn{Store: "MI-01"}, "3000 base", "19999 aaa"},
		"break":                                  {pricing.PriceIn{Store: "MI-01", Quantity: 3}, "2500 base", "19999 aaa"},
		"highest break":                          {pricing.PriceIn{Store: "MI-01", Quantity: 40}, "2000 base", "19999 aaa"},
		"the store's channel":                    {pricing.PriceIn{Store: "WEB"}, "2800 web", "19999 aaa"},
		"another channel":                        {pricing.PriceIn{Store: "MI-01", Channel: "web"}, "2800 web", "19999 aaa"},
		"customer group":                         {pricing.PriceIn{Store: "MI-01", CustomerGroups: []string{"silver", "gold"}}, "3000 base", "15000 gold"},
		"the first instant of a day":             {pricing.PriceIn{Store: "MI-01", At: at("2026-11-27 00:00")}, "1900 friday", "19999 aaa"},
		"the last minute of it":                  {pricing.PriceIn{Store: "MI-01", At: at("2026-11-27 23:59")}, "1900 friday", "19999 aaa"},
		"the first minute after":                 {pricing.PriceIn{Store: "MI-01", At: at("2026-11-28 00:00")}, "3000 base", "19999 aaa"},
	} {
		tt.in.SKUs = []retail.SKU{"shirt", "coat"}
		out := must(sdktest.Call(env, pricing.Price, tt.in))(t)
		var got []string
		for _, p := range out.Prices {
			got = append(got, strings.TrimSuffix(p.Amount.Format(""), " ")+" "+p.List)
		}
		want := []string{cents(tt.shirt), cents(tt.coat)}
		if !slices.Equal(got, want) || out.Currency != "EUR" {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// cents turns "3000 base" into "30.00 base".
func cents(s string) string {
	amount, id, _ := strings.Cut(s, " ")
	return amount[:len(amount)-2] + "." + amount[len(amount)-2:] + " " + id
}

// Breaks count the units of all lines.
func TestBreaksCountLinesTogether(t *testing.T) {
	t.Parallel()
	env := shop(t)
	out := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 2), of("coat", 1), of("shirt", 1))))(t)
	if out.Total != 3*2500+20000 || out.Lines[0].UnitPrice != 2500 {
		t.Errorf("%+v", out)
	}
}

func TestRefusedQuotes(t *testing.T) {
	t.Parallel()
	env := shop(t)
	below := retail.Money(-1)
	for name, tt := range map[string]struct {
		in              pricing.QuoteIn
		code            sdk.Code
		reason, pointer string
	}{
		"no lines":       {cart(), sdk.CodeInvalid, "lines", "/lines"},
		"no quantity":    {cart(of("shirt", 1), of("coat", 0)), sdk.CodeInvalid, "quantity", "/lines/1/quantity"},
		"unknown SKU":    {cart(of("shirt", 1), of("shirt", 1), of("nil", 1)), sdk.CodeNotFound, "sku", "/lines/2/sku"},
		"unknown store":  {pricing.QuoteIn{Store: "XX", Lines: []pricing.QuoteLine{of("shirt", 1)}}, sdk.CodeNotFound, "store", "/store"},
		"an id twice":    {cart(pricing.QuoteLine{ID: "2", SKU: "shirt", Quantity: 1}, of("coat", 1)), sdk.CodeInvalid, "line_id", "/lines/1/id"},
		"price below 0":  {cart(pricing.QuoteLine{SKU: "shirt", Quantity: 1, PriceOverride: &below}), sdk.CodeInvalid, "price_override", "/lines/0/price_override"},
		"gift card":      {cart(pricing.QuoteLine{SKU: "gift", Quantity: 1, PriceOverride: new(retail.Money)}), sdk.CodeInvalid, "price_override", "/lines/0/price_override"},
		"too many lines": {cart(make([]pricing.QuoteLine, pricing.MaxLines+1)...), sdk.CodeTooLarge, "lines", ""},
	} {
		_, err := sdktest.Call(env, pricing.Quote, tt.in)
		t.Run(name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Remove: []retail.SKU{"coat"}}))(t)
	_, err := sdktest.Call(env, pricing.Quote, cart(of("shirt", 1), of("coat", 1)))
	refuses(t, err, sdk.CodeNotFound, "no_price", "/lines/1/sku")
	_, err = sdktest.Call(env, pricing.Price, pricing.PriceIn{Store: "MI-01", SKUs: []retail.SKU{"shirt", "coat"}})
	refuses(t, err, sdk.CodeNotFound, "no_price", "/skus/1")
}

// Stored value is priced, and no promotion touches it or counts it.
func TestGiftCards(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{ID: "all", If: []pricing.Condition{{Amount: atLeast(6000)}}, Effects: percentOff(1000)})
	out := must(sdktest.Call(env, pricing.Quote, cart(of("gift", 1), of("shirt", 1))))(t)
	if out.Total != 8000 || len(out.NotApplied) != 1 || out.NotApplied[0].Missing.Amount != 3000 {
		t.Errorf("%+v", out)
	}
}

// Fillers of the discount slot see what promotions left and may propose; one
// that fails, or proposes what cannot be, is skipped and named.
func TestDiscountSlot(t *testing.T) {
	t.Parallel()
	var seen pricing.DiscountIn
	env := shop(t, sdktest.Stub(pricing.Discount.Fill(func(_ *sdk.View, in pricing.DiscountIn) (out pricing.DiscountOut, err error) {
		seen = in
		for _, l := range in.Lines {
			switch l.SKU {
			case "shirt":
				out.Off(l.ID, 1000, "happy_hour")
			case "ham":
				out.OffAmount(l.ID, 100, "last_slice")
			}
		}
		if len(in.Lines) == 1 {
			out.Off(99, 1000, "nobody")
		}
		return out, nil
	})))
	goLive(t, env, pricing.Promotion{ID: "half", Goods: pricing.Selection{Lines: []string{"basic"}}, Effects: percentOff(5000)})
	goLive(t, env, pricing.Promotion{
		ID: "luxe", Goods: pricing.Selection{Lines: []string{"luxe"}}, Effects: percentOff(5000),
		Stacking: pricing.Stacking{Exclusive: pricing.ExclusiveGoods},
	})
	out := must(sdktest.Call(env, pricing.Quote, cart(of("coat", 1), of("shirt", 2), of("ham", 100), of("gift", 1))))(t)
	if out.Total != 10000+(6000-3000-300)+(289-100)+5000 {
		t.Errorf("total %d: %+v", out.Total, out.Applied)
	}
	if l := seen.Lines; len(l) != 2 || l[0].SKU != "ham" || l[1].Left != 3000 || l[1].Product.Line != "basic" || seen.Store.Zone != "Europe/Rome" {
		t.Errorf("the filler saw %+v", seen)
	}
	if a := out.Lines[1].Applied; len(a) != 2 || a[1].Filler == "" || a[1].Reason != "happy_hour" || a[1].Amount != 300 {
		t.Errorf("%+v", a)
	}
	out = must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t)
	if n := out.NotApplied; len(n) != 1 || n[0].Reason != pricing.FillerRefused || out.Total != 1350 {
		t.Errorf("%+v", out)
	}
}

// What a filler says is bounded: it must not be able to make a quote too long
// to be answered. Less than half a cent is nobody's fault.
func TestFillersThatSayTooMuch(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxID+1)
	for name, tt := range map[string]struct {
		out    pricing.DiscountOut
		total  retail.Money
		reason string
	}{
		"a long reason":         {pricing.DiscountOut{Offs: []pricing.DiscountOff{{Line: 0, Percent: 1000, Reason: long}}}, 3000, "filler_refused"},
		"a long excuse":         {pricing.DiscountOut{Skipped: long}, 3000, "filler_refused"},
		"one line twice":        {pricing.DiscountOut{Offs: []pricing.DiscountOff{{Line: 0, Amount: 1, Reason: "a"}, {Line: 0, Amount: 1, Reason: "b"}}}, 2999, "filler_refused"},
		"percent and amount":    {pricing.DiscountOut{Offs: []pricing.DiscountOff{{Line: 0, Percent: 1000, Amount: 1}}}, 3000, "filler_refused"},
		"neither":               {pricing.DiscountOut{Offs: []pricing.DiscountOff{{Line: 0, Reason: "nothing"}}}, 3000, "filler_refused"},
		"less than half a cent": {pricing.DiscountOut{Offs: []pricing.DiscountOff{{Line: 0, Percent: 1}}}, 3000, "nothing_left"},
		"an excuse":             {pricing.DiscountOut{Skipped: long[1:]}, 3000, long[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := shop(t, sdktest.Stub(pricing.Discount.Fill(func(*sdk.View, pricing.DiscountIn) (pricing.DiscountOut, error) { return tt.out, nil })))
			out := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t)
			if out.Total != tt.total || len(out.NotApplied) != 1 || string(out.NotApplied[0].Reason) != tt.reason {
				t.Errorf("%+v", out)
			}
		})
	}
}

func TestFillerThatFails(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Stub(pricing.Discount.Fill(func(*sdk.View, pricing.DiscountIn) (pricing.DiscountOut, error) {
		return pricing.DiscountOut{}, errors.New("broken")
	})))
	out := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t)
	if n := out.NotApplied; len(n) != 1 || n[0].Reason != "filler_failed" || n[0].Filler == "" || out.Total != 3000 {
		t.Errorf("%+v", out)
	}
}
