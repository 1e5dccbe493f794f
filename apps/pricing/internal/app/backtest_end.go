package app

import (
	"cmp"
	"errors"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// backTestWatch looks after a run: nobody tells the app that the host has ended its
// job.
var backTestWatch = sdk.Timer[backTestRun]{Name: "back_test_watch"}

// mostSilence is how long a job may be silent: longer than the host waits with all the
// tries of one step.
const mostSilence retail.Instant = 30 * 60 * 1000

// watch asks for a look at the run once it has been silent for too long.
func (b *backTest) watch(tx *sdk.Tx) error {
	return backTestWatch.Schedule(tx, b.ID, b.Run.Heard+mostSilence, backTestRun{ID: b.ID})
}

// watchBackTest ends a run whose job does not go on any more.
func watchBackTest(tx *sdk.Tx, in backTestRun) error {
	b, there := backTests.Get(tx, sdk.K(in.ID))
	switch {
	case !there || b.Run.State != pricing.Running:
		return nil
	case b.Run.Heard+mostSilence > tx.Now():
		return b.watch(tx)
	}
	b.Run.Failure = &pricing.BackTestFailure{Reason: pricing.GaveUp, Message: "The host has ended its job: the last step failed several times, or somebody stopped it."}
	return b.end(tx, pricing.Failed)
}

// lastTry is the try of a step whose failure is told with its error: the host makes one
// more at most.
const lastTry = 5

// passing says whether another try may mend an error.
func passing(err error) bool {
	switch sdk.CodeOf(err) {
	case sdk.CodeConflict, sdk.CodeUnavailable, sdk.CodeDeadline, sdk.CodeInternal:
		return true
	}
	return false
}

// goesOn says whether the run wants another step. One that was given up does if the
// host makes one after all.
func (b *backTest) goesOn(tx *sdk.Tx) (bool, error) {
	if f := b.Run.Failure; b.Run.State == pricing.Failed && f != nil && f.Reason == pricing.GaveUp {
		b.Run.State, b.Run.Failure, b.Run.Ended, b.Run.Heard = pricing.Running, nil, 0, tx.Now()
		return true, b.watch(tx)
	}
	return b.Run.State == pricing.Running, nil
}

// end ends the run, whatever it has come to.
func (b *backTest) end(tx *sdk.Tx, state pricing.BackTestState) error {
	b.Run.State, b.Run.Ended = state, tx.Now()
	if err := backTests.Put(tx, *b); err != nil {
		return err
	}
	if err := backTestWatch.Cancel(tx, b.ID); err != nil {
		return err
	}
	return b.tell(tx)
}

// failBackTest ends a run with an error that another try would not mend: with what its
// earlier steps came to.
func failBackTest(tx *sdk.Tx, id string, why error) error {
	b, there := backTests.Get(tx, sdk.K(id))
	if !there {
		return nil
	}
	b.Run.Failure = &pricing.BackTestFailure{Reason: cmp.Or(sdk.ReasonOf(why), string(pricing.Failed)), Message: "A step could not be made."}
	var said *sdk.Error
	if errors.As(why, &said) {
		b.Run.Failure.Message = said.Message
	}
	return b.end(tx, pricing.Failed)
}
