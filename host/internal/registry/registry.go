// Package registry binds names to the apps that answer them: operations and
// slots by contract, never by app. It knows manifests and modules; it must not
// know storage engines, HTTP or how an operation runs.
package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Limits of one app, with the defaults of the house filled in.
type Limits struct {
	Units     int64 // for a whole operation that enters here
	SlotUnits int64 // for one call as filler of a query slot
	Time      time.Duration
	Storage   int64 // bytes of records, keys included
}

// The limits of an app whose manifest asks for none.
const (
	DefaultUnits     = 200_000_000
	DefaultSlotUnits = 10_000_000
	DefaultTime      = 2 * time.Second
	DefaultMemory    = 32 << 20
	DefaultStorage   = 1 << 30
)

// App is one enabled module. It does not change once it is made.
type App struct {
	ID, Version string
	Contract    string // "" for a plugin
	Manifest    *manifest.Manifest
	Module      *sandbox.Module
	Limits      Limits
	Settings    []byte // MessagePack, empty for the app's own defaults
	Descriptor  *abi.Descriptor

	name        string
	entries     []abi.Entry
	handlers    map[abi.Entry]uint32 // by kind, name and key, without flags
	collections map[string]*abi.Collection
	counters    map[string]bool
	events      map[string]int // their versions, 0 for the first
	grants      map[string]*manifest.Grant
	building    map[string]bool // collection 00 index
}

// Making is what an App is made of.
type Making struct {
	Manifest   *manifest.Manifest
	Module     *sandbox.Module
	Descriptor *abi.Descriptor // what the module says of itself
	Settings   []byte          // MessagePack, empty for the app's own defaults
	// Grants are those that the retailer consented to, perhaps more narrowly
	// than the manifest asks; nil for all of the manifest's.
	Grants []manifest.Grant
	// Building names the indexes that are not complete and cannot be read.
	Building []IndexName
}

// IndexName is one index of one collection.
type IndexName struct{ Collection, Index string }

// NewApp joins a manifest and what the module says of itself. They must agree:
// what the retailer read is what the code does.
func NewApp(from Making) (*App, error) {
	m, d := from.Manifest, from.Descriptor
	if m.Provides == nil {
		return nil, fmt.Errorf("%s: the manifest says nothing of what the code provides; run `bottega build`", m.ID)
	}
	if d.App != m.ID || d.Version != abi.Version {
		return nil, fmt.Errorf("%s: the module says it is %s of ABI %d", m.ID, d.App, d.Version)
	}
	a := &App{
		ID: m.ID, Version: m.Version, Contract: m.Provides.Contract, Manifest: m, Module: from.Module,
		Settings: from.Settings, Descriptor: d, Limits: limits(m),
		name:        m.ID + "@" + m.Version,
		entries:     d.Entries,
		handlers:    make(map[abi.Entry]uint32, len(d.Entries)),
		collections: map[string]*abi.Collection{},
		counters:    set(d.Counters, func(s string) string { return s }),
		events:      versions(m.Provides.Events),
		building:    set(from.Building, func(i IndexName) string { return i.Collection + "\x00" + i.Index }),
	}
	for i, e := range d.Entries {
		e.Flags, e.Version = 0, 0
		a.handlers[e] = uint32(i)
	}
	for i := range d.Collections {
		a.collections[d.Collections[i].Name] = &d.Collections[i]
	}
	a.grant(from.Grants)
	if err := a.checkData(d); err != nil {
		return nil, err
	}
	return a, a.check()
}

func limits(m *manifest.Manifest) Limits {
	return Limits{
		Units:     cmp.Or(m.Limits.Units, DefaultUnits),
		SlotUnits: cmp.Or(m.Limits.SlotUnits, DefaultSlotUnits),
		Time:      cmp.Or(time.Duration(m.Limits.TimeMillis)*time.Millisecond, DefaultTime),
		Storage:   cmp.Or(m.Limits.StorageBytes, DefaultStorage),
	}
}

// grant notes what the app may do: of what its manifest asks for, the part that
// was consented to.
func (a *App) grant(consented []manifest.Grant) {
	a.grants = map[string]*manifest.Grant{}
	asked := a.Manifest.Grants
	if consented == nil {
		consented = asked
	}
	for i := range consented {
		name := consented[i].Name()
		if slices.ContainsFunc(asked, func(g manifest.Grant) bool { return g.Name() == name }) {
			a.grants[name] = &consented[i]
		}
	}
}

// versions are the events of a contract with the versions that they have now.
func versions(events []manifest.Event) map[string]int {
	all := make(map[string]int, len(events))
	for _, e := range events {
		all[e.Name] = e.Version
	}
	return all
}

func set[T any](items []T, name func(T) string) map[string]bool {
	s := make(map[string]bool, len(items))
	for _, item := range items {
		s[name(item)] = true
	}
	return s
}

// check refuses handlers that the manifest does not announce, and announced
// operations that nobody handles.
func (a *App) check() error {
	announced := map[abi.Entry]bool{}
	for _, e := range Entries(a.Manifest.Provides) {
		announced[e] = true
	}
	for _, e := range a.entries {
		if e.Kind == abi.EntryQueryFill || e.Kind == abi.EntryFill {
			e.Kind = fillKind(e.Key)
		}
		if !announced[e] {
			return fmt.Errorf("%s: the code handles the %s %s, the manifest does not say so; run `bottega build --update`", a.ID, e.Kind, strings.TrimSpace(e.Name+" "+e.Key))
		}
		delete(announced, e)
	}
	for e := range announced {
		return fmt.Errorf("%s: the manifest announces the %s %s, the code does not handle it", a.ID, e.Kind, strings.TrimSpace(e.Name+" "+e.Key))
	}
	return nil
}

// String is id@version.
func (a *App) String() string { return a.name }

// Collection finds a collection that the code registered.
func (a *App) Collection(name string) (*abi.Collection, bool) {
	c, ok := a.collections[name]
	return c, ok
}

// Counter says whether the app declares a counter of that name.
func (a *App) Counter(name string) bool { return a.counters[name] }

// Building says whether an index of the app is not complete yet.
func (a *App) Building(collection, index string) bool { return a.building[collection+"\x00"+index] }

// Handler finds a handler; the key is "" but for fillers, daily work and
// migrations.
func (a *App) Handler(kind abi.EntryKind, name, key string) (uint32, bool) {
	i, ok := a.handlers[abi.Entry{Kind: kind, Name: name, Key: key}]
	return i, ok
}

// Entry is the handler of a number.
func (a *App) Entry(i uint32) abi.Entry { return a.entries[i] }

// Timer says whether the app handles a timer of that name.
func (a *App) Timer(name string) bool {
	_, ok := a.Handler(abi.EntryTimer, name, "")
	return ok
}

// Event says whether the app's contract has an event of that full name, and in
// which version it is emitted now, 0 for the first.
func (a *App) Event(name string) (version int, ok bool) {
	version, ok = a.events[name]
	return version, ok
}

// Grant is what the app was granted under a name: an operation of another
// contract, or "http:" and a host.
func (a *App) Grant(name string) (*manifest.Grant, bool) {
	g, ok := a.grants[name]
	return g, ok
}

// Operation is one operation bound to the app that answers it.
type Operation struct {
	Name    string
	Command bool
	App     *App
	Entry   uint32
	Info    *manifest.Operation
	Right   *manifest.Permission // whom it is open to; nil: the owner only
}

// Slot is one extension point with its fillers.
type Slot struct {
	Name    string
	Command bool
	Owner   *App
	Fillers []Filler // sorted by app id for query slots, by key for command slots
}

// Filler is one app that fills a slot.
type Filler struct {
	Key   string // "" in a query slot
	App   *App
	Entry uint32
}

// Set is one cut of what is enabled. It does not change once it is made.
type Set struct {
	apps       []*App
	operations map[string]*Operation
	slots      map[string]*Slot

	subscribers map[string][]Subscriber
}

// Compose binds the apps to each other's contracts. Errors: two apps for one
// contract, a need that nobody meets, a filler key twice.
func Compose(apps []*App) (*Set, error) {
	s := &Set{apps: slices.Clone(apps), operations: map[string]*Operation{}, slots: map[string]*Slot{}, subscribers: map[string][]Subscriber{}}
	slices.SortFunc(s.apps, func(a, b *App) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range s.apps {
		if err := s.provide(a); err != nil {
			return nil, err
		}
	}
	for _, a := range s.apps {
		if err := s.bind(a); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// provide adds an app's operations and slots.
func (s *Set) provide(a *App) error {
	infos := map[string]*manifest.Operation{}
	for i := range a.Manifest.Provides.Operations {
		infos[a.Manifest.Provides.Operations[i].Name] = &a.Manifest.Provides.Operations[i]
	}
	for i, e := range a.entries {
		if e.Kind != abi.EntryQuery && e.Kind != abi.EntryCommand {
			continue
		}
		if other := s.operations[e.Name]; other != nil {
			return fmt.Errorf("%s and %s both provide %s", other.App.ID, a.ID, e.Name)
		}
		if !strings.HasPrefix(e.Name, a.Contract+".") {
			return fmt.Errorf("%s provides the contract %s and handles %s", a.ID, a.Contract, e.Name)
		}
		s.operations[e.Name] = &Operation{Name: e.Name, Command: e.Kind == abi.EntryCommand, App: a, Entry: uint32(i), Info: infos[e.Name], Right: a.Manifest.Permission(e.Name)}
	}
	for _, slot := range a.Manifest.Provides.Slots {
		s.slots[slot.Name] = &Slot{Name: slot.Name, Command: slot.Kind == "command", Owner: a}
	}
	return nil
}

// bind checks an app's needs and adds it to the slots that it fills.
func (s *Set) bind(a *App) error {
	for _, n := range a.Manifest.Needs {
		if err := s.meets(a.Manifest, n); err != nil {
			return fmt.Errorf("%s %w", a.ID, err)
		}
	}
	for i, e := range a.entries {
		if e.Kind == abi.EntryEvent {
			s.subscribers[e.Name] = append(s.subscribers[e.Name], Subscriber{App: a, Entry: uint32(i), Flags: e.Flags})
		}
		if e.Kind != abi.EntryFill && e.Kind != abi.EntryQueryFill {
			continue
		}
		slot := s.slots[e.Name]
		if slot == nil || slot.Command != (e.Kind == abi.EntryFill) {
			continue // its owner is not enabled, or fills another kind: the filler waits
		}
		at, taken := slices.BinarySearchFunc(slot.Fillers, e.Key+"\x00"+a.ID, func(f Filler, k string) int {
			return cmp.Compare(f.Key+"\x00"+f.App.ID, k)
		})
		if taken || slot.Command && slices.ContainsFunc(slot.Fillers, func(f Filler) bool { return f.Key == e.Key }) {
			return fmt.Errorf("%s fills %s %s, which is filled already", a.ID, e.Name, e.Key)
		}
		slot.Fillers = slices.Insert(slot.Fillers, at, Filler{Key: e.Key, App: a, Entry: uint32(i)})
	}
	return nil
}

// meets says whether an enabled app provides what m needs, in a version that
// will do, and answers all that m calls of it.
func (s *Set) meets(m *manifest.Manifest, n manifest.Need) error {
	i := slices.IndexFunc(s.apps, func(b *App) bool { return b.Contract == n.Contract })
	if i < 0 {
		if n.Optional {
			return nil
		}
		return fmt.Errorf("needs the contract %s, which no enabled app provides", n.Contract)
	}
	fits, err := Fits(n.Range, s.apps[i].Version)
	if err != nil {
		return fmt.Errorf("needs %s: %w", n.Contract, err)
	}
	if !fits {
		return fmt.Errorf("needs %s in %s, and %s is enabled", n.Contract, n.Range, s.apps[i])
	}
	if missing := m.Unanswered(n, s.apps[i].Manifest); len(missing) > 0 {
		return fmt.Errorf("calls %s, which %s does not answer", strings.Join(missing, ", "), s.apps[i])
	}
	return nil
}

// Apps lists the enabled apps by id.
func (s *Set) Apps() []*App { return s.apps }

// Operation finds an operation by its full name.
func (s *Set) Operation(name string) (*Operation, bool) {
	o, ok := s.operations[name]
	return o, ok
}

// Operations lists all operations by name.
func (s *Set) Operations() []*Operation {
	all := make([]*Operation, 0, len(s.operations))
	for _, o := range s.operations {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *Operation) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Subscriber is an app that handles an event.
type Subscriber struct {
	App   *App
	Entry uint32
	Flags abi.EntryFlags
}

// Subscribers lists who handles an event, by app id.
func (s *Set) Subscribers(event string) []Subscriber { return s.subscribers[event] }

// App finds an enabled app by its id.
func (s *Set) App(id string) (*App, bool) {
	i, ok := slices.BinarySearchFunc(s.apps, id, func(a *App, id string) int { return cmp.Compare(a.ID, id) })
	if !ok {
		return nil, false
	}
	return s.apps[i], true
}

// Slot finds an extension point by its full name.
func (s *Set) Slot(name string) (*Slot, bool) {
	slot, ok := s.slots[name]
	return slot, ok
}

// Filler finds the filler of a command slot by its key.
func (s *Slot) Filler(key string) (Filler, bool) {
	i := slices.IndexFunc(s.Fillers, func(f Filler) bool { return f.Key == key })
	if i < 0 {
		return Filler{}, false
	}
	return s.Fillers[i], true
}
