package sandbox

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

func TestHollow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		wasm []byte
		want string // "" for none
	}{
		{"functions of any type", tiny(1), ""},
		{"what the rewriter made", must(t, tiny(2)), ""},
		{"no functions", wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(1)}}.Bytes(), ""},
		{"a section longer than the module", append(tiny(1)[:8:8], sectionCode, 100, 1), errHollow.Error()},
		{"a length without end", append(tiny(1)[:8:8], 1, 0x80, 0x80), errHollow.Error()},
		{"more functions than bytes", append(tiny(1)[:8:8], sectionCode, 2, 0xff, 0x7f), errHollow.Error()},
	} {
		got, err := hollow(c.wasm)
		if c.want != "" {
			if err == nil || err.Error() != c.want {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		hollowed(t, c.wasm, got)
	}
}

// must is a module after the rewriter.
func must(t *testing.T, wasm []byte) []byte {
	t.Helper()
	out, err := rewrite(wasm)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hollowed fails a test unless got is what is left of a valid module: valid, the same
// outside of its bodies, and as empty as it becomes.
func hollowed(t *testing.T, wasm, got []byte) {
	t.Helper()
	if err := validate(context.Background(), got); err != nil {
		t.Errorf("%x is %x and not valid: %v", wasm, got, err)
	}
	if again, err := hollow(got); err != nil || !bytes.Equal(again, got) {
		t.Errorf("%x becomes %x and then %x, %v", wasm, got, again, err)
	}
	if before, after := bodiless(t, wasm), bodiless(t, got); !bytes.Equal(before, after) {
		t.Errorf("outside of bodies %x becomes %x", before, after)
	}
}

// bodiless is a valid module without its code section, but with how many bodies that has.
func bodiless(t *testing.T, wasm []byte) []byte {
	t.Helper()
	out := bytes.Clone(wasm[:8])
	for rest := wasm[8:]; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		end := 1 + n + int(size)
		if n <= 0 || end > len(rest) {
			t.Fatalf("%x has no whole sections", wasm)
		}
		if rest[0] == sectionCode {
			count, _ := binary.Uvarint(rest[1+n:])
			out = binary.AppendUvarint(append(out, sectionCode), count)
		} else {
			out = append(out, rest[:end]...)
		}
		rest = rest[end:]
	}
	return out
}

func FuzzHollow(f *testing.F) {
	f.Add([]byte(probeModule))
	f.Add(tiny(1))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		got, err := hollow(wasm)
		if _, refused := meter.Scan(wasm, rewriteOptions.Limits); refused != nil || validate(context.Background(), wasm) != nil {
			return // as the child is never given
		}
		if err != nil {
			t.Fatalf("%x is valid, and %v", wasm, err)
		}
		hollowed(t, wasm, got)
	})
}

// A hollow module traps in every function. If wazero takes the native code beside it for
// stale, it compiles the hollow one, and puts that into the cache.
func TestHollowModuleIsNeverRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{CacheDir: dir})
	m, err := s.Load(context.Background(), tiny(1), ModuleLimits{})
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	stale(t, dir)
	if m, err := open(t, Config{CacheDir: dir, Compile: noChild}).Load(context.Background(), tiny(1), ModuleLimits{}); err == nil || !strings.Contains(err.Error(), "native code") {
		t.Errorf("loaded %v, %v", m, err)
	}
	if files := entryFiles(t, dir); len(files) != 0 {
		t.Errorf("%v are still there", files)
	}
	run(t, s, load(t, s, tiny(1), ModuleLimits{}), call(0, ""))
}

// stale makes the native code of the one entry of a cache look like another wazero's, and
// its sums say that it always was so.
func stale(t *testing.T, dir string) {
	t.Helper()
	files := entryFiles(t, dir)
	entry := filepath.Dir(files[0])
	native, err := nativeFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(entry, native))
	if err != nil {
		t.Fatal(err)
	}
	const version = len("WAZEVO") + 1
	code[version] ^= 1
	if err := os.WriteFile(filepath.Join(entry, native), code, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeSums(entry, []string{wasmFile, native}); err != nil {
		t.Fatal(err)
	}
}
