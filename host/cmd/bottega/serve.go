package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/telemetry"
)

type serveVerb struct {
	Dir      string        `help:"Where the host keeps everything." default:".bottega/demo" type:"path"`
	Modules  string        `help:"Folder with built modules. Default: .build/modules here, or else the apps that this binary carries, which are built once with the Go of this machine." type:"path" placeholder:"DIR"`
	Settings string        `help:"Folder with <app>.json as the retailer filled them in." type:"path"`
	Cache    string        `help:"Folder for compiled modules, which hosts may share. Whoever can write there runs code in the host. Default: cache in DIR." type:"path"`
	Set      string        `help:"Set of apps to enable in a tenant that has none yet, with all that they ask for: one of manifests/sets, or * for every module. Default: demo with --demo, else none."`
	Tenant   string        `help:"Name of the tenant." default:"demo"`
	Address  string        `help:"Loopback address to listen on; port 0 picks one." default:"127.0.0.1:8080" env:"BOTTEGA_ADDRESS"`
	Base     string        `help:"Address that clients use, when a proxy that ends TLS stands before this one." placeholder:"https://shop.example" env:"BOTTEGA_BASE"`
	Notice   time.Duration `help:"How long to answer new requests with 503, stopping, before the address closes." default:"250ms"`
	Memory   memorySize    `help:"What the instances of all apps may have together, e.g. 4GiB; requests beyond it are answered unavailable, reason capacity. Default: a quarter of the memory of this machine or container, at least 1GiB." placeholder:"SIZE"`
	Devices  string        `help:"Folder of running simulated devices (bottega devices): apps reach them, and this is a host in development." type:"path" placeholder:"DIR"`
	Demo     bool          `help:"Fill an empty tenant with the simulated demo retailer."`
	LogLevel string        `help:"trace, debug, info, warn or error." default:"warn" enum:"trace,debug,info,warn,error"`
}

func (serveVerb) Help() string {
	return `The first start writes the owner's token to DIR/owner.token; without a token or
a session nobody may do anything. There is no TLS yet, so the host listens on
loopback only. Ctrl-C stops it: what runs is finished, what was answered is on
disk.

Example:
  bottega serve --demo
  bottega serve --dir .bottega/mine --address 127.0.0.1:9000`
}

// Run serves until it is told to stop.
func (v serveVerb) Run(ctx context.Context) error {
	fmt.Println("bottega", version)
	modules, err := v.modules(ctx)
	if err != nil {
		return err
	}
	nearby, roots, err := near(v.Devices)
	if err != nil {
		return err
	}
	started := &startup{out: os.Stdout, last: time.Now(), now: time.Now}
	h, err := host.New(ctx, host.Config{
		Dir: v.Dir, Cache: v.Cache, Modules: modules, Settings: v.Settings, Tenant: v.Tenant, Address: v.Address, Base: v.Base, Notice: v.Notice, Memory: int64(v.Memory),
		Preset: v.preset(), Development: v.Demo || v.Devices != "", Nearby: nearby, Roots: roots, Roles: tradeRoles(),
		Logger:   telemetry.NewLogger(os.Stderr, v.LogLevel),
		Progress: started.enabled,
	})
	if err != nil {
		return v.stopped(ctx, v.advise(err))
	}
	started.say()
	served := make(chan error, 1)
	greeting, enough := context.WithCancel(ctx)
	defer enough()
	go func() {
		err := h.Run(ctx)
		enough() // there is nobody to greet any more
		served <- err
	}()
	if err := v.greet(greeting, "http://"+h.Address()); err != nil && ctx.Err() == nil {
		return v.advise(failed(err, h.Close(), served))
	}
	err = <-served
	fmt.Println("\nstopping: what was accepted is being written")
	return v.advise(errors.Join(err, h.Close()))
}

// preset is the set that an empty tenant begins with.
func (v serveVerb) preset() string {
	if v.Set == "" && v.Demo {
		return "demo"
	}
	return v.Set
}

// failed is why a host did not come up: what ended it, if something did.
func failed(greet, closed error, served <-chan error) error {
	if ran := <-served; errors.Is(ran, storage.ErrPoisoned) {
		return ran
	}
	return errors.Join(greet, closed)
}

// stopped is no error if somebody asked for it.
func (serveVerb) stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// advise adds what to do about errors that a person can do something about.
func (v serveVerb) advise(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrPoisoned):
		return fmt.Errorf("%w\n  The disk did not say whether the last writes arrived, so nothing more is accepted. What was answered is safe."+
			"\n  Look at the disk (space, kernel log), then run `bottega serve` again: opening the storage finds out."+
			"\n  Requests that were not answered may be repeated with their idempotency keys", err)
	case errors.Is(err, bolt.ErrInUse):
		return fmt.Errorf("%w\n  stop that one, or give this one another --dir", err)
	case errors.Is(err, storage.ErrCorrupt):
		return fmt.Errorf("%w\n  `bottega doctor --dir %s` lists the damage; restore the file from a backup", err, relative(v.Dir))
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w\n  something listens there already: stop it, or give this one another --address; port 0 picks a free one", err)
	}
	return err
}

// startup tells what became of the modules.
type startup struct {
	out  io.Writer
	now  func() time.Time
	last time.Time
	apps []string
	slow bool
}

// noticeable is how long a module takes that was not in the cache, at least.
const noticeable = 500 * time.Millisecond

// enabled is told of every app.
func (s *startup) enabled(line string) {
	now := s.now()
	took := now.Sub(s.last)
	s.last = now
	app, ok := strings.CutSuffix(line, " enabled")
	if !ok {
		fmt.Fprintf(s.out, "  ✓ %s\n", line)
		return
	}
	s.apps = append(s.apps, app)
	if took >= noticeable {
		s.slow = true
		fmt.Fprintf(s.out, "  … %s after %s\n", line, took.Round(100*time.Millisecond))
	}
}

func (s *startup) say() {
	cached := " (cached)"
	if s.slow {
		cached = ""
	}
	fmt.Fprintf(s.out, "  ✓ %d apps checked and enabled%s: %s\n", len(s.apps), cached, strings.Join(s.apps, ", "))
}

// greet fills the demo if asked, and says where everything is.
func (v serveVerb) greet(ctx context.Context, base string) error {
	admin := "make a user with `bottega user create NAME --role owner --password`"
	if v.Demo {
		c := hostFlag{Host: base, Token: tokenOf(v.Dir)}.client()
		if err := fillDemo(ctx, c, os.Stdout); err != nil {
			return fmt.Errorf("fill the demo retailer: %w", err)
		}
		n, err := countDemo(ctx, c)
		if err != nil {
			return fmt.Errorf("count the demo retailer: %w", err)
		}
		if admin, err = addDemoUser(ctx, c, v.Dir); err != nil {
			return fmt.Errorf("make a user for the admin: %w", err)
		}
		fmt.Printf("  ✓ demo retailer %q (simulated data): %s\n", demoName, n)
	}
	fmt.Printf("\nbottega is ready\n  storage  %s  durable, %s\n  admin    %s/admin  %s\n  API      %s/v1/openapi.json\n  health   %s/v1/host/health\n",
		relative(v.Dir), size(filepath.Join(v.Dir, "tenants")), base, admin, base, base)
	fmt.Printf("  token    %s  the owner's: whoever reads it may do everything\n", relative(filepath.Join(v.Dir, host.OwnerToken)))
	return nil
}

// size adds up the files below a folder, for people.
func size(dir string) string {
	var bytes int64
	err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		return "of unknown size"
	}
	if bytes < 1_000_000 {
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%d MB", (bytes+500_000)/1_000_000)
}
