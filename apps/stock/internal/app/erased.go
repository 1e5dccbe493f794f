package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
)

// mostForgotten is how many reservations of an erased customer are written in one
// operation: each may end, and give back what it holds.
const mostForgotten = 20

// whyErased is why the reservations of an erased customer end.
const whyErased = "erased"

// forgetRest goes on with the reservations of an erased customer when they are too many
// for one operation. Its id is the customer's.
var forgetRest = sdk.Timer[customers.ErasedEvent]{Name: "forget_rest"}

// forget takes a person out of his reservations: who he is, his name and what was noted or
// said in free words. What lay aside for him is free again, since nobody knows any more
// whom to give it to, unless he has paid for it ahead: then the document of his deposit
// says so, and the goods wait until they are fetched with it or the time is over.
func forget(tx *sdk.Tx, in customers.ErasedEvent) error {
	if in.Customer == "" {
		return nil
	}
	scan := sdk.Scan{Index: "customer", Prefix: sdk.K(in.Customer), Limit: mostForgotten + 1}
	var his []ReservationRecord
	for r := range reservations.Scan(tx, scan) {
		his = append(his, r)
	}
	for i := range min(len(his), mostForgotten) {
		if err := his[i].forget(tx); err != nil {
			return err
		}
	}
	if len(his) <= mostForgotten {
		return nil
	}
	return forgetRest.Schedule(tx, string(in.Customer), tx.Now(), in)
}

// forget writes the reservation without the person. It leaves the index of his
// reservations with it.
func (r *ReservationRecord) forget(tx *sdk.Tx) error {
	x := &r.Reservation
	x.Customer, x.Name, x.Note = "", "", ""
	switch {
	case x.State == stock.Open && x.Deposit == nil:
		return r.end(tx, stock.Cancelled, whyErased)
	case x.State == stock.Cancelled:
		x.By = "" // why, in free words
	}
	return reservations.Put(tx, *r)
}
