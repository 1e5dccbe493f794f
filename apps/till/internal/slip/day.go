package slip

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Close is the closing document of a till's day (Z), and what the fiscal device has made of
// it, nil if nothing. Errors: those of retail.Zone.
func Close(c *till.DayClose, f *till.FiscalReference, h *Head, o *Options) (*paper.Document, error) {
	s := begin(c.ID, o, c.Zone, h.Store.Currency)
	when, err := s.moment(c.At)
	if err != nil {
		return nil, err
	}
	s.head(h)
	s.Text(paper.Bold|paper.Tall|paper.Centre, s.close+" Z "+strconv.FormatInt(c.Number, 10))
	s.status(f)
	s.Space()
	s.Pair(0, when, c.ID)
	s.Pair(0, s.till+" "+c.Till, s.by+" "+c.By)
	s.span(c.First, c.Last, c.Count, c.Offline)
	s.days(c.Totals)
	s.Cut()
	return &s.Document, nil
}

// Interim is what tills have written since their last day close (X), at an instant. Errors:
// those of retail.Zone.
func Interim(x *till.InterimOut, at retail.Instant, h *Head, o *Options) (*paper.Document, error) {
	s := begin(string(x.Store)+" X", o, h.Store.Zone, h.Store.Currency)
	when, err := s.moment(at)
	if err != nil {
		return nil, err
	}
	s.head(h)
	s.Text(paper.Bold|paper.Tall|paper.Centre, s.interim)
	s.Text(paper.Centre, s.notFiscal)
	s.Space()
	s.Pair(0, when, string(x.Store))
	for _, t := range x.Tills {
		s.Text(0, s.till+" "+t.Till)
		s.span(t.First, t.Last, t.Count, t.Offline)
	}
	if len(x.Tills) == 0 {
		s.Text(0, s.nothing)
	}
	s.days(x.Totals)
	s.Cut()
	return &s.Document, nil
}

// span says which numbers a till has written, and how many documents without one it wrote
// while it was cut off.
func (s *slip) span(first, last, count, offline int64) {
	if count > 0 {
		s.Pair(0, s.numbers, strconv.FormatInt(first, 10)+" - "+strconv.FormatInt(last, 10))
	}
	s.Pair(0, s.count, strconv.FormatInt(count, 10))
	if offline > 0 {
		s.Pair(0, s.offline, strconv.FormatInt(offline, 10))
	}
}

// days writes totals, each currency by itself.
func (s *slip) days(totals []till.DayTotal) {
	for i := range totals {
		s.day(&totals[i])
	}
}

func (s *slip) day(t *till.DayTotal) {
	s.currency = t.Currency
	s.Rule()
	s.Pair(paper.Bold|paper.Tall, s.total+" "+string(t.Currency), s.amount(t.Total))
	s.Pair(0, s.discounts, s.amount(t.Discount))
	s.Pair(0, s.rounding, s.amount(t.Rounding))
	s.group(s.documents)
	for _, k := range t.Kinds {
		s.Pair(0, s.kinds[k.Kind]+" "+strconv.FormatInt(k.Count, 10), s.amount(k.Total))
	}
	s.group(s.tendersWord)
	for _, e := range t.Tenders {
		s.Pair(0, s.tender(e.Type), s.amount(e.Amount))
	}
	s.group(s.vatWord)
	s.vat(t.VAT, t.Currency)
	if len(t.VATPaid) > 0 {
		s.Text(0, s.alreadyTaxed)
		s.vat(t.VATPaid, t.Currency)
	}
	if len(t.Departments) == 0 {
		return
	}
	s.group(s.departments)
	for _, d := range t.Departments {
		name := d.Department
		if name == "" {
			name = s.noDepartment
		}
		s.Pair(0, name, s.amount(d.Total))
	}
}

// group heads some figures.
func (s *slip) group(name string) {
	s.Space()
	s.Text(paper.Bold, name)
}
