// Package stream shows the log of events to those who follow it, as server-sent
// events. It knows the log and streams; it must not know apps, schemas or how an
// event is shown.
package stream

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Config is what a Room is made of. All fields but Streams are required.
type Config struct {
	Kernel *kernel.Kernel
	Tenant string
	Log    storage.Log // of the tenant
	// JSON is the data of a message: an event as GET /v1/host/events shows it. An
	// error ends the stream, so what cannot be shown is better left out.
	JSON func(tenant string, e *outbox.Envelope, position uint64) (json.RawMessage, error)
	// Streams opens and bounds streams. Default: ten at once for a principal.
	Streams *platform.Streams
}

// Room shows the log of one tenant. Safe for concurrent use.
type Room struct {
	config Config
	shown  shown
}

// perPrincipal is how many streams one principal follows at once.
const perPrincipal = 10

// New makes a room.
func New(c Config) *Room {
	if c.Streams == nil {
		c.Streams = &platform.Streams{PerPrincipal: perPrincipal}
	}
	return &Room{config: c, shown: shown{kept: map[uint64]platform.Message{}}}
}

// Operations are the room's operations, for REST.
func (r *Room) Operations() []*platform.Operation {
	text := func(description string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Description: description}
	}
	return []*platform.Operation{{
		About: platform.About{
			Name: "host.events.stream", Method: http.MethodGet, Path: "/events/stream", Right: "host.events",
			Summary: "Follow the log",
			Doc: "An event stream: each message is an event as GET /events shows it, with its position as id and its type as event, in the order of their commits. " +
				"It begins behind the header Last-Event-ID, or else behind `after`, or else now; who comes back with the last id misses nothing. " +
				"A reader that takes nothing is dropped. Errors: invalid (malformed), exhausted (streams: ten for a principal).",
		},
		Input: &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{
			"after": text("position; default: now"),
			"types": text("names separated by commas, contract.* for all of a contract; default all"),
		}},
		Raw: r.serve,
	}}
}

// wish is what a reader asks for.
type wish struct {
	after uint64
	now   bool // from now on
	types []string
}

func invalid(pointer, message string) error {
	return &abi.Error{Code: abi.Invalid, Reason: abi.ReasonMalformed, Message: message, Pointer: pointer}
}

// read reads what is asked for; what a browser sends when it comes back is newer
// than the address that it came with.
func read(query url.Values, last string) (w wish, err error) {
	for name, values := range query {
		if name != "after" && name != "types" || len(values) != 1 {
			return w, invalid("/"+name, "There is no such parameter, or it stands twice.")
		}
	}
	from := cmp.Or(last, query.Get("after"))
	if w.now = from == ""; !w.now {
		if w.after, err = strconv.ParseUint(from, 10, 63); err != nil {
			return w, invalid("/after", "This is no position in the log.")
		}
	}
	w.types = strings.FieldsFunc(query.Get("types"), func(c rune) bool { return c == ',' || c == ' ' })
	return w, nil
}

func (w *wish) wants(name string) bool {
	contract, _, _ := strings.Cut(name, ".")
	return len(w.types) == 0 || slices.ContainsFunc(w.types, func(t string) bool { return t == name || t == contract+".*" })
}

func (r *Room) serve(w http.ResponseWriter, req *http.Request, p identity.Principal, _ string) error {
	asked, err := read(req.URL.Query(), req.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	if asked.now {
		if asked.after, err = r.newest(req.Context()); err != nil {
			return err
		}
	}
	return r.config.Streams.Serve(w, req, p.ID, func(ctx context.Context, to *platform.Stream) error { return r.feed(ctx, to, &asked) })
}

// newest is the position of the newest event.
func (r *Room) newest(ctx context.Context) (uint64, error) {
	return r.config.Kernel.Do(ctx, kernel.Task{Tenant: r.config.Tenant, Name: "stream.begin", ReadOnly: true, Do: func(*kernel.Tx) error { return nil }})
}

// page is how many entries are read at once.
const page = 128

// feed sends what is wanted until nobody follows any more. There is no line of
// waiting messages: who reads slowly is behind in the log, and nothing else.
func (r *Room) feed(ctx context.Context, to *platform.Stream, w *wish) error {
	for ctx.Err() == nil {
		moved := r.config.Log.Moved()
		entries, err := r.config.Log.Read(w.after, page)
		if err != nil {
			return fmt.Errorf("log after %d: %w", w.after, err)
		}
		for _, e := range entries {
			if err := r.send(to, w, e); err != nil {
				return err
			}
			if w.after = e.Position; ctx.Err() != nil {
				return nil
			}
		}
		if len(entries) > 0 {
			continue
		}
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
	return nil
}

func (r *Room) send(to *platform.Stream, w *wish, e storage.Entry) error {
	m, err := r.message(e)
	if err != nil || !w.wants(m.Event) {
		return err
	}
	return to.Send(m)
}

// message shows an entry, once for all who follow.
func (r *Room) message(e storage.Entry) (platform.Message, error) {
	if m, ok := r.shown.get(e.Position); ok {
		return m, nil
	}
	env, err := outbox.Parse(e.Data)
	if err != nil {
		return platform.Message{}, fmt.Errorf("event at %d: %w", e.Position, err)
	}
	data, err := r.config.JSON(r.config.Tenant, &env, e.Position)
	if err != nil {
		return platform.Message{}, fmt.Errorf("event at %d: %w", e.Position, err)
	}
	m := platform.Message{ID: strconv.FormatUint(e.Position, 10), Event: env.Type, Data: data}
	r.shown.keep(e.Position, m)
	return m, nil
}

// shown keeps the newest messages: those who follow closely want the same.
type shown struct {
	mu    sync.Mutex
	kept  map[uint64]platform.Message
	order []uint64
	bytes int
}

const (
	shownMost  = 512
	shownBytes = 8 << 20
)

func (s *shown) get(position uint64) (platform.Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.kept[position]
	return m, ok
}

func (s *shown) keep(position uint64, m platform.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.kept[position]; ok {
		return
	}
	s.kept[position], s.order, s.bytes = m, append(s.order, position), s.bytes+len(m.Data)
	for len(s.order) > 1 && (len(s.order) > shownMost || s.bytes > shownBytes) {
		s.bytes -= len(s.kept[s.order[0]].Data)
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
}
