package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// tiny is a module that answers nothing, the n-th of its kind.
func tiny(n int64) []byte {
	return hostile(wasmtest.Module{}, nil, wasmtest.I64Const(n), wasmtest.Drop(), done)
}

// noChild is a compile command that must not be needed.
var noChild = []string{"/bin/false"}

func TestWarmLoadCompilesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, engine := range []Engine{Compiler, Interpreter} {
		load(t, open(t, Config{CacheDir: dir, Engine: engine}), tiny(1), ModuleLimits{})
		s := open(t, Config{CacheDir: dir, Engine: engine, Compile: noChild})
		run(t, s, load(t, s, tiny(1), ModuleLimits{}), call(0, ""))
		if _, err := s.Load(context.Background(), tiny(2), ModuleLimits{}); err == nil {
			t.Error("a module that is not in the cache was loaded without a child")
		}
	}
}

func TestCacheIsPrivateAndStagingEmpty(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	load(t, open(t, Config{CacheDir: dir}), tiny(1), ModuleLimits{})
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
		return nil
	})
	if err != nil || files != 3 {
		t.Errorf("%d files, %v; want the module, its code and the sums", files, err)
	}
	if staged, err := os.ReadDir(filepath.Join(dir, stagingDir)); err != nil || len(staged) != 0 {
		t.Errorf("staging holds %v, %v", staged, err)
	}
}

// entryFiles lists the files of the one entry of a cache.
func entryFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*/*.*", "*/wazero-*/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				files = append(files, f)
			}
		}
	}
	return files
}

func TestDamagedEntryIsNeverUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := open(t, Config{CacheDir: dir})
	m, err := good.Load(context.Background(), tiny(1), ModuleLimits{})
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	bad := open(t, Config{CacheDir: dir, Compile: noChild})
	damage := func(name string, spoil func(file string) error) {
		for _, file := range entryFiles(t, dir) {
			if err := spoil(file); err != nil {
				t.Fatal(err)
			}
			if m, err := bad.Load(context.Background(), tiny(1), ModuleLimits{}); err == nil {
				t.Errorf("%s of %s was not noticed", name, filepath.Base(file))
				m.Close()
			}
			m, err := good.Load(context.Background(), tiny(1), ModuleLimits{})
			if err != nil {
				t.Fatalf("%s of %s: %v", name, filepath.Base(file), err)
			}
			m.Close()
		}
	}
	for _, at := range []float64{0, 0.2, 0.5, 0.8, 0.999} {
		damage("flipped byte", func(file string) error { return flip(file, at) })
	}
	damage("truncation", func(file string) error { return os.Truncate(file, 10) })
	damage("loss", os.Remove)
	if files := entryFiles(t, dir); len(files) != 3 {
		t.Errorf("the entry has files %v, want 3", files)
	}
}

// flip flips a bit at a share of the file's length.
func flip(file string, at float64) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b[int(float64(len(b))*at)] ^= 1
	return os.WriteFile(file, b, 0o600)
}

func TestConcurrentLoadsShareTheCode(t *testing.T) {
	t.Parallel()
	s := open(t, Config{CacheDir: t.TempDir()})
	modules := make([]*Module, 8)
	var wg sync.WaitGroup
	for i := range modules {
		wg.Go(func() {
			m, err := s.Load(context.Background(), tiny(1), ModuleLimits{MemoryPages: uint32(i + 1)})
			if err != nil {
				t.Error(err)
				return
			}
			modules[i] = m
		})
	}
	wg.Wait()
	for i, m := range modules {
		if m == nil || m.art != modules[0].art {
			t.Fatalf("module %d has code of its own", i)
		}
		run(t, s, m, call(0, ""))
		m.Close()
	}
	if len(s.artefacts) != 0 || s.Stats().Instances != 0 {
		t.Errorf("%d artefacts, %+v; want nothing left", len(s.artefacts), s.Stats())
	}
}

func TestLeftOverStagingIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{CacheDir: dir})
	for _, name := range []string{"old", "new"} {
		if err := os.Mkdir(filepath.Join(s.cache.staging(), name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * staleStaging)
	if err := os.Chtimes(filepath.Join(s.cache.staging(), "old"), old, old); err != nil {
		t.Fatal(err)
	}
	open(t, Config{CacheDir: dir})
	left, err := os.ReadDir(s.cache.staging())
	if err != nil || len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("staging holds %v, %v; want only what another host may be making", left, err)
	}
}

func TestChildThatLeavesMoreIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := open(t, Config{CacheDir: t.TempDir(), Compile: []string{os.Args[0], "compile-and-litter"}})
	if _, err := s.Load(context.Background(), tiny(1), ModuleLimits{}); err == nil {
		t.Error("an entry with a file too many was taken")
	}
	noLeftovers(t, s)
}

// bomb passes the pre-scan and takes the compiler minutes: hundreds of functions
// that are each as large as they may be.
func bomb() []byte {
	m := wasmtest.LoopBomb("", 1990, 1000)
	m.Funcs = slices.Repeat(m.Funcs, 300)
	return hostile(m, nil, done)
}

func TestG10CompileBomb(t *testing.T) {
	t.Parallel()
	s := open(t, Config{CacheDir: t.TempDir(), CompileCPU: time.Second})
	_, err := s.Load(context.Background(), bomb(), ModuleLimits{})
	var r *Rejected
	if !errors.As(err, &r) || r.Reason != "compile_limit" {
		t.Errorf("%v, want compile_limit", err)
	}
	noLeftovers(t, s)
}

func TestSlowCompilationIsNoRejection(t *testing.T) {
	t.Parallel()
	s := open(t, Config{CacheDir: t.TempDir()})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := s.Load(ctx, bomb(), ModuleLimits{})
	var r *Rejected
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &r) {
		t.Errorf("%v, want that the deadline is over", err)
	}
	noLeftovers(t, s)
}

func TestChildEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir, wasm := t.TempDir(), bomb()
	cmd := exec.Command(os.Args[0], append([]string{"compile"}, job{dir, Compiler, len(wasm), 15}.args()...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write(wasm); err != nil {
		t.Fatal(err)
	}
	_ = stdin.Close() // as when the parent dies
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitBroken {
		t.Errorf("%v %s, want exit %s", err, stderr.String(), strconv.Itoa(exitBroken))
	}
}

func TestNoSandboxInTheChild(t *testing.T) {
	t.Setenv(childMark, "1")
	if _, err := New(context.Background(), Config{CacheDir: t.TempDir()}); err == nil {
		t.Error("a compile child opened a sandbox and could start children without end")
	}
}

func TestMachineIDIsStable(t *testing.T) {
	t.Parallel()
	a, b := open(t, Config{CacheDir: t.TempDir()}), open(t, Config{CacheDir: t.TempDir()})
	first, err := a.cache.machine()
	if err != nil {
		t.Fatal(err)
	}
	if second, err := b.cache.machine(); err != nil || first != second || first.id == "" {
		t.Errorf("%+v and %+v, %v; want the same", first, second, err)
	}
}
