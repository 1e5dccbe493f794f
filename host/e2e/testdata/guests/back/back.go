// Package back is a guest of the host's own tests: it counts, and says which
// version of it does.
package back

import "github.com/bottega-retail/bottega/sdk"

// Nothing has no parameters.
type Nothing struct{}

// State is who answers, and what was counted.
type State struct {
	Version int64 `json:"version"`
	Count   int64 `json:"count"`
}

// Look answers the state.
var Look = sdk.Query[Nothing, State]{Name: "back.look"}

// Count counts one more.
var Count = sdk.Command[Nothing, State]{Name: "back.count"}
