// Package retail holds the value types that every app shares: money, quantities,
// identifiers, instants and zones, and the arithmetic on them that must be the
// same everywhere. It knows no app and no rule of one, and it has no floats.
//
// It is part of every guest, so it imports next to nothing.
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

// Identifiers. Which ones exist is data of the apps; the types only keep one
// kind from being taken for another.
type (
	// SKU is what is sold and kept in stock, as the retailer numbers it.
	SKU string
	// GTIN is a bar code's number: 14 digits, zero-padded. See ParseGTIN.
	GTIN string
	// StoreID is a shop's.
	StoreID string
	// EntityID is that of a legal person of the retailer.
	EntityID string
	// Channel is a sales channel, such as web.
	Channel string
	// CustomerID is a customer's, or empty where nobody has said who buys.
	CustomerID string
	// Currency is an ISO 4217 code, such as EUR.
	Currency string
	// VATClass is the id of a class of the retailer's catalog, not a rate.
	VATClass string
	// Zone is an IANA time zone, e.g. Europe/Rome.
	Zone string
)

// Unit is what a Quantity of a SKU counts.
type Unit string

// The units. Goods sold by weight, length or volume are counted in the small
// unit, so that quantities stay integers.
const (
	Piece      Unit = "piece"
	Gram       Unit = "gram"
	Millimetre Unit = "millimetre"
	Millilitre Unit = "millilitre"
)

// Per is how much of the unit a price is for: 1 piece, but 1,000 grams,
// millimetres or millilitres. It is 0 for a unit that does not exist.
func (u Unit) Per() Quantity {
	switch u {
	case Piece:
		return 1
	case Gram, Millimetre, Millilitre:
		return 1000
	}
	return 0
}
