package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// fake is a kernel with two operations: shop.sell, a command, and shop.price, a
// query with flat input.
type fake struct {
	run func(context.Context, kernel.Call) (kernel.Result, error)
	ops []*Operation
}

func (f *fake) Operation(tenant, name string) (*Operation, bool) {
	for _, o := range f.ops {
		if tenant == "demo" && o.Info.Name == name {
			return o, true
		}
	}
	return nil, false
}

func (f *fake) Operations(string) []*Operation { return f.ops }

func (f *fake) Run(ctx context.Context, c kernel.Call) (kernel.Result, error) { return f.run(ctx, c) }

var fakeTypes = map[string]json.RawMessage{"Line": json.RawMessage(`{"type":"object","properties":{
	"sku":{"type":"string"},"quantity":{"type":"integer","format":"quantity","minimum":1}},"required":["sku","quantity"],"additionalProperties":false}`),
	"sdk.File": json.RawMessage(`{"type":"object","format":"file","properties":{"name":{"type":"string"},"type":{"type":"string"},
		"content":{"type":"string","contentEncoding":"base64"}},"required":["name","type","content"],"additionalProperties":false}`)}

func newFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{}
	for _, info := range []manifest.Operation{
		{Name: "shop.sell", Kind: "command", Doc: "Sells.",
			Input:  json.RawMessage(`{"type":"object","properties":{"lines":{"type":"array","items":{"$ref":"#/types/Line"}},"paid":{"type":"integer","format":"money"}},"additionalProperties":false}`),
			Output: json.RawMessage(`{"type":"object","properties":{"receipt":{"type":"string"},"at":{"type":"string","format":"date-time"}},"additionalProperties":false}`)},
		{Name: "shop.price", Kind: "query", Doc: "Prices.",
			Input:  json.RawMessage(`{"type":"object","properties":{"sku":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":200}},"required":["sku"],"additionalProperties":false}`),
			Output: json.RawMessage(`{"type":"object","properties":{"price":{"type":"integer","format":"money"}},"additionalProperties":false}`)},
		{Name: "shop.paper", Kind: "query", Doc: "Prints.",
			Input:  json.RawMessage(`{"type":"object","properties":{"format":{"type":"string","enum":["pdf"]}},"additionalProperties":false}`),
			Output: json.RawMessage(`{"$ref":"#/types/sdk.File"}`)},
		{Name: "shop.quote", Kind: "query", Input: json.RawMessage(`{"type":"object","properties":{"line":{"$ref":"#/types/Line"}}}`)},
	} {
		o, err := NewOperation("shop@1.0.0", &info, fakeTypes)
		if err != nil {
			t.Fatal(err)
		}
		f.ops = append(f.ops, o)
	}
	return f
}

// sold is what shop.sell answers: {"receipt":"MI-01/1","at":0}.
var sold = kernel.Result{Output: []byte("\x82\xa7receipt\xa7MI-01/1\xa2at\x00"), Position: 918273, App: "shop@1.0.0"}

// scenario is one request and what must be answered, as in PocketBase's tests.
type scenario struct {
	name    string
	method  string // default POST
	url     string // default /v1/shop/sell
	host    string // default 127.0.0.1
	header  map[string]string
	body    string
	run     func(context.Context, kernel.Call) (kernel.Result, error)
	status  int
	has     []string          // in the body
	hasNot  []string          // in body, headers or log
	answers map[string]string // headers; "" means absent
	runs    int               // calls of the kernel; default 1 if status is 200
}

func (sc scenario) test(t *testing.T) {
	t.Parallel()
	f, runs := newFake(t), 0
	f.run = func(ctx context.Context, c kernel.Call) (kernel.Result, error) {
		runs++
		if sc.run == nil {
			return sold, nil
		}
		return sc.run(ctx, c)
	}
	s, log := newServer(t, Config{Operations: f})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, sc.request())
	sc.check(t, w, log.String())
	want := sc.runs
	if want == 0 && sc.status == http.StatusOK {
		want = 1
	}
	if runs != want {
		t.Errorf("the kernel ran %d times, want %d", runs, want)
	}
}

func (sc scenario) request() *http.Request {
	method, url := sc.method, sc.url
	if method == "" {
		method = http.MethodPost
	}
	if url == "" {
		url = "/v1/shop/sell"
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(sc.body))
	r.URL.Opaque, r.RequestURI = "", url
	if u, err := r.URL.Parse(url); err == nil {
		r.URL = u
	}
	r.Host = "127.0.0.1:8080"
	if sc.host != "" {
		r.Host = sc.host
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "k-1")
	}
	for k, v := range sc.header {
		r.Header.Set(k, v)
		if v == "" {
			r.Header.Del(k)
		}
	}
	return r
}

func (sc scenario) check(t *testing.T, w *httptest.ResponseRecorder, log string) {
	t.Helper()
	if w.Code != sc.status {
		t.Errorf("status %d, want %d: %s", w.Code, sc.status, w.Body)
	}
	for _, want := range sc.has {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in %s", want, w.Body)
		}
	}
	for _, unwanted := range sc.hasNot {
		if strings.Contains(w.Body.String()+log, unwanted) {
			t.Errorf("%q shows in %s or in the log %s", unwanted, w.Body, log)
		}
	}
	for k, want := range sc.answers {
		if got := w.Header().Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	if got := w.Header().Get("X-Request-Id"); got != "req_01" {
		t.Errorf("X-Request-Id: %q", got)
	}
	if w.Code >= 400 && !strings.HasPrefix(sc.url, "/v1/host/health") && w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("Content-Type: %q of a problem", w.Header().Get("Content-Type"))
	}
	if strings.Count(log, "\n") != 1 {
		t.Errorf("not one line in the log: %s", log)
	}
}

// newServer is a server of the tenant demo with fixed ids and clock, and its log.
func newServer(t testing.TB, c Config) (*Server, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	c.Tenant = "demo"
	c.Now = func() time.Time { return time.Unix(1_795_280_700, 0) }
	c.NewID = func() string { return "01" }
	if c.Logger == nil {
		c.Logger = hclog.New(&hclog.LoggerOptions{Output: log, JSONFormat: true, Level: hclog.Info})
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// fails is a kernel that ends with an error of its own.
func fails(code abi.Code, reason string) func(context.Context, kernel.Call) (kernel.Result, error) {
	return failsWith(abi.Error{Code: code, Reason: reason, Message: "said."}, nil)
}

func failsWith(e abi.Error, cause error) func(context.Context, kernel.Call) (kernel.Result, error) {
	return func(context.Context, kernel.Call) (kernel.Result, error) {
		return kernel.Result{}, &kernel.Error{Public: e, Cause: cause}
	}
}
