package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Planned is one app of a plan with all that it asks and does.
type Planned struct {
	ID      string        `json:"id"`
	Version string        `json:"version"`
	Digest  string        `json:"digest"`
	From    string        `json:"from,omitempty" jsonschema:"version that runs now"`
	Kind    manifest.Kind `json:"kind"`
	Name    manifest.Text `json:"name"`
	Summary manifest.Text `json:"summary"`
	Vendor  string        `json:"vendor"`

	Needs   []PlannedNeed  `json:"needs,omitempty"`
	Grants  []PlannedGrant `json:"grants,omitempty"`
	Limits  []PlannedLimit `json:"limits,omitempty"`
	Events  []PlannedEvent `json:"events,omitempty" jsonschema:"that it reads"`
	Rights  []PlannedRight `json:"rights,omitempty" jsonschema:"for people, that it declares"`
	Keeps   []Kept         `json:"keeps,omitempty"`
	Fills   []string       `json:"fills,omitempty"`
	Telling []Telling      `json:"telling,omitempty"`

	more   bool
	module *manifest.Manifest // nil if it cannot be read
	before *manifest.Manifest // what is installed now, nil for nothing
	slots  []manifest.Text    // names of whose slots it fills, as Fills
}

// The ways in which an ask differs from what was consented to.
const (
	askNew   = "new"
	askWider = "wider"
	askSame  = "same"
)

// PlannedNeed is a contract that the app needs.
type PlannedNeed struct {
	Contract string `json:"contract"`
	Range    string `json:"range,omitempty"`
	Optional bool   `json:"optional,omitempty"`
	State    string `json:"state" jsonschema:"met, together (by an app of this plan) or missing"`
	By       string `json:"by,omitempty"`
}

// PlannedGrant is a permission that the app asks for.
type PlannedGrant struct {
	Name   string                `json:"name"`
	Call   string                `json:"call,omitempty"`
	HTTP   string                `json:"http,omitempty"`
	Secret *manifest.GrantSecret `json:"secret,omitempty"`
	Bounds *manifest.Bounds      `json:"bounds,omitempty"`
	Why    manifest.Text         `json:"why"`
	Change string                `json:"change" jsonschema:"new, wider or same"`
}

// PlannedLimit is a limit above that of the house.
type PlannedLimit struct {
	Name   string `json:"name"`
	House  int64  `json:"house"`
	Asked  int64  `json:"asked"`
	Change string `json:"change"`
}

// PlannedEvent is an event that the app reads.
type PlannedEvent struct {
	Name   string `json:"name"`
	Change string `json:"change"`
}

// PlannedRight is a right that the app lets the retailer give to people.
type PlannedRight struct {
	Name       string        `json:"name"`
	Title      manifest.Text `json:"title"`
	Operations []string      `json:"operations"`
}

// Kept is a collection that the app keeps.
type Kept struct {
	Collection string `json:"collection"`
	Doc        string `json:"doc,omitempty"`
	Personal   bool   `json:"personal,omitempty"`
}

// Telling is a combination of what an app may do that says more than each part.
type Telling struct {
	Level string        `json:"level" jsonschema:"high or normal"`
	Text  manifest.Text `json:"text"`
}

// planned describes one app that will run.
func (w *world) planned(c change, after *cut) Planned {
	e, err := w.entry(c.Package)
	if err != nil {
		return Planned{ID: c.App, Version: c.Version, Digest: c.Digest}
	}
	m := e.manifest
	p := Planned{ID: m.ID, Version: m.Version, Digest: c.Package, From: c.From, Kind: m.Kind, Name: m.Name, Summary: m.Summary, Vendor: m.Vendor}
	var had consent
	if rec := w.records[c.App]; rec != nil {
		had = rec.Consent
	}
	p.Needs = w.needs(m, after)
	p.asks(m, had)
	p.more = p.more || had.Digest == ""
	for _, right := range m.Permissions {
		p.Rights = append(p.Rights, PlannedRight{right.Name, right.Title, right.Operations})
	}
	for _, k := range m.Provides.Collections {
		p.Keeps = append(p.Keeps, Kept{k.Name, k.Doc, k.Subject != ""})
	}
	for _, f := range m.Provides.Fills {
		p.Fills, p.slots = append(p.Fills, f.Slot), append(p.slots, w.named(f.Slot, after))
	}
	p.Telling = w.telling(m, after)
	p.module, p.before = m, w.manifests[c.App]
	return p
}

// named is what people call the module of a contract that an address begins with.
func (w *world) named(address string, after *cut) manifest.Text {
	contract, _, _ := strings.Cut(address, ".")
	if m := w.provider(contract, after); m != nil {
		return m.Name
	}
	return manifest.Text{IT: contract, EN: contract}
}

// provider is who provides a contract, or would if it were enabled; nil if nobody
// here does.
func (w *world) provider(contract string, after *cut) *manifest.Manifest {
	if by := after.by[contract]; by != nil {
		return by
	}
	i := slices.IndexFunc(w.available, func(e *entry) bool { return e.manifest.Provides.Contract == contract })
	if i < 0 {
		return nil
	}
	return w.available[i].manifest
}

func (w *world) needs(m *manifest.Manifest, after *cut) (all []PlannedNeed) {
	for _, n := range m.Needs {
		p := PlannedNeed{Contract: n.Contract, Range: n.Range, Optional: n.Optional, State: "missing"}
		if by, ok := after.by[n.Contract]; ok && w.fits(n.Range, by.Version) {
			p.State, p.By = "met", by.ID+"@"+by.Version
			if rec := w.records[by.ID]; rec == nil || rec.State != stateEnabled {
				p.State = "together"
			}
		}
		all = append(all, p)
	}
	return all
}

// asks compares what a manifest asks for with what was consented to.
func (p *Planned) asks(m *manifest.Manifest, had consent) {
	note := func(change string) string {
		p.more = p.more || change != askSame
		return change
	}
	for _, g := range m.Grants {
		p.Grants = append(p.Grants, PlannedGrant{g.Name(), g.Call, g.HTTP, g.Secret, g.Bounds, g.Why, note(grantChange(had.Asked, g))})
	}
	for _, l := range limits(m.Limits, had.Limits) {
		note(l.Change)
		p.Limits = append(p.Limits, l)
	}
	for _, s := range m.Provides.Subscribes {
		change := askNew
		if slices.Contains(had.Events, s.Event) {
			change = askSame
		}
		p.Events = append(p.Events, PlannedEvent{s.Event, note(change)})
	}
}

// grantChange compares a grant with what was asked for before.
func grantChange(had []manifest.Grant, g manifest.Grant) string {
	i := slices.IndexFunc(had, func(h manifest.Grant) bool { return h.Name() == g.Name() })
	switch {
	case i < 0:
		return askNew
	case !within(g.Bounds, had[i].Bounds) || !sameSecret(g.Secret, had[i].Secret):
		return askWider
	}
	return askSame
}

func sameSecret(a, b *manifest.GrantSecret) bool {
	return a == nil || b != nil && *a == *b
}

// within says whether bounds allow no more than others; nil allows everything.
func within(b, outer *manifest.Bounds) bool {
	if outer == nil {
		return true
	}
	if b == nil {
		return len(outer.Max) == 0 && outer.Stores == nil && outer.Slot == ""
	}
	for _, o := range outer.Max {
		if !slices.ContainsFunc(b.Max, func(m manifest.Max) bool { return m.Field == o.Field && m.Max <= o.Max }) {
			return false
		}
	}
	if outer.Stores != nil {
		if b.Stores == nil {
			return false
		}
		for _, s := range b.Stores {
			if !slices.Contains(outer.Stores, s) {
				return false
			}
		}
	}
	return outer.Slot == "" || b.Slot == outer.Slot
}

// tighter are bounds that allow only what both allow. Slots that differ were
// asked for anew: the newer one holds.
func tighter(b, other *manifest.Bounds) *manifest.Bounds {
	if b == nil || other == nil {
		if b == nil {
			return other
		}
		return b
	}
	out := manifest.Bounds{Max: slices.Clone(b.Max), Stores: b.Stores, Slot: b.Slot}
	for _, o := range other.Max {
		i := slices.IndexFunc(out.Max, func(m manifest.Max) bool { return m.Field == o.Field })
		if i < 0 {
			out.Max = append(out.Max, o)
		} else {
			out.Max[i].Max = min(out.Max[i].Max, o.Max)
		}
	}
	switch {
	case out.Stores == nil:
		out.Stores = other.Stores
	case other.Stores != nil:
		out.Stores = slices.DeleteFunc(slices.Clone(out.Stores), func(s string) bool { return !slices.Contains(other.Stores, s) })
	}
	if out.Slot == "" {
		out.Slot = other.Slot
	}
	return &out
}

// limits are those above the house's. What was consented to stays.
func limits(asked, had manifest.Limits) (all []PlannedLimit) {
	for _, l := range []struct {
		name              string
		house, asked, had int64
	}{
		{"memory_bytes", registry.DefaultMemory, asked.MemoryBytes, had.MemoryBytes},
		{"units", registry.DefaultUnits, asked.Units, had.Units},
		{"slot_units", registry.DefaultSlotUnits, asked.SlotUnits, had.SlotUnits},
		{"time_millis", registry.DefaultTime.Milliseconds(), asked.TimeMillis, had.TimeMillis},
		{"storage_bytes", registry.DefaultStorage, asked.StorageBytes, had.StorageBytes},
	} {
		if l.asked <= l.house {
			continue
		}
		p := PlannedLimit{Name: l.name, House: l.house, Asked: l.asked, Change: askSame}
		switch {
		case l.had <= l.house:
			p.Change = askNew
		case l.asked > l.had:
			p.Change = askWider
		}
		all = append(all, p)
	}
	return all
}

// inherit is the consent that an app has under a new manifest if the retailer
// says yes to what is new: bounds that were narrowed stay narrowed.
func inherit(rec *record, m *manifest.Manifest) consent {
	c := consent{Asked: m.Grants, Limits: m.Limits}
	for _, s := range m.Provides.Subscribes {
		c.Events = append(c.Events, s.Event)
	}
	for _, g := range m.Grants {
		if rec != nil && grantChange(rec.Consent.Asked, g) == askSame {
			i := slices.IndexFunc(rec.Consent.Grants, func(h manifest.Grant) bool { return h.Name() == g.Name() })
			if i < 0 {
				continue
			}
			g.Bounds = tighter(g.Bounds, rec.Consent.Grants[i].Bounds)
		}
		c.Grants = append(c.Grants, g)
	}
	if rec != nil {
		c.By, c.At, c.Digest = rec.Consent.By, rec.Consent.At, rec.Consent.Digest
	}
	return c
}

// narrow applies the bounds that the retailer gives. The error is an *abi.Error
// for a grant that is not asked for, or bounds that would widen it.
func (d *draft) narrow(by Narrow) error {
	for app, list := range by {
		for i, n := range list {
			at := fmt.Sprintf("/narrow/%s/%d", app, i)
			c := slices.IndexFunc(d.changes, func(c change) bool { return c.App == app })
			if c < 0 {
				return &abi.Error{Code: abi.Invalid, Reason: "narrow", Pointer: at, Message: app + " is not part of this."}
			}
			g := slices.IndexFunc(d.changes[c].Consent.Grants, func(g manifest.Grant) bool { return g.Name() == n.Name })
			if g < 0 || d.changes[c].Consent.Grants[g].Call == "" {
				return &abi.Error{Code: abi.Invalid, Reason: "narrow", Pointer: at + "/name", Message: app + " asks for no call " + n.Name + "."}
			}
			grant := &d.changes[c].Consent.Grants[g]
			if !within(&n.Bounds, grant.Bounds) {
				return &abi.Error{Code: abi.Invalid, Reason: "narrow", Pointer: at + "/bounds", Message: "Bounds can be narrowed, never widened."}
			}
			bounds := n.Bounds
			grant.Bounds = &bounds
		}
	}
	return nil
}
