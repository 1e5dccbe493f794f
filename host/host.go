// Package host assembles a Bottega host: storage, sandbox, kernel and the ways
// in. It is the embedding API and the only place where the parts meet; it must
// not know any retail word.
package host

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/admin"
	"github.com/bottega-retail/bottega/host/internal/event/egress"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/rest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/seal"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/telemetry"
)

// Config says what a host is made of.
type Config struct {
	// Dir holds everything that the host keeps: tenants/<name>/data.db, modules/,
	// cache/, master.key and owner.token. It is created with mode 0700. Required.
	Dir string
	// Cache holds compiled modules; hosts may share one. Whoever can write there
	// runs code in the host. Default: cache/ in Dir.
	Cache string
	// Modules is a folder with built modules, <id>.wasm and <id>.json, as `bottega
	// build` writes them: what can be installed beside what was uploaded. "" for
	// none.
	Modules string
	// Preset names the set to enable in a tenant that has no apps yet: one of
	// those that ship, or AllModules. What it asks for is consented to. "" leaves
	// the tenant empty.
	Preset string
	// Settings is a folder with <app>.json, what the retailer filled in, for
	// AllModules; "" for none.
	Settings string
	// Tenant is the one tenant of this host. Default "demo".
	Tenant string
	// Zone is where the tenant's days begin. Default Europe/Rome, UTC if the
	// machine does not know it.
	Zone *time.Location
	// Roles are ready roles beside those of the house.
	Roles []identity.Role
	// Address to listen on. Only loopback is allowed until the host speaks TLS.
	// Default 127.0.0.1:8080; port 0 picks a free one.
	Address string
	// Base is the address that clients use, if it is another, e.g.
	// https://shop.example behind a proxy that ends TLS.
	Base string
	// Compile is the command that compiles one module in a process of its own.
	// Default: this executable with the verb "compile".
	Compile []string
	// Memory is what the apps' instances may have together, in bytes, with those that
	// idle and what new ones are made from; at least 64 MiB. Who finds nothing left
	// is told unavailable, reason "capacity". Default: a quarter of the machine's or
	// the container's memory, at least 1 GiB.
	Memory int64
	// Development lets a version come again with other code: for those who write
	// modules, not for a shop.
	Development bool
	// Nearby are names, host:port, by which apps reach a server on this machine, and Roots
	// who may sign for such servers besides whom the machine trusts. Both count in
	// Development only: for simulated services.
	Nearby map[string]netip.AddrPort
	Roots  *x509.CertPool
	// Notice is how long a stopping host still answers new requests, with 503
	// and the reason stopping, before it closes its address: a connection that
	// arrives as it closes is reset without an answer. Default 0.
	Notice time.Duration
	// Logger takes the host's lines and the apps'. One of hclog's InterceptLoggers
	// can be watched at /v1/host/logs. Default: none.
	Logger hclog.Logger
	// Now is the wall clock. Default time.Now.
	Now func() time.Time
	// Progress is told what New is doing, in words for a person. Default: nothing.
	Progress func(string)
}

// Host is one running host.
type Host struct {
	config   Config
	keys     *seal.Keys
	sandbox  *sandbox.Sandbox
	engine   *occ.Engine
	kernel   *kernel.Kernel
	shown    *shown
	rooms    rooms
	outside  *egress.Client
	platform []*platform.Operation
	metrics  *telemetry.Metrics
	server   *rest.Server
	listen   net.Listener
	quit     func()                                  // ends the rooms' work
	stop     atomic.Pointer[context.CancelCauseFunc] // of Run
}

// New opens storage, starts the enabled apps, enables the preset in an empty
// tenant, and binds the address. It serves nothing until Run.
func New(ctx context.Context, c Config) (*Host, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{config: c}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("host: Dir is required")
	}
	if c.Cache == "" {
		c.Cache = filepath.Join(c.Dir, "cache")
	}
	if c.Tenant == "" {
		c.Tenant = "demo"
	}
	if c.Address == "" {
		c.Address = "127.0.0.1:8080"
	}
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		var err error
		if c.Zone, err = time.LoadLocation("Europe/Rome"); err != nil {
			c.Zone = time.UTC
		}
	}
	switch {
	case c.Memory == 0:
		c.Memory = guestMemory("/")
	case c.Memory < 64<<20:
		return c, fmt.Errorf("host: %d bytes of memory are too few for apps: at least 64 MiB", c.Memory)
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	return c, rest.CheckLoopback(c.Address)
}

func (h *Host) open(ctx context.Context) error {
	c := h.config
	dir := filepath.Join(c.Dir, "tenants", c.Tenant)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create %s: %w", dir, err)
	}
	var err error
	if h.keys, err = seal.Open(filepath.Join(c.Dir, "master.key"), rand.Reader); err != nil {
		return err
	}
	backend, err := bolt.Open(filepath.Join(dir, "data.db"), bolt.Options{})
	if err != nil {
		return err
	}
	if h.engine, err = occ.Open(backend, storageOptions()); err != nil {
		return errors.Join(err, backend.Close())
	}
	h.sandbox, err = sandbox.New(ctx, sandbox.Config{
		CacheDir: c.Cache, Compile: c.Compile, MemoryBudget: c.Memory, Logger: c.Logger.Named("sandbox"), Now: c.Now,
	})
	if err != nil {
		return err
	}
	return h.assemble(ctx)
}

// assemble joins the parts, brings the tenant to life and binds the address.
func (h *Host) assemble(ctx context.Context) error {
	c := h.config
	h.metrics = telemetry.NewMetrics()
	h.kernel = kernel.New(kernel.Config{Runner: h.sandbox, Logger: c.Logger.Named("kernel"), Now: c.Now, Hooks: h.hooks(), Sign: h.sign})
	h.shown = &shown{kernel: h.kernel}
	if err := h.furnish(); err != nil {
		return err
	}
	if err := h.inhabit(ctx); err != nil {
		return err
	}
	h.watch()
	h.work()
	if err := errors.Join(h.bootstrap(ctx), h.preset(ctx)); err != nil {
		return err
	}
	return h.listenOn(c.Address)
}

// sign is what apps sign with. Neither a tenant nor an app has a zero byte in its
// name, so no two pairs have one key.
func (h *Host) sign(tenant, app string, data []byte) []byte {
	return h.keys.MAC("app\x00"+tenant+"\x00"+app, data)
}

// listenOn makes the server and binds the address.
func (h *Host) listenOn(address string) (err error) {
	c := h.config
	operations := &operations{Kernel: h.kernel, tenant: c.Tenant}
	h.server, err = rest.New(rest.Config{
		Tenant: c.Tenant, Operations: operations, Platform: h.platform, Manifests: operations.Manifests, Credentials: h.rooms.accounts,
		Denied: h.rooms.accounts.Denied, Logger: c.Logger.Named("rest"), Now: c.Now, Base: c.Base,
		CursorKey: func(data []byte) []byte { return h.keys.MAC("cursor", data) },
		Health:    h.health, Metrics: h.metrics.Handler(), Observe: h.metrics.Request, Notice: c.Notice,
		Admin: admin.Handler(),
	})
	if err != nil {
		return err
	}
	h.listen, err = net.Listen("tcp", address)
	return err
}

// Address is where the host listens, with the port it was given.
func (h *Host) Address() string { return h.listen.Addr().String() }

// Run serves until the context ends, then lets what runs finish. It returns
// early, with an error, if the storage's outcome is unknown: open the host
// again to learn it.
func (h *Host) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	h.stop.Store(&stop)
	err := h.server.Serve(ctx, h.listen)
	if cause := context.Cause(ctx); errors.Is(cause, storage.ErrPoisoned) {
		err = errors.Join(cause, err)
	}
	return err
}

// fail ends Run with err.
func (h *Host) fail(err error) {
	if stop := h.stop.Load(); stop != nil {
		(*stop)(err)
	}
}

// Close stops everything and waits for accepted work to become durable. It is
// safe after a New that failed half-way.
func (h *Host) Close() error {
	var errs []error
	if h.listen != nil {
		if err := h.listen.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if h.quit != nil {
		h.quit()
	}
	if h.outside != nil {
		h.outside.Close()
	}
	if h.engine != nil {
		errs = append(errs, h.engine.Close())
	}
	if h.sandbox != nil {
		h.sandbox.Close()
	}
	return errors.Join(errs...)
}
