package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Tail lets people watch the log of the host while it is written. It keeps the
// last lines for who comes later, and who reads too slowly misses some. It is a
// sink of an hclog.InterceptLogger. Safe for concurrent use.
type Tail struct {
	now func() time.Time

	mu       sync.Mutex
	kept     []line
	watching map[chan line]bool
}

// The bounds of a tail.
const (
	keptLines    = 200 // for who comes later
	waitingLines = 256 // of one reader
)

// line is one line of the log.
type line struct {
	level hclog.Level
	app   string // that it is about, id or id@version; "" for none
	text  []byte // JSON
}

// wanted is which lines a reader asks for.
type wanted struct {
	least hclog.Level
	app   string // id; "" for all
}

func (w wanted) takes(l line) bool {
	id, _, _ := strings.Cut(l.app, "@")
	return l.level >= w.least && (w.app == "" || w.app == id)
}

var _ hclog.SinkAdapter = (*Tail)(nil)

// NewTail makes a tail with a clock for its lines.
func NewTail(now func() time.Time) *Tail {
	return &Tail{now: now, watching: map[chan line]bool{}}
}

// Accept takes a line of the log. It never waits.
func (t *Tail) Accept(name string, level hclog.Level, msg string, args ...any) {
	text, err := marshal(lineOf(t.now(), name, level, msg, args))
	if err != nil {
		return // a value that is no JSON; the log itself has it
	}
	l := line{level, appOf(args), text}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) == keptLines { // in place: a line comes with every request
		copy(t.kept, t.kept[1:])
		t.kept = t.kept[:keptLines-1]
	}
	t.kept = append(t.kept, l)
	for to := range t.watching {
		select {
		case to <- l:
		default: // it reads too slowly
		}
	}
}

// lineOf is a line as it is sent: time, level, where, what, and the pairs.
func lineOf(at time.Time, name string, level hclog.Level, msg string, args []any) *ordered {
	o := newOrdered("time", at.UTC().Format(time.RFC3339Nano), "level", level.String(), "module", name, "message", msg)
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := args[i].(string)
		switch v := args[i+1].(type) {
		case error:
			o.set(name, v.Error())
		case interface{ String() string }:
			o.set(name, v.String())
		default:
			o.set(name, v)
		}
		if !ok {
			o.remove(name)
		}
	}
	return o
}

// appOf is the app that a line names.
func appOf(args []any) (app string) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "app" {
			app = fmt.Sprint(args[i+1])
		}
	}
	return app
}

// watch answers what is kept and a source of what comes, until leave.
func (t *Tail) watch() (kept []line, next chan line, leave func()) {
	next = make(chan line, waitingLines)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watching[next] = true
	return append([]line(nil), t.kept...), next, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.watching, next)
	}
}

// Operation is GET /v1/host/logs: an event stream of lines as JSON, those that
// are kept first.
func (t *Tail) Operation(streams *platform.Streams) *platform.Operation {
	return &platform.Operation{
		About: platform.About{
			Name: "host.logs.tail", Method: http.MethodGet, Path: "/logs", Right: "host.apps",
			Summary: "Watch the log of the host",
			Doc: "An event stream: each message is a line as JSON with time, level, module and message. It begins with those of the last 200 lines that are asked for. " +
				"Who reads too slowly misses lines. Errors: invalid (enum); exhausted (streams: too many are open).",
		},
		Input: &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{
			"level": {Type: "string", Enum: []any{"trace", "debug", "info", "warn", "error"}, Description: "only lines of this level and above; default info"},
			"app":   {Type: "string", Description: "id: only lines about this app, of any version; default all"},
		}},
		Raw: func(w http.ResponseWriter, r *http.Request, p identity.Principal, _ string) error {
			query := r.URL.Query()
			for name, values := range query {
				if len(values) > 1 {
					return badParameter(name, schema.ReasonDuplicateKey, "This parameter stands twice.")
				}
			}
			least, err := levelOf(query.Get("level"))
			if err != nil {
				return err
			}
			asked := wanted{least, query.Get("app")}
			return streams.Serve(w, r, p.ID, func(ctx context.Context, to *platform.Stream) error { return t.feed(ctx, to, asked) })
		},
	}
}

func levelOf(name string) (hclog.Level, error) {
	if name == "" {
		return hclog.Info, nil
	}
	level := hclog.LevelFromString(name)
	if level == hclog.NoLevel || name != strings.ToLower(name) || level == hclog.Off {
		e := refuse(abi.Invalid, "enum", "one of: trace, debug, info, warn, error")
		e.Pointer = "/level"
		return level, e
	}
	return level, nil
}

func (t *Tail) feed(ctx context.Context, to *platform.Stream, asked wanted) error {
	kept, next, leave := t.watch()
	defer leave()
	for _, l := range kept {
		if err := send(to, l, asked); err != nil {
			return err
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case l := <-next:
			if err := send(to, l, asked); err != nil {
				return err
			}
		}
	}
}

func send(to *platform.Stream, l line, asked wanted) error {
	if !asked.takes(l) {
		return nil
	}
	return to.Send(platform.Message{Data: json.RawMessage(l.text)})
}
