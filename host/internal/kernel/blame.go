package kernel

import (
	"time"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// spending is what a session used up.
type spending struct {
	units int64
	calls int // of host functions
	time  time.Duration
}

func (a spending) less(b spending) spending {
	return spending{a.units - b.units, a.calls - b.calls, a.time - b.time}
}

func (a spending) plus(b spending) spending {
	return spending{a.units + b.units, a.calls + b.calls, a.time + b.time}
}

// greed remembers the session that alone used up most of its app's share, for
// each thing that an operation can run out of.
type greed struct {
	most                spending
	burner, caller, hog *registry.App // of units, calls, time; nil if nobody was greedy
}

// settle accounts for what a session used. An app is greedy that by itself, and
// not through others, uses at least half of what its own manifest allows for a
// whole operation.
func (s *session) settle(used spending) {
	op, limits, g := s.op, s.app.Limits, &s.op.greedy
	own := used.less(s.nested)
	if s.from != nil {
		s.from.nested = s.from.nested.plus(used)
	} else {
		op.usage.Units += used.units
		op.usage.HostCalls += used.calls
	}
	if own.units >= max(limits.Units/2, g.most.units) {
		g.most.units, g.burner = own.units, s.app
	}
	if own.calls >= max(abi.MaxHostCalls/2, g.most.calls) {
		g.most.calls, g.caller = own.calls, s.app
	}
	if own.time >= max(limits.Time/2, g.most.time) {
		g.most.time, g.hog = own.time, s.app
	}
}

// blame tells the breaker whose fault a fault is. Of one that only the guest
// can have caused it is the guest's. When the whole operation ran out of
// something, the app that happened to run need not be the one that used it up:
// else an app could spend nearly all and call its victim, twenty times in a row.
func (s *session) blame(f *sandbox.Fault) {
	guilty := s.app
	switch f.Kind {
	case sandbox.FaultFuel:
		guilty = s.op.greedy.burner
	case sandbox.FaultQuota:
		guilty = s.op.greedy.caller
	case sandbox.FaultDeadline:
		guilty = s.op.greedy.hog
	default:
		s.op.k.breaker.report(s.op.patient(guilty), true, s.op.k.config.Now())
		return
	}
	if guilty != nil && s.from == nil { // all is accounted for
		s.op.k.breaker.report(s.op.patient(guilty), true, s.op.k.config.Now())
	}
}

// patient is an app as the breaker knows it.
func (op *operation) patient(app *registry.App) patient {
	return patient{op.call.Tenant, app.String()}
}

// caller is the id of the calling app, "" at the edge.
func (s *session) caller() string {
	if s.from == nil {
		return ""
	}
	return s.from.app.ID
}
