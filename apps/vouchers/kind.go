package vouchers

import "github.com/bottega-retail/bottega/sdk/retail"

// Kind is a product of stored value: what its cards were sold as, and how they work.
//
//bottega:example {"id":"gift","name":"Gift card","type":"gift_card","currency":"EUR","entity":"IT01","months":36,"reloadable":true,"max_balance":100000}
type Kind struct {
	ID       string             `json:"id"`   // 1 to 64 characters
	Name     string             `json:"name"` // 1 to 200 characters
	Type     Type               `json:"type"` // stays
	Currency retail.Currency    `json:"currency"`
	Entity   retail.EntityID    `json:"entity"`         // legal person who owes what is on the cards; stays
	VAT      VATKind            `json:"vat,omitempty"`  // "" in a put is multi; stays
	Rate     retail.BasisPoints `json:"rate,omitempty"` // of single: 2200 is 22 %; stays

	Months     int64        `json:"months,omitempty"`      // that a card is valid, up to the end of the day; 0 has no end
	Renews     bool         `json:"renews,omitempty"`      // a top-up begins the months anew
	Zone       retail.Zone  `json:"zone,omitempty"`        // of the day's end; "" in a put is Europe/Rome
	Reloadable bool         `json:"reloadable,omitempty"`  // may be topped up
	MaxBalance retail.Money `json:"max_balance,omitempty"` // that top-ups may reach; 0 is no limit of the kind's
	Personal   bool         `json:"personal,omitempty"`    // only the customer that it was issued to may spend it
	PIN        bool         `json:"pin,omitempty"`         // cards have one of 6 digits

	// RefundExpired says what becomes of a refund to a card that has expired. "" in a put
	// is reopen.
	RefundExpired RefundPolicy `json:"refund_expired,omitempty"`
	GraceDays     int64        `json:"grace_days,omitempty"` // that it is open then; 0 in a put is 90

	// Offered lets customers be offered this kind for a refund. Imposed lets a store give
	// it where nobody owes money back: goods that a shop takes back out of goodwill. On a
	// distance sale it never is.
	Offered bool `json:"offered,omitempty"`
	Imposed bool `json:"imposed,omitempty"`

	Archived bool           `json:"archived,omitempty"` // no more cards of it
	Created  retail.Instant `json:"created,omitempty"`
	Changed  retail.Instant `json:"changed,omitempty"`
}

// Type says what stored value is, and is the key under which a till takes it.
type Type string

// The types.
const (
	GiftCard      Type = "gift_card"
	Voucher       Type = "voucher"        // sold or given by others, such as an employer
	ReturnVoucher Type = "return_voucher" // buono di reso, for goods that came back
	StoreCredit   Type = "store_credit"   // what a customer has to his credit
)

// VATKind says when VAT is due.
type VATKind string

// The kinds.
const (
	Multi  VATKind = "multi"  // multi-purpose: at use, by what it buys
	Single VATKind = "single" // single-purpose: at issue, at one rate
)

// RefundPolicy says what becomes of a refund to an expired card.
type RefundPolicy string

// The policies.
const (
	Reopen RefundPolicy = "reopen" // it lives again, with the refund on it alone
	Refuse RefundPolicy = "refuse"
)

// KindID names a kind.
type KindID struct {
	ID string `json:"id"`
}

// KindsIn asks for a page.
type KindsIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// KindsOut is one page.
type KindsOut struct {
	Kinds  []Kind `json:"kinds"`
	Cursor string `json:"cursor,omitempty"` // "" at the end
}

// OfferIn says where a refund is due.
type OfferIn struct {
	Channel  retail.Channel  `json:"channel"` // of the sale, such as web or store
	Currency retail.Currency `json:"currency"`
	Entity   retail.EntityID `json:"entity,omitempty"` // "" is any
}

// OfferOut lists kinds by id. Distance says whether the channel is one of distance sales.
type OfferOut struct {
	Distance bool      `json:"distance"`
	Offers   []Offered `json:"offers"`
}

// Offered is a kind that a refund may be given in.
type Offered struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Type Type   `json:"type"`
	// Agreement must be given by the customer, expressly; without it he gets back what he
	// paid with.
	Agreement bool `json:"agreement"`
}
