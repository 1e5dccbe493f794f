package event

import (
	"encoding/json"
	"time"

	"github.com/bottega-retail/bottega/host/internal/outbox"
)

// CloudEvent is an event as the outside sees it, with the names of CloudEvents
// 1.0 and five of our own behind them.
type CloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source" jsonschema:"id@version of the app that emitted it"`
	Type            string          `json:"type" jsonschema:"contract.event"`
	Subject         string          `json:"subject,omitempty" jsonschema:"what it is about; events of one subject are in order"`
	Time            string          `json:"time"`
	DataContentType string          `json:"datacontenttype,omitempty"`
	Data            json.RawMessage `json:"data,omitempty"`

	Version   int    `json:"version,omitempty" jsonschema:"of the data's shape; left out for the first"`
	Position  uint64 `json:"position" jsonschema:"in the log, dense"`
	Replayed  bool   `json:"replayed,omitempty" jsonschema:"emitted while old events were handled"`
	Principal string `json:"principal,omitempty" jsonschema:"who acted"`
	Request   string `json:"request,omitempty" jsonschema:"id of the request that started it"`
}

// Show makes an entry of a tenant's log readable. Data that nobody can show is
// left out.
func (r *Room) Show(tenant string, position uint64, e *outbox.Envelope) CloudEvent {
	c := CloudEvent{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject,
		Time:    time.UnixMilli(e.Time).UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		Version: e.Version, Position: position, Replayed: e.Replayed, Principal: e.Principal, Request: e.Request,
	}
	if r.config.JSON == nil {
		return c
	}
	data, err := r.config.JSON(tenant, e)
	if err != nil {
		r.config.Logger.Debug("an event is shown without its data", "tenant", tenant, "type", e.Type, "position", position, "error", err)
		return c
	}
	c.Data, c.DataContentType = data, "application/json"
	return c
}
