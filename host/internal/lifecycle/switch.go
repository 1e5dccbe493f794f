package lifecycle

import (
	"context"
	"errors"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// errNothing says that a switch would change nothing.
var errNothing = errors.New("nothing to switch")

// switchOver makes all changes of a job true in one commit.
func (w *work) switchOver(ctx context.Context, j *job) error {
	descriptors, err := w.descriptors(ctx, j)
	if err != nil {
		return err
	}
	position, err := w.r.read(ctx, w.t.name, func(*kernel.Tx) error { return nil })
	if err != nil {
		return err
	}
	effect := func(tx *kernel.Tx, set *registry.Set) error {
		return w.update(tx, func(j *job) error { return w.effect(tx, set, j, descriptors, position) })
	}
	s := switching{name: "host.job.switch", effect: effect, filled: map[string]filled{}, must: map[string]bool{}}
	s.change = func(records map[string]*record) error {
		seen := false
		for i := range j.Changes {
			c := &j.Changes[i]
			if records[c.App] == nil {
				return errEnded
			}
			seen = seen || c.To == toEnabled || records[c.App].State == stateEnabled
			s.must[c.App] = c.To == toEnabled
			if c.Filled != nil {
				s.filled[c.App] = *c.Filled
			}
			records[c.App].become(c, descriptors[c.App], position)
		}
		if !seen {
			return errNothing
		}
		return nil
	}
	err = w.r.switchTo(ctx, w.t, s)
	if errors.Is(err, errNothing) { // operations see none of it
		_, err = w.r.do(ctx, w.t.name, s.name, func(tx *kernel.Tx) error { return effect(tx, tx.Set()) })
		w.t.notify()
	}
	return err
}

// descriptors are those of the packages that a job brings, by app.
func (w *work) descriptors(ctx context.Context, j *job) (map[string]*abi.Descriptor, error) {
	out := map[string]*abi.Descriptor{}
	for i := range j.Changes {
		c := &j.Changes[i]
		if c.To != toEnabled {
			continue
		}
		s, err := w.module(ctx, c)
		if err != nil {
			return nil, err
		}
		out[c.App] = s.descriptor
	}
	return out, nil
}

// become is what a change makes of a record at the switch.
func (rec *record) become(c *change, d *abi.Descriptor, position uint64) {
	switch c.To {
	case toEnabled:
		was := rec.State
		rec.enable(c, d)
		if was != stateEnabled {
			rec.Since = max(position, 1)
			rec.Replayed = rec.Replayed || c.Replay
		}
	case toDisabled:
		if rec.State == stateEnabled {
			rec.State = stateDisabled
		}
	case toRemoved:
		rec.State = stateRemoving
	}
}

// effect writes the changes of a job.
func (w *work) effect(tx *kernel.Tx, set *registry.Set, j *job, descriptors map[string]*abi.Descriptor, position uint64) error {
	for i := range j.Changes {
		c := &j.Changes[i]
		rec, _, err := apps.Get(tx, c.App)
		if err != nil {
			return err
		}
		rec.become(c, descriptors[c.App], position)
		if err := apps.Put(tx, c.App, rec); err != nil {
			return err
		}
		if c.Filled != nil {
			if err := settings.Put(tx, c.App, *c.Filled); err != nil {
				return err
			}
		}
		if app, ok := set.App(c.App); ok && c.To == toEnabled && w.r.config.Events != nil {
			if err := w.r.config.Events.Subscribe(tx, app); err != nil {
				return err
			}
		}
	}
	j.pass(stepSwitch, tx.Now())
	return nil
}
