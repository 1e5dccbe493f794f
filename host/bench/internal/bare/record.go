package bare

import (
	"bytes"
	"context"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Recorder stands between kernel and sandbox and keeps the last call into one
// module.
type Recorder struct {
	sandbox.Runner
	mu    sync.Mutex
	calls map[string]*Call // by owner of the instances
}

// Around puts the recorder before a runner. It may be used once.
func (r *Recorder) Around(next sandbox.Runner) sandbox.Runner {
	r.Runner = next
	return r
}

// Last is the last call into instances of an owner, nil if there was none.
func (r *Recorder) Last(owner string) *Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls[owner]
}

// Run implements sandbox.Runner.
func (r *Recorder) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	call := &Call{Entry: c.Entry, Input: bytes.Clone(c.Input), Now: c.Now}
	c.Host = &listener{c.Host, call}
	answer, code, err := r.Runner.Run(ctx, m, c, out)
	call.Output = bytes.Clone(answer[len(out):])
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls = map[string]*Call{}
	}
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
