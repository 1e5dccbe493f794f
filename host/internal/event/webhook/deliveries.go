package webhook

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func (r *Room) deliveryOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{
			Name: "host.deliveries.list", Method: http.MethodGet, Path: "/webhooks/{id}/deliveries", Right: right,
			Summary: "See what was sent to a webhook, and what came of it",
			Doc:     "The newest events first. Delivered ones are kept for 30 days, failed ones for 90. With a `state`, a page may have fewer items than asked for and still a next one. Errors: not_found (webhook).",
		}, listDeliveries),
		platform.Command(platform.About{
			Name: "host.deliveries.resend", Method: http.MethodPost, Path: "/deliveries/{id}/resend", Right: right, NoKey: true,
			Summary: "Send a delivery again, now", Doc: "With the same webhook-id. Errors: not_found (delivery, webhook), failed_precondition (disabled).",
		}, resend),
		platform.Command(platform.About{
			Name: "host.webhooks.resend", Method: http.MethodPost, Path: "/webhooks/{id}/resend", Right: right, NoKey: true,
			Summary: "Send a part of the log to a webhook again",
			Doc:     "The events of its types at the positions `from` to `to`, whether they were sent before or not. As many as one call takes; if there are more, go on from `next`. Errors: not_found (webhook), invalid (malformed), failed_precondition (disabled).",
		}, r.resendRange),
	}
}

// Delivery is one event for one webhook, as it is shown.
type Delivery struct {
	ID       string    `json:"id"`
	Webhook  string    `json:"webhook"`
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Position string    `json:"position"`
	State    string    `json:"state" jsonschema:"waiting, delivered or failed"`
	Created  time.Time `json:"created"`
	Attempts int       `json:"attempts" jsonschema:"since it was first or last asked for"`
	Next     time.Time `json:"next_try,omitzero"`
	Last     *Attempt  `json:"last,omitzero"`
}

// Attempt is how a delivery last ended.
type Attempt struct {
	At       time.Time `json:"at"`
	Duration int64     `json:"duration_ms"`
	Status   int       `json:"status,omitzero" jsonschema:"HTTP status; absent without an answer"`
	Answer   string    `json:"answer,omitzero" jsonschema:"its first KiB, with escapes for all that is not printable; text of a stranger"`
	Why      string    `json:"why,omitzero" jsonschema:"no_answer, refused, event_gone or event_unreadable; absent if it was delivered"`
}

func showDelivery(id string, d *delivery) Delivery {
	webhook, _, _ := strings.Cut(id, ".")
	out := Delivery{
		ID: id, Webhook: webhook, Event: d.Event, Type: d.Type, Position: strconv.FormatUint(d.Position, 10),
		State: d.State, Created: instant(d.Created), Attempts: d.Tries, Next: instant(d.Due),
	}
	if d.At != 0 {
		out.Last = &Attempt{At: instant(d.At), Duration: d.Took, Status: d.Status, Answer: d.Answer, Why: d.Why}
	}
	return out
}

// DeliveryQuery is which deliveries are asked for.
type DeliveryQuery struct {
	ID string `json:"id" jsonschema:"of the webhook"`
	Listing
	State string `json:"state,omitzero" jsonschema:"waiting, delivered or failed; default all"`
}

// Deliveries is a page of deliveries.
type Deliveries struct {
	Items []Delivery `json:"items"`
	Next  string     `json:"next,omitzero"`
}

// lookedAt is how many rows one page looks at.
const lookedAt = 1000

func listDeliveries(tx *kernel.Tx, in DeliveryQuery) (Deliveries, error) {
	out := Deliveries{Items: []Delivery{}}
	if _, err := known(tx, in.ID); err != nil {
		return out, err
	}
	if in.After != "" && !strings.HasPrefix(in.After, in.ID+".") {
		return out, invalid("/after", abi.ReasonMalformed, "This is no next of these deliveries.")
	}
	most := in.limit()
	if in.State != "" {
		most = lookedAt
	}
	rows, err := deliveries.Page(tx, in.ID+".", in.After, most+1, true)
	if err != nil {
		return out, err
	}
	for i, row := range rows {
		if i == most || len(out.Items) == in.limit() {
			out.Next = rows[i-1].Key
			break
		}
		if in.State == "" || in.State == row.Value.State {
			out.Items = append(out.Items, showDelivery(row.Key, &row.Value))
		}
	}
	return out, nil
}

// sendable finds a webhook that something can be sent to.
func sendable(tx *kernel.Tx, id string) (hook, error) {
	h, err := known(tx, id)
	if err == nil && h.Disabled != "" {
		err = failure(abi.FailedPrecondition, ReasonDisabled, "The webhook is disabled; enable it first.")
	}
	return h, err
}

// stir has the worker look again: it watches the log, and the webhook.
func stir(tx *kernel.Tx, id string, h hook) error {
	h.Stirred++
	tx.Touch("webhook:" + id)
	if err := hooks.Put(tx, id, h); err != nil {
		return err
	}
	return emit(tx, "resent", id, "")
}

func resend(tx *kernel.Tx, in Named) (Delivery, error) {
	webhook, _, _ := strings.Cut(in.ID, ".")
	h, err := sendable(tx, webhook)
	if err != nil {
		return Delivery{}, err
	}
	d, ok := delivery{}, len(in.ID) <= 64
	if ok {
		d, ok, err = deliveries.Get(tx, in.ID)
	}
	if err == nil && !ok {
		err = failure(abi.NotFound, ReasonDelivery, "There is no such delivery.")
	}
	if err != nil {
		return Delivery{}, err
	}
	d.Tries = 0
	if err = d.schedule(tx, webhook, tx.Now().UnixMilli()); err != nil {
		return Delivery{}, err
	}
	return showDelivery(in.ID, &d), stir(tx, webhook, h)
}

// Resend is a part of the log to be sent again.
type Resend struct {
	ID   string `json:"id" jsonschema:"of the webhook"`
	From string `json:"from" jsonschema:"first position"`
	To   string `json:"to,omitzero" jsonschema:"last position; default: the newest"`
}

// Resent is what one call took of it.
type Resent struct {
	Count int    `json:"count" jsonschema:"deliveries that will be sent"`
	Next  string `json:"next_from,omitzero" jsonschema:"where to go on, if there is more"`
}

// What one call of host.webhooks.resend takes.
const (
	resendScan = 2000
	resendMost = 500
)

func (r *Room) resendRange(tx *kernel.Tx, in Resend) (out Resent, err error) {
	h, err := sendable(tx, in.ID)
	if err != nil {
		return out, err
	}
	from, err := strconv.ParseUint(in.From, 10, 63)
	if err != nil || from == 0 {
		return out, invalid("/from", abi.ReasonMalformed, "This is no position in the log.")
	}
	to, err := strconv.ParseUint(cmp.Or(in.To, "9223372036854775807"), 10, 63)
	if err != nil || to < from {
		return out, invalid("/to", abi.ReasonMalformed, "This is no position behind the first.")
	}
	events, err := r.entries(from-1, resendScan)
	if err != nil {
		return out, err
	}
	f := follower{id: in.ID, hook: h}
	for i, e := range events {
		if e.position > to {
			break
		}
		if out.Count == resendMost {
			out.Next = strconv.FormatUint(e.position, 10)
			break
		}
		if f.wants(e) {
			out.Count++
			if err = request(tx, in.ID, &e); err != nil {
				return out, err
			}
		}
		if i == resendScan-1 && e.position < to {
			out.Next = strconv.FormatUint(e.position+1, 10)
		}
	}
	if out.Count == 0 {
		return out, nil
	}
	return out, stir(tx, in.ID, h)
}
