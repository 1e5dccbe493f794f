package app

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// giveBackLines is a return at the till of the sale.
func giveBackLines(receipt string, lines ...till.ReturnLine) till.ReturnIn {
	return till.ReturnIn{Receipt: receipt, Store: "MI-01", Till: "3", Cashier: "ada", Reason: "size", Lines: lines}
}

func units(line string, quantity retail.Quantity) till.ReturnLine {
	return till.ReturnLine{Line: line, Quantity: quantity}
}

// Three units worth 8.99 come back one at a time: 3.00, 3.00 and 2.99, whatever
// promotions say by then.
func TestReturnUnitByUnit(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, pricing.Promotion{ID: "p", Name: "−1", Effects: []pricing.Effect{{Amount: &pricing.AmountOff{Value: 100, Allocation: pricing.PerLine}}}})
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 3)}, card(899))))(t)
	goLive(t, env, pricing.Promotion{ID: "p", Name: "−50 %", Effects: []pricing.Effect{{Percent: 5000}}})
	for i, want := range []retail.Money{-300, -300, -299} {
		back := must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
		if back.Total != want || back.Kind != till.Refund || back.Original != r.ID || back.Number != int64(i+2) {
			t.Fatalf("return %d: %+v", i, back)
		}
		if len(back.Tenders) != 1 || back.Tenders[0].Type != till.Card || back.Tenders[0].Amount != want {
			t.Errorf("refunded %+v", back.Tenders)
		}
	}
	_, err := sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1)))
	if e := refuses(t, err, sdk.CodeExhausted, "returned", "/lines/0/quantity"); field(e, "left") != 0 {
		t.Errorf("fields %v", e.Fields)
	}
	if n := onHand(t, env, "MI-01", "pen"); n != 0 {
		t.Errorf("%d pens on hand", n)
	}
	if n := len(sdktest.Emitted(env, till.Returned)); n != 3 {
		t.Errorf("%d events", n)
	}
	sound(t, env, 4)
}

// Goods come back in another store: its floor, its numbers, the same shares.
func TestReturnElsewhere(t *testing.T) {
	t.Parallel()
	env := shop(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 1), goodsOf("hem", 1)}, card(3990))))(t)
	in := giveBackLines(r.ID, units("2", 1), units("1", 1))
	in.Store, in.Till, in.Tender = "RM-01", "1", till.Cash
	back := must(sdktest.Run(env, till.Return, in))(t)
	if back.ID != "RM-01/1/1" || back.Total != -3990 || back.Tenders[0] != (till.Taken{Type: till.Cash, Amount: -3990}) {
		t.Errorf("%+v", back)
	}
	if here, there := onHand(t, env, "MI-01", "shirt"), onHand(t, env, "RM-01", "shirt"); here != -1 || there != 1 {
		t.Errorf("%d in Milan, %d in Rome", here, there)
	}
	sound(t, env, 2)
}

func TestRefusedReturns(t *testing.T) {
	t.Parallel()
	env := shop(t)
	mixed := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 3)}, card(900), cash(99))))(t)
	byCard := giveBackLines(mixed.ID, units("1", 1))
	byCard.Tender = till.Card
	back := must(sdktest.Run(env, till.Return, byCard))(t)
	tests := []struct {
		name    string
		change  func(*till.ReturnIn)
		code    sdk.Code
		reason  string
		pointer string
	}{
		{"unknown receipt", func(in *till.ReturnIn) { in.Receipt = "MI-01/3/99" }, sdk.CodeNotFound, "receipt", "/receipt"},
		{"a return of a return", func(in *till.ReturnIn) { in.Receipt = back.ID }, sdk.CodeFailedPrecondition, "not_a_sale", ""},
		{"no line", func(in *till.ReturnIn) { in.Lines = nil }, sdk.CodeInvalid, "lines", "/lines"},
		{"unknown line", func(in *till.ReturnIn) { in.Lines[0].Line = "7" }, sdk.CodeNotFound, "line", "/lines/0/line"},
		{"a line twice", func(in *till.ReturnIn) { in.Lines = append(in.Lines, in.Lines[0]) }, sdk.CodeInvalid, "lines", "/lines/1/line"},
		{"no quantity", func(in *till.ReturnIn) { in.Lines[0].Quantity = 0 }, sdk.CodeInvalid, "quantity", "/lines/0/quantity"},
		{"more than is left", func(in *till.ReturnIn) { in.Lines[0].Quantity = 3 }, sdk.CodeExhausted, "returned", "/lines/0/quantity"},
		{"no receipt", func(in *till.ReturnIn) { in.Receipt = "" }, sdk.CodeInvalid, "receipt", "/receipt"},
		{"refunds of another sum", func(in *till.ReturnIn) { in.Tender, in.Refunds = "", []till.Payment{card(332)} }, sdk.CodeInvalid, "refunds", "/refunds"},
		{"a tender it was not paid with", func(in *till.ReturnIn) { in.Tender = "gift_card" }, sdk.CodeFailedPrecondition, "tender", "/tender"},
		{"more than the card paid", func(in *till.ReturnIn) { in.Lines[0].Quantity = 2 }, sdk.CodeExhausted, "tender", "/tender"},
		{"unknown store", func(in *till.ReturnIn) { in.Store = "XX" }, sdk.CodeNotFound, "store", "/store"},
		{"no quarantine", func(in *till.ReturnIn) { in.Lines[0].Quarantine = true }, sdk.CodeFailedPrecondition, "no_quarantine", "/store"},
	}
	for _, tt := range tests {
		in := giveBackLines(mixed.ID, units("1", 1))
		in.Tender = till.Card
		tt.change(&in)
		_, err := sdktest.Run(env, till.Return, in)
		t.Run(tt.name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
	if n := len(sdktest.Emitted(env, till.Returned)); n != 1 {
		t.Errorf("%d returns", n)
	}
	sound(t, env, 2)
}

// A void turns every sign of the sale, gives back what was kept, and is final.
func TestVoid(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, cash(1000))))(t)
	v := must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea", Reason: "wrong customer"}))(t)
	if v.ID != "MI-01/3/2" || v.Total != -666 || v.Rounding != 1 || v.Change != 0 || v.Tenders[0].Amount != -665 || v.Original != r.ID {
		t.Errorf("%+v", v)
	}
	if n := onHand(t, env, "MI-01", "pen"); n != 0 {
		t.Errorf("%d pens on hand", n)
	}
	_, err := sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea"})
	refuses(t, err, sdk.CodeExhausted, "voided", "/receipt")
	_, err = sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1)))
	refuses(t, err, sdk.CodeExhausted, "voided", "/receipt")
	_, err = sdktest.Run(env, till.Void, till.VoidIn{Receipt: v.ID, Cashier: "bea"})
	refuses(t, err, sdk.CodeFailedPrecondition, "not_a_sale", "")
	day := must(sdktest.Call(env, till.Day, till.DayIn{Store: "MI-01", Day: "2026-11-21"}))(t)
	if d := day.Totals[0]; d.Total != 0 || d.Rounding != 0 || d.Tenders[0].Amount != 0 || d.VAT[0].VAT != 0 {
		t.Errorf("the day is not even: %+v", d)
	}
	sound(t, env, 2)
}

func TestVoidIsRefused(t *testing.T) {
	t.Parallel()
	env := shop(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, card(666))))(t)
	_, err := sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Store: "RM-01", Cashier: "bea"})
	refuses(t, err, sdk.CodeFailedPrecondition, "other_store", "")
	must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	_, err = sdktest.Run(env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "bea"})
	refuses(t, err, sdk.CodeFailedPrecondition, "returned", "")
	left := must(sdktest.Call(env, till.Returnable, till.ReceiptID{Receipt: r.ID}))(t)
	if l := left.Lines[0]; l.Sold != 2 || l.Returned != 1 || l.Left != 333 || left.Refunded != 333 || len(left.Returns) != 1 {
		t.Errorf("%+v", left)
	}
}

// Buy and bring everything back, in any pieces and any order, at two stores:
// money, VAT, stock, the promotion's budget and its only use are as before, to the
// cent, and numbers have no gap.
func TestBuyAndReturnEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		env := shop(t)
		amount := retail.Money(rapid.Int64Range(1, 900).Draw(rt, "amount"))
		goLive(t, env, pricing.Promotion{ID: "p", Name: "across", Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: amount}}},
			Limits: pricing.Limits{Uses: 1, Budget: amount, BudgetPerStore: 900, UsesPerCustomer: 2}})
		lines := []till.Line{goodsOf("pen", retail.Quantity(rapid.Int64Range(1, 5).Draw(rt, "pens"))), goodsOf("honey", retail.Quantity(rapid.Int64Range(1, 3).Draw(rt, "honey"))), goodsOf("pen", 2)}
		in := sale(lines, cash(100_000))
		in.Customer = "C-1"
		if rapid.Bool().Draw(rt, "card") {
			b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "9", Cashier: "x", Customer: "C-1"}))(t)
			must(sdktest.Run(env, till.SetLines, till.SetLinesIn{Basket: b.ID, Lines: lines}))(t)
			in.Tenders = []till.Payment{card(must(sdktest.Call(env, till.Quote, till.BasketID{Basket: b.ID}))(t).Total)}
		}
		r := must(sdktest.Run(env, till.Close, in))(t)
		documents := int64(1)
		if used := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "p", Store: "MI-01"}))(t); used.Uses != 1 || used.Spent != amount || used.StoreSpent != amount {
			t.Fatalf("used %+v of %d", used, amount)
		}
		left := []retail.Quantity{lines[0].Quantity, lines[1].Quantity, lines[2].Quantity}
		for left[0]+left[1]+left[2] > 0 {
			back := giveBackLines(r.ID)
			back.Store = rapid.SampledFrom([]retail.StoreID{"MI-01", "RM-01"}).Draw(rt, "store")
			for i, id := range []string{"1", "2", "3"} {
				if n := retail.Quantity(rapid.Int64Range(0, int64(left[i])).Draw(rt, "units")); n > 0 {
					back.Lines = append(back.Lines, units(id, n))
					left[i] -= n
				}
			}
			if len(back.Lines) > 0 {
				must(sdktest.Run(env, till.Return, back))(t)
				documents++
			}
		}
		even(t, env)
		sound(t, env, documents)
		if used := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "p", Store: "MI-01"}))(t); used.Uses != 0 || used.Spent != 0 || used.StoreSpent != 0 {
			t.Fatalf("still used: %+v", used)
		}
	})
}

// even fails a test unless both stores' day comes to nothing and no stock moved.
func even(t *testing.T, env *sdktest.Env) {
	t.Helper()
	var total, rounding, tenders retail.Money
	vat := map[retail.BasisPoints]retail.Money{}
	for _, s := range []retail.StoreID{"MI-01", "RM-01"} {
		for _, d := range must(sdktest.Call(env, till.Day, till.DayIn{Store: s, Day: "2026-11-21"}))(t).Totals {
			total, rounding = total+d.Total, rounding+d.Rounding
			for _, x := range d.Tenders {
				tenders += x.Amount
			}
			for _, v := range d.VAT {
				vat[v.Rate] += v.VAT
			}
		}
	}
	if total != 0 || rounding != 0 || tenders != 0 || vat[1000] != 0 || vat[2200] != 0 {
		t.Fatalf("total %d, rounding %d, tenders %d, VAT %v", total, rounding, tenders, vat)
	}
	for _, sku := range []retail.SKU{"pen", "honey"} {
		if n := onHand(t, env, "MI-01", sku) + onHand(t, env, "RM-01", sku); n != 0 {
			t.Fatalf("%d %s too many", n, sku)
		}
	}
	if faults := must(sdktest.Call(env, stock.Verify, stock.VerifyIn{}))(t).Faults; len(faults) != 0 {
		t.Fatalf("%+v", faults)
	}
}
