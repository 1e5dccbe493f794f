package bare

import (
	"bytes"
	"context"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Recorder stands between kernel and sandbox and keeps the last call into each
// module, and those that led to its derived values.
type Recorder struct {
	sandbox.Runner
	kernel.Warmer
	mu    sync.Mutex
	off   bool
	calls map[string]*Call // by owner of the instances
	built map[string][]Call
}

// Around puts the recorder before a runner. It may be used once.
func (r *Recorder) Around(next sandbox.Runner) sandbox.Runner {
	r.Runner, r.Warmer = next, next.(kernel.Warmer)
	r.calls, r.built = map[string]*Call{}, map[string][]Call{}
	return r
}

// Off ends the recording: what follows costs nothing more.
func (r *Recorder) Off() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = true
}

func (r *Recorder) isOff() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.off
}

// Last is the last call into instances of an owner, nil if there was none.
func (r *Recorder) Last(owner string) *Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls[owner]
}

// Built are the last call that built the derived values of an owner anew, and those
// that brought them up to changes since.
func (r *Recorder) Built(owner string) []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.built[owner]
}

// Warm implements kernel.Warmer.
func (r *Recorder) Warm(ctx context.Context, m *sandbox.Module, w sandbox.Warming, out []byte) ([]byte, abi.Code, error) {
	if r.isOff() {
		return r.Warmer.Warm(ctx, m, w, out)
	}
	call := Call{Entry: w.Call.Entry, Input: bytes.Clone(w.Call.Input), Now: w.Call.Now}
	w.Call.Host = &listener{w.Call.Host, &call}
	answer, code, err := r.Warmer.Warm(ctx, m, w, out)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil || code != abi.OK: // nothing of it is kept
	case w.From == 0:
		r.built[w.Owner] = []Call{call}
	default:
		r.built[w.Owner] = append(r.built[w.Owner], call)
	}
	return answer, code, err
}

// Run implements sandbox.Runner.
func (r *Recorder) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	if r.isOff() {
		return r.Runner.Run(ctx, m, c, out)
	}
	call := &Call{Entry: c.Entry, Input: bytes.Clone(c.Input), Now: c.Now}
	c.Host = &listener{c.Host, call}
	answer, code, err := r.Runner.Run(ctx, m, c, out)
	call.Output = bytes.Clone(answer[len(out):])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[c.Owner] = call
	return answer, code, err
}

// listener writes down what a host answers.
type listener struct {
	sandbox.Host
	call *Call
}

func (l *listener) HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	h := HostCall{Func: fn, In: bytes.Clone(in)}
	before := len(out)
	out, code, err := l.Host.HostCall(ctx, fn, in, out)
	h.Out, h.Result = bytes.Clone(out[before:]), code
	l.call.Host = append(l.call.Host, h)
	return out, code, err
}
