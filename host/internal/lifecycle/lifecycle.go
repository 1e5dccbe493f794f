// Package lifecycle is the room that brings apps in and out: the store of
// modules, what is installed for a tenant, plans and consent, and the jobs that
// install, enable, upgrade, set up, disable and remove. It knows manifests,
// modules and the kernel's transactions; it must not know HTTP servers, other
// rooms or what any app is for.
package lifecycle

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/manifests"
)

// Events is what the lifecycle asks of whoever delivers events.
type Events interface {
	// Subscribe notes, in the transaction that enables an app, from where on it
	// is given events: from its cursor if it has one, else from here.
	Subscribe(tx *kernel.Tx, app *registry.App) error
	// Unsubscribe forgets an app's cursors and what is parked for it.
	Unsubscribe(tx *kernel.Tx, app string) error
	// Replay hands an app that is not enabled the events up to a position of the
	// log. Called again after a crash, it goes on where it was.
	Replay(ctx context.Context, tenant string, app *registry.App, until uint64, progress func(done, total uint64)) error
}

// Config is what a Room is made of. Zero is the default of every field that does
// not say that it is required.
type Config struct {
	Tenant    string         // whose operations these are; required
	Dir       string         // holds modules/; required
	Catalogue string         // folder with built modules, <id>.wasm and <id>.json; "" for none
	Kernel    *kernel.Kernel // required
	Sandbox   Sandbox        // required
	Seal      Sealer         // without it no secret setting can be kept
	Events    Events         // without it nobody is subscribed
	// Warm builds what an app derives before it is enabled.
	Warm func(ctx context.Context, tenant string, app *registry.App) error
	// Development lets a version with a pre-release tag, or any version of the
	// catalogue, come with other code than before.
	Development bool
	Logger      hclog.Logger
	// Batch is how many records one transaction of a migration's end, an index or
	// a removal touches. Default 500.
	Batch int
	// Sets are the documents of the ready compositions. Default: those of the
	// repository.
	Sets func() [][]byte
	// Later runs a function after a while. Default: time.AfterFunc.
	Later func(d time.Duration, fn func())
	// Step is told of every step of a job, before it begins and after it has
	// committed, for crash tests.
	Step func(job, step string)
}

// maxExamining is how many uploads are compiled at once.
const maxExamining = 2

// Room holds what is installed. It is safe for concurrent use.
type Room struct {
	config Config
	store  *store
	shelf  shelf

	wake chan struct{} // a job may have come

	examining chan struct{} // holds one for each upload that is compiled
	adding    sync.Mutex    // of uploads, from the check of a version to its file

	mu      sync.Mutex
	tenants map[string]*tenant
	working map[string]bool // jobs, by tenant 00 id
}

// tenant is what the room knows of one tenant while the host runs.
type tenant struct {
	name string

	switching sync.Mutex // held from reading the records to the commit of the head

	mu         sync.Mutex
	generation uint64            // that this host has switched to, 0 before the first
	live       []*shelved        // what the newest set runs, with a use of each
	spent      []*shelved        // of sets that are being drained
	failed     map[string]string // enabled apps that could not be started, and why
	changed    chan struct{}     // closed with every commit of a job
}

// New opens the store of modules. The error is about its folder.
func New(c Config) (*Room, error) {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Batch == 0 {
		c.Batch = 500
	}
	if c.Sets == nil {
		c.Sets = shippedSets
	}
	if c.Later == nil {
		c.Later = func(d time.Duration, fn func()) { time.AfterFunc(d, fn) }
	}
	if c.Step == nil {
		c.Step = func(string, string) {}
	}
	s, err := openStore(&c)
	if err != nil {
		return nil, err
	}
	return &Room{
		config: c, store: s, shelf: shelf{held: map[string]*shelved{}}, wake: make(chan struct{}, 1),
		examining: make(chan struct{}, maxExamining),
		tenants:   map[string]*tenant{}, working: map[string]bool{},
	}, nil
}

func shippedSets() (all [][]byte) {
	for _, id := range manifests.Sets() {
		all = append(all, manifests.Set(id))
	}
	return all
}

// Open loads the enabled apps of a tenant that the kernel knows already, and
// answers the set to open it with. An app that cannot be started is left out,
// and so is who needs it: Failed names them.
func (r *Room) Open(ctx context.Context, name string) (*registry.Set, error) {
	t := &tenant{name: name, failed: map[string]string{}, changed: make(chan struct{})}
	if err := r.store.used(name); err != nil {
		return nil, err
	}
	records, err := r.records(ctx, name)
	if err != nil {
		return nil, err
	}
	c, err := r.compose(ctx, name, records, nil)
	if err != nil {
		return nil, err
	}
	for app, why := range c.failed {
		r.config.Logger.Error("app not started", "tenant", name, "app", app, "reason", why.Error())
		t.failed[app] = why.Error()
	}
	t.live = c.held
	r.mu.Lock()
	r.tenants[name] = t
	r.mu.Unlock()
	r.Wake()
	return c.set, nil
}

// Failed says why enabled apps of a tenant do not run, by id.
func (r *Room) Failed(name string) map[string]string {
	t := r.tenant(name)
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]string, len(t.failed))
	for app, why := range t.failed {
		out[app] = why
	}
	return out
}

func (r *Room) tenant(name string) *tenant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tenants[name]
}

// Wake says that a job may have been begun. Call it when an operation of the
// host has committed; it does not block.
func (r *Room) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Done is Wake as a hook of the kernel.
func (r *Room) Done(c kernel.Call, _ kernel.Result, err error) {
	if err == nil && begins[c.Operation] {
		r.Wake()
		if t := r.tenant(c.Tenant); t != nil {
			t.notify()
		}
	}
}

// notify tells who waits for a job that one has changed.
func (t *tenant) notify() {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *tenant) waiting() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

// do runs a transaction of the room.
func (r *Room) do(ctx context.Context, tenant, name string, fn func(tx *kernel.Tx) error) (uint64, error) {
	return r.config.Kernel.Do(ctx, kernel.Task{Tenant: tenant, Name: name, Do: fn})
}

// read runs a transaction that only reads.
func (r *Room) read(ctx context.Context, tenant string, fn func(tx *kernel.Tx) error) (uint64, error) {
	return r.config.Kernel.Do(ctx, kernel.Task{Tenant: tenant, Name: "host.apps.read", ReadOnly: true, Do: fn})
}

// Right is the permission of all that changes apps; RightSettings of what only
// fills them in.
const (
	Right         = "host.apps"
	RightSettings = "host.settings"
)
