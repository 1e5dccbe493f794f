package sdk

import (
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

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
