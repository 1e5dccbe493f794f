package app

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// oddities are documents as old systems have them: prices finer than a cent,
// negative quantities, a negative price, a price of nothing.
func oddities() []till.Document {
	return []till.Document{
		{
			External: "uci:536365", Number: "536365", Store: "MI-01", Till: "old", At: 1_291_191_960_000, Currency: "GBP", Customer: "17850",
			Lines: []till.DocumentLine{
				{SKU: "85123A", Description: "WHITE HANGING HEART T-LIGHT HOLDER", Quantity: 6, UnitPrice: "2.55", Amount: 1530},
				{SKU: "85123A", Description: "WHITE HANGING HEART T-LIGHT HOLDER", Quantity: 6, UnitPrice: "2.55", Amount: 1530},
				{SKU: "PADS", Description: "PADS TO MATCH", Quantity: 5, UnitPrice: "0.001", Amount: 1},
				{SKU: "X", Quantity: -3, UnitPrice: "0.0", Amount: 0},
			},
		},
		{
			External: "uci:C536379", Number: "C536379", Kind: "return", Store: "MI-01", Till: "old", At: 1_291_191_960_000, Currency: "GBP",
			Lines: []till.DocumentLine{{SKU: "D", Description: "Discount", Quantity: -1, UnitPrice: "27.50", Amount: -2750}},
		},
		{
			External: "uci:A563187", Number: "A563187", Kind: "adjustment", Store: "MI-01", Till: "old", At: 1_313_153_520_000, Currency: "GBP", Flags: []string{"negative_price"},
			Lines: []till.DocumentLine{{SKU: "B", Description: "Adjust bad debt", Quantity: 1, UnitPrice: "-11062.06", Amount: -1_106_206}},
		},
	}
}

// Historic documents go in as they are, once, and add up.
func TestImport(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	in := till.ImportReceiptsIn{Documents: oddities(), DryRun: true}
	for run, want := range []till.Outcome{till.Created, till.Created, till.Known} {
		in.DryRun = run == 0
		out := must(sdktest.Run(env, till.ImportReceipts, in))(t)
		var total retail.Money
		for _, r := range out.Results {
			if r.Outcome != want {
				t.Errorf("run %d: %+v", run, r)
			}
			total += r.Total
		}
		if total != 3061-2750-1_106_206 {
			t.Errorf("run %d: total %d", run, total)
		}
	}
	if n := len(sdktest.Emitted(env, till.ReceiptImported)); n != 3 {
		t.Errorf("%d events", n)
	}
	r := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{External: "uci:536365"}))(t)
	sdktest.Golden(t, r)
	if n := onHand(t, env, "MI-01", "85123A"); n != 0 {
		t.Errorf("an import moved stock: %d", n)
	}
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	sound(t, env, 4)
}

// An import may move stock, if it is asked to.
func TestImportMovesStock(t *testing.T) {
	t.Parallel()
	env := shop(t)
	d := oddities()[0]
	must(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: d, MoveStock: true}))(t)
	if sold, back := onHand(t, env, "MI-01", "85123A"), onHand(t, env, "MI-01", "X"); sold != -12 || back != 3 {
		t.Errorf("%d sold, %d back", sold, back)
	}
}

// A refused document names what is wrong with it and holds up no other.
func TestRefusedImports(t *testing.T) {
	t.Parallel()
	env := shop(t)
	tests := []struct {
		name    string
		change  func(*till.Document)
		code    sdk.Code
		reason  string
		pointer string
	}{
		{"an amount that does not reconcile", func(d *till.Document) { d.Lines[1].Amount++ }, sdk.CodeInvalid, "amount", "/lines/1/amount"},
		{"no decimal", func(d *till.Document) { d.Lines[0].UnitPrice = "2,55" }, sdk.CodeInvalid, "unit_price", "/lines/0/unit_price"},
		{"no SKU", func(d *till.Document) { d.Lines[0].SKU = "" }, sdk.CodeInvalid, "sku", "/lines/0/sku"},
		{"tenders of another sum", func(d *till.Document) { d.Tenders = []till.Taken{{Type: "cash", Amount: 1}} }, sdk.CodeInvalid, "tenders", "/tenders"},
		{"a slash", func(d *till.Document) { d.External = "a/b" }, sdk.CodeInvalid, "external", "/external"},
		{"no number", func(d *till.Document) { d.Number = "" }, sdk.CodeInvalid, "number", "/number"},
		{"no lines", func(d *till.Document) { d.Lines = nil }, sdk.CodeInvalid, "lines", "/lines"},
		{"no instant", func(d *till.Document) { d.At = 0 }, sdk.CodeInvalid, "at", "/at"},
		{"unknown store", func(d *till.Document) { d.Store = "XX" }, sdk.CodeNotFound, "store", "/store"},
		{"too many lines", func(d *till.Document) { d.Lines = make([]till.DocumentLine, till.MaxImported+1) }, sdk.CodeTooLarge, "lines", "/lines"},
	}
	var documents []till.Document
	for _, tt := range tests {
		d := oddities()[0]
		d.External = "x:" + strings.ReplaceAll(tt.name, " ", "_")
		tt.change(&d)
		_, err := sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: d})
		t.Run(tt.name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, "/document"+tt.pointer) })
		documents = append(documents, d)
	}
	out := must(sdktest.Run(env, till.ImportReceipts, till.ImportReceiptsIn{Documents: append(documents, oddities()[0])}))(t)
	for i, tt := range tests {
		if r := out.Results[i]; r.Outcome != till.Refused || r.Code != tt.code.String() || r.Reason != tt.reason || r.Pointer != tt.pointer || r.Message == "" {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
	if r := out.Results[len(tests)]; r.Outcome != till.Created {
		t.Errorf("the good one: %+v", r)
	}
	sound(t, env, 1)
}

// Another document under a known external id is not taken for the same.
func TestImportThatDiffers(t *testing.T) {
	t.Parallel()
	env := shop(t)
	d := oddities()[0]
	must(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: d}))(t)
	d.Lines[0].Description = "another"
	_, err := sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: d})
	refuses(t, err, sdk.CodeConflict, "differs", "/document/external")
	out := must(sdktest.Run(env, till.ImportReceipts, till.ImportReceiptsIn{Documents: []till.Document{d}}))(t)
	if r := out.Results[0]; r.Outcome != till.Refused || r.Reason != "differs" {
		t.Errorf("%+v", r)
	}
}

// The newest documents come first, page after page, by store, day and customer.
func TestReceipts(t *testing.T) {
	t.Parallel()
	env := shop(t)
	must(sdktest.Run(env, till.ImportReceipts, till.ImportReceiptsIn{Documents: oddities()}))(t)
	for range 3 {
		in := sale([]till.Line{goodsOf("pen", 1)}, card(333))
		in.Customer = "17850"
		must(sdktest.Run(env, till.Close, in))(t)
	}
	for name, tt := range map[string]struct {
		in   till.ReceiptsIn
		want string
	}{
		"store":    {till.ReceiptsIn{Store: "MI-01"}, "MI-01/3/3 MI-01/3/2 MI-01/3/1 import/uci:A563187 import/uci:C536379 import/uci:536365"},
		"day":      {till.ReceiptsIn{Store: "MI-01", Day: "2010-12-01"}, "import/uci:C536379 import/uci:536365"},
		"customer": {till.ReceiptsIn{Customer: "17850"}, "MI-01/3/3 MI-01/3/2 MI-01/3/1 import/uci:536365"},
		"nobody":   {till.ReceiptsIn{Store: "RM-01"}, ""},
	} {
		for _, limit := range []int64{1, 2, 50} {
			var ids []string
			in := tt.in
			for in.Limit = limit; ; {
				out := must(sdktest.Call(env, till.Receipts, in))(t)
				for _, r := range out.Receipts {
					ids = append(ids, r.ID)
				}
				if in.Cursor = out.Cursor; in.Cursor == "" {
					break
				}
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("%s by %d: %s", name, limit, got)
			}
		}
	}
	_, err := sdktest.Call(env, till.Receipts, till.ReceiptsIn{Store: "MI-01", Cursor: "nonsense"})
	refuses(t, err, sdk.CodeInvalid, "cursor", "/cursor")
	_, err = sdktest.Call(env, till.Receipts, till.ReceiptsIn{})
	refuses(t, err, sdk.CodeInvalid, "store", "/store")
}

// A day is the store's own, also when its clocks change, and adds up by kind,
// tender and VAT rate.
func TestDay(t *testing.T) {
	t.Parallel()
	env := shop(t)
	env.At("2027-03-27 23:59 Europe/Rome")
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	for _, at := range []string{"2027-03-28 00:00 Europe/Rome", "2027-03-28 23:59 Europe/Rome"} {
		env.At(at)
		must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("honey", 2), goodsOf("pen", 1)}, card(1000), cash(1000))))(t)
	}
	back := giveBackLines("MI-01/3/2", units("1", 1))
	back.Tender = till.Cash
	must(sdktest.Run(env, till.Return, back))(t)
	env.At("2027-03-29 00:00 Europe/Rome")
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	sdktest.Golden(t, must(sdktest.Call(env, till.Day, till.DayIn{Store: "MI-01", Day: "2027-03-28"}))(t))
	_, err := sdktest.Call(env, till.Day, till.DayIn{Store: "MI-01", Day: "29/3/2026"})
	refuses(t, err, sdk.CodeInvalid, "day", "/day")
	sound(t, env, 5)
}

// Verify finds what it is there to find.
func TestVerifyFindsFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(tx *sdk.Tx, r till.Receipt) error
		reason string
	}{
		"a missing document": {func(tx *sdk.Tx, r till.Receipt) error { return receipts.Delete(tx, sdk.K(r.ID)) }, "gap"},
		"a total that is not its lines": {func(tx *sdk.Tx, r till.Receipt) error {
			r.Lines[0].Total++
			return receipts.Put(tx, r)
		}, "lines"},
		"a tender too much": {func(tx *sdk.Tx, r till.Receipt) error {
			r.Tenders[0].Amount++
			return receipts.Put(tx, r)
		}, "tenders"},
		"a share too small": {func(tx *sdk.Tx, r till.Receipt) error {
			r.Lines[0].UnitShares[0].Amount--
			return receipts.Put(tx, r)
		}, "shares"},
		"VAT that does not add up": {func(tx *sdk.Tx, r till.Receipt) error {
			r.VAT[0].Net++
			return receipts.Put(tx, r)
		}, "vat"},
		"another day": {func(tx *sdk.Tx, r till.Receipt) error {
			r.Day = "2020-01-01"
			return receipts.Put(tx, r)
		}, "day"},
		"more returned than sold": {func(tx *sdk.Tx, r till.Receipt) error {
			return undos.Put(tx, undo{Receipt: r.ID, Lines: []undoneLine{{Line: "1", Returned: 3}}})
		}, "returned"},
		"a series that says more": {func(tx *sdk.Tx, _ till.Receipt) error {
			return series.Put(tx, tillState{Store: "MI-01", Till: "3", Last: 9})
		}, "last"},
		"a series without documents": {func(tx *sdk.Tx, _ till.Receipt) error {
			return series.Put(tx, tillState{Store: "MI-01", Till: "7", Last: 1})
		}, "last"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := shop(t)
			r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, card(666))))(t)
			must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 2)}, card(666))))(t)
			if err := env.Update(func(tx *sdk.Tx) error { return tt.change(tx, r) }); err != nil {
				t.Fatal(err)
			}
			out := must(sdktest.Call(env, till.Verify, till.VerifyIn{}))(t)
			if len(out.Faults) == 0 || out.Faults[0].Reason != tt.reason {
				t.Errorf("faults %+v, want %s", out.Faults, tt.reason)
			}
		})
	}
}
