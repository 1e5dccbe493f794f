package app

import (
	"errors"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// takeTenders settles what an exchange and deposits have left of the total, and takes every tender that
// is another app's.
func takeTenders(tx *sdk.Tx, set *Settings, r *till.Receipt, tenders []till.Payment) error {
	if len(tenders) > till.MaxTenders {
		return sdk.Invalid("/tenders", "tenders", "A sale takes at most 20 tenders.")
	}
	due := r.Total
	for _, t := range r.Tenders {
		due -= t.Amount
	}
	payments := make([]receipt.Payment, len(tenders))
	for i, t := range tenders {
		if t.Type == "" || t.Type == till.Traded || t.Type == till.Prepaid {
			return sdk.Invalid(tender(i)+"/type", "tender_type", "A tender names its type.")
		}
		payments[i] = receipt.Payment{Cash: t.Type == till.Cash, Amount: t.Amount}
	}
	settled, refusal := receipt.Settle(due, set.step(r.Store, r.Currency), payments)
	if refusal != nil {
		return refused(*refusal, r.Currency)
	}
	if err := eligible(set, r, tenders); err != nil {
		return err
	}
	r.Rounding, r.Change = settled.Rounding, settled.Change
	for i, t := range tenders {
		taken, err := take(tx, set, r, t)
		if err != nil {
			return atTender(err, i)
		}
		r.Tenders = append(r.Tenders, taken)
	}
	return nil
}

// eligible checks what the settings say of tenders: how many pieces of one may pay, and
// for which goods.
func eligible(set *Settings, r *till.Receipt, tenders []till.Payment) error {
	var kinds []*TenderRule
	var limited []receipt.Limited
	var places []int
	for i, t := range tenders {
		if err := pieces(set, tenders[:i+1]); err != nil {
			return err
		}
		rule := set.rule(t.Type)
		if !rule.limits() {
			continue
		}
		kind := slices.Index(kinds, rule)
		if kind < 0 {
			kind, kinds = len(kinds), append(kinds, rule)
		}
		limited, places = append(limited, receipt.Limited{Kind: kind, Amount: t.Amount}), append(places, i)
	}
	if len(kinds) > receipt.MaxKinds {
		return sdk.Invalid("/tenders", "tenders", "A sale takes at most 8 types of tenders that pay for some goods only.")
	}
	if len(kinds) == 0 {
		return nil
	}
	n, most := receipt.Exceeds(limited, payable(r, kinds))
	if n < 0 {
		return nil
	}
	return &sdk.Error{
		Code: sdk.CodeInvalid, Reason: "not_eligible", Pointer: tender(places[n]) + "/amount",
		Message: "This tender may pay for " + most.Format(r.Currency) + " of these goods.", Fields: []sdk.Field{sdk.Int("most", most)},
	}
}

// payable is the goods of a sale, each with the tenders that may pay for it.
func payable(r *till.Receipt, kinds []*TenderRule) []receipt.Part {
	parts := make([]receipt.Part, len(r.Lines))
	for i := range r.Lines {
		parts[i].Amount = r.Lines[i].Total
		for n, rule := range kinds {
			if rule.pays(&r.Lines[i].Goods) {
				parts[i].Kinds |= 1 << n
			}
		}
	}
	return parts
}

// pieces checks that of the type of the last tender no more pieces pay than may.
func pieces(set *Settings, tenders []till.Payment) error {
	last := len(tenders) - 1
	if n := tenders[last].Count; n < 0 || n > 1000 {
		return sdk.Invalid(tender(last)+"/count", "count", "A tender is at most 1,000 pieces.")
	}
	rule := set.rule(tenders[last].Type)
	if rule == nil || rule.MaxCount == 0 {
		return nil
	}
	var count int64
	for _, t := range tenders {
		if t.Type == rule.Type {
			count += max(t.Count, 1)
		}
	}
	if count <= rule.MaxCount {
		return nil
	}
	return &sdk.Error{
		Code: sdk.CodeInvalid, Reason: "count", Pointer: tender(last) + "/count",
		Message: "At most " + strconv.FormatInt(rule.MaxCount, 10) + " of these may pay in one sale.",
		Fields:  []sdk.Field{sdk.Int("most", rule.MaxCount)},
	}
}

// take takes one tender. What is the till's own needs nobody else: the drawer and the
// terminal are outside the transaction.
func take(tx *sdk.Tx, set *Settings, r *till.Receipt, t till.Payment) (till.Taken, error) {
	taken := till.Taken{Type: t.Type, Amount: t.Amount, Reference: t.Reference, Terminal: t.Terminal, Count: t.Count}
	switch {
	case t.Type == till.Card && t.Payment != "":
		err := takePayment(tx, r, &t, &taken)
		return taken, err
	case t.Type == till.Card && set.integrated(r.Store, r.Till):
		return taken, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "no_payment", Message: "This till takes cards through its terminal: authorise first.", Pointer: "/payment"}
	case set.own(t.Type):
		return taken, nil
	}
	out, err := till.Tender.One(tx, t.Type, till.TenderIn{
		Receipt: r.ID, Store: r.Store, Till: r.Till, Channel: r.Channel, Customer: r.Customer, Currency: r.Currency,
		Amount: t.Amount, Reference: t.Reference, VAT: r.VAT,
	})
	taken.Reference = out.Reference
	answered(r, t.Type, &out, 1)
	return taken, err
}

// giving is a part of a refund.
type giving struct {
	kind      string
	reference string // as the filler knows it, or the terminal's
	kept      string // as the sale keeps it: what counts as refunded
	terminal  string
	sale      string // that was paid with it
	payment   string // through the terminal that took it
	amount    retail.Money
	agreed    bool
}

// giveBack refunds through one tender; the amount is above zero.
func giveBack(tx *sdk.Tx, set *Settings, r *till.Receipt, g giving) (till.Taken, error) {
	back := till.Taken{Type: g.kind, Amount: -g.amount, Reference: g.reference, Terminal: g.terminal}
	if g.payment != "" && g.amount > 0 && r.Offline == nil { // what a till gave back cut off is given back
		id, err := refundPayment(tx, r, &g)
		back.Payment, back.Reference = id, g.kept
		return back, err
	}
	if set.own(g.kind) || g.amount == 0 {
		return back, nil
	}
	out, err := till.Tender.One(tx, g.kind, till.TenderIn{
		Receipt: r.ID, Original: g.sale, Store: r.Store, Till: r.Till, Channel: r.Channel, Customer: r.Customer, Currency: r.Currency,
		Refund: true, Agreed: g.agreed, Amount: g.amount, Reference: g.reference,
	})
	back.Reference = out.Reference
	answered(r, g.kind, &out, -1)
	return back, err
}

// answered enters what a filler says of a tender, but for its reference.
func answered(r *till.Receipt, kind string, out *till.TenderOut, sign retail.Money) {
	for _, s := range out.VATPaid {
		addVAT(&r.VATPaid, retail.VATShare{Rate: s.Rate, Gross: sign * s.Gross, Net: sign * s.Net, VAT: sign * s.VAT})
	}
	if out.Code != "" || out.Left != nil || out.Expires != 0 {
		r.Printed = append(r.Printed, till.Printed{Type: kind, Reference: out.Reference, Code: out.Code, Expires: out.Expires, Left: out.Left})
	}
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
	if e.Pointer == "/payment" {
		own.Pointer = tender(i) + "/payment"
		return &own
	}
	if own.Pointer = tender(i) + "/amount"; e.Reason == "filler" {
		own = *sdk.Invalid(tender(i)+"/type", "tender_type", "No app takes this tender.")
	}
	return &own
}

func tender(i int) string { return "/tenders/" + strconv.Itoa(i) }
