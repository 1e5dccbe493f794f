package price

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// The laws of retail.md §4.2 that hold for every basket and every set of rules.
// P6 (limits) and P7 (closed receipts) are those of the app; P10 is the law's.

// check draws worlds for a law: as many as main_test.go says.
func check(t *testing.T, law func(t *rapid.T, w world)) {
	t.Helper()
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { law(t, drawWorld(t)) })
}

func (w *world) promoted(t *rapid.T) *Basket {
	b, err := New(w.policy, w.place, w.lines, w.shipping)
	if err != nil {
		t.Fatal(err)
	}
	b.Shelf([]Line{{SKU: "cap", Unit: 700, Per: 1, VAT: 2200}})
	b.Promote(w.rules)
	return b
}

func (w *world) run(t *rapid.T) Result { return w.promoted(t).Result() }

// P1: shares sum to lines, lines to the total, what was applied to the discount,
// VAT to the total; nothing is below zero.
func TestSums(t *testing.T) {
	check(t, func(t *rapid.T, w world) { checkSums(t, &w, w.run(t)) })
}

func checkSums(t *rapid.T, w *world, r Result) {
	var list, discount, total, gross, applied retail.Money
	all := slices.Concat(r.Lines, r.Shipping)
	for i, p := range r.Lines {
		checkShares(t, w.lines[i].Quantity, p)
	}
	for _, g := range r.Added {
		checkShares(t, g.Quantity, g.Priced)
		all = append(all, g.Priced)
	}
	for _, p := range all {
		checkApplied(t, p)
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
}

func checkApplied(t *rapid.T, p Priced) {
	var applied retail.Money
	for _, a := range p.Applied {
		if a.Amount < 0 || a.Promotion+a.Filler == "" {
			t.Fatalf("applied %+v", a) // P9
		}
		applied += a.Amount
	}
	if applied != p.Discount || p.Total < 0 || p.Total != p.List-p.Discount {
		t.Fatalf("%+v: applied %d", p, applied)
	}
}

func checkShares(t *rapid.T, quantity retail.Quantity, p Priced) {
	var shares retail.Money
	var units retail.Quantity
	for _, s := range p.Shares {
		if s.Amount < 0 || s.Quantity <= 0 {
			t.Fatalf("share %+v", s)
		}
		shares, units = shares+s.Amount*retail.Money(s.Quantity), units+s.Quantity
	}
	if shares != p.Total || units != quantity {
		t.Fatalf("line %+v: shares %d of %d units", p, shares, units)
	}
	for n := range units + 1 {
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

// P2: no line costs less than its floor; nobody takes off what a cap, or a budget,
// does not allow.
func TestBounds(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		b := w.promoted(t)
		for i := range b.goods {
			g := &b.items[i]
			if least := divide(int64(g.Floor), int64(g.Quantity), int64(g.Per), Down); int64(b.state.left(i)) < min(least, int64(g.list)) {
				t.Fatalf("%s costs %d, and must cost %d", g.SKU, b.state.left(i), least)
			}
		}
		for _, a := range b.Result().Applied {
			c := w.candidate(a.Promotion)
			if c.Rule.Cap > 0 && w.policy.AmountVAT == AsPriced && a.Amount > c.Rule.Cap && !c.Rule.gives() {
				t.Fatalf("%s took %d over its cap of %d", a.Promotion, a.Amount, c.Rule.Cap)
			}
			if c.Budget != nil && a.Amount > *c.Budget {
				t.Fatalf("%s took %d of a budget of %d", a.Promotion, a.Amount, *c.Budget)
			}
		}
	})
}

// gives says whether a rule adds goods.
func (r *Rule) gives() bool {
	return slices.ContainsFunc(r.Effects, func(e Effect) bool { return e.Gift != nil || e.BuyGet != nil && e.BuyGet.Add })
}

func (w *world) candidate(id string) *Candidate {
	return &w.rules[slices.IndexFunc(w.rules, func(c Candidate) bool { return c.Rule.ID == id })]
}

// P3: the same in gives the same out, in any order of the rules.
func TestDeterministic(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		if w.policy.Order == ByNominal {
			w.policy.Order = ByPriority // whose ties the order given decides
		}
		first := w.run(t)
		w.rules = rapid.Permutation(w.rules).Draw(t, "shuffled")
		second := w.run(t)
		for _, r := range []*Result{&first, &second} {
			slices.SortFunc(r.NotApplied, func(a, b Miss) int { return cmp.Compare(a.Promotion, b.Promotion) })
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v\n%+v", first, second)
		}
	})
}

// P4: permuting lines or splitting one changes neither the total nor what each
// promotion took, nor the VAT.
func TestOrderAndSplit(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		first := w.run(t)
		var split []Line
		apart := oneIn(t, 12, "apart") // into single units
		for _, l := range w.lines {
			for apart && l.Quantity > 1 {
				unit := l
				unit.Quantity = 1
				split = append(split, unit)
				l.Quantity--
			}
			part := retail.Quantity(rapid.Int64Range(0, int64(l.Quantity)-1).Draw(t, "part"))
			if rest := l; part > 0 {
				rest.Quantity -= part
				split = append(split, rest)
				l.Quantity = part
			}
			split = append(split, l)
		}
		w.lines = rapid.Permutation(split).Draw(t, "permuted")
		second := w.run(t)
		for _, r := range []*Result{&first, &second} {
			r.Lines = nil
			for i := range r.Grants {
				r.Grants[i].Lines = nil
			}
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v\n%+v", first, second)
		}
	})
}

// P5: where the best of a group is chosen, and all combinations are tried, one more
// promotion in it never makes the basket dearer.
func TestMoreChoiceIsNeverDearer(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		w.policy = Policy{Search: 1 << 12}
		for i := range w.rules {
			s := &w.rules[i].Rule.Stacking
			if s.Group != "" {
				s.Mode = Best
			}
		}
		more := drawCandidate(t)
		if oneIn(t, 2, "simple") { // where leaving rules out is not tried
			for _, c := range append(w.rules, more) {
				c.simplify()
			}
		}
		more.Rule.ID, more.Rule.Stacking.Group, more.Rule.Stacking.Mode = "more", "g", Best
		before := w.run(t)
		w.rules = append(slices.Clone(w.rules), more)
		after := w.run(t)
		if with, without := paid(after), paid(before); with > without {
			t.Fatalf("%d with %+v, %d without", with, *more.Rule, without)
		}
	})
}

// simplify takes from a rule what makes it worth leaving out.
func (c *Candidate) simplify() {
	r := c.Rule
	r.If, r.Goods.Reduced, r.Cap, r.Floor = nil, nil, 0, nil
	r.Stacking = Stacking{Priority: r.Stacking.Priority, Group: r.Stacking.Group, Mode: r.Stacking.Mode}
	for i := range r.Effects {
		if r.Effects = r.Effects[i : i+1]; r.lowers() {
			return
		}
	}
	r.Effects = []Effect{{Percent: 3_333}}
}

// paid is what the customer pays for what was in the basket.
func paid(r Result) (sum retail.Money) {
	for _, p := range slices.Concat(r.Lines, r.Shipping) {
		sum += p.Total
	}
	return sum
}

// P8: a rule works only at From ≤ t < To.
func TestPeriod(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		for _, a := range w.run(t).Applied {
			if r := w.candidate(a.Promotion).Rule; r.From > w.place.At || r.To != 0 && w.place.At >= r.To {
				t.Fatalf("%+v applied at %d", r, w.place.At)
			}
		}
	})
}

// P9: a rule either took something off, gave something else, or is explained.
func TestExplained(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		r := w.run(t)
		for _, c := range w.rules {
			id := c.Rule.ID
			took := slices.ContainsFunc(r.Applied, func(a Applied) bool { return a.Promotion == id }) ||
				slices.ContainsFunc(r.Grants, func(g Grant) bool { return g.Promotion == id })
			said := slices.ContainsFunc(r.NotApplied, func(m Miss) bool { return m.Promotion == id && m.Reason != "" })
			if took == said {
				t.Fatalf("%s: applied %v, explained %v", id, took, said)
			}
		}
	})
}

// P11: stored value is never discounted, and never counts: without it every other
// line costs the same.
func TestStoredValueIsAlone(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		first := w.run(t)
		var rest []Line
		var totals, without []retail.Money
		for i, l := range w.lines {
			switch {
			case !l.Stored:
				rest, totals = append(rest, l), append(totals, first.Lines[i].Total)
			case first.Lines[i].Discount != 0:
				t.Fatalf("%s is stored value and costs %d less", l.SKU, first.Lines[i].Discount)
			}
		}
		w.lines = rest
		for _, p := range w.run(t).Lines {
			without = append(without, p.Total)
		}
		if !slices.Equal(totals, without) {
			t.Fatalf("%d with stored value, %d without", totals, without)
		}
	})
}

// P12: units that a promotion holds for itself carry nothing else. A line of one
// piece shows it: it is one unit.
func TestExclusive(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		for i := range w.lines {
			w.lines[i].Quantity, w.lines[i].SKU = 1, retail.SKU(fmt.Sprint(w.lines[i].SKU, i))
		}
		for _, p := range w.run(t).Lines {
			for _, a := range p.Applied {
				if s := w.candidate(a.Promotion).Rule.Stacking; s.Exclusive == ExclusiveGoods && len(p.Applied) > 1 {
					t.Fatalf("%s shares its goods: %+v", a.Promotion, p.Applied)
				}
			}
		}
	})
}

// Proposals of plugins keep the sums too, whatever they propose.
func TestProposalsKeepSums(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		b := w.promoted(t)
		for _, filler := range []string{"x", "y"} {
			b.Propose(filler, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Off {
				return Off{
					Group:   rapid.IntRange(-1, 6).Draw(t, "group"),
					Percent: retail.BasisPoints(rapid.Int64Range(-1, 10_001).Draw(t, "percent")),
					Amount:  retail.Money(rapid.Int64Range(-1, 10_000).Draw(t, "amount")),
				}
			}), 0, 4).Draw(t, "offs"))
		}
		checkSums(t, &w, b.Result())
	})
}

// Six thousand pieces are six: quantities are never flattened into units.
func TestManyPiecesAreFew(t *testing.T) {
	check(t, func(t *rapid.T, w world) {
		for i := range w.lines {
			w.lines[i].Quantity *= 100_000_000
		}
		checkWhole(t, w.run(t))
	})
}

// checkWhole checks a result but for the shares, unit by unit.
func checkWhole(t *rapid.T, r Result) {
	var total retail.Money
	for _, p := range slices.Concat(r.Lines, r.Shipping) {
		checkApplied(t, p)
		total += p.Total
	}
	for _, g := range r.Added {
		total += g.Total
	}
	if total != r.Total {
		t.Fatalf("lines %d, basket %d", total, r.Total)
	}
}
