package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestComposed runs testdata/composed/*.txtar, each on a host of its own that has no app
// yet: shops that take some of the apps, and later others.
func TestComposed(t *testing.T) {
	t.Parallel()
	b := binaries(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/composed",
		Setup: func(e *testscript.Env) error {
			p, err := startSet(b, "", filepath.Join(e.WorkDir, "host"))
			if err != nil {
				return err
			}
			e.Defer(p.stop)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("PATH", filepath.Dir(b.binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("BOTTEGA_URL", p.base)
			e.Setenv("BOTTEGA_TOKEN", ownerOf(p.base))
			return nil
		},
	})
}
