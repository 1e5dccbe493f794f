package sdktest

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// call runs another contract's operation in this transaction.
func (p *port) call(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseInvoke(in))
	if err != nil {
		return nil, err
	}
	t, ok := p.op.env.registry.operations[f.Name]
	switch {
	case !ok:
		return nil, failure(abi.NotFound, abi.ReasonOperation, "no enabled app answers "+f.Name)
	case !p.app.mayCall(f.Name):
		return nil, failure(abi.Denied, abi.ReasonGrant, p.app.id+" is not granted "+f.Name)
	case p.readOnly && t.writes():
		return nil, failure(abi.Denied, abi.ReasonReadOnly, "a query cannot run the command "+f.Name)
	}
	return p.nest(t, f.Name, f.Input)
}

// nest runs a handler as a call of this app.
func (p *port) nest(t target, name string, in []byte) ([]byte, *abi.Error) {
	if e := p.op.env.Faults.failing(name, t.app.id); e != nil {
		return nil, e
	}
	return p.op.enter(t, p.app, p.readOnly, in)
}

// slot reads the frame of a call of one of the app's own slots.
func (p *port) slot(in []byte) (abi.Invoke, *abi.Error) {
	f, err := frame(abi.ParseInvoke(in))
	if err != nil {
		return f, err
	}
	return f, p.owns(f.Name)
}

func (p *port) owns(slot string) *abi.Error {
	if contractOf(slot) != p.app.contract {
		return failure(abi.Denied, abi.ReasonGrant, slot+" is not a slot of "+p.app.id)
	}
	return nil
}

// each asks all fillers of a query slot. One that fails is an answer like
// another.
func (p *port) each(in []byte) ([]byte, *abi.Error) {
	f, err := p.slot(in)
	if err != nil {
		return nil, err
	}
	var answers []abi.Answer
	for _, t := range p.op.env.registry.queryFills[f.Name] {
		a := abi.Answer{Filler: t.app.id}
		if a.Output, err = p.nest(t, f.Name, f.Input); err != nil {
			a.Code, a.Output = err.Code, err.Append(nil)
		}
		answers = append(answers, a)
	}
	return abi.AppendAnswers(nil, answers), nil
}

// one runs the filler of a key of a command slot.
func (p *port) one(in []byte) ([]byte, *abi.Error) {
	f, err := p.slot(in)
	if err != nil {
		return nil, err
	}
	t, ok := p.op.env.registry.fills[f.Name][f.Key]
	if !ok {
		return nil, failure(abi.NotFound, abi.ReasonFiller, "nothing fills "+f.Name+" for "+f.Key)
	}
	return p.nest(t, f.Name, f.Input)
}

func (p *port) fillers(in []byte) ([]byte, *abi.Error) {
	d := abi.NewDecoder(in)
	name := d.String()
	if _, err := frame(name, d.Done()); err != nil {
		return nil, err
	}
	if err := p.owns(name); err != nil {
		return nil, err
	}
	var keys []string
	for key := range p.op.env.registry.fills[name] {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return abi.AppendStrings(nil, keys), nil
}
