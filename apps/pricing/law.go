package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// The price for consumers in general, of an instant at a point of sale, is what
// somebody unknown pays there who buys one piece, or 1,000 of a small unit, and gives
// no code. It is worked out from lists and promotions as they were then; what is for
// some customers, groups or tiers, private sales, coupons and what needs more than one
// piece have no part in it. Goods count as the catalog has them now: a promotion on a
// category is looked for by the category that they are in. What plugins propose and
// prices set by hand at a till are not in it.

// LowestIn asks for the lowest price of the days before a reduction.
//
//bottega:example {"store":"MI-01","skus":["P0001-M"]}
type LowestIn struct {
	Store retail.StoreID `json:"store"` // point of sale
	SKUs  []retail.SKU   `json:"skus"`  // at most MaxLines
	// At is when the reduction began. 0 is the beginning of the one that is on now,
	// and now if none is.
	At retail.Instant `json:"at,omitempty"`
}

// LowestOut has one answer per SKU, in the order asked for.
type LowestOut struct {
	Currency retail.Currency `json:"currency"`
	Prices   []Lowest        `json:"prices"`
}

// Lowest is the lowest price that was applied to consumers in general in the days
// before an instant (Codice del consumo, art. 17-bis).
type Lowest struct {
	SKU     retail.SKU     `json:"sku"`
	Amount  *retail.Money  `json:"amount,omitempty"` // nil: it was not on sale
	Since   retail.Instant `json:"since"`            // beginning of the days
	Until   retail.Instant `json:"until"`            // when the reduction began
	Reduced bool           `json:"reduced"`          // a reduction is on at the instant asked for
	New     bool           `json:"new,omitempty"`    // on sale for the first time within the days: what it was on sale for counts
	Why     string         `json:"why,omitempty"`    // list or promotion that made the price
}

// HistoryOfPriceIn asks for the prices that a SKU had.
type HistoryOfPriceIn struct {
	Store  retail.StoreID `json:"store"`
	SKU    retail.SKU     `json:"sku"`
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// HistoryOfPriceOut is one page, the newest first; it begins with prices that are set
// for the year to come.
type HistoryOfPriceOut struct {
	Points []PriceSince `json:"points"`
	Cursor string       `json:"cursor,omitempty"`
}

// PriceSince is the price for consumers in general from an instant on.
type PriceSince struct {
	At       retail.Instant `json:"at"`
	Amount   *retail.Money  `json:"amount,omitempty"`   // nil: not on sale from then on
	Original *retail.Money  `json:"original,omitempty"` // that it was reduced from
	List     string         `json:"list,omitempty"`
	Why      string         `json:"why,omitempty"` // promotion that reduced it, or list
}

// EvidenceID names an evidence file.
type EvidenceID struct {
	Evidence string `json:"evidence"`
	Cursor   string `json:"cursor,omitempty"`
	Limit    int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// Evidence is what proves the percentages of an announcement: made when the promotion
// was published, or the list or its prices were put, never changed.
type Evidence struct {
	ID        string          `json:"id"`
	Promotion string          `json:"promotion,omitempty"` // either this
	Version   int64           `json:"version,omitempty"`   // … of it
	List      string          `json:"list,omitempty"`      // or this
	At        retail.Instant  `json:"at"`
	By        string          `json:"by"`
	Days      int64           `json:"days"`
	Items     []EvidenceOfSKU `json:"items"` // one page, of one store; a page may be shorter than Limit
	Cursor    string          `json:"cursor,omitempty"`
}

// EvidenceOfSKU is the prior price of one SKU at one point of sale.
type EvidenceOfSKU struct {
	Store   retail.StoreID     `json:"store"`
	SKU     retail.SKU         `json:"sku"`
	Lowest  *retail.Money      `json:"lowest,omitempty"`
	Price   retail.Money       `json:"price"`   // that is announced
	Percent retail.BasisPoints `json:"percent"` // off Lowest, rounded down
}

// Claim is what an announced list says of a price, at the point of sale where the least
// of it is true.
type Claim struct {
	Store     retail.StoreID     `json:"store"`
	Announced retail.BasisPoints `json:"announced"`
	Price     retail.Money       `json:"price"`            // for consumers in general, promotions included
	Lowest    *retail.Money      `json:"lowest,omitempty"` // nil: it was not on sale before
	Percent   retail.BasisPoints `json:"percent"`          // off Lowest, rounded down: what would be true
	Untrue    bool               `json:"untrue,omitempty"` // what is announced is false, and refused
}
