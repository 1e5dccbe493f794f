package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// backTestJob walks through what was sold.
var backTestJob = sdk.Job[backTestRun, backTestStep]{Name: "back_test"}

// backTestRun names the run.
type backTestRun struct {
	ID string `json:"id"`
}

// backTestStep is how far it is. Its figures are kept with the run, for people to
// see.
type backTestStep struct {
	Documents int64 `json:"documents"`
}

// What one step looks at, at most: it ends well within an operation's time, also on a
// machine that is busy. Each further try looks at a quarter.
const (
	stepSales = 64
	stepLines = 1_600
)

// step looks at the documents that come next. What cannot be mended by trying again
// ends the run; anything else the host tries again.
func (p *bygone) step(tx *sdk.Tx, in backTestRun, s *sdk.Step[backTestStep]) error {
	b, _ := backTests.Get(tx, sdk.K(in.ID))
	if on, err := b.goesOn(tx); err != nil || !on {
		s.Finished = true // it was cancelled
		return err
	}
	found, more, err := b.look(tx, p)
	if err != nil {
		*p = bygone{} // it may be read in part
		if passing(err) && tx.Info().Attempt < lastTry {
			return err
		}
		s.Finished = true
		return failBackTest(tx, in.ID, err)
	}
	s.State.Documents += int64(found)
	before := b.tenths()
	if err := b.advance(s, more); err != nil {
		return err
	}
	if b.Run.Heard = tx.Now(); s.Finished {
		return b.end(tx, pricing.Finished)
	}
	if err = backTests.Put(tx, b); err != nil || b.tenths() == before {
		return err
	}
	return b.tell(tx)
}

// look prices the documents that come next, answers how many, and says whether there
// are more.
func (b *backTest) look(tx *sdk.Tx, past *bygone) (looked int, more bool, err error) {
	found, more := b.next(tx)
	p, err := b.replay(tx, past, b.sold(found))
	if err != nil {
		return 0, false, err
	}
	for i := range found {
		s := &found[i].Sale
		switch {
		case !b.inStores(s):
		case !sellsOnly(s):
			b.Run.LeftOut++
		default:
			if full, err := p.look(tx, s); err != nil {
				return 0, false, err
			} else if full && i > 0 {
				return i, true, p.keep(tx)
			}
		}
		b.Place = backTestPlace{Day: found[i].Day, At: found[i].At, Document: found[i].Document}
	}
	return len(found), more, p.keep(tx)
}

// next are the documents that come next.
func (b *backTest) next(tx *sdk.Tx) (found []saleRecord, more bool) {
	from, lines := sdk.K(b.Run.First), 0
	smaller := 2 * max(tx.Info().Attempt-1, 0)
	most := max(stepSales>>smaller, 1)
	if b.Place.Document != "" {
		from = sdk.K(b.Place.Day).Int(int64(b.Place.At)).Text(b.Place.Document + "\x00")
	}
	for s := range sales.Scan(tx, sdk.Scan{From: from, To: sdk.K(b.Run.Last + "~"), Limit: most}) {
		if lines += len(s.Sale.Lines); lines > stepLines>>smaller && len(found) > 0 {
			return found, true
		}
		found = append(found, s)
	}
	return found, len(found) == most
}

// inStores says whether a document is of the stores of the run.
func (b *backTest) inStores(s *pricing.Sale) bool {
	return len(b.Run.Stores) == 0 || slices.Contains(b.Run.Stores, s.Store)
}

// sold are the receipts among documents.
func (b *backTest) sold(found []saleRecord) (receipts []*pricing.Sale) {
	for i := range found {
		if s := &found[i].Sale; b.inStores(s) && sellsOnly(s) {
			receipts = append(receipts, s)
		}
	}
	return receipts
}

// advance notes how far the run is. It counts in days: nobody knows how many documents
// there are.
func (b *backTest) advance(s *sdk.Step[backTestStep], more bool) (err error) {
	switch {
	case !more:
		b.Run.Done, s.Finished = b.Run.Days, true
	case b.Place.Day != "":
		b.Run.Done, err = daysFrom(b.Run.First, b.Place.Day)
	}
	s.Done, s.Total = uint64(b.Run.Done), uint64(b.Run.Days)
	return err
}

// tenths is how many tenths of its days the run has behind it.
func (b *backTest) tenths() int64 { return 10 * b.Run.Done / max(b.Run.Days, 1) }

// daysFrom is how many days one day comes after another.
func daysFrom(first, then retail.Date) (int64, error) {
	from, err := retail.Zone("UTC").Start(first, "00:00")
	if err != nil {
		return 0, err
	}
	to, err := retail.Zone("UTC").Start(then, "00:00")
	return int64(to-from) / aDay, err
}

// sellsOnly says whether a document sells goods that have prices, and takes nothing
// back.
func sellsOnly(s *pricing.Sale) bool {
	return s.Returns == "" && !slices.ContainsFunc(s.Lines, func(l pricing.SaleLine) bool {
		return l.Quantity <= 0 || l.UnitPrice < 0 || l.Total < 0
	})
}
