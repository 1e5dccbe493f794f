package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// PromotionID names a promotion.
type PromotionID struct {
	ID string `json:"id"`
}

// GetPromotionIn names a version of a promotion.
type GetPromotionIn struct {
	ID      string `json:"id"`
	Version int64  `json:"version,omitempty"` // 0 is the newest
}

// PromotionsIn selects promotions.
type PromotionsIn struct {
	State  State  `json:"state,omitempty"`  // "" is all
	Cursor string `json:"cursor,omitempty"` // of the page before
	Limit  int64  `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// PromotionsOut is one page.
type PromotionsOut struct {
	Promotions []Promotion `json:"promotions"`
	Cursor     string      `json:"cursor,omitempty"` // "" at the end
}

// HistoryIn asks what was done to a promotion.
type HistoryIn struct {
	ID     string `json:"id"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// HistoryOut is one page, the newest first.
type HistoryOut struct {
	Steps  []HistoryStep `json:"steps"`
	Cursor string        `json:"cursor,omitempty"`
}

// HistoryStep is one thing that somebody did to a promotion.
type HistoryStep struct {
	At         retail.Instant `json:"at"`
	By         string         `json:"by"`
	What       string         `json:"what"` // put, published, paused, resumed or ended
	Version    int64          `json:"version"`
	Generation int64          `json:"generation,omitempty"` // from which quotes see it
}

// Finding is what lint says of a promotion.
type Finding struct {
	Severity Severity     `json:"severity"`
	Reason   string       `json:"reason"`            // overlap, below_floor, unreachable, prior_price, sales_calendar, collision, unfunded …
	Message  string       `json:"message"`           // in English; people read it from Reason and Fields
	With     []string     `json:"with,omitempty"`    // promotions that it is about
	SKUs     []retail.SKU `json:"skus,omitempty"`    // at most 20 that it is about; for below_floor the worst first
	Percent  int64        `json:"percent,omitempty"` // for prior_price: the percentage that would be true, in basis points
	// Amount is, for prior_price, the amount off that would be true and, for below_floor,
	// what is missing at the worst SKU for its cost, without VAT.
	Amount *retail.Money `json:"amount,omitempty"`
	Found  int64         `json:"found,omitempty"`  // for below_floor: SKUs that it is about
	Looked int64         `json:"looked,omitempty"` // … of those with a known cost that were looked at
}

// Severity says how bad a finding is.
type Severity string

// The severities. What is Refused is not published.
const (
	Note    Severity = "note"
	Warning Severity = "warning"
	Refused Severity = "refused"
)

// LintOut is all that lint found, the worst first.
type LintOut struct {
	Findings []Finding `json:"findings"`
}

// PublishIn puts a version live.
//
//bottega:example {"id":"shirts-3-for-2","accept":["overlap"]}
type PublishIn struct {
	ID      string `json:"id"`
	Version int64  `json:"version,omitempty"` // 0 is the newest
	// Accept names the reasons of warnings that somebody has read; without it any
	// warning but a note refuses.
	Accept []string `json:"accept,omitempty"`
}

// PublishOut is a promotion that is live.
type PublishOut struct {
	Promotion  Promotion `json:"promotion"`
	Generation int64     `json:"generation"` // from which quotes see it
	Findings   []Finding `json:"findings,omitempty"`
	Evidence   string    `json:"evidence,omitempty"` // id of the file that proves the prior prices
}
