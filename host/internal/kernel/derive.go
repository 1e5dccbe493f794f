package kernel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// What building derived values may take: it happens beside operations, never in
// one.
const (
	deriveTime    = time.Minute
	deriveUnits   = 50 // times what an operation may use
	derivePending = 1000
)

// Warmer is a Runner that can keep what a call has left in a guest's memory.
type Warmer interface {
	Warm(ctx context.Context, m *sandbox.Module, w sandbox.Warming, out []byte) ([]byte, abi.Code, error)
	HasGeneration(owner string, m *sandbox.Module, generation uint64) bool
}

// generation numbers the derived values that an app's instances must hold, 0
// for an app that has none.
func (h Head) generation(app *registry.App) uint64 {
	if len(app.Descriptor.Derived) == 0 {
		return 0
	}
	return h.Derived[app.ID] + 1 // before anything was published there is a first one too
}

// WarmUp builds the derived values of an app as they are in use now, unless they
// are there. It is called before an app is enabled and when the host starts; an
// operation that finds them missing calls it too, and waits as long as it may.
// That somebody no longer waits does not end what others wait for.
func (k *Kernel) WarmUp(ctx context.Context, name string, app *registry.App) error {
	t := k.tenant(name)
	if t == nil {
		return errNoTenant
	}
	w, ok := k.config.Runner.(Warmer)
	if !ok || len(app.Descriptor.Derived) == 0 {
		return nil
	}
	own := owner(name, app.ID)
	built := k.warming.DoChan(own+app.Module.Digest(), func() (any, error) {
		return nil, k.build(context.WithoutCancel(ctx), t, app, func(tx *Tx) (sandbox.Warming, []abi.Change, error) {
			g := tx.Head().generation(app)
			if w.HasGeneration(own, app.Module, g) {
				return sandbox.Warming{}, nil, nil
			}
			return sandbox.Warming{Owner: own, Generation: g}, nil, nil
		})
	})
	select {
	case r := <-built:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Derive brings an app's derived values up to everything that was published, and
// lets operations see them. Until it returns they see the ones before.
func (k *Kernel) Derive(ctx context.Context, name string, app *registry.App) error {
	t := k.tenant(name)
	w, ok := k.config.Runner.(Warmer)
	if t == nil || !ok {
		return errNoTenant
	}
	own := owner(name, app.ID)
	_, err, _ := k.warming.Do(own+app.Module.Digest(), func() (any, error) {
		var next uint64
		var served []Waiting
		err := k.build(context.WithoutCancel(ctx), t, app, func(tx *Tx) (sandbox.Warming, []abi.Change, error) {
			changes, all, err := tx.published(app.ID)
			if err != nil || len(all) == 0 {
				return sandbox.Warming{}, nil, err
			}
			now := tx.Head().generation(app)
			next, served = t.nextGeneration(app.ID, now), all
			warming := sandbox.Warming{Owner: own, Generation: next}
			if len(changes) > 0 && w.HasGeneration(own, app.Module, now) {
				warming.From = now
			}
			return warming, changes, nil
		})
		if err != nil || len(served) == 0 {
			return nil, err
		}
		return nil, k.adopt(ctx, name, app.ID, next, served)
	})
	return err
}

// nextGeneration is a number above all that were tried, so that one which was
// built and never adopted is not taken for the next.
func (t *tenant) nextGeneration(app string, now uint64) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.derived[app] = max(t.derived[app], now) + 1
	return t.derived[app]
}

// published lists what an app has published and nobody has built yet. No changes
// mean that everything may have changed.
func (t *Tx) published(app string) (changes []abi.Change, all []Waiting, err error) {
	if all, err = t.Due(Publishing, t.Now(), derivePending, func(a string) bool { return a != app }); err != nil {
		return nil, nil, err
	}
	for _, w := range all {
		some, err := abi.ParseChanges(w.Payload)
		if err != nil {
			return nil, nil, err
		}
		if len(some) == 0 || len(changes)+len(some) > abi.MaxChanges {
			return nil, all, nil
		}
		changes = append(changes, some...)
	}
	return changes, all, nil
}

// build warms an instance in a transaction that only reads. plan says which
// generation; none is nothing to do.
func (k *Kernel) build(ctx context.Context, t *tenant, app *registry.App, plan func(tx *Tx) (sandbox.Warming, []abi.Change, error)) error {
	entry, ok := app.Handler(abi.EntryDerive, "derive", "")
	if !ok {
		return fmt.Errorf("%s has no derived values", app)
	}
	_, err := k.Do(ctx, Task{Tenant: t.name, Name: "derive." + app.ID, ReadOnly: true, Time: deriveTime, Do: func(tx *Tx) error {
		w, changes, err := plan(tx)
		if err != nil || w.Generation == 0 {
			return err
		}
		op := tx.op
		op.handling(&Handling{App: app})
		op.meter.Units *= deriveUnits
		op.meter.HostCalls *= deriveUnits
		op.meter.Deadline = op.k.config.Now().Add(deriveTime)
		op.readable = maxDerived
		if w.From == 0 {
			changes = nil
		}
		s := &session{op: op, app: app, readOnly: true}
		w.Call = sandbox.Call{Entry: entry, Input: abi.AppendChanges(nil, changes), Meter: &op.meter, Host: s, Now: op.now}
		out, code, err := k.config.Runner.(Warmer).Warm(tx.ctx, app.Module, w, nil)
		if err == nil && code != abi.OK {
			err = guestError(out, code, app)
		}
		return err
	}})
	return err
}

// adopt moves the head to a generation that was built, and forgets what asked
// for it.
func (k *Kernel) adopt(ctx context.Context, name, app string, generation uint64, served []Waiting) error {
	_, err := k.Do(ctx, Task{Tenant: name, Name: "derive." + app, Do: func(tx *Tx) error {
		for _, w := range served {
			if err := tx.Dequeue(w); err != nil {
				return err
			}
		}
		h := tx.Head().clone()
		h.Derived[app] = generation - 1
		return tx.SetHead(h)
	}})
	return err
}

// warm builds the derived values whose absence ended an attempt, and says
// whether another attempt is worth it. Nothing is held meanwhile. If they cannot
// be built, a task that runs handlers is worth one more: there it is the
// handler's failure, and the task goes on without it.
func (op *operation) warm(ctx context.Context, err error) bool {
	var f *sandbox.Fault
	left := op.meter.Deadline.Sub(op.k.config.Now())
	if op.cold == nil || !errors.As(err, &f) || f.Kind != sandbox.FaultCold || left <= 0 {
		return false
	}
	app := op.cold
	op.cold = nil
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if op.k.WarmUp(ctx, op.tenant.name, app) == nil {
		return true
	}
	again := op.handles && !op.unwarmed
	op.unwarmed = true
	return again
}
