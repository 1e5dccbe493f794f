package price

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// world is a basket and rules over a few shared attributes, so that rules meet
// goods and one another.
type world struct {
	policy   Policy
	place    Place
	lines    []Line
	shipping []Shipping
	rules    []Candidate
}

func drawWorld(t *rapid.T) world {
	w := world{place: Place{Store: "MI-01", Channel: "store", Customer: "anna", Groups: []string{"vip"}, At: 1_000, Currency: "EUR"}}
	w.lines = rapid.SliceOfN(rapid.Custom(drawLine), 1, 6).Draw(t, "lines")
	for i := range w.lines { // a SKU has one price and one nature
		for _, first := range w.lines[:i] {
			if first.SKU == w.lines[i].SKU {
				quantity, manual := w.lines[i].Quantity, w.lines[i].Manual
				w.lines[i] = first
				w.lines[i].Quantity, w.lines[i].Manual = quantity, manual
			}
		}
	}
	if oneIn(t, 3, "ship") {
		w.shipping = []Shipping{{Method: "express", Amount: 990, VAT: 2200}}
	}
	w.rules = rapid.SliceOfN(rapid.Custom(drawCandidate), 0, 5).Draw(t, "rules")
	for i := range w.rules {
		w.rules[i].Rule.ID = fmt.Sprintf("r%d", i)
	}
	w.policy = drawPolicy(t)
	return w
}

func oneIn(t *rapid.T, n int, what string) bool { return rapid.IntRange(1, n).Draw(t, what) == n }

// drawPolicy leaves most choices at their default, and never chooses what promises
// less: line by line or unit by unit, the order of lines counts.
func drawPolicy(t *rapid.T) Policy {
	if !oneIn(t, 3, "policy") {
		return Policy{}
	}
	return Policy{
		Order:         rapid.SampledFrom([]Order{ByPriority, ByValue, ByNominal}).Draw(t, "order"),
		Together:      rapid.Bool().Draw(t, "together"),
		AnyExclusive:  rapid.Bool().Draw(t, "any exclusive"),
		ConditionBase: rapid.SampledFrom([]Measure{BeforeThis, ByList, AfterAllLine}).Draw(t, "conditions"),
		LaneMode:      rapid.SampledFrom([]Mode{All, Best, BestPerLine}).Draw(t, "lanes"),
		Proration:     rapid.SampledFrom([]Proration{LargestRemainder, HalfUpLast, RoundEachFirst, FloorFirst}).Draw(t, "share"),
		Rounding:      rapid.SampledFrom([]Rounding{HalfUp, HalfEven, HalfDown, Down, Up}).Draw(t, "round"),
		RoundAt:       rapid.SampledFrom([]Level{Usual, PerLine, PerOrder}).Draw(t, "level"),
		AmountVAT:     rapid.SampledFrom([]VAT{AsPriced, Gross, Net}).Draw(t, "amounts"),
		UnitBase:      rapid.SampledFrom([]UnitBase{PickedUnits, ListUnits, ListUnitsLess}).Draw(t, "units"),
		Lose:          rapid.Bool().Draw(t, "lose"),
		Search:        rapid.SampledFrom([]int{0, 1}).Draw(t, "search"),
	}
}

func drawLine(t *rapid.T) Line {
	l := Line{
		SKU:      rapid.SampledFrom([]retail.SKU{"a", "b", "c", "d", "e"}).Draw(t, "sku"),
		Quantity: retail.Quantity(rapid.SampledFrom([]int64{1, 1, 1, 2, 3, 37}).Draw(t, "quantity")),
		Unit:     retail.Money(rapid.SampledFrom([]int64{1001, 1001, 1001, 333, 1, 0, 2989}).Draw(t, "unit")), // equal ones tie
		Per:      rapid.SampledFrom([]retail.Quantity{1, 1, 1, 1000}).Draw(t, "per"),
		Manual:   oneIn(t, 10, "manual"),
		Stored:   oneIn(t, 12, "stored"),
		VAT:      rapid.SampledFrom([]retail.BasisPoints{400, 1000, 2200}).Draw(t, "vat"),
		Goods: Goods{
			Brand: rapid.SampledFrom([]string{"", "alba", "notte"}).Draw(t, "brand"),
			Line:  rapid.SampledFrom([]string{"", "basic", "luxe"}).Draw(t, "line"),
		},
	}
	if oneIn(t, 5, "floor") {
		l.Floor = l.Unit / 2
	}
	if oneIn(t, 4, "cost") {
		cost := l.Unit / 3
		l.Cost = &cost
	}
	return l
}

func drawCandidate(t *rapid.T) Candidate {
	r := &Rule{
		Version: 1,
		Goods:   drawSelection(t),
		From:    rapid.SampledFrom([]retail.Instant{0, 0, 0, 1_000, 1_001}).Draw(t, "from"),
		To:      rapid.SampledFrom([]retail.Instant{0, 0, 0, 1_000, 1_001}).Draw(t, "to"),
		For:     Audience{Stores: rapid.SampledFrom([][]retail.StoreID{nil, nil, nil, nil, {"RM-01"}}).Draw(t, "stores")},
		If:      rapid.SliceOfN(rapid.Custom(drawCondition), 0, 1).Draw(t, "if"),
		Effects: rapid.SliceOfN(rapid.Custom(drawEffect), 1, 2).Draw(t, "effects"),
		Stacking: Stacking{
			Catalog:   oneIn(t, 8, "catalog"),
			Lane:      rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(t, "lane"),
			Priority:  rapid.Int64Range(0, 2).Draw(t, "priority"),
			Group:     rapid.SampledFrom([]string{"", "", "", "g", "h"}).Draw(t, "group"),
			Exclusive: rapid.SampledFrom([]Exclusive{NotExclusive, NotExclusive, NotExclusive, ExclusiveGoods, ExclusiveGoods, ExclusiveGroup, ExclusiveLane, ExclusiveAll}).Draw(t, "exclusive"),
			Base:      rapid.SampledFrom([]Base{Remaining, Remaining, AtStart, OnList}).Draw(t, "base"),
		},
	}
	if r.Stacking.Group != "" {
		r.Stacking.Mode = rapid.SampledFrom([]Mode{Best, Best, BestPerLine, All}).Draw(t, "mode")
	}
	if oneIn(t, 5, "cap") {
		r.Cap = 700
	}
	if oneIn(t, 6, "floor") {
		r.Floor = &Floor{Margin: 1_000}
	}
	c := Candidate{Rule: r}
	if oneIn(t, 6, "budget") {
		left := retail.Money(rapid.SampledFrom([]int64{0, 500, 5_000}).Draw(t, "budget"))
		c.Budget, r.Partial = &left, rapid.Bool().Draw(t, "partial")
	}
	if oneIn(t, 10, "code") {
		r.NeedsCode, c.Code = true, rapid.SampledFrom([]string{"", "X"}).Draw(t, "code")
	}
	return c
}

func drawSelection(t *rapid.T) Selection {
	s := Selection{
		Brands: rapid.SampledFrom([][]string{nil, nil, {"alba"}, {"alba", "notte"}}).Draw(t, "brands"),
		Lines:  rapid.SampledFrom([][]string{nil, nil, {"basic"}}).Draw(t, "rule lines"),
		SKUs:   rapid.SampledFrom([][]retail.SKU{nil, nil, {"a", "b"}, {"c"}}).Draw(t, "skus"),
	}
	if oneIn(t, 8, "reduced") {
		is := rapid.Bool().Draw(t, "reduced")
		s.Reduced = &is
	}
	return s
}

func drawCondition(t *rapid.T) Condition {
	c := Condition{PerLine: oneIn(t, 4, "per line")}
	least := &Range{Min: new(rapid.SampledFrom([]int64{1, 3, 50, 1_500, 5_000}).Draw(t, "least"))}
	switch rapid.IntRange(0, 3).Draw(t, "measure") {
	case 0:
		c.Amount = least
	case 1:
		c.Quantity = least
	case 2:
		c.LineAmount = least
	default:
		c.LineQuantity = least
	}
	if oneIn(t, 3, "whole") {
		c.Goods = &Selection{}
	}
	return c
}

func drawUnits(t *rapid.T) *Units {
	if !oneIn(t, 3, "units") {
		return nil
	}
	return &Units{
		Max:     retail.Quantity(rapid.SampledFrom([]int64{0, 1, 2, 5}).Draw(t, "max")),
		PerLine: rapid.Bool().Draw(t, "per line"),
		Of:      retail.Quantity(rapid.SampledFrom([]int64{0, 0, 2, 3}).Draw(t, "of")),
		Pick:    rapid.SampledFrom([]Pick{Cheapest, Dearest}).Draw(t, "pick"),
	}
}

func drawEffect(t *rapid.T) Effect {
	e := Effect{Target: rapid.SampledFrom([]Target{ToLines, ToLines, ToLines, ToOrder, ToShipping, ToAll}).Draw(t, "target")}
	percent := retail.BasisPoints(rapid.SampledFrom([]int64{1, 1_000, 3_333, 5_000, 10_000}).Draw(t, "percent"))
	amount := retail.Money(rapid.SampledFrom([]int64{1, 250, 999, 9_000}).Draw(t, "amount"))
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0, 1:
		e.Percent, e.Units = percent, drawUnits(t)
	case 2:
		e.Amount, e.Units = &Amount{Value: amount, Of: rapid.SampledFrom([]Allocation{EachUnit, EachLine, Across}).Draw(t, "of")}, drawUnits(t)
	case 3:
		e.Price = &Fixed{Value: amount, Of: rapid.SampledFrom([]FixedOf{OfUnit, OfLine, OfGroup, OfOrder}).Draw(t, "price of")}
		if e.Price.Of == OfGroup {
			e.Units = &Units{Of: 3, Pick: Dearest}
		}
	case 4, 5:
		e.Target, e.BuyGet = ToLines, drawBuyGet(t, percent, amount)
	case 6:
		e.Target, e.Bundle = ToLines, drawBundle(t, percent, amount)
	case 7:
		e.Tiers = drawTiers(t, percent, amount)
	case 8:
		e.Target, e.Ramp = ToLines, &Ramp{First: amount, Further: amount / 3, Max: retail.Quantity(rapid.Int64Range(0, 3).Draw(t, "max"))}
	default:
		return drawGiving(t, percent)
	}
	return e
}

func drawGiving(t *rapid.T, percent retail.BasisPoints) Effect {
	switch rapid.IntRange(0, 2).Draw(t, "gives") {
	case 0:
		return Effect{Gift: &Gift{SKU: "cap", Quantity: 1, Price: 5}}
	case 1:
		return Effect{Points: 20_000}
	}
	return Effect{Cashback: &Cashback{Percent: percent, Days: 30}}
}

func drawBuyGet(t *rapid.T, percent retail.BasisPoints, amount retail.Money) *BuyGet {
	b := &BuyGet{
		GetQuantity: retail.Quantity(rapid.Int64Range(1, 2).Draw(t, "get")),
		MaxGet:      retail.Quantity(rapid.SampledFrom([]int64{0, 0, 1, 3}).Draw(t, "max get")),
		Once:        oneIn(t, 4, "once"),
		Reward:      rapid.SampledFrom([]Pick{Cheapest, Dearest}).Draw(t, "reward"),
		BuyPick:     rapid.SampledFrom([]Pick{Cheapest, Dearest}).Draw(t, "buy pick"),
	}
	if oneIn(t, 4, "by amount") {
		b.BuyAmount = 2_000
	} else {
		b.BuyQuantity = retail.Quantity(rapid.Int64Range(1, 3).Draw(t, "buy"))
		b.Add = oneIn(t, 5, "add")
	}
	if oneIn(t, 2, "other") {
		b.Get = &Selection{SKUs: []retail.SKU{"b", "c"}}
	}
	switch rapid.IntRange(0, 2).Draw(t, "off") {
	case 0:
		b.Percent = percent
	case 1:
		b.Amount = amount
	default:
		b.Price = &amount
	}
	return b
}

func drawBundle(t *rapid.T, percent retail.BasisPoints, amount retail.Money) *Bundle {
	b := &Bundle{
		Parts: []Part{{Quantity: 1, Goods: &Selection{SKUs: []retail.SKU{"a", "b"}}}, {Quantity: 2, Goods: &Selection{SKUs: []retail.SKU{"b", "c", "d"}}}},
		Pick:  rapid.SampledFrom([]Pick{Cheapest, Dearest}).Draw(t, "pick"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "off") {
	case 0:
		b.Percent = percent
	case 1:
		b.Amount = amount
	default:
		b.Price = &amount
	}
	return b
}

func drawTiers(t *rapid.T, percent retail.BasisPoints, amount retail.Money) *Tiers {
	tiers := &Tiers{ByQuantity: rapid.Bool().Draw(t, "by quantity"), OfLines: rapid.Bool().Draw(t, "of lines")}
	tiers.Steps = []Step{{From: 2, Percent: percent}, {From: 40, Amount: amount}}
	if !tiers.ByQuantity {
		tiers.Steps[0].From, tiers.Steps[1].From = 1_000, 6_000
	}
	return tiers
}
