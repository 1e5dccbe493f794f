package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/event/egress"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/seal"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

type noGuests struct{}

func (noGuests) Run(context.Context, *sandbox.Module, sandbox.Call, []byte) ([]byte, abi.Code, error) {
	return nil, abi.Internal, errors.New("no guests here")
}

// posting is a Poster in this process.
type posting func(ctx context.Context, to string, h http.Header, body []byte) (int, error)

func (p posting) Post(ctx context.Context, to string, h http.Header, body []byte, _ int64) (egress.Answer, error) {
	status, err := p(ctx, to, h, body)
	return egress.Answer{Status: status, Body: []byte("thanks\x00")}, err
}

// fixture is a tenant without apps and a room of webhooks.
type fixture struct {
	testing.TB
	engine *occ.Engine
	kernel *kernel.Kernel
	*Room
	ops     map[string]*platform.Operation
	written signal // outcomes were
}

func setup(t testing.TB, post Poster, changes ...func(*Config)) *fixture {
	t.Helper()
	f := &fixture{TB: t, ops: map[string]*platform.Operation{}, written: make(signal, 1)}
	var err error
	if f.engine, err = occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	set, err := registry.Compose(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.kernel = kernel.New(kernel.Config{Runner: noGuests{}, Hooks: kernel.Hooks{Done: func(c kernel.Call, _ kernel.Result, err error) {
		if c.Operation == "webhook.outcomes" && err == nil {
			f.written.send()
		}
	}}})
	if err = f.kernel.Open("shop", f.engine, set); err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Open(t.TempDir()+"/key", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Kernel: f.kernel, Tenant: "shop", Log: f.engine, Post: post, Seal: keys, JSON: render}
	for _, change := range changes {
		change(&c)
	}
	f.Room = New(c)
	for _, o := range f.Operations() {
		f.ops[o.Name] = o
		if o.Native != nil {
			f.kernel.Provide(o.Native)
		}
	}
	return f
}

func render(tenant string, e *outbox.Envelope, position uint64) (json.RawMessage, error) {
	if e.Type == "till.broken" {
		return nil, errors.New("no schema")
	}
	return json.Marshal(map[string]any{"tenant": tenant, "type": e.Type, "subject": e.Subject, "position": position})
}

// work runs the room until the test or the returned function ends it.
func (f *fixture) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { _ = f.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); all.Wait() })
	f.Cleanup(stop)
	return stop
}

// ask runs an operation as rest would.
func (f *fixture) ask(by identity.Principal, name string, in, out any) error {
	f.Helper()
	input, err := json.Marshal(in)
	if err != nil {
		f.Fatal(err)
	}
	var answer []byte
	if o := f.ops[name]; o.Act != nil {
		answer, err = o.Act(context.Background(), platform.Caller{Principal: by, Request: "req"}, input)
	} else {
		var r kernel.Result
		r, err = f.kernel.Run(context.Background(), kernel.Call{Tenant: "shop", Operation: name, Input: input, Principal: by, Request: "req"})
		answer = r.Output
	}
	if err == nil && out != nil {
		err = json.Unmarshal(answer, out)
	}
	return err
}

func must[Out any](f *fixture, name string, in any) (out Out) {
	f.Helper()
	if err := f.ask(identity.Local(), name, in, &out); err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	return out
}

// reason is code and reason of an error.
func reason(err error) string {
	var k *kernel.Error
	var e *abi.Error
	if errors.As(err, &k) {
		e = &k.Public
	} else if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.Code.String() + " " + e.Reason
}

func (f *fixture) refuses(want, name string, in any) {
	f.Helper()
	if err := f.ask(identity.Local(), name, in, nil); reason(err) != want {
		f.Errorf("%s of %+v: %v, want %s", name, in, err, want)
	}
}

// emit logs events, all in one transaction, and answers the position.
func (f *fixture) emit(types ...string) uint64 {
	f.Helper()
	p, err := f.kernel.Do(context.Background(), kernel.Task{Tenant: "shop", Name: "emit", Do: func(tx *kernel.Tx) error {
		for i, name := range types {
			if err := tx.Emit(name, fmt.Sprint("s", i), []byte{0x80}); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		f.Fatal(err)
	}
	return p
}

func (f *fixture) create(in NewWebhook) MadeWebhook {
	f.Helper()
	if in.URL == "" {
		in.URL = "https://shop.example.com/hook"
	}
	if in.Types == nil {
		in.Types = []string{"till.*"}
	}
	return must[MadeWebhook](f, "host.webhooks.create", in)
}

func (f *fixture) deliveries(id string) []Delivery {
	f.Helper()
	return must[Deliveries](f, "host.deliveries.list", map[string]any{"id": id, "limit": 200}).Items
}

// logged lists the types in the log.
func (f *fixture) logged() (types []string) {
	f.Helper()
	all, err := f.entries(0, 10_000)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range all {
		types = append(types, e.Type)
	}
	return types
}

// verify checks a v1 signature as a receiver would.
func verify(secret string, h http.Header, body []byte) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < 24 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	return slices.Contains(strings.Fields(h.Get("webhook-signature")), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// inbox is a receiver that keeps what it got, and answers as it is told.
type inbox struct {
	mu     sync.Mutex
	got    []message
	answer func(n int) (int, error) // of the n-th message, from 1; nil is 204
	came   chan message
}

type message struct {
	to, id string
	header http.Header
	body   string
	at     time.Time
}

func newInbox(answer func(int) (int, error)) *inbox {
	return &inbox{answer: answer, came: make(chan message, 4096)}
}

func (b *inbox) Post(_ context.Context, to string, h http.Header, body []byte, _ int64) (egress.Answer, error) {
	m := message{to, h.Get(headerID), h, string(body), time.Now()}
	b.mu.Lock()
	b.got = append(b.got, m)
	n := len(b.got)
	b.mu.Unlock()
	status, err := 204, error(nil)
	if b.answer != nil {
		status, err = b.answer(n)
	}
	b.came <- m
	return egress.Answer{Status: status, Body: []byte("bye <b>\x1b")}, err
}

func (b *inbox) all() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}
