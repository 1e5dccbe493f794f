package pricing

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// QuoteIn is a basket, and where, when and for whom it is priced.
type QuoteIn struct {
	Store          retail.StoreID    `json:"store"`
	Channel        retail.Channel    `json:"channel,omitempty"`         // "" is the store's
	Customer       retail.CustomerID `json:"customer,omitempty"`        // "" nobody known
	CustomerGroups []string          `json:"customer_groups,omitempty"` // that the customer belongs to
	At             retail.Instant    `json:"at,omitempty"`              // 0 is now
	Lines          []QuoteLine       `json:"lines"`
}

// QuoteLine asks for goods.
type QuoteLine struct {
	ID       string          `json:"id,omitempty"` // the caller's; "" is the line's place, from "1"
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"` // above zero, in the SKU's unit
	// PriceOverride is a price set by hand, as SKUPrice.Amount. Promotions
	// neither touch nor count the goods.
	PriceOverride *retail.Money `json:"price_override,omitempty"`
}

// QuoteOut is a priced basket. All sums are exact.
type QuoteOut struct {
	Currency   retail.Currency   `json:"currency"`
	At         retail.Instant    `json:"at"`
	Channel    retail.Channel    `json:"channel"`
	List       retail.Money      `json:"list"`
	Discount   retail.Money      `json:"discount"`
	Total      retail.Money      `json:"total"`
	Lines      []PricedLine      `json:"lines"` // in the order of the basket
	Applied    []Applied         `json:"applied,omitempty"`
	NotApplied []NotApplied      `json:"not_applied,omitempty"` // those that came close, at most MaxMisses
	VAT        []retail.VATShare `json:"vat"`                   // once per rate for the whole basket; by rate, rising
	Store      *catalog.Store    `json:"store,omitempty"`       // where it was priced
}

// PricedLine is the outcome of one line, with what a receipt keeps of the
// goods.
type PricedLine struct {
	ID            string          `json:"id"`
	SKU           retail.SKU      `json:"sku"`
	Quantity      retail.Quantity `json:"quantity"`
	UnitPrice     retail.Money    `json:"unit_price"` // of Per units, before discounts
	Per           retail.Quantity `json:"per"`
	PriceList     string          `json:"price_list,omitempty"` // "" for a price set by hand
	List          retail.Money    `json:"list"`                 // the line before discounts
	Discount      retail.Money    `json:"discount"`
	Total         retail.Money    `json:"total"`
	UnitShares    []Share         `json:"unit_shares"` // of Total
	Applied       []Applied       `json:"applied,omitempty"`
	PriceOverride bool            `json:"price_override,omitempty"`
	Goods         Goods           `json:"goods"`
}

// Share is a number of units that are worth the same: three units at 8.99 are
// 2 × 3.00 and 1 × 2.99. The larger come first.
type Share struct {
	Amount   retail.Money    `json:"amount"` // of one unit
	Quantity retail.Quantity `json:"quantity"`
}

// Goods is what the catalog said of a SKU.
type Goods struct {
	Product     string             `json:"product"`
	Description string             `json:"description"`
	Kind        catalog.Kind       `json:"kind"`
	Brand       string             `json:"brand,omitempty"`
	Line        string             `json:"line,omitempty"`
	Season      string             `json:"season,omitempty"`
	Supplier    string             `json:"supplier,omitempty"`
	Category    string             `json:"category,omitempty"`
	Tags        []string           `json:"tags,omitempty"`
	Unit        retail.Unit        `json:"unit"`
	VATRate     retail.BasisPoints `json:"vat_rate"`
}

// Applied is what a promotion took off, or the filler of a slot.
type Applied struct {
	Promotion string       `json:"promotion,omitempty"`
	Version   int64        `json:"version,omitempty"`
	Filler    string       `json:"filler,omitempty"` // app that proposed it
	Reason    string       `json:"reason,omitempty"` // the filler's
	Amount    retail.Money `json:"amount"`
}

// NotApplied says why a promotion that speaks of goods in the basket took
// nothing off. Those that lack more than one thing are not named.
//
// Reasons: not_started, store, channel, customer_unknown, customer,
// customer_group, quantity_missing, amount_missing, not_combinable,
// price_override, nothing_left (or less than half a cent); of a filler:
// filler_failed, filler_refused (something that it said cannot be),
// nothing_left, or its own.
type NotApplied struct {
	Promotion string   `json:"promotion,omitempty"`
	Version   int64    `json:"version,omitempty"`
	Filler    string   `json:"filler,omitempty"`
	Reason    string   `json:"reason"`
	With      string   `json:"with,omitempty"` // promotion that holds the goods
	Missing   *Missing `json:"missing,omitempty"`
}

// Missing is what would have made a promotion apply.
type Missing struct {
	Quantity retail.Quantity `json:"quantity,omitempty"`
	Amount   retail.Money    `json:"amount,omitempty"`
	From     retail.Instant  `json:"from,omitempty"` // when it starts
}
