package admin

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func site(t *testing.T) *files {
	return &files{root: fstest.MapFS{
		"index.html":          {Data: []byte(`<meta nonce="__NONCE__">`)},
		"assets/app-1.js.gz":  {Data: packed(t, "run()")},
		"assets/plain-1.css":  {Data: []byte("a{}")},
		"secret.txt":          {Data: []byte("not below assets")},
		"assets/odd.nonesuch": {Data: []byte("of no type")},
	}}
}

// get asks for a path as it stands, whatever it looks like.
func get(h http.Handler, method, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFiles(t *testing.T) {
	t.Parallel()
	const page, forever = "no-cache", "public, max-age=31536000, immutable"
	for name, c := range map[string]struct {
		method, path, accept string
		status               int
		cache, kind, body    string
	}{
		"the page":              {"GET", "/admin", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"with a slash":          {"GET", "/admin/", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"an address of it":      {"GET", "/admin/apps/till/settings", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"only the head":         {"HEAD", "/admin/", "", 200, page, "text/html; charset=utf-8", ""},
		"packed":                {"GET", "/admin/assets/app-1.js", "br, gzip;q=0.8", 200, forever, "text/javascript; charset=utf-8", "\x1f\x8b"},
		"unpacked for the old":  {"GET", "/admin/assets/app-1.js", "", 200, forever, "text/javascript; charset=utf-8", "run()"},
		"gzip refused":          {"GET", "/admin/assets/app-1.js", "gzip;q=0", 200, forever, "text/javascript; charset=utf-8", "run()"},
		"never packed":          {"GET", "/admin/assets/plain-1.css", "gzip", 200, forever, "text/css; charset=utf-8", "a{}"},
		"no such asset":         {"GET", "/admin/assets/app-2.js", "gzip", 404, "", "text/plain; charset=utf-8", "404"},
		"no such type":          {"GET", "/admin/assets/odd.nonesuch", "", 404, "", "text/plain; charset=utf-8", "404"},
		"a folder":              {"GET", "/admin/assets/", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"out of the folder":     {"GET", "/admin/assets/../secret.txt", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"far out of the folder": {"GET", "/admin/assets/../../../../etc/passwd.css", "", 200, page, "text/html; charset=utf-8", "<meta nonce="},
		"a method too many":     {"POST", "/admin/", "", 405, "", "text/plain; charset=utf-8", "This address answers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(site(t), c.method, c.path, c.accept)
			body, h := w.Body.String(), w.Header()
			if w.Code != c.status || h.Get("Cache-Control") != c.cache || h.Get("Content-Type") != c.kind || !strings.HasPrefix(body, c.body) || c.body == "" && body != "" {
				t.Errorf("%d, cache %q, type %q, body %q", w.Code, h.Get("Cache-Control"), h.Get("Content-Type"), body)
			}
			if got := h.Get("Content-Encoding") == "gzip"; got != (c.body == "\x1f\x8b") {
				t.Errorf("said to be packed: %v", got)
			}
		})
	}
}

// A nonce is good for one page, and it is the only thing beside files that the
// policy lets in.
func TestPolicy(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 3 {
		w := get(site(t), "GET", "/admin/", "")
		body := w.Body.String()
		policy := w.Header().Get("Content-Security-Policy")
		_, rest, _ := strings.Cut(policy, "'nonce-")
		nonce, _, _ := strings.Cut(rest, "'")
		if len(nonce) != 24 || seen[nonce] || body != `<meta nonce="`+nonce+`">` {
			t.Errorf("nonce %q, page %s", nonce, body)
		}
		seen[nonce] = true
		for _, bad := range []string{"unsafe", "*", "http:", "https:", "blob:"} {
			if strings.Contains(policy, bad) {
				t.Errorf("the policy has %s: %s", bad, policy)
			}
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("headers %v", w.Header())
		}
	}
}

// Whatever was built in answers: the admin, or how to build it.
func TestHandler(t *testing.T) {
	t.Parallel()
	w := get(Handler(), "GET", "/admin/", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<title>Bottega</title>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
