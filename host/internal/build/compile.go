package build

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/build/direct"
	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// linkFlags make a reactor without what a retailer does not need. Together
// with compileFlags they leave nothing in a module but its source and the Go
// version: not the folder, not the user, not the time.
var linkFlags = []string{"-buildmode=c-shared", "-ldflags=-s -w -buildid="}

// kept is how many built modules the cache holds on to.
const kept = 64

// overlay writes the module's codec: the generated sources by the paths that
// they pretend to have.
func (m *module) overlay() (map[string][]byte, error) {
	byPackage := map[string][]*record{}
	for _, r := range m.cross.order {
		if r.codec {
			path := r.named.Obj().Pkg().Path()
			byPackage[path] = append(byPackage[path], r)
		}
	}
	out := map[string][]byte{}
	for path, records := range byPackage {
		slices.SortFunc(records, func(a, b *record) int { return cmp.Compare(a.named.Obj().Name(), b.named.Obj().Name()) })
		text, err := generate(records[0].named.Obj().Pkg(), records)
		if err != nil {
			return nil, err
		}
		dir, _ := m.src.overlayable(path)
		out[filepath.Join(dir, codecFile)] = text
	}
	return out, nil
}

// artefacts is the cache of built modules, a folder.
type artefacts struct{ dir string }

// compile builds a module, or finds it in the cache.
func (a artefacts) compile(ctx context.Context, m *module, overlay map[string][]byte) (wasm []byte, cached bool, err error) {
	key, err := fingerprint(m, overlay)
	if err != nil {
		return nil, false, err
	}
	file := filepath.Join(a.dir, "modules", key+".wasm")
	if wasm, ok := intact(file); ok {
		return wasm, true, nil
	}
	if wasm, err = a.build(ctx, m, overlay); err != nil {
		return nil, false, err
	}
	sum := sha256.Sum256(wasm)
	if err := write(file, slices.Concat(sum[:], wasm), 0o600); err != nil {
		return nil, false, err
	}
	return wasm, false, a.prune()
}

// intact reads a cached module that is as long and as right as it was written.
func intact(file string) ([]byte, bool) {
	b, err := os.ReadFile(file)
	if err != nil || len(b) < sha256.Size {
		return nil, false
	}
	sum := sha256.Sum256(b[sha256.Size:])
	return b[sha256.Size:], bytes.Equal(sum[:], b[:sha256.Size])
}

// fingerprint names everything that a module is made of.
func fingerprint(m *module, overlay map[string][]byte) (string, error) {
	h := sha256.New() // which takes every write
	_, _ = fmt.Fprintln(h, "bottega build 1", direct.Revision, m.src.version, compileFlags, linkFlags, m.main.PkgPath)
	for _, p := range m.src.inputs(m.main) {
		for _, file := range slices.Concat(p.GoFiles, p.OtherFiles, p.EmbedFiles) {
			b, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			_, _ = fmt.Fprintf(h, "%s %s %x\n", p.PkgPath, filepath.Base(file), sha256.Sum256(b))
		}
		if b, ok := overlay[filepath.Join(folder(p), codecFile)]; ok {
			_, _ = fmt.Fprintf(h, "codec %x\n", sha256.Sum256(b))
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// build runs the compiler and straightens what it has made.
func (a artefacts) build(ctx context.Context, m *module, overlay map[string][]byte) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "bottega-build-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // left behind, it only takes room
	replace := map[string]string{}
	for path, text := range overlay {
		sum := sha256.Sum256(text)
		file := filepath.Join(tmp, hex.EncodeToString(sum[:8])+".go")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
		replace[path] = file
	}
	list, out := filepath.Join(tmp, "overlay.json"), filepath.Join(tmp, "module.wasm")
	if err := os.WriteFile(list, encode(map[string]any{"Replace": replace}), 0o600); err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"build", "-o", out, "-overlay", list}, compileFlags, linkFlags, []string{m.main.PkgPath})
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = m.src.dir, environment()
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile %s: %w\n%s", m.main.PkgPath, err, strings.TrimSpace(string(text)))
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return direct.Module(wasm)
}

// prune throws away what was not written lately.
func (a artefacts) prune() error {
	dir := filepath.Join(a.dir, "modules")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= kept {
		return err
	}
	infos := make([]os.FileInfo, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range infos[min(kept, len(infos)):] {
		if err := os.Remove(filepath.Join(dir, info.Name())); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// deliver writes a module and its full manifest into a folder.
func deliver(dir string, man *manifest.Manifest, wasm []byte) (file string, err error) {
	var b bytes.Buffer
	e := json.NewEncoder(io.Writer(&b))
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(man); err != nil {
		return "", fmt.Errorf("encode the manifest of %s: %w", man.ID, err)
	}
	file = filepath.Join(dir, man.ID+".wasm")
	if err := write(file, wasm, 0o644); err != nil {
		return "", err
	}
	return file, write(filepath.Join(dir, man.ID+".json"), b.Bytes(), 0o644)
}
