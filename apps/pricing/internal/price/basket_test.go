package price

import (
	"fmt"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Amounts beyond what a document can hold are refused, not wrapped.
func TestAmountRange(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]Line{
		{{SKU: "a", Quantity: 1 << 40, Unit: 1 << 40, Per: 1}},
		{{SKU: "a", Quantity: 1, Unit: MaxAmount, Per: 1}, {SKU: "b", Quantity: 1, Unit: 1, Per: 1}},
		{{SKU: "a", Quantity: 1 << 62, Unit: 0, Per: 1}},
		{{SKU: "a", Quantity: 0, Unit: 1, Per: 1}},
		{{SKU: "a", Quantity: 1, Unit: -1, Per: 1}},
	} {
		if _, err := New(Policy{}, Place{}, lines, nil); err == nil {
			t.Errorf("%+v was priced", lines)
		}
	}
	if _, err := New(Policy{}, Place{}, nil, []Shipping{{Amount: -1}}); err == nil {
		t.Error("delivery below zero was priced")
	}
}

// What is taken off never wraps, however much a rule says.
func TestHugeRules(t *testing.T) {
	t.Parallel()
	huge := MaxAmount
	for _, e := range []Effect{
		{Amount: &Amount{Value: huge}}, {Amount: &Amount{Value: huge, Of: Across}}, {Ramp: &Ramp{First: huge, Further: huge}},
		{Bundle: &Bundle{Parts: []Part{{Quantity: 1}}, Amount: huge}}, {BuyGet: &BuyGet{BuyQuantity: 1, GetQuantity: 1, Amount: huge}},
		{Tiers: &Tiers{Steps: []Step{{Amount: huge}}}},
	} {
		b, err := New(Policy{}, Place{}, []Line{{SKU: "a", Quantity: 1_000_000_000, Unit: 1_000, Per: 1}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Promote([]Candidate{{Rule: &Rule{ID: "r", Effects: []Effect{e}}}})
		if r := b.Result(); r.Total < 0 || r.Discount <= 0 || r.Discount > r.List {
			t.Errorf("%+v: %d − %d = %d", e, r.List, r.Discount, r.Total)
		}
	}
}

// A brief result explains no more than MaxMisses rules, and those that came by a code.
func TestMissesAreBounded(t *testing.T) {
	t.Parallel()
	least := int64(2)
	var all []Candidate
	for i := range 3 * MaxMisses {
		r := &Rule{ID: fmt.Sprint(i), Effects: []Effect{{Percent: 1}}}
		switch i % 3 {
		case 0:
			r.If = []Condition{{Quantity: &Range{Min: &least}}} // near
		case 1:
			r.For.Stores = []retail.StoreID{"RM-01"} // near
		default:
			r.Goods.Brands = []string{"alba"} // far
		}
		all = append(all, Candidate{Rule: r})
	}
	all[len(all)-1].Code = "X"
	misses := func(brief bool) []Miss {
		b, err := New(Policy{Brief: brief}, Place{Store: "MI-01"}, []Line{{SKU: "a", Quantity: 1, Unit: 100, Per: 1}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Promote(all)
		return b.Result().NotApplied
	}
	if n := len(misses(false)); n != len(all) {
		t.Errorf("%d of %d explained", n, len(all))
	}
	brief := misses(true)
	far := func(m Miss) bool { return !m.Near }
	if len(brief) != MaxMisses+1 || slices.IndexFunc(brief, far) != MaxMisses || brief[MaxMisses].Reason != NoGoods {
		t.Errorf("%d explained in brief: %+v", len(brief), brief)
	}
}

// Baskets and lists beyond a few are looked up otherwise, with the same outcome.
func TestManyLines(t *testing.T) {
	t.Parallel()
	var lines []Line
	var some []retail.SKU
	for i := range 3 * few {
		sku := retail.SKU(fmt.Sprint("sku", i))
		lines = append(lines, Line{SKU: sku, Quantity: 1, Unit: 100, Per: 1}, Line{SKU: sku, Quantity: 2, Unit: 100, Per: 1})
		if i%2 == 0 {
			some = append(some, sku, sku+"x")
		}
	}
	lines = append(lines, Line{SKU: "sku0", Quantity: 1, Unit: 300, Per: 1}) // another price: another item
	b, err := New(Policy{}, Place{}, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b.goods != 3*few+1 {
		t.Fatalf("%d items", b.goods)
	}
	b.Promote([]Candidate{{Rule: &Rule{ID: "r", Goods: Selection{SKUs: some}, Effects: []Effect{{Percent: 5_000}}}}})
	for i, p := range b.Result().Lines {
		want := p.List / 2
		if i < len(lines)-1 && i/2%2 == 1 {
			want = 0
		}
		if p.Discount != want {
			t.Errorf("line %d (%s): %d off", i, lines[i].SKU, p.Discount)
		}
	}
}

// Groups of fillers name goods that nobody holds, and proposals outside of these are
// refused.
func TestPropose(t *testing.T) {
	t.Parallel()
	lines := []Line{
		{SKU: "a", Quantity: 1, Unit: 1_000, Per: 1, Floor: 900}, {SKU: "b", Quantity: 1, Unit: 1_000, Per: 1},
		{SKU: "c", Quantity: 1, Unit: 1_000, Per: 1, Stored: true},
	}
	b, err := New(Policy{}, Place{}, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Promote([]Candidate{{Rule: &Rule{
		ID: "mine", Goods: Selection{SKUs: []retail.SKU{"b"}}, Effects: []Effect{{Percent: 1_000}}, Stacking: Stacking{Exclusive: ExclusiveGoods},
	}}})
	open := b.Groups()
	if len(open) != 1 || open[0].Line.SKU != "a" || open[0].Left != 1_000 {
		t.Fatalf("open: %+v", open)
	}
	refused, took := b.Propose("happy", []Off{{Group: open[0].Group, Percent: 5_000, Reason: "hour"}, {Group: open[0].Group, Amount: 1}, {Group: 1, Amount: 1}})
	if !slices.Equal(refused, []int{1, 2}) || !took {
		t.Errorf("refused %d, took %v", refused, took)
	}
	r := b.Result()
	if got := r.Lines[0].Applied; len(got) != 1 || got[0].Filler != "happy" || got[0].Reason != "hour" || got[0].Amount != 100 {
		t.Errorf("applied %+v", got)
	}
}
