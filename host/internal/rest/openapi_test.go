package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/manifests"
)

// realManifests are those of the modules of this repository.
func realManifests(t testing.TB) []*manifest.Manifest {
	t.Helper()
	var all []*manifest.Manifest
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		all = append(all, m)
	}
	return all
}

// described is a room that also has the modules of this repository.
func describedRoom(t testing.TB) (*Server, *room, []byte) {
	t.Helper()
	enabled := realManifests(t)
	s, r, _ := newRoom(t, func(c *Config) { c.Manifests = func(string) []*manifest.Manifest { return enabled } })
	document, err := s.Document()
	if err != nil {
		t.Fatal(err)
	}
	return s, r, document
}

func TestDocumentIsDeterministicAndKept(t *testing.T) {
	t.Parallel()
	s, _, document := describedRoom(t)
	other, _, again := describedRoom(t)
	if !bytes.Equal(document, again) {
		t.Error("the same modules make other bytes")
	}
	w := ask{url: "/v1/openapi.json", token: "nothing"}.of(s)
	want(t, "for everybody who is known", w, 200)
	if !bytes.Equal(w.Body.Bytes(), document) || w.Header().Get("ETag") == "" {
		t.Errorf("another document, or no ETag: %v", w.Header())
	}
	known := ask{url: "/v1/openapi.json", header: map[string]string{"If-None-Match": w.Header().Get("ETag")}}
	if w = known.of(s); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("once more: %d, %d bytes", w.Code, w.Body.Len())
	}
	want(t, "for nobody", ask{url: "/v1/openapi.json", token: "-"}.of(s), 401)

	fewer := realManifests(t)[:1]
	other.config.Manifests = func(string) []*manifest.Manifest { return fewer }
	if changed := known.of(other); changed.Code != 200 || bytes.Contains(changed.Body.Bytes(), []byte("/v1/till/close")) {
		t.Errorf("another set: %d, the old document", changed.Code)
	}
}

// TestDocumentSays looks at what clients and linters do not: descriptions,
// references and events.
func TestDocumentSays(t *testing.T) {
	t.Parallel()
	_, _, document := describedRoom(t)
	var d struct {
		OpenAPI    string
		Paths      map[string]map[string]map[string]any
		Webhooks   map[string]any
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	if d.OpenAPI != "3.1.0" || d.Webhooks["till.closed"] == nil || d.Components.Schemas["till.CloseIn"] == nil {
		t.Errorf("version %q, webhook %v", d.OpenAPI, d.Webhooks["till.closed"])
	}
	for _, lost := range []string{`#/types/`, `"ref":`} {
		if bytes.Contains(document, []byte(lost)) {
			t.Errorf("%s is left in the document", lost)
		}
	}
	closing, err := json.Marshal(d.Paths["/v1/till/close"]["post"])
	if err != nil {
		t.Fatal(err)
	}
	update, err := json.Marshal(d.Paths["/v1/host/things/{id}"]["put"])
	if err != nil {
		t.Fatal(err)
	}
	for text, in := range map[string][]byte{
		`"operationId":"till.close"`:                        closing,
		`"$ref":"#/components/schemas/till.CloseIn"`:        closing,
		`"$ref":"#/components/parameters/IdempotencyKey"`:   closing,
		`"422":{"$ref":"#/components/responses/KeyReused"}`: closing,
		`"x-permission":"host.things"`:                      update,
		`"$ref":"#/components/parameters/IfMatch"`:          update,
		`"412":{"$ref":"#/components/responses/Changed"}`:   update,
		`"in":"path","name":"id"`:                           update,
	} {
		if !bytes.Contains(in, []byte(text)) {
			t.Errorf("no %s in %s", text, in)
		}
	}
	if input, err := json.Marshal(d.Components.Schemas["host.things.update.Input"]); err != nil || bytes.Contains(input, []byte("if_match")) || bytes.Contains(input, []byte(`"id"`)) {
		t.Errorf("the body repeats the path or the header: %s, %v", input, err)
	}
}

// TestDocumentSaysEarlierVersions: webhooks get old events as they were emitted.
func TestDocumentSaysEarlierVersions(t *testing.T) {
	t.Parallel()
	enabled := realManifests(t)
	for _, m := range enabled {
		for i := range m.Provides.Events {
			if e := &m.Provides.Events[i]; e.Name == "till.closed" {
				e.Version, e.Earlier = 2, []json.RawMessage{json.RawMessage(`{"type":"object","description":"what it was"}`)}
			}
		}
	}
	s, _, _ := newRoom(t, func(c *Config) { c.Manifests = func(string) []*manifest.Manifest { return enabled } })
	document, err := s.Document()
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ Webhooks map[string]json.RawMessage }
	if err = json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err = json.Compact(&text, d.Webhooks["till.closed"]); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text.Bytes(), []byte(`"data":{"anyOf":[{"$ref":"#/components/schemas/till.`)) || !bytes.Contains(text.Bytes(), []byte("what it was")) {
		t.Errorf("got %s", text.Bytes())
	}
	if bytes.Contains(d.Webhooks["till.voided"], []byte("anyOf")) {
		t.Error("an event of one version has others")
	}
}

// TestExamplesFit checks every example of a request or answer against its schema.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	_, _, document := describedRoom(t)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://bottega.test/openapi.json", value); err != nil {
		t.Fatal(err)
	}
	checked := 0
	var visit func(v any, at string)
	visit = func(v any, at string) {
		switch v := v.(type) {
		case []any:
			return
		case map[string]any:
			if example, ok := v["example"]; ok && v["schema"] != nil {
				s, err := c.Compile("https://bottega.test/openapi.json#" + at + "/schema")
				if err != nil {
					t.Fatalf("%s: %v", at, err)
				}
				if err := s.Validate(example); err != nil {
					t.Errorf("%s: %v", at, err)
				}
				checked++
			}
			for name, child := range v {
				visit(child, at+"/"+strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name))
			}
		}
	}
	for _, part := range []string{"paths", "webhooks"} {
		visit(value.(map[string]any)[part], "/"+part)
	}
	if checked < 100 {
		t.Errorf("only %d examples", checked)
	}
}

// testRoles are such as the roles of the house and of a shop, which
// package account has.
var testRoles = []Role{
	{"nobody", nil},
	{"owner", []string{identity.All}},
	{"manager", []string{identity.AllApps, "host.users", "host.audit", "host.data", "host.settings", "host.events", "host.health"}},
	{"cashier", []string{"till.sell", "catalog.read", "pricing.read", "stock.read"}},
	{"integrator", []string{identity.AllApps, "host.events", "host.webhooks", "host.tokens"}},
}

// TestMatrix holds who may do what to a file that a person reads. Run it with
// BOTTEGA_UPDATE=1 to write the file.
func TestMatrix(t *testing.T) {
	t.Parallel()
	_, _, document := describedRoom(t)
	got, err := Matrix(document, testRoles)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "matrix.txt")
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(wanted) {
		t.Errorf("who may do what has changed; if it should, run this test with BOTTEGA_UPDATE=1:\n%s", difference(string(wanted), got))
	}
}

// difference lists the lines that only one of two texts has.
func difference(was, is string) string {
	var out []string
	old, now := strings.Split(was, "\n"), strings.Split(is, "\n")
	for _, l := range old {
		if !slices.Contains(now, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range now {
		if !slices.Contains(old, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

// TestRoutesMustSay: a document with a route that nobody decided about is none.
func TestRoutesMustSay(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]string{
		"nothing":             `{"operationId":"a"}`,
		"an empty one":        `{"operationId":"a","x-permission":""}`,
		"no string":           `{"operationId":"a","x-permission":7}`,
		"null, and security":  `{"operationId":"a","x-permission":null}`,
		"a right for anybody": `{"operationId":"a","x-permission":"a.b","security":[]}`,
	} {
		if _, err := Routes([]byte(`{"paths":{"/a":{"get":` + op + `}}}`)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	routes, err := Routes([]byte(`{"paths":{"/a":{"get":{"operationId":"a","x-permission":null,"security":[]},"post":{"operationId":"b","x-permission":"*"}}}}`))
	if err != nil || len(routes) != 2 || !routes[0].Allows(nil) || routes[1].Allows([]string{"a.*"}) || !routes[1].Allows([]string{"*"}) {
		t.Errorf("%+v, %v", routes, err)
	}
}

// TestAnyValueIsAnObject: oapi-codegen refuses a document with items: true.
func TestAnyValueIsAnObject(t *testing.T) {
	t.Parallel()
	d := composer{}
	s, err := d.schema(json.RawMessage(`{"type":"object","properties":{"a":{"type":"array","items":true},"b":true},"additionalProperties":true}`), vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(s)
	if want := `{"type":"object","properties":{"a":{"type":"array","items":{}},"b":{}},"additionalProperties":true}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
