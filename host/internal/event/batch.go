package event

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
)

// partition delivers those events of one subscription whose keys fall to it.
// One goroutine uses it; what is atomic is read by others.
type partition struct {
	t          *tenant
	app        string
	number, of uint32
	since      map[string]uint64              // by type
	flags      map[string]registry.Subscriber // by type
	generation uint64                         // of the set that it was made for
	made       *registry.App                  // in that set
	wake       signal
	turns      chan struct{} // as many partitions of an app deliver at once
	first      uint64        // up to here nothing was ever for it
	cursor     uint64        // as it is written, or first if that is further
	seen       uint64        // behind it nothing was looked at
	pending    []event       // in (cursor, seen]
	commits    int
	lined      atomic.Bool   // there may be lines of its keys
	last       atomic.Uint64 // seen
}

// prefix is how the names of its lines begin.
func (p *partition) prefix() string { return linePrefix(p.app, p.number) }

// batch is many steps of one app in one transaction.
type batch struct {
	name, app string
	n         int // steps; 0 for leave alone
	// enter begins each attempt.
	enter func(tx *kernel.Tx) (*registry.App, error)
	// step is one of them. An error ends the transaction; degraded ends it after
	// what was done before, and errEnough means that nothing is left to do.
	step func(tx *kernel.Tx, a *registry.App, i int) error
	// leave ends each attempt, with the number of steps that were done.
	leave func(tx *kernel.Tx, done int) error
}

var errEnough = errors.New("nothing is left to do")

// batch runs as many steps as one transaction should, and says how many are done
// and durable. A step that ends in a fault of the host's does not undo those
// before it: they are done again without it. A transaction that others break is
// tried again with half of its steps.
func (t *tenant) batch(ctx context.Context, b batch) (done int, err error) {
	most := b.n
	for {
		var broke int
		var stop error
		attempt := 0
		_, err = t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: b.name, App: b.app, Do: func(tx *kernel.Tx) error {
			done, broke, stop = 0, 0, nil
			limit := max(1, most>>attempt)
			attempt++
			a, err := b.enter(tx)
			if err != nil {
				return err
			}
			begun := t.config.Now()
			for done < min(limit, most) && !full(tx) && t.config.Now().Sub(begun) < batchTime {
				err := b.step(tx, a, done)
				if errors.Is(err, errEnough) {
					break
				}
				if errors.As(err, new(degraded)) {
					stop = err
					break
				}
				if err != nil {
					broke = done
					return err
				}
				done++
			}
			if done == 0 && stop != nil {
				return nil
			}
			return b.leave(tx, done)
		}})
		switch {
		case err == nil:
			return done, stop
		case broke == 0 || ctx.Err() != nil:
			return 0, err
		}
		most = broke
	}
}

// full says whether a transaction has become large.
func full(tx *kernel.Tx) bool {
	u := tx.Usage()
	return u.Bytes >= batchBytes || u.Writes >= batchWrites
}
