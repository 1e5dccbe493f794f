package sdktest

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Job is a job that was begun.
type Job struct {
	App, Name, ID string
	Finished      bool
	Steps         int    // that have committed; 0 of one that waits for its first
	Done, Total   uint64 // as the last step said
	State         []byte // MessagePack; of a finished job its result
}

// Jobs are the jobs of all apps, in no order of time.
func (e *Env) Jobs() []Job {
	all := maps.Clone(e.jobs)
	for _, w := range e.in(queueJobs) {
		if j, moved := all[w.key]; !moved || j.Finished {
			all[w.key] = Job{App: w.app, Name: w.name, ID: w.id}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

// Result is what a job of the app under test has come to, and whether it has
// finished.
func Result[In, State any](e *Env, job sdk.Job[In, State], id string) (State, bool) {
	j := e.jobs[spaceKey(queueJobs, e.apps[0].id, job.Name)+id]
	if j.State == nil {
		var none State
		return none, false
	}
	return decoded[State](e, job.Name, j.State), j.Finished
}

func (e *Env) steps() (all []work) {
	for _, w := range e.in(queueJobs) {
		all = append(all, work{"job " + w.name + " " + w.id + " of " + w.app, w.key, w.due, func() error { return e.jobStep(&w) }})
	}
	return all
}

// jobStep makes one step; what it leaves to the next is part of its transaction.
func (e *Env) jobStep(w *waiting) error {
	at, err := abi.ParseStepIn(w.payload)
	if err != nil {
		return err
	}
	t := e.task(w, abi.EntryJob)
	var s abi.Step
	t.before = func() { e.space.delete(w.key) } // the step may begin the job anew
	t.after = func(out []byte) (failed *abi.Error) {
		if s, failed = step(out); failed != nil {
			return failed
		}
		begun, anew := e.space.get(w.key, e.now)
		if again, bad := abi.ParseStepIn(begun.value); s.Finished || anew && bad == nil && !bytes.Equal(again.Input, at.Input) {
			return nil // what was begun, if anything, waits for its first step
		}
		next := abi.StepIn{Input: at.Input, Cursor: s.Cursor}
		e.space.put(w.key, cell{value: next.Append(nil), number: w.due})
		return nil
	}
	if _, err := e.run(t); err != nil {
		return err
	}
	before := e.jobs[w.key].Steps
	if len(at.Cursor) == 0 {
		before = 0 // it was begun anew
	}
	j := Job{App: w.app, Name: w.name, ID: w.id, Finished: s.Finished, Steps: before + 1, Done: s.Done, Total: s.Total, State: slices.Clone(s.Cursor)}
	if s.Finished {
		j.State = slices.Clone(s.Output)
	}
	e.jobs[w.key] = j
	return nil
}

// step reads what a step answers.
func step(out []byte) (abi.Step, *abi.Error) {
	s, err := frame(abi.ParseStep(out))
	if err == nil && len(s.Cursor) > abi.MaxStepHead {
		err = failure(abi.TooLarge, abi.ReasonOutput, "the state of a step is longer than 64 KiB")
	}
	return s, err
}

// Migrate leads what the app under test keeps from a data version to that of its
// code: all expanding, then all contracting, in the order of versions, each step
// in a transaction of its own. Between the two the old version of the app would
// still be at work; between runs while the test wants to see that.
func (e *Env) Migrate(from int, between func() error) error {
	for _, phase := range []string{abi.MigrateExpand, abi.MigrateContract} {
		if phase == abi.MigrateContract && between != nil {
			if err := between(); err != nil {
				return err
			}
		}
		for version := from + 1; version <= e.apps[0].module.Descriptor.DataVersion; version++ {
			if err := e.migrate(phase, version); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Env) migrate(phase string, version int) error {
	a := e.apps[0]
	i := slices.Index(a.module.Descriptor.Entries, abi.Entry{Kind: abi.EntryMigration, Name: phase, Key: strconv.Itoa(version)})
	if i < 0 {
		return nil
	}
	var at abi.StepIn
	for range mostSteps {
		var s abi.Step
		_, err := e.run(task{
			as: Principal{ID: "app:" + a.id}, to: target{app: a, kind: abi.EntryMigration, handler: a.module.Handlers[i]}, in: at.Append(nil),
			handled: &abi.Info{Key: strconv.Itoa(version), Attempt: 1},
			after:   func(out []byte) (failed *abi.Error) { s, failed = step(out); return failed },
		})
		if err != nil || s.Finished {
			return asError(err)
		}
		at.Cursor = slices.Clone(s.Cursor)
	}
	return errors.New("the migration to version " + strconv.Itoa(version) + " does not finish")
}
