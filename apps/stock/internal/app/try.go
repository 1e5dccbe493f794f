package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/apps/stock/internal/trial"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func try(_ *sdk.View, in stock.TryIn) (stock.TryOut, error) {
	out := stock.TryOut{Levels: []stock.TryLevel{}, Rejected: []int64{}, Steps: []stock.TryStep{}, Answers: []stock.TryAnswer{}}
	if len(in.Operations) > 1000 || len(in.Queries) > 1000 || len(in.Levels) > 1000 {
		return out, sdk.Fail(sdk.CodeTooLarge, "operations", "at most 1,000 operations")
	}
	levels := make([]*trial.Level, len(in.Levels))
	for i, l := range in.Levels {
		levels[i] = &trial.Level{OnHand: int64(l.OnHand), Reserved: int64(l.Reserved), Threshold: int64(l.Threshold), Backorder: l.Backorder, Untracked: l.Untracked}
	}
	level := func(i int) stock.TryLevel {
		l := in.Levels[i]
		l.OnHand, l.Reserved, l.Available = retail.Quantity(levels[i].OnHand), retail.Quantity(levels[i].Reserved), retail.Quantity(levels[i].Available())
		return l
	}
	play := trial.Play{Rules: trial.Rules(in.Rules)}
	for i, o := range in.Operations {
		at, end, err := tried(&in, i)
		if err != nil {
			return out, err
		}
		do := play.Do
		if o.Backorder {
			do = play.DoLoose
		}
		done, why := do(trial.Op(o.Op), levels[at:end], int64(o.Quantity), o.Key)
		if why != "" {
			out.Rejected, out.Error = append(out.Rejected, int64(i)), why
		}
		step := stock.TryStep{Done: retail.Quantity(done), Error: why, Cart: retail.Quantity(play.InCart())}
		if at < end {
			step.Level = level(at)
		}
		out.Steps = append(out.Steps, step)
	}
	for i := range in.Levels {
		out.Levels = append(out.Levels, level(i))
	}
	for _, q := range in.Queries {
		out.Answers = append(out.Answers, answer(out.Levels, q))
	}
	out.CartQuantity = retail.Quantity(play.InCart())
	return out, nil
}

// tried checks an operation and answers between which indexes its levels stand: none if
// there is no level of its location.
func tried(in *stock.TryIn, i int) (at, end int, err error) {
	o, pointer := &in.Operations[i], "/operations/"+strconv.Itoa(i)
	at, end = 0, len(in.Levels)
	if o.Location != "" {
		at = slices.IndexFunc(in.Levels, func(l stock.TryLevel) bool { return l.Location == o.Location })
		end = at + 1
	}
	at = max(at, 0)
	size := o.Quantity
	if o.Op == stock.TryAdjust && size < 0 {
		size = -size
	}
	switch {
	case !trial.Op(o.Op).Known():
		return 0, 0, sdk.Invalid(pointer+"/op", "op", "operations are reserve, release, ship, return_to_stock, adjust and add_to_cart")
	case size <= 0 || !ledger.Countable(size):
		return 0, 0, sdk.Invalid(pointer+"/quantity", "quantity", ledger.ErrQuantity.Error())
	}
	return at, end, nil
}

func answer(levels []stock.TryLevel, q stock.TryQuery) (a stock.TryAnswer) {
	for _, l := range levels {
		if len(q.Locations) > 0 && !slices.Contains(q.Locations, l.Location) {
			continue
		}
		a.Open = a.Open || l.Backorder || l.Untracked
		if !l.Untracked {
			a.Available, a.OnHand, a.Reserved = a.Available+l.Available, a.OnHand+l.OnHand, a.Reserved+l.Reserved
		}
	}
	if q.Quantity != nil {
		enough := a.Open || a.Available >= *q.Quantity
		a.Enough = &enough
	}
	return a
}
