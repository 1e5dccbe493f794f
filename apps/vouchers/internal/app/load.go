package app

import (
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// loading is an amount that comes on a card, and what paid for it.
type loading struct {
	amount   retail.Money
	document string
	original string // that the document undoes: goods came back
	store    retail.StoreID
	customer retail.CustomerID
	expires  retail.Instant // of an import; 0 is as the kind says
}

func activate(tx *sdk.Tx, in vouchers.LoadIn) (vouchers.Movement, error) {
	return load(tx, in, func(r *record, k *vouchers.Kind, l loading) error {
		return begin(tx, r, k, l, &vouchers.Activated)
	})
}

func topUp(tx *sdk.Tx, in vouchers.LoadIn) (vouchers.Movement, error) {
	return load(tx, in, func(r *record, k *vouchers.Kind, l loading) error { return add(tx, r, k, l) })
}

func load(tx *sdk.Tx, in vouchers.LoadIn, put func(*record, *vouchers.Kind, loading) error) (out vouchers.Movement, err error) {
	if err := documented(in.Document); err != nil {
		return out, err
	}
	r, k, err := opened(tx, in.Code, in.Card)
	if err != nil {
		return out, err
	}
	l := loading{amount: in.Amount, document: in.Document, store: in.Store, customer: in.Customer}
	if err := put(&r, &k, l); err != nil {
		return out, err
	}
	return movement(&r, &k, in.Amount), nil
}

// begin activates a blank and books its face. A personal card that belongs to nobody yet
// is now whose it was bought for.
func begin(tx *sdk.Tx, r *record, k *vouchers.Kind, l loading, event *sdk.Event[vouchers.Moved]) error {
	expires, err := end(k, tx.Now())
	if err != nil {
		return err
	}
	if l.expires != 0 {
		expires = l.expires
	}
	if r.Customer == "" {
		r.Customer = l.customer
	}
	if k.Personal && r.Customer == "" {
		return sdk.FailedPrecondition("customer", "A personal card belongs to a customer.")
	}
	amount, refusal := r.Account.Activate(l.amount, k.MaxBalance, expires, l.document)
	if refusal != nil {
		return refuse(refusal, k.Currency)
	}
	r.Activated, r.Document = tx.Now(), l.document
	if err := due(tx, r); err != nil {
		return err
	}
	e := vouchers.Entry{Type: vouchers.EntryActivate, Amount: amount, Document: l.document, Original: l.original, Store: l.store}
	return book(tx, r, k, e, event)
}

// add tops an active card up and books it.
func add(tx *sdk.Tx, r *record, k *vouchers.Kind, l loading) error {
	expires := r.Account.Expires
	if k.Renews && expires != 0 {
		later, err := end(k, tx.Now())
		if err != nil {
			return err
		}
		expires = max(expires, later)
	}
	amount, refusal := r.Account.TopUp(l.amount, k.MaxBalance, k.Reloadable, expires, tx.Now(), l.document)
	if refusal != nil {
		return refuse(refusal, k.Currency)
	}
	if err := due(tx, r); err != nil {
		return err
	}
	e := vouchers.Entry{Type: vouchers.EntryTopUp, Amount: amount, Document: l.document, Original: l.original, Store: l.store}
	return book(tx, r, k, e, &vouchers.ToppedUp)
}

func cancel(tx *sdk.Tx, in vouchers.CancelIn) (out vouchers.Movement, err error) {
	if err := documented(in.Document); err != nil {
		return out, err
	}
	r, k, err := open(tx, in.Card, "/card")
	if err != nil {
		return out, err
	}
	amount, err := undo(tx, &r, &k, in.Original, in.Document, in.Store)
	if err != nil {
		return out, err
	}
	return movement(&r, &k, amount), nil
}

// undo takes off a card what a document put on it.
func undo(tx *sdk.Tx, r *record, k *vouchers.Kind, original, document string, store retail.StoreID) (retail.Money, error) {
	put, undone := vouchers.Entry{}, false
	for e := range entries.Scan(tx, sdk.Scan{Index: "by_document", Prefix: sdk.K(original).Text(r.ID)}) {
		if e.Type == vouchers.EntryActivate || e.Type == vouchers.EntryTopUp {
			put = e
		}
	}
	for e := range entries.Scan(tx, sdk.Scan{Index: "by_original", Prefix: sdk.K(original).Text(r.ID)}) {
		undone = undone || e.Type == vouchers.EntryCancel
	}
	if put.Number == 0 || undone {
		e := sdk.NotFound("document", "This document put nothing on the card.")
		e.Pointer = "/original"
		return 0, e
	}
	amount, refusal := r.Account.Unload(put.Amount, put.Type == vouchers.EntryActivate, tx.Now())
	if refusal != nil {
		return 0, refuse(refusal, k.Currency)
	}
	if r.Account.State == card.Cancelled {
		if err := expiry.Cancel(tx, r.ID); err != nil {
			return 0, err
		}
	}
	e := vouchers.Entry{Type: vouchers.EntryCancel, Amount: amount, Document: document, Original: original, Of: r.ID, Store: store}
	return amount, book(tx, r, k, e, &vouchers.Cancelled)
}
