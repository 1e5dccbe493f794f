package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/voucherstest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// cutOff is a shop with gift cards and a promotion of 10 % off shirts with a budget.
func cutOff(t *testing.T, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	env := shop(t, append(parts, sdktest.With(voucherstest.New()))...)
	must(sdktest.Run(env, vouchers.PutKind, vouchers.Kind{
		ID: "gift", Name: "Gift card", Type: vouchers.GiftCard, Months: 12, Reloadable: true, Currency: "EUR", Entity: "IT01",
	}))(t)
	goLive(t, env, pricing.Promotion{
		ID: "ten", Name: "Ten off", Goods: pricing.Selection{SKUs: []retail.SKU{"shirt"}}, Effects: []pricing.Effect{{Percent: 1000}},
		Limits: pricing.Limits{Budget: 2000},
	})
	return env
}

// onItsOwn is a document that a till wrote on its own today: pens at 3.33, paid in cash.
func onItsOwn(env *sdktest.Env, sequence int64, units retail.Quantity) till.OfflineDocument {
	total := 333 * retail.Money(units)
	return till.OfflineDocument{
		Day: "2026-11-21", Sequence: sequence, UUID: fmt.Sprintf("uuid-%d", 1000+sequence), Kind: till.Sale, At: env.Now(), Cashier: "ada", Total: total,
		Lines: []till.OfflineLine{{
			SKU: "pen", Quantity: units, UnitPrice: 333, Total: total, Goods: &pricing.Goods{Product: "pen", Description: "Pen", VATRate: 2200},
		}},
		Tenders: []till.Payment{cash(total)},
	}
}

// shirtAt is a shirt that "ten" took 2.99 off.
func shirtAt(env *sdktest.Env, sequence int64, slips ...string) till.OfflineDocument {
	d := onItsOwn(env, sequence, 1)
	d.Slips, d.Total, d.Tenders = slips, 2691, []till.Payment{cash(2691)}
	d.Lines[0] = till.OfflineLine{
		SKU: "shirt", Quantity: 1, UnitPrice: 2990, Discount: 299, Total: 2691, Goods: &pricing.Goods{Product: "shirt", Description: "Shirt", VATRate: 2200},
		Applied: []pricing.Applied{{Promotion: "ten", Version: 1, Name: "Ten off", Amount: 299}},
	}
	return d
}

// offBack is units of the first line of a sale that came back, when so many had before.
func offBack(env *sdktest.Env, sequence int64, sale string, from, units retail.Quantity, worth retail.Money) till.OfflineDocument {
	d := onItsOwn(env, sequence, 1)
	d.Kind, d.Original, d.Reason, d.Total = till.Refund, sale, "size", worth
	d.Lines = []till.OfflineLine{{Line: "1", From: from, Quantity: units, Total: worth}}
	d.Tenders = []till.Payment{cash(worth)}
	return d
}

// sync sends documents of till 3 and fails the test if the call is refused.
func sync(t fatal, env *sdktest.Env, all ...till.OfflineDocument) []till.Synced {
	t.Helper()
	out, err := sdktest.Run(env, till.Sync, till.SyncIn{Store: "MI-01", Till: "3", Sent: env.Now(), Documents: all})
	if err != nil {
		t.Fatal(err)
	}
	return out.Results
}

type fatal interface {
	Helper()
	Fatal(args ...any)
}

// states are the answers in short: taken, waiting, quarantined (why).
func states(all []till.Synced) string {
	var words []string
	for _, s := range all {
		word := string(s.State)
		if s.State == till.OfflineQuarantined {
			word += " (" + s.Reason + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func expect(t *testing.T, all []till.Synced, want string) {
	t.Helper()
	if got := states(all); got != want {
		b, _ := json.MarshalIndent(all, "", " ")
		t.Errorf("%s, want %s\n%s", got, want, b)
	}
}

// A till is cut off for a day: what it sold, took back and voided comes later, twice and in
// any order, and counts once; goods move below zero, and all of it is in the next day close.
func TestTillCutOffForADay(t *testing.T) {
	t.Parallel()
	env := cutOff(t, sdktest.Twice)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, cash(500))))(t)
	first, second := onItsOwn(env, 1, 3), onItsOwn(env, 2, 2)
	back := offBack(env, 3, "MI-01/3/20261121-1", 0, 1, 333)
	again := offBack(env, 4, "MI-01/3/20261121-1", 1, 1, 333)
	void := onItsOwn(env, 5, 2)
	void.Kind, void.Original, void.Lines = till.Annul, "MI-01/3/20261121-2", nil
	expect(t, sync(t, env, again, void, back), "waiting, waiting, waiting")
	for range 2 {
		got := sync(t, env, second, first)
		expect(t, got, "taken, taken")
		if got[1].Receipt != "MI-01/3/20261121-1" {
			t.Errorf("it became %+v", got[1])
		}
	}
	expect(t, sync(t, env, again, void, back, first), "taken, taken, taken, taken")
	if n := onHand(t, env, "MI-01", "pen"); n != -2 {
		t.Errorf("%d pens on hand, want those that the customer and the cashier have less", n)
	}
	x := must(sdktest.Call(env, till.Interim, till.InterimIn{Store: "MI-01"}))(t)
	if len(x.Tills) != 1 || x.Tills[0].Count != 1 || x.Tills[0].Offline != 5 || x.Totals[0].Total != 333+333 {
		t.Errorf("so far %+v", x)
	}
	day := must(sdktest.Call(env, till.OfflineDay, till.OfflineDayIn{Store: "MI-01", Till: "3", Day: "2026-11-21"}))(t)
	if day.Taken != 5 || day.Last != 5 || len(day.Missing) != 0 {
		t.Errorf("of the day came %+v", day)
	}
	z := must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "ada"}))(t)
	if z.Closes[0].Offline != 5 || z.Totals[0].Total != 666 {
		t.Errorf("closed %+v", z)
	}
	late := onItsOwn(env, 7, 1)
	expect(t, sync(t, env, late), "taken") // it belongs to the next day close
	if z := must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "ada"}))(t); z.Closes[0].Count != 0 || z.Closes[0].Offline != 1 || z.Totals[0].Total != 333 {
		t.Errorf("closed again %+v", z)
	}
	day = must(sdktest.Call(env, till.OfflineDay, till.OfflineDayIn{Store: "MI-01", Till: "3", Day: "2026-11-21"}))(t)
	if fmt.Sprint(day.Missing) != "[6]" {
		t.Errorf("missing %v", day.Missing)
	}
	r := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Code: "MI-01.3.20261121-1." + codeDigits("MI-01/3/20261121-1")}))(t)
	if r.Offline == nil || r.Offline.UUID != "uuid-1001" || r.Lines[0].UnitShares[0].Amount != 333 || r.VAT[0].Gross != 999 {
		t.Errorf("kept %+v", r)
	}
	must(sdktest.Run(env, till.Return, till.ReturnIn{Receipt: r.ID, Store: "RM-01", Till: "1", Cashier: "x", Reason: "r", Lines: []till.ReturnLine{units("1", 1)}}))(t)
	sound(t, env, 8)
}

func codeDigits(id string) string {
	c := receipt.CodeOf(id)
	return c[strings.LastIndexByte(c, '.')+1:]
}

// What a till sold by slips is paid by them: the card and the budget were less since the
// slips were written, and are no less than what was spent.
func TestSlipsPay(t *testing.T) {
	t.Parallel()
	env := cutOff(t, sdktest.Twice)
	gift := must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: "gift", Amount: 3000, Document: "I"}))(t).Cards[0]
	part := must(sdktest.Run(env, vouchers.Allot, vouchers.AllotIn{Code: gift.Code, Store: "MI-01", Till: "3", Amount: 2000}))(t)
	ten := must(sdktest.Run(env, pricing.Allot, pricing.AllotIn{Store: "MI-01", Till: "3", Parts: []pricing.AllotPart{{Promotion: "ten", Amount: 700}}}))(t).Parts[0]
	withCard := shirtAt(env, 1, ten.Slip)
	withCard.Tenders = []till.Payment{{Type: "gift_card", Amount: 1500, Reference: part.Slip}, cash(1191)}
	for range 2 {
		expect(t, sync(t, env, withCard, shirtAt(env, 2, ten.Slip)), "taken, taken")
	}
	tooMuch := shirtAt(env, 3, ten.Slip) // 1.02 of the slip is left
	none := shirtAt(env, 4)
	short := onItsOwn(env, 5, 3)
	short.Tenders = []till.Payment{{Type: "gift_card", Amount: 999, Reference: part.Slip}}
	both := shirtAt(env, 6, ten.Slip)
	both.Tenders = []till.Payment{{Type: "gift_card", Amount: 100, Reference: part.Slip}, cash(2591)}
	expect(t, sync(t, env, tooMuch, none, short, both), "quarantined (not_covered), quarantined (not_covered), quarantined (balance), quarantined (not_covered)")
	on := must(sdktest.Call(env, vouchers.GetCard, vouchers.CardID{Card: gift.Card}))(t)
	if on.Balance != 1500 || on.Allotted != 500 {
		t.Errorf("on the card %+v", on)
	}
	if b := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t); b.Spent != 700 {
		t.Errorf("%d of the budget is spent or at the till", b.Spent)
	}
	must(sdktest.Run(env, pricing.Settle, pricing.SettleIn{Allotment: ten.Allotment.ID}))(t)
	if b := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t); b.Spent != 598 {
		t.Errorf("%d of the budget is spent", b.Spent)
	}

	// Somebody decides: the discount was given and is nobody's budget, and what the card
	// did not pay the customer pays in cash.
	accept := func(in till.AcceptOfflineIn) (till.Receipt, error) {
		in.By, in.Note = "bea", "goods have left the shop"
		return sdktest.Run(env, till.AcceptOffline, in)
	}
	_, err := accept(till.AcceptOfflineIn{ID: "MI-01/3/20261121-4"})
	refuses(t, err, sdk.CodeFailedPrecondition, "not_covered", "/document/slips")
	if r := must(accept(till.AcceptOfflineIn{ID: "MI-01/3/20261121-4", Waive: true}))(t); r.Discount != 299 || r.Offline.By != "bea" {
		t.Errorf("accepted %+v", r)
	}
	must(accept(till.AcceptOfflineIn{ID: "MI-01/3/20261121-5", Tenders: []till.Payment{cash(999)}}))(t)
	must(sdktest.Run(env, till.DiscardOffline, till.DiscardOfflineIn{ID: "MI-01/3/20261121-3", By: "bea", Note: "test"}))(t)
	expect(t, sync(t, env, tooMuch, none, short, both), "discarded, taken, taken, quarantined (not_covered)")
	_, err = accept(till.AcceptOfflineIn{ID: "MI-01/3/20261121-5"})
	refuses(t, err, sdk.CodeFailedPrecondition, "decided", "/id")
	if b := must(sdktest.Call(env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t); b.Spent != 598 {
		t.Errorf("what was let pass is counted: %d", b.Spent)
	}
	list := must(sdktest.Call(env, till.OfflineDocuments, till.OfflineDocumentsIn{Store: "MI-01"}))(t)
	if len(list.Documents) != 1 || list.Documents[0].ID != "MI-01/3/20261121-6" || list.Documents[0].Document != nil {
		t.Errorf("in quarantine %+v", list.Documents)
	}
	sound(t, env, 4)
}

// Another body under a number that was used is kept beside the first, and so is a document
// whose UUID was used. Both are there to be seen, and may become receipts of another number.
func TestSameNumberOtherBody(t *testing.T) {
	t.Parallel()
	env := cutOff(t, sdktest.Twice)
	expect(t, sync(t, env, onItsOwn(env, 1, 1)), "taken")
	other := onItsOwn(env, 1, 2)
	for range 2 {
		expect(t, sync(t, env, other, onItsOwn(env, 1, 1)), "quarantined (differs), taken")
	}
	same := onItsOwn(env, 2, 1)
	same.UUID = other.UUID
	got := sync(t, env, same, other)
	expect(t, got, "quarantined (uuid), quarantined (differs)")
	both := must(sdktest.Call(env, till.GetOffline, till.OfflineID{ID: got[1].ID}))(t)
	if both.Record.Document.Total != 666 || both.Receipt == nil || both.Receipt.Total != 333 || both.Other.State != till.OfflineTaken {
		t.Errorf("shown %+v", both)
	}
	accept := till.AcceptOfflineIn{ID: got[1].ID, By: "bea", Note: "the till was reset"}
	_, err := sdktest.Run(env, till.AcceptOffline, accept)
	refuses(t, err, sdk.CodeConflict, "number", "/sequence")
	accept.Sequence = 9
	if r := must(sdktest.Run(env, till.AcceptOffline, accept))(t); r.ID != "MI-01/3/20261121-9" || r.Total != 666 {
		t.Errorf("accepted %+v", r)
	}
	expect(t, sync(t, env, other), "taken")
	nine := onItsOwn(env, 9, 1)
	expect(t, sync(t, env, nine), "quarantined (differs)")
	if n := onHand(t, env, "MI-01", "pen"); n != -3 {
		t.Errorf("%d pens", n)
	}
	sound(t, env, 2)
}

// What cannot have happened so is kept for somebody to look at. What has no key is refused.
func TestFactsMustAddUp(t *testing.T) {
	t.Parallel()
	env := cutOff(t)
	sync(t, env, onItsOwn(env, 100, 3))
	of := func(change func(*till.OfflineDocument)) till.OfflineDocument {
		d := onItsOwn(env, 1, 3)
		change(&d)
		return d
	}
	sold := "MI-01/3/20261121-100"
	for i, tt := range []struct {
		d    till.OfflineDocument
		want string
	}{
		{of(func(d *till.OfflineDocument) { d.Total++ }), "total"},
		{of(func(d *till.OfflineDocument) { d.Tenders[0].Amount++ }), "tenders"},
		{of(func(d *till.OfflineDocument) { d.Tenders[0].Amount, d.Rounding = 1000, 1 }), ""},
		{of(func(d *till.OfflineDocument) { d.Tenders[0].Amount, d.Rounding = 1005, 6 }), "rounding"},
		{of(func(d *till.OfflineDocument) { d.Tenders, d.Rounding = []till.Payment{card(1000)}, 1 }), "rounding"},
		{of(func(d *till.OfflineDocument) { d.Tenders, d.Change = []till.Payment{card(1100)}, 101 }), "tenders"},
		{of(func(d *till.OfflineDocument) { d.Tenders[0].Amount, d.Change = 1100, 101 }), ""},
		{of(func(d *till.OfflineDocument) { d.Lines[0].UnitShares = []pricing.Share{{Amount: 333, Quantity: 2}} }), "shares"},
		{of(func(d *till.OfflineDocument) { d.Lines[0].Discount = 100 }), "applied"},
		{of(func(d *till.OfflineDocument) { d.Lines[0].Quantity = 0 }), "quantity"},
		{of(func(d *till.OfflineDocument) { d.Lines = nil }), "lines"},
		{of(func(d *till.OfflineDocument) { d.Cashier = "" }), "cashier"},
		{of(func(d *till.OfflineDocument) { d.Kind = till.Historic }), "kind"},
		{of(func(d *till.OfflineDocument) { d.At -= 24 * 3_600_000 }), "day"},
		{of(func(d *till.OfflineDocument) { d.At += 20 * 60_000 }), "clock"},
		{of(func(d *till.OfflineDocument) { d.Tenders[0].Type = "magic" }), "tender_type"},
		{offBack(env, 1, sold, 0, 1, 334), "shares"},
		{offBack(env, 1, sold, 0, 4, 1332), "returned"},
		{offBack(env, 1, sold, 0, 1, 333), ""},
		{offBack(env, 1, sold, 0, 1, 333), "returned"},
		{offBack(env, 1, "MI-01/3/1", 0, 1, 333), "waits"},
	} {
		tt.d.Sequence, tt.d.UUID = int64(i+1), fmt.Sprintf("facts-%03d", i)
		if got := sync(t, env, tt.d)[0]; got.Reason != tt.want {
			t.Errorf("%d: %s (%s) at %s: %s; want %q", i, got.State, got.Reason, got.Pointer, got.Message, tt.want)
		}
	}
	keyless := onItsOwn(env, 0, 1)
	keyless.Sequence = 0
	if got := sync(t, env, keyless)[0]; got.State != till.OfflineRefused || got.Pointer != "/sequence" || got.ID != "" {
		t.Errorf("%+v", got)
	}
	_, err := sdktest.Run(env, till.Sync, till.SyncIn{Store: "MI-01", Till: "3", Documents: make([]till.OfflineDocument, 21)})
	refuses(t, err, sdk.CodeInvalid, "documents", "/documents")
}

// The drawer that was open when goods were sold counts their cash; one that was opened later
// does not, whenever the documents come.
func TestCashOfWhoeverTookIt(t *testing.T) {
	t.Parallel()
	env := cutOff(t, sdktest.Twice)
	before := onItsOwn(env, 1, 1)
	if err := env.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	s := must(sdktest.Run(env, till.OpenSession, till.OpenSessionIn{Store: "MI-01", Till: "3", Cashier: "ada", Float: 1000}))(t)
	during := onItsOwn(env, 2, 2)
	expect(t, sync(t, env, before, during), "taken, taken")
	got := must(sdktest.Call(env, till.GetSession, till.SessionID{Session: s.ID}))(t)
	if got.Documents != 1 || got.Tenders[0].Expected != 1666 {
		t.Errorf("in the drawer %+v", got)
	}
}

// No code of a coupon or a card stays in a document that is kept, nor in what is told of it.
func TestQuarantineKeepsNoCodes(t *testing.T) {
	t.Parallel()
	env := cutOff(t)
	d := shirtAt(env, 1)
	d.Codes = []string{"SECRET-COUPON-1"}
	d.Lines[0].Applied[0].Code = "SECRET-COUPON-1"
	d.Tenders = []till.Payment{{Type: "gift_card", Amount: 2691, Reference: "SECRET-CARD-22"}}
	got := sync(t, env, d)
	expect(t, got, "quarantined (not_covered)")
	rec := must(sdktest.Call(env, till.GetOffline, till.OfflineID{ID: got[0].ID}))(t)
	all, _ := json.Marshal([]any{rec, env.Events()})
	if strings.Contains(string(all), "SECRET") || !rec.Record.Sealed {
		t.Errorf("kept in clear: %s", all)
	}
	expect(t, sync(t, env, d), "quarantined (not_covered)")
}
