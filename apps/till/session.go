package till

import "github.com/bottega-retail/bottega/sdk/retail"

// MaxMoves bounds the cash put in and taken out in one session.
const MaxMoves = 200

// OpenSessionIn begins a session of a till.
type OpenSessionIn struct {
	Store   retail.StoreID `json:"store"`
	Till    string         `json:"till"`
	Cashier string         `json:"cashier"`
	Float   retail.Money   `json:"float"` // cash in the drawer, in the store's currency
}

// Session is the time from opening a drawer to counting it. Whatever the till does
// meanwhile is part of it, from however many tabs.
type Session struct {
	ID       string          `json:"id"` // ULID
	State    SessionState    `json:"state"`
	Store    retail.StoreID  `json:"store"`
	Till     string          `json:"till"`
	Currency retail.Currency `json:"currency"` // of the store; the drawer holds this
	Cashier  string          `json:"cashier"`  // who opened it
	Opened   retail.Instant  `json:"opened"`
	Float    retail.Money    `json:"float"`
	Moves    []CashMove      `json:"moves,omitempty"`
	ClosedBy string          `json:"closed_by,omitempty"`
	Closed   retail.Instant  `json:"closed,omitempty"`
	// Documents counts what was written. Of an open session it is so far.
	Documents int64          `json:"documents"`
	Tenders   []SessionCount `json:"tenders"` // by type; cash always
}

// SessionState says whether a session goes on.
type SessionState string

// The states.
const (
	SessionOpen   SessionState = "open"
	SessionClosed SessionState = "closed"
)

// CashMove is cash put into a drawer or taken out without a document.
type CashMove struct {
	At      retail.Instant `json:"at"`
	Cashier string         `json:"cashier"`
	Amount  retail.Money   `json:"amount"` // negative is out
	Reason  string         `json:"reason"`
}

// SessionCount is one tender of a session: what its documents say, with float and moves
// of cash, and what was counted.
type SessionCount struct {
	Type       string       `json:"type"`
	Expected   retail.Money `json:"expected"`
	Counted    retail.Money `json:"counted"`    // 0 of an open session
	Difference retail.Money `json:"difference"` // Counted less Expected; 0 of an open session
}

// MoveCashIn puts cash into a drawer or takes it out.
type MoveCashIn struct {
	Session string       `json:"session"`
	Cashier string       `json:"cashier"`
	Amount  retail.Money `json:"amount"` // negative is out
	Reason  string       `json:"reason"` // 1 to 200 characters
}

// CloseSessionIn ends a session with what was counted. A tender that is not named was
// not counted and counts as expected; cash must be.
type CloseSessionIn struct {
	Session string    `json:"session"`
	Cashier string    `json:"cashier"`
	Counted []Counted `json:"counted"`
}

// Counted is what somebody counted of one tender.
type Counted struct {
	Type   string       `json:"type"`
	Amount retail.Money `json:"amount"`
}

// SessionID names a session.
type SessionID struct {
	Session string `json:"session"`
}

// SessionsIn asks for sessions of a store, the newest first.
type SessionsIn struct {
	Store  retail.StoreID `json:"store"`
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// SessionsOut is one page.
type SessionsOut struct {
	Sessions []Session `json:"sessions"`
	Cursor   string    `json:"cursor,omitempty"` // "" at the end
}
