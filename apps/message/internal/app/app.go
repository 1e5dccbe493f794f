// Package app answers the operations of the message contract. It knows the
// contracts of messages and of customers, the rules of package delivery and its
// own collection; how a message leaves is its routes' matter.
package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New makes the app.
func New() *sdk.App {
	return sdk.NewApp("message",
		settings, messages,
		message.Send.Handle(send),
		message.Report.Handle(report),
		message.GetMessage.Handle(getMessage),
		message.List.Handle(list),
		customers.Erased.On(func(tx *sdk.Tx, e customers.ErasedEvent) error { return forget(tx, Rest{Customer: e.Customer}) }),
		forgetRest.On(forget),
	)
}

// Settings are what the retailer decides about messages.
type Settings struct {
	Routes   []RouteChoice `json:"routes" title:"Routes" doc:"In which order routes are tried when a message names none, and what of the customer each one writes to."`
	Language string        `json:"language" title:"Language" doc:"Of those whose language nobody knows."`
	KeepDays int64         `json:"keep_days" title:"Days kept" doc:"After so many days a message is forgotten, with address and text." min:"1" max:"3650"`
}

// RouteChoice is a route and what it writes to.
type RouteChoice struct {
	Route   string                   `json:"route"`
	Address customers.IdentifierType `json:"address"`
}

var settings = sdk.Settings[Settings]{Default: Settings{
	Routes:   []RouteChoice{{"email", customers.Email}, {"sms", customers.Phone}},
	Language: "it",
	KeepDays: 730,
}}

// messages are kept for the retailer's term. The index once is why a key sends
// once.
var messages = sdk.Collection[MessageRecord]{
	Name: "messages", Key: []string{"id"}, Subject: "asked.customer", Expires: "expires",
	Indexes: []sdk.Index{
		{Name: "customer", Fields: []string{"asked.customer"}},
		{Name: "state", Fields: []string{"state"}},
		{Name: "customer_state", Fields: []string{"asked.customer", "state"}},
		{Name: "once", Fields: []string{"once"}, Unique: true},
	},
}

// MessageRecord is a message: as it was asked for, and what became of it.
type MessageRecord struct {
	ID        string         `json:"id"`
	Once      string         `json:"once"` // calling app, or - at the edge, and key
	App       string         `json:"app,omitempty"`
	Asked     message.SendIn `json:"asked"`
	Route     string         `json:"route,omitempty"`
	Address   string         `json:"address,omitempty"`
	Language  string         `json:"language,omitempty"`
	State     message.State  `json:"state"`
	Reason    string         `json:"reason,omitempty"`
	Reference string         `json:"reference,omitempty"`
	At        retail.Instant `json:"at"`
	Changed   retail.Instant `json:"changed"`
	Expires   retail.Instant `json:"expires"`
	Forgotten bool           `json:"forgotten,omitempty"`
}

// forgetRest goes on with the messages of an erased customer when they are too
// many for one operation.
var forgetRest = sdk.Timer[Rest]{Name: "forget_rest"}

// Rest is what is left to forget of an erased customer.
type Rest struct {
	Customer retail.CustomerID `json:"customer"`
	From     string            `json:"from,omitempty"` // id of the first message; "" is all
}

// shown is a message as the contract shows it.
func (m *MessageRecord) shown() message.Message {
	return message.Message{
		ID: m.ID, Key: m.Asked.Key, App: m.App, Customer: m.Asked.Customer, Purpose: m.Asked.Purpose, Route: m.Route, Address: m.Address,
		Language: m.Language, Template: m.Asked.Template, Parameters: m.Asked.Parameters, Texts: m.Asked.Texts,
		State: m.State, Reason: m.Reason, Reference: m.Reference, At: m.At, Changed: m.Changed, Forgotten: m.Forgotten,
	}
}

// answer is a message as commands show it.
func (m *MessageRecord) answer() message.Message {
	out := m.shown()
	out.Address, out.Parameters, out.Texts = "", nil, nil
	return out
}

// forget removes address and content. The template's id stays: it says what was
// sent, and nothing of the person.
func (m *MessageRecord) forget() {
	m.Address, m.Asked.Address, m.Asked.Parameters, m.Asked.Texts = "", "", nil, nil
	m.Reference, m.Forgotten = "", true
}
