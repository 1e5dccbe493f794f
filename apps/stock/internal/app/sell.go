package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func sell(tx *sdk.Tx, in stock.SellIn) (stock.Movement, error) {
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return stock.Movement{}, err
	}
	if len(in.Reservations) > stock.MaxCited {
		e := sdk.Fail(sdk.CodeTooLarge, "reservations", "at most 20 reservations in one sale")
		e.Pointer = "/reservations"
		return stock.Movement{}, e
	}
	floor, err := role(tx, in.Store, stock.Floor)
	if err != nil {
		return stock.Movement{}, err
	}
	p, err := newPosting(tx, &floor, stock.Sale, in.Document, in.At)
	if err != nil {
		return stock.Movement{}, err
	}
	p.once = true
	if err = p.collect(tx, &in, lines); err != nil {
		return stock.Movement{}, err
	}
	for _, l := range lines {
		if l.Quantity > 0 {
			p.add(floor.ID, stock.Customer, l.SKU, l.Quantity)
		}
	}
	return p.post(tx)
}

// collect converts the reservations that a sale cites: what they hold is free
// again, and as much of it as is sold leaves from where it lay aside. It takes that off
// the lines. A reservation of another store only gives back, since the goods in the
// customer's hand are this store's.
func (p *posting) collect(tx *sdk.Tx, in *stock.SellIn, lines []ledger.Amount) error {
	for i, id := range in.Reservations {
		r, there := reservations.Get(tx, sdk.K(id))
		if !there || slices.Contains(in.Reservations[:i], id) || r.Reservation.State != stock.Open || !reachOf(tx).has(r.Reservation.Store) {
			continue
		}
		for _, l := range r.Reservation.Lines {
			if r.Reservation.Store != in.Store {
				continue
			}
			if q := sold(lines, &l); q > 0 {
				p.add(l.Place, stock.Customer, l.SKU, q)
			}
		}
		if err := r.end(tx, stock.Converted, in.Document); err != nil {
			return err
		}
	}
	return nil
}

// sold takes what a line of a reservation holds off the lines of a sale.
func sold(lines []ledger.Amount, l *stock.ReservedLine) retail.Quantity {
	for i := range lines {
		if lines[i].SKU == l.SKU {
			q := min(l.Quantity, lines[i].Quantity)
			lines[i].Quantity -= q
			return q
		}
	}
	return 0
}
