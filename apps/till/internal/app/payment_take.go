package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/device"
	"github.com/bottega-retail/bottega/sdk"
)

// takePayment has a sale take an authorisation, and the terminal capture it.
func takePayment(tx *sdk.Tx, r *till.Receipt, t *till.Payment, taken *till.Taken) error {
	p, err := paymentOf(tx, t.Payment)
	if err != nil {
		return err
	}
	if p.Is.Amount != t.Amount || p.Is.Currency != r.Currency || p.Is.Store != r.Store || p.Is.Kind != till.CardSale {
		return &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "payment_amount", Message: "The terminal was asked for another amount, or in another store.", Pointer: "/payment"}
	}
	to, ok := p.machine().Take()
	if !ok {
		return inState(&p)
	}
	p.Is.Document = r.ID
	taken.Reference, taken.Terminal, taken.Payment = p.Is.Authorisation, p.Is.Terminal, p.ID
	if err := expiry.Cancel(tx, p.ID); err != nil {
		return err
	}
	return p.become(tx, to)
}

// refundPayment has the terminal give back of a payment, at once or when it is captured.
func refundPayment(tx *sdk.Tx, r *till.Receipt, g *giving) (id string, err error) {
	original, ok := payments.Get(tx, sdk.K(g.payment))
	if !ok {
		return "", sdk.NotFound("payment", "The payment of the sale is gone.")
	}
	id = tx.NewID()
	p := payment{ID: id, Asked: tx.Now(), Is: till.CardPayment{
		ID: id, Kind: till.CardRefund, Store: r.Store, Till: r.Till, Driver: original.Is.Driver, Terminal: original.Is.Terminal,
		Amount: g.amount, Currency: r.Currency, Document: r.ID, Original: original.ID, Asked: tx.Now(),
	}}
	to := device.GiveBack(device.State(original.Is.State))
	if to.Action == "" && to.Trouble == "" {
		p.WaitsFor = original.ID
	}
	return id, p.become(tx, to)
}

// releaseRefunds lets refunds go on that waited for a payment to be captured.
func releaseRefunds(tx *sdk.Tx, captured *payment) error {
	if captured.Open != "" {
		return nil
	}
	var waiting []payment
	for p := range payments.Scan(tx, sdk.Scan{Index: "waiting", Prefix: sdk.K(captured.ID)}) {
		waiting = append(waiting, p)
	}
	for i := range waiting {
		p := &waiting[i]
		p.WaitsFor = ""
		if err := p.become(tx, device.GiveBack(device.State(captured.Is.State))); err != nil {
			return err
		}
	}
	return nil
}
