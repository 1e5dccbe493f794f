package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// State says whether a promotion counts.
type State string

// The states.
const (
	Draft  State = "draft"
	Live   State = "live"
	Paused State = "paused"
)

// Allocation says how an amount is taken off.
type Allocation string

// The allocations. "" is PerLine.
const (
	PerLine Allocation = "per_line" // off each SKU that matches, once
	Across  Allocation = "across"   // once, shared over all goods that match by what is left of them
)

// Promotion is one version of a promotion. Of its dimensions, an empty list
// asks for nothing; of one that is not empty one value must match; all lists
// must match. Goods that lack an attribute match no list that asks for it.
type Promotion struct {
	ID       string        `json:"id"`                // 1 to 64 characters
	Version  int64         `json:"version,omitempty"` // 1, 2, … ; set by PutPromotion
	Name     string        `json:"name"`              // what a cashier reads
	State    State         `json:"state,omitempty"`   // draft
	Period   retail.Period `json:"period"`            // it counts at From and no more at To
	Priority int64         `json:"priority,omitempty"`

	// Where and for whom.
	Stores         []retail.StoreID    `json:"stores,omitempty"`
	Channels       []retail.Channel    `json:"channels,omitempty"`
	Customers      []retail.CustomerID `json:"customers,omitempty"`
	CustomerGroups []string            `json:"customer_groups,omitempty"`

	// Which goods, by the ids of the catalog.
	Brands     []string     `json:"brands,omitempty"`
	Lines      []string     `json:"lines,omitempty"`
	Seasons    []string     `json:"seasons,omitempty"`
	Suppliers  []string     `json:"suppliers,omitempty"`
	Categories []string     `json:"categories,omitempty"`
	Tags       []string     `json:"tags,omitempty"`
	SKUs       []retail.SKU `json:"skus,omitempty"`

	// How much of these goods the basket must hold, by what earlier promotions
	// left of them. 0 asks for nothing.
	MinQuantity retail.Quantity `json:"min_quantity,omitempty"`
	MinAmount   retail.Money    `json:"min_amount,omitempty"`

	// What comes off: exactly one of Percent and Amount.
	Percent    retail.BasisPoints `json:"percent,omitempty"` // 2000 is 20 %, at most 10000
	Amount     retail.Money       `json:"amount,omitempty"`
	Allocation Allocation         `json:"allocation,omitempty"` // of Amount

	// Exclusive promotions work only on goods that nothing was taken off, and
	// nothing works on those goods after them.
	Exclusive bool `json:"exclusive,omitempty"`

	Changed retail.Instant `json:"changed,omitempty"` // last change; ignored in a put
}

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
