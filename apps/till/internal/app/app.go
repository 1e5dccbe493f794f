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
		settings, baskets, suspended, receipts, series, undos, sessions, closes, deposits, payments, jobs, offlines,
		till.Open.Handle(open),
		till.Add.Handle(add),
		till.SetLines.Handle(setLines),
		till.SetCodes.Handle(setCodes),
		till.GetBasket.Handle(getBasket),
		till.Quote.Handle(quote),
		till.Discard.Handle(discard),
		till.Override.Handle(override),
		till.Suspend.Handle(suspend),
		till.Resume.Handle(resume),
		till.ListSuspended.Handle(listSuspended),
		till.Close.Handle(closeSale),
		till.Reserve.Handle(reserve),
		till.ReturnDeposit.Handle(returnDeposit),
		till.Deposits.Handle(listDeposits),
		till.Void.Handle(void),
		till.Return.Handle(takeBack),
		till.ReturnUnreceipted.Handle(returnUnreceipted),
		till.Exchange.Handle(exchange),
		till.GetReceipt.Handle(getReceipt),
		till.Explain.Handle(explain),
		till.Returnable.Handle(returnable),
		till.TryReturn.Handle(tryReturn),
		till.GetGiftReceipt.Handle(giftReceipt),
		till.Paper.Handle(onPaper),
		till.Receipts.Handle(listReceipts),
		till.Day.Handle(day),
		till.OpenSession.Handle(openSession),
		till.MoveCash.Handle(moveCash),
		till.CloseSession.Handle(closeSession),
		till.GetSession.Handle(getSession),
		till.Sessions.Handle(listSessions),
		till.Interim.Handle(interim),
		till.CloseDay.Handle(closeDay),
		till.GetDayClose.Handle(getDayClose),
		till.DayCloses.Handle(listDayCloses),
		till.ImportReceipt.Handle(importReceipt),
		till.ImportReceipts.Handle(importReceipts),
		till.Sync.Handle(syncOffline),
		till.GetOffline.Handle(getOffline),
		till.OfflineDocuments.Handle(listOffline),
		till.OfflineDay.Handle(offlineDay),
		till.AcceptOffline.Handle(acceptOffline),
		till.DiscardOffline.Handle(discardOffline),
		offlineNext.On(followLater),
		till.Verify.Handle(verify),
		till.Authorise.Handle(authorise),
		till.GetPayment.Handle(getPayment),
		till.Payments.Handle(listPayments),
		till.Reverse.Handle(reverse),
		till.AskAgain.Handle(askAgain),
		till.SettlePayment.Handle(settlePayment),
		till.ReportPayment.Handle(reportPayment),
		till.FiscalJobs.Handle(listJobs),
		till.PrintAgain.Handle(printAgain),
		till.SettleFiscal.Handle(settleFiscal),
		till.ReportFiscal.Handle(reportFiscal),
		expiry.On(expire), reminder.On(remember), reprint.On(printLater),
	)
}

// baskets holds goods on the counter.
var baskets = sdk.Collection[till.Basket]{Name: "baskets", Key: []string{"id"}, Expires: "expires", Subject: "customer"}

// receipts holds every document, as it was written. An imported one has no
// number, and so no place in by_series; nor has one that a till wrote while it was cut off,
// which is in by_offline by its day close.
var receipts = sdk.Collection[till.Receipt]{
	Name: "receipts", Key: []string{"id"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "by_series", Fields: []string{"store", "till", "number"}, Unique: true},
		{Name: "by_day", Fields: []string{"store", "day", "at", "id"}},
		{Name: "by_customer", Fields: []string{"customer", "at", "id"}},
		{Name: "by_offline", Fields: []string{"offline.closing", "id"}},
	},
}

// suspended lists the baskets that wait, so that nobody looks through all of a store's.
var suspended = sdk.Collection[till.Suspended]{Name: "suspended", Key: []string{"store", "at", "basket"}, Expires: "expires", Subject: "customer"}

// series is the state of each till. It is read and written by every document of the till,
// so that its number, its session and its totals are those of one moment: one till has one
// cashier.
var series = sdk.Collection[tillState]{Name: "series", Key: []string{"store", "till"}}

type tillState struct {
	Store   retail.StoreID  `json:"store"`
	Till    string          `json:"till"`
	Last    int64           `json:"last"`              // number of a document
	Session string          `json:"session,omitempty"` // that is open
	Closing int64           `json:"closing,omitempty"` // number of the last day close
	Count   int64           `json:"count,omitempty"`   // of documents since then
	Offline int64           `json:"offline,omitempty"` // of documents since then that came from a time when it was cut off
	Running []till.DayTotal `json:"running,omitempty"` // of these documents
}

// sessions holds the drawers, open and counted.
var sessions = sdk.Collection[session]{
	Name: "sessions", Key: []string{"id"},
	Indexes: []sdk.Index{{Name: "by_store", Fields: []string{"store", "opened", "id"}}},
}

// session is one as it is kept: an open one has no counts, they are what the till has
// written since Start.
type session struct {
	ID     string          `json:"id"`
	Store  retail.StoreID  `json:"store"`
	Opened retail.Instant  `json:"opened"`
	Is     till.Session    `json:"is"`
	First  int64           `json:"first"` // number of the document before it
	Start  []till.DayTotal `json:"start,omitempty"`
	// Offline counts its documents that have no number. What came meanwhile of the time
	// before it is in Start.
	Offline int64 `json:"offline,omitempty"`
}

// closes holds the day closes, as they were written.
var closes = sdk.Collection[till.DayClose]{
	Name: "closes", Key: []string{"id"},
	Indexes: []sdk.Index{
		{Name: "by_till", Fields: []string{"store", "till", "number"}, Unique: true},
		{Name: "by_day", Fields: []string{"store", "day", "at", "id"}},
	},
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
	Tenders  []refundedTender `json:"tenders,omitempty"`  // by type, reference and sale
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

// refundedTender is what was given back through one of the means that a sale was paid
// with: of several cards each by itself.
type refundedTender struct {
	Type      string       `json:"type"`
	Reference string       `json:"reference,omitempty"` // as the sale keeps it
	Sale      string       `json:"sale,omitempty"`      // that was paid with it, if an exchange stands for it
	Payment   string       `json:"payment,omitempty"`   // through the terminal that it gives back of
	Amount    retail.Money `json:"amount"`
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
