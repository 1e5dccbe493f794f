package lifecycle

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// App is an installed app as anybody with the right may read it.
type App struct {
	ID       string        `json:"id"`
	Name     manifest.Text `json:"name"`
	Summary  manifest.Text `json:"summary"`
	Kind     manifest.Kind `json:"kind"`
	Vendor   string        `json:"vendor"`
	Category string        `json:"category"`
	Icon     string        `json:"icon,omitempty"`
	Version  string        `json:"version"`
	Digest   string        `json:"digest"`
	Contract string        `json:"contract,omitempty"`

	State    string `json:"state" jsonschema:"installed, enabling, enabled, upgrading, disabling, disabled, removing, failed or degraded"`
	Reason   string `json:"reason,omitempty" jsonschema:"why it failed"`
	Degraded bool   `json:"degraded,omitempty" jsonschema:"it is not called because it only faults"`
	Job      string `json:"job,omitempty" jsonschema:"that works on it"`

	DataVersion int              `json:"data_version"`
	Since       uint64           `json:"since,omitempty" jsonschema:"log position at which it was enabled"`
	Building    []string         `json:"building,omitempty" jsonschema:"indexes that cannot be read yet"`
	Unfinished  bool             `json:"unfinished,omitempty" jsonschema:"work of an upgrade is left: enable it again"`
	Settings    bool             `json:"settings,omitempty" jsonschema:"there is something to fill in"`
	Newest      string           `json:"newest,omitempty" jsonschema:"newer version that is available"`
	Needs       []manifest.Need  `json:"needs,omitempty"`
	Grants      []manifest.Grant `json:"grants,omitempty" jsonschema:"as they were consented to"`
}

// Apps is a page of apps.
type Apps struct {
	Items []App  `json:"items"`
	Next  string `json:"next,omitempty"`
}

func (r *Room) listApps(tx *kernel.Tx, in Listing) (Apps, error) {
	out := Apps{Items: []App{}}
	page, err := apps.Page(tx, "", in.After, in.limit(), false)
	if err != nil {
		return out, err
	}
	available, err := r.store.entries()
	if err != nil {
		return out, err
	}
	for i := range page {
		a, err := r.show(tx, page[i].Key, &page[i].Value, available)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, a)
	}
	if len(page) == in.limit() {
		out.Next = page[len(page)-1].Key
	}
	return out, nil
}

func (r *Room) getApp(tx *kernel.Tx, in ByID) (App, error) {
	rec, ok, err := apps.Get(tx, in.ID)
	if err != nil {
		return App{}, err
	}
	if !ok {
		return App{}, noApp(in.ID)
	}
	available, err := r.store.entries()
	if err != nil {
		return App{}, err
	}
	return r.show(tx, in.ID, &rec, available)
}

// show joins what is kept of an app with what is true of it at the moment.
func (r *Room) show(tx *kernel.Tx, id string, rec *record, available []*entry) (App, error) {
	a := App{
		ID: id, Version: rec.Version, Digest: rec.Digest, State: string(rec.State), Job: rec.Job,
		DataVersion: rec.DataVersion, Since: rec.Since, Grants: rec.Consent.Grants,
		Unfinished: rec.State == stateEnabled && rec.unfinished() && rec.Job == "",
	}
	for _, x := range rec.building() {
		a.Building = append(a.Building, x.Collection+"."+x.Index)
	}
	digest := rec.Package
	if rec.Job != "" {
		j, _, err := jobs.Get(tx, rec.Job)
		if err != nil {
			return a, err
		}
		a.State = busyState(&j, id, a.State)
		if i := slices.IndexFunc(j.Changes, func(c change) bool { return c.App == id }); digest == "" && i >= 0 {
			digest, a.Version, a.Digest = j.Changes[i].Package, j.Changes[i].Version, j.Changes[i].Digest
		}
	} else if why, failed := r.Failed(tx.Tenant())[id]; failed && rec.State == stateEnabled {
		a.State, a.Reason = "failed", why
	}
	if a.Degraded = slices.Contains(r.config.Kernel.Degraded(), id+"@"+rec.Version); a.Degraded && a.State == string(stateEnabled) {
		a.State = "degraded"
	}
	if e, err := r.store.byDigest(digest); err == nil {
		a.describe(e.manifest)
	}
	a.Newest = newer(available, id, rec.Version)
	return a, nil
}

// busyState is what a job makes of an app's state while it runs.
func busyState(j *job, id, now string) string {
	i := slices.IndexFunc(j.Changes, func(c change) bool { return c.App == id })
	if i < 0 || j.State == jobWaiting {
		return now
	}
	c := &j.Changes[i]
	switch {
	case c.To == toDisabled:
		return "disabling"
	case c.To == toRemoved:
		return "removing"
	case c.To == toFilled:
		return now
	case c.From != "" && c.From != c.Version:
		return "upgrading"
	}
	return "enabling"
}

func (a *App) describe(m *manifest.Manifest) {
	a.Name, a.Summary, a.Kind, a.Vendor, a.Category, a.Icon = m.Name, m.Summary, m.Kind, m.Vendor, m.Category, m.Icon
	a.Contract, a.Needs, a.Settings = m.Provides.Contract, m.Needs, len(m.Provides.Settings) > 0
}

// newer is the newest version of a module that is available, "" if it is not
// newer than one.
func newer(available []*entry, id, version string) string {
	for _, e := range available { // the newest of an id comes first
		if e.manifest.ID == id && !strings.Contains(e.manifest.Version, "-") {
			if versions(e.manifest.Version, version) > 0 {
				return e.manifest.Version
			}
			return ""
		}
	}
	return ""
}
