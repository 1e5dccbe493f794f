package pricing

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// RecomputeKept says what the promotions of a document would have taken off the goods
// that a customer keeps, if these alone had been bought: of the promotions whose policy
// is [Recompute], in the version that the document names. Who, where and when was
// asked at the sale and counts as met, as do codes and limits; a budget that gave a part
// gives no more. What the others took off stays on the goods as it was, in its place in
// the order of work.
//
// It answers for what it can prove: first it prices all the goods of the document, and
// a promotion that comes to another amount than the document keeps is not worked out
// again (RecomputeDiffers). It writes nothing and asks no other app. It answers for the
// promotions of all stores, since goods come back anywhere.
//
// Errors: invalid, reason "lines" (none, one without units, with more kept than there
// are, or without an amount for each of Applied); too_large, reason "lines" or "amount".
var RecomputeKept = sdk.Query[RecomputeIn, RecomputeOut]{Name: "pricing.recompute"}

// RecomputeIn is a document of a sale, and what of its goods is kept.
//
//bottega:example {"applied":[{"promotion":"3-for-2","version":1,"amount":2000,"refund":"recompute"}],"lines":[{"id":"1","sku":"P0001-M","quantity":3,"kept":2,"unit_price":2000,"per":1,"goods":{"product":"P0001","description":"Shirt","kind":"goods","unit":"piece","vat_rate":2200},"applied":[{"promotion":"3-for-2","version":1,"amount":2000}],"stays":[1333]}]}
type RecomputeIn struct {
	Applied []Applied       `json:"applied"` // to the whole document, in the order they worked
	Lines   []RecomputeLine `json:"lines"`   // at most 2 × MaxLines
	// Each asks for every line too what would be if the rest of it came back as well.
	Each bool `json:"each,omitempty"`
}

// RecomputeLine is a line of the document, as it keeps it.
type RecomputeLine struct {
	ID            string          `json:"id"`
	SKU           retail.SKU      `json:"sku"`
	Quantity      retail.Quantity `json:"quantity"`   // that was sold
	Kept          retail.Quantity `json:"kept"`       // of it
	UnitPrice     retail.Money    `json:"unit_price"` // of Per units, before discounts
	Per           retail.Quantity `json:"per"`
	PriceOverride bool            `json:"price_override,omitempty"`
	Added         bool            `json:"added,omitempty"` // a promotion has added it
	Goods         Goods           `json:"goods"`
	Applied       []Applied       `json:"applied,omitempty"` // to all that was sold
	Stays         []retail.Money  `json:"stays,omitempty"`   // of each of Applied, what belongs to the units that are kept
}

// RecomputeOut is what promotions give for the goods that are kept.
type RecomputeOut struct {
	Promotions []Recomputed      `json:"promotions,omitempty"` // whose policy is recompute, in the order of Applied
	Each       []RecomputedEvery `json:"each,omitempty"`       // by line, of those with units that are kept
}

// RecomputedEvery is RecomputeOut.Promotions if the rest of a line came back too.
type RecomputedEvery struct {
	Line       string       `json:"line"`
	Promotions []Recomputed `json:"promotions"`
}

// Recomputed is one promotion. What the goods no longer earn is Share less Earned, which
// is below zero where they earn more.
type Recomputed struct {
	Promotion string          `json:"promotion"`
	Version   int64           `json:"version"`
	Share     retail.Money    `json:"share"`            // that it took off the goods which are kept, by the document
	Earned    retail.Money    `json:"earned"`           // that it would have taken off these alone
	Reason    RecomputeReason `json:"reason,omitempty"` // why it was not worked out again: Earned is Share
}

// RecomputeReason says why a promotion was not worked out again.
type RecomputeReason string

// The reasons.
const (
	RecomputeGone    RecomputeReason = "gone"    // its version is no longer there
	RecomputeDiffers RecomputeReason = "differs" // it would come to something else for all the goods than the document keeps
)

// Withheld is what a return refunds less because of a promotion that the goods which
// are kept no longer earn; below zero is what it gives back of what earlier returns of
// the same sale withheld.
type Withheld struct {
	Promotion string          `json:"promotion"`
	Version   int64           `json:"version,omitempty"`
	Name      string          `json:"name,omitempty"` // as in Applied
	Amount    retail.Money    `json:"amount"`
	Reason    RecomputeReason `json:"reason,omitempty"` // why nothing was withheld though its policy is recompute
}
