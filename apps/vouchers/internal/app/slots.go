package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tender fills the till's slot for cards of a type.
func tender(kind vouchers.Type) func(*sdk.Tx, till.TenderIn) (till.TenderOut, error) {
	return func(tx *sdk.Tx, in till.TenderIn) (till.TenderOut, error) {
		switch id := referred(in.Reference); {
		case !in.Refund:
			return take(tx, &in, kind)
		case id != "":
			return back(tx, &in, kind, id)
		}
		return instead(tx, &in, kind)
	}
}

func take(tx *sdk.Tx, in *till.TenderIn, kind vouchers.Type) (till.TenderOut, error) {
	if a, ok := slipped(tx, in.Reference); ok {
		return takeSlip(tx, in, kind, a)
	}
	m, err := spend(tx, &spending{
		given: in.Reference, amount: in.Amount, currency: in.Currency, document: in.Receipt, store: in.Store,
		customer: in.Customer, kind: kind, vat: in.VAT,
	})
	return tendered(&m), err
}

func tendered(m *vouchers.Movement) till.TenderOut {
	left := m.Balance
	return till.TenderOut{Reference: m.Reference, VATPaid: m.VATPaid, Expires: m.Expires, Left: &left}
}

// back gives back to the card that the receipt names. Its id is on paper: it gets back no
// more than it paid.
func back(tx *sdk.Tx, in *till.TenderIn, kind vouchers.Type, id string) (till.TenderOut, error) {
	r, ok := cards.Get(tx, sdk.K(id))
	k, _ := kinds.Get(tx, sdk.K(r.Kind))
	switch {
	case !ok:
		return till.TenderOut{}, noCode("/reference")
	case k.Type != kind:
		return till.TenderOut{}, sdk.FailedPrecondition("kind", "The card is of another kind: "+string(k.Type)+".")
	case k.Currency != in.Currency:
		return till.TenderOut{}, sdk.FailedPrecondition("currency", "The card is in "+string(k.Currency)+".")
	}
	m, err := giveBack(tx, &vouchers.RefundIn{Card: id, Amount: in.Amount, Document: in.Receipt, Original: in.Original, Store: in.Store})
	return tendered(&m), err
}

// instead refunds with stored value what was paid otherwise: onto a card whose code is
// given, or one that is drawn. Where the law or its kind asks for it, only if the customer
// agreed.
func instead(tx *sdk.Tx, in *till.TenderIn, kind vouchers.Type) (out till.TenderOut, err error) {
	var r record
	var k vouchers.Kind
	if in.Reference == "" {
		k, err = returnKind(tx, kind, in.Currency)
	} else if r, k, err = opened(tx, in.Reference, ""); err == nil && (k.Type != kind || k.Currency != in.Currency) {
		err = sdk.FailedPrecondition("kind", "The card is of another kind.")
	}
	switch {
	case err != nil:
		return out, err
	case !k.Offered:
		return out, sdk.FailedPrecondition("not_offered", "Refunds are not given in this kind.")
	case !in.Agreed && needsAgreement(tx, &k, in.Channel):
		return out, sdk.FailedPrecondition("not_agreed", "Only a customer who agrees is refunded so.")
	}
	l := loading{amount: in.Amount, document: in.Receipt, original: in.Original, store: in.Store, customer: in.Customer}
	switch {
	case in.Reference == "":
		out.Code, err = drawFor(tx, &r, &k, l)
	case r.Account.State == card.Blank:
		err = begin(tx, &r, &k, l, &vouchers.Activated)
	default:
		err = add(tx, &r, &k, l)
	}
	if err != nil {
		return till.TenderOut{}, err
	}
	left := r.Account.Balance
	out.Reference, out.Expires, out.Left = reference(&r), r.Account.Expires, &left
	return out, nil
}

// drawFor draws a card and activates it, and answers its code to be printed.
func drawFor(tx *sdk.Tx, r *record, k *vouchers.Kind, l loading) (printed string, err error) {
	if k.PIN || k.Personal && l.customer == "" {
		return "", sdk.FailedPrecondition("kind", "Cards of this kind are not drawn at a till.")
	}
	fresh, drawn, err := draw(tx, k, l.customer)
	if err != nil {
		return "", err
	}
	*r = fresh
	told := vouchers.IssuedEvent{
		Kind: k.ID, Type: k.Type, Entity: k.Entity, Currency: k.Currency, Document: l.document,
		Cards: []vouchers.IssuedCard{{Card: r.ID, Customer: l.customer}},
	}
	if err := vouchers.Issued.Emit(tx, told); err != nil {
		return "", err
	}
	return drawn.Code, begin(tx, r, k, l, &vouchers.Activated)
}

// returnKind is the kind that a till issues of a type and currency.
func returnKind(tx *sdk.Tx, kind vouchers.Type, currency retail.Currency) (vouchers.Kind, error) {
	fits := func(k *vouchers.Kind) bool { return k.Type == kind && k.Currency == currency && !k.Archived }
	if k, ok := kinds.Get(tx, sdk.K(settings.Get(tx).ReturnKind)); ok && fits(&k) {
		return k, nil
	}
	for k := range kinds.Scan(tx, sdk.Scan{}) {
		if fits(&k) {
			return k, nil
		}
	}
	return vouchers.Kind{}, sdk.FailedPrecondition("kind", "There is no kind of "+string(kind)+" in "+string(currency)+".")
}

// stored fills the till's slot of what is sold as stored value: it activates or tops up
// the card of each line, or undoes that.
func stored(tx *sdk.Tx, in till.StoredIn) (out till.StoredOut, err error) {
	if !in.Undo && !settings.Get(tx).CardBuysCard && slices.ContainsFunc(in.Tenders, isCard) {
		return out, sdk.FailedPrecondition("bought_with_card", "Stored value is not paid with stored value.")
	}
	for i := range in.Lines {
		sold := sell
		if in.Undo {
			sold = unsell
		}
		c, err := sold(tx, &in, &in.Lines[i])
		if err != nil {
			return till.StoredOut{}, atLine(err, i)
		}
		out.Lines = append(out.Lines, c)
	}
	return out, nil
}

func isCard(tender string) bool { return slices.Contains(types, vouchers.Type(tender)) }

// sell puts what was paid for a line on its card.
func sell(tx *sdk.Tx, in *till.StoredIn, l *till.StoredLine) (out till.StoredCard, err error) {
	if l.Quantity > 1 {
		return out, sdk.Invalid("/quantity", "quantity", "Each card stands on a line of its own.")
	}
	load := loading{amount: l.Amount, document: in.Receipt, store: in.Store, customer: in.Customer}
	var r record
	var k vouchers.Kind
	if l.Code == "" {
		k, err = returnKind(tx, vouchers.GiftCard, in.Currency)
	} else if r, k, err = opened(tx, l.Code, ""); err == nil && in.Currency != k.Currency {
		err = sdk.FailedPrecondition("currency", "The card is in "+string(k.Currency)+".")
	}
	switch {
	case err != nil:
		return out, err
	case k.Entity != in.Entity:
		return out, sdk.FailedPrecondition("entity", "The card is another legal person's to sell.")
	case k.Rate != l.VATRate:
		return out, sdk.FailedPrecondition("vat_rate", "The goods have another VAT rate than the card: a single-purpose one its own, a multi-purpose one none.")
	case l.Code == "":
		out.Code, err = drawFor(tx, &r, &k, load)
	case r.Account.State == card.Active || r.Account.State == card.Expired:
		err = add(tx, &r, &k, load)
	default:
		err = begin(tx, &r, &k, load, &vouchers.Activated)
	}
	out.Line, out.Reference, out.Expires, out.Multi = l.Line, reference(&r), r.Account.Expires, k.VAT == vouchers.Multi
	return out, err
}

// unsell takes off a card what the sale put on it.
func unsell(tx *sdk.Tx, in *till.StoredIn, l *till.StoredLine) (out till.StoredCard, err error) {
	r, k, err := open(tx, referred(l.Reference), "/reference")
	if err != nil {
		return out, err
	}
	_, err = undo(tx, &r, &k, in.Original, in.Receipt, in.Store)
	return till.StoredCard{Line: l.Line, Reference: reference(&r), Multi: k.VAT == vouchers.Multi}, err
}

// atLine points an error into the line that it is about.
func atLine(err error, i int) error {
	e, ok := err.(*sdk.Error) //nolint:errorlint // ours, never wrapped
	if !ok {
		return err
	}
	return moved(err, "/lines/"+strconv.Itoa(i)+e.Pointer)
}
