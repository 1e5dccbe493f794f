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
}

// BasketState says what may happen to a basket.
type BasketState string

// The states.
const (
	BasketOpen      BasketState = "open"
	BasketClosed    BasketState = "closed" // sold
	BasketDiscarded BasketState = "discarded"
)

// Line is goods to sell.
type Line struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"` // above zero, in the SKU's unit
	// PriceOverride is a price set by hand, of one piece or 1,000 small units.
	PriceOverride  *retail.Money `json:"price_override,omitempty"`
	OverrideReason string        `json:"override_reason,omitempty"` // why, kept on the receipt
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

// BasketID names a basket.
type BasketID struct {
	Basket string `json:"basket"`
}
