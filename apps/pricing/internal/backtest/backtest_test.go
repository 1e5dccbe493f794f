package backtest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// The promotion "new" is tested; "old" runs already, and half of it is acme's.
func TestAdd(t *testing.T) {
	t.Parallel()
	old := func(amount, acme retail.Money) Part {
		return Part{Promotion: "old", Amount: amount, Funded: []Share{{"acme", acme}}}
	}
	part := func(amount retail.Money) Part { return Part{Promotion: "new", Amount: amount} }
	for _, tt := range []struct {
		name string
		in   Receipt
		want Sums
	}{
		{"it takes something off besides", Receipt{
			Document: "R", Paid: 900, Before: Side{100, []Part{old(100, 50)}, 300}, After: Side{150, []Part{old(100, 50), part(50)}, 250}, Costs: true,
		}, Sums{
			Touched: 1, Cost: 50, Suppliers: []Share{{"acme", 0}}, Revenue: 900, Covered: 1, Before: 300, After: 250, Examples: []Example{{"R", 50}},
		}},
		{"it takes the place of another", Receipt{
			Document: "R", Before: Side{100, []Part{old(100, 50)}, 0}, After: Side{130, []Part{part(130)}, 0}, Differs: true,
		}, Sums{
			Touched: 1, Differs: 1, Cost: 30, Suppliers: []Share{{"acme", -50}}, Displaced: 100, With: []Share{{"old", 100}}, Examples: []Example{{"R", 30}},
		}},
		{"the customer would pay more", Receipt{
			Document: "R", Before: Side{100, []Part{old(100, 50)}, 0}, After: Side{30, []Part{part(30)}, 0},
		}, Sums{
			Touched: 1, Cost: -70, Suppliers: []Share{{"acme", -50}}, Displaced: 100, With: []Share{{"old", 100}}, Worse: 1, WorseBy: 70,
			Examples: []Example{{"R", -70}},
		}},
	} {
		var got Sums
		if got.Add("new", &tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n%+v, want\n%+v", tt.name, got, tt.want)
		}
	}
}

// What the retailer and the suppliers pay is the cost, whatever comes; the order of
// the receipts, and adding up in two parts, change nothing.
func TestSumsAreConserved(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := receipts(t)
		var forth, back Sums
		var cost retail.Money
		for i := range all {
			forth.Add("new", &all[i])
			back.Add("new", &all[len(all)-1-i])
			cost += all[i].After.Discount - all[i].Before.Discount
		}
		if !reflect.DeepEqual(forth, back) {
			t.Fatalf("forth %+v, back %+v", forth, back)
		}
		paid := forth.Retailer()
		for _, f := range forth.Suppliers {
			paid += f.Amount
		}
		if forth.Cost != cost || paid != cost {
			t.Fatalf("cost %d, paid %d, want %d", forth.Cost, paid, cost)
		}
		for i := 1; i < len(forth.Examples); i++ {
			if size(forth.Examples[i-1].Amount) < size(forth.Examples[i].Amount) {
				t.Fatalf("examples %v", forth.Examples)
			}
		}
	})
}

func receipts(t *rapid.T) (all []Receipt) {
	money := rapid.Int64Range(0, 500)
	for i := range rapid.IntRange(0, 60).Draw(t, "receipts") {
		side := func(ids ...string) (s Side) {
			for _, id := range ids {
				p := Part{Promotion: id, Amount: retail.Money(money.Draw(t, id))}
				if rapid.Bool().Draw(t, "funded") {
					p.Funded = []Share{{rapid.SampledFrom([]string{"acme", "beta"}).Draw(t, "supplier"), p.Amount / 3}}
				}
				s.Discount, s.Parts = s.Discount+p.Amount, append(s.Parts, p)
			}
			return s
		}
		all = append(all, Receipt{Document: fmt.Sprint(i), Paid: 1000, Before: side("a", "b"), After: side("a", "b", "new")})
	}
	return all
}

// However many names there are, the sums are kept and their number is bounded.
func TestManyNames(t *testing.T) {
	t.Parallel()
	var all []Share
	names := rand.New(rand.NewPCG(1, 2)).Perm(3 * MaxNames)
	for _, n := range names {
		all = add(all, fmt.Sprint(n), 2)
	}
	var sum retail.Money
	for _, s := range all {
		sum += s.Amount
	}
	if len(all) != MaxNames+1 || sum != 6*MaxNames || all[0].Name != "" {
		t.Errorf("%d names come to %d", len(all), sum)
	}
	if !slices.IsSortedFunc(all, func(a, b Share) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
}
