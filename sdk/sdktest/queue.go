package sdktest

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// The queues of what apps put away for later, by the first byte of their keys.
const (
	queueTimers  = "t"
	queueEffects = "x"
	queueJobs    = "j"
)

// waiting is one thing in a queue: a cell whose number is when it is due.
type waiting struct {
	queue, app, name, id string
	due                  int64
	attempt              int // that have failed
	payload              []byte
	key                  string
}

// in lists what waits in a queue, in the order in which it is due.
func (e *Env) in(queue string) []waiting {
	var all []waiting
	base := queue + "\x00"
	e.space.scan(base, base+"\xff", false, e.now, func(key string, c cell) bool {
		names := strings.SplitN(key, "\x00", 4)
		all = append(all, waiting{queue, names[1], names[2], names[3], c.number, c.attempt, c.value, key})
		return true
	})
	slices.SortStableFunc(all, func(a, b waiting) int { return cmp.Compare(a.due, b.due) })
	return all
}

// again puts something that has failed back into its queue.
func (e *Env) again(w *waiting, due int64) {
	e.space.put(w.key, cell{value: w.payload, number: due, attempt: w.attempt + 1})
	e.space.commit()
}

// task is something that was due as an operation of its app.
func (e *Env) task(w *waiting, kind abi.EntryKind) task {
	a := e.find(w.app)
	t, ok := a.entry(kind, w.name)
	if !ok {
		e.fatal("sdktest: %s has no handler of the %s %s", w.app, kind, w.name)
	}
	return task{as: Principal{ID: "app:" + w.app}, to: t, in: w.payload, handled: &abi.Info{Key: w.id, Attempt: w.attempt + 1}}
}

// later checks what a guest wants to put into a queue.
func (p *port) later(queue string, kind abi.EntryKind, in []byte) (abi.Schedule, string, *abi.Error) {
	f, err := frame(abi.ParseSchedule(in))
	if err != nil {
		return f, "", err
	}
	_, declared := p.app.entry(kind, f.Name)
	switch {
	case !declared:
		err = undeclared(p.app, kind.String(), f.Name)
	case len(f.ID) > abi.MaxTimerID || strings.Contains(f.ID, "\x00"):
		err = failure(abi.Invalid, abi.ReasonKey, "the id of a "+kind.String()+" is text without NUL of at most 384 bytes")
	case len(f.Payload) > abi.MaxTimer:
		err = failure(abi.TooLarge, abi.ReasonRecord, "the payload of a "+kind.String()+" is longer than 256 KiB")
	default:
		err = p.chargeWrite()
	}
	return f, spaceKey(queue, p.app.id, f.Name) + f.ID, err
}

func (p *port) schedule(in []byte) ([]byte, *abi.Error) {
	f, key, err := p.later(queueTimers, abi.EntryTimer, in)
	if err == nil {
		p.store(key, cell{value: slices.Clone(f.Payload), number: f.At})
	}
	return nil, err
}

func (p *port) cancel(in []byte) ([]byte, *abi.Error) {
	_, key, err := p.later(queueTimers, abi.EntryTimer, in)
	if err == nil {
		p.remove(key)
	}
	return nil, err
}

// start queues an effect. In a replay what it would do was done long ago.
func (p *port) start(in []byte) ([]byte, *abi.Error) {
	f, key, err := p.later(queueEffects, abi.EntryEffect, in)
	if err == nil && !p.op.task.replayed() {
		p.store(key, cell{value: slices.Clone(f.Payload), number: max(f.At, p.op.env.now)})
	}
	return nil, err
}

// begin queues a job: what waits is the input of its next step. One that is at
// work on the same goes on.
func (p *port) begin(in []byte) ([]byte, *abi.Error) {
	f, key, err := p.later(queueJobs, abi.EntryJob, in)
	if err == nil {
		step := abi.StepIn{Input: f.Payload}
		old, _ := p.lookup(key)
		if at, bad := abi.ParseStepIn(old.value); bad == nil && bytes.Equal(at.Input, f.Payload) {
			step.Cursor = at.Cursor
		}
		p.store(key, cell{value: step.Append(nil), number: p.op.env.now})
	}
	return nil, err
}

// Timer is a timer that waits.
type Timer struct {
	App, Name, ID string
	At            retail.Instant
	Payload       []byte // MessagePack
}

// Timers are the timers that wait, in the order in which they are due.
func (e *Env) Timers() []Timer {
	var out []Timer
	for _, w := range e.in(queueTimers) {
		out = append(out, Timer{w.app, w.name, w.id, retail.Instant(w.due), w.payload})
	}
	return out
}

// Scheduled are the payloads of a timer of the app under test that waits, in
// the order in which they are due.
func Scheduled[T any](e *Env, timer sdk.Timer[T]) []T {
	return payloads[T](e, queueTimers, timer.Name)
}

// payloads are those of what the app under test has put into a queue.
func payloads[T any](e *Env, queue, name string) []T {
	var out []T
	for _, w := range e.in(queue) {
		if w.app == e.apps[0].id && w.name == name {
			out = append(out, decoded[T](e, name, w.payload))
		}
	}
	return out
}

// Fire runs a timer of the app under test without waiting for it to be due.
func Fire[T any](e *Env, timer sdk.Timer[T], payload T) error {
	t, ok := e.apps[0].entry(abi.EntryTimer, timer.Name)
	if !ok {
		e.fatal("sdktest.Fire: %s has no handler of the timer %s", e.apps[0].id, timer.Name)
	}
	_, err := e.run(task{as: Principal{ID: "app:" + t.app.id}, to: t, in: encoded(e, timer.Name, payload), handled: &abi.Info{Attempt: 1}})
	return asError(err)
}
