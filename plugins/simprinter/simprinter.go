// Package simprinter drives the simulated fiscal devices of `bottega devices`. It owns no
// data: it fills the slot till.fiscal_device, has the device print outside of the
// transaction, and tells the till the number. A driver of real devices is no more than this
// with another protocol.
package simprinter

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/plugins/simwire"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Driver is the key under which the settings of the till name it.
const Driver = "simprinter"

// printed is what came of a job: Stuck, or what the device says of the document.
type printed struct {
	Stuck  string               `json:"stuck,omitempty"`
	Fiscal till.FiscalReference `json:"fiscal"`
}

var document = sdk.Effect[till.FiscalIn, printed]{Name: "document"}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("simprinter",
		till.FiscalDevice.Fill(Driver, start),
		document.Handle(print, done),
	)
}

// start has the device asked when the till's transaction has committed.
func start(tx *sdk.Tx, in till.FiscalIn) (sdk.None, error) {
	return sdk.None{}, document.Start(tx, in.Job, in)
}

// print asks the device, which prints once under one key and answers with the same number
// for ever after.
func print(o *sdk.Outside, in till.FiscalIn) (printed, error) {
	kind := "documents"
	if in.Kind == till.FiscalClose {
		kind = "closes"
	}
	a, err := simwire.Post(o, simwire.Path("printers", in.Device, kind, o.Info().Key), paper(&in))
	switch {
	case err != nil && sdk.CodeOf(err) == sdk.CodeUnavailable && o.Info().Attempt < simwire.Patience:
		return printed{}, err
	case err != nil:
		return printed{Stuck: "offline"}, nil
	case a.Status != 200:
		return printed{Stuck: cmp.Or(a.Text("reason"), "refused")}, nil
	}
	return printed{Fiscal: till.FiscalReference{Serial: a.Text("serial"), Z: a.Int("z"), Number: a.Int("number"), At: retail.Instant(a.Int("at"))}}, nil
}

// paper is a document as the device takes it.
func paper(in *till.FiscalIn) (f simwire.Form) {
	f.Text("job", in.Job)
	f.Text("kind", string(in.Kind))
	f.Text("entity", string(in.Entity))
	f.Text("cashier", in.Cashier)
	f.Text("currency", string(in.Currency))
	f.Int("total", int64(in.Total))
	f.Int("rounding", int64(in.Rounding))
	f.Int("change", int64(in.Change))
	f.Text("tax_code", in.TaxCode)
	f.Text("lottery", in.Lottery)
	for _, l := range in.Lines {
		f.Text("line_text", l.Description)
		f.Int("line_quantity", int64(l.Quantity))
		f.Int("line_amount", int64(l.Amount))
		f.Int("line_vat", int64(l.VATRate))
	}
	for _, t := range in.Tenders {
		f.Text("tender_type", t.Type)
		f.Int("tender_amount", int64(t.Amount))
		f.Text("tender_terminal", t.Terminal)
	}
	if in.Cites != nil {
		f.Text("cites_serial", in.Cites.Serial)
		f.Int("cites_z", in.Cites.Z)
		f.Int("cites_number", in.Cites.Number)
	}
	return f
}

// done tells the till.
func done(tx *sdk.Tx, in till.FiscalIn, out printed, err error) error {
	report := till.FiscalReport{Job: in.Job, Stuck: out.Stuck, Fiscal: &out.Fiscal}
	if err != nil {
		report.Stuck = sdk.ReasonOf(err)
	}
	if report.Stuck != "" {
		report.Fiscal = nil
	}
	_, err = till.ReportFiscal.Call(tx, report)
	return err
}
