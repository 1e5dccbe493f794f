package host

import (
	"os"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/failpoint"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
)

// storageOptions are empty but in a build for crash tests.
func storageOptions() occ.Options {
	if !failpoint.Enabled {
		return occ.Options{Watch: kernel.HeadKey()}
	}
	return occ.Options{
		Watch: kernel.HeadKey(),
		Hooks: occ.Hooks{
			Accepted: func(uint64) { failpoint.Hit(failpoint.Accepted) },
			Applying: func(uint64) { failpoint.Hit(failpoint.Applying) },
			Applied:  func(uint64) { failpoint.Hit(failpoint.Applied) },
		},
		Faults: occ.Faults{ReleaseBeforeDurable: failpoint.Planted(failpoint.AckBeforeSync)},
	}
}

// hooks feed the metrics and the rooms, and the failpoint inside nested calls.
func (h *Host) hooks() kernel.Hooks {
	hooks := kernel.Hooks{
		Done: func(c kernel.Call, r kernel.Result, err error) {
			h.observe(c, r, err)
			h.rooms.lifecycle.Done(c, r, err)
		},
		Fault:  h.metrics.Fault,
		Denied: func(c kernel.Call, d *identity.Denial) { h.rooms.accounts.Denied(c, d) },
		Queued: func(tenant string) { h.rooms.events.Wake(tenant) },
	}
	if failpoint.Enabled {
		hooks.Nested = func(int) { failpoint.Hit(failpoint.Nested) }
	}
	return hooks
}

// retries are how long an event waits after each failure; crash tests do not
// have the time that people have.
func retries() []time.Duration {
	if !failpoint.Enabled || os.Getenv(retriesEnv) == "" {
		return nil
	}
	var all []time.Duration
	for text := range strings.SplitSeq(os.Getenv(retriesEnv), ",") {
		if d, err := time.ParseDuration(text); err == nil {
			all = append(all, d)
		}
	}
	return all
}

// retriesEnv is read in builds for crash tests only, e.g. "10ms,20ms,50ms".
const retriesEnv = "BOTTEGA_RETRIES"

// step lets crash tests kill the host at every step of a job.
func step(_, name string) { failpoint.Hit(failpoint.Job + name) }
