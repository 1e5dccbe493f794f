package together_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/plugins/plugintest"
	"github.com/bottega-retail/bottega/plugins/together"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// line is units of an SKU that all have one price.
func line(id int64, sku retail.SKU, quantity retail.Quantity, price retail.Money, tags ...string) pricing.DiscountLine {
	return pricing.DiscountLine{
		ID: id, SKU: sku, Quantity: quantity, UnitPrice: price, Per: 1, Left: price * retail.Money(quantity),
		Product: pricing.Goods{Product: string(sku), Kind: catalog.Goods, Tags: tags, Unit: retail.Piece},
	}
}

func basket(lines ...pricing.DiscountLine) pricing.DiscountIn {
	return pricing.DiscountIn{
		Store: pricing.DiscountStore{ID: "MI-01", Zone: "Europe/Rome"}, Channel: "store", Currency: "EUR", Lines: lines,
	}
}

func skus(s ...retail.SKU) together.Part        { return together.Part{SKUs: s} }
func tags(s ...string) together.Part            { return together.Part{Tags: s} }
func of(p together.Part, n int64) together.Part { p.Quantity = retail.Quantity(n); return p }
func set(parts ...together.Part) together.Set   { return together.Set{Percent: 2000, Parts: parts} }
func sets(s ...together.Set) together.Settings  { return together.Settings{Sets: s} }
func shave() together.Settings                  { return sets(set(skus("razor"), tags("blades"))) }
func outfit() together.Settings {
	return sets(set(tags("jacket"), tags("trousers"), of(tags("shirt"), 2)))
}
func upTo(s together.Set, n int64) together.Set            { s.Max = n; return s }
func by(s together.Set, p retail.BasisPoints) together.Set { s.Percent = p; return s }

func TestRazorAndBlades(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, together.New(), sdktest.Settings(shave()))
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket(
		line(1, "blades-4", 1, 899, "blades"), line(2, "soap", 2, 350), line(3, "razor", 2, 1999), line(4, "blades-8", 3, 1599, "blades"),
	)))
}

func TestRazorAlone(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, together.New(), sdktest.Settings(shave()))
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket(line(3, "razor", 2, 1999))))
}

// What comes off each line, by the number of the line.
func TestSets(t *testing.T) {
	t.Parallel()
	weighed := line(1, "ham", 350, 2490, "ham")
	weighed.Per, weighed.Left = 1000, 872
	reduced := line(2, "blades", 2, 1000, "blades")
	reduced.Left = 1500
	for _, tt := range []struct {
		name     string
		settings together.Settings
		lines    []pricing.DiscountLine
		offs     map[int64]retail.Money
	}{
		{"one pair", shave(), []pricing.DiscountLine{line(1, "razor", 1, 2000), line(2, "blades", 1, 1000, "blades")}, map[int64]retail.Money{1: 400, 2: 200}},
		{"one pair of many units", shave(), []pricing.DiscountLine{line(1, "razor", 1, 2000), line(2, "blades", 3, 1000, "blades")}, map[int64]retail.Money{1: 400, 2: 200}},
		{"the dearest blades", shave(), []pricing.DiscountLine{line(1, "cheap", 1, 500, "blades"), line(2, "razor", 2, 2000), line(3, "dear", 1, 1000, "blades"), line(4, "cheapest", 9, 100, "blades")}, map[int64]retail.Money{1: 100, 2: 800, 3: 200}},
		{"at most one", sets(upTo(set(skus("razor"), tags("blades")), 1)), []pricing.DiscountLine{line(1, "razor", 3, 2000), line(2, "blades", 3, 1000, "blades")}, map[int64]retail.Money{1: 400, 2: 200}},
		{"a cent is rounded once, half up", sets(by(set(skus("a"), skus("b")), 1250)), []pricing.DiscountLine{line(1, "a", 1, 4), line(2, "b", 1, 3)}, map[int64]retail.Money{1: 1}},
		{"three parts, one of two", outfit(), []pricing.DiscountLine{line(1, "J", 2, 20000, "jacket"), line(2, "T", 2, 8000, "trousers"), line(3, "S", 3, 4000, "shirt")}, map[int64]retail.Money{1: 4000, 2: 1600, 3: 1600}},
		{"a part is missing", outfit(), []pricing.DiscountLine{line(1, "J", 2, 20000, "jacket"), line(2, "T", 2, 8000, "trousers"), line(3, "S", 1, 4000, "shirt")}, nil},
		{"two of the same kind", sets(set(tags("book"), tags("book"))), []pricing.DiscountLine{line(1, "B", 3, 1000, "book")}, map[int64]retail.Money{1: 400}},
		{"no unit is both of a pair", sets(set(tags("book"), tags("book"))), []pricing.DiscountLine{line(1, "B", 1, 1000, "book")}, nil},
		{"what fits both leaves room for what fits one", sets(set(tags("x"), tags("y"))), []pricing.DiscountLine{line(1, "both", 1, 5000, "x", "y"), line(2, "only x", 1, 1000, "x")}, map[int64]retail.Money{1: 1000, 2: 200}},
		{"and the other way round", sets(set(tags("y"), tags("x"))), []pricing.DiscountLine{line(1, "both", 1, 500, "x", "y"), line(2, "only x", 1, 1000, "x")}, map[int64]retail.Money{1: 100, 2: 200}},
		{"all lists of a part", sets(set(together.Part{SKUs: []retail.SKU{"a", "b"}, Tags: []string{"new"}}, skus("c"))), []pricing.DiscountLine{line(1, "a", 1, 5000), line(2, "b", 1, 1000, "new"), line(3, "c", 2, 100)}, map[int64]retail.Money{2: 200, 3: 20}},
		{"the first set has the first choice", sets(set(skus("a"), skus("b")), by(set(skus("a"), skus("c")), 5000)), []pricing.DiscountLine{line(1, "a", 1, 1000), line(2, "b", 1, 1000), line(3, "c", 1, 1000)}, map[int64]retail.Money{1: 200, 2: 200}},
		{"the second has what is left", sets(set(skus("a"), skus("b")), by(set(skus("a"), skus("c")), 5000)), []pricing.DiscountLine{line(1, "a", 3, 1000), line(2, "b", 1, 1000), line(3, "c", 1, 1000)}, map[int64]retail.Money{1: 700, 2: 200, 3: 500}},
		{"200 g of ham with a bottle", sets(set(of(tags("ham"), 200), skus("wine"))), []pricing.DiscountLine{weighed, line(2, "wine", 2, 1000)}, map[int64]retail.Money{1: 100, 2: 200}},
		{"on what promotions left", shave(), []pricing.DiscountLine{line(1, "razor", 1, 2000), reduced}, map[int64]retail.Money{1: 400, 2: 150}},
	} {
		env := sdktest.New(t, together.New(), sdktest.Settings(tt.settings))
		out := sdktest.Fill(env, pricing.Discount, basket(tt.lines...))
		got := amounts(out)
		if len(tt.offs) == 0 && out.Skipped != "set_incomplete" || len(tt.offs) > 0 && (out.Skipped != "" || !reflect.DeepEqual(got, tt.offs)) {
			t.Errorf("%s: %+v, want %v", tt.name, out, tt.offs)
		}
	}
}

func amounts(out pricing.DiscountOut) map[int64]retail.Money {
	all := map[int64]retail.Money{}
	for _, o := range out.Offs {
		all[o.Line] += o.Amount
	}
	return all
}

// A plugin that nobody has set up, or that the basket does not concern, takes nothing
// off and does not talk of itself in every quote.
func TestWhatItDoesNotSpeakOf(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]sdktest.Part{
		"no settings":             nil,
		"other goods":             {sdktest.Settings(outfit())},
		"no percentage":           {sdktest.Settings(sets(by(set(skus("razor"), tags("blades")), 0)))},
		"parts that name nothing": {sdktest.Settings(sets(set(together.Part{}, together.Part{})))},
		"a line that is no line":  {sdktest.Settings(sets(set(together.Part{Lines: []string{""}}, together.Part{Lines: []string{""}})))},
	} {
		env := sdktest.New(t, together.New(), parts...)
		in := basket(line(1, "razor", 1, 2000), line(2, "blades", 1, 1000, "blades"))
		if out := sdktest.Fill(env, pricing.Discount, in); !reflect.DeepEqual(out, pricing.DiscountOut{}) {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

// Settings that come from a backup of another version are named, not guessed at.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	six := set(skus("a"), skus("b"), skus("c"), skus("d"), skus("e"), skus("f"))
	for _, s := range []together.Set{set(), set(skus("razor")), six} {
		env := sdktest.New(t, together.New(), sdktest.Settings(sets(s)))
		filled := sdktest.Each(env, pricing.Discount, basket(line(1, "razor", 1, 2000)))
		var e *sdk.Error
		if len(filled) != 1 || !errors.As(filled[0].Err, &e) || e.Code != sdk.CodeFailedPrecondition || e.Reason != "parts" {
			t.Errorf("%d parts: %+v", len(s.Parts), filled)
		}
	}
}

// Whatever the basket: the order of its lines changes nothing, no unit counts twice,
// and there are as many sets, with goods as dear, as trying out all ways finds.
func TestEveryBasket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 1, 2)
		var s together.Set
		s.Percent = 1000
		for range rapid.IntRange(2, 3).Draw(r, "parts") {
			s.Parts = append(s.Parts, of(tags(kinds.Draw(r, "kinds")...), rapid.Int64Range(1, 2).Draw(r, "quantity")))
		}
		var lines []pricing.DiscountLine
		for i := range rapid.IntRange(1, 4).Draw(r, "lines") {
			price := retail.Money(1000 * rapid.IntRange(1, 9).Draw(r, "price"))
			lines = append(lines, line(int64(i), retail.SKU(fmt.Sprint("sku-", i)), retail.Quantity(rapid.IntRange(1, 2).Draw(r, "units")), price, kinds.Draw(r, "tags")...))
		}
		env := sdktest.New(t, together.New(), sdktest.Settings(sets(s)))
		out := amounts(sdktest.Fill(env, pricing.Discount, basket(lines...)))
		shuffled := rapid.Permutation(lines).Draw(r, "shuffled")
		if again := amounts(sdktest.Fill(env, pricing.Discount, basket(shuffled...))); !reflect.DeepEqual(out, again) {
			r.Fatalf("%v, and %v in another order", out, again)
		}
		total := retail.Money(0)
		for _, off := range out {
			total += off
		}
		if want := best(&s, lines) / 10; total != want {
			r.Fatalf("%v of %+v by %+v: %d comes off, want %d", out, lines, s.Parts, total, want)
		}
	})
}

// best is the dearest choice of goods that fills as many sets as there can be, found
// by trying: unit by unit, each place that it fits, and none.
func best(s *together.Set, lines []pricing.DiscountLine) retail.Money {
	worth := retail.Money(0)
	for n := int64(1); ; n++ {
		places := make([]int64, len(s.Parts))
		for i := range places {
			places[i] = n * int64(s.Parts[i].Quantity)
		}
		found := fill(s, lines, 0, places)
		if found < 0 {
			return worth
		}
		worth = found
	}
}

// fill is what the dearest goods cost that fill all places, -1 if none do.
func fill(s *together.Set, lines []pricing.DiscountLine, used retail.Quantity, places []int64) retail.Money {
	if len(lines) == 0 {
		for _, n := range places {
			if n > 0 {
				return -1
			}
		}
		return 0
	}
	if used == lines[0].Quantity {
		return fill(s, lines[1:], 0, places)
	}
	worth := fill(s, lines, used+1, places)
	for i := range places {
		if places[i] == 0 || !overlap(s.Parts[i].Tags, lines[0].Product.Tags) {
			continue
		}
		places[i]--
		if w := fill(s, lines, used+1, places); w >= 0 {
			worth = max(worth, w+lines[0].UnitPrice)
		}
		places[i]++
	}
	return worth
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// In a quote the sets work on what promotions left, however the lines are written,
// and pricing names them.
func TestInAQuote(t *testing.T) {
	t.Parallel()
	env := shop(t)
	tenth := pricing.Promotion{ID: "tenth", Name: "Tenth", Goods: pricing.Selection{SKUs: []retail.SKU{"razor"}}, Effects: []pricing.Effect{{Percent: 1000}}}
	sdktest.Do(t, env, pricing.PutPromotion, tenth)
	sdktest.Do(t, env, pricing.Publish, pricing.PublishIn{ID: tenth.ID})
	// 19.99 less a tenth, 2.00, is 17.99, of which 20 % is 3.598; 8.99 of 26.97 gives 1.798.
	want := []pricing.Applied{{Promotion: "tenth", Version: 1, Name: "Tenth", Amount: 200}, {Filler: "together", Reason: "together", Amount: 360 + 180}}
	for _, lines := range [][]pricing.QuoteLine{
		{{SKU: "razor", Quantity: 1}, {SKU: "blades", Quantity: 3}},
		{{SKU: "blades", Quantity: 1}, {SKU: "razor", Quantity: 1}, {SKU: "blades", Quantity: 2}},
	} {
		out := sdktest.Ask(t, env, pricing.Quote, pricing.QuoteIn{Store: "MI-01", Lines: lines})
		if !reflect.DeepEqual(out.Applied, want) || len(out.NotApplied) != 0 || out.Total != 1999+3*899-740 {
			t.Errorf("%+v: applied %+v, not applied %+v, total %d", lines, out.Applied, out.NotApplied, out.Total)
		}
	}
	out := sdktest.Ask(t, env, pricing.Quote, pricing.QuoteIn{Store: "MI-01", Lines: []pricing.QuoteLine{{SKU: "blades", Quantity: 3}}})
	if n := out.NotApplied; len(n) != 1 || n[0].Filler != "together" || n[0].Reason != "set_incomplete" {
		t.Errorf("%+v", n)
	}
}

// shop is a store of Milan with pricing, catalog and the plugin, each held to
// its manifest.
func shop(t *testing.T) *sdktest.Env {
	t.Helper()
	return plugintest.Shop(t, "../../manifests", "together", together.New(), []plugintest.Good{
		{Product: catalog.Product{ID: "razor", Name: "Razor"}, Amount: 1999},
		{Product: catalog.Product{ID: "blades", Name: "Blades", Tags: []string{"blades"}}, Amount: 899},
	}, sdktest.SettingsOf("together", shave()))
}
