package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/bottega-retail/bottega/host/internal/build/direct"
)

// The tests of build/direct that run what it writes are here because wazero is.

// program builds a program for WASI.
func program(t *testing.T, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.wasm")
	cmd := exec.Command("go", append(args[:1:1], append([]string{"-trimpath", "-ldflags=-s -w", "-o", file}, args[1:]...)...)...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// straightened is a module as direct writes it; most of it must change.
func straightened(t *testing.T, wasm []byte) []byte {
	t.Helper()
	out, err := direct.Module(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < len(wasm)*6/5 && len(out) < 15<<20 { // where direct stops
		t.Errorf("%d bytes became %d: too little is written anew", len(wasm), len(out))
	}
	return out
}

// perform runs a program and answers what it printed and how it ended.
func perform(t *testing.T, wasm []byte, dir string, args ...string) string {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	defer func() { _ = r.Close(ctx) }() // nothing of it is used any more
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out bytes.Buffer
	config := wazero.NewModuleConfig().WithStdout(&out).WithStderr(&out).WithArgs(append([]string{"program"}, args...)...).
		WithSysWalltime().WithSysNanotime().WithSysNanosleep()
	if dir != "" {
		config = config.WithFSConfig(wazero.NewFSConfig().WithDirMount(dir, "/")).WithEnv("PWD", "/").WithEnv("TMPDIR", "/tmp")
	}
	_, err := r.InstantiateWithConfig(ctx, wasm, config)
	if exit := new(sys.ExitError); errors.As(err, &exit) {
		err = fmt.Errorf("exit %d", exit.ExitCode())
	}
	return fmt.Sprintln(out.String(), err)
}

// both performs a program as it was and as direct writes it, at once.
func both(t *testing.T, wasm []byte, dir string, args ...string) (was, is string) {
	t.Helper()
	again := straightened(t, wasm)
	var wg sync.WaitGroup
	wg.Go(func() { was = perform(t, wasm, dir, args...) })
	wg.Go(func() { is = perform(t, again, dir, args...) })
	wg.Wait()
	return was, is
}

// TestDirectProgramSeesTheSame runs testdata/direct, which does what is dangerous for
// who rewrites the flow of control.
func TestDirectProgramSeesTheSame(t *testing.T) {
	t.Parallel()
	was, is := both(t, program(t, "build", "./testdata/direct"), "")
	if !strings.HasSuffix(was, " <nil>\n") || strings.Count(was, "\n# ") != 19 {
		t.Fatalf("the program did not come to its end:\n%s", was)
	}
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range before {
		if i >= len(after) || before[i] != after[i] {
			t.Fatalf("line %d:\n%s\nwas\n%s", i+1, strings.Join(after[min(i, len(after)):], "\n"), before[i])
		}
	}
}

// standard are packages of Go's own, chosen for what their tests do.
var standard = strings.Fields(`strings bytes sort slices maps strconv encoding/json encoding/binary regexp text/template
	html/template math math/big math/bits container/heap container/list sync sync/atomic time context reflect errors fmt
	bufio unicode/utf8 compress/flate crypto/sha256 hash/crc32 iter go/parser encoding/gob`)

var verdicts = regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL|SKIP): \S+|^(PASS|FAIL|panic:.*|fatal error:.*)$`)

// TestDirectPassesGosOwnTests compares the outcome of each test of Go's own packages.
func TestDirectPassesGosOwnTests(t *testing.T) {
	if os.Getenv("BOTTEGA_LONG") == "" {
		t.Skip("BOTTEGA_LONG is not set")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range standard {
		t.Run(p, func(t *testing.T) {
			dir := filepath.Join(strings.TrimSpace(string(root)), "src", p)
			// -short and -v, and no examples: some of them print in any order.
			was, is := both(t, program(t, "test", "-c", "-tags=timetzdata", p), dir, "-test.short", "-test.v", "-test.run=^Test")
			before, after := verdicts.FindAllString(was, -1), verdicts.FindAllString(is, -1)
			slices.Sort(before) // some run their parts in the order of a map
			slices.Sort(after)
			if !slices.Equal(before, after) {
				t.Errorf("was\n%s\n\nis\n%s", tail(was), tail(is))
			}
			t.Logf("%d tests, %d of them failed before, too; %q", len(before), strings.Count(was, "--- FAIL"), before[max(0, len(before)-1):])
		})
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }
