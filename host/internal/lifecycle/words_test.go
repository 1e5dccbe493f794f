package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/manifests"
)

var update = flag.Bool("update", false, "write testdata anew")

// shelve puts a manifest into the catalogue beside a module that is only bytes: a
// plan reads no more than the manifest.
func (f *fixture) shelve(m *manifest.Manifest) string {
	f.t.Helper()
	wasm := []byte(m.ID + m.Version)
	m.Digest, m.Size = sum(wasm), int64(len(wasm))
	text, err := json.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	e, err := newEntry(text)
	if err != nil {
		f.t.Fatal(err)
	}
	base := filepath.Join(f.catalogue, m.ID+"-"+m.Version)
	if err := errors.Join(os.WriteFile(base+".wasm", wasm, 0o600), os.WriteFile(base+".json", text, 0o600)); err != nil {
		f.t.Fatal(err)
	}
	return e.digest
}

// keep writes records as jobs would have left them.
func (f *fixture) keep(records map[string]record) {
	f.t.Helper()
	_, err := f.kernel.Do(context.Background(), kernel.Task{Tenant: shop, Name: "test", Do: func(tx *kernel.Tx) error {
		for id, rec := range records {
			if err := apps.Put(tx, id, rec); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		f.t.Fatal(err)
	}
}

// letters reads customers and sends them away, in two versions: the second wants
// more of everything.
func letters(second bool) *manifest.Manifest {
	m := &manifest.Manifest{
		ID: "letters", Version: "1.0.0", Kind: manifest.App, Vendor: "Posta & Co.", Category: "messaging",
		Name: manifest.Text{IT: "Lettere", EN: "Letters"}, Summary: both("letters"),
		Needs: []manifest.Need{{Contract: "customers", Range: "^0.1"}},
		Grants: []manifest.Grant{
			{Call: "customers.customers", Why: manifest.Text{IT: "Sceglie a chi scrivere.", EN: "Chooses whom to write to."}, Bounds: &manifest.Bounds{Max: []manifest.Max{{Field: "limit", Max: 100}}, Stores: []string{"MI-01", "TO-01"}}},
			{HTTP: "api.letters.example", Why: manifest.Text{IT: "Spedisce le lettere.", EN: "Posts the letters."}, Secret: &manifest.GrantSecret{Setting: "key", Header: "Authorization", Prefix: "Bearer "}},
		},
		Limits:      manifest.Limits{MemoryBytes: 64 << 20, TimeMillis: 10_000},
		Permissions: []manifest.Permission{{Name: "letters.write", Title: manifest.Text{IT: "Scrivere ai clienti", EN: "Write to customers"}, Operations: []string{"letters.write"}}},
		Provides: &manifest.Provides{
			Contract:   "letters",
			Operations: []manifest.Operation{{Name: "letters.write", Kind: "command", Input: object, Output: object}},
			Fills:      []manifest.Fill{{Slot: "message.route", Key: "letter"}},
			Subscribes: []manifest.Subscription{{Event: "customers.created"}},
			Settings:   json.RawMessage(`{"type":"object","properties":{"key":{"type":"string","format":"secret"}}}`),
			Collections: []manifest.Collection{
				{Name: "letters", Key: []string{"id"}, Subject: "customer", Record: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"},"customer":{"type":"string"}}}`)},
				{Name: "templates", Key: []string{"id"}, Record: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`)},
			},
		},
	}
	if second {
		m.Version = "1.1.0"
		m.Grants[0].Bounds = nil
		m.Grants = append(m.Grants, manifest.Grant{Call: "catalog.product", Why: manifest.Text{IT: "Scrive di ciò che è stato comprato.", EN: "Writes of what was bought."}, Bounds: &manifest.Bounds{Slot: "message.route"}})
		m.Provides.Subscribes = append(m.Provides.Subscribes, manifest.Subscription{Event: "customers.erased"})
		m.Provides.Fills = append(m.Provides.Fills, manifest.Fill{Slot: "message.route", Key: "card"})
		m.Provides.Collections[1].Subject = "id"
	}
	return m
}

// What a retailer reads before he says yes, as text files in both languages.
func TestWordsSayWhatIsAsked(t *testing.T) {
	t.Parallel()
	f := setup(t)
	records := map[string]record{}
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatal(err)
		}
		records[id] = record{State: stateEnabled, Version: m.Version, Package: f.shelve(m)}
	}
	for _, id := range []string{"happyhour", "hello", "markdown", "message", "partnercodes", "together"} {
		delete(records, id)
	}
	f.shelve(letters(false))
	f.keep(records)
	for _, id := range []string{"happyhour", "hello", "letters"} {
		f.golden(id, f.plan(Wish{Action: "install", ID: id}))
	}
	first := letters(false)
	f.keep(map[string]record{"letters": {State: stateEnabled, Version: "1.0.0", Package: f.shelve(first), Consent: inherit(nil, first)}})
	f.golden("letters-again", f.plan(Wish{Action: "enable", ID: "letters"}))
	f.shelve(letters(true))
	f.golden("letters-more", f.plan(Wish{Action: "upgrade", ID: "letters"}))
	f.golden("needed", f.plan(Wish{Action: "disable", ID: "pricing"}))
}

// Customers come to a host that has none yet.
func TestWordsOfCustomers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, err := manifest.Parse(manifests.Module("customers"))
	if err != nil {
		t.Fatal(err)
	}
	f.shelve(m)
	f.golden("customers", f.plan(Wish{Action: "install", ID: "customers"}))
}

// golden compares the words of a plan with a file.
func (f *fixture) golden(name string, p Plan) {
	f.t.Helper()
	if len(p.Words.IT) != len(p.Words.EN) {
		f.t.Errorf("%s: %d sentences in Italian and %d in English", name, len(p.Words.IT), len(p.Words.EN))
	}
	got := fmt.Sprintf("it\n  %s\n\nen\n  %s\n", strings.Join(p.Words.IT, "\n  "), strings.Join(p.Words.EN, "\n  "))
	path := filepath.Join("testdata", "words", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	if got != string(want) {
		f.t.Errorf("%s:\n%s\nnot\n%s", name, got, want)
	}
}
