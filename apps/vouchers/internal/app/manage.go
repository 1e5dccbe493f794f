package app

import (
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
)

func block(tx *sdk.Tx, in vouchers.BlockIn) (vouchers.Card, error) {
	if in.Reason == "" || len(in.Reason) > maxText {
		return vouchers.Card{}, sdk.Invalid("/reason", "reason", "Say why, in 1 to 200 characters.")
	}
	r, k, err := open(tx, in.Card, "/card")
	switch {
	case err != nil:
		return vouchers.Card{}, err
	case ended(&r):
		return vouchers.Card{}, sdk.FailedPrecondition("ended", "This card is over.")
	case r.Account.Blocked:
		return vouchers.Card{}, sdk.FailedPrecondition("blocked", "The card is blocked already.")
	}
	r.Account.Blocked, r.Reason = true, in.Reason
	return setBlocked(tx, &r, &k)
}

func unblock(tx *sdk.Tx, in vouchers.BlockIn) (vouchers.Card, error) {
	r, k, err := open(tx, in.Card, "/card")
	switch {
	case err != nil:
		return vouchers.Card{}, err
	case !r.Account.Blocked || ended(&r):
		return vouchers.Card{}, sdk.FailedPrecondition("not_blocked", "The card is not blocked.")
	}
	r.Account.Blocked, r.Reason = false, ""
	return setBlocked(tx, &r, &k)
}

func setBlocked(tx *sdk.Tx, r *record, k *vouchers.Kind) (vouchers.Card, error) {
	if err := cards.Put(tx, *r); err != nil {
		return vouchers.Card{}, err
	}
	told := vouchers.BlockedEvent{Card: r.ID, Kind: r.Kind, Lifted: !r.Account.Blocked}
	return shown(tx, r, k), vouchers.Blocked.Emit(tx, told)
}

func transfer(tx *sdk.Tx, in vouchers.TransferIn) (out vouchers.Movement, err error) {
	if in.Reason == "" || len(in.Reason) > maxText {
		return out, sdk.Invalid("/reason", "reason", "Say why, in 1 to 200 characters.")
	}
	from, k, err := open(tx, in.Card, "/card")
	if err != nil {
		return out, err
	}
	to, _, err := opened(tx, in.Code, in.To)
	switch {
	case err != nil:
		return out, err
	case to.ID == from.ID:
		return out, sdk.FailedPrecondition("same_card", "Everything is on this card already.")
	case to.Kind != from.Kind:
		return out, sdk.FailedPrecondition("kind", "The other card is of another kind.")
	}
	blank := to.Activated == 0
	amount, refusal := from.Account.MoveTo(&to.Account, k.MaxBalance, tx.Now())
	if refusal != nil {
		return out, refuse(refusal, k.Currency)
	}
	if blank {
		to.Activated, to.Document, to.Customer = tx.Now(), from.Document, from.Customer
	}
	from.Successor, from.Reason = to.ID, in.Reason
	if err := expiry.Cancel(tx, from.ID); err != nil {
		return out, err
	}
	if err := due(tx, &to); err != nil {
		return out, err
	}
	if err := book(tx, &from, &k, vouchers.Entry{Type: vouchers.EntryMoveOut, Amount: -amount, Of: to.ID}, nil); err != nil {
		return out, err
	}
	e := vouchers.Entry{Type: vouchers.EntryMoveIn, Amount: amount, Of: from.ID}
	return movement(&to, &k, amount), book(tx, &to, &k, e, &vouchers.Transferred)
}
