package app

import (
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// spending is what a card is to pay.
type spending struct {
	given    string // code or token
	amount   retail.Money
	currency retail.Currency
	document string
	store    retail.StoreID
	customer retail.CustomerID
	kind     vouchers.Type     // that it must be; "" is any
	vat      []retail.VATShare // of what it pays; none if nobody says
}

func redeem(tx *sdk.Tx, in vouchers.RedeemIn) (out vouchers.Movement, err error) {
	if err := documented(in.Document); err != nil {
		return out, err
	}
	return spend(tx, &spending{
		given: in.Code, amount: in.Amount, currency: in.Currency, document: in.Document, store: in.Store, customer: in.Customer,
	})
}

// spend pays with a card and books it.
func spend(tx *sdk.Tx, s *spending) (out vouchers.Movement, err error) {
	r, k, err := paying(tx, s.given)
	if err != nil {
		return out, err
	}
	if err := may(&r, &k, s); err != nil {
		return out, err
	}
	used := r.Account.Used + r.Account.Carried
	amount, refusal := r.Account.Redeem(s.amount, tx.Now(), s.document)
	if refusal != nil {
		return out, refuse(refusal, k.Currency)
	}
	e := vouchers.Entry{Type: vouchers.EntryRedeem, Amount: amount, Document: s.document, Store: s.store}
	if err := book(tx, &r, &k, e, &vouchers.Redeemed); err != nil {
		return out, err
	}
	out = movement(&r, &k, amount)
	out.VATPaid, err = vatPaid(&k, used, s.amount)
	return out, err
}

// paying is the card that somebody pays with: by a token, or by its code if it has no PIN.
func paying(tx *sdk.Tx, given string) (record, vouchers.Kind, error) {
	if id := unlocked(tx, given); id != "" {
		return open(tx, id, "/code")
	}
	r, ok := byCode(tx, given)
	if !ok {
		return r, vouchers.Kind{}, noCode("/code")
	}
	if r.PIN != "" {
		e := sdk.FailedPrecondition("pin", "The card has a PIN: ask for its balance first.")
		e.Pointer = "/code"
		return r, vouchers.Kind{}, e
	}
	return settled(tx, r)
}

// may refuses what a card must not pay, whatever is on it.
func may(r *record, k *vouchers.Kind, s *spending) error {
	switch {
	case s.kind != "" && k.Type != s.kind:
		return sdk.FailedPrecondition("kind", "The card is of another kind: "+string(k.Type)+".")
	case s.currency != k.Currency:
		return sdk.FailedPrecondition("currency", "The card is in "+string(k.Currency)+".")
	case k.Personal && r.Customer != "" && r.Customer != s.customer: // nobody's: its customer was erased
		return sdk.FailedPrecondition("customer", "The card is personal, and another customer's.")
	case k.VAT == vouchers.Single && len(s.vat) > 0 && s.amount > atRate(s.vat, k.Rate):
		return sdk.FailedPrecondition("vat_rate", "The card was taxed when it was sold and pays goods of its VAT rate only.")
	}
	return nil
}

// atRate is what a document holds of goods at a rate.
func atRate(shares []retail.VATShare, rate retail.BasisPoints) (gross retail.Money) {
	for _, s := range shares {
		if s.Rate == rate {
			gross += s.Gross
		}
	}
	return gross
}

// vatPaid is the VAT of an amount that was due when the card was sold, after used was used.
func vatPaid(k *vouchers.Kind, used, amount retail.Money) ([]retail.VATShare, error) {
	if k.VAT != vouchers.Single {
		return nil, nil
	}
	share, err := card.VAT(used, amount, k.Rate)
	return []retail.VATShare{share}, err
}

func refund(tx *sdk.Tx, in vouchers.RefundIn) (out vouchers.Movement, err error) {
	if err := documented(in.Document); err != nil {
		return out, err
	}
	return giveBack(tx, &in)
}

// giveBack gives back to the card that paid, or to the one that replaced it.
func giveBack(tx *sdk.Tx, in *vouchers.RefundIn) (out vouchers.Movement, err error) {
	r, k, err := open(tx, in.Card, "/card")
	if err != nil {
		return out, err
	}
	if in.Original != "" {
		if left := owed(tx, in.Original, in.Card); in.Amount > left {
			return out, refuse(&card.Refusal{Reason: card.NotUsed, Left: left}, k.Currency)
		}
	}
	for r.Successor != "" {
		if r, k, err = open(tx, r.Successor, "/card"); err != nil {
			return out, err
		}
	}
	reopen, err := reopened(&k, tx.Now())
	if err != nil {
		return out, err
	}
	amount, refusal := r.Account.Refund(in.Amount, tx.Now(), reopen)
	if refusal != nil {
		return out, refuse(refusal, k.Currency)
	}
	if err := due(tx, &r); err != nil {
		return out, err
	}
	e := vouchers.Entry{Type: vouchers.EntryRefund, Amount: amount, Document: in.Document, Original: in.Original, Of: in.Card, Store: in.Store}
	if err := book(tx, &r, &k, e, &vouchers.Refunded); err != nil {
		return out, err
	}
	out = movement(&r, &k, amount)
	out.VATPaid, err = vatPaid(&k, r.Account.Used+r.Account.Carried, amount)
	return out, err
}

// owed is what a card paid for a document and was not given back.
func owed(tx *sdk.Tx, document, id string) (left retail.Money) {
	for e := range entries.Scan(tx, sdk.Scan{Index: "by_document", Prefix: sdk.K(document).Text(id)}) {
		if e.Type == vouchers.EntryRedeem {
			left -= e.Amount
		}
	}
	for e := range entries.Scan(tx, sdk.Scan{Index: "by_original", Prefix: sdk.K(document).Text(id)}) {
		if e.Type == vouchers.EntryRefund {
			left -= e.Amount
		}
	}
	return left
}
