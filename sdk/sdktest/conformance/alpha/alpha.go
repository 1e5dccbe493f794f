// Package alpha is the contract of the guest that conformance calls from the
// edge.
package alpha

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// Script is a list of steps in alpha.
type Script struct {
	Steps []Step `json:"steps"`
	Forge bool   `json:"forge"` // in a query: play the steps as if in a command
}

// Step is one thing to do: one pointer is set.
type Step struct {
	Catch bool `json:"catch"` // an error of another app is a result

	Do       *script.Step    `json:"do,omitempty"`
	Beta     *beta.Script    `json:"beta,omitempty"`     // as a command
	BetaAsk  *beta.Script    `json:"beta_ask,omitempty"` // as a query
	Opinions *script.Script  `json:"opinions,omitempty"` // of all fillers
	Pay      *Payment        `json:"pay,omitempty"`
	Price    *Price          `json:"price,omitempty"`   // to emit
	Keys     *script.Nothing `json:"keys,omitempty"`    // under which Pay is filled
	Missing  *script.Nothing `json:"missing,omitempty"` // an operation that nobody provides
}

// Payment is a script for the filler of a key.
type Payment struct {
	Key    string        `json:"key"`
	Script script.Script `json:"script"`
}

// Answer has a result per step.
type Answer struct {
	Results []Result `json:"results"`
}

// Result is what a step found.
type Result struct {
	Own      script.Result   `json:"own"`
	Nested   []script.Result `json:"nested"`
	Opinions []Opinion       `json:"opinions"`
	Error    *script.Failure `json:"error,omitempty"`
}

// Opinion is the answer of one filler.
type Opinion struct {
	Filler  string          `json:"filler"`
	Results []script.Result `json:"results"`
	Error   *script.Failure `json:"error,omitempty"`
}

// Do plays a script in a command.
var Do = sdk.Command[Script, Answer]{Name: "alpha.do"}

// Ask plays a script in a query.
var Ask = sdk.Query[Script, Answer]{Name: "alpha.ask"}

// Echo answers with what it was asked.
var Echo = sdk.Query[script.Script, script.Script]{Name: "alpha.echo"}

// Noted is what Emit emits.
var Noted = sdk.Event[script.Item]{Name: "alpha.noted", Key: func(x *script.Item) string { return x.ID }}

// Opinions is a slot that only reads. Alpha fills it too, and is refused: it is
// on the stack when it asks.
var Opinions = sdk.QuerySlot[script.Script, script.Answer]{Name: "alpha.opinions"}

// Pay is a slot that writes.
var Pay = sdk.CommandSlot[script.Script, script.Answer]{Name: "alpha.pay"}
