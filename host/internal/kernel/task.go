package kernel

import (
	"context"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The house's own share of the machine.
const (
	houseTasks = 8                // at once
	houseTime  = 10 * time.Second // for one, all attempts together
)

// Native is an operation of the host itself. It is called, authorised, recorded
// and made repeatable like any other; its input and output are JSON.
type Native struct {
	Name    string // host.area.verb
	Command bool
	Right   string                                              // permission; "" for the owner only
	Open    bool                                                // anybody may call it, who need not be known
	Run     func(tx *Tx, input []byte) (output []byte, e error) // may run several times
}

// Provide adds operations of the host. Call it before anything runs.
func (k *Kernel) Provide(all ...*Native) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range all {
		k.natives[n.Name] = n
	}
}

func (k *Kernel) native(name string) *Native {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.natives[name]
}

func (n *Native) body() body {
	b := body{command: n.Command, limits: registry.Limits{Time: houseTime}}
	if n.Command {
		b.audit = n.Name
	}
	if !n.Open {
		b.allow = func(op *operation) error { return op.decide(identity.Need{Right: n.Right}) }
	}
	b.run = func(ctx context.Context, op *operation) ([]byte, error) {
		return n.Run(&Tx{op: op, ctx: ctx}, op.call.Input)
	}
	return b
}

// Task is one transaction of the host's own: a step of a job, a batch of
// deliveries.
type Task struct {
	Tenant   string
	Name     string // for logs and metrics
	ReadOnly bool
	// App is whose share of the running operations it takes, because it runs that
	// app's handlers; "" takes one of the house's own places.
	App  string
	Time time.Duration // for all attempts; default 10 s
	Do   func(tx *Tx) error
	// Principal defaults to the host itself, Request to none.
	Principal identity.Principal
	Request   string
}

// Do runs a task to its end, durable, and answers the log position. Do of the
// task may run several times. The error is an *Error, as of Run.
func (k *Kernel) Do(ctx context.Context, task Task) (position uint64, err error) {
	begun := k.config.Now()
	c := Call{Tenant: task.Tenant, Operation: task.Name, Principal: task.Principal, Request: task.Request}
	if c.Principal.ID == "" {
		c.Principal = identity.Host()
	}
	r, err := k.do(ctx, task, c, begun)
	r.Usage.Duration = k.config.Now().Sub(begun)
	if err != nil {
		err = public(err)
	}
	if k.config.Hooks.Done != nil {
		k.config.Hooks.Done(c, r, err)
	}
	return r.Position, err
}

func (k *Kernel) do(ctx context.Context, task Task, c Call, begun time.Time) (Result, error) {
	t := k.tenant(task.Tenant)
	if t == nil {
		return Result{}, errNoTenant
	}
	b := body{command: !task.ReadOnly, share: task.App, limits: registry.Limits{Time: task.Time}}
	if b.limits.Time == 0 {
		b.limits.Time = houseTime
	}
	b.run = func(ctx context.Context, op *operation) ([]byte, error) { return nil, task.Do(&Tx{op: op, ctx: ctx}) }
	op, err := k.newOperation(t, b, c, begun)
	if err != nil {
		return Result{}, err
	}
	return op.run(ctx)
}

// Handling is one handler to run inside a task.
type Handling struct {
	App   *registry.App
	Entry uint32
	Input []byte
	// Time is what the handler's clock shows; zero is the task's own reading.
	Time time.Time
	// Seed fixes the handler's ids and random bytes: the same again whenever the
	// same thing is handled. 32 bytes; nil goes on with the task's.
	Seed []byte
	// Info is what the handler is told of what it handles: Event, Key, Attempt,
	// Position, Replayed and Version. A replayed one may not call other apps, and starts
	// no effects.
	Info abi.Info
	// Hop is that of the event that is handled.
	Hop      int
	ReadOnly bool
}

// Handle runs a handler as its app, with limits of its own, inside the task. If
// it fails, everything that it did is undone and the task goes on; the error is
// then an *Error. Any other error must end the task. An event in a version that
// its handler does not know is failed_precondition, reason "event_version".
func (t *Tx) Handle(h Handling) ([]byte, error) {
	if newest := h.App.Entry(h.Entry).Version; h.Info.Version > max(newest, 1) {
		return nil, public(failure(abi.FailedPrecondition, abi.ReasonEventVersion, fmt.Sprintf(
			"The event has version %d, %s was built for version %d: upgrade it.", h.Info.Version, h.App, max(newest, 1))))
	}
	op := t.op
	was := *op
	op.handling(&h)
	save := op.txn.Save()
	s := &session{op: op, app: h.App, readOnly: h.ReadOnly || !op.body.command, handling: &h}
	out, code, err := s.run(t.ctx, h.Entry, h.Input, nil)
	if err == nil && code != abi.OK {
		err = guestError(out, code, h.App)
	}
	op.handled(&was)
	if err == nil {
		return out, nil
	}
	op.txn.Rollback(save)
	if op.failed(err) {
		return nil, public(err)
	}
	return nil, err
}

// handling gives the operation what a handler starts with.
func (op *operation) handling(h *Handling) {
	op.handles = true
	op.call.Principal = identity.App(h.App.ID)
	op.writes, op.events, op.read, op.readable = 0, 0, 0, maxRead
	op.fault, op.greedy = nil, greed{}
	op.meter = sandbox.Meter{
		Units: h.App.Limits.Units, Deadline: op.k.config.Now().Add(h.App.Limits.Time),
		HostCalls: abi.MaxHostCalls, LogBytes: abi.MaxLogBytes,
	}
	if !h.Time.IsZero() {
		op.now = h.Time.Truncate(time.Millisecond)
	}
	if h.Seed != nil {
		copy(op.seed[:], h.Seed)
		op.random, op.ids = nil, ids{}
	}
}

// handled takes the operation back.
func (op *operation) handled(was *operation) {
	op.call.Principal = was.call.Principal
	op.now, op.meter = was.now, was.meter
	op.writes, op.events, op.read, op.readable = was.writes, was.events, was.read, was.readable
	op.fault, op.greedy = was.fault, was.greedy
	if op.seed != was.seed {
		op.seed, op.random, op.ids = was.seed, was.random, was.ids
	}
}

// failed says whether an error is a handler's own, after which others go on. If
// derived values are missing the task ends, has them built and begins again.
func (op *operation) failed(err error) bool {
	if decided(err) {
		return true
	}
	f, _ := catchable(err)
	return f != nil && f.Kind != sandbox.FaultCapacity && (f.Kind != sandbox.FaultCold || op.unwarmed)
}

// Outside runs a handler without any transaction, as its app: an effect. It sees
// its input and its settings, and may send HTTP requests; nothing of the
// tenant's data.
func (k *Kernel) Outside(ctx context.Context, tenant string, h Handling, limit time.Duration, send Sender) ([]byte, error) {
	t := k.tenant(tenant)
	if t == nil {
		return nil, public(errNoTenant)
	}
	begun := k.config.Now()
	b := body{limits: registry.Limits{Time: limit, Units: h.App.Limits.Units}, share: h.App.ID}
	op, err := k.newOperation(t, b, Call{Tenant: tenant, Operation: h.App.Entry(h.Entry).Name, Principal: identity.App(h.App.ID)}, begun)
	if err != nil {
		return nil, public(err)
	}
	op.cut = t.cut.Load()
	op.handling(&h)
	op.meter.Deadline = begun.Add(limit)
	s := &session{op: op, app: h.App, readOnly: true, handling: &h, send: send}
	out, code, err := s.run(ctx, h.Entry, h.Input, nil)
	if err == nil && code != abi.OK {
		err = guestError(out, code, h.App)
	}
	if err != nil {
		return nil, public(err)
	}
	return out, nil
}

// Sender sends an HTTP request of an app to a host that it was granted. The
// error is an *abi.Error if the app may know of it.
type Sender func(ctx context.Context, app *registry.App, r abi.HTTPRequest) (abi.HTTPResponse, error)

// envelope is an event as it goes into the log.
func (op *operation) envelope(name, source, subject string, data []byte) outbox.Envelope {
	return outbox.Envelope{
		ID: op.newID(), Type: name, Source: source, Subject: subject, Time: op.now.UnixMilli(),
		Operation: op.id(), Request: op.call.Request, Principal: op.call.Principal.ID, Data: data,
	}
}
