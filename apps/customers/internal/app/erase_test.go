package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// dump is every record of the app, by collection, in JSON.
func dump(t testing.TB, e *sdktest.Env) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := e.View(func(v *sdk.View) error {
		write(out, profiles, v)
		write(out, identifiers, v)
		write(out, groups, v)
		write(out, tiers, v)
		write(out, statements, v)
		write(out, erasures, v)
		write(out, tombstones, v)
		write(out, salts, v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if declared := len(New().Descriptor().Collections); len(out) != declared {
		t.Fatalf("%d of %d collections are looked at", len(out), declared)
	}
	return out
}

// write adds a collection, in the order of its key and of each of its indexes.
func write[T any](out map[string]string, c sdk.Collection[T], v *sdk.View) {
	var b strings.Builder
	for _, index := range append([]sdk.Index{{}}, c.Indexes...) {
		for r := range c.Scan(v, sdk.Scan{Index: index.Name}) {
			text, err := json.Marshal(r)
			if err != nil {
				panic(err)
			}
			b.Write(text)
		}
	}
	out[c.Name] = b.String()
}

// canaries are planted in every free text that is said about a person.
var canaries = []string{"zanzibar", "+390299999999", "MRTMTT25D09F205Z", "1925-04-09"}

// plant makes a customer of whom everything is known.
func plant(t testing.TB, e *sdktest.Env, id retail.CustomerID, statements, moves int) {
	t.Helper()
	run(t, e, customers.Create, customers.CreateIn{
		ID: id,
		Profile: customers.Profile{
			Name:     customers.Name{Title: "zanzibar", Given: "zanzibar", Middle: "zanzibar", Family: "zanzibar", Company: "zanzibar"},
			Language: "it", Birth: "1925-04-09",
			Address: &customers.Address{Street: "zanzibar", CAP: "zanzibar", City: "zanzibar", Province: "zanzibar", Country: "IT"},
		},
		Identifiers: []customers.Identifier{
			{Type: customers.Email, Value: "zanzibar@example.it", Source: "zanzibar"},
			{Type: customers.Phone, Value: "02 99999999", Class: customers.Unique},
			{Type: customers.TaxCode, Value: "MRTMTT25D09F205Z"},
			{Type: customers.Card, Value: "zanzibar"},
			{Type: customers.External, Value: "crm/zanzibar"},
		},
	})
	run(t, e, customers.AddMembers, customers.MembersIn{Group: "vip", Customers: []retail.CustomerID{id}})
	for i := range moves {
		run(t, e, customers.SetTier, customers.SetTierIn{Customer: id, Tier: []string{"gold", "silver"}[i%2], Reason: "zanzibar"})
	}
	for range statements {
		in := yes("email")
		in.Customer, in.Proof, in.Source = id, "zanzibar", "zanzibar"
		run(t, e, customers.SetConsent, in)
	}
}

func traces(text string) (found []string) {
	for _, c := range canaries {
		if strings.Contains(strings.ToLower(text), strings.ToLower(c)) {
			found = append(found, c)
		}
	}
	return found
}

// After an erasure no record, no index and no event of the app yields the person,
// however long his history is; nobody else loses anything.
func TestEraseLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ said, moved int }{{0, 1}, {3, 1}, {2*mostRedacted + 1, 1}, {1, 2*mostRedacted + 1}} {
		e := setup(t)
		person(t, e, "C-1")
		run(t, e, customers.SetConsent, yes("email"))
		plant(t, e, "C-88", c.said, c.moved)
		if found := traces(fmt.Sprint(dump(t, e))); len(found) != len(canaries) {
			t.Fatalf("only %v of the canaries are there", found)
		}
		run(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
		if err := e.Settle(); err != nil {
			t.Fatal(err)
		}
		for name, text := range dump(t, e) {
			if found := traces(text); len(found) > 0 {
				t.Errorf("%s holds %v", name, found)
			}
		}
		for _, event := range e.Events() {
			if found := traces(string(event.Payload) + event.Key); len(found) > 0 {
				t.Errorf("%s holds %v", event.Name, found)
			}
			if event.Key != "C-88" && event.Key != "C-1" {
				t.Errorf("%s has the key %s", event.Name, event.Key)
			}
		}
		if got := sdktest.Ask(t, e, customers.Consents, customers.HistoryIn{Customer: "C-1"}).Statements; len(got) != 1 || got[0].Proof == "" {
			t.Errorf("of another there is %+v", got)
		}
		if got := sdktest.Ask(t, e, customers.Consents, customers.HistoryIn{Customer: "C-88"}).Statements; len(got) != min(c.said, 50) {
			t.Errorf("what was agreed to is %+v", got)
		}
		if got := pages(t, e, customers.ListIn{Group: "vip"}) + pages(t, e, customers.ListIn{Tier: "gold"}); got != "" {
			t.Errorf("still listed: %s", got)
		}
	}
}

func TestErasedIsErased(t *testing.T) {
	t.Parallel()
	e := setup(t)
	plant(t, e, "C-88", 1, 1)
	person(t, e, "C-1")
	out := run(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
	again := run(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
	if again != out || len(sdktest.Emitted(e, customers.Erased)) != 1 {
		t.Errorf("erased twice: %+v, then %+v", out, again)
	}
	if got := e.Events()[len(e.Events())-1]; got.Name != "customers.erased" || !bytes.Equal(got.Payload, []byte("\x81\xa8customer\xa4C-88")) {
		t.Errorf("the last event is %s %q", got.Name, got.Payload)
	}
	_, err := sdktest.Call(e, customers.GetCustomer, customers.CustomerRef{ID: "C-88"})
	sdktest.Refused(t, err, "not_found erased /id")
	_, err = sdktest.Run(e, customers.Update, customers.UpdateIn{ID: "C-88"})
	sdktest.Refused(t, err, "not_found erased /id")
	_, err = sdktest.Run(e, customers.Create, customers.CreateIn{ID: "C-88"})
	sdktest.Refused(t, err, "failed_precondition erased /id")
	_, err = sdktest.Run(e, customers.SetConsent, func() customers.SetConsentIn { in := yes(""); in.Customer = "C-88"; return in }())
	sdktest.Refused(t, err, "not_found erased /customer")
	_, err = sdktest.Run(e, customers.AddMembers, customers.MembersIn{Group: "vip", Customers: []retail.CustomerID{"C-88"}})
	sdktest.Refused(t, err, "not_found erased /customers/0")
	_, err = sdktest.Run(e, customers.Erase, customers.CustomerRef{ID: "C-99"})
	sdktest.Refused(t, err, "not_found customer /id")

	// A tombstone is of one type and value, and of no other.
	run(t, e, customers.Create, customers.CreateIn{ID: "C-90", Identifiers: []customers.Identifier{
		{Type: customers.Phone, Value: "02 99999998"}, {Type: customers.External, Value: "ZANZIBAR"}, {Type: customers.Card, Value: "crmzanzibar"},
	}})
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Email, Value: "nobody@example.it"}); got.Erased {
		t.Error("somebody whom nobody knows was erased")
	}
	back := customers.CreateIn{ID: "C-89", Identifiers: ids(customers.Phone, "0039 02 9999 9999")}
	_, err = sdktest.Run(e, customers.Create, back)
	sdktest.Refused(t, err, "failed_precondition erased /identifiers/0/value")
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Phone, Value: "+390299999999"}); !got.Erased || len(got.Holders) > 0 {
		t.Errorf("the number resolves to %+v", got)
	}
	back.Returning = true
	run(t, e, customers.Create, back)
	if got := sdktest.Ask(t, e, customers.Resolve, customers.ResolveIn{Type: customers.Phone, Value: "+390299999999"}); got.Erased || len(got.Holders) != 1 {
		t.Errorf("who came back resolves to %+v", got)
	}
	run(t, e, customers.RemoveIdentifier, customers.RemoveIdentifierIn{Customer: "C-89", Type: customers.Phone, Value: "+390299999999"})
	run(t, e, customers.SetIdentifier, customers.SetIdentifierIn{Customer: "C-1", Identifier: back.Identifiers[0]})
}

// What others share is no trace of one.
func TestSharedLeavesNoTombstone(t *testing.T) {
	t.Parallel()
	e := setup(t)
	family := customers.Identifier{Type: customers.Email, Value: "casa@example.it", Class: customers.Shared}
	for _, id := range []retail.CustomerID{"C-1", "C-2"} {
		run(t, e, customers.Create, customers.CreateIn{ID: id, Identifiers: []customers.Identifier{family}})
	}
	run(t, e, customers.Erase, customers.CustomerRef{ID: "C-1"})
	run(t, e, customers.Create, customers.CreateIn{ID: "C-3", Identifiers: []customers.Identifier{family}})
	for _, id := range []retail.CustomerID{"C-2", "C-3"} {
		run(t, e, customers.Erase, customers.CustomerRef{ID: id})
	}
	_, err := sdktest.Run(e, customers.Create, customers.CreateIn{ID: "C-4", Identifiers: []customers.Identifier{family}})
	sdktest.Refused(t, err, "failed_precondition erased /identifiers/0/value")
}

// Tombstones of one retailer say nothing about those of another.
func TestSaltIsTheTenants(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for seed := range uint64(3) {
		e := setup(t, sdktest.Seed(seed))
		plant(t, e, "C-88", 0, 0)
		run(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
		_ = e.View(func(v *sdk.View) error {
			for s := range tombstones.Scan(v, sdk.Scan{}) {
				if len(s.Hash) != 64 || seen[s.Hash] {
					t.Errorf("the hash %s again", s.Hash)
				}
				seen[s.Hash] = true
			}
			return nil
		})
	}
}

// book is what the register should hold: who has which value as what.
type book map[string]map[retail.CustomerID]customers.Class

func (b book) may(value string, id retail.CustomerID, class customers.Class) bool {
	for other, has := range b[value] {
		if other != id && (has == customers.Unique || class == customers.Unique) {
			return false
		}
	}
	return true
}

// A unique value has one customer at most, whatever is set, removed and erased in
// whatever order; the register holds what a book kept beside it says.
func TestIdentifiersUnderRandomHistories(t *testing.T) {
	t.Parallel()
	who := []retail.CustomerID{"C-1", "C-2", "C-3", "C-4"}
	values := []string{"a@example.it", "b@example.it"}
	rapid.Check(t, func(rt *rapid.T) {
		e, b, gone := setup(t), book{values[0]: {}, values[1]: {}}, map[retail.CustomerID]bool{}
		for _, id := range who {
			person(t, e, id)
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			id := rapid.SampledFrom(who).Draw(rt, "who")
			if !gone[id] {
				happen(rt, e, b, gone, id, rapid.SampledFrom(values).Draw(rt, "value"))
			}
			if rapid.Bool().Draw(rt, "conflict") {
				e.Faults.Conflict(1)
			}
		}
		for _, value := range values {
			holders := sdktest.Ask(rt, e, customers.Resolve, customers.ResolveIn{Type: customers.Email, Value: value}).Holders
			if len(holders) != len(b[value]) {
				rt.Fatalf("%s has %+v, want %v", value, holders, b[value])
			}
			for _, h := range holders {
				if b[value][h.Customer] != h.Class || h.Class == customers.Unique && len(holders) > 1 {
					rt.Fatalf("%s has %+v, want %v", value, holders, b[value])
				}
			}
		}
	})
}

// happen does one random thing to the register and to the book.
func happen(t *rapid.T, e *sdktest.Env, b book, gone map[retail.CustomerID]bool, id retail.CustomerID, value string) {
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		run(t, e, customers.Erase, customers.CustomerRef{ID: id})
		gone[id] = true
		for _, holders := range b {
			delete(holders, id)
		}
	case 1, 2, 3:
		_, err := sdktest.Run(e, customers.RemoveIdentifier, customers.RemoveIdentifierIn{Customer: id, Type: customers.Email, Value: value})
		if _, had := b[value][id]; had != (err == nil) {
			t.Fatalf("%s loses %s: %v", id, value, err)
		}
		delete(b[value], id)
	default:
		class := rapid.SampledFrom([]customers.Class{customers.Unique, customers.Shared}).Draw(t, "class")
		_, err := sdktest.Run(e, customers.SetIdentifier, customers.SetIdentifierIn{
			Customer: id, Identifier: customers.Identifier{Type: customers.Email, Value: value, Class: class}, Returning: true,
		})
		if may := b.may(value, id, class); may != (err == nil) || !may && sdk.ReasonOf(err) != "identifier" {
			t.Fatalf("%s takes %s as %s: %v, book %v", id, value, class, err, b[value])
		}
		if err == nil {
			b[value][id] = class
		}
	}
}

// The host itself refuses a second customer of a unique value, should the app
// ever look past the first.
func TestUniqueIsTheHosts(t *testing.T) {
	t.Parallel()
	err := setup(t).Update(func(tx *sdk.Tx) error {
		for _, id := range []retail.CustomerID{"C-1", "C-2"} {
			if err := identifiers.Put(tx, IdentifierRecord{Customer: id, Type: customers.Email, Value: "a@example.it", Once: "a@example.it"}); err != nil {
				return err
			}
		}
		return nil
	})
	if sdk.ReasonOf(err) != "unique" {
		t.Errorf("two customers have it: %v", err)
	}
}
