// Package app is beta: it plays scripts on its own data, fills alpha's slots
// and calls alpha back.
package app

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/internal/play"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// New is beta.
func New() *sdk.App {
	return sdk.NewApp("beta", append(play.Parts(),
		beta.Do.Handle(do),
		beta.Ask.Handle(ask),
		alpha.Opinions.Fill(opinion),
		alpha.Pay.Fill("beta", pay),
		alpha.Noted.On(func(*sdk.Tx, script.Item) error { return nil }).Replayable().AlsoReplayed(),
	)...)
}

func do(tx *sdk.Tx, in beta.Script) (script.Answer, error) {
	return each(in.Steps, func(s *beta.Step) (script.Result, error) {
		switch {
		case s.Do != nil:
			return one(play.Tx(tx, beta.Noted, []script.Step{*s.Do}))
		case s.Back != nil && s.Back.Query:
			_, err := alpha.Ask.Call(tx, alpha.Script{})
			return script.Result{}, err
		}
		_, err := alpha.Do.Call(tx, alpha.Script{})
		return script.Result{}, err
	})
}

func ask(v *sdk.View, in beta.Script) (script.Answer, error) {
	return each(in.Steps, func(s *beta.Step) (script.Result, error) {
		if s.Do != nil {
			return one(play.View(v, []script.Step{*s.Do}))
		}
		_, err := alpha.Ask.Call(v, alpha.Script{})
		return script.Result{}, err
	})
}

func opinion(v *sdk.View, in script.Script) (script.Answer, error) {
	results, err := play.View(v, in.Steps)
	return script.Answer{Results: results}, err
}

func pay(tx *sdk.Tx, in script.Script) (script.Answer, error) {
	results, err := play.Tx(tx, beta.Noted, in.Steps)
	return script.Answer{Results: results}, err
}

// one is the result of a script of one step.
func one(results []script.Result, err error) (script.Result, error) {
	if err != nil {
		return script.Result{}, err
	}
	return results[0], nil
}

func each(steps []beta.Step, play func(*beta.Step) (script.Result, error)) (out script.Answer, err error) {
	out.Results = make([]script.Result, len(steps))
	for i := range steps {
		s := &steps[i]
		if out.Results[i], err = play(s); err != nil && !s.Catch {
			return out, err
		}
		if err != nil {
			out.Results[i].Error = script.Describe(err)
		}
	}
	return out, nil
}
