package lifecycle

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// maxTries is how often a step is tried that failed for a reason that passes;
// laterTry is when a job is looked at again that could not even be ended.
const (
	maxTries = 5
	laterTry = 5 * time.Second
)

var (
	errCancelled = errors.New("cancelled")
	errEnded     = errors.New("the job has ended")
)

// Run works on the jobs of all tenants until the context ends: those that a
// killed host left first. A step that is interrupted is done again.
func (r *Room) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	r.tidy(ctx)
	for {
		for _, t := range r.all() {
			if err := r.pick(ctx, t, &workers); err != nil && ctx.Err() == nil {
				r.config.Logger.Error("jobs", "tenant", t.name, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		}
	}
}

func (r *Room) all() (all []*tenant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tenants {
		all = append(all, t)
	}
	return all
}

// pick begins to work on each running job that nobody works on.
func (r *Room) pick(ctx context.Context, t *tenant, workers *sync.WaitGroup) error {
	var running []string
	_, err := r.read(ctx, t.name, func(tx *kernel.Tx) error {
		running = nil
		page, err := open.Page(tx, "", "", 1000, false)
		if err != nil {
			return err
		}
		for _, o := range page {
			j, ok, err := jobs.Get(tx, o.Key)
			if err != nil {
				return err
			}
			if ok && j.State == jobRunning {
				running = append(running, o.Key)
			}
		}
		return nil
	})
	for _, id := range running {
		if r.claim(t.name+"\x00"+id, true) {
			workers.Go(func() {
				defer r.claim(t.name+"\x00"+id, false)
				w := &work{r: r, t: t, id: id, held: map[string]*shelved{}}
				defer w.drop()
				if w.run(ctx) {
					r.tidy(ctx)
				} else if ctx.Err() == nil {
					r.config.Later(laterTry, r.Wake)
				}
			})
		}
	}
	return err
}

// claim says that a job is worked on, or no more. It is false if somebody else
// works on it.
func (r *Room) claim(key string, begin bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if begin == r.working[key] {
		return false
	}
	r.working[key] = begin
	if !begin {
		delete(r.working, key)
	}
	return true
}

// work is one job while it is worked on. All that it must remember is in
// storage.
type work struct {
	r    *Room
	t    *tenant
	id   string
	held map[string]*shelved // by package, so that what one step warms the next one runs
}

// module is the loaded module of a change, held until the job ends.
func (w *work) module(ctx context.Context, c *change) (*shelved, error) {
	if s := w.held[c.Package]; s != nil {
		return s, nil
	}
	s, err := w.r.take(ctx, c.Package)
	if err == nil {
		w.held[c.Package] = s
	}
	return s, err
}

// drop gives back what the job held.
func (w *work) drop() {
	for _, s := range w.held {
		w.r.give(s)
	}
	clear(w.held)
}

// steps are the functions behind the names. Each commits what it did and that it
// is done in one transaction, and may be run again if it did not.
var steps = map[string]func(*work, context.Context, *job) error{
	stepVerify:   (*work).verify,
	stepLoad:     (*work).load,
	stepConsent:  (*work).consent,
	stepExpand:   (*work).expand,
	stepReplay:   (*work).replay,
	stepWarm:     (*work).warm,
	stepSwitch:   (*work).switchOver,
	stepDrain:    (*work).drain,
	stepContract: (*work).contract,
	stepIndex:    (*work).index,
	stepErase:    (*work).erase,
	stepFinish:   (*work).finish,
}

// run does the steps that are left. It is false if some are left still: the host
// stops, or nothing can be written.
func (w *work) run(ctx context.Context) bool {
	for tries := 0; ; {
		j, err := w.read(ctx)
		if err != nil || j.State != jobRunning {
			return err == nil || errors.Is(err, errEnded)
		}
		step := j.next()
		if step == nil {
			return true
		}
		if j.Cancel && !j.switched() {
			return w.end(ctx, errCancelled)
		}
		name := step.Name
		w.r.config.Step(w.id, name)
		if err = steps[name](w, ctx, j); err == nil {
			w.r.config.Step(w.id, name+".done")
			tries = 0
			continue
		}
		tries++
		switch {
		case errors.Is(err, errEnded):
			return true
		case ctx.Err() != nil || closing(err):
			return false
		case passing(err) && tries < maxTries:
			continue
		}
		return w.end(ctx, err)
	}
}

// closing says whether the storage will not take part any more.
func closing(err error) bool {
	return errors.Is(err, storage.ErrClosed) || errors.Is(err, storage.ErrPoisoned)
}

// passing says whether the same step may succeed when it is done again.
func passing(err error) bool {
	k, ok := errors.AsType[*kernel.Error](err)
	return ok && (k.Public.Code == abi.Unavailable || k.Public.Code == abi.Deadline || k.Public.Reason == "contention")
}

func (w *work) read(ctx context.Context) (j *job, err error) {
	_, err = w.r.read(ctx, w.t.name, func(tx *kernel.Tx) error {
		v, ok, err := jobs.Get(tx, w.id)
		if err == nil && !ok {
			err = errEnded
		}
		j = &v
		return err
	})
	return j, err
}

// update changes the job in a transaction, unless it has ended or is to be
// cancelled and still can be.
func (w *work) update(tx *kernel.Tx, fn func(j *job) error) error {
	j, ok, err := jobs.Get(tx, w.id)
	switch {
	case err != nil:
		return err
	case !ok || j.State != jobRunning:
		return errEnded
	case j.Cancel && !j.switched():
		return errCancelled
	}
	if err := fn(&j); err != nil {
		return err
	}
	return j.save(tx)
}

// commit is update in a transaction of its own, on the share of an app if it
// runs its code.
func (w *work) commit(ctx context.Context, app string, fn func(tx *kernel.Tx, j *job) error) error {
	_, err := w.r.config.Kernel.Do(ctx, kernel.Task{
		Tenant: w.t.name, Name: "host.job", App: app,
		Do: func(tx *kernel.Tx) error {
			return w.update(tx, func(j *job) error { return fn(tx, j) })
		},
	})
	if err == nil {
		w.t.notify()
	}
	return err
}

// pass commits that a step is done, and nothing else.
func (w *work) pass(ctx context.Context, name string) error {
	return w.commit(ctx, "", func(tx *kernel.Tx, j *job) error {
		j.pass(name, tx.Now())
		return nil
	})
}

// brings says whether a change runs the code of its package.
func (c *change) brings() bool { return c.To == toEnabled || c.To == toInstalled }

// verify copies packages of the catalogue into the store, where nobody changes
// them, and checks that they are whole.
func (w *work) verify(ctx context.Context, j *job) error {
	for _, c := range j.Changes {
		if !c.brings() {
			continue
		}
		e, err := w.r.store.byDigest(c.Package)
		if err != nil {
			return err
		}
		wasm, err := w.r.store.bytes(e)
		if err != nil {
			return err
		}
		if err := w.r.store.keep(e, wasm); err != nil {
			return err
		}
	}
	return w.pass(ctx, stepVerify)
}

// load compiles the modules, so that what follows finds them in the cache.
func (w *work) load(ctx context.Context, j *job) error {
	var missing []string
	for _, c := range j.Changes {
		if c.brings() && w.held[c.Package] == nil {
			missing = append(missing, c.Package)
		}
	}
	var errs []error
	for i, got := range w.r.takeAll(ctx, missing) {
		if got.err == nil {
			w.held[missing[i]] = got.held
		}
		errs = append(errs, got.err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return w.pass(ctx, stepLoad)
}

// consent writes new apps down as installed.
func (w *work) consent(ctx context.Context, _ *job) error {
	return w.commit(ctx, "", func(tx *kernel.Tx, j *job) error {
		for _, c := range j.Changes {
			if !c.brings() || !c.Fresh {
				continue
			}
			rec, _, err := apps.Get(tx, c.App)
			if err != nil {
				return err
			}
			rec.bring(&c)
			rec.State = stateInstalled
			if err := apps.Put(tx, c.App, rec); err != nil {
				return err
			}
		}
		j.pass(stepConsent, tx.Now())
		return nil
	})
}

// bring notes the package of a change; its data comes with the switch.
func (rec *record) bring(c *change) {
	rec.Package, rec.Version, rec.Digest, rec.Consent = c.Package, c.Version, c.Digest, c.Consent
}

// drain waits for what runs with the set before. Instances that may have read
// other settings go before it and after: an operation that began before may make
// one meanwhile.
func (w *work) drain(ctx context.Context, j *job) error {
	w.retire(j)
	if err := w.r.drain(ctx, w.t); err != nil {
		return err
	}
	w.retire(j)
	for _, c := range j.Changes {
		if app, ok := w.running(c.App); ok && c.To == toFilled && w.r.config.Warm != nil {
			if err := w.r.config.Warm(ctx, w.t.name, app); err != nil {
				return err
			}
		}
	}
	return w.pass(ctx, stepDrain)
}

func (w *work) retire(j *job) {
	for _, c := range j.Changes {
		if c.To == toFilled {
			w.r.config.Sandbox.Retire(w.t.name + "\x00" + c.App)
		}
	}
}

// running is an app of the newest set.
func (w *work) running(id string) (*registry.App, bool) {
	set, ok := w.r.config.Kernel.Set(w.t.name)
	if !ok {
		return nil, false
	}
	return set.App(id)
}

// erase removes what an app keeps.
func (w *work) erase(ctx context.Context, j *job) error {
	for _, c := range j.Changes {
		for more := c.To == toRemoved; more; {
			err := w.commit(ctx, "", func(tx *kernel.Tx, j *job) error {
				n, err := tx.Erase(c.App, w.r.config.Batch)
				more = n > 0
				j.Progress.Done += uint64(n)
				return err
			})
			if err != nil {
				return err
			}
			w.r.config.Step(w.id, stepErase+".batch")
		}
	}
	return w.pass(ctx, stepErase)
}

// finish gives the apps back and closes the job.
func (w *work) finish(ctx context.Context, _ *job) error {
	w.drop()
	return w.commit(ctx, "", func(tx *kernel.Tx, j *job) error {
		for _, c := range j.Changes {
			if err := w.leave(tx, &c); err != nil {
				return err
			}
		}
		j.pass(stepFinish, tx.Now())
		j.State = jobDone
		return nil
	})
}

// leave makes what a change leads to final.
func (w *work) leave(tx *kernel.Tx, c *change) error {
	if c.To == toRemoved {
		if w.r.config.Events != nil {
			if err := w.r.config.Events.Unsubscribe(tx, c.App); err != nil {
				return err
			}
		}
		return errors.Join(apps.Delete(tx, c.App), settings.Delete(tx, c.App))
	}
	rec, _, err := apps.Get(tx, c.App)
	if err != nil {
		return err
	}
	rec.Job = ""
	if c.To == toInstalled && !c.Fresh {
		rec.bring(c)
	}
	return apps.Put(tx, c.App, rec)
}

// versionsAfter are the numbers in (from, to].
func versionsAfter(from, to int) (all []int) {
	for v := from + 1; v <= to; v++ {
		all = append(all, v)
	}
	return all
}
