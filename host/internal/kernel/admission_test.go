package kernel

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestOverload: more than may wait are refused at once, and places come back.
func TestOverload(t *testing.T) {
	t.Parallel()
	block, entered := make(chan struct{}), make(chan struct{})
	f := setup(t, app{id: "a", queries: map[string]guest{"wait": func(host, []byte) ([]byte, abi.Code) {
		entered <- struct{}{}
		<-block
		return empty, abi.OK
	}}})
	f.kernel.admission = newAdmission(1, 0)
	done := make(chan error, 1)
	go func() { _, err := f.run("a.wait", "", empty); done <- err }()
	<-entered
	f.refuses("a.wait", "", empty, abi.Unavailable, "overloaded")
	close(block)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestHousePlaces: a task of the host gives its place back once, so that there
// never are more than there were.
func TestHousePlaces(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 3 {
		f.do(func(tx *Tx) error { return tx.Put("lamp", "1", []byte("on")) })
	}
	if f.kernel.house.free != houseTasks {
		t.Errorf("%d places are free, there are %d", f.kernel.house.free, houseTasks)
	}
}

// TestTenantsTakeTurns: a tenant with a long queue does not hold up another.
func TestTenantsTakeTurns(t *testing.T) {
	t.Parallel()
	a := newAdmission(1, 100)
	if err := a.enter(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 4)
	wait := func(tenant string) {
		before := a.queued()
		go func() {
			if a.enter(context.Background(), tenant) == nil {
				order <- tenant
				a.leave()
			}
		}()
		for a.queued() == before {
			time.Sleep(time.Millisecond)
		}
	}
	wait("x")
	wait("x")
	wait("y")
	a.leave()
	if got := <-order + <-order + <-order; got != "xyx" {
		t.Errorf("served in the order %s", got)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.enter(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	if err := a.enter(canceled, "y"); !errors.Is(err, context.Canceled) {
		t.Errorf("a waiter that gave up got %v", err)
	}
	a.leave()
	if a.free != 1 || a.waiting != 0 || len(a.queues)+len(a.turns) != 0 {
		t.Errorf("left over: %+v", a)
	}
}

func (a *admission) queued() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waiting
}
