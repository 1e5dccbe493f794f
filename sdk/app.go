package sdk

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// App is an app or plugin: an id and the parts it is made of. It is a value
// without state; everything that lasts lies in collections and counters.
type App struct {
	id     string
	module hostcall.Module
}

// Part is something that NewApp takes: a handler, a collection, a counter,
// settings. The SDK's types make parts; nobody else can.
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
func (a *App) handle(kind abi.EntryKind, name, key string, h hostcall.Handler) {
	e := abi.Entry{Kind: kind, Name: name, Key: key}
	d := &a.module.Descriptor
	for _, other := range d.Entries {
		if other == e || other.Name == name && operation(kind) && operation(other.Kind) {
			panic("sdk: " + a.id + " registers the " + kind.String() + " " + name + " " + key + " twice")
		}
	}
	if name == "" || kind != abi.EntryTimer && !strings.Contains(name, ".") {
		panic("sdk: " + a.id + " registers a " + kind.String() + ` named "` + name + `": names are contract.name`)
	}
	d.Entries = append(d.Entries, e)
	a.module.Handlers = append(a.module.Handlers, h)
}

func operation(kind abi.EntryKind) bool { return kind == abi.EntryQuery || kind == abi.EntryCommand }

// declare checks the name of a collection or counter.
func (a *App) declare(kind, name string, taken bool) {
	switch {
	case taken:
		panic("sdk: " + a.id + " declares the " + kind + " " + name + " twice")
	case name == "":
		panic("sdk: " + a.id + " declares a " + kind + " without a name")
	}
}
