package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestSteering takes a host with nothing in it from its owner's token to people
// with roles, apps with settings and a composition, with the verbs alone.
func TestSteering(t *testing.T) {
	t.Parallel()
	b := binaries(t)
	m, err := bench()
	if err != nil {
		t.Fatal(err)
	}
	plugins, err := m.Modules("hello", "./plugins/hello/...")
	if err != nil {
		t.Fatal(err)
	}
	h, err := startSet(b, "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.stop)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/steering",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("PATH", filepath.Dir(b.binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("BOTTEGA_URL", h.base)
			e.Setenv("OWNER", ownerOf(h.base))
			e.Setenv("PLUGINS", plugins)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"keep": keepWord},
	})
}

// keepWord reads a variable from what a command has written: the first match of
// the group of a pattern, as in keep TOKEN stdout '(btg_\S+)'.
func keepWord(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("keep NAME FILE PATTERN")
	}
	ts.Setenv(args[0], firstMatch(ts, ts.ReadFile(args[1]), args[2]))
}

func firstMatch(ts *testscript.TestScript, text, pattern string) string {
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	found := re.FindStringSubmatch(text)
	if len(found) != 2 {
		ts.Fatalf("no %s in\n%s", pattern, text)
	}
	return found[1]
}
