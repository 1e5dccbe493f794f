package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// keepWork is how long the record of finished work is kept.
const keepWork = 30 * 24 * time.Hour

// The states of work.
const (
	workRunning  = "running"
	workWaiting  = "waiting" // after a failure, for its next try
	workDone     = "done"
	workFailed   = "failed"
	workCanceled = "canceled"
)

// The kinds of work.
const (
	workJob    = "job"
	workEffect = "effect"
)

// work is what is kept of a job, or of an effect that has failed for good.
type work struct {
	Kind     string   `json:"kind"`
	App      string   `json:"app"`
	Name     string   `json:"name"`
	Key      string   `json:"key"` // that the app gave it
	State    string   `json:"state"`
	Done     uint64   `json:"done"`
	Total    uint64   `json:"total"`
	Begun    int64    `json:"begun"`
	Changed  int64    `json:"changed"`
	Next     int64    `json:"next,omitempty"`
	Attempts int      `json:"attempts,omitempty"`
	Failure  *Failure `json:"failure,omitempty"`

	Steps  int    `json:"steps"`
	Cursor []byte `json:"cursor,omitempty"`
	Hash   string `json:"hash,omitempty"`   // of the input
	Input  int    `json:"input,omitempty"`  // parts that are kept of it, to try again
	Output int    `json:"output,omitempty"` // parts of it
}

// The areas of work, by its id: app.hash of kind, name and key.
const (
	areaWorkInput  = "work_input"
	areaWorkOutput = "work_output"
)

var works = platform.Area[work]{Name: "work"}

func workID(kind, app, name, key string) string {
	return app + "." + lineHash(kind, name+"\x00"+key)
}

func (w *work) over() bool { return w.State != workRunning && w.State != workWaiting }

func hashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:16])
}

// jobDesk runs the steps of jobs, one of each app at a time; an app's jobs take
// turns.
func (t *tenant) jobDesk() *desk {
	return t.desk("jobs", 1, func(tx *kernel.Tx, skip func(string) bool) ([]errand, error) {
		return due(tx, kernel.Jobs, skip)
	}, t.step)
}

// turn is how long one job goes on before another of its app has its turn.
const turn = 50 * time.Millisecond

// step runs steps of a job, each in a transaction of its own.
func (t *tenant) step(ctx context.Context, e errand) error {
	begun := t.config.Now()
	for more := true; more && ctx.Err() == nil && t.config.Now().Sub(begun) < turn; {
		_, err := t.batch(ctx, batch{
			name: "event.step", app: e.app, n: 1,
			enter: func(tx *kernel.Tx) (*registry.App, error) { return t.enter(tx, e.app) },
			step: func(tx *kernel.Tx, a *registry.App, _ int) error {
				more = false
				row, ok, err := tx.Queued(kernel.Jobs, e.app, e.rows[0].Name, e.rows[0].ID)
				if err != nil || !ok || row.Due > tx.Now().UnixMilli() {
					return err // it was canceled, is put off, or was begun anew
				}
				more = true
				return t.stepOne(tx, a, &row)
			},
			leave: func(*kernel.Tx, int) error { return nil },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stepOne runs the next step of a job that waits, and writes how far it is.
func (t *tenant) stepOne(tx *kernel.Tx, a *registry.App, row *kernel.Waiting) error {
	id := workID(workJob, a.ID, row.Name, row.ID)
	now := tx.Now().UnixMilli()
	w, ok, err := works.Get(tx, id)
	if err != nil {
		return err
	}
	if hash := hashOf(row.Payload); !ok || w.over() || w.Hash != hash {
		if err = deleteLong(tx, areaWorkInput, id, w.Input); err != nil {
			return err
		}
		w = work{Kind: workJob, App: a.ID, Name: row.Name, Key: row.ID, Begun: now, Hash: hash}
	}
	w.Changed = now
	if err = tx.Dequeue(*row); err != nil { // first: the step may begin the job anew
		return err
	}
	step, failed, err := t.runStep(tx, a, row, &w)
	switch {
	case err != nil:
		return backInto(tx, row, err)
	case failed != nil:
		return t.stepFailed(tx, id, row, &w, failed)
	case step.Finished:
		return finishWork(tx, id, &w, step.Output)
	}
	if again, anew, err := tx.Queued(kernel.Jobs, a.ID, row.Name, row.ID); err != nil {
		return err
	} else if anew {
		row.Payload = again.Payload // another input: the next step begins with it
	}
	w.State, w.Steps, w.Attempts, w.Next, w.Failure = workRunning, w.Steps+1, 0, 0, nil
	row.Due = now
	if err = tx.Enqueue(*row); err != nil {
		return err
	}
	return works.Put(tx, id, w)
}

// backInto puts a row back that was taken for a handler which did not run.
func backInto(tx *kernel.Tx, row *kernel.Waiting, err error) error {
	if back := tx.Enqueue(*row); back != nil {
		return back
	}
	return err
}

// runStep calls the job's handler. What it answers beyond its limits is a failure.
func (t *tenant) runStep(tx *kernel.Tx, a *registry.App, row *kernel.Waiting, w *work) (step abi.Step, failed *kernel.Error, err error) {
	entry, ok := a.Handler(abi.EntryJob, row.Name, "")
	if !ok {
		return step, gone("The app does not do this any more."), nil
	}
	in := abi.StepIn{Input: row.Payload, Cursor: w.Cursor}
	out, failed, err := t.handle(tx, kernel.Handling{
		App: a, Entry: entry, Input: in.Append(nil),
		Seed: t.seed("job", a.ID, row.Name, row.ID, strconv.FormatInt(w.Begun, 10), strconv.Itoa(w.Steps)),
		Info: abi.Info{Key: row.ID, Attempt: w.Attempts + 1},
	})
	if err != nil || failed != nil {
		return step, failed, err
	}
	if step, err = abi.ParseStep(out); err != nil {
		return step, &kernel.Error{Public: abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, Message: "The step answered with a malformed frame."}}, nil
	}
	if len(step.Cursor) > abi.MaxStepHead {
		return step, &kernel.Error{Public: abi.Error{Code: abi.TooLarge, Reason: abi.ReasonOutput, Message: "The cursor of the job is longer than 64 KiB."}}, nil
	}
	w.Done, w.Total, w.Cursor = step.Done, step.Total, append([]byte(nil), step.Cursor...)
	return step, nil, nil
}

// stepFailed puts a job off, or ends it after its last try with its input kept.
func (t *tenant) stepFailed(tx *kernel.Tx, id string, row *kernel.Waiting, w *work, failed *kernel.Error) error {
	w.Attempts++
	f := failureOf(failed)
	w.Failure = &f
	if wait, again := t.retry(id, w.Attempts); again {
		w.State, w.Next = workWaiting, tx.Now().Add(wait).UnixMilli()
		row.Due = w.Next
		if err := tx.Enqueue(*row); err != nil {
			return err
		}
		return works.Put(tx, id, *w)
	}
	return failWork(tx, id, w, row.Payload)
}

// failWork writes that work has failed for good; its input is kept as long.
func failWork(tx *kernel.Tx, id string, w *work, input []byte) (err error) {
	until := tx.Now().Add(keepWork)
	if w.Input, err = putLong(tx, areaWorkInput, id, input, until); err != nil {
		return err
	}
	w.State, w.Next, w.Changed = workFailed, 0, tx.Now().UnixMilli()
	return works.PutUntil(tx, id, *w, until)
}

// finishWork writes that a job is done, and its answer; that is kept as long.
func finishWork(tx *kernel.Tx, id string, w *work, output []byte) (err error) {
	until := tx.Now().Add(keepWork)
	if w.Output, err = putLong(tx, areaWorkOutput, id, output, until); err != nil {
		return err
	}
	w.State, w.Steps, w.Attempts, w.Next, w.Failure, w.Cursor = workDone, w.Steps+1, 0, 0, nil, nil
	return works.PutUntil(tx, id, *w, until)
}
