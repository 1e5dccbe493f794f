package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// undone is the sale that a document undoes, and what was undone of it. One that has not
// come is waited for.
func (b *syncing) undone(r *till.Receipt, d *till.OfflineDocument) (sale till.Receipt, done undo, err error) {
	sale, there := receipts.Get(b.tx, sdk.K(d.Original))
	switch {
	case d.Original == "" || len(d.Original) > 128:
		return sale, done, offlineFault("not_a_sale", "/original", "It does not say which sale it undoes.")
	case !there:
		return sale, done, &waiting{d.Original}
	case sale.Kind != till.Sale:
		return sale, done, offlineFault("not_a_sale", "/original", "Only a sale of this system can be returned or voided.")
	}
	done, _ = undos.Get(b.tx, sdk.K(d.Original))
	done.Receipt = d.Original
	if done.Voided != "" {
		return sale, done, voided(&done)
	}
	r.Channel, r.Customer, r.Currency = sale.Channel, sale.Customer, sale.Currency
	return sale, done, nil
}

// back takes a return over: the units that it names, worth the shares that the sale keeps.
// Nothing is withheld: the till could not know what promotions would have said.
func (b *syncing) back(r *till.Receipt, d *till.OfflineDocument) error {
	sale, done, err := b.undone(r, d)
	if err != nil {
		return err
	}
	u := returning{sale: sale, done: done}
	if u.backs, err = cameBack(&u.sale, &u.done, d); err != nil {
		return err
	}
	returnLines(r, &u.sale, &u.done, u.backs, nil)
	for i := range d.Lines {
		if d.Lines[i].Total != -r.Lines[i].Total {
			return offlineFault("shares", line(i)+"/total", "These units were sold for "+(-r.Lines[i].Total).Format(r.Currency)+".")
		}
	}
	if err := b.sums(turned(r), d); err != nil {
		return err
	}
	if err := b.noCards(r); err != nil {
		return err
	}
	u.r = *r
	f := u.refunding(&b.set, &till.ReturnIn{Agreed: true})
	if err := b.refund(&f, &u.r, d); err != nil {
		return err
	}
	f.settle(&u.r)
	if err := u.finish(b.tx, &b.set); err != nil {
		return &stuck{err}
	}
	return nil
}

// turned is a document that undoes one as the till wrote it: above zero.
func turned(r *till.Receipt) *till.Receipt {
	out := *r
	out.Total = -r.Total
	return &out
}

// apart keeps documents that undo a sale over several other apps for somebody to decide:
// what one of them has given back could not be taken again if the next refuses.
func (b *syncing) apart(all []giving) error {
	others := 0
	for _, g := range all {
		if !b.set.own(g.kind) && g.amount != 0 {
			others++
		}
	}
	if others > 1 && !b.one {
		return offlineFault("several", "/tenders", "Several apps refund this: somebody must look at it.")
	}
	return nil
}

// noCards keeps gift cards that came back for somebody to decide: a till that is cut off
// cannot know whether they are spent.
func (b *syncing) noCards(r *till.Receipt) error {
	if !b.one && slices.ContainsFunc(r.Lines, func(l till.ReceiptLine) bool { return l.Goods.Kind == catalog.GiftCard }) {
		return offlineFault("stored_value", "/lines", "A gift card came back: somebody must look at it.")
	}
	return nil
}

// cameBack finds the lines that come back. What had come back before must be what the
// till knew: a document that comes too early waits.
func cameBack(sale *till.Receipt, done *undo, d *till.OfflineDocument) (backs []back, err error) {
	if len(d.Lines) == 0 || len(d.Lines) > till.MaxLines {
		return nil, offlineFault("lines", "/lines", "A return names at least one line of the sale.")
	}
	early := false
	for i := range d.Lines {
		l := &d.Lines[i]
		n := slices.IndexFunc(sale.Lines, func(s till.ReceiptLine) bool { return s.ID == l.Line })
		if n < 0 || slices.ContainsFunc(backs, func(b back) bool { return b.line.ID == l.Line }) {
			return nil, offlineFault("line", line(i)+"/line", "The sale has no such line, or it stands twice.")
		}
		s := &sale.Lines[n]
		was := done.returned(s.ID)
		switch {
		case l.Quantity <= 0 || l.From < 0 || l.From > s.Quantity || l.Quantity > s.Quantity-l.From:
			return nil, offlineFault("returned", line(i)+"/quantity", "Not so many were sold.")
		case l.From < was:
			return nil, offlineFault("returned", line(i)+"/from", "These units came back already.")
		case l.From > was:
			early = true
		}
		backs = append(backs, back{line: s, units: unitsOf(s, l.From, l.From+l.Quantity), quarantine: l.Quarantine})
	}
	if early {
		return nil, &waiting{sale.ID}
	}
	return backs, nil
}

// refund gives back what the till has given back, through each tender no more than it paid.
func (b *syncing) refund(f *refunding, r *till.Receipt, d *till.OfflineDocument) error {
	var all []giving
	var out retail.Money
	for i, t := range d.Tenders {
		in := *f.in
		in.Reference = t.Reference
		one := *f
		one.in = &in
		parts, err := one.through(b.tx, t.Type, tender(i), t.Amount)
		if err != nil {
			return err
		}
		if t.Type == till.Cash {
			parts[0].amount = t.Amount
		}
		all, out = append(all, parts...), out+t.Amount
	}
	if f.done.Paid+out > f.sale.Total+f.sale.Rounding {
		return offlineFault("refunded", "/tenders", "More would be refunded than was paid.")
	}
	if err := b.apart(all); err != nil {
		return err
	}
	for _, g := range all {
		taken, err := giveBack(b.tx, &b.set, r, g)
		if err != nil {
			return atTender(err, 0)
		}
		r.Tenders = append(r.Tenders, taken)
		f.done.pay(&g)
	}
	return nil
}

// annul takes a void over.
func (b *syncing) annul(r *till.Receipt, d *till.OfflineDocument) error {
	sale, done, err := b.undone(r, d)
	if err != nil {
		return err
	}
	switch {
	case len(done.Returns) > 0:
		return offlineFault("returned", "/original", "Units of this sale came back already.")
	case sale.Store != r.Store:
		return offlineFault("other_store", "/original", "A sale is voided in the store that sold.")
	case d.Total != sale.Total:
		return offlineFault("total", "/total", "The sale comes to "+sale.Total.Format(sale.Currency)+".")
	}
	backs := annul(r, &sale)
	var all []giving
	for _, t := range sale.Tenders {
		g := givingOf(&sale, t)
		g.amount = t.Amount
		all = append(all, g)
	}
	if err := b.apart(all); err != nil {
		return err
	}
	if err := b.noCards(r); err != nil {
		return err
	}
	if err := giveAllBack(b.tx, &b.set, r, &sale, &done); err != nil {
		return err
	}
	if err := finishVoid(b.tx, r, &sale, &done, backs); err != nil {
		return &stuck{err}
	}
	return nil
}
