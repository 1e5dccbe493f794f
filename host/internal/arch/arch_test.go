// Package arch holds the import rules of the tree: one test, one reason per
// rule. The layout is in the README; a rule that is wrong is changed here, with
// its reason in host/RATIONALE.md.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/bottega-retail/bottega/"

// rule refuses imports: packages that match From may not import what matches
// any of Not, except what matches any of But. Patterns are import paths, "..."
// for anything below; those of our own module stand without its path.
type rule struct {
	From []string
	Not  []string
	But  []string
	Why  string
}

var rules = []rule{
	{
		From: []string{"sdk/...", "apps/...", "plugins/..."}, Not: []string{"host/..."},
		Why: "guests are compiled by strangers: what they see of the host is sdk/abi",
	},
	{
		From: []string{"plugins/..."}, Not: []string{"plugins/..."}, But: []string{"plugins/*"},
		Why: "a plugin fills slots of contracts and knows no other plugin's inside",
	},
	{
		From: []string{"host/..."}, Not: []string{"sdk/...", "apps/...", "plugins/..."}, But: []string{"sdk/abi"},
		Why: "the host knows no retail word: of the guests' world it imports the ABI and the manifests' data",
	},
	{
		From: []string{"sdk/abi"}, Not: []string{"..."}, But: []string{"std"},
		Why: "every byte of the ABI is in every guest",
	},
	{
		From: []string{"sdk/..."}, Not: []string{"..."}, But: []string{"std", "sdk/..."},
		Why: "an author takes the SDK and nothing else; its tests may have witnesses",
	},
	{
		From: []string{"..."}, Not: []string{"github.com/tetratelabs/wazero/..."}, But: []string{},
		Why: "wazero is behind the Runner seam, so that a worker process can take its place",
	},
	{
		From: []string{"..."}, Not: []string{"github.com/labstack/echo/..."},
		Why: "HTTP is one way in of several",
	},
	{
		From: []string{"..."}, Not: []string{"go.etcd.io/bbolt/..."},
		Why: "bbolt is one Backend of several",
	},
	{
		From: []string{"host/internal/storage/..."}, Not: []string{"host/..."}, But: []string{"host/internal/storage/..."},
		Why: "storage keeps bytes and must not know whose",
	},
	{
		From: []string{"host/internal/sandbox/..."}, Not: []string{"host/..."}, But: []string{"host/internal/sandbox/..."},
		Why: "the sandbox runs code and must not know what for",
	},
	{
		From: []string{"host/internal/manifest", "host/internal/schema", "host/internal/telemetry", "host/internal/identity", "host/internal/failpoint", "host/internal/outbox", "host/internal/seal"},
		Not:  []string{"host/..."}, Why: "leaves know nothing of each other",
	},
	{
		From: []string{"host/internal/registry"}, Not: []string{"host/..."},
		But: []string{"host/internal/manifest", "host/internal/sandbox", "host/internal/storage"},
		Why: "the registry binds names; it runs nothing",
	},
	{
		From: []string{"host/internal/kernel"}, Not: []string{"host/..."},
		But: []string{"host/internal/registry", "host/internal/sandbox", "host/internal/storage", "host/internal/outbox", "host/internal/identity", "host/internal/manifest"},
		Why: "the kernel runs operations and knows neither HTTP nor JSON",
	},
	{
		From: []string{"host/internal/platform"}, Not: []string{"host/..."},
		But: []string{"host/internal/kernel", "host/internal/identity"},
		Why: "it says what an operation of the host looks like, for every room alike",
	},
	{
		From: []string{"host/internal/account", "host/internal/event", "host/internal/lifecycle"}, Not: []string{"host/..."},
		But: []string{"host/internal/kernel", "host/internal/platform", "host/internal/identity", "host/internal/manifest", "host/internal/registry", "host/internal/outbox",
			"host/internal/schema", "host/internal/seal", "host/internal/storage", "host/internal/sandbox", "host/internal/event/...", "host/internal/telemetry"},
		Why: "rooms make kernel calls and do not know each other; the host joins them",
	},
	{
		From: []string{"host/internal/rest"}, Not: []string{"host/..."},
		But: []string{"host/internal/kernel", "host/internal/schema", "host/internal/identity", "host/internal/manifest", "host/internal/telemetry", "host/internal/platform"},
		Why: "a way in makes kernel calls and knows no other way in, no storage and no sandbox",
	},
	{
		From: []string{"host/internal/admin"}, Not: []string{"host/..."},
		But: []string{"host/internal/kernel", "host/internal/platform", "host/internal/identity", "host/internal/manifest", "host/internal/registry", "host/internal/schema"},
		Why: "a way in makes kernel calls and knows no other way in, no storage and no sandbox",
	},
	{
		From: []string{"host/internal/build/direct"}, Not: []string{"host/..."}, But: []string{},
		Why: "it rewrites bytes: what it has written is checked like any other module",
	},
	{
		From: []string{"host/internal/build"}, Not: []string{"host/..."}, But: []string{"host/internal/manifest", "host/internal/build/direct"},
		Why: "building is a developer's tool: it reads source and must not need a host",
	},
	{
		From: []string{"host/internal/develop/..."}, Not: []string{"host/..."},
		But: []string{"host/internal/develop/...", "host/internal/build", "host/internal/manifest", "host/internal/sandbox"},
		Why: "an author's tools run modules without a host: no storage, no kernel, no way in",
	},
	{
		From: []string{"apps/*/internal/*"}, Not: []string{"sdk", "sdk/internal/...", "os", "io", "net/...", "syscall"}, But: []string{},
		Why: "domain rules are pure: text tables test them",
	},
}

// exempt names the packages that a "nobody" rule is about: the one place where
// the library lives.
var exempt = map[string][]string{
	"github.com/tetratelabs/wazero/...": {"host/internal/sandbox/..."},
	"github.com/labstack/echo/...":      {"host/internal/rest/...", "host/internal/admin/..."},
	"go.etcd.io/bbolt/...":              {"host/internal/storage/bolt"},
	// It unpacks the guests' source for authors: go:embed reaches no parent folder.
	"sdk/...": {"host/internal/develop/source"},
}

type pkg struct {
	ImportPath string
	Dir        string
	Standard   bool
	GoFiles    []string
	Imports    []string
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages listed", len(packages))
	}
	for _, p := range packages {
		for _, offence := range refused(p) {
			t.Error(offence)
		}
	}
}

// TestRulesBite plants an import against each rule.
func TestRulesBite(t *testing.T) {
	t.Parallel()
	for from, imports := range map[string][]string{
		"apps/till":                   {module + "host"},
		"host/cmd/bottega":            {module + "sdk", module + "apps/till"},
		"sdk/abi":                     {module + "sdk", "github.com/tinylib/msgp/msgp"},
		"sdk":                         {"github.com/tinylib/msgp/msgp"},
		"sdk/sdktest":                 {"github.com/labstack/echo/v4"},
		"host/internal/kernel":        {"github.com/tetratelabs/wazero", "go.etcd.io/bbolt", module + "host/internal/rest"},
		"host/internal/storage/occ":   {module + "host/internal/kernel", "go.etcd.io/bbolt"},
		"host/internal/sandbox":       {module + "host/internal/storage"},
		"host/internal/schema":        {module + "host/internal/manifest"},
		"host/internal/registry":      {module + "host/internal/kernel"},
		"host/internal/rest":          {module + "host/internal/storage"},
		"host/internal/build":         {module + "host/internal/sandbox"},
		"apps/pricing/internal/price": {module + "sdk", "os"},
	} {
		for _, i := range imports {
			if len(refused(pkg{ImportPath: module + from, Imports: []string{i}})) == 0 {
				t.Errorf("%s may import %s", from, i)
			}
		}
	}
}

// refused lists p's imports that a rule refuses, with the rule's reason.
func refused(p pkg) (offences []string) {
	from := local(p.ImportPath)
	for _, r := range rules {
		if !matches(r.From, from) || handlers(from, r) {
			continue
		}
		for _, i := range p.Imports {
			if to := local(i); matches(r.Not, to) && !allowed(r, from, to) {
				offences = append(offences, from+" imports "+to+": "+r.Why)
			}
		}
	}
	return offences
}

// handlers says whether from is an app's handlers, which are no domain rules.
func handlers(from string, r rule) bool {
	return r.From[0] == "apps/*/internal/*" && path.Base(from) == "app"
}

func allowed(r rule, from, to string) bool {
	if matches(r.But, to) || strings.HasPrefix(r.From[0], "sdk/abi") && to == "sdk/abi" {
		return true
	}
	for _, not := range r.Not {
		if matches(exempt[not], from) {
			return true
		}
	}
	return false
}

// TestAppsFormADAG refuses an app that imports another's inside, and circles
// among contracts.
func TestAppsFormADAG(t *testing.T) {
	t.Parallel()
	calls := map[string]map[string]bool{}
	for _, p := range list(t) {
		app, ok := appOf(local(p.ImportPath))
		if !ok {
			continue
		}
		for _, i := range p.Imports {
			other, ok := appOf(local(i))
			if !ok || other == app {
				continue
			}
			if local(i) != "apps/"+other {
				t.Errorf("%s imports %s: of another app only the contract is public", local(p.ImportPath), local(i))
			}
			if calls[app] == nil {
				calls[app] = map[string]bool{}
			}
			calls[app][other] = true
		}
	}
	for app := range calls {
		if reaches(calls, app, app, map[string]bool{}) {
			t.Errorf("the app %s calls itself through others: down by call, up by event", app)
		}
	}
}

func reaches(calls map[string]map[string]bool, from, to string, seen map[string]bool) bool {
	for next := range calls[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if reaches(calls, next, to, seen) {
				return true
			}
		}
	}
	return false
}

func appOf(p string) (string, bool) {
	rest, ok := strings.CutPrefix(p, "apps/")
	name, _, _ := strings.Cut(rest, "/")
	return name, ok
}

// TestNoInit keeps init functions to wasm/main.go, where a reactor needs one.
func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		for _, file := range p.GoFiles {
			if strings.HasSuffix(p.ImportPath, "/wasm") && file == "main.go" {
				continue
			}
			text, err := os.ReadFile(path.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "\nfunc init() ") {
				t.Errorf("%s/%s has an init function: registries are values", local(p.ImportPath), file)
			}
		}
	}
}

// local is the path without our module's.
func local(p string) string {
	if p == strings.TrimSuffix(module, "/") {
		return "."
	}
	return strings.TrimPrefix(p, module)
}

func matches(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if match(pattern, p) {
			return true
		}
	}
	return false
}

func match(pattern, p string) bool {
	switch {
	case pattern == "...":
		return true
	case pattern == "std":
		first, _, _ := strings.Cut(p, "/")
		return !strings.Contains(first, ".") && !strings.HasPrefix(p, "sdk") && !strings.HasPrefix(p, "host") && !strings.HasPrefix(p, "apps") && !strings.HasPrefix(p, "manifests")
	case strings.HasSuffix(pattern, "/..."):
		root := strings.TrimSuffix(pattern, "/...")
		return p == root || strings.HasPrefix(p, root+"/")
	}
	ok, err := path.Match(pattern, p)
	return ok && err == nil
}

// list is every package of the module without its tests, as a guest and as the
// host see it.
func list(t *testing.T) []pkg {
	t.Helper()
	var all []pkg
	for _, target := range [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=wasip1", "GOARCH=wasm"}} {
		cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Standard,GoFiles,Imports", module+"...")
		cmd.Env = append(os.Environ(), target...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		d := json.NewDecoder(strings.NewReader(string(out)))
		for {
			var p pkg
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
	return all
}
