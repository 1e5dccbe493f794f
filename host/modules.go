package host

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// maxAnswer is where the sandbox stops reading what a guest answers. It lies
// above abi.MaxOutput, so that a little too much is an error and no fault.
const maxAnswer = 4 * abi.MaxOutput

// load enables every module of the folder.
func (h *Host) load(ctx context.Context) (*registry.Set, error) {
	paths, err := filepath.Glob(filepath.Join(h.config.Modules, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no modules in %s: build them with `bottega build -o %s ./apps/...`", h.config.Modules, h.config.Modules)
	}
	var apps []*registry.App
	for _, path := range paths {
		app, err := h.loadApp(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("enable %s: %w", path, err)
		}
		h.config.Progress(fmt.Sprintf("%s enabled", app))
		apps = append(apps, app)
	}
	return registry.Compose(apps)
}

// loadApp verifies, compiles if need be, and describes one module.
func (h *Host) loadApp(ctx context.Context, path string) (*registry.App, error) {
	m, wasm, err := readModule(path)
	if err != nil {
		return nil, err
	}
	const page = 64 << 10
	pages := uint32((cmp.Or(m.Limits.MemoryBytes, registry.DefaultMemory) + page - 1) / page)
	module, err := h.sandbox.Load(ctx, wasm, sandbox.ModuleLimits{MemoryPages: pages, Output: maxAnswer})
	if err != nil {
		return nil, err
	}
	raw, err := module.Describe(ctx)
	if err != nil {
		return nil, err
	}
	d, err := abi.ParseDescriptor(raw)
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	settings, err := h.settings(m)
	if err != nil {
		return nil, err
	}
	return registry.NewApp(registry.Making{Manifest: m, Module: module, Descriptor: d, Settings: settings})
}

// readModule reads a manifest and the module beside it, which must be the one
// that the manifest was made with.
func readModule(path string) (*manifest.Manifest, []byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	m, err := manifest.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	wasm, err := os.ReadFile(path[:len(path)-len("json")] + "wasm")
	if err != nil {
		return nil, nil, err
	}
	if sum := sha256.Sum256(wasm); m.Digest != "" && m.Digest != hex.EncodeToString(sum[:]) {
		return nil, nil, &sandbox.Rejected{Reason: "digest_mismatch", Detail: m.ID + ".wasm is not the module of this manifest: build it again"}
	}
	return m, wasm, nil
}

// settings reads what the retailer filled in for an app, if anything.
func (h *Host) settings(m *manifest.Manifest) ([]byte, error) {
	if h.config.Settings == "" || m.Provides == nil || len(m.Provides.Settings) == 0 {
		return nil, nil
	}
	path := filepath.Join(h.config.Settings, m.ID+".json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := schema.Compile(m.Provides.Settings, m.Provides.Types)
	if err != nil {
		return nil, fmt.Errorf("schema of the settings: %w", err)
	}
	wire, err := s.ToWire(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return wire, nil
}
