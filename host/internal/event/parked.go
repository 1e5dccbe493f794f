package event

import (
	"net/http"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func (r *Room) parkedOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{
			Name: "host.parked.list", Method: http.MethodGet, Path: "/parked", Right: rightEvents,
			Summary: "List what apps could not handle",
			Doc:     "One item per waiting line: the events of one key in one app, the first of which fails. A line whose state is retrying is tried again by itself; one that is parked waits for a person.",
		}, r.listParked),
		platform.Query(platform.About{
			Name: "host.parked.get", Method: http.MethodGet, Path: "/parked/{id}", Right: rightEvents,
			Summary: "See what waits in a line",
			Doc:     "The line, and a page of what waits in it with its data. Errors: not_found, reason line.",
		}, r.getParked),
		platform.Command(platform.About{
			Name: "host.parked.replay", Method: http.MethodPost, Path: "/parked/replay", Right: rightEvents, NoKey: true,
			Summary: "Try waiting lines again",
			Doc:     "One line by its id, those of a key or all of an app, or all; exactly one of them is named. Each line is handled from its head on, in order, and has its effect once. At most 500 lines at a time: `more` says whether to call again. Errors: invalid, reason selection.",
		}, r.replayParked),
		platform.Command(platform.About{
			Name: "host.parked.discard", Method: http.MethodPost, Path: "/parked/discard", Right: rightEvents,
			Summary: "Give up what waits",
			Doc:     "What is discarded has no effect in the app, ever. Of a line named by its id, `head` discards the first event alone; the rest is tried again. The reason is logged as host.event_discarded. At most 500 lines, and 5,000 events, at a time. Errors: invalid, reason selection.",
		}, r.discardParked),
	}
}

// Parked is a waiting line as people see it.
type Parked struct {
	ID       string  `json:"id"`
	App      string  `json:"app"`
	Kind     string  `json:"kind" jsonschema:"event, timer, daily or effect_done"`
	Key      string  `json:"key"`
	State    string  `json:"state" jsonschema:"retrying or parked"`
	Waiting  uint64  `json:"waiting" jsonschema:"events in the line"`
	Attempts int     `json:"attempts" jsonschema:"that its head has failed"`
	RetryAt  string  `json:"retry_at,omitempty" jsonschema:"when it is tried again"`
	Since    string  `json:"since" jsonschema:"of the first failure"`
	Failure  Failure `json:"failure" jsonschema:"the last one"`
}

func parkedOf(id string, l *Line) Parked {
	p := Parked{
		ID: id, App: l.App, Kind: l.Kind, Key: l.Key, State: "retrying", Waiting: l.End - l.First,
		Attempts: l.Attempts, RetryAt: instant(l.Next), Since: instant(l.Since), Failure: l.Failure,
	}
	if l.Parked {
		p.State, p.RetryAt = "parked", ""
	}
	return p
}

type listParkedIn struct {
	App   string `json:"app,omitempty" jsonschema:"id; empty for all"`
	Key   string `json:"key,omitempty" jsonschema:"only lines of this key"`
	State string `json:"state,omitempty" jsonschema:"retrying or parked; empty for both"`
	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty" jsonschema:"at most 200; default 50"`
}

type listParkedOut struct {
	Items []Parked `json:"items"`
	Next  string   `json:"next,omitempty"`
}

func (r *Room) listParked(tx *kernel.Tx, in listParkedIn) (listParkedOut, error) {
	out := listParkedOut{Items: []Parked{}}
	limit := limitOf(in.Limit)
	for scanned := 0; scanned < scanMost; {
		rows, err := lines.Page(tx, appPrefix(in.App), in.After, limit, false)
		if err != nil {
			return out, err
		}
		for _, row := range rows {
			in.After = row.Key
			p := parkedOf(row.Key, &row.Value)
			if (in.Key == "" || p.Key == in.Key) && (in.State == "" || p.State == in.State) {
				out.Items = append(out.Items, p)
			}
			if len(out.Items) == limit {
				break
			}
		}
		if scanned += len(rows); len(rows) < limit && len(out.Items) < limit {
			return out, nil
		}
		if len(out.Items) == limit {
			break
		}
	}
	out.Next = in.After
	return out, nil
}

func appPrefix(app string) string {
	if app == "" {
		return ""
	}
	return app + "."
}

type getParkedIn struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
	Limit int    `json:"limit,omitempty" jsonschema:"of events, at most 200; default 50"`
}

// ParkedItem is one thing that waits in a line.
type ParkedItem struct {
	ID       string      `json:"id" jsonschema:"of the event, the timer or the effect"`
	Name     string      `json:"name"`
	Position uint64      `json:"position,omitempty"`
	Replayed bool        `json:"replayed,omitempty"`
	Event    *CloudEvent `json:"event,omitempty"`
}

type getParkedOut struct {
	Parked
	Items []ParkedItem `json:"items"`
	Next  string       `json:"next,omitempty"`
}

func (r *Room) getParked(tx *kernel.Tx, in getParkedIn) (getParkedOut, error) {
	out := getParkedOut{Items: []ParkedItem{}}
	l, ok, err := lines.Get(tx, in.ID)
	if err != nil {
		return out, err
	}
	if !ok {
		return out, noLine(in.ID)
	}
	out.Parked = parkedOf(in.ID, &l)
	limit := limitOf(in.Limit)
	rows, err := items.Page(tx, in.ID+".", in.After, limit, false)
	if err != nil {
		return out, err
	}
	for _, row := range rows {
		it := ParkedItem{ID: row.Value.ID, Name: row.Value.Name, Position: row.Value.Position, Replayed: row.Value.Replayed}
		if row.Value.Kind == kindEvent {
			e, ok, err := r.tenants[tx.Tenant()].feed.at(it.Position)
			if err != nil {
				return out, err
			}
			if ok {
				c := r.Show(tx.Tenant(), it.Position, &e.Envelope)
				it.Event = &c
			}
		}
		out.Items = append(out.Items, it)
	}
	if len(rows) == limit {
		out.Next = rows[limit-1].Key
	}
	return out, nil
}

func noLine(id string) error {
	return &abi.Error{Code: abi.NotFound, Reason: "line", Message: "Nothing waits under " + id + "."}
}

// selection names lines: exactly one of ID, App and All, and Key with App.
type selection struct {
	ID  string `json:"id,omitempty" jsonschema:"of one line"`
	App string `json:"app,omitempty" jsonschema:"all lines of an app"`
	Key string `json:"key,omitempty" jsonschema:"with app: only those of a key"`
	All bool   `json:"all,omitempty" jsonschema:"all lines of all apps"`
}

// mostLines is how many lines one call changes.
const mostLines = 500

// lines calls fn for every line that is selected, and says whether there are more
// than it may change.
func (s selection) lines(tx *kernel.Tx, fn func(id string, l Line) (changed bool, err error)) (more bool, err error) {
	if n := btoi(s.ID != "") + btoi(s.App != "") + btoi(s.All); n != 1 || s.Key != "" && s.App == "" {
		return false, &abi.Error{Code: abi.Invalid, Reason: "selection", Message: "Name one line by its id, an app, or all; a key only with an app."}
	}
	if s.ID != "" {
		l, ok, err := lines.Get(tx, s.ID)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, noLine(s.ID)
		}
		_, err = fn(s.ID, l)
		return false, err
	}
	n := 0
	for after := ""; ; {
		rows, err := lines.Page(tx, appPrefix(s.App), after, mostLines, false)
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			after = row.Key
			if s.Key != "" && row.Value.Key != s.Key {
				continue
			}
			if n == mostLines {
				return true, nil
			}
			changed, err := fn(row.Key, row.Value)
			if err != nil {
				return false, err
			}
			n += btoi(changed)
		}
		if len(rows) < mostLines {
			return false, nil
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

type replayParkedIn struct{ selection }

type replayParkedOut struct {
	Lines int  `json:"lines" jsonschema:"that are tried again"`
	More  bool `json:"more,omitempty"`
}

func (r *Room) replayParked(tx *kernel.Tx, in replayParkedIn) (out replayParkedOut, err error) {
	now := tx.Now().UnixMilli()
	out.More, err = in.lines(tx, func(id string, l Line) (bool, error) {
		if !l.Parked && l.Attempts == 0 {
			return false, nil // it is on its way
		}
		old := l
		l.Parked, l.Attempts, l.Next = false, 0, now
		tx.Touch("parked:" + id)
		out.Lines++
		return true, l.write(tx, id, &old)
	})
	tx.Wake()
	return out, err
}

type discardParkedIn struct {
	selection
	Head   bool   `json:"head,omitempty" jsonschema:"with id: only the first event of the line"`
	Reason string `json:"reason" jsonschema:"why, for those who look later; no personal data"`
}

type discardParkedOut struct {
	Lines  int    `json:"lines"`
	Events uint64 `json:"events"`
	More   bool   `json:"more,omitempty"`
}

// mostDiscarded is how many events one call gives up.
const mostDiscarded = 5000

func (r *Room) discardParked(tx *kernel.Tx, in discardParkedIn) (out discardParkedOut, err error) {
	if in.Reason == "" || in.Head && in.ID == "" {
		return out, &abi.Error{Code: abi.Invalid, Reason: "selection", Message: "Say why; and name a line by its id to discard its head.", Pointer: "/reason"}
	}
	more, err := in.lines(tx, func(id string, l Line) (bool, error) {
		if out.Events >= mostDiscarded {
			out.More = true
			return false, nil
		}
		most := mostDiscarded - out.Events
		if in.Head {
			most = 1
		}
		n, err := r.discard(tx, id, l, most, capped(in.Reason, 500))
		out.Lines++
		out.Events += n
		out.More = out.More || n < l.End-l.First && !in.Head
		return true, err
	})
	out.More = out.More || more
	tx.Wake()
	return out, err
}

// discard gives up events from the head of a line; what is left is tried again.
func (r *Room) discard(tx *kernel.Tx, id string, l Line, most uint64, reason string) (n uint64, err error) {
	old := l
	for ; l.First < l.End && n < most; l.First++ {
		key := itemKey(id, l.First)
		it, _, err := items.Get(tx, key)
		if err != nil {
			return n, err
		}
		if err = removeItem(tx, key, &it); err != nil {
			return n, err
		}
		if n++; n == 1 {
			if err = tx.Emit("host.event_discarded", l.App+"/"+l.Key, discardedData(id, &l, &it, reason)); err != nil {
				return n, err
			}
		}
	}
	tx.Touch("parked:" + id)
	l.Parked, l.Attempts, l.Next = false, 0, tx.Now().UnixMilli()
	return n, l.write(tx, id, &old)
}

// discardedData is the payload of host.event_discarded: that of host.event_parked
// and why it was given up.
func discardedData(id string, l *Line, it *item, why string) []byte {
	b := parkedData(id, l, it)
	b[0]++ // one more field in the header of the map
	return msgp.AppendString(msgp.AppendString(b, "why"), why)
}
