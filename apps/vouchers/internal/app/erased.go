package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
)

// mostForgotten is how many cards of an erased customer are written in one operation.
const mostForgotten = 200

// forgetRest goes on with the cards of an erased customer when they are too many for one
// operation. Its id is the customer's.
var forgetRest = sdk.Timer[customers.ErasedEvent]{Name: "forget_rest"}

// forget takes a person off his cards: who he is, and what was said in free words. What is
// on a card is owed still, so card, ledger and timer stay: nothing in the ledger names a
// person. A personal card is from then on its bearer's, since only the code is left to
// say whose it is.
func forget(tx *sdk.Tx, in customers.ErasedEvent) error {
	if in.Customer == "" {
		return nil
	}
	scan := sdk.Scan{Index: "by_customer", Prefix: sdk.K(in.Customer), Limit: mostForgotten + 1}
	var his []record
	for r := range cards.Scan(tx, scan) {
		his = append(his, r)
	}
	for i := range min(len(his), mostForgotten) {
		his[i].Customer, his[i].Reason = "", ""
		if err := cards.Put(tx, his[i]); err != nil {
			return err
		}
	}
	if len(his) <= mostForgotten {
		return nil
	}
	return forgetRest.Schedule(tx, string(in.Customer), tx.Now(), in)
}
