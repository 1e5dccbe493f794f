package app

import (
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A card is valid up to the end of the last civil day of its months. Then a timer books
// what is lost, and the report of the instant before still owes it.
func TestExpiry(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "safe", 5000) // a month
	token := ask(t, env, c.Code, c.PIN, "").Token
	must(sdktest.One(env, till.Tender, "gift_card", pay(token, 2000, "R1")))(t)
	env.At("2026-12-21 23:59 Europe/Rome")
	token = ask(t, env, c.Code, c.PIN, "").Token
	must(sdktest.One(env, till.Tender, "gift_card", pay(token, 1000, "R2")))(t)
	before := env.Now()
	env.At("2026-12-22 00:00 Europe/Rome")
	if got := ask(t, env, c.Code, c.PIN, ""); got.State != vouchers.StateExpired || got.Balance != 0 {
		t.Errorf("before the timer: %+v", got)
	}
	_, err := sdktest.One(env, till.Tender, "gift_card", pay(token, 1000, "R3"))
	refuses(t, err, sdk.CodeFailedPrecondition, "expired")
	if err := env.Settle(); err != nil {
		t.Fatal(err)
	}
	if all := sdktest.Emitted(env, vouchers.Expired); len(all) != 1 || all[0].Amount != -2000 {
		t.Errorf("told of %+v", all)
	}
	for at, want := range map[retail.Instant]retail.Money{before: 2000, env.Now() - 1: 2000, env.Now(): 0} {
		for _, row := range must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{At: at}))(t).Rows {
			if row.Kind == "safe" && row.Outstanding != want {
				t.Errorf("at %d %d is owed, want %d", at, row.Outstanding, want)
			}
		}
	}
	// The kind refuses refunds to what has expired; that of gift cards reopens them.
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack("*X "+c.Card, 1000, "V1", "R2"))
	refuses(t, err, sdk.CodeFailedPrecondition, "expired")
	sound(t, env)
}

// What a timer books late was lost at the instant at which it was.
func TestLateTimer(t *testing.T) {
	t.Parallel()
	env := desk(t)
	bought(t, env, "gift", 5000)
	env.At("2027-11-25 10:00 Europe/Rome")
	if err := env.Settle(); err != nil {
		t.Fatal(err)
	}
	over := rome(t, "2027-11-22")
	for at, want := range map[retail.Instant]retail.Money{over - 1: 5000, over: 0} {
		for _, row := range must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{At: at}))(t).Rows {
			if row.Kind == "gift" && row.Outstanding != want {
				t.Errorf("at %d %d was owed, want %d", at, row.Outstanding, want)
			}
		}
	}
}

// A refund to an expired card opens it again, with the refund on it alone.
func TestRefundReopens(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "gift", 5000)
	must(sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 2000, "R1")))(t)
	env.At("2027-12-01 10:00 Europe/Rome")
	if err := env.Settle(); err != nil {
		t.Fatal(err)
	}
	must(sdktest.One(env, till.Tender, "gift_card", payBack("*X "+c.Card, 1500, "V1", "R1")))(t)
	got := on(t, env, c.Card)
	if got.State != vouchers.StateActive || got.Balance != 1500 || got.Expires != rome(t, "2028-03-01") {
		t.Errorf("opened again: %+v", got)
	}
	if err := env.Advance(100 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := on(t, env, c.Card); got.State != vouchers.StateExpired {
		t.Errorf("after the grace: %+v", got)
	}
	sound(t, env)
}

// A lost card is blocked and replaced: what is on it, and what comes back later, goes to
// the new one.
func TestLostCard(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	lost, fresh, other := bought(t, env, "gift", 5000), blank(t, env, "gift"), blank(t, env, "return")
	must(sdktest.One(env, till.Tender, "gift_card", pay(lost.Code, 2000, "R1")))(t)
	must(sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: lost.Card, Reason: "lost"}))(t)
	_, err := sdktest.One(env, till.Tender, "gift_card", pay(lost.Code, 1, "R2"))
	refuses(t, err, sdk.CodeFailedPrecondition, "blocked")
	for to, reason := range map[string]string{lost.Card: "same_card", other.Card: "kind"} {
		_, err := sdktest.Run(env, vouchers.Transfer, vouchers.TransferIn{Card: lost.Card, To: to, Reason: "lost"})
		refuses(t, err, sdk.CodeFailedPrecondition, reason)
	}
	m := must(sdktest.Run(env, vouchers.Transfer, vouchers.TransferIn{Card: lost.Card, Code: fresh.Code, Reason: "lost"}))(t)
	if m.Balance != 3000 || m.Expires != rome(t, "2027-11-22") {
		t.Errorf("moved %+v", m)
	}
	out := must(sdktest.One(env, till.Tender, "gift_card", payBack("*X "+lost.Card, 2000, "V1", "R1")))(t)
	if !strings.HasSuffix(out.Reference, fresh.Card) || *out.Left != 5000 {
		t.Errorf("given back %+v", out)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", payBack("*X "+fresh.Card, 1, "V2", "R1"))
	refuses(t, err, sdk.CodeExhausted, "refunded")
	if got := on(t, env, lost.Card); got.State != vouchers.StateReplaced || got.Successor != fresh.Card || got.Balance != 0 {
		t.Errorf("the lost one: %+v", got)
	}
	_, err = sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: lost.Card, Reason: "found"})
	refuses(t, err, sdk.CodeFailedPrecondition, "ended")
	sound(t, env)
}

// Block and unblock, and what they refuse.
func TestBlock(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "gift", 5000)
	_, err := sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: c.Card})
	refuses(t, err, sdk.CodeInvalid, "reason")
	_, err = sdktest.Run(env, vouchers.Unblock, vouchers.BlockIn{Card: c.Card})
	refuses(t, err, sdk.CodeFailedPrecondition, "not_blocked")
	must(sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: c.Card, Reason: "theft"}))(t)
	_, err = sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: c.Card, Reason: "theft"})
	refuses(t, err, sdk.CodeFailedPrecondition, "blocked")
	if got := must(sdktest.Run(env, vouchers.Unblock, vouchers.BlockIn{Card: c.Card}))(t); got.State != vouchers.StateActive || got.Balance != 5000 {
		t.Errorf("unblocked %+v", got)
	}
	_, err = sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: "nobody", Reason: "x"})
	refuses(t, err, sdk.CodeNotFound, "card")
}

// Cards of another system come with what is on them, once however often they are sent.
func TestImport(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	in := vouchers.ImportIn{Kind: "gift", Document: "old-system", Codes: []vouchers.ImportCode{
		{Code: "GC-2019-000123", Balance: 2500, Expires: rome(t, "2027-01-01")}, {Code: "1234-5678"}, {Code: "gc-2019-000123", Balance: 9900},
	}}
	out := must(sdktest.Run(env, vouchers.Import, in))(t)
	if out != (vouchers.ImportOut{Added: 2, Weak: 1, Present: 1}) {
		t.Errorf("imported %+v", out)
	}
	if got := ask(t, env, "gc-2019-000123", "", ""); got.Balance != 2500 || got.Expires != rome(t, "2027-01-01") || got.Masked != "*123" {
		t.Errorf("told %+v", got)
	}
	if out := must(sdktest.Run(env, vouchers.Import, in))(t); out.Added != 0 || out.Present != 3 {
		t.Errorf("again: %+v", out)
	}
	in.Kind = "return"
	if out := must(sdktest.Run(env, vouchers.Import, in))(t); out.Taken != 3 {
		t.Errorf("as another kind: %+v", out)
	}
	for _, tt := range []struct {
		code    vouchers.ImportCode
		reason  string
		pointer string
	}{
		{vouchers.ImportCode{Code: "123"}, "code", "/codes/0/code"},
		{vouchers.ImportCode{Code: "12345678", PIN: "1"}, "pin", "/codes/0/pin"},
		{vouchers.ImportCode{Code: "12345678", Balance: -1}, "balance", "/codes/0/balance"},
		{vouchers.ImportCode{Code: "12345678", Balance: 1, Expires: 1}, "expires", "/codes/0/expires"},
	} {
		_, err := sdktest.Run(env, vouchers.Import, vouchers.ImportIn{Kind: "gift", Document: "d", Codes: []vouchers.ImportCode{tt.code}})
		if e := refuses(t, err, sdk.CodeInvalid, tt.reason); e.Pointer != tt.pointer {
			t.Errorf("%s at %s", tt.reason, e.Pointer)
		}
	}
	sound(t, env)
}

// What Issue refuses, and that a batch is told once.
func TestIssue(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	out := must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: "gift", Count: vouchers.MaxIssue, Amount: 100, Document: "B2B-1"}))(t)
	codes := map[string]bool{}
	for _, c := range out.Cards {
		codes[c.Code] = true
	}
	if len(codes) != vouchers.MaxIssue || len(sdktest.Emitted(env, vouchers.Issued)) != 1 {
		t.Errorf("%d codes, %d events", len(codes), len(sdktest.Emitted(env, vouchers.Issued)))
	}
	for _, tt := range []struct {
		in     vouchers.IssueIn
		code   sdk.Code
		reason string
	}{
		{vouchers.IssueIn{Kind: "no"}, sdk.CodeNotFound, "kind"},
		{vouchers.IssueIn{Kind: "gift", Count: -1}, sdk.CodeInvalid, "count"},
		{vouchers.IssueIn{Kind: "gift", Count: 101}, sdk.CodeTooLarge, "count"},
		{vouchers.IssueIn{Kind: "gift", Amount: 100}, sdk.CodeInvalid, "document"},
		{vouchers.IssueIn{Kind: "gift", Amount: -1}, sdk.CodeInvalid, "amount"},
		{vouchers.IssueIn{Kind: "gift", Amount: 50001, Document: "d"}, sdk.CodeExhausted, "max_balance"},
		{vouchers.IssueIn{Kind: "credit"}, sdk.CodeInvalid, "customer"},
	} {
		_, err := sdktest.Run(env, vouchers.Issue, tt.in)
		refuses(t, err, tt.code, tt.reason)
	}
	sound(t, env)
}

// What cards were sold as stays.
func TestKinds(t *testing.T) {
	t.Parallel()
	env := desk(t)
	k := must(sdktest.Call(env, vouchers.GetKind, vouchers.KindID{ID: "gift"}))(t)
	k.Name, k.Months = "Carta regalo", 24
	must(sdktest.Run(env, vouchers.PutKind, k))(t)
	for pointer, change := range map[string]func(*vouchers.Kind){
		"/currency": func(k *vouchers.Kind) { k.Currency = "CHF" }, "/entity": func(k *vouchers.Kind) { k.Entity = "IT02" },
		"/vat": func(k *vouchers.Kind) { k.VAT = vouchers.Single }, "/type": func(k *vouchers.Kind) { k.Type = vouchers.Voucher },
	} {
		other := k
		change(&other)
		_, err := sdktest.Run(env, vouchers.PutKind, other)
		if e := refuses(t, err, sdk.CodeInvalid, "fixed"); e.Pointer != pointer {
			t.Errorf("at %s, want %s", e.Pointer, pointer)
		}
	}
	for reason, change := range map[string]func(*vouchers.Kind){
		"id": func(k *vouchers.Kind) { k.ID = "" }, "name": func(k *vouchers.Kind) { k.Name = "" }, "type": func(k *vouchers.Kind) { k.Type = "x" },
		"currency": func(k *vouchers.Kind) { k.Currency = "XXX" }, "entity": func(k *vouchers.Kind) { k.Entity = "" }, "vat": func(k *vouchers.Kind) { k.VAT = "x" },
		"rate": func(k *vouchers.Kind) { k.Rate = 400 }, "months": func(k *vouchers.Kind) { k.Months = -1 }, "zone": func(k *vouchers.Kind) { k.Zone = "Rome" },
		"max_balance": func(k *vouchers.Kind) { k.MaxBalance = -1 }, "refund_expired": func(k *vouchers.Kind) { k.RefundExpired = "x" }, "grace_days": func(k *vouchers.Kind) { k.GraceDays = -1 },
	} {
		bad := k
		change(&bad)
		_, err := sdktest.Run(env, vouchers.PutKind, bad)
		refuses(t, err, sdk.CodeInvalid, reason)
	}
	k.Archived = true
	must(sdktest.Run(env, vouchers.PutKind, k))(t)
	_, err := sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: "gift"})
	refuses(t, err, sdk.CodeFailedPrecondition, "archived")
}

// Lists turn pages, by kind, by customer and by state.
func TestLists(t *testing.T) {
	t.Parallel()
	env := desk(t)
	var want []string
	for i := range 5 {
		in := vouchers.IssueIn{Kind: "gift", Customer: "ada"}
		if i%2 == 0 {
			in.Amount, in.Document = 100, "d"
		}
		want = append([]string{must(sdktest.Run(env, vouchers.Issue, in))(t).Cards[0].Card}, want...)
		if err := env.Advance(time.Second); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range []vouchers.CardsIn{{Limit: 2}, {Kind: "gift", Limit: 2}, {Customer: "ada", Limit: 2}} {
		var got []string
		for {
			out := must(sdktest.Call(env, vouchers.Cards, in))(t)
			for _, c := range out.Cards {
				got = append(got, c.ID)
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%+v lists %v, want %v", in, got, want)
		}
	}
	if out := must(sdktest.Call(env, vouchers.Cards, vouchers.CardsIn{Kind: "gift", State: vouchers.StateActive}))(t); len(out.Cards) != 3 {
		t.Errorf("%d active cards", len(out.Cards))
	}
	_, err := sdktest.Call(env, vouchers.Cards, vouchers.CardsIn{Kind: "gift", Customer: "ada"})
	refuses(t, err, sdk.CodeInvalid, "cards")
	must(sdktest.Run(env, vouchers.TopUp, vouchers.LoadIn{Card: want[0], Amount: 50, Document: "d2", Store: "MI-01"}))(t)
	out := must(sdktest.Call(env, vouchers.Entries, vouchers.EntriesIn{Card: want[0], Limit: 1}))(t)
	if len(out.Entries) != 1 || out.Entries[0].Type != vouchers.EntryTopUp || out.Cursor != "2" {
		t.Errorf("the ledger begins %+v", out)
	}
	out = must(sdktest.Call(env, vouchers.Entries, vouchers.EntriesIn{Card: want[0], Cursor: out.Cursor}))(t)
	if len(out.Entries) != 1 || out.Entries[0].Type != vouchers.EntryActivate || out.Cursor != "" {
		t.Errorf("and ends %+v", out)
	}
}

// What is owed is known for every instant of the past, to the cent.
func TestReportOfThePast(t *testing.T) {
	t.Parallel()
	env := desk(t)
	type past struct {
		at   retail.Instant
		owed retail.Money
	}
	var pasts []past
	c, owed := blank(t, env, "return"), retail.Money(0)
	note := func(by retail.Money) {
		owed += by
		pasts = append(pasts, past{env.Now(), owed})
	}
	must(sdktest.Run(env, vouchers.Activate, vouchers.LoadIn{Code: c.Code, Amount: 9000, Document: "A"}))(t)
	note(9000)
	for i := range 12 { // over a change of the year
		if err := env.Advance(time.Duration(5*24+i) * time.Hour); err != nil {
			t.Fatal(err)
		}
		document := "R" + string(rune('a'+i))
		must(sdktest.Run(env, vouchers.Redeem, vouchers.RedeemIn{Code: c.Code, Amount: 500, Currency: "EUR", Document: document}))(t)
		note(-500)
		if i%3 == 0 {
			if err := env.Advance(time.Hour); err != nil {
				t.Fatal(err)
			}
			must(sdktest.Run(env, vouchers.Refund, vouchers.RefundIn{Card: c.Card, Amount: 300, Document: "V" + document, Original: document}))(t)
			note(300)
		}
	}
	for i, p := range pasts {
		for at, want := range map[retail.Instant]retail.Money{p.at: p.owed, p.at - 1: before(i, func(i int) retail.Money { return pasts[i].owed })} {
			for _, row := range must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{At: at}))(t).Rows {
				if row.Kind == "return" && row.Outstanding != want {
					t.Errorf("at %d %d was owed, want %d", at, row.Outstanding, want)
				}
			}
		}
	}
	_, err := sdktest.Call(env, vouchers.Report, vouchers.ReportIn{At: env.Now() + 1})
	refuses(t, err, sdk.CodeInvalid, "at")
}

func before(i int, owed func(int) retail.Money) retail.Money {
	if i == 0 {
		return 0
	}
	return owed(i - 1)
}
