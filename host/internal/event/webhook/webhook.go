// Package webhook tells other programs of what happened: it posts events of the
// log to the addresses that a retailer named, signed as Standard Webhooks say,
// tries again for three days, and keeps a record of every delivery. It knows the
// kernel, the log and how deliveries are signed; it must not know apps, schemas or
// how a connection is made.
//
// A webhook has one cursor in the log. Moving it and writing the deliveries that
// it passed is one transaction, so no delivery is lost or doubled as a row.
// Sending is outside of any transaction: a host that dies between an answer and
// its record sends again, with the same webhook-id. Receivers must expect that.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/event/egress"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Poster makes the calls; *egress.Client is one.
type Poster interface {
	Post(ctx context.Context, to string, header http.Header, body []byte, most int64) (egress.Answer, error)
}

// Sealer keeps secrets so that the storage alone does not tell them; *seal.Keys
// is one.
type Sealer interface {
	Seal(purpose, about string, plain []byte, random io.Reader) ([]byte, error)
	Unseal(purpose, about string, sealed []byte) ([]byte, error)
}

// Config is what a Room is made of. Kernel, Tenant, Log, Post, Seal and JSON are
// required; zero is the default of every other field.
type Config struct {
	Kernel *kernel.Kernel
	Tenant string
	Log    storage.Log // of the tenant
	Post   Poster
	Seal   Sealer
	// JSON is the body of a delivery: an event as GET /v1/host/events shows it.
	JSON   func(tenant string, e *outbox.Envelope, position uint64) (json.RawMessage, error)
	Logger hclog.Logger     // default: none; never sees a secret or a payload
	Now    func() time.Time // default time.Now; the kernel's own clock
	Random io.Reader        // of secrets; default crypto/rand
	// Insecure lets a webhook lead to this machine, without TLS: for tests, and
	// for a developer's own host.
	Insecure bool
	Timeout  time.Duration // of one delivery; default 15 s
	// TestTime is how long a test may take, and how long a failed one always
	// takes; default 5 s.
	TestTime time.Duration
}

// Room is the host's room for webhooks of one tenant. Safe for concurrent use.
type Room struct {
	config    Config
	places    chan struct{} // of deliveries on their way, of all webhooks
	tests     tests
	seen      map[string]progress  // of Run alone
	endpoints map[string]*endpoint // of Run alone
}

// sending is how many deliveries are on their way at once.
const (
	sendingAll = 64 // of all webhooks
	sendingOne = 4  // of one
)

// New makes a room. Nothing is sent before Run, but the operations work.
func New(c Config) *Room {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.TestTime == 0 {
		c.TestTime = 5 * time.Second
	}
	return &Room{
		config: c, places: make(chan struct{}, sendingAll),
		seen: map[string]progress{}, endpoints: map[string]*endpoint{},
	}
}

// Waits after a fault of the host's own.
const (
	restFirst = 100 * time.Millisecond
	restMost  = 30 * time.Second
)

// Run delivers until the context ends, and returns when nothing is on its way any
// more. What fails is tried again; it returns no error of its own.
func (r *Room) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for faults := 0; ctx.Err() == nil; {
		moved := r.config.Log.Moved()
		more, err := r.pass(ctx, &all)
		switch {
		case err != nil && ctx.Err() == nil:
			r.config.Logger.Warn("webhooks stand still", "tenant", r.config.Tenant, "error", err)
			rest(ctx, min(restMost, restFirst<<min(faults, 16)))
			faults++
		case more:
		default:
			faults = 0
			select {
			case <-moved:
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// rest waits, at most until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// read runs a transaction that only reads.
func (r *Room) read(ctx context.Context, name string, do func(tx *kernel.Tx) error) error {
	_, err := r.config.Kernel.Do(ctx, kernel.Task{Tenant: r.config.Tenant, Name: name, ReadOnly: true, Do: do})
	return err
}

// write runs a transaction of the host's own.
func (r *Room) write(ctx context.Context, name string, do func(tx *kernel.Tx) error) error {
	_, err := r.config.Kernel.Do(ctx, kernel.Task{Tenant: r.config.Tenant, Name: name, Do: do})
	return err
}
