package app

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// anyEffect is something that a promotion of the property tests does.
func anyEffect(rt *rapid.T) (e pricing.Effect) {
	switch rapid.IntRange(0, 7).Draw(rt, "effect") {
	case 0:
		e.Percent = retail.BasisPoints(rapid.Int64Range(1, 5000).Draw(rt, "percent"))
	case 1:
		e.Amount = &pricing.AmountOff{Value: anyAmount(rt), Allocation: rapid.SampledFrom([]pricing.Allocation{pricing.PerUnit, pricing.PerLine}).Draw(rt, "of")}
	case 2:
		e.Target, e.Amount = pricing.ToOrder, &pricing.AmountOff{Value: anyAmount(rt)}
	case 3:
		e.BuyGet = &pricing.BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000}
	case 4:
		e.Tiers = &pricing.Tiers{By: pricing.ByQuantity, Steps: []pricing.Step{{From: 2, Percent: 500}, {From: 5, Percent: 3000}}}
	case 5:
		e.Units, e.Price = &pricing.Units{Of: 3}, &pricing.FixedPrice{Value: anyAmount(rt), Of: pricing.OfGroup}
	case 6:
		e.Units, e.Percent = &pricing.Units{Max: 2, Pick: pricing.Dearest}, 3333
	case 7:
		e.Ramp = &pricing.Ramp{First: 10, Further: 33}
	}
	return e
}

func anyAmount(rt *rapid.T) retail.Money {
	return retail.Money(rapid.Int64Range(1, 900).Draw(rt, "amount"))
}

// anyPromotion is one with some goods, some condition and some place in the order of
// work.
func anyPromotion(rt *rapid.T, id string, refund pricing.Refund) pricing.Promotion {
	p := pricing.Promotion{ID: id, Name: id, Refund: refund, Effects: []pricing.Effect{anyEffect(rt)}}
	p.Stacking.Priority = rapid.Int64Range(0, 3).Draw(rt, "priority")
	p.Stacking.Catalog = p.Effects[0].Percent > 0 && rapid.Bool().Draw(rt, "catalog")
	if rapid.Bool().Draw(rt, "some goods") {
		p.Goods.SKUs = []retail.SKU{"pen", "shirt"}
	}
	if rapid.Bool().Draw(rt, "condition") {
		least := rapid.Int64Range(1, 6000).Draw(rt, "least")
		p.If = []pricing.Condition{{Amount: &pricing.Range{Min: &least}, Goods: &pricing.Selection{}}}
	}
	return p
}

// bought is a sale, and what came back of it so far.
type bought struct {
	rt        *rapid.T
	t         *testing.T
	env       *sdktest.Env
	sale      till.Receipt
	back      []retail.Quantity // per line
	refunded  retail.Money
	documents int64
}

func buy(rt *rapid.T, t *testing.T, env *sdktest.Env, lines []till.Line) *bought {
	t.Helper()
	b := &bought{rt: rt, t: t, env: env, documents: 1}
	r := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "3", Cashier: "x"}))(t)
	must(sdktest.Run(env, till.SetLines, till.SetLinesIn{Basket: r.ID, Lines: lines}))(t)
	total := must(sdktest.Call(env, till.Quote, till.BasketID{Basket: r.ID}))(t).Total
	in := till.CloseIn{Basket: r.ID}
	if total > 0 {
		in.Tenders = []till.Payment{card(total)}
	}
	b.sale = must(sdktest.Run(env, till.Close, in))(t)
	b.back = make([]retail.Quantity, len(b.sale.Lines))
	return b
}

// some are random units that are not back yet.
func (b *bought) some() []till.ReturnLine {
	var lines []till.ReturnLine
	for len(lines) == 0 {
		for i := range b.sale.Lines {
			l := &b.sale.Lines[i]
			n := retail.Quantity(rapid.Int64Range(0, int64(l.Quantity-b.back[i])).Draw(b.rt, "units"))
			if n > 0 {
				lines = append(lines, units(l.ID, n))
			}
		}
	}
	return lines
}

// takeBack takes units back, and looks at what no return may do.
func (b *bought) takeBack(lines []till.ReturnLine) retail.Money {
	b.t.Helper()
	told := must(sdktest.Call(b.env, till.Returnable, till.ReceiptID{Receipt: b.sale.ID}))(b.t)
	r := must(sdktest.Run(b.env, till.Return, giveBackLines(b.sale.ID, lines...)))(b.t)
	b.documents++
	rest := false
	for _, l := range lines {
		i := slices.IndexFunc(b.sale.Lines, func(s till.ReceiptLine) bool { return s.ID == l.Line })
		b.back[i] += l.Quantity
		rest = len(lines) == 1 && b.back[i] == b.sale.Lines[i].Quantity
		if rest && told.Lines[i].Left != -r.Total {
			b.rt.Fatalf("told %d, refunded %d", told.Lines[i].Left, -r.Total)
		}
	}
	b.refunded -= r.Total
	if r.Total > 0 || b.refunded > b.shares() {
		b.rt.Fatalf("refunded %d, in all %d of shares of %d", -r.Total, b.refunded, b.shares())
	}
	if told.Refunded+told.Left != b.sale.Total || told.Refunded-r.Total != b.refunded {
		b.rt.Fatalf("told %+v of %d", told, b.sale.Total)
	}
	for _, l := range r.Lines {
		if l.Total > 0 {
			b.rt.Fatalf("line %s asks for money: %+v", l.ID, l)
		}
	}
	return -r.Total
}

// shares is what was paid for what is back.
func (b *bought) shares() (sum retail.Money) {
	for i := range b.sale.Lines {
		sum += retail.Portion(b.sale.Lines[i].Total, b.sale.Lines[i].Quantity, 0, b.back[i])
	}
	return sum
}

func (b *bought) done() bool {
	for i := range b.sale.Lines {
		if b.back[i] < b.sale.Lines[i].Quantity {
			return false
		}
	}
	return true
}

// finish looks at what must be even when everything is back.
func (b *bought) finish(promotions ...string) {
	b.t.Helper()
	if b.refunded != b.sale.Total {
		b.rt.Fatalf("refunded %d of %d", b.refunded, b.sale.Total)
	}
	even(b.t, b.env)
	sound(b.t, b.env, b.documents)
	for _, id := range promotions {
		if used := must(sdktest.Call(b.env, pricing.Budget, pricing.BudgetIn{ID: id}))(b.t); used.Uses != 0 || used.Spent != 0 {
			b.rt.Fatalf("%s has still used %+v", id, used)
		}
	}
	var sums [2]retail.Money // what applied and who pays, over all documents
	owed := must(sdktest.Call(b.env, pricing.FundingReport, pricing.FundingIn{First: "2026-11-01", Last: "2026-11-30"}))(b.t)
	for _, o := range owed.Lines {
		sums[0], sums[1] = sums[0]+o.Discount, sums[1]+o.Amount
	}
	if sums != [2]retail.Money{} {
		b.rt.Fatalf("suppliers still owe: %+v", owed)
	}
}

// Whatever promotions do and want of returns, in whatever order and pieces goods come
// back: no return asks for money, none pays more than the shares of what is back,
// returnable says what will be refunded, and when everything is back, money, VAT,
// budgets and what suppliers owe are as before the sale, to the cent.
func TestRecomputeIsEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		env := shop(t)
		weighed(t, env)
		var ids []string
		for _, id := range []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(rt, "promotions")] {
			p := anyPromotion(rt, id, rapid.SampledFrom([]pricing.Refund{pricing.Keep, pricing.Recompute, pricing.Recompute}).Draw(rt, "refund"))
			p.Limits = pricing.Limits{Budget: 1_000_000, Uses: 5}
			p.Funding = []pricing.Funder{{Supplier: "acme", Share: 3333}}
			if rapid.IntRange(0, 4).Draw(rt, "gift") == 0 {
				p.Effects = append(p.Effects, pricing.Effect{Gift: &pricing.Gift{SKU: "honey", Price: 100}})
			}
			goLive(t, env, p)
			ids = append(ids, id)
		}
		lines := []till.Line{
			goodsOf("pen", retail.Quantity(rapid.Int64Range(1, 4).Draw(rt, "pens"))), goodsOf("honey", 2),
			goodsOf("ham", retail.Quantity(rapid.Int64Range(1, 900).Draw(rt, "ham"))), goodsOf("pen", 1),
			goodsOf("shirt", retail.Quantity(rapid.Int64Range(1, 4).Draw(rt, "shirts"))),
		}
		if rapid.Bool().Draw(rt, "by hand") {
			price := retail.Money(250)
			lines[3].PriceOverride, lines[3].OverrideReason = &price, "scratched"
		}
		b := buy(rt, t, env, lines)
		for !b.done() {
			b.takeBack(b.some())
		}
		b.finish(ids...)
	})
}

// weighed puts goods that are sold by weight.
func weighed(t *testing.T, env *sdktest.Env) {
	t.Helper()
	ham := product("ham", "Ham", "food", "")
	ham.Unit = retail.Gram
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{ham}}))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "ham", Amount: 2990}}}))(t)
}

// Where all promotions of a sale are worked out again, a return refunds what was paid less what
// the goods that are kept cost in a basket of their own: the oracle is a quote of that.
// It refunds no less than was refunded before, and no more than the shares.
func TestRecomputeIsAQuoteOfWhatIsKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		env := shop(t)
		ids := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(rt, "promotions")]
		for _, id := range ids {
			goLive(t, env, anyPromotion(rt, id, pricing.Recompute))
		}
		lines := []till.Line{
			goodsOf("pen", retail.Quantity(rapid.Int64Range(1, 4).Draw(rt, "pens"))), goodsOf("honey", 2),
			goodsOf("pen", 1), goodsOf("shirt", retail.Quantity(rapid.Int64Range(1, 4).Draw(rt, "shirts"))),
		}
		b := buy(rt, t, env, lines)
		b.endOthers(ids)
		for !b.done() {
			before := b.refunded
			b.takeBack(b.some())
			if want := max(before, min(b.sale.Total-b.quoted(), b.shares())); b.refunded != want {
				rt.Fatalf("refunded %d, want %d: paid %d, kept goods cost %d, shares %d, before %d", b.refunded, want, b.sale.Total, b.quoted(), b.shares(), before)
			}
		}
		b.finish()
	})
}

// endOthers takes out the promotions that did nothing for the sale: they do nothing for
// what is kept of it.
func (b *bought) endOthers(ids []string) {
	b.t.Helper()
	for _, id := range ids {
		if !slices.ContainsFunc(b.sale.Applied, func(a pricing.Applied) bool { return a.Promotion == id }) {
			must(sdktest.Run(b.env, pricing.End, pricing.PromotionID{ID: id}))(b.t)
		}
	}
}

// quoted is what the goods that are kept cost alone.
func (b *bought) quoted() retail.Money {
	in := pricing.QuoteIn{Store: "MI-01"}
	for i, l := range b.sale.Lines {
		if n := l.Quantity - b.back[i]; n > 0 {
			in.Lines = append(in.Lines, pricing.QuoteLine{SKU: l.SKU, Quantity: n})
		}
	}
	if len(in.Lines) == 0 {
		return 0
	}
	return must(sdktest.Call(b.env, pricing.Quote, in))(b.t).Total
}
