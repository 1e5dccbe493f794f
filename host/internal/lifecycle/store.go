package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The longest parts of a package, in bytes.
const (
	maxManifest = manifest.MaxSize
	maxModule   = 16 << 20
)

// entry is one package: a manifest and the module that it was made with.
type entry struct {
	manifest *manifest.Manifest
	text     []byte // canonical, the same for the same manifest however it was written
	digest   string // of text, which holds the module's: of the whole package
	wasm     string // path of the module
	origin   origin
}

type origin string

const (
	fromUpload    origin = "upload"
	fromCatalogue origin = "catalogue"
)

// newEntry makes a package of a manifest as it was written. The error is that of
// manifest.Parse, or an *abi.Error.
func newEntry(text []byte) (*entry, error) {
	m, err := manifest.Parse(text)
	if err != nil {
		return nil, err
	}
	if m.Digest == "" || m.Provides == nil {
		return nil, refused("manifest_invalid", "/digest", "This is the manifest of a source, not of a built module: run `bottega build`.")
	}
	canonical, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return &entry{manifest: m, text: canonical, digest: sum(canonical)}, nil
}

// matches refuses a module that is not the manifest's.
func (e *entry) matches(wasm []byte) error {
	if sum(wasm) != e.manifest.Digest || int64(len(wasm)) != e.manifest.Size {
		return refused("digest_mismatch", "/digest", e.manifest.ID+".wasm is not the module of this manifest: build it again.")
	}
	return nil
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// refused is the answer to a package that is no good.
func refused(reason, pointer, message string) *abi.Error {
	return &abi.Error{Code: abi.Invalid, Reason: reason, Pointer: pointer, Message: message}
}

// store is the folder of packages. Only a sweep takes any away:
//
//	<sha256>.json  a manifest, named by its own digest
//	<sha256>.wasm  a module, named by its own
//	<sha256>.copy  beside a manifest that was copied from the catalogue
//	staging/       files in the making
//	users/         a file for each tenant whose apps are here
//
// and beside it the catalogue, a folder that somebody else fills.
type store struct {
	dir, catalogue string
	development    bool
	logger         hclog.Logger

	mu sync.Mutex // of everything that writes

	looking sync.Mutex // of seen; never held while a manifest is parsed: a host that starts parses many at once
	seen    map[string]seen
}

// seen is a parsed manifest of a file that has not changed since.
type seen struct {
	modified time.Time
	size     int64
	entry    *entry // nil if it is no manifest of a built module
}

func openStore(c *Config) (*store, error) {
	s := &store{dir: filepath.Join(c.Dir, "modules"), catalogue: c.Catalogue, development: c.Development, logger: c.Logger, seen: map[string]seen{}}
	if err := os.RemoveAll(s.staging()); err != nil { // what a killed host left
		return nil, fmt.Errorf("modules: %w", err)
	}
	if err := os.MkdirAll(s.staging(), 0o700); err != nil {
		return nil, fmt.Errorf("modules: %w", err)
	}
	return s, nil
}

func (s *store) staging() string { return filepath.Join(s.dir, "staging") }

// entries lists all packages by id, the newest version first. The catalogue's
// come before an upload of the same version.
func (s *store) entries() ([]*entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.folder(s.dir, fromUpload)
	if err != nil {
		return nil, err
	}
	if s.catalogue != "" {
		offered, err := s.folder(s.catalogue, fromCatalogue)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(e *entry) bool {
			return slices.ContainsFunc(offered, func(o *entry) bool { return o.digest == e.digest })
		})
		all = append(offered, all...)
	}
	slices.SortStableFunc(all, func(a, b *entry) int {
		if c := strings.Compare(a.manifest.ID, b.manifest.ID); c != 0 {
			return c
		}
		return -versions(a.manifest.Version, b.manifest.Version)
	})
	return all, nil
}

// versions compares two versions that a manifest may have.
func versions(a, b string) int {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	if errA != nil || errB != nil {
		return strings.Compare(a, b)
	}
	return va.Compare(vb)
}

// folder parses the manifests of a folder; files that are none are passed over.
func (s *store) folder(dir string, from origin) (all []*entry, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		e, err := s.parsed(path, from)
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}

func (s *store) parsed(path string, from origin) (*entry, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if known := s.known(path); known.modified.Equal(info.ModTime()) && known.size == info.Size() {
		return known.entry, nil
	}
	now := seen{modified: info.ModTime(), size: info.Size()}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	e, err := newEntry(text)
	if err != nil {
		s.logger.Warn("module not offered", "file", path, "error", err)
	} else {
		e.origin, e.wasm = from, strings.TrimSuffix(path, "json")+"wasm"
		if from == fromUpload {
			e.wasm = s.module(e.manifest.Digest)
		}
		now.entry = e
	}
	s.looking.Lock()
	s.seen[path] = now
	s.looking.Unlock()
	return now.entry, nil
}

// known is what was seen at a path, zero if nothing was.
func (s *store) known(path string) seen {
	s.looking.Lock()
	defer s.looking.Unlock()
	return s.seen[path]
}

func (s *store) forget(path string) {
	s.looking.Lock()
	defer s.looking.Unlock()
	delete(s.seen, path)
}

func (s *store) module(digest string) string { return filepath.Join(s.dir, digest+".wasm") }

// find is the package of an id in a version; "" is the newest, and a version
// with a pre-release tag only if there is no other.
func (s *store) find(id, version string) (*entry, error) {
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	var tagged *entry
	for _, e := range all {
		switch {
		case e.manifest.ID != id || version != "" && e.manifest.Version != version:
		case version == "" && strings.Contains(e.manifest.Version, "-"):
			if tagged == nil {
				tagged = e
			}
		default:
			return e, nil
		}
	}
	if tagged != nil {
		return tagged, nil
	}
	return nil, &abi.Error{Code: abi.NotFound, Reason: "module", Message: "There is no module " + strings.TrimSuffix(id+"@"+version, "@") + "."}
}

// byDigest is the package of a digest.
func (s *store) byDigest(digest string) (*entry, error) {
	e, err := s.parsed(filepath.Join(s.dir, digest+".json"), fromUpload)
	if err != nil {
		return nil, err
	}
	if e != nil && e.digest == digest {
		return e, nil
	}
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.digest == digest {
			return e, nil
		}
	}
	return nil, &abi.Error{Code: abi.NotFound, Reason: "module", Message: "The package " + digest + " is not in the store."}
}

// bytes reads and verifies the module of a package.
func (s *store) bytes(e *entry) ([]byte, error) {
	wasm, err := os.ReadFile(e.wasm)
	if err != nil {
		return nil, fmt.Errorf("module of %s@%s: %w", e.manifest.ID, e.manifest.Version, err)
	}
	return wasm, e.matches(wasm)
}

// keep writes a package, durably, unless it is there.
func (s *store) keep(e *entry, wasm []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.origin == fromCatalogue {
		if err := os.WriteFile(s.copied(e.digest), nil, 0o600); err != nil {
			return err
		}
	}
	if err := s.write(s.module(e.manifest.Digest), wasm); err != nil {
		return err
	}
	return s.write(filepath.Join(s.dir, e.digest+".json"), e.text)
}

// take keeps a package that somebody brings, as one that has just come.
func (s *store) take(e *entry, wasm []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(s.module(e.manifest.Digest), wasm); err != nil {
		return err
	}
	return errors.Join(s.put(filepath.Join(s.dir, e.digest+".json"), e.text), gone(s.copied(e.digest)))
}

// write is put for a file that may be there. One that is damaged is written
// again.
func (s *store) write(path string, b []byte) error {
	if have, err := os.ReadFile(path); err == nil && sum(have) == sum(b) {
		return nil
	}
	return s.put(path, b)
}

// put makes a file appear whole or not at all.
func (s *store) put(path string, b []byte) error {
	f, err := os.CreateTemp(s.staging(), "")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone if it was renamed
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(s.dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replaceable says whether a version may come with another package than before.
func (s *store) replaceable(version string) bool {
	return s.development && strings.Contains(version, "-")
}

// taken refuses a package whose id and version another one has.
func (s *store) taken(e *entry) error {
	all, err := s.entries()
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.manifest.ID == e.manifest.ID && o.manifest.Version == e.manifest.Version && o.digest != e.digest && !s.replaceable(e.manifest.Version) {
			return &abi.Error{Code: abi.Conflict, Reason: "version_exists", Message: e.manifest.ID + "@" + e.manifest.Version + " is there already and is another module: give it a new version."}
		}
	}
	return nil
}
