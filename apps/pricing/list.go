package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// List is a price list. Empty scopes ask for nothing; of one that is not empty
// one value must match; all must.
type List struct {
	ID             string           `json:"id"` // 1 to 64 characters
	Name           string           `json:"name"`
	Currency       retail.Currency  `json:"currency"`
	Net            bool             `json:"net,omitempty"` // prices without VAT: not supported yet
	Stores         []retail.StoreID `json:"stores,omitempty"`
	Channels       []retail.Channel `json:"channels,omitempty"`
	CustomerGroups []string         `json:"customer_groups,omitempty"`
	Period         retail.Period    `json:"period"`             // when it holds; {} is always
	Priority       int64            `json:"priority,omitempty"` // larger first, then by id
	Changed        retail.Instant   `json:"changed,omitempty"`  // last change; ignored in a put
}

// ListsIn asks for a page.
type ListsIn struct {
	Cursor string `json:"cursor,omitempty"` // of the page before
	Limit  int64  `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// ListsOut is one page.
type ListsOut struct {
	Lists  []List `json:"lists"`
	Cursor string `json:"cursor,omitempty"` // "" at the end
}

// Entry is the price of a SKU in a list.
type Entry struct {
	SKU    retail.SKU   `json:"sku"`
	Amount retail.Money `json:"amount"`           // of one piece, or 1,000 of a small unit; 0 is free
	Breaks []Break      `json:"breaks,omitempty"` // rising
}

// Break is the price of every unit when a basket holds at least MinQuantity of
// the SKU.
type Break struct {
	MinQuantity retail.Quantity `json:"min_quantity"` // above 1
	Amount      retail.Money    `json:"amount"`
}

// PutEntriesIn changes a list.
type PutEntriesIn struct {
	List    string       `json:"list"`
	Entries []Entry      `json:"entries,omitempty"`
	Remove  []retail.SKU `json:"remove,omitempty"` // prices that end
}

// PutEntriesOut counts what was other than before.
type PutEntriesOut struct {
	Changed int64 `json:"changed"`
	Removed int64 `json:"removed"`
}

// EntriesIn asks for a page of a list's prices.
type EntriesIn struct {
	List   string `json:"list"`
	Cursor string `json:"cursor,omitempty"` // of the page before
	Limit  int64  `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// EntriesOut is one page.
type EntriesOut struct {
	Entries []Entry `json:"entries"`
	Cursor  string  `json:"cursor,omitempty"` // "" at the end
}

// PriceChanges is the payload of PricesChanged: all that a price history needs.
type PriceChanges struct {
	List     string          `json:"list"`
	Currency retail.Currency `json:"currency"`
	At       retail.Instant  `json:"at"`
	Entries  []Entry         `json:"entries,omitempty"` // as they are now
	Removed  []retail.SKU    `json:"removed,omitempty"`
}

// PriceIn asks for list prices.
type PriceIn struct {
	Store          retail.StoreID  `json:"store"`
	Channel        retail.Channel  `json:"channel,omitempty"`         // "" is the store's
	CustomerGroups []string        `json:"customer_groups,omitempty"` // of the customer
	At             retail.Instant  `json:"at,omitempty"`              // 0 is now
	SKUs           []retail.SKU    `json:"skus"`                      // at most MaxLines
	Quantity       retail.Quantity `json:"quantity,omitempty"`        // for the breaks; 0 is 1
}

// PriceOut has one price per SKU, in the order asked for.
type PriceOut struct {
	Currency retail.Currency `json:"currency"`
	Prices   []SKUPrice      `json:"prices"`
}

// SKUPrice is a list price and where it comes from.
type SKUPrice struct {
	SKU    retail.SKU      `json:"sku"`
	Amount retail.Money    `json:"amount"` // of Per units
	Per    retail.Quantity `json:"per"`
	List   string          `json:"list"`
}
