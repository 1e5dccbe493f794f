package kernel

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/singleflight"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Config is what a Kernel is made of. Runner is required; zero is the default
// of every other field.
type Config struct {
	Runner  sandbox.Runner
	Logger  hclog.Logger     // default: none
	Now     func() time.Time // default time.Now
	Random  io.Reader        // seeds of operations; default crypto/rand
	Running int              // operations at once; default 2 × cores
	Waiting int              // operations that may wait for a place; default 1,024
	Hooks   Hooks
	// Sign answers abi.SignatureSize bytes that tell who signed what, by a key that
	// no guest knows; the same for the same arguments, for ever. It does not keep
	// data. Default: guests that sign are refused.
	Sign func(tenant, app string, data []byte) []byte
}

// Hooks let metrics and crash tests watch. A nil one is not called.
type Hooks struct {
	Done   func(Call, Result, error)     // after every operation and task
	Fault  func(app string, kind string) // a guest fault
	Nested func(depth int)               // inside a nested call, before its guest runs
	Denied func(Call, *identity.Denial)  // after an operation was refused to who asked
	Queued func(tenant string)           // after a commit that put something into a queue
}

// Kernel runs operations. Safe for concurrent use.
type Kernel struct {
	config    Config
	admission *admission
	house     *admission // of the host's own tasks, so that apps cannot keep it from its work
	breaker   breaker
	pending   pending
	mu        sync.RWMutex
	tenants   map[string]*tenant
	natives   map[string]*Native
	warming   singleflight.Group
}

// share are the places that operations of one app may hold: half of all, which by
// default is one per core, so that an app that only spins leaves some to the others.
func (t *tenant) share(app string, c *Config) *admission {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.shares[app]
	if a == nil {
		a = newAdmission(max(1, c.Running/2), c.Waiting)
		t.shares[app] = a
	}
	return a
}

// New makes a kernel without tenants.
func New(c Config) *Kernel {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Running == 0 {
		c.Running = 2 * runtime.GOMAXPROCS(0)
	}
	if c.Waiting == 0 {
		c.Waiting = 1024
	}
	return &Kernel{
		config:    c,
		admission: newAdmission(c.Running, c.Waiting),
		house:     newAdmission(houseTasks, c.Waiting),
		breaker:   breaker{state: map[patient]*health{}},
		pending:   pending{keys: map[string]bool{}},
		tenants:   map[string]*tenant{},
		natives:   map[string]*Native{},
	}
}

// Degraded lists the enabled apps, id@version, that are not called because they
// only fault.
func (k *Kernel) Degraded() []string {
	var apps []string
	for _, p := range k.breaker.degraded() {
		set, ok := k.Set(p.tenant)
		if ok && slices.ContainsFunc(set.Apps(), func(a *registry.App) bool { return a.String() == p.app }) {
			apps = append(apps, p.app)
		}
	}
	slices.Sort(apps)
	return apps
}

func (k *Kernel) tenant(name string) *tenant {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.tenants[name]
}

// Run runs one operation to its end: all attempts, durable. The error is an
// *Error whose codes are those of the operation and these of the kernel:
// not_found (tenant, operation), denied, invalid (idempotency_key_reused),
// conflict (idempotency_in_progress, contention), deadline (app_timeout, fuel),
// unavailable (overloaded, capacity, degraded, storage), internal (app_fault,
// outcome_unknown).
func (k *Kernel) Run(ctx context.Context, c Call) (Result, error) {
	begun := k.config.Now()
	r, err := k.run(ctx, c, begun)
	r.Usage.Duration = k.config.Now().Sub(begun)
	if err != nil {
		err = public(err)
	}
	if k.config.Hooks.Done != nil {
		k.config.Hooks.Done(c, r, err)
	}
	return r, err
}

func (k *Kernel) run(ctx context.Context, c Call, begun time.Time) (Result, error) {
	t := k.tenant(c.Tenant)
	if t == nil {
		return Result{}, errNoTenant
	}
	if len(c.Input) > abi.MaxInput {
		return Result{}, failure(abi.TooLarge, abi.ReasonInput, "The input is longer than 1 MiB.")
	}
	b, err := k.body(t, c)
	if err != nil {
		return Result{}, err
	}
	op, err := k.newOperation(t, b, c, begun)
	if err != nil {
		return Result{}, err
	}
	return op.once(ctx)
}

// body finds what a call names: one of the host's own operations, or one of an
// enabled app.
func (k *Kernel) body(t *tenant, c Call) (body, error) {
	if n := k.native(c.Operation); n != nil {
		return n.body(), nil
	}
	target, ok := t.cut.Load().Operation(c.Operation)
	if !ok {
		return body{}, failure(abi.NotFound, abi.ReasonOperation, "No enabled app answers "+c.Operation+".")
	}
	return body{
		command: target.Command, share: target.App.ID, limits: target.App.Limits,
		run:   func(ctx context.Context, op *operation) ([]byte, error) { return op.enter(ctx) },
		allow: (*operation).permitted,
	}, nil
}

// once runs an operation unless the same one, by its key, runs already.
func (op *operation) once(ctx context.Context) (Result, error) {
	if op.key == nil {
		return op.run(ctx)
	}
	id := op.call.Tenant + "\x00" + string(op.key)
	if !op.k.pending.begin(id) {
		return Result{}, failure(abi.Conflict, "idempotency_in_progress", "The same request is being answered.")
	}
	defer op.k.pending.end(id)
	return op.run(ctx)
}

// pending holds the idempotency keys whose operations run now.
type pending struct {
	mu   sync.Mutex
	keys map[string]bool
}

func (p *pending) begin(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys[key] {
		return false
	}
	p.keys[key] = true
	return true
}

func (p *pending) end(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.keys, key)
}

// denied is what a caller may know of why.
func denied(d *identity.Denial) *abi.Error {
	e := failure(abi.Denied, abi.ReasonPermission, "The permission "+d.Right+" is missing.")
	e.Fields = []abi.Field{{Name: "permission", Text: d.Right}}
	if d.Store != "" {
		e = failure(abi.Denied, abi.ReasonStore, "You may not act for this store.")
	}
	return e
}

func failure(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

var errOverloaded = failure(abi.Unavailable, "overloaded", "Too many requests wait already.")

// public turns whatever ended an operation into an *Error that is safe to show.
func public(err error) *Error {
	var known *abi.Error
	var fault *sandbox.Fault
	var conflict *storage.Conflict
	var denial *identity.Denial
	switch {
	case errors.As(err, &denial):
		return &Error{Public: *denied(denial), Cause: err}
	case errors.As(err, &known):
		return &Error{Public: *known, Cause: err}
	case errors.As(err, &fault):
		return &Error{Public: *faultError(fault), Cause: err}
	case errors.As(err, &conflict):
		return &Error{Public: *failure(abi.Conflict, "contention", "Others changed the same data all the time; try again."), Cause: err}
	case errors.Is(err, storage.ErrPoisoned):
		return &Error{Public: *failure(abi.Internal, "outcome_unknown", "It may or may not have been done; repeat it with the same key."), Cause: err}
	case errors.Is(err, storage.ErrFull):
		return &Error{Public: *failure(abi.Exhausted, "storage_full", "The disk is full; nothing was written."), Cause: err}
	case errors.Is(err, storage.ErrCorrupt):
		return &Error{Public: *failure(abi.Internal, "storage_corrupt", "A stored record is damaged."), Cause: err}
	case errors.Is(err, storage.ErrClosed):
		return &Error{Public: *failure(abi.Unavailable, "storage", "The host is stopping."), Cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Public: *failure(abi.Deadline, "app_timeout", "It took too long, waiting for others that changed the same data."), Cause: err}
	case errors.Is(err, context.Canceled):
		return &Error{Public: *failure(abi.Deadline, "canceled", "The caller did not wait."), Cause: err}
	}
	return &Error{Public: abi.Error{Code: abi.Internal}, Cause: err}
}

// faultError is what a caller may know of a guest's fault.
func faultError(f *sandbox.Fault) *abi.Error {
	switch f.Kind {
	case sandbox.FaultDeadline:
		return failure(abi.Deadline, "app_timeout", "The app took too long.")
	case sandbox.FaultFuel:
		return failure(abi.Deadline, "fuel", "The app computed too much.")
	case sandbox.FaultQuota:
		return quota("host_calls")
	case sandbox.FaultCapacity:
		return failure(abi.Unavailable, "capacity", "No memory is left for another instance.")
	case sandbox.FaultCold:
		return failure(abi.Unavailable, "warming", "The app is getting ready; try again.")
	}
	return failure(abi.Internal, abi.ReasonAppFault, "The app stopped with a fault.")
}

// catchable says whether a caller may go on after a nested call ended in err:
// after a fault of the callee alone, not when the operation itself is spent.
func catchable(err error) (*sandbox.Fault, bool) {
	var f *sandbox.Fault
	if !errors.As(err, &f) {
		return nil, false
	}
	switch f.Kind {
	case sandbox.FaultDeadline, sandbox.FaultFuel, sandbox.FaultQuota, sandbox.FaultCapacity, sandbox.FaultCold:
		return f, false
	}
	return f, true
}
