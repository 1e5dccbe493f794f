// Package event runs everything that happens later: it delivers the log to the
// apps that subscribe, keeps what fails in waiting lines, fires timers and daily
// work, runs the apps' jobs and effects, and replays the past for a new app. It
// knows the kernel, the log and the apps' handlers; it must not know HTTP,
// schemas, how apps are enabled or any retail word.
//
// Everything that must survive is written in the transaction of the handler that
// it is about. What a Room holds in memory is only what it can read again: after
// a crash, or when in doubt, it starts over from storage.
package event

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Config is what a Room is made of. Kernel and Logs are required.
type Config struct {
	Kernel *kernel.Kernel
	Logs   map[string]storage.Log // of each tenant
	Logger hclog.Logger           // default: none
	Now    func() time.Time       // default time.Now
	// Zone is where a tenant's daily work is done. Default UTC.
	Zone func(tenant string) *time.Location
	// Derive builds an app's derived values up to what was published, as
	// Kernel.Derive. Without it nothing is built.
	Derive func(ctx context.Context, tenant string, app *registry.App) error
	// Send sends the requests of effect handlers. Without it no effect runs.
	Send kernel.Sender
	// JSON shows the data of an event. Without it, and where it fails, events are
	// shown without their data.
	JSON func(tenant string, e *outbox.Envelope) (json.RawMessage, error)
	// Output shows what a job has answered. Without it outputs are not shown.
	Output func(tenant, app, job string, data []byte) (json.RawMessage, error)
	// Retries are the waits after the first and each further failure; the failure
	// after the last one parks. Default 1 s, 5 s, 30 s, 2 min, 10 min.
	Retries []time.Duration
}

// Room is the host's room for events. Safe for concurrent use.
type Room struct {
	config  Config
	tenants map[string]*tenant
}

// New makes a room. It does nothing before Run, but Subscribe, Unsubscribe,
// Replay and the operations work.
func New(c Config) *Room {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = func(string) *time.Location { return time.UTC }
	}
	if c.Retries == nil {
		c.Retries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	}
	r := &Room{config: c, tenants: map[string]*tenant{}}
	for name, log := range c.Logs {
		r.tenants[name] = newTenant(r, name, log)
	}
	return r
}

// Run works until the context ends, and returns when everything that it started
// has stopped. What fails is tried again; it returns no error of its own.
func (r *Room) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, t := range r.tenants {
		all.Go(func() { t.run(ctx) })
	}
	all.Wait()
	return nil
}

// Wake says that something of a tenant was queued. The host calls it from
// kernel.Hooks.Queued; what waits is not seen before.
func (r *Room) Wake(tenant string) {
	if t := r.tenants[tenant]; t != nil {
		t.look.send()
		t.wakeDesks()
	}
}
