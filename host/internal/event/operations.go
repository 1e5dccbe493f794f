package event

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const (
	rightEvents = "host.events"
	rightApps   = "host.apps"
)

// Operations are the room's operations, for the kernel and for REST.
func (r *Room) Operations() []*platform.Operation {
	return append(append([]*platform.Operation{
		platform.Query(platform.About{
			Name: "host.events.list", Method: http.MethodGet, Path: "/events", Right: rightEvents, Positions: true,
			Summary: "Read the log",
			Doc:     "Events in the order of their commits, behind the position `after`. `types` are names like till.closed, or till.* for a whole contract, separated by commas. `next` is there as long as the log goes on, even if the page is empty; read on with it, at once or later: nothing is left out. Errors: invalid, reason malformed, for an `after` that is no position.",
		}, r.listEvents),
		platform.Query(platform.About{
			Name: "host.subscriptions.list", Method: http.MethodGet, Path: "/subscriptions", Right: rightEvents,
			Summary: "See how far each app has handled the log",
			Doc:     "One item per app and partition: how many positions of the log lie behind what it has handled, 0 if nothing waits for it, what waits in lines, and why it is paused, if it is.",
		}, r.listSubscriptions),
	}, r.parkedOperations()...), r.workOperations()...)
}

const (
	pageDefault = 50
	pageMost    = 200
	// scanMost is how many entries one page of the log looks at.
	scanMost = 2000
)

func limitOf(n int) int { return min(max(cmp.Or(n, pageDefault), 1), pageMost) }

type listEventsIn struct {
	After string `json:"after,omitempty" jsonschema:"position; empty for the beginning of the log"`
	Limit int    `json:"limit,omitempty" jsonschema:"of events, at most 200; default 50"`
	Types string `json:"types,omitempty" jsonschema:"names separated by commas; contract.* for all of a contract"`
}

type listEventsOut struct {
	Items []CloudEvent `json:"items"`
	Next  string       `json:"next,omitempty"`
}

func (r *Room) listEvents(tx *kernel.Tx, in listEventsIn) (listEventsOut, error) {
	out := listEventsOut{Items: []CloudEvent{}}
	after, err := strconv.ParseUint(cmp.Or(in.After, "0"), 10, 64)
	if err != nil {
		return out, &abi.Error{Code: abi.Invalid, Reason: abi.ReasonMalformed, Message: "This is no position in the log.", Pointer: "/after"}
	}
	t := r.tenants[tx.Tenant()]
	types := strings.FieldsFunc(in.Types, func(c rune) bool { return c == ',' || c == ' ' })
	for scanned := 0; scanned < scanMost; {
		entries, err := t.log.Read(after, pageSize)
		if err != nil {
			return out, err
		}
		for _, entry := range entries {
			e, err := parse(entry)
			if err != nil {
				return out, err
			}
			if after = e.position; matches(types, e.Type) {
				out.Items = append(out.Items, r.Show(tx.Tenant(), e.position, &e.Envelope))
			}
			if len(out.Items) == limitOf(in.Limit) {
				break
			}
		}
		scanned += len(entries)
		if len(entries) == 0 || len(out.Items) == limitOf(in.Limit) {
			break
		}
	}
	out.Next = strconv.FormatUint(after, 10)
	return out, nil
}

// matches says whether a filter, empty for everything, lets a type through.
func matches(types []string, name string) bool {
	contract, _, _ := strings.Cut(name, ".")
	return len(types) == 0 || slices.ContainsFunc(types, func(want string) bool { return want == name || want == contract+".*" })
}

// SubscriptionState is one partition of an app's events.
type SubscriptionState struct {
	App       string `json:"app"`
	Partition int    `json:"partition"`
	Position  uint64 `json:"position" jsonschema:"everything up to here is handled, waits in a line, or is not for it"`
	Lag       uint64 `json:"lag" jsonschema:"positions of the log behind it; 0 if nothing waits, although the log goes on"`
	Lines     int    `json:"lines" jsonschema:"keys of which something waits"`
	Parked    int    `json:"parked" jsonschema:"events that wait in those lines"`
	Paused    string `json:"paused,omitempty" jsonschema:"why nothing is delivered now"`
}

type listSubscriptionsIn struct {
	App   string `json:"app,omitempty" jsonschema:"id; empty for all"`
	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty" jsonschema:"of apps, at most 200; default 50"`
}

type listSubscriptionsOut struct {
	Items []SubscriptionState `json:"items"`
	Next  string              `json:"next,omitempty"`
}

func (r *Room) listSubscriptions(tx *kernel.Tx, in listSubscriptionsIn) (listSubscriptionsOut, error) {
	out := listSubscriptionsOut{Items: []SubscriptionState{}}
	limit := limitOf(in.Limit)
	rows, err := subscriptions.Page(tx, in.App, in.After, limit+1, false)
	if err != nil {
		return out, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = rows[limit-1].Key
	}
	t := r.tenants[tx.Tenant()]
	for _, row := range rows {
		if in.App != "" && row.Key != in.App {
			continue
		}
		parts, err := t.partitions(tx, row.Key, row.Value.Partitions)
		if err != nil {
			return out, err
		}
		for _, p := range parts {
			s, err := p.state(tx)
			if err != nil {
				return out, err
			}
			out.Items = append(out.Items, s)
		}
	}
	return out, nil
}

// state is how far a partition is that was read for it alone, and does not work.
func (p *partition) state(tx *kernel.Tx) (SubscriptionState, error) {
	s := SubscriptionState{App: p.app, Partition: int(p.number)}
	head := p.t.feed.newest()
	var err error
	if s.Position, err = p.reach(head); err != nil {
		return s, err
	}
	s.Lag = max(head, s.Position) - s.Position
	p.t.mu.Lock()
	paused := p.t.paused[cursorKey(p.app, p.number)]
	p.t.mu.Unlock()
	if s.Paused, err = p.t.whyPaused(tx, p.app, paused); err != nil {
		return s, err
	}
	err = each(tx, lines.Name, p.prefix(), func(row kernel.Row) error {
		l, _, err := lines.Get(tx, row.Key)
		s.Lines++
		s.Parked += int(l.End - l.First)
		return err
	})
	return s, err
}

func (t *tenant) whyPaused(tx *kernel.Tx, app string, p pause) (string, error) {
	if _, held, err := replays.Get(tx, app); err != nil || held {
		return "it is being replayed", err
	}
	if _, ok := tx.Set().App(app); !ok {
		return "it is not enabled", nil
	}
	if p.until.After(t.config.Now()) {
		return p.why, nil
	}
	return "", nil
}

// instant shows milliseconds as RFC 3339, "" for 0.
func instant(milli int64) string {
	if milli == 0 {
		return ""
	}
	return time.UnixMilli(milli).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
