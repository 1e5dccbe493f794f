package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// shown is a card as people may see it.
func shown(r sdk.Reader, c *record, k *vouchers.Kind) vouchers.Card {
	return vouchers.Card{
		ID: c.ID, Masked: c.Masked, Kind: c.Kind, Type: k.Type, Entity: k.Entity, Currency: k.Currency,
		State: stateOf(c, r.Now()), Balance: onIt(c, r.Now()), Allotted: c.Account.Held, Loaded: c.Account.Loaded + c.Account.Carried, Customer: c.Customer,
		Issued: c.Issued, Activated: c.Activated, Expires: c.Account.Expires, Document: c.Document,
		Reason: c.Reason, Successor: c.Successor,
	}
}

func getCard(v *sdk.View, in vouchers.CardID) (vouchers.Card, error) {
	c, ok := cards.Get(v, sdk.K(in.Card))
	if !ok {
		e := sdk.NotFound("card", "There is no such card.")
		e.Pointer = "/card"
		return vouchers.Card{}, e
	}
	return seen(v, &c), nil
}

func find(v *sdk.View, in vouchers.FindIn) (vouchers.Card, error) {
	c, ok := byCode(v, in.Code)
	if !ok {
		return vouchers.Card{}, noCode("/code")
	}
	return seen(v, &c), nil
}

// seen is one card, with until when its PIN is locked.
func seen(v *sdk.View, c *record) vouchers.Card {
	k, _ := kinds.Get(v, sdk.K(c.Kind))
	out := shown(v, c, &k)
	out.Locked = lockedUntil(v, ofCard(c.ID), settings.Get(v).PINAttempts)
	return out
}

func listCards(v *sdk.View, in vouchers.CardsIn) (out vouchers.CardsOut, err error) {
	limit, err := pageOf(in.Limit, 50, vouchers.MaxPage)
	switch {
	case err != nil:
		return out, err
	case in.Kind != "" && in.Customer != "":
		return out, sdk.Invalid("/kind", "cards", "Cards are listed of a kind or of a customer.")
	case len(in.Cursor) > maxID:
		return out, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
	}
	scan := sdk.Scan{Reverse: true, Limit: limit}
	switch {
	case in.Kind != "":
		scan.Index, scan.Prefix = "by_kind", sdk.K(in.Kind)
	case in.Customer != "":
		scan.Index, scan.Prefix = "by_customer", sdk.K(in.Customer)
	}
	if in.Cursor != "" {
		scan.To = sdk.K(in.Cursor)
	}
	read := 0
	for c := range cards.Scan(v, scan) {
		if read++; read == limit {
			out.Cursor = c.ID
		}
		k, _ := kinds.Get(v, sdk.K(c.Kind))
		if one := shown(v, &c, &k); in.State == "" || in.State == one.State {
			out.Cards = append(out.Cards, one)
		}
	}
	return out, nil
}

func listEntries(v *sdk.View, in vouchers.EntriesIn) (out vouchers.EntriesOut, err error) {
	limit, err := pageOf(in.Limit, 50, vouchers.MaxPage)
	if err != nil {
		return out, err
	}
	if _, err := getCard(v, vouchers.CardID{Card: in.Card}); err != nil {
		return out, err
	}
	scan := sdk.Scan{Prefix: sdk.K(in.Card), Reverse: true, Limit: limit}
	if in.Cursor != "" {
		before, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			return out, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
		}
		scan.To = sdk.KInt(before)
	}
	for e := range entries.Scan(v, scan) {
		out.Entries = append(out.Entries, e)
	}
	if n := len(out.Entries); n == limit && out.Entries[n-1].Number > 1 {
		out.Cursor = strconv.FormatInt(out.Entries[n-1].Number, 10)
	}
	return out, nil
}

func verify(v *sdk.View, in vouchers.VerifyIn) (out vouchers.VerifyOut, err error) {
	limit, err := pageOf(in.Limit, 50, vouchers.MaxPage)
	switch {
	case err != nil:
		return out, err
	case len(in.Cursor) > maxID:
		return out, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
	}
	for c := range cards.Scan(v, sdk.Scan{From: after(in.Cursor), Limit: limit}) {
		out.Checked++
		if out.Checked == int64(limit) {
			out.Cursor = c.ID
		}
		out.Totals = tally(out.Totals, &c)
		out.Faults = append(out.Faults, faults(v, &c)...)
	}
	return out, nil
}

// tally adds a card to the totals of a page, few of which there are.
func tally(totals []vouchers.VerifyTotal, c *record) []vouchers.VerifyTotal {
	for i := range totals {
		if totals[i].Kind == c.Kind {
			totals[i].Cards++
			totals[i].Balance += c.Account.Balance
			return totals
		}
	}
	return append(totals, vouchers.VerifyTotal{Kind: c.Kind, Cards: 1, Balance: c.Account.Balance})
}

// faults are the promises that a card and its ledger break.
func faults(v *sdk.View, c *record) (out []vouchers.VerifyFault) {
	fault := func(reason string, want, got int64) {
		if want != got {
			out = append(out, vouchers.VerifyFault{Card: c.ID, Reason: reason, Want: want, Got: got})
		}
	}
	var sum, loaded, used retail.Money
	number := int64(0)
	for e := range entries.Scan(v, sdk.Scan{Prefix: sdk.K(c.ID)}) {
		number++
		sum += e.Amount
		fault("gap", number, e.Number)
		fault("running", int64(sum), int64(e.Balance))
		switch e.Type {
		case vouchers.EntryActivate, vouchers.EntryTopUp, vouchers.EntryMoveIn, vouchers.EntryCancel:
			loaded += e.Amount
		case vouchers.EntryRedeem, vouchers.EntryRefund:
			used -= e.Amount
		}
	}
	fault("gap", number, c.Entries)
	fault("balance", int64(sum), int64(c.Account.Balance))
	fault("loaded", int64(loaded), int64(c.Account.Loaded))
	fault("loaded", int64(used), int64(c.Account.Used))
	if reason := c.Account.Fault(); reason != "" {
		out = append(out, vouchers.VerifyFault{Card: c.ID, Reason: reason, Want: int64(sum), Got: int64(c.Account.Balance)})
	}
	return out
}
