package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// overdrawn is what a movement took although nothing of it was free, and which
// reservations pay for it.
type overdrawn struct {
	lines  []stock.Line
	broken []string
}

// add notes an entry that took more than was free, after it has.
func (o *overdrawn) add(r sdk.Reader, e *stock.Entry) {
	o.broken = append(o.broken, unmet(r, e.From, e.SKU)...)
	for i := range o.lines {
		if o.lines[i].SKU == e.SKU {
			o.lines[i].Quantity += e.Quantity
			return
		}
	}
	o.lines = append(o.lines, stock.Line{SKU: e.SKU, Quantity: e.Quantity})
}

// tell emits the discrepancy of a movement, if there is one.
func (o *overdrawn) tell(tx *sdk.Tx, m *stock.Movement) error {
	if len(o.lines) == 0 {
		return nil
	}
	slices.Sort(o.broken)
	return stock.DiscrepancyFound.Emit(tx, stock.Discrepancy{
		Movement: m.ID, Document: m.Document, Place: m.Place, Store: m.Store,
		Lines: o.lines, Reservations: slices.Compact(o.broken), At: m.At,
	})
}

// unmet are the open reservations of a SKU at a place that what is on hand there
// does not suffice for: of several those made last, as many as it takes.
func unmet(r sdk.Reader, place stock.PlaceID, sku retail.SKU) (ids []string) {
	key := cell(place, sku)
	loose := free.Get(r, key)
	if loose >= 0 {
		return nil
	}
	missing := retail.Quantity(min(-loose, reserved.Get(r, key)))
	if missing == 0 {
		return nil
	}
	for record := range reservations.Scan(r, sdk.Scan{Index: "open", Prefix: sdk.K(sku), Reverse: true}) {
		held := retail.Quantity(0)
		for _, l := range record.Reservation.Lines {
			if l.SKU == sku && l.Place == place {
				held = l.Quantity
			}
		}
		if held == 0 {
			continue
		}
		ids = append(ids, record.Reservation.ID)
		if missing -= held; missing <= 0 {
			break
		}
	}
	return ids
}
