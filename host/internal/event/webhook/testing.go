package webhook

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestResult says whether a test was accepted, and nothing of how it was not.
type TestResult struct {
	Delivered bool `json:"delivered"`
}

// tests counts tests, so that nobody looks around with them.
type tests struct {
	mu   sync.Mutex
	past []time.Time
}

const (
	testsMost = 6
	testsIn   = time.Minute
)

// enter refuses a test that would be one too many.
func (t *tests) enter(now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.past = slices.DeleteFunc(t.past, func(at time.Time) bool { return now.Sub(at) >= testsIn })
	if len(t.past) >= testsMost {
		e := failure(abi.Exhausted, ReasonTests, "Wait before the next test.")
		e.Fields = []abi.Field{{Name: "retry_after", Int: int64((testsIn - now.Sub(t.past[0]) + time.Second - 1) / time.Second), IsInt: true}}
		return e
	}
	t.past = append(t.past, now)
	return nil
}

func (r *Room) test(ctx context.Context, by platform.Caller, in Named) (TestResult, error) {
	var h hook
	err := r.read(ctx, "host.webhooks.test", func(tx *kernel.Tx) (err error) {
		h, err = known(tx, in.ID)
		return err
	})
	if err == nil {
		err = r.tests.enter(r.config.Now())
	}
	if err != nil {
		return TestResult{}, err
	}
	var id string
	if err = r.act(ctx, by, "host.webhooks.test", func(tx *kernel.Tx) (string, error) {
		id = tx.NewID()
		return in.ID, nil
	}); err != nil {
		return TestResult{}, err
	}
	s, err := r.signer(in.ID, &h)
	if err != nil {
		return TestResult{}, err
	}
	return TestResult{Delivered: r.knock(ctx, h.URL, s, id, in.ID)}, nil
}

// knock posts webhook.test. A failure is told when the time is over, however soon
// it was known: closed, filtered and refused look alike.
func (r *Room) knock(ctx context.Context, to string, s *signer, event, webhook string) bool {
	at := r.config.Now()
	payload, err := json.Marshal(map[string]string{
		"specversion": "1.0", "id": event, "source": "host", "type": "webhook.test", "time": at.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	})
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, r.config.TestTime)
	defer cancel()
	a, err := r.config.Post.Post(ctx, to, signed(s, event+"."+webhook, at, payload), payload, 0)
	if err == nil && a.Status >= 200 && a.Status <= 299 {
		return true
	}
	<-ctx.Done()
	return false
}
