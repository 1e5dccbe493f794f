package conformance

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// refusalCases: what the host does not let an app do.
func refusalCases() []testCase {
	return []testCase{
		{name: "an app on the stack cannot be called again", run: reentrant},
		{name: "a call needs a grant", setup: func() Setup { return Setup{Revoked: []string{beta.Do.Name}} }, run: grant},
		{name: "an operation that nobody provides", run: unknownOperation},
		{name: "a query cannot write", run: readOnly},
		{name: "input that does not decode", run: malformedInput},
	}
}

func reentrant(r *rig) {
	for _, query := range []bool{false, true} {
		got := r.do(
			own(put(item("a"))),
			alpha.Step{Beta: &beta.Script{Steps: []beta.Step{{Back: &beta.Back{Query: query}, Catch: true}}}},
		)
		r.failed("A to B to A", got[1].Nested[0].Error, sdk.CodeDenied, abi.ReasonReentrant)
	}
	got := r.ask(alpha.Step{BetaAsk: &beta.Script{Steps: []beta.Step{{Back: &beta.Back{Query: true}, Catch: true}}}})
	r.failed("A to B to A in a query", got[0].Nested[0].Error, sdk.CodeDenied, abi.ReasonReentrant)
	r.fails(sdk.CodeDenied, abi.ReasonReentrant, own(put(item("b"))), alpha.Step{Beta: &beta.Script{Steps: []beta.Step{{Back: &beta.Back{}}}}})
	r.ids("a", script.Range{})
	same(r.t, "beta alone may call alpha", callBeta(r, beta.Step{Back: &beta.Back{}}), nil)
}

// callBeta calls beta from the edge.
func callBeta(r *rig, steps ...beta.Step) *sdk.Error {
	_, err := call(r, beta.Do.Name, beta.Script{Steps: steps}, script.Answer{})
	return err
}

func grant(r *rig) {
	r.fails(sdk.CodeDenied, abi.ReasonGrant, own(put(item("a"))), inBeta(put(item("b"))))
	got := r.do(caught(inBeta(put(item("b")))), betaAsk(get("b")))
	r.failed("beta.do", got[0].Error, sdk.CodeDenied, abi.ReasonGrant)
	same(r.t, "beta.ask, which is granted", got[1].Nested[0].Found, []bool{false})
	same(r.t, "beta.do from the edge", callBeta(r), nil)
}

func unknownOperation(r *rig) {
	r.fails(sdk.CodeNotFound, abi.ReasonOperation, alpha.Step{Missing: &script.Nothing{}})
	_, err := call(r, "alpha.nothing", script.Nothing{}, script.Nothing{})
	r.failed("alpha.nothing", script.Describe(asError(err)), sdk.CodeNotFound, abi.ReasonOperation)
}

// readOnly drives the host calls of a command from a query: types prevent it,
// but types are the guest's.
func readOnly(r *rig) {
	r.do(own(put(item("a"))), inBeta(put(item("b"))))
	before := len(r.h.Events())
	for name, step := range map[string]alpha.Step{
		"put":            own(put(item("c"))),
		"insert":         own(insert(item("c"))),
		"delete":         own(remove("a")),
		"add":            own(add("n", 1, 0, 9)),
		"emit":           own(emit(item("c"))),
		"schedule":       own(schedule("w", 5e12)),
		"command":        inBeta(remove("b")),
		"command slot":   pay("beta", remove("b")),
		"bulk, uncaught": own(script.Step{Bulk: &script.Bulk{Puts: 1, ID: "c"}}),
	} {
		_, err := call(r, alpha.Ask.Name, alpha.Script{Forge: true, Steps: []alpha.Step{step}}, alpha.Answer{})
		r.failed(name, script.Describe(asError(err)), sdk.CodeDenied, abi.ReasonReadOnly)
	}
	r.ids("a", script.Range{})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{true})
	same(r.t, "counter", r.own(count("n")).Number, 0)
	same(r.t, "events", len(r.h.Events()), before)
	same(r.t, "timers", len(r.h.Timers()), 0)
}

func malformedInput(r *rig) {
	for _, input := range [][]byte{{}, {0xc1}, {0x81}, {0x81, 0xa5, 's', 't', 'e', 'p', 's', 0x01}, {0x80, 0x80}} {
		_, err := r.h.Call(alpha.Do.Name, input)
		r.failed("malformed input", script.Describe(err), sdk.CodeInvalid, abi.ReasonMalformed)
	}
	_, err := r.h.Call(alpha.Do.Name, []byte{0x81, 0xa5, 'o', 't', 'h', 'e', 'r', 0xc0})
	same(r.t, "a field that the guest does not know", err, nil)
}
