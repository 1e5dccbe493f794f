package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

const (
	aMinute = 60 * 1000
	aDay    = 24 * 60 * aMinute
)

// term is until when, in at most one way.
type term struct {
	until   retail.Instant
	day     retail.Date
	minutes int64
}

// endOf is when a reservation is over. Errors: invalid, reason "until".
func endOf(r sdk.Reader, zone retail.Zone, t term) (retail.Instant, error) {
	s := settings.Get(r)
	end, err := t.end(r.Now(), zone, s.ReservationDays)
	switch {
	case err != nil:
		return 0, err
	case end <= r.Now():
		return 0, sdk.Invalid(t.pointer(), "until", "this is over already")
	case end > r.Now()+retail.Instant(s.LongestReservationDays+1)*aDay:
		e := sdk.Invalid(t.pointer(), "until", "this is longer than anything is reserved here")
		e.Fields = []sdk.Field{sdk.Int("days", s.LongestReservationDays)}
		return 0, e
	}
	return end, nil
}

func (t term) pointer() string {
	switch {
	case t.day != "":
		return "/day"
	case t.minutes != 0:
		return "/minutes"
	}
	return "/until"
}

func (t term) end(now retail.Instant, zone retail.Zone, days int64) (retail.Instant, error) {
	ways := 0
	for _, said := range [...]bool{t.until != 0, t.day != "", t.minutes != 0} {
		if said {
			ways++
		}
	}
	switch {
	case ways > 1:
		return 0, sdk.Invalid("/until", "until", "say the end in one way only")
	case t.until != 0:
		return t.until, nil
	case t.minutes != 0:
		if t.minutes < 0 || t.minutes > 1_000_000 {
			return 0, sdk.Invalid("/minutes", "until", "minutes are counted from now")
		}
		return now + retail.Instant(t.minutes)*aMinute, nil
	}
	day := t.day
	if day == "" {
		local, err := zone.Local(now)
		if err != nil {
			return 0, err
		}
		if day, err = local.Date.AddDays(int(days)); err != nil {
			return 0, err
		}
	}
	whole, err := zone.Days("", day)
	if err != nil {
		return 0, sdk.Invalid("/day", "until", "days are written as in 2026-11-30")
	}
	return whole.To, nil
}

// reservation is one by its id, for whoever may act for its store. Errors:
// not_found, reason "reservation"; denied, reason "store".
func reservation(r sdk.Reader, id string) (ReservationRecord, error) {
	record, there := reservations.Get(r, sdk.K(id))
	if !there || id == "" {
		return record, noReservation("/id", id)
	}
	if !reachOf(r).has(record.Reservation.Store) {
		return record, otherStore("/id")
	}
	return record, nil
}

func noReservation(pointer, id string) error {
	e := sdk.NotFound("reservation", "no reservation "+id)
	e.Pointer = pointer
	return e
}

func notOpen(r *stock.Reservation) error {
	e := sdk.FailedPrecondition("closed", "this reservation is "+string(r.State))
	e.Pointer, e.Fields = "/id", []sdk.Field{sdk.Text("state", r.State)}
	return e
}

// shown is the reservation as it is now: broken or not depends on what has become of
// the goods.
func (r *ReservationRecord) shown(in sdk.Reader) stock.Reservation {
	out := r.Reservation
	if out.State != stock.Open {
		return out
	}
	for _, l := range out.Lines {
		out.Broken = out.Broken || slices.Contains(unmet(in, l.Place, l.SKU), out.ID)
	}
	return out
}

func getReservation(v *sdk.View, in stock.GetReservationIn) (stock.Reservation, error) {
	if (in.ID == "") == (in.Document == "") {
		return stock.Reservation{}, sdk.Invalid("", "filter", "give an id or a document")
	}
	if in.Document == "" {
		record, err := reservation(v, in.ID)
		if err != nil {
			return stock.Reservation{}, err
		}
		return record.shown(v), nil
	}
	record, there := reservations.Find(v, "document", sdk.K(in.Document))
	switch {
	case !there:
		return stock.Reservation{}, noReservation("/document", in.Document)
	case !reachOf(v).has(record.Reservation.Store):
		return stock.Reservation{}, otherStore("/document")
	}
	return record.shown(v), nil
}

func listReservations(v *sdk.View, in stock.ReservationsIn) (stock.ReservationsOut, error) {
	var out stock.ReservationsOut
	scan, reach, size := reservationScan(&in), reachOf(v), pageSize(in.Limit)
	last, seen := "", 0
	for r := range reservations.Scan(v, scan) {
		if seen == mostScanned {
			out.Cursor = last
			break
		}
		last, seen = r.Reservation.ID, seen+1
		if !selected(&r, &in) || !reach.has(r.Reservation.Store) {
			continue
		}
		if len(out.Reservations) == size {
			out.Cursor = out.Reservations[size-1].ID
			break
		}
		out.Reservations = append(out.Reservations, r.shown(v))
	}
	return out, nil
}

// reservationScan uses the index that leaves least to look at.
func reservationScan(in *stock.ReservationsIn) sdk.Scan {
	s := sdk.Scan{Reverse: true, Limit: mostScanned + 1}
	switch {
	case in.Customer != "":
		s.Index, s.Prefix = "customer", sdk.K(in.Customer)
	case in.SKU != "":
		s.Index, s.Prefix = "sku", sdk.K(in.SKU)
	case in.Store != "" && in.State != "":
		s.Index, s.Prefix = "store_state", sdk.K(in.Store).Text(string(in.State))
	case in.Store != "":
		s.Index, s.Prefix = "store", sdk.K(in.Store)
	case in.State != "":
		s.Index, s.Prefix = "state", sdk.K(in.State)
	}
	if in.Cursor != "" {
		s.To = sdk.K(in.Cursor)
	}
	return s
}

func selected(r *ReservationRecord, in *stock.ReservationsIn) bool {
	x := &r.Reservation
	return (in.Customer == "" || x.Customer == in.Customer) && (in.Store == "" || x.Store == in.Store) &&
		(in.State == "" || x.State == in.State) && (in.SKU == "" || slices.Contains(r.SKUs, in.SKU))
}
