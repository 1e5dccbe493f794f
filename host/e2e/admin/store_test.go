package admin

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/cmd/bottega/devices"
	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/e2e/nodetest"
	"github.com/bottega-retail/bottega/host/hosttest"
)

// object is JSON in the making.
type object map[string]any

// furnish opens two shops that have goods to sell, and kinds of cards.
func furnish(t *testing.T, h *hosttest.Host) {
	t.Helper()
	do := func(operation string, in object) {
		t.Helper()
		ask(t, h, http.MethodPost, "/v1/"+strings.Replace(operation, ".", "/", 1), in, "")
	}
	do("catalog.put_entity", object{"id": "co", "name": "Emporio Srl", "vat_number": "12345678903", "country": "IT"})
	do("catalog.put_vat_class", object{"id": "standard", "name": "22 %", "rates": []object{{"rate": 2200}}})
	do("pricing.put_list", object{"id": "retail", "name": "Listino", "currency": "EUR", "period": object{}})
	var products, entries, lines []object
	for sku, price := range map[string]int{"SCARF": 1250, "SOCKS": 699, "COAT": 19900} {
		products = append(products, object{"id": sku, "name": sku, "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": sku}}})
		entries = append(entries, object{"sku": sku, "amount": price})
		lines = append(lines, object{"sku": sku, "quantity": 10})
	}
	do("catalog.put_products", object{"products": products})
	do("pricing.put_entries", object{"list": "retail", "entries": entries})
	for _, store := range []string{"S1", "S2"} {
		do("catalog.put_store", object{"id": store, "name": store, "entity": "co", "kind": "store", "zone": "Europe/Rome", "currency": "EUR"})
		do("stock.put_place", object{"id": store + "-floor", "name": "Negozio", "kind": "floor", "store": store})
		do("stock.receive", object{"to": store + "-floor", "document": "DDT-" + store, "lines": lines})
	}
	do("vouchers.put_kind", object{"id": "safe", "name": "Carta regalo", "type": "gift_card", "currency": "EUR", "entity": "co", "pin": true, "reloadable": true})
	do("vouchers.put_kind", object{"id": "return", "name": "Buono di reso", "type": "return_voucher", "currency": "EUR", "entity": "co", "offered": true, "imposed": true})
	_, etag := ask(t, h, http.MethodGet, "/v1/host/apps/till/settings", nil, "")
	devices := []object{{"store": "S2", "terminal": "simterminal", "fiscal": "simprinter", "integrated": true}}
	ask(t, h, http.MethodPut, "/v1/host/apps/till/settings", object{"values": object{"unreceipted": true, "devices": devices, "device_retry": 0}}, etag)
}

// plugIn starts a card terminal and a fiscal device, which the host reaches as it reaches any
// service, and answers where somebody stands beside them: who plants faults there and puts
// paper in.
func plugIn(t *testing.T, o *hosttest.Options) (beside string) {
	t.Helper()
	dir := t.TempDir()
	all, err := devices.Open(filepath.Join(dir, devices.StateFile), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := devices.Certificate(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewUnstartedServer(all)
	served.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	served.StartTLS()
	t.Cleanup(served.Close)
	if err := os.WriteFile(filepath.Join(dir, devices.AddressFile), []byte(served.Listener.Addr().String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Nearby, o.Roots, err = devices.Near(dir); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(all)
	t.Cleanup(plain.Close)
	return plain.URL
}

// ask sends a request as the owner of the host, which must be answered well.
func ask(t *testing.T, h *hosttest.Host, method, path string, in any, etag string) (body []byte, newer string) {
	t.Helper()
	var text []byte
	if in != nil {
		var err error
		if text, err = json.Marshal(in); err != nil {
			t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", rand.Text())
	if etag != "" {
		r.Header.Set("If-Match", etag)
	}
	return send(t, r)
}

// TestStoreInABrowser is one day of a shop in the admin: a till is opened, goods come back
// with and without a receipt, the day is closed, goods are put aside and sent to another
// shop, a gift card is issued, topped up and blocked, and a receipt that found no paper and a
// card payment that nobody wants are seen to.
func TestStoreInABrowser(t *testing.T) {
	browser, dir := chromium(t), bench.Packages(t, "store.mjs")
	m, err := making.Open(nodetest.Root)
	if err != nil {
		t.Fatal(err)
	}
	built, err := m.Modules("modules", "--check", "./apps/...", "./plugins/happyhour")
	if err != nil {
		t.Fatal(err)
	}
	drivers, err := m.Modules("devices", "--check", "./plugins/simterminal", "./plugins/simprinter")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	err = errors.Join(making.Link(built, folder, "catalog", "pricing", "stock", "till", "vouchers"), making.Link(drivers, folder, "simterminal", "simprinter"))
	if err != nil {
		t.Fatal(err)
	}
	o := hosttest.Options{Modules: folder, Cache: m.Cache}
	beside := plugIn(t, &o)
	h := hosttest.Start(t, o)
	if text, _ := page(t, h.URL+"/admin/"); strings.Contains(text, "built without the admin") {
		t.Skip("SKIPPED: this test was built without the admin; run make ui, then go test -tags admin")
	}
	furnish(t, h)
	const first = "only for the first morning"
	call(t, h, "/v1/host/users", map[string]any{"name": "anna", "title": "Anna", "language": "it", "roles": []string{"owner"}, "password": first})
	shots, err := filepath.Abs(filepath.Join(nodetest.Root, ".build"))
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + bench.Run(t, dir, []string{
		"BOTTEGA_URL=" + h.URL, "BOTTEGA_TOKEN=" + h.Token, "BOTTEGA_NAME=anna", "BOTTEGA_PASSWORD=" + first,
		"CHROMIUM=" + browser, "SHOTS=" + shots, "BOTTEGA_DEVICES=" + beside,
	}, "node", "store.mjs"))
}
