// Package retail holds the value types that every app shares: money, quantities,
// identifiers, instants and zones. It knows no app and no rule of one.
package retail

// Money is an amount in minor units (cents) of the currency of the document
// that it stands in. JSON: an integer.
type Money int64

// BasisPoints is a rate in hundredths of a percent: 2200 is 22 %.
type BasisPoints int64

// Quantity is an amount of goods in the SKU's unit: pieces, grams, millimetres
// or millilitres.
type Quantity int64

// Instant is a point in time, milliseconds since 1970 UTC. JSON: RFC 3339 in UTC.
type Instant int64

// Identifiers. A store is a shop; a channel is a sales channel.
type (
	SKU        string
	GTIN       string // 14 digits, zero-padded
	StoreID    string
	EntityID   string // a legal person of the retailer
	Channel    string
	CustomerID string
	Currency   string // ISO 4217
	Zone       string // IANA, e.g. Europe/Rome
)
