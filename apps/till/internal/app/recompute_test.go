package app

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// The table says what returns refund, and is what happens.
func TestRecomputeTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/recompute/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "\n== ")[1:] {
		name, body, _ := strings.Cut(block, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := returns{t: t, env: shop(t)}
			reprice(t, c.env)
			var got []string
			for line := range strings.Lines(body) {
				if line = strings.TrimSpace(line); line != "" {
					got = append(got, c.play(line))
				}
			}
			if got, want := strings.Join(got, "\n"), strings.TrimSpace(body); got != want {
				t.Errorf("got\n%s\n\nwant\n%s", got, want)
			}
			sound(t, c.env, c.documents)
		})
	}
}

// reprice gives goods round prices.
func reprice(t *testing.T, env *sdktest.Env) {
	t.Helper()
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{
		{SKU: "shirt", Amount: 3000}, {SKU: "pen", Amount: 1000}, {SKU: "honey", Amount: 500},
	}}))(t)
}

// returns is a sale and what comes back of it.
type returns struct {
	t         *testing.T
	env       *sdktest.Env
	sold      till.Receipt
	documents int64
}

// play does what a line of the table says, and writes the line with what happened.
func (c *returns) play(line string) string {
	c.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	asked, _, _ := strings.Cut(rest, ":")
	switch verb {
	case "promotion":
		c.promotion(rest)
		return line
	case "sale":
		return "sale " + asked + ": " + c.sell(asked)
	case "return":
		return "return " + asked + ": " + c.takeBack(asked)
	case "left":
		return "left " + c.left()
	case "spent":
		id, _, _ := strings.Cut(rest, " ")
		used := must(sdktest.Call(c.env, pricing.Budget, pricing.BudgetIn{ID: id}))(c.t)
		return "spent " + id + " " + euro(used.Spent)
	}
	c.t.Fatalf("no such verb: %s", line)
	return ""
}

func (c *returns) promotion(said string) {
	c.t.Helper()
	parts := strings.SplitN(said, " ", 3)
	p := pricing.Promotion{ID: parts[0], Name: parts[0], Refund: pricing.Refund(parts[1])}
	if err := json.Unmarshal([]byte(parts[2]), &p); err != nil {
		c.t.Fatal(err)
	}
	goLive(c.t, c.env, p)
}

func (c *returns) sell(asked string) string {
	c.t.Helper()
	var lines []till.Line
	for sku, n := range wanted(c.t, asked) {
		lines = append(lines, goodsOf(sku, n))
	}
	c.sold = must(sdktest.Run(c.env, till.Close, sale(lines, cash(100_000))))(c.t)
	c.documents++
	return euro(c.sold.Total)
}

func (c *returns) takeBack(asked string) string {
	c.t.Helper()
	in := giveBackLines(c.sold.ID)
	for sku, n := range wanted(c.t, asked) {
		for _, l := range c.sold.Lines {
			if l.SKU == sku {
				in.Lines = append(in.Lines, units(l.ID, n))
			}
		}
	}
	r := must(sdktest.Run(c.env, till.Return, in))(c.t)
	c.documents++
	said := euro(-r.Total)
	for i, w := range r.Withheld {
		said += [...]string{"; ", ", "}[min(i, 1)] + strings.TrimSpace(w.Promotion+" "+euro(w.Amount)+" "+string(w.Reason))
	}
	return said
}

// left is what returning the rest of each line alone would refund.
func (c *returns) left() string {
	c.t.Helper()
	var said []string
	for _, l := range must(sdktest.Call(c.env, till.Returnable, till.ReceiptID{Receipt: c.sold.ID}))(c.t).Lines {
		said = append(said, string(l.SKU)+" "+euro(l.Left))
	}
	return strings.Join(said, ", ")
}

// wanted reads 3 shirt, 1 pen.
func wanted(t *testing.T, asked string) func(yield func(retail.SKU, retail.Quantity) bool) {
	return func(yield func(retail.SKU, retail.Quantity) bool) {
		for _, part := range strings.Split(asked, ", ") {
			units, sku, _ := strings.Cut(part, " ")
			n, err := strconv.ParseInt(units, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(retail.SKU(sku), retail.Quantity(n)) {
				return
			}
		}
	}
}

func euro(m retail.Money) string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%02d", sign, m/100, m%100)
}

// threeForTwo sells three shirts for two, in a shop where the free one is no longer
// earned when one comes back.
func threeForTwo(t *testing.T, env *sdktest.Env, refund pricing.Refund) till.Receipt {
	t.Helper()
	reprice(t, env)
	goLive(t, env, pricing.Promotion{
		ID: "3x2", Name: "Tre per due", Refund: refund, Funding: []pricing.Funder{{Supplier: "acme", Share: 5000}},
		Effects: []pricing.Effect{{BuyGet: &pricing.BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000}}},
	})
	return must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 2), goodsOf("honey", 1)}, card(6000))))(t)
}

// A return says why it refunds less, in its lines, its discount, who pays for that, its
// VAT and in words. Another that gives it back has a line without units for goods that
// came back before, with their VAT.
func TestReturnSaysWhatItWithholds(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	sold := threeForTwo(t, env, pricing.Recompute)
	if sold.Applied[0].Refund != pricing.Recompute || sold.Total != 6000 {
		t.Fatalf("%+v", sold)
	}
	first := must(sdktest.Run(env, till.Return, giveBackLines(sold.ID, units("1", 1))))(t)
	// 30.00 come back, and the honey that is kept costs its 5.00 again.
	if l := first.Lines[0]; first.Total != -2500 || l.List != -3000 || l.Discount != -500 || l.Applied[0].Amount != -500 ||
		len(l.UnitShares) != 1 || l.UnitShares[0] != (pricing.Share{Amount: 2500, Quantity: -1}) {
		t.Errorf("%+v", first)
	}
	if a := first.Applied; len(a) != 1 || a[0].Amount != -500 || a[0].Funded[0].Amount != -250 || a[0].Name != "Tre per due" {
		t.Errorf("%+v", a)
	}
	if v := first.VAT; len(v) != 1 || v[0] != (retail.VATShare{Rate: 2200, Gross: -2500, Net: -2049, VAT: -451}) {
		t.Errorf("%+v", v)
	}
	second := must(sdktest.Run(env, till.Return, giveBackLines(sold.ID, units("2", 1))))(t)
	if second.Total != -500 || len(second.Lines) != 2 || len(second.Applied) != 0 || second.Withheld[0].Amount != -500 {
		t.Errorf("%+v", second)
	}
	if l := second.Lines[1]; l.ID != "1" || l.Quantity != 0 || l.Total != -500 || l.Discount != 500 {
		t.Errorf("%+v", l)
	}
	if v := second.VAT; len(v) != 2 || v[0].Gross != 0 || v[1].Gross != -500 || v[1].Rate != 2200 {
		t.Errorf("%+v", v)
	}
	for _, tt := range []struct {
		in   till.ExplainIn
		want []string
	}{
		{till.ExplainIn{Receipt: first.ID, Language: "it"}, []string{"Reso: 5,00 € di sconto in meno.", "Ciò che resta al cliente non la merita più: 5,00 € non rimborsati."}},
		{till.ExplainIn{Receipt: first.ID}, []string{"Returned: €5.00 less taken off.", "What is kept no longer earns it: €5.00 not refunded."}},
		{till.ExplainIn{Receipt: second.ID}, []string{"€5.00 refunded that an earlier return withheld."}},
	} {
		var got []string
		for _, told := range must(sdktest.Call(env, till.Explain, tt.in))(t).Told {
			got = append(got, told.Text)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.in, got, tt.want)
		}
	}
	sound(t, env, 3)
}

// Pricing is asked only where the answer may matter: not for promotions that keep, and
// not when everything comes back. Where it does not answer, nothing happens.
func TestWhenPricingIsAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		refund pricing.Refund
		lines  []till.ReturnLine
		asked  bool
	}{
		{"it keeps", pricing.Keep, []till.ReturnLine{units("1", 1)}, false},
		{"everything", pricing.Recompute, []till.ReturnLine{units("2", 1), units("1", 2)}, false},
		{"a part", pricing.Recompute, []till.ReturnLine{units("1", 2)}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := shop(t)
			sold := threeForTwo(t, env, tt.refund)
			env.Faults.Fail("pricing.recompute", sdk.Fail(sdk.CodeUnavailable, "", ""))
			_, err := sdktest.Run(env, till.Return, giveBackLines(sold.ID, tt.lines...))
			if (err != nil) != tt.asked || err != nil && sdk.CodeOf(err) != sdk.CodeUnavailable {
				t.Fatal(err)
			}
			if told, err := sdktest.Call(env, till.Returnable, till.ReceiptID{Receipt: sold.ID}); tt.asked {
				refuses(t, err, sdk.CodeUnavailable, "", "")
			} else if err != nil || told.Refunded+told.Left != sold.Total {
				t.Errorf("%+v, %v", told, err)
			}
		})
	}
}

// A promotion that would come to something else today keeps its shares, and the return
// says so: here goods have become dearer than its floor lets them be sold.
func TestNotWorkedOutAgain(t *testing.T) {
	t.Parallel()
	env := shop(t)
	reprice(t, env)
	cost := func(amount retail.Money) {
		must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "shirt", Amount: amount}}}))(t)
	}
	cost(1000)
	least := int64(6000)
	goLive(t, env, pricing.Promotion{
		ID: "p", Name: "P", Refund: pricing.Recompute, Floor: &pricing.Floor{}, If: []pricing.Condition{{Amount: &pricing.Range{Min: &least}}},
		Effects: []pricing.Effect{{Percent: 2000}},
	})
	sold := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 3)}, card(7200))))(t)
	cost(2300)
	r := must(sdktest.Run(env, till.Return, giveBackLines(sold.ID, units("1", 2))))(t)
	if r.Total != -4800 || len(r.Withheld) != 1 || r.Withheld[0] != (pricing.Withheld{Promotion: "p", Version: 1, Name: "P", Reason: pricing.RecomputeDiffers}) {
		t.Errorf("%+v", r)
	}
	cost(1000)
	sold = must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 3)}, card(7200))))(t)
	if r = must(sdktest.Run(env, till.Return, giveBackLines(sold.ID, units("1", 2))))(t); r.Total != -4200 || r.Withheld[0].Amount != 600 {
		t.Errorf("%+v", r)
	}
	sound(t, env, 4)
}

// Who may act in one store takes back there what another has sold, and is told what that
// refunds.
func TestRecomputeElsewhere(t *testing.T) {
	t.Parallel()
	env := shop(t)
	sold := threeForTwo(t, env, pricing.Recompute)
	env.AsPrincipal(sdktest.Principal{ID: "user:rosa", Stores: []string{"RM-01"}})
	if told := must(sdktest.Call(env, till.Returnable, till.ReceiptID{Receipt: sold.ID}))(t); told.Lines[0].Left != 5500 || told.Lines[1].Left != 0 {
		t.Errorf("%+v", told)
	}
	in := giveBackLines(sold.ID, units("1", 1))
	in.Store = "RM-01"
	if r := must(sdktest.Run(env, till.Return, in))(t); r.Total != -2500 {
		t.Errorf("%+v", r)
	}
}
