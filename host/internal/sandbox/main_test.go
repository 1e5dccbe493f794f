package sandbox

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestMain lets the test binary be its own compile child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	if len(os.Args) > 3 && os.Args[1] == "compile-and-litter" {
		code := CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr)
		if err := os.WriteFile(filepath.Join(os.Args[3], "litter"), nil, 0o600); err != nil {
			panic(err)
		}
		os.Exit(code)
	}
	code := m.Run()
	_ = os.RemoveAll(sharedDir()) // left behind, it only takes room
	os.Exit(code)
}

// sharedDir holds what all tests of one run share: the built guest and the
// modules compiled from it.
var sharedDir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "bottega-sandbox-test")
	if err != nil {
		panic(err)
	}
	return dir
})

// goGuest builds testdata/guest once.
var goGuest = sync.OnceValues(func() ([]byte, error) {
	// go test must not answer from its cache when the guest has changed.
	if _, err := os.ReadFile("testdata/guest/main.go"); err != nil {
		return nil, err
	}
	file := filepath.Join(sharedDir(), "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "./testdata/guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.New(string(out))
	}
	return os.ReadFile(file)
})

// open makes a sandbox that shares its cache with the other tests.
func open(t testing.TB, c Config) *Sandbox {
	t.Helper()
	if c.CacheDir == "" {
		c.CacheDir = filepath.Join(sharedDir(), "cache")
	}
	c.CompileCPU, c.CompileTimeout = or(c.CompileCPU, 2*time.Minute), 5*time.Minute // for the race detector
	s, err := New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func load(t testing.TB, s *Sandbox, wasm []byte, l ModuleLimits) *Module {
	t.Helper()
	m, err := s.Load(context.Background(), wasm, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// loadGo loads the standard-Go guest.
func loadGo(t testing.TB, s *Sandbox, l ModuleLimits) *Module {
	t.Helper()
	wasm, err := goGuest()
	if err != nil {
		t.Fatal(err)
	}
	return load(t, s, wasm, l)
}

// The entries of testdata/guest.
const (
	entryEmpty = iota
	entryCart
	entryHostCall
	entryRemember
	entryClocks
	entryPrintAndPanic
	entryExhaust
	entrySleep
	entryDeadlock
	entryExit
	entryRandom
	entryEcho
	entryPrintALot
	entryChurn
	entryBuild
	entryQuote
	entryCollections
	entryRandoms
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// plenty is a meter that nothing honest uses up.
func plenty() *Meter {
	return &Meter{Units: 1 << 40, Deadline: time.Now().Add(time.Minute), HostCalls: 10_000, LogBytes: 64 << 10}
}

func call(entry uint32, input string) Call {
	return Call{Owner: "tenant/app", Entry: entry, Input: []byte(input), Meter: plenty(), Now: noon}
}

// run runs a call that must succeed.
func run(t testing.TB, s *Sandbox, m *Module, c Call) string {
	t.Helper()
	out, code, err := s.Run(context.Background(), m, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code != abi.OK {
		t.Fatalf("code %v, answer %q", code, out)
	}
	return string(out)
}

// faultOf runs a call that must end in a fault.
func faultOf(t testing.TB, s *Sandbox, m *Module, c Call) *Fault {
	t.Helper()
	out, _, err := s.Run(context.Background(), m, c, nil)
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v, answer %q; want a fault", err, out)
	}
	if len(out) != 0 {
		t.Errorf("a fault answered %q", out)
	}
	return f
}

// hostOf makes a Host of a function.
type hostOf func(fn abi.Func, in, out []byte) ([]byte, abi.Code, error)

func (h hostOf) HostCall(_ context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	return h(fn, in, out)
}
