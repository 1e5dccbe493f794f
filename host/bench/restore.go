package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// The rows of instances that begin with a snapshot.
const (
	rowRestore        = "restore"
	rowRestoreDerived = "restore.derived"
)

// restoreRows lets no instance serve more than one call, so that each call makes
// one and throws it away: from the snapshot of a module, from that of an app
// that holds a large derived value, and from nothing. The samples are whole
// calls of an empty query through the kernel, so they are longer than what is
// bounded.
var restoreRows = experiment{name: "snapshot restore", rows: []string{rowRestore, rowRestoreDerived}, run: measureRestore}

// What the derived value holds, so that an instance has 78 to 94 MiB.
const (
	restoreRules = 8_000
	restoreText  = 10 << 10 // bytes in each rule
)

func measureRestore(ctx context.Context, b *bench) (rows []result.Row, err error) {
	rigs, size, err := openRestores(ctx, b)
	defer func() {
		for _, r := range rigs {
			err = errors.Join(err, r.Close())
		}
	}()
	if err != nil {
		return nil, err
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond),
		call(ctx, rigs[0], "probe.empty"), call(ctx, rigs[1], "probe.empty"), call(ctx, rigs[2], "tariff.empty"))
	if err != nil {
		return nil, err
	}
	for i, restored := range []bool{true, false, true} {
		if err := eachItsOwn(rigs[i].Stats(), restored); err != nil {
			return nil, err
		}
	}
	const fresh = "a fresh instance, without snapshots"
	rows = []result.Row{
		against(rowRestore, "ms", samples[0], fresh, samples[1]),
		against(rowRestoreDerived, "ms", samples[2], fresh+" and without derived values", samples[1]),
	}
	rows[0].Note = "an instance is made, answers an empty query through the kernel, and is thrown away"
	rows[1].Note = fmt.Sprintf("the same, of %.0f MiB", size)
	return rows, nil
}

// openRestores opens kernels over a guest, the same guest without snapshots, and
// one with a derived value, whose instances have size MiB. What it opened must be
// closed, error or not.
func openRestores(ctx context.Context, b *bench) (rigs []*rig.Rig, size float64, err error) {
	for i, o := range []rig.Options{
		{Apps: []string{"probe"}},
		{Apps: []string{"probe"}, Sandbox: sandbox.Config{NoSnapshots: true}},
		{Apps: []string{"tariff"}},
	} {
		o.Sandbox.InstanceCalls = 1
		r, err := b.openGuests(ctx, fmt.Sprintf("restore-%d", i), o)
		if err != nil {
			return rigs, 0, err
		}
		rigs = append(rigs, r)
	}
	before := rigs[2].Stats().Snapshots
	err = fillRules(ctx, rigs[2], restoreRules, restoreText)
	return rigs, float64(rigs[2].Stats().Snapshots-before) / (1 << 20), err
}

// call is a subject that runs an empty query; its samples are milliseconds.
func call(ctx context.Context, r *rig.Rig, operation string) subject {
	return perCall(operation, time.Millisecond, func() error {
		_, err := r.Run(ctx, operation, none())
		return err
	})
}

// eachItsOwn checks that every call had an instance of its own, and that it came
// from a snapshot or did not.
func eachItsOwn(s sandbox.Stats, restored bool) error {
	want := int64(0)
	if restored {
		want = s.Started
	}
	if s.Calls == 0 || s.Started < s.Calls || s.Restored != want {
		return fmt.Errorf("%d calls started %d instances, %d of them from a snapshot", s.Calls, s.Started, s.Restored)
	}
	return nil
}
