// Package app answers the operations of the till contract: it asks pricing for
// the total and stock for the goods, takes the tenders, and writes documents.
// What adds up is in package receipt, not here.
package app

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("till",
		settings, baskets, receipts, series, undos,
		till.Open.Handle(open),
		till.Add.Handle(add),
		till.SetLines.Handle(setLines),
		till.SetCodes.Handle(setCodes),
		till.GetBasket.Handle(getBasket),
		till.Quote.Handle(quote),
		till.Discard.Handle(discard),
		till.Close.Handle(closeSale),
		till.Void.Handle(void),
		till.Return.Handle(takeBack),
		till.GetReceipt.Handle(getReceipt),
		till.Explain.Handle(explain),
		till.Returnable.Handle(returnable),
		till.Receipts.Handle(listReceipts),
		till.Day.Handle(day),
		till.ImportReceipt.Handle(importReceipt),
		till.ImportReceipts.Handle(importReceipts),
		till.Verify.Handle(verify),
	)
}

// Settings are what the retailer decides about tills.
type Settings struct {
	CashRounding retail.Money `json:"cash_rounding" title:"Cash rounding" doc:"In cents: a total in euro that is paid wholly in cash is rounded to a multiple of it. 5 is the rule in Italy; 0 or 1 is none." min:"0" max:"100"`
}

var settings = sdk.Settings[Settings]{Default: Settings{CashRounding: 5}}

// step is what cash is rounded to in a currency. The five-cent rule is one of
// the euro.
func step(r sdk.Reader, c retail.Currency) retail.Money {
	if c != "EUR" {
		return 1
	}
	return settings.Get(r).CashRounding
}

// baskets holds goods on the counter.
var baskets = sdk.Collection[till.Basket]{Name: "baskets", Key: []string{"id"}, Expires: "expires", Subject: "customer"}

// receipts holds every document, as it was written. An imported one has no
// number, and so no place in by_series.
var receipts = sdk.Collection[till.Receipt]{
	Name: "receipts", Key: []string{"id"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "by_series", Fields: []string{"store", "till", "number"}, Unique: true},
		{Name: "by_day", Fields: []string{"store", "day", "at", "id"}},
		{Name: "by_customer", Fields: []string{"customer", "at", "id"}},
	},
}

// series holds the last number of each till. It is read and written by every
// document of the till: one till has one cashier.
var series = sdk.Collection[lastNumber]{Name: "series", Key: []string{"store", "till"}}

type lastNumber struct {
	Store retail.StoreID `json:"store"`
	Till  string         `json:"till"`
	Last  int64          `json:"last"`
}

// undos holds what was undone of a sale. It is read and written in the
// transaction that returns or voids, so that no unit comes back twice.
var undos = sdk.Collection[undo]{Name: "undos", Key: []string{"receipt"}}

type undo struct {
	Receipt  string           `json:"receipt"`
	Voided   string           `json:"voided,omitempty"`   // document that voids it
	Returns  []string         `json:"returns,omitempty"`  // documents, in order
	Lines    []undoneLine     `json:"lines,omitempty"`    // by line
	Held     []heldPart       `json:"held,omitempty"`     // of what came back, by line and promotion
	Refunded retail.Money     `json:"refunded,omitempty"` // worth of all that came back, less what is held
	Paid     retail.Money     `json:"paid,omitempty"`     // out, with what cash rounding changed
	Tenders  []refundedTender `json:"tenders,omitempty"`  // by type
}

type undoneLine struct {
	Line     string          `json:"line"`
	Returned retail.Quantity `json:"returned"`
}

// heldPart is what is not refunded of a line that came back, because of a promotion
// that the goods which are kept no longer earn.
type heldPart struct {
	Line      string       `json:"line"`
	Promotion string       `json:"promotion"`
	Version   int64        `json:"version,omitempty"`
	Amount    retail.Money `json:"amount"`
}

type refundedTender struct {
	Type   string       `json:"type"`
	Amount retail.Money `json:"amount"`
}

// identity checks who writes a document and where.
func identity(store retail.StoreID, tillID, cashier string) error {
	switch {
	case store == "" || len(store) > 32 || strings.Contains(string(store), "/"):
		return sdk.Invalid("/store", "store", "A store has 1 to 32 characters and no slash.")
	case tillID == "" || len(tillID) > 32 || strings.Contains(tillID, "/"):
		return sdk.Invalid("/till", "till", "A till has 1 to 32 characters and no slash.")
	case cashier == "" || len(cashier) > 64:
		return sdk.Invalid("/cashier", "cashier", "A cashier has 1 to 64 characters.")
	}
	return nil
}
