package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// empty runs every guest to an empty answer: who may call is what is tested.
type empty struct{}

func (empty) Run(_ context.Context, _ *sandbox.Module, _ sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	return append(out, 0x80), abi.OK, nil
}

// cheap is for tests alone.
var cheap = identity.Hashing{Memory: 64, Time: 1, Threads: 1}

// fixture is a tenant with accounts and two apps, till and stock, whose
// operations read and write need the rights of the same name.
type fixture struct {
	t      testing.TB
	clock  *clock
	engine *occ.Engine
	kernel *kernel.Kernel
	log    bytes.Buffer
	*Accounts
	operations map[string]*platform.Operation
}

func setup(t testing.TB, changes ...func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}, operations: map[string]*platform.Operation{}}
	var err error
	if f.engine, err = occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	f.kernel = kernel.New(kernel.Config{Runner: empty{}, Now: f.clock.Now, Hooks: kernel.Hooks{Denied: func(c kernel.Call, d *identity.Denial) { f.Denied(c, d) }}})
	f.open(changes...)
	if err := f.kernel.Open("shop", f.engine, shops(t, "till", "stock")); err != nil {
		t.Fatal(err)
	}
	return f
}

// open makes accounts over what is stored, as a start of the host does.
func (f *fixture) open(changes ...func(*Config)) {
	f.t.Helper()
	c := Config{
		Kernel: f.kernel, Tenant: "shop", Now: f.clock.Now, Hashing: cheap, House: []string{"Emporio Demo"},
		Logger: hclog.New(&hclog.LoggerOptions{Output: &f.log, Level: hclog.Trace}),
		Roles:  []identity.Role{{ID: "cashier", Title: identity.Title{IT: "Cassa", EN: "Cashier"}, Rights: []string{"till.read", "till.write"}}},
	}
	for _, change := range changes {
		change(&c)
	}
	var err error
	if f.Accounts, err = New(c); err != nil {
		f.t.Fatal(err)
	}
	for _, o := range f.Operations() {
		f.operations[o.Name] = o
		if o.Native != nil {
			f.kernel.Provide(o.Native)
		}
	}
}

// shops are fake apps.
func shops(t testing.TB, ids ...string) *registry.Set {
	t.Helper()
	var apps []*registry.App
	for _, id := range ids {
		m := &manifest.Manifest{ID: id, Version: "1.0.0", Provides: &manifest.Provides{Contract: id}}
		d := &abi.Descriptor{Version: abi.Version, App: id}
		for name, kind := range map[string]abi.EntryKind{"read": abi.EntryQuery, "write": abi.EntryCommand} {
			full := id + "." + name
			m.Provides.Operations = append(m.Provides.Operations, manifest.Operation{Name: full, Kind: map[string]string{"read": "query", "write": "command"}[name], Store: "store"})
			m.Permissions = append(m.Permissions, manifest.Permission{Name: full, Title: manifest.Text{IT: full, EN: full}, Operations: []string{full}})
			d.Entries = append(d.Entries, abi.Entry{Kind: kind, Name: full})
		}
		a, err := registry.NewApp(registry.Making{Manifest: m, Module: new(sandbox.Module), Descriptor: d})
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, a)
	}
	set, err := registry.Compose(apps)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var home = netip.MustParseAddr("192.0.2.7")

// ask runs an operation of accounts as rest would.
func (f *fixture) ask(p identity.Principal, from netip.Addr, operation string, in any) ([]byte, error) {
	f.t.Helper()
	input, err := json.Marshal(in)
	if err != nil {
		f.t.Fatal(err)
	}
	o, ok := f.operations[operation]
	if !ok {
		f.t.Fatalf("there is no operation %s", operation)
	}
	if o.Act != nil {
		return o.Act(f.t.Context(), platform.Caller{Principal: p, Request: "req", Address: from}, input)
	}
	r, err := f.kernel.Run(f.t.Context(), kernel.Call{Tenant: "shop", Operation: operation, Input: input, Principal: p, Request: "req"})
	return r.Output, err
}

// must runs an operation that must succeed.
func must[Out any](f *fixture, p identity.Principal, operation string, in any) (out Out) {
	f.t.Helper()
	b, err := f.ask(p, home, operation, in)
	if err != nil {
		f.t.Fatalf("%s: %v", operation, err)
	}
	if err = json.Unmarshal(b, &out); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// public is what a caller is told of an error.
func public(err error) abi.Error {
	var e *abi.Error
	if errors.As(err, &e) {
		return *e
	}
	var k *kernel.Error
	if errors.As(err, &k) {
		return k.Public
	}
	return abi.Error{Code: abi.Internal}
}

// refuses runs an operation that must end with a reason.
func (f *fixture) refuses(p identity.Principal, reason, operation string, in any) abi.Error {
	f.t.Helper()
	_, err := f.ask(p, home, operation, in)
	e := public(err)
	if err == nil || e.Reason != reason {
		f.t.Errorf("%s ended with %v, want %s", operation, err, reason)
	}
	return e
}

// use calls an app's operation about a store, "" for none.
func (f *fixture) use(p identity.Principal, operation, store string) error {
	f.t.Helper()
	in := []byte{0x80}
	if store != "" {
		in = append([]byte{0x81, 0xa5}, "store"...)
		in = append(append(in, 0xa0|byte(len(store))), store...)
	}
	_, err := f.kernel.Run(f.t.Context(), kernel.Call{Tenant: "shop", Operation: operation, Input: in, Principal: p})
	return err
}

const password = "vento-di-mare-7"

// hire makes a user who has signed in and chosen a password of his own.
func (f *fixture) hire(name string, stores []string, roles ...string) (User, SignedIn) {
	f.t.Helper()
	return f.hireBy(identity.Local(), name, stores, roles...)
}

func (f *fixture) hireBy(p identity.Principal, name string, stores []string, roles ...string) (User, SignedIn) {
	f.t.Helper()
	made := must[MadeUser](f, p, "host.users.create", NewUser{Person: Person{Name: name, Title: "Signor " + name, Language: "it", Roles: roles, Stores: stores}})
	in := must[SignedIn](f, identity.Nobody(), "host.invitations.accept", Accept{made.Invitation, password})
	return must[User](f, identity.Local(), "host.users.get", Ref{made.User.ID}), in
}

// who is whom a session stands for; it must be good.
func (f *fixture) who(s SignedIn) identity.Principal {
	f.t.Helper()
	p, err := f.Session(f.t.Context(), s.Session)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// gone checks that a session is of no use.
func (f *fixture) gone(why string, s SignedIn) {
	f.t.Helper()
	p, err := f.Session(f.t.Context(), s.Session)
	if e := public(err); err == nil || e.Code != abi.Denied || e.Reason != ReasonPrincipal || len(p.Rights) > 0 {
		f.t.Errorf("%s: the session is still %v (%v)", why, p, err)
	}
}

func (f *fixture) login(name, password string, from netip.Addr) (out SignedIn, err error) {
	f.t.Helper()
	b, err := f.ask(identity.Nobody(), from, "host.sessions.create", Login{name, password})
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// dump is everything in storage and in the log of events.
func (f *fixture) dump() string {
	f.t.Helper()
	txn, err := f.engine.Begin(context.Background(), storage.Options{ReadOnly: true})
	if err != nil {
		f.t.Fatal(err)
	}
	defer txn.Discard()
	pairs, err := txn.Scan(storage.Range{Start: []byte{0}})
	if err != nil {
		f.t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range pairs {
		all.Write(p.Key)
		all.Write(p.Value)
	}
	entries, err := f.engine.Read(0, 100_000)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range entries {
		all.Write(e.Data)
	}
	return all.String()
}

func (f *fixture) events() (types []string) {
	f.t.Helper()
	entries, err := f.engine.Read(0, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, entry := range entries {
		e, err := outbox.Parse(entry.Data)
		if err != nil {
			f.t.Fatal(err)
		}
		types = append(types, e.Type)
	}
	return types
}

// audited are the lines of the audit, the oldest first: who action object outcome.
func (f *fixture) audited() (lines []string) {
	f.t.Helper()
	page := must[AuditPage](f, identity.Local(), "host.audit.list", AuditQuery{Listing: Listing{Limit: 200}})
	for _, l := range page.Items {
		lines = append([]string{strings.Join([]string{l.Principal, l.Action, strings.Join(l.Objects, ","), l.Outcome}, " ")}, lines...)
	}
	return lines
}

func decoded[T any](t interface{ Fatal(...any) }, b []byte) (v T) {
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
