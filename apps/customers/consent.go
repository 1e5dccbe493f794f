package customers

import "github.com/bottega-retail/bottega/sdk/retail"

// Purpose is what somebody may be contacted for, or his data used for: 1 to 64
// letters, digits, points, hyphens and underscores.
//
//bottega:open
type Purpose string

// Purposes that every retailer has. More may be invented.
const (
	Service      Purpose = "service"       // what a contract needs: the order is ready. It needs no consent
	Marketing    Purpose = "marketing"     // offers and news
	Profiling    Purpose = "profiling"     // to make them fit
	ThirdParties Purpose = "third_parties" // to pass data on
)

// ContactChannel is the means by which somebody is contacted, the name of the
// route that a message takes: email, sms, phone, post, push. It is not a sales
// channel. Written as a Purpose.
//
//bottega:open
type ContactChannel string

// Basis is the legal ground of a contact (GDPR, article 6).
type Basis string

// The grounds.
const (
	Consent            Basis = "consent"
	Contract           Basis = "contract"
	LegalObligation    Basis = "legal_obligation"
	LegitimateInterest Basis = "legitimate_interest" // such as offers of what was bought already
)

// SetConsentIn is a yes.
type SetConsentIn struct {
	Customer    retail.CustomerID `json:"customer"`
	Purpose     Purpose           `json:"purpose"`
	Channel     ContactChannel    `json:"channel,omitempty"`      // "" is all
	Basis       Basis             `json:"basis,omitempty"`        // "" is consent
	TextVersion string            `json:"text_version,omitempty"` // of the text that was agreed to, written as a Purpose; a consent has one
	Proof       string            `json:"proof,omitempty"`        // form, signature, address of the device; at most 1,000 characters
	Source      string            `json:"source"`                 // where it was given, 1 to 100 characters
	At          retail.Instant    `json:"at,omitempty"`           // when it was given; 0 is now
}

// WithdrawConsentIn is a no.
type WithdrawConsentIn struct {
	Customer retail.CustomerID `json:"customer"`
	Purpose  Purpose           `json:"purpose"`
	Channel  ContactChannel    `json:"channel,omitempty"` // "" is all
	Proof    string            `json:"proof,omitempty"`   // at most 1,000 characters
	Source   string            `json:"source"`            // where it was said, 1 to 100 characters
	At       retail.Instant    `json:"at,omitempty"`      // when it was said; 0 is now
}

// Statement is an entry of the ledger of consents. It never changes, but that
// proof and source of an erased person are removed.
type Statement struct {
	ID          string            `json:"id"` // ULID
	Customer    retail.CustomerID `json:"customer"`
	Purpose     Purpose           `json:"purpose"`
	Channel     ContactChannel    `json:"channel,omitempty"` // "" is all
	Given       bool              `json:"given"`             // else withdrawn
	Basis       Basis             `json:"basis,omitempty"`   // of what is given
	TextVersion string            `json:"text_version,omitempty"`
	Proof       string            `json:"proof,omitempty"`
	Source      string            `json:"source,omitempty"`
	At          retail.Instant    `json:"at"`       // when it was said
	Recorded    retail.Instant    `json:"recorded"` // when it was written
}

// ConsentsOut is one page.
type ConsentsOut struct {
	Statements []Statement `json:"statements"`
	Cursor     string      `json:"cursor,omitempty"` // "" at the end
}

// CanContactIn asks whether somebody may be contacted.
type CanContactIn struct {
	Customer retail.CustomerID `json:"customer"`
	Purpose  Purpose           `json:"purpose"`
	Channel  ContactChannel    `json:"channel"`
}

// Why is the reason of an answer.
type Why string

// The reasons: the first two allow, the others do not.
const (
	WhyGiven     Why = "given"
	WhyService   Why = "service"    // it needs no consent
	WhyNever     Why = "no_consent" // nothing was ever said
	WhyWithdrawn Why = "withdrawn"
	WhyUnknown   Why = "unknown_customer"
	WhyErased    Why = "erased"
)

// CanContactOut is a yes or no, and why.
type CanContactOut struct {
	Allowed   bool   `json:"allowed"`
	Why       Why    `json:"why"`
	Statement string `json:"statement,omitempty"` // id of the one that decides
}

// ConsentEvent tells of a statement, without proof and source.
type ConsentEvent struct {
	Customer  retail.CustomerID `json:"customer"`
	Statement string            `json:"statement"`
	Purpose   Purpose           `json:"purpose"`
	Channel   ContactChannel    `json:"channel,omitempty"` // "" is all
	Given     bool              `json:"given"`
	At        retail.Instant    `json:"at"`
}
