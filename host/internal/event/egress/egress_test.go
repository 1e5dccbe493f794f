package egress

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

var _ kernel.Sender = (*Client)(nil).Send

// world is a client whose resolver knows one name, example.com, at a server of
// this process: the only address inside that it may reach.
type world struct {
	*Client
	t      *testing.T
	server *httptest.Server
	port   string
	hits   atomic.Int64 // requests that the server got
	asked  atomic.Int64 // names that were resolved

	mu     sync.Mutex
	denied []string
}

func (w *world) url(path string) string { return "https://example.com:" + w.port + path }

func setup(t *testing.T, handler http.HandlerFunc) *world {
	t.Helper()
	w := &world{t: t}
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.hits.Add(1)
		handler(rw, r)
	}))
	t.Cleanup(w.server.Close)
	at := netip.MustParseAddrPort(w.server.Listener.Addr().String())
	w.port = fmt.Sprint(at.Port())
	roots := x509.NewCertPool()
	roots.AddCert(w.server.Certificate())
	w.Client = New(Config{
		Tenant: "shop", Roots: roots, Timeout: 10 * time.Second,
		Allow: func(to netip.AddrPort) bool { return to == at },
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			w.asked.Add(1)
			if addr, ok := spelled[host]; ok {
				return []netip.Addr{netip.MustParseAddr(addr)}, nil
			}
			if host != "example.com" {
				return nil, errors.New("no such name")
			}
			return []netip.Addr{at.Addr()}, nil
		},
		Denied: func(app, host string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.denied = append(w.denied, app+" "+host)
		},
		Secret: func(_ context.Context, tenant, app, setting string) (string, error) {
			return map[string]string{"key": "of " + tenant + " and " + app, "broken": "a\r\nHost: evil"}[setting], nil
		},
	})
	return w
}

// spelled are what resolvers make of other spellings of addresses inside.
var spelled = map[string]string{
	"0": "0.0.0.0", "0x7f000001": "127.0.0.1", "2130706433": "127.0.0.1", "127.1": "127.0.0.1", "017700000001": "127.0.0.1",
	"127.0.0.1": "127.0.0.1", "169.254.169.254": "169.254.169.254", "::1": "::1", "localhost": "127.0.0.1",
	"metadata.example": "fd00:ec2::254", "mapped.example": "::ffff:127.0.0.1", "private.example": "10.0.0.7", "nat64.example": "64:ff9b::7f00:1",
}

// granted is an app that may reach hosts, the first of them with a secret.
func granted(t *testing.T, hosts ...string) *registry.App {
	t.Helper()
	m := &manifest.Manifest{ID: "courier", Version: "1.2.0", Provides: &manifest.Provides{}}
	for i, h := range hosts {
		g := manifest.Grant{HTTP: h}
		if i == 0 {
			g.Secret = &manifest.GrantSecret{Setting: "key", Header: "Authorization", Prefix: "Bearer "}
		}
		m.Grants = append(m.Grants, g)
	}
	app, err := registry.NewApp(registry.Making{Manifest: m, Module: new(sandbox.Module), Descriptor: &abi.Descriptor{Version: abi.Version, App: "courier"}})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func (w *world) app() *registry.App { return granted(w.t, "example.com:"+w.port) }

// refused sends what must be refused with a code.
func (w *world) refused(app *registry.App, r abi.HTTPRequest, code abi.Code, reason string) {
	w.t.Helper()
	_, err := w.Send(w.t.Context(), app, r)
	var e *abi.Error
	if !errors.As(err, &e) || e.Code != code || e.Reason != reason {
		w.t.Errorf("%s %s ended with %v, want %s (%s)", r.Method, r.URL, err, code, reason)
	}
}

func get(url string) abi.HTTPRequest { return abi.HTTPRequest{Method: "GET", URL: url} }

func TestSend(t *testing.T) {
	t.Parallel()
	w := setup(t, func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rw.Header().Set("X-Seen", strings.Join([]string{r.Method, r.Host, r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("User-Agent"), r.Proto, string(body)}, "|"))
		rw.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(rw, "made")
	})
	res, err := w.Send(t.Context(), w.app(), abi.HTTPRequest{
		Method: "POST", URL: w.url("/a?b=c"), Secret: "key", Body: []byte("hello"),
		Headers: []abi.Header{{Name: "idempotency-key", Value: "effect-7"}},
	})
	if err != nil || res.Status != 201 || string(res.Body) != "made" {
		t.Fatalf("%d %q, %v", res.Status, res.Body, err)
	}
	want := "POST|example.com:" + w.port + "|/a?b=c|effect-7|Bearer of shop and courier|Bottega (courier@1.2.0)|HTTP/1.1|hello"
	if i := slices.IndexFunc(res.Headers, func(h abi.Header) bool { return h.Name == "X-Seen" }); i < 0 || res.Headers[i].Value != want {
		t.Errorf("headers %v, want X-Seen %s", res.Headers, want)
	}
	if len(w.denied) != 0 {
		t.Errorf("reported %q", w.denied)
	}
}

// TestG23HostsOutsideTheAllowList: whatever is not exactly a granted name over
// TLS is denied and reported, and nothing is sent: no name is even resolved.
func TestG23HostsOutsideTheAllowList(t *testing.T) {
	t.Parallel()
	w := setup(t, func(http.ResponseWriter, *http.Request) {})
	app := granted(t, "example.com:"+w.port, "mail.example.com:25", "example.com:1023")
	urls := []string{
		"https://example.com/", "https://evil.com:" + w.port + "/", "https://example.com.:" + w.port + "/", "https://sub.example.com:" + w.port + "/",
		"https://127.0.0.1:" + w.port + "/", "https://169.254.169.254/latest/meta-data", "https://[::1]:" + w.port + "/", "https://[fe80::1%25eth0]/",
		"https://0/", "https://0x7f000001:" + w.port + "/", "https://2130706433/", "https://127.1/", "https://017700000001/", "https://localhost/",
		"https://ex\u0430mple.com:" + w.port + "/", "https://example\u3002com:" + w.port + "/",
		"https://mail.example.com:25/", "https://example.com:1023/", "http://example.com:" + w.port + "/",
		"file:///etc/passwd", "gopher://example.com:" + w.port + "/", "https:///",
	}
	for _, u := range urls {
		w.refused(app, get(u), abi.Denied, abi.ReasonEgress)
	}
	if w.hits.Load() != 0 || w.asked.Load() != 0 || len(w.denied) != len(urls) {
		t.Errorf("%d requests, %d names resolved, %d of %d reported: %q", w.hits.Load(), w.asked.Load(), len(w.denied), len(urls), w.denied)
	}
}

// TestG23AddressesInside: even with a grant that no manifest could hold, what is
// an address inside, or a name for one, is not connected to.
func TestG23AddressesInside(t *testing.T) {
	t.Parallel()
	w := setup(t, func(http.ResponseWriter, *http.Request) {})
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	_, port, _ := net.SplitHostPort(other.Addr().String())
	for host := range spelled {
		if strings.Contains(host, ":") {
			continue // in brackets it is refused as no name, above
		}
		w.refused(granted(t, host+":"+port), get("https://"+host+":"+port+"/"), abi.Denied, abi.ReasonEgress)
	}
	if err := other.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if conn, err := other.Accept(); err == nil {
		t.Errorf("a packet came from %s", conn.RemoteAddr())
	}
	if len(w.denied) != len(spelled)-1 {
		t.Errorf("reported %q", w.denied)
	}
}

// TestG23ControlChecksTheConnectedAddress: the last check is on the address that
// the socket goes to, however it was found.
func TestG23ControlChecksTheConnectedAddress(t *testing.T) {
	t.Parallel()
	p := permit(New(Config{}).outside)
	for _, inside := range []string{
		"127.0.0.1:443", "0.0.0.0:443", "10.1.2.3:443", "100.64.0.1:443", "169.254.169.254:80", "172.16.0.1:443", "192.168.1.1:443", "224.0.0.1:443",
		"255.255.255.255:443", "[::]:443", "[::1]:443", "[::ffff:10.0.0.1]:443", "[fe80::1]:443", "[fd00::1]:443", "[ff02::1]:443", "[64:ff9b::a00:1]:443", "[2002:a00:1::]:443", "unix",
	} {
		if err := p.control("tcp", inside, nil); !errors.Is(err, ErrInside) {
			t.Errorf("%s: %v", inside, err)
		}
	}
	for _, outside := range []string{"93.184.216.34:443", "[2606:2800:220:1::1]:8443"} {
		if err := p.control("tcp", outside, nil); err != nil {
			t.Errorf("%s: %v", outside, err)
		}
	}
}

// TestG23Rebinding: a name that leads to a permitted address first and inside a
// moment later is followed once; each call resolves once and connects to that.
func TestG23Rebinding(t *testing.T) {
	t.Parallel()
	w := setup(t, func(http.ResponseWriter, *http.Request) {})
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the inside was reached") }))
	defer inside.Close()
	resolve, answers := w.config.Resolve, 0
	w.config.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		if answers++; answers == 1 {
			return resolve(ctx, host)
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")}, nil
	}
	if _, err := w.Send(t.Context(), w.app(), get(w.url("/"))); err != nil || answers != 1 {
		t.Fatalf("%v after %d lookups", err, answers)
	}
	w.refused(w.app(), get(w.url("/")), abi.Denied, abi.ReasonEgress)
	if w.hits.Load() != 1 {
		t.Errorf("%d requests", w.hits.Load())
	}
}

// TestNear: a name may stand for an address, for simulated services; whether that may be
// reached is decided as for any other, and a name without its port is another.
func TestNear(t *testing.T) {
	t.Parallel()
	w := setup(t, func(http.ResponseWriter, *http.Request) {})
	at := netip.MustParseAddrPort(w.server.Listener.Addr().String())
	config := w.config
	config.Near = map[string]netip.AddrPort{"example.com:443": at}
	app := granted(t, "example.com", "example.com:8443")
	near := New(config)
	if res, err := near.Send(t.Context(), app, get("https://example.com/")); err != nil || res.Status != http.StatusOK || w.hits.Load() != 1 {
		t.Errorf("near: %d, %v", res.Status, err)
	}
	config.Allow = nil
	for url, client := range map[string]*Client{"https://example.com/": New(config), "https://example.com:8443/": near} {
		if _, err := client.Send(t.Context(), app, get(url)); err == nil || w.hits.Load() != 1 {
			t.Errorf("%s was reached: %v", url, err)
		}
	}
}

// TestG24Redirects: a redirect is an answer like any other and is not followed;
// where it leads is the app's to see only if it stays on that host, and the app
// that goes there by itself is denied.
func TestG24Redirects(t *testing.T) {
	t.Parallel()
	const meta = "http://169.254.169.254/latest"
	w := setup(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Location", r.URL.Query().Get("to"))
		rw.WriteHeader(http.StatusTemporaryRedirect)
	})
	for _, c := range []struct {
		to    string
		shown bool
	}{{meta, false}, {"//127.0.0.1/x", false}, {"https://example.com/x", false}, {"http://example.com:" + w.port + "/x", false}, {"/elsewhere", true}, {w.url("/x"), true}} {
		res, err := w.Send(t.Context(), w.app(), get(w.url("/?to="+c.to)))
		shown := slices.Contains(res.Headers, abi.Header{Name: "Location", Value: c.to})
		if err != nil || res.Status != http.StatusTemporaryRedirect || shown != c.shown {
			t.Errorf("to %s: %d %v, %v", c.to, res.Status, res.Headers, err)
		}
	}
	if w.hits.Load() != 6 {
		t.Errorf("%d requests", w.hits.Load())
	}
	w.refused(w.app(), get(meta), abi.Denied, abi.ReasonEgress)
}

// TestG25Answers: what is longer than 1 MiB, or has a header without end, is too
// large, and the connection is closed; nothing is unpacked.
func TestG25Answers(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 8)
	w := setup(t, func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					closed <- struct{}{}
					return
				}
			}
		case "/bomb":
			rw.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(rw)
			_, _ = io.CopyN(z, zeros{}, 8<<20)
			_ = z.Close()
		case "/header":
			for i := range 160 {
				rw.Header().Set(fmt.Sprint("X-", i), strings.Repeat("a", 64<<10))
			}
		case "/fields":
			for i := range abi.MaxHeaders + 1 {
				rw.Header().Set(fmt.Sprint("X-", i), "a")
			}
		case "/exact":
			_, _ = rw.Write(make([]byte, abi.MaxHTTP))
		}
	})
	w.refused(w.app(), get(w.url("/endless")), abi.TooLarge, abi.ReasonHTTP)
	<-closed
	w.refused(w.app(), get(w.url("/header")), abi.TooLarge, abi.ReasonHTTP)
	w.refused(w.app(), get(w.url("/fields")), abi.TooLarge, abi.ReasonHTTP)
	bomb := get(w.url("/bomb"))
	bomb.Headers = []abi.Header{{Name: "Accept-Encoding", Value: "gzip"}}
	if res, err := w.Send(t.Context(), w.app(), bomb); err != nil || len(res.Body) > 1<<17 {
		t.Errorf("a bomb became %d bytes, %v", len(res.Body), err)
	}
	if res, err := w.Send(t.Context(), w.app(), get(w.url("/exact"))); err != nil || len(res.Body) != abi.MaxHTTP {
		t.Errorf("1 MiB became %d bytes, %v", len(res.Body), err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestG26Headers: an app sets no header that is the host's, that carries the
// secret, or that breaks out of its line; a secret goes to its own host alone.
func TestG26Headers(t *testing.T) {
	t.Parallel()
	w := setup(t, func(http.ResponseWriter, *http.Request) {})
	for _, h := range []abi.Header{
		{Name: "Host", Value: "evil.com"}, {Name: "hOST", Value: "evil.com"}, {Name: "Authorization", Value: "Bearer mine"}, {Name: "authorization", Value: ""},
		{Name: "X", Value: "a\r\nAuthorization: b"}, {Name: "X", Value: "a\nb"}, {Name: "X", Value: "a\x00b"}, {Name: "X: y", Value: "a"}, {Name: "X\r\nY", Value: "a"}, {Name: "", Value: "a"},
		{Name: "Content-Length", Value: "5"}, {Name: "Transfer-Encoding", Value: "chunked"}, {Name: "Connection", Value: "upgrade"}, {Name: "Proxy-Authorization", Value: "a"}, {Name: "TE", Value: "trailers"}, {Name: "Expect", Value: "100-continue"},
	} {
		r := get(w.url("/"))
		r.Headers = []abi.Header{h}
		w.refused(w.app(), r, abi.Invalid, abi.ReasonHTTP)
	}
	named := func(secret, url string) abi.HTTPRequest { r := get(url); r.Secret = secret; return r }
	w.refused(w.app(), named("other", w.url("/")), abi.Denied, abi.ReasonEgress)
	w.refused(granted(t, "bound.example.com", "example.com:"+w.port), named("key", w.url("/")), abi.Denied, abi.ReasonEgress)
	for _, setting := range []string{"unset", "broken"} {
		app := w.app()
		g, _ := app.Grant("http:example.com:" + w.port)
		g.Secret.Setting = setting
		w.refused(app, named(setting, w.url("/")), abi.FailedPrecondition, "secret")
	}
	if w.hits.Load() != 0 {
		t.Errorf("%d requests were sent", w.hits.Load())
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	many := get(w.url("/"))
	many.Headers = make([]abi.Header, abi.MaxHeaders+1)
	long := get(w.url("/"))
	long.Headers = []abi.Header{{Name: "X", Value: strings.Repeat("a", MaxHeaderBytes)}}
	big := get(w.url("/"))
	big.Body = make([]byte, abi.MaxHTTP+1)
	for _, c := range []struct {
		r    abi.HTTPRequest
		code abi.Code
	}{
		{get(w.url("/")), abi.Unavailable},
		{many, abi.TooLarge}, {long, abi.TooLarge}, {big, abi.TooLarge},
		{abi.HTTPRequest{Method: "CONNECT", URL: w.url("/")}, abi.Invalid},
		{get("https://user:pass@example.com:" + w.port + "/"), abi.Invalid},
		{get(w.url("/#frag")), abi.Invalid}, {get(w.url("/#")), abi.Invalid}, {get("https://exa mple.com/"), abi.Invalid}, {get(w.url("/" + strings.Repeat("a", maxURL))), abi.Invalid},
	} {
		w.refused(w.app(), c.r, c.code, abi.ReasonHTTP)
	}
}

// TestPost: a delivery keeps its connection, follows nothing, reads no more than
// it is told to and goes nowhere inside.
func TestPost(t *testing.T) {
	t.Parallel()
	conns := map[string]bool{}
	w := setup(t, func(rw http.ResponseWriter, r *http.Request) {
		conns[r.RemoteAddr] = true
		rw.Header().Set("Location", "/again")
		rw.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(rw, strings.Repeat("x", 4<<10))
	})
	defer w.Close()
	for range 3 {
		a, err := w.Post(t.Context(), w.url("/"), http.Header{}, []byte("{}"), 1<<10)
		if err != nil || a.Status != http.StatusFound || len(a.Body) != 1<<10 {
			t.Fatalf("%d with %d bytes, %v", a.Status, len(a.Body), err)
		}
	}
	if len(conns) != 1 || w.hits.Load() != 3 {
		t.Errorf("%d connections for %d requests", len(conns), w.hits.Load())
	}
	for _, u := range []string{"https://127.0.0.1:1/", "http://example.com:" + w.port + "/", "https://private.example/"} {
		if _, err := w.Post(t.Context(), u, http.Header{}, nil, 1); !errors.Is(err, ErrInside) {
			t.Errorf("%s: %v", u, err)
		}
	}
	open := New(Config{Plain: true, Allow: func(to netip.AddrPort) bool { return to.Addr().IsLoopback() }, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
	}})
	if _, err := open.Post(t.Context(), "http://example.com/", http.Header{}, nil, 1); !errors.Is(err, ErrInside) {
		t.Errorf("without TLS to the internet: %v", err)
	}
}
