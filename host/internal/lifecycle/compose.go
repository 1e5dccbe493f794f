package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
)

// composed is a set that is ready to run.
type composed struct {
	set    *registry.Set
	held   []*shelved       // what it uses, with a use of each
	failed map[string]error // enabled apps that are not in it
}

// compose is what records say, as far as it can be started.
func (r *Room) compose(ctx context.Context, tenant string, records map[string]*record, instead map[string]filled) (*composed, error) {
	var all map[string]filled
	_, err := r.read(ctx, tenant, func(tx *kernel.Tx) (err error) {
		all, err = filledOf(tx, records)
		return err
	})
	if err != nil {
		return nil, err
	}
	maps.Copy(all, instead)
	return r.bind(ctx, records, all), nil
}

func filledOf(tx *kernel.Tx, records map[string]*record) (map[string]filled, error) {
	out := map[string]filled{}
	for id, rec := range records {
		if rec.State != stateEnabled {
			continue
		}
		f, ok, err := settings.Get(tx, id)
		if err != nil {
			return nil, err
		}
		if ok {
			out[id] = f
		}
	}
	return out, nil
}

// bind loads the enabled apps and joins those that fit together.
func (r *Room) bind(ctx context.Context, records map[string]*record, all map[string]filled) *composed {
	c := &composed{failed: map[string]error{}}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(records)), func(id string) bool { return records[id].State != stateEnabled })
	digests := make([]string, len(ids))
	for i, id := range ids {
		digests[i] = records[id].Package
	}
	var waiting []*registry.App
	for i, got := range r.takeAll(ctx, digests) {
		id, app, err := ids[i], (*registry.App)(nil), got.err
		if err == nil {
			c.held = append(c.held, got.held)
			app, err = got.held.app(records[id], all[id])
		}
		if err != nil {
			c.failed[id] = err
			continue
		}
		waiting = append(waiting, app)
	}
	c.join(waiting)
	return c
}

// join composes all that fit: an app is in as soon as what it needs is.
func (c *composed) join(waiting []*registry.App) {
	set, err := registry.Compose(waiting)
	if err == nil {
		c.set = set
		return
	}
	var in []*registry.App
	for again := true; again; {
		again = false
		for i := 0; i < len(waiting); i++ {
			if set, err = registry.Compose(append(slices.Clone(in), waiting[i])); err != nil {
				c.failed[waiting[i].ID] = err
				continue
			}
			delete(c.failed, waiting[i].ID)
			in, c.set, again = append(in, waiting[i]), set, true
			waiting = slices.Delete(waiting, i, i+1)
			i--
		}
	}
	if c.set == nil {
		c.set, _ = registry.Compose(nil) // nothing cannot be in conflict
	}
}

// app makes the app that a record describes of its loaded module.
func (s *shelved) app(rec *record, f filled) (*registry.App, error) {
	wire, err := f.wire(s.manifest)
	if err != nil {
		return nil, fmt.Errorf("settings of %s: %w", s.manifest.ID, err)
	}
	grants := rec.Consent.Grants
	if grants == nil {
		grants = []manifest.Grant{} // nothing, not everything
	}
	return registry.NewApp(registry.Making{
		Manifest: s.manifest, Module: s.module, Descriptor: s.descriptor,
		Settings: wire, Grants: grants, Building: rec.building(),
	})
}

// adopt makes a set the one whose modules the tenant holds.
func (t *tenant) adopt(c *composed, generation uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.generation = generation
	t.spent = append(t.spent, t.live...)
	t.live = c.held
	t.failed = map[string]string{}
	for app, why := range c.failed {
		t.failed[app] = why.Error()
	}
}

// switching is one change of what is enabled.
type switching struct {
	name   string
	change func(records map[string]*record) error // of a copy, before anything is loaded
	effect func(tx *kernel.Tx, set *registry.Set) error
	filled map[string]filled // settings that come with it
	must   map[string]bool   // apps that must be in the new set
}

// switchTo loads what will be enabled, stages it, and commits the effect and the
// head together. Whatever fails, the old set stays.
func (r *Room) switchTo(ctx context.Context, t *tenant, s switching) error {
	t.switching.Lock()
	defer t.switching.Unlock()
	records, err := r.records(ctx, t.name)
	if err != nil {
		return err
	}
	if err := s.change(records); err != nil {
		return err
	}
	c, err := r.compose(ctx, t.name, records, s.filled)
	if err != nil {
		return err
	}
	var generation uint64
	if err = r.complete(t, c, s.must); err == nil {
		generation, err = r.commit(ctx, t, c, s)
	}
	if err != nil {
		r.give(c.held...)
		return err
	}
	t.adopt(c, generation)
	t.notify()
	return nil
}

// complete refuses a set without an app that runs now, or should.
func (r *Room) complete(t *tenant, c *composed, must map[string]bool) error {
	known := r.Failed(t.name)
	for app, why := range c.failed {
		if _, before := known[app]; !before || must[app] {
			return fmt.Errorf("start %s: %w", app, why)
		}
	}
	return nil
}

// commit stages a set and makes it the newest.
func (r *Room) commit(ctx context.Context, t *tenant, c *composed, s switching) (generation uint64, err error) {
	head, _ := r.config.Kernel.Head(t.name)
	next := head.Generation + 1
	if err := r.config.Kernel.Stage(t.name, next, c.set); err != nil {
		return 0, err
	}
	_, err = r.do(ctx, t.name, s.name, func(tx *kernel.Tx) error {
		h := tx.Head()
		if h.Generation != next-1 {
			return fmt.Errorf("generation %d instead of %d", h.Generation, next-1)
		}
		if err := s.effect(tx, c.set); err != nil {
			return err
		}
		h.Generation, h.Derived = next, maps.Clone(h.Derived)
		return tx.SetHead(h)
	})
	return next, err
}

// drain waits until nothing runs with an older set, and lets go of what only
// those used.
func (r *Room) drain(ctx context.Context, t *tenant) error {
	t.mu.Lock()
	generation := t.generation
	t.mu.Unlock()
	if err := r.config.Kernel.Drain(ctx, t.name, generation); err != nil {
		return err
	}
	t.mu.Lock()
	if t.generation != generation {
		t.mu.Unlock()
		return nil // another switch came between: its drain lets go of all
	}
	spent := t.spent
	t.spent = nil
	t.mu.Unlock()
	r.give(spent...)
	return nil
}
