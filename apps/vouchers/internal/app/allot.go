package app

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// allotments holds the parts of cards that tills hold.
var allotments = sdk.Collection[vouchers.Allotment]{
	Name: "allotments", Key: []string{"id"}, Indexes: []sdk.Index{{Name: "by_card", Fields: []string{"card", "id"}}},
}

// The longest allotment, and the usual one.
const (
	allotMinutes    = 24 * 60
	maxAllotMinutes = 30 * allotMinutes
)

func allot(tx *sdk.Tx, in vouchers.AllotIn) (out vouchers.AllotOut, err error) {
	switch {
	case in.Store == "" || in.Till == "" || len(in.Till) > 32 || strings.ContainsAny(in.Till, "./"):
		return out, sdk.Invalid("/till", "till", "A part of a card is for one till of a store.")
	case in.Minutes < 0 || in.Minutes > maxAllotMinutes:
		return out, sdk.Invalid("/minutes", "minutes", "An allotment counts for at most 30 days.")
	}
	r, k, err := paying(tx, in.Code)
	if err != nil {
		return out, err
	}
	if refusal := r.Account.Allot(in.Amount, tx.Now()); refusal != nil {
		return out, refuse(refusal, k.Currency)
	}
	a := vouchers.Allotment{
		ID: tx.NewID(), Card: r.ID, Masked: r.Masked, Store: in.Store, Till: in.Till, Amount: in.Amount, Left: in.Amount,
		Made: tx.Now(), Until: tx.Now() + retail.Instant(cmp.Or(in.Minutes, allotMinutes)*60_000),
	}
	if a.Until > r.Account.Expires && r.Account.Expires != 0 {
		a.Until = r.Account.Expires
	}
	if err := cards.Put(tx, r); err != nil {
		return out, err
	}
	return vouchers.AllotOut{Allotment: a, Slip: slipOf(tx, &a)}, allotments.Insert(tx, a)
}

// slipMark begins slips. What is signed never changes of an allotment.
const slipMark = "a1."

func slipOf(s sdk.Scope, a *vouchers.Allotment) string {
	return slipMark + a.ID + "." + hex(sdk.Sign(s, slipText(a)))
}

func slipText(a *vouchers.Allotment) []byte {
	return []byte("voucher allotment 1\n" + a.ID + "\n" + a.Card + "\n" + string(a.Store) + "\n" + a.Till)
}

// slipped is the allotment of a slip; false if it is none of ours.
func slipped(tx *sdk.Tx, given string) (vouchers.Allotment, bool) {
	rest, ok := strings.CutPrefix(given, slipMark)
	if !ok {
		return vouchers.Allotment{}, false
	}
	id, signature, _ := strings.Cut(rest, ".")
	mac, ok := parseHex(signature)
	a, there := allotments.Get(tx, sdk.K(id))
	return a, ok && there && sdk.Signed(tx, slipText(&a), mac)
}

// takeSlip pays a document of the till that holds the allotment.
func takeSlip(tx *sdk.Tx, in *till.TenderIn, kind vouchers.Type, a vouchers.Allotment) (out till.TenderOut, err error) {
	r, k, err := open(tx, a.Card, "/reference")
	switch {
	case err != nil:
		return out, err
	case a.Store != in.Store || a.Till != in.Till:
		return out, sdk.FailedPrecondition("kind", "This part of the card is another till's.")
	case k.Type != kind:
		return out, sdk.FailedPrecondition("kind", "The card is of another kind: "+string(k.Type)+".")
	case k.Currency != in.Currency:
		return out, sdk.FailedPrecondition("currency", "The card is in "+string(k.Currency)+".")
	}
	m, err := useSlip(tx, &a, &r, &k, vouchers.SlipUse{Document: in.Receipt, Amount: in.Amount})
	if err != nil {
		return out, err
	}
	return tendered(&m), allotments.Put(tx, a)
}

// useSlip books what a document has spent of an allotment.
func useSlip(tx *sdk.Tx, a *vouchers.Allotment, r *record, k *vouchers.Kind, use vouchers.SlipUse) (out vouchers.Movement, err error) {
	if a.Closed != 0 {
		return out, sdk.FailedPrecondition("closed", "This allotment is settled and closed.")
	}
	used := r.Account.Used + r.Account.Carried
	amount, refusal := r.Account.Draw(use.Amount, a.Left, use.Document)
	if refusal != nil {
		return out, refuse(refusal, k.Currency)
	}
	a.Left += amount
	e := vouchers.Entry{Type: vouchers.EntryRedeem, Amount: amount, Document: use.Document, Of: a.ID, Store: a.Store}
	if err := book(tx, r, k, e, &vouchers.Redeemed); err != nil {
		return out, err
	}
	out = movement(r, k, amount)
	out.VATPaid, err = vatPaid(k, used, use.Amount)
	return out, err
}

func settle(tx *sdk.Tx, in vouchers.SettleIn) (vouchers.Allotment, error) {
	a, ok := allotments.Get(tx, sdk.K(in.Allotment))
	switch {
	case !ok:
		e := sdk.NotFound("allotment", "There is no such allotment.")
		e.Pointer = "/allotment"
		return a, e
	case !sdk.MayStore(tx, a.Store):
		return vouchers.Allotment{}, sdk.Fail(sdk.CodeDenied, "store", "This allotment is another store's.")
	case len(in.Uses) > vouchers.MaxIssue:
		return a, tooMany()
	}
	r, k, err := open(tx, a.Card, "/allotment")
	if err != nil {
		return a, err
	}
	for i, use := range in.Uses {
		if err := settleUse(tx, &a, &r, &k, use); err != nil {
			return a, atUse(err, i)
		}
	}
	if in.Close && a.Closed == 0 {
		if err := release(tx, &a, &r, &k); err != nil {
			return a, err
		}
	}
	return a, allotments.Put(tx, a)
}

// settleUse books a document unless it was booked before, which is also well when the
// allotment is closed.
func settleUse(tx *sdk.Tx, a *vouchers.Allotment, r *record, k *vouchers.Kind, use vouchers.SlipUse) error {
	if err := documented(use.Document); err != nil {
		return err
	}
	for e := range entries.Scan(tx, sdk.Scan{Index: "by_document", Prefix: sdk.K(use.Document).Text(a.Card)}) {
		switch {
		case e.Of != a.ID:
		case e.Amount == -use.Amount:
			return nil
		default:
			c := sdk.Fail(sdk.CodeConflict, "differs", "This document was told with another amount.")
			c.Pointer = "/amount"
			return c
		}
	}
	_, err := useSlip(tx, a, r, k, use)
	return err
}

// release gives back what a till did not spend. Of a card that has expired it is lost then.
func release(tx *sdk.Tx, a *vouchers.Allotment, r *record, k *vouchers.Kind) error {
	lapsed := r.Account.Release(a.Left)
	a.Closed = tx.Now()
	if r.Account.State != card.Expired {
		return cards.Put(tx, *r)
	}
	return book(tx, r, k, vouchers.Entry{Type: vouchers.EntryExpire, Amount: lapsed, Of: a.ID, Store: a.Store}, &vouchers.Expired)
}

// atUse points an error into the use that it is about.
func atUse(err error, i int) error {
	e, ok := err.(*sdk.Error) //nolint:errorlint // ours, never wrapped
	if !ok {
		return err
	}
	return moved(err, "/uses/"+strconv.Itoa(i)+e.Pointer)
}

func listAllotments(v *sdk.View, in vouchers.AllotmentsIn) (out vouchers.AllotmentsOut, err error) {
	if _, err := getCard(v, vouchers.CardID(in)); err != nil {
		return out, err
	}
	for a := range allotments.Scan(v, sdk.Scan{Index: "by_card", Prefix: sdk.K(in.Card), Reverse: true, Limit: vouchers.MaxPage}) {
		out.Allotments = append(out.Allotments, a)
	}
	return out, nil
}
