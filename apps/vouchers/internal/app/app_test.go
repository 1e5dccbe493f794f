package app

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// desk is a retailer with four kinds, held to the grants of the manifest. It is a
// Saturday of November.
func desk(t testing.TB, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	paper, err := os.ReadFile("../../../../manifests/vouchers.json")
	if err != nil {
		t.Fatal(err)
	}
	env := sdktest.New(t, New(), append(parts, sdktest.Manifest(paper))...)
	env.At("2026-11-21 17:05 Europe/Rome")
	for _, k := range []vouchers.Kind{
		{ID: "gift", Name: "Gift card", Type: vouchers.GiftCard, Months: 12, Reloadable: true, MaxBalance: 50000},
		{ID: "book", Name: "Book voucher", Type: vouchers.Voucher, VAT: vouchers.Single, Rate: 400},
		{ID: "return", Name: "Return voucher", Type: vouchers.ReturnVoucher, Months: 6, Offered: true, Imposed: true},
		{ID: "credit", Name: "Store credit", Type: vouchers.StoreCredit, Personal: true, Offered: true, Reloadable: true},
		{ID: "safe", Name: "Gift card with PIN", Type: vouchers.GiftCard, PIN: true, RefundExpired: vouchers.Refuse, Months: 1},
	} {
		k.Currency, k.Entity = "EUR", "IT01"
		must(sdktest.Run(env, vouchers.PutKind, k))(t)
	}
	return env
}

// fatal is a test, or one run of a property.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// must fails a test on an error; it takes a call's two results at once.
func must[T any](v T, err error) func(fatal) T {
	return func(t fatal) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refuses fails a test unless err has a code and a reason.
func refuses(t fatal, err error, code sdk.Code, reason string) *sdk.Error {
	t.Helper()
	var e *sdk.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v; want %s (%s)", err, code, reason)
	}
	if e.Code != code || e.Reason != reason {
		t.Fatalf("%v at %q (fields %v); want %s (%s)", e, e.Pointer, e.Fields, code, reason)
	}
	return e
}

// bought is a card with an amount on it.
func bought(t fatal, env *sdktest.Env, kind string, amount retail.Money) vouchers.Drawn {
	t.Helper()
	in := vouchers.IssueIn{Kind: kind, Amount: amount, Document: "R0", Customer: "ada"}
	return must(sdktest.Run(env, vouchers.Issue, in))(t).Cards[0]
}

// blank is a card that waits to be sold.
func blank(t fatal, env *sdktest.Env, kind string) vouchers.Drawn {
	t.Helper()
	return must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: kind}))(t).Cards[0]
}

func on(t fatal, env *sdktest.Env, id string) vouchers.Card {
	t.Helper()
	return must(sdktest.Call(env, vouchers.GetCard, vouchers.CardID{Card: id}))(t)
}

// sound fails a test unless every ledger is well and what is on cards is what is owed.
func sound(t fatal, env *sdktest.Env) {
	t.Helper()
	sums := map[string]retail.Money{}
	for cursor := ""; ; {
		out := must(sdktest.Call(env, vouchers.Verify, vouchers.VerifyIn{Cursor: cursor, Limit: 2}))(t)
		if len(out.Faults) > 0 {
			t.Fatalf("faults: %+v", out.Faults)
		}
		for _, total := range out.Totals {
			sums[total.Kind] += total.Balance
		}
		if cursor = out.Cursor; cursor == "" {
			break
		}
	}
	for _, row := range must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{}))(t).Rows {
		if row.Outstanding != sums[row.Kind] {
			t.Fatalf("%s: %d is owed, and %d on cards: %+v", row.Kind, row.Outstanding, sums[row.Kind], row)
		}
	}
}

func pay(code string, amount retail.Money, receipt string) till.TenderIn {
	return till.TenderIn{Receipt: receipt, Store: "MI-01", Till: "3", Currency: "EUR", Amount: amount, Reference: code}
}

func payBack(kept string, amount retail.Money, receipt, original string) till.TenderIn {
	in := pay(kept, amount, receipt)
	in.Refund, in.Original, in.Channel = true, original, "store"
	return in
}

// A gift card is sold, half spent and refunded, as a till does it: what the receipt keeps
// shows no code, and what comes back goes to the same card.
func TestGiftCardAtTheTill(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := blank(t, env, "gift")
	sold := must(sdktest.One(env, till.StoredValue, "gift_card", till.StoredIn{
		Receipt: "MI-01/3/1", Store: "MI-01", Entity: "IT01", Currency: "EUR", Tenders: []string{"cash"},
		Lines: []till.StoredLine{{Line: "1", SKU: "GIFT-50", Quantity: 1, Amount: 5000, Code: strings.ToLower(c.Code)}},
	}))(t)
	if got := sold.Lines[0]; !got.Multi || got.Code != "" || got.Expires != rome(t, "2027-11-22") {
		t.Errorf("sold as %+v", got)
	}
	_, err := sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 100, "MI-01/3/1"))
	refuses(t, err, sdk.CodeFailedPrecondition, "same_receipt")
	paid := must(sdktest.One(env, till.Tender, "gift_card", pay(" "+c.Code, 2990, "MI-01/3/2")))(t)
	if paid.Reference != sold.Lines[0].Reference || *paid.Left != 2010 || paid.VATPaid != nil {
		t.Errorf("paid %+v", paid)
	}
	if masked, _, _ := strings.Cut(paid.Reference, " "); masked != "*"+c.Code[15:] {
		t.Errorf("the receipt keeps %s of %s", masked, c.Code)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 2011, "MI-01/3/3"))
	if e := refuses(t, err, sdk.CodeExhausted, "balance"); e.Fields[0].Int != 2010 {
		t.Errorf("fields %v", e.Fields)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack(paid.Reference, 2991, "MI-01/3/4", "MI-01/3/2"))
	refuses(t, err, sdk.CodeExhausted, "refunded")
	back := must(sdktest.One(env, till.Tender, "gift_card", payBack(paid.Reference, 1000, "MI-01/3/4", "MI-01/3/2")))(t)
	if *back.Left != 3010 || back.Reference != paid.Reference {
		t.Errorf("gave back %+v", back)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack(paid.Reference, 1991, "MI-01/3/5", "MI-01/3/2"))
	refuses(t, err, sdk.CodeExhausted, "refunded")
	var told []string
	for _, e := range env.Events() {
		told = append(told, e.Name)
		if strings.Contains(string(e.Payload), strings.ReplaceAll(c.Code, "-", "")) || strings.Contains(string(e.Payload), c.Code) {
			t.Errorf("%s tells the code", e.Name)
		}
	}
	if got := strings.Join(told, " "); got != "vouchers.issued vouchers.activated vouchers.redeemed vouchers.refunded" {
		t.Errorf("told %s", got)
	}
	sound(t, env)
}

// What a card paid for one sale is not given back for another.
func TestRefundOfItsSale(t *testing.T) {
	t.Parallel()
	env := desk(t)
	c := bought(t, env, "gift", 5000)
	for _, sale := range []string{"S1", "S2"} {
		must(sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 1000, sale)))(t)
	}
	_, err := sdktest.One(env, till.Tender, "gift_card", payBack("*X "+c.Card, 1001, "V1", "S1"))
	if e := refuses(t, err, sdk.CodeExhausted, "refunded"); e.Fields[0].Int != 1000 {
		t.Errorf("fields %v", e.Fields)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack("*X "+c.Card, 1, "V1", "S3"))
	refuses(t, err, sdk.CodeExhausted, "refunded")
	for _, sale := range []string{"S2", "S1"} {
		must(sdktest.One(env, till.Tender, "gift_card", payBack("*X "+c.Card, 1000, "V"+sale, sale)))(t)
	}
	sound(t, env)
}

func rome(t fatal, day retail.Date) retail.Instant {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02", string(day), loc)
	if err != nil {
		t.Fatal(err)
	}
	return retail.Instant(at.UnixMilli())
}

// Undoing the sale of a card ends it, if nothing was spent of it; else it refuses until
// that came back.
func TestSaleUndone(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := blank(t, env, "gift")
	in := till.StoredIn{Receipt: "S1", Store: "MI-01", Entity: "IT01", Currency: "EUR", Lines: []till.StoredLine{{Line: "1", Amount: 5000, Quantity: 1, Code: c.Code}}}
	sold := must(sdktest.One(env, till.StoredValue, "gift_card", in))(t)
	paid := must(sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 1, "S2")))(t)
	undo := in
	undo.Receipt, undo.Original, undo.Undo = "V1", "S1", true
	undo.Lines = []till.StoredLine{{Line: "1", Amount: 5000, Quantity: 1, Reference: sold.Lines[0].Reference}}
	_, err := sdktest.One(env, till.StoredValue, "gift_card", undo)
	if e := refuses(t, err, sdk.CodeFailedPrecondition, "spent"); e.Pointer != "/lines/0/amount" || e.Fields[0].Int != 4999 {
		t.Errorf("at %s, fields %v", e.Pointer, e.Fields)
	}
	must(sdktest.One(env, till.Tender, "gift_card", payBack(paid.Reference, 1, "V2", "S2")))(t)
	must(sdktest.One(env, till.StoredValue, "gift_card", undo))(t)
	if got := on(t, env, c.Card); got.State != vouchers.StateCancelled || got.Balance != 0 {
		t.Errorf("after all %+v", got)
	}
	_, err = sdktest.One(env, till.StoredValue, "gift_card", undo)
	refuses(t, err, sdk.CodeNotFound, "document")
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 1, "S3"))
	refuses(t, err, sdk.CodeFailedPrecondition, "not_active")
	sound(t, env)
}

// What a till may not sell as stored value.
func TestRefusedSales(t *testing.T) {
	t.Parallel()
	env := desk(t)
	c, single := blank(t, env, "gift"), blank(t, env, "book")
	for _, tt := range []struct {
		name   string
		change func(*till.StoredIn)
		code   sdk.Code
		reason string
	}{
		{"paid with a card", func(in *till.StoredIn) { in.Tenders = []string{"cash", "return_voucher"} }, sdk.CodeFailedPrecondition, "bought_with_card"},
		{"of another legal person", func(in *till.StoredIn) { in.Entity = "IT02" }, sdk.CodeFailedPrecondition, "entity"},
		{"of another currency", func(in *till.StoredIn) { in.Currency = "CHF" }, sdk.CodeFailedPrecondition, "currency"},
		{"a multi-purpose card taxed at issue", func(in *till.StoredIn) { in.Lines[0].VATRate = 2200 }, sdk.CodeFailedPrecondition, "vat_rate"},
		{"a single-purpose card not taxed", func(in *till.StoredIn) { in.Lines[0].Code = single.Code }, sdk.CodeFailedPrecondition, "vat_rate"},
		{"more than fits", func(in *till.StoredIn) { in.Lines[0].Amount = 50001 }, sdk.CodeExhausted, "max_balance"},
		{"for nothing", func(in *till.StoredIn) { in.Lines[0].Amount = 0 }, sdk.CodeInvalid, "amount"},
		{"unknown", func(in *till.StoredIn) { in.Lines[0].Code = "nobody's" }, sdk.CodeNotFound, "code"},
		{"two on a line", func(in *till.StoredIn) { in.Lines[0].Quantity = 2 }, sdk.CodeInvalid, "quantity"},
	} {
		in := till.StoredIn{Receipt: "S1", Store: "MI-01", Entity: "IT01", Currency: "EUR", Lines: []till.StoredLine{{Line: "1", Amount: 5000, Quantity: 1, Code: c.Code}}}
		tt.change(&in)
		_, err := sdktest.One(env, till.StoredValue, "gift_card", in)
		t.Run(tt.name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason) })
	}
	if got := on(t, env, c.Card); got.State != vouchers.StateIssued {
		t.Errorf("after refusals %+v", got)
	}
}

// A return voucher is drawn when goods come back, printed once, and never imposed on a
// distance sale.
func TestReturnVoucher(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	in := payBack("", 2990, "MI-01/3/7", "MI-01/3/6")
	out := must(sdktest.One(env, till.Tender, "return_voucher", in))(t)
	if len(out.Code) != 19 || out.Expires != rome(t, "2027-05-22") || *out.Left != 2990 {
		t.Errorf("drew %+v", out)
	}
	must(sdktest.One(env, till.Tender, "return_voucher", pay(out.Code, 2990, "MI-01/3/8")))(t)

	in.Channel = "web"
	_, err := sdktest.One(env, till.Tender, "return_voucher", in)
	refuses(t, err, sdk.CodeFailedPrecondition, "not_agreed")
	in.Agreed = true
	must(sdktest.One(env, till.Tender, "return_voucher", in))(t)

	// Onto a blank whose code the customer holds; nothing need be printed.
	c := blank(t, env, "return")
	in.Reference = c.Code
	if out := must(sdktest.One(env, till.Tender, "return_voucher", in))(t); out.Code != "" || *out.Left != 2990 {
		t.Errorf("onto a blank: %+v", out)
	}
	// Onto the customer's store credit, which his kind needs him to agree to everywhere.
	credit := bought(t, env, "credit", 100)
	in = payBack(credit.Code, 50, "MI-01/3/9", "MI-01/3/6")
	_, err = sdktest.One(env, till.Tender, "store_credit", in)
	refuses(t, err, sdk.CodeFailedPrecondition, "not_agreed")
	in.Agreed = true
	if out := must(sdktest.One(env, till.Tender, "store_credit", in))(t); *out.Left != 150 {
		t.Errorf("onto a credit: %+v", out)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack("", 50, "MI-01/3/9", "MI-01/3/6"))
	refuses(t, err, sdk.CodeFailedPrecondition, "not_offered")
	sound(t, env)
}

// What may be offered for a refund, channel by channel.
func TestOffer(t *testing.T) {
	t.Parallel()
	env := desk(t)
	for channel, want := range map[retail.Channel]string{"store": "credit:ask return:free", "web": "credit:ask return:ask"} {
		out := must(sdktest.Call(env, vouchers.Offer, vouchers.OfferIn{Channel: channel, Currency: "EUR"}))(t)
		var got []string
		for _, o := range out.Offers {
			got = append(got, o.Kind+map[bool]string{true: ":ask", false: ":free"}[o.Agreement])
		}
		if strings.Join(got, " ") != want || out.Distance != (channel == "web") {
			t.Errorf("%s: %v, want %s", channel, got, want)
		}
	}
	_, err := sdktest.Call(env, vouchers.Offer, vouchers.OfferIn{Currency: "EUR"})
	refuses(t, err, sdk.CodeInvalid, "channel")
}

// A single-purpose voucher says how much of what it pays was taxed, once to the cent, and
// pays goods of its rate only.
func TestSinglePurpose(t *testing.T) {
	t.Parallel()
	env := desk(t)
	c := bought(t, env, "book", 1000) // VAT of 10.00 at 4 %: 0.38
	var vat, net retail.Money
	for i, part := range []retail.Money{333, 333, 334} {
		in := pay(c.Code, part, "R"+string(rune('1'+i)))
		in.VAT = []retail.VATShare{{Rate: 400, Gross: part}, {Rate: 2200, Gross: 5000}}
		out := must(sdktest.One(env, till.Tender, "voucher", in))(t)
		vat, net = vat+out.VATPaid[0].VAT, net+out.VATPaid[0].Net
	}
	if vat != 38 || net != 962 {
		t.Errorf("net %d and VAT %d of 10.00", net, vat)
	}
	back := must(sdktest.One(env, till.Tender, "voucher", payBack("*X "+c.Card, 334, "V3", "R3")))(t)
	if got := back.VATPaid[0]; got.Gross != 334 || got.Net+got.VAT != 334 {
		t.Errorf("given back %+v", got)
	}
	in := pay(c.Code, 100, "R9")
	in.VAT = []retail.VATShare{{Rate: 2200, Gross: 5000}, {Rate: 400, Gross: 99}}
	_, err := sdktest.One(env, till.Tender, "voucher", in)
	refuses(t, err, sdk.CodeFailedPrecondition, "vat_rate")
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 100, "R9"))
	refuses(t, err, sdk.CodeFailedPrecondition, "kind")
	sound(t, env)
}
