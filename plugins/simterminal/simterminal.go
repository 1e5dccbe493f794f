// Package simterminal drives the simulated card terminals of `bottega devices`. It owns no
// data: it fills the slot till.terminal, asks the terminal outside of the transaction, and
// tells the till what came of it. A driver of real terminals is no more than this with
// another protocol.
package simterminal

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/plugins/simwire"
	"github.com/bottega-retail/bottega/sdk"
)

// Driver is the key under which the settings of the till name it.
const Driver = "simterminal"

// answer is what came of an action.
type answer struct {
	Outcome       till.TerminalOutcome `json:"outcome"`
	Reason        string               `json:"reason,omitempty"`
	Authorisation string               `json:"authorisation,omitempty"`
	Card          string               `json:"card,omitempty"`
}

var action = sdk.Effect[till.TerminalIn, answer]{Name: "action"}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("simterminal",
		till.Terminal.Fill(Driver, start),
		action.Handle(act, acted),
	)
}

// start has the terminal asked when the till's transaction has committed.
func start(tx *sdk.Tx, in till.TerminalIn) (sdk.None, error) {
	return sdk.None{}, action.Start(tx, in.Payment+"/"+string(in.Action), in)
}

// act asks the terminal. From the second attempt on an authorisation is asked for only if
// the terminal has never heard of it and the customer still stands there.
func act(o *sdk.Outside, in till.TerminalIn) (answer, error) {
	path := simwire.Path("terminals", in.Terminal, "payments", in.Payment)
	late := o.Now() > in.Until
	if in.Action == till.DoStatus || in.Action == till.DoAuthorise && (late || o.Info().Attempt > 1) {
		a, err := simwire.Get(o, path)
		switch {
		case err != nil:
			return unanswered(o, err)
		case a.Status != 404:
			return became(&a), nil
		case late || in.Action == till.DoStatus:
			return answer{Outcome: till.OutcomeRefused, Reason: "not_asked"}, nil
		}
	}
	var f simwire.Form
	f.Int("amount", int64(in.Amount))
	f.Text("currency", string(in.Currency))
	f.Text("original", in.Original)
	a, err := simwire.Post(o, path+"/"+string(in.Action), f)
	switch {
	case err != nil:
		return unanswered(o, err)
	case a.Status == 200:
		return answer{Outcome: till.OutcomeDone, Authorisation: a.Text("authorisation"), Card: a.Text("card")}, nil
	}
	return answer{Outcome: till.OutcomeRefused, Reason: a.Text("reason")}, nil
}

// became reads what became of an authorisation.
func became(a *simwire.Answer) answer {
	switch state := a.Text("state"); state {
	case "authorised", "captured":
		return answer{Outcome: till.OutcomeDone, Authorisation: a.Text("authorisation"), Card: a.Text("card")}
	case "refused":
		return answer{Outcome: till.OutcomeRefused, Reason: a.Text("reason")}
	default:
		return answer{Outcome: till.OutcomeRefused, Reason: state}
	}
}

// unanswered has the host try again, and after some attempts says that nobody knows.
func unanswered(o *sdk.Outside, err error) (answer, error) {
	if sdk.CodeOf(err) == sdk.CodeUnavailable && o.Info().Attempt < simwire.Patience {
		return answer{}, err
	}
	return answer{Outcome: till.OutcomeUnknown, Reason: "offline"}, nil
}

// acted tells the till.
func acted(tx *sdk.Tx, in till.TerminalIn, out answer, err error) error {
	if err != nil {
		out = answer{Outcome: till.OutcomeUnknown, Reason: sdk.ReasonOf(err)}
	}
	_, err = till.ReportPayment.Call(tx, till.PaymentReport{
		Payment: in.Payment, Action: in.Action, Outcome: out.Outcome, Reason: out.Reason, Authorisation: out.Authorisation, Card: out.Card,
	})
	return err
}
