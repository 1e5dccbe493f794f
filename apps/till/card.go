package till

import "github.com/bottega-retail/bottega/sdk/retail"

// AuthoriseIn asks a terminal for an amount.
type AuthoriseIn struct {
	Store    retail.StoreID  `json:"store"`
	Till     string          `json:"till"`
	Key      string          `json:"key"`    // the caller's, unique per till: the same again is the same payment; 1 to 64 characters
	Amount   retail.Money    `json:"amount"` // above zero
	Currency retail.Currency `json:"currency"`
}

// PaymentID names a payment.
type PaymentID struct {
	Payment string `json:"payment"`
}

// PaymentKind says which way the money goes.
type PaymentKind string

// The kinds.
const (
	CardSale   PaymentKind = "payment"
	CardRefund PaymentKind = "refund"
)

// PaymentState says what is certain of a payment.
type PaymentState string

// The states of a payment: asked → authorised → taken → captured, or refused, or unknown; what
// no sale takes is reversing → reversed. Those of a refund: refunding → refunded.
const (
	PaymentAsked       PaymentState = "asked"
	PaymentAuthorised  PaymentState = "authorised"
	PaymentRefused     PaymentState = "refused"
	PaymentUnknown     PaymentState = "unknown" // the terminal has not said whether it holds the money
	PaymentTaken       PaymentState = "taken"   // by a sale; to be captured
	PaymentCaptured    PaymentState = "captured"
	PaymentUncollected PaymentState = "uncollected" // taken, and settled as lost
	PaymentReversing   PaymentState = "reversing"
	PaymentReversed    PaymentState = "reversed"
	PaymentRefunding   PaymentState = "refunding"
	PaymentRefunded    PaymentState = "refunded"
)

// CardPayment is one payment, or one refund, through a terminal.
type CardPayment struct {
	ID    string       `json:"id"` // ULID
	Kind  PaymentKind  `json:"kind"`
	State PaymentState `json:"state"`
	// Action is what the terminal is to do; "" is nothing.
	Action TerminalAction `json:"action,omitempty"`
	// Trouble is why it did not, or did not answer; "" is none. Of a refused payment it says why.
	Trouble       string          `json:"trouble,omitempty"`
	Store         retail.StoreID  `json:"store"`
	Till          string          `json:"till"`
	Driver        string          `json:"driver"`
	Terminal      string          `json:"terminal"`
	Key           string          `json:"key,omitempty"`
	Amount        retail.Money    `json:"amount"` // above zero
	Currency      retail.Currency `json:"currency"`
	Authorisation string          `json:"authorisation,omitempty"`
	Card          string          `json:"card,omitempty"`     // last digits
	Document      string          `json:"document,omitempty"` // sale that took it, or document that refunds
	Original      string          `json:"original,omitempty"` // payment that a refund gives back of
	Asked         retail.Instant  `json:"asked"`
	Changed       retail.Instant  `json:"changed"`
	SettledBy     string          `json:"settled_by,omitempty"`
	SettledReason string          `json:"settled_reason,omitempty"`
}

// PaymentsIn names a store.
type PaymentsIn struct {
	Store retail.StoreID `json:"store"`
}

// PaymentsOut is what is open, at most MaxPage.
type PaymentsOut struct {
	Payments []CardPayment `json:"payments"`
}

// SettlePaymentIn says what really became of a payment.
type SettlePaymentIn struct {
	Payment string `json:"payment"`
	// State is authorised or refused for unknown, captured or uncollected for taken, reversed
	// for reversing, refunded for refunding.
	State         PaymentState `json:"state"`
	Authorisation string       `json:"authorisation,omitempty"` // of the slip, for authorised
	Reason        string       `json:"reason"`                  // 1 to 200 characters: where that stands
}
