package e2e

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestPaper has a receipt, its gift receipt and a day close on paper, through the real
// modules: as JSON, and as the file itself to who asks for its type.
func TestPaper(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	p.must(t, "till.close", "sale", object{
		"store": "S1", "till": "1", "cashier": "c", "lines": []object{{"sku": "SOCKS", "quantity": 3}}, "tenders": []object{{"type": "cash", "amount": 100_000}},
	})
	p.must(t, "till.close_day", "z", object{"store": "S1", "cashier": "c"})
	for _, c := range []struct {
		query, accept, kind, name, begins string
	}{
		{"receipt=S1/1/1", "application/pdf", "application/pdf", "S1-1-1.pdf", "%PDF-1.4\n"},
		{"receipt=S1/1/1&gift=true&medium=a4", "application/pdf, application/problem+json", "application/pdf", "gift-G.S1.1.1.", "%PDF-1.4\n"},
		{"receipt=S1/1/1&format=escpos", "application/octet-stream", "application/octet-stream", "S1-1-1.escpos", "\x1b@\x1bt\x13"},
		{"close=S1/1/Z1&format=text&language=en", "text/*", "text/plain; charset=utf-8", "S1-1-Z1.txt", " "},
		{"receipt=S1/1/1", "", "application/json", "S1-1-1.pdf", "%PDF-1.4\n"},
		{"receipt=S1/1/1", "*/*", "application/json", "S1-1-1.pdf", "%PDF-1.4\n"},
	} {
		kind, name, content := fetched(t, p.base+"/v1/till/paper?"+escaped(c.query), c.accept)
		if kind != c.kind || !strings.Contains(name, c.name) || !strings.HasPrefix(content, c.begins) || len(content) < 500 {
			t.Errorf("%s as %q: %s %s, %d bytes: %.60q", c.query, c.accept, kind, name, len(content), content)
		}
	}
	if _, _, text := fetched(t, p.base+"/v1/till/paper?"+escaped("close=S1/1/Z1&format=text&language=en"), "text/plain"); !strings.Contains(text, "DAY CLOSE Z 1") || !strings.Contains(text, "Sales 1") {
		t.Errorf("the day close says\n%s", text)
	}
}

func escaped(query string) string { return strings.ReplaceAll(query, "/", url.QueryEscape("/")) }

// fetched is a file as it comes: its type, what says its name, and its content, which JSON
// has in base64.
func fetched(t *testing.T, address, accept string) (kind, name, content string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	res, err := http.DefaultClient.Do(asOwner(r))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s, %v", address, res.Status, body, err)
	}
	kind, name = res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition")
	if kind != "application/json" {
		return kind, name, string(body)
	}
	var f struct{ Name, Content string }
	if err := json.Unmarshal(body, &f); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(f.Content)
	if err != nil {
		t.Fatal(err)
	}
	return kind, f.Name, string(raw)
}
