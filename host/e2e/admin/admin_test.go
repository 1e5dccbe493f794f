// Package admin uses the admin in a real browser at a real host: run.mjs does what
// a retailer does, and has each page checked for accessibility, the content
// security policy and errors. With BOTTEGA_LONG=1 pictures of the pages lie in
// .build/admin-*.png. It needs node, npm and Chromium, and says so where it has to skip.
package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/hosttest"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// root is the top of the repository.
const root = "../../.."

// work is where everything made for these tests lies, kept from run to run.
func work(t *testing.T, part string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(root, ".build", "admin", part))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

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
		run(t, ".", []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", "update", "-qq")
		run(t, ".", []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core")
	}
	t.Skip("SKIPPED: there is no Chromium on this machine, so nobody looks at the admin")
	return ""
}

// node answers the folder with the script and the packages that it uses.
func node(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SKIPPED: %s is not on this machine, so nobody looks at the admin", name)
		}
	}
	dir := work(t, "node")
	for _, name := range []string{"package.json", "package-lock.json", "run.mjs"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(dir, "node_modules", "installed")
	if installed, err := os.ReadFile(mark); err == nil && bytes.Equal(installed, wanted) {
		return dir
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	run(t, dir, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	if err := os.WriteFile(mark, wanted, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// modules builds the few modules that the story needs.
func modules(t *testing.T) string {
	t.Helper()
	dir := work(t, "modules")
	binary := filepath.Join(work(t, "bin"), "bottega")
	run(t, root, nil, "go", "build", "-o", binary, "./host/cmd/bottega")
	run(t, root, nil, binary, "build", "-o", dir, "./apps/catalog/...", "./apps/pricing/...", "./plugins/happyhour/...")
	return dir
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
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		t.Fatalf("%s: %s %s, %v", path, res.Status, out, err)
	}
	return out
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
	browser, dir := chromium(t), node(t)
	h := hosttest.Start(t, hosttest.Options{Modules: modules(t), Preset: "none", Cache: work(t, "cache")})
	if text, _ := page(t, h.URL+"/admin/"); strings.Contains(text, "built without the admin") {
		t.Skip("SKIPPED: this test was built without the admin; run make ui, then go test -tags admin")
	}
	const first = "only for the first morning"
	call(t, h, "/v1/host/users", map[string]any{"name": "anna", "title": "Anna", "language": "en", "roles": []string{"owner"}, "password": first})
	shots, err := filepath.Abs(filepath.Join(root, ".build"))
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + run(t, dir, []string{
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
