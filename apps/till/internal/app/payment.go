package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/device"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// payments holds what goes through card terminals. A record is read and written by whatever
// happens to its payment, so that one sale takes it.
var payments = sdk.Collection[payment]{
	Name: "payments", Key: []string{"id"},
	Indexes: []sdk.Index{
		{Name: "by_key", Fields: []string{"key"}, Unique: true},
		{Name: "open", Fields: []string{"open", "asked", "id"}},
		{Name: "waiting", Fields: []string{"waits_for", "id"}},
	},
}

// payment is one as it is kept.
type payment struct {
	ID       string           `json:"id"`
	Key      string           `json:"key,omitempty"`       // store/till/caller's key; of a refund none
	Open     retail.StoreID   `json:"open,omitempty"`      // store, until it is over
	WaitsFor string           `json:"waits_for,omitempty"` // payment that is to be captured before this is refunded
	Asked    retail.Instant   `json:"asked"`
	Is       till.CardPayment `json:"is"`
}

var (
	// expiry gives up what no sale has taken.
	expiry = sdk.Timer[till.PaymentID]{Name: "payment_expiry"}
	// reminder asks a terminal again that was silent.
	reminder = sdk.Timer[till.PaymentID]{Name: "payment_reminder"}
)

// patience is how long a customer stands at a terminal: an authorisation that could not be
// asked for by then, because the host was down, is not asked for any more.
const patience = 3 * 60_000

func authorise(tx *sdk.Tx, in till.AuthoriseIn) (till.CardPayment, error) {
	if err := askable(&in); err != nil {
		return till.CardPayment{}, err
	}
	key := string(in.Store) + "/" + in.Till + "/" + in.Key
	if p, ok := payments.Find(tx, "by_key", sdk.K(key)); ok {
		if p.Is.Amount != in.Amount || p.Is.Currency != in.Currency {
			return till.CardPayment{}, &sdk.Error{Code: sdk.CodeConflict, Reason: "key", Message: "This key has asked for another amount.", Pointer: "/key"}
		}
		return p.Is, nil
	}
	set := settings.Get(tx)
	rule := set.devices(in.Store, in.Till)
	if rule == nil || rule.Terminal == "" {
		return till.CardPayment{}, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "no_terminal", Message: "The settings name no terminal for this till.", Pointer: "/till"}
	}
	id := tx.NewID()
	p := payment{ID: id, Key: key, Asked: tx.Now(), Is: till.CardPayment{
		ID: id, Kind: till.CardSale, Store: in.Store, Till: in.Till, Driver: rule.Terminal, Terminal: named(rule.TerminalID, in.Store, in.Till),
		Key: in.Key, Amount: in.Amount, Currency: in.Currency, Asked: tx.Now(),
	}}
	if err := expiry.Schedule(tx, id, tx.Now()+retail.Instant(max(set.HoldMinutes, 1)*60_000), till.PaymentID{Payment: id}); err != nil {
		return till.CardPayment{}, err
	}
	if err := p.become(tx, device.Payment{State: device.Asked, Action: device.Authorise}); err != nil {
		return till.CardPayment{}, err
	}
	if p.Is.Trouble == device.NoDriver {
		return till.CardPayment{}, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "driver", Message: "No app drives the terminal " + rule.Terminal + ".", Pointer: "/till"}
	}
	return p.Is, nil
}

// askable checks what is asked of a terminal.
func askable(in *till.AuthoriseIn) error {
	if err := identity(in.Store, in.Till, "terminal"); err != nil {
		return err
	}
	switch {
	case in.Key == "" || len(in.Key) > 64:
		return sdk.Invalid("/key", "key", "A key has 1 to 64 characters.")
	case in.Amount <= 0 || in.Amount > maxCash:
		return sdk.Invalid("/amount", "amount", "An amount is above zero.")
	case len(in.Currency) != 3:
		return sdk.Invalid("/currency", "currency", "A currency has three letters.")
	}
	return nil
}

// machine is a payment as the tables of package device see it.
func (p *payment) machine() device.Payment {
	return device.Payment{State: device.State(p.Is.State), Action: device.Action(p.Is.Action), Trouble: p.Is.Trouble}
}

// become writes what a payment has become, asks its terminal if there is something to ask,
// and tells. A terminal that nobody drives is a trouble and no error: what has happened at
// the counter has happened.
func (p *payment) become(tx *sdk.Tx, to device.Payment) error {
	if to.Action != "" && to.Trouble == "" {
		if err := p.ask(tx, to.Action); err != nil {
			to.Trouble = device.NoDriver
		}
	}
	p.Is.State, p.Is.Action, p.Is.Trouble = till.PaymentState(to.State), till.TerminalAction(to.Action), to.Trouble
	p.Is.Changed, p.Open = tx.Now(), ""
	if to.Open() {
		p.Open = p.Is.Store
	}
	if err := payments.Put(tx, *p); err != nil {
		return err
	}
	if err := p.remind(tx); err != nil {
		return err
	}
	return till.PaymentChanged.Emit(tx, p.Is)
}

// ask starts an action of the terminal.
func (p *payment) ask(tx *sdk.Tx, action device.Action) error {
	_, err := till.Terminal.One(tx, p.Is.Driver, till.TerminalIn{
		Payment: p.ID, Action: till.TerminalAction(action), Terminal: p.Is.Terminal, Store: p.Is.Store, Till: p.Is.Till,
		Amount: p.Is.Amount, Currency: p.Is.Currency, Original: p.Is.Original, Until: p.Asked + patience,
	})
	return err
}

// paymentOf is a payment that who acts may see.
func paymentOf(r sdk.Reader, id string) (payment, error) {
	p, ok := payments.Get(r, sdk.K(id))
	if !ok {
		return p, &sdk.Error{Code: sdk.CodeNotFound, Reason: "payment", Message: "There is no such payment.", Pointer: "/payment"}
	}
	if !sdk.MayStore(r, p.Is.Store) {
		return payment{}, otherStore("/payment")
	}
	return p, nil
}

func getPayment(v *sdk.View, in till.PaymentID) (till.CardPayment, error) {
	p, err := paymentOf(v, in.Payment)
	return p.Is, err
}

func listPayments(v *sdk.View, in till.PaymentsIn) (till.PaymentsOut, error) {
	out := till.PaymentsOut{Payments: []till.CardPayment{}}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Payments are those of a store.")
	}
	for p := range payments.Scan(v, sdk.Scan{Index: "open", Prefix: sdk.K(in.Store), Limit: till.MaxPage}) {
		out.Payments = append(out.Payments, p.Is)
	}
	return out, nil
}

func reverse(tx *sdk.Tx, in till.PaymentID) (till.CardPayment, error) {
	return change(tx, in.Payment, device.Payment.GiveUp)
}

func askAgain(tx *sdk.Tx, in till.PaymentID) (till.CardPayment, error) {
	return change(tx, in.Payment, device.Payment.Again)
}

// change moves a payment along its table.
func change(tx *sdk.Tx, id string, by func(device.Payment) (device.Payment, bool)) (till.CardPayment, error) {
	p, err := paymentOf(tx, id)
	if err != nil {
		return till.CardPayment{}, err
	}
	to, ok := by(p.machine())
	if !ok {
		return till.CardPayment{}, inState(&p)
	}
	err = p.become(tx, to)
	return p.Is, err
}

func inState(p *payment) error {
	return &sdk.Error{
		Code: sdk.CodeFailedPrecondition, Reason: "payment_state", Pointer: "/payment",
		Message: "The payment is " + string(p.Is.State) + ".", Fields: []sdk.Field{sdk.Text("state", string(p.Is.State))},
	}
}

func settlePayment(tx *sdk.Tx, in till.SettlePaymentIn) (till.CardPayment, error) {
	p, err := paymentOf(tx, in.Payment)
	if err != nil {
		return till.CardPayment{}, err
	}
	to, ok := p.machine().Settle(device.State(in.State))
	switch {
	case in.Reason == "" || len(in.Reason) > 200:
		return till.CardPayment{}, sdk.Invalid("/reason", "reason", "Say in 1 to 200 characters where that stands.")
	case !ok && to.Trouble == "":
		return till.CardPayment{}, inState(&p)
	case !ok:
		return till.CardPayment{}, sdk.Invalid("/state", "state", "A payment that is "+string(p.Is.State)+" cannot become this.")
	case to.State == device.Authorised && (in.Authorisation == "" || len(in.Authorisation) > 64):
		return till.CardPayment{}, sdk.Invalid("/authorisation", "authorisation", "The slip has the code of the authorisation.")
	}
	if to.State == device.Authorised {
		p.Is.Authorisation = in.Authorisation
	}
	p.Is.SettledBy, p.Is.SettledReason = tx.Info().Principal, in.Reason
	if err := p.become(tx, to); err != nil {
		return till.CardPayment{}, err
	}
	return p.Is, releaseRefunds(tx, &p)
}
