package app

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/customerstest"
	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// post is a route that keeps what it was given, in its own transaction's part.
var post = sdk.Collection[letter]{Name: "letters", Key: []string{"in.message"}}

type letter struct {
	In message.RouteIn `json:"in"`
}

// gone tells the test what the route was given.
var gone = sdk.Event[letter]{Name: "fake-routes.gone"}

// routes is an app that fills e-mail and SMS: e-mail delivers at once, SMS
// queues. Addresses make it fail in the ways that a route may.
func routes() *sdk.App {
	deliver := func(state message.State) func(tx *sdk.Tx, in message.RouteIn) (message.RouteOut, error) {
		return func(tx *sdk.Tx, in message.RouteIn) (message.RouteOut, error) {
			if err := post.Insert(tx, letter{in}); err != nil {
				return message.RouteOut{}, err
			}
			if err := gone.Emit(tx, letter{in}); err != nil {
				return message.RouteOut{}, err
			}
			switch {
			case strings.HasPrefix(in.Address, "broken"):
				return message.RouteOut{}, sdk.Fail(sdk.CodeUnavailable, "line", "the line is dead")
			case strings.HasPrefix(in.Address, "panic"):
				panic("a route that falls over")
			case strings.HasPrefix(in.Address, "bounce"):
				return message.RouteOut{State: message.Refused, Reason: "bounced"}, nil
			case strings.HasPrefix(in.Address, "odd"):
				return message.RouteOut{State: "perhaps", Reference: "ref-1"}, nil
			}
			return message.RouteOut{State: state, Reference: "ref-" + in.Message[20:]}, nil
		}
	}
	return sdk.NewApp("fake-routes", post,
		message.Route.Fill("email", deliver(message.SentState)),
		message.Route.Fill("sms", deliver(message.Queued)),
	)
}

// paper is the manifest: the app is held to its grants.
func paper(t testing.TB) sdktest.Part {
	t.Helper()
	data, err := os.ReadFile("../../../../manifests/message.json")
	if err != nil {
		t.Fatal(err)
	}
	return sdktest.Manifest(data)
}

// setup is the app with routes and customers: C-1 has everything and agrees to
// e-mail, C-2 has a telephone and agrees to all, C-3 has nothing.
func setup(t testing.TB, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	e := sdktest.New(t, New(), append(parts, sdktest.With(routes(), customerstest.New()), paper(t), sdktest.Twice)...)
	email := customers.Identifier{Type: customers.Email, Value: "anna@example.it"}
	verified := customers.Identifier{Type: customers.Email, Value: "zanna@example.it", Verified: true}
	phone := customers.Identifier{Type: customers.Phone, Value: "+390286463555"}
	for id, list := range map[retail.CustomerID][]customers.Identifier{"C-1": {email, verified, phone}, "C-2": {phone}, "C-3": nil} {
		run(t, e, customers.Create, customers.CreateIn{ID: id, Profile: customers.Profile{Language: "de-AT"}, Identifiers: list})
	}
	agree(t, e, "C-1", "email")
	agree(t, e, "C-2", "")
	return e
}

func agree(t testing.TB, e *sdktest.Env, id retail.CustomerID, channel customers.ContactChannel) {
	t.Helper()
	run(t, e, customers.SetConsent, customers.SetConsentIn{
		Customer: id, Purpose: customers.Marketing, Channel: channel, TextVersion: "privacy-3", Source: "till",
	})
}

// run runs a command, a second after the one before.
func run[In, Out any](t testing.TB, e *sdktest.Env, c sdk.Command[In, Out], in In) Out {
	t.Helper()
	if err := e.Advance(time.Second); err != nil {
		t.Fatal(err)
	}
	out := sdktest.Do(t, e, c, in)
	if text := fmt.Sprint(out); strings.Contains(text, "zanzibar") || strings.Contains(text, "anna@") {
		t.Errorf("%s answers with a person: %s", c.Name, text)
	}
	return out
}

// kept sends a message and reads what was kept of it.
func kept(t testing.TB, e *sdktest.Env, in message.SendIn) message.Message {
	t.Helper()
	return sdktest.Ask(t, e, message.GetMessage, message.Ref{ID: run(t, e, message.Send, in).ID})
}

// reported reports an outcome and reads what was kept of it.
func reported(t testing.TB, e *sdktest.Env, in message.ReportIn) message.Message {
	t.Helper()
	return sdktest.Ask(t, e, message.GetMessage, message.Ref{ID: run(t, e, message.Report, in).ID})
}

// texts in three languages.
func texts() []message.Text {
	return []message.Text{
		{Language: "en", Subject: "News", Body: "New shirts."},
		{Language: "it", Subject: "Novità", Body: "Camicie nuove."},
		{Language: "de", Subject: "Neues", Body: "Neue Hemden."},
	}
}

// outcome is what became of a message, in a line.
func outcome(m message.Message) string {
	return strings.Join(strings.Fields(string(m.State)+" "+m.Route+" "+m.Address+" "+m.Reason), " ")
}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   message.SendIn
		want string
	}{
		{"service needs no consent", message.SendIn{Customer: "C-1", Purpose: "service"}, "sent email zanna@example.it"},
		{"marketing to who agrees", message.SendIn{Customer: "C-1", Purpose: "marketing"}, "sent email zanna@example.it"},
		{"by a route he does not agree to", message.SendIn{Customer: "C-1", Purpose: "marketing", Route: "sms"}, "refused sms no_consent"},
		{"the first route that fits", message.SendIn{Customer: "C-2", Purpose: "marketing"}, "queued sms +390286463555"},
		{"a route without an address", message.SendIn{Customer: "C-2", Purpose: "marketing", Route: "email"}, "refused email no_address"},
		{"another purpose", message.SendIn{Customer: "C-2", Purpose: "profiling"}, "refused no_address"},
		{"nobody has an address", message.SendIn{Customer: "C-3", Purpose: "service"}, "refused no_address"},
		{"a route that is not there", message.SendIn{Customer: "C-1", Purpose: "service", Route: "pigeon"}, "refused pigeon no_route"},
		{"an unknown customer", message.SendIn{Customer: "C-9", Purpose: "service"}, "refused unknown_customer"},
		{"a customer elsewhere", message.SendIn{Customer: "C-1", Purpose: "marketing", Address: "new@example.it", Route: "email"}, "sent email new@example.it"},
		{"elsewhere without consent", message.SendIn{Customer: "C-3", Purpose: "marketing", Address: "new@example.it", Route: "email"}, "refused email no_consent"},
		{"an address, for service", message.SendIn{Purpose: "service", Address: "new@example.it", Route: "email"}, "sent email new@example.it"},
		{"an address, for marketing", message.SendIn{Purpose: "marketing", Address: "new@example.it", Route: "email"}, "refused no_customer"},
		{"a route that fails", message.SendIn{Purpose: "service", Address: "broken@example.it", Route: "email"}, "failed email broken@example.it route_failed"},
		{"a route that falls over", message.SendIn{Purpose: "service", Address: "panic@example.it", Route: "email"}, "failed email panic@example.it route_failed"},
		{"a route that refuses", message.SendIn{Purpose: "service", Address: "bounce@example.it", Route: "email"}, "refused email bounce@example.it bounced"},
		{"a route that mumbles", message.SendIn{Purpose: "service", Address: "odd@example.it", Route: "email"}, "failed email odd@example.it route_failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			c.in.Key, c.in.Texts = "k", texts()
			m := kept(t, e, c.in)
			if got := outcome(m); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			told(t, e, m)
		})
	}
}

// told checks that a message's event is there, once, and nothing that a failed
// route has done.
func told(t *testing.T, e *sdktest.Env, m message.Message) {
	t.Helper()
	sent, failed, letters := len(sdktest.Emitted(e, message.Sent)), len(sdktest.Emitted(e, message.Failed)), len(sdktest.Emitted(e, gone))
	want := map[message.State][2]int{message.Queued: {}, message.SentState: {1, 0}, message.Refused: {0, 1}, message.FailedState: {0, 1}}[m.State]
	if [2]int{sent, failed} != want {
		t.Errorf("%s: %d told as sent, %d as failed", m.State, sent, failed)
	}
	if m.State == message.Queued && letters != 1 || m.State == message.SentState && letters != 1 || m.State == message.Refused && m.Address == "" && letters != 0 {
		t.Errorf("%s: the route has %d letters", m.State, letters)
	}
	if m.State == message.FailedState && !strings.HasPrefix(m.Address, "odd") && letters != 0 {
		t.Errorf("a route that failed left %d letters", letters)
	}
}

// What a route is given: the text in the customer's language, or the template.
func TestRouteIn(t *testing.T) {
	t.Parallel()
	e := setup(t)
	m := kept(t, e, message.SendIn{Key: "1", Customer: "C-1", Purpose: "service", Texts: texts()})
	kept(t, e, message.SendIn{Key: "2", Customer: "C-2", Purpose: "service", Language: "en", Texts: texts()})
	kept(t, e, message.SendIn{
		Key: "3", Customer: "C-1", Purpose: "service", Template: "order/ready", Parameters: []message.Parameter{{Name: "order", Value: "417"}},
	})
	kept(t, e, message.SendIn{Key: "4", Purpose: "service", Route: "sms", Address: "+39347", Texts: texts()})
	letters := sdktest.Emitted(e, gone)
	if got := letters[0].In; got.Message != m.ID || got.Text == nil || got.Text.Body != "Neue Hemden." || got.Language != "de" || got.Customer != "C-1" {
		t.Errorf("the first is %+v", got)
	}
	if got := letters[1].In; got.Text.Body != "New shirts." || got.Address != "+390286463555" {
		t.Errorf("the second is %+v", got)
	}
	if got := letters[2].In; got.Text != nil || got.Template != "order/ready" || got.Language != "de-AT" || got.Parameters[0].Value != "417" {
		t.Errorf("the third is %+v", got)
	}
	if got := letters[3].In; got.Text.Language != "it" || got.Customer != "" {
		t.Errorf("the fourth is %+v", got)
	}
}

// The same key sends once, however often and whatever happened since.
func TestOnce(t *testing.T) {
	t.Parallel()
	e := setup(t)
	in := message.SendIn{Key: "order/417", Customer: "C-1", Purpose: "marketing", Texts: texts()}
	e.Faults.Conflict(2)
	first := kept(t, e, in)
	run(t, e, customers.WithdrawConsent, customers.WithdrawConsentIn{Customer: "C-1", Purpose: "marketing", Source: "web"})
	if again := kept(t, e, in); again.ID != first.ID || again.State != message.SentState {
		t.Errorf("again it is %+v", again)
	}
	if letters := sdktest.Emitted(e, gone); len(letters) != 1 {
		t.Errorf("%d letters left", len(letters))
	}
	for _, change := range []func(*message.SendIn){
		func(in *message.SendIn) { in.Customer = "C-2" },
		func(in *message.SendIn) { in.Purpose = "service" },
		func(in *message.SendIn) { in.Route = "email" },
		func(in *message.SendIn) { in.Language = "it" },
		func(in *message.SendIn) { in.Texts = texts()[:2] },
		func(in *message.SendIn) { in.Texts, in.Template = nil, "t" },
		func(in *message.SendIn) { in.Address, in.Route = "x@example.it", "email" },
	} {
		other := in
		change(&other)
		_, err := sdktest.Run(e, message.Send, other)
		sdktest.Refused(t, err, "conflict key_reused /key")
	}
	in.Key = "order/418"
	if late := kept(t, e, in); outcome(late) != "refused withdrawn" {
		t.Errorf("after the withdrawal: %s", outcome(late))
	}
}

// Two apps may use the same key.
func TestKeysAreTheCallers(t *testing.T) {
	t.Parallel()
	nudge := sdk.Command[sdk.None, message.Message]{Name: "nudge.now"}
	in := message.SendIn{Key: "1", Customer: "C-1", Purpose: "service", Texts: texts()}
	caller := sdk.NewApp("nudge", nudge.Handle(func(tx *sdk.Tx, _ sdk.None) (message.Message, error) { return message.Send.Call(tx, in) }))
	e := setup(t, sdktest.With(caller))
	edge, app := kept(t, e, in), run(t, e, nudge, sdk.None{})
	if edge.ID == app.ID || app.App != "nudge" || edge.App != "" {
		t.Errorf("at the edge %s of %q, by an app %s of %q", edge.ID, edge.App, app.ID, app.App)
	}
}

// Without a register of customers messages go to addresses, for service only.
func TestWithoutCustomers(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*sdktest.Env{
		"none":        sdktest.New(t, New(), sdktest.With(routes())),
		"not allowed": setup(t, sdktest.Revoke("customers.customer", "customers.can_contact")),
	} {
		for key, c := range map[string]struct {
			in   message.SendIn
			want string
		}{
			"1": {message.SendIn{Purpose: "service", Address: "a@example.it", Route: "email"}, "sent email a@example.it"},
			"2": {message.SendIn{Purpose: "marketing", Address: "a@example.it", Route: "email"}, "refused no_customer"},
			"3": {message.SendIn{Purpose: "service", Customer: "C-1"}, "refused no_customers"},
			"4": {message.SendIn{Purpose: "marketing", Customer: "C-1"}, "refused no_customers"},
		} {
			c.in.Key, c.in.Template = key, "t"
			if got := outcome(kept(t, e, c.in)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	}
	half := setup(t, sdktest.Revoke("customers.can_contact"))
	if got := outcome(kept(t, half, message.SendIn{Key: "1", Purpose: "marketing", Customer: "C-1", Template: "t"})); got != "refused no_customers" {
		t.Errorf("with nobody to ask for consent: %s", got)
	}
}

// Without any route nothing leaves.
func TestWithoutRoutes(t *testing.T) {
	t.Parallel()
	e := sdktest.New(t, New(), sdktest.With(customerstest.New()), sdktest.Twice)
	run(t, e, customers.Create, customers.CreateIn{ID: "C-1"})
	for key, in := range map[string]message.SendIn{"1": {Customer: "C-1"}, "2": {Address: "a@example.it", Route: "email"}} {
		in.Key, in.Purpose, in.Template = key, "service", "t"
		if m := kept(t, e, in); m.State != message.Refused || m.Reason != "no_route" {
			t.Errorf("it is %s", outcome(m))
		}
	}
	if failed := sdktest.Emitted(e, message.Failed); len(failed) != 2 || failed[0].Reason != "no_route" {
		t.Errorf("told is %+v", failed)
	}
}

// If the register does not answer, nothing is sent, and nothing is recorded that
// would keep the key from sending later.
func TestCustomersDown(t *testing.T) {
	t.Parallel()
	e := setup(t)
	in := message.SendIn{Key: "1", Customer: "C-1", Purpose: "marketing", Template: "t"}
	for _, operation := range []string{"customers.customer", "customers.can_contact"} {
		e.Faults.Fail(operation, sdk.Fail(sdk.CodeUnavailable, "", "down"))
		_, err := sdktest.Run(e, message.Send, in)
		sdktest.Refused(t, err, "unavailable")
		e.Faults.Heal(operation)
	}
	if got := sdktest.Ask(t, e, message.List, message.ListIn{}).Messages; len(got) != 0 || len(sdktest.Emitted(e, gone)) != 0 {
		t.Errorf("recorded is %+v", got)
	}
	if m := kept(t, e, in); m.State != message.SentState {
		t.Errorf("later it is %s", outcome(m))
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for want, changes := range map[string][]func(*message.SendIn){
		"invalid key /key":                 {func(in *message.SendIn) { in.Key = "" }, func(in *message.SendIn) { in.Key = "anna@example.it" }},
		"invalid recipient":                {func(in *message.SendIn) { in.Customer = "" }},
		"invalid address /address":         {func(in *message.SendIn) { in.Address = strings.Repeat("a", 255) }},
		"invalid route /route":             {func(in *message.SendIn) { in.Address = "a" }, func(in *message.SendIn) { in.Route = "a b" }},
		"invalid purpose /purpose":         {func(in *message.SendIn) { in.Purpose = "" }},
		"invalid language /language":       {func(in *message.SendIn) { in.Language = "Italiano" }},
		"invalid content":                  {func(in *message.SendIn) { in.Texts = nil }, func(in *message.SendIn) { in.Template = "t" }},
		"invalid content /template":        {func(in *message.SendIn) { in.Texts, in.Template = nil, "a b" }},
		"invalid parameters /parameters/1": {func(in *message.SendIn) { in.Parameters = make([]message.Parameter, 2); in.Parameters[0].Name = "a" }},
		"invalid parameters /parameters":   {func(in *message.SendIn) { in.Parameters = make([]message.Parameter, 101) }},
		"invalid texts /texts/3":           {func(in *message.SendIn) { in.Texts = append(in.Texts, in.Texts[0]) }},
		"invalid texts /texts/0":           {func(in *message.SendIn) { in.Texts[0].Body = "" }, func(in *message.SendIn) { in.Texts[0].Subject = "a\nb" }},
		"invalid texts /texts":             {func(in *message.SendIn) { in.Texts = make([]message.Text, 21) }},
	} {
		for _, change := range changes {
			in := message.SendIn{Key: "k", Customer: "C-1", Purpose: "service", Texts: texts()}
			change(&in)
			_, err := sdktest.Run(e, message.Send, in)
			sdktest.Refused(t, err, want)
		}
	}
	_, err := sdktest.Call(e, message.GetMessage, message.Ref{ID: "none"})
	sdktest.Refused(t, err, "not_found message /id")
}
