// Package message is the contract of messages to customers: that one was asked
// for, by which route it went and what became of it. It knows no e-mail and no
// SMS: routes are fillers of [Route], and without any of them every message is
// refused. It asks package customers who somebody is and whether he may be
// contacted, in the transaction that sends.
//
// Refused is a state of a message and no error: a journey that may not write to
// somebody goes on, and the retailer sees why.
//
// # Privacy
//
// Addresses and texts lie in the messages, until the retailer's term is over or
// the customer is erased; events hold ids only, and so do answers of commands,
// because the host keeps those under their idempotency keys.
//
// Messages, like customers, are the retailer's and no store's.
package message

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Limits of one call.
const (
	MaxParameters = 100
	MaxTexts      = 20  // languages
	MaxPage       = 200 // records in one answer of a list
)

// Send sends a message once. The same key with the same message again sends
// nothing and answers what became of it; keys are those of the calling app, or
// at the edge those of everybody there. The answer leaves out address and content.
//
// To a customer it goes by the first of the retailer's routes that is there, for
// which he has an address, and over which he may be contacted for this purpose.
// Purpose service asks for no consent; every other asks customers.can_contact,
// and without a customer it is refused.
//
// Reasons of a message that is refused: "no_route" (nothing fills the route),
// "no_address" (the customer has none for it), "no_consent" or "withdrawn" (he
// may not be contacted), "erased" or "unknown_customer", "no_customer" (a purpose
// that needs one), "no_customers" (there is no register of customers), or those
// of the route. Of one that failed: "route_failed", or those of the route.
//
// Errors: invalid, reason "key", "recipient" (neither customer nor address),
// "address", "route" (malformed, or an address without one), "purpose",
// "content" (not exactly one of template and texts), "parameters", "texts" or
// "language"; conflict, reason "key_reused" (another message has this key);
// too_large, reason "record" (all texts together are longer than 256 KiB).
var Send = sdk.Command[SendIn, Message]{Name: "message.send"}

// Report says what became of a message that was queued: its route tells it when
// it knows. The same again changes nothing. The answer is like that of Send.
// Errors: not_found, reason "message"; invalid, reason "state" (neither sent nor
// failed), "reference" or "reason"; failed_precondition, reason "state" (it was
// not queued).
var Report = sdk.Command[ReportIn, Message]{Name: "message.report"}

// GetMessage is a message by its id. Errors: not_found, reason "message".
var GetMessage = sdk.Query[Ref, Message]{Name: "message.message"}

// List lists messages, the newest first: all, those to a customer, those in a
// state, or both. Texts and parameters are left out.
var List = sdk.Query[ListIn, ListOut]{Name: "message.messages"}

// Route delivers a message. The key is the name of the route, such as email or
// sms, which is also the channel of the consent. A route that sends outside
// answers queued and tells the rest with Report.
var Route = sdk.CommandSlot[RouteIn, RouteOut]{Name: "message.route"}

// Sent is emitted once per message that a route has delivered.
var Sent = sdk.Event[Delivery]{Name: "message.sent", Key: about}

// Failed is emitted once per message that was refused or has failed.
var Failed = sdk.Event[Delivery]{Name: "message.failed", Key: about}

// about keeps what happens to one customer in order.
func about(d *Delivery) string {
	if d.Customer != "" {
		return string(d.Customer)
	}
	return d.Message
}

// SendIn is a message: to a customer, to an address, or to a customer at an
// address that is not his usual one.
type SendIn struct {
	Key        string            `json:"key"` // 1 to 128 letters, digits and . - _ : / that say nothing of the person
	Customer   retail.CustomerID `json:"customer,omitempty"`
	Address    string            `json:"address,omitempty"` // at most 254 characters; needs Route
	Route      string            `json:"route,omitempty"`   // "" is the first that fits
	Purpose    customers.Purpose `json:"purpose"`
	Language   string            `json:"language,omitempty"`   // "" is the customer's
	Template   string            `json:"template,omitempty"`   // id of a template that the route knows
	Parameters []Parameter       `json:"parameters,omitempty"` // of the template, each once
	Texts      []Text            `json:"texts,omitempty"`      // instead of a template, one per language
}

// Parameter fills a place in a template.
type Parameter struct {
	Name  string `json:"name"`  // 1 to 64 letters, digits, points, hyphens and underscores
	Value string `json:"value"` // at most 2,000 characters
}

// Text is a message in one language.
type Text struct {
	Language string `json:"language"`          // as it or de-AT
	Subject  string `json:"subject,omitempty"` // at most 200 characters
	Body     string `json:"body"`              // 1 to 10,000 characters
}

// State says what became of a message.
type State string

// The states.
const (
	Queued      State = "queued" // its route has it
	SentState   State = "sent"
	Refused     State = "refused" // it was not tried
	FailedState State = "failed"
)

// Message is one message. Of an erased customer neither address nor text is left.
type Message struct {
	ID         string            `json:"id"` // ULID
	Key        string            `json:"key"`
	App        string            `json:"app,omitempty"` // that asked for it, "" at the edge
	Customer   retail.CustomerID `json:"customer,omitempty"`
	Purpose    customers.Purpose `json:"purpose"`
	Route      string            `json:"route,omitempty"`
	Address    string            `json:"address,omitempty"`
	Language   string            `json:"language,omitempty"`
	Template   string            `json:"template,omitempty"`
	Parameters []Parameter       `json:"parameters,omitempty"`
	Texts      []Text            `json:"texts,omitempty"`
	State      State             `json:"state"`
	Reason     string            `json:"reason,omitempty"`    // why it was refused or failed
	Reference  string            `json:"reference,omitempty"` // of the route
	At         retail.Instant    `json:"at"`
	Changed    retail.Instant    `json:"changed"`             // of the state
	Forgotten  bool              `json:"forgotten,omitempty"` // address and content were removed
}

// Ref names a message.
type Ref struct {
	ID string `json:"id"`
}

// ReportIn is what became of a message.
type ReportIn struct {
	ID        string `json:"id"`
	State     State  `json:"state"`               // sent or failed
	Reference string `json:"reference,omitempty"` // at most 200 characters; "" keeps the first
	Reason    string `json:"reason,omitempty"`    // 1 to 64 letters, digits, points, hyphens and underscores
}

// ListIn selects messages.
type ListIn struct {
	Customer retail.CustomerID `json:"customer,omitempty"`
	State    State             `json:"state,omitempty"`
	Cursor   string            `json:"cursor,omitempty"`
	Limit    int64             `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// ListOut is one page.
type ListOut struct {
	Messages []Message `json:"messages"`
	Cursor   string    `json:"cursor,omitempty"` // "" at the end
}

// RouteIn is a message that a route is to deliver.
type RouteIn struct {
	Message    string            `json:"message"` // id: one delivery each, however often it is tried
	Customer   retail.CustomerID `json:"customer,omitempty"`
	Purpose    customers.Purpose `json:"purpose"`
	Address    string            `json:"address"`
	Language   string            `json:"language"`
	Template   string            `json:"template,omitempty"` // or Text
	Parameters []Parameter       `json:"parameters,omitempty"`
	Text       *Text             `json:"text,omitempty"` // the one that fits the language best
}

// RouteOut is what became of it. A route that answers with an error, or with
// something else than this, has failed.
type RouteOut struct {
	State     State  `json:"state"`
	Reference string `json:"reference,omitempty"` // at most 200 characters, nothing of the person
	Reason    string `json:"reason,omitempty"`    // of refused and failed: 1 to 64 letters, digits, points, hyphens and underscores
}

// Delivery tells of a message, without address and text.
type Delivery struct {
	Message  string            `json:"message"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Purpose  customers.Purpose `json:"purpose"`
	Route    string            `json:"route,omitempty"`
	State    State             `json:"state"`
	Reason   string            `json:"reason,omitempty"`
	At       retail.Instant    `json:"at"` // of the state
}
