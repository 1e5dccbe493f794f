package lint_test

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing/internal/lint"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

const now = retail.Instant(1_000)

// between is a range with both bounds; -1 is open.
func between(least, most int64) *price.Range {
	r := &price.Range{Min: &least, Max: &most}
	if least < 0 {
		r.Min = nil
	}
	if most < 0 {
		r.Max = nil
	}
	return r
}

func quantity(least, most int64) price.Condition {
	return price.Condition{Quantity: between(least, most)}
}

func brand(names ...string) price.Selection { return price.Selection{Brands: names} }

var threeForTwo = price.Effect{BuyGet: &price.BuyGet{BuyQuantity: 2, GetQuantity: 1}}

// What can never apply is told, and why; what can is left alone.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	stores := func(ids ...retail.StoreID) price.Audience { return price.Audience{Stores: ids} }
	for name, tt := range map[string]struct {
		rule price.Rule
		want string
	}{
		"a rule that says nothing":    {price.Rule{}, ""},
		"it ends later":               {price.Rule{To: now + 1}, ""},
		"it ends now":                 {price.Rule{To: now}, "Its period is over."},
		"it ends before it begins":    {price.Rule{From: now + 9, To: now + 9}, "Its period is empty."},
		"one of two stores is left":   {price.Rule{For: stores("A", "B"), Not: stores("A")}, ""},
		"no store is left":            {price.Rule{For: stores("A", "B"), Not: stores("B", "A")}, "Every store that it is for is one that it is not for."},
		"all stores but one":          {price.Rule{Not: stores("A")}, ""},
		"no tier is left":             {price.Rule{For: price.Audience{Tiers: []string{"gold"}}, Not: price.Audience{Tiers: []string{"gold"}}}, "Every tier that it is for is one that it is not for."},
		"one of two brands is left":   {price.Rule{Goods: brand("alba", "zeta"), Except: brand("alba")}, ""},
		"no brand is left":            {price.Rule{Goods: brand("alba"), Except: brand("zeta", "alba")}, "All goods that it speaks of are excepted."},
		"no price fits":               {price.Rule{Goods: price.Selection{Price: between(5, 4)}}, "No price lies between the bounds of its goods."},
		"one price fits":              {price.Rule{Goods: price.Selection{Price: between(5, 5)}}, ""},
		"from five to four":           {price.Rule{If: []price.Condition{quantity(5, 4)}}, "A condition asks for more than it allows."},
		"from three and up to two":    {price.Rule{If: []price.Condition{quantity(3, -1), quantity(-1, 2)}}, "Two conditions on the same goods contradict each other."},
		"up to two of other goods":    {price.Rule{If: []price.Condition{quantity(3, -1), {Goods: &price.Selection{}, Quantity: between(-1, 2)}}}, ""},
		"three for two of up to two":  {price.Rule{If: []price.Condition{quantity(-1, 2)}, Effects: []price.Effect{threeForTwo}}, "Its effects need more units than its conditions allow."},
		"three for two of up to four": {price.Rule{If: []price.Condition{quantity(-1, 4)}, Effects: []price.Effect{threeForTwo}}, ""},
		"or else a percentage":        {price.Rule{If: []price.Condition{quantity(-1, 2)}, Effects: []price.Effect{threeForTwo, {Percent: 1000}}}, ""},
	} {
		if got := lint.Unreachable(&tt.rule, now); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A rule is tried with as many pieces as it needs.
func TestQuantity(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule price.Rule
		want int64
	}{
		"none are asked for":       {price.Rule{Effects: []price.Effect{{Percent: 1000}}}, 0},
		"three for two":            {price.Rule{Effects: []price.Effect{threeForTwo}}, 3},
		"three for two, from five": {price.Rule{Effects: []price.Effect{threeForTwo}, If: []price.Condition{quantity(5, -1)}}, 5},
		"five of other goods":      {price.Rule{If: []price.Condition{{Goods: &price.Selection{}, Quantity: between(5, -1)}}}, 0},
	} {
		if got := lint.Quantity(&tt.rule); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// Two rules meet where both may work on one thing that somebody buys, and collide if
// then nothing but their ids says which one does.
func TestMeetAndCollide(t *testing.T) {
	t.Parallel()
	alone := price.Rule{Stacking: price.Stacking{Exclusive: price.ExclusiveGoods}}
	with := func(r price.Rule, change func(*price.Rule)) price.Rule {
		change(&r)
		return r
	}
	group := func(name string) price.Rule {
		return price.Rule{Stacking: price.Stacking{Exclusive: price.ExclusiveGroup, Group: name}}
	}
	for name, tt := range map[string]struct {
		a, b          price.Rule
		meet, collide bool
	}{
		"both work":              {price.Rule{}, price.Rule{}, true, false},
		"one keeps others out":   {alone, price.Rule{}, true, true},
		"the other has priority": {alone, with(price.Rule{}, func(r *price.Rule) { r.Stacking.Priority = 1 }), true, false},
		"on catalog prices":      {alone, with(price.Rule{}, func(r *price.Rule) { r.Stacking.Catalog = true }), true, false},
		"in another lane":        {alone, with(price.Rule{}, func(r *price.Rule) { r.Stacking.Lane = 1 }), true, false},
		"of one group":           {group("sale"), group("sale"), true, true},
		"of two groups":          {group("sale"), group("club"), true, false},
		"other brands":           {price.Rule{Goods: brand("alba")}, price.Rule{Goods: brand("zeta")}, false, false},
		"a brand and a season":   {price.Rule{Goods: brand("alba")}, price.Rule{Goods: price.Selection{Seasons: []string{"ss26"}}}, true, false},
		"one after the other":    {price.Rule{To: now}, price.Rule{From: now}, false, false},
		"a moment of both":       {price.Rule{To: now + 1}, price.Rule{From: now}, true, false},
		"other stores": {
			price.Rule{For: price.Audience{Stores: []retail.StoreID{"A"}}}, price.Rule{For: price.Audience{Stores: []retail.StoreID{"B"}}}, false, false,
		},
	} {
		for _, pair := range [][2]price.Rule{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := lint.Meet(&pair[0], &pair[1]); got != tt.meet {
				t.Errorf("%s: meet is %v", name, got)
			}
			if got := lint.Collide(&pair[0], &pair[1]); got != tt.collide {
				t.Errorf("%s: collide is %v", name, got)
			}
		}
	}
}
