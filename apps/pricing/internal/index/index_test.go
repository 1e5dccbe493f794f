package index_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// now is when the baskets of these tests are bought.
const now = retail.Instant(1_800_000_000_000)

// world draws rules and baskets of few values, so that they meet.
type world struct{ t *rapid.T }

func (w world) some(name string, of ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(w.t, name)
}

func (w world) one(name string, of ...string) string { return rapid.SampledFrom(of).Draw(w.t, name) }

func texts[S ~string](list []string) (out []S) {
	for _, s := range list {
		out = append(out, S(s))
	}
	return out
}

func (w world) selection(name string) price.Selection {
	s := price.Selection{
		SKUs: texts[retail.SKU](w.some(name+" skus", "a", "b", "c", "d")), Brands: w.some(name+" brands", "x", "y"),
		Lines: w.some(name+" lines", "l", "m"), Tags: w.some(name+" tags", "t", "u"),
	}
	if rapid.IntRange(0, 5).Draw(w.t, name+" attributes") == 0 {
		s.Attributes = w.asked(name)
	}
	if rapid.Bool().Draw(w.t, name+" nothing") {
		s = price.Selection{}
	}
	return s
}

// asked are further attributes that a selection asks for.
func (w world) asked(name string) (all []price.Attribute) {
	for _, a := range w.some(name+" attributes", "colour", "size", "material") {
		all = append(all, price.Attribute{Name: a, Values: w.some(name+" values", "red", "blue", "green")})
	}
	return all
}

func (w world) audience(name string) price.Audience {
	if rapid.Bool().Draw(w.t, name+" nobody") {
		return price.Audience{}
	}
	return price.Audience{
		Stores: texts[retail.StoreID](w.some(name+" stores", "S1", "S2")), Channels: texts[retail.Channel](w.some(name+" channels", "web")),
		Customers: texts[retail.CustomerID](w.some(name+" customers", "c1", "c2")), Groups: w.some(name+" groups", "gold", "silver"),
	}
}

func (w world) rule(i int) price.Rule {
	least := int64(rapid.IntRange(1, 3).Draw(w.t, "least"))
	r := price.Rule{
		ID: fmt.Sprintf("r%02d", i), Version: 1, For: w.audience("for"), Not: price.Audience{Stores: texts[retail.StoreID](w.some("not", "S2"))},
		Goods: w.selection("goods"), NeedsCode: rapid.IntRange(0, 9).Draw(w.t, "code") == 0,
		Stacking: price.Stacking{Priority: int64(rapid.IntRange(0, 2).Draw(w.t, "priority"))},
	}
	if rapid.Bool().Draw(w.t, "except") {
		r.Except = w.selection("except")
	}
	if rapid.IntRange(0, 3).Draw(w.t, "period") == 0 {
		r.To = now + retail.Instant(rapid.SampledFrom([]int64{-90_000_000, -1, 0, 1}).Draw(w.t, "to"))
	}
	own := w.selection("own")
	switch rapid.IntRange(0, 4).Draw(w.t, "effect") {
	case 0:
		r.Effects = []price.Effect{{Percent: 1000}}
	case 1:
		r.Effects = []price.Effect{{Percent: 1000, Goods: &own}}
	case 2:
		r.Effects = []price.Effect{{Target: price.ToShipping, Percent: 10_000}}
		r.If = []price.Condition{{Quantity: &price.Range{Min: &least}, Goods: &own}}
	case 3:
		r.Effects = []price.Effect{{BuyGet: &price.BuyGet{BuyQuantity: 1, GetQuantity: 1, Buy: &own, Percent: 5000}}}
	case 4:
		other := w.selection("other")
		r.Effects = []price.Effect{{Bundle: &price.Bundle{Percent: 1000, Parts: []price.Part{{Quantity: 1, Goods: &own}, {Quantity: 1, Goods: &other}}}}}
	}
	return r
}

func (w world) lines() (lines []price.Line) {
	for i, n := 0, rapid.IntRange(1, 4).Draw(w.t, "lines"); i < n; i++ {
		lines = append(lines, price.Line{
			SKU: retail.SKU(w.one("sku", "a", "b", "c", "d", "e")), Quantity: 2, Unit: 1000, Per: 1,
			Stored: rapid.IntRange(0, 9).Draw(w.t, "stored") == 0,
			Goods: price.Goods{
				Brand: w.one("brand", "x", "y", "z", ""), Line: w.one("line", "l", "m", ""), Tags: w.some("tags", "t", "u", "v"),
				Size: w.one("size", "red", "blue", ""), Attributes: w.attributes(),
			},
		})
	}
	return lines
}

// attributes are further ones of goods. They may have a colour among them, as goods that
// are tried do.
func (w world) attributes() (all []price.Attribute) {
	for _, name := range []string{"colour", "material"} {
		if values := w.some(name, "red", "blue", "green"); len(values) > 0 {
			all = append(all, price.Attribute{Name: name, Values: values})
		}
	}
	return all
}

func (w world) place() price.Place {
	return price.Place{
		Store: retail.StoreID(w.one("store", "S1", "S2", "S3")), Channel: "store", At: now,
		Customer: retail.CustomerID(w.one("customer", "", "c1", "c3")), Groups: w.some("groups", "gold"),
	}
}

// price prices a basket with rules, and says what is said of those that came near
// and are somebody's business.
func outcome(t *rapid.T, place price.Place, lines []price.Line, cs []price.Candidate) (price.Result, []price.Miss) {
	b, err := price.New(price.Policy{}, place, lines, []price.Shipping{{Method: "post", Amount: 500}})
	if err != nil {
		t.Fatal(err)
	}
	b.Promote(cs)
	r := b.Result()
	var near []price.Miss
	for _, m := range r.NotApplied {
		if m.Near && m.Reason != price.WrongStore && m.Reason != price.WrongCustomer && m.Reason != price.CodeMissing {
			near = append(near, m)
		}
	}
	r.NotApplied = nil
	return r, near
}

// A basket costs the same with the rules that the index finds as with all rules.
func TestFindsEverythingThatApplies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := world{t}
		rules := make([]price.Rule, rapid.IntRange(0, 8).Draw(t, "rules"))
		for i := range rules {
			rules[i] = w.rule(i)
		}
		w.finds(rules)
	})
}

// The same where rules ask for further attributes of goods and for nothing else.
func TestFindsWhatAsksForAttributes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := world{t}
		rules := make([]price.Rule, rapid.IntRange(1, 4).Draw(t, "rules"))
		for i := range rules {
			rules[i] = price.Rule{
				ID: fmt.Sprintf("r%02d", i), Version: 1, Effects: []price.Effect{{Percent: 1000}},
				Goods: price.Selection{Attributes: w.asked("goods")}, Except: price.Selection{Attributes: w.asked("except")},
			}
		}
		w.finds(rules)
	})
}

// finds fails if a basket costs something else with the rules that the index finds than
// with all of them.
func (w world) finds(rules []price.Rule) {
	x := index.New[int]()
	var all, found []price.Candidate
	for i := range rules {
		all = append(all, price.Candidate{Rule: &rules[i]})
		x.Put(index.Entry[int]{Key: index.Key{ID: rules[i].ID, From: 1}, About: i}, &rules[i])
	}
	lines, place := w.lines(), w.place()
	for _, e := range x.Candidates(&index.Query{Generation: 1, Place: &place, Lines: lines, Teasers: 50}) {
		found = append(found, price.Candidate{Rule: e.Rule()})
	}
	want, _ := outcome(w.t, place, lines, all)
	got, _ := outcome(w.t, place, lines, found)
	if !reflect.DeepEqual(got, want) {
		w.t.Fatalf("with %d of %d rules\n%+v\nwith all\n%+v", len(found), len(all), got, want)
	}
}

// What the index finds depends on the rules that it holds, not on how they came
// there and what was there before.
func TestFindsTheSameHoweverItWasBuilt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := world{t}
		rules := make([]price.Rule, rapid.IntRange(1, 12).Draw(t, "rules"))
		for i := range rules {
			rules[i] = w.rule(i)
		}
		one, other := index.New[int](), index.New[int]()
		put := func(x *index.Index[int], i int) {
			x.Put(index.Entry[int]{Key: index.Key{ID: rules[i].ID, From: 1}, Codes: []string{"CODE"}}, &rules[i])
		}
		for i := range rules {
			put(one, i)
		}
		for _, i := range rapid.Permutation(order(2*len(rules))).Draw(t, "order") {
			put(other, i%len(rules))
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				other.Remove(index.Key{ID: rules[i%len(rules)].ID, From: 1})
			}
		}
		for i := range rules {
			put(other, i)
		}
		place := w.place()
		q := index.Query{Generation: 1, Place: &place, Lines: w.lines(), Teasers: 50}
		if a, b := ids(one.Candidates(&q)), ids(other.Candidates(&q)); !slices.Equal(a, b) {
			t.Fatalf("%v, then %v", a, b)
		}
		if !one.Equal(other) || len(one.ByCode("CODE", 1)) != len(rules) || len(other.ByCode("CODE", 1)) != len(rules) {
			t.Fatal("the indexes differ")
		}
		for i := range rules {
			other.Remove(index.Key{ID: rules[i].ID, From: 1})
		}
		if !other.Equal(index.New[int]()) || len(other.Candidates(&q)) != 0 {
			t.Fatal("an index that everything was taken out of is not empty")
		}
	})
}

func order(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func ids[T any](all []*index.Entry[T]) (out []string) {
	for _, e := range all {
		out = append(out, e.ID)
	}
	return out
}

// A rule is found in the generations in which it was live, until it is forgotten.
func TestGenerations(t *testing.T) {
	t.Parallel()
	x := index.New[string]()
	key := index.Key{ID: "r", From: 3}
	x.Put(index.Entry[string]{Key: key}, &price.Rule{ID: "r", Effects: []price.Effect{{Percent: 1000}}})
	x.End(key, 5, now)
	for g, want := range map[int64]int{2: 0, 3: 1, 4: 1, 5: 0} {
		q := index.Query{Generation: g, Place: &price.Place{At: now}}
		if n := len(x.Candidates(&q)); n != want {
			t.Errorf("generation %d: %d rules", g, n)
		}
		if (x.Find("r", g) != nil) != (want == 1) {
			t.Errorf("generation %d: found it %v", g, want == 0)
		}
	}
	if x.Forget(now - 1); x.Len() != 1 {
		t.Error("forgotten too early")
	}
	if x.Forget(now); x.Len() != 0 {
		t.Error("not forgotten")
	}
}

// What the index keeps of a rule is all of it: a field that is added to rules and
// lost here fails.
func TestKeepsWholeRules(t *testing.T) {
	t.Parallel()
	var full price.Rule
	fill(reflect.ValueOf(&full).Elem(), 0)
	full.NeedsCode = true
	x := index.New[int]()
	x.Put(index.Entry[int]{Key: index.Key{ID: "r", From: 1}}, &full)
	if got := x.Find("r", 1).Rule(); !reflect.DeepEqual(*got, full) {
		t.Errorf("%+v\nwant\n%+v", *got, full)
	}
}

// fill gives every field a value.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("r")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if depth < 4 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	case reflect.Pointer:
		if depth < 4 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() { // what package price works out itself is not said by anybody
				fill(f, depth+1)
			}
		}
	}
}

// many is an index of n rules, each for a brand and a season of many.
func many(n int) *index.Index[int] {
	x := index.New[int]()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		r := price.Rule{
			ID: fmt.Sprintf("p%06d", i), Version: 1, Effects: []price.Effect{{Percent: 1000}},
			Goods: price.Selection{Brands: []string{fmt.Sprint("b", random.IntN(n/5+1))}, Seasons: []string{fmt.Sprint("s", random.IntN(8))}},
		}
		x.Put(index.Entry[int]{Key: index.Key{ID: r.ID, From: 1}}, &r)
	}
	return x
}

// Of 100,000 rules a basket of 20 lines finds those that it matches.
func BenchmarkCandidates(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, place := many(n), price.Place{At: now, Store: "S1", Channel: "store"}
			q := index.Query{Generation: 1, Place: &place, Lines: make([]price.Line, 20)}
			for i := range q.Lines {
				q.Lines[i] = price.Line{
					SKU: retail.SKU(fmt.Sprint("sku", i)), Quantity: 1, Unit: 1000, Per: 1,
					Goods: price.Goods{Brand: fmt.Sprint("b", i*(n/5)/20), Season: fmt.Sprint("s", i%8)},
				}
			}
			b.ReportMetric(float64(len(x.Candidates(&q))), "found")
			for b.Loop() {
				x.Candidates(&q)
			}
		})
	}
}
