package stream

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

type noGuests struct{}

func (noGuests) Run(context.Context, *sandbox.Module, sandbox.Call, []byte) ([]byte, abi.Code, error) {
	return nil, abi.Internal, errors.New("no guests here")
}

// fixture is a tenant whose events are served at url.
type fixture struct {
	testing.TB
	kernel *kernel.Kernel
	*Room
	url   string
	stop  context.CancelFunc // as rest does when the host stops
	ended chan error         // of each stream
}

func setup(t testing.TB, streams *platform.Streams) *fixture {
	t.Helper()
	engine, err := occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
	})
	set, err := registry.Compose(nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, kernel: kernel.New(kernel.Config{Runner: noGuests{}}), ended: make(chan error, 256)}
	if err = f.kernel.Open("shop", engine, set); err != nil {
		t.Fatal(err)
	}
	f.Room = New(Config{Kernel: f.kernel, Tenant: "shop", Log: engine, Streams: streams, JSON: func(_ string, e *outbox.Envelope, position uint64) (json.RawMessage, error) {
		if e.Type == "till.broken" {
			return nil, errors.New("no schema")
		}
		return json.Marshal(map[string]any{"type": e.Type, "position": position, "subject": e.Subject})
	}})
	var stopping context.Context
	stopping, f.stop = context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(stopping, cancel)()
		p := identity.Principal{ID: r.Header.Get("X-As"), Rights: []string{identity.All}}
		err := f.Operations()[0].Raw(w, r.WithContext(ctx), p, "req")
		if refusal := (*abi.Error)(nil); errors.As(err, &refusal) {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		f.ended <- err
	}))
	f.url = server.URL
	t.Cleanup(func() { f.stop(); server.Close() })
	return f
}

// emit logs events in one transaction and answers the position.
func (f *fixture) emit(types ...string) uint64 {
	f.Helper()
	p, err := f.kernel.Do(context.Background(), kernel.Task{Tenant: "shop", Name: "emit", Do: func(tx *kernel.Tx) error {
		for _, name := range types {
			if err := tx.Emit(name, "s", []byte{0x80}); err != nil {
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

// reader follows a stream.
type reader struct {
	testing.TB
	res *http.Response
	r   *bufio.Reader
}

// follow opens a stream and waits until it has begun.
func (f *fixture) follow(query, last, as string) *reader {
	f.Helper()
	req, err := http.NewRequest(http.MethodGet, f.url+"?"+query, nil)
	if err != nil {
		f.Fatal(err)
	}
	req.Header.Set("X-As", as)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = res.Body.Close() })
	return &reader{f.TB, res, bufio.NewReader(res.Body)}
}

// next is the next message: id and event, and its data in front of others.
func (r *reader) next() string {
	r.Helper()
	var id, event string
	for {
		line, err := r.r.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "id: "):
			id = line[4:]
		case strings.HasPrefix(line, "event: "):
			event = line[7:]
		case strings.HasPrefix(line, "data: "):
			var e struct {
				Type     string
				Position uint64
			}
			if err := json.Unmarshal([]byte(line[6:]), &e); err != nil || e.Type != event || fmt.Sprint(e.Position) != id {
				r.Errorf("id %s, event %s, data %s", id, event, line)
			}
		case line == "" && id != "":
			return id + " " + event
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	f.emit("till.opened", "till.closed", "stock.moved")
	now := f.follow("", "", "a")
	f.emit("till.closed")
	for name, c := range map[string]struct {
		query, last string
		want        []string
	}{
		"from the beginning":    {"after=0", "", []string{"1 till.opened", "2 till.closed", "3 stock.moved", "4 till.closed", "5 till.opened"}},
		"behind a position":     {"after=2", "", []string{"3 stock.moved", "4 till.closed", "5 till.opened"}},
		"back again":            {"after=1", "3", []string{"4 till.closed", "5 till.opened"}},
		"of one type":           {"after=0&types=till.closed", "", []string{"2 till.closed", "4 till.closed", "7 till.closed"}},
		"of contracts and more": {"after=0&types=stock.*,till.opened", "", []string{"1 till.opened", "3 stock.moved", "5 till.opened", "6 stock.moved"}},
	} {
		r := f.follow(c.query, c.last, name)
		defer func() {
			for _, want := range c.want {
				if got := r.next(); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		}()
	}
	f.emit("till.opened", "stock.moved", "till.closed")
	for _, want := range []string{"4 till.closed", "5 till.opened", "6 stock.moved"} {
		if got := now.next(); got != want {
			t.Errorf("from now on: %q, want %q", got, want)
		}
	}
}

// TestBacklog: more than is read at once or kept in memory, all of it in order.
func TestBacklog(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	const events = 3*shownMost + 7
	for done := 0; done < events; done += 101 {
		f.emit(make([]string, min(101, events-done))...)
	}
	r := f.follow("after=0", "", "a")
	for i := range events {
		if got := r.next(); got != fmt.Sprint(i+1, " ") {
			t.Fatalf("%q after %d", got, i)
		}
	}
	if len(f.shown.kept) > shownMost || len(f.shown.order) != len(f.shown.kept) {
		t.Errorf("%d kept", len(f.shown.kept))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	for query, last := range map[string]string{"after=x": "", "after=-1": "", "after=1&after=2": "", "from=1": "", "": "x"} {
		if r := f.follow(query, last, "a"); r.res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s %s: %s", query, last, r.res.Status)
		}
	}
	f.emit("till.broken")
	if got := f.follow("after=0", "", "a").next(); got != "EOF" {
		t.Errorf("of what cannot be shown: %q", got)
	}
}

// TestH30Streams: ten for a principal; others have their own; a slow reader is
// dropped and what it missed is there when it comes back; all end with the host.
func TestH30Streams(t *testing.T) {
	t.Parallel()
	f := setup(t, &platform.Streams{PerPrincipal: perPrincipal, Patience: 50 * time.Millisecond})
	var open []*reader
	for range perPrincipal {
		r := f.follow("after=0", "", "user:anna")
		if r.res.StatusCode != http.StatusOK {
			t.Fatal(r.res.Status)
		}
		open = append(open, r)
	}
	if r := f.follow("after=0", "", "user:anna"); r.res.StatusCode != http.StatusBadRequest {
		t.Errorf("an eleventh: %s", r.res.Status)
	}
	f.emit("till.closed")
	if got := f.follow("after=0", "", "user:bob").next(); got != "1 till.closed" {
		t.Errorf("another's: %q", got)
	}
	for _, r := range open {
		if got := r.next(); got != "1 till.closed" {
			t.Errorf("got %q", got)
		}
	}
	f.stop()
	var all sync.WaitGroup
	for _, r := range open {
		all.Go(func() {
			if got := r.next(); got != "EOF" {
				t.Errorf("after the host stopped: %q", got)
			}
		})
	}
	all.Wait()
}

// TestH30SlowReader: who takes nothing is dropped, holds no place any more, and
// comes back to where it was.
func TestH30SlowReader(t *testing.T) {
	t.Parallel()
	f := setup(t, &platform.Streams{PerPrincipal: 1, Patience: 200 * time.Millisecond})
	filling := strings.Repeat(" ", 1<<19) // so that a few fill every buffer on the way
	f.config.JSON = func(_ string, e *outbox.Envelope, position uint64) (json.RawMessage, error) {
		return fmt.Appendf(nil, `%s{"position":%d}`, filling, position), nil
	}
	f.emit(make([]string, 100)...)
	slow := f.follow("after=0", "", "user:anna")
	if err := <-f.ended; err == nil {
		t.Error("it ended without a reason")
	}
	got := 0
	for strings.HasPrefix(slow.next(), fmt.Sprint(got+1)) {
		got++
	}
	if got >= 97 {
		t.Errorf("%d of 100 reached a reader that took nothing", got)
	}
	again := f.follow("after=0", fmt.Sprint(got), "user:anna")
	for i := got; i < got+3; i++ {
		if m := again.next(); m != fmt.Sprint(i+1, " ") {
			t.Fatalf("%q after %d", m, i)
		}
	}
}
