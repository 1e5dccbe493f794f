// Package device knows what may become of a payment through a card terminal and of a
// document on a fiscal device, whatever order news of them comes in. It is two tables:
// it knows neither terminals nor where anything lies, and it reads no clock.
package device

// State says what is certain of a payment.
type State string

// The states.
const (
	Asked       State = "asked"
	Authorised  State = "authorised"
	Refused     State = "refused"
	Unknown     State = "unknown"
	Taken       State = "taken"
	Captured    State = "captured"
	Uncollected State = "uncollected"
	Reversing   State = "reversing"
	Reversed    State = "reversed"
	Refunding   State = "refunding"
	Refunded    State = "refunded"
)

// Action is what a terminal is asked for.
type Action string

// The actions.
const (
	Authorise Action = "authorise"
	Status    Action = "status"
	Capture   Action = "capture"
	Reverse   Action = "reverse"
	Refund    Action = "refund"
)

// Outcome is what a terminal answers.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "done"
	No     Outcome = "refused"
	Silent Outcome = "unknown"
)

// Troubles of the till's own making.
const (
	NoDriver     = "driver"      // nobody drives the device
	NotCollected = "uncollected" // what a refund would give back was never captured
)

// Passes says whether a trouble may pass by itself, or by what somebody does at the device:
// then it is worth asking again.
func Passes(trouble string) bool {
	switch trouble {
	case "offline", "unknown", "busy", "paper", "cover", NoDriver:
		return true
	}
	return false
}

// Payment is what is known of a payment or refund. The zero value is none.
type Payment struct {
	State   State
	Action  Action // that the terminal is to do, "" for nothing
	Trouble string // why it did not, or did not answer; of a refused payment why
}

// Open says whether somebody still has to do something.
func (p Payment) Open() bool {
	switch p.State {
	case Refused, Captured, Uncollected, Reversed, Refunded:
		return false
	}
	return true
}

// Told is a payment after its terminal has answered. News that comes late, twice or out of
// order changes nothing, but one: money that turns out to be held for a payment which
// nobody wants any more is let go.
func (p Payment) Told(a Action, o Outcome, reason string) Payment {
	switch {
	case a == Authorise || a == Status:
		return p.authorised(o, reason)
	case a != p.Action:
		return p
	case o != Done:
		p.Trouble = reason
		return p
	case p.State == Taken:
		return Payment{State: Captured}
	case p.State == Reversing:
		return Payment{State: Reversed}
	case p.State == Refunding:
		return Payment{State: Refunded}
	}
	return p
}

func (p Payment) authorised(o Outcome, reason string) Payment {
	waits := p.State == Asked || p.State == Unknown
	switch {
	case o == Done && waits:
		return Payment{State: Authorised}
	case o == Done && (p.State == Refused || p.State == Reversed):
		return Payment{State: Reversing, Action: Reverse}
	case o == No && waits:
		return Payment{State: Refused, Trouble: reason}
	case o == Silent && waits:
		return Payment{State: Unknown, Trouble: reason}
	}
	return p
}

// Take is a payment that a sale takes; false if it is not there to be taken.
func (p Payment) Take() (Payment, bool) {
	if p.State != Authorised {
		return p, false
	}
	return Payment{State: Taken, Action: Capture}, true
}

// GiveUp is a payment that nobody wants any more; false if a sale has it, or it is over.
func (p Payment) GiveUp() (Payment, bool) {
	if p.State != Asked && p.State != Unknown && p.State != Authorised {
		return p, false
	}
	return Payment{State: Reversing, Action: Reverse}, true
}

// Again is a payment whose terminal is asked once more; false if there is nothing to ask.
// That harms nothing where it was not answered yet: the key is the same.
func (p Payment) Again() (Payment, bool) {
	if p.State == Unknown {
		return Payment{State: Unknown, Action: Status}, true
	}
	p.Trouble = ""
	return p, p.Action != ""
}

// Settle is a payment of which a person says what became of it; false if it cannot have.
// Where the terminal may still answer, nobody speaks for it.
func (p Payment) Settle(to State) (Payment, bool) {
	ends := map[State][]State{
		Unknown: {Authorised, Refused}, Taken: {Captured, Uncollected}, Reversing: {Reversed}, Refunding: {Refunded},
	}
	for _, end := range ends[p.State] {
		if end == to && p.Trouble != "" {
			return Payment{State: to}, true
		}
	}
	return p, false
}

// GiveBack is a refund of a payment: at once if that was captured, else when it is.
func GiveBack(original State) Payment {
	switch original {
	case Captured:
		return Payment{State: Refunding, Action: Refund}
	case Taken:
		return Payment{State: Refunding}
	}
	return Payment{State: Refunding, Trouble: NotCollected}
}
