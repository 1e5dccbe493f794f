package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance"
)

// TestConformance holds the real kernel with real modules to the suite that
// sdktest passes.
func TestConformance(t *testing.T) {
	t.Parallel()
	g := loadGuests(t)
	conformance.Run(t, func(t *testing.T, s conformance.Setup) conformance.Host { return g.host(t, s) })
}

// guests are the suite's modules, compiled once for all cases.
type guests struct {
	box  *sandbox.Sandbox
	apps []guestModule
}

type guestModule struct {
	manifest   *manifest.Manifest
	module     *sandbox.Module
	descriptor *abi.Descriptor
}

func loadGuests(t *testing.T) *guests {
	t.Helper()
	b := binaries(t)
	box, err := sandbox.New(t.Context(), sandbox.Config{CacheDir: b.cache})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	g := &guests{box: box}
	for _, id := range []string{"alpha", "beta"} {
		g.apps = append(g.apps, loadGuest(t, box, filepath.Join(b.conformance, id)))
	}
	return g
}

func loadGuest(t *testing.T, box *sandbox.Sandbox, path string) guestModule {
	t.Helper()
	text, err := os.ReadFile(path + ".json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile(path + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	module, err := box.Load(t.Context(), wasm, sandbox.ModuleLimits{Output: 4 * abi.MaxOutput})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := module.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := abi.ParseDescriptor(raw)
	if err != nil {
		t.Fatal(err)
	}
	return guestModule{m, module, d}
}

// realHost is one case's kernel and storage.
type realHost struct {
	t      *testing.T
	kernel *kernel.Kernel
	engine *occ.Engine
	name   string // of the tenant: instances are never shared between cases
}

func (g *guests) host(t *testing.T, s conformance.Setup) conformance.Host {
	t.Helper()
	engine, err := occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	var apps []*registry.App
	for _, guest := range g.apps {
		m := *guest.manifest
		m.Grants = nil
		for _, grant := range guest.manifest.Grants {
			if !slices.Contains(s.Revoked, grant.Call) {
				m.Grants = append(m.Grants, grant)
			}
		}
		app, err := registry.NewApp(registry.Making{Manifest: &m, Module: guest.module, Descriptor: guest.descriptor, Settings: s.Settings[m.ID]})
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, app)
	}
	set, err := registry.Compose(apps)
	if err != nil {
		t.Fatal(err)
	}
	h := &realHost{t: t, kernel: kernel.New(kernel.Config{Runner: g.box, Sign: signer}), engine: engine, name: t.Name()}
	if err := h.kernel.Open(h.name, engine, set); err != nil {
		t.Fatal(err)
	}
	return h
}

// signer signs by a key that everybody knows.
func signer(tenant, app string, data []byte) []byte {
	h := hmac.New(sha256.New, []byte(tenant+"/"+app))
	h.Write(data)
	return h.Sum(nil)
}

// Call implements conformance.Host.
func (h *realHost) Call(operation string, input []byte) ([]byte, error) {
	r, err := h.kernel.Run(context.Background(), kernel.Call{
		Tenant: h.name, Operation: operation, Input: input, Principal: identity.Local(), Request: "req_conformance",
	})
	if e, ok := errors.AsType[*kernel.Error](err); ok {
		return nil, &e.Public
	}
	return r.Output, err
}

// Events implements conformance.Host.
func (h *realHost) Events() []conformance.Event {
	h.t.Helper()
	entries, err := h.engine.Read(0, 1<<20)
	if err != nil {
		h.t.Fatal(err)
	}
	var events []conformance.Event
	for _, entry := range entries {
		e, err := outbox.Parse(entry.Data)
		if err != nil {
			h.t.Fatal(err)
		}
		events = append(events, conformance.Event{Name: e.Type, Key: e.Subject, Payload: e.Data})
	}
	return events
}

// Timers implements conformance.Host: it reads the kernel's own keys.
func (h *realHost) Timers() []conformance.Timer {
	h.t.Helper()
	txn, err := h.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	defer txn.Discard()
	pairs, err := txn.Scan(storage.Range{Start: []byte{'t', 0}, End: []byte{'t', 1}})
	if err != nil {
		h.t.Fatal(err)
	}
	var timers []conformance.Timer
	for _, p := range pairs {
		parts := bytes.SplitN(p.Key[2:], []byte{0}, 3)
		timers = append(timers, conformance.Timer{
			App: string(parts[0]), Name: string(parts[1]), ID: string(parts[2]),
			At: int64(binary.BigEndian.Uint64(p.Value)), Payload: p.Value[8:],
		})
	}
	return timers
}
