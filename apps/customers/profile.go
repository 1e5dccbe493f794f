package customers

import "github.com/bottega-retail/bottega/sdk/retail"

// Customer is a person or a company as the retailer knows them.
type Customer struct {
	ID          retail.CustomerID `json:"id"`
	Profile     Profile           `json:"profile"`
	Identifiers []Identifier      `json:"identifiers,omitempty"` // by type, then value
	Groups      []string          `json:"groups,omitempty"`      // ids, sorted
	Tier        string            `json:"tier,omitempty"`
	Created     retail.Instant    `json:"created"`
	Changed     retail.Instant    `json:"changed"` // of the profile
}

// Profile is what a customer says of himself. Every part may be missing.
type Profile struct {
	Name     Name        `json:"name"`
	Language string      `json:"language,omitempty"` // as it or de-AT
	Birth    retail.Date `json:"birth,omitempty"`    // civil day, without a zone
	Address  *Address    `json:"address,omitempty"`
}

// Name is what a person is called, in parts of at most 100 characters each.
type Name struct {
	Title   string `json:"title,omitempty"`
	Given   string `json:"given,omitempty"`
	Middle  string `json:"middle,omitempty"`
	Family  string `json:"family,omitempty"`
	Company string `json:"company,omitempty"` // that the person buys for, at most 200 characters
}

// Address is a postal address, with lines of at most 200 characters.
type Address struct {
	Street   string `json:"street,omitempty"`
	CAP      string `json:"cap,omitempty"` // postcode, a text: leading zeros count
	City     string `json:"city,omitempty"`
	Province string `json:"province,omitempty"`
	Country  string `json:"country,omitempty"` // ISO 3166-1, two letters
}

// CreateIn is a new customer.
type CreateIn struct {
	// ID is 1 to 64 letters, digits, points, hyphens and underscores; "" makes
	// one. It outlives the person's data, so let it say nothing of him: a tax
	// code is refused.
	ID          retail.CustomerID `json:"id,omitempty"`
	Profile     Profile           `json:"profile"`
	Identifiers []Identifier      `json:"identifiers,omitempty"`
	Returning   bool              `json:"returning,omitempty"` // somebody who was erased comes back by his own will
}

// Stored says that a customer is kept as asked.
type Stored struct {
	ID      retail.CustomerID `json:"id"`
	Changed retail.Instant    `json:"changed"` // of the profile
}

// UpdateIn replaces a profile.
type UpdateIn struct {
	ID      retail.CustomerID `json:"id"`
	Profile Profile           `json:"profile"`
}

// CustomerRef names a customer.
type CustomerRef struct {
	ID retail.CustomerID `json:"id"`
}

// EraseOut says since when a person is erased.
type EraseOut struct {
	ID retail.CustomerID `json:"id"`
	At retail.Instant    `json:"at"`
}

// ListIn selects customers: at most one of Group and Tier.
type ListIn struct {
	Group  string `json:"group,omitempty"`
	Tier   string `json:"tier,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// ListOut is one page.
type ListOut struct {
	Customers []Summary `json:"customers"`
	Cursor    string    `json:"cursor,omitempty"` // "" at the end
}

// Summary is a customer in a list.
type Summary struct {
	ID      retail.CustomerID `json:"id"`
	Name    Name              `json:"name"`
	Groups  []string          `json:"groups,omitempty"` // ids, sorted
	Tier    string            `json:"tier,omitempty"`
	Created retail.Instant    `json:"created"`
}

// HistoryIn asks for what was recorded of one customer.
type HistoryIn struct {
	Customer retail.CustomerID `json:"customer"`
	Cursor   string            `json:"cursor,omitempty"`
	Limit    int64             `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}
