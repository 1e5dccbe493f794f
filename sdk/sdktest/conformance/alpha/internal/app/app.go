// Package app is alpha: it plays scripts on its own data and through beta.
package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/internal/play"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// New is alpha.
func New() *sdk.App {
	return sdk.NewApp("alpha", append(play.Parts(),
		alpha.Do.Handle(do),
		alpha.Ask.Handle(ask),
		alpha.Echo.Handle(echo),
		alpha.Opinions.Fill(opinion),
		alpha.Noted.On(noted).Replayable(),
		alpha.Priced.On(priced),
	)...)
}

// noted writes down what it is told of the event that it hears, calls beta,
// rings, and says that it has heard.
func noted(tx *sdk.Tx, x script.Item) error {
	if x.Flag {
		return nil // it is its own
	}
	i := tx.Info()
	_, err := beta.Ask.Call(tx, beta.Script{})
	if err := play.Ring.Start(tx, x.ID, x); err != nil {
		return err
	}
	heard := script.Item{
		ID: "heard-" + x.ID, Group: i.Key, Rank: int64(i.Attempt), Code: i.Event, Flag: i.Replayed,
		Tags: []string{i.Principal, i.Caller, sdk.ReasonOf(err)}, About: strconv.FormatUint(i.Position, 10),
	}
	if err := play.Items.Put(tx, heard); err != nil {
		return err
	}
	return alpha.Noted.Emit(tx, script.Item{ID: heard.ID, Flag: true})
}

// priced writes down what it is told a price is now. Beta is called because it
// was built without alpha's contract, and is told nothing of versions.
func priced(tx *sdk.Tx, p alpha.Price) error {
	if _, err := beta.Ask.Call(tx, beta.Script{}); err != nil {
		return err
	}
	return play.Items.Put(tx, script.Item{ID: "priced-" + p.ID, Group: p.Amount.Currency, Rank: p.Amount.Minor, Code: tx.Info().Event})
}

// missing is provided by nobody.
var missing = sdk.Command[script.Nothing, script.Nothing]{Name: "gamma.missing"}

func do(tx *sdk.Tx, in alpha.Script) (alpha.Answer, error) {
	return each(in.Steps, func(s *alpha.Step) (alpha.Result, error) { return step(tx, s) })
}

func ask(v *sdk.View, in alpha.Script) (alpha.Answer, error) {
	if in.Forge {
		return do(play.Forge(v), in)
	}
	return each(in.Steps, func(s *alpha.Step) (alpha.Result, error) {
		if s.Do != nil {
			return own(play.View(v, []script.Step{*s.Do}))
		}
		return look(v, s)
	})
}

func echo(_ *sdk.View, in script.Script) (script.Script, error) { return in, nil }

func opinion(v *sdk.View, in script.Script) (script.Answer, error) {
	results, err := play.View(v, in.Steps)
	return script.Answer{Results: results}, err
}

// step plays one step in a command.
func step(tx *sdk.Tx, s *alpha.Step) (out alpha.Result, err error) {
	switch {
	case s.Do != nil:
		return own(play.Tx(tx, alpha.Noted, []script.Step{*s.Do}))
	case s.Beta != nil:
		a, err := beta.Do.Call(tx, *s.Beta)
		return alpha.Result{Nested: a.Results}, err
	case s.Pay != nil:
		a, err := alpha.Pay.One(tx, s.Pay.Key, s.Pay.Script)
		return alpha.Result{Nested: a.Results}, err
	case s.Price != nil:
		return out, alpha.Priced.Emit(tx, *s.Price)
	case s.Missing != nil:
		_, err := missing.Call(tx, script.Nothing{})
		return out, err
	}
	return look(tx, s)
}

// look plays one step that reads through others.
func look(r sdk.Reader, s *alpha.Step) (out alpha.Result, err error) {
	switch {
	case s.BetaAsk != nil:
		a, err := beta.Ask.Call(r, *s.BetaAsk)
		return alpha.Result{Nested: a.Results}, err
	case s.Keys != nil:
		out.Own.Texts = alpha.Pay.Keys(r)
		return out, nil
	case s.Opinions != nil:
		filled, err := alpha.Opinions.Each(r, *s.Opinions)
		for _, f := range filled {
			out.Opinions = append(out.Opinions, alpha.Opinion{Filler: f.Filler, Results: f.Out.Results, Error: script.Describe(f.Err)})
		}
		return out, err
	}
	return out, sdk.Invalid("", "step", "not a step of a query")
}

// own is the result of a script of one step on alpha's data.
func own(results []script.Result, err error) (alpha.Result, error) {
	if err != nil {
		return alpha.Result{}, err
	}
	return alpha.Result{Own: results[0]}, nil
}

func each(steps []alpha.Step, play func(*alpha.Step) (alpha.Result, error)) (out alpha.Answer, err error) {
	out.Results = make([]alpha.Result, len(steps))
	for i := range steps {
		s := &steps[i]
		if out.Results[i], err = play(s); err != nil && !s.Catch {
			return out, err
		}
		out.Results[i].Error = script.Describe(err)
	}
	return out, nil
}
