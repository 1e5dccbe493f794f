package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A sale is one transaction over the four apps: the receipt has everything, the
// stock has moved, the world was told.
func TestSale(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, pricing.Promotion{ID: "alba-20", Name: "−20 % Alba", Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: []pricing.Effect{{Percent: 2000}}})
	in := sale([]till.Line{goodsOf("shirt", 3), goodsOf("honey", 2), goodsOf("hem", 1)}, card(5000), cash(5000))
	in.Customer = "C-88"
	r := must(sdktest.Run(env, till.Close, in))(t)
	sdktest.Golden(t, r)
	if n := onHand(t, env, "MI-01", "shirt"); n != -3 {
		t.Errorf("%d shirts on hand, want -3: a till sells what is in the customer's hand", n)
	}
	if n := onHand(t, env, "MI-01", "hem"); n != 0 {
		t.Errorf("a service moved stock: %d", n)
	}
	if all := sdktest.Emitted(env, till.Closed); len(all) != 1 || all[0].ID != r.ID {
		t.Errorf("told of %+v", all)
	}
	if got := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: r.ID}))(t); got.Total != r.Total {
		t.Errorf("kept %+v", got)
	}
	sound(t, env, 1)
}

// Numbers run per store and till, and a failed sale leaves no gap.
func TestNumbers(t *testing.T) {
	t.Parallel()
	env := shop(t)
	one := []till.Line{goodsOf("pen", 1)}
	for _, want := range []string{"MI-01/3/1", "MI-01/3/2"} {
		if r := must(sdktest.Run(env, till.Close, sale(one, card(333))))(t); r.ID != want {
			t.Errorf("%s, want %s", r.ID, want)
		}
	}
	_, err := sdktest.Run(env, till.Close, sale(one, card(332)))
	refuses(t, err, sdk.CodeFailedPrecondition, "underpaid", "/tenders")
	env.Faults.Fail("stock.sell", sdk.FailedPrecondition("no_floor", "No floor."))
	_, err = sdktest.Run(env, till.Close, sale(one, card(333)))
	refuses(t, err, sdk.CodeFailedPrecondition, "no_floor", "")
	env.Faults.Heal("stock.sell")
	other := sale(one, card(333))
	other.Till = "4"
	if r := must(sdktest.Run(env, till.Close, other))(t); r.ID != "MI-01/4/1" {
		t.Error(r.ID)
	}
	if r := must(sdktest.Run(env, till.Close, sale(one, card(333))))(t); r.ID != "MI-01/3/3" {
		t.Error(r.ID)
	}
	sound(t, env, 4)
}

// What a till refuses, and where it points. Nothing of a refused sale remains.
func TestRefusedSales(t *testing.T) {
	t.Parallel()
	env := shop(t)
	pen := []till.Line{goodsOf("pen", 1)}
	tests := []struct {
		name    string
		change  func(*till.CloseIn)
		code    sdk.Code
		reason  string
		pointer string
	}{
		{"no lines", func(in *till.CloseIn) { in.Lines = nil }, sdk.CodeInvalid, "lines", "/lines"},
		{"nothing of it", func(in *till.CloseIn) { in.Lines[0].Quantity = 0 }, sdk.CodeInvalid, "quantity", "/lines/0/quantity"},
		{"less than nothing", func(in *till.CloseIn) { in.Lines[0].Quantity = -1 }, sdk.CodeInvalid, "quantity", "/lines/0/quantity"},
		{"unknown goods", func(in *till.CloseIn) { in.Lines = append(in.Lines, goodsOf("nil", 1)) }, sdk.CodeNotFound, "sku", "/lines/1/sku"},
		{"unknown store", func(in *till.CloseIn) { in.Store = "XX" }, sdk.CodeNotFound, "store", "/store"},
		{"a slash in the till", func(in *till.CloseIn) { in.Till = "3/4" }, sdk.CodeInvalid, "till", "/till"},
		{"no cashier", func(in *till.CloseIn) { in.Cashier = "" }, sdk.CodeInvalid, "cashier", "/cashier"},
		{"a price by hand without a reason", func(in *till.CloseIn) { in.Lines[0].PriceOverride = new(retail.Money) }, sdk.CodeInvalid, "override_reason", "/lines/0/override_reason"},
		{"card above due", func(in *till.CloseIn) { in.Tenders = []till.Payment{card(100), card(234)} }, sdk.CodeInvalid, "exceeds_due", "/tenders/1/amount"},
		{"cash for nothing", func(in *till.CloseIn) { in.Tenders = []till.Payment{card(333), cash(5)} }, sdk.CodeInvalid, "nothing_due", "/tenders/1/amount"},
		{"a tender of nothing", func(in *till.CloseIn) { in.Tenders = []till.Payment{cash(0)} }, sdk.CodeInvalid, "amount", "/tenders/0/amount"},
		{"nobody takes shells", func(in *till.CloseIn) { in.Tenders = []till.Payment{{Type: "shells", Amount: 333}} }, sdk.CodeInvalid, "tender_type", "/tenders/0/type"},
		{"no tender", func(in *till.CloseIn) { in.Tenders = nil }, sdk.CodeFailedPrecondition, "underpaid", "/tenders"},
		{"unknown basket", func(in *till.CloseIn) { *in = till.CloseIn{Basket: "B"} }, sdk.CodeNotFound, "basket", "/basket"},
	}
	for _, tt := range tests {
		in := sale([]till.Line{pen[0]}, card(333))
		tt.change(&in)
		_, err := sdktest.Run(env, till.Close, in)
		t.Run(tt.name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
	if n := len(sdktest.Emitted(env, till.Closed)) + len(sdktest.Emitted(env, stock.Moved)); n != 0 {
		t.Errorf("%d events of refused sales", n)
	}
	sound(t, env, 0)
}

// A total that is not what the customer was told sells nothing.
func TestExpectedTotal(t *testing.T) {
	t.Parallel()
	env := shop(t)
	in := sale([]till.Line{goodsOf("pen", 2)}, card(666))
	told := retail.Money(600)
	in.ExpectedTotal = &told
	_, err := sdktest.Run(env, till.Close, in)
	e := refuses(t, err, sdk.CodeConflict, "quote_changed", "/expected_total")
	if field(e, "total") != 666 || field(e, "expected") != 600 {
		t.Errorf("fields %v", e.Fields)
	}
	told = 666
	must(sdktest.Run(env, till.Close, in))(t)
}

// Cash alone is rounded, on the total, to five cents; with a card beside it, or
// in another currency, or if the retailer says so, it is not.
func TestCashRounding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		parts            []sdktest.Part
		tenders          []till.Payment
		rounding, change retail.Money
	}{
		{"wholly cash", nil, []till.Payment{cash(1000)}, -1, 335},
		{"exact after rounding", nil, []till.Payment{cash(665)}, -1, 0},
		{"cash and card", nil, []till.Payment{card(600), cash(100)}, 0, 34},
		{"switched off", []sdktest.Part{sdktest.Settings(Settings{CashRounding: 0})}, []till.Payment{cash(1000)}, 0, 334},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := shop(t, tt.parts...)
			r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, tt.tenders...)))(t)
			if r.Rounding != tt.rounding || r.Change != tt.change {
				t.Errorf("rounding %d, change %d; want %d, %d", r.Rounding, r.Change, tt.rounding, tt.change)
			}
			sound(t, env, 1)
		})
	}
}

// The five-cent rule is one of the euro.
func TestNoCashRoundingElsewhere(t *testing.T) {
	t.Parallel()
	env := shop(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "LN-01", Name: "London", Entity: "IT01", Zone: "Europe/London", Currency: "GBP"}))(t)
	must(sdktest.Run(env, stock.PutPlace, stock.Place{ID: "LN-01-floor", Name: "Floor", Kind: stock.Floor, Store: "LN-01"}))(t)
	must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "uk", Name: "UK", Currency: "GBP"}))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "uk", Entries: []pricing.Entry{{SKU: "pen", Amount: 299}}}))(t)
	in := sale([]till.Line{goodsOf("pen", 1)}, cash(300))
	in.Store = "LN-01"
	if r := must(sdktest.Run(env, till.Close, in))(t); r.Rounding != 0 || r.Change != 1 || r.Currency != "GBP" || r.Zone != "Europe/London" {
		t.Errorf("%+v", r)
	}
}

// An app that fills the tender slot takes part in the sale's transaction.
func TestTenderSlot(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Stub(till.Tender.Fill("gift_card", func(_ *sdk.Tx, in till.TenderIn) (till.TenderOut, error) {
		if in.Amount > 500 {
			return till.TenderOut{}, &sdk.Error{Code: sdk.CodeExhausted, Reason: "balance", Message: "The card holds 5.00.", Fields: []sdk.Field{sdk.Int("balance", 500)}}
		}
		return till.TenderOut{Reference: "…" + in.Reference[len(in.Reference)-2:]}, nil
	})))
	gift := func(amount retail.Money) till.Payment {
		return till.Payment{Type: "gift_card", Amount: amount, Reference: "SECRET42"}
	}
	_, err := sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, card(66), gift(600)))
	if e := refuses(t, err, sdk.CodeExhausted, "balance", "/tenders/1/amount"); field(e, "balance") != 500 {
		t.Errorf("fields %v", e.Fields)
	}
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, gift(500), cash(200))))(t)
	if r.Tenders[0].Reference != "…42" || r.Change != 34 || r.Rounding != 0 {
		t.Errorf("%+v, change %d", r.Tenders, r.Change)
	}
	sound(t, env, 1)
}

// A basket is opened, filled, quoted and closed once.
func TestBasket(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: "MI-01", Till: "3", Cashier: "ada"}))(t)
	must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "pen"}))(t)
	must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, Code: "8001505005479"}))(t)
	b = must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "pen", Quantity: 2}))(t)
	if len(b.Lines) != 2 || b.Lines[0].Quantity != 3 || b.Lines[1].SKU != "shirt" {
		t.Fatalf("%+v", b.Lines)
	}
	_, err := sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "nil"})
	refuses(t, err, sdk.CodeNotFound, "sku", "/sku")
	_, err = sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, Code: "8001505005470"})
	refuses(t, err, sdk.CodeInvalid, "gtin_check", "/code")
	q := must(sdktest.Call(env, till.Quote, till.BasketID{Basket: b.ID}))(t)
	if q.Total != 3989 {
		t.Errorf("quoted %d", q.Total)
	}
	r := must(sdktest.Run(env, till.Close, till.CloseIn{Basket: b.ID, Tenders: []till.Payment{card(3989)}, ExpectedTotal: &q.Total}))(t)
	if b = must(sdktest.Call(env, till.GetBasket, till.BasketID{Basket: b.ID}))(t); b.State != till.BasketClosed || b.Receipt != r.ID {
		t.Errorf("%+v", b)
	}
	_, err = sdktest.Run(env, till.Close, till.CloseIn{Basket: b.ID, Tenders: []till.Payment{card(3989)}})
	refuses(t, err, sdk.CodeFailedPrecondition, "basket_closed", "/basket")
	_, err = sdktest.Run(env, till.Discard, till.BasketID{Basket: b.ID})
	refuses(t, err, sdk.CodeFailedPrecondition, "basket_closed", "/basket")
}

// A price set by hand stands on the receipt with its reason, and no promotion
// touches it.
func TestPriceByHand(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{ID: "p", Name: "−50 %", Effects: []pricing.Effect{{Percent: 5000}}})
	price := retail.Money(100)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{{SKU: "pen", Quantity: 2, PriceOverride: &price, OverrideReason: "scratched"}}, card(200))))(t)
	if l := r.Lines[0]; r.Total != 200 || l.OverrideReason != "scratched" || l.PriceList != "" || len(l.Applied) != 0 {
		t.Errorf("%+v", l)
	}
}

// A sale keeps the goods as they were.
func TestReceiptKeepsDescriptions(t *testing.T) {
	t.Parallel()
	env := shop(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	renamed := product("pen", "Biro", "food", "")
	must(sdktest.Run(env, catalog.PutProduct, renamed))(t)
	got := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: r.ID}))(t)
	if g := got.Lines[0].Goods; g.Description != "Pen" || g.VATRate != 2200 {
		t.Errorf("%+v", g)
	}
}
