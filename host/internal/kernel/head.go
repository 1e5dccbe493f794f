package kernel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Head is the one record that says what a tenant's operations run with. Every
// operation sees one head, every command has it in its read set.
type Head struct {
	Generation uint64            // of the registry: which set of apps
	Derived    map[string]uint64 // by app: the generation of its derived values
}

// HeadKey is the key that the engine of a tenant must watch.
func HeadKey() []byte { return []byte{spaceHead} }

// clone is a head that may be changed.
func (h Head) clone() Head {
	h.Derived = maps.Clone(h.Derived)
	if h.Derived == nil {
		h.Derived = map[string]uint64{}
	}
	return h
}

func (h Head) append(b []byte) []byte {
	b = abi.AppendUint(b, h.Generation)
	b = abi.AppendUint(b, uint64(len(h.Derived)))
	for _, app := range slices.Sorted(maps.Keys(h.Derived)) {
		b = abi.AppendUint(abi.AppendString(b, app), h.Derived[app])
	}
	return b
}

func parseHead(b []byte) (Head, error) {
	d := abi.NewDecoder(b)
	h := Head{Generation: d.Uint(), Derived: map[string]uint64{}}
	for range d.Count(2) {
		app := d.String()
		h.Derived[app] = d.Uint()
	}
	return h, d.Done()
}

func readHead(txn storage.Txn) (Head, error) {
	rec, ok, err := txn.Get(HeadKey())
	if err != nil || !ok {
		return Head{}, err
	}
	h, err := parseHead(rec.Value)
	if err != nil {
		return h, fmt.Errorf("head of the registry: %w", err)
	}
	return h, nil
}

// staged is one set of apps under its generation. It is ready before the head
// names it, and stays until nothing runs with it.
type staged struct {
	generation uint64
	set        *registry.Set
	owners     map[*registry.App]string // of instances: tenant and app
	running    atomic.Int64             // attempts at work
	spent      atomic.Bool              // no attempt may begin with it
}

// cut is what an attempt runs with: the head that it read and the set of it.
type cut struct {
	*registry.Set
	*staged
	head  Head
	epoch uint64 // of the watched key
}

// tenant is one retailer: its data and what it has enabled.
type tenant struct {
	name   string
	engine storage.Engine
	cut    atomic.Pointer[cut] // the newest that any attempt has seen

	mu      sync.Mutex
	sets    map[uint64]*staged
	derived map[string]uint64     // by app: the highest generation of derived values tried
	shares  map[string]*admission // by id of the app that an operation enters
}

// stage makes a set known under a generation.
func (t *tenant) stage(generation uint64, set *registry.Set) {
	s := &staged{generation: generation, set: set, owners: map[*registry.App]string{}}
	for _, a := range set.Apps() {
		s.owners[a] = owner(t.name, a.ID)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sets[generation] = s
}

func owner(tenant, app string) string { return tenant + "\x00" + app }

// owner is whose instances run an app; one that is not in the set is about to
// be, or was.
func (c *cut) owner(tenant string, app *registry.App) string {
	if o, ok := c.owners[app]; ok {
		return o
	}
	return owner(tenant, app.ID)
}

// seen notes the newest cut, for what is decided before a transaction begins.
func (t *tenant) seen(c *cut) {
	for {
		old := t.cut.Load()
		if old != nil && old.epoch >= c.epoch || t.cut.CompareAndSwap(old, c) {
			return
		}
	}
}

// resolve finds the attempt's cut: that of the head as its transaction sees it.
func (op *operation) resolve() error {
	epoch := op.txn.Watched()
	c := op.tenant.cut.Load()
	if c == nil || c.epoch != epoch {
		head, err := readHead(op.txn)
		if err != nil {
			return err
		}
		if c, err = op.tenant.cutOf(head, epoch); err != nil {
			return err
		}
		op.tenant.seen(c)
	}
	c.running.Add(1)
	if c.spent.Load() { // a drain has not seen this attempt, or will not wait for it
		c.running.Add(-1)
		return errSpent()
	}
	op.cut = c
	return nil
}

// unresolve lets go of the attempt's cut.
func (op *operation) unresolve() {
	if op.cut != nil {
		op.running.Add(-1)
		op.cut = nil
	}
}

// errSpent ends an attempt that began with a set which is gone by now; the next
// one begins with the set after it.
func errSpent() error { return &storage.Conflict{Key: HeadKey(), Attempt: 1} }

func (t *tenant) cutOf(head Head, epoch uint64) (*cut, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sets[head.Generation]
	if newest := t.cut.Load(); s == nil && newest != nil && newest.head.Generation > head.Generation {
		return nil, errSpent()
	}
	if s == nil {
		return nil, failure(abi.Unavailable, "generation", fmt.Sprintf("This host has not loaded generation %d of the apps.", head.Generation))
	}
	return &cut{s.set, s, head, epoch}, nil
}

// Open adds a tenant. The set is that of the generation that the head names; the
// engine watches HeadKey, or the set never changes. Opening a tenant again gives
// it another set at once.
func (k *Kernel) Open(name string, engine storage.Engine, set *registry.Set) error {
	head, epoch, err := k.newest(context.Background(), engine)
	if err != nil {
		return err
	}
	t := k.tenant(name)
	if t == nil {
		t = &tenant{name: name, engine: engine, sets: map[uint64]*staged{}, derived: map[string]uint64{}, shares: map[string]*admission{}}
	}
	t.stage(head.Generation, set)
	c, err := t.cutOf(head, epoch)
	if err != nil {
		return err
	}
	t.cut.Store(c)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tenants[name] = t
	return nil
}

// newest reads the head as it is now.
func (k *Kernel) newest(ctx context.Context, engine storage.Engine) (Head, uint64, error) {
	txn, err := engine.Begin(ctx, storage.Options{ReadOnly: true, Now: k.config.Now()})
	if err != nil {
		return Head{}, 0, err
	}
	defer txn.Discard()
	head, err := readHead(txn)
	return head, txn.Watched(), err
}

// refresh notes the head as it is now, for what is decided before a transaction
// begins.
func (k *Kernel) refresh(ctx context.Context, t *tenant) error {
	head, epoch, err := k.newest(ctx, t.engine)
	if err != nil {
		return err
	}
	c, err := t.cutOf(head, epoch)
	if err == nil {
		t.seen(c)
	}
	return err
}

// Stage makes a set known under a generation that a transaction is about to put
// into the head. Nothing runs with it before that has committed.
func (k *Kernel) Stage(name string, generation uint64, set *registry.Set) error {
	t := k.tenant(name)
	if t == nil {
		return errNoTenant
	}
	t.stage(generation, set)
	return nil
}

// Drain waits until nothing runs with a generation below one, and forgets those
// sets: what only they used may be closed.
func (k *Kernel) Drain(ctx context.Context, name string, below uint64) error {
	t := k.tenant(name)
	if t == nil {
		return errNoTenant
	}
	tick := time.NewTicker(2 * time.Millisecond) // rare, and a counter costs each operation less than a lock
	defer tick.Stop()
	for !t.drained(below) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// drained forgets the sets below a generation if none of them is in use. That
// they are spent is said before it is looked whether anything runs, and an
// attempt does it the other way round: one of the two sees the other.
func (t *tenant) drained(below uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for g, s := range t.sets {
		if g >= below {
			continue
		}
		if s.spent.Store(true); s.running.Load() > 0 {
			return false
		}
	}
	maps.DeleteFunc(t.sets, func(g uint64, _ *staged) bool { return g < below })
	return true
}

// Set is the newest set of a tenant's apps that this kernel has seen.
func (k *Kernel) Set(name string) (*registry.Set, bool) {
	t := k.tenant(name)
	if t == nil {
		return nil, false
	}
	return t.cut.Load().Set, true
}

// Head is the newest head of a tenant that this kernel has seen.
func (k *Kernel) Head(name string) (Head, bool) {
	t := k.tenant(name)
	if t == nil {
		return Head{}, false
	}
	return t.cut.Load().head, true
}

var errNoTenant = failure(abi.NotFound, "tenant", "There is no such tenant.")
