package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// world is what should be on hand, by "place sku".
type world map[string]retail.Quantity

func (w world) move(from, to stock.PlaceID, list []stock.Line) {
	for _, l := range list {
		w[fmt.Sprint(from, " ", l.SKU)] -= l.Quantity
		w[fmt.Sprint(to, " ", l.SKU)] += l.Quantity
	}
}

// holds says whether a place has all lines together.
func (w world) holds(place stock.PlaceID, list []stock.Line) bool {
	after := map[string]retail.Quantity{}
	for _, l := range list {
		key := fmt.Sprint(place, " ", l.SKU)
		if after[key] += l.Quantity; after[key] > w[key] {
			return false
		}
	}
	return true
}

// short are the SKUs of which a place has less than all lines together.
func (w world) short(place stock.PlaceID, list []stock.Line) (skus []retail.SKU) {
	for _, l := range list {
		same := slices.DeleteFunc(slices.Clone(list), func(o stock.Line) bool { return o.SKU != l.SKU })
		if !w.holds(place, same) {
			skus = append(skus, l.SKU)
		}
	}
	slices.Sort(skus)
	return slices.Compact(skus)
}

// Whatever is received, moved, sold, taken back and counted, by whom and in
// which order, and whatever is refused: nothing is lost and nothing appears,
// every place holds what a book kept beside it says, only sales go below zero,
// and those say so.
func TestConservation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		e, w := setup(t), world{}
		var told int
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			told += step(rt, e, w, fmt.Sprint("doc ", i))
		}
		sound(rt, e)
		sums := map[string]retail.Quantity{}
		for cell, q := range w {
			place, sku, _ := strings.Cut(cell, " ")
			sums[sku] += q
			if got := onHand(rt, e, place, retail.SKU(sku)); !virtual(place) && got != q {
				rt.Fatalf("%s holds %d of %s, want %d", place, got, sku, q)
			}
		}
		for sku, sum := range sums {
			if sum != 0 {
				rt.Fatalf("the test's own book loses %d of %s", sum, sku)
			}
		}
		if got := len(sdktest.Emitted(e, stock.DiscrepancyFound)); got != told {
			rt.Fatalf("%d discrepancies told, want %d", got, told)
		}
	})
}

func virtual(place string) bool {
	return slices.Contains([]string{"supplier", "customer", "adjustment"}, place)
}

func onHand(t sdktest.Reporter, e *sdktest.Env, place string, sku retail.SKU) retail.Quantity {
	t.Helper()
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{sku}}).Places {
		if string(l.Place) == place {
			return l.OnHand
		}
	}
	return 0
}

// step does one random thing to stock and to the book, and answers how many
// discrepancies it must tell.
func step(t *rapid.T, e *sdktest.Env, w world, document string) int {
	list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stock.Line {
		return stock.Line{
			SKU:      retail.SKU(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "sku")),
			Quantity: retail.Quantity(rapid.Int64Range(1, 5).Draw(t, "quantity")),
		}
	}), 1, 4).Draw(t, "lines")
	place := rapid.SampledFrom([]stock.PlaceID{"MI-01", "MI-01/back", "MI-02", "WH-01", "truck"})
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		to := place.Draw(t, "to")
		run(t, e, stock.Receive, stock.ReceiveIn{To: to, Document: document, Lines: list})
		w.move(stock.Supplier, to, list)
	case 1:
		transfer(t, e, w, stock.MoveIn{From: place.Draw(t, "from"), To: place.Draw(t, "to"), Reason: stock.Transfer, Document: document, Lines: list})
	case 2:
		transfer(t, e, w, stock.MoveIn{From: place.Draw(t, "from"), To: stock.Adjustment, Reason: stock.Loss, Document: document, Lines: list})
	case 3:
		short := w.short("MI-01", list)
		run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: document, Lines: list})
		w.move("MI-01", stock.Customer, list)
		return min(len(short), 1)
	case 4:
		takeBack(t, e, w, document, list)
	case 5:
		counted(t, e, w, place.Draw(t, "counted"), document, list)
	}
	return 0
}

// transfer must be refused exactly if the book says so, and then change nothing.
func transfer(t *rapid.T, e *sdktest.Env, w world, in stock.MoveIn) {
	_, err := sdktest.Run(e, stock.Move, in)
	switch {
	case in.From == in.To:
		if sdk.ReasonOf(err) != "same_place" {
			t.Fatalf("from %s to itself: %v", in.From, err)
		}
	case !w.holds(in.From, in.Lines):
		if sdk.ReasonOf(err) != "on_hand" {
			t.Fatalf("%s does not have %v: %v", in.From, in.Lines, err)
		}
	case err != nil:
		t.Fatalf("move %v from %s: %v", in.Lines, in.From, err)
	default:
		w.move(in.From, in.To, in.Lines)
	}
}

func takeBack(t *rapid.T, e *sdktest.Env, w world, document string, list []stock.Line) {
	in := stock.TakeBackIn{Store: "MI-01", Document: document}
	for i, l := range list {
		look := rapid.Bool().Draw(t, "quarantine")
		in.Lines = append(in.Lines, stock.ReturnLine{SKU: l.SKU, Quantity: l.Quantity, Quarantine: look})
		to := stock.PlaceID("MI-01")
		if look {
			to = "MI-01/look"
		}
		w.move(stock.Customer, to, list[i:i+1])
	}
	run(t, e, stock.TakeBack, in)
}

func counted(t *rapid.T, e *sdktest.Env, w world, place stock.PlaceID, document string, list []stock.Line) {
	in := stock.CountIn{Place: place, Document: document}
	for _, l := range list {
		if slices.ContainsFunc(in.Lines, func(c stock.Counting) bool { return c.SKU == l.SKU }) {
			continue
		}
		in.Lines = append(in.Lines, stock.Counting{SKU: l.SKU, Actual: l.Quantity - 1})
		key := fmt.Sprint(place, " ", l.SKU)
		found := l.Quantity - 1 - w[key]
		w.move(stock.Adjustment, place, []stock.Line{{SKU: l.SKU, Quantity: found}})
	}
	run(t, e, stock.Count, in)
}
