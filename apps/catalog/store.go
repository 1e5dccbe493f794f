package catalog

import "github.com/bottega-retail/bottega/sdk/retail"

// StoreKind says what a place of business is.
type StoreKind string

// The kinds. "" in a put is Shop.
const (
	Shop      StoreKind = "store"
	Warehouse StoreKind = "warehouse"
	Web       StoreKind = "web"
)

// Store is a shop, a warehouse or a web shop of one legal person.
type Store struct {
	ID       retail.StoreID  `json:"id"`   // 1 to 32 characters, no slash: it begins receipt numbers
	Name     string          `json:"name"` // 1 to 200 characters
	Entity   retail.EntityID `json:"entity"`
	Kind     StoreKind       `json:"kind,omitempty"` // "" in a put is store
	Address  *Address        `json:"address,omitempty"`
	Zone     retail.Zone     `json:"zone"`              // of its civil time
	Channel  retail.Channel  `json:"channel,omitempty"` // sales channel; "" is the kind
	Currency retail.Currency `json:"currency"`          // of its documents
	Hours    []OpenHours     `json:"hours,omitempty"`   // sorted; empty is unknown
	Special  []SpecialHours  `json:"special,omitempty"` // sorted; of single days, at most 400
	Position *Position       `json:"position,omitempty"`
	Status   Status          `json:"status,omitempty"` // "" in a put is active
}

// Address is a postal address.
type Address struct {
	Street   string `json:"street,omitempty"`
	CAP      string `json:"cap,omitempty"` // postcode, a text: leading zeros count
	City     string `json:"city,omitempty"`
	Province string `json:"province,omitempty"`
	Country  string `json:"country,omitempty"` // ISO 3166-1, two letters
}

// OpenHours is a span of one weekday in the store's own time.
type OpenHours struct {
	Day   int64           `json:"day"` // 1 Monday to 7 Sunday
	Hours retail.DayHours `json:"hours"`
}

// SpecialHours is a span of one day, in the store's own time. What is said of a day
// holds in place of the hours of its weekday; a day may have several spans.
type SpecialHours struct {
	Date   retail.Date      `json:"date"`
	Closed bool             `json:"closed,omitempty"` // all day, and then without From and To
	From   retail.LocalTime `json:"from,omitempty"`   // as in retail.DayHours
	To     retail.LocalTime `json:"to,omitempty"`
}

// Position is where a store is, on the globe of GPS.
type Position struct {
	Latitude  int64 `json:"latitude"`  // millionths of a degree, north above zero: 45464200 in Milan
	Longitude int64 `json:"longitude"` // millionths of a degree, east above zero: 9190000 in Milan
}

// GetStoreIn names a store.
type GetStoreIn struct {
	ID retail.StoreID `json:"id"`
}

// StoresIn selects stores; empty fields do not.
type StoresIn struct {
	Kind   StoreKind       `json:"kind,omitempty"`
	Entity retail.EntityID `json:"entity,omitempty"`
	Cursor string          `json:"cursor,omitempty"`
	Limit  int64           `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// StoresOut is one page. It may hold fewer than Limit although Cursor is set.
type StoresOut struct {
	Stores []Store `json:"stores"`
	Cursor string  `json:"cursor,omitempty"` // "" at the end
}

// Entity is a legal person of the retailer. Receipts, voucher liability and
// transfers carry it.
type Entity struct {
	ID        retail.EntityID `json:"id"`                   // 1 to 32 characters
	Name      string          `json:"name"`                 // 1 to 200 characters
	VATNumber string          `json:"vat_number,omitempty"` // without the country; 11 digits in Italy
	TaxCode   string          `json:"tax_code,omitempty"`   // codice fiscale
	Country   string          `json:"country"`              // ISO 3166-1, two letters
	Address   *Address        `json:"address,omitempty"`
}

// GetEntityIn names a legal person.
type GetEntityIn struct {
	ID retail.EntityID `json:"id"`
}

// EntitiesOut lists legal persons by id.
type EntitiesOut struct {
	Entities []Entity `json:"entities"`
}
