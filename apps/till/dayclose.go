package till

import "github.com/bottega-retail/bottega/sdk/retail"

// CloseDayIn closes the day of a till, or of all tills of a store that wrote something.
type CloseDayIn struct {
	Store   retail.StoreID `json:"store"`
	Till    string         `json:"till,omitempty"` // "" is all
	Cashier string         `json:"cashier"`
}

// CloseDayOut is one day close per till, and all of them added up.
type CloseDayOut struct {
	Closes []DayClose `json:"closes"`
	Totals []DayTotal `json:"totals"` // by currency
}

// DayClose is the closing document of a till's day (in Italy: chiusura, Z). It has the
// totals of the documents that the till has written since the one before: First to Last,
// without a gap. Nothing is ever added to it: what comes later is the next one's.
type DayClose struct {
	ID     string         `json:"id"` // store/till/Z and the number: MI-01/3/Z7
	Store  retail.StoreID `json:"store"`
	Till   string         `json:"till"`
	Number int64          `json:"number"` // 1, 2, … per store and till
	Day    retail.Date    `json:"day"`    // civil day of At in the store's zone
	Zone   retail.Zone    `json:"zone"`
	At     retail.Instant `json:"at"`
	By     string         `json:"by"`
	First  int64          `json:"first"` // number of a document
	Last   int64          `json:"last"`
	Count  int64          `json:"count"`
	// Offline is how many documents it has besides, which the till wrote while it was cut
	// off and which came since the day close before, of whatever day they are.
	Offline int64      `json:"offline,omitempty"`
	Totals  []DayTotal `json:"totals"` // by currency
}

// InterimIn names a store, or one of its tills.
type InterimIn struct {
	Store retail.StoreID `json:"store"`
	Till  string         `json:"till,omitempty"`
}

// InterimOut is what the tills have written since their last day close (in Italy:
// lettura, X). Reading it changes nothing.
type InterimOut struct {
	Store  retail.StoreID `json:"store"`
	Tills  []DayTill      `json:"tills,omitempty"`  // by till
	Totals []DayTotal     `json:"totals,omitempty"` // by currency
}

// DayCloseID names a day close.
type DayCloseID struct {
	ID string `json:"id"`
}

// DayClosesIn asks for the day closes of a store, the newest first.
type DayClosesIn struct {
	Store  retail.StoreID `json:"store"`
	Day    retail.Date    `json:"day,omitempty"` // "" is all
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// DayClosesOut is one page.
type DayClosesOut struct {
	Closes []DayClose `json:"closes"`
	Cursor string     `json:"cursor,omitempty"` // "" at the end
}
