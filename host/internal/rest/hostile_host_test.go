package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The rows of security.md §3b at the addresses of the host itself; those of apps
// are in hostile_test.go.

func TestH07OnlyJSON(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, nil)
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain; application/json", "application/json; charset=iso-8859-1", ""} {
		want(t, kind, ask{method: "POST", url: "/things", body: `{"name":"n"}`, header: map[string]string{"Content-Type": kind}}.of(s), 415, reasonContentType)
	}
	want(t, "gzip", ask{method: "POST", url: "/things", body: `{"name":"n"}`, header: map[string]string{"Content-Encoding": "gzip"}}.of(s), 415)
	want(t, "long", ask{method: "POST", url: "/things", body: `{"name":"` + strings.Repeat("x", maxBody) + `"}`}.of(s), 413)
	if len(r.calls) != 0 {
		t.Errorf("%d calls", len(r.calls))
	}
}

func TestH08H09H10Keys(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, nil)
	with := func(key string) ask {
		return ask{method: "POST", url: "/things", body: `{"name":"n"}`, header: map[string]string{"Idempotency-Key": key}}
	}
	want(t, "missing", with("").of(s), 400, "idempotency_key_missing")
	for _, key := range []string{strings.Repeat("k", 129), strings.Repeat("k", 300), "chiave-è", "a b", "a\x7f"} {
		want(t, key, with(key).of(s), 400, "idempotency_key_invalid")
	}
	if len(r.calls) != 0 {
		t.Errorf("%d calls", len(r.calls))
	}
	ended := &kernel.Error{}
	broken, _ := newServer(t, Config{Operations: failing{r, ended}, Platform: r.operations(), Credentials: demoPeople})
	ended.Public = abi.Error{Code: abi.Invalid, Reason: "idempotency_key_reused"}
	want(t, "H09", with("k").of(broken), 422, "idempotency_key_reused")
	ended.Public = abi.Error{Code: abi.Conflict, Reason: "idempotency_in_progress"}
	w := with("k").of(broken)
	if want(t, "H10", w, 409, "idempotency_in_progress"); w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
}

// failing is a kernel that ends everything with an error.
type failing struct {
	*room
	err *kernel.Error
}

func (f failing) Run(context.Context, kernel.Call) (kernel.Result, error) {
	return kernel.Result{}, f.err
}

func TestH11Versions(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, nil)
	put := func(match string) ask {
		return ask{method: "PUT", url: "/things/t1", body: `{"name":"n"}`, header: map[string]string{"If-Match": match}}
	}
	want(t, "none", put("").of(s), 428, reasonIfMatch)
	for _, match := range []string{"v7", "*", `W/"v7"`, `"v7","v8"`, `""`, `"` + strings.Repeat("v", 200) + `"`, `"v"7"`} {
		want(t, match, put(match).of(s), 400, `"reason":"if_match"`)
	}
	if len(r.calls) != 0 {
		t.Errorf("%d calls", len(r.calls))
	}
	w := put(`"v6"`).of(s)
	if want(t, "stale", w, 412, reasonVersion); w.Header().Get("ETag") != `"v7"` {
		t.Errorf("ETag %q, want the current one", w.Header().Get("ETag"))
	}
	want(t, "the one that is there", put(`"v7"`).of(s), 200)
}

func TestH12Identifiers(t *testing.T) {
	t.Parallel()
	s, r, log := newRoom(t, nil)
	for _, id := range []string{"..", "%2e%2e", ".", "%2e%2e%2fx", "a%2fb", "a%00", "%F0%9F%98%80", "a%0A%7B%22forged%22", strings.Repeat("a", 4096), "a%20b", "a%5cb", "%zz", "a%25"} {
		request := ask{url: "/things/x"}.request()
		request.URL = &url.URL{Path: "/v1/host/things/" + id, RawPath: "/v1/host/things/" + id}
		if plain, err := url.PathUnescape(id); err == nil {
			request.URL.Path = "/v1/host/things/" + plain
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request)
		if w.Code != 400 && w.Code != 404 || strings.Contains(w.Body.String(), "forged") {
			t.Errorf("%.40s: %d %s", id, w.Code, w.Body)
		}
	}
	if len(r.calls) != 0 || strings.Contains(log.String(), "forged") || strings.Contains(log.String(), "aaaa") {
		t.Errorf("%d calls, and the log has %s", len(r.calls), log)
	}
}

func TestH13Cursors(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, func(c *Config) { c.CursorKey = processKey() })
	page := func(s *Server, query string) (next string) {
		w := ask{url: "/things?" + query}.of(s)
		want(t, query, w, 200)
		var answer thingsOut
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Next
	}
	refused := func(what string, s *Server, query string) {
		t.Helper()
		want(t, what, ask{url: query}.of(s), 400, reasonCursor, `"pointer":"/after"`)
	}
	next := page(s, "kind=a&limit=1")
	if strings.Contains(next, "after:") {
		t.Errorf("the cursor %q is as the operation wrote it", next)
	}
	page(s, "limit=5&kind=a&after="+next)
	if got := string(r.calls[len(r.calls)-1].Input); got != `{"limit":5,"after":"after:","kind":"a"}` {
		t.Errorf("called with %s", got)
	}
	refused("another filter", s, "/things?kind=b&after="+next)
	refused("no filter", s, "/things?after="+next)
	refused("a forged one", s, "/things?kind=a&after=YWZ0ZXI6")
	refused("one of the operation's own", s, "/things?kind=a&after=after:")
	refused("one bit less", s, "/things?kind=a&after="+next[:len(next)-2])
	refused("too long", s, "/things?kind=a&after="+strings.Repeat("a", 4096))
	key := s.config.CursorKey
	other, _, _ := newRoom(t, func(c *Config) { c.CursorKey = key })
	other.config.Tenant = "other"
	refused("another tenant", other, "/things?kind=a&after="+next)
	page(other, "kind=a&after="+page(other, "kind=a"))

	want(t, "a position of the log", ask{url: "/moments?after=918272"}.of(s), 200, `"next":"after:918272"`)
	want(t, "limit -1", ask{url: "/things?limit=-1"}.of(s), 400, `"reason":"range"`, `"pointer":"/limit"`)
	want(t, "limit 0", ask{url: "/things?limit=0"}.of(s), 400)
	want(t, "limit 1e9", ask{url: "/things?limit=1e9"}.of(s), 400, `"reason":"type"`)
	page(s, "limit=1000000000")
	if got := string(r.calls[len(r.calls)-1].Input); got != `{"limit":200}` {
		t.Errorf("a limit is not capped: %s", got)
	}
}

func TestH14UnknownFilters(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, nil)
	for _, query := range []string{"password=x", "sort=secret", "kind[$regex]=(a%2B)%2B$", "Kind=a", "id=x"} {
		want(t, query, ask{url: "/things?" + query}.of(s), 400, "known: after, big, kind, limit, tags")
	}
	want(t, "twice", ask{url: "/things?kind=a&kind=b"}.of(s), 400, `"reason":"duplicate_key"`)
	want(t, "type", ask{url: "/things?big=yes"}.of(s), 400, `"pointer":"/big"`)
	want(t, "malformed", ask{url: "/things?kind=%zz"}.of(s), 400)
	if len(r.calls) != 0 {
		t.Errorf("%d calls", len(r.calls))
	}
}

func TestH15MassAssignment(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	for _, body := range []string{
		`{"name":"n","tenantId":"other"}`, `{"name":"n","role":"owner"}`, `{"name":"n","createdAt":0}`, `{"name":"n","name":"m"}`,
		`{"name":"n"}{"name":"m"}`, `[{"name":"n"}]`, `"n"`, `null`, `{"name":"n"`, `}`, ``,
	} {
		if body != "" {
			want(t, body, ask{method: "POST", url: "/things", body: body}.of(s), 400)
		}
	}
	match := map[string]string{"If-Match": `"v7"`}
	want(t, "the id again", ask{method: "PUT", url: "/things/t1", body: `{"id":"t2","name":"n"}`, header: match}.of(s), 400, `"pointer":"/id"`)
	want(t, "the version again", ask{method: "PUT", url: "/things/t1", body: `{"if_match":"v7","name":"n"}`, header: match}.of(s), 400)
	want(t, "in the URL", ask{method: "POST", url: "/things?role=owner", body: `{"name":"n"}`}.of(s), 400, "query_string")
	want(t, "in the URL, without a body", ask{method: "POST", url: "/things?role=owner"}.of(s), 400, "query_string")
}

func TestH16Numbers(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	for _, n := range []string{"NaN", "1e3", "71.92", strings.Repeat("9", 30), `"7192"`, "0x10", "1_000"} {
		want(t, n, ask{method: "POST", url: "/things", body: `{"name":"n","price":` + n + `}`}.of(s), 400)
		want(t, n+" in the URL", ask{url: "/things?limit=" + url.QueryEscape(n)}.of(s), 400, `"pointer":"/limit"`)
	}
}

// What a login answers, how and with which headers, says nothing of whether there
// is such a user.
func TestH20LoginTellsNothing(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	login := func(name string) (int, string, http.Header) {
		w := ask{method: "POST", url: "/sessions", token: "-", body: `{"name":"` + name + `","password":"wrong"}`}.of(s)
		w.Header().Del(headerRate) // counts down
		return w.Code, w.Body.String(), w.Header()
	}
	code, body, header := login("anna")
	code2, body2, header2 := login("nobody")
	if code != 401 || code2 != code || body2 != body || len(header) != len(header2) || header.Get("Content-Length") != header2.Get("Content-Length") {
		t.Errorf("%d %s %v\n%d %s %v", code, body, header, code2, body2, header2)
	}
}

func TestH22CookieOfAnotherTenant(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, func(c *Config) { c.Credentials = people{} })
	w := ask{url: "/things", token: "-", header: map[string]string{"Cookie": sessionCookie + "=session-of-anna"}}.of(s)
	if want(t, "another's cookie", w, 401, reasonPrincipal); w.Header().Get("WWW-Authenticate") == "" || len(r.calls) != 0 {
		t.Errorf("%v, %d calls", w.Header(), len(r.calls))
	}
}

func TestH23CrossSite(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	cookie := sessionCookie + "=session-of-anna"
	for name, header := range map[string]map[string]string{
		"a form of another site": {"Sec-Fetch-Site": "cross-site", "Cookie": cookie},
		"a sibling subdomain":    {"Sec-Fetch-Site": "same-site", "Cookie": cookie},
		"an old browser":         {"Origin": "https://evil.example", "Cookie": cookie},
		"origin null":            {"Origin": "null", "Cookie": cookie},
		"a login for another":    {"Sec-Fetch-Site": "cross-site"},
	} {
		want(t, name, ask{method: "POST", url: "/things", token: "-", body: `{"name":"n"}`, header: header}.of(s), 403, reasonCrossSite)
		if header["Cookie"] != "" {
			want(t, name+", reading", ask{url: "/things", token: "-", header: header}.of(s), 403, reasonCrossSite)
		}
	}
	own := map[string]string{"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
	want(t, "this site", ask{method: "POST", url: "/things", token: "-", body: `{"name":"n"}`, header: own}.of(s), 201)
	want(t, "a token may come from anywhere", ask{method: "POST", url: "/things", body: `{"name":"n"}`, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}.of(s), 201)
	both := map[string]string{"Sec-Fetch-Site": "cross-site", "Cookie": cookie}
	want(t, "but not with a cookie", ask{method: "POST", url: "/things", body: `{"name":"n"}`, header: both}.of(s), 400, reasonCredentials)
}

func TestH24Origins(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, func(c *Config) { c.Origins = []string{"https://app.example"} })
	preflight := func(origin string) http.Header {
		w := ask{method: "OPTIONS", url: "/things", token: "-", header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"}}.of(s)
		return w.Header()
	}
	for _, origin := range []string{"null", "https://app.example.evil.example", "https://evil-app.example", "http://app.example", "https://app.example:8443", "https://APP.example", "*"} {
		if got := preflight(origin); got.Get("Access-Control-Allow-Origin") != "" || got.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s may: %v", origin, got)
		}
	}
	got := preflight("https://app.example")
	if got.Get("Access-Control-Allow-Origin") != "https://app.example" || got.Get("Access-Control-Allow-Credentials") != "" || got.Get("Vary") != "Origin" || !strings.Contains(got.Get("Access-Control-Allow-Headers"), "Idempotency-Key") {
		t.Errorf("the allowed one: %v", got)
	}
	if len(r.calls) != 0 {
		t.Error("a question for permission ran something")
	}
	w := ask{url: "/things", header: map[string]string{"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}}.of(s)
	if want(t, "with a token", w, 200); w.Header().Get("Access-Control-Allow-Origin") != "https://app.example" || w.Header().Get("Access-Control-Expose-Headers") == "" {
		t.Errorf("it may not read: %v", w.Header())
	}
	want(t, "with a session", ask{url: "/things", token: "-", header: map[string]string{"Origin": "https://app.example", "Cookie": sessionCookie + "=session-of-anna"}}.of(s), 403)
}

func TestH25HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	for _, a := range []ask{{url: "/things"}, {url: "/nothing"}, {url: "/health", token: "-"}, {url: "/things", host: "evil.example"}, {url: "/v1/openapi.json"}} {
		h := a.of(s).Header()
		if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") == "" {
			t.Errorf("%s: %v", a.url, h)
		}
	}
}

func TestH26Tokens(t *testing.T) {
	t.Parallel()
	s, r, log := newRoom(t, nil)
	want(t, "in the URL", ask{url: "/things?access_token=things", token: "-"}.of(s), 401, reasonPrincipal)
	want(t, "in the URL beside a good one", ask{url: "/things?access_token=things"}.of(s), 400, "unknown_field")
	want(t, "in the URL of an app", ask{url: "/v1/shop/price?sku=1&access_token=things", token: "-"}.of(s), 401)
	want(t, "in a cookie", ask{url: "/things", token: "-", header: map[string]string{"Cookie": sessionCookie + "=things; token=things; Authorization=Bearer%20things"}}.of(s), 401)
	want(t, "one that is not good", ask{url: "/things", token: "revoked"}.of(s), 401)
	want(t, "none", ask{url: "/things", token: "-"}.of(s), 401)
	want(t, "by another scheme", ask{url: "/things", token: "-", header: map[string]string{"Authorization": "Basic dGhpbmdz"}}.of(s), 401)
	want(t, "no token", ask{url: "/things", token: "-", header: map[string]string{"Authorization": "Bearer"}}.of(s), 401)
	twice := ask{url: "/things"}.request()
	twice.Header.Add("Authorization", "Bearer owner")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, twice)
	want(t, "two", w, 400, reasonCredentials)
	cookies := ask{url: "/things", token: "-", header: map[string]string{"Cookie": sessionCookie + "=a; " + sessionCookie + "=session-of-anna"}}
	want(t, "two sessions", cookies.of(s), 400, reasonCredentials)
	if len(r.calls) != 0 {
		t.Errorf("%d calls", len(r.calls))
	}
	want(t, "without the right", ask{url: "/things", token: "nothing"}.of(s), 403, "permission")
	if strings.Contains(log.String(), "access_token") || strings.Contains(log.String(), "Bearer") || strings.Contains(log.String(), "revoked") {
		t.Errorf("a token is in the log: %s", log)
	}
}

func TestH26BrokenCredentialsAreNotDenied(t *testing.T) {
	t.Parallel()
	down := failingPeople{&kernel.Error{Public: abi.Error{Code: abi.Unavailable, Reason: "storage"}, Cause: errors.New("disk")}}
	s, _, _ := newRoom(t, func(c *Config) { c.Credentials = down })
	want(t, "a storage that is down", ask{url: "/things"}.of(s), 503)
	s, _, log := newRoom(t, func(c *Config) { c.Credentials = failingPeople{errors.New("who knows")} })
	w := ask{url: "/things"}.of(s)
	if want(t, "anything else", w, 401); strings.Contains(w.Body.String(), "who knows") || strings.Contains(log.String(), "Bearer") {
		t.Errorf("%s\n%s", w.Body, log)
	}
}

func TestH27Forwarding(t *testing.T) {
	t.Parallel()
	proxy := netip.MustParsePrefix("10.0.0.0/8")
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:1", "6.6.6.6", "192.0.2.1"}, // no proxy of ours says so
		{"10.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:1", "6.6.6.6, 203.0.113.9", "203.0.113.9"}, // what the client itself wrote stands first
		{"10.0.0.1:1", "203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"10.0.0.1:1", "nonsense", "10.0.0.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", "203.0.113.9", "203.0.113.9"},
	} {
		s, r, _ := newRoom(t, func(c *Config) { c.Proxies = []netip.Prefix{proxy} })
		ask{method: "POST", url: "/sessions", token: "-", body: `{}`, peer: c.peer, header: map[string]string{"X-Forwarded-For": c.forwarded, "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}}.of(s)
		if len(r.seen) != 1 || r.seen[0] != "login from "+c.want {
			t.Errorf("%s of %s: %q, want %s", c.forwarded, c.peer, r.seen, c.want)
		}
	}
	s, _, _ := newRoom(t, func(c *Config) { c.Base = "https://shop.example"; c.Proxies = []netip.Prefix{proxy} })
	want(t, "the configured name", ask{url: "/things", host: "shop.example", peer: "10.0.0.1:1"}.of(s), 200)
	want(t, "another name", ask{url: "/things", host: "evil.example", peer: "10.0.0.1:1", header: map[string]string{"X-Forwarded-Host": "shop.example"}}.of(s), 403, reasonHost)
	w := ask{url: "/v1/openapi.json", peer: "10.0.0.1:1", header: map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}}.of(s)
	if want(t, "links", w, 200, `"url":"https://shop.example"`); strings.Contains(w.Body.String(), "evil") {
		t.Error("a forged name is in the document")
	}
}

func TestH29MethodOverride(t *testing.T) {
	t.Parallel()
	s, r, _ := newRoom(t, nil)
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		want(t, name, ask{url: "/things/t1", header: map[string]string{name: "DELETE"}}.of(s), 200)
	}
	want(t, "in the URL", ask{url: "/things/t1?_method=DELETE"}.of(s), 400)
	if len(r.seen) != 0 {
		t.Errorf("%q", r.seen)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_795_280_700, 0)
	s, _, _ := newRoom(t, func(c *Config) {
		c.Limits = Limits{Query: Rate{PerSecond: 2, Burst: 3}, Command: Rate{PerSecond: 0.1, Burst: 1}, Open: Rate{PerSecond: 1, Burst: 2}, Stranger: Rate{PerSecond: 1, Burst: 1}}
	})
	s.limiter.now = func() time.Time { return now }
	for i := range 3 {
		w := ask{url: "/things"}.of(s)
		if want(t, "a query", w, 200); w.Header().Get("RateLimit") != []string{`"query";r=2`, `"query";r=1`, `"query";r=0`}[i] || w.Header().Get("RateLimit-Policy") != `"query";q=3;w=2` {
			t.Errorf("query %d: %v", i, w.Header())
		}
	}
	w := ask{url: "/things"}.of(s)
	if want(t, "one more", w, 429, reasonRate); w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	want(t, "an app's query", ask{url: "/v1/shop/price?sku=1"}.of(s), 429)
	want(t, "another's", ask{url: "/things", token: "owner"}.of(s), 200)
	create := ask{method: "POST", url: "/things", body: `{"name":"n"}`}
	want(t, "a command", create.of(s), 201)
	if w = create.of(s); w.Header().Get("Retry-After") != "10" {
		t.Errorf("a second command: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	now = now.Add(time.Second)
	want(t, "a second later", ask{url: "/things"}.of(s), 200)

	login := ask{method: "POST", url: "/sessions", body: `{}`, token: "-", peer: "[2001:db8::1]:1"}
	want(t, "a login", login.of(s), 401)
	login.peer = "[2001:db8::2]:1" // of the same household
	want(t, "its neighbour", login.of(s), 401)
	want(t, "again", login.of(s), 429)
	login.peer = "[2001:db8:1::1]:1"
	want(t, "another household", login.of(s), 401)
	want(t, "a bad token", ask{url: "/things", token: "bad"}.of(s), 401)
	want(t, "many bad tokens", ask{url: "/things", token: "bad2"}.of(s), 429)
	want(t, "a good one from there", ask{url: "/things", token: "owner"}.of(s), 200)
}

// However many ask, the limiter remembers a bounded number of them.
func TestLimitsAreBoundedThemselves(t *testing.T) {
	t.Parallel()
	m := newLimiter(Limits{}, time.Now)
	h := http.Header{}
	for i := range 3 * maxBuckets {
		if err := m.take(h, "user:"+string(rune('a'+i%26))+time.Duration(i).String(), classQuery); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.young) + len(m.old); n > 2*maxBuckets {
		t.Errorf("%d remembered", n)
	}
}

func TestListenOnlyBehindTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base string
		who  Credentials
		ok   bool
	}{{"", nil, false}, {"https://shop.example", nil, false}, {"", demoPeople, false}, {"http://shop.example", demoPeople, false}, {"https://shop.example", demoPeople, true}} {
		s, _ := newServer(t, Config{Operations: newFake(t), Base: c.base, Credentials: c.who})
		if err := s.checkAddress("0.0.0.0:80"); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

type failingPeople struct{ err error }

func (f failingPeople) Session(context.Context, string) (identity.Principal, error) {
	return identity.Principal{}, f.err
}

func (f failingPeople) Token(context.Context, string, netip.Addr) (identity.Principal, error) {
	return identity.Principal{}, f.err
}
