package price

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestPreparedRulesDoTheSame: a rule that is prepared does what it did before, and is
// missed as it was, however many are told of.
func TestPreparedRulesDoTheSame(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		w.policy.Brief = true
		beyond := int64(1_000_000_000)
		for i := range MaxMisses - rapid.IntRange(0, 1).Draw(t, "room") {
			w.rules = append(w.rules, Candidate{Rule: &Rule{
				ID: fmt.Sprintf("w%02d", i), If: []Condition{{Quantity: &Range{Min: &beyond}}}, Effects: []Effect{{Percent: 1_000}},
			}})
		}
		for i, r := range rapid.SliceOfN(rapid.Custom(drawLean), 1, 8).Draw(t, "lean") {
			r.ID = fmt.Sprintf("x%d", i)
			w.rules = append(w.rules, Candidate{Rule: r, Blocked: rapid.SampledFrom([]Reason{"", "", "", UsageLimit}).Draw(t, "blocked")})
		}
		want := w.run(t)
		for i := range w.rules {
			quick := *w.rules[i].Rule
			quick.Prepare()
			w.rules[i].Rule = &quick
		}
		if got := w.run(t); !reflect.DeepEqual(got, want) {
			t.Fatalf("prepared: %+v\nwant %+v", got, want)
		}
	})
}

// drawLean is a rule of the kind that is quick to look at, mostly.
func drawLean(t *rapid.T) *Rule {
	r := &Rule{Effects: []Effect{{Percent: 1_000}}, If: []Condition{{}}}
	amounts := rapid.SampledFrom([]int64{0, 1, 2, 40, 333, 1001, 2989, 20_000})
	list := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"alba", "notte", "else"}), 0, 2, rapid.ID)
	c, least := &r.If[0], amounts.Draw(t, "least")
	if rapid.Bool().Draw(t, "pieces") {
		c.Quantity = &Range{Min: &least}
	} else {
		c.Amount = &Range{Min: &least}
	}
	if oneIn(t, 3, "second") {
		of, most := amounts.Draw(t, "second least"), amounts.Draw(t, "second most")
		r.If = append(r.If, Condition{
			Amount: &Range{Min: &of, Max: &most}, PerLine: oneIn(t, 4, "per line"),
			VAT: rapid.SampledFrom([]VAT{AsPriced, Gross, Net}).Draw(t, "vat"),
		})
	}
	r.Goods.Brands, r.Except.Brands = list.Draw(t, "brands"), list.Draw(t, "other brands")
	if oneIn(t, 3, "line") {
		r.Goods.Lines = []string{"basic"}
	}
	if rapid.Bool().Draw(t, "priced") {
		low, high := amounts.Draw(t, "low"), amounts.Draw(t, "high")
		r.Goods.Price = &Range{Min: &low, Max: &high}
	}
	switch {
	case oneIn(t, 6, "later"):
		r.From = 1_001
	case oneIn(t, 6, "over"):
		r.To = 1_000
	case oneIn(t, 6, "order"):
		r.Effects[0].Target = ToOrder
	case oneIn(t, 6, "shipping"):
		r.Effects[0].Target = ToShipping
	}
	return r
}

// TestLeanRules: few things keep a rule from being quick to look at.
func TestLeanRules(t *testing.T) {
	t.Parallel()
	least := int64(3)
	three := Condition{Quantity: &Range{Min: &least}}
	for name, c := range map[string]struct {
		rule Rule
		lean bool
	}{
		"brand":           {Rule{Goods: Selection{Brands: []string{"alba"}}, If: []Condition{three}}, true},
		"all but a brand": {Rule{Except: Selection{Brands: []string{"alba"}}, If: []Condition{three}}, true},
		"no condition":    {Rule{Goods: Selection{Brands: []string{"alba"}}}, false},
		"of a tier":       {Rule{For: Audience{Tiers: []string{"gold"}}, If: []Condition{three}}, false},
		"two conditions":  {Rule{If: []Condition{three, three}}, true},
		"past orders":     {Rule{If: []Condition{three, {PastOrders: three.Quantity}}}, false},
		"per line":        {Rule{If: []Condition{{Quantity: three.Quantity, PerLine: true}}}, false},
	} {
		if c.rule.Prepare(); (c.rule.lean != nil) != c.lean {
			t.Errorf("%s: lean %v, want %v", name, c.rule.lean != nil, c.lean)
		}
	}
}
