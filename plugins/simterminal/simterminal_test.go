package simterminal_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/plugins/simterminal"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// bench is the driver between a till that notes what it is told and a terminal that does
// what the test says.
type bench struct {
	env  *sdktest.Env
	told []till.PaymentReport
	sent []string
}

func setup(t *testing.T, terminal func(path string) (int, string, bool)) *bench {
	t.Helper()
	paper, err := os.ReadFile("../../manifests/simterminal.json")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{}
	b.env = sdktest.New(t, simterminal.New(), sdktest.Manifest(paper), sdktest.Stub(
		till.ReportPayment.Handle(func(_ *sdk.Tx, in till.PaymentReport) (till.CardPayment, error) {
			b.told = append(b.told, in)
			return till.CardPayment{}, nil
		}),
	))
	b.env.HTTP(func(r sdk.Request) (sdk.Response, error) {
		at := strings.TrimPrefix(r.URL, "https://devices.bottega.example")
		b.sent = append(b.sent, strings.TrimSpace(r.Method+" "+at+" "+string(r.Body)))
		status, body, answers := terminal(at)
		if !answers {
			return sdk.Response{}, fmt.Errorf("the line is dead")
		}
		return sdk.Response{Status: status, Body: []byte(body)}, nil
	})
	return b
}

// asks has the till ask for an action, and lets a minute go by.
func (b *bench) asks(t *testing.T, action till.TerminalAction) {
	t.Helper()
	in := till.TerminalIn{Payment: "P1", Action: action, Terminal: "MI-01 3", Amount: 3990, Currency: "EUR", Until: b.env.Now() + 180_000}
	if _, err := sdktest.One(b.env, till.Terminal, simterminal.Driver, in); err != nil {
		t.Fatal(err)
	}
	if err := b.env.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) want(t *testing.T, told till.PaymentReport, sent ...string) {
	t.Helper()
	if len(b.told) != 1 || b.told[0] != told {
		t.Errorf("told %+v, want %+v", b.told, told)
	}
	if got := strings.Join(b.sent, "\n"); got != strings.Join(sent, "\n") {
		t.Errorf("sent\n%s\nwant\n%s", got, strings.Join(sent, "\n"))
	}
}

const (
	at   = "/terminals/MI-01%203/payments/P1"
	form = " amount=3990&currency=EUR&original="
	held = "state=authorised&authorisation=A1&card=4242"
)

func TestAuthorises(t *testing.T) {
	t.Parallel()
	b := setup(t, func(string) (int, string, bool) { return 200, held, true })
	b.asks(t, till.DoAuthorise)
	b.want(t, till.PaymentReport{Payment: "P1", Action: "authorise", Outcome: "done", Authorisation: "A1", Card: "4242"}, "POST "+at+"/authorise"+form)
}

// The answer was lost: the terminal is asked what became of it, and not charged again.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	b := setup(t, func(path string) (int, string, bool) { return 200, held, !strings.HasSuffix(path, "/authorise") })
	b.asks(t, till.DoAuthorise)
	b.want(t, till.PaymentReport{Payment: "P1", Action: "authorise", Outcome: "done", Authorisation: "A1", Card: "4242"},
		"POST "+at+"/authorise"+form, "GET "+at)
}

// The request was lost: the terminal has never heard of it, and is asked now.
func TestRequestLost(t *testing.T) {
	t.Parallel()
	lost := true
	b := setup(t, func(path string) (int, string, bool) {
		if !strings.HasSuffix(path, "/authorise") {
			return 404, "state=none", true
		}
		answers := !lost
		lost = false
		return 200, held, answers
	})
	b.asks(t, till.DoAuthorise)
	b.want(t, till.PaymentReport{Payment: "P1", Action: "authorise", Outcome: "done", Authorisation: "A1", Card: "4242"},
		"POST "+at+"/authorise"+form, "GET "+at, "POST "+at+"/authorise"+form)
}

// Nobody answers: after some attempts that is what the till is told, and no more than that.
func TestSilence(t *testing.T) {
	t.Parallel()
	b := setup(t, func(string) (int, string, bool) { return 0, "", false })
	b.asks(t, till.DoCapture)
	capture := "POST " + at + "/capture" + form
	b.want(t, till.PaymentReport{Payment: "P1", Action: "capture", Outcome: "unknown", Reason: "offline"}, capture, capture, capture)
}

// The customer has left, because the host was down: who was not charged by then is not.
func TestTooLate(t *testing.T) {
	t.Parallel()
	b := setup(t, func(string) (int, string, bool) { return 404, "state=none", true })
	in := till.TerminalIn{Payment: "P1", Action: till.DoAuthorise, Terminal: "MI-01 3", Amount: 3990, Currency: "EUR", Until: b.env.Now() - 1}
	if _, err := sdktest.One(b.env, till.Terminal, simterminal.Driver, in); err != nil {
		t.Fatal(err)
	}
	if err := b.env.Settle(); err != nil {
		t.Fatal(err)
	}
	b.want(t, till.PaymentReport{Payment: "P1", Action: "authorise", Outcome: "refused", Reason: "not_asked"}, "GET "+at)
}

// Asked what became of it, the driver does nothing but ask.
func TestStatus(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]till.PaymentReport{
		held:                            {Payment: "P1", Action: "status", Outcome: "done", Authorisation: "A1", Card: "4242"},
		"state=refused&reason=declined": {Payment: "P1", Action: "status", Outcome: "refused", Reason: "declined"},
		"state=reversed":                {Payment: "P1", Action: "status", Outcome: "refused", Reason: "reversed"},
	} {
		b := setup(t, func(string) (int, string, bool) { return 200, body, true })
		b.asks(t, till.DoStatus)
		b.want(t, want, "GET "+at)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(string) (int, string, bool) { return 402, "state=refused&reason=declined", true })
	b.asks(t, till.DoAuthorise)
	b.want(t, till.PaymentReport{Payment: "P1", Action: "authorise", Outcome: "refused", Reason: "declined"}, "POST "+at+"/authorise"+form)
}
