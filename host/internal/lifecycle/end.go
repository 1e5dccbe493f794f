package lifecycle

import (
	"context"
	"errors"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// end undoes what a failed or cancelled job has done before its switch, and
// closes it.
func (w *work) end(ctx context.Context, cause error) bool {
	w.drop()
	w.r.config.Logger.Warn("job ends", "tenant", w.t.name, "job", w.id, "cause", cause)
	err := w.unreplay(ctx, cause)
	if err == nil {
		_, err = w.r.do(ctx, w.t.name, "host.job.end", func(tx *kernel.Tx) error {
			j, ok, err := jobs.Get(tx, w.id)
			if err != nil || !ok || j.State != jobRunning {
				return err
			}
			j.fail(cause)
			if err := w.r.release(tx, &j); err != nil {
				return err
			}
			return j.save(tx)
		})
	}
	w.t.notify()
	if err != nil {
		w.r.config.Logger.Error("job does not end", "tenant", w.t.name, "job", w.id, "error", err)
	}
	return err == nil
}

// fail says how a job ends: with the error that it was to end with before the
// host was killed, or with this one.
func (j *job) fail(cause error) {
	j.State = jobFailed
	switch {
	case !errors.Is(cause, errCancelled):
		j.Error = explain(cause)
	case j.Error == nil:
		j.State = jobCancelled
	}
}

// unreplay takes away what apps kept of events that this job replayed to them,
// in batches: nothing else has ever been theirs. First it writes that the job
// only ends from here on, or a host that is killed meanwhile would go on with it.
func (w *work) unreplay(ctx context.Context, cause error) error {
	var begun []string
	_, err := w.r.do(ctx, w.t.name, "host.job.end", func(tx *kernel.Tx) error {
		begun = nil
		j, ok, err := jobs.Get(tx, w.id)
		if err != nil || !ok || j.State != jobRunning {
			return err
		}
		for _, c := range j.Changes {
			rec, _, err := apps.Get(tx, c.App)
			if err != nil {
				return err
			}
			if j.replays(&c, &rec) {
				begun = append(begun, c.App)
			}
		}
		if begun == nil || j.Cancel {
			return nil
		}
		j.fail(cause)
		j.State, j.Cancel = jobRunning, true
		return j.save(tx)
	})
	for _, app := range begun {
		for more := true; more && err == nil; {
			_, err = w.r.do(ctx, w.t.name, "host.job.end", func(tx *kernel.Tx) error {
				n, err := tx.Erase(app, w.r.config.Batch)
				more = n > 0
				return err
			})
			w.r.config.Step(w.id, "end.batch")
		}
	}
	return err
}
