package vouchers

import "github.com/bottega-retail/bottega/sdk/retail"

// State says where a card is in its life.
type State string

// The states. Only an active card is spent. A blocked one may be active again.
const (
	StateIssued    State = "issued"    // a blank: nothing is on it yet
	StateActive    State = "active"    //
	StateBlocked   State = "blocked"   // by hand
	StateExpired   State = "expired"   //
	StateCancelled State = "cancelled" // its sale was undone
	StateReplaced  State = "replaced"  // everything went to another card
)

// Card is a card as people may see it: it holds no code.
type Card struct {
	ID        string            `json:"id"`     // ULID; no secret, and buys nothing
	Masked    string            `json:"masked"` // last characters of the code: *A7K2
	Kind      string            `json:"kind"`
	Type      Type              `json:"type"`
	Entity    retail.EntityID   `json:"entity"`
	Currency  retail.Currency   `json:"currency"`
	State     State             `json:"state"`
	Balance   retail.Money      `json:"balance"`
	Allotted  retail.Money      `json:"allotted,omitempty"` // of Balance, to tills that are cut off
	Loaded    retail.Money      `json:"loaded"`             // face and top-ups
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Issued    retail.Instant    `json:"issued"`
	Activated retail.Instant    `json:"activated,omitempty"`
	Expires   retail.Instant    `json:"expires,omitempty"`  // first instant at which it is spent no more; 0 never
	Document  string            `json:"document,omitempty"` // that activated it
	Reason    string            `json:"reason,omitempty"`   // why it is blocked or was replaced
	Successor string            `json:"successor,omitempty"`
	Locked    retail.Instant    `json:"locked,omitempty"` // until then no PIN is taken
}

// CardID names a card.
type CardID struct {
	Card string `json:"card"`
}

// FindIn is a code, in any way of writing it.
type FindIn struct {
	Code string `json:"code" writeonly:"true"`
}

// CardsIn asks for a page: of a kind, of a customer, or of all.
type CardsIn struct {
	Kind     string            `json:"kind,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	State    State             `json:"state,omitempty"` // "" is any
	Cursor   string            `json:"cursor,omitempty"`
	Limit    int64             `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// CardsOut is one page. It may hold fewer than Limit although Cursor is set.
type CardsOut struct {
	Cards  []Card `json:"cards"`
	Cursor string `json:"cursor,omitempty"` // "" at the end
}

// IssueIn draws cards.
type IssueIn struct {
	Kind     string            `json:"kind"`
	Count    int64             `json:"count,omitempty"`    // 1 to MaxIssue; 0 is 1
	Amount   retail.Money      `json:"amount,omitempty"`   // on each; 0 makes blanks
	Document string            `json:"document,omitempty"` // with an amount: what paid for it, or why
	Customer retail.CustomerID `json:"customer,omitempty"`
	Store    retail.StoreID    `json:"store,omitempty"` // where
}

// IssueOut is the cards with their codes. They are not shown again.
type IssueOut struct {
	Cards []Drawn `json:"cards"`
}

// Drawn is a new card.
type Drawn struct {
	Card    string         `json:"card"`
	Code    string         `json:"code"` // ABCD-EFGH-JKMN-PQRS
	PIN     string         `json:"pin,omitempty"`
	Expires retail.Instant `json:"expires,omitempty"`
}

// ImportIn takes codes that others have made.
type ImportIn struct {
	Kind     string       `json:"kind"`
	Document string       `json:"document,omitempty"` // with balances: where they come from
	Codes    []ImportCode `json:"codes"`              // 1 to MaxIssue
}

// ImportCode is one of them.
type ImportCode struct {
	Code     string            `json:"code"` // 4 to 128 characters
	PIN      string            `json:"pin,omitempty"`
	Balance  retail.Money      `json:"balance,omitempty"` // 0 makes a blank
	Expires  retail.Instant    `json:"expires,omitempty"` // with a balance; 0 is as the kind says, from now
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// ImportOut counts what became of them.
type ImportOut struct {
	Added   int64 `json:"added"`
	Weak    int64 `json:"weak,omitempty"` // of Added: shorter than 12 characters, so that trying may find them
	Present int64 `json:"present"`        // of this kind before
	Taken   int64 `json:"taken"`          // of another
}

// LoadIn puts an amount on a card: exactly one of Code and Card.
type LoadIn struct {
	Code     string            `json:"code,omitempty"`
	Card     string            `json:"card,omitempty"`
	Amount   retail.Money      `json:"amount"`   // above zero
	Document string            `json:"document"` // that paid for it
	Store    retail.StoreID    `json:"store,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// BalanceIn asks what is on a card.
type BalanceIn struct {
	Code string `json:"code"`
	PIN  string `json:"pin,omitempty"`
	// Visitor is who asks, in words of the caller's own, such as a session: wrong codes
	// are counted by it.
	Visitor string `json:"visitor,omitempty"`
}

// BalanceOut is what is on a card, or nothing.
type BalanceOut struct {
	Known    bool            `json:"known"`
	State    State           `json:"state,omitempty"`
	Balance  retail.Money    `json:"balance,omitempty"`
	Currency retail.Currency `json:"currency,omitempty"`
	Expires  retail.Instant  `json:"expires,omitempty"`
	Masked   string          `json:"masked,omitempty"`
	Token    string          `json:"token,omitempty"` // pays like the code, for 15 minutes
}

// RedeemIn spends of a card.
type RedeemIn struct {
	Code     string            `json:"code"` // or a token of Balance
	Amount   retail.Money      `json:"amount"`
	Currency retail.Currency   `json:"currency"`
	Document string            `json:"document"` // that it pays
	Store    retail.StoreID    `json:"store,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// RefundIn gives back to a card.
type RefundIn struct {
	Card     string         `json:"card"` // its id
	Amount   retail.Money   `json:"amount"`
	Document string         `json:"document"`           // that gives back
	Original string         `json:"original,omitempty"` // that the card paid; "" is any
	Store    retail.StoreID `json:"store,omitempty"`
}

// CancelIn undoes what a document put on a card.
type CancelIn struct {
	Card     string         `json:"card"`
	Original string         `json:"original"` // that put it on
	Document string         `json:"document"` // that undoes it
	Store    retail.StoreID `json:"store,omitempty"`
}

// BlockIn names a card and says why.
type BlockIn struct {
	Card   string `json:"card"`
	Reason string `json:"reason,omitempty"` // 1 to 200 characters to block
}

// TransferIn moves everything to another card: exactly one of To and Code.
type TransferIn struct {
	Card   string `json:"card"`
	To     string `json:"to,omitempty"`   // id of the other
	Code   string `json:"code,omitempty"` // or its code
	Reason string `json:"reason"`         // 1 to 200 characters
}

// PINOut is a PIN. It is not shown again.
type PINOut struct {
	Card string `json:"card"`
	PIN  string `json:"pin"`
}

// Movement is what a command did to a card.
type Movement struct {
	Card      string          `json:"card"`
	Masked    string          `json:"masked"`
	Amount    retail.Money    `json:"amount"` // above zero what was put on, below what was taken off
	Balance   retail.Money    `json:"balance"`
	Currency  retail.Currency `json:"currency"`
	Expires   retail.Instant  `json:"expires,omitempty"`
	Reference string          `json:"reference"` // for the receipt: Masked and Card
	// VATPaid is the part of a redemption, or of what is given back, whose VAT was due
	// when the card was sold: no more is due for it. Amounts are above zero.
	VATPaid []retail.VATShare `json:"vat_paid,omitempty"`
}
