package vouchers

import "github.com/bottega-retail/bottega/sdk/retail"

// EntryType says why the balance of a card changed.
type EntryType string

// The types, and the sign of their amounts.
const (
	EntryActivate EntryType = "activate"     // + face
	EntryTopUp    EntryType = "top_up"       // +
	EntryRedeem   EntryType = "redeem"       // −
	EntryRefund   EntryType = "refund"       // +
	EntryCancel   EntryType = "cancel"       // −, the sale of it was undone
	EntryExpire   EntryType = "expire"       // −
	EntryMoveOut  EntryType = "transfer_out" // −
	EntryMoveIn   EntryType = "transfer_in"  // +
)

// Entry is one line of a card's ledger. It never changes.
type Entry struct {
	Card     string          `json:"card"`
	Number   int64           `json:"number"` // 1, 2, … of the card, without gaps
	Kind     string          `json:"kind"`
	Type     EntryType       `json:"type"`
	Amount   retail.Money    `json:"amount"`
	Balance  retail.Money    `json:"balance"` // after it
	Currency retail.Currency `json:"currency"`
	At       retail.Instant  `json:"at"`
	Document string          `json:"document,omitempty"`
	Original string          `json:"original,omitempty"` // document that this one undoes
	Of       string          `json:"of,omitempty"`       // of a refund, the card that had paid; of a transfer, the other; of what a slip paid, the allotment
	Store    retail.StoreID  `json:"store,omitempty"`
	By       string          `json:"by,omitempty"` // who acted
}

// EntriesIn asks for a page.
type EntriesIn struct {
	Card   string `json:"card"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// EntriesOut is one page.
type EntriesOut struct {
	Entries []Entry `json:"entries"`
	Cursor  string  `json:"cursor,omitempty"` // "" at the end
}

// ReportIn asks what was owed at an instant.
type ReportIn struct {
	At     retail.Instant `json:"at,omitempty"` // entries of this instant are in it; 0 is now
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 0, and more than MaxRows, is MaxRows
}

// ReportOut is one page, by kind.
type ReportOut struct {
	At     retail.Instant `json:"at"`
	Rows   []ReportRow    `json:"rows"`
	Cursor string         `json:"cursor,omitempty"` // "" at the end
}

// ReportRow is all cards of a kind: Outstanding = Issued − Cancelled − Redeemed +
// Refunded − Expired.
type ReportRow struct {
	Kind        string             `json:"kind"`
	Name        string             `json:"name"`
	Type        Type               `json:"type"`
	Entity      retail.EntityID    `json:"entity"`
	Currency    retail.Currency    `json:"currency"`
	VAT         VATKind            `json:"vat"`
	Rate        retail.BasisPoints `json:"rate,omitempty"`
	Issued      retail.Money       `json:"issued"` // faces and top-ups
	Cancelled   retail.Money       `json:"cancelled"`
	Redeemed    retail.Money       `json:"redeemed"`
	Refunded    retail.Money       `json:"refunded"`
	Expired     retail.Money       `json:"expired"`
	Outstanding retail.Money       `json:"outstanding"`
}

// VerifyIn asks for the cards after a cursor.
type VerifyIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // cards, 1 to MaxPage; 0 is 50
}

// VerifyOut is the verdict on one page.
type VerifyOut struct {
	Checked int64         `json:"checked"`          // cards
	Totals  []VerifyTotal `json:"totals,omitempty"` // of the page, by kind
	Faults  []VerifyFault `json:"faults"`           // empty is well
	Cursor  string        `json:"cursor,omitempty"` // "" at the end
}

// VerifyTotal adds up what is on cards: over all pages it is what Report says is
// outstanding.
type VerifyTotal struct {
	Kind    string       `json:"kind"`
	Cards   int64        `json:"cards"`
	Balance retail.Money `json:"balance"`
}

// VerifyFault is a card that breaks a promise. Reasons: "balance" (it is not the sum of
// its entries), "bounds" (below zero or above what was put on), "gap" (entries are not
// numbered 1, 2, …), "running" (an entry's balance is not the sum up to it), "loaded",
// "state" (something is on a card that is no longer or not yet active).
type VerifyFault struct {
	Card   string `json:"card"`
	Reason string `json:"reason"`
	Want   int64  `json:"want"`
	Got    int64  `json:"got"`
}

// Moved is what happened to a card. It holds no code.
type Moved struct {
	Card     string            `json:"card"`
	Kind     string            `json:"kind"`
	Type     Type              `json:"type"`
	Entity   retail.EntityID   `json:"entity"`
	Currency retail.Currency   `json:"currency"`
	Amount   retail.Money      `json:"amount"` // as in Entry
	Balance  retail.Money      `json:"balance"`
	Customer retail.CustomerID `json:"customer,omitempty"` // that the card belongs to
	Document string            `json:"document,omitempty"`
	Original string            `json:"original,omitempty"`
	Of       string            `json:"of,omitempty"`
	Store    retail.StoreID    `json:"store,omitempty"`
}

// IssuedEvent tells of new cards. It holds no codes.
type IssuedEvent struct {
	Kind     string          `json:"kind"`
	Type     Type            `json:"type"`
	Entity   retail.EntityID `json:"entity"`
	Currency retail.Currency `json:"currency"`
	Imported bool            `json:"imported,omitempty"`
	Document string          `json:"document,omitempty"`
	Cards    []IssuedCard    `json:"cards"`
}

// IssuedCard is one of them.
type IssuedCard struct {
	Card     string            `json:"card"`
	Amount   retail.Money      `json:"amount,omitempty"` // 0 of a blank; else it is active
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// BlockedEvent tells that a card was blocked, or with Lifted that it is no longer. Why
// stands on the card: free words may name people, and events are not forgotten.
type BlockedEvent struct {
	Card   string `json:"card"`
	Kind   string `json:"kind"`
	Lifted bool   `json:"lifted,omitempty"`
}
