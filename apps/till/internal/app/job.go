package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/device"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// jobs holds what is on its way through a fiscal device, and what came of it: one record per
// document and day close of a till that has a device.
var jobs = sdk.Collection[job]{
	Name: "fiscal_jobs", Key: []string{"id"},
	Indexes: []sdk.Index{
		{Name: "open", Fields: []string{"open", "till", "order", "id"}},
		{Name: "waiting", Fields: []string{"waits_for", "id"}},
	},
}

// job is one as it is kept. Lottery is the customer's code: it is here from the sale to the
// print, because the paper may have to be filled in between, and nowhere afterwards.
type job struct {
	ID       string         `json:"id"`             // of the document or day close
	Open     retail.StoreID `json:"open,omitempty"` // store, until it is over
	Till     string         `json:"till"`
	At       retail.Instant `json:"at"`
	Order    int64          `json:"order"`               // number of the document; a day close comes behind its last
	WaitsFor string         `json:"waits_for,omitempty"` // document that this one cites, until it is fiscalised
	Lottery  string         `json:"lottery,omitempty"`
	Is       till.FiscalJob `json:"is"`
}

// reprint asks a device again that could not print.
var reprint = sdk.Timer[till.FiscalJobID]{Name: "fiscal_reminder"}

// fiscalise puts a document that was just written on its way to the device of its till, if
// there is one.
func fiscalise(tx *sdk.Tx, set *Settings, r *till.Receipt, lottery string) error {
	rule := set.devices(r.Store, r.Till)
	if rule == nil || rule.Fiscal == "" || r.Offline != nil { // a till that was cut off has printed by itself
		return nil
	}
	j := job{ID: r.ID, Till: r.Till, At: r.At, Order: r.Number, Lottery: lottery, Is: till.FiscalJob{
		Document: r.ID, Kind: fiscalKind(r), Store: r.Store, Till: r.Till, Currency: r.Currency, Total: r.Total, At: r.At,
		Driver: rule.Fiscal, Device: named(rule.FiscalID, r.Store, r.Till),
	}}
	if r.Original != "" {
		if sale, ok := jobs.Get(tx, sdk.K(r.Original)); ok && sale.Is.Fiscal == nil {
			j.WaitsFor = r.Original
		}
	}
	return j.enter(tx)
}

// fiscalKind is what a document is for a device: a deposit is a sale, and one paid back a
// return.
func fiscalKind(r *till.Receipt) till.FiscalKind {
	switch {
	case r.Kind == till.Annul:
		return till.FiscalVoid
	case r.Kind == till.Refund, r.Original != "":
		return till.FiscalReturn
	}
	return till.FiscalSale
}

// fiscaliseClose has the device of a till close its day when it has printed what the till
// wrote.
func fiscaliseClose(tx *sdk.Tx, set *Settings, c *till.DayClose) error {
	rule := set.devices(c.Store, c.Till)
	if rule == nil || rule.Fiscal == "" {
		return nil
	}
	j := job{ID: c.ID, Till: c.Till, At: c.At, Order: c.Last, Is: till.FiscalJob{
		Document: c.ID, Kind: till.FiscalClose, Store: c.Store, Till: c.Till, At: c.At,
		Driver: rule.Fiscal, Device: named(rule.FiscalID, c.Store, c.Till),
	}}
	return j.enter(tx)
}

// enter writes a new job, and asks the device if it is its turn.
func (j *job) enter(tx *sdk.Tx) error {
	var t device.Turn
	for o := range jobs.Scan(tx, sdk.Scan{Index: "open", Prefix: sdk.K(j.Is.Store).Text(j.Till)}) {
		o.turn(&t)
	}
	j.Is.State = till.FiscalWaiting
	if j.turn(&t) {
		return j.print(tx)
	}
	return j.become(tx, device.Job{State: device.Waiting})
}

// turn says whether a waiting job may be asked for, behind those before it.
func (j *job) turn(t *device.Turn) bool {
	return t.Next(j.machine(), j.Is.Kind == till.FiscalClose, j.WaitsFor != "")
}

// machine is a job as the table of package device sees it.
func (j *job) machine() device.Job {
	return device.Job{State: device.JobState(j.Is.State), Trouble: j.Is.Trouble}
}

// become writes what a job has become, and tells.
func (j *job) become(tx *sdk.Tx, to device.Job) error {
	j.Is.State, j.Is.Trouble, j.Is.Changed, j.Open = till.FiscalState(to.State), to.Trouble, tx.Now(), j.Is.Store
	if !to.Open() {
		j.Open, j.Lottery, j.WaitsFor = "", "", ""
	}
	if err := jobs.Put(tx, *j); err != nil {
		return err
	}
	if err := j.remind(tx); err != nil {
		return err
	}
	return till.FiscalChanged.Emit(tx, j.Is)
}

// print asks the device. One that nobody drives is a trouble and no error: the sale stands.
func (j *job) print(tx *sdk.Tx) error {
	to := device.Job{State: device.Queued}
	if _, err := till.FiscalDevice.One(tx, j.Is.Driver, j.told(tx)); err != nil {
		to = device.Job{State: device.Stuck, Trouble: device.NoDriver}
	}
	return j.become(tx, to)
}

// told is a job as its device gets it.
func (j *job) told(r sdk.Reader) till.FiscalIn {
	in := till.FiscalIn{Job: j.ID, Kind: j.Is.Kind, Device: j.Is.Device, Store: j.Is.Store, Till: j.Till, At: j.At, Lottery: j.Lottery}
	doc, ok := receipts.Get(r, sdk.K(j.ID))
	if !ok {
		return in
	}
	in.Entity, in.Cashier, in.Currency, in.TaxCode = doc.Entity, doc.Cashier, doc.Currency, doc.TaxCode
	in.Total, in.Rounding, in.Change, in.Original = doc.Total, doc.Rounding, doc.Change, doc.Original
	for i := range doc.Lines {
		l := &doc.Lines[i]
		in.Lines = append(in.Lines, till.FiscalLine{Description: l.Goods.Description, Quantity: l.Quantity, Amount: l.Total, VATRate: l.Goods.VATRate})
	}
	for _, t := range doc.Tenders {
		in.Tenders = append(in.Tenders, till.FiscalTender{Type: t.Type, Amount: t.Amount, Terminal: t.Terminal})
	}
	if doc.Original != "" {
		in.Cites = fiscalOf(r, doc.Original)
	}
	return in
}

// fiscalOf is what a device printed of a document, nil for nothing.
func fiscalOf(r sdk.Reader, id string) *till.FiscalReference {
	j, _ := jobs.Get(r, sdk.K(id))
	return j.Is.Fiscal
}

// nextJobs lets the jobs of a till go whose turn it is.
func nextJobs(tx *sdk.Tx, store retail.StoreID, id string) error {
	var open []job
	for j := range jobs.Scan(tx, sdk.Scan{Index: "open", Prefix: sdk.K(store).Text(id)}) {
		open = append(open, j)
	}
	var t device.Turn
	for i := range open {
		j := &open[i]
		if !j.turn(&t) {
			continue
		}
		if err := j.print(tx); err != nil {
			return err
		}
	}
	return nil
}

// after lets go what waited for a job that is over or stuck.
func (j *job) after(tx *sdk.Tx) error {
	if err := nextJobs(tx, j.Is.Store, j.Till); err != nil || j.Open != "" {
		return err
	}
	var citing []job
	for c := range jobs.Scan(tx, sdk.Scan{Index: "waiting", Prefix: sdk.K(j.ID)}) {
		citing = append(citing, c)
	}
	for i := range citing {
		c := &citing[i]
		c.WaitsFor = ""
		if err := jobs.Put(tx, *c); err != nil {
			return err
		}
		if err := nextJobs(tx, c.Is.Store, c.Till); err != nil {
			return err
		}
	}
	return nil
}

// remind has a device asked again later, if what stands in its way passes.
func (j *job) remind(tx *sdk.Tx) error {
	if j.machine().State != device.Stuck || !device.Passes(j.Is.Trouble) {
		return nil
	}
	set := settings.Get(tx)
	if set.DeviceRetry == 0 {
		return nil
	}
	return reprint.Schedule(tx, j.ID, tx.Now()+retail.Instant(set.DeviceRetry*60_000), till.FiscalJobID{Document: j.ID})
}

// printLater is the reminder's.
func printLater(tx *sdk.Tx, in till.FiscalJobID) error {
	j, ok := jobs.Get(tx, sdk.K(in.Document))
	if !ok || j.machine().State != device.Stuck {
		return nil
	}
	return j.print(tx)
}
