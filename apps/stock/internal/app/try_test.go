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
			{Op: stock.TryReserve, Quantity: 3, Key: "k"}, {Op: stock.TryReserve, Quantity: 3, Key: "k"}, {Op: stock.TryReserve, Quantity: 1},
			{Op: stock.TryCart, Location: "web", Quantity: 3},
		},
		Queries: []stock.TryQuery{{}, {Locations: []string{"web"}, Quantity: &five}},
	})
	wants(t, fmt.Sprint(out.Levels, out.Rejected, out.CartQuantity, " ", out.Error), "[{shop 5 4 1 0} {web 2 0 0 2}] [2 3] 2 available")
	wants(t, fmt.Sprint(out.Answers[0].Available, *out.Answers[1].Enough), "2 false")
	for want, o := range map[string]stock.TryOperation{
		"invalid op /operations/0/op":             {Op: "steal", Quantity: 1},
		"invalid location /operations/0/location": {Op: stock.TryShip, Location: "moon", Quantity: 1},
		"invalid quantity /operations/0/quantity": {Op: stock.TryShip},
	} {
		_, err := sdktest.Call(e, stock.Try, stock.TryIn{Levels: out.Levels, Operations: []stock.TryOperation{o}})
		sdktest.Refused(t, err, want)
	}
}
