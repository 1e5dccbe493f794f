package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/apps/message/internal/delivery"
	"github.com/bottega-retail/bottega/sdk"
)

func getMessage(v *sdk.View, in message.Ref) (message.Message, error) {
	m, err := found(v, in.ID)
	return m.shown(), err
}

func found(r sdk.Reader, id string) (MessageRecord, error) {
	m, ok := messages.Get(r, sdk.K(id))
	if !ok {
		e := sdk.NotFound("message", "there is no message with this id")
		e.Pointer = "/id"
		return m, e
	}
	return m, nil
}

func list(v *sdk.View, in message.ListIn) (out message.ListOut, err error) {
	size := 50
	if in.Limit > 0 {
		size = int(min(in.Limit, message.MaxPage))
	}
	scan := sdk.Scan{Reverse: true, Limit: size + 1}
	switch {
	case in.Customer != "" && in.State != "":
		scan.Index, scan.Prefix = "customer_state", sdk.K(in.Customer).Text(string(in.State))
	case in.Customer != "":
		scan.Index, scan.Prefix = "customer", sdk.K(in.Customer)
	case in.State != "":
		scan.Index, scan.Prefix = "state", sdk.K(in.State)
	}
	if in.Cursor != "" {
		scan.To = sdk.K(in.Cursor)
	}
	for m := range messages.Scan(v, scan) {
		if len(out.Messages) == size {
			out.Cursor = out.Messages[size-1].ID
			break
		}
		m.Asked.Parameters, m.Asked.Texts = nil, nil // a page of them may be longer than an answer
		out.Messages = append(out.Messages, m.shown())
	}
	return out, nil
}

func report(tx *sdk.Tx, in message.ReportIn) (message.Message, error) {
	if err := validReport(&in); err != nil {
		return message.Message{}, err
	}
	m, err := found(tx, in.ID)
	if err != nil || m.State == in.State {
		return m.answer(), err
	}
	if m.State != message.Queued {
		e := sdk.FailedPrecondition("state", "only what is queued has its outcome before it")
		e.Pointer = "/state"
		return message.Message{}, e
	}
	state, reference, reason := delivery.Outcome(string(in.State), in.Reference, in.Reason)
	m.State, m.Reason, m.Changed = message.State(state), reason, tx.Now()
	if !m.Forgotten {
		m.Reference = cmp.Or(reference, m.Reference)
	}
	if err := messages.Put(tx, m); err != nil {
		return message.Message{}, err
	}
	return m.answer(), tell(tx, &m)
}

func validReport(in *message.ReportIn) error {
	switch {
	case in.State != message.SentState && in.State != message.FailedState:
		return sdk.Invalid("/state", "state", "a message comes to be sent or failed")
	case !delivery.Short(in.Reference, 200):
		return sdk.Invalid("/reference", "reference", "a reference has at most 200 characters")
	case in.Reason != "" && !delivery.ID(in.Reason):
		return sdk.Invalid("/reason", "reason", "a reason is 1 to 64 letters, digits, points, hyphens and underscores")
	}
	return nil
}

// mostForgotten is how many messages are written in one operation.
const mostForgotten = 200

// forget removes address and content of a customer's messages. What is too much
// for one operation follows in the next.
func forget(tx *sdk.Tx, r Rest) error {
	scan := sdk.Scan{Index: "customer", Prefix: sdk.K(r.Customer)}
	if r.From != "" {
		scan.From = sdk.K(r.From)
	}
	done := 0
	for m := range messages.Scan(tx, scan) {
		if m.Forgotten {
			continue
		}
		if done == mostForgotten {
			return forgetRest.Schedule(tx, string(r.Customer), tx.Now(), Rest{Customer: r.Customer, From: m.ID})
		}
		m.forget()
		if err := messages.Put(tx, m); err != nil {
			return err
		}
		done++
	}
	return nil
}
