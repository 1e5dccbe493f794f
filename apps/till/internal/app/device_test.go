package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// desk is a driver of terminals and fiscal devices by hand: it notes what it is asked, and
// tells the till what somebody says.
type desk struct {
	ids      map[string]string // of payments, by key
	asked    []till.TerminalIn // and not answered
	printing []till.FiscalIn
	number   int64
	z        int64
}

// What the driver's effects would do when they are over.
var (
	tellPayment = sdk.Command[till.PaymentReport, till.CardPayment]{Name: "stub.tell_payment"}
	tellFiscal  = sdk.Command[till.FiscalReport, till.FiscalJob]{Name: "stub.tell_fiscal"}
)

func (d *desk) drivers() []sdk.Part {
	d.ids = map[string]string{}
	return []sdk.Part{
		till.Terminal.Fill("stub", func(_ *sdk.Tx, in till.TerminalIn) (sdk.None, error) {
			d.asked = append(d.asked, in)
			return sdk.None{}, nil
		}),
		till.FiscalDevice.Fill("stub", func(_ *sdk.Tx, in till.FiscalIn) (sdk.None, error) {
			d.printing = append(d.printing, in)
			return sdk.None{}, nil
		}),
		tellPayment.Handle(func(tx *sdk.Tx, in till.PaymentReport) (till.CardPayment, error) {
			return till.ReportPayment.Call(tx, in)
		}),
		tellFiscal.Handle(func(tx *sdk.Tx, in till.FiscalReport) (till.FiscalJob, error) {
			return till.ReportFiscal.Call(tx, in)
		}),
	}
}

// device is what has to do with terminals and fiscal devices. Payments are called by their
// keys, refunds by "refund".
func (c *counter) device(do string, rest []string) string {
	c.t.Helper()
	env := c.open()
	switch do {
	case "authorise":
		p, err := sdktest.Run(env, till.Authorise, till.AuthoriseIn{Store: c.store, Till: c.till, Key: rest[1], Amount: amount(rest[0]), Currency: "EUR"})
		if err == nil {
			c.desk.ids[rest[1]] = p.ID
		}
		return c.payment(p, err)
	case "terminal":
		return c.terminal(rest)
	case "late":
		p := till.PaymentReport{Payment: c.desk.ids[rest[0]], Action: till.TerminalAction(rest[1]), Outcome: till.TerminalOutcome(rest[2])}
		return c.payment(sdktest.Run(env, tellPayment, p))
	case "payments":
		out := must(sdktest.Call(env, till.Payments, till.PaymentsIn{Store: c.store}))(c.t)
		text := fmt.Sprintf("%d open\n", len(out.Payments))
		for _, p := range out.Payments {
			if p.Kind == till.CardRefund {
				c.desk.ids["refund"] = p.ID
			}
			text += c.payment(p, nil)
		}
		return text
	case "reverse":
		return c.payment(sdktest.Run(env, till.Reverse, till.PaymentID{Payment: c.desk.ids[rest[0]]}))
	case "ask":
		return c.payment(sdktest.Run(env, till.AskAgain, till.PaymentID{Payment: c.desk.ids[rest[0]]}))
	case "settle":
		env.As("user:boss")
		defer env.As("local")
		in := till.SettlePaymentIn{Payment: c.desk.ids[rest[0]], State: till.PaymentState(rest[1]), Reason: strings.Join(rest[2:], " ")}
		if rest[1] == "authorised" {
			in.Authorisation = "SLIP"
		}
		return c.payment(sdktest.Run(env, till.SettlePayment, in))
	case "minutes":
		must(0, env.Advance(time.Duration(amount(rest[0]))*time.Minute/100))(c.t)
		return ""
	}
	return c.fiscalDevice(do, rest)
}

// terminal answers the action that was asked first: "done", "refused declined", "unknown
// offline".
func (c *counter) terminal(words []string) string {
	if len(c.desk.asked) == 0 {
		return "nothing is asked of it\n"
	}
	in := c.desk.asked[0]
	c.desk.asked = c.desk.asked[1:]
	p := till.PaymentReport{Payment: in.Payment, Action: in.Action, Outcome: till.TerminalOutcome(words[0]), Authorisation: "A1", Card: "4242"}
	if len(words) > 1 {
		p.Reason = words[1]
	}
	is, err := sdktest.Run(c.env, tellPayment, p)
	return string(in.Action) + " " + decimal(in.Amount) + ": " + c.payment(is, err)
}

// payment says what is known of one.
func (c *counter) payment(p till.CardPayment, err error) string {
	if err != nil {
		return inWords(err)
	}
	text := string(p.Kind) + " " + decimal(p.Amount) + " " + string(p.State)
	if p.Action != "" {
		text += ", to " + string(p.Action)
	}
	if p.Trouble != "" {
		text += ", trouble " + p.Trouble
	}
	if p.Document != "" {
		text += ", of " + p.Document
	}
	if p.SettledBy != "" {
		text += ", settled by " + p.SettledBy + ": " + p.SettledReason
	}
	return text + "\n"
}

func (c *counter) fiscalDevice(do string, rest []string) string {
	c.t.Helper()
	env := c.open()
	switch do {
	case "printer":
		return c.printer(rest)
	case "jobs":
		out := must(sdktest.Call(env, till.FiscalJobs, till.FiscalJobsIn{Store: c.store}))(c.t)
		text := fmt.Sprintf("%d open\n", len(out.Jobs))
		for _, j := range out.Jobs {
			text += fiscalised(j, nil)
		}
		return text
	case "print":
		return fiscalised(sdktest.Run(env, till.PrintAgain, till.FiscalJobID{Document: c.id(rest[0])}))
	case "emergency":
		env.As("user:boss")
		defer env.As("local")
		return fiscalised(sdktest.Run(env, till.SettleFiscal, till.SettleFiscalIn{
			Document: c.id(rest[0]), Serial: "BLOCK-7", Number: int64(amount(rest[1]) / 100), Reason: strings.Join(rest[2:], " "),
		}))
	case "receipt":
		r := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: c.id(rest[0])}))(c.t)
		if kept := must(receiptAsKept(env, r.ID))(c.t); kept.Fiscal != nil {
			c.t.Errorf("the document that is kept has become another: %+v", kept.Fiscal)
		}
		if r.Fiscal == nil {
			return r.ID + " has no fiscal number\n"
		}
		return fmt.Sprintf("%s is %s %04d-%04d\n", r.ID, r.Fiscal.Serial, r.Fiscal.Z, r.Fiscal.Number)
	}
	c.t.Fatalf("nobody knows how to %q", do)
	return ""
}

func receiptAsKept(env *sdktest.Env, id string) (r till.Receipt, err error) {
	err = env.View(func(v *sdk.View) error {
		r, _ = receipts.Get(v, sdk.K(id))
		return nil
	})
	return r, err
}

// printer does the job that was asked for first: "done", or "stuck paper".
func (c *counter) printer(words []string) string {
	if len(c.desk.printing) == 0 {
		return "nothing is asked of it\n"
	}
	in := c.desk.printing[0]
	c.desk.printing = c.desk.printing[1:]
	said := ""
	if in.Lottery != "" {
		said += " with a code of the lottery"
	}
	if in.Cites != nil {
		said += fmt.Sprintf(" citing %04d-%04d", in.Cites.Z, in.Cites.Number)
	}
	report := till.FiscalReport{Job: in.Job}
	if words[0] == "done" {
		f := till.FiscalReference{Serial: "99SIM", Z: c.desk.z + 1, At: c.env.Now()}
		if in.Kind == till.FiscalClose {
			c.desk.z, c.desk.number = c.desk.z+1, 0
		} else {
			c.desk.number++
			f.Number = c.desk.number
		}
		report.Fiscal = &f
	} else {
		report.Stuck = words[1]
	}
	j, err := sdktest.Run(c.env, tellFiscal, report)
	return string(in.Kind) + said + ": " + fiscalised(j, err)
}

func fiscalised(j till.FiscalJob, err error) string {
	if err != nil {
		return inWords(err)
	}
	text := j.Document + " " + string(j.State)
	if j.Trouble != "" {
		text += ", trouble " + j.Trouble
	}
	if j.Fiscal != nil {
		text += fmt.Sprintf(" as %s %04d-%04d", j.Fiscal.Serial, j.Fiscal.Z, j.Fiscal.Number)
	}
	if j.SettledBy != "" {
		text += ", settled by " + j.SettledBy + ": " + j.SettledReason
	}
	return text + "\n"
}

// TestDevicesAreOfAStore: who is limited to another store sees and changes nothing, and
// nobody but an app reports.
func TestDevicesAreOfAStore(t *testing.T) {
	t.Parallel()
	d := &desk{}
	env := shop(t, sdktest.Settings(Settings{HoldMinutes: 15, Devices: []DeviceRule{{Terminal: "stub", Fiscal: "stub"}}}), sdktest.Stub(d.drivers()...))
	p := must(sdktest.Run(env, till.Authorise, till.AuthoriseIn{Store: "MI-01", Till: "3", Key: "k", Amount: 333, Currency: "EUR"}))(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, cash(335))))(t)
	_, err := sdktest.Run(env, till.ReportPayment, till.PaymentReport{Payment: p.ID, Action: till.DoAuthorise, Outcome: till.OutcomeDone})
	refuses(t, err, sdk.CodeDenied, "apps_only", "")
	_, err = sdktest.Run(env, till.ReportFiscal, till.FiscalReport{Job: r.ID, Stuck: "paper"})
	refuses(t, err, sdk.CodeDenied, "apps_only", "")
	_, err = sdktest.Run(env, tellPayment, till.PaymentReport{Payment: p.ID, Action: till.DoAuthorise, Outcome: "perhaps"})
	refuses(t, err, sdk.CodeInvalid, "outcome", "/outcome")
	_, err = sdktest.Run(env, tellFiscal, till.FiscalReport{Job: r.ID})
	refuses(t, err, sdk.CodeInvalid, "fiscal", "")

	env.AsPrincipal(sdktest.Principal{ID: "user:roma", Stores: []string{"RM-01"}})
	id := till.PaymentID{Payment: p.ID}
	_, err = sdktest.Call(env, till.GetPayment, id)
	refuses(t, err, sdk.CodeDenied, "store", "/payment")
	for _, command := range []sdk.Command[till.PaymentID, till.CardPayment]{till.Reverse, till.AskAgain} {
		_, err = sdktest.Run(env, command, id)
		refuses(t, err, sdk.CodeDenied, "store", "/payment")
	}
	_, err = sdktest.Run(env, till.SettlePayment, till.SettlePaymentIn{Payment: p.ID, State: till.PaymentRefused, Reason: "slip"})
	refuses(t, err, sdk.CodeDenied, "store", "/payment")
	_, err = sdktest.Run(env, till.PrintAgain, till.FiscalJobID{Document: r.ID})
	refuses(t, err, sdk.CodeDenied, "store", "/document")
	_, err = sdktest.Run(env, till.SettleFiscal, till.SettleFiscalIn{Document: r.ID, Serial: "B", Number: 1, Reason: "block"})
	refuses(t, err, sdk.CodeDenied, "store", "/document")
	if _, err = sdktest.Call(env, till.Payments, till.PaymentsIn{Store: "MI-01"}); sdk.CodeOf(err) != sdk.CodeDenied {
		t.Errorf("payments of another store: %v", err)
	}
	if _, err = sdktest.Call(env, till.FiscalJobs, till.FiscalJobsIn{Store: "MI-01"}); sdk.CodeOf(err) != sdk.CodeDenied {
		t.Errorf("jobs of another store: %v", err)
	}
}
