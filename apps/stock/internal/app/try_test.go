package app_test

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestTry(t *testing.T) {
	t.Parallel()
	e := setup(t)
	five := retail.Quantity(5)
	out := sdktest.Ask(t, e, stock.Try, stock.TryIn{
		Levels: []stock.TryLevel{{Location: "shop", OnHand: 5, Reserved: 1, Threshold: 1}, {Location: "web", OnHand: 2}},
		Operations: []stock.TryOperation{
			{Op: stock.TryReserve, Quantity: 3, Key: "k"}, {Op: stock.TryReserve, Quantity: 3, Key: "k"}, {Op: stock.TryReserve, Location: "shop", Quantity: 1},
			{Op: stock.TryCart, Location: "web", Quantity: 3},
		},
		Queries: []stock.TryQuery{{}, {Locations: []string{"web"}, Quantity: &five}},
	})
	wants(t, fmt.Sprint(out.Levels, out.Rejected, out.CartQuantity, " ", out.Error), "[{shop 5 4 1 0 false false} {web 2 0 0 2 false false}] [2 3] 2 available")
	wants(t, fmt.Sprint(out.Answers[0].Available, *out.Answers[1].Enough), "2 false")
	for want, o := range map[string]stock.TryOperation{
		"invalid op /operations/0/op":             {Op: "steal", Quantity: 1},
		"invalid quantity /operations/0/quantity": {Op: stock.TryShip},
	} {
		_, err := sdktest.Call(e, stock.Try, stock.TryIn{Levels: out.Levels, Operations: []stock.TryOperation{o}})
		sdktest.Refused(t, err, want)
	}
}

// Without a location an operation goes over all of them; rules and questions say the rest.
func TestTryRules(t *testing.T) {
	t.Parallel()
	e := setup(t)
	many := retail.Quantity(1000)
	out := sdktest.Ask(t, e, stock.Try, stock.TryIn{
		Rules:  stock.TryRules{Clamp: true},
		Levels: []stock.TryLevel{{Location: "a", OnHand: 4}, {Location: "b", OnHand: 3}, {Location: "c", Untracked: true}},
		Operations: []stock.TryOperation{
			{Op: stock.TryReserve, Location: "b", Quantity: 2}, {Op: stock.TryRelease, Location: "b", Quantity: 5}, {Op: stock.TryAdjust, Location: "a", Quantity: -1},
			{Op: stock.TryReserve, Location: "a", Quantity: 9, Backorder: true}, {Op: stock.TryRelease, Location: "a", Quantity: 9},
			{Op: stock.TryShip, Location: "moon", Quantity: 1},
		},
		Queries: []stock.TryQuery{{Locations: []string{"a", "b"}, Quantity: &many}, {Quantity: &many}, {Locations: []string{"d"}}},
	})
	wants(t, fmt.Sprint(out.Levels[0].OnHand, out.Levels[1].Reserved, out.Rejected), "3 0 [5]")
	wants(t, fmt.Sprint(out.Answers[0].Available, *out.Answers[0].Enough, *out.Answers[1].Enough, out.Answers[2].OnHand), "6 false true 0")
}
