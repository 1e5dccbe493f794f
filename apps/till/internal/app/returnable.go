package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func returnable(v *sdk.View, in till.ReceiptID) (till.ReturnableOut, error) {
	id, err := receiptID(v, in)
	if err != nil {
		return till.ReturnableOut{}, err
	}
	sale, done, err := sold(v, id)
	if err != nil {
		return till.ReturnableOut{}, err
	}
	out := till.ReturnableOut{
		Receipt: id, Voided: done.Voided, Refunded: done.Refunded, Left: sale.Total - done.Refunded, Returns: done.Returns,
	}
	out.Lines, err = left(v, &sale, &done)
	return out, err
}

// left is what of each line may still come back, and what returning that alone would
// refund.
func left(v *sdk.View, sale *till.Receipt, done *undo) ([]till.ReturnableLine, error) {
	var every []pricing.RecomputedEvery
	if done.Voided == "" && recomputes(sale) && !done.complete(sale) {
		in := question(sale, done, nil)
		in.Each = true
		out, err := pricing.RecomputeKept.Call(v, in)
		if err != nil {
			return nil, err
		}
		every = out.Each
	}
	lines := make([]till.ReturnableLine, len(sale.Lines))
	for i := range sale.Lines {
		l := &sale.Lines[i]
		is := till.ReturnableLine{Line: l.ID, SKU: l.SKU, Sold: l.Quantity, Returned: done.returned(l.ID)}
		if done.Voided != "" {
			is.Returned = l.Quantity
		}
		if is.Returned < l.Quantity {
			is.Left = leftOf(l, sale, done, every)
		}
		lines[i] = is
	}
	return lines, nil
}

// leftOf is what returning the rest of one line would refund.
func leftOf(l *till.ReceiptLine, sale *till.Receipt, done *undo, every []pricing.RecomputedEvery) retail.Money {
	backs := []back{{line: l, units: unitsOf(l, done.returned(l.ID), l.Quantity)}}
	var all []pricing.Recomputed
	for i := range every {
		if every[i].Line == l.ID && !allBack(sale, done, backs) {
			all = every[i].Promotions
		}
	}
	k := keeping(all, done, backs)
	return k.refund(backs)
}
