package till

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Limits of one Sync.
const (
	MaxSynced  = 20      // documents
	MaxOffline = 999_999 // sequence
)

// SyncIn is documents that one till wrote while it was cut off, in any order, as often as
// it likes.
//
//bottega:example {"store":"MI-01","till":"3","sent":"2026-11-21T18:30:00Z","documents":[{"day":"2026-11-21","sequence":1,"uuid":"0197e1f2-0000-7000-8000-000000000001","kind":"sale","at":"2026-11-21T16:05:00Z","cashier":"ada","total":2990,"lines":[{"sku":"P0001-M","quantity":1,"unit_price":2990,"total":2990,"goods":{"product":"P0001","description":"Shirt","kind":"goods","unit":"piece","vat_rate":2200}}],"tenders":[{"type":"cash","amount":2990}]}]}
type SyncIn struct {
	Store     retail.StoreID    `json:"store"`
	Till      string            `json:"till"`
	Sent      retail.Instant    `json:"sent"`      // now, by the till's clock
	Documents []OfflineDocument `json:"documents"` // at most MaxSynced
}

// SyncOut has one result per document, in their order.
type SyncOut struct {
	Results []Synced `json:"results"`
}

// OfflineDocument is a sale, a return or a void that a till wrote on its own. Its key is
// store, till, day and sequence; its UUID stands for its body. What it says is what happened
// at the counter: prices, discounts and shares are facts and are not worked out again, but
// they must add up.
//
// Of a return and a void all amounts and quantities are above zero: it is Kind that says
// that they go back.
type OfflineDocument struct {
	Day      retail.Date       `json:"day"`      // civil day of At in the store's zone
	Sequence int64             `json:"sequence"` // 1, 2, … per till and day, at most MaxOffline
	UUID     string            `json:"uuid"`     // 8 to 64 characters, never used for another document
	Kind     Kind              `json:"kind"`     // sale, return or void
	At       retail.Instant    `json:"at"`       // by the till's clock
	Cashier  string            `json:"cashier"`
	Channel  retail.Channel    `json:"channel,omitempty"` // "" is the store's
	Customer retail.CustomerID `json:"customer,omitempty"`
	Currency retail.Currency   `json:"currency,omitempty"` // "" is the store's
	Lines    []OfflineLine     `json:"lines,omitempty"`    // of a sale and a return
	Total    retail.Money      `json:"total"`              // of the lines
	Rounding retail.Money      `json:"rounding,omitempty"` // of a document wholly in cash
	Tenders  []Payment         `json:"tenders"`            // Σ tenders − change = total + rounding
	Change   retail.Money      `json:"change,omitempty"`   // of a sale, in cash
	Grants   []pricing.Grant   `json:"grants,omitempty"`   // of a sale
	Original string            `json:"original,omitempty"` // of a return and a void: the sale, by its id
	Reason   string            `json:"reason,omitempty"`   // of a return and a void
	Slips    []string          `json:"slips,omitempty"`    // of pricing.allot, that it used
	Codes    []string          `json:"codes,omitempty"`    // of promotions and coupons that the customer gave
	TaxCode  string            `json:"tax_code,omitempty"`
}

// OfflineLine is goods of one.
type OfflineLine struct {
	SKU            retail.SKU        `json:"sku,omitempty"`        // of a sale
	Quantity       retail.Quantity   `json:"quantity"`             // above zero
	UnitPrice      retail.Money      `json:"unit_price,omitempty"` // of Per units, before discounts
	Per            retail.Quantity   `json:"per,omitempty"`        // 0 is that of the goods' unit
	PriceList      string            `json:"price_list,omitempty"`
	Discount       retail.Money      `json:"discount,omitempty"` // what Applied sums to
	Total          retail.Money      `json:"total"`              // less Discount
	UnitShares     []pricing.Share   `json:"unit_shares,omitempty"`
	Applied        []pricing.Applied `json:"applied,omitempty"`
	OverrideReason string            `json:"override_reason,omitempty"`
	ApprovedBy     string            `json:"approved_by,omitempty"`
	Goods          *pricing.Goods    `json:"goods,omitempty"` // of a sale, as the till knew them: at least product, description and VAT rate
	Code           string            `json:"code,omitempty"`  // of a gift card that was sold
	// Line is the line of the sale that units of come back, and From how many units of it
	// had come back before: by this the host takes returns in the order they happened.
	Line       string          `json:"line,omitempty"`
	From       retail.Quantity `json:"from,omitempty"`
	Quarantine bool            `json:"quarantine,omitempty"` // not back on sale
}

// Synced is what became of a document. The same document has the same answer however often
// it is sent, until somebody decides about it.
type Synced struct {
	Day      retail.Date  `json:"day"`
	Sequence int64        `json:"sequence"`
	State    OfflineState `json:"state"`
	ID       string       `json:"id,omitempty"`      // of its record
	Receipt  string       `json:"receipt,omitempty"` // of one that was taken
	Reason   string       `json:"reason,omitempty"`  // why it was not
	Pointer  string       `json:"pointer,omitempty"` // into the document
	Message  string       `json:"message,omitempty"`
}

// OfflineState says where a document is that a till wrote on its own.
type OfflineState string

// The states.
const (
	OfflineTaken       OfflineState = "taken"       // it is a receipt
	OfflineWaiting     OfflineState = "waiting"     // for the sale that it undoes, or an earlier return of it
	OfflineQuarantined OfflineState = "quarantined" // for somebody to decide
	OfflineDiscarded   OfflineState = "discarded"   // somebody has decided that it is none
	OfflineRefused     OfflineState = "refused"     // it has no key: nothing is kept of it
)

// OfflineRecord is what the host keeps of a document that a till wrote on its own. One that
// is waiting or in quarantine is kept whole, but for codes: of these the last characters.
type OfflineRecord struct {
	ID       string            `json:"id"` // store/till/day-sequence; of another body under a key that is taken, # and its digest behind
	State    OfflineState      `json:"state"`
	Store    retail.StoreID    `json:"store"`
	Till     string            `json:"till"`
	Day      retail.Date       `json:"day"`
	Sequence int64             `json:"sequence"`
	UUID     string            `json:"uuid"`
	Kind     Kind              `json:"kind"`
	At       retail.Instant    `json:"at"`       // by the till's clock
	Sent     retail.Instant    `json:"sent"`     // by the till's clock
	Received retail.Instant    `json:"received"` // by the host's, the first time
	Customer retail.CustomerID `json:"customer,omitempty"`
	Currency retail.Currency   `json:"currency,omitempty"`
	Total    retail.Money      `json:"total"`
	Digest   string            `json:"digest"`            // of the document as it came
	Reason   string            `json:"reason,omitempty"`  // why it waits or is in quarantine: see Sync
	Why      string            `json:"why,omitempty"`     // more of it
	Pointer  string            `json:"pointer,omitempty"` // into Document
	Other    string            `json:"other,omitempty"`   // record of the document that has its key, or its UUID
	Waits    string            `json:"waits,omitempty"`   // for this sale
	Receipt  string            `json:"receipt,omitempty"` // that it became
	Waived   []string          `json:"waived,omitempty"`  // promotions that are counted to no limit
	By       string            `json:"by,omitempty"`      // who decided about it
	Decided  retail.Instant    `json:"decided,omitempty"`
	Note     string            `json:"note,omitempty"` // why he decided so
	// Sealed says that Document had codes, which are not kept. One that waits is taken when
	// it is sent again; who accepts one gives them again.
	Sealed   bool             `json:"sealed,omitempty"`
	Document *OfflineDocument `json:"document,omitempty"` // nil of one that was taken
}

// OfflineID names a record.
type OfflineID struct {
	ID string `json:"id"`
}

// OfflineOut is a record with what stands beside it.
type OfflineOut struct {
	Record  OfflineRecord  `json:"record"`
	Other   *OfflineRecord `json:"other,omitempty"`   // that has its key, or its UUID
	Receipt *Receipt       `json:"receipt,omitempty"` // that this, or the other, became
}

// OfflineDocumentsIn asks for records of a store in one state, the newest first.
type OfflineDocumentsIn struct {
	Store  retail.StoreID `json:"store"`
	State  OfflineState   `json:"state,omitempty"` // "" is quarantined
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// OfflineDocumentsOut is one page, without the documents themselves.
type OfflineDocumentsOut struct {
	Documents []OfflineRecord `json:"documents"`
	Cursor    string          `json:"cursor,omitempty"`
}

// OfflineDayIn names a till's civil day.
type OfflineDayIn struct {
	Store retail.StoreID `json:"store"`
	Till  string         `json:"till"`
	Day   retail.Date    `json:"day"`
}

// OfflineDayOut says what has come of the documents that a till wrote on its own on a day.
type OfflineDayOut struct {
	Taken       int64   `json:"taken"`
	Waiting     int64   `json:"waiting"`
	Quarantined int64   `json:"quarantined"`
	Discarded   int64   `json:"discarded"`
	Last        int64   `json:"last"`              // sequence
	Missing     []int64 `json:"missing,omitempty"` // sequences below Last that never came, the first MaxPage
}

// AcceptOfflineIn takes a document over that is in quarantine or waits.
type AcceptOfflineIn struct {
	ID   string `json:"id"`
	By   string `json:"by"`   // who decides, 1 to 64 characters
	Note string `json:"note"` // why, 1 to 200 characters
	// Waive lets promotions pass that no slip covers: they stay on the receipt and are
	// counted to no limit and no budget.
	Waive    bool      `json:"waive,omitempty"`
	Sequence int64     `json:"sequence,omitempty"` // another number of its day, where its own is taken
	Tenders  []Payment `json:"tenders,omitempty"`  // how it was paid in the end, instead of what it says
	// Document is the whole document as it should be, of the same till. Absent, it is taken
	// as it came.
	Document *OfflineDocument `json:"document,omitempty"`
}

// DiscardOfflineIn decides that a document is none. It stays to be read.
type DiscardOfflineIn struct {
	ID   string `json:"id"`
	By   string `json:"by"`
	Note string `json:"note"`
}

// Offline is what a receipt keeps of how it came to the host.
type Offline struct {
	Sequence int64          `json:"sequence"` // of the till and day
	UUID     string         `json:"uuid"`
	Sent     retail.Instant `json:"sent"`     // by the till's clock, as At is
	Received retail.Instant `json:"received"` // by the host's
	Closing  string         `json:"closing"`  // id of the day close that it belongs to
	By       string         `json:"by,omitempty"`
}
