package rest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

func TestHostOperations(t *testing.T) {
	t.Parallel()
	s, r, log := newRoom(t, nil)
	for _, c := range []struct {
		ask
		status int
		input  string // of the kernel's call; "" for none
		key    string
		has    string
		header map[string]string
	}{
		{ask: ask{url: "/things?kind=a&tags=x&tags=y&big=true&limit=20"}, status: 200, has: `"items":["a","x","y"]`,
			input: `{"limit":20,"kind":"a","big":true,"tags":["x","y"]}`},
		{ask: ask{url: "/things"}, status: 200, input: `{}`},
		{ask: ask{url: "/things/user:anna@x-1.y_z"}, status: 200, input: `{"id":"user:anna@x-1.y_z"}`, header: map[string]string{"Etag": `"v7"`, "X-Log-Position": ""}},
		{ask: ask{url: "/things/user%3Aanna%40x"}, status: 200, input: `{"id":"user:anna@x"}`},
		{ask: ask{method: "HEAD", url: "/things/t1"}, status: 200, input: `{"id":"t1"}`, header: map[string]string{"Content-Length": "41", "Etag": `"v7"`}},
		{ask: ask{method: "POST", url: "/things", body: ` {"name":"n"} `}, status: 201, input: `{"name":"n"}`, key: "k-1", header: map[string]string{"X-Log-Position": "42"}},
		{ask: ask{method: "PUT", url: "/things/t1", body: `{"name":"n"}`, header: map[string]string{"If-Match": `"v7"`}}, status: 200,
			input: `{"id":"t1","if_match":"v7","name":"n"}`, key: "k-1", header: map[string]string{"Etag": `"v8"`}},
		{ask: ask{method: "DELETE", url: "/things/t1?erase=true", header: map[string]string{"Idempotency-Key": ""}}, status: 204, input: `{"id":"t1","erase":true}`},
		{ask: ask{method: "DELETE", url: "/things/t1", body: `{}`}, status: 400, has: `"reason":"body"`},
		{ask: ask{method: "POST", url: "/things?size=2&name=x", body: `{"name":"n"}`}, status: 400, has: `"pointer":"/name"`},
		{ask: ask{method: "POST", url: "/things?&", body: `{"name":"n"}`}, status: 400, has: `"reason":"query_string"`},
		{ask: ask{method: "PUT", url: "/things/t1?name=x", body: `{"name":"n"}`, header: map[string]string{"If-Match": `"v7"`}}, status: 400, has: `"pointer":"/name"`},
		{ask: ask{method: "POST", url: "/things/upload?kind=x", body: `{}`}, status: 400, has: `"pointer":"/kind"`},
		{ask: ask{url: "/things/stream?since=x"}, status: 400, has: `"pointer":"/since"`},
		{ask: ask{url: "/things/stream?%zz"}, status: 400, has: `"reason":"malformed"`},
		{ask: ask{method: "POST", url: "/things/t1"}, status: 405, header: map[string]string{"Allow": "GET, HEAD, PUT, DELETE"}},
		{ask: ask{method: "PATCH", url: "/things"}, status: 405, header: map[string]string{"Allow": "GET, HEAD, POST"}},
		{ask: ask{method: "OPTIONS", url: "/things"}, status: 204, header: map[string]string{"Allow": "GET, HEAD, POST"}},
		{ask: ask{url: "/nothing"}, status: 404, has: `"reason":"route"`},
		{ask: ask{method: "POST", url: "/nothing", body: `{}`}, status: 404, has: `"reason":"route"`},
	} {
		before := len(r.calls)
		w := c.of(s)
		want(t, c.method+" "+c.url, w, c.status, c.has)
		for name, value := range c.header {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s %s: %s is %q, want %q", c.method, c.url, name, got, value)
			}
		}
		if got := r.calls[before:]; (c.input != "") != (len(got) == 1) {
			t.Errorf("%s %s: %d calls of the kernel", c.method, c.url, len(got))
		} else if len(got) == 1 && (string(got[0].Input) != c.input || got[0].Key != c.key || got[0].Principal.ID != "token:things" || got[0].Request != "req_01") {
			t.Errorf("%s %s: called %+v with %s, want %s", c.method, c.url, got[0], got[0].Input, c.input)
		}
	}
	if !strings.Contains(log.String(), `"operation":"host.things.update"`) {
		t.Errorf("the operation is not in the log: %s", log)
	}
}

// Actions and raw operations do not come to the kernel, so their right is
// checked here, and whoever watches is told.
func TestRightsOfWhatTheKernelDoesNotRun(t *testing.T) {
	t.Parallel()
	var denied []string
	s, r, _ := newRoom(t, func(c *Config) {
		c.Denied = func(c kernel.Call, d *identity.Denial) {
			denied = append(denied, c.Principal.ID+" "+c.Operation+" "+d.Right)
		}
	})
	upload := ask{method: "POST", url: "/things/upload", body: "wasm", header: map[string]string{"Content-Type": "application/wasm"}}
	want(t, "with the right", upload.of(s), 200, "{}")
	upload.token = "nothing"
	want(t, "without", upload.of(s), 403, `"permission":"host.things"`)
	want(t, "metrics", ask{url: "/metrics", token: "things"}.of(s), 403, healthRight)
	if !slices.Equal(denied, []string{"token:nothing host.things.upload host.things", "token:things host.metrics.get host.health"}) {
		t.Errorf("told of %q", denied)
	}
	if !slices.Equal(r.seen, []string{"token:things uploads wasm in req_01"}) || len(r.calls) != 0 {
		t.Errorf("ran %q, %d calls", r.seen, len(r.calls))
	}
}

// A login of a browser ends in a cookie that no script reads; another client
// gets the secret itself.
func TestSessionsOfBrowsers(t *testing.T) {
	t.Parallel()
	s, r, log := newRoom(t, nil)
	login := ask{method: "POST", url: "/sessions", token: "-", body: `{"name":"anna","password":"correct horse"}`}
	w := login.of(s)
	want(t, "a program", w, 200, `"session":"session-of-anna"`)
	if w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a cookie for a program: %s", w.Header().Get("Set-Cookie"))
	}
	login.header = map[string]string{"Sec-Fetch-Site": "same-origin", "Cookie": sessionCookie + "=an-old-one"}
	w = login.of(s)
	want(t, "a browser with an old cookie", w, 200, `"user":"anna"`)
	if strings.Contains(w.Body.String(), "session") {
		t.Errorf("the secret is in reach of scripts: %s", w.Body)
	}
	if got := w.Header().Get("Set-Cookie"); got != "__Host-bottega=session-of-anna; Path=/; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("cookie %q", got)
	}
	mine := map[string]string{"Cookie": sessionCookie + "=session-of-anna", "Sec-Fetch-Site": "same-origin"}
	want(t, "with the cookie", ask{url: "/things", token: "-", header: mine}.of(s), 200)
	if got := r.calls[len(r.calls)-1].Principal.ID; got != "user:anna" {
		t.Errorf("it is %s who asks", got)
	}
	w = ask{method: "DELETE", url: logoutPath, token: "-", header: mine}.of(s)
	want(t, "logout", w, 200)
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-bottega=;") || !strings.Contains(got, "Max-Age=0") {
		t.Errorf("the cookie stays: %q", got)
	}
	if !slices.Contains(r.seen, "login from 192.0.2.1") {
		t.Errorf("the login does not know from where: %q", r.seen)
	}
	for _, secret := range []string{"correct horse", "session-of-anna"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// A link in a message leads to the admin, whose files need no session.
func TestLinksLeadToTheAdmin(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, func(c *Config) {
		c.Admin = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	r := ask{url: "/v1/", token: "-", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Cookie": sessionCookie + "=session-of-anna"}}.request()
	for _, path := range []string{"/admin", "/admin/apps/till"} {
		r.URL.Path = path
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusTeapot {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestMistakesOfTheProgrammer(t *testing.T) {
	t.Parallel()
	type deep struct {
		Filter struct{ A string } `json:"filter"`
	}
	run := func(_ *kernel.Tx, _ deep) (platform.None, error) { return platform.None{}, nil }
	good := platform.About{Name: "host.x.y", Method: "GET", Path: "/x", Right: "host.x"}
	change := func(fn func(*platform.About)) platform.About { a := good; fn(&a); return a }
	flat := func(a platform.About) *platform.Operation {
		return platform.Query(a, func(_ *kernel.Tx, _ thingRef) (platform.None, error) { return platform.None{}, nil })
	}
	for name, all := range map[string][]*platform.Operation{
		"no permission":          {flat(change(func(a *platform.About) { a.Right = "" }))},
		"a path without a field": {flat(change(func(a *platform.About) { a.Path = "/x/{name}" }))},
		"no body at all":         {{About: good}},
		"deep input in the URL":  {platform.Query(good, run)},
		"no method":              {flat(change(func(a *platform.About) { a.Method = "BREW" }))},
		"no field if_match":      {flat(change(func(a *platform.About) { a.IfMatch = true }))},
		"twice":                  {flat(good), flat(good)},
	} {
		if _, err := New(Config{Operations: newFake(t), Platform: all}); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
	if _, err := New(Config{Operations: newFake(t), Platform: []*platform.Operation{flat(good)}}); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for _, c := range []Config{{Base: "shop.example"}, {Base: "https://shop.example/x"}, {Origins: []string{"*"}}, {Origins: []string{"https://*.example"}}, {Origins: []string{"null"}}} {
		c.Operations = newFake(t)
		if _, err := New(c); err == nil {
			t.Errorf("%+v is not refused", c)
		}
	}
}

// A stream ends when the host stops, so that stopping does not wait for it.
func TestStreamsEndWithTheHost(t *testing.T) {
	t.Parallel()
	s, _, _ := newRoom(t, nil)
	ended := make(chan int)
	go func() { ended <- ask{url: "/things/stream"}.of(s).Code }()
	close(s.stopping)
	if code := <-ended; code != http.StatusOK {
		t.Errorf("the stream ended with %d", code)
	}
}

// TestStreamEndsWithItsRight: what goes on and on does not outlive the credential
// or the right that opened it.
func TestStreamEndsWithItsRight(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*identity.Principal) error{
		"the token is revoked": func(*identity.Principal) error { return errors.New("revoked") },
		"the right is gone":    func(p *identity.Principal) error { p.Rights = []string{"host.other"}; return nil },
		"a limit to stores":    func(p *identity.Principal) error { p.Stores = []string{"s1"}; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var over atomic.Bool
				s, _, _ := newRoom(t, func(c *Config) {
					c.Platform = []*platform.Operation{{
						About: platform.About{Name: "host.things.watch", Method: http.MethodGet, Path: "/watch", Right: rightThings, Summary: "Watch"},
						Raw: func(_ http.ResponseWriter, r *http.Request, _ identity.Principal, _ string) error {
							<-r.Context().Done()
							return nil
						},
					}}
					c.Authenticate = func(*http.Request) (identity.Principal, error) {
						p := identity.Principal{ID: "token:x", Rights: []string{rightThings}}
						if over.Load() {
							return p, end(&p)
						}
						return p, nil
					}
				})
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					s.ServeHTTP(httptest.NewRecorder(), ask{url: "/watch"}.request())
				}()
				time.Sleep(time.Hour)
				select {
				case <-ended:
					t.Fatal("it ended although nothing has changed")
				default:
				}
				over.Store(true)
				begun := time.Now()
				<-ended
				if took := time.Since(begun); took > admitEvery {
					t.Errorf("it went on for %s", took)
				}
			})
		})
	}
}
