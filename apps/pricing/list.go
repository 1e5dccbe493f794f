package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// List is a price list. Empty scopes ask for nothing; of one that is not empty
// one value must match; all must.
//
//bottega:example {"id":"b2b","name":"Businesses, without VAT","currency":"EUR","net":true,"customer_groups":["business"],"period":{},"priority":30}
type List struct {
	ID             string              `json:"id"` // 1 to 64 characters
	Name           string              `json:"name"`
	Currency       retail.Currency     `json:"currency"`
	Net            bool                `json:"net,omitempty"` // prices without VAT, as for businesses
	Stores         []retail.StoreID    `json:"stores,omitempty"`
	Channels       []retail.Channel    `json:"channels,omitempty"`
	Customers      []retail.CustomerID `json:"customers,omitempty"`
	CustomerGroups []string            `json:"customer_groups,omitempty"`
	Period         retail.Period       `json:"period"`             // when it holds; {} is always
	Priority       int64               `json:"priority,omitempty"` // larger first, then by id
	// Gated lists are for private sales: they count only for who gives one of Codes,
	// and what is asked for a price without it never names them.
	Gated bool     `json:"gated,omitempty"`
	Codes []string `json:"codes,omitempty"`
	// Parent is the list that prices are worked out from by Formula, where this one
	// has no entry of its own; "" none. At most MaxDepth lists stand behind each other.
	Parent  string   `json:"parent,omitempty"`
	Formula *Formula `json:"formula,omitempty"`
	// Reduction says that the list's prices are reductions of those of the list that
	// would count without it, and not new prices.
	Reduction bool `json:"reduction,omitempty"`
	// Announced says that the reduction is advertised to everybody, so that the law on
	// prior prices holds for it (Codice del consumo, art. 17-bis), unless the list is
	// for some people only. Prices that would make what is announced false are refused.
	Announced bool `json:"announced,omitempty"`
	// Percent is what is announced of all its prices, at most 10000. 0 is, of each price,
	// what it takes off SKUPrice.Original. It is measured by LowestPrice.
	Percent  retail.BasisPoints `json:"percent,omitempty"`
	Evidence string             `json:"evidence,omitempty"` // file that the last put made; ignored in a put
	Changed  retail.Instant     `json:"changed,omitempty"`  // last change; ignored in a put
}

// Formula works a price out of another: first the percentage, then the
// surcharge, then rounding.
type Formula struct {
	Percent   retail.BasisPoints `json:"percent,omitempty"`   // -1000 is 10 % cheaper, at least -10000
	Surcharge retail.Money       `json:"surcharge,omitempty"` // below zero is cheaper
	// Step and Ending round to the prices Ending, Step+Ending, 2·Step+Ending …: 100
	// and 99 make 0.99, 1.99, 2.99. A Step of 0 is 1.
	Step   retail.Money `json:"step,omitempty"`
	Ending retail.Money `json:"ending,omitempty"` // 0 to Step-1
	Round  Nearest      `json:"round,omitempty"`
}

// Nearest says to which price a formula rounds. "" is the nearest, of two equally
// near ones the higher.
type Nearest string

// The choices.
const (
	Upwards   Nearest = "up"
	Downwards Nearest = "down"
)

// ListID names a list.
type ListID struct {
	ID string `json:"id"`
}

// ListsIn asks for a page.
type ListsIn struct {
	Cursor string `json:"cursor,omitempty"` // of the page before
	Limit  int64  `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// ListsOut is one page.
type ListsOut struct {
	Lists  []List `json:"lists"`
	Cursor string `json:"cursor,omitempty"` // "" at the end
}

// Entry is the price of a SKU in a list.
type Entry struct {
	SKU    retail.SKU   `json:"sku"`
	Amount retail.Money `json:"amount"`           // of one piece, or 1,000 of a small unit; 0 is free
	Breaks []Break      `json:"breaks,omitempty"` // rising
}

// Break is the price of every unit when a basket holds at least MinQuantity of
// the SKU.
type Break struct {
	MinQuantity retail.Quantity `json:"min_quantity"` // above 1
	Amount      retail.Money    `json:"amount"`
}

// PutEntriesIn changes a list.
//
//bottega:example {"list":"retail","entries":[{"sku":"P0001-M","amount":2990,"breaks":[{"min_quantity":3,"amount":2690}]}]}
type PutEntriesIn struct {
	List    string         `json:"list"`
	From    retail.Instant `json:"from,omitempty"` // from when on; 0 is now, and never before now
	Entries []Entry        `json:"entries,omitempty"`
	Remove  []retail.SKU   `json:"remove,omitempty"` // prices that end
	DryRun  bool           `json:"dry_run,omitempty"`
}

// PutEntriesOut counts what was other than before, and shows it.
type PutEntriesOut struct {
	Changed   int64         `json:"changed"`
	Removed   int64         `json:"removed"`
	Unchanged int64         `json:"unchanged"`
	Changes   []EntryChange `json:"changes,omitempty"`  // in a dry run
	Evidence  string        `json:"evidence,omitempty"` // id of the file that proves what is announced of them
}

// EntryChange is how a price changes.
type EntryChange struct {
	SKU retail.SKU `json:"sku"`
	Old *Entry     `json:"old,omitempty"` // nil: there was none
	New *Entry     `json:"new,omitempty"` // nil: it ends
	// Claim is what the new price announces, where that is least true; nil if nothing.
	Claim *Claim `json:"claim,omitempty"`
}

// EntriesIn asks for a page of a list's prices.
type EntriesIn struct {
	List   string         `json:"list"`
	At     retail.Instant `json:"at,omitempty"`     // as of when; 0 is now
	Cursor string         `json:"cursor,omitempty"` // of the page before
	Limit  int64          `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// EntriesOut is one page.
type EntriesOut struct {
	Entries []Entry `json:"entries"`
	Cursor  string  `json:"cursor,omitempty"` // "" at the end
}

// PriceChanges is the payload of PricesChanged: all that a price history needs.
type PriceChanges struct {
	List     string          `json:"list"`
	Currency retail.Currency `json:"currency"`
	At       retail.Instant  `json:"at"` // from when on they hold
	Entries  []Entry         `json:"entries,omitempty"`
	Removed  []retail.SKU    `json:"removed,omitempty"`
}

// PriceIn asks for list prices.
//
//bottega:example {"store":"MI-01","skus":["P0001-M","P0002-M"]}
type PriceIn struct {
	Store          retail.StoreID    `json:"store"`
	Channel        retail.Channel    `json:"channel,omitempty"` // "" is the store's
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"` // of the customer
	Codes          []string          `json:"codes,omitempty"`           // for gated lists
	At             retail.Instant    `json:"at,omitempty"`              // 0 is now
	SKUs           []retail.SKU      `json:"skus"`                      // at most MaxLines
	Quantity       retail.Quantity   `json:"quantity,omitempty"`        // for the breaks; 0 is 1
}

// PriceOut has one price per SKU, in the order asked for.
type PriceOut struct {
	Currency retail.Currency `json:"currency"`
	Prices   []SKUPrice      `json:"prices"`
}

// SKUPrice is a list price and where it comes from.
type SKUPrice struct {
	SKU      retail.SKU      `json:"sku"`
	Amount   retail.Money    `json:"amount"` // of Per units
	Per      retail.Quantity `json:"per"`
	List     string          `json:"list"`
	Net      bool            `json:"net,omitempty"`      // without VAT
	Original *retail.Money   `json:"original,omitempty"` // what a list that is a reduction reduces
}

// Cost is what a unit costs the retailer, without VAT.
type Cost struct {
	SKU    retail.SKU   `json:"sku"`
	Amount retail.Money `json:"amount"` // of one piece, or 1,000 of a small unit
}

// PutCostsIn sets and removes costs.
type PutCostsIn struct {
	Costs  []Cost       `json:"costs,omitempty"`
	Remove []retail.SKU `json:"remove,omitempty"`
}

// PutCostsOut counts what was other than before.
type PutCostsOut struct {
	Changed int64 `json:"changed"`
}

// BulkIn begins an import of any number of entries: parts are sent with PutBulk,
// then looked at, then applied or dropped.
type BulkIn struct {
	List    string         `json:"list"`
	From    retail.Instant `json:"from,omitempty"`    // as in PutEntriesIn
	Replace bool           `json:"replace,omitempty"` // prices that it does not name end
	// Change works on the entries that the list has, instead of any that are sent.
	Change *Formula `json:"change,omitempty"`
}

// BulkPart is a part of an import. Parts may be sent again; the order is free.
type BulkPart struct {
	Bulk    string  `json:"bulk"`
	Part    int64   `json:"part"` // 0, 1, 2 …
	Entries []Entry `json:"entries"`
}

// BulkID names an import.
type BulkID struct {
	Bulk string `json:"bulk"`
}

// ApplyBulkIn goes on with an import.
type ApplyBulkIn struct {
	Bulk   string `json:"bulk"`
	DryRun bool   `json:"dry_run,omitempty"` // count and show what would change
}

// Bulk is an import as far as it is.
type Bulk struct {
	ID        string         `json:"id"`
	List      string         `json:"list"`
	From      retail.Instant `json:"from,omitempty"`
	Replace   bool           `json:"replace,omitempty"`
	Change    *Formula       `json:"change,omitempty"`
	State     BulkState      `json:"state"`
	Parts     int64          `json:"parts"`
	Entries   int64          `json:"entries"` // that were sent
	Done      int64          `json:"done"`    // that were looked at or applied
	Changed   int64          `json:"changed"`
	Removed   int64          `json:"removed"`
	Unchanged int64          `json:"unchanged"`
	Begun     retail.Instant `json:"begun"`
	Applied   retail.Instant `json:"applied,omitempty"` // from when on its prices count

	// Of a list that is announced, after a run of its job: how many prices make what is
	// announced false, so that none are applied, and the percentage that would be true
	// of all that do, in basis points.
	Untrue  int64  `json:"untrue,omitempty"`
	Percent int64  `json:"percent,omitempty"`
	Refused string `json:"refused,omitempty"` // reason why it is not applied: prior_price, prior_goods or sales_calendar
	// Evidence is the id of the file that proves what is announced, once it is applied.
	Evidence string `json:"evidence,omitempty"`
}

// BulkState says where an import is.
type BulkState string

// The states.
const (
	BulkOpen      BulkState = "open" // parts may be sent
	BulkComparing BulkState = "comparing"
	BulkCompared  BulkState = "compared" // the dry run is done; it may be applied
	BulkApplying  BulkState = "applying"
	BulkApplied   BulkState = "applied"
	BulkDropping  BulkState = "dropping"
	BulkDropped   BulkState = "dropped"
)

// BulkChangesIn asks for a page of what an import changes, by SKU.
type BulkChangesIn struct {
	Bulk   string `json:"bulk"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// BulkChangesOut is one page.
type BulkChangesOut struct {
	Changes []EntryChange `json:"changes"`
	Cursor  string        `json:"cursor,omitempty"`
}
