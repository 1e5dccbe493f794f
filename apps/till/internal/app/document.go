package app

import (
	"cmp"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// stateOf is a till as it is now.
func stateOf(r sdk.Reader, store retail.StoreID, id string) tillState {
	s, _ := series.Get(r, sdk.K(store).Text(id))
	s.Store, s.Till = store, id
	return s
}

// ready is the state of a till that may write a document.
func ready(tx *sdk.Tx, set *Settings, b *till.Basket) (tillState, error) {
	s := stateOf(tx, b.Store, b.Till)
	if set.Sessions && s.Session == "" {
		return s, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "no_session", Message: "Open a session of this till first.", Pointer: "/till"}
	}
	return s, nil
}

// idOf is the id of the next document of a till. It is taken when the document is written,
// in the same transaction: a number without a document cannot be.
func (s *tillState) idOf(behind int64) string {
	return string(s.Store) + "/" + s.Till + "/" + strconv.FormatInt(s.Last+1+behind, 10)
}

// head heads the next document of a till, or one that comes so many behind.
func (s *tillState) head(tx *sdk.Tx, kind till.Kind, b *till.Basket, at *catalog.Store, behind int64) (till.Receipt, error) {
	today, err := at.Zone.Local(tx.Now())
	if err != nil {
		return till.Receipt{}, sdk.FailedPrecondition("zone", "The zone of the store is unknown.")
	}
	id := s.idOf(behind)
	return till.Receipt{
		ID: id, Kind: kind, Store: b.Store, Till: b.Till, Number: s.Last + 1 + behind, Entity: at.Entity, Zone: at.Zone,
		Day: today.Date, At: tx.Now(), Cashier: b.Cashier, Channel: b.Channel, Customer: b.Customer,
		Code: receipt.CodeOf(id), Session: s.Session, Closing: s.Closing + 1,
	}, nil
}

// write keeps a document for ever under the next number of its till, adds it to what the
// till has written since its last day close, and tells of it. What is for the paper alone
// stays out.
func write(tx *sdk.Tx, r till.Receipt, event sdk.Event[till.Receipt]) error {
	r.Printed = nil
	if err := count(tx, &r); err != nil {
		return err
	}
	if err := receipts.Insert(tx, r); err != nil {
		return err
	}
	return event.Emit(tx, r)
}

// count takes the number of a document of a till. One that was imported has none.
func count(tx *sdk.Tx, r *till.Receipt) error {
	if r.Offline != nil {
		return countOffline(tx, r)
	}
	if r.Number == 0 {
		return nil
	}
	s := stateOf(tx, r.Store, r.Till)
	s.Last, s.Count = r.Number, s.Count+1
	addDocument(totalOf(&s.Running, r.Currency), r)
	return series.Put(tx, s)
}

// totalOf finds the totals of a currency, or begins them.
func totalOf(totals *[]till.DayTotal, c retail.Currency) *till.DayTotal {
	return at(totals, func(t till.DayTotal) int { return cmp.Compare(t.Currency, c) }, till.DayTotal{Currency: c})
}
