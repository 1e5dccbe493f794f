package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/backtest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// shown is the run with its figures.
func (b *backTest) shown(r sdk.Reader) pricing.BackTest {
	out, s := b.Run, &b.Sums
	out.Touched, out.Differs, out.Cost, out.Retailer, out.Revenue = s.Touched, s.Differs, s.Cost, s.Retailer(), s.Revenue
	out.Displaced, out.Worse, out.WorseBy, out.Returned = s.Displaced, s.Worse, s.WorseBy, s.Returned
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

// figuresOf is what a run comes to in rows, the forecast beside the truth.
func figuresOf(b *pricing.BackTest) (all []pricing.BackTestFigure) {
	row := func(what pricing.BackTestWhat, of string, count *int64, amount *retail.Money) *pricing.BackTestFigure {
		all = append(all, pricing.BackTestFigure{What: what, Of: of, Count: count, Amount: amount})
		return &all[len(all)-1]
	}
	row(pricing.BackTestWhat(b.State), b.Promotion.Name, nil, nil)
	if b.Failure != nil {
		row(pricing.FigureFailure, b.Failure.Message, nil, nil)
	}
	row(pricing.FigureDays, string(b.First)+" – "+string(b.Last), &b.Done, nil)
	row(pricing.FigureReceipts, "", &b.Receipts, nil)
	touched := row(pricing.FigureTouched, "", &b.Touched, nil)
	if b.Truth != nil {
		touched.TrueCount = &b.Truth.Receipts
	}
	cost := row(pricing.FigureCost, "", nil, &b.Cost)
	if b.Truth != nil {
		cost.True = &b.Truth.Cost
	}
	row(pricing.FigureRetailer, "", nil, &b.Retailer)
	for i := range b.Suppliers {
		row(pricing.FigureSupplier, b.Suppliers[i].Supplier, nil, &b.Suppliers[i].Amount)
	}
	row(pricing.FigureReturned, "", nil, &b.Returned)
	row(pricing.FigureRevenue, "", &b.Touched, &b.Revenue)
	if m := b.Margin; m != nil {
		row(pricing.FigureBefore, "", &m.Covered, &m.Before)
		row(pricing.FigureAfter, "", &m.Covered, &m.After)
	}
	row(pricing.FigureDisplaced, "", nil, &b.Displaced)
	for i := range b.With {
		row(pricing.FigureWith, b.With[i].Supplier, nil, &b.With[i].Amount)
	}
	row(pricing.FigureWorse, "", &b.Worse, &b.WorseBy)
	row(pricing.FigureDiffers, "", &b.Differs, nil)
	row(pricing.FigureLeftOut, "", &b.LeftOut, nil)
	return all
}

// tell says where the run is, for those who watch it.
func (b *backTest) tell(tx *sdk.Tx) error {
	return pricing.BackTestChanged.Emit(tx, pricing.BackTestMark{
		ID: b.ID, Promotion: b.Run.Promotion.ID, State: b.Run.State, Days: b.Run.Days, Done: b.Run.Done,
	})
}
