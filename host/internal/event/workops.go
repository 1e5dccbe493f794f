package event

import (
	"encoding/json"
	"net/http"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func (r *Room) workOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{
			Name: "host.work.list", Method: http.MethodGet, Path: "/work", Right: rightApps,
			Summary: "List the apps' jobs, and effects that have failed",
			Doc:     "What is over is kept for 30 days. A job is listed from its first step on.",
		}, r.listWork),
		platform.Query(platform.About{
			Name: "host.work.get", Method: http.MethodGet, Path: "/work/{id}", Right: rightApps,
			Summary: "See how far a job is, or what it answered",
			Doc:     "Errors: not_found, reason work.",
		}, r.getWork),
		platform.Command(platform.About{
			Name: "host.work.cancel", Method: http.MethodPost, Path: "/work/{id}/cancel", Right: rightApps, NoKey: true,
			Summary: "Stop a job",
			Doc:     "What its steps have done stays. Errors: not_found, reason work; failed_precondition, reason over.",
		}, r.cancelWork),
		platform.Command(platform.About{
			Name: "host.work.retry", Method: http.MethodPost, Path: "/work/{id}/retry", Right: rightApps, NoKey: true,
			Summary: "Try failed work again",
			Doc:     "A job goes on at the step that failed; an effect is done again, with the same key. Errors: not_found, reason work; failed_precondition, reason not_failed.",
		}, r.retryWork),
	}
}

// Work is a job, or a failed effect, as people see it.
type Work struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind" jsonschema:"job or effect"`
	App      string          `json:"app"`
	Name     string          `json:"name"`
	Key      string          `json:"key" jsonschema:"that the app gave it"`
	State    string          `json:"state" jsonschema:"running, waiting, done, failed or canceled"`
	Done     uint64          `json:"done"`
	Total    uint64          `json:"total" jsonschema:"0 if it is not known"`
	Steps    int             `json:"steps"`
	Attempts int             `json:"attempts,omitempty" jsonschema:"that the next step has failed"`
	Begun    string          `json:"begun"`
	Changed  string          `json:"changed"`
	RetryAt  string          `json:"retry_at,omitempty" jsonschema:"when it is tried again"`
	Failure  *Failure        `json:"failure,omitempty"`
	Output   json.RawMessage `json:"output,omitempty" jsonschema:"what a job that is done has answered; only of one that is asked for"`
}

func workOf(id string, w *work) Work {
	return Work{
		ID: id, Kind: w.Kind, App: w.App, Name: w.Name, Key: w.Key, State: w.State, Done: w.Done, Total: w.Total,
		Steps: w.Steps, Attempts: w.Attempts, Begun: instant(w.Begun), Changed: instant(w.Changed), RetryAt: instant(w.Next), Failure: w.Failure,
	}
}

type listWorkIn struct {
	App   string `json:"app,omitempty" jsonschema:"id; empty for all"`
	State string `json:"state,omitempty"`
	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty" jsonschema:"at most 200; default 50"`
}

type listWorkOut struct {
	Items []Work `json:"items"`
	Next  string `json:"next,omitempty"`
}

func (r *Room) listWork(tx *kernel.Tx, in listWorkIn) (listWorkOut, error) {
	out := listWorkOut{Items: []Work{}}
	limit := limitOf(in.Limit)
	for scanned := 0; scanned < scanMost; {
		rows, err := works.Page(tx, appPrefix(in.App), in.After, limit, false)
		if err != nil {
			return out, err
		}
		for _, row := range rows {
			in.After = row.Key
			if in.State == "" || row.Value.State == in.State {
				out.Items = append(out.Items, workOf(row.Key, &row.Value))
			}
			if len(out.Items) == limit {
				out.Next = in.After
				return out, nil
			}
		}
		if scanned += len(rows); len(rows) < limit {
			return out, nil
		}
	}
	out.Next = in.After
	return out, nil
}

type workIn struct {
	ID string `json:"id"`
}

func findWork(tx *kernel.Tx, id string) (work, error) {
	w, ok, err := works.Get(tx, id)
	if err == nil && !ok {
		err = &abi.Error{Code: abi.NotFound, Reason: "work", Message: "There is no work " + id + "."}
	}
	return w, err
}

func (r *Room) getWork(tx *kernel.Tx, in workIn) (Work, error) {
	w, err := findWork(tx, in.ID)
	out := workOf(in.ID, &w)
	if err != nil || w.State != workDone || r.config.Output == nil {
		return out, err
	}
	b, err := getLong(tx, areaWorkOutput, in.ID, w.Output)
	if err != nil {
		return out, err
	}
	if out.Output, err = r.config.Output(tx.Tenant(), w.App, w.Name, b); err != nil {
		r.config.Logger.Debug("a job is shown without its output", "tenant", tx.Tenant(), "work", in.ID, "error", err)
		out.Output = nil
	}
	return out, nil
}

func (r *Room) cancelWork(tx *kernel.Tx, in workIn) (Work, error) {
	w, err := findWork(tx, in.ID)
	if err != nil {
		return Work{}, err
	}
	if w.over() {
		return Work{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "over", Message: "This work is " + w.State + "."}
	}
	if err = tx.Dequeue(kernel.Waiting{Queue: kernel.Jobs, App: w.App, Name: w.Name, ID: w.Key}); err != nil {
		return Work{}, err
	}
	w.State, w.Next, w.Changed, w.Cursor = workCanceled, 0, tx.Now().UnixMilli(), nil
	tx.Touch("work:" + in.ID)
	return workOf(in.ID, &w), works.PutUntil(tx, in.ID, w, tx.Now().Add(keepWork))
}

func (r *Room) retryWork(tx *kernel.Tx, in workIn) (Work, error) {
	w, err := findWork(tx, in.ID)
	if err != nil {
		return Work{}, err
	}
	if w.State != workFailed {
		return Work{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "not_failed", Message: "This work is " + w.State + "."}
	}
	row := kernel.Waiting{Queue: kernel.Jobs, App: w.App, Name: w.Name, ID: w.Key}
	if w.Kind == workEffect {
		row.Queue = kernel.Effects
	}
	_, anew, err := tx.Queued(row.Queue, row.App, row.Name, row.ID)
	if err == nil && anew {
		err = &abi.Error{Code: abi.FailedPrecondition, Reason: "not_failed", Message: "The app has begun this work anew."}
	}
	if err != nil {
		return Work{}, err
	}
	input, err := getLong(tx, areaWorkInput, in.ID, w.Input)
	if err != nil {
		return Work{}, err
	}
	if err = deleteLong(tx, areaWorkInput, in.ID, w.Input); err != nil {
		return Work{}, err
	}
	now := tx.Now().UnixMilli()
	row.Due, row.Payload = now, input
	w.State, w.Attempts, w.Input, w.Changed = workWaiting, 0, 0, now
	tx.Touch("work:" + in.ID)
	if w.Kind == workEffect {
		err = works.Delete(tx, in.ID)
	} else {
		err = works.Put(tx, in.ID, w)
	}
	if err != nil {
		return Work{}, err
	}
	return workOf(in.ID, &w), tx.Enqueue(row)
}
