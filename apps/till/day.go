package till

import "github.com/bottega-retail/bottega/sdk/retail"

// DayIn names a store's civil day.
type DayIn struct {
	Store retail.StoreID `json:"store"`
	Day   retail.Date    `json:"day"` // in the store's zone
}

// DayOut is a day added up, per currency.
type DayOut struct {
	Store  retail.StoreID `json:"store"`
	Day    retail.Date    `json:"day"`
	Totals []DayTotal     `json:"totals,omitempty"` // by currency
	Tills  []DayTill      `json:"tills,omitempty"`  // by till
}

// DayTotal is what the documents of one currency come to.
type DayTotal struct {
	Currency retail.Currency   `json:"currency"`
	Kinds    []DayKind         `json:"kinds"` // by kind
	Discount retail.Money      `json:"discount"`
	Total    retail.Money      `json:"total"`
	Rounding retail.Money      `json:"rounding"`
	Tenders  []DayTender       `json:"tenders"` // by type; cash less change
	VAT      []retail.VATShare `json:"vat"`     // by rate: the sum of what the documents say

	VATPaid     []retail.VATShare `json:"vat_paid,omitempty"`    // by rate: see Receipt
	Departments []DayDepartment   `json:"departments,omitempty"` // by department
}

// DayKind counts documents.
type DayKind struct {
	Kind  Kind         `json:"kind"`
	Count int64        `json:"count"`
	Total retail.Money `json:"total"`
}

// DayTender is what was paid with one tender, less what was given back.
type DayTender struct {
	Type   string       `json:"type"`
	Amount retail.Money `json:"amount"`
}

// DayDepartment is what the goods of a department came to, after discounts.
type DayDepartment struct {
	Department string       `json:"department"` // category of the goods; "" without one
	Total      retail.Money `json:"total"`
}

// DayTill says which numbers a till wrote.
type DayTill struct {
	Till  string `json:"till"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	Count int64  `json:"count"`
	// Offline counts the documents without a number, which the till wrote while it was cut
	// off. Only of Interim.
	Offline int64 `json:"offline,omitempty"`
}

// VerifyIn asks for the documents after a cursor.
type VerifyIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // documents, 1 to MaxPage; 0 is 50
}

// VerifyOut is the verdict on one page.
type VerifyOut struct {
	Checked int64         `json:"checked"`          // documents
	Closes  int64         `json:"closes"`           // day closes
	Totals  []VerifyTotal `json:"totals,omitempty"` // of the page, by currency
	Faults  []VerifyFault `json:"faults"`           // empty is well
	Cursor  string        `json:"cursor,omitempty"` // "" at the end
}

// VerifyTotal adds documents up.
type VerifyTotal struct {
	Currency retail.Currency `json:"currency"`
	Count    int64           `json:"count"`
	Total    retail.Money    `json:"total"`
}

// VerifyFault is a document that breaks a promise. Reasons: "gap" (Want and Got
// are numbers), "last" (the series says another last number), "lines" (their
// sum), "shares", "tenders", "vat", "day", "returned" (more units than sold),
// "exchange" (the two documents differ), "deposit" (what used it says otherwise), "closing" (it belongs to another day close),
// "offline" (a till wrote it cut off, and nobody knows that it came).
// Of a day close, whose id stands for the receipt's: "gap" (of its number, or of the
// numbers of its documents) and "close" (a total is not the sum of its documents; Total
// says which).
type VerifyFault struct {
	Receipt string `json:"receipt"`
	Reason  string `json:"reason"`
	Total   string `json:"total,omitempty"` // of a day close: EUR/tender/cash
	Want    int64  `json:"want"`
	Got     int64  `json:"got"`
}
