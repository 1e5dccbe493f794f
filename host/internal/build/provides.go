package build

import (
	"cmp"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// provides derives what the manifest says of the module's code. Lists are
// sorted by name, so that moving code about changes nothing.
func (m *module) provides() *manifest.Provides {
	s := newSchemas(m)
	p := &manifest.Provides{Contract: m.contract}
	for _, d := range m.declared {
		if d.contract() != "" && d.contract() != m.contract {
			continue
		}
		m.provide(p, s, d)
	}
	for _, mn := range m.mentions {
		switch {
		case mn.method == "Fill":
			p.Fills = append(p.Fills, manifest.Fill{Slot: mn.d.name, Key: mn.key})
		case mn.method == "On" && mn.d.kind == "Event":
			p.Subscribes = append(p.Subscribes, manifest.Subscription{
				Event: mn.d.name, Version: m.version(mn.d), Replayable: slices.Contains(mn.flags, "Replayable"), Replayed: slices.Contains(mn.flags, "AlsoReplayed"),
			})
		}
	}
	p.Daily = m.dailies()
	if p.DataVersion == 0 && len(p.Collections)+len(p.Counters) > 0 {
		p.DataVersion = 1
	}
	p.Types = s.types
	sortProvides(p)
	return p
}

// provide adds one declaration of the module's own.
func (m *module) provide(p *manifest.Provides, s *schemas, d *declaration) {
	kind := strings.ToLower(strings.TrimSuffix(d.kind, "Slot"))
	switch d.kind {
	case "Query", "Command":
		if !m.handles(d) {
			if m.wrote(d) {
				m.refuse(d.at, "register it with Handle in sdk.NewApp", "%s is declared and nobody handles it", d.name)
			}
			return
		}
		p.Operations = append(p.Operations, manifest.Operation{Name: d.name, Kind: kind, Doc: d.doc, Store: m.storeField(d), Input: s.root(d.args[0]), Output: s.root(d.args[1])})
	case "QuerySlot", "CommandSlot":
		p.Slots = append(p.Slots, manifest.Slot{Name: d.name, Kind: kind, Doc: d.doc, Input: s.root(d.args[0]), Output: s.root(d.args[1])})
	case "Event":
		e := manifest.Event{Name: d.name, Doc: d.doc, Version: m.version(d), Payload: s.root(d.args[0])}
		for _, old := range m.earlier(d) {
			e.Earlier = append(e.Earlier, s.root(old))
		}
		p.Events = append(p.Events, e)
	case "Timer":
		p.Timers = append(p.Timers, d.name)
	case "Effect", "Job", "Derived", "Migration":
		m.provideWork(p, s, d)
	case "Counter":
		p.Counters = append(p.Counters, d.name)
	case "Collection":
		m.provideCollection(p, s, d)
	case "Settings":
		if p.Settings != nil {
			m.refuse(d.at, "an app has one", "a second sdk.Settings")
		}
		p.Settings = s.settings(d.args[0])
	}
}

// storeField is the field of an operation's input that holds the store which
// the operation is about, "" for none: whoever is limited to some stores may run
// it for these only.
func (m *module) storeField(d *declaration) string {
	r := m.record(d.args[0])
	if r == nil {
		return ""
	}
	var found []string
	for _, f := range r.fields {
		t := f.v.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == retailPath && named.Obj().Name() == "StoreID" {
			found = append(found, f.name)
		}
	}
	if len(found) > 1 {
		m.refuse(d.at, "keep retail.StoreID for the one that decides who may call, and give the others a type of your own",
			"%s: %s are all stores, and who is limited to a store may run it for one", d.name, strings.Join(found, ", "))
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// wrote says whether the module defines what it declares, and not somebody else,
// whose contract it provides, too: who stands in for another app handles of its
// operations what he likes. Plans see to it that nobody calls what is missing.
func (m *module) wrote(d *declaration) bool {
	return m.root == nil || strings.HasPrefix(m.root.PkgPath+"/", d.pkg.PkgPath+"/")
}

func (m *module) handles(d *declaration) bool {
	return slices.ContainsFunc(m.mentions, func(mn mention) bool { return mn.d == d && mn.method == "Handle" })
}

func (m *module) provideCollection(p *manifest.Provides, s *schemas, d *declaration) {
	c, ok := m.collection(d)
	if !ok {
		return
	}
	m.checkCollection(d, c)
	out := manifest.Collection{Name: c.Name, Doc: d.doc, Key: c.Key, Expires: c.Expires, Subject: c.Subject, Record: s.root(d.args[0])}
	for _, x := range c.Indexes {
		out.Indexes = append(out.Indexes, manifest.Index(x))
	}
	p.Collections = append(p.Collections, out)
}

// checkCollection refuses keys and indexes of fields that the record lacks or
// that have no order.
func (m *module) checkCollection(d *declaration, c abi.Collection) {
	if len(c.Key) == 0 {
		m.refuse(d.at, "name the fields of the primary key", "collection %s has no Key", c.Name)
	}
	for _, path := range c.Key {
		if f, ok := m.keyField(d, c.Name, "key", path, types.IsString|types.IsInteger|types.IsBoolean, false); ok && f.omitEmpty {
			m.refuse(d.at, "remove omitempty: a key is never absent", "collection %s: its key field %q may be left out", c.Name, path)
		}
	}
	for _, x := range c.Indexes {
		for _, path := range x.Fields {
			m.keyField(d, c.Name, "index "+x.Name, path, types.IsString|types.IsInteger|types.IsBoolean, true)
		}
	}
	if c.Expires != "" {
		m.keyField(d, c.Name, "Expires", c.Expires, types.IsInteger, false)
	}
	if c.Subject != "" {
		m.keyField(d, c.Name, "Subject", c.Subject, types.IsString, false)
	}
}

// keyField finds the field at a path and refuses one of the wrong kind.
func (m *module) keyField(d *declaration, collection, use, path string, want types.BasicInfo, list bool) (field, bool) {
	var f field
	t := d.args[0]
	for name := range strings.SplitSeq(path, ".") {
		r := m.record(t)
		if r == nil {
			return f, false
		}
		i := slices.IndexFunc(r.fields, func(f field) bool { return f.name == name })
		if i < 0 {
			m.refuse(d.at, "name the fields as their json tags do", "collection %s, %s: %s has no field %q", collection, use, r.named.Obj().Name(), name)
			return f, false
		}
		f = r.fields[i]
		t = f.v.Type()
	}
	if l, ok := t.Underlying().(*types.Slice); ok && list {
		t = l.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&want == 0 {
		m.refuse(d.at, "", "collection %s, %s: field %q is of type %s", collection, use, path, name(t))
		return f, false
	}
	return f, true
}

// record is the record that t or the target of t is, nil for none.
func (m *module) record(t types.Type) *record {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil
	}
	return m.cross.records[named.Obj()]
}

func sortProvides(p *manifest.Provides) {
	slices.SortFunc(p.Operations, func(a, b manifest.Operation) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Slots, func(a, b manifest.Slot) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Events, func(a, b manifest.Event) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Fills, func(a, b manifest.Fill) int {
		return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(p.Collections, func(a, b manifest.Collection) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Subscribes, func(a, b manifest.Subscription) int { return cmp.Compare(a.Event, b.Event) })
	slices.SortFunc(p.Daily, func(a, b manifest.Daily) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Effects, func(a, b manifest.Effect) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Jobs, func(a, b manifest.Job) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Migrations, func(a, b manifest.Migration) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), -cmp.Compare(a.Phase, b.Phase))
	})
	slices.Sort(p.Derived)
	slices.Sort(p.Timers)
	slices.Sort(p.Counters)
}

// flags are those of event handlers in the words of compare.
var flags = []struct {
	flag abi.EntryFlags
	word string
}{{abi.FlagReplayable, "replayable"}, {abi.FlagReplayed, "also replayed"}}

// registered is the descriptor in the order and words of compare.
func registered(d *abi.Descriptor) []string {
	var out []string
	for _, e := range d.Entries {
		words := []string{e.Kind.String(), e.Name}
		if e.Key != "" {
			words = append(words, e.Key)
		}
		for _, f := range flags {
			if e.Flags&f.flag != 0 {
				words = append(words, f.word)
			}
		}
		if e.Version > 0 {
			words = append(words, "version", strconv.Itoa(e.Version))
		}
		out = append(out, strings.Join(words, " "))
	}
	for _, c := range d.Collections {
		out = append(out, "collection "+string(encode(c)))
	}
	for _, c := range d.Counters {
		out = append(out, "counter "+c)
	}
	for _, v := range d.Derived {
		out = append(out, "derived value "+v)
	}
	if d.Settings {
		out = append(out, "settings")
	}
	if d.DataVersion > 0 {
		out = append(out, "data version "+strconv.Itoa(d.DataVersion))
	}
	return out
}

// declaredParts is what the code declares, in the same words.
func declaredParts(p *manifest.Provides, slots map[string]string) []string {
	d := abi.Descriptor{Counters: p.Counters, Settings: p.Settings != nil, Derived: p.Derived, DataVersion: p.DataVersion, Entries: workParts(p)}
	for _, o := range p.Operations {
		d.Entries = append(d.Entries, abi.Entry{Kind: entryKind(o.Kind, abi.EntryQuery, abi.EntryCommand), Name: o.Name})
	}
	for _, f := range p.Fills {
		d.Entries = append(d.Entries, abi.Entry{Kind: entryKind(slots[f.Slot], abi.EntryQueryFill, abi.EntryFill), Name: f.Slot, Key: f.Key})
	}
	for _, e := range p.Subscribes {
		x := abi.Entry{Kind: abi.EntryEvent, Name: e.Event, Version: e.Version}
		if e.Replayable {
			x.Flags |= abi.FlagReplayable
		}
		if e.Replayed {
			x.Flags |= abi.FlagReplayed
		}
		d.Entries = append(d.Entries, x)
	}
	for _, t := range p.Timers {
		d.Entries = append(d.Entries, abi.Entry{Kind: abi.EntryTimer, Name: t})
	}
	for _, c := range p.Collections {
		out := abi.Collection{Name: c.Name, Key: c.Key, Expires: c.Expires, Subject: c.Subject}
		for _, x := range c.Indexes {
			out.Indexes = append(out.Indexes, abi.Index(x))
		}
		d.Collections = append(d.Collections, out)
	}
	return registered(&d)
}

func entryKind(kind string, query, command abi.EntryKind) abi.EntryKind {
	if kind == "query" {
		return query
	}
	return command
}

// compare refuses a module that registers something else than it declares.
func (m *module) compare(p *manifest.Provides, d *abi.Descriptor) {
	if d.App != m.id {
		m.refuse(m.at, "call sdk.Serve with the app of this package", "the module says that it is %q, the code says %q", d.App, m.id)
	}
	if d.Version != abi.Version {
		m.refuse(m.at, "", "the module was built for ABI version %d, this is %d", d.Version, abi.Version)
	}
	slots := map[string]string{}
	for _, d := range m.declared {
		slots[d.name] = strings.ToLower(strings.TrimSuffix(d.kind, "Slot"))
	}
	said, does := declaredParts(p, slots), registered(normal(d))
	for _, s := range said {
		if !slices.Contains(does, s) {
			m.refuse(m.at, "give it to sdk.NewApp, or delete it", "%s is declared, and the module does not register it", s)
		}
	}
	for _, s := range does {
		if !slices.Contains(said, s) {
			m.refuse(m.at, "write it out where the build can read it", "the module registers %s, and the code does not declare it", s)
		}
	}
}

// normal makes absent and empty lists the same.
func normal(d *abi.Descriptor) *abi.Descriptor {
	out := *d
	out.Collections = make([]abi.Collection, len(d.Collections))
	for i, c := range d.Collections {
		if len(c.Indexes) == 0 {
			c.Indexes = nil
		}
		out.Collections[i] = c
	}
	return &out
}
