package rest

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// The rows of security.md §3b that one request can show; those of a connection
// stand in connection_test.go.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	key := func(v string) map[string]string { return map[string]string{"Idempotency-Key": v} }
	invalidKey := []string{`"code":"invalid"`, `"reason":"idempotency_key_invalid"`}
	rows := []scenario{
		{name: "H01 declared longer than the limit", body: `{"paid":` + strings.Repeat("1", maxBody) + `}`, status: 413,
			has: []string{`"code":"too_large"`, `"reason":"payload_too_large"`}, answers: map[string]string{"Connection": "close"}},
		{name: "H06 depth 10,000", body: strings.Repeat(`[`, 10_000), status: 400, has: []string{`"reason":"type"`}},
		{name: "H06 depth 10,000 in a field", body: `{"lines":` + strings.Repeat(`[`, 10_000) + `}`, status: 400, has: []string{`"pointer":"/lines/0"`}},
		{name: "H06 an array of 500,000", body: `{"lines":[` + strings.Repeat(`1,`, 500_000) + `1]}`, status: 400, has: []string{`"pointer":"/lines/0"`}},
		{name: "H07 text/plain", header: map[string]string{"Content-Type": "text/plain"}, body: `{}`, status: 415, has: []string{`"reason":"content_type"`}},
		{name: "H07 form", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: `{}`, status: 415},
		{name: "H07 none", header: map[string]string{"Content-Type": ""}, body: `{}`, status: 415},
		{name: "H07 text/plain; application/json", header: map[string]string{"Content-Type": "text/plain; application/json"}, status: 415},
		{name: "H07 latin1", header: map[string]string{"Content-Type": "application/json; charset=iso-8859-1"}, status: 415},
		{name: "H07 gzip", header: map[string]string{"Content-Encoding": "gzip"}, status: 415},
		{name: "H08 missing", header: key(""), status: 400, has: []string{`"reason":"idempotency_key_missing"`}},
		{name: "H08 128 characters", header: key(strings.Repeat("k", 128)), status: 200},
		{name: "H08 129 characters", header: key(strings.Repeat("k", 129)), status: 400, has: invalidKey},
		{name: "H08 300 characters", header: key(strings.Repeat("k", 300)), status: 400, has: invalidKey},
		{name: "H08 not ASCII", header: key("chiave-è"), status: 400, has: invalidKey},
		{name: "H08 a space inside", header: key("a b"), status: 400, has: invalidKey},
		{name: "H08 a control character", header: key("a\x7fb"), status: 400, has: invalidKey},
		{name: "H09 same key, other body", run: fails(abi.Invalid, "idempotency_key_reused"), status: 422, runs: 1, has: []string{`"reason":"idempotency_key_reused"`}},
		{name: "H10 same key in flight", run: fails(abi.Conflict, "idempotency_in_progress"), status: 409, runs: 1,
			has: []string{`"reason":"idempotency_in_progress"`}, answers: map[string]string{"Retry-After": "1"}},
		{name: "H15 mass assignment", body: `{"paid":1,"tenantId":"other"}`, status: 400, has: []string{`"reason":"unknown_field"`, `"pointer":"/tenantId"`}},
		{name: "H15 twice", body: `{"paid":1,"paid":2}`, status: 400, has: []string{`"reason":"duplicate_key"`, `"pointer":"/paid"`}},
		{name: "H15 in the URL", method: "GET", url: "/v1/shop/price?sku=1&role=admin", status: 400, has: []string{`"pointer":"/role"`}},
		{name: "H16 NaN", body: `{"paid":NaN}`, status: 400, has: []string{`"pointer":"/paid"`}},
		{name: "H16 exponent", body: `{"paid":1e3}`, status: 400, has: []string{`"reason":"type"`, `"pointer":"/paid"`}},
		{name: "H16 decimals", body: `{"paid":71.92}`, status: 400, has: []string{`"reason":"type"`}},
		{name: "H16 30 digits", body: `{"paid":` + strings.Repeat("9", 30) + `}`, status: 400, has: []string{`"reason":"range"`, `"pointer":"/paid"`}},
		{name: "H16 negative quantity", body: `{"lines":[{"sku":"1","quantity":-1}]}`, status: 400, has: []string{`"reason":"range"`, `"pointer":"/lines/0/quantity"`}},
		{name: "H16 a string", body: `{"paid":"7192"}`, status: 400, has: []string{`"reason":"type"`}},
		{name: "H23 a form of another site", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403, has: []string{`"reason":"cross_site"`}},
		{name: "H23 a sibling subdomain", header: map[string]string{"Sec-Fetch-Site": "same-site"}, status: 403},
		{name: "H23 an old browser", header: map[string]string{"Origin": "https://evil.example"}, status: 403},
		{name: "H23 this site", header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8080"}, status: 200},
		{name: "H24 origin null", header: map[string]string{"Origin": "null"}, status: 403, answers: map[string]string{"Access-Control-Allow-Origin": ""}},
		{name: "H27 forged forwarding", header: map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"}, status: 200, hasNot: []string{"evil", "6.6.6.6"}},
		{name: "H29 GET as POST", method: "GET", header: map[string]string{"X-HTTP-Method-Override": "POST"}, status: 405},
		{name: "H29 POST as GET", url: "/v1/shop/sell", header: map[string]string{"X-HTTP-Method-Override": "GET"}, status: 200},
		{name: "H29 in the URL", method: "GET", url: "/v1/shop/sell?_method=POST", status: 405},
		{name: "a request id of the client", header: map[string]string{"X-Request-Id": "chosen"}, status: 200, hasNot: []string{"chosen"}},
		{name: "DNS rebinding", host: "evil.example:8080", status: 403, has: []string{`"reason":"host"`}, hasNot: []string{"evil"}},
		{name: "DNS rebinding by a look-alike", host: "127.0.0.1.evil.example", status: 403},
		{name: "DNS rebinding by a subdomain", host: "localhost.evil.example", status: 403},
		{name: "no Host", host: " ", status: 403},
		{name: "localhost", host: "LOCALHOST:8080", status: 200},
		{name: "IPv6", host: "[::1]:8080", status: 200},
		{name: "IPv6 without port", host: "[::1]", status: 200},
		{name: "another loopback address", host: "127.0.0.2", status: 200},
		{name: "another address", host: "192.168.1.5:8080", status: 403},
	}
	for _, path := range []string{
		"/v1/../host/operations", "/v1/shop/..", "/v1/shop/%2e%2e", "/v1/shop/%2e%2e%2fsell", "/v1/..%2fshop/sell", "/v1/shop%2fsell/x",
		"/v1/shop/sell%00", "/v1/shop/%00", "/v1/shop/" + strings.Repeat("a", 4096), "/v1/shop/%F0%9F%98%80", "/v1/shop/sell%0A%7B%22forged%22%7D",
		"/v1//sell", "/v1/shop/", "/v1/shop.sell/x", "/v1/shop/sell/", "/v1/shop/sell/forged", "//v1/shop/sell", "/v1/Shop/sell",
	} {
		rows = append(rows, scenario{name: "H12 " + path[:min(len(path), 40)], url: path, status: 404,
			has: []string{`"code":"not_found"`}, hasNot: []string{"forged", "😀", "\x00", "aaaa"}})
	}
	for _, sc := range rows {
		t.Run(sc.name, sc.test)
	}
}
