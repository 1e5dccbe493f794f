// Package making builds what the tests below host/e2e run: one binary, modules,
// and a folder of compiled modules for all of them. Packages of tests run side by
// side; each asks, and the first one builds. It knows the go command, the binary's
// verb build and the folder .build; it must not know what is tested.
package making

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Bench is where everything lies, as absolute paths.
type Bench struct {
	root   string
	Folder string // of what was built
	Binary string // bottega with failpoints, without the admin
	// Cache is of compiled modules. The binary has compiled into it what it built,
	// and `make build` and `make run` use it too: an entry has its content for a
	// name, and appears whole.
	Cache string
}

// Open builds the binary, unless it is what the sources say. Root is the top of the
// repository.
func Open(root string) (b Bench, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return b, err
	}
	dir := filepath.Join(root, ".build", "e2e")
	b = Bench{root: root, Folder: dir, Binary: filepath.Join(dir, "bottega"), Cache: filepath.Join(root, ".build", "cache")}
	return b, b.alone("go", "build", "-tags", "failpoint", "-o", b.Binary, "./host/cmd/bottega")
}

// Modules builds modules into a part of the folder and answers its path. Args are
// further ones of `bottega build`. What has not changed is not built again.
func (b Bench) Modules(part string, args ...string) (dir string, err error) {
	dir = filepath.Join(b.Folder, part)
	return dir, b.alone(append([]string{b.Binary, "build", "-o", dir}, args...)...)
}

// alone runs a command at the top of the repository while no other process of
// tests does.
func (b Bench) alone(args ...string) error {
	if err := os.MkdirAll(b.Folder, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(b.Folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() // and with it the lock ends
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// Link puts some modules of a folder into another, each with its manifest, for a
// catalogue of no more than them.
func Link(from, to string, ids ...string) error {
	for _, id := range ids {
		for _, name := range []string{id + ".json", id + ".wasm"} {
			if err := os.Link(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
				return err
			}
		}
	}
	return nil
}
