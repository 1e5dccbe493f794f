package kernel

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// says is an app of a version that answers with that version.
func says(version string, command guest) app {
	answer := func(host, []byte) ([]byte, abi.Code) { return text(nil, version), abi.OK }
	return app{id: "shop", version: version, queries: map[string]guest{"version": answer}, commands: map[string]guest{"write": command}}
}

// switchTo makes a set the one that operations begin with.
func (f *fixture) switchTo(set *registry.Set) {
	f.t.Helper()
	head, _ := f.kernel.Head("shop")
	if err := f.kernel.Stage("shop", head.Generation+1, set); err != nil {
		f.t.Fatal(err)
	}
	f.do(func(tx *Tx) error {
		h := tx.Head().clone()
		h.Generation++
		return tx.SetHead(h)
	})
}

// TestSwitch: a command that ran while the set changed runs again under the new
// one; a query keeps the cut it began with; the old set drains.
func TestSwitch(t *testing.T) {
	t.Parallel()
	var f *fixture
	var ran []string
	var second *registry.Set
	old := func(call host, _ []byte) ([]byte, abi.Code) {
		ran = append(ran, "1.0.0")
		put(call, "x", "old", "t")
		if len(ran) == 1 {
			f.switchTo(second) // in the middle of it
		}
		return empty, abi.OK
	}
	f = setup(t, says("1.0.0", old))
	second = f.compose(says("2.0.0", func(call host, _ []byte) ([]byte, abi.Code) {
		ran = append(ran, "2.0.0")
		put(call, "x", "new", "t")
		return text(nil, "2.0.0"), abi.OK
	}))
	if out := f.must("shop.write", "k", empty).Output; !bytes.Contains(out, []byte("2.0.0")) {
		t.Errorf("answered %q after %q", out, ran)
	}
	if len(ran) != 2 || ran[1] != "2.0.0" {
		t.Errorf("ran %q", ran)
	}
	if out := f.must("shop.version", "", empty).Output; !bytes.Contains(out, []byte("2.0.0")) {
		t.Errorf("version %q", out)
	}
}

// TestDrain waits for what runs with the old set, and only for that.
func TestDrain(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	slow := func(host, []byte) ([]byte, abi.Code) {
		close(inside)
		<-leave
		return empty, abi.OK
	}
	f := setup(t, app{id: "shop", queries: map[string]guest{"slow": slow}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.must("shop.slow", "", empty)
	}()
	<-inside
	f.switchTo(f.compose(says("2.0.0", ok)))
	head, _ := f.kernel.Head("shop")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := f.kernel.Drain(ctx, "shop", head.Generation); err == nil {
		t.Error("drained while an operation of the old set runs")
	}
	f.must("shop.version", "", empty)
	close(leave)
	<-done
	if err := f.kernel.Drain(t.Context(), "shop", head.Generation); err != nil {
		t.Error(err)
	}
}

// TestDrainedIsSpent: an attempt that looked up the set just before it was
// drained does not run with it: its modules may be closed.
func TestDrainedIsSpent(t *testing.T) {
	t.Parallel()
	f := setup(t, says("1.0.0", ok))
	shop := f.kernel.tenant("shop")
	old := shop.cut.Load()
	txn, err := f.engine.Begin(t.Context(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer txn.Discard()
	f.switchTo(f.compose(says("2.0.0", ok)))
	head, _ := f.kernel.Head("shop")
	if err := f.kernel.Drain(t.Context(), "shop", head.Generation); err != nil {
		t.Fatal(err)
	}
	late := &operation{k: f.kernel, tenant: shop, txn: txn}
	newest := shop.cut.Swap(old) // as the attempt has read it
	var conflict *storage.Conflict
	if err := late.resolve(); !errors.As(err, &conflict) {
		t.Errorf("resolved to %v, %v", late.cut, err)
	}
	shop.cut.Store(newest)
	if out := f.must("shop.version", "", empty).Output; !bytes.Equal(out, text(nil, "2.0.0")) {
		t.Errorf("the next answered %q", out)
	}
}

// warmer is a runner that keeps generations as the sandbox does.
type warmer struct {
	*runner
	mu    sync.Mutex
	has   map[uint64]bool
	froms []uint64
	cold  atomic.Int64

	block  chan struct{} // building waits for it
	refuse bool          // building fails
}

func (w *warmer) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	if c.Generation != 0 && !w.HasGeneration("", nil, c.Generation) {
		w.cold.Add(1)
		return nil, 0, &sandbox.Fault{Kind: sandbox.FaultCold}
	}
	return w.runner.Run(ctx, m, c, out)
}

func (w *warmer) Warm(ctx context.Context, m *sandbox.Module, x sandbox.Warming, out []byte) ([]byte, abi.Code, error) {
	if w.block != nil {
		<-w.block
	}
	if w.refuse {
		return nil, 0, &sandbox.Fault{Kind: sandbox.FaultCapacity}
	}
	out, code, err := w.runner.Run(ctx, m, x.Call, out)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.has[x.Generation] = true
	w.froms = append(w.froms, x.From)
	return out, code, err
}

func (w *warmer) HasGeneration(_ string, _ *sandbox.Module, g uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.has[g]
}

// TestDerive: values are built before the first operation needs them, and again
// after something was published; until then operations see the ones before.
func TestDerive(t *testing.T) {
	t.Parallel()
	var inputs []int
	derive := func(_ host, in []byte) ([]byte, abi.Code) {
		changes, err := abi.ParseChanges(in)
		if err != nil {
			t.Error(err)
		}
		inputs = append(inputs, len(changes))
		return empty, abi.OK
	}
	publish := func(call host, _ []byte) ([]byte, abi.Code) {
		return call(abi.FuncPublish, abi.AppendChanges(nil, []abi.Change{{Collection: "things", Key: []byte("k")}}))
	}
	f := setup(t, app{id: "shop", queries: map[string]guest{"quote": ok}, commands: map[string]guest{"publish": publish}, derive: derive})
	w := &warmer{runner: f.runner, has: map[uint64]bool{}}
	f.kernel.config.Runner = w
	set, _ := f.kernel.Set("shop")
	a, _ := set.App("shop")

	f.must("shop.quote", "", empty)
	if w.cold.Load() != 1 || len(inputs) != 1 {
		t.Fatalf("cold %d times, built %d times", w.cold.Load(), len(inputs))
	}
	f.must("shop.publish", "k", empty)
	f.must("shop.quote", "", empty)
	if len(inputs) != 1 {
		t.Fatal("an operation built derived values")
	}
	for range 2 { // the second has nothing to do
		if err := f.kernel.Derive(t.Context(), "shop", a); err != nil {
			t.Fatal(err)
		}
	}
	if len(inputs) != 2 || inputs[1] != 1 || w.froms[1] != 1 {
		t.Errorf("built with changes %v from %v", inputs, w.froms)
	}
	if head, _ := f.kernel.Head("shop"); head.generation(a) != 2 {
		t.Errorf("head %+v", head)
	}
	f.must("shop.quote", "", empty)
	if w.cold.Load() != 1 {
		t.Errorf("cold %d times", w.cold.Load())
	}
	if got := f.keys(byte(Publishing)); len(got) != 0 {
		t.Errorf("still asks for %q", got)
	}
}

// chilled is a fixture with one app that has derived values, handles an event and
// answers a query.
func chilled(t *testing.T) (*fixture, *warmer, *registry.App) {
	t.Helper()
	f := setup(t, app{id: "shop", queries: map[string]guest{"quote": ok}, events: map[string]guest{"shop.happened": ok}, derive: ok, time: 50 * time.Millisecond})
	w := &warmer{runner: f.runner, has: map[uint64]bool{}}
	f.kernel.config.Runner = w
	set, _ := f.kernel.Set("shop")
	a, _ := set.App("shop")
	return f, w, a
}

// TestHandlerFindsItCold: that derived values are missing is no failure of the
// handler that needs them, unless they cannot be built; then it is, and the task
// goes on to others.
func TestHandlerFindsItCold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		refuse bool
		want   string
		cold   int64
	}{{false, "", 1}, {true, "unavailable warming", 2}} {
		f, w, a := chilled(t)
		w.refuse = c.refuse
		entry, _ := a.Handler(abi.EntryEvent, "shop.happened", "")
		got := "nothing"
		f.do(func(tx *Tx) error {
			_, err := tx.Handle(Handling{App: a, Entry: entry, Input: empty})
			var failed *Error
			if err != nil && !errors.As(err, &failed) {
				return err
			}
			got = reasonOf(err)
			return tx.Put("lamp", "1", empty)
		})
		if got != c.want || w.cold.Load() != c.cold {
			t.Errorf("building refused %v: the handler ended with %q, cold %d times", c.refuse, got, w.cold.Load())
		}
	}
}

// TestColdWaitEnds: nobody waits for derived values longer than for an answer.
func TestColdWaitEnds(t *testing.T) {
	t.Parallel()
	f, w, _ := chilled(t)
	w.block = make(chan struct{})
	f.refuses("shop.quote", "", empty, abi.Unavailable, "warming")
	close(w.block)
	f.must("shop.quote", "", empty)
}
