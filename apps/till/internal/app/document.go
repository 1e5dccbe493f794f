package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// begin takes the next number of a till and heads the document with it.
func begin(tx *sdk.Tx, kind till.Kind, b *till.Basket, s *catalog.Store) (till.Receipt, error) {
	number, err := next(tx, b)
	if err != nil {
		return till.Receipt{}, err
	}
	return head(tx, kind, b, s, number)
}

// next takes the next number of a till. Number and document are written in one
// transaction, so that a number without a document cannot be.
func next(tx *sdk.Tx, b *till.Basket) (int64, error) {
	last, _ := series.Get(tx, sdk.K(b.Store).Text(b.Till))
	last.Store, last.Till, last.Last = b.Store, b.Till, last.Last+1
	return last.Last, series.Put(tx, last)
}

// idOf is the id of the document with a number of a till.
func idOf(b *till.Basket, number int64) string {
	return string(b.Store) + "/" + b.Till + "/" + strconv.FormatInt(number, 10)
}

func head(tx *sdk.Tx, kind till.Kind, b *till.Basket, s *catalog.Store, number int64) (till.Receipt, error) {
	today, err := s.Zone.Local(tx.Now())
	if err != nil {
		return till.Receipt{}, sdk.FailedPrecondition("zone", "The zone of the store is unknown.")
	}
	return till.Receipt{
		ID: idOf(b, number), Kind: kind, Store: b.Store, Till: b.Till, Number: number, Entity: s.Entity, Zone: s.Zone,
		Day: today.Date, At: tx.Now(), Cashier: b.Cashier, Channel: b.Channel, Customer: b.Customer,
	}, nil
}

// write keeps a document for ever and tells of it.
func write(tx *sdk.Tx, r till.Receipt, event sdk.Event[till.Receipt]) error {
	if err := receipts.Insert(tx, r); err != nil {
		return err
	}
	return event.Emit(tx, r)
}
