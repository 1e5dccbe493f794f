package sdktest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// target is one handler of one app.
type target struct {
	app     *app
	kind    abi.EntryKind
	handler hostcall.Handler
	flags   abi.EntryFlags
	version int // newest that it understands of an event, 0 for the first
}

// writes says whether the handler is given a *sdk.Tx.
func (t target) writes() bool {
	switch t.kind {
	case abi.EntryQuery, abi.EntryQueryFill, abi.EntryEffect, abi.EntryDerive:
		return false
	}
	return true
}

// registry says who answers what.
type registry struct {
	operations  map[string]target
	queryFills  map[string][]target          // by slot, in the order of the fillers' ids
	fills       map[string]map[string]target // by slot and key
	subscribers map[string][]target          // by event, in the order of their ids
}

const stubPrefix = "stub "

// stub makes an app of one part that Stub was given.
func stub(part sdk.Part) *app {
	m := sdk.NewApp(stubPrefix, part).Module()
	a := &app{id: stubPrefix, module: m}
	if len(m.Descriptor.Entries) == 1 {
		a.id += m.Descriptor.Entries[0].Name
		a.contract = contractOf(m.Descriptor.Entries[0].Name)
	}
	return a
}

func (a *app) isStub() bool { return strings.HasPrefix(a.id, stubPrefix) }

// newRegistry binds names to the apps that answer them; stubs come last.
func newRegistry(apps []*app) (registry, error) {
	r := registry{map[string]target{}, map[string][]target{}, map[string]map[string]target{}, map[string][]target{}}
	for _, a := range apps {
		if a.isStub() && len(a.module.Descriptor.Entries) != 1 {
			return r, fmt.Errorf("a stub is one handler, this part registers %d", len(a.module.Descriptor.Entries))
		}
		for i, x := range a.module.Descriptor.Entries {
			if err := r.bind(x, target{a, x.Kind, a.module.Handlers[i], x.Flags, x.Version}); err != nil {
				return r, err
			}
		}
	}
	for _, list := range r.queryFills {
		slices.SortStableFunc(list, byID)
	}
	for _, list := range r.subscribers {
		slices.SortStableFunc(list, byID)
	}
	return r, nil
}

func byID(a, b target) int { return cmp.Compare(a.app.id, b.app.id) }

func (r *registry) bind(x abi.Entry, t target) error {
	switch x.Kind {
	case abi.EntryQuery, abi.EntryCommand:
		if other, taken := r.operations[x.Name]; taken && !t.app.isStub() {
			return fmt.Errorf("%s and %s both provide %s", other.app.id, t.app.id, x.Name)
		}
		if contractOf(x.Name) != t.app.contract {
			return fmt.Errorf("%s provides %s and also %s: an app provides one contract", t.app.id, t.app.contract, x.Name)
		}
		r.operations[x.Name] = t
	case abi.EntryQueryFill:
		r.queryFills[x.Name] = append(r.queryFills[x.Name], t)
	case abi.EntryFill:
		if r.fills[x.Name] == nil {
			r.fills[x.Name] = map[string]target{}
		}
		if other, taken := r.fills[x.Name][x.Key]; taken && !t.app.isStub() {
			return fmt.Errorf("%s and %s both fill %s under %q", other.app.id, t.app.id, x.Name, x.Key)
		}
		r.fills[x.Name][x.Key] = t
	case abi.EntryEvent:
		r.subscribers[x.Name] = append(r.subscribers[x.Name], t)
	}
	return nil
}
