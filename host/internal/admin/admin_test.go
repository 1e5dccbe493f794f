package admin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// clerk runs every guest: what it is given it keeps in the collection shops.
type clerk struct{}

func (clerk) Run(ctx context.Context, _ *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	put := abi.Put{Collection: "shops", Record: c.Input}
	_, code, err := c.Host.HostCall(ctx, abi.FuncPut, put.Append(nil), nil)
	return append(out, 0x80), code, err
}

const shop = `{
"id": "shop", "version": "1.0.0", "kind": "app", "vendor": "Somebody", "category": "retail",
"name": {"it": "Negozio", "en": "Shop"}, "summary": {"it": "Tiene i negozi.", "en": "Keeps shops."},
"permissions": [{"name": "shop.read", "title": {"it": "Legge", "en": "Reads"}, "operations": ["shop.list"]},
  {"name": "shop.write", "title": {"it": "Scrive", "en": "Writes"}, "operations": ["shop.put"]},
  {"name": "shop.boss", "title": {"it": "Comanda", "en": "Rules"}, "operations": ["shop.close"]}],
"screens": [
  {"id": "shops", "kind": "table", "title": {"it": "Negozi", "en": "Shops"}, "source": {"operation": "shop.list", "items": "shops"},
   "columns": [{"field": "id", "label": {"it": "Codice", "en": "Code"}}],
   "actions": [{"operation": "shop.close", "label": {"it": "Chiudi", "en": "Close"}, "params": [{"field": "id", "record": "id"}]}]},
  {"id": "shop", "kind": "form", "title": {"it": "Negozio", "en": "Shop"}, "submit": "shop.put"},
  {"id": "secret", "kind": "table", "title": {"it": "Segreti", "en": "Secrets"}, "permission": "shop.boss", "source": {"operation": "shop.list", "items": "shops"},
   "columns": [{"field": "id", "label": {"it": "Codice", "en": "Code"}}]},
  {"id": "stored", "kind": "table", "title": {"it": "Registrati", "en": "Stored"}, "source": {"collection": "shops"},
   "columns": [{"field": "id", "label": {"it": "Codice", "en": "Code"}}]},
  {"id": "settings", "kind": "form", "title": {"it": "Impostazioni", "en": "Settings"}, "place": "settings", "source": {"settings": true}}
],
"provides": {"contract": "shop",
  "operations": [
    {"name": "shop.list", "kind": "query", "input": {"type": "object"}, "output": {"type": "object", "properties": {"shops": {"type": "array", "items": {"$ref": "#/types/Shop"}}}}},
    {"name": "shop.put", "kind": "command", "input": {"$ref": "#/types/Shop"}, "output": {"type": "object"}},
    {"name": "shop.close", "kind": "command", "input": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}, "output": {"type": "object"}}],
  "collections": [{"name": "shops", "doc": "shops are all there are.", "key": ["id"], "record": {"$ref": "#/types/Shop"}}],
  "settings": {"type": "object", "properties": {"limit": {"type": "integer"}}},
  "types": {
    "Place": {"type": "object", "properties": {"city": {"type": "string"}}},
    "Shop": {"type": "object", "properties": {"id": {"type": "string"}, "takings": {"type": "integer", "format": "money"}, "place": {"$ref": "#/types/Place"}, "opened": {"type": "string", "format": "date-time"}}, "required": ["id"]},
    "Unused": {"type": "object"}}}
}`

// desk is a tenant with one app.
type desk struct {
	t      *testing.T
	kernel *kernel.Kernel
	record *schema.Schema
}

func setup(t *testing.T) *desk {
	t.Helper()
	m, err := manifest.Parse([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	engine, err := occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &abi.Descriptor{Version: abi.Version, App: m.ID, Collections: []abi.Collection{{Name: "shops", Key: []string{"id"}}}, Entries: registry.Entries(m.Provides)}
	app, err := registry.NewApp(registry.Making{Manifest: m, Module: new(sandbox.Module), Descriptor: d})
	if err != nil {
		t.Fatal(err)
	}
	set, err := registry.Compose([]*registry.App{app})
	if err != nil {
		t.Fatal(err)
	}
	k := kernel.New(kernel.Config{Runner: clerk{}, Now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }})
	for _, o := range Operations() {
		k.Provide(o.Native)
	}
	if err := k.Open("emporio", engine, set); err != nil {
		t.Fatal(err)
	}
	record, err := schema.Compile(json.RawMessage(`{"$ref": "#/types/Shop"}`), m.Provides.Types)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t, k, record}
}

func (d *desk) run(p identity.Principal, operation string, input []byte) ([]byte, error) {
	r, err := d.kernel.Run(d.t.Context(), kernel.Call{Tenant: "emporio", Operation: operation, Input: input, Principal: p, Key: ""})
	return r.Output, err
}

// keep has the app keep a record.
func (d *desk) keep(text string) {
	d.t.Helper()
	wire, err := d.record.ToWire([]byte(text))
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.run(identity.Local(), "shop.put", wire); err != nil {
		d.t.Fatal(err)
	}
}

// ask runs an operation of this package.
func ask[Out any](d *desk, p identity.Principal, operation string, in any) (out Out, err error) {
	d.t.Helper()
	input, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := d.run(p, operation, input)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(b, &out)
}

func holder(rights ...string) identity.Principal {
	return identity.Principal{ID: "user:anna", Rights: rights}
}

func reason(err error) string {
	var e *kernel.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Public.Code.String() + " " + e.Public.Reason
}

// Nobody is shown a view that would refuse him, nor a button in one.
func TestScreensByRight(t *testing.T) {
	t.Parallel()
	d := setup(t)
	for name, c := range map[string]struct {
		rights              []string
		screens, operations []string
		actions             int
	}{
		"nothing":    {[]string{"till.sell"}, nil, nil, 0},
		"reading":    {[]string{"shop.read"}, []string{"shops"}, []string{"shop.list"}, 0},
		"writing":    {[]string{"shop.write"}, []string{"shop"}, []string{"shop.put"}, 0},
		"ruling":     {[]string{"shop.read", "shop.boss"}, []string{"shops", "secret"}, []string{"shop.list", "shop.close"}, 1},
		"data":       {[]string{"host.data"}, []string{"stored"}, nil, 0},
		"settings":   {[]string{"host.settings"}, []string{"settings"}, nil, 0},
		"everything": {[]string{identity.All}, []string{"shops", "shop", "secret", "stored", "settings"}, []string{"shop.list", "shop.close", "shop.put"}, 1},
	} {
		out, err := ask[Screens](d, holder(c.rights...), "host.screens.list", platform.None{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var screens, operations []string
		actions := 0
		for _, a := range out.Items {
			for _, s := range a.Screens {
				screens, actions = append(screens, s.ID), actions+len(s.Actions)
			}
			for _, o := range a.Operations {
				operations = append(operations, o.Name)
			}
		}
		if !slices.Equal(screens, c.screens) || !slices.Equal(operations, c.operations) || actions != c.actions {
			t.Errorf("%s: screens %v, operations %v, %d actions", name, screens, operations, actions)
		}
	}
	if _, err := ask[Screens](d, identity.Nobody(), "host.screens.list", platform.None{}); reason(err) != "denied principal" {
		t.Errorf("nobody is shown screens: %v", err)
	}
}

// What a view's operations refer to comes with them, and nothing else.
func TestScreensBringTheirTypes(t *testing.T) {
	t.Parallel()
	out, err := ask[Screens](setup(t), holder("shop.read"), "host.screens.list", platform.None{})
	if err != nil {
		t.Fatal(err)
	}
	if types := out.Items[0].Types; len(types) != 2 || types["Shop"] == nil || types["Place"] == nil {
		t.Errorf("types %v", types)
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	out, err := ask[Collections](setup(t), holder(rightData), "host.data.collections", platform.None{})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	want := []Field{{"id", "string", ""}, {"takings", "integer", "money"}, {"place", "object", ""}, {"opened", "string", "date-time"}}
	if c := out.Items[0]; c.App != "shop" || c.ID != "shops" || c.Doc != "shops are all there are." || !slices.Equal(c.Fields, want) {
		t.Errorf("%+v", out.Items[0])
	}
}

// Records come page by page, each once, as the app keeps them.
func TestRecordsPageByPage(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.keep(`{"id": "s000", "takings": 1240, "place": {"city": "Milano"}, "opened": "2026-11-21T09:00:00Z"}`)
	for i := 1; i < 7; i++ {
		d.keep(`{"id": "s00` + strconv.Itoa(i) + `"}`)
	}
	var seen []string
	in := Page{App: "shop", Collection: "shops", Limit: 3}
	for range 4 {
		out, err := ask[Records](d, holder(rightData), "host.data.list", in)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Items {
			seen = append(seen, r.(map[string]any)["id"].(string))
		}
		if in.After = out.Next; out.Next == "" {
			break
		}
	}
	if want := []string{"s000", "s001", "s002", "s003", "s004", "s005", "s006"}; !slices.Equal(seen, want) {
		t.Errorf("pages hold %v", seen)
	}
	b, err := d.run(holder(rightData), "host.data.list", []byte(`{"app": "shop", "collection": "shops", "limit": 1}`))
	if want := `{"items":[{"id":"s000","takings":1240,"place":{"city":"Milano"},"opened":"2026-11-21T09:00:00Z"}],"next":`; err != nil || len(b) < len(want) || string(b[:len(want)]) != want {
		t.Errorf("%s, %v", b, err)
	}
}

func TestRecordsRefused(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.keep(`{"id": "s1"}`)
	clerk := holder(rightData)
	bound := clerk
	bound.Stores = []string{"mi1"}
	for name, c := range map[string]struct {
		p    identity.Principal
		in   Page
		want string
	}{
		"without the right":   {holder("shop.read"), Page{App: "shop", Collection: "shops"}, "denied permission"},
		"limited to a store":  {bound, Page{App: "shop", Collection: "shops"}, "denied store"},
		"another app":         {clerk, Page{App: "till", Collection: "shops"}, "not_found app"},
		"another collection":  {clerk, Page{App: "shop", Collection: "../shops"}, "not_found collection"},
		"a negative limit":    {clerk, Page{App: "shop", Collection: "shops", Limit: -1}, "invalid range"},
		"a cursor of letters": {clerk, Page{App: "shop", Collection: "shops", After: "%%%"}, "invalid cursor"},
		"a cursor of bytes":   {clerk, Page{App: "shop", Collection: "shops", After: "_____w"}, "invalid cursor"},
	} {
		if _, err := ask[Records](d, c.p, "host.data.list", c.in); reason(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ask[Collections](d, bound, "host.data.collections", platform.None{}); reason(err) != "denied store" {
		t.Errorf("collections for somebody who is limited: %v", err)
	}
}
