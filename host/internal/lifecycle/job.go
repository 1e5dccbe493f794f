package lifecycle

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// keepJobs is how long one that has ended can be read.
const keepJobs = 90 * 24 * time.Hour

// Job is a change on its way, as anybody may read it.
type Job struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" jsonschema:"install, enable, upgrade, disable, remove, settings or set"`
	Subject  string    `json:"subject" jsonschema:"app or set"`
	Apps     []string  `json:"apps"`
	State    string    `json:"state" jsonschema:"running, waiting_consent, done, failed or cancelled"`
	Steps    []Step    `json:"steps"`
	Progress Progress  `json:"progress"`
	Error    *JobError `json:"error,omitempty"`
	Plan     *Plan     `json:"plan,omitempty" jsonschema:"what waits for consent"`
	By       string    `json:"by"`
	Begun    time.Time `json:"begun"`
	Changed  time.Time `json:"changed"`
	Revision int       `json:"revision"`
}

// The states of a job.
const (
	jobRunning   = "running"
	jobWaiting   = "waiting_consent"
	jobDone      = "done"
	jobFailed    = "failed"
	jobCancelled = "cancelled"
)

// Step is one step of a job.
type Step struct {
	Name  string     `json:"name"`
	State string     `json:"state" jsonschema:"waiting, running or done"`
	Ended *time.Time `json:"ended,omitempty"`
}

// The states of a step.
const (
	stepWaiting = "waiting"
	stepRunning = "running"
	stepDone    = "done"
)

// Progress of the step that runs; a Total of 0 is unknown.
type Progress struct {
	Done  uint64 `json:"done"`
	Total uint64 `json:"total"`
}

// JobError is why a job failed.
type JobError struct {
	Code    string `json:"code"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message"`
	App     string `json:"app,omitempty"`
	Pointer string `json:"pointer,omitempty"`
}

// job is a Job with what only the room reads.
type job struct {
	Job
	Wish    Wish     `json:"wish"`
	Changes []change `json:"changes"`
	Cancel  bool     `json:"cancel,omitempty"` // somebody wants it undone
}

// The steps.
const (
	stepVerify   = "verify"   // the package is in the store, whole
	stepLoad     = "load"     // it compiles, describes itself and is what the manifest says
	stepConsent  = "consent"  // what was said yes to is written down
	stepExpand   = "expand"   // data gets what the new version needs, while the old one serves
	stepReplay   = "replay"   // a new app is given the events of the past
	stepWarm     = "warm"     // what it derives is built
	stepSwitch   = "switch"   // one commit; from here on there is no way back
	stepDrain    = "drain"    // nothing runs with the old version any more
	stepContract = "contract" // data loses what only the old version needed
	stepIndex    = "index"    // new indexes are built
	stepErase    = "erase"    // the data goes
	stepFinish   = "finish"
)

// stepsOf are the steps that lead changes to their ends.
func stepsOf(changes []change) (names []string) {
	has := func(to ...target) bool {
		return slices.ContainsFunc(changes, func(c change) bool { return slices.Contains(to, c.To) })
	}
	if has(toEnabled, toInstalled) {
		names = append(names, stepVerify, stepLoad, stepConsent)
	}
	if has(toEnabled) {
		names = append(names, stepExpand, stepReplay, stepWarm)
	}
	if has(toEnabled, toDisabled, toRemoved, toFilled) {
		names = append(names, stepSwitch, stepDrain)
	}
	if has(toEnabled) {
		names = append(names, stepContract, stepIndex)
	}
	if has(toRemoved) {
		names = append(names, stepErase)
	}
	return append(names, stepFinish)
}

// request is a job that somebody asks for.
type request struct {
	kind, subject string
	wish          Wish
	changes       []change
	waits         *Plan // for consent to it
	by            string
}

// begin writes a job and takes its apps for it. Errors: conflict,
// operation_in_progress; not_found, module.
func begin(tx *kernel.Tx, q request) (*job, error) {
	j := &job{Wish: q.wish, Changes: q.changes, Job: Job{
		ID: tx.NewID(), Kind: q.kind, Subject: q.subject, State: jobRunning, Plan: q.waits,
		By: q.by, Begun: tx.Now().UTC(), Changed: tx.Now().UTC(), Revision: 1, Apps: []string{}, Steps: []Step{},
	}}
	if q.waits != nil {
		j.State = jobWaiting
	}
	for _, name := range stepsOf(q.changes) {
		j.Steps = append(j.Steps, Step{Name: name, State: stepWaiting})
	}
	for _, c := range q.changes {
		j.Apps = append(j.Apps, c.App)
		if err := there(tx, c); err != nil {
			return nil, err
		}
		if err := reserve(tx, c, j.ID); err != nil {
			return nil, err
		}
		tx.Touch("app:" + c.App)
	}
	if err := open.Put(tx, j.ID, j.Subject); err != nil {
		return nil, err
	}
	return j, jobs.Put(tx, j.ID, *j)
}

// reserve takes an app for a job.
func reserve(tx *kernel.Tx, c change, id string) error {
	rec, _, err := apps.Get(tx, c.App)
	if err != nil {
		return err
	}
	if rec.Job != "" {
		return busy(c.App, rec.Job)
	}
	rec.Job = id
	return apps.Put(tx, c.App, rec)
}

func busy(app, id string) error {
	return &abi.Error{Code: abi.Conflict, Reason: "operation_in_progress", Message: "Another job works on " + app + ".", Fields: []abi.Field{{Name: "job", Text: id}}}
}

// next is the first step that is not done, nil if none is left.
func (j *job) next() *Step {
	for i := range j.Steps {
		if j.Steps[i].State != stepDone {
			return &j.Steps[i]
		}
	}
	return nil
}

// switched says whether operations run with what the job is about.
func (j *job) switched() bool {
	return slices.ContainsFunc(j.Steps, func(s Step) bool { return s.Name == stepSwitch && s.State == stepDone })
}

// pass marks a step as done; the next one runs.
func (j *job) pass(name string, now time.Time) {
	now = now.UTC()
	for i := range j.Steps {
		if j.Steps[i].Name == name {
			j.Steps[i].State, j.Steps[i].Ended = stepDone, &now
		}
	}
	j.Progress = Progress{}
	if s := j.next(); s != nil {
		s.State = stepRunning
	}
}

// save writes a job that has changed.
func (j *job) save(tx *kernel.Tx) error {
	j.Revision++
	j.Changed = tx.Now().UTC()
	if j.State == jobRunning || j.State == jobWaiting {
		return jobs.Put(tx, j.ID, *j)
	}
	for i := range j.Changes {
		j.Changes[i].Filled = nil // a secret that is cleared must not live on here
	}
	if err := open.Delete(tx, j.ID); err != nil {
		return err
	}
	return jobs.PutUntil(tx, j.ID, *j, tx.Now().Add(keepJobs))
}

// replays says whether all that there is of an app's events and data comes from
// this job: it began to replay to it, and nothing ever enabled it.
func (j *job) replays(c *change, rec *record) bool {
	return c.Until != 0 && rec.Since == 0 && !j.switched()
}

// release gives the apps of a job back as they were before its switch; after it
// they stay as they are.
func (r *Room) release(tx *kernel.Tx, j *job) error {
	for _, c := range j.Changes {
		rec, ok, err := apps.Get(tx, c.App)
		if err != nil {
			return err
		}
		if !ok || rec.Job != j.ID {
			continue
		}
		if j.replays(&c, &rec) && r.config.Events != nil {
			if err := r.config.Events.Unsubscribe(tx, c.App); err != nil {
				return err
			}
		}
		if c.Fresh && !j.switched() {
			if err := errors.Join(apps.Delete(tx, c.App), settings.Delete(tx, c.App)); err != nil {
				return err
			}
			continue
		}
		rec.Job = ""
		if err := apps.Put(tx, c.App, rec); err != nil {
			return err
		}
	}
	return nil
}

// explain is an error as a job shows it.
func explain(err error) *JobError {
	if k, ok := errors.AsType[*kernel.Error](err); ok {
		err = errors.Join(&k.Public, err)
	}
	if e, ok := errors.AsType[*abi.Error](err); ok {
		return &JobError{Code: e.Code.String(), Reason: e.Reason, Message: cmp.Or(e.Message, "The host failed; its log says why."), App: e.App, Pointer: e.Pointer}
	}
	return &JobError{Code: abi.Internal.String(), Reason: "step", Message: err.Error()}
}

// planChanged is the answer to a consent that is missing or of another plan.
func planChanged(p *Plan) error {
	e := &abi.Error{Code: abi.Conflict, Reason: "plan_changed", Message: "Read the plan and say yes to it."}
	return withPlan(e, p)
}

// impossible is the answer to a plan with problems.
func impossible(p *Plan) error {
	first := p.Problems[0]
	e := &abi.Error{Code: abi.FailedPrecondition, Reason: first.Reason, Message: first.Text.EN}
	if first.App != "" {
		e.Fields = append(e.Fields, abi.Field{Name: "app", Text: first.App})
	}
	return withPlan(e, p)
}

func withPlan(e *abi.Error, p *Plan) *abi.Error {
	e.Fields = append(e.Fields, abi.Field{Name: "consent", Text: p.Consent})
	if b, err := json.Marshal(p); err == nil {
		e.Fields = append(e.Fields, abi.Field{Name: "plan", Text: string(b)})
	}
	return e
}
