package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// Limits of one call about allotments.
const (
	MaxAllotted = 50 // parts in one Allot, slips of one sale
)

// Allotment is a part of what a promotion may give, for one till to use while it is cut
// off. It is taken off the live counters at once, so that whatever tills do, no limit and
// no budget is passed.
//
// The till uses it until Until and tells the host of each sale ([TakeOver]). What it has not
// told by Ends is given back by itself: whatever comes later is not covered any more.
type Allotment struct {
	ID         string         `json:"id"` // ULID
	Promotion  string         `json:"promotion"`
	Version    int64          `json:"version"` // that ran when it was made, whose limits count
	Store      retail.StoreID `json:"store"`
	Till       string         `json:"till"`
	Uses       int64          `json:"uses,omitempty"`
	UsesLeft   int64          `json:"uses_left,omitempty"` // not used, as far as the till has said
	Amount     retail.Money   `json:"amount,omitempty"`    // of the budget
	AmountLeft retail.Money   `json:"amount_left,omitempty"`
	Coupon     string         `json:"coupon,omitempty"` // hash of the code whose uses these are
	Batch      string         `json:"batch,omitempty"`  // of the coupon
	Made       retail.Instant `json:"made"`
	Until      retail.Instant `json:"until"` // from then on the till uses nothing of it
	Ends       retail.Instant `json:"ends"`  // from then on it covers nothing
	Closed     retail.Instant `json:"closed,omitempty"`
}

// AllotIn asks for parts of promotions, all or none.
//
//bottega:example {"store":"MI-01","till":"3","parts":[{"promotion":"basic-20","amount":5000}]}
type AllotIn struct {
	Store   retail.StoreID `json:"store"`
	Till    string         `json:"till"`              // 1 to 32 characters, no slash
	Minutes int64          `json:"minutes,omitempty"` // that the till uses them; 0 is a day, at most 30 days
	// Grace is how many minutes the till has, after that, to tell what it has used; 0 is
	// three days, at most 30 days.
	Grace int64       `json:"grace,omitempty"`
	Parts []AllotPart `json:"parts"` // 1 to MaxAllotted
}

// AllotPart is a part of one promotion: of each of its limits that it has something must be
// taken. A limit per customer is counted when the till tells.
type AllotPart struct {
	Promotion string       `json:"promotion"`
	Code      string       `json:"code,omitempty"`   // of a coupon: Uses are of this code too
	Uses      int64        `json:"uses,omitempty"`   // above zero where uses or a coupon's are limited
	Amount    retail.Money `json:"amount,omitempty"` // above zero where there is a budget
}

// AllotOut is the parts, in the order they were asked for.
type AllotOut struct {
	Parts []Allotted `json:"parts"`
}

// Allotted is an allotment and its slip: what a sale names that uses it. It is signed, and
// good for that till alone.
type Allotted struct {
	Allotment Allotment `json:"allotment"`
	Slip      string    `json:"slip"`
}

// SettleIn names an allotment by id: its till has told of every sale.
type SettleIn struct {
	Allotment string `json:"allotment"`
}

// AllotmentsIn asks for those of a promotion, or of a store: exactly one of them.
type AllotmentsIn struct {
	Promotion string         `json:"promotion,omitempty"`
	Store     retail.StoreID `json:"store,omitempty"`
	Till      string         `json:"till,omitempty"` // only with Store
	Open      bool           `json:"open,omitempty"` // those that are not closed
	Cursor    string         `json:"cursor,omitempty"`
	Limit     int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// AllotmentsOut is one page, the newest first. A page may be shorter than Limit; the last
// one has no cursor.
type AllotmentsOut struct {
	Allotments []Allotment `json:"allotments"`
	Cursor     string      `json:"cursor,omitempty"`
}

// TakeOverIn is a sale that a till made and priced while it was cut off.
type TakeOverIn struct {
	Till  string   `json:"till"`
	Sale  Sale     `json:"sale"`
	Slips []string `json:"slips,omitempty"` // of Allot, at most MaxAllotted
	Codes []string `json:"codes,omitempty"` // that the customer gave, as he gave them
	// Waive lets pass what no slip covers: it stays in the sale, and is counted to no limit
	// and no budget.
	Waive bool `json:"waive,omitempty"`
	// Try ends in an error (failed_precondition, reason "tried") where all is well, so that
	// nothing of it stays: for who must know before he does something else.
	Try bool `json:"try,omitempty"`
}

// TakeOverOut says what the sale has used, and what was let pass.
type TakeOverOut struct {
	Uses   []HeldUse `json:"uses,omitempty"`
	Waived []string  `json:"waived,omitempty"` // ids of promotions
}
