package till

import "github.com/bottega-retail/bottega/sdk/retail"

// FiscalKind is what a fiscal device does.
type FiscalKind string

// The kinds.
const (
	FiscalSale   FiscalKind = "sale"
	FiscalReturn FiscalKind = "return"
	FiscalVoid   FiscalKind = "void"
	FiscalClose  FiscalKind = "close" // of the day: the device's own Z
)

// FiscalState says how far a job is.
type FiscalState string

// The states.
const (
	FiscalWaiting FiscalState = "waiting" // for the sale that it cites, or around a day close
	FiscalQueued  FiscalState = "queued"  // the device is asked
	FiscalStuck   FiscalState = "stuck"   // Trouble says why
	FiscalDone    FiscalState = "fiscalised"
)

// FiscalReference is what a fiscal device says of a document: its serial number, its day
// (Z) and the document's number in it. Of a day close Number is 0.
type FiscalReference struct {
	Serial string         `json:"serial"`
	Z      int64          `json:"z"`
	Number int64          `json:"number,omitempty"`
	At     retail.Instant `json:"at"` // by the device's clock
}

// FiscalJob is one document, or day close, on its way through a fiscal device.
type FiscalJob struct {
	Document      string           `json:"document"` // its id, or that of the day close
	Kind          FiscalKind       `json:"kind"`
	State         FiscalState      `json:"state"`
	Trouble       string           `json:"trouble,omitempty"` // paper, cover, offline, refused, unknown, driver, …
	Store         retail.StoreID   `json:"store"`
	Till          string           `json:"till"`
	Driver        string           `json:"driver"`
	Device        string           `json:"device"`
	Currency      retail.Currency  `json:"currency,omitempty"`
	Total         retail.Money     `json:"total,omitempty"`
	Fiscal        *FiscalReference `json:"fiscal,omitempty"`
	At            retail.Instant   `json:"at"` // of the document
	Changed       retail.Instant   `json:"changed"`
	SettledBy     string           `json:"settled_by,omitempty"`
	SettledReason string           `json:"settled_reason,omitempty"`
}

// FiscalJobID names a document, or a day close.
type FiscalJobID struct {
	Document string `json:"document"`
}

// FiscalJobsIn names a store.
type FiscalJobsIn struct {
	Store retail.StoreID `json:"store"`
}

// FiscalJobsOut is what is open, at most MaxPage.
type FiscalJobsOut struct {
	Jobs []FiscalJob `json:"jobs"`
}

// SettleFiscalIn says what a document's number really is.
type SettleFiscalIn struct {
	Document string         `json:"document"`
	Serial   string         `json:"serial"`           // of the device, or of the block of emergency receipts; 1 to 64 characters
	Z        int64          `json:"z,omitempty"`      // 0 on paper
	Number   int64          `json:"number,omitempty"` // above zero, but for a day close
	At       retail.Instant `json:"at,omitempty"`     // absent: now
	Reason   string         `json:"reason"`           // 1 to 200 characters
}
