package price

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// The laws of retail.md §4.2 that hold for every basket and every set of rules.

// world draws a basket and rules over a few shared attributes, so that rules
// meet goods and one another.
func world(t *rapid.T) (Place, []Line, []Rule) {
	lines := rapid.SliceOfN(rapid.Custom(drawLine), 1, 12).Draw(t, "lines")
	for i := range lines { // a SKU has one price and one nature
		for _, first := range lines[:i] {
			if first.SKU == lines[i].SKU {
				quantity, manual := lines[i].Quantity, lines[i].Manual
				lines[i] = first
				lines[i].Quantity, lines[i].Manual = quantity, manual
			}
		}
	}
	rules := rapid.SliceOfN(rapid.Custom(drawRule), 0, 8).Draw(t, "rules")
	for i := range rules {
		rules[i].ID = fmt.Sprintf("r%d", i)
	}
	return Place{Store: "MI-01", Channel: "store", At: 1_000}, lines, rules
}

func drawLine(t *rapid.T) Line {
	return Line{
		SKU:      rapid.SampledFrom([]retail.SKU{"a", "b", "c", "d", "e"}).Draw(t, "sku"),
		Quantity: retail.Quantity(rapid.SampledFrom([]int64{1, 1, 1, 2, 3, 37}).Draw(t, "quantity")),
		Unit:     retail.Money(rapid.SampledFrom([]int64{1001, 1001, 1001, 333, 1, 0, 2989}).Draw(t, "unit")), // equal ones tie
		Per:      rapid.SampledFrom([]retail.Quantity{1, 1, 1, 1000}).Draw(t, "per"),
		Manual:   rapid.IntRange(0, 9).Draw(t, "manual") == 0,
		VAT:      rapid.SampledFrom([]retail.BasisPoints{400, 1000, 2200}).Draw(t, "vat"),
		Goods: Goods{
			Brand: rapid.SampledFrom([]string{"", "alba", "notte"}).Draw(t, "brand"),
			Line:  rapid.SampledFrom([]string{"", "basic", "luxe"}).Draw(t, "line"),
		},
	}
}

func drawRule(t *rapid.T) Rule {
	r := Rule{
		Version:     1,
		Priority:    rapid.Int64Range(0, 2).Draw(t, "priority"),
		Brands:      rapid.SampledFrom([][]string{nil, {"alba"}, {"alba", "notte"}}).Draw(t, "brands"),
		Lines:       rapid.SampledFrom([][]string{nil, nil, {"basic"}}).Draw(t, "rule lines"),
		SKUs:        rapid.SampledFrom([][]retail.SKU{nil, nil, {"a", "b"}, {"c"}}).Draw(t, "skus"),
		From:        rapid.SampledFrom([]retail.Instant{0, 1_000, 1_001}).Draw(t, "from"),
		To:          rapid.SampledFrom([]retail.Instant{0, 1_000, 1_001}).Draw(t, "to"),
		Stores:      rapid.SampledFrom([][]retail.StoreID{nil, nil, nil, {"RM-01"}}).Draw(t, "stores"),
		MinQuantity: retail.Quantity(rapid.SampledFrom([]int64{0, 0, 3, 50}).Draw(t, "min")),
		MinAmount:   retail.Money(rapid.SampledFrom([]int64{0, 0, 5_000}).Draw(t, "from amount")),
		Exclusive:   rapid.IntRange(0, 4).Draw(t, "exclusive") == 0,
	}
	if rapid.Bool().Draw(t, "percent?") {
		r.Effect.Percent = retail.BasisPoints(rapid.Int64Range(1, 10_000).Draw(t, "percent"))
	} else {
		r.Effect.Amount = retail.Money(rapid.Int64Range(1, 9_000).Draw(t, "amount"))
		r.Effect.Across = rapid.Bool().Draw(t, "across")
	}
	return r
}

func promoted(t *rapid.T, place Place, lines []Line, rules []Rule) *Basket {
	b, err := New(place, lines)
	if err != nil {
		t.Fatal(err)
	}
	b.Promote(rules)
	return b
}

func run(t *rapid.T, place Place, lines []Line, rules []Rule) Result {
	return promoted(t, place, lines, rules).Result()
}

// P1 and P2: shares sum to lines, lines to the total, what was applied to the
// discount, VAT to the total; nothing is below zero.
func TestSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		r := run(t, place, lines, rules)
		var list, discount, total, gross, applied retail.Money
		for i, p := range r.Lines {
			checkLine(t, lines[i], p)
			list, discount, total = list+p.List, discount+p.Discount, total+p.Total
		}
		for _, v := range r.VAT {
			if v.Net+v.VAT != v.Gross {
				t.Fatalf("VAT %+v", v)
			}
			gross += v.Gross
		}
		for _, a := range r.Applied {
			applied += a.Amount
		}
		if list != r.List || discount != r.Discount || total != r.Total || gross != r.Total || applied != r.Discount || list-discount != total {
			t.Fatalf("lines %d − %d = %d, VAT over %d, applied %d, basket %+v", list, discount, total, gross, applied, r)
		}
	})
}

func checkLine(t *rapid.T, l Line, p Priced) {
	var shares, applied retail.Money
	var units retail.Quantity
	for _, s := range p.Shares {
		if s.Amount < 0 || s.Quantity <= 0 {
			t.Fatalf("share %+v", s)
		}
		shares, units = shares+s.Amount*retail.Money(s.Quantity), units+s.Quantity
	}
	for _, a := range p.Applied {
		if a.Amount <= 0 || a.Promotion == "" || a.Version != 1 {
			t.Fatalf("applied %+v", a) // P9
		}
		applied += a.Amount
	}
	if shares != p.Total || units != l.Quantity || applied != p.Discount || p.Total < 0 || p.Total != p.List-p.Discount {
		t.Fatalf("line %+v: shares %d of %d units, applied %d", p, shares, units, applied)
	}
	for n := retail.Quantity(0); n <= units; n++ {
		if a, b := retail.Portion(p.Total, units, 0, n), portion(p.Shares, n); a != b {
			t.Fatalf("the first %d units are worth %d by share and %d by portion", n, b, a)
		}
	}
}

// portion adds up the first n units of runs.
func portion(runs []Run, n retail.Quantity) (sum retail.Money) {
	for _, r := range runs {
		k := min(n, r.Quantity)
		sum, n = sum+r.Amount*retail.Money(k), n-k
	}
	return sum
}

// P3: the same in gives the same out, in any order of the rules.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		first := run(t, place, lines, rules)
		shuffled := rapid.Permutation(rules).Draw(t, "shuffled")
		if second := run(t, place, lines, shuffled); !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v\n%+v", first, second)
		}
	})
}

// P4: permuting lines or splitting one changes neither the total nor what each
// promotion took, nor the VAT.
func TestOrderAndSplit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		first := run(t, place, lines, rules)
		var split []Line
		for _, l := range lines {
			part := retail.Quantity(rapid.Int64Range(0, int64(l.Quantity)-1).Draw(t, "part"))
			if rest := l; part > 0 {
				rest.Quantity -= part
				split = append(split, rest)
				l.Quantity = part
			}
			split = append(split, l)
		}
		split = rapid.Permutation(split).Draw(t, "permuted")
		second := run(t, place, split, rules)
		first.Lines, second.Lines = nil, nil
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v\n%+v", first, second)
		}
	})
}

// P8: a rule works only at From ≤ t < To.
func TestPeriod(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		for _, a := range run(t, place, lines, rules).Applied {
			i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == a.Promotion })
			if r := rules[i]; r.From > place.At || r.To != 0 && place.At >= r.To {
				t.Fatalf("%+v applied at %d", r, place.At)
			}
		}
	})
}

// P9: a rule that holds here and now and speaks of goods in the basket either
// took something off or is explained.
func TestExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		b := promoted(t, place, lines, rules)
		r := b.Result()
		for i := range rules {
			_, failed := b.context(&rules[i])
			if failed > 0 || len(b.matching(&rules[i])) == 0 {
				continue
			}
			took := slices.ContainsFunc(r.Applied, func(a Applied) bool { return a.Promotion == rules[i].ID })
			said := slices.ContainsFunc(r.NotApplied, func(m Miss) bool { return m.Promotion == rules[i].ID && m.Reason != "" })
			if took == said {
				t.Fatalf("%s: applied %v, explained %v", rules[i].ID, took, said)
			}
		}
	})
}

// P12: goods that an exclusive promotion discounted carry nothing else.
func TestExclusive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		exclusive := map[string]bool{}
		for _, r := range rules {
			exclusive[r.ID] = r.Exclusive
		}
		for _, p := range run(t, place, lines, rules).Lines {
			for _, a := range p.Applied {
				if exclusive[a.Promotion] && len(p.Applied) > 1 {
					t.Fatalf("%s shares its goods: %+v", a.Promotion, p.Applied)
				}
			}
		}
	})
}

// Proposals of plugins keep the sums too, whatever they propose.
func TestProposalsKeepSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place, lines, rules := world(t)
		b := promoted(t, place, lines, rules)
		for _, filler := range []string{"x", "y"} {
			b.Propose(filler, rapid.SliceOf(rapid.Custom(func(t *rapid.T) Off {
				return Off{
					Group:   rapid.IntRange(-1, 6).Draw(t, "group"),
					Percent: retail.BasisPoints(rapid.Int64Range(-1, 10_001).Draw(t, "percent")),
					Amount:  retail.Money(rapid.Int64Range(-1, 10_000).Draw(t, "amount")),
				}
			})).Draw(t, "offs"))
		}
		r := b.Result()
		var total, applied retail.Money
		for _, p := range r.Lines {
			if p.Total < 0 {
				t.Fatalf("%+v", p)
			}
			total += p.Total
		}
		for _, a := range r.Applied {
			applied += a.Amount
		}
		if total != r.Total || applied != r.Discount {
			t.Fatalf("lines %d, applied %d, basket %+v", total, applied, r)
		}
	})
}

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
		if _, err := New(Place{}, lines); err == nil {
			t.Errorf("%+v was priced", lines)
		}
	}
}

// A result explains no more than MaxMisses promotions.
func TestMissesAreBounded(t *testing.T) {
	t.Parallel()
	b, err := New(Place{}, []Line{{SKU: "a", Quantity: 1, Unit: 100, Per: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxMisses + 10 {
		b.Promote([]Rule{{ID: fmt.Sprint(i), MinQuantity: 2, Effect: Effect{Percent: 1}}})
	}
	if n := len(b.Result().NotApplied); n != MaxMisses {
		t.Fatalf("%d misses", n)
	}
}
