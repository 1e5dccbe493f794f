package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/backtest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// backTests holds back-tests, those that run and those that are over.
var backTests = sdk.Collection[backTest]{Name: "back_tests", Key: []string{"id"}}

// backTest is one of them.
type backTest struct {
	ID    string           `json:"id"`
	Run   pricing.BackTest `json:"run"` // but for what follows from Sums
	Sums  backtest.Sums    `json:"sums"`
	Place backTestPlace    `json:"place"`
	// What the promotion has used of its limits so far.
	Uses   int64            `json:"uses"`
	Spent  retail.Money     `json:"spent"`
	Stores []backtest.Share `json:"stores,omitempty"` // spent in each, if there is a budget for that
}

// backTestPlace is the last document that was looked at.
type backTestPlace struct {
	Day      retail.Date    `json:"day"`
	At       retail.Instant `json:"at"`
	Document string         `json:"document"`
}

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

// What one step looks at, at most: it ends well within an operation's time.
const (
	stepSales = 200
	stepLines = 5_000
)

func beginBackTest(tx *sdk.Tx, in pricing.BackTestIn) (out pricing.BackTest, err error) {
	if in.ID == "" || len(in.ID) > maxID || strings.ContainsRune(in.ID, 0) {
		return out, sdk.Invalid("/id", "id", "An id has 1 to 64 characters.")
	}
	if err = checkDays(in.First, in.Last); err != nil {
		return out, err
	}
	if err = checkPromotion(&in.Promotion); err != nil {
		return out, relocated(err, "/promotion")
	}
	if !reachOf(tx).sets(in.Stores) {
		return out, otherStore("/stores")
	}
	if _, there := backTests.Get(tx, sdk.K(in.ID)); there {
		return out, sdk.Fail(sdk.CodeConflict, "id", "There is a back-test of this id.")
	}
	b := backTest{ID: in.ID, Run: pricing.BackTest{
		ID: in.ID, State: pricing.Running, Promotion: in.Promotion, First: in.First, Last: in.Last, Stores: in.Stores,
		Shift: in.Shift, WithCode: in.WithCode, Begun: tx.Now(), Measures: pricing.MeasuresCost,
	}}
	if err = backTests.Insert(tx, b); err != nil {
		return out, err
	}
	return b.shown(tx), backTestJob.Begin(tx, in.ID, backTestRun{ID: in.ID})
}

// checkDays checks a period of civil days, both included.
func checkDays(first, last retail.Date) error {
	switch {
	case first.Valid() != nil:
		return sdk.Invalid("/first", "period", "A day is a date such as 2026-11-21.")
	case last.Valid() != nil:
		return sdk.Invalid("/last", "period", "A day is a date such as 2026-11-21.")
	case last < first:
		return sdk.Invalid("/last", "period", "The last day is not before the first.")
	}
	return nil
}

func cancelBackTest(tx *sdk.Tx, in pricing.BackTestID) (pricing.BackTest, error) {
	b, err := backTestOf(tx, in.ID)
	if err != nil || b.Run.State != pricing.Running {
		return b.shown(tx), err
	}
	b.Run.State, b.Run.Ended = pricing.Cancelled, tx.Now()
	return b.shown(tx), backTests.Put(tx, b)
}

func getBackTest(v *sdk.View, in pricing.BackTestID) (pricing.BackTest, error) {
	b, err := backTestOf(v, in.ID)
	return b.shown(v), err
}

// backTestOf is a run that who acts may see: its figures are of all its stores.
func backTestOf(r sdk.Reader, id string) (backTest, error) {
	b, there := backTests.Get(r, sdk.K(id))
	if !there || !reachOf(r).sets(b.Run.Stores) {
		return backTest{}, sdk.NotFound("back_test", "There is no such back-test.")
	}
	return b, nil
}

func listBackTests(v *sdk.View, in pricing.BackTestsIn) (out pricing.BackTestsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	for b := range backTests.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		if !reach.sets(b.Run.Stores) {
			continue
		}
		if len(out.Runs) == limit {
			out.Cursor = out.Runs[limit-1].ID
			break
		}
		out.Runs = append(out.Runs, b.shown(v))
	}
	return out, nil
}

// shown is the run with its figures.
func (b *backTest) shown(r sdk.Reader) pricing.BackTest {
	out, s := b.Run, &b.Sums
	out.Touched, out.Differs, out.Cost, out.Retailer, out.Revenue = s.Touched, s.Differs, s.Cost, s.Retailer(), s.Revenue
	out.Displaced, out.Worse, out.WorseBy = s.Displaced, s.Worse, s.WorseBy
	out.Suppliers, out.With = fundedShares(s.Suppliers), fundedShares(s.With)
	if s.Covered > 0 {
		out.Margin = &pricing.MarginChange{Before: s.Before, After: s.After, Covered: s.Covered}
	}
	for _, e := range s.Examples {
		out.Examples = append(out.Examples, e.Document)
	}
	if out.Truth == nil && b.ID != "" {
		out.Truth = truthOf(r, out.Promotion.ID)
	}
	return out
}

func fundedShares(all []backtest.Share) (out []pricing.Funded) {
	for _, s := range all {
		if s.Amount != 0 {
			out = append(out, pricing.Funded{Supplier: s.Name, Amount: s.Amount})
		}
	}
	return out
}

// truthOf is what a promotion has taken off since it went live, nil if it was not.
func truthOf(r sdk.Reader, promotion string) *pricing.BackTestTruth {
	key := sdk.K(promotion)
	t := pricing.BackTestTruth{Receipts: usesCounter.Get(r, key), Cost: retail.Money(spentCounter.Get(r, key)), Until: r.Now()}
	if t.Receipts == 0 && t.Cost == 0 {
		return nil
	}
	return &t
}

func stepBackTest(tx *sdk.Tx, in backTestRun, s *sdk.Step[backTestStep]) error {
	b, there := backTests.Get(tx, sdk.K(in.ID))
	if !there || b.Run.State != pricing.Running {
		s.Finished = true // it was cancelled
		return nil
	}
	found, more := b.next(tx)
	if err := b.look(tx, found); err != nil {
		return err
	}
	s.State.Documents += int64(len(found))
	if len(found) > 0 {
		last := &found[len(found)-1]
		b.Place = backTestPlace{Day: last.Day, At: last.At, Document: last.Document}
	}
	if !more {
		b.Run.State, b.Run.Ended, s.Finished = pricing.Finished, tx.Now(), true
	}
	if err := b.progress(s); err != nil {
		return err
	}
	return backTests.Put(tx, b)
}

// next are the documents that come next.
func (b *backTest) next(r sdk.Reader) (found []saleRecord, more bool) {
	from, lines := sdk.K(b.Run.First), 0
	if b.Place.Document != "" {
		from = sdk.K(b.Place.Day).Int(int64(b.Place.At)).Text(b.Place.Document + "\x00")
	}
	for s := range sales.Scan(r, sdk.Scan{From: from, To: sdk.K(b.Run.Last + "~"), Limit: stepSales}) {
		if lines += len(s.Sale.Lines); lines > stepLines && len(found) > 0 {
			return found, true
		}
		found = append(found, s)
	}
	return found, len(found) == stepSales
}

// progress counts in days: nobody knows how many documents there are.
func (b *backTest) progress(s *sdk.Step[backTestStep]) error {
	first, err := dayNumber(b.Run.First)
	if err != nil {
		return err
	}
	last, err := dayNumber(b.Run.Last)
	if err != nil {
		return err
	}
	if s.Total = uint64(last - first + 1); s.Finished {
		s.Done = s.Total
	} else if b.Place.Day != "" {
		at, err := dayNumber(b.Place.Day)
		s.Done = uint64(at - first)
		return err
	}
	return nil
}

// dayNumber counts days.
func dayNumber(d retail.Date) (int64, error) {
	at, err := retail.Zone("UTC").Start(d, "00:00")
	return int64(at) / aDay, err
}

// look prices the documents that are receipts of the stores.
func (b *backTest) look(tx *sdk.Tx, found []saleRecord) error {
	var receipts []*pricing.Sale
	for i := range found {
		s := &found[i].Sale
		switch {
		case len(b.Run.Stores) > 0 && !slices.Contains(b.Run.Stores, s.Store):
		case !sellsOnly(s):
			b.Run.LeftOut++
		default:
			receipts = append(receipts, s)
		}
	}
	if len(receipts) == 0 {
		return nil
	}
	p, err := b.replay(tx, receipts)
	if err != nil {
		return err
	}
	for _, s := range receipts {
		if err = p.look(tx, s); err != nil {
			return err
		}
	}
	return p.keep(tx)
}

// sellsOnly says whether a document sells goods that have prices, and takes nothing
// back.
func sellsOnly(s *pricing.Sale) bool {
	return s.Returns == "" && !slices.ContainsFunc(s.Lines, func(l pricing.SaleLine) bool {
		return l.Quantity <= 0 || l.UnitPrice < 0 || l.Total < 0
	})
}
