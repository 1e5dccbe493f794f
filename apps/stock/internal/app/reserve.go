package app

import (
	"cmp"
	"iter"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reservations are what is put aside, and what was. It changes in one transaction
// with the counter reserved, which is what the open ones add up to.
var reservations = sdk.Collection[ReservationRecord]{
	Name: "reservations", Key: []string{"reservation.id"}, Subject: "reservation.customer",
	Indexes: []sdk.Index{
		{Name: "store", Fields: []string{"reservation.store"}},
		{Name: "store_state", Fields: []string{"reservation.store", "reservation.state"}},
		{Name: "state", Fields: []string{"reservation.state"}},
		{Name: "customer", Fields: []string{"reservation.customer"}},
		{Name: "sku", Fields: []string{"skus"}},
		{Name: "open", Fields: []string{"open"}},
		{Name: "document", Fields: []string{"reservation.document"}, Unique: true},
	},
}

// ReservationRecord is a reservation with what it is found by.
type ReservationRecord struct {
	Reservation stock.Reservation `json:"reservation"`
	SKUs        []retail.SKU      `json:"skus"`
	Open        []retail.SKU      `json:"open,omitempty"` // SKUs while it is open
}

// expiry ends a reservation whose customer has not come. Its id is the reservation's,
// so that extending moves it.
var expiry = sdk.Timer[stock.CancelIn]{Name: "reservation_expiry"}

func reserve(tx *sdk.Tx, in stock.ReserveIn) (stock.Reservation, error) {
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return stock.Reservation{}, err
	}
	if err = validReserve(&in); err != nil {
		return stock.Reservation{}, err
	}
	if err = unused(tx, in.Document); err != nil {
		return stock.Reservation{}, err
	}
	store, err := catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: in.Store})
	if err != nil {
		return stock.Reservation{}, at(err, "/store")
	}
	until, err := endOf(tx, store.Zone, term{in.Until, in.Day, in.Minutes})
	if err != nil {
		return stock.Reservation{}, err
	}
	from, err := promising(tx, in.Store, in.Place)
	if err != nil {
		return stock.Reservation{}, err
	}
	if err = goodsOf(tx, lines, in.Lines); err != nil {
		return stock.Reservation{}, err
	}
	record := ReservationRecord{Reservation: stock.Reservation{
		ID: tx.NewID(), Document: in.Document, State: stock.Open, Store: in.Store, Customer: in.Customer, Name: in.Name, Note: in.Note,
		Deposit: in.Deposit, Made: tx.Now(), Until: until, Actor: tx.Info().Principal,
	}}
	keep, err := safetyOf(tx, skusOf(lines))
	if err != nil {
		return stock.Reservation{}, err
	}
	for _, l := range lines {
		if err = record.hold(tx, &in, from, l, keep); err != nil {
			return stock.Reservation{}, err
		}
	}
	record.Open = record.SKUs
	if err = reservations.Insert(tx, record); err != nil {
		return stock.Reservation{}, err
	}
	if err = record.alarm(tx); err != nil {
		return stock.Reservation{}, err
	}
	return record.Reservation, stock.ReservationMade.Emit(tx, record.event())
}

func validReserve(in *stock.ReserveIn) error {
	switch {
	case len(in.Document) > 100:
		return sdk.Invalid("/document", "document", "a document's number has at most 100 characters")
	case in.Customer == "" && in.Name == "":
		return sdk.Invalid("/customer", "customer", "a reservation is for a customer, or for somebody with a name")
	case len(in.Customer) > 100 || len(in.Name) > 200 || len(in.Note) > 500:
		return sdk.Invalid("", "text", "a name has at most 200 characters, a note 500")
	case in.Deposit == nil:
		return nil
	}
	_, known := in.Deposit.Currency.Digits()
	if in.Deposit.Amount <= 0 || !known || in.Deposit.Reference == "" || len(in.Deposit.Reference) > 100 {
		return sdk.Invalid("/deposit", "deposit", "a deposit is an amount above zero, its currency, and the till's document")
	}
	return nil
}

// hold puts a line aside: whole at the first place that has it, else in parts.
func (r *ReservationRecord) hold(tx *sdk.Tx, in *stock.ReserveIn, from []stock.Place, l ledger.Amount, keep *safety) error {
	least := func(p *stock.Place) retail.Quantity {
		if in.Safety {
			return 0
		}
		return keep.at(p, l.SKU)
	}
	for i := range from {
		err := putAside(tx, from[i].ID, l.SKU, l.Quantity, least(&from[i]))
		if err == nil {
			r.holds(from[i].ID, l.SKU, l.Quantity)
			return nil
		}
		if !exhausted(err) {
			return err
		}
	}
	left := l.Quantity
	for i := range from {
		part := min(left, retail.Quantity(free.Get(tx, cell(from[i].ID, l.SKU)))-least(&from[i]))
		if part <= 0 {
			continue
		}
		if err := putAside(tx, from[i].ID, l.SKU, part, least(&from[i])); err != nil {
			return err
		}
		r.holds(from[i].ID, l.SKU, part)
		left -= part
	}
	if left > 0 {
		i := slices.IndexFunc(in.Lines, func(x stock.Line) bool { return x.SKU == l.SKU })
		return notAvailable(in.Store, l.SKU, l.Quantity-left, i)
	}
	return nil
}

func skusOf(lines []ledger.Amount) []retail.SKU {
	skus := make([]retail.SKU, len(lines))
	for i, l := range lines {
		skus[i] = l.SKU
	}
	return skus
}

func (r *ReservationRecord) holds(place stock.PlaceID, sku retail.SKU, q retail.Quantity) {
	if !slices.Contains(r.SKUs, sku) {
		r.SKUs = append(r.SKUs, sku)
	}
	lines := &r.Reservation.Lines
	*lines = append(*lines, stock.ReservedLine{SKU: sku, Place: place, Quantity: q})
	slices.SortFunc(*lines, func(a, b stock.ReservedLine) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Place, b.Place))
	})
}

func notAvailable(store retail.StoreID, sku retail.SKU, q retail.Quantity, i int) error {
	e := sdk.Fail(sdk.CodeExhausted, "available", "store "+string(store)+" cannot promise as much of SKU "+string(sku))
	e.Pointer, e.Fields = line(i)+"/quantity", []sdk.Field{sdk.Text("sku", sku), sdk.Int("available", int64(q))}
	return e
}

// promising are the places of a store whose goods may be promised: the floor, then the
// others by id, or the one that was asked for. Errors: failed_precondition, reason
// "no_place" or "not_sellable"; those of place.
func promising(r sdk.Reader, store retail.StoreID, id stock.PlaceID) ([]stock.Place, error) {
	if id != "" {
		p, err := open(r, id, "/place")
		switch {
		case sdk.ReasonOf(err) == "place_closed" || err == nil && !p.Kind.Sellable():
			e := sdk.FailedPrecondition("not_sellable", "nothing at place "+string(id)+" may be promised")
			e.Pointer = "/place"
			return nil, e
		case err == nil && p.Store != store:
			return nil, otherStore("/place")
		}
		return []stock.Place{p}, err
	}
	list := slices.DeleteFunc(placesOf(r, store), func(p stock.Place) bool { return p.Closed || !p.Kind.Sellable() })
	if len(list) == 0 {
		e := sdk.FailedPrecondition("no_place", "store "+string(store)+" has no open place that sells")
		e.Pointer = "/store"
		return nil, e
	}
	slices.SortStableFunc(list, func(a, b stock.Place) int { return cmp.Compare(rank(a.Kind), rank(b.Kind)) })
	return list, nil
}

// rank puts the floor first.
func rank(k stock.PlaceKind) int {
	if k == stock.Floor {
		return 0
	}
	return 1
}

// unused refuses a document that has reserved. Errors: conflict, reason "document".
func unused(r sdk.Reader, document string) error {
	if _, used := reservations.Find(r, "document", sdk.K(document)); document == "" || !used {
		return nil
	}
	e := sdk.Fail(sdk.CodeConflict, "document", "document "+document+" has reserved already")
	e.Pointer, e.Fields = "/document", []sdk.Field{sdk.Text("document", document)}
	return e
}

func extend(tx *sdk.Tx, in stock.ExtendIn) (stock.Reservation, error) {
	record, err := reservation(tx, in.ID)
	if err != nil {
		return stock.Reservation{}, err
	}
	if record.Reservation.State != stock.Open {
		return stock.Reservation{}, notOpen(&record.Reservation)
	}
	t := term{in.Until, in.Day, in.Minutes}
	if t == (term{}) {
		return stock.Reservation{}, sdk.Invalid("/until", "until", "say until when")
	}
	store, err := catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: record.Reservation.Store})
	if err != nil {
		return stock.Reservation{}, err
	}
	if record.Reservation.Until, err = endOf(tx, store.Zone, t); err != nil {
		return stock.Reservation{}, err
	}
	if err = reservations.Put(tx, record); err != nil {
		return stock.Reservation{}, err
	}
	if err = record.alarm(tx); err != nil {
		return stock.Reservation{}, err
	}
	return record.shown(tx), stock.ReservationExtended.Emit(tx, record.event())
}

func (r *ReservationRecord) alarm(tx *sdk.Tx) error {
	return expiry.Schedule(tx, r.Reservation.ID, r.Reservation.Until, stock.CancelIn{ID: r.Reservation.ID})
}

func cancel(tx *sdk.Tx, in stock.CancelIn) (stock.Reservation, error) {
	if len(in.Reason) > 500 {
		return stock.Reservation{}, sdk.Invalid("/reason", "text", "a reason has at most 500 characters")
	}
	record, err := reservation(tx, in.ID)
	if err != nil {
		return stock.Reservation{}, err
	}
	switch record.Reservation.State {
	case stock.Open:
		err = record.end(tx, stock.Cancelled, in.Reason)
	case stock.Converted:
		err = notOpen(&record.Reservation)
	}
	return record.Reservation, err
}

// expire is the timer's. What has ended otherwise, or was extended, stays as it is.
func expire(tx *sdk.Tx, in stock.CancelIn) error {
	record, there := reservations.Get(tx, sdk.K(in.ID))
	if !there || record.Reservation.State != stock.Open || record.Reservation.Until > tx.Now() {
		return nil
	}
	return record.end(tx, stock.Expired, "")
}

// end closes an open reservation, gives back what it holds and tells about it.
func (r *ReservationRecord) end(tx *sdk.Tx, state stock.ReservationState, by string) error {
	for _, l := range r.Reservation.Lines {
		if err := putBack(tx, l.Place, l.SKU, l.Quantity); err != nil {
			return err
		}
	}
	r.Reservation.State, r.Reservation.Closed, r.Reservation.By, r.Open = state, tx.Now(), by, nil
	if err := reservations.Put(tx, *r); err != nil {
		return err
	}
	switch state {
	case stock.Converted:
		if err := expiry.Cancel(tx, r.Reservation.ID); err != nil {
			return err
		}
		return stock.ReservationConverted.Emit(tx, r.event())
	case stock.Cancelled:
		if err := expiry.Cancel(tx, r.Reservation.ID); err != nil {
			return err
		}
		return stock.ReservationCancelled.Emit(tx, r.event())
	}
	return stock.ReservationExpired.Emit(tx, r.event())
}

func (r *ReservationRecord) event() stock.ReservationEvent {
	x := &r.Reservation
	e := stock.ReservationEvent{
		ID: x.ID, Document: x.Document, State: x.State, Store: x.Store, Customer: x.Customer,
		Lines: x.Lines, Deposit: x.Deposit, Until: x.Until,
	}
	if x.State == stock.Converted {
		e.By = x.By
	}
	return e
}

// openLines are the lines of a SKU in open reservations.
func openLines(r sdk.Reader, sku retail.SKU) iter.Seq[stock.ReservedLine] {
	return func(yield func(stock.ReservedLine) bool) {
		for record := range reservations.Scan(r, sdk.Scan{Index: "open", Prefix: sdk.K(sku)}) {
			for _, l := range record.Reservation.Lines {
				if l.SKU == sku && !yield(l) {
					return
				}
			}
		}
	}
}
