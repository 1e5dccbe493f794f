package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// kept is what a return changes of what is withheld, because of the goods that are kept.
type kept struct {
	moves  []receipt.Held
	unsure []pricing.Recomputed // that pricing did not work out again
}

// withholding asks pricing what the goods that are kept no longer earn. It asks only
// for a sale with a promotion that wants it, and not when everything is back: then
// nothing is kept that could have lost anything.
func withholding(r sdk.Reader, sale *till.Receipt, done *undo, backs []back) (k kept, err error) {
	if !recomputes(sale) {
		return k, nil
	}
	var out pricing.RecomputeOut
	if !allBack(sale, done, backs) {
		if out, err = pricing.RecomputeKept.Call(r, question(sale, done, backs)); err != nil {
			return k, err
		}
	}
	return keeping(out.Promotions, done, backs), nil
}

// recomputes says whether a promotion of the sale is worked out again when goods come
// back. The receipt keeps that: nobody is asked for the others.
func recomputes(sale *till.Receipt) bool {
	return slices.ContainsFunc(sale.Applied, func(a pricing.Applied) bool { return a.Refund == pricing.Recompute })
}

// allBack says whether nothing is left with the customer after a return.
func allBack(sale *till.Receipt, done *undo, backs []back) bool {
	return !slices.ContainsFunc(sale.Lines, func(l till.ReceiptLine) bool { return behind(&l, done, backs) < l.Quantity })
}

// behind is how many units of a line are back after a return.
func behind(l *till.ReceiptLine, done *undo, backs []back) retail.Quantity {
	if n := slices.IndexFunc(backs, func(b back) bool { return b.line.ID == l.ID }); n >= 0 {
		return backs[n].units.To
	}
	return done.returned(l.ID)
}

// question is the sale, and what the customer keeps of it after a return.
func question(sale *till.Receipt, done *undo, backs []back) pricing.RecomputeIn {
	in := pricing.RecomputeIn{Applied: sale.Applied, Lines: make([]pricing.RecomputeLine, len(sale.Lines))}
	for i := range sale.Lines {
		l := &sale.Lines[i]
		back := behind(l, done, backs)
		in.Lines[i] = pricing.RecomputeLine{
			ID: l.ID, SKU: l.SKU, Quantity: l.Quantity, Kept: l.Quantity - back, UnitPrice: l.UnitPrice, Per: l.Per,
			PriceOverride: l.OverrideReason != "", Added: l.Added, Goods: l.Goods, Applied: l.Applied,
			Stays: make([]retail.Money, len(l.Applied)),
		}
		for k, gone := range appliedUpTo(l.Applied, unitsOf(l, 0, back), back) {
			in.Lines[i].Stays[k] = l.Applied[k].Amount - gone.Amount
		}
	}
	return in
}

// keeping is what a return withholds if this is what promotions say.
func keeping(all []pricing.Recomputed, done *undo, backs []back) (k kept) {
	var lost []receipt.Loss
	for _, p := range all {
		if p.Reason != "" {
			k.unsure = append(k.unsure, p)
			continue
		}
		lost = append(lost, receipt.Loss{Promotion: p.Promotion, Version: p.Version, Amount: p.Share - p.Earned})
	}
	room := make([]receipt.Room, len(backs))
	for i, b := range backs {
		room[i] = receipt.Room{Line: b.line.ID, Worth: b.units.Worth()}
	}
	k.moves = receipt.Withhold(lost, done.held(), room)
	return k
}

// told is what a return says of it, in the order of the sale.
func (k *kept) told(sale *till.Receipt) (all []pricing.Withheld) {
	for _, a := range sale.Applied {
		w := pricing.Withheld{Promotion: a.Promotion, Version: a.Version, Name: a.Name}
		for _, m := range k.moves {
			if m.Promotion == a.Promotion && m.Version == a.Version {
				w.Amount += m.Amount
			}
		}
		if n := slices.IndexFunc(k.unsure, func(p pricing.Recomputed) bool { return p.Promotion == a.Promotion && p.Version == a.Version }); n >= 0 {
			w.Reason = k.unsure[n].Reason
		}
		if w.Amount != 0 || w.Reason != "" {
			all = append(all, w)
		}
	}
	return all
}

// refund is what a return pays for its units.
func (k *kept) refund(backs []back) (sum retail.Money) {
	for _, b := range backs {
		sum += b.units.Worth()
	}
	for _, m := range k.moves {
		sum -= m.Amount
	}
	return sum
}

// held is what is withheld of the sale.
func (u *undo) held() []receipt.Held {
	all := make([]receipt.Held, len(u.Held))
	for i, h := range u.Held {
		all[i] = receipt.Held(h)
	}
	return all
}

// hold notes what a return withholds and gives back.
func (u *undo) hold(moves []receipt.Held) {
	after := receipt.Moved(u.held(), moves)
	u.Held = make([]heldPart, len(after))
	for i, h := range after {
		u.Held[i] = heldPart(h)
	}
}

// less is a line of a return without what is withheld of it: that much more is taken
// back of the promotion's discount than the units have of it. So all documents of a
// sale together say what the promotion gives for the goods that are kept.
func less(l till.ReceiptLine, sale *till.Receipt, done *undo, moves []receipt.Held) till.ReceiptLine {
	changed := false
	for _, m := range moves {
		if m.Line != l.ID {
			continue
		}
		changed = true
		l.Total, l.Discount = l.Total+m.Amount, l.Discount-m.Amount
		l.Applied = discounted(l.Applied, sale, done, m)
	}
	l.Applied = slices.DeleteFunc(l.Applied, nothing)
	if changed && l.Quantity != 0 {
		u := receipt.Units{Sold: -l.Quantity, To: -l.Quantity, Total: -l.Total}
		l.UnitShares = nil
		for _, s := range u.Shares() {
			l.UnitShares = append(l.UnitShares, pricing.Share{Amount: s.Amount, Quantity: -s.Quantity})
		}
	}
	return l
}

// nothing says of a discount that a return takes nothing of it back: what the units have
// of it is what is given back that was withheld.
func nothing(a pricing.Applied) bool { return a.Amount == 0 }

// discounted takes what is withheld off what a promotion took off a line. Who pays for
// the promotion pays as much less, in the proportion of the whole sale.
func discounted(all []pricing.Applied, sale *till.Receipt, done *undo, m receipt.Held) []pricing.Applied {
	of := slices.IndexFunc(sale.Applied, func(a pricing.Applied) bool { return a.Promotion == m.Promotion && a.Version == m.Version })
	if of < 0 {
		return all
	}
	whole := &sale.Applied[of]
	a := pricing.Applied{Promotion: whole.Promotion, Version: whole.Version, Code: whole.Code, Amount: -m.Amount}
	before := heldFor(done.held(), m)
	for _, f := range whole.Funded {
		a.Funded = append(a.Funded, pricing.Funded{
			Supplier: f.Supplier, Amount: fundedPart(f.Amount, before, whole.Amount) - fundedPart(f.Amount, before+m.Amount, whole.Amount),
		})
	}
	at := slices.IndexFunc(all, func(o pricing.Applied) bool { return o.Promotion == a.Promotion && o.Version == a.Version })
	if at < 0 {
		return append(all, a)
	}
	all[at].Amount += a.Amount
	all[at].Funded = fundedTo(all[at].Funded, a.Funded)
	return all
}

// heldFor is what is withheld of a line because of a promotion.
func heldFor(held []receipt.Held, m receipt.Held) retail.Money {
	for _, h := range held {
		if h.Line == m.Line && h.Promotion == m.Promotion && h.Version == m.Version {
			return h.Amount
		}
	}
	return 0
}
