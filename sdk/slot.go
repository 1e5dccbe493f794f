package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// QuerySlot is an extension point that only reads: every filler is asked, and
// one that fails is skipped and reported.
type QuerySlot[In, Out any] struct {
	Name string // contract.slot
}

// Fill makes fn this app's filler of the slot.
func (s QuerySlot[In, Out]) Fill(fn func(v *View, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.Entry{Kind: abi.EntryQueryFill, Name: s.Name}, onView(fn)) })
}

// Filled is what one filler answered: Out, or Err.
type Filled[Out any] struct {
	Filler string // app id
	Out    Out
	Err    error // an *Error, nil if the filler answered
}

// Each asks every filler, in the order of their ids.
func (s QuerySlot[In, Out]) Each(r Reader, in In) ([]Filled[Out], error) {
	c := r.context()
	input, err := encode(c, &in, s.Name)
	if err != nil {
		return nil, err
	}
	i := abi.Invoke{Name: s.Name, Input: input}
	out, code := c.send(hostcall.Each, i.Append(c.frame()))
	if err = outcome(out, code); err != nil {
		return nil, err
	}
	answers, err := abi.ParseAnswers(out)
	if err != nil {
		return nil, within("decode the answers of "+s.Name, err)
	}
	filled := make([]Filled[Out], len(answers))
	for i, a := range answers {
		filled[i].Filler = a.Filler
		if filled[i].Err = outcome(a.Output, a.Code); filled[i].Err == nil {
			filled[i].Err = decode(c, string(a.Output), &filled[i].Out)
		}
	}
	return filled, nil
}

// Fillers lists the ids of the apps that fill the slot, sorted. Who asks first need
// not work out an input that nobody would see.
func (s QuerySlot[In, Out]) Fillers(r Reader) []string { return fillersOf(r, s.Name) }

// CommandSlot is an extension point that may write: the caller names one
// filler by its key.
type CommandSlot[In, Out any] struct {
	Name string // contract.slot
}

// Fill makes fn this app's filler of the slot under a key, unique among the
// enabled apps.
func (s CommandSlot[In, Out]) Fill(key string, fn func(tx *Tx, in In) (Out, error)) Part {
	return part(func(a *App) { a.handle(abi.Entry{Kind: abi.EntryFill, Name: s.Name, Key: key}, onTx(fn)) })
}

// One runs the filler of a key in the caller's transaction, with the rules of
// Command.Call. Errors: not_found, reason "filler", if nobody fills it.
func (s CommandSlot[In, Out]) One(tx *Tx, key string, in In) (Out, error) {
	return invoke[In, Out](&tx.c, hostcall.One, s.Name, key, &in)
}

// Keys lists the keys that are filled, sorted.
func (s CommandSlot[In, Out]) Keys(r Reader) []string { return fillersOf(r, s.Name) }

func fillersOf(r Reader, slot string) []string {
	c := r.context()
	keys, err := abi.ParseStrings(c.must(c.send(hostcall.Fillers, abi.AppendString(c.frame(), slot))))
	if err != nil {
		panic(err)
	}
	return keys
}
