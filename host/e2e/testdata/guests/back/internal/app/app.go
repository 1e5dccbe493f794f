// Package app is back, in any version.
package app

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/back"
	"github.com/bottega-retail/bottega/sdk"
)

type total struct {
	ID    string `json:"id"`
	Count int64  `json:"count"`
}

var totals = sdk.Collection[total]{Name: "totals", Key: []string{"id"}}

// Parts are what a version is made of.
func Parts(version int64) []sdk.Part {
	return []sdk.Part{
		totals,
		back.Look.Handle(func(v *sdk.View, _ back.Nothing) (back.State, error) {
			t, _ := totals.Get(v, sdk.K("all"))
			return back.State{Version: version, Count: t.Count}, nil
		}),
		back.Count.Handle(func(tx *sdk.Tx, _ back.Nothing) (back.State, error) {
			t, _ := totals.Get(tx, sdk.K("all"))
			t.ID, t.Count = "all", t.Count+1
			return back.State{Version: version, Count: t.Count}, totals.Put(tx, t)
		}),
	}
}
