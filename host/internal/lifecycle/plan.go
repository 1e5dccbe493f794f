package lifecycle

import (
	"encoding/json"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Wish is a change that somebody would like.
type Wish struct {
	Action  string   `json:"action" jsonschema:"install, enable, upgrade, disable or remove"`
	ID      string   `json:"id"`
	Version string   `json:"version,omitempty" jsonschema:"newest available if left out"`
	Replace []string `json:"replace,omitempty" jsonschema:"apps to disable in the same commit, because the new one takes their contract"`
	Cascade bool     `json:"cascade,omitempty" jsonschema:"disable also those that need it"`
	Narrow  Narrow   `json:"narrow,omitempty"`
}

// Narrow gives grants of apps narrower bounds than were asked for, by app.
type Narrow map[string][]Narrowed

// Narrowed is a grant with the bounds that the retailer gives it.
type Narrowed struct {
	Name   string          `json:"name" jsonschema:"contract.operation"`
	Bounds manifest.Bounds `json:"bounds"`
}

// Plan says what would happen, and what is asked for.
type Plan struct {
	Action   string    `json:"action"`
	Possible bool      `json:"possible"`
	AsksMore bool      `json:"asks_more" jsonschema:"more than was consented to before"`
	Consent  string    `json:"consent" jsonschema:"digest of all that is asked here: hand it back to say yes"`
	Problems []Problem `json:"problems,omitempty"`
	Apps     []Planned `json:"apps,omitempty"`
	Disables []string  `json:"disables,omitempty"`
	Words    Words     `json:"words"`
}

// Problem is why a plan cannot be carried out, and what would help.
type Problem struct {
	Reason   string        `json:"reason"`
	App      string        `json:"app,omitempty"`
	Contract string        `json:"contract,omitempty"`
	Other    string        `json:"other,omitempty"`
	Text     manifest.Text `json:"text"`
	Modules  []Ref         `json:"modules,omitempty" jsonschema:"available modules that would meet the need"`
}

// Ref names a module.
type Ref struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// world is what is installed and available, as a transaction sees it.
type world struct {
	r         *Room
	records   map[string]*record
	manifests map[string]*manifest.Manifest // of the records
	available []*entry
	packages  map[string]*entry  // of available, by digest
	known     map[[2]string]bool // of fits, by range and version
}

func (r *Room) world(tx *kernel.Tx) (*world, error) {
	records, err := all(tx)
	if err != nil {
		return nil, err
	}
	available, err := r.store.entries()
	if err != nil {
		return nil, err
	}
	w := &world{r: r, records: records, available: available, manifests: map[string]*manifest.Manifest{}, packages: map[string]*entry{}, known: map[[2]string]bool{}}
	for _, e := range available {
		w.packages[e.digest] = e
	}
	for id, rec := range records {
		if e, err := w.entry(rec.Package); err == nil {
			w.manifests[id] = e.manifest
		}
	}
	return w, nil
}

// entry is the package of a digest.
func (w *world) entry(digest string) (*entry, error) {
	if e := w.packages[digest]; e != nil {
		return e, nil
	}
	return w.r.store.byDigest(digest)
}

// target is what a change leads an app to.
type target string

const (
	toInstalled target = "installed"
	toEnabled   target = "enabled"
	toDisabled  target = "disabled"
	toRemoved   target = "removed"
	toFilled    target = "filled" // other settings
)

// change is what a job does to one app.
type change struct {
	App     string  `json:"app"`
	To      target  `json:"to"`
	Fresh   bool    `json:"fresh,omitempty"` // there was no record before
	From    string  `json:"from,omitempty"`  // version before
	Package string  `json:"package,omitempty"`
	Version string  `json:"version,omitempty"`
	Digest  string  `json:"digest,omitempty"`
	Data    int     `json:"data,omitempty"` // data version of the module
	Consent consent `json:"consent"`
	Filled  *filled `json:"filled,omitempty"` // that become the settings with it

	// How far it is.
	Expanded int    `json:"expanded,omitempty"` // data version that is prepared
	Cursor   []byte `json:"cursor,omitempty"`   // of the step of a migration
	Replay   bool   `json:"replay,omitempty"`
	Until    uint64 `json:"until,omitempty"` // log position up to which it replays
}

// draft is a plan with what it would do.
type draft struct {
	plan    Plan
	changes []change
}

// draft plans a wish. The error is an *abi.Error if the wish makes no sense.
func (w *world) draft(wish Wish) (*draft, error) {
	d := &draft{plan: Plan{Action: wish.Action}}
	var err error
	switch wish.Action {
	case "install", "upgrade":
		err = w.bring(d, wish)
	case "enable":
		err = w.enable(d, wish)
	case "disable", "remove":
		err = w.stop(d, wish)
	default:
		err = &abi.Error{Code: abi.Invalid, Reason: "action", Pointer: "/action", Message: "An action is install, enable, upgrade, disable or remove."}
	}
	if err != nil {
		return nil, err
	}
	for _, id := range wish.Replace {
		if err := w.replace(d, id); err != nil {
			return nil, err
		}
	}
	w.complete(d)
	return d, d.narrow(wish.Narrow)
}

// bring plans another package for an app, or a first one.
func (w *world) bring(d *draft, wish Wish) error {
	rec := w.records[wish.ID]
	switch {
	case wish.Action == "install" && rec != nil:
		return &abi.Error{Code: abi.FailedPrecondition, Reason: "installed", Message: wish.ID + " is installed already."}
	case wish.Action == "upgrade" && rec == nil:
		return noApp(wish.ID)
	}
	e, err := w.r.store.find(wish.ID, wish.Version)
	if err != nil {
		return err
	}
	if err := w.mayBring(d, e, rec); err != nil {
		return err
	}
	c := w.to(e, rec, toEnabled)
	if wish.Action == "upgrade" && rec.State != stateEnabled {
		c.To = toInstalled
	}
	d.changes = append(d.changes, c)
	return nil
}

// mayBring refuses a package that another one, here or in the same draft, or the data forbids.
func (w *world) mayBring(d *draft, e *entry, rec *record) error {
	m := e.manifest
	for _, other := range w.manifests {
		if confusable(m, other) {
			return takenFor(m, other, "is installed")
		}
	}
	for _, c := range d.changes {
		if o, err := w.entry(c.Package); err == nil && confusable(m, o.manifest) {
			return takenFor(m, o.manifest, "comes with it")
		}
	}
	if rec == nil {
		return nil
	}
	switch {
	case rec.State == stateRemoving:
		return removing(m.ID)
	case rec.Package == e.digest:
		return &abi.Error{Code: abi.FailedPrecondition, Reason: "same_version", Message: m.ID + "@" + m.Version + " is what is installed."}
	case rec.Version == m.Version && !w.r.store.replaceable(m.Version) && (!w.r.config.Development || e.origin != fromCatalogue):
		return &abi.Error{Code: abi.Conflict, Reason: "version_exists", Message: m.ID + "@" + m.Version + " is installed with other code: give the new one another version."}
	case dataVersion(m.Provides.DataVersion) < rec.DataVersion:
		return &abi.Error{Code: abi.Conflict, Reason: "data_version", Message: "The data of " + m.ID + " was led to a version that " + m.Version + " cannot read."}
	}
	return nil
}

// confusable says whether people would take one of two modules for the other.
func confusable(a, b *manifest.Manifest) bool {
	return a.ID != b.ID && (manifest.Confusable(a.ID, b.ID) || manifest.ConfusableVendor(a.Vendor, b.Vendor))
}

func takenFor(m, other *manifest.Manifest, which string) error {
	return &abi.Error{Code: abi.Invalid, Reason: "id_confusable", Message: m.ID + " by " + m.Vendor + " is easily taken for " + other.ID + " by " + other.Vendor + ", which " + which + "."}
}

func noApp(id string) error {
	return &abi.Error{Code: abi.NotFound, Reason: "app", Message: "There is no app " + id + "."}
}

func removing(id string) error {
	return &abi.Error{Code: abi.FailedPrecondition, Reason: "removing", Message: "Part of the data of " + id + " is gone: remove it wholly."}
}

// to is the change that leads an app to a package.
func (w *world) to(e *entry, rec *record, to target) change {
	m := e.manifest
	c := change{App: m.ID, To: to, Fresh: rec == nil, Package: e.digest, Version: m.Version, Digest: m.Digest, Data: dataVersion(m.Provides.DataVersion)}
	if rec != nil {
		c.From, c.Expanded = rec.Version, rec.DataVersion
	}
	c.Consent = inherit(rec, m)
	return c
}

// enable plans to start what is installed.
func (w *world) enable(d *draft, wish Wish) error {
	rec, m := w.records[wish.ID], w.manifests[wish.ID]
	switch {
	case rec == nil:
		return noApp(wish.ID)
	case rec.State == stateRemoving:
		return removing(wish.ID)
	case m == nil:
		return &abi.Error{Code: abi.NotFound, Reason: "module", Message: "The module of " + wish.ID + " is not in the store any more."}
	}
	e, err := w.entry(rec.Package)
	if err != nil {
		return err
	}
	d.changes = append(d.changes, w.to(e, rec, toEnabled))
	return nil
}

// stop plans to disable or remove an app, and those that need it if that is
// wished.
func (w *world) stop(d *draft, wish Wish) error {
	rec := w.records[wish.ID]
	if rec == nil {
		return noApp(wish.ID)
	}
	c := change{App: wish.ID, To: toDisabled, From: rec.Version}
	if wish.Action == "remove" {
		c.To = toRemoved
	}
	d.changes = append(d.changes, c)
	for wish.Cascade {
		all := w.problems(d)
		if len(all) == 0 {
			break
		}
		if err := w.replace(d, all[0].App); err != nil {
			return err
		}
	}
	return nil
}

// replace adds an app that is disabled in the same commit.
func (w *world) replace(d *draft, id string) error {
	rec := w.records[id]
	if rec == nil {
		return noApp(id)
	}
	if slices.ContainsFunc(d.changes, func(c change) bool { return c.App == id }) {
		return &abi.Error{Code: abi.Invalid, Reason: "replace", Pointer: "/replace", Message: id + " cannot replace itself."}
	}
	if rec.State != stateEnabled {
		return nil
	}
	d.changes = append(d.changes, change{App: id, To: toDisabled, From: rec.Version})
	d.plan.Disables = append(d.plan.Disables, id)
	return nil
}

// after is what would be enabled.
func (w *world) after(d *draft) *cut {
	on := map[string]*manifest.Manifest{}
	for id, rec := range w.records {
		if rec.State == stateEnabled && w.manifests[id] != nil {
			on[id] = w.manifests[id]
		}
	}
	for _, c := range d.changes {
		switch c.To {
		case toEnabled:
			if e, err := w.entry(c.Package); err == nil {
				on[c.App] = e.manifest
			}
		case toDisabled, toRemoved:
			delete(on, c.App)
		}
	}
	return cutOf(on)
}

// complete finds what is in the way, describes what is asked, and seals it with
// a digest.
func (w *world) complete(d *draft) {
	after := w.after(d)
	d.plan.Problems = append(d.plan.Problems, w.problems(d)...)
	for _, c := range d.changes {
		if c.To == toEnabled || c.To == toInstalled {
			p := w.planned(c, after)
			d.plan.AsksMore = d.plan.AsksMore || p.more
			d.plan.Apps = append(d.plan.Apps, p)
		}
	}
	d.plan.Possible = len(d.plan.Problems) == 0
	d.plan.Words = d.words()
	sealed := struct {
		Action   string
		Apps     []Planned
		Disables []string
	}{d.plan.Action, d.plan.Apps, d.plan.Disables}
	b, err := json.Marshal(sealed)
	if err != nil {
		b = nil // texts and numbers: it cannot fail
	}
	d.plan.Consent = sum(b)
}
