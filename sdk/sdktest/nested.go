package sdktest

import (
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
	case p.bounded(f.Name, t, f.Input) != "":
		e := failure(abi.Denied, abi.ReasonGrantBound, p.app.id+" is granted "+f.Name+" within bounds only")
		e.Fields = []abi.Field{{Name: "bound", Text: p.bounded(f.Name, t, f.Input)}}
		return nil, e
	case p.readOnly && t.writes():
		return nil, failure(abi.Denied, abi.ReasonReadOnly, "a query cannot run the command "+f.Name)
	}
	return p.nest(t, f.Name, nesting{readOnly: p.readOnly}, f.Input)
}

// nest runs a handler as a call of this app.
func (p *port) nest(t target, name string, n nesting, in []byte) ([]byte, *abi.Error) {
	if p.op.task.replayed() {
		return nil, failure(abi.Denied, abi.ReasonReplay, "while old events are handled no other app is called")
	}
	if e := p.op.env.Faults.failing(name, t.app.id); e != nil {
		return nil, e
	}
	return p.op.enter(t, p.app, n, in)
}

// ask calls one filler of a query slot with an allowance of its own of all that
// it could use up for its caller. If the allowance ends it, and not the
// operation's, that is an error like another.
func (p *port) ask(t target, slot string, in []byte) (out []byte, err *abi.Error) {
	op := p.op
	give, undo := op.allow(), op.save()
	defer func() {
		give()
		if op.spent != nil && op.used.calls <= op.most.calls {
			if r := recover(); r != nil && r != (spent{}) {
				panic(r)
			}
			out, err, op.spent = nil, op.spent, nil
			undo()
		}
	}()
	return p.nest(t, slot, nesting{readOnly: true, slot: slot}, in)
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
		if a.Output, err = p.ask(t, f.Name, f.Input); err != nil {
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
	return p.nest(t, f.Name, nesting{slot: f.Name}, f.Input)
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
	return abi.AppendStrings(nil, p.op.env.Fillers(name)), nil
}
