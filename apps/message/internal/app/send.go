package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/apps/message/internal/delivery"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

const day = 24 * 60 * 60 * 1000 // milliseconds

func send(tx *sdk.Tx, in message.SendIn) (message.Message, error) {
	if err := validRequest(&in); err != nil {
		return message.Message{}, err
	}
	app := tx.Info().Caller
	once := cmp.Or(app, "-") + "/" + in.Key
	if old, ok := messages.Find(tx, "once", sdk.K(once)); ok {
		return repeated(&old, &in)
	}
	m := MessageRecord{
		ID: tx.NewID(), Once: once, App: app, Asked: in, At: tx.Now(), Changed: tx.Now(),
		Expires: tx.Now() + retail.Instant(settings.Get(tx).KeepDays*day),
	}
	if err := dispatch(tx, &m); err != nil {
		return message.Message{}, err
	}
	if err := messages.Insert(tx, m); err != nil {
		return message.Message{}, err
	}
	return m.answer(), tell(tx, &m)
}

// repeated answers a key that was used before.
func repeated(old *MessageRecord, in *message.SendIn) (message.Message, error) {
	if !old.Forgotten && !same(&old.Asked, in) {
		e := sdk.Fail(sdk.CodeConflict, "key_reused", "another message was sent under this key")
		e.Pointer = "/key"
		return message.Message{}, e
	}
	return old.answer(), nil
}

func same(a, b *message.SendIn) bool {
	return a.Customer == b.Customer && a.Address == b.Address && a.Route == b.Route && a.Purpose == b.Purpose &&
		a.Language == b.Language && a.Template == b.Template &&
		slices.Equal(a.Parameters, b.Parameters) && slices.Equal(a.Texts, b.Texts)
}

// dispatch finds whom, how and whether, and hands the message to its route.
func dispatch(tx *sdk.Tx, m *MessageRecord) error {
	m.State = message.Refused
	who, refusal, err := recipient(tx, &m.Asked)
	if err != nil {
		return err
	}
	m.Language = cmp.Or(m.Asked.Language, who.Profile.Language, settings.Get(tx).Language)
	if refusal == "" {
		if refusal, err = choose(tx, m, &who); err != nil {
			return err
		}
	}
	if m.Reason = refusal; refusal == "" {
		deliver(tx, m)
	}
	if refusal == string(customers.WhyErased) || refusal == string(customers.WhyUnknown) {
		m.forget()
	}
	return nil
}

// Reasons of a message that nobody can be asked about.
const (
	noCustomer  = "no_customer"
	noCustomers = "no_customers"
)

// recipient is the customer that a message is for, or why there is none.
func recipient(tx *sdk.Tx, in *message.SendIn) (who customers.Customer, refusal string, err error) {
	if in.Customer == "" {
		if in.Purpose != customers.Service {
			refusal = noCustomer
		}
		return who, refusal, nil
	}
	who, err = customers.GetCustomer.Call(tx, customers.CustomerRef{ID: in.Customer})
	switch {
	case err == nil:
		return who, "", nil
	case absent(err):
		return who, noCustomers, nil
	case sdk.CodeOf(err) == sdk.CodeNotFound && sdk.ReasonOf(err) == "erased":
		return who, string(customers.WhyErased), nil
	case sdk.CodeOf(err) == sdk.CodeNotFound:
		return who, string(customers.WhyUnknown), nil
	}
	return who, "", err
}

// absent says whether an error means that there is no register to ask, or that
// the retailer did not allow it.
func absent(err error) bool {
	return sdk.CodeOf(err) == sdk.CodeNotFound && sdk.ReasonOf(err) == "operation" ||
		sdk.CodeOf(err) == sdk.CodeDenied && sdk.ReasonOf(err) == "grant"
}

// choose finds the route and the address, or why there is none.
func choose(tx *sdk.Tx, m *MessageRecord, who *customers.Customer) (refusal string, err error) {
	choices := settings.Get(tx).Routes
	var order []string
	for _, c := range choices {
		order = append(order, c.Route)
	}
	if m.Asked.Route != "" {
		order = []string{m.Asked.Route}
	}
	filled := message.Route.Keys(tx)
	m.Route, m.Address, refusal = delivery.Choose(order, delivery.Facts{
		Filled:  func(route string) bool { return slices.Contains(filled, route) },
		Address: func(route string) string { return cmp.Or(m.Asked.Address, addressOf(who, choices, route)) },
		Refusal: func(route string) string {
			why, failed := forbidden(tx, &m.Asked, route)
			if err == nil {
				err = failed
			}
			return why
		},
	})
	m.Route = cmp.Or(m.Route, m.Asked.Route)
	return refusal, err
}

// addressOf is what a route writes to: one that somebody has verified, if there
// is.
func addressOf(who *customers.Customer, choices []RouteChoice, route string) (address string) {
	i := slices.IndexFunc(choices, func(c RouteChoice) bool { return c.Route == route })
	if i < 0 {
		return ""
	}
	for _, x := range who.Identifiers {
		if x.Type == choices[i].Address && x.Verified {
			return x.Value
		}
		if x.Type == choices[i].Address && address == "" {
			address = x.Value
		}
	}
	return address
}

// forbidden says why a customer may not be contacted over a route, "" if he may.
func forbidden(tx *sdk.Tx, in *message.SendIn, route string) (string, error) {
	if in.Purpose == customers.Service {
		return "", nil
	}
	out, err := customers.CanContact.Call(tx, customers.CanContactIn{
		Customer: in.Customer, Purpose: in.Purpose, Channel: customers.ContactChannel(route),
	})
	switch {
	case err != nil && absent(err):
		return noCustomers, nil
	case err != nil:
		return "unknown", err
	case out.Allowed:
		return "", nil
	}
	return string(out.Why), nil
}

// deliver hands a message to its route. What the route has done before it failed
// is undone; the message says that it did.
func deliver(tx *sdk.Tx, m *MessageRecord) {
	in := message.RouteIn{
		Message: m.ID, Customer: m.Asked.Customer, Purpose: m.Asked.Purpose, Address: m.Address, Language: m.Language,
		Template: m.Asked.Template, Parameters: m.Asked.Parameters,
	}
	if texts := m.Asked.Texts; len(texts) > 0 {
		languages := make([]string, len(texts))
		for i, t := range texts {
			languages[i] = t.Language
		}
		in.Text = &texts[delivery.Language(languages, m.Language, settings.Get(tx).Language)]
		in.Language, m.Language = in.Text.Language, in.Text.Language
	}
	out, err := message.Route.One(tx, m.Route, in)
	if err != nil {
		sdk.Warn(tx, "a route failed", sdk.Text("route", m.Route), sdk.Text("code", sdk.CodeOf(err).String()), sdk.Text("reason", sdk.ReasonOf(err)))
	}
	state, reference, reason := delivery.Outcome(string(out.State), out.Reference, out.Reason)
	m.State, m.Reference, m.Reason = message.State(state), reference, reason
}

// tell emits what became of a message, once it is known.
func tell(tx *sdk.Tx, m *MessageRecord) error {
	d := message.Delivery{
		Message: m.ID, Customer: m.Asked.Customer, Purpose: m.Asked.Purpose, Route: m.Route, State: m.State, Reason: m.Reason, At: m.Changed,
	}
	switch m.State {
	case message.Queued:
		return nil
	case message.SentState:
		return message.Sent.Emit(tx, d)
	}
	return message.Failed.Emit(tx, d)
}
