package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// BuildGuests builds the benchmarks' own guests with the repository's own build
// from the folder of this module and answers the folder with the result.
func BuildGuests(ctx context.Context, source, out, cache string) (string, error) {
	box, err := sandbox.New(ctx, sandbox.Config{CacheDir: cache})
	if err != nil {
		return "", err
	}
	defer box.Close()
	modules := filepath.Join(out, "guests")
	_, err = build.Build(ctx, build.Options{
		Dir: source, Out: modules, ManifestDir: "guests/manifests", Cache: filepath.Join(out, "build"),
		Describe: func(ctx context.Context, wasm []byte) (*abi.Descriptor, error) { return describe(ctx, box, wasm) },
	}, "./guests/probe/...", "./guests/hearer/...", "./guests/tariff/...")
	if err != nil {
		return "", fmt.Errorf("build guests: %w", err)
	}
	return modules, nil
}

func describe(ctx context.Context, box *sandbox.Sandbox, wasm []byte) (*abi.Descriptor, error) {
	m, err := box.Load(ctx, wasm, sandbox.ModuleLimits{})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	raw, err := m.Describe(ctx)
	if err != nil {
		return nil, err
	}
	return abi.ParseDescriptor(raw)
}

// BuildPeer builds a guest of a peer, guests/<name>, with the Go compiler and
// the flags that our own guests are built with, and answers its file.
func BuildPeer(ctx context.Context, source, out, name string) (string, error) {
	file, err := filepath.Abs(filepath.Join(out, name+".wasm"))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "./guests/"+name)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build guests/%s: %w\n%s", name, err, text)
	}
	return file, nil
}

// BuildNatively compiles natively, the pricing app for this machine, with the codec
// that the app's module carries, and answers its file.
func BuildNatively(ctx context.Context, source, out string) (string, error) {
	results, err := build.Build(ctx, build.Options{Dir: filepath.Join(source, "..", ".."), Cache: filepath.Join(out, "build")}, "./apps/pricing/...")
	if err != nil || len(results) != 1 {
		return "", errors.Join(fmt.Errorf("build pricing: %d modules", len(results)), err)
	}
	tmp, err := os.MkdirTemp("", "bottega-bench-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // left behind, it only takes room
	overlay := map[string]map[string]string{"Replace": {}}
	for path, text := range results[0].Codec {
		file := filepath.Join(tmp, fmt.Sprintf("%d.go", len(overlay["Replace"])))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return "", err
		}
		overlay["Replace"][path] = file
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), list, 0o600); err != nil {
		return "", err
	}
	file, err := filepath.Abs(filepath.Join(out, "natively"))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", filepath.Join(tmp, "overlay.json"), "-trimpath", "-o", file, "./natively")
	cmd.Dir = source
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build natively: %w\n%s", err, text)
	}
	return file, nil
}
