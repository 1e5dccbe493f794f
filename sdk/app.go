package sdk

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// App is an app or plugin: an id and the parts it is made of. It is a value
// without state; everything that lasts lies in collections and counters.
type App struct {
	id      string
	module  hostcall.Module
	derived []refresh // in the order of Descriptor.Derived
}

// Part is something that NewApp takes: a handler, a collection, a counter, a
// derived value, a migration, settings. The SDK's types make parts; nobody else
// can.
type Part interface {
	register(*App)
}

// part lets a function be a Part.
type part func(*App)

func (p part) register(a *App) { p(a) }

// NewApp makes an app of its parts. The order of the parts means nothing to
// anybody but the numbering of handlers. It panics on a mistake that only the
// programmer can mend: a name twice, an empty name.
func NewApp(id string, parts ...Part) *App {
	a := &App{id: id}
	a.module.Descriptor = abi.Descriptor{Version: abi.Version, App: id}
	for _, p := range parts {
		p.register(a)
	}
	return a
}

// ID is the app's id.
func (a *App) ID() string { return a.id }

// Descriptor is what the app registers, as the host will see it.
func (a *App) Descriptor() abi.Descriptor { return a.module.Descriptor }

// Module is for the SDK's own packages, as its type is: sdktest runs the
// handlers in process.
func (a *App) Module() *hostcall.Module { return &a.module }

// Serve makes a the app of this module. Call it in the init function of
// wasm/main.go and nowhere else: a reactor never runs main.
func Serve(a *App) { hostcall.Serve(&a.module) }

// handle adds an entry with its handler.
func (a *App) handle(e abi.Entry, h hostcall.Handler) {
	d := &a.module.Descriptor
	for _, other := range d.Entries {
		if same(other, e) {
			panic("sdk: " + a.id + " registers the " + e.Kind.String() + " " + e.Name + " " + e.Key + " twice")
		}
	}
	if e.Name == "" || addressed(e.Kind) && !strings.Contains(e.Name, ".") {
		panic("sdk: " + a.id + " registers a " + e.Kind.String() + ` named "` + e.Name + `": names are contract.name`)
	}
	d.Entries = append(d.Entries, e)
	a.module.Handlers = append(a.module.Handlers, h)
}

// same says whether two entries would answer the same. A query and a command of
// one name would, and so would two times of day.
func same(a, b abi.Entry) bool {
	if operation(a.Kind) && operation(b.Kind) || a.Kind == abi.EntryDaily && b.Kind == abi.EntryDaily {
		return a.Name == b.Name
	}
	return a.Kind == b.Kind && a.Name == b.Name && a.Key == b.Key
}

// addressed says whether others name such an entry, by contract.name.
func addressed(kind abi.EntryKind) bool { return kind <= abi.EntryEvent }

func operation(kind abi.EntryKind) bool { return kind == abi.EntryQuery || kind == abi.EntryCommand }

// keeps says that the app keeps something, of which there is a first version.
func (a *App) keeps() {
	d := &a.module.Descriptor
	d.DataVersion = max(d.DataVersion, 1)
}

// declare checks the name of a collection, counter or derived value.
func (a *App) declare(kind, name string, taken bool) {
	switch {
	case taken:
		panic("sdk: " + a.id + " declares the " + kind + " " + name + " twice")
	case name == "":
		panic("sdk: " + a.id + " declares a " + kind + " without a name")
	}
}
