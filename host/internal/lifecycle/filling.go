package lifecycle

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Settings are what is filled in for an app, with the schema that says what may
// be. Of a secret only whether it is set is shown.
type Settings struct {
	ID      string         `json:"id"`
	Version string         `json:"version"`
	Values  map[string]any `json:"values"`
	Schema  any            `json:"schema" jsonschema:"subset of JSON Schema; $ref is #/types/Name"`
	Types   map[string]any `json:"types,omitempty"`
	Etag    string         `json:"etag"`
}

// Fill asks for other settings.
type Fill struct {
	ID      string         `json:"id"`
	IfMatch string         `json:"if_match,omitempty"`
	Values  map[string]any `json:"values" jsonschema:"all of them but secrets: a secret that is left out stays, null clears it"`
}

func (r *Room) settingOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.settings.get", Method: http.MethodGet, Path: "/apps/{id}/settings", Summary: "Show what is filled in for an app", Doc: "Errors: not_found (app).", Right: RightSettings}, r.getSettings),
		// Not a command: its input may hold secrets, which a record of its key would
		// let guess.
		platform.Action(platform.About{
			Name: "host.settings.put", Method: http.MethodPut, Path: "/apps/{id}/settings", Summary: "Fill in an app's settings", Right: RightSettings, IfMatch: true, NoKey: true, Status: http.StatusAccepted,
			Doc: docJob + " conflict, stale: they were changed since; fields etag. invalid with a pointer below /values.",
		}, r.putSettings),
	}
}

// settingsOf reads an app's record, manifest and settings.
func (r *Room) settingsOf(tx *kernel.Tx, id string) (record, *manifest.Manifest, filled, error) {
	rec, ok, err := apps.Get(tx, id)
	if err == nil && (!ok || rec.Package == "") {
		err = noApp(id)
	}
	if err != nil {
		return rec, nil, filled{}, err
	}
	e, err := r.store.byDigest(rec.Package)
	if err != nil {
		return rec, nil, filled{}, err
	}
	if len(e.manifest.Provides.Settings) == 0 {
		return rec, nil, filled{}, &abi.Error{Code: abi.NotFound, Reason: "settings", Message: id + " has nothing to fill in."}
	}
	f, _, err := settings.Get(tx, id)
	return rec, e.manifest, f, err
}

func (r *Room) getSettings(tx *kernel.Tx, in ByID) (Settings, error) {
	rec, m, f, err := r.settingsOf(tx, in.ID)
	if err != nil {
		return Settings{}, err
	}
	known, err := fields(m)
	if err != nil {
		return Settings{}, err
	}
	out := Settings{ID: in.ID, Version: rec.Version, Values: f.shown(known), Schema: m.Provides.Settings, Types: map[string]any{}, Etag: f.etag()}
	for name, t := range m.Provides.Types {
		out.Types[name] = t
	}
	return out, nil
}

func (r *Room) putSettings(ctx context.Context, by platform.Caller, in Fill) (_ Job, err error) {
	values := map[string]json.RawMessage{}
	for name, v := range in.Values {
		if values[name], err = json.Marshal(v); err != nil {
			return Job{}, err
		}
	}
	return r.untold(ctx, by, "host.settings.put", func(tx *kernel.Tx) (Job, error) {
		j, err := r.fillIn(tx, in, values)
		if err != nil {
			return Job{}, err
		}
		return j.Job, nil
	})
}

// untold begins a job in a transaction of which no record of its input is kept,
// and writes its line of the audit.
func (r *Room) untold(ctx context.Context, by platform.Caller, name string, fn func(tx *kernel.Tx) (Job, error)) (out Job, err error) {
	_, err = r.config.Kernel.Do(ctx, kernel.Task{
		Tenant: r.config.Tenant, Name: name, Principal: by.Principal, Request: by.Request,
		Do: func(tx *kernel.Tx) (err error) {
			if out, err = fn(tx); err != nil {
				return err
			}
			a := outbox.Audit{
				ID: tx.NewID(), Time: tx.Now().UnixMilli(), Principal: by.Principal.ID, Credential: by.Principal.Credential,
				Action: name, Request: by.Request, Outcome: "done",
			}
			for _, id := range out.Apps {
				a.Objects = append(a.Objects, "app:"+id)
			}
			return tx.AddAudit(a.ID, a.Append(nil))
		},
	})
	if err != nil {
		return Job{}, err
	}
	r.Wake()
	return out, nil
}

func (r *Room) fillIn(tx *kernel.Tx, in Fill, values map[string]json.RawMessage) (*job, error) {
	if err := occupied(tx, in.ID); err != nil {
		return nil, err
	}
	rec, m, f, err := r.settingsOf(tx, in.ID)
	if err != nil {
		return nil, err
	}
	if in.IfMatch != f.etag() && in.IfMatch != "*" {
		return nil, &abi.Error{Code: abi.Conflict, Reason: "stale", Message: "The settings were changed since you read them.", Fields: []abi.Field{{Name: "etag", Text: f.etag()}}}
	}
	next, err := r.change(tx, in.ID, m, f, values)
	if err != nil {
		return nil, err
	}
	c := change{App: in.ID, To: toFilled, From: rec.Version, Package: rec.Package, Version: rec.Version, Digest: rec.Digest, Filled: &next}
	return begin(tx, request{kind: "settings", subject: in.ID, changes: []change{c}, by: tx.Principal().ID})
}
