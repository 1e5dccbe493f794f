// Package admin uses the admin in a real browser at a real host: run.mjs does what
// a retailer does, and has each page checked for accessibility, the content
// security policy and errors. With BOTTEGA_LONG=1 pictures of the pages lie in
// .build/admin-*.png. It needs node, npm and Chromium, and says so where it has to skip.
package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/e2e/nodetest"
	"github.com/bottega-retail/bottega/host/hosttest"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// bench is where everything made for these tests lies.
var bench = nodetest.Bench{Name: "admin", Lost: "nobody looks at the admin", Patience: 4 * time.Minute}

// chromium finds a browser. On a machine where the test is root and Debian's is
// not there it is installed.
func chromium(t *testing.T) string {
	t.Helper()
	for range 2 {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
			break
		}
		bench.Run(t, ".", []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", "update", "-qq")
		bench.Run(t, ".", []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core")
	}
	t.Skip("SKIPPED: there is no Chromium on this machine, so nobody looks at the admin")
	return ""
}

// modules builds the few modules that the story needs, and says where compiled ones
// lie.
func modules(t *testing.T) (dir, cache string) {
	t.Helper()
	m, err := making.Open(nodetest.Root)
	if err != nil {
		t.Fatal(err)
	}
	dir, err = m.Modules("admin", "./apps/catalog/...", "./apps/pricing/...", "./plugins/happyhour/...")
	if err != nil {
		t.Fatal(err)
	}
	return dir, m.Cache
}

// call asks the host as its owner.
func call(t *testing.T, h *hosttest.Host, path string, in any) []byte {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.Token)
	r.Header.Set("Content-Type", "application/json")
	out, _ := send(t, r)
	return out
}

// send answers the body and the ETag of what must be answered well.
func send(t *testing.T, r *http.Request) (body []byte, etag string) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		t.Fatalf("%s: %s %s, %v", r.URL.Path, res.Status, out, err)
	}
	return out, res.Header.Get("ETag")
}

// page answers what is at an address, with its headers.
func page(t *testing.T, url string) (string, http.Header) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), res.Header
}

// TestAdminInABrowser is the first morning of a retailer: sign in, take a set,
// enable an app with consent, fill in its settings, make records and change them.
func TestAdminInABrowser(t *testing.T) {
	browser, dir := chromium(t), bench.Packages(t, "run.mjs")
	built, cache := modules(t)
	h := hosttest.Start(t, hosttest.Options{Modules: built, Preset: "none", Cache: cache})
	if text, _ := page(t, h.URL+"/admin/"); strings.Contains(text, "built without the admin") {
		t.Skip("SKIPPED: this test was built without the admin; run make ui, then go test -tags admin")
	}
	const first = "only for the first morning"
	call(t, h, "/v1/host/users", map[string]any{"name": "anna", "title": "Anna", "language": "en", "roles": []string{"owner"}, "password": first})
	shots, err := filepath.Abs(filepath.Join(nodetest.Root, ".build"))
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + bench.Run(t, dir, []string{
		"BOTTEGA_URL=" + h.URL, "BOTTEGA_TOKEN=" + h.Token, "BOTTEGA_NAME=anna", "BOTTEGA_PASSWORD=" + first,
		"CHROMIUM=" + browser, "SHOTS=" + shots,
	}, "node", "run.mjs"))
}

// TestAdminAnswersToAnybody: the files need no session, each page has a nonce of
// its own, and scripts may come from the host alone.
func TestAdminAnswersToAnybody(t *testing.T) {
	h := hosttest.Start(t, hosttest.Options{Modules: t.TempDir(), Preset: "none"})
	_, one := page(t, h.URL+"/admin")
	_, two := page(t, h.URL+"/admin/any/where?x=1")
	policy := one.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || policy == two.Get("Content-Security-Policy") {
		t.Errorf("policies %s and %s", policy, two.Get("Content-Security-Policy"))
	}
	if got := fmt.Sprint(one.Get("Cache-Control"), one.Get("X-Content-Type-Options"), one.Get("Referrer-Policy")); got != "no-cachenosniffsame-origin" {
		t.Errorf("headers %s", got)
	}
}
