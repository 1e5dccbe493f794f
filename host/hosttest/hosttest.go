// Package hosttest boots a real host in a temporary folder: the real storage on
// disk, the real sandbox and real modules, answering on a free loopback port.
// It is for tests of apps and plugins as they will run, where sdktest is for
// tests of their logic. It knows package host and the shapes of REST; it must
// not know any app.
//
// Modules are compiled in a process of their own, which by default is the
// running executable. A test binary becomes that process with Main:
//
//	func TestMain(m *testing.M) { hosttest.Main(m) }
//
//	func TestGreet(t *testing.T) {
//		h := hosttest.Start(t, hosttest.Options{Modules: "../../.build/modules"})
//		out, err := hosttest.Call[hello.Greeting](h, "hello.greet", "key-1", hello.GreetIn{Name: "Ada"})
//		…
//	}
//
// When the test ends the host is drained and closed, and the test fails unless
// its storage is sound.
package hosttest

import (
	"context"
	"crypto/x509"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
)

// Options say which host to start. Modules is required; nil or zero is the
// default of every other field.
type Options struct {
	Modules  string           // folder with <id>.wasm and <id>.json, as `bottega build` writes them
	Preset   string           // set to enable at first; default: all of Modules; "none" for an empty tenant
	Settings string           // folder with <app>.json; default: every app has its own defaults
	Dir      string           // where the host keeps everything; default: a temporary folder of the test
	Cache    string           // folder for compiled modules, which hosts may share; default: within Dir
	Tenant   string           // default "test"
	Logger   hclog.Logger     // default: none
	Now      func() time.Time // wall clock, must not stand still: deadlines are read from it; default time.Now

	Nearby map[string]netip.AddrPort // names, host:port, by which apps reach a server of the test
	Roots  *x509.CertPool            // who signs for such servers; default: whom the machine trusts
}

// Host is a running host. Safe for concurrent use, but for Restart.
type Host struct {
	// URL is where it answers, http://127.0.0.1:port. It changes with Restart.
	URL string
	// Token is the owner's: it may do everything.
	Token string

	options Options
	host    *host.Host
	client  *client
	stop    context.CancelFunc
	served  chan error // what Run returned
}

// Main runs the tests of a package, or compiles one module if the host started
// this process for that. Call it from TestMain; it does not return.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(sandbox.CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// Start starts a host for a test. What goes wrong, now or when it ends, fails
// the test.
func Start(t testing.TB, o Options) *Host {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Tenant == "" {
		o.Tenant = "test"
	}
	h := &Host{options: o, client: newClient()}
	if err := h.open(t.Context()); err != nil {
		t.Fatalf("start a host: %v", err)
	}
	t.Cleanup(func() {
		err := errors.Join(h.sound(), h.close(), h.Check())
		h.client.close()
		if err != nil {
			t.Errorf("end the host in %s: %v", o.Dir, err)
		}
	})
	return h
}

func (h *Host) open(ctx context.Context) (err error) {
	o := h.options
	h.host, err = host.New(ctx, host.Config{
		Dir: o.Dir, Cache: o.Cache, Modules: o.Modules, Settings: o.Settings, Tenant: o.Tenant, Preset: o.preset(),
		Address: "127.0.0.1:0", Logger: o.Logger, Now: o.Now, Development: true, Nearby: o.Nearby, Roots: o.Roots,
	})
	if err != nil {
		return err
	}
	token, err := os.ReadFile(filepath.Join(o.Dir, host.OwnerToken))
	if err != nil {
		return err
	}
	h.Token = strings.TrimSpace(string(token))
	h.client.token = h.Token
	h.URL = "http://" + h.host.Address()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop, h.served = stop, make(chan error, 1)
	go func() { h.served <- h.host.Run(run) }()
	return nil
}

func (o Options) preset() string {
	switch o.Preset {
	case "":
		return host.AllModules
	case "none":
		return ""
	}
	return o.Preset
}

// close drains the host and waits for all that it accepted to be durable.
func (h *Host) close() error {
	if h.stop == nil {
		return nil
	}
	h.client.close() // one that was opened and never used would be waited for
	h.stop()
	h.stop = nil
	return errors.Join(<-h.served, h.host.Close())
}

// Restart closes the host as an operator would and opens it again on the same
// folder, at another URL. After an error there is no host.
func (h *Host) Restart(ctx context.Context) error {
	if err := h.close(); err != nil {
		return err
	}
	return h.open(ctx)
}

// Dir is where the host keeps everything.
func (h *Host) Dir() string { return h.options.Dir }

// Copy writes the tenant's data into the folder to and answers its path. Call it
// while no operation runs: only then is the copy whole.
func (h *Host) Copy(to string) (string, error) {
	from := filepath.Join(h.options.Dir, "tenants", h.options.Tenant, "data.db")
	data, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	path := filepath.Join(to, "data.db")
	return path, os.WriteFile(path, data, 0o600)
}

// Check examines the tenant's data page by page and record by record. Call it
// while no operation runs. The error names everything that is damaged.
func (h *Host) Check() error {
	dir, err := os.MkdirTemp("", "hosttest")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // left behind, the copy only takes room
	path, err := h.Copy(dir)
	if err != nil {
		return err
	}
	return CheckFile(path)
}

// CheckFile is Check of a file that nobody has open.
func CheckFile(path string) error {
	report, err := bolt.Check(path, bolt.Options{})
	if err != nil {
		return err
	}
	var found []error
	for _, p := range report.Problems {
		found = append(found, errors.New(p))
	}
	return errors.Join(found...)
}
