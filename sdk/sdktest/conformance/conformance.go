// Package conformance holds every host of the SDK to the same rules: sdktest,
// which runs apps in the test's process, and the real one, which runs them as
// wasm modules. It drives two guests, alpha and beta, with scripts; alpha.json
// and beta.json are their manifests.
//
// It knows the guests' contracts and the ABI; it must not know any host.
package conformance

import (
	_ "embed"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// Alpha and Beta are the manifests of the guests, as they are written by hand.
var (
	//go:embed alpha.json
	Alpha []byte
	//go:embed beta.json
	Beta []byte
)

// Host is a host with alpha and beta in it and no data.
type Host interface {
	// Call runs an operation from the edge. The error is, or wraps, an
	// *sdk.Error.
	Call(operation string, input []byte) (output []byte, err error)
	// Events are all events that were committed, in order.
	Events() []Event
	// Timers are all timers that wait, in any order.
	Timers() []Timer
}

// Queues is a Host that shows what apps have asked for. Cases that need it are
// skipped on one that is not.
type Queues interface {
	// Waiting are the effects and jobs that wait, in any order.
	Waiting() []Waiting
}

// Waiting is an effect or a job that waits.
type Waiting struct {
	Kind          string // effect or job
	App, Name, ID string
	Payload       []byte // MessagePack
}

// Room is a Host that does what the rooms around a kernel do, when it is told to.
// Cases that need it are skipped on one that is not.
type Room interface {
	// Descriptor is what an app registers.
	Descriptor(app string) abi.Descriptor
	// Derive builds what apps have published since it was called last.
	Derive() error
	// Deliver hands every event that was not handled yet to its subscribers.
	Deliver() error
	// Replay hands all events so far to alpha's replayable handlers, as events of
	// the past.
	Replay() error
}

// Past is a Host whose log can hold what older versions of alpha have emitted.
// Cases that need it are skipped on one that is not.
type Past interface {
	// Hear hands alpha an event as it was emitted in a version, 1 for the first.
	// The error is, or wraps, the *sdk.Error that the handler ends with.
	Hear(name string, version int, payload []byte) error
}

// Setup is what differs between the hosts of the cases.
type Setup struct {
	Settings map[string][]byte // MessagePack by app id; an app without has its defaults
	Revoked  []string          // operations that no app is granted, though its manifest asks
}

// Event is one event.
type Event struct {
	Name, Key string
	Payload   []byte // MessagePack
}

// Timer is one timer.
type Timer struct {
	App, Name, ID string
	At            int64 // milliseconds since 1970 UTC
	Payload       []byte
}

// testCase is one rule of the host.
type testCase struct {
	name  string
	setup func() Setup // nil for the zero Setup
	run   func(r *rig)
}

// Run runs every case as a parallel subtest. open is called once per case,
// also in parallel, and makes a host without data; what is expensive, such as
// compiled modules, it may share.
func Run(t *testing.T, open func(t *testing.T, s Setup) Host) {
	for _, cases := range [][]testCase{nestedCases(), refusalCases(), recordCases(), scanCases(), expiryCases(), effectCases(), laterCases(), limitCases()} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				var s Setup
				if c.setup != nil {
					s = c.setup()
				}
				c.run(&rig{t, open(t, s)})
			})
		}
	}
}

// rig drives alpha on one host.
type rig struct {
	t *testing.T
	h Host
}

// do runs steps in one command, which must succeed.
func (r *rig) do(steps ...alpha.Step) []alpha.Result {
	r.t.Helper()
	a, err := call(r, alpha.Do.Name, alpha.Script{Steps: steps}, alpha.Answer{})
	if err != nil {
		r.t.Fatalf("alpha.do: %v", err)
	}
	return a.Results
}

// ask runs steps in one query, which must succeed.
func (r *rig) ask(steps ...alpha.Step) []alpha.Result {
	r.t.Helper()
	a, err := call(r, alpha.Ask.Name, alpha.Script{Steps: steps}, alpha.Answer{})
	if err != nil {
		r.t.Fatalf("alpha.ask: %v", err)
	}
	return a.Results
}

// fails runs steps in one command, which must end with a code and reason.
func (r *rig) fails(code sdk.Code, reason string, steps ...alpha.Step) *sdk.Error {
	r.t.Helper()
	_, err := call(r, alpha.Do.Name, alpha.Script{Steps: steps}, alpha.Answer{})
	r.failed("alpha.do", script.Describe(asError(err)), code, reason)
	return err
}

// failed checks that an error is there and has a code and reason.
func (r *rig) failed(what string, f *script.Failure, code sdk.Code, reason string) {
	r.t.Helper()
	if f == nil {
		r.t.Fatalf("%s succeeds, want %s (%s)", what, code, reason)
	}
	if f.Code != code.String() || f.Reason != reason {
		r.t.Errorf("%s ends with %s (%s): %s, want %s (%s)", what, f.Code, f.Reason, f.Message, code, reason)
	}
}

// own reads alpha's data with one step in a query.
func (r *rig) own(s script.Step) script.Result {
	r.t.Helper()
	return r.ask(own(s))[0].Own
}

// beta reads beta's data with one step in a query.
func (r *rig) beta(s script.Step) script.Result {
	r.t.Helper()
	return r.ask(betaAsk(s))[0].Nested[0]
}

// ids checks what a scan of alpha's data finds, in order.
func (r *rig) ids(want string, s script.Range) {
	r.t.Helper()
	s.IDs = true
	same(r.t, "scan", strings.Join(r.own(scan(s)).Texts, " "), want)
}

func asError(e *sdk.Error) error {
	if e == nil {
		return nil
	}
	return e
}

// call runs one operation with types.
func call[In, Out any](r *rig, operation string, in In, out Out) (Out, *sdk.Error) {
	r.t.Helper()
	input, err := codec.Append(nil, &in)
	if err != nil {
		r.t.Fatalf("encode the input of %s: %v", operation, err)
	}
	answer, err := r.h.Call(operation, input)
	if err != nil {
		var e *sdk.Error
		if !errors.As(err, &e) {
			r.t.Fatalf("%s ends with %v, which is no *sdk.Error", operation, err)
		}
		return out, e
	}
	if err := codec.Parse(answer, &out); err != nil {
		r.t.Fatalf("decode the output of %s: %v", operation, err)
	}
	return out, nil
}

// same compares two values of one type.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// The words that cases are written in.

func own(s script.Step) alpha.Step { return alpha.Step{Do: &s} }

func inBeta(steps ...script.Step) alpha.Step {
	var b beta.Script
	for i := range steps {
		b.Steps = append(b.Steps, beta.Step{Do: &steps[i]})
	}
	return alpha.Step{Beta: &b}
}

func betaAsk(steps ...script.Step) alpha.Step {
	return alpha.Step{BetaAsk: inBeta(steps...).Beta}
}

// caught lets alpha go on after an error of another app.
func caught(s alpha.Step) alpha.Step { s.Catch = true; return s }

// catch lets a script go on after an error of its own step.
func catch(s script.Step) script.Step { s.Catch = true; return s }

func text(s string) script.Part { return script.Part{Text: &s} }
func num(i int64) script.Part   { return script.Part{Int: &i} }
func truth(b bool) script.Part  { return script.Part{Bool: &b} }

func key(parts ...script.Part) []script.Part { return parts }

func put(items ...script.Item) script.Step { return script.Step{Put: &script.Write{Items: items}} }

func insert(items ...script.Item) script.Step {
	return script.Step{Put: &script.Write{Items: items, Insert: true}}
}

func get(id string) script.Step {
	return script.Step{Get: &script.At{Key: key(text(id))}}
}

func find(code string) script.Step {
	return script.Step{Get: &script.At{Index: "code", Key: key(text(code))}}
}

func remove(id string) script.Step {
	return script.Step{Delete: &script.At{Key: key(text(id))}}
}

func scan(s script.Range) script.Step { return script.Step{Scan: &s} }

func add(name string, delta, least, most int64) script.Step {
	return script.Step{Add: &script.Move{Key: key(text(name)), Delta: delta, Min: least, Max: most}}
}

func count(name string) script.Step {
	return script.Step{Count: &script.At{Key: key(text(name))}}
}

func counts(names ...string) script.Step {
	return script.Step{Counts: &script.Many{IDs: names}}
}

func emit(item script.Item) script.Step { return script.Step{Emit: &item} }

func schedule(id string, at int64) script.Step {
	return script.Step{Schedule: &script.Alarm{ID: id, At: at, Item: script.Item{ID: id}}}
}

func cancel(id string) script.Step { return script.Step{Cancel: &script.Named{ID: id}} }

func start(id string) script.Step {
	return script.Step{Start: &script.Alarm{ID: id, Item: script.Item{ID: id}}}
}

func begin(id string) script.Step {
	return script.Step{Begin: &script.Alarm{ID: id, Item: script.Item{ID: id}}}
}

func publish(ids ...string) script.Step { return script.Step{Publish: &script.Many{IDs: ids}} }

func http(host string) script.Step { return script.Step{HTTP: &script.Named{ID: host}} }

func known() script.Step { return script.Step{Known: &script.Nothing{}} }

func fail(code sdk.Code, reason string) script.Step {
	return script.Step{Fail: &script.Failure{Code: code.String(), Reason: reason}}
}

func item(id string) script.Item { return script.Item{ID: id} }
