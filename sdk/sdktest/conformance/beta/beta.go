// Package beta is the contract of the guest that conformance calls through
// alpha.
package beta

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// Script is a list of steps in beta.
type Script struct {
	Steps []Step `json:"steps"`
}

// Step is one thing to do: one pointer is set.
type Step struct {
	Catch bool         `json:"catch"` // of Back
	Do    *script.Step `json:"do,omitempty"`
	Back  *Back        `json:"back,omitempty"`
}

// Back calls alpha, which may be on the stack.
type Back struct {
	Query bool `json:"query"`
}

// Do plays a script in a command.
var Do = sdk.Command[Script, script.Answer]{Name: "beta.do"}

// Ask plays a script in a query.
var Ask = sdk.Query[Script, script.Answer]{Name: "beta.ask"}

// Noted is what Emit emits.
var Noted = sdk.Event[script.Item]{Name: "beta.noted", Key: func(x *script.Item) string { return x.ID }}
