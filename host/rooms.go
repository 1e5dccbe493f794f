package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/account"
	"github.com/bottega-retail/bottega/host/internal/admin"
	"github.com/bottega-retail/bottega/host/internal/event"
	"github.com/bottega-retail/bottega/host/internal/event/egress"
	"github.com/bottega-retail/bottega/host/internal/event/stream"
	"github.com/bottega-retail/bottega/host/internal/event/webhook"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/lifecycle"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/rest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// rooms are the parts of the host that work over the kernel. They do not know
// each other: what one needs of another is handed to it here.
type rooms struct {
	accounts  *account.Accounts
	events    *event.Room
	lifecycle *lifecycle.Room
	webhooks  *webhook.Room
	streams   *stream.Room
}

// maxAnswer is where the sandbox stops reading what a guest answers. It lies
// above abi.MaxOutput, so that a little too much is an error and no fault.
const maxAnswer = 4 * abi.MaxOutput

// furnish makes the rooms and gives the kernel their operations.
func (h *Host) furnish() (err error) {
	c := h.config
	h.rooms.accounts, err = account.New(account.Config{
		Kernel: h.kernel, Tenant: c.Tenant, Logger: c.Logger.Named("account"), Now: c.Now, Roles: c.Roles, House: []string{"bottega", c.Tenant},
	})
	if err != nil {
		return err
	}
	h.rooms.events = event.New(event.Config{
		Kernel: h.kernel, Logs: map[string]storage.Log{c.Tenant: h.engine}, Logger: c.Logger.Named("event"), Now: c.Now,
		Zone:   func(string) *time.Location { return c.Zone },
		Derive: h.kernel.Derive, JSON: h.shown.event, Output: h.shown.job, Retries: retries(),
		Send: func(ctx context.Context, app *registry.App, r abi.HTTPRequest) (abi.HTTPResponse, error) {
			return h.outside.Send(ctx, app, r)
		},
	})
	h.rooms.lifecycle, err = lifecycle.New(lifecycle.Config{
		Tenant: c.Tenant, Dir: c.Dir, Catalogue: c.Modules, Kernel: h.kernel, Sandbox: loader{h.sandbox}, Seal: h.keys,
		Events: h.rooms.events, Warm: h.kernel.WarmUp, Development: c.Development, Logger: c.Logger.Named("lifecycle"),
		Step: step,
	})
	if err != nil {
		return err
	}
	h.furnishOutside()
	for _, room := range [][]*platform.Operation{
		h.rooms.accounts.Operations(), h.rooms.events.Operations(), h.rooms.lifecycle.Operations(),
		h.rooms.webhooks.Operations(), h.rooms.streams.Operations(), admin.Operations(),
	} {
		h.platform = append(h.platform, room...)
	}
	if log, ok := c.Logger.(hclog.InterceptLogger); ok {
		tail := rest.NewTail(c.Now)
		log.RegisterSink(tail)
		h.platform = append(h.platform, tail.Operation(&platform.Streams{}))
	}
	for _, o := range h.platform {
		if o.Native != nil {
			h.kernel.Provide(o.Native)
		}
	}
	return nil
}

// furnishOutside makes what leaves the host: calls of effects, webhooks, streams.
func (h *Host) furnishOutside() {
	c := h.config
	if !c.Development {
		c.Nearby, c.Roots = nil, nil
	}
	h.outside = egress.New(egress.Config{
		Tenant: c.Tenant, Plain: c.Development, Allow: c.nearby(), Near: c.Nearby, Roots: c.Roots,
		Secret: h.rooms.lifecycle.Secret,
		Denied: func(app, host string) { h.rooms.accounts.Denied(egressDenied(c.Tenant, app, host)) },
	})
	show := func(tenant string, e *outbox.Envelope, position uint64) (json.RawMessage, error) {
		return json.Marshal(h.rooms.events.Show(tenant, position, e))
	}
	h.rooms.webhooks = webhook.New(webhook.Config{
		Kernel: h.kernel, Tenant: c.Tenant, Log: h.engine, Post: h.outside, Seal: h.keys, JSON: show, Logger: c.Logger.Named("webhook"), Now: c.Now, Insecure: c.Development,
	})
	h.rooms.streams = stream.New(stream.Config{Kernel: h.kernel, Tenant: c.Tenant, Log: h.engine, JSON: show})
}

// egressDenied is a refused call to the outside as the audit has it.
func egressDenied(tenant, app, host string) (kernel.Call, *identity.Denial) {
	return kernel.Call{Tenant: tenant, Operation: "egress_denied", Principal: identity.App(app)}, &identity.Denial{Right: "http:" + host}
}

// nearby are the addresses inside that may be reached: for those who write
// modules, this machine.
func (c Config) nearby() func(netip.AddrPort) bool {
	if !c.Development {
		return nil
	}
	return func(a netip.AddrPort) bool { return a.Addr().IsLoopback() }
}

// loader is the sandbox as the lifecycle sees it.
type loader struct{ *sandbox.Sandbox }

// Load implements lifecycle.Sandbox.
func (l loader) Load(ctx context.Context, wasm []byte, limits sandbox.ModuleLimits) (*lifecycle.Loaded, error) {
	limits.Output = maxAnswer
	m, err := l.Sandbox.Load(ctx, wasm, limits)
	if err != nil {
		return nil, err
	}
	d, err := m.Describe(ctx)
	if err != nil {
		m.Close()
		return nil, err
	}
	return &lifecycle.Loaded{Module: m, Descriptor: d, Imports: m.Imports(), Close: m.Close}, nil
}

// work lets the rooms work in the background until the host closes.
func (h *Host) work() {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, run := range []func(context.Context) error{h.rooms.accounts.Run, h.rooms.events.Run, h.rooms.lifecycle.Run, h.rooms.webhooks.Run} {
		all.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				h.config.Logger.Error("a room has stopped", "error", err)
			}
		})
	}
	h.quit = func() {
		stop()
		all.Wait()
	}
}

// inhabit opens the tenant with the apps that are enabled. The kernel must know
// it before anything can be read, so it is opened empty first.
func (h *Host) inhabit(ctx context.Context) error {
	empty, err := registry.Compose(nil)
	if err != nil {
		return err
	}
	if err = h.kernel.Open(h.config.Tenant, h.engine, empty); err != nil {
		return err
	}
	set, err := h.rooms.lifecycle.Open(ctx, h.config.Tenant)
	if err != nil {
		return err
	}
	if err = h.kernel.Open(h.config.Tenant, h.engine, set); err != nil {
		return err
	}
	for _, app := range set.Apps() {
		if err := h.kernel.WarmUp(ctx, h.config.Tenant, app); err != nil {
			h.config.Logger.Warn("derived values not built", "app", app.String(), "error", err)
		}
		h.config.Progress(app.String() + " enabled")
	}
	return nil
}

// act calls an operation of the host as the host itself, and decodes the answer
// into out.
func (h *Host) act(ctx context.Context, name string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	var answer []byte
	switch o := h.operation(name); {
	case o == nil:
		return fmt.Errorf("the host has no operation %s", name)
	case o.Act != nil:
		answer, err = o.Act(ctx, platform.Caller{Principal: operator()}, body)
	default:
		var r kernel.Result
		r, err = h.kernel.Run(ctx, kernel.Call{Tenant: h.config.Tenant, Operation: name, Input: body, Principal: operator()})
		answer = r.Output
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return json.Unmarshal(answer, out)
}

func (h *Host) operation(name string) *platform.Operation {
	for _, o := range h.platform {
		if o.Name == name {
			return o
		}
	}
	return nil
}
