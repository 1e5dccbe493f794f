package app

import (
	"cmp"
	"strconv"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func void(tx *sdk.Tx, in till.VoidIn) (till.Receipt, error) {
	if store := storeOf(in.Receipt); store != "" && !sdk.MayStore(tx, store) {
		return till.Receipt{}, otherStore("/receipt")
	}
	sale, done, err := sold(tx, in.Receipt)
	if err != nil {
		return till.Receipt{}, err
	}
	b := till.Basket{Store: cmp.Or(in.Store, sale.Store), Till: cmp.Or(in.Till, sale.Till), Cashier: in.Cashier}
	if err := identity(b.Store, b.Till, b.Cashier); err != nil {
		return till.Receipt{}, err
	}
	switch {
	case done.Voided != "":
		return till.Receipt{}, voided(&done)
	case len(done.Returns) > 0:
		return till.Receipt{}, sdk.FailedPrecondition("returned", "Units of this sale came back already: return the rest.")
	case b.Store != sale.Store:
		return till.Receipt{}, sdk.FailedPrecondition("other_store", "A sale is voided in the store that sold.")
	}
	set := settings.Get(tx)
	r, err := beginUndo(tx, &set, till.Annul, &sale, b, in.Reason)
	if err != nil {
		return till.Receipt{}, err
	}
	backs := annul(&r, &sale)
	if err := giveAllBack(tx, &set, &r, &sale, &done); err != nil {
		return till.Receipt{}, err
	}
	if err := finishVoid(tx, &r, &sale, &done, backs); err != nil {
		return till.Receipt{}, err
	}
	return r, fiscalise(tx, &set, &r, "")
}

// finishVoid takes the goods of a void whose tenders are given back, and writes it.
func finishVoid(tx *sdk.Tx, r, sale *till.Receipt, done *undo, backs []back) error {
	if err := takeValue(tx, r); err != nil {
		return err
	}
	if err := restock(tx, r, backs); err != nil {
		return err
	}
	if err := release(tx, sale); err != nil {
		return err
	}
	done.Voided, done.Refunded = r.ID, sale.Total
	if err := undos.Put(tx, *done); err != nil {
		return err
	}
	return write(tx, *r, till.Voided)
}

// annul writes the sale with all signs turned.
func annul(r *till.Receipt, sale *till.Receipt) []back {
	backs := make([]back, len(sale.Lines))
	for i := range sale.Lines {
		l := &sale.Lines[i]
		backs[i] = back{line: l, units: unitsOf(l, 0, l.Quantity)}
		r.Lines = append(r.Lines, negative(l, backs[i].units))
	}
	r.List, r.Discount, r.Total, r.Rounding = -sale.List, -sale.Discount, -sale.Total, -sale.Rounding
	r.Applied = appliedTo(r.Lines, sale)
	for _, v := range sale.VAT {
		r.VAT = append(r.VAT, retail.VATShare{Rate: v.Rate, Gross: -v.Gross, Net: -v.Net, VAT: -v.VAT})
	}
	return backs
}

// giveAllBack gives every tender back, cash without the change. What an exchange paid goes
// back by what it stands for.
func giveAllBack(tx *sdk.Tx, set *Settings, r *till.Receipt, sale *till.Receipt, done *undo) error {
	change := sale.Change
	for i, t := range sale.Tenders {
		g := givingOf(sale, t)
		if g.amount = t.Amount; t.Type == till.Cash {
			kept := min(change, g.amount)
			g.amount, change = g.amount-kept, change-kept
			g.reference = t.Reference
		}
		if g.kind == till.Cash && r.Offline == nil { // what was paid out cut off is gone
			state := stateOf(tx, r.Store, r.Till)
			if err := enough(tx, &state, r.Currency, g.amount); err != nil {
				return moved(err, "", "/receipt")
			}
		}
		taken, err := giveBack(tx, set, r, g)
		if err != nil {
			return atTender(err, i)
		}
		taken.Terminal, taken.Count = t.Terminal, t.Count
		r.Tenders = append(r.Tenders, taken)
		done.pay(&g)
	}
	return nil
}

func line(i int) string { return "/lines/" + strconv.Itoa(i) }
