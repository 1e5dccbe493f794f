package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// clockSkew is how far a till's clock may be ahead, in milliseconds: a document of later is
// looked at by somebody.
const clockSkew = 10 * 60 * 1000

// take takes one document over, or changes nothing and says why not.
func (b *syncing) take(rec *till.OfflineRecord, d *till.OfflineDocument) (r till.Receipt, err error) {
	if r, err = b.head(rec, d); err != nil {
		return r, err
	}
	switch d.Kind {
	case till.Sale:
		err = b.sale(rec, &r, d)
	case till.Refund:
		err = b.back(&r, d)
	case till.Annul:
		err = b.annul(&r, d)
	default:
		err = offlineFault("kind", "/kind", "A till writes sales, returns and voids on its own.")
	}
	return r, err
}

// head heads the receipt of a document.
func (b *syncing) head(rec *till.OfflineRecord, d *till.OfflineDocument) (r till.Receipt, err error) {
	local, err := b.at.Zone.Local(d.At)
	switch {
	case err != nil || local.Date != d.Day:
		return r, offlineFault("day", "/day", "Its time is on another day.")
	case d.At > rec.Received+clockSkew:
		return r, offlineFault("clock", "/at", "Its time is still to come.")
	case d.Cashier == "" || len(d.Cashier) > 64:
		return r, offlineFault("cashier", "/cashier", "A cashier has 1 to 64 characters.")
	case len(d.Reason) > 200 || len(d.TaxCode) > 16:
		return r, offlineFault("reason", "/reason", "A reason has at most 200 characters.")
	}
	state := stateOf(b.tx, b.at.ID, b.till)
	id := offlineID(b.at.ID, b.till, d.Day, d.Sequence)
	r = till.Receipt{
		ID: id, Kind: d.Kind, Store: b.at.ID, Till: b.till, Entity: b.at.Entity, Day: local.Date, Zone: b.at.Zone, At: d.At, Cashier: d.Cashier,
		Channel:  cmp.Or(d.Channel, b.at.Channel, retail.Channel(b.at.Kind), retail.Channel(catalog.Shop)),
		Customer: d.Customer, Currency: cmp.Or(d.Currency, b.at.Currency), Original: d.Original, Reason: d.Reason, TaxCode: d.TaxCode,
		Code: receipt.CodeOf(id), Closing: state.Closing + 1,
		Offline: &till.Offline{
			Sequence: d.Sequence, UUID: d.UUID, Sent: rec.Sent, Received: rec.Received, By: rec.By,
			Closing: closeID(b.at.ID, b.till, state.Closing+1),
		},
	}
	if s, open := sessions.Get(b.tx, sdk.K(cmp.Or(state.Session, "-"))); open && s.Opened <= d.At {
		r.Session = s.ID
	}
	return r, nil
}

// sale takes a sale over: what it used of promotions, its tenders, the cards that it sold
// and its goods.
func (b *syncing) sale(rec *till.OfflineRecord, r *till.Receipt, d *till.OfflineDocument) error {
	if err := soldLines(r, d); err != nil {
		return err
	}
	if err := b.sums(r, d); err != nil {
		return err
	}
	r.Change, r.Rounding, r.Grants, r.Original = d.Change, d.Rounding, d.Grants, ""
	uses := pricing.TakeOverIn{Till: r.Till, Sale: past(r), Slips: d.Slips, Codes: d.Codes, Waive: rec.Waived != nil}
	if err := b.covered(uses, r, d); err != nil {
		return err
	}
	if err := b.tenders(r, d); err != nil {
		return err
	}
	took, err := pricing.TakeOver.Call(b.tx, uses)
	if err != nil {
		return err
	}
	rec.Waived = took.Waived
	if err := sell(b.tx, r, nil); err != nil {
		return &stuck{err}
	}
	return write(b.tx, *r, till.Closed)
}

// covered tries, before anything is taken, whether slips cover what promotions did. Where no
// other app takes anything, taking it over finds that out.
func (b *syncing) covered(uses pricing.TakeOverIn, r *till.Receipt, d *till.OfflineDocument) error {
	cards := slices.ContainsFunc(r.Lines, func(l till.ReceiptLine) bool { return l.Goods.Kind == catalog.GiftCard })
	if !cards && !slices.ContainsFunc(d.Tenders, func(t till.Payment) bool { return !b.set.own(t.Type) }) {
		return nil
	}
	uses.Try = true
	if _, err := pricing.TakeOver.Call(b.tx, uses); sdk.ReasonOf(err) != "tried" {
		return err
	}
	return nil
}

// tenders takes those that are other apps', and puts value on gift cards. If one of them is
// refused, those before it are given back: all or none.
func (b *syncing) tenders(r *till.Receipt, d *till.OfflineDocument) error {
	for i, t := range d.Tenders {
		if t.Type == till.Card && t.Payment == "" { // through a terminal, or by hand: it has paid
			r.Tenders = append(r.Tenders, till.Taken{Type: t.Type, Amount: t.Amount, Reference: t.Reference, Terminal: t.Terminal, Count: t.Count})
			continue
		}
		taken, err := take(b.tx, &b.set, r, t)
		if err != nil {
			return b.untake(r, atTender(err, i))
		}
		r.Tenders = append(r.Tenders, taken)
	}
	lines := make([]till.Line, len(d.Lines))
	for i := range d.Lines {
		lines[i].Code = d.Lines[i].Code
		if r.Lines[i].Goods.Kind == catalog.GiftCard && lines[i].Code == "" {
			return b.untake(r, offlineFault("stored_value", line(i)+"/code", "Nobody knows which gift card was sold."))
		}
	}
	if err := putValue(b.tx, r, lines); err != nil {
		return b.untake(r, err)
	}
	return nil
}

// untake gives tenders back that other apps took of a document that is refused for why.
func (b *syncing) untake(r *till.Receipt, why error) error {
	var e *sdk.Error
	if !errors.As(why, &e) || !decidable(e) || b.one {
		return why
	}
	for _, t := range r.Tenders {
		g := givingOf(r, t)
		g.amount = t.Amount
		if _, err := giveBack(b.tx, &b.set, r, g); err != nil {
			return &stuck{err}
		}
	}
	return why
}

// soldLines copies the lines of a sale, which must add up.
func soldLines(r *till.Receipt, d *till.OfflineDocument) error {
	if len(d.Lines) == 0 || len(d.Lines) > stock.MaxLines {
		return offlineFault("lines", "/lines", "A sale has 1 to 250 lines.")
	}
	shares := make([]retail.VATShare, len(d.Lines))
	for i := range d.Lines {
		l, err := soldLine(&d.Lines[i], i)
		if err != nil {
			return err
		}
		shares[i] = retail.VATShare{Rate: l.Goods.VATRate, Gross: l.Total}
		r.Lines = append(r.Lines, l)
		r.List, r.Discount, r.Total = r.List+l.List, r.Discount+l.Discount, r.Total+l.Total
	}
	var err error
	if r.VAT, err = retail.SplitVAT(shares); err != nil {
		return offlineFault("total", "/total", "Its VAT cannot be worked out.")
	}
	r.Applied = appliedTo(r.Lines, &till.Receipt{})
	for i := range d.Lines {
		for _, a := range d.Lines[i].Applied {
			nameOnce(r.Applied, &a)
		}
	}
	return nil
}

// nameOnce keeps of a discount of a line what the whole document has of it.
func nameOnce(all []pricing.Applied, a *pricing.Applied) {
	for i := range all {
		if all[i].Promotion == a.Promotion && all[i].Version == a.Version && a.Promotion != "" {
			all[i].Name, all[i].Refund = cmp.Or(all[i].Name, a.Name), cmp.Or(all[i].Refund, a.Refund)
		}
	}
}

// soldLine is one line of a sale.
func soldLine(in *till.OfflineLine, i int) (l till.ReceiptLine, err error) {
	if in.Goods == nil {
		return l, offlineFault("lines", line(i)+"/goods", "Nobody knows what was sold, and at which VAT rate.")
	}
	l = till.ReceiptLine{
		ID: strconv.Itoa(i + 1), SKU: in.SKU, Quantity: in.Quantity, UnitPrice: in.UnitPrice, Per: in.Per, PriceList: in.PriceList,
		List: in.Total + in.Discount, Discount: in.Discount, Total: in.Total, OverrideReason: in.OverrideReason, ApprovedBy: in.ApprovedBy, Goods: *in.Goods,
	}
	l.Goods.Kind, l.Goods.Unit = cmp.Or(l.Goods.Kind, catalog.Goods), cmp.Or(l.Goods.Unit, retail.Piece)
	l.Per = cmp.Or(l.Per, l.Goods.Unit.Per())
	switch {
	case in.SKU == "" || len(in.SKU) > 64 || strings.ContainsRune(string(in.SKU), 0):
		return l, offlineFault("lines", line(i)+"/sku", "A SKU has 1 to 64 characters.")
	case in.Quantity <= 0 || in.Quantity > maxQuantity || in.Per < 0 || in.Line != "" || in.Code != "" && in.Quantity != 1:
		return l, offlineFault("quantity", line(i)+"/quantity", "A quantity is above zero. What comes back is a return.")
	case in.Total < 0 || in.Discount < 0 || in.UnitPrice < 0 || in.Total > maxCash || in.Discount > maxCash:
		return l, offlineFault("lines", line(i)+"/total", "What is sold is worth nothing below zero.")
	case l.Goods.VATRate < 0 || l.Goods.VATRate > 10_000:
		return l, offlineFault("lines", line(i)+"/goods/vat_rate", "A VAT rate lies between 0 and 10000 basis points.")
	}
	for _, s := range unitsOf(&l, 0, l.Quantity).Shares() {
		l.UnitShares = append(l.UnitShares, pricing.Share(s))
	}
	if len(in.UnitShares) > 0 && !slices.Equal(in.UnitShares, l.UnitShares) {
		return l, offlineFault("shares", line(i)+"/unit_shares", "Its units are not worth what the line is.")
	}
	l.Applied, err = appliedOf(in, i)
	return l, err
}

// appliedOf is what promotions took off a line, with codes as a receipt has them.
func appliedOf(in *till.OfflineLine, i int) (all []pricing.Applied, err error) {
	var sum retail.Money
	for _, a := range in.Applied {
		if a.Amount < 0 || a.Amount > maxCash {
			return nil, offlineFault("applied", line(i)+"/applied", "A promotion takes off nothing below zero.")
		}
		a.Code, a.Name, a.Refund = hidden(a.Code), "", ""
		sum, all = sum+a.Amount, append(all, a)
	}
	if sum != in.Discount || len(in.Applied) > till.MaxTenders {
		return nil, offlineFault("applied", line(i)+"/discount", "Promotions took "+strconv.FormatInt(int64(sum), 10)+" off this line, not that.")
	}
	return all, nil
}

// sums checks that a document is paid to the cent.
func (b *syncing) sums(r *till.Receipt, d *till.OfflineDocument) error {
	if d.Total != r.Total {
		return offlineFault("total", "/total", "The lines come to "+r.Total.Format(r.Currency)+".")
	}
	if len(d.Tenders) > till.MaxTenders {
		return offlineFault("tenders", "/tenders", "A document has at most 20 tenders.")
	}
	var paid, cash retail.Money
	for i, t := range d.Tenders {
		switch {
		case t.Type == "" || t.Type == till.Traded || t.Type == till.Prepaid:
			return offlineFault("tender_type", tender(i)+"/type", "A till that is cut off takes no such tender.")
		case t.Amount <= 0 && (t.Amount < 0 || d.Kind == till.Sale) || t.Amount > maxCash || t.Count < 0 || t.Count > 1000:
			return offlineFault("tenders", tender(i)+"/amount", "An amount is above zero.")
		case t.Type == till.Cash:
			cash += t.Amount
		}
		paid += t.Amount
	}
	step := max(b.set.step(r.Store, r.Currency), 1) - 1
	switch {
	case d.Change < 0 || d.Change > cash || d.Change > 0 && d.Kind != till.Sale:
		return offlineFault("tenders", "/change", "Only cash gives change.")
	case d.Rounding != 0 && (cash != paid || d.Rounding > step || d.Rounding < -step):
		return offlineFault("rounding", "/rounding", "Only cash is rounded, and by less than its smallest coin.")
	case paid-d.Change != d.Total+d.Rounding:
		return offlineFault("tenders", "/tenders", "The tenders come to "+(paid-d.Change).Format(r.Currency)+", the document to "+(d.Total+d.Rounding).Format(r.Currency)+".")
	}
	return nil
}
