package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// setup is a register with two groups and nobody in it.
func setup(t testing.TB, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	e := sdktest.New(t, New(), append(parts, sdktest.Twice)...)
	e.At("2026-11-21 17:05 Europe/Rome")
	for _, id := range []string{"vip", "staff"} {
		run(t, e, customers.PutGroup, customers.Group{ID: id, Name: strings.ToUpper(id)})
	}
	return e
}

// run runs a command, a second after the one before. No command answers with
// what was planted of a person.
func run[In, Out any](t sdktest.Reporter, e *sdktest.Env, c sdk.Command[In, Out], in In) Out {
	t.Helper()
	if err := e.Advance(time.Second); err != nil {
		t.Fatalf("%v", err)
	}
	out := sdktest.Do(t, e, c, in)
	if found := traces(fmt.Sprint(out)); len(found) > 0 {
		t.Fatalf("%s answers with a person: %v", c.Name, found)
	}
	return out
}

func anna() customers.CreateIn {
	return customers.CreateIn{
		ID: "C-88",
		Profile: customers.Profile{
			Name: customers.Name{Title: "Dott.ssa", Given: "Anna", Family: "Rossi"}, Language: "it", Birth: "1980-01-31",
			Address: &customers.Address{Street: "Via Torino 1", CAP: "20123", City: "Milano", Province: "MI", Country: "IT"},
		},
		Identifiers: []customers.Identifier{
			{Type: customers.Email, Value: "Anna.Rossi@Example.IT", Verified: true, Source: "web"},
			{Type: customers.Phone, Value: "02 8646 3555"},
			{Type: customers.TaxCode, Value: "rssmra80a71h501b"},
		},
	}
}

func person(t testing.TB, e *sdktest.Env, id retail.CustomerID) {
	t.Helper()
	run(t, e, customers.Create, customers.CreateIn{ID: id})
}

func TestCreateAndRead(t *testing.T) {
	t.Parallel()
	e := setup(t)
	out := run(t, e, customers.Create, anna())
	sdktest.Golden(t, sdktest.Ask(t, e, customers.GetCustomer, customers.CustomerRef{ID: "C-88"}))
	if out.Changed != e.Now() || out.ID != "C-88" {
		t.Errorf("create answers %+v", out)
	}
	if got := sdktest.Emitted(e, customers.Identified); len(got) != 3 || got[0].Type != customers.Email || !got[0].Verified || got[1].Class != customers.Shared {
		t.Errorf("identified: %+v", got)
	}
	named := run(t, e, customers.Create, customers.CreateIn{})
	if len(named.ID) != 26 || len(sdktest.Emitted(e, customers.Created)) != 2 {
		t.Errorf("an id of its own is %q", named.ID)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	e := setup(t)
	in := anna()
	run(t, e, customers.Create, in)
	run(t, e, customers.Update, customers.UpdateIn{ID: in.ID, Profile: in.Profile})
	if got := sdktest.Emitted(e, customers.Updated); len(got) != 0 {
		t.Errorf("the same profile is news: %+v", got)
	}
	in.Profile.Name.Family, in.Profile.Address = "Bianchi", &customers.Address{}
	run(t, e, customers.Update, customers.UpdateIn{ID: in.ID, Profile: in.Profile})
	out := sdktest.Ask(t, e, customers.GetCustomer, customers.CustomerRef{ID: in.ID})
	if got := sdktest.Emitted(e, customers.Updated); len(got) != 1 || !slices.Equal(got[0].Parts, []string{"name", "address"}) {
		t.Errorf("updated: %+v", got)
	}
	if out.Profile.Address != nil || out.Changed != e.Now() || out.Created == out.Changed {
		t.Errorf("the customer is %+v", out)
	}
	in.Profile.Language, in.Profile.Birth = "de-AT", "1981-01-01"
	run(t, e, customers.Update, customers.UpdateIn{ID: in.ID, Profile: in.Profile})
	if got := sdktest.Emitted(e, customers.Updated); !slices.Equal(got[1].Parts, []string{"language", "birth"}) {
		t.Errorf("updated: %+v", got[1])
	}
}

func TestProfilesRefused(t *testing.T) {
	t.Parallel()
	e := setup(t)
	run(t, e, customers.Create, anna())
	for want, change := range map[string]func(*customers.CreateIn){
		"invalid id /id":                           func(c *customers.CreateIn) { c.ID = "anna@example.it" },
		"conflict exists /id":                      func(c *customers.CreateIn) { c.ID = "C-88" },
		"invalid name /profile/name":               func(c *customers.CreateIn) { c.Profile.Name.Given = strings.Repeat("a", 101) },
		"invalid company /profile/name/company":    func(c *customers.CreateIn) { c.Profile.Name.Company = " " },
		"invalid language /profile/language":       func(c *customers.CreateIn) { c.Profile.Language = "italiano" },
		"invalid birth /profile/birth":             func(c *customers.CreateIn) { c.Profile.Birth = "2026-11-23" },
		"invalid address /profile/address":         func(c *customers.CreateIn) { c.Profile.Address.City = "Mi\nlano" },
		"invalid country /profile/address/country": func(c *customers.CreateIn) { c.Profile.Address.Country = "Italia" },
		"conflict identifier /identifiers/0/value": func(c *customers.CreateIn) { c.Identifiers = c.Identifiers[:1] },
		"invalid phone /identifiers/0/value":       func(c *customers.CreateIn) { c.Identifiers = ids(customers.Phone, "+39 2 86463555") },
		"invalid type /identifiers/0/type":         func(c *customers.CreateIn) { c.Identifiers = ids("passport", "1") },
		"invalid class /identifiers/0/class":       func(c *customers.CreateIn) { c.Identifiers[0].Class = "mine" },
		"invalid source /identifiers/0/source":     func(c *customers.CreateIn) { c.Identifiers[0].Source = "\n" },
		"too_large identifiers":                    func(c *customers.CreateIn) { c.Identifiers = make([]customers.Identifier, 31) },
		"invalid tax_code /identifiers/0/value":    func(c *customers.CreateIn) { c.Identifiers = ids(customers.TaxCode, "RSSMRA80A71H501X") },
		"invalid vat_number /identifiers/0/value":  func(c *customers.CreateIn) { c.Identifiers = ids(customers.VATNumber, "1") },
		"invalid email /identifiers/0/value":       func(c *customers.CreateIn) { c.Identifiers = ids(customers.Email, "anna") },
		"invalid card /identifiers/0/value":        func(c *customers.CreateIn) { c.Identifiers = ids(customers.Card, "1") },
		"invalid external /identifiers/0/value":    func(c *customers.CreateIn) { c.Identifiers = ids(customers.External, "") },
	} {
		in := anna()
		in.ID = "C-99"
		change(&in)
		_, err := sdktest.Run(e, customers.Create, in)
		sdktest.Refused(t, err, want)
	}
	in := anna()
	in.ID = "RSSMRA80A71H501B"
	_, err := sdktest.Run(e, customers.Create, in)
	sdktest.Refused(t, err, "invalid id /id")
	if got := len(sdktest.Emitted(e, customers.Created)); got != 1 {
		t.Errorf("what was refused left events: %d", got)
	}
}

func ids(kind customers.IdentifierType, values ...string) (out []customers.Identifier) {
	for _, v := range values {
		out = append(out, customers.Identifier{Type: kind, Value: v})
	}
	return out
}

// No error repeats what a person is called or reached by.
func TestErrorsTellNothing(t *testing.T) {
	t.Parallel()
	e := setup(t)
	run(t, e, customers.Create, anna())
	person(t, e, "C-99")
	_, taken := sdktest.Run(e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-99", Identifier: anna().Identifiers[0]})
	sdktest.Refused(t, taken, "conflict identifier /identifier/value")
	_, bad := sdktest.Run(e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-99", Identifier: ids(customers.Email, "anna.rossi@")[0]})
	sdktest.Refused(t, bad, "invalid email /identifier/value")
	run(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
	_, erased := sdktest.Run(e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-99", Identifier: anna().Identifiers[0]})
	sdktest.Refused(t, erased, "failed_precondition erased /identifier/value")
	for _, err := range []error{taken, bad, erased} {
		var x *sdk.Error
		if text := strings.ToLower(err.Error()); !errors.As(err, &x) || strings.Contains(text, "anna") || strings.Contains(text, "c-88") || len(x.Fields) > 0 {
			t.Errorf("%v (%+v)", err, x)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	e := setup(t)
	person(t, e, "C-1")
	person(t, e, "C-2")
	set := func(id retail.CustomerID, x customers.Identifier) error {
		_, err := sdktest.Run(e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: id, Identifier: x})
		return err
	}
	family := customers.Identifier{Type: customers.Email, Value: "casa@example.it", Class: customers.Shared}
	sdktest.Refused(t, set("C-1", family), "ok")
	sdktest.Refused(t, set("C-2", family), "ok")
	alone := family
	alone.Class = customers.Unique
	sdktest.Refused(t, set("C-1", alone), "conflict identifier /identifier/value")
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Email, Value: "CASA@example.it"}); len(got.Holders) != 2 || got.More || got.Erased {
		t.Errorf("the family is %+v", got)
	}
	run(t, e, customers.RemoveIdentifier, customers.RemoveIdentifierIn{Customer: "C-2", Type: customers.Email, Value: "Casa@Example.it"})
	sdktest.Refused(t, set("C-1", alone), "ok")
	sdktest.Refused(t, set("C-2", family), "conflict identifier /identifier/value")
	events := len(e.Events())
	run(t, e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-1", Identifier: alone})
	if len(e.Events()) != events {
		t.Error("the same identifier again is news")
	}
	alone.Verified = true
	sdktest.Refused(t, set("C-1", alone), "ok")
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Email, Value: "casa@example.it"}); len(got.Holders) != 1 || !got.Holders[0].Verified {
		t.Errorf("the holder is %+v", got)
	}
	for i := range customers.MaxIdentifiers - 1 {
		sdktest.Refused(t, set("C-1", ids(customers.Card, fmt.Sprint(1000+i))[0]), "ok")
	}
	sdktest.Refused(t, set("C-1", ids(customers.Card, "9999")[0]), "too_large identifiers")
	alone.Source = "till"
	sdktest.Refused(t, set("C-1", alone), "ok")
	sdktest.Refused(t, set("C-3", alone), "not_found customer /customer")
	_, err := sdktest.Run(e, customers.RemoveIdentifier, customers.RemoveIdentifierIn{Customer: "C-2", Type: customers.Card, Value: "9999"})
	sdktest.Refused(t, err, "not_found identifier /value")
	_, err = sdktest.Call(e, customers.Resolve, customers.ResolveIn{Type: "passport"})
	sdktest.Refused(t, err, "invalid type /type")
}

// A number without a country is one of the retailer's.
func TestCallingCode(t *testing.T) {
	t.Parallel()
	e := setup(t, sdktest.Settings(Settings{CallingCode: "44"}))
	person(t, e, "C-1")
	run(t, e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-1", Identifier: ids(customers.Phone, "020 7946 0018")[0]})
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Phone, Value: "+442079460018"}); len(got.Holders) != 1 {
		t.Errorf("the number resolves to %+v", got)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	e := setup(t)
	var all []retail.CustomerID
	for i := range 7 {
		id := retail.CustomerID(fmt.Sprintf("C-%d", i))
		person(t, e, id)
		all = append(all, id)
	}
	if got := run(t, e, customers.AddMembers, customers.MembersIn{Group: "vip", Customers: all[:5]}); got.Changed != 5 {
		t.Errorf("%d joined", got.Changed)
	}
	if got := run(t, e, customers.AddMembers, customers.MembersIn{Group: "vip", Customers: all[3:7]}); got.Changed != 2 {
		t.Errorf("%d joined", got.Changed)
	}
	run(t, e, customers.AddMembers, customers.MembersIn{Group: "staff", Customers: all[:1]})
	run(t, e, customers.RemoveMembers, customers.MembersIn{Group: "vip", Customers: all[1:3]})
	for limit := range int64(7) {
		if got := pages(t, e, customers.ListIn{Group: "vip", Limit: limit}); got != "C-0 C-3 C-4 C-5 C-6" {
			t.Errorf("in pages of %d: %s", limit, got)
		}
	}
	if got := sdktest.Ask(t, e, customers.GetCustomer, customers.CustomerRef{ID: "C-0"}); !slices.Equal(got.Groups, []string{"staff", "vip"}) {
		t.Errorf("the groups are %v", got.Groups)
	}
	if got := sdktest.Emitted(e, customers.GroupChanged); len(got) != 10 || got[9].Member {
		t.Errorf("%d events, the last %+v", len(got), got[len(got)-1])
	}
	for want, in := range map[string]customers.MembersIn{
		"not_found group /group":          {Group: "nobody"},
		"not_found customer /customers/1": {Group: "vip", Customers: []retail.CustomerID{"C-1", "C-9"}},
		"too_large members":               {Group: "vip", Customers: make([]retail.CustomerID, 101)},
	} {
		_, err := sdktest.Run(e, customers.AddMembers, in)
		sdktest.Refused(t, err, want)
	}
	if got := pages(t, e, customers.ListIn{Group: "vip"}); strings.Contains(got, "C-1") {
		t.Error("half of a refused call happened")
	}
	out := sdktest.Ask(t, e, customers.Groups, customers.GroupsIn{Limit: 1})
	next := sdktest.Ask(t, e, customers.Groups, customers.GroupsIn{Limit: 1, Cursor: out.Cursor})
	if out.Groups[0].ID != "staff" || next.Groups[0].ID != "vip" || next.Cursor != "" {
		t.Errorf("pages %+v, %+v", out, next)
	}
	for want, g := range map[string]customers.Group{"invalid id /id": {ID: "a b", Name: "x"}, "invalid name /name": {ID: "a"}} {
		_, err := sdktest.Run(e, customers.PutGroup, g)
		sdktest.Refused(t, err, want)
	}
}

// A customer is in so many groups and no more.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	e := setup(t)
	person(t, e, "C-1")
	for i := range customers.MaxGroups + 1 {
		id := fmt.Sprint("g", i)
		run(t, e, customers.PutGroup, customers.Group{ID: id, Name: id})
		_, err := sdktest.Run(e, customers.AddMembers, customers.MembersIn{Group: id, Customers: []retail.CustomerID{"C-1"}})
		want := "ok"
		if i == customers.MaxGroups {
			want = "too_large groups /customers/0"
		}
		sdktest.Refused(t, err, want)
	}
}

// pages lists ids until the cursor is empty.
func pages(t testing.TB, e *sdktest.Env, in customers.ListIn) string {
	t.Helper()
	var got []string
	for range 100 {
		out := sdktest.Ask(t, e, customers.List, in)
		for _, c := range out.Customers {
			got = append(got, string(c.ID))
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return strings.Join(got, " ")
		}
	}
	t.Fatal("the pages do not end")
	return ""
}

func TestTiers(t *testing.T) {
	t.Parallel()
	e := setup(t, sdktest.Settings(Settings{Tiers: []string{"silver", "gold"}}))
	person(t, e, "C-1")
	person(t, e, "C-2")
	steps := []string{"silver", "gold", "", "gold"}
	for i, tier := range steps {
		out := run(t, e, customers.SetTier, customers.SetTierIn{Customer: "C-1", Tier: tier, Reason: fmt.Sprint("step ", i)})
		if again := run(t, e, customers.SetTier, customers.SetTierIn{Customer: "C-1", Tier: tier, Reason: "once more"}); again != out {
			t.Errorf("once more it is %+v, not %+v", again, out)
		}
	}
	if none := run(t, e, customers.SetTier, customers.SetTierIn{Customer: "C-2", Reason: "never had any"}); none.ID != "" {
		t.Errorf("no change is %+v", none)
	}
	var got []string
	in := customers.HistoryIn{Customer: "C-1", Limit: 3}
	for {
		out := sdktest.Ask(t, e, customers.TierHistory, in)
		for _, c := range out.Changes {
			got = append(got, c.From+">"+c.To+" "+c.Reason)
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	if want := []string{">gold step 3", "gold> step 2", "silver>gold step 1", ">silver step 0"}; !slices.Equal(got, want) {
		t.Errorf("the history is %q", got)
	}
	if got := pages(t, e, customers.ListIn{Tier: "gold"}); got != "C-1" {
		t.Errorf("gold are %s", got)
	}
	if got := len(sdktest.Emitted(e, customers.TierChanged)); got != 4 {
		t.Errorf("%d events", got)
	}
	_, err := sdktest.Run(e, customers.SetTier, customers.SetTierIn{Customer: "C-1", Tier: "platinum", Reason: "x"})
	sdktest.Refused(t, err, "invalid tier /tier")
	_, err = sdktest.Run(e, customers.SetTier, customers.SetTierIn{Customer: "C-1", Tier: "silver"})
	sdktest.Refused(t, err, "invalid reason /reason")
	_, err = sdktest.Call(e, customers.List, customers.ListIn{Tier: "gold", Group: "vip"})
	sdktest.Refused(t, err, "invalid filter")
}
