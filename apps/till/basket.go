package till

import "github.com/bottega-retail/bottega/sdk/retail"

// OpenIn says where a basket is begun and for whom.
type OpenIn struct {
	Store          retail.StoreID    `json:"store"`
	Till           string            `json:"till"` // 1 to 32 characters, no slash
	Cashier        string            `json:"cashier"`
	Channel        retail.Channel    `json:"channel,omitempty"` // "" is the store's
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Tier           string            `json:"tier,omitempty"`        // of the customer
	PastOrders     *int64            `json:"past_orders,omitempty"` // of the customer; absent if nobody knows
	Codes          []string          `json:"codes,omitempty"`       // of promotions and coupons, as SetCodes takes them
}

// Basket is goods on the counter. An open one is forgotten after 30 days.
type Basket struct {
	ID             string            `json:"id"` // ULID
	State          BasketState       `json:"state"`
	Store          retail.StoreID    `json:"store"`
	Till           string            `json:"till"`
	Cashier        string            `json:"cashier"`
	Channel        retail.Channel    `json:"channel,omitempty"`
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Tier           string            `json:"tier,omitempty"`
	PastOrders     *int64            `json:"past_orders,omitempty"`
	Codes          []string          `json:"codes,omitempty"` // of an open basket; whoever reads one could use them
	Lines          []Line            `json:"lines"`
	Opened         retail.Instant    `json:"opened"`
	Receipt        string            `json:"receipt,omitempty"` // that closed it
	Expires        retail.Instant    `json:"expires"`
	Note           string            `json:"note,omitempty"` // of a suspended one: whose it is
	SuspendedAt    retail.Instant    `json:"suspended_at,omitempty"`
}

// BasketState says what may happen to a basket.
type BasketState string

// The states.
const (
	BasketOpen      BasketState = "open"
	BasketSuspended BasketState = "suspended" // waits to be taken up, at any till of the store
	BasketClosed    BasketState = "closed"    // sold
	BasketDiscarded BasketState = "discarded"
)

// Line is goods to sell.
type Line struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"` // above zero, in the SKU's unit
	// PriceOverride is a price set by hand, of one piece or 1,000 small units.
	PriceOverride  *retail.Money `json:"price_override,omitempty"`
	OverrideReason string        `json:"override_reason,omitempty"` // why, kept on the receipt
	// ApprovedBy is who let a price by hand pass that the cashier alone may not give:
	// "label" for one that was scanned. The till sets it; of what others send only that of
	// a line of the basket with the same price counts.
	ApprovedBy string `json:"approved_by,omitempty"`
	Code       string `json:"code,omitempty"` // of a gift card that is sold, as scanned; its quantity is 1
}

// AddIn puts goods into a basket: exactly one of SKU and Code.
type AddIn struct {
	Basket   string          `json:"basket"`
	SKU      retail.SKU      `json:"sku,omitempty"`
	Code     string          `json:"code,omitempty"`     // as scanned or typed
	Quantity retail.Quantity `json:"quantity,omitempty"` // 0 is 1 piece, or what the code stands for
}

// SetLinesIn replaces lines.
type SetLinesIn struct {
	Basket string `json:"basket"`
	Lines  []Line `json:"lines"`
}

// SetCodesIn replaces the codes of a basket.
type SetCodesIn struct {
	Basket string   `json:"basket"`
	Codes  []string `json:"codes"` // in the order they were given, at most pricing.MaxCodes of 64 bytes
}

// OverrideIn sets the price of a line by hand.
type OverrideIn struct {
	Basket string       `json:"basket"`
	Line   int64        `json:"line"`   // its place in the basket, from 1
	SKU    retail.SKU   `json:"sku"`    // of the line: nothing is approved that another tab has moved there
	Price  retail.Money `json:"price"`  // of one piece or 1,000 small units
	Reason string       `json:"reason"` // one of the settings, or any text if these have none
}

// SuspendIn puts a basket aside.
type SuspendIn struct {
	Basket string `json:"basket"`
	Note   string `json:"note,omitempty"` // whose it is, at most 100 characters
}

// ResumeIn takes a suspended basket up.
type ResumeIn struct {
	Basket  string `json:"basket"`
	Till    string `json:"till"` // of the same store
	Cashier string `json:"cashier"`
}

// SuspendedIn names a store.
type SuspendedIn struct {
	Store retail.StoreID `json:"store"`
}

// SuspendedOut is the suspended baskets of a store, the longest waiting first, at most
// MaxPage.
type SuspendedOut struct {
	Baskets []Suspended `json:"baskets"`
}

// Suspended is a basket that waits.
type Suspended struct {
	Basket   string            `json:"basket"`
	Store    retail.StoreID    `json:"store"`
	Till     string            `json:"till"` // where it was suspended
	Cashier  string            `json:"cashier"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Note     string            `json:"note,omitempty"`
	Lines    int64             `json:"lines"`
	At       retail.Instant    `json:"at"`
	Expires  retail.Instant    `json:"expires"`
}

// BasketID names a basket.
type BasketID struct {
	Basket string `json:"basket"`
}
