package customers

import "github.com/bottega-retail/bottega/sdk/retail"

// IdentifierType says what an identifier is.
type IdentifierType string

// The types, each with the normal form of its values.
const (
	Email     IdentifierType = "email"      // in lower case
	Phone     IdentifierType = "phone"      // E.164: +, country, number; Italian landlines keep their 0
	Card      IdentifierType = "card"       // of the retailer: 4 to 32 letters and digits, in capitals
	TaxCode   IdentifierType = "tax_code"   // codice fiscale as it was issued, 16 characters or 11 digits
	VATNumber IdentifierType = "vat_number" // country and number; without a country it is Italian
	External  IdentifierType = "external"   // of another system, best as system/id
)

// Class says how many customers may have the same value.
type Class string

// The classes. "" in a put is unique for email, card, tax_code and external, and
// shared for phone and vat_number.
const (
	Unique Class = "unique" // one customer
	Shared Class = "shared" // several, such as the e-mail of a family
)

// Identifier is something that a customer is recognised or reached by.
type Identifier struct {
	Type     IdentifierType `json:"type"`
	Value    string         `json:"value"` // in answers in its normal form
	Class    Class          `json:"class,omitempty"`
	Verified bool           `json:"verified,omitempty"` // somebody has proved that it is his
	Source   string         `json:"source,omitempty"`   // where it comes from, at most 100 characters
	Since    retail.Instant `json:"since,omitempty"`    // of the first put; ignored in one
}

// SetIdentifierIn gives a customer an identifier.
type SetIdentifierIn struct {
	Customer   retail.CustomerID `json:"customer"`
	Identifier Identifier        `json:"identifier"`
	Returning  bool              `json:"returning,omitempty"` // it was an erased person's, who comes back by his own will
}

// RemoveIdentifierIn names an identifier of a customer.
type RemoveIdentifierIn struct {
	Customer retail.CustomerID `json:"customer"`
	Type     IdentifierType    `json:"type"`
	Value    string            `json:"value"` // in any form
}

// ResolveIn asks who has an identifier.
type ResolveIn struct {
	Type  IdentifierType `json:"type"`
	Value string         `json:"value"` // in any form
}

// ResolveOut says who has it.
type ResolveOut struct {
	Holders []Holder `json:"holders"`          // by customer, at most MaxPage
	More    bool     `json:"more,omitempty"`   // there are others
	Erased  bool     `json:"erased,omitempty"` // nobody has it, and somebody who had it was erased
}

// Holder is a customer who has an identifier.
type Holder struct {
	Customer retail.CustomerID `json:"customer"`
	Class    Class             `json:"class"`
	Verified bool              `json:"verified,omitempty"`
}

// IdentifiedEvent tells of an identifier, without its value.
type IdentifiedEvent struct {
	Customer retail.CustomerID `json:"customer"`
	Type     IdentifierType    `json:"type"`
	Class    Class             `json:"class"`
	Verified bool              `json:"verified,omitempty"`
	Removed  bool              `json:"removed,omitempty"`
}
