package till

import (
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Reserve puts goods of the store aside for a customer (stock.reserve) and takes a
// deposit for them, if there is one: both, or nothing. The deposit is a document of the
// till, which the customer brings when he comes: Close takes it in CloseIn.Deposits,
// ReturnDeposit pays it back.
//
// An advance payment is taxed when it is paid (D.P.R. 633/1972, art. 6, fourth
// paragraph): the document has the VAT of the goods in proportion, and the sale that it
// pays for owes only the rest ([Receipt.VATPaid]). With the setting deposit_untaxed it is
// earnest money (Codice civile, art. 1385) and no VAT is due before the sale.
//
// Errors: those of stock.reserve and pricing.quote, and of Close about tenders; invalid,
// reason "store", "till", "cashier", "lines" or "deposit" (below zero, or more than the
// goods cost: Fields["most"]); failed_precondition, reason "no_reservations" (no app puts
// goods aside) or "no_session".
//
//bottega:example {"store":"MI-01","till":"3","cashier":"ada","name":"Ada Bianchi","lines":[{"sku":"P0001-M","quantity":1}],"minutes":2880,"deposit":2000,"tenders":[{"type":"cash","amount":2000}]}
var Reserve = sdk.Command[ReserveIn, ReserveOut]{Name: "till.reserve"}

// ReturnDeposit pays a deposit back that no sale has used, whole, by the means it was paid
// with or others as Return, and cancels the reservation if it is still open. It writes a
// document of its own.
// Errors: not_found, reason "deposit"; exhausted, reason "used" (Fields["by"]); those of
// Return about refunds; denied, reason "store".
var ReturnDeposit = sdk.Command[ReturnDepositIn, Receipt]{Name: "till.return_deposit"}

// Deposits lists the deposits of a store, the newest first.
// Errors: invalid, reason "store" or "cursor"; denied, reason "store".
var Deposits = sdk.Query[DepositsIn, DepositsOut]{Name: "till.deposits"}

// Deposited is emitted once per deposit, with its document. Sales do not count it twice:
// what a deposit pays is a tender of the sale.
var Deposited = sdk.Event[Receipt]{
	Name: "till.deposited",
	Key:  func(r *Receipt) string { return string(r.Store) + "/" + r.Till },
}

// ReserveIn is what a customer wants kept.
type ReserveIn struct {
	Store    retail.StoreID    `json:"store"`
	Till     string            `json:"till"`
	Cashier  string            `json:"cashier"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Name     string            `json:"name,omitempty"` // whom to ask for; needed without a customer
	Note     string            `json:"note,omitempty"`
	Lines    []stock.Line      `json:"lines"`
	// The end, said in one way at most, as stock.reserve.
	Until   retail.Instant `json:"until,omitempty"`
	Day     retail.Date    `json:"day,omitempty"`
	Minutes int64          `json:"minutes,omitempty"`
	Deposit retail.Money   `json:"deposit,omitempty"` // 0 is none
	Tenders []Payment      `json:"tenders,omitempty"` // that pay the deposit
}

// ReserveOut is what was put aside, and the document of the deposit.
type ReserveOut struct {
	Reservation stock.Reservation `json:"reservation"`
	Receipt     *Receipt          `json:"receipt,omitempty"`
}

// ReturnDepositIn names a deposit by its document.
type ReturnDepositIn struct {
	Deposit   string         `json:"deposit"`
	Store     retail.StoreID `json:"store"` // that pays it back
	Till      string         `json:"till"`
	Cashier   string         `json:"cashier"`
	Reason    string         `json:"reason"`
	Tender    string         `json:"tender,omitempty"`    // as ReturnIn
	Reference string         `json:"reference,omitempty"` // as ReturnIn
	Agreed    bool           `json:"agreed,omitempty"`    // as ReturnIn
}

// DepositState says where a deposit stands.
type DepositState string

// The states.
const (
	DepositOpen     DepositState = "open"
	DepositUsed     DepositState = "used"     // a sale was paid with it
	DepositReturned DepositState = "returned" // paid back
)

// Deposit is money that a customer has paid ahead.
type Deposit struct {
	Receipt     string            `json:"receipt"` // id of its document
	State       DepositState      `json:"state"`
	Store       retail.StoreID    `json:"store"`
	At          retail.Instant    `json:"at"`
	Customer    retail.CustomerID `json:"customer,omitempty"`
	Reservation string            `json:"reservation"`
	Amount      retail.Money      `json:"amount"` // that it is worth: paid, rounding of cash included
	Currency    retail.Currency   `json:"currency"`
	By          string            `json:"by,omitempty"` // document that used it or paid it back
}

// DepositsIn asks for a page.
type DepositsIn struct {
	Store  retail.StoreID `json:"store"`
	State  DepositState   `json:"state,omitempty"` // "" is all
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// DepositsOut is one page. It may hold fewer than Limit although Cursor is set.
type DepositsOut struct {
	Deposits []Deposit `json:"deposits"`
	Cursor   string    `json:"cursor,omitempty"` // "" at the end
}
