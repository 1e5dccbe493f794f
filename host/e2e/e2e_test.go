// Package e2e runs the real binary with real modules, as a person would.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// TestMain lets the test binary be its own compile child: wazero's cache is
// bound to the binary that fills it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(sandbox.CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// root is the top of the repository.
const root = "../.."

// built is what all tests of this package run: one binary with failpoints, the
// apps, and the guests of the conformance suite.
type built struct{ binary, modules, conformance, cache string }

// bench is where they are built.
var bench = sync.OnceValues(func() (making.Bench, error) { return making.Open(root) })

// bare is the binary without any module.
var bare = sync.OnceValues(func() (built, error) {
	m, err := bench()
	return built{binary: m.Binary, cache: m.Cache}, err
})

var build = sync.OnceValues(func() (built, error) {
	b, err := bare()
	if err != nil {
		return b, err
	}
	m, _ := bench()
	b.modules, err = m.Modules("modules", "--check", "./apps/...", "./plugins/happyhour") // and the manifests are what the code says
	if err == nil {
		b.conformance, err = m.Modules("conformance", "--manifests", "sdk/sdktest/conformance", "./sdk/sdktest/conformance/...")
	}
	return b, err
})

func binaries(t *testing.T) built {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// process is a running host.
type process struct {
	cmd    *exec.Cmd
	base   string
	stderr *bytes.Buffer
	exited chan struct{}
}

// start runs `bottega serve` on a folder and returns when it answers.
func start(b built, dir string, env ...string) (*process, error) {
	return startSet(b, "*", dir, env...)
}

// startSet is start with the set that an empty tenant begins with, "" for none.
func startSet(b built, set, dir string, env ...string) (*process, error) {
	cmd := exec.Command(b.binary, "serve", "--dir", dir, "--modules", b.modules, "--cache", b.cache, "--set", set, "--address", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), env...)
	p := &process{cmd: cmd, stderr: &bytes.Buffer{}, exited: make(chan struct{})}
	cmd.Stderr = p.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "health   "); ok {
			p.base = strings.TrimSuffix(rest, "/v1/host/health")
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // a killed host ends with an error
		close(p.exited)
	}()
	if p.base == "" {
		<-p.exited
		return nil, fmt.Errorf("the host did not start: %s", p.stderr)
	}
	return p, owns(p.base, dir)
}

// owners are the tokens of the owners of running hosts, by base address.
var owners sync.Map

// owns notes the token that a host wrote when it started for the first time.
func owns(base, dir string) error {
	token, err := os.ReadFile(filepath.Join(dir, host.OwnerToken))
	if err == nil {
		owners.Store(base, strings.TrimSpace(string(token)))
	}
	return err
}

// ownerOf is the token of the owner of a running host.
func ownerOf(base string) string {
	token, _ := owners.Load(base)
	text, _ := token.(string)
	return text
}

// asOwner lets a request come from the owner of the host that it goes to.
func asOwner(req *http.Request) *http.Request {
	if token, ok := owners.Load("http://" + req.URL.Host); ok {
		req.Header.Set("Authorization", "Bearer "+token.(string))
	}
	return req
}

// stop ends a host as an operator would, and waits.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have ended already
	<-p.exited
}

// problem is a host's answer that is no success.
type problem struct {
	Status       int
	Code, Reason string
	Detail       string
}

func (p *problem) Error() string {
	return fmt.Sprintf("%d %s (%s): %s", p.Status, p.Code, p.Reason, p.Detail)
}

var web = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// post calls an operation.
func post(ctx context.Context, base, operation, key string, body []byte) ([]byte, error) {
	url := base + "/v1/" + strings.Replace(operation, ".", "/", 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := web.Do(asOwner(req))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		p := &problem{Status: res.StatusCode}
		if err := json.Unmarshal(answer, p); err != nil {
			return nil, fmt.Errorf("%s: %s", res.Status, answer)
		}
		return nil, p
	}
	return answer, nil
}

// object is JSON in the making.
type object map[string]any

func (o object) json(t *testing.T) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// must calls an operation that must succeed.
func (p *process) must(t *testing.T, operation, key string, in object) []byte {
	t.Helper()
	out, err := post(t.Context(), p.base, operation, key, in.json(t))
	if err != nil {
		t.Fatalf("%s: %v\n%s", operation, err, p.stderr)
	}
	return out
}

// goods are what the shops of these tests sell: SKU to price in cents.
var goods = []struct {
	sku   string
	price int
}{{"SHIRT-M", 3990}, {"SHIRT-L", 3990}, {"SCARF", 1250}, {"SOCKS", 699}, {"COAT", 19900}, {"PASTA", 249}}

// stock opens two shops that have goods to sell.
func stock(t *testing.T, p *process) {
	t.Helper()
	openShops(func(operation, key string, in object) { p.must(t, operation, key, in) })
}

// openShops says how.
func openShops(do func(operation, key string, in object)) {
	do("catalog.put_entity", "e", object{"id": "co", "name": "Test S.r.l.", "vat_number": "12345678903", "country": "IT"})
	do("catalog.put_vat_class", "v", object{"id": "standard", "name": "22 %", "rates": []object{{"rate": 2200}}})
	do("pricing.put_list", "l", object{"id": "retail", "name": "Retail", "currency": "EUR", "period": object{}})
	var products, entries, lines []object
	for _, g := range goods {
		products = append(products, object{"id": g.sku, "name": g.sku, "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": g.sku}}})
		entries = append(entries, object{"sku": g.sku, "amount": g.price})
		lines = append(lines, object{"sku": g.sku, "quantity": 100})
	}
	do("catalog.put_products", "p", object{"products": products})
	do("pricing.put_entries", "pe", object{"list": "retail", "entries": entries})
	for _, store := range []string{"S1", "S2"} {
		do("catalog.put_store", "s"+store, object{"id": store, "name": store, "entity": "co", "kind": "store", "zone": "Europe/Rome", "currency": "EUR"})
		do("stock.put_place", "f"+store, object{"id": store + "-floor", "name": "Floor", "kind": "floor", "store": store})
		do("stock.put_place", "q"+store, object{"id": store + "-quarantine", "name": "Quarantine", "kind": "quarantine", "store": store})
		do("stock.receive", "r"+store, object{"to": store + "-floor", "document": "DDT-" + store, "lines": lines})
	}
}

// transient says whether the same request may be answered later.
func transient(err error) bool {
	p, ok := errors.AsType[*problem](err)
	return !ok || p.Status >= 500 || p.Reason == "idempotency_in_progress" || p.Reason == "contention"
}
