package rig

import (
	"context"
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
