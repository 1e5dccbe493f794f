package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/device"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reportPayment hears what a terminal did. The driver is an app: people settle.
func reportPayment(tx *sdk.Tx, in till.PaymentReport) (till.CardPayment, error) {
	if tx.Info().Caller == "" {
		return till.CardPayment{}, appsOnly()
	}
	switch {
	case in.Outcome != till.OutcomeDone && in.Outcome != till.OutcomeRefused && in.Outcome != till.OutcomeUnknown:
		return till.CardPayment{}, sdk.Invalid("/outcome", "outcome", "An outcome is done, refused or unknown.")
	case len(in.Reason) > 64 || len(in.Authorisation) > 64 || len(in.Card) > 8:
		return till.CardPayment{}, sdk.Invalid("/action", "action", "A report has a reason, an authorisation and the last digits of a card, in short.")
	}
	p, err := paymentOf(tx, in.Payment)
	if err != nil {
		return till.CardPayment{}, err
	}
	to := p.machine().Told(device.Action(in.Action), device.Outcome(in.Outcome), orUnknown(in.Reason))
	if to == p.machine() {
		return p.Is, nil
	}
	if in.Outcome == till.OutcomeDone && in.Authorisation != "" && p.Is.Kind == till.CardSale {
		p.Is.Authorisation, p.Is.Card = in.Authorisation, in.Card
	}
	if err := p.become(tx, to); err != nil {
		return till.CardPayment{}, err
	}
	return p.Is, releaseRefunds(tx, &p)
}

func orUnknown(reason string) string {
	if reason == "" {
		return string(till.OutcomeUnknown)
	}
	return reason
}

func appsOnly() error {
	return &sdk.Error{Code: sdk.CodeDenied, Reason: "apps_only", Message: "Drivers of devices report; people settle."}
}

// remind has a terminal asked again later, if what must be done was not for a reason that
// passes. What became of an authorisation is asked by people, until it is given up.
func (p *payment) remind(tx *sdk.Tx) error {
	if m := p.machine(); m.Action == "" || !device.Passes(m.Trouble) {
		return nil
	}
	set := settings.Get(tx)
	if set.DeviceRetry == 0 {
		return nil
	}
	return reminder.Schedule(tx, p.ID, tx.Now()+retail.Instant(set.DeviceRetry*60_000), till.PaymentID{Payment: p.ID})
}

// remember is the reminder's.
func remember(tx *sdk.Tx, in till.PaymentID) error {
	p, ok := payments.Get(tx, sdk.K(in.Payment))
	if !ok {
		return nil
	}
	if to, ok := p.machine().Again(); ok {
		return p.become(tx, to)
	}
	return nil
}

// expire is the expiry's: what was not taken by a sale by now is given up.
func expire(tx *sdk.Tx, in till.PaymentID) error {
	p, ok := payments.Get(tx, sdk.K(in.Payment))
	if !ok {
		return nil
	}
	if to, ok := p.machine().GiveUp(); ok {
		return p.become(tx, to)
	}
	return nil
}
