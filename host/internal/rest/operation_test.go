package rest

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func TestOperations(t *testing.T) {
	t.Parallel()
	sale := `{"paid":7192,"lines":[{"sku":"8001","quantity":3}]}`
	for _, sc := range []scenario{
		{name: "command", body: sale, status: 200,
			run: func(_ context.Context, c kernel.Call) (kernel.Result, error) {
				want := kernel.Call{Tenant: "demo", Operation: "shop.sell", Principal: identity.Local(), Request: "req_01", Key: "k-1",
					Input: []byte("\x82\xa5lines\x91\x82\xa3sku\xa48001\xa8quantity\x03\xa4paid\xd1\x1c\x18")}
				if string(c.Input) != string(want.Input) || c.Key != want.Key || c.Request != want.Request || c.Principal.ID != want.Principal.ID || c.Tenant != want.Tenant || c.Operation != want.Operation {
					return kernel.Result{}, errors.New("another call")
				}
				return sold, nil
			},
			has: []string{`{"receipt":"MI-01/1","at":"1970-01-01T00:00:00Z"}`},
			answers: map[string]string{"Content-Type": "application/json", "X-Log-Position": "918273", "Idempotent-Replayed": "",
				"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Access-Control-Allow-Origin": ""}},
		{name: "replayed", body: sale, status: 200,
			run: func(context.Context, kernel.Call) (kernel.Result, error) {
				again := sold
				again.Replayed = true
				return again, nil
			},
			answers: map[string]string{"X-Log-Position": "918273", "Idempotent-Replayed": "true"}},
		{name: "empty body is an object without fields", status: 200},
		{name: "charset", header: map[string]string{"Content-Type": "application/json; charset=UTF-8"}, status: 200},
		{name: "query by POST needs no key", url: "/v1/shop/price", header: map[string]string{"Idempotency-Key": ""}, body: `{"sku":"8001"}`, status: 200,
			run:     func(context.Context, kernel.Call) (kernel.Result, error) { return price(8990), nil },
			has:     []string{`{"price":8990}`},
			answers: map[string]string{"X-Log-Position": ""}},
		{name: "query by GET", method: "GET", url: "/v1/shop/price?limit=20&sku=8001", status: 200,
			run: func(_ context.Context, c kernel.Call) (kernel.Result, error) {
				if string(c.Input) != "\x82\xa3sku\xa48001\xa5limit\x14" || c.Key != "" {
					return kernel.Result{}, errors.New("another call")
				}
				return price(8990), nil
			},
			has: []string{`{"price":8990}`}},
		{name: "GET on a command", method: "GET", url: "/v1/shop/sell", status: 405, has: []string{`"code":"invalid"`, `"reason":"method"`}, answers: map[string]string{"Allow": "POST"}},
		{name: "GET on a query that is not flat", method: "GET", url: "/v1/shop/quote", status: 405, answers: map[string]string{"Allow": "POST"}},
		{name: "PUT", method: "PUT", status: 405, has: []string{`"reason":"method"`}},
		{name: "HEAD", method: "HEAD", url: "/v1/shop/price?sku=1", status: 405},
		{name: "OPTIONS gives no permission", method: "OPTIONS", header: map[string]string{"Origin": "https://evil.example"}, status: 204, answers: map[string]string{"Access-Control-Allow-Origin": ""}},
		{name: "unknown method", method: "BREW", status: 405, hasNot: []string{"BREW"}},
		{name: "unknown operation", url: "/v1/shop/steal", status: 404, has: []string{`"code":"not_found"`, `"reason":"operation"`, "shop.steal"}},
		{name: "unknown path", method: "GET", url: "/admin", status: 404, has: []string{`"reason":"route"`}},
		{name: "input in the URL of a POST", url: "/v1/shop/sell?paid=1", status: 400, has: []string{`"reason":"query_string"`}},
		{name: "malformed query string", method: "GET", url: "/v1/shop/price?sku=%zz", status: 400, has: []string{`"reason":"malformed"`}},
		{name: "the app's answer does not fit", body: sale, status: 502, runs: 1,
			run: func(context.Context, kernel.Call) (kernel.Result, error) {
				return kernel.Result{Output: []byte("\x81\xa7receipt\x07"), Position: 5, App: "shop@1.0.0"}, nil
			},
			has:     []string{`"code":"internal"`, `"reason":"app_fault"`, `"app":"shop@1.0.0"`, `"position":5`},
			answers: map[string]string{"X-Log-Position": "5"}},
	} {
		t.Run(sc.name, sc.test)
	}
}

func price(cents int) kernel.Result {
	return kernel.Result{Output: []byte{0x81, 0xa5, 'p', 'r', 'i', 'c', 'e', 0xcd, byte(cents >> 8), byte(cents)}}
}

func TestErrorsOfTheKernel(t *testing.T) {
	t.Parallel()
	many := make([]abi.Field, 0, 4)
	many = append(many, abi.Field{Name: "balance", IsInt: true, Int: 1240}, abi.Field{Name: "a\"b", Text: "x"},
		abi.Field{Name: "balance", Text: "twice"}, abi.Field{Name: "huge", IsInt: true, Int: math.MaxInt64})
	for _, sc := range []scenario{
		{name: "invalid", run: fails(abi.Invalid, "x"), status: 400},
		{name: "not_found", run: fails(abi.NotFound, "x"), status: 404},
		{name: "conflict", run: fails(abi.Conflict, "unique"), status: 409, answers: map[string]string{"Retry-After": ""}},
		{name: "contention", run: fails(abi.Conflict, "contention"), status: 409, answers: map[string]string{"Retry-After": "1"}},
		{name: "denied", run: fails(abi.Denied, "grant"), status: 403},
		{name: "failed_precondition", run: fails(abi.FailedPrecondition, "closed"), status: 409},
		{name: "unavailable", run: fails(abi.Unavailable, "overloaded"), status: 503, answers: map[string]string{"Retry-After": "1"}},
		{name: "degraded", run: fails(abi.Unavailable, "degraded"), status: 503, answers: map[string]string{"Retry-After": "30"}},
		{name: "deadline", run: fails(abi.Deadline, "app_timeout"), status: 504},
		{name: "too_large", run: fails(abi.TooLarge, "input"), status: 413},
		{name: "output too large", run: fails(abi.TooLarge, "output"), status: 502},
		{name: "internal", run: fails(abi.Internal, "outcome_unknown"), status: 500},
		{name: "app_fault", run: fails(abi.Internal, "app_fault"), status: 502},
		{name: "storage_full", run: fails(abi.Exhausted, "storage_full"), status: 507},
		{name: "an app does not choose the status", status: 409,
			run: failsWith(abi.Error{Code: abi.Exhausted, Reason: "storage_full", App: "shop@1.0.0"}, nil)},
		{name: "exhausted, with everything", status: 409,
			run: failsWith(abi.Error{Code: abi.Exhausted, Reason: "balance", Message: "The card holds 12,40 €.", Pointer: "/tenders/0/amount", App: "vouchers@1.4.2", Fields: many}, nil),
			has: []string{`{"type":"https://bottega.dev/errors/exhausted","title":"A limit would be passed","status":409,"code":"exhausted","reason":"balance",` +
				`"detail":"The card holds 12,40 €.","pointer":"/tenders/0/amount","fields":{"balance":1240,"a\"b":"x","huge":"9223372036854775807"},` +
				`"request":"req_01","app":"vouchers@1.4.2","position":null}`},
			answers: map[string]string{"X-Log-Position": ""}},
		{name: "a reason that forges a log line", status: 400, hasNot: []string{"forged"},
			run: failsWith(abi.Error{Code: abi.Invalid, Reason: "x\nforged", App: "shop@1.0.0"}, nil)},
		{name: "endless message", status: 400, has: []string{"è…"}, hasNot: []string{strings.Repeat("è", maxText)},
			run: failsWith(abi.Error{Code: abi.Invalid, Message: strings.Repeat("è", 2*maxText), App: "shop@1.0.0"}, nil)},
		{name: "an unknown code", run: failsWith(abi.Error{Code: 99}, nil), status: 500, has: []string{`"code":"internal"`}},
		{name: "no error of the kernel", status: 500, has: []string{`"code":"internal"`, `"request":"req_01"`},
			run: func(context.Context, kernel.Call) (kernel.Result, error) {
				return kernel.Result{}, errors.New("bolt: page 7")
			}},
		{name: "a panic", status: 500, has: []string{`"code":"internal"`},
			run: func(context.Context, kernel.Call) (kernel.Result, error) { panic("boom") }},
	} {
		sc.runs = 1
		t.Run(sc.name, sc.test)
	}
}

// Causes are for the log alone.
func TestInternalsStayInside(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.run = failsWith(abi.Error{Code: abi.Internal}, errors.New("bolt: page 7 of /var/lib"))
	s, log := newServer(t, Config{Operations: f})
	body, header := answer(s, scenario{})
	if strings.Contains(body, "bolt") || strings.Contains(header.Get("Server")+header.Get("X-Powered-By"), "echo") {
		t.Errorf("shown: %s %v", body, header)
	}
	if !strings.Contains(log.String(), `"cause":"bolt: page 7 of /var/lib"`) || !strings.Contains(log.String(), `"@level":"error"`) {
		t.Errorf("not in the log: %s", log)
	}
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.run = fails(abi.Exhausted, "balance")
	s, log := newServer(t, Config{Operations: f})
	answer(s, scenario{body: `{"paid":4242}`, header: map[string]string{"Idempotency-Key": "secret-key"}})
	for _, want := range []string{`"request":"req_01"`, `"method":"POST"`, `"operation":"shop.sell"`, `"status":409`, `"duration":"0s"`, `"code":"exhausted"`, `"reason":"balance"`, `"@level":"info"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
	for _, unwanted := range []string{"4242", "secret-key"} {
		if strings.Contains(log.String(), unwanted) {
			t.Errorf("%s in %s", unwanted, log)
		}
	}
}

func TestObserveIsToldOfEveryAnswer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.run = func(context.Context, kernel.Call) (kernel.Result, error) { return sold, nil }
	var seen []int
	s, _ := newServer(t, Config{Operations: f, Observe: func(status int) { seen = append(seen, status) }})
	answer(s, scenario{})
	answer(s, scenario{method: "GET", url: "/nothing"})
	answer(s, scenario{host: "evil.example"})
	if len(seen) != 3 || seen[0] != 200 || seen[1] != 404 || seen[2] != 403 {
		t.Errorf("told of %v", seen)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.run = func(_ context.Context, c kernel.Call) (kernel.Result, error) {
		if c.Principal.ID != "user:anna" {
			return kernel.Result{}, errors.New("somebody else")
		}
		return sold, nil
	}
	s, _ := newServer(t, Config{Operations: f, Authenticate: func(r *http.Request) (identity.Principal, error) {
		if r.Header.Get("Authorization") != "Bearer anna" {
			return identity.Principal{}, errors.New("no such token: " + r.Header.Get("Authorization"))
		}
		return identity.Principal{ID: "user:anna"}, nil
	}})
	if body, _ := answer(s, scenario{header: map[string]string{"Authorization": "Bearer anna"}}); !strings.Contains(body, "MI-01/1") {
		t.Errorf("anna: %s", body)
	}
	for _, url := range []string{"/v1/shop/sell", "/v1/shop/nothing", "/v1/host/operations"} {
		sc := scenario{url: url, header: map[string]string{"Authorization": "Bearer bob"}}
		if url == "/v1/host/operations" {
			sc.method = "GET"
		}
		if body, _ := answer(s, sc); !strings.Contains(body, `"reason":"principal"`) || strings.Contains(body, "bob") {
			t.Errorf("bob at %s: %s", url, body)
		}
	}
}
