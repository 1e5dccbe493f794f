// Package till is the contract of receipts: drawers and baskets at the counter, sales,
// returns, exchanges and voids, tenders, and the close of the day. It knows neither how prices
// come about (package pricing) nor where goods lie (package stock); closing a
// sale asks both in one transaction.
//
// # Documents
//
// A receipt is immutable. What undoes it is a document of its own that cites
// it: a return of some units, or a void of all. Amounts and quantities of such
// documents are negative, so that documents simply add up.
//
// Numbers run per store and till, from 1, without gaps and without end: sales,
// returns and voids share the series. An id is store/till/number. What a till writes
// while it is cut off has numbers of its own, per day, and an id store/till/day-sequence:
// see [Sync].
//
// In every document the lines sum to Total, and
//
//	Σ tenders − Change = Total + Rounding
//
// # Days
//
// What a till writes belongs to its next day close, which is numbered 1, 2, … per till:
// Receipt.Closing says which one. A closed day never changes; a civil day ([Day]) may have
// several closes, or none.
//
// # Limits to stores
//
// Whoever is limited to stores acts in these and sees these: baskets and
// documents of other stores are refused (denied, reason "store") and left out of
// lists. The store that counts is the one where money and goods move. A void
// therefore needs the store that sold; a return needs the one that takes the
// goods and pays, wherever they were bought, and so whoever may refund may ask
// [Returnable] about the sales of all stores. An app that calls acts by its
// grant, but for what permission till.refund covers.
package till

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
)

// Limits of one call and one record.
const (
	MaxLines     = pricing.MaxLines // lines of a sale or basket
	MaxTenders   = 20               // of one document
	MaxDocuments = 100              // in one ImportReceipts
	MaxImported  = 1_500            // lines of one imported document
	MaxPage      = 200              // receipts in one answer
)

// Open begins a basket. Errors: invalid, reason "store", "till" or "cashier".
var Open = sdk.Command[OpenIn, Basket]{Name: "till.open"}

// Add puts goods into a basket, by SKU or by what was scanned. Goods that are
// in it already become more of the same line.
// Errors: not_found, reason "basket", "sku" or "code"; failed_precondition,
// reason "basket_closed"; denied, reason "store" (the basket is another store's);
// invalid, reason "sku" (not exactly one of SKU and Code), "quantity", or those of
// catalog.resolve; too_large, reason "lines".
var Add = sdk.Command[AddIn, Basket]{Name: "till.add"}

// SetLines replaces the lines of a basket. Errors: as Add; invalid, reason
// "price_override" or "override_reason" (a price by hand needs a reason, one of the
// settings if these have some); denied, reason "override" (Fields["lowest"]: it is
// further below the list than the settings allow without Override).
var SetLines = sdk.Command[SetLinesIn, Basket]{Name: "till.set_lines"}

// SetCodes replaces the codes of promotions and coupons of a basket. Quote says which
// of them help. Errors: as Add; invalid, reason "codes".
var SetCodes = sdk.Command[SetCodesIn, Basket]{Name: "till.set_codes"}

// Override sets the price of a line by hand and approves it, however far it is from the
// list: who may do this is a permission of its own, till.override. Who sells sets prices
// with SetLines, within the limit of the settings. The receipt keeps reason and approver.
// Errors: those of SetLines; not_found, reason "line" (the basket has other goods there).
var Override = sdk.Command[OverrideIn, Basket]{Name: "till.override"}

// Suspend puts an open basket aside, so that the till can serve the next customer.
// Errors: those of Add; invalid, reason "note" or "lines" (it is empty).
var Suspend = sdk.Command[SuspendIn, Basket]{Name: "till.suspend"}

// Resume takes a suspended basket up at a till of its store: one till gets it.
// Errors: not_found, reason "basket"; failed_precondition, reason "basket_closed" or
// "basket_open" (another till has it); invalid, reason "till" or "cashier"; denied,
// reason "store".
var Resume = sdk.Command[ResumeIn, Basket]{Name: "till.resume"}

// ListSuspended lists the suspended baskets of a store. Errors: invalid, reason "store";
// denied, reason "store".
var ListSuspended = sdk.Query[SuspendedIn, SuspendedOut]{Name: "till.suspended"}

// GetBasket is a basket by its id. Errors: not_found, reason "basket"; denied,
// reason "store".
var GetBasket = sdk.Query[BasketID, Basket]{Name: "till.basket"}

// Quote prices a basket as Close would at this instant. Errors: not_found,
// reason "basket"; denied, reason "store"; those of pricing.quote.
var Quote = sdk.Query[BasketID, pricing.QuoteOut]{Name: "till.quote"}

// Discard gives up an open basket. Errors: not_found, reason "basket";
// failed_precondition, reason "basket_closed"; denied, reason "store".
var Discard = sdk.Command[BasketID, Basket]{Name: "till.discard"}

// Close sells: it prices the lines and uses up what the price depends on, takes the
// tenders, moves the stock, writes the receipt under the next number and tells the
// world, or does nothing at all.
//
// Errors:
//
//   - invalid: "store", "till", "cashier", "lines" (none, or both a basket and
//     lines), "quantity", "price_override", "override_reason", "codes"; at
//     /tenders/N/amount: "amount" (not above zero), "exceeds_due"
//     (Fields["due"]: only cash gives change), "nothing_due"; at
//     /tenders/N/type: "tender_type"; at /tenders: "tenders" (too many); at
//     /tenders/N/amount: "not_eligible" (Fields["most"]: the tender pays for some goods
//     only, and these cost less), at /tenders/N/count: "count" (Fields["most"] pieces of
//     it may pay); at /lottery: "lottery", "lottery_amount", "lottery_tender",
//     "lottery_tax_code"; at /tax_code: "tax_code"; at /lines/N/quantity: "code";
//   - not_found: "basket", "store", "sku", "no_price" (pointer /lines/N/sku), "payment";
//   - conflict: "quote_changed" (Fields["expected"], Fields["total"], and
//     Fields["quote"] as in pricing.hold): the total is not ExpectedTotal, because
//     a coupon or budget is used up or a price is another; "token" (it is no longer
//     valid, or of another basket);
//   - failed_precondition: "basket_closed", "underpaid" (Fields["missing"]),
//     "no_floor" (the store has no place that sells), "no_session" (the settings want
//     one), "stored_value" (no app puts value on gift cards), "basket_suspended";
//     At /tenders/N/payment: "payment_state" (Fields["state"]: it is not authorised, or
//     was taken), "payment_amount" (it is of another amount, currency or store),
//     "no_payment" (this till takes cards through its terminal only: see Authorise);
//   - denied: "store" (of the basket, or Store), "override" as in SetLines;
//   - any other of the filler of a tender, with the pointer of the tender.
var Close = sdk.Command[CloseIn, Receipt]{Name: "till.close"}

// Void undoes a whole sale, gives its tenders back and its goods. It writes a
// document of its own. Errors: not_found, reason "receipt";
// failed_precondition, reason "not_a_sale" (returns, voids and imported
// documents), "returned" (a part came back already) or "other_store";
// exhausted, reason "voided" (it is void already); denied, reason "store" (of the
// sale, whether there is such a sale or not).
var Void = sdk.Command[VoidIn, Receipt]{Name: "till.void"}

// Return takes back units of a sale, at any store, and refunds what was paid
// for them: the shares that the receipt keeps, never a new price. Of a sale with a
// promotion whose refund policy is recompute it withholds what the goods that are kept
// no longer earn, as pricing.recompute says, and what all returns refunded comes to
// what was paid when everything is back. It writes a document of its own. Whoever returns
// must be permitted to act for the store that takes back and pays, not for the one that
// sold.
//
// The money goes back by the means that the sale was paid with, to each no more than it
// paid: first those that are not cash, in the order of the sale, then cash, rounded where
// the refund is cash alone. ReturnIn may say otherwise: cash, one of these means, several
// with amounts, or a return voucher, which a sale at a distance (channel "web") is refunded
// with only if the customer agreed. By a gift receipt it is a return voucher.
//
// Errors: not_found, reason "receipt" or "line" (pointer /lines/N/line);
// invalid, reason "receipt" (not exactly one of Receipt and Code), "lines", "quantity",
// "tender_type", or "refunds" (they are not what is refunded: Fields["due"]);
// failed_precondition, reason "not_a_sale", "tender" (it was not paid so, and no app
// refunds so), "gift_receipt" (it refunds a return voucher or an exchange only),
// "not_agreed", "drawer_short" (Fields["left"]: a session is open and its drawer has less
// cash: refund a return voucher), "no_session", or that of a filler; exhausted, reason
// "returned" (Fields["left"] units may still come back, pointer /lines/N/quantity),
// "voided", or "tender" (Fields["left"] of it may still be refunded).
var Return = sdk.Command[ReturnIn, Receipt]{Name: "till.return"}

// ReturnUnreceipted takes goods back without a receipt, where the settings allow it, for
// the lowest price that consumers in general paid in the last days (pricing.lowest_price)
// and for a return voucher only. It needs a reason and has a permission of its own,
// till.unreceipted.
// Errors: failed_precondition, reason "unreceipted" (the settings do not allow it),
// "no_return_voucher" (no app has any), "no_session", or that of the filler; invalid,
// reason "reason", "lines", "sku" (it stands twice), "quantity"; not_found, reason "sku"
// or "no_price" (pointer /lines/N/sku: it was not on sale here).
var ReturnUnreceipted = sdk.Command[UnreceiptedIn, Receipt]{Name: "till.return_unreceipted"}

// Exchange takes units back and sells others, in one transaction: a return and a sale that
// cite each other, and only the difference is paid or refunded. What was paid for the
// goods that came back pays for the others, and would refund them by the same means.
// Cash that pays the whole difference is rounded.
// Errors: those of Return with /return and of Close with /sale before their pointers;
// invalid, reason "till" (Return names another); failed_precondition, reason "token" (Sale
// has a basket of another till).
var Exchange = sdk.Command[ExchangeIn, ExchangeOut]{Name: "till.exchange"}

// TryReturn works out a return of an order that the caller brings. Errors: invalid, reason
// "lines", "quantity", "amount", "order_discount" or "rules"; not_found, reason "line";
// exhausted, reason "returned" (so many units are not left) or "amount" (they are worth less).
var TryReturn = sdk.Query[TryReturnIn, TryReturnOut]{Name: "till.try_return"}

// GetGiftReceipt is what a present goes with, with a code that returns it for a voucher
// or exchanges it. Errors: those of GetReceipt; failed_precondition, reason "not_a_sale".
var GetGiftReceipt = sdk.Query[ReceiptID, GiftReceipt]{Name: "till.gift_receipt"}

// OpenSession opens the drawer of a till. While the settings want sessions a till sells
// and refunds in one only; others belong to one if one is open.
// Errors: invalid, reason "store", "till", "cashier" or "float"; not_found, reason
// "store"; failed_precondition, reason "session_open" (Fields["session"]).
var OpenSession = sdk.Command[OpenSessionIn, Session]{Name: "till.open_session"}

// MoveCash puts cash into a drawer, or takes it out, without a document. Errors:
// not_found, reason "session"; failed_precondition, reason "session_closed" or
// "drawer_short" (Fields["left"]); invalid, reason "cashier", "amount" or "reason";
// too_large, reason "moves"; denied, reason "store".
var MoveCash = sdk.Command[MoveCashIn, Session]{Name: "till.move_cash"}

// CloseSession ends a session with what was counted, and says what is missing or too
// much. Errors: not_found, reason "session"; failed_precondition, reason
// "session_closed"; invalid, reason "cashier" or "counted" (cash is missing, a type
// stands twice, or an amount is below zero); denied, reason "store".
var CloseSession = sdk.Command[CloseSessionIn, Session]{Name: "till.close_session"}

// GetSession is a session by its id, an open one with its totals so far. Errors:
// not_found, reason "session"; denied, reason "store".
var GetSession = sdk.Query[SessionID, Session]{Name: "till.session"}

// Sessions lists the sessions of a store, open and closed. Errors: invalid, reason "store"
// or "cursor"; denied, reason "store".
var Sessions = sdk.Query[SessionsIn, SessionsOut]{Name: "till.sessions"}

// Interim adds up what tills have written since their last day close. Errors: invalid,
// reason "store"; denied, reason "store".
var Interim = sdk.Query[InterimIn, InterimOut]{Name: "till.interim"}

// CloseDay closes the day of a till, or of every till of a store that has written
// something: one document each, all in one transaction. Errors: invalid, reason "store",
// "till" or "cashier"; not_found, reason "store"; failed_precondition, reason
// "session_open" (Fields["till"], Fields["session"]: count the drawer first) or "nothing"
// (there is nothing to close); denied, reason "store".
var CloseDay = sdk.Command[CloseDayIn, CloseDayOut]{Name: "till.close_day"}

// GetDayClose is a day close by its id. Errors: not_found, reason "day_close"; denied,
// reason "store".
var GetDayClose = sdk.Query[DayCloseID, DayClose]{Name: "till.day_close"}

// DayCloses lists the day closes of a store. Errors: invalid, reason "store", "day" or
// "cursor"; denied, reason "store".
var DayCloses = sdk.Query[DayClosesIn, DayClosesOut]{Name: "till.day_closes"}

// GetReceipt is a document by its id, by the id it was imported with, or by the code on
// its paper.
// Errors: not_found, reason "receipt" (or another store's, by the id it was
// imported with); denied, reason "store" (the id names another store, whether it
// has such a document or not); invalid, reason "receipt" (not exactly one id).
var GetReceipt = sdk.Query[ReceiptID, Receipt]{Name: "till.receipt"}

// Explain says in words what promotions did to a document, and why others did nothing:
// of what it keeps alone, so that it answers the same for as long as the document is
// kept. Errors: those of GetReceipt; invalid, reason "language".
var Explain = sdk.Query[ExplainIn, ExplainOut]{Name: "till.explain"}

// Returnable tells what of a sale may still come back and what that would refund, but
// not who bought, who sold and how it was paid. It answers for the sales of all stores,
// since Return takes them back anywhere. Errors: not_found, reason "receipt";
// failed_precondition, reason "not_a_sale".
var Returnable = sdk.Query[ReceiptID, ReturnableOut]{Name: "till.returnable"}

// Receipts lists documents of a store, the newest first, by day or by customer.
// Of a customer it lists the documents of permitted stores. Errors: invalid,
// reason "store" or "cursor"; denied, reason "store".
var Receipts = sdk.Query[ReceiptsIn, ReceiptsOut]{Name: "till.receipts"}

// Day adds up a store's documents of one civil day. Errors: invalid, reason
// "store" or "day".
var Day = sdk.Query[DayIn, DayOut]{Name: "till.day"}

// ImportReceipt takes a historic document as it was. The same document again
// changes nothing.
// Errors: those of an [Imported] with its reason, pointer and message; conflict,
// reason "differs" (another document came under this external id).
var ImportReceipt = sdk.Command[ImportReceiptIn, Imported]{Name: "till.import_receipt"}

// ImportReceipts is ImportReceipt for at most MaxDocuments at once. Documents
// that cannot be taken, or differ from what came before under their external
// id, are refused one by one and do not hold up the others.
// Errors: too_large, reason "documents"; those of stock.sell with MoveStock.
var ImportReceipts = sdk.Command[ImportReceiptsIn, ImportReceiptsOut]{Name: "till.import_receipts"}

// Sync takes documents over that a till wrote while it was cut off: sales, returns and
// voids, in any order, once however often they are sent. Each is decided alone. Goods move,
// also below zero, and documents count into the next day close of the till, whatever day
// they are of.
//
// A document waits while the sale that it undoes, or an earlier return of it, has not come.
// It goes to quarantine, and nothing of it is lost, for reason "differs" (another body has
// this key), "uuid" (another key has this UUID), "kind", "day" (At is on another), "clock"
// (At is after now), "cashier", "lines", "quantity", "shares", "total", "applied", "tenders",
// "rounding", "tender_type", "not_covered" (see pricing.take_over), "stored_value" (a gift
// card came back, or an app refused it), "several" (apps took more than one tender of what
// undoes a sale), "not_a_sale", "returned" (units came back already, or more than were sold),
// "voided", "line", "refunded" (more than was paid), "other_store"; and that of the filler of
// a tender.
//
// Errors: invalid, reason "till" or "documents"; not_found, reason "store"; those of
// stock.sell and stock.take_back that are about the store, such as "no_floor". Nothing is
// taken then.
var Sync = sdk.Command[SyncIn, SyncOut]{Name: "till.sync"}

// GetOffline is a record with both bodies, where two documents came under one key. Errors:
// not_found, reason "document"; denied, reason "store".
var GetOffline = sdk.Query[OfflineID, OfflineOut]{Name: "till.offline_document"}

// OfflineDocuments lists what waits or is in quarantine, and what was decided. Errors:
// invalid, reason "store", "state" or "cursor"; denied, reason "store".
var OfflineDocuments = sdk.Query[OfflineDocumentsIn, OfflineDocumentsOut]{Name: "till.offline_documents"}

// OfflineDay says which documents of a till's day have come, and which are missing.
// Errors: invalid, reason "till" or "day"; denied, reason "store".
var OfflineDay = sdk.Query[OfflineDayIn, OfflineDayOut]{Name: "till.offline_day"}

// AcceptOffline takes a document over that waits or is in quarantine, as it came or
// corrected. Errors: not_found, reason "document"; failed_precondition, reason "decided" (it
// is taken or discarded); invalid, reason "by" or "note"; conflict, reason "number" (its key
// is taken: give another sequence); and any reason of quarantine, with pointers below
// /document; denied, reason "store".
var AcceptOffline = sdk.Command[AcceptOfflineIn, Receipt]{Name: "till.accept_offline"}

// DiscardOffline decides that a document that waits or is in quarantine is none. It stays
// to be read. Errors: not_found, reason "document"; failed_precondition, reason "decided";
// invalid, reason "by" or "note"; denied, reason "store".
var DiscardOffline = sdk.Command[DiscardOfflineIn, OfflineRecord]{Name: "till.discard_offline"}

// OfflineHeld is emitted when a document waits or goes to quarantine, and OfflineDecided
// when somebody has accepted or discarded one: both without the document itself.
var (
	OfflineHeld    = sdk.Event[OfflineRecord]{Name: "till.offline_held", Key: func(r *OfflineRecord) string { return string(r.Store) + "/" + r.Till }}
	OfflineDecided = sdk.Event[OfflineRecord]{Name: "till.offline_decided", Key: func(r *OfflineRecord) string { return string(r.Store) + "/" + r.Till }}
)

// Verify checks documents, page after page: numbers without gaps, lines that
// sum to the total, tenders that pay it, units that were not returned twice; then day
// closes: numbers without gaps, and every total the sum of the documents of the day.
// Everything is verified when Cursor comes back empty. It adds up all stores:
// whoever is limited to some is refused.
// Errors: invalid, reason "cursor"; denied, reason "store".
var Verify = sdk.Query[VerifyIn, VerifyOut]{Name: "till.verify"}

// Closed is emitted once per sale.
var Closed = sdk.Event[Receipt]{Name: "till.closed", Key: series}

// Voided is emitted once per void, with the document that voids.
var Voided = sdk.Event[Receipt]{Name: "till.voided", Key: series}

// Returned is emitted once per return, with the document that returns.
var Returned = sdk.Event[Receipt]{Name: "till.returned", Key: series}

// DayClosed is emitted once per day close.
var DayClosed = sdk.Event[DayClose]{Name: "till.day_closed", Key: func(c *DayClose) string { return string(c.Store) + "/" + c.Till }}

// SessionEnded is emitted once per session that was counted.
var SessionEnded = sdk.Event[Session]{Name: "till.session_closed", Key: func(s *Session) string { return string(s.Store) + "/" + s.Till }}

// ReceiptImported is emitted once per historic document that was taken.
var ReceiptImported = sdk.Event[Receipt]{Name: "till.receipt_imported", Key: series}

// series keeps the documents of one till in order.
func series(r *Receipt) string { return string(r.Store) + "/" + r.Till }
