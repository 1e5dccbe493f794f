package app

import (
	"errors"
	"strconv"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// takeTenders settles the total and takes every tender that is another app's.
func takeTenders(tx *sdk.Tx, r *till.Receipt, tenders []till.Payment) error {
	if len(tenders) > till.MaxTenders {
		return sdk.Invalid("/tenders", "tenders", "A sale takes at most 20 tenders.")
	}
	payments := make([]receipt.Payment, len(tenders))
	for i, t := range tenders {
		if t.Type == "" {
			return sdk.Invalid(tender(i)+"/type", "tender_type", "A tender names its type.")
		}
		payments[i] = receipt.Payment{Cash: t.Type == till.Cash, Amount: t.Amount}
	}
	settled, refusal := receipt.Settle(r.Total, step(tx, r.Currency), payments)
	if refusal != nil {
		return refused(*refusal, r.Currency)
	}
	r.Rounding, r.Change = settled.Rounding, settled.Change
	for i, t := range tenders {
		taken, err := take(tx, r, t)
		if err != nil {
			return atTender(err, i)
		}
		r.Tenders = append(r.Tenders, taken)
	}
	return nil
}

// take takes one tender. Cash and card need nobody else: the drawer and the
// terminal are outside the transaction.
func take(tx *sdk.Tx, r *till.Receipt, t till.Payment) (till.Taken, error) {
	taken := till.Taken{Type: t.Type, Amount: t.Amount, Reference: t.Reference, Terminal: t.Terminal, Count: t.Count}
	if t.Type == till.Cash || t.Type == till.Card {
		return taken, nil
	}
	out, err := till.Tender.One(tx, t.Type, till.TenderIn{
		Receipt: r.ID, Store: r.Store, Till: r.Till, Customer: r.Customer, Currency: r.Currency,
		Amount: t.Amount, Reference: t.Reference,
	})
	taken.Reference = out.Reference
	return taken, err
}

// giveBack refunds through one tender; amount is above zero.
func giveBack(tx *sdk.Tx, r *till.Receipt, kind string, amount retail.Money, reference string) (till.Taken, error) {
	back := till.Taken{Type: kind, Amount: -amount, Reference: reference}
	if kind == till.Cash || kind == till.Card || amount == 0 {
		return back, nil
	}
	out, err := till.Tender.One(tx, kind, till.TenderIn{
		Receipt: r.ID, Store: r.Store, Till: r.Till, Customer: r.Customer, Currency: r.Currency,
		Refund: true, Amount: amount, Reference: reference,
	})
	back.Reference = out.Reference
	return back, err
}

// refused is a refusal to settle, for the person at the till.
func refused(f receipt.Refusal, c retail.Currency) error {
	switch f.Reason {
	case receipt.Underpaid:
		return &sdk.Error{
			Code: sdk.CodeFailedPrecondition, Reason: f.Reason, Pointer: "/tenders",
			Message: f.Amount.Format(c) + " are missing.", Fields: []sdk.Field{sdk.Int("missing", f.Amount)},
		}
	case receipt.ExceedsDue:
		return &sdk.Error{
			Code: sdk.CodeInvalid, Reason: f.Reason, Pointer: tender(f.Index) + "/amount",
			Message: "Only cash gives change: " + f.Amount.Format(c) + " are due.", Fields: []sdk.Field{sdk.Int("due", f.Amount)},
		}
	case receipt.NothingDue:
		return sdk.Invalid(tender(f.Index)+"/amount", f.Reason, "The other tenders have paid everything.")
	}
	return sdk.Invalid(tender(f.Index)+"/amount", f.Reason, "An amount is above zero.")
}

// atTender says which tender an error of its filler is about.
func atTender(err error, i int) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	if own.Pointer = tender(i) + "/amount"; e.Reason == "filler" {
		own = *sdk.Invalid(tender(i)+"/type", "tender_type", "No app takes this tender.")
	}
	return &own
}

func tender(i int) string { return "/tenders/" + strconv.Itoa(i) }
