package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
)

type doctorVerb struct {
	Dir     string `help:"Where the host keeps everything." default:".bottega/demo" type:"path"`
	Modules string `help:"Folder with built modules." default:".build/modules" type:"path"`
	hostFlag
}

func (doctorVerb) Help() string {
	return `Changes nothing. Stop the host first to have its storage checked page by page.

Example:
  bottega doctor --dir .bottega/demo`
}

// finding is what one examination found.
type finding struct {
	ok     bool
	what   string
	advice string // what to do, if not ok
}

func fine(format string, args ...any) finding {
	return finding{ok: true, what: fmt.Sprintf(format, args...)}
}

func trouble(advice, format string, args ...any) finding {
	return finding{what: fmt.Sprintf(format, args...), advice: advice}
}

// Run prints every finding and fails if one is not fine.
func (v doctorVerb) Run(ctx context.Context) error {
	sick := 0
	for _, examine := range []func(context.Context) []finding{v.platform, v.toolchain, v.zones, v.directory, v.storage, v.modules, v.compiler, v.host} {
		for _, f := range examine(ctx) {
			mark := "✓"
			if !f.ok {
				mark = "✗"
				sick++
			}
			fmt.Println(mark, f.what)
			if !f.ok {
				fmt.Println("    →", f.advice)
			}
		}
	}
	if sick > 0 {
		return fmt.Errorf("%d of these need attention", sick)
	}
	return nil
}

func (doctorVerb) platform(context.Context) []finding {
	if runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") {
		return []finding{fine("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	}
	return []finding{trouble("serve from Linux on amd64 or arm64; elsewhere it is for development", "%s/%s is not a supported platform", runtime.GOOS, runtime.GOARCH)}
}

// toolchain is only needed for `bottega build`.
func (doctorVerb) toolchain(ctx context.Context) []finding {
	out, err := exec.CommandContext(ctx, "go", "version").Output()
	if err != nil {
		return []finding{trouble("install Go 1.26 or newer to build modules; serving needs none", "no Go toolchain: %v", err)}
	}
	return []finding{fine("%s, for `bottega build`", strings.TrimSpace(string(out)))}
}

func (doctorVerb) zones(context.Context) []finding {
	if _, err := time.LoadLocation("Europe/Rome"); err != nil {
		return []finding{trouble("install tzdata", "no time zones: %v", err)}
	}
	return []finding{fine("time zones")}
}

// directory checks that what the host keeps is nobody else's to read.
func (v doctorVerb) directory(context.Context) []finding {
	info, err := os.Stat(v.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []finding{fine("%s does not exist yet; `bottega serve` makes it", v.Dir)}
	}
	if err != nil {
		return []finding{trouble("let this user read it", "%v", err)}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return []finding{trouble("chmod 700 "+v.Dir, "%s has mode %o: others on this machine can look into it", v.Dir, mode)}
	}
	return []finding{fine("%s is private", v.Dir)}
}

func (v doctorVerb) storage(context.Context) []finding {
	files, err := filepath.Glob(filepath.Join(v.Dir, "tenants", "*", "data.db"))
	if err != nil {
		return []finding{trouble("", "%v", err)}
	}
	var found []finding
	for _, path := range files {
		r, err := bolt.Check(path, bolt.Options{LockTimeout: 100 * time.Millisecond})
		switch {
		case errors.Is(err, bolt.ErrInUse):
			found = append(found, fine("%s is in use by a running host: not checked", path))
		case err != nil:
			found = append(found, trouble("restore it from a backup", "%s: %v", path, err))
		case len(r.Problems) > 0:
			found = append(found, trouble("restore it from a backup", "%s is damaged: %s", path, strings.Join(r.Problems[:min(5, len(r.Problems))], "; ")))
		default:
			found = append(found, fine("%s: %d records and %d log entries, every checksum holds", path, r.Keys, r.Entries))
		}
	}
	return found
}

// modules checks that every module lies beside the manifest it was built with.
func (v doctorVerb) modules(context.Context) []finding {
	again := "bottega build -o " + relative(v.Modules) + " ./apps/..."
	paths, err := filepath.Glob(filepath.Join(v.Modules, "*.wasm"))
	if err != nil || len(paths) == 0 {
		return []finding{trouble(again, "no modules in %s", v.Modules)}
	}
	var found []finding
	for _, path := range paths {
		if err := checkModule(path); err != nil {
			found = append(found, trouble(again, "%s: %v", path, err))
		}
	}
	if found != nil {
		return found
	}
	return []finding{fine("%d modules in %s, each as its manifest says", len(paths), v.Modules)}
}

func checkModule(path string) error {
	text, err := os.ReadFile(strings.TrimSuffix(path, ".wasm") + ".json")
	if err != nil {
		return err
	}
	m, err := manifest.Parse(text)
	if err != nil {
		return err
	}
	digest, err := fileDigest(path)
	if err == nil && digest != m.Digest {
		return errors.New("it is not the module that its manifest was written for")
	}
	return err
}

// compiler compiles the first module in a child process, as serve does.
func (v doctorVerb) compiler(ctx context.Context) []finding {
	paths, err := filepath.Glob(filepath.Join(v.Modules, "*.wasm"))
	if err != nil || len(paths) == 0 || checkModule(paths[0]) != nil {
		return nil // said already
	}
	begun := time.Now()
	if _, err := describeFile(ctx, paths[0]); err != nil {
		return []finding{trouble("see the reason; a child process needs 2 GiB of address space and 15 s of CPU", "compile %s: %v", paths[0], err)}
	}
	return []finding{fine("a module compiles in a child process in %s", time.Since(begun).Round(10*time.Millisecond))}
}

// describeFile compiles a module with an empty cache and asks it what it is.
func describeFile(ctx context.Context, path string) ([]byte, error) {
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	cache, err := os.MkdirTemp("", "bottega-doctor-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(cache) }() // left behind, it only takes room
	box, err := sandbox.New(ctx, sandbox.Config{CacheDir: cache})
	if err != nil {
		return nil, err
	}
	defer box.Close()
	m, err := box.Load(ctx, wasm, sandbox.ModuleLimits{})
	if err != nil {
		return nil, err
	}
	return m.Describe(ctx)
}

// host asks a running host how it is, or whether the port is free for one.
func (v doctorVerb) host(ctx context.Context) []finding {
	if body, err := v.client().get(ctx, "/v1/host/health"); err == nil {
		return []finding{fine("a host answers at %s: %s", v.Host, strings.TrimSpace(string(body)))}
	}
	address := strings.TrimPrefix(v.Host, "http://")
	l, err := net.Listen("tcp", address)
	if err != nil {
		return []finding{trouble("stop what uses it, or serve with another --address", "%s is taken by something that is no healthy host", address)}
	}
	_ = l.Close() // it was only asked for
	return []finding{fine("%s is free for a host", address)}
}
