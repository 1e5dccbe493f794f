package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Set is a ready composition with what has become of it here.
type Set struct {
	ID       string                    `json:"id"`
	Name     manifest.Text             `json:"name"`
	Summary  manifest.Text             `json:"summary"`
	Modules  []SetModule               `json:"modules"`
	Settings map[string]map[string]any `json:"settings,omitempty"`
	Roles    []manifest.SetRole        `json:"roles,omitempty"`
}

// SetModule is one module of a set.
type SetModule struct {
	ID        string `json:"id"`
	Range     string `json:"range,omitempty"`
	Optional  bool   `json:"optional,omitempty"`
	Available string `json:"available,omitempty" jsonschema:"newest version in the range"`
	State     string `json:"state,omitempty" jsonschema:"of the installed app, if there is one"`
	Version   string `json:"version,omitempty" jsonschema:"that is installed"`
}

// Sets is a page of sets.
type Sets struct {
	Items []Set  `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Take asks for a ready set.
type Take struct {
	ID      string   `json:"id"`
	With    []string `json:"with,omitempty" jsonschema:"optional modules to take too"`
	Replace []string `json:"replace,omitempty"`
	Narrow  Narrow   `json:"narrow,omitempty"`
	Consent string   `json:"consent,omitempty"`
}

// TakeDocument asks for a set that the caller brings.
type TakeDocument struct {
	Set     map[string]any `json:"set" jsonschema:"document as in manifests/sets"`
	With    []string       `json:"with,omitempty"`
	Replace []string       `json:"replace,omitempty"`
	Narrow  Narrow         `json:"narrow,omitempty"`
	Consent string         `json:"consent,omitempty"`
}

func (r *Room) setOperations() []*platform.Operation {
	plan := func(name, path string) platform.About {
		return platform.About{Name: name, Method: http.MethodPost, Path: path, Summary: "Say what taking a set would do and ask for", Doc: "Changes nothing. Errors: not_found (set, module); invalid (set_invalid).", NoKey: true, Right: Right}
	}
	apply := func(name, path string) platform.About {
		return platform.About{Name: name, Method: http.MethodPost, Path: path, Summary: "Take a set", Doc: docAgreed, Right: Right, Status: http.StatusAccepted}
	}
	document := apply("host.sets.apply_document", "/sets/apply")
	document.NoKey = true // and no command: the settings in it may be secrets, as in host.settings.put
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.sets.list", Method: http.MethodGet, Path: "/sets", Summary: "List the ready sets", Right: Right}, r.listSets),
		platform.Action(plan("host.sets.plan_document", "/sets/plan"), func(ctx context.Context, _ platform.Caller, in TakeDocument) (Plan, error) {
			return r.planSet(ctx, in.parse)
		}),
		platform.Action(document, func(ctx context.Context, by platform.Caller, in TakeDocument) (Job, error) {
			s, take, err := in.parse()
			if err != nil {
				return Job{}, err
			}
			return r.untold(ctx, by, document.Name, func(tx *kernel.Tx) (Job, error) { return r.applySet(tx, s, take) })
		}),
		platform.Action(plan("host.sets.plan", "/sets/{id}/plan"), func(ctx context.Context, _ platform.Caller, in Take) (Plan, error) {
			return r.planSet(ctx, func() (*manifest.Set, Take, error) {
				s, err := r.set(in.ID)
				return s, in, err
			})
		}),
		platform.Command(apply("host.sets.apply", "/sets/{id}/apply"), func(tx *kernel.Tx, in Take) (Job, error) {
			s, err := r.set(in.ID)
			if err != nil {
				return Job{}, err
			}
			return r.applySet(tx, s, in)
		}),
	}
}

func (in TakeDocument) parse() (*manifest.Set, Take, error) {
	take := Take{With: in.With, Replace: in.Replace, Narrow: in.Narrow, Consent: in.Consent}
	b, err := json.Marshal(in.Set)
	if err != nil {
		return nil, take, err
	}
	s, err := manifest.ParseSet(b)
	if err != nil {
		e := manifestRefused(err)
		if known, ok := errors.AsType[*abi.Error](e); ok {
			known.Pointer, known.Message = "/set"+known.Pointer, "The set: "+err.Error()
		}
		return nil, take, e
	}
	take.ID = s.ID
	return s, take, nil
}

// ready parses the ready sets; one that is no good is not offered.
func (r *Room) ready() (all []*manifest.Set) {
	for _, text := range r.config.Sets() {
		s, err := manifest.ParseSet(text)
		if err != nil {
			r.config.Logger.Error("set not offered", "error", err)
			continue
		}
		all = append(all, s)
	}
	return all
}

func (r *Room) set(id string) (*manifest.Set, error) {
	for _, s := range r.ready() {
		if s.ID == id {
			return s, nil
		}
	}
	return nil, &abi.Error{Code: abi.NotFound, Reason: "set", Message: "There is no set " + id + "."}
}

func (r *Room) listSets(tx *kernel.Tx, _ Listing) (Sets, error) {
	w, err := r.world(tx)
	if err != nil {
		return Sets{}, err
	}
	out := Sets{Items: []Set{}}
	for _, s := range r.ready() {
		v := Set{ID: s.ID, Name: s.Name, Summary: s.Summary, Roles: s.Roles, Settings: map[string]map[string]any{}}
		for app, values := range s.Settings {
			v.Settings[app] = map[string]any{}
			for name, value := range values {
				v.Settings[app][name] = value
			}
		}
		for _, m := range s.Modules {
			v.Modules = append(v.Modules, w.setModule(m))
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

func (w *world) setModule(m manifest.SetModule) SetModule {
	v := SetModule{ID: m.ID, Range: m.Range, Optional: m.Optional}
	if e := w.newest(m); e != nil {
		v.Available = e.manifest.Version
	}
	if rec := w.records[m.ID]; rec != nil {
		v.State, v.Version = string(rec.State), rec.Version
	}
	return v
}

// newest is the newest available package of a module in its range, one with a
// pre-release tag only if there is no other; nil if there is none.
func (w *world) newest(m manifest.SetModule) (tagged *entry) {
	for _, e := range w.available { // the newest of an id comes first
		switch {
		case e.manifest.ID != m.ID || !w.fits(m.Range, e.manifest.Version):
		case !strings.Contains(e.manifest.Version, "-"):
			return e
		case tagged == nil:
			tagged = e
		}
	}
	return tagged
}

func (r *Room) planSet(ctx context.Context, of func() (*manifest.Set, Take, error)) (plan Plan, err error) {
	s, take, err := of()
	if err != nil {
		return Plan{}, err
	}
	_, err = r.read(ctx, r.config.Tenant, func(tx *kernel.Tx) error {
		d, err := r.draftSet(tx, s, take)
		if err == nil {
			plan = d.plan
		}
		return err
	})
	return plan, err
}

func (r *Room) applySet(tx *kernel.Tx, s *manifest.Set, take Take) (Job, error) {
	d, err := r.draftSet(tx, s, take)
	if err != nil {
		return Job{}, err
	}
	if len(d.changes) == 0 && d.plan.Possible {
		return Job{}, &abi.Error{Code: abi.FailedPrecondition, Reason: "applied", Message: "All of the set is enabled already."}
	}
	return r.agree(tx, ask{kind: "set", subject: s.ID, consent: take.Consent, always: true}, d)
}

// draftSet plans all of a set at once: what is there stays, what is disabled or
// missing comes.
func (r *Room) draftSet(tx *kernel.Tx, s *manifest.Set, take Take) (*draft, error) {
	w, err := r.world(tx)
	if err != nil {
		return nil, err
	}
	d := &draft{plan: Plan{Action: "set"}}
	for _, m := range s.Modules {
		if m.Optional && !slices.Contains(take.With, m.ID) {
			continue
		}
		if err := w.member(d, m); err != nil {
			return nil, err
		}
	}
	for _, id := range take.Replace {
		if err := w.replace(d, id); err != nil {
			return nil, err
		}
	}
	if err := r.presets(tx, d, s); err != nil {
		return nil, err
	}
	w.order(d)
	w.complete(d)
	return d, d.narrow(take.Narrow)
}

// member plans one module of a set.
func (w *world) member(d *draft, m manifest.SetModule) error {
	rec := w.records[m.ID]
	if rec != nil && rec.Job != "" {
		return busy(m.ID, rec.Job)
	}
	e := w.newest(m)
	switch {
	case rec != nil && rec.State == stateRemoving:
		return removing(m.ID)
	case rec != nil && w.fits(m.Range, rec.Version):
		if rec.State == stateEnabled {
			return nil
		}
		have, err := w.entry(rec.Package)
		if err != nil {
			return err
		}
		e = have
	case e == nil:
		d.plan.Problems = append(d.plan.Problems, Problem{Reason: "module_missing", App: m.ID, Text: manifest.Text{
			IT: "Il modulo " + m.ID + " " + m.Range + " non è disponibile.",
			EN: "The module " + m.ID + " " + m.Range + " is not available.",
		}})
		return nil
	default:
		if err := w.mayBring(d, e, rec); err != nil {
			return err
		}
	}
	d.changes = append(d.changes, w.to(e, rec, toEnabled))
	return nil
}

// presets fills in what a set suggests for apps that nobody has filled in.
func (r *Room) presets(tx *kernel.Tx, d *draft, s *manifest.Set) error {
	for i := range d.changes {
		c := &d.changes[i]
		values, ok := s.Settings[c.App]
		if !ok || c.To != toEnabled {
			continue
		}
		f, filledIn, err := settings.Get(tx, c.App)
		if err != nil {
			return err
		}
		if filledIn {
			continue
		}
		e, err := r.store.byDigest(c.Package)
		if err != nil {
			return err
		}
		next, err := r.change(tx, c.App, e.manifest, f, values)
		if known, ok := errors.AsType[*abi.Error](err); ok {
			known.Pointer = "/set/settings/" + c.App + known.Pointer
		}
		if err != nil {
			return err
		}
		c.Filled = &next
	}
	return nil
}

// order puts changes behind those that they need.
func (w *world) order(d *draft) {
	after, done := w.after(d), map[string]bool{}
	var sorted []change
	var visit func(id string)
	visit = func(id string) {
		if done[id] {
			return
		}
		done[id] = true
		if m := after.on[id]; m != nil {
			for _, n := range m.Needs {
				if by, ok := after.by[n.Contract]; ok {
					visit(by.ID)
				}
			}
		}
		if i := slices.IndexFunc(d.changes, func(c change) bool { return c.App == id }); i >= 0 {
			sorted = append(sorted, d.changes[i])
		}
	}
	for _, c := range slices.Clone(d.changes) {
		visit(c.App)
	}
	d.changes = sorted
}
