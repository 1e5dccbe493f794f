package app

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// open reads a card and its kind, and books that it has expired if it has.
func open(tx *sdk.Tx, id, pointer string) (record, vouchers.Kind, error) {
	r, ok := cards.Get(tx, sdk.K(id))
	if !ok {
		e := sdk.NotFound("card", "There is no such card.")
		e.Pointer = pointer
		return r, vouchers.Kind{}, e
	}
	return settled(tx, r)
}

// settled is open for a card that was read.
func settled(tx *sdk.Tx, r record) (record, vouchers.Kind, error) {
	k, _ := kinds.Get(tx, sdk.K(r.Kind))
	return r, k, lapse(tx, &r, &k)
}

// opened is the card of a code or, if none is given, of an id.
func opened(tx *sdk.Tx, given, id string) (record, vouchers.Kind, error) {
	if (given == "") == (id == "") {
		return record{}, vouchers.Kind{}, sdk.Invalid("/card", "card", "Name a card by its code or by its id.")
	}
	if given == "" {
		return open(tx, id, "/card")
	}
	r, ok := byCode(tx, given)
	if !ok {
		return r, vouchers.Kind{}, noCode("/code")
	}
	return settled(tx, r)
}

func noCode(pointer string) error {
	e := sdk.NotFound("code", "Nobody knows this code.")
	e.Pointer = pointer
	return e
}

// lapse books what is lost with a card whose time is over. The entry is of the instant at
// which it was.
func lapse(tx *sdk.Tx, r *record, k *vouchers.Kind) error {
	lapsed, ok := r.Account.Lapse(tx.Now())
	if !ok {
		return nil
	}
	return book(tx, r, k, vouchers.Entry{Type: vouchers.EntryExpire, Amount: lapsed, At: r.Account.Expires}, &vouchers.Expired)
}

func expire(tx *sdk.Tx, in vouchers.CardID) error {
	r, ok := cards.Get(tx, sdk.K(in.Card))
	if !ok {
		return nil
	}
	_, _, err := settled(tx, r)
	return err
}

// due asks for the timer that ends a card.
func due(tx *sdk.Tx, r *record) error {
	if r.Account.Expires == 0 {
		return nil
	}
	return expiry.Schedule(tx, r.ID, r.Account.Expires, vouchers.CardID{Card: r.ID})
}

// book writes an entry into the ledger of a card, and the card, and tells the world.
// Nothing of nothing, such as an empty card that expires, is told but not written.
func book(tx *sdk.Tx, r *record, k *vouchers.Kind, e vouchers.Entry, event *sdk.Event[vouchers.Moved]) error {
	if e.Amount != 0 {
		r.Entries++
		e.Card, e.Number, e.Kind, e.Currency, e.Balance = r.ID, r.Entries, r.Kind, k.Currency, r.Account.Balance
		if e.At == 0 {
			e.At = tx.Now()
		}
		if e.Type != vouchers.EntryExpire {
			e.By = tx.Info().Principal
		}
		if err := entries.Insert(tx, e); err != nil {
			return err
		}
		if err := count(tx, &e); err != nil {
			return err
		}
	}
	if err := cards.Put(tx, *r); err != nil {
		return err
	}
	if event == nil {
		return nil
	}
	return event.Emit(tx, vouchers.Moved{
		Card: r.ID, Kind: r.Kind, Type: k.Type, Entity: k.Entity, Currency: k.Currency, Amount: e.Amount, Balance: r.Account.Balance,
		Customer: r.Customer, Document: e.Document, Original: e.Original, Of: e.Of, Store: e.Store,
	})
}

// movement is what a command answers of the entry that it made.
func movement(r *record, k *vouchers.Kind, amount retail.Money) vouchers.Movement {
	return vouchers.Movement{
		Card: r.ID, Masked: r.Masked, Amount: amount, Balance: r.Account.Balance, Currency: k.Currency,
		Expires: r.Account.Expires, Reference: reference(r),
	}
}

// reference is what a receipt keeps of a card.
func reference(r *record) string { return r.Masked + " " + r.ID }

// referred is the id in what a receipt keeps, "" if it is none.
func referred(kept string) string {
	masked, id, ok := strings.Cut(kept, " ")
	if !ok || !strings.HasPrefix(masked, "*") {
		return ""
	}
	return id
}

// refuse turns a refusal into the error that the contract documents.
func refuse(r *card.Refusal, c retail.Currency) error {
	if r == nil {
		return nil
	}
	e := sdk.FailedPrecondition(string(r.Reason), messages[r.Reason])
	switch r.Reason {
	case card.Amount:
		return sdk.Invalid("/amount", "amount", "An amount is above zero, and not that high.")
	case card.NoBalance, card.NotUsed:
		e.Code, e.Message, e.Fields = sdk.CodeExhausted, e.Message+" "+r.Left.Format(c)+".", []sdk.Field{sdk.Int("left", r.Left)}
	case card.MaxBalance:
		e.Code, e.Message, e.Fields = sdk.CodeExhausted, e.Message+" "+r.Left.Format(c)+".", []sdk.Field{sdk.Int("max", r.Left)}
	case card.Spent:
		e.Fields = []sdk.Field{sdk.Int("left", r.Left)}
	}
	e.Pointer = "/amount"
	return e
}

var messages = map[card.Reason]string{
	card.AlreadyActive: "The card is active already.",
	card.NotActive:     "The card is not active.",
	card.IsExpired:     "The card has expired.",
	card.IsBlocked:     "The card is blocked.",
	card.NotReloadable: "Cards of this kind are not topped up.",
	card.MaxBalance:    "No more may be put on it than",
	card.SameReceipt:   "A card is not bought or topped up and spent with one document.",
	card.NoBalance:     "What is on the card is",
	card.NotUsed:       "What may still be given back is",
	card.Spent:         "What was put on the card has been spent.",
	card.ToppedUp:      "The card was topped up since: undo that first.",
	card.IsAllotted:    "Tills that may be cut off hold parts of the card.",
	card.WasCancelled:  "The sale of the card was undone.",
}

// ended says whether nothing will happen to a card any more but a refund.
func ended(r *record) bool {
	return r.Account.State == card.Cancelled || r.Account.State == card.Replaced
}

// newCard is a blank, not yet written.
func newCard(tx *sdk.Tx, secret []byte, k *vouchers.Kind, folded string, customer retail.CustomerID) record {
	return record{
		ID: tx.NewID(), Code: key.Code(secret, folded), Masked: code.Masked(folded), Kind: k.ID, Customer: customer,
		Issued: tx.Now(), Account: card.Account{State: card.Blank},
	}
}
