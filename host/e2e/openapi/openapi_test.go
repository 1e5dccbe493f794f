// Package openapi holds the OpenAPI document to what strangers do with it: a
// public linter reads it, and clients in TypeScript and Go that are generated
// from it sell something at a running host. It needs the node and npm of the
// machine, and says so where it has to skip. What takes longer than the linter
// runs with BOTTEGA_LONG=1.
package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/e2e/nodetest"
	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/rest"
	"github.com/bottega-retail/bottega/manifests"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// bench is where everything generated lies, kept from run to run because packages
// take seconds to install.
var bench = nodetest.Bench{Name: "openapi", Lost: "the document is neither linted nor compiled as TypeScript"}

// write writes a document to a file.
func write(t *testing.T, name string, document []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, document, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// document asks a host for its document.
func document(t *testing.T, h *hosttest.Host) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/v1/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.Token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", res.Status, b, err)
	}
	return b
}

// none is a kernel without operations: a document is composed without one.
type none = rest.Operations

type idle struct{ none }

// appDocument is the document of the modules of this repository, which need not
// be built for it.
func appDocument(t *testing.T) []byte {
	t.Helper()
	var enabled []*manifest.Manifest
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatal(err)
		}
		enabled = append(enabled, m)
	}
	s, err := rest.New(rest.Config{Tenant: "test", Operations: idle{}, Manifests: func(string) []*manifest.Manifest { return enabled }})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Document()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// long skips what takes too long for every run of the tests.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("BOTTEGA_LONG") == "" {
		t.Skip("SKIPPED: it takes long; set BOTTEGA_LONG=1")
	}
}

// node answers the folder with the linter, the generator and the compiler.
func node(t *testing.T) string {
	t.Helper()
	return bench.Packages(t, "redocly.yaml", "tsconfig.json", "sale.ts")
}

// tool is a program that a package brings.
func tool(dir, name string) string { return filepath.Join(dir, "node_modules", ".bin", name) }

// lint answers how many problems the linter has with documents, and which.
func lint(t *testing.T, paths ...string) (problems int, said string) {
	t.Helper()
	dir := node(t)
	cmd := exec.CommandContext(t.Context(), tool(dir, "redocly"), append([]string{"lint", "--format=json"}, paths...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.Output() // an error of the document ends it with one, too
	seen := 0
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); seen++ { // one result a document
		var result struct {
			Totals *struct{ Errors, Warnings, Ignored int }
		}
		if e := d.Decode(&result); e != nil || result.Totals == nil {
			t.Fatalf("%v, %v: %s", err, e, out)
		}
		problems += result.Totals.Errors + result.Totals.Warnings + result.Totals.Ignored
	}
	if seen != len(paths) {
		t.Fatalf("%d of %d documents were linted: %v, %s", seen, len(paths), err, out)
	}
	return problems, string(out)
}

// TestDocumentIsCleanUnderRedocly: neither errors nor warnings of the
// recommended rules, for what the host answers itself and for the apps.
func TestDocumentIsCleanUnderRedocly(t *testing.T) {
	t.Parallel()
	node(t)
	h := hosttest.Start(t, hosttest.Options{Modules: t.TempDir(), Preset: "none"})
	if n, said := lint(t, write(t, "host.json", document(t, h)), write(t, "apps.json", appDocument(t))); n != 0 {
		t.Errorf("%s", said)
	}
}

// TestTheLinterBites: a document with a mistake is not clean.
func TestTheLinterBites(t *testing.T) {
	t.Parallel()
	long(t)
	twice := strings.Replace(string(appDocument(t)), `"operationId":"till.close"`, `"operationId":"till.open"`, 1)
	if n, said := lint(t, write(t, "twice.json", []byte(twice))); n == 0 || !strings.Contains(said, "operation-operationId-unique") {
		t.Errorf("two operations of one name are clean: %s", said)
	}
}

// TestClientsSell generates the two clients, compiles them, and has each sell
// something at a real host.
func TestClientsSell(t *testing.T) {
	t.Parallel()
	long(t)
	h := open(t)
	spec := write(t, "openapi.json", document(t, h))
	env := []string{"BOTTEGA_URL=" + h.URL, "BOTTEGA_TOKEN=" + h.Token, "BOTTEGA_STORE=S1", "BOTTEGA_SKU=SHIRT"}
	t.Run("lint", func(t *testing.T) {
		if n, said := lint(t, spec); n != 0 {
			t.Errorf("%s", said)
		}
	})
	t.Run("typescript", func(t *testing.T) {
		dir := node(t)
		bench.Run(t, dir, nil, tool(dir, "openapi-typescript"), spec, "-o", "api.ts")
		bench.Run(t, dir, nil, tool(dir, "tsc"))
		sold(t, bench.Run(t, dir, env, "node", "dist/sale.js"))
	})
	t.Run("go", func(t *testing.T) {
		dir := bench.Folder(t, "go")
		nodetest.Copy(t, "goclient", dir, "go.mod", "go.sum", "main.go", "oapi-codegen.yaml")
		if err := os.MkdirAll(filepath.Join(dir, "bottega"), 0o755); err != nil {
			t.Fatal(err)
		}
		bench.Run(t, dir, nil, "go", "tool", "oapi-codegen", "-config", "oapi-codegen.yaml", spec)
		bench.Run(t, dir, nil, "go", "build", "-o", "client", ".")
		sold(t, bench.Run(t, dir, env, filepath.Join(dir, "client")))
	})
}

// sold checks what a client says it sold.
func sold(t *testing.T, out string) {
	t.Helper()
	var sale struct {
		Receipt string
		Total   int
	}
	if err := json.Unmarshal([]byte(out), &sale); err != nil || sale.Receipt == "" || sale.Total != 3990 {
		t.Errorf("sold %q, %v", out, err)
	}
}

// open starts a host with a shop that has shirts.
func open(t *testing.T) *hosttest.Host {
	t.Helper()
	m, err := making.Open(nodetest.Root)
	if err != nil {
		t.Fatal(err)
	}
	modules := os.Getenv("BOTTEGA_MODULES") // that are built already
	if modules == "" {
		if modules, err = m.Modules("openapi", "./apps/..."); err != nil {
			t.Fatal(err)
		}
	}
	h := hosttest.Start(t, hosttest.Options{Modules: modules, Cache: m.Cache})
	type object = map[string]any
	for i, c := range []struct {
		operation string
		input     object
	}{
		{"catalog.put_entity", object{"id": "co", "name": "Test S.r.l.", "vat_number": "12345678903", "country": "IT"}},
		{"catalog.put_vat_class", object{"id": "standard", "name": "22 %", "rates": []object{{"rate": 2200}}}},
		{"catalog.put_product", object{"id": "SHIRT", "name": "Shirt", "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": "SHIRT"}}}},
		{"pricing.put_list", object{"id": "retail", "name": "Retail", "currency": "EUR", "period": object{}}},
		{"pricing.put_entries", object{"list": "retail", "entries": []object{{"sku": "SHIRT", "amount": 3990}}}},
		{"catalog.put_store", object{"id": "S1", "name": "S1", "entity": "co", "kind": "store", "zone": "Europe/Rome", "currency": "EUR"}},
		{"stock.put_place", object{"id": "S1-floor", "name": "Floor", "kind": "floor", "store": "S1"}},
		{"stock.receive", object{"to": "S1-floor", "document": "DDT-1", "lines": []object{{"sku": "SHIRT", "quantity": 100}}}},
	} {
		body, err := json.Marshal(c.input)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Send(t.Context(), c.operation, fmt.Sprintf("open-%d", i), body); err != nil {
			t.Fatalf("%s: %v", c.operation, err)
		}
	}
	return h
}
