package sdktest

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Call asks a query from the edge, as an integrator does. The error is an
// *sdk.Error.
func Call[In, Out any](e *Env, query sdk.Query[In, Out], in In) (Out, error) {
	return edge[In, Out](e, query.Name, in)
}

// Run runs a command from the edge, as an integrator does: a transaction of
// its own. The error is an *sdk.Error, and then nothing has happened.
func Run[In, Out any](e *Env, command sdk.Command[In, Out], in In) (Out, error) {
	return edge[In, Out](e, command.Name, in)
}

func edge[In, Out any](e *Env, name string, in In) (out Out, err error) {
	answer, err := e.Invoke(name, encoded(e, name, in))
	if err != nil {
		return out, err
	}
	return decoded[Out](e, name, answer), nil
}

// Invoke is Call and Run without types: input and output are MessagePack.
func (e *Env) Invoke(operation string, input []byte) ([]byte, error) {
	t, ok := e.registry.operations[operation]
	if !ok {
		return nil, failure(abi.NotFound, abi.ReasonOperation, "no enabled app answers "+operation)
	}
	if err := e.authorize(t.app, operation, input); err != nil {
		return nil, err
	}
	out, err := e.run(task{as: e.principal, to: t, in: input})
	return out, asError(err)
}

// Fill asks the app under test as the filler of a query slot, and fails the
// test if it answers with an error; [Each] returns errors.
func Fill[In, Out any](e *Env, slot sdk.QuerySlot[In, Out], in In) (out Out) {
	t, ok := e.apps[0].entry(abi.EntryQueryFill, slot.Name)
	if !ok {
		e.fatal("sdktest.Fill: %s does not fill %s", e.apps[0].id, slot.Name)
	}
	answer, err := e.run(task{as: e.principal, to: t, in: encoded(e, slot.Name, in)})
	if err != nil {
		e.fatal("sdktest.Fill: %s answers %s with %v", e.apps[0].id, slot.Name, err)
		return out
	}
	return decoded[Out](e, slot.Name, answer)
}

// Each asks all fillers of a query slot, as its owner would.
func Each[In, Out any](e *Env, slot sdk.QuerySlot[In, Out], in In) []sdk.Filled[Out] {
	var out []sdk.Filled[Out]
	for _, t := range e.registry.queryFills[slot.Name] {
		answer, err := e.run(task{as: e.principal, to: t, in: encoded(e, slot.Name, in)})
		filled := sdk.Filled[Out]{Filler: t.app.id, Err: asError(err)}
		if err == nil {
			filled.Out = decoded[Out](e, slot.Name, answer)
		}
		out = append(out, filled)
	}
	return out
}

// One runs the filler of a command slot under a key, in a transaction of its
// own. The error is an *sdk.Error.
func One[In, Out any](e *Env, slot sdk.CommandSlot[In, Out], key string, in In) (out Out, err error) {
	t, ok := e.registry.fills[slot.Name][key]
	if !ok {
		return out, failure(abi.NotFound, abi.ReasonFiller, "nothing fills "+slot.Name+" for "+key)
	}
	answer, failed := e.run(task{as: e.principal, to: t, in: encoded(e, slot.Name, in)})
	if failed != nil {
		return out, failed
	}
	return decoded[Out](e, slot.Name, answer), nil
}

// Update runs fn as a command of the app under test, to fill its collections
// and to look into them. Its error is returned as it is and undoes all.
func (e *Env) Update(fn func(tx *sdk.Tx) error) error {
	var raw error
	return e.script(sdk.Command[sdk.None, sdk.None]{Name: "sdktest.update"}.Handle(
		func(tx *sdk.Tx, _ sdk.None) (sdk.None, error) {
			raw = fn(tx)
			return sdk.None{}, raw
		}), &raw)
}

// View runs fn as a query of the app under test.
func (e *Env) View(fn func(v *sdk.View) error) error {
	var raw error
	return e.script(sdk.Query[sdk.None, sdk.None]{Name: "sdktest.view"}.Handle(
		func(v *sdk.View, _ sdk.None) (sdk.None, error) {
			raw = fn(v)
			return sdk.None{}, raw
		}), &raw)
}

// script runs a test's own handler as the app under test.
func (e *Env) script(handler sdk.Part, raw *error) error {
	m := sdk.NewApp("sdktest", handler).Module()
	t := target{app: e.apps[0], kind: m.Descriptor.Entries[0].Kind, handler: m.Handlers[0]}
	_, err := e.run(task{as: e.principal, to: t, in: encoded(e, "nothing", sdk.None{})})
	if err != nil && *raw != nil {
		return *raw
	}
	return asError(err)
}

// Fillers are the ids of the apps that fill a query slot, or the keys under
// which a command slot is filled, sorted.
func (e *Env) Fillers(slot string) []string {
	var out []string
	for _, t := range e.registry.queryFills[slot] {
		out = append(out, t.app.id)
	}
	for key := range e.registry.fills[slot] {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}
