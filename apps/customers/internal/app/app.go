// Package app answers the operations of customers. It knows the contract, the
// rules of packages identity and consent, and its own collections; it must not
// know any other app.
package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New makes the customer register.
func New() *sdk.App {
	return sdk.NewApp("customers",
		settings, profiles, identifiers, groups, tiers, statements, erasures, tombstones, salts,
		customers.Create.Handle(create),
		customers.Update.Handle(update),
		customers.GetCustomer.Handle(getCustomer),
		customers.Resolve.Handle(resolve),
		customers.List.Handle(list),
		customers.SetIdentifier.Handle(setIdentifier),
		customers.RemoveIdentifier.Handle(removeIdentifier),
		customers.PutGroup.Handle(putGroup),
		customers.Groups.Handle(listGroups),
		customers.AddMembers.Handle(addMembers),
		customers.RemoveMembers.Handle(removeMembers),
		customers.SetTier.Handle(setTier),
		customers.TierHistory.Handle(tierHistory),
		customers.SetConsent.Handle(setConsent),
		customers.WithdrawConsent.Handle(withdrawConsent),
		customers.Consents.Handle(listConsents),
		customers.CanContact.Handle(canContact),
		customers.Erase.Handle(erase),
		redactRest.On(redact),
	)
}

// Settings are what the retailer decides about customers.
type Settings struct {
	CallingCode string   `json:"calling_code" title:"Calling code of your country" doc:"Of telephone numbers that are typed without one: 39 is Italy. Empty refuses such numbers." maxlen:"3"`
	Tiers       []string `json:"tiers" title:"Tiers" doc:"The tiers that customers may have. Empty allows any."`
}

var settings = sdk.Settings[Settings]{Default: Settings{CallingCode: "39"}}

// profiles are the customers who are not erased.
var profiles = sdk.Collection[ProfileRecord]{
	Name: "profiles", Key: []string{"id"}, Subject: "id",
	Indexes: []sdk.Index{
		{Name: "group", Fields: []string{"groups"}},
		{Name: "tier", Fields: []string{"tier"}},
	},
}

// ProfileRecord is a customer without his identifiers.
type ProfileRecord struct {
	ID      retail.CustomerID `json:"id"`
	Profile customers.Profile `json:"profile"`
	Groups  []string          `json:"groups,omitempty"` // sorted
	Tier    string            `json:"tier,omitempty"`
	Created retail.Instant    `json:"created"`
	Changed retail.Instant    `json:"changed"`
}

// identifiers are what customers are recognised by. The index once is why a
// unique value has one customer.
var identifiers = sdk.Collection[IdentifierRecord]{
	Name: "identifiers", Key: []string{"customer", "type", "value"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "value", Fields: []string{"type", "value"}},
		{Name: "once", Fields: []string{"type", "once"}, Unique: true},
	},
}

// IdentifierRecord is one identifier of one customer.
type IdentifierRecord struct {
	Customer retail.CustomerID        `json:"customer"`
	Type     customers.IdentifierType `json:"type"`
	Value    string                   `json:"value"`          // in its normal form
	Once     string                   `json:"once,omitempty"` // Value of a unique one
	Class    customers.Class          `json:"class"`
	Verified bool                     `json:"verified,omitempty"`
	Source   string                   `json:"source,omitempty"`
	Since    retail.Instant           `json:"since"`
}

// groups are sets of customers; who is in one stands in the profiles.
var groups = sdk.Collection[customers.Group]{Name: "groups", Key: []string{"id"}}

// tiers is the history of tiers.
var tiers = sdk.Collection[customers.TierChange]{Name: "tiers", Key: []string{"customer", "id"}, Subject: "customer"}

// statements is the ledger of consents: nothing in it is written again, but to
// remove proof and source of an erased person.
var statements = sdk.Collection[customers.Statement]{
	Name: "statements", Key: []string{"customer", "id"}, Subject: "customer",
	Indexes: []sdk.Index{{Name: "purpose", Fields: []string{"customer", "purpose"}}},
}

// erasures are the ids of those who were erased. They are never given again.
var erasures = sdk.Collection[customers.EraseOut]{Name: "erasures", Key: []string{"id"}}

// tombstones are keyed hashes of the identifiers of those who were erased,
// without a trace of whose they were.
var tombstones = sdk.Collection[Tombstone]{Name: "tombstones", Key: []string{"hash"}}

// Tombstone stands for an identifier of somebody erased.
type Tombstone struct {
	Hash string         `json:"hash"` // HMAC-SHA-256 of type and value under the tenant's salt, in hex
	At   retail.Instant `json:"at"`
}

// salts holds the key of the tombstones, 32 random bytes, made at the first
// erasure.
var salts = sdk.Collection[Salt]{Name: "salts", Key: []string{"id"}}

// Salt is a random key.
type Salt struct {
	ID    string `json:"id"`
	Bytes []byte `json:"bytes"`
}

// redactRest goes on with the history of an erased person when it is too long
// for one operation.
var redactRest = sdk.Timer[Rest]{Name: "redact_rest"}

// Rest is what is left to redact of an erased person.
type Rest struct {
	Customer  retail.CustomerID `json:"customer"`
	Statement string            `json:"statement,omitempty"` // id of the last that is done
	Tier      string            `json:"tier,omitempty"`      // id of the last change that is done
}

// pageSize is the limit of a list: 50 unless it is asked for, never above
// customers.MaxPage.
func pageSize(limit int64) int {
	if limit <= 0 {
		return 50
	}
	return int(min(limit, customers.MaxPage))
}

// pointed is an error about a field.
func pointed(e *sdk.Error, pointer string) *sdk.Error {
	e.Pointer = pointer
	return e
}
