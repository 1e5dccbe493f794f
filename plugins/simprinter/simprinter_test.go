package simprinter_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/plugins/simprinter"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// prints has the driver do a job on a device that answers in turn, "" for silence, and says
// what the till was told and what was sent.
func prints(t *testing.T, in till.FiscalIn, answers ...string) (told till.FiscalReport, sent []string) {
	t.Helper()
	paper, err := os.ReadFile("../../manifests/simprinter.json")
	if err != nil {
		t.Fatal(err)
	}
	env := sdktest.New(t, simprinter.New(), sdktest.Manifest(paper), sdktest.Stub(
		till.ReportFiscal.Handle(func(_ *sdk.Tx, in till.FiscalReport) (till.FiscalJob, error) {
			told = in
			return till.FiscalJob{}, nil
		}),
	))
	env.HTTP(func(r sdk.Request) (sdk.Response, error) {
		sent = append(sent, strings.TrimPrefix(r.URL, "https://devices.bottega.example")+" "+string(r.Body))
		status, body := 200, answers[0]
		if answers = answers[1:]; body == "" {
			return sdk.Response{}, fmt.Errorf("the line is dead")
		}
		if strings.HasPrefix(body, "state=stuck") {
			status = 409
		}
		return sdk.Response{Status: status, Body: []byte(body)}, nil
	})
	if _, err := sdktest.One(env, till.FiscalDevice, simprinter.Driver, in); err != nil {
		t.Fatal(err)
	}
	if err := env.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	return told, sent
}

const done = "state=printed&serial=99SIM&z=7&number=41&at=1795277220000"

func job() till.FiscalIn {
	return till.FiscalIn{
		Job: "MI-01/3/9", Kind: till.FiscalReturn, Device: "MI-01-3", Total: -399, Currency: "EUR", Lottery: "AB12CD34",
		Lines:   []till.FiscalLine{{Description: "Pasta & sugo", Quantity: -1, Amount: -399, VATRate: 400}},
		Tenders: []till.FiscalTender{{Type: "card", Amount: -399, Terminal: "T1"}},
		Cites:   &till.FiscalReference{Serial: "99SIM", Z: 6, Number: 12},
	}
}

// The same key and the same paper each time, until there is an answer: the device prints once.
func TestPrints(t *testing.T) {
	t.Parallel()
	told, sent := prints(t, job(), "", done)
	if told.Fiscal == nil || *told.Fiscal != (till.FiscalReference{Serial: "99SIM", Z: 7, Number: 41, At: 1_795_277_220_000}) || told.Job != "MI-01/3/9" {
		t.Errorf("told %+v", told)
	}
	if len(sent) != 2 || sent[0] != sent[1] {
		t.Errorf("sent %q", sent)
	}
	for _, part := range []string{
		"/printers/MI-01-3/documents/simprinter-document-MI-01%2F3%2F9 ", "&total=-399&", "&lottery=AB12CD34&",
		"&line_text=Pasta%20%26%20sugo&line_quantity=-1&line_amount=-399&line_vat=400&tender_type=card&tender_amount=-399&tender_terminal=T1",
		"&cites_serial=99SIM&cites_z=6&cites_number=12",
	} {
		if !strings.Contains(sent[0], part) {
			t.Errorf("no %q in %q", part, sent[0])
		}
	}
}

func TestStuck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, want string
		answers    []string
	}{
		{"no paper", "paper", []string{"state=stuck&reason=paper"}},
		{"no reason", "refused", []string{"state=stuck"}},
		{"no answer", "offline", []string{"", "", ""}},
	} {
		told, sent := prints(t, job(), tt.answers...)
		if told.Stuck != tt.want || told.Fiscal != nil || len(sent) != len(tt.answers) {
			t.Errorf("%s: %+v after %d attempts", tt.name, told, len(sent))
		}
	}
}

func TestClosesTheDay(t *testing.T) {
	t.Parallel()
	told, sent := prints(t, till.FiscalIn{Job: "MI-01/3/Z1", Kind: till.FiscalClose, Device: "MI-01-3"}, "state=printed&serial=99SIM&z=7&number=0&at=1")
	if told.Fiscal == nil || told.Fiscal.Z != 7 || !strings.HasPrefix(sent[0], "/printers/MI-01-3/closes/") {
		t.Errorf("%+v %q", told, sent)
	}
}
