// Package copyist fills an app with many records by writing again what the app
// itself wrote once, under other names: a hundred thousand promotions through the
// app's commands would be an hour of measuring nothing. It must not know what the
// records are.
package copyist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Copyist stands between kernel and sandbox in front of one app. Safe for
// concurrent use, but one goroutine at a time may Learn or Write.
type Copyist struct {
	sandbox.Runner
	kernel.Warmer
	owner string

	mu       sync.Mutex
	learning bool
	learned  []Frame
	todo     []Frame // to be written instead of the call
	input    []byte  // … with this input
	wrote    bool
}

// Frame is one host call that writes.
type Frame struct {
	Func  abi.Func
	Input []byte
}

// New makes a copyist for the instances of an owner.
func New(owner string) *Copyist { return &Copyist{owner: owner} }

// Around puts the copyist before a runner.
func (c *Copyist) Around(next sandbox.Runner) sandbox.Runner {
	c.Runner, c.Warmer = next, next.(kernel.Warmer)
	return c
}

// Learn answers the records that the app puts while fn runs.
func (c *Copyist) Learn(fn func() error) ([]Frame, error) {
	c.set(true, nil, nil)
	err := fn()
	c.mu.Lock()
	defer c.mu.Unlock()
	learned := c.learned
	c.learning, c.learned = false, nil
	if err == nil && len(learned) == 0 {
		err = errors.New("the app wrote nothing")
	}
	return learned, err
}

// Write makes the frames the effects of the app's next call with an input that
// nothing else has, which fn makes, and of its reruns: an app may handle events
// meanwhile. The call answers an empty record.
func (c *Copyist) Write(frames []Frame, input []byte, fn func() error) error {
	c.set(false, frames, input)
	err := fn()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && !c.wrote {
		err = fmt.Errorf("%d frames were not written: the app was not called", len(frames))
	}
	c.todo = nil
	return err
}

func (c *Copyist) set(learning bool, todo []Frame, input []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.learning, c.todo, c.input, c.wrote = learning, todo, input, false
}

// instead answers what is to be written instead of a call with that input.
func (c *Copyist) instead(input []byte) []Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.todo == nil || !bytes.Equal(c.input, input) {
		return nil
	}
	c.wrote = true
	return c.todo
}

func (c *Copyist) isLearning() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.learning
}

// Renamed are the frames that hold a text, with another of the same length in its
// place, which changes nothing else in them. Those without it are about something
// else, and what an attempt wrote and its rerun again is one.
func Renamed(frames []Frame, from, to string) (all []Frame, err error) {
	if len(from) != len(to) {
		return nil, fmt.Errorf("%q is not as long as %q", to, from)
	}
	seen := map[string]bool{}
	for _, f := range frames {
		if key := string(f.Input); !seen[key] && bytes.Contains(f.Input, []byte(from)) {
			seen[key] = true
			all = append(all, Frame{f.Func, bytes.ReplaceAll(f.Input, []byte(from), []byte(to))})
		}
	}
	if all == nil {
		err = fmt.Errorf("nothing is called %q", from)
	}
	return all, err
}

// Run implements sandbox.Runner.
func (c *Copyist) Run(ctx context.Context, m *sandbox.Module, call sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	if call.Owner != c.owner {
		return c.Runner.Run(ctx, m, call, out)
	}
	if todo := c.instead(call.Input); todo != nil {
		return write(ctx, call.Host, todo, out)
	}
	if c.isLearning() {
		call.Host = listener{call.Host, c}
	}
	return c.Runner.Run(ctx, m, call, out)
}

// write makes host calls as the app would.
func write(ctx context.Context, host sandbox.Host, frames []Frame, out []byte) ([]byte, abi.Code, error) {
	for _, f := range frames {
		answer, code, err := host.HostCall(ctx, f.Func, f.Input, nil)
		if err != nil || code != abi.OK {
			return append(out, answer...), code, err
		}
	}
	return append(out, 0x80), abi.OK, nil
}

// listener hands the records that are put to a copyist.
type listener struct {
	sandbox.Host
	to *Copyist
}

// HostCall implements sandbox.Host.
func (l listener) HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	if fn == abi.FuncPut {
		l.to.mu.Lock()
		l.to.learned = append(l.to.learned, Frame{fn, slices.Clone(in)})
		l.to.mu.Unlock()
	}
	return l.Host.HostCall(ctx, fn, in, out)
}
