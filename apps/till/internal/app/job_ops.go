package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// jobOf is a job that who acts may see.
func jobOf(r sdk.Reader, id string) (job, error) {
	j, ok := jobs.Get(r, sdk.K(id))
	if !ok {
		return j, &sdk.Error{Code: sdk.CodeNotFound, Reason: "fiscal_job", Message: "No fiscal device was asked for this.", Pointer: "/document"}
	}
	if !sdk.MayStore(r, j.Is.Store) {
		return job{}, otherStore("/document")
	}
	return j, nil
}

func listJobs(v *sdk.View, in till.FiscalJobsIn) (till.FiscalJobsOut, error) {
	out := till.FiscalJobsOut{Jobs: []till.FiscalJob{}}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Devices are those of a store.")
	}
	for j := range jobs.Scan(v, sdk.Scan{Index: "open", Prefix: sdk.K(in.Store), Limit: till.MaxPage}) {
		out.Jobs = append(out.Jobs, j.Is)
	}
	return out, nil
}

func printAgain(tx *sdk.Tx, in till.FiscalJobID) (till.FiscalJob, error) {
	j, err := jobOf(tx, in.Document)
	if err != nil {
		return till.FiscalJob{}, err
	}
	if _, ok := j.machine().Again(); !ok {
		return till.FiscalJob{}, jobState(&j)
	}
	err = j.print(tx)
	return j.Is, err
}

func jobState(j *job) error {
	return &sdk.Error{
		Code: sdk.CodeFailedPrecondition, Reason: "job_state", Pointer: "/document",
		Message: "This is " + string(j.Is.State) + ".", Fields: []sdk.Field{sdk.Text("state", string(j.Is.State))},
	}
}

func settleFiscal(tx *sdk.Tx, in till.SettleFiscalIn) (till.FiscalJob, error) {
	j, err := jobOf(tx, in.Document)
	if err != nil {
		return till.FiscalJob{}, err
	}
	to, ok := j.machine().Settle()
	switch {
	case !ok:
		return till.FiscalJob{}, jobState(&j)
	case in.Reason == "" || len(in.Reason) > 200:
		return till.FiscalJob{}, sdk.Invalid("/reason", "reason", "Say in 1 to 200 characters where that stands.")
	}
	is := till.FiscalReference{Serial: in.Serial, Z: in.Z, Number: in.Number, At: cmp.Or(in.At, tx.Now())}
	if err := isReference(&is, j.Is.Kind, "/serial"); err != nil {
		return till.FiscalJob{}, err
	}
	j.Is.Fiscal, j.Is.SettledBy, j.Is.SettledReason = &is, tx.Info().Principal, in.Reason
	if err := j.become(tx, to); err != nil {
		return till.FiscalJob{}, err
	}
	err = j.after(tx)
	return j.Is, err
}

// isReference checks what a device, or a person, says of a document.
func isReference(f *till.FiscalReference, kind till.FiscalKind, pointer string) error {
	numbered := f.Number > 0 || kind == till.FiscalClose && f.Number == 0
	if f.Serial == "" || len(f.Serial) > 64 || f.Z < 0 || !numbered {
		return sdk.Invalid(pointer, "fiscal", "A document has a serial number of 1 to 64 characters, a day and a number.")
	}
	return nil
}

// reportFiscal hears what a device did. The driver is an app: people settle.
func reportFiscal(tx *sdk.Tx, in till.FiscalReport) (till.FiscalJob, error) {
	if tx.Info().Caller == "" {
		return till.FiscalJob{}, appsOnly()
	}
	if (in.Fiscal == nil) == (in.Stuck == "") || len(in.Stuck) > 64 {
		return till.FiscalJob{}, sdk.Invalid("", "fiscal", "A device has printed, or is stuck.")
	}
	j, ok := jobs.Get(tx, sdk.K(in.Job))
	if !ok {
		return till.FiscalJob{}, &sdk.Error{Code: sdk.CodeNotFound, Reason: "fiscal_job", Message: "No fiscal device was asked for this.", Pointer: "/job"}
	}
	to, changed := j.machine().Stick(in.Stuck), true
	if in.Fiscal != nil {
		if err := isReference(in.Fiscal, j.Is.Kind, "/fiscal"); err != nil {
			return till.FiscalJob{}, err
		}
		if to, changed = j.machine().Printed(); changed {
			j.Is.Fiscal = in.Fiscal
		}
	}
	if !changed || to == j.machine() {
		return j.Is, nil
	}
	if err := j.become(tx, to); err != nil {
		return till.FiscalJob{}, err
	}
	err := j.after(tx)
	return j.Is, err
}
