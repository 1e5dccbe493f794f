package lifecycle

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// app makes the app that a change will enable, as it will be.
func (w *work) app(ctx context.Context, c *change) (*registry.App, error) {
	s, err := w.module(ctx, c)
	if err != nil {
		return nil, err
	}
	var rec record
	var f filled
	_, err = w.r.read(ctx, w.t.name, func(tx *kernel.Tx) error {
		var err error
		if rec, _, err = apps.Get(tx, c.App); err != nil {
			return err
		}
		f, _, err = settings.Get(tx, c.App)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.Filled != nil {
		f = *c.Filled
	}
	rec.enable(c, s.descriptor)
	return s.app(&rec, f)
}

// enable is what becomes of a record at the switch to a package. An app that was
// never enabled has no data.
func (rec *record) enable(c *change, d *abi.Descriptor) {
	empty := rec.Since == 0 && (rec.State == stateNew || rec.State == stateInstalled)
	if empty {
		rec.Contract = nil
	} else {
		rec.Contract = append(rec.Contract, versionsAfter(rec.DataVersion, c.Data)...)
	}
	rec.Indexes = moved(rec.Indexes, d, empty)
	rec.DataVersion = max(rec.DataVersion, c.Data)
	rec.bring(c)
	rec.State = stateEnabled
}

// expand runs the first half of the migrations, with the new code on the data
// that the old code still serves.
func (w *work) expand(ctx context.Context, j *job) error {
	for i := range j.Changes {
		c := &j.Changes[i]
		if c.To != toEnabled || c.Fresh || c.Expanded >= c.Data || c.Expanded == 0 {
			continue
		}
		app, err := w.app(ctx, c)
		if err != nil {
			return err
		}
		for _, v := range versionsAfter(c.Expanded, c.Data) {
			if err := w.expandTo(ctx, app, i, v); err != nil {
				return err
			}
		}
	}
	return w.pass(ctx, stepExpand)
}

// expandTo runs the batches of one version, and notes that it is prepared.
func (w *work) expandTo(ctx context.Context, app *registry.App, i, version int) error {
	for finished := false; !finished; {
		err := w.commit(ctx, app.ID, func(tx *kernel.Tx, j *job) error {
			c := &j.Changes[i]
			step, err := migrate(tx, app, abi.MigrateExpand, version, c.Cursor)
			if err != nil {
				return err
			}
			finished = step.Finished
			c.Cursor, j.Progress = bytes.Clone(step.Cursor), Progress{step.Done, step.Total}
			if finished {
				c.Expanded, c.Cursor = version, nil
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.r.config.Step(w.id, stepExpand+".batch")
	}
	return nil
}

// migrate runs one batch of one half of a migration. A version without a handler
// has nothing to do.
func migrate(tx *kernel.Tx, app *registry.App, phase string, version int, cursor []byte) (abi.Step, error) {
	entry, ok := app.Handler(abi.EntryMigration, phase, strconv.Itoa(version))
	if !ok {
		return abi.Step{Finished: true}, nil
	}
	in := abi.StepIn{Cursor: cursor}
	out, err := tx.Handle(kernel.Handling{
		App: app, Entry: entry, Input: in.Append(nil), Info: abi.Info{Key: phase + "-" + strconv.Itoa(version), Attempt: 1},
	})
	if err != nil {
		return abi.Step{}, err
	}
	step, err := abi.ParseStep(out)
	switch {
	case err != nil:
		return step, &abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, App: app.String(), Message: "The migration answered with a malformed frame."}
	case len(step.Cursor) > abi.MaxStepHead:
		return step, &abi.Error{Code: abi.TooLarge, Reason: "cursor", App: app.String(), Message: "The cursor of the migration is longer than 64 KiB."}
	case !step.Finished && bytes.Equal(step.Cursor, cursor):
		return step, &abi.Error{Code: abi.Internal, Reason: "migration_stuck", App: app.String(), Message: "The migration does not get on: its cursor stays where it is."}
	}
	return step, nil
}

// contract runs the second half of the migrations, when nothing runs with the
// old code any more.
func (w *work) contract(ctx context.Context, j *job) error {
	for i, c := range j.Changes {
		for again := c.To == toEnabled; again; {
			err := w.commit(ctx, c.App, func(tx *kernel.Tx, j *job) (err error) {
				again, err = w.contractBatch(tx, j, i)
				return err
			})
			if err != nil {
				return err
			}
			w.r.config.Step(w.id, stepContract+".batch")
		}
	}
	return w.pass(ctx, stepContract)
}

// contractBatch does one batch of the oldest version that is not done, and says
// whether there may be more.
func (w *work) contractBatch(tx *kernel.Tx, j *job, i int) (again bool, err error) {
	c := &j.Changes[i]
	rec, _, err := apps.Get(tx, c.App)
	if err != nil || len(rec.Contract) == 0 {
		return false, err
	}
	app, ok := tx.Set().App(c.App)
	if !ok {
		return false, notRunning(c.App)
	}
	step, err := migrate(tx, app, abi.MigrateContract, rec.Contract[0], c.Cursor)
	if err != nil {
		return false, err
	}
	c.Cursor, j.Progress = bytes.Clone(step.Cursor), Progress{step.Done, step.Total}
	if !step.Finished {
		return true, nil
	}
	c.Cursor, rec.Contract = nil, rec.Contract[1:]
	return true, apps.Put(tx, c.App, rec)
}

func notRunning(id string) error {
	return &abi.Error{Code: abi.FailedPrecondition, Reason: "failed", Message: id + " does not run."}
}

// index builds the indexes that the data does not have, in batches, and lets them
// be read when all are complete.
func (w *work) index(ctx context.Context, j *job) error {
	for _, c := range j.Changes {
		for again := c.To == toEnabled; again; {
			err := w.commit(ctx, "", func(tx *kernel.Tx, j *job) (err error) {
				again, err = w.indexBatch(tx, j, c.App)
				return err
			})
			if err != nil {
				return err
			}
			w.r.config.Step(w.id, stepIndex+".batch")
		}
	}
	return w.readable(ctx, j)
}

// indexBatch does one batch of the first index that is not as it should be.
func (w *work) indexBatch(tx *kernel.Tx, j *job, id string) (again bool, err error) {
	rec, _, err := apps.Get(tx, id)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(rec.Indexes, func(x index) bool { return x.Stage != "" && x.Stage != stageBuilt })
	if i < 0 {
		return false, nil
	}
	x := &rec.Indexes[i]
	n := 0
	if x.Stage == stageBuild {
		n, err = w.build(tx, id, x)
	} else if n, err = tx.EraseIndex(id, x.IndexName, w.r.config.Batch); err == nil && n == 0 {
		if x.Stage == stageDrop {
			rec.Indexes = slices.Delete(rec.Indexes, i, i+1)
		} else {
			x.Stage = stageBuild
		}
	}
	if err != nil {
		return false, err
	}
	j.Progress.Done += uint64(n)
	return true, apps.Put(tx, id, rec)
}

// build adds a batch of records to an index.
func (w *work) build(tx *kernel.Tx, id string, x *index) (int, error) {
	app, ok := tx.Set().App(id)
	if !ok {
		return 0, notRunning(id)
	}
	next, n, err := tx.Reindex(app, x.IndexName, x.After, w.r.config.Batch)
	if x.After = bytes.Clone(next); err == nil && len(next) == 0 {
		x.Stage, x.After = stageBuilt, nil
	}
	return n, err
}

// finished marks the indexes that are built as complete, and says whether there
// was one.
func (rec *record) finished() (some bool) {
	for i := range rec.Indexes {
		if rec.Indexes[i].Stage == stageBuilt {
			rec.Indexes[i].Stage, some = "", true
		}
	}
	return some
}

// readable switches to a set in which the new indexes are complete.
func (w *work) readable(ctx context.Context, j *job) error {
	change := func(records map[string]*record) error {
		some := false
		for _, id := range j.Apps {
			if rec := records[id]; rec != nil {
				some = rec.finished() || some
			}
		}
		if !some {
			return errNothing
		}
		return nil
	}
	err := w.r.switchTo(ctx, w.t, switching{name: "host.job.index", change: change, effect: func(tx *kernel.Tx, _ *registry.Set) error {
		return w.update(tx, func(j *job) error { return complete(tx, j) })
	}})
	if errors.Is(err, errNothing) {
		return w.pass(ctx, stepIndex)
	}
	if err != nil {
		return err
	}
	return w.r.drain(ctx, w.t)
}

// complete writes that the indexes of a job's apps can be read.
func complete(tx *kernel.Tx, j *job) error {
	for _, id := range j.Apps {
		rec, ok, err := apps.Get(tx, id)
		if err != nil {
			return err
		}
		if ok && rec.finished() {
			if err := apps.Put(tx, id, rec); err != nil {
				return err
			}
		}
	}
	j.pass(stepIndex, tx.Now())
	return nil
}

// replay hands new apps the events of the past that they want.
func (w *work) replay(ctx context.Context, j *job) error {
	for i := range j.Changes {
		c := &j.Changes[i]
		if !c.Replay || w.r.config.Events == nil {
			continue
		}
		if err := w.until(ctx, i, c); err != nil {
			return err
		}
		app, err := w.app(ctx, c)
		if err != nil {
			return err
		}
		err = w.uncancelled(ctx, func(within context.Context) error {
			return w.r.config.Events.Replay(within, w.t.name, app, c.Until, func(done, total uint64) { w.progress(ctx, Progress{done, total}) })
		})
		if err != nil {
			return err
		}
	}
	return w.pass(ctx, stepReplay)
}

// uncancelled does what may take long, and breaks it off as soon as somebody wants
// the job undone: an app that only faults would be replayed to for ever.
func (w *work) uncancelled(ctx context.Context, long func(ctx context.Context) error) error {
	within, stop := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for within.Err() == nil {
			changed := w.t.waiting()
			if j, err := w.read(within); err == nil && j.Cancel {
				stop(errCancelled)
			}
			select {
			case <-within.Done():
			case <-changed:
			}
		}
	})
	err := long(within)
	stop(nil)
	watching.Wait()
	if err != nil && errors.Is(context.Cause(within), errCancelled) {
		return errCancelled
	}
	return err
}

// until notes once where the past ends, before anything of it is handed over: at
// 1 where nothing has happened yet, for 0 says that no replay has begun.
func (w *work) until(ctx context.Context, i int, c *change) error {
	if c.Until != 0 {
		return nil
	}
	position, err := w.r.read(ctx, w.t.name, func(*kernel.Tx) error { return nil })
	if err != nil {
		return err
	}
	c.Until = max(position, 1)
	return w.commit(ctx, "", func(_ *kernel.Tx, j *job) error {
		j.Changes[i].Until = c.Until
		return nil
	})
}

// progress shows how far a step is. That it is not shown is no reason to stop.
func (w *work) progress(ctx context.Context, p Progress) {
	err := w.commit(ctx, "", func(_ *kernel.Tx, j *job) error {
		j.Progress = p
		return nil
	})
	if err != nil {
		w.r.config.Logger.Debug("progress not written", "job", w.id, "error", err)
	}
}

// warm builds what the new apps derive.
func (w *work) warm(ctx context.Context, j *job) error {
	for i := range j.Changes {
		if c := &j.Changes[i]; c.To == toEnabled && w.r.config.Warm != nil {
			app, err := w.app(ctx, c)
			if err != nil {
				return err
			}
			if err := w.r.config.Warm(ctx, w.t.name, app); err != nil {
				return err
			}
		}
	}
	return w.pass(ctx, stepWarm)
}
