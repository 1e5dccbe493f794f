package stock

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// OpenCount begins a count of a place while it goes on trading. Several people scan into
// one sheet; a place has one open sheet. Nothing moves before CloseCount.
// Errors: not_found, reason "place"; conflict, reason "counting" (the place has an open
// sheet, Fields["id"]); invalid, reason "name" or as Sell; too_large, reason "skus" (more
// than MaxListed); failed_precondition, reason "in_transit"; denied, reason "store".
var OpenCount = sdk.Command[OpenCountIn, CountSheet]{Name: "stock.open_count"}

// Scan adds what somebody has counted to a sheet. For each SKU it keeps what was on hand
// at this instant, so that what moves before and after makes no difference: what counts
// is the last scan of a SKU. Where something moved between two scans of it, the line says
// so, since nobody can know whether that was counted: count it again.
// Errors: not_found, reason "count" or "sku"; failed_precondition, reason "closed"; invalid,
// reason "not_goods" or as Count; too_large, reason "lines"; denied, reason "store".
var Scan = sdk.Command[ScanIn, ScanOut]{Name: "stock.scan"}

// CloseCount writes the differences: for each SKU that was scanned, what was counted
// less what was on hand at its last scan moves from or to adjustment. Long sheets are
// written in several movements, the later ones after the answer; CountClosed tells when
// all are. Closing again changes nothing.
// Errors: not_found, reason "count"; failed_precondition, reason "closed" (it was
// abandoned); denied, reason "store".
var CloseCount = sdk.Command[CloseCountIn, CountSheet]{Name: "stock.close_count"}

// AbandonCount throws an open sheet away: nothing moves. Abandoning again changes
// nothing. Errors: those of CloseCount (it was closed).
var AbandonCount = sdk.Command[CountID, CountSheet]{Name: "stock.abandon_count"}

// Counts lists sheets, the newest first. Errors: denied, reason "store".
var Counts = sdk.Query[CountsIn, CountsOut]{Name: "stock.counts"}

// CountLines lists the lines of a sheet, by SKU.
// Errors: not_found, reason "count"; denied, reason "store".
var CountLines = sdk.Query[CountLinesIn, CountLinesOut]{Name: "stock.count_lines"}

// CountClosed is emitted once per sheet, when all its differences are written.
var CountClosed = sdk.Event[CountSheet]{
	Name: "stock.count_closed",
	Key:  func(s *CountSheet) string { return string(s.Place) },
}

// MaxListed is how many SKUs a sheet may list when it is opened.
const MaxListed = 400

// CountState says where a sheet stands.
type CountState string

// The states.
const (
	CountOpen      CountState = "open"
	CountClosing   CountState = "closing" // differences are being written
	CountDone      CountState = "closed"
	CountAbandoned CountState = "abandoned"
)

// OpenCountIn is what is to be counted.
type OpenCountIn struct {
	Place PlaceID      `json:"place"`
	Name  string       `json:"name"`           // of the count and its movements, 1 to 100 characters
	SKUs  []retail.SKU `json:"skus,omitempty"` // that must be found or be missing; others may be scanned too
}

// ScanIn is what somebody has counted.
type ScanIn struct {
	ID      string     `json:"id"`
	Lines   []Counting `json:"lines"`             // Actual is added to what was scanned before; zero says that there was nothing
	Replace bool       `json:"replace,omitempty"` // forget earlier scans of these SKUs
}

// ScanOut is the lines of the SKUs that were scanned.
type ScanOut struct {
	Lines []CountLine `json:"lines"`
}

// CloseCountIn closes a sheet.
type CloseCountIn struct {
	ID string `json:"id"`
	// Missing says that listed SKUs that nobody has scanned are not there. Otherwise they
	// stay as they are.
	Missing bool `json:"missing,omitempty"`
}

// CountID names a sheet.
type CountID struct {
	ID string `json:"id"`
}

// CountSheet is a count of a place.
type CountSheet struct {
	ID          string         `json:"id"` // ULID
	Name        string         `json:"name"`
	State       CountState     `json:"state"`
	Place       PlaceID        `json:"place"`
	Store       retail.StoreID `json:"store,omitempty"`
	Opened      retail.Instant `json:"opened"`
	Closed      retail.Instant `json:"closed,omitempty"`
	Actor       string         `json:"actor,omitempty"`       // principal who opened it
	Missing     bool           `json:"missing,omitempty"`     // as it was closed
	Differences int64          `json:"differences,omitempty"` // SKUs, so far
	Movements   []string       `json:"movements,omitempty"`   // ids
}

// CountLine is what was counted of a SKU.
type CountLine struct {
	SKU        retail.SKU      `json:"sku"`
	Listed     bool            `json:"listed,omitempty"` // when the sheet was opened
	Scans      int64           `json:"scans"`
	Counted    retail.Quantity `json:"counted"`           // all scans together
	Expected   retail.Quantity `json:"expected"`          // on hand at the last scan
	Difference retail.Quantity `json:"difference"`        // Counted less Expected; 0 while nobody has scanned
	Moved      bool            `json:"moved,omitempty"`   // something moved between scans: count again
	Last       retail.Instant  `json:"last,omitempty"`    // scan
	Actors     []string        `json:"actors,omitempty"`  // who scanned, sorted
	Written    bool            `json:"written,omitempty"` // the difference has moved
}

// CountsIn selects sheets; empty fields do not.
type CountsIn struct {
	Store  retail.StoreID `json:"store,omitempty"`
	State  CountState     `json:"state,omitempty"`
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// CountsOut is one page. It may hold fewer than Limit although Cursor is set.
type CountsOut struct {
	Counts []CountSheet `json:"counts"`
	Cursor string       `json:"cursor,omitempty"` // "" at the end
}

// CountLinesIn selects lines of a sheet.
type CountLinesIn struct {
	ID     string `json:"id"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// CountLinesOut is one page.
type CountLinesOut struct {
	Lines  []CountLine `json:"lines"`
	Cursor string      `json:"cursor,omitempty"` // "" at the end
}
