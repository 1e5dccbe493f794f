package price

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// twenty lines of goods of five brands and four suppliers.
func twenty() (Place, []Line) {
	lines := make([]Line, 20)
	for i := range lines {
		lines[i] = Line{
			SKU: retail.SKU(fmt.Sprintf("sku-%04d", i)), Quantity: retail.Quantity(1 + i%3), Unit: retail.Money(499 + 100*i), Per: 1, VAT: 2200,
			Goods: Goods{
				Product: fmt.Sprintf("product-%d", i), Brand: fmt.Sprintf("brand-%d", i%5), Line: fmt.Sprintf("line-%d", i%3),
				Season: "FW26", Supplier: fmt.Sprintf("supplier-%d", i%4), Category: fmt.Sprintf("category-%d", i%6),
			},
		}
	}
	return Place{Store: "MI-01", Channel: "store", Customer: "anna", Groups: []string{"vip"}, At: 1_000, Currency: "EUR"}, lines
}

// some are rules that match, by five ways.
func some() []Candidate {
	least := int64(3)
	rules := []*Rule{
		{ID: "a", Goods: Selection{Brands: []string{"brand-1"}}, Effects: []Effect{{Percent: 1_000}}},
		{ID: "b", Goods: Selection{Suppliers: []string{"supplier-2"}}, If: []Condition{{Quantity: &Range{Min: &least}}}, Effects: []Effect{{Percent: 500}}},
		{ID: "c", Goods: Selection{Categories: []string{"category-3"}}, Effects: []Effect{{Amount: &Amount{Value: 100}}}},
		{ID: "d", Goods: Selection{Lines: []string{"line-0"}}, Effects: []Effect{{BuyGet: &BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000, BuyPick: Dearest}}}},
		{ID: "e", Effects: []Effect{{Target: ToOrder, Amount: &Amount{Value: 500, Of: Across}}}},
	}
	var all []Candidate
	for _, r := range rules {
		all = append(all, Candidate{Rule: r})
	}
	return all
}

// others are rules that fail: by their audience, by their goods, or by what is in the
// basket of these.
func others(n int) []Candidate {
	all := make([]Candidate, n)
	least := int64(1_000_000)
	for i := range all {
		r := &Rule{ID: fmt.Sprintf("x%05d", i), Effects: []Effect{{Percent: 1_000}}}
		switch i % 3 {
		case 0:
			r.For.Stores = []retail.StoreID{"RM-01", "RM-02"}
			r.Goods.Brands = []string{"brand-1"}
		case 1:
			r.Goods.Brands = []string{fmt.Sprintf("other-%d", i), fmt.Sprintf("other-%d", i+1)}
		default:
			r.Goods.Suppliers = []string{"supplier-1"}
			r.If = []Condition{{Amount: &Range{Min: &least}}}
		}
		all[i].Rule = r
	}
	return all
}

func benchmark(b *testing.B, policy Policy, candidates []Candidate) {
	place, lines := twenty()
	b.ReportAllocs()
	for b.Loop() {
		basket, err := New(policy, place, lines, nil)
		if err != nil {
			b.Fatal(err)
		}
		basket.Promote(candidates)
		if basket.Result().Discount == 0 {
			b.Fatal("nothing came off")
		}
	}
}

func BenchmarkQuote(b *testing.B) {
	b.Run("matching=5", func(b *testing.B) { benchmark(b, Policy{Brief: true}, some()) })
	b.Run("matching=5/groups=3", func(b *testing.B) {
		all := some()
		for i := range all {
			all[i].Rule.Stacking = Stacking{Group: string(rune('a' + i%3)), Mode: Best}
		}
		benchmark(b, Policy{Brief: true}, all)
	})
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("matching=5/failing=%d", n), func(b *testing.B) { benchmark(b, Policy{Brief: true}, append(some(), others(n)...)) })
	}
}

// BenchmarkLarge is a basket of 400 lines, and one of six thousand pieces.
func BenchmarkLarge(b *testing.B) {
	place, lines := twenty()
	for len(lines) < 400 {
		l := lines[len(lines)%20]
		l.SKU = retail.SKU(fmt.Sprintf("%s-%d", l.SKU, len(lines)))
		lines = append(lines, l)
	}
	b.ReportAllocs()
	for b.Loop() {
		basket, err := New(Policy{Brief: true}, place, lines, nil)
		if err != nil {
			b.Fatal(err)
		}
		basket.Promote(some())
		if basket.Result().Discount == 0 {
			b.Fatal("nothing came off")
		}
	}
}
