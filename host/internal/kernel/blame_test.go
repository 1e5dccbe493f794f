package kernel

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestBlame: twenty operations that ran out of time degrade the app that used
// the time up, whichever happened to run at the end.
func TestBlame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		before, nested time.Duration // that the caller and its callee take
		want           []string
	}{
		{"the caller spends it and calls", 1900 * time.Millisecond, 200 * time.Millisecond, []string{"a@1.0.0"}},
		{"the callee spends it", 100 * time.Millisecond, 2000 * time.Millisecond, []string{"b@1.0.0"}},
		{"nobody takes half of it", 900 * time.Millisecond, 900 * time.Millisecond, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var now atomic.Int64
			now.Store(1_000_000)
			work := func(d time.Duration) { now.Add(d.Milliseconds()) }
			late := abort{&sandbox.Fault{Kind: sandbox.FaultDeadline}}
			a := app{id: "a", grants: []string{"b.do"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
				work(c.before)
				invoke(call, "b.do")
				return empty, abi.OK
			}}}
			b := app{id: "b", commands: map[string]guest{"do": func(host, []byte) ([]byte, abi.Code) {
				work(c.nested)
				panic(late)
			}}}
			f := setup(t, a, b)
			f.kernel.config.Now = func() time.Time { return time.UnixMilli(now.Load()) }
			for range faultsToDegrade {
				f.refuses("a.try", "", empty, abi.Deadline, "app_timeout")
			}
			if got := f.kernel.Degraded(); !slices.Equal(got, c.want) {
				t.Errorf("degraded: %v, want %v", got, c.want)
			}
		})
	}
}
