package lifecycle

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// begins names the operations that begin a job or let one go on.
var begins = map[string]bool{
	"host.apps.install": true, "host.apps.enable": true, "host.apps.upgrade": true, "host.apps.disable": true, "host.apps.remove": true,
	"host.sets.apply": true, "host.sets.apply_document": true, "host.jobs.consent": true, "host.jobs.cancel": true,
}

// Operations are what the room answers below /v1/host.
func (r *Room) Operations() []*platform.Operation {
	all := append(r.appOperations(), r.jobOperations()...)
	all = append(all, r.setOperations()...)
	return append(append(all, r.settingOperations()...), r.moduleOperations()...)
}

// ByID names an app, a job or a set.
type ByID struct {
	ID string `json:"id"`
}

// Listing asks for a page of a list.
type Listing struct {
	Limit int    `json:"limit,omitempty" jsonschema:"at most 200; default 50"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
}

func (l Listing) limit() int {
	if l.Limit < 1 {
		return 50
	}
	return min(l.Limit, 200)
}

// Install asks for a new app.
type Install struct {
	ID      string   `json:"id"`
	Version string   `json:"version,omitempty"`
	Consent string   `json:"consent,omitempty" jsonschema:"of the plan"`
	Narrow  Narrow   `json:"narrow,omitempty"`
	Replace []string `json:"replace,omitempty"`
	Hold    bool     `json:"hold,omitempty" jsonschema:"install, but do not enable"`
	Replay  bool     `json:"replay,omitempty" jsonschema:"hand it the events of the past that it can handle"`
}

// Enable asks to start an installed app.
type Enable struct {
	ID      string   `json:"id"`
	Consent string   `json:"consent,omitempty"`
	Replace []string `json:"replace,omitempty"`
	Replay  bool     `json:"replay,omitempty"`
}

// Upgrade asks for another version of an app.
type Upgrade struct {
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
	Consent string `json:"consent,omitempty"`
	Narrow  Narrow `json:"narrow,omitempty"`
}

// Disable asks to stop an app.
type Disable struct {
	ID      string `json:"id"`
	Cascade bool   `json:"cascade,omitempty" jsonschema:"also those that need it"`
}

// Remove asks to remove an app with its data.
type Remove struct {
	ID      string `json:"id"`
	Confirm string `json:"confirm,omitempty" jsonschema:"the id once more"`
	Cascade bool   `json:"cascade,omitempty"`
}

const (
	docJob    = "Answers the job that does it. Errors: not_found (app, module); conflict, operation_in_progress: fields job; failed_precondition with the plan's first problem."
	docAgreed = docJob + " conflict, plan_changed: the consent is missing or of another plan; fields consent and plan."
)

func (r *Room) appOperations() []*platform.Operation {
	post := func(name, verb, summary, doc string) platform.About {
		return platform.About{Name: name, Method: http.MethodPost, Path: "/apps/{id}/" + verb, Summary: summary, Doc: doc, Right: Right, Status: http.StatusAccepted}
	}
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.apps.list", Method: http.MethodGet, Path: "/apps", Summary: "List the installed apps", Right: Right}, r.listApps),
		platform.Query(platform.About{Name: "host.apps.get", Method: http.MethodGet, Path: "/apps/{id}", Summary: "Show an installed app", Doc: "Errors: not_found (app).", Right: Right}, r.getApp),
		platform.Action(platform.About{
			Name: "host.apps.plan", Method: http.MethodPost, Path: "/apps/plan", Summary: "Say what a change would do and ask for", NoKey: true, Right: Right,
			Doc: "Changes nothing. Errors: not_found (app, module); conflict (version_exists, data_version); invalid (id_confusable, narrow); failed_precondition (installed, same_version).",
		}, r.plan),
		platform.Command(post("host.apps.install", "install", "Install an app", docAgreed), r.install),
		platform.Command(post("host.apps.enable", "enable", "Enable an installed app", docAgreed+" failed_precondition, subscribed: it was enabled before and cannot replay."), r.enable),
		platform.Command(post("host.apps.upgrade", "upgrade", "Lead an app to another version", docAgreed+" A version that asks for more, without consent, waits for it while the old one serves."), r.upgrade),
		platform.Command(post("host.apps.disable", "disable", "Disable an app; its data stays", docJob+" failed_precondition, needed: fields app."), r.disable),
		platform.Command(platform.About{
			Name: "host.apps.remove", Method: http.MethodDelete, Path: "/apps/{id}", Summary: "Remove an app with its data", Right: Right, Status: http.StatusAccepted,
			Doc: docJob + " invalid, confirm: the field is not the app's id.",
		}, r.remove),
	}
}

// plan answers what a wish would do, for the room's own tenant.
func (r *Room) plan(ctx context.Context, _ platform.Caller, wish Wish) (plan Plan, err error) {
	_, err = r.read(ctx, r.config.Tenant, func(tx *kernel.Tx) error {
		d, err := r.draft(tx, wish)
		if err == nil {
			plan = d.plan
		}
		return err
	})
	return plan, err
}

func (r *Room) draft(tx *kernel.Tx, wish Wish) (*draft, error) {
	w, err := r.world(tx)
	if err != nil {
		return nil, err
	}
	return w.draft(wish)
}

// ask is a wish on its way to becoming a job.
type ask struct {
	kind, subject, consent string
	wish                   Wish
	always                 bool // consent is needed even if nothing more is asked for
	wait                   bool // for consent, if it is missing
}

// agree turns a plan into a job, if it is possible and was said yes to.
func (r *Room) agree(tx *kernel.Tx, a ask, d *draft) (Job, error) {
	if err := r.idle(tx, d); err != nil {
		return Job{}, err
	}
	if !d.plan.Possible {
		return Job{}, impossible(&d.plan)
	}
	q := request{kind: a.kind, subject: a.subject, wish: a.wish, changes: d.changes, by: tx.Principal().ID}
	needed := d.plan.AsksMore || a.always
	switch {
	case a.consent == d.plan.Consent:
		d.sign(tx)
	case a.consent == "" && needed && a.wait:
		q.waits = &d.plan
	case a.consent != "" || needed:
		return Job{}, planChanged(&d.plan)
	}
	j, err := begin(tx, q)
	if err != nil {
		return Job{}, err
	}
	return j.Job, nil
}

// idle refuses a plan about an app that another job works on, before anything
// else is said about it.
func (r *Room) idle(tx *kernel.Tx, d *draft) error {
	for _, c := range d.changes {
		rec, _, err := apps.Get(tx, c.App)
		if err != nil {
			return err
		}
		if rec.Job != "" {
			return busy(c.App, rec.Job)
		}
	}
	return nil
}

// sign notes who said yes to what.
func (d *draft) sign(tx *kernel.Tx) {
	for i := range d.changes {
		c := &d.changes[i].Consent
		c.By, c.At, c.Digest = tx.Principal().ID, tx.Now().UnixMilli(), d.plan.Consent
	}
}

func (r *Room) install(tx *kernel.Tx, in Install) (Job, error) {
	if err := occupied(tx, in.ID); err != nil {
		return Job{}, err
	}
	wish := Wish{Action: "install", ID: in.ID, Version: in.Version, Replace: in.Replace, Narrow: in.Narrow}
	d, err := r.draft(tx, wish)
	if err != nil {
		return Job{}, err
	}
	d.changes[0].Replay = in.Replay
	if in.Hold {
		d.changes[0].To = toInstalled
	}
	return r.agree(tx, ask{kind: "install", subject: in.ID, consent: in.Consent, wish: wish, always: true}, d)
}

// occupied refuses an app that a job works on: what is true of it until that
// ends is nobody's business.
func occupied(tx *kernel.Tx, id string) error {
	rec, _, err := apps.Get(tx, id)
	if err == nil && rec.Job != "" {
		return busy(id, rec.Job)
	}
	return err
}

func (r *Room) enable(tx *kernel.Tx, in Enable) (Job, error) {
	if err := occupied(tx, in.ID); err != nil {
		return Job{}, err
	}
	wish := Wish{Action: "enable", ID: in.ID, Replace: in.Replace}
	d, err := r.draft(tx, wish)
	if err == nil && in.Replay {
		err = unheard(tx, in.ID)
	}
	if err != nil {
		return Job{}, err
	}
	d.changes[0].Replay = in.Replay
	return r.agree(tx, ask{kind: "enable", subject: in.ID, consent: in.Consent, wish: wish}, d)
}

// unheard refuses an app that was enabled before: it has cursors, and would be
// given twice what it had heard.
func unheard(tx *kernel.Tx, id string) error {
	rec, _, err := apps.Get(tx, id)
	if err == nil && rec.Since != 0 {
		return &abi.Error{Code: abi.FailedPrecondition, Reason: "subscribed", Message: id + " receives events already; it cannot replay older ones."}
	}
	return err
}

func (r *Room) upgrade(tx *kernel.Tx, in Upgrade) (Job, error) {
	if err := occupied(tx, in.ID); err != nil {
		return Job{}, err
	}
	wish := Wish{Action: "upgrade", ID: in.ID, Version: in.Version, Narrow: in.Narrow}
	d, err := r.draft(tx, wish)
	if err != nil {
		return Job{}, err
	}
	return r.agree(tx, ask{kind: "upgrade", subject: in.ID, consent: in.Consent, wish: wish, wait: true}, d)
}

func (r *Room) disable(tx *kernel.Tx, in Disable) (Job, error) {
	return r.stop(tx, Wish{Action: "disable", ID: in.ID, Cascade: in.Cascade})
}

func (r *Room) remove(tx *kernel.Tx, in Remove) (Job, error) {
	if in.Confirm != in.ID {
		return Job{}, &abi.Error{Code: abi.Invalid, Reason: "confirm", Pointer: "/confirm", Message: "This removes all data of " + in.ID + ": write its id to confirm."}
	}
	return r.stop(tx, Wish{Action: "remove", ID: in.ID, Cascade: in.Cascade})
}

func (r *Room) stop(tx *kernel.Tx, wish Wish) (Job, error) {
	if err := occupied(tx, wish.ID); err != nil {
		return Job{}, err
	}
	d, err := r.draft(tx, wish)
	if err != nil {
		return Job{}, err
	}
	return r.agree(tx, ask{kind: wish.Action, subject: wish.ID, wish: wish}, d)
}

// Work asks for jobs.
type Work struct {
	Listing
	App string `json:"app,omitempty" jsonschema:"only jobs that work on it, of a set too"`
}

// Jobs is a page of jobs, the newest first.
type Jobs struct {
	Items []Job  `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Watch asks for a job, perhaps when it has changed.
type Watch struct {
	ID    string `json:"id"`
	Wait  int    `json:"wait,omitempty" jsonschema:"seconds to wait for a change or the end, at most 30"`
	Since int    `json:"since,omitempty" jsonschema:"revision that is known"`
}

// Agree says yes to a job that waits.
type Agree struct {
	ID      string `json:"id"`
	Consent string `json:"consent"`
	Narrow  Narrow `json:"narrow,omitempty"`
}

func (r *Room) jobOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.jobs.list", Method: http.MethodGet, Path: "/jobs", Summary: "List jobs, the newest first", Right: Right}, r.listJobs),
		platform.Action(platform.About{Name: "host.jobs.get", Method: http.MethodGet, Path: "/jobs/{id}", Summary: "Show a job, perhaps when it has changed", Doc: "Errors: not_found (job).", Right: Right}, r.watch),
		platform.Command(platform.About{
			Name: "host.jobs.consent", Method: http.MethodPost, Path: "/jobs/{id}/consent", Summary: "Say yes to what a job asks for", Right: Right,
			Doc: "Errors: not_found (job); failed_precondition (not_waiting); conflict, plan_changed: fields consent and plan.",
		}, r.consent),
		platform.Command(platform.About{
			Name: "host.jobs.cancel", Method: http.MethodPost, Path: "/jobs/{id}/cancel", Summary: "Undo a job before its switch", Right: Right,
			Doc: "Errors: not_found (job); failed_precondition (ended, too_late).",
		}, r.cancel),
	}
}

func noJob(id string) error {
	return &abi.Error{Code: abi.NotFound, Reason: "job", Message: "There is no job " + id + "."}
}

func (r *Room) listJobs(tx *kernel.Tx, in Work) (Jobs, error) {
	out := Jobs{Items: []Job{}}
	for after := in.After; ; {
		page, err := jobs.Page(tx, "", after, in.limit(), true)
		if err != nil {
			return out, err
		}
		for _, j := range page {
			if in.App == "" || slices.Contains(j.Value.Apps, in.App) {
				out.Items = append(out.Items, j.Value.Job)
			}
			if after = j.Key; len(out.Items) == in.limit() {
				out.Next = after
				return out, nil
			}
		}
		if len(page) < in.limit() {
			return out, nil
		}
	}
}

// maxWait is how long a look at a job may take.
const maxWait = 30 * time.Second

func (r *Room) watch(ctx context.Context, _ platform.Caller, in Watch) (Job, error) {
	t := r.tenant(r.config.Tenant)
	if t == nil {
		return Job{}, noJob(in.ID)
	}
	wait, stop := context.WithTimeout(ctx, min(time.Duration(in.Wait)*time.Second, maxWait))
	defer stop()
	for {
		changed := t.waiting()
		j, err := (&work{r: r, t: t, id: in.ID}).read(ctx)
		if errors.Is(err, errEnded) {
			return Job{}, noJob(in.ID)
		}
		if err != nil {
			return Job{}, err
		}
		if j.Revision > in.Since || j.State != jobRunning {
			return j.Job, nil
		}
		select {
		case <-changed:
		case <-wait.Done():
			return j.Job, nil
		}
	}
}

func (r *Room) consent(tx *kernel.Tx, in Agree) (Job, error) {
	j, ok, err := jobs.Get(tx, in.ID)
	switch {
	case err != nil:
		return Job{}, err
	case !ok:
		return Job{}, noJob(in.ID)
	case j.State != jobWaiting:
		return Job{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "not_waiting", Message: "The job does not wait for consent."}
	}
	wish := j.Wish
	if in.Narrow != nil {
		wish.Narrow = in.Narrow
	}
	d, err := r.draft(tx, wish)
	if err != nil {
		return Job{}, err
	}
	switch {
	case !d.plan.Possible:
		return Job{}, impossible(&d.plan)
	case d.plan.Consent != in.Consent:
		return Job{}, planChanged(&d.plan)
	}
	for _, c := range d.changes { // the newest may be another one than when the job began
		if err := there(tx, c); err != nil {
			return Job{}, err
		}
	}
	d.sign(tx)
	j.Wish, j.Changes, j.State, j.Plan = wish, d.changes, jobRunning, nil
	tx.Touch("job:" + in.ID)
	return j.Job, j.save(tx)
}

func (r *Room) cancel(tx *kernel.Tx, in ByID) (Job, error) {
	j, ok, err := jobs.Get(tx, in.ID)
	switch {
	case err != nil:
		return Job{}, err
	case !ok:
		return Job{}, noJob(in.ID)
	case j.State != jobRunning && j.State != jobWaiting:
		return Job{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "ended", Message: "The job has ended."}
	case j.switched():
		return Job{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "too_late", Message: "What the job does is true already; it only tidies up."}
	}
	tx.Touch("job:" + in.ID)
	if j.Cancel = true; j.State == jobWaiting {
		j.State = jobCancelled
		if err := r.release(tx, &j); err != nil {
			return Job{}, err
		}
	}
	return j.Job, j.save(tx)
}
