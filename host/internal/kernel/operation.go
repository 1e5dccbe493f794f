package kernel

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// body is what an operation does inside its transaction.
type body struct {
	command bool
	share   string // app whose places it takes; "" for the house's own
	limits  registry.Limits
	audit   string // what is recorded as done, "" for nothing
	// allow refuses who may not, also what was done before under the same key; nil
	// for the host's own tasks.
	allow func(op *operation) error
	run   func(ctx context.Context, op *operation) ([]byte, error)
}

// operation is one operation over all of its attempts. What must not differ
// between attempts (clock, seed, id) is fixed here.
type operation struct {
	k      *Kernel
	tenant *tenant
	body   body
	call   Call
	seed   [32]byte
	begun  time.Time
	key    []byte // where its idempotency record lies, nil for none
	usage  Usage

	handles  bool // it runs handlers
	unwarmed bool // derived values that it needs could not be built

	// of the current attempt
	*cut
	txn      storage.Txn
	now      time.Time
	answers  *registry.App // whose answer it is, nil for the host's own
	meter    sandbox.Meter
	random   *rand.ChaCha8 // nil until a guest asks for a byte
	ids      ids
	stack    []*registry.App
	writes   int
	events   int
	read     int            // bytes of the keys that it has read
	readable int            // of those, the most
	fault    *sandbox.Fault // the last one, so that it is logged once
	greedy   greed
	cold     *registry.App // whose derived values were not there
	queued   bool          // it put something into a queue
	touched  []string      // what the audit says it was about
	head     *Head         // that it writes
}

// keepKeys is how long an idempotency record is kept: longer than any till is
// offline.
const keepKeys = 35 * 24 * time.Hour

func (k *Kernel) newOperation(t *tenant, b body, c Call, begun time.Time) (*operation, error) {
	op := &operation{k: k, tenant: t, body: b, call: c, begun: begun.Truncate(time.Millisecond)}
	if _, err := io.ReadFull(k.config.Random, op.seed[:]); err != nil {
		return nil, err
	}
	if c.Key != "" && b.command {
		op.key = idempotencyKey(c.Principal.ID, c.Operation, c.Key)
	}
	op.restart()
	op.meter.Deadline = begun.Add(b.limits.Time)
	return op, nil
}

// restart makes everything that an attempt uses up as it was before the first.
func (op *operation) restart() {
	op.now = op.begun
	op.random, op.ids = nil, ids{}
	op.stack = op.stack[:0]
	op.writes, op.events = 0, 0
	op.read, op.readable = 0, maxRead
	op.fault, op.greedy = nil, greed{}
	op.queued, op.touched, op.head, op.answers = false, nil, nil, nil
	op.meter = sandbox.Meter{
		Units:     op.body.limits.Units,
		Deadline:  op.meter.Deadline, // one for all attempts
		HostCalls: abi.MaxHostCalls,
		LogBytes:  abi.MaxLogBytes,
	}
}

// run makes attempts until one commits, fails for good, or the deadline of the
// first has passed.
func (op *operation) run(ctx context.Context) (Result, error) {
	var conflict *storage.Conflict
	for {
		op.usage.Attempts++
		r, err := op.attempt(ctx, conflict)
		if err != nil && op.warm(ctx, err) {
			op.restart()
			continue
		}
		if !errors.As(err, &conflict) {
			r.Usage = op.usage
			return r, err
		}
		if op.k.config.Now().After(op.meter.Deadline) {
			return Result{Usage: op.usage}, err
		}
		op.restart()
	}
}

// attempt runs the operation once. The place among the running operations is
// held while guests run and given back before the wait for the disk.
func (op *operation) attempt(ctx context.Context, retry *storage.Conflict) (Result, error) {
	leave, err := op.admit(ctx)
	if err != nil {
		return Result{}, err
	}
	defer leave()
	begin := ctx
	if retry != nil { // only then can Begin wait for anybody; the transaction ends with this context
		var cancel context.CancelFunc
		begin, cancel = context.WithTimeout(ctx, op.meter.Deadline.Sub(op.k.config.Now()))
		defer cancel()
	}
	txn, err := op.tenant.engine.Begin(begin, storage.Options{ReadOnly: !op.body.command, Now: op.begun, Retry: retry})
	if err != nil {
		return Result{}, err
	}
	op.txn = txn
	defer txn.Discard()
	defer op.unresolve()
	if err = op.resolve(); err != nil {
		return Result{}, err
	}
	if op.body.allow != nil {
		if err = op.body.allow(op); err != nil {
			leave()
			return op.verified(ctx, Result{}, err)
		}
	}
	if op.key != nil {
		if r, found, err := op.replay(); err != nil || found {
			leave()
			return op.verified(ctx, r, err)
		}
	}
	out, err := op.body.run(ctx, op)
	if err != nil {
		leave()
		return op.verified(ctx, Result{}, err)
	}
	return op.commit(ctx, out, leave)
}

// commit makes the attempt durable.
func (op *operation) commit(ctx context.Context, out []byte, leave func()) (Result, error) {
	if err := errors.Join(op.record(), op.remember(out)); err != nil {
		return Result{}, err
	}
	r := Result{Output: out, App: op.appName()}
	leave()
	c, err := op.txn.Commit(ctx)
	if err != nil {
		return Result{}, err
	}
	r.Position = c.Position
	if op.head != nil {
		if err := op.k.refresh(ctx, op.tenant); err != nil {
			op.k.config.Logger.Warn("the new set is not seen yet", "tenant", op.tenant.name, "error", err)
		}
	}
	if op.queued && op.k.config.Hooks.Queued != nil {
		op.k.config.Hooks.Queued(op.call.Tenant)
	}
	return r, nil
}

// appName is the app whose answer the operation's is, "host" for its own.
func (op *operation) appName() string {
	if op.answers == nil {
		return "host"
	}
	return op.answers.String()
}

// admit waits for a place among those of its app and then among all. leave gives
// both back, once.
func (op *operation) admit(ctx context.Context) (leave func(), err error) {
	if op.body.share == "" && !op.body.command {
		return func() {}, nil // short reads of the host itself: who is asking must not wait for jobs
	}
	if op.body.share == "" {
		return once(op.k.house.leave), op.place(ctx, op.k.house)
	}
	share, all := op.tenant.share(op.body.share, &op.k.config), op.k.admission
	if err = op.place(ctx, share); err != nil {
		return nil, err
	}
	if err = op.place(ctx, all); err != nil {
		share.leave()
		return nil, err
	}
	return once(all.leave, share.leave), nil
}

// once gives places back when it is called first, and then never again.
func once(leave ...func()) func() {
	left := false
	return func() {
		if left {
			return
		}
		left = true
		for _, l := range leave {
			l()
		}
	}
}

// place waits for a place, at most until the operation would be too late: what
// never began is no fault of its app.
func (op *operation) place(ctx context.Context, a *admission) error {
	if a.try() {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, op.meter.Deadline.Sub(op.k.config.Now()))
	defer cancel()
	err := a.enter(wait, op.call.Tenant)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return errOverloaded
	}
	return err
}

// verified lets an answer that writes nothing out of the host: only if what it
// was decided on still holds and is durable.
func (op *operation) verified(ctx context.Context, r Result, err error) (Result, error) {
	if err != nil && !decided(err) {
		return r, err
	}
	if verr := op.txn.Verify(ctx); verr != nil {
		return Result{}, verr
	}
	return r, err
}

// decided says whether err is an answer of an app or the kernel, made from
// what was read, and not a failure on the way to one.
func decided(err error) bool {
	var e *abi.Error
	return errors.As(err, &e)
}

// called is the operation that the call names, in the attempt's own cut.
func (op *operation) called() (*registry.Operation, error) {
	target, ok := op.Operation(op.call.Operation)
	if !ok || target.Command != op.body.command {
		return nil, failure(abi.NotFound, abi.ReasonOperation, "No enabled app answers "+op.call.Operation+".")
	}
	return target, nil
}

// permitted refuses an app's operation to who may not run it.
func (op *operation) permitted() error {
	target, err := op.called()
	if err != nil {
		return err
	}
	n, err := need(target, op.call.Input)
	if err != nil {
		return err
	}
	return op.decide(n)
}

// enter calls the app that the operation belongs to.
func (op *operation) enter(ctx context.Context) ([]byte, error) {
	target, err := op.called()
	if err != nil {
		return nil, err
	}
	if target.Right != nil && target.Right.Audit {
		op.body.audit = target.Name
	}
	op.answers = target.App
	s := &session{op: op, app: target.App, readOnly: !target.Command}
	out, code, err := s.run(ctx, target.Entry, op.call.Input, nil)
	if err != nil {
		return nil, err
	}
	if code != abi.OK {
		return nil, guestError(out, code, target.App)
	}
	return out, nil
}

// replay answers from the record of an earlier run with the same key.
func (op *operation) replay() (Result, bool, error) {
	rec, ok, err := op.txn.Get(op.key)
	if err != nil || !ok {
		return Result{}, false, err
	}
	if len(rec.Value) < 8+sha256.Size {
		return Result{}, false, storage.ErrCorrupt
	}
	hash := sha256.Sum256(op.call.Input)
	if !slices.Equal(rec.Value[8:8+sha256.Size], hash[:]) {
		return Result{}, false, failure(abi.Invalid, "idempotency_key_reused", "This key was used for another request.")
	}
	return Result{
		Output:   rec.Value[8+sha256.Size:],
		Position: binary.BigEndian.Uint64(rec.Value),
		App:      op.appOf(),
		Replayed: true,
	}, true, nil
}

// appOf is the app that would answer the operation now.
func (op *operation) appOf() string {
	if target, ok := op.Operation(op.call.Operation); ok {
		return target.App.String()
	}
	return "host"
}

// remember writes the answer under the operation's key, in its transaction.
func (op *operation) remember(out []byte) error {
	if op.key == nil {
		return nil
	}
	hash := sha256.Sum256(op.call.Input)
	value := make([]byte, 8, 8+len(hash)+len(out))
	value = append(append(value, hash[:]...), out...)
	err := op.txn.Put(op.key, storage.Record{Value: value, Expires: op.now.Add(keepKeys).UnixMilli(), Stamp: true})
	if errors.Is(err, storage.ErrValue) {
		return failure(abi.TooLarge, abi.ReasonOutput, "The answer is too long to be remembered.")
	}
	if errors.Is(err, storage.ErrKey) {
		return failure(abi.Invalid, "idempotency_key_invalid", "The key is too long.")
	}
	return err
}

// guestError decodes what a guest answered instead of success.
func guestError(out []byte, code abi.Code, app *registry.App) *abi.Error {
	e, err := abi.ParseError(out)
	if err != nil || e.Code != code {
		e = &abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, Message: "The app answered with a malformed error."}
	}
	if e.App == "" {
		e.App = app.String()
	}
	return e
}
