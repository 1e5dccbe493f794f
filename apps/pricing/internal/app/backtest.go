package app

import (
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

func beginBackTest(tx *sdk.Tx, in pricing.BackTestIn) (out pricing.BackTest, err error) {
	if in.ID == "" {
		in.ID = tx.NewID()
	}
	if len(in.ID) > maxID || strings.ContainsRune(in.ID, 0) {
		return out, sdk.Invalid("/id", "id", "An id has 1 to 64 characters.")
	}
	if err = checkDays(in.First, in.Last); err != nil {
		return out, err
	}
	promotion, err := tested(tx, &in)
	if err != nil {
		return out, err
	}
	if !reachOf(tx).sets(in.Stores) {
		return out, otherStore("/stores")
	}
	if _, there := backTests.Get(tx, sdk.K(in.ID)); there {
		return out, sdk.Fail(sdk.CodeConflict, "id", "There is a back-test of this id.")
	}
	b := backTest{ID: in.ID, Run: pricing.BackTest{
		ID: in.ID, State: pricing.Running, Promotion: promotion, First: in.First, Last: in.Last, Stores: in.Stores,
		Shift: in.Shift, WithCode: in.WithCode, Begun: tx.Now(), Heard: tx.Now(), Measures: pricing.MeasuresCost,
	}}
	if b.Run.Days, err = daysFrom(in.First, in.Last); err != nil {
		return out, err
	}
	b.Run.Days++ // both are included
	if err = backTests.Insert(tx, b); err != nil {
		return out, err
	}
	if err = b.watch(tx); err != nil {
		return out, err
	}
	if err = backTestJob.Begin(tx, in.ID, backTestRun{ID: in.ID}); err != nil {
		return out, err
	}
	return b.shown(tx), b.tell(tx)
}

// tested is the promotion of a run: one that is given, or one that is kept.
func tested(r sdk.Reader, in *pricing.BackTestIn) (p pricing.Promotion, err error) {
	switch {
	case (in.Promotion == nil) == (in.PromotionID == ""):
		return p, sdk.Invalid("/promotion", "promotion", "Either a promotion or the id of one is needed.")
	case in.Promotion != nil:
		p = *in.Promotion
		return p, relocated(checkPromotion(&p), "/promotion")
	}
	p, err = versionOf(r, pricing.GetPromotionIn{ID: in.PromotionID, Version: in.Version})
	if err == nil && !reachOf(r).sees(p.For.Stores) {
		err = otherStore("/promotion_id")
	}
	return p, err
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
	err = b.end(tx, pricing.Cancelled)
	return b.shown(tx), err
}

func getBackTest(v *sdk.View, in pricing.BackTestID) (pricing.BackTest, error) {
	b, err := backTestOf(v, in.ID)
	out := b.shown(v)
	if err == nil {
		out.Figures = figuresOf(&out)
	}
	return out, err
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
	scan := sdk.Scan{Reverse: true}
	if in.Cursor != "" {
		scan.To = sdk.K(in.Cursor[:min(len(in.Cursor), maxCursor)])
	}
	for b := range backTests.Scan(v, scan) {
		if !reach.sets(b.Run.Stores) || in.Promotion != "" && in.Promotion != b.Run.Promotion.ID {
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
