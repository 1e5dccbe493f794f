package vouchers

import "github.com/bottega-retail/bottega/sdk/retail"

// Allotment is a part of a card that one till may spend while it is cut off. Nobody else
// spends it, so that whatever tills do, no card is overspent. It ends when it is settled
// with Close, and never by itself: what a till has spent may come late.
type Allotment struct {
	ID     string         `json:"id"` // ULID
	Card   string         `json:"card"`
	Masked string         `json:"masked"`
	Store  retail.StoreID `json:"store"`
	Till   string         `json:"till"`
	Amount retail.Money   `json:"amount"`
	Left   retail.Money   `json:"left"` // not spent, as far as the till has said
	Made   retail.Instant `json:"made"`
	Until  retail.Instant `json:"until"` // from then on the till takes nothing of it
	Closed retail.Instant `json:"closed,omitempty"`
}

// AllotIn asks for a part of a card.
type AllotIn struct {
	Code    string         `json:"code"` // or a token of Balance
	Store   retail.StoreID `json:"store"`
	Till    string         `json:"till"`
	Amount  retail.Money   `json:"amount"`
	Minutes int64          `json:"minutes,omitempty"` // that it counts; 0 is a day, at most 30 days
}

// AllotOut is the part, and the slip that pays: a tender's reference, or of Settle. It is
// signed and good for that till alone.
type AllotOut struct {
	Allotment Allotment `json:"allotment"`
	Slip      string    `json:"slip"`
}

// SettleIn says what a till has spent of an allotment.
type SettleIn struct {
	Allotment string    `json:"allotment"`      // its id
	Uses      []SlipUse `json:"uses,omitempty"` // at most MaxIssue
	// Close gives the rest back: the till has nothing more to say.
	Close bool `json:"close,omitempty"`
}

// SlipUse is one document that an allotment paid.
type SlipUse struct {
	Document string       `json:"document"`
	Amount   retail.Money `json:"amount"`
}

// AllotmentsIn asks for those of a card.
type AllotmentsIn struct {
	Card string `json:"card"`
}

// AllotmentsOut lists them, the newest first, at most MaxPage.
type AllotmentsOut struct {
	Allotments []Allotment `json:"allotments"`
}
