package sdktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Env is a host with apps in it, for one test. It is not for several
// goroutines at once; every parallel test makes its own.
type Env struct {
	// Faults are the switches that make things go wrong.
	Faults Faults

	t         testing.TB
	apps      []*app // the first is the one under test
	registry  registry
	space     space
	seeds     *rand.Rand
	now       int64
	principal Principal
	twice     bool
	running   bool
	requests  int
	events    []Event
	pending   []delivery
	lines     []Line
	zone      *time.Location
	daily     map[string]int64 // by app and name, the last instant that was looked at
	effects   effects
	jobs      map[string]Job // that have finished, by their key
	later     bool           // the app under test is enabled by Replay
	begun     int64          // when the past begins that it has replayed, 0 for none
}

// app is one enabled app.
type app struct {
	id, contract string
	module       *hostcall.Module
	settings     []byte
	paper        *paper // nil for an app that may call everything
	revoked      []string
	held         map[*hostcall.Held]*any // derived values of the generation in use
	building     map[*hostcall.Held]*any // of the next one, nil if none is being built
}

// New makes a host with the app under test and whatever parts say. It begins
// empty, at 2026-01-07 10:00 UTC, and is the same in every run: the clock stands
// until the test moves it, and ids of operations at one instant have no order.
// A test's own mistakes fail t; with a nil t, for examples, they panic.
func New(t testing.TB, a *sdk.App, parts ...Part) *Env {
	s := setup{apps: []*sdk.App{a}, settings: map[string][]byte{}, papers: map[string]*paper{}, zone: time.UTC}
	for _, p := range parts {
		p.configure(&s)
	}
	e := &Env{
		t: t, principal: Principal{ID: "local"}, twice: s.twice, seeds: rand.New(rand.NewPCG(s.seed, 0)), space: space{cells: map[string]cell{}},
		zone: s.zone, later: s.later, daily: map[string]int64{}, effects: effects{ended: map[string]abi.EffectEnd{}}, jobs: map[string]Job{},
	}
	e.now = time.Date(2026, 1, 7, 10, 0, 0, 0, time.UTC).UnixMilli()
	if err := e.enable(&s); err != nil {
		e.fatal("sdktest.New: %v", err)
	}
	e.warmUp()
	return e
}

// enable makes the apps and their registry from the setup.
func (e *Env) enable(s *setup) error {
	if s.err != nil {
		return s.err
	}
	for _, a := range s.apps {
		m := e.recorded(a.Module())
		e.apps = append(e.apps, &app{
			id: a.ID(), contract: contract(m), module: m, settings: s.settings[a.ID()],
			paper: s.papers[a.ID()], revoked: s.revoked,
		})
		delete(s.settings, a.ID())
		delete(s.papers, a.ID())
	}
	for id := range s.settings {
		if id == "" {
			e.apps[0].settings = s.settings[""]
			continue
		}
		return fmt.Errorf("settings of %q: no such app", id)
	}
	for id := range s.papers {
		return fmt.Errorf("manifest of %q: no such app", id)
	}
	for _, part := range s.stubs {
		e.apps = append(e.apps, stub(part))
	}
	var err error
	e.registry, err = newRegistry(e.apps)
	return err
}

// contract is the contract that an app provides: that of its operations, or
// its id if it has none.
func contract(m *hostcall.Module) string {
	for _, x := range m.Descriptor.Entries {
		if x.Kind == abi.EntryQuery || x.Kind == abi.EntryCommand {
			return contractOf(x.Name)
		}
	}
	return m.Descriptor.App
}

func contractOf(name string) string {
	c, _, _ := strings.Cut(name, ".")
	return c
}

// collection finds a collection that the app declared.
func (a *app) collection(name string) (*abi.Collection, bool) {
	list := a.module.Descriptor.Collections
	i := slices.IndexFunc(list, func(c abi.Collection) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return &list[i], true
}

func (a *app) counter(name string) bool {
	return slices.Contains(a.module.Descriptor.Counters, name)
}

func (a *app) entry(kind abi.EntryKind, name string) (target, bool) {
	i := slices.IndexFunc(a.module.Descriptor.Entries, func(x abi.Entry) bool { return x.Kind == kind && x.Name == name })
	if i < 0 {
		return target{}, false
	}
	x := a.module.Descriptor.Entries[i]
	return target{a, kind, a.module.Handlers[i], x.Flags, x.Version}, true
}

// mayCall says whether the app was granted an operation.
func (a *app) mayCall(name string) bool {
	if slices.Contains(a.revoked, name) {
		return false
	}
	return a.paper == nil || contractOf(name) == a.contract || a.paper.grant(name) != nil
}

// find finds an app by its id.
func (e *Env) find(id string) *app {
	for _, a := range e.apps {
		if a.id == id {
			return a
		}
	}
	e.fatal("sdktest: no app %q", id)
	return nil
}

func (e *Env) fatal(format string, args ...any) {
	if e.t == nil {
		panic(fmt.Sprintf(format, args...))
	}
	e.t.Helper()
	e.t.Fatalf(format, args...)
}
