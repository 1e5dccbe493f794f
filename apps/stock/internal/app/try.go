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
	levels := make([]trial.Level, len(in.Levels))
	for i, l := range in.Levels {
		levels[i] = trial.Level{OnHand: int64(l.OnHand), Reserved: int64(l.Reserved), Threshold: int64(l.Threshold)}
	}
	level := func(i int) stock.TryLevel {
		l := in.Levels[i]
		l.OnHand, l.Reserved, l.Available = retail.Quantity(levels[i].OnHand), retail.Quantity(levels[i].Reserved), retail.Quantity(levels[i].Available())
		return l
	}
	var play trial.Play
	for i, o := range in.Operations {
		at, err := tried(&in, i)
		if err != nil {
			return out, err
		}
		done, why := play.Do(trial.Op(o.Op), &levels[at], int64(o.Quantity), o.Key)
		if why != "" {
			out.Rejected, out.Error = append(out.Rejected, int64(i)), why
		}
		out.Steps = append(out.Steps, stock.TryStep{Done: retail.Quantity(done), Error: why, Level: level(at)})
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

// tried checks an operation and answers the index of its level.
func tried(in *stock.TryIn, i int) (int, error) {
	o, pointer := &in.Operations[i], "/operations/"+strconv.Itoa(i)
	at := slices.IndexFunc(in.Levels, func(l stock.TryLevel) bool { return o.Location == "" || l.Location == o.Location })
	switch {
	case !trial.Op(o.Op).Known():
		return 0, sdk.Invalid(pointer+"/op", "op", "operations are reserve, release, ship, return_to_stock and add_to_cart")
	case at < 0:
		return 0, sdk.Invalid(pointer+"/location", "location", "there is no level of this location")
	case o.Quantity <= 0 || !ledger.Countable(o.Quantity):
		return 0, sdk.Invalid(pointer+"/quantity", "quantity", ledger.ErrQuantity.Error())
	}
	return at, nil
}

func answer(levels []stock.TryLevel, q stock.TryQuery) (a stock.TryAnswer) {
	for _, l := range levels {
		if len(q.Locations) == 0 || slices.Contains(q.Locations, l.Location) {
			a.Available += l.Available
		}
	}
	if q.Quantity != nil {
		enough := a.Available >= *q.Quantity
		a.Enough = &enough
	}
	return a
}
