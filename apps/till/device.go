package till

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// # Terminals and fiscal devices
//
// A card terminal and a fiscal device cannot be part of a transaction. They stand around
// the one of the sale:
//
//	authorise (outside) → close (the transaction takes the authorisation)
//	→ capture and print (outside, with keys that stay) → captured, fiscalised
//
// The till keeps what is known of each payment and of each document that is to be printed,
// and never takes silence for an answer: what a device did not say is open, listed, asked
// again, and in the end settled by a person.

// Authorise asks the terminal of a till for an amount. It answers at once, with the payment
// as asked: what the customer and the terminal make of it is in till.payment and in the
// event till.payment_changed. The same key again is the same payment. An authorisation
// that no sale takes is reversed after the minutes of the settings.
// Errors: invalid, reason "store", "till", "amount", "currency" or "key"; conflict, reason
// "key" (it asked for something else before); failed_precondition, reason "no_terminal"
// (the settings name none for this till) or "driver" (no app drives it).
//
//bottega:example {"store":"MI-01","till":"3","key":"basket-417","amount":3990,"currency":"EUR"}
var Authorise = sdk.Command[AuthoriseIn, CardPayment]{Name: "till.authorise"}

// GetPayment is a payment by its id. Errors: not_found, reason "payment"; denied, reason
// "store".
var GetPayment = sdk.Query[PaymentID, CardPayment]{Name: "till.payment"}

// Payments lists the payments of a store that are not over, the longest open first. Errors:
// invalid, reason "store"; denied, reason "store".
var Payments = sdk.Query[PaymentsIn, PaymentsOut]{Name: "till.payments"}

// Reverse gives up a payment that no sale has taken, whatever became of it: money that is
// held is let go, and what the terminal has not done yet it refuses from then on.
// Errors: not_found, reason "payment"; failed_precondition, reason "payment_state"
// (Fields["state"]); denied, reason "store".
var Reverse = sdk.Command[PaymentID, CardPayment]{Name: "till.reverse"}

// AskAgain asks the terminal once more for what it did not do or did not answer. It charges
// nothing twice: of an authorisation it asks only what became of it.
// Errors: those of Reverse.
var AskAgain = sdk.Command[PaymentID, CardPayment]{Name: "till.ask_again"}

// SettlePayment writes down what the terminal's own paper or the bank says of a payment that
// the terminal does not answer for. It has a permission of its own, till.settle.
// Errors: those of Reverse; invalid, reason "state" (the payment cannot become this),
// "authorisation" (its code is missing) or "reason".
var SettlePayment = sdk.Command[SettlePaymentIn, CardPayment]{Name: "till.settle_payment"}

// ReportPayment is how the driver of a terminal tells what came of an action. It is for apps
// alone, and the same report may come again. Errors: denied, reason "apps_only"; not_found,
// reason "payment"; invalid, reason "action" or "outcome".
var ReportPayment = sdk.Command[PaymentReport, CardPayment]{Name: "till.report_payment"}

// FiscalJobs lists what a store's fiscal devices have not done yet, till by till in the order
// of their documents: each document, and each day close. Errors: invalid, reason "store"; denied, reason "store".
var FiscalJobs = sdk.Query[FiscalJobsIn, FiscalJobsOut]{Name: "till.fiscal_jobs"}

// PrintAgain asks the fiscal device once more. What it has printed already it does not print
// again: it tells the number. Errors: not_found, reason "fiscal_job"; failed_precondition,
// reason "job_state" (Fields["state"]); denied, reason "store".
var PrintAgain = sdk.Command[FiscalJobID, FiscalJob]{Name: "till.print_again"}

// SettleFiscal writes down what the device's own journal, or an emergency receipt, says of a
// document that the device does not answer for. It has a permission of its own, till.settle.
// Errors: those of PrintAgain; invalid, reason "fiscal" or "reason".
var SettleFiscal = sdk.Command[SettleFiscalIn, FiscalJob]{Name: "till.settle_fiscal"}

// ReportFiscal is how the driver of a fiscal device tells what came of a job. It is for apps
// alone, and the same report may come again. Errors: denied, reason "apps_only"; not_found,
// reason "fiscal_job"; invalid, reason "fiscal" (neither printed nor stuck).
var ReportFiscal = sdk.Command[FiscalReport, FiscalJob]{Name: "till.report_fiscal"}

// PaymentChanged is emitted whenever something more is known of a payment.
var PaymentChanged = sdk.Event[CardPayment]{Name: "till.payment_changed", Key: func(p *CardPayment) string { return p.ID }}

// FiscalChanged is emitted whenever something more is known of a job of a fiscal device.
var FiscalChanged = sdk.Event[FiscalJob]{Name: "till.fiscal_changed", Key: func(j *FiscalJob) string { return j.Document }}

// Terminal is filled by whoever drives card terminals. The key is the driver, as the
// settings of the till name it. A filler only starts an [sdk.Effect] under the key
// payment/action; it is asked inside of the till's transaction and must not wait. When the
// effect is over it calls till.report_payment. Before it does anything a second time it
// asks the terminal what became of the first.
var Terminal = sdk.CommandSlot[TerminalIn, sdk.None]{Name: "till.terminal"}

// FiscalDevice is filled by whoever drives fiscal devices. The key is the driver, as the
// settings of the till name it. A filler only starts an [sdk.Effect] under the key Job, and
// calls till.report_fiscal when it is over.
var FiscalDevice = sdk.CommandSlot[FiscalIn, sdk.None]{Name: "till.fiscal_device"}

// TerminalAction is what a terminal is asked for.
type TerminalAction string

// The actions.
const (
	DoAuthorise TerminalAction = "authorise" // hold an amount
	DoStatus    TerminalAction = "status"    // say what became of authorise, and do nothing
	DoCapture   TerminalAction = "capture"   // take what is held
	DoReverse   TerminalAction = "reverse"   // let it go; refuse an authorise that comes later
	DoRefund    TerminalAction = "refund"    // give back of what was captured
)

// TerminalIn is one action of a terminal. Payment and Action together are its key.
type TerminalIn struct {
	Payment  string          `json:"payment"`
	Action   TerminalAction  `json:"action"`
	Terminal string          `json:"terminal"` // the driver's name of the terminal
	Store    retail.StoreID  `json:"store"`
	Till     string          `json:"till"`
	Amount   retail.Money    `json:"amount"` // above zero
	Currency retail.Currency `json:"currency"`
	Original string          `json:"original,omitempty"` // of a refund: the payment that was captured
	// Until is when a customer no longer waits: an authorisation that was not asked for by
	// then is not asked for.
	Until retail.Instant `json:"until,omitempty"`
}

// TerminalOutcome is what came of an action.
type TerminalOutcome string

// The outcomes.
const (
	OutcomeDone    TerminalOutcome = "done"
	OutcomeRefused TerminalOutcome = "refused" // for good; Reason says why
	OutcomeUnknown TerminalOutcome = "unknown" // nobody knows whether it was done; Reason says why
)

// PaymentReport is what a driver tells.
type PaymentReport struct {
	Payment       string          `json:"payment"`
	Action        TerminalAction  `json:"action"`
	Outcome       TerminalOutcome `json:"outcome"`
	Reason        string          `json:"reason,omitempty"`        // declined, offline, … at most 64 characters
	Authorisation string          `json:"authorisation,omitempty"` // code, as it is on the slip
	Card          string          `json:"card,omitempty"`          // its last digits, at most 8 characters
}

// FiscalIn is one job of a fiscal device: a document, or the close of a day.
type FiscalIn struct {
	Job      string          `json:"job"` // id of the document or of the day close
	Kind     FiscalKind      `json:"kind"`
	Device   string          `json:"device"` // the driver's name of the device
	Store    retail.StoreID  `json:"store"`
	Till     string          `json:"till"`
	Entity   retail.EntityID `json:"entity,omitempty"`
	At       retail.Instant  `json:"at"`
	Cashier  string          `json:"cashier,omitempty"`
	Currency retail.Currency `json:"currency,omitempty"`
	Lines    []FiscalLine    `json:"lines,omitempty"`
	Total    retail.Money    `json:"total"`
	Rounding retail.Money    `json:"rounding,omitempty"`
	Tenders  []FiscalTender  `json:"tenders,omitempty"`
	Change   retail.Money    `json:"change,omitempty"`
	TaxCode  string          `json:"tax_code,omitempty"`
	// Lottery is the customer's code. It goes onto the document and nowhere else.
	Lottery string `json:"lottery,omitempty"`
	// Cites is what the device printed of the sale that is undone; nil if it printed none.
	Cites    *FiscalReference `json:"cites,omitempty"`
	Original string           `json:"original,omitempty"` // id of that sale
}

// FiscalLine is goods on a fiscal document. Amounts of a document that undoes are negative.
type FiscalLine struct {
	Description string             `json:"description"`
	Quantity    retail.Quantity    `json:"quantity"`
	Amount      retail.Money       `json:"amount"` // with VAT, after discounts
	VATRate     retail.BasisPoints `json:"vat_rate"`
}

// FiscalTender is how a fiscal document is paid.
type FiscalTender struct {
	Type     string       `json:"type"`
	Amount   retail.Money `json:"amount"`
	Terminal string       `json:"terminal,omitempty"` // of a card: the law ties terminal and device (L. 207/2024)
}

// FiscalReport is what a driver tells: Fiscal if it was done, Stuck if it was not.
type FiscalReport struct {
	Job    string           `json:"job"`
	Fiscal *FiscalReference `json:"fiscal,omitempty"`
	Stuck  string           `json:"stuck,omitempty"` // paper, cover, offline, refused, unknown, …; at most 64 characters
}
