package rig

import (
	"context"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
)

// Enable makes a loaded app one of those that run, as the lifecycle does: the
// set is staged, the past is replayed if that is wanted, up to the newest event,
// and one commit switches to it.
func (r *Rig) Enable(ctx context.Context, app string, replay bool) error {
	set, err := r.compose(func(id string) bool { return id == app || r.has(id) })
	if err != nil {
		return err
	}
	next := r.head + 1
	if err = r.Kernel.Stage(tenant, next, set); err != nil {
		return err
	}
	if err = r.Kernel.WarmUp(ctx, tenant, r.apps[app]); err != nil {
		return err
	}
	if replay {
		if err = r.Room.Replay(ctx, tenant, r.apps[app], r.Engine.Status().Position, nil); err != nil {
			return err
		}
	}
	return r.turn(ctx, next, set, func(tx *kernel.Tx) error { return r.Room.Subscribe(tx, r.apps[app]) })
}

// Disable takes an app away from those that run and forgets what it received.
// Its records stay.
func (r *Rig) Disable(ctx context.Context, app string) error {
	set, err := r.compose(func(id string) bool { return id != app && r.has(id) })
	if err != nil {
		return err
	}
	next := r.head + 1
	if err = r.Kernel.Stage(tenant, next, set); err != nil {
		return err
	}
	if err = r.turn(ctx, next, set, func(*kernel.Tx) error { return nil }); err != nil {
		return err
	}
	if err = r.Kernel.Drain(ctx, tenant, next); err != nil {
		return err
	}
	_, err = r.Kernel.Do(ctx, kernel.Task{Tenant: tenant, Name: "bench.forget", Do: func(tx *kernel.Tx) error {
		return r.Room.Unsubscribe(tx, app)
	}})
	return err
}

func (r *Rig) has(app string) bool {
	_, ok := r.set.Load().App(app)
	return ok
}

// turn moves the head to a staged set in one commit.
func (r *Rig) turn(ctx context.Context, generation uint64, set *registry.Set, also func(tx *kernel.Tx) error) error {
	_, err := r.Kernel.Do(ctx, kernel.Task{Tenant: tenant, Name: "bench.turn", Do: func(tx *kernel.Tx) error {
		h := tx.Head()
		h.Generation = generation
		if err := also(tx); err != nil {
			return err
		}
		return tx.SetHead(h)
	}})
	if err == nil {
		r.head = generation
		r.set.Store(set)
	}
	return err
}

// Do runs one transaction of the host's own.
func (r *Rig) Do(ctx context.Context, name string, fn func(tx *kernel.Tx) error) error {
	_, err := r.Kernel.Do(ctx, kernel.Task{Tenant: tenant, Name: name, Do: fn})
	return err
}

// App is one that was loaded, nil if it was not.
func (r *Rig) App(id string) *registry.App { return r.apps[id] }

// Erase takes away all records and counters of an app that is not enabled.
func (r *Rig) Erase(ctx context.Context, app string) error {
	for more := true; more; {
		err := r.Do(ctx, "bench.erase", func(tx *kernel.Tx) error {
			const most = 5000
			n, err := tx.Erase(app, most)
			more = n == most
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
