package kernel

import (
	"context"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// session is one app's part in an operation: every effect of its guest passes
// here and nowhere else, with the app's own namespace, grants and quotas.
type session struct {
	op       *operation
	app      *registry.App
	from     *session // of the calling app, nil at the edge
	readOnly bool
	nested   spending  // of the apps that it called
	slotName string    // of the slot that it fills here, "" for none
	handling *Handling // what is handled; nil in an operation
	send     Sender    // only outside, where there is no transaction
}

var _ sandbox.Host = (*session)(nil)

// run runs one entry of the session's app and appends its answer to out.
func (s *session) run(ctx context.Context, entry uint32, input, out []byte) ([]byte, abi.Code, error) {
	op := s.op
	begun := op.k.config.Now()
	if !op.k.breaker.allow(op.patient(s.app), begun) {
		e := failure(abi.Unavailable, "degraded", "The app "+s.app.ID+" only fails at the moment.")
		return e.Append(out), e.Code, nil
	}
	op.stack = append(op.stack, s.app)
	before := len(out)
	units, calls := op.meter.Units, op.meter.HostCalls
	out, code, err := op.k.config.Runner.Run(ctx, s.app.Module, sandbox.Call{
		Owner: op.owner(op.tenant.name, s.app), Entry: entry, Input: input,
		Meter: &op.meter, Host: s, Now: op.now, Generation: op.cut.head.generation(s.app),
	}, out)
	op.stack = op.stack[:len(op.stack)-1]
	s.settle(spending{units - op.meter.Units, calls - op.meter.HostCalls, op.k.config.Now().Sub(begun)})
	s.report(err)
	if err == nil && code == abi.OK && len(out)-before > abi.MaxOutput {
		e := failure(abi.TooLarge, abi.ReasonOutput, "The answer is longer than 1 MiB.")
		e.App = s.app.String()
		return e.Append(out[:before]), e.Code, nil
	}
	return out, code, err
}

// report tells the breaker and the log how a guest ended.
func (s *session) report(err error) {
	k := s.op.k
	var f *sandbox.Fault
	if !errors.As(err, &f) {
		k.breaker.report(s.op.patient(s.app), false, s.op.now)
		return
	}
	switch f.Kind { // of both nothing ran
	case sandbox.FaultCold:
		if s.op.cold == nil { // else it is that of an app which was called
			s.op.cold = s.app
		}
		return
	case sandbox.FaultCapacity:
		return
	}
	if f != s.op.fault { // else it came from an app that was called
		s.op.fault = f
		s.logFault(f)
	}
	s.blame(f)
}

func (s *session) logFault(f *sandbox.Fault) {
	k := s.op.k
	k.config.Logger.Warn("guest fault", "app", s.app.String(), "kind", f.Kind, "operation", s.op.call.Operation,
		"request", s.op.call.Request, "detail", f.Detail, "stderr", f.Stderr)
	if k.config.Hooks.Fault != nil {
		k.config.Hooks.Fault(s.app.String(), string(f.Kind))
	}
}

// HostCall answers the guest. A host call that fails answers an error frame;
// what cannot be caught aborts the guest.
func (s *session) HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	out, err := s.dispatch(ctx, fn, in, out)
	if err == nil {
		return out, abi.OK, nil
	}
	if e, ok := errors.AsType[*abi.Error](err); ok {
		return e.Append(out[:0]), e.Code, nil
	}
	return nil, abi.Internal, err
}

func (s *session) dispatch(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, error) {
	if s.send != nil {
		return s.outsideCall(ctx, fn, in, out)
	}
	switch fn {
	case abi.FuncGet:
		return s.get(in, out)
	case abi.FuncGetMany:
		return s.getMany(in, out)
	case abi.FuncScan:
		return s.scan(in, out)
	case abi.FuncPut:
		return out, s.writing(s.put, in)
	case abi.FuncDelete:
		return out, s.writing(s.delete, in)
	case abi.FuncAdd:
		return out, s.writing(s.add, in)
	case abi.FuncCounter:
		return s.counter(in, out)
	case abi.FuncCounters:
		return s.counters(in, out)
	case abi.FuncCall:
		return s.call(ctx, in, out)
	case abi.FuncEach:
		return s.each(ctx, in, out)
	case abi.FuncOne:
		return s.one(ctx, in, out)
	case abi.FuncFillers:
		return s.fillers(in, out)
	case abi.FuncEmit:
		return out, s.effect(s.emit, in)
	case abi.FuncSchedule:
		return out, s.writing(s.schedule, in)
	case abi.FuncCancel:
		return out, s.writing(s.cancel, in)
	case abi.FuncStart:
		return out, s.writing(s.start, in)
	case abi.FuncBegin:
		return out, s.writing(s.begin, in)
	case abi.FuncPublish:
		return out, s.writing(s.publish, in)
	case abi.FuncHTTP:
		return out, failure(abi.Denied, abi.ReasonOutside, "Only an effect handler may send HTTP requests.")
	}
	return s.ambient(fn, in, out)
}

// effect guards everything that a query must not do.
func (s *session) effect(do func(in []byte) error, in []byte) error {
	if s.readOnly {
		return failure(abi.Denied, abi.ReasonReadOnly, "A query cannot write.")
	}
	if s.op.txn.Usage().Bytes >= maxWritten {
		return quota("write_bytes")
	}
	return storageError(do(in))
}

// writing is effect for what counts as a write.
func (s *session) writing(do func(in []byte) error, in []byte) error {
	if s.op.writes++; s.op.writes > abi.MaxWrites {
		return quota("writes")
	}
	return s.effect(do, in)
}

// storageError answers a guest's own mistakes and aborts on the rest.
func storageError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrKey):
		return failure(abi.TooLarge, abi.ReasonKey, "The key is too long.")
	case errors.Is(err, storage.ErrValue):
		return failure(abi.TooLarge, abi.ReasonRecord, "The record is longer than 256 KiB.")
	}
	return err
}

// frame refuses a malformed frame. Only a guest without our SDK makes one.
func frame[T any](v T, err error) (T, error) {
	if err != nil {
		return v, failure(abi.Invalid, abi.ReasonFrame, err.Error())
	}
	return v, nil
}

func (s *session) onStack(app *registry.App) bool { return slices.Contains(s.op.stack, app) }

// quota is the answer to an operation that wants more than limit allows.
func quota(limit string) *abi.Error {
	e := failure(abi.Exhausted, abi.ReasonQuota, "The limit of "+limit+" is reached.")
	e.Fields = []abi.Field{{Name: "limit", Text: limit}}
	return e
}

// keyError is the answer to a key that nothing can lie under.
func keyError(err error) *abi.Error {
	if errors.Is(err, abi.ErrKeyLength) {
		return failure(abi.TooLarge, abi.ReasonKey, "The key is longer than 768 bytes.")
	}
	return failure(abi.Invalid, abi.ReasonKey, "The key is malformed.")
}
