// Package customers is the contract of the customer register: who somebody is
// (profile), how he is recognised (identifiers), where he belongs (groups and
// tier) and what he has agreed to (consents). It knows no receipt, no point and
// no message; receipts and messages carry the id of a customer and nothing else.
//
// # Privacy
//
// Events are keyed by the customer's id and carry ids, never a name, an address
// or the value of an identifier: the log is kept when a person is erased. No
// error repeats what a person is called or reached by. Commands answer with ids
// and instants: the host keeps answers under their idempotency keys for weeks, and
// nobody erases those.
//
// Consents are a ledger: a statement is appended and never changed, and what
// holds follows from all of them, the most restrictive first ([CanContact]).
//
// A customer is the retailer's and no store's: whoever is limited to stores may do
// here what his rights allow.
package customers

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Limits of one call and of one customer.
const (
	MaxIdentifiers = 30  // of one customer
	MaxGroups      = 50  // of one customer
	MaxMembers     = 100 // customers in one AddMembers or RemoveMembers
	MaxPage        = 200 // records in one answer of a list
)

// Create makes a customer.
//
// Errors: invalid, reason "id", "name", "company", "language", "birth",
// "address", "country", or those of SetIdentifier with pointer
// /identifiers/N/…; conflict, reason "exists" (the id is taken) or
// "identifier"; failed_precondition, reason "erased" (the id, or an identifier
// without Returning, is that of an erased person); too_large, reason
// "identifiers".
var Create = sdk.Command[CreateIn, Stored]{Name: "customers.create"}

// Update replaces the profile of a customer. The same profile again writes
// nothing and emits nothing. Errors: those of Create about a profile; not_found,
// reason "customer" or "erased".
var Update = sdk.Command[UpdateIn, Stored]{Name: "customers.update"}

// GetCustomer is a customer by his id. Errors: not_found, reason "customer" or
// "erased".
var GetCustomer = sdk.Query[CustomerRef, Customer]{Name: "customers.customer"}

// Resolve finds who has an identifier: nobody, one, or for a shared one several.
// Errors: invalid, reason "type" or that of the value, as SetIdentifier.
var Resolve = sdk.Query[ResolveIn, ResolveOut]{Name: "customers.resolve"}

// List lists customers by id: all, those of a group or those of a tier. Errors:
// invalid, reason "filter" (both a group and a tier).
var List = sdk.Query[ListIn, ListOut]{Name: "customers.customers"}

// SetIdentifier gives a customer an identifier, or changes what is known of one
// that he has: class, verified, source. The value is brought into its normal
// form first.
//
// Errors: not_found, reason "customer" or "erased"; invalid, reason "type",
// "email", "phone" (also an Italian landline that has lost its 0), "card",
// "tax_code" (form or check letter), "vat_number" (form or check digit),
// "external", "class" or "source"; conflict, reason "identifier" (another
// customer has it, and it is unique there or asked to be unique here);
// failed_precondition, reason "erased" (it was an erased person's, and Returning
// is not said); too_large, reason "identifiers".
var SetIdentifier = sdk.Command[SetIdentifierIn, Holder]{Name: "customers.set_identifier"}

// RemoveIdentifier takes an identifier from a customer. Errors: not_found, reason
// "customer", "erased" or "identifier"; invalid as Resolve.
var RemoveIdentifier = sdk.Command[RemoveIdentifierIn, Holder]{Name: "customers.remove_identifier"}

// PutGroup defines or renames a group. Errors: invalid, reason "id" or "name".
var PutGroup = sdk.Command[Group, Group]{Name: "customers.put_group"}

// Groups lists groups by id.
var Groups = sdk.Query[GroupsIn, GroupsOut]{Name: "customers.groups"}

// AddMembers puts customers into a group; one who is in it stays. All or none.
// Errors: not_found, reason "group", "customer" or "erased" (pointer
// /customers/N); too_large, reason "members" or "groups" (of one customer).
var AddMembers = sdk.Command[MembersIn, MembersOut]{Name: "customers.add_members"}

// RemoveMembers takes customers out of a group; one who is not in it stays out.
// All or none. Errors: as AddMembers.
var RemoveMembers = sdk.Command[MembersIn, MembersOut]{Name: "customers.remove_members"}

// SetTier moves a customer to a tier, or with "" out of all, and keeps why. The
// same tier again writes nothing. The answer leaves out the reason. Errors:
// not_found, reason "customer" or "erased"; invalid, reason "tier" (no id, or not
// one of the retailer's) or "reason".
var SetTier = sdk.Command[SetTierIn, TierChange]{Name: "customers.set_tier"}

// TierHistory lists the tiers of a customer, the newest first. Of an erased
// person the reasons are gone.
var TierHistory = sdk.Query[HistoryIn, TierHistoryOut]{Name: "customers.tier_history"}

// SetConsent appends to the ledger that a customer agrees to be contacted. The
// answer leaves out proof and source.
// Errors: not_found, reason "customer" or "erased"; invalid, reason "purpose"
// (no id, or service, which needs no consent), "channel", "basis",
// "text_version" (missing for a consent), "proof", "source" or "at" (in the
// future).
var SetConsent = sdk.Command[SetConsentIn, Statement]{Name: "customers.set_consent"}

// WithdrawConsent appends to the ledger that a customer does not agree, or no
// longer. It needs no earlier consent: it is an objection too. Errors: as
// SetConsent.
var WithdrawConsent = sdk.Command[WithdrawConsentIn, Statement]{Name: "customers.withdraw_consent"}

// Consents lists the ledger of a customer, the last recorded first. Of an erased
// person it shows what he had agreed to, without proof and source.
var Consents = sdk.Query[HistoryIn, ConsentsOut]{Name: "customers.consents"}

// CanContact says whether a customer may be contacted for a purpose over a
// channel at this moment, and why. Ask it in the transaction that sends.
//
// Nothing is allowed without a statement. Of several the most restrictive holds:
// a withdrawal from all channels ends everything agreed to until then; a
// withdrawal from one channel is lifted only by a later consent to that very
// channel, not by one to all; of two at the same instant the withdrawal counts.
// Purpose service needs no consent. For an unknown or erased customer the answer
// is no, not an error.
//
// Errors: invalid, reason "purpose" or "channel".
var CanContact = sdk.Query[CanContactIn, CanContactOut]{Name: "customers.can_contact"}

// Erase removes what is known of a person: profile, identifiers, groups, proof
// and source of consents, reasons of tiers. His id stays as that of somebody
// erased, and so do keyed hashes of his identifiers, by which an import or a till
// that still knows him is told so. Erasing twice changes nothing.
// Errors: not_found, reason "customer".
var Erase = sdk.Command[CustomerRef, EraseOut]{Name: "customers.erase"}

// Created is emitted once per customer.
var Created = sdk.Event[CreatedEvent]{Name: "customers.created", Key: func(e *CreatedEvent) string { return string(e.Customer) }}

// Updated is emitted when a profile is other than before.
var Updated = sdk.Event[UpdatedEvent]{Name: "customers.updated", Key: func(e *UpdatedEvent) string { return string(e.Customer) }}

// Identified is emitted when a customer is given an identifier, loses one, or
// more or less is known of it. The value is not in it.
var Identified = sdk.Event[IdentifiedEvent]{Name: "customers.identified", Key: func(e *IdentifiedEvent) string { return string(e.Customer) }}

// ConsentChanged is emitted once per statement of the ledger.
var ConsentChanged = sdk.Event[ConsentEvent]{Name: "customers.consent_changed", Key: func(e *ConsentEvent) string { return string(e.Customer) }}

// TierChanged is emitted when a customer moves to another tier.
var TierChanged = sdk.Event[TierEvent]{Name: "customers.tier_changed", Key: func(e *TierEvent) string { return string(e.Customer) }}

// GroupChanged is emitted when a customer joins or leaves a group.
var GroupChanged = sdk.Event[GroupEvent]{Name: "customers.group_changed", Key: func(e *GroupEvent) string { return string(e.Customer) }}

// Erased is emitted when a person is erased: whoever keeps something of him
// forgets it. It carries the id and nothing else.
var Erased = sdk.Event[ErasedEvent]{Name: "customers.erased", Key: func(e *ErasedEvent) string { return string(e.Customer) }}

// CreatedEvent says that there is a new customer.
type CreatedEvent struct {
	Customer retail.CustomerID `json:"customer"`
}

// UpdatedEvent says which parts of a profile changed.
type UpdatedEvent struct {
	Customer retail.CustomerID `json:"customer"`
	Parts    []string          `json:"parts"` // of name, language, birth, address
}

// ErasedEvent says who is erased.
type ErasedEvent struct {
	Customer retail.CustomerID `json:"customer"`
}
