package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
)

// cache is the directory of compiled modules:
//
//	<key>/module.wasm                       the rewritten module; hollow beside native code
//	<key>/wazero-<version>-<arch>-<os>/<id>  its native code, absent if interpreted
//	<key>/sums.json                         lengths and checksums of both
//	staging/<random>/                       entries in the making
//
// An entry appears by one rename, complete or not at all. Its checksums find
// what a disk spoils, not what an attacker writes: who can write here can run
// code anyway.
type cache struct {
	dir     string
	machine func() (machine, error) // asked once, when it is first needed
	now     func() time.Time
}

const (
	stagingDir = "staging"
	wasmFile   = "module.wasm"
	sumsFile   = "sums.json"
	// staleStaging is the age at which a left-over of a killed host goes.
	staleStaging = time.Hour
)

// machine is what native code depends on.
type machine struct {
	folder string // wazero's name for its version, architecture and system
	id     string // changes with the processor's features too
}

// newCache opens the directory and makes it private.
func newCache(c *Config) (*cache, error) {
	if c.CacheDir == "" {
		return nil, errors.New("sandbox: no cache directory")
	}
	k := &cache{dir: c.CacheDir, now: c.Now}
	k.machine = sync.OnceValues(k.probe)
	if err := os.MkdirAll(k.staging(), 0o700); err != nil {
		return nil, fmt.Errorf("cache %s: %w", k.dir, err)
	}
	for _, d := range []string{k.dir, k.staging()} {
		if err := os.Chmod(d, 0o700); err != nil {
			return nil, fmt.Errorf("cache %s: %w", k.dir, err)
		}
	}
	k.sweep()
	return k, nil
}

func (k *cache) staging() string { return filepath.Join(k.dir, stagingDir) }

// sweep removes what killed hosts have left in staging.
func (k *cache) sweep() {
	entries, _ := os.ReadDir(k.staging())
	for _, e := range entries {
		if info, err := e.Info(); err == nil && k.now().Sub(info.ModTime()) > staleStaging {
			_ = os.RemoveAll(filepath.Join(k.staging(), e.Name()))
		}
	}
}

// probe compiles a tiny module to learn how wazero names things here: the name
// covers its version and the processor's features, which it does not tell
// otherwise, and the code tells compilers apart that call themselves "dev". If
// anything changes, so do all keys, and no old entry is asked for.
func (k *cache) probe() (m machine, err error) {
	dir, err := k.stage()
	if err != nil {
		return m, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // left behind, it is swept when it is stale
	if err := compileInto(context.Background(), []byte(probeModule), dir); err != nil {
		return m, err
	}
	native, err := nativeFile(dir)
	if err != nil {
		return m, err
	}
	code, err := os.ReadFile(filepath.Join(dir, native))
	if err != nil {
		return m, err
	}
	return machine{folder: filepath.Dir(native), id: fmt.Sprintf("%s %x", native, sha256.Sum256(code))}, nil
}

// compileInto leaves the native code of a module below dir.
func compileInto(ctx context.Context, wasm []byte, dir string) error {
	files, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return err
	}
	defer files.Close(ctx)
	r := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(Compiler).WithCompilationCache(files))
	defer r.Close(ctx)
	_, err = r.CompileModule(ctx, wasm)
	return err
}

// nativeFile is the path, relative to dir, of the one file that wazero keeps.
func nativeFile(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%d compiled files instead of one", len(found))
	}
	return filepath.Rel(dir, found[0])
}

// stage makes a private directory for an entry in the making.
func (k *cache) stage() (string, error) { return os.MkdirTemp(k.staging(), "") }

// key names the entry of a module.
func (k *cache) key(digest string, e Engine) (string, error) {
	var m machine
	if e == Compiler {
		var err error
		if m, err = k.machine(); err != nil {
			return "", fmt.Errorf("cache %s: %w", k.dir, err)
		}
	}
	h := sha256.Sum256([]byte(strings.Join([]string{digest, string(e), m.id, rewriterVersion()}, "\n")))
	return hex.EncodeToString(h[:]), nil
}

func (k *cache) path(key string) string { return filepath.Join(k.dir, key) }

// sum is the line of one file in sums.json.
type sum struct {
	Path  string
	Size  int
	CRC32 uint32 // Castagnoli
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// publish turns a staged directory into the entry of key. It checks that the
// directory holds what it should and nothing else.
func (k *cache) publish(dir, key string, e Engine) error {
	want, err := k.expected(dir, e)
	if err != nil {
		return err
	}
	if err := onlyFiles(dir, want); err != nil {
		return err
	}
	if err := writeSums(dir, want); err != nil {
		return err
	}
	err = os.Rename(dir, k.path(key))
	if errors.Is(err, fs.ErrExist) || isNotEmpty(err) { // another host was faster
		return os.RemoveAll(dir)
	}
	return err
}

// expected lists the files of a staged entry.
func (k *cache) expected(dir string, e Engine) ([]string, error) {
	if e == Interpreter {
		return []string{wasmFile}, nil
	}
	native, err := nativeFile(dir)
	if err != nil {
		return nil, err
	}
	m, err := k.machine()
	if err != nil {
		return nil, err
	}
	if filepath.Dir(native) != m.folder {
		return nil, fmt.Errorf("compiled by %s, this is %s", filepath.Dir(native), m.folder)
	}
	return []string{wasmFile, native}, nil
}

// onlyFiles checks that dir holds these regular files and no others, and makes
// them private.
func onlyFiles(dir string, want []string) error {
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for _, w := range want {
			if rel == w && d.Type().IsRegular() {
				seen++
				return os.Chmod(path, 0o600)
			}
		}
		return fmt.Errorf("unexpected file %s", rel)
	})
	if err == nil && seen != len(want) {
		err = fmt.Errorf("%d files instead of %d", seen, len(want))
	}
	return err
}

func writeSums(dir string, files []string) error {
	sums := make([]sum, len(files))
	for i, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			return err
		}
		sums[i] = sum{f, len(b), crc32.Checksum(b, castagnoli)}
	}
	b, err := json.Marshal(sums)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, sumsFile), b, 0o600)
}

// open answers the rewritten module of an entry whose files are all as they
// were written. It removes an entry that is not.
func (k *cache) open(key string) ([]byte, bool) {
	wasm, err := k.verify(k.path(key))
	if err == nil {
		return wasm, true
	}
	_ = os.RemoveAll(k.path(key))
	return nil, false
}

func (k *cache) verify(dir string) (wasm []byte, err error) {
	b, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return nil, err
	}
	var sums []sum
	if err := json.Unmarshal(b, &sums); err != nil {
		return nil, err
	}
	for _, s := range sums {
		b, err := os.ReadFile(filepath.Join(dir, s.Path))
		if err != nil {
			return nil, err
		}
		if len(b) != s.Size || crc32.Checksum(b, castagnoli) != s.CRC32 {
			return nil, fmt.Errorf("%s is damaged", s.Path)
		}
		if s.Path == wasmFile {
			wasm = b
		}
	}
	if wasm == nil {
		return nil, fmt.Errorf("no %s", wasmFile)
	}
	return wasm, nil
}
