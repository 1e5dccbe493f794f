// Package nodetest lets tests use packages of npm: it installs what a
// package-lock.json names and runs programs. It knows node, npm and the folder
// .build; it must not know what the tests are about.
package nodetest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Root is the top of the repository as the tests below host/e2e/<name> see it.
const Root = "../../.."

// Bench is where the tests of one package work. Name and Lost are required.
type Bench struct {
	Name     string        // of its folder below .build, which is kept from run to run
	Lost     string        // what nobody checks on a machine without node and npm
	Patience time.Duration // with one program; default: as long as the test may take
}

// Folder is the absolute path of a part of the bench, made if need be.
func (b Bench) Folder(t *testing.T, part string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(Root, ".build", b.Name, part))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Run runs a program in a folder, with more of an environment than ours, and
// answers what it wrote. One that fails ends the test.
func (b Bench) Run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx := t.Context()
	if b.Patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.Patience)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Copy copies files to where they are used.
func Copy(t *testing.T, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var installing sync.Mutex

// Packages answers the folder with the installed packages of the
// package-lock.json beside the test, and with these files of the test. It skips
// the test where there is no node or npm.
func (b Bench) Packages(t *testing.T, files ...string) string {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SKIPPED: %s is not on this machine, so %s", name, b.Lost)
		}
	}
	installing.Lock()
	defer installing.Unlock()
	dir := b.Folder(t, "node")
	Copy(t, ".", dir, append([]string{"package.json", "package-lock.json"}, files...)...)
	wanted, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(dir, "node_modules", "installed")
	installed, err := os.ReadFile(mark)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if bytes.Equal(installed, wanted) {
		return dir
	}
	b.Run(t, dir, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	if err := os.WriteFile(mark, wanted, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
