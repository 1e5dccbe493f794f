package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// Batch is a number of coupons of one kind. Its codes are 16 characters of 31 that
// nobody confuses, in groups of four: 74 random bits and a check character. Only
// their hashes are kept; who drew them reads them once.
//
// A quote and ValidateCode, which write nothing, cannot count who guesses. What keeps
// codes is that there is nothing to guess: with a million codes out, a million
// guesses a second find one in 600 years. A basket looks no further after three codes
// that nobody knows, and the host bounds what one principal may ask. Short codes of
// others, which [ImportOut] counts as weak, need a brake for each visitor where
// visitors are known: in front of Bottega, or whoever guesses would lock out all
// customers of one web shop.
//
//bottega:example {"id":"welcome","name":"Welcome, 10.00 off","kind":"single","period":{"to":"2027-01-01T00:00:00Z"}}
type Batch struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Kind       BatchKind      `json:"kind,omitempty"` // "" is single
	Uses       int64          `json:"uses,omitempty"` // of each code; 0 is 1, and for shared any number
	Period     retail.Period  `json:"period"`
	Drawn      int64          `json:"drawn,omitempty"`        // codes that there are
	Imported   int64          `json:"imported,omitempty"`     // of these
	Redeemed   int64          `json:"redeemed,omitempty"`     // uses
	KeepOnVoid bool           `json:"keep_on_void,omitempty"` // a sale that is cancelled gives no use back
	Changed    retail.Instant `json:"changed,omitempty"`
}

// BatchKind says who may use the coupons of a batch.
type BatchKind string

// The kinds.
const (
	Single   BatchKind = "single"   // who has the code, Uses times
	Personal BatchKind = "personal" // the customer that a code belongs to
)

// BatchID names a batch.
type BatchID struct {
	Batch string `json:"batch"`
}

// BatchesIn asks for a page.
type BatchesIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// BatchesOut is one page.
type BatchesOut struct {
	Batches []Batch `json:"batches"`
	Cursor  string  `json:"cursor,omitempty"`
}

// DrawIn makes new codes.
type DrawIn struct {
	Batch     string              `json:"batch"`
	Count     int64               `json:"count,omitempty"`     // at most MaxDraw; exactly one of this
	Customers []retail.CustomerID `json:"customers,omitempty"` // … and of these: one code for each
}

// DrawOut is the codes. They are not shown again.
type DrawOut struct {
	Codes []string `json:"codes"`
}

// ImportIn takes codes that others have made.
type ImportIn struct {
	Batch string       `json:"batch"`
	Codes []ImportCode `json:"codes"` // at most MaxDraw
}

// ImportCode is one of them.
type ImportCode struct {
	Code     string            `json:"code"` // 4 to 128 characters
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// ImportOut counts what became of them.
type ImportOut struct {
	Added   int64 `json:"added"`
	Weak    int64 `json:"weak,omitempty"` // of Added: shorter than 12 characters, so that trying may find them
	Present int64 `json:"present"`        // in this batch before
	Taken   int64 `json:"taken"`          // in another
}

// ValidateIn asks whether a code would help.
//
//bottega:example {"code":"DEMO-BENVENUTO-2026","store":"MI-01"}
type ValidateIn struct {
	Code     string            `json:"code"`
	Store    retail.StoreID    `json:"store,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
}

// ValidateOut tells strangers only what cannot be guessed from.
type ValidateOut struct {
	Valid      bool     `json:"valid"`
	Reason     string   `json:"reason,omitempty"` // unknown, expired or limit
	Left       int64    `json:"left,omitempty"`   // uses of the code; 0 of one without limit
	Promotions []string `json:"promotions,omitempty"`
}

// HoldIn holds what a quote promises: uses of coupons and promotions, and money of
// budgets. It is given back unless Confirm comes before it expires. What cannot be
// had any more, the basket is priced without; Expect and a token make that an error.
//
//bottega:example {"id":"order-1001","basket":{"store":"MI-01","lines":[{"sku":"P0001-M","quantity":1}]},"minutes":15}
type HoldIn struct {
	ID     string  `json:"id"` // of the caller's document: holding it again changes nothing
	Basket QuoteIn `json:"basket"`
	Sale   bool    `json:"sale,omitempty"` // confirm at once
	// Expect is what the customer was told; another total is quote_changed.
	Expect *retail.Money `json:"expect,omitempty"`
	// Minutes until what is held is given back; 0 is 15, at most 24 hours.
	Minutes int64 `json:"minutes,omitempty"`
}

// HoldOut is the basket as it was priced, and what is held for it.
type HoldOut struct {
	Quote   QuoteOut       `json:"quote"`
	Expires retail.Instant `json:"expires,omitempty"`
}

// HoldID names a hold by its document.
type HoldID struct {
	ID string `json:"id"`
}

// HoldState says where a hold is.
type HoldState string

// The states.
const (
	Held      HoldState = "held"
	Confirmed HoldState = "confirmed"
	Released  HoldState = "released"
)

// Hold is what is held for a document.
type Hold struct {
	ID      string         `json:"id"`
	State   HoldState      `json:"state"`
	Uses    []HeldUse      `json:"uses,omitempty"`
	Expires retail.Instant `json:"expires,omitempty"`
}

// HeldUse is one use, of a promotion and the code that brought it.
type HeldUse struct {
	Promotion string            `json:"promotion"`
	Version   int64             `json:"version"`
	Amount    retail.Money      `json:"amount"`
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Store     retail.StoreID    `json:"store,omitempty"`
	Coupon    string            `json:"coupon,omitempty"` // hash of the code, "" of a shared one
	Batch     string            `json:"batch,omitempty"`
}

// BudgetIn asks what is left of a promotion.
type BudgetIn struct {
	ID    string         `json:"id"`
	Store retail.StoreID `json:"store,omitempty"` // and of its budget for this store
}

// BudgetOut is what was used of a promotion's limits, holds included.
type BudgetOut struct {
	Uses       int64         `json:"uses"`
	UsesLeft   *int64        `json:"uses_left,omitempty"`
	Spent      retail.Money  `json:"spent"`
	Left       *retail.Money `json:"left,omitempty"`
	StoreSpent retail.Money  `json:"store_spent,omitempty"`
	StoreLeft  *retail.Money `json:"store_left,omitempty"`
}
