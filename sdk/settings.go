package sdk

import (
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Secret is a field of the settings that only the host reads: a password or key
// of a service. The app gets a handle, empty if nothing was filled in, and gives
// it to a Request; what the retailer filled in goes into the header that the
// manifest's grant says, and never into the app.
type Secret string

// Settings declares what the retailer fills in. Give it to NewApp once.
type Settings[T any] struct {
	Default T // what holds until the retailer has said otherwise
}

func (s Settings[T]) register(a *App) {
	a.declare("part", "settings", a.module.Descriptor.Settings)
	a.module.Descriptor.Settings = true
}

// Get returns the settings as they are in this operation. Fields that the
// retailer left out have the value of Default.
func (s Settings[T]) Get(in Scope) T {
	x, v := in.context(), s.Default
	if out := x.must(x.port.Call(hostcall.Settings, nil)); len(out) > 0 {
		if err := decode(x, string(out), &v); err != nil {
			panic(within("decode the settings", err))
		}
	}
	return v
}
