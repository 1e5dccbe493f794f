package sdktest

import (
	"maps"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Faults are the switches that make things go wrong. The zero value is a host
// in good health.
type Faults struct {
	conflicts int
	lost      int
	fails     map[string]*sdk.Error
}

// Conflict makes the next command lose n times against another one and run
// again: its handlers run n+1 times and only the last run has effects.
func (f *Faults) Conflict(n int) { f.conflicts += n }

// LoseAnswer lets the next n attempts of effects do what they do, and loses what
// they answer: they are tried again, and whoever they talk to is asked twice.
func (f *Faults) LoseAnswer(n int) { f.lost += n }

func (f *Faults) takeLost() bool {
	if f.lost == 0 {
		return false
	}
	f.lost--
	return true
}

// Fail makes every call from an app to an operation or slot end with err, as
// if its owner had, until Heal. name is contract.operation or contract.slot.
//
//	env.Faults.Fail("catalog.product", sdk.Fail(sdk.CodeUnavailable, "", ""))
func (f *Faults) Fail(name string, err *sdk.Error) {
	f.fails = maps.Clone(f.fails)
	if f.fails == nil {
		f.fails = map[string]*sdk.Error{}
	}
	f.fails[name] = err
}

// Heal ends what Fail began.
func (f *Faults) Heal(name string) { delete(f.fails, name) }

func (f *Faults) takeConflicts() int {
	n := f.conflicts
	f.conflicts = 0
	return n
}

// failing is the error that a call must end with, nil for none.
func (f *Faults) failing(name, app string) *abi.Error {
	e, ok := f.fails[name]
	if !ok {
		return nil
	}
	copied := *e
	if copied.App == "" {
		copied.App = app
	}
	return &copied
}
