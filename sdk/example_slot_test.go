package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type basket struct {
	Total int64 `json:"total"`
}

type saving struct {
	Amount int64 `json:"amount"`
}

var (
	quote    = sdk.Query[basket, saving]{Name: "desk.quote"}
	discount = sdk.QuerySlot[basket, saving]{Name: "desk.discount"}
	checkout = sdk.Command[tendered, saving]{Name: "desk.checkout"}
	tender   = sdk.CommandSlot[basket, saving]{Name: "desk.tender"}
)

type tendered struct {
	Means string `json:"means"`
	Total int64  `json:"total"`
}

// desk asks every discount, and one tender by its key.
func desk() *sdk.App {
	return sdk.NewApp("desk",
		quote.Handle(func(v *sdk.View, in basket) (saving, error) {
			var best saving
			answers, err := discount.Each(v, in)
			for _, a := range answers {
				if a.Err != nil {
					sdk.Warn(v, "a discount failed", sdk.Text("filler", a.Filler), sdk.Text("reason", sdk.ReasonOf(a.Err)))
					continue
				}
				best.Amount = max(best.Amount, a.Out.Amount)
			}
			return best, err
		}),
		checkout.Handle(func(tx *sdk.Tx, in tendered) (saving, error) {
			return tender.One(tx, in.Means, basket{in.Total})
		}),
	)
}

func percentOff(id string, percent int64) *sdk.App {
	return sdk.NewApp(id, discount.Fill(func(_ *sdk.View, in basket) (saving, error) {
		if in.Total == 0 {
			return saving{}, sdk.FailedPrecondition("empty", "")
		}
		return saving{in.Total * percent / 100}, nil
	}))
}

func ExampleQuerySlot_Each() {
	env := sdktest.New(nil, desk(), sdktest.With(percentOff("small", 5), percentOff("large", 20)))
	out, err := sdktest.Call(env, quote, basket{5000})
	fmt.Println(out.Amount, err)
	_, _ = sdktest.Call(env, quote, basket{0})
	for _, line := range env.Logs() {
		fmt.Println(line.Message, line.Fields[0].Text, line.Fields[1].Text)
	}
	// Output:
	// 1000 <nil>
	// a discount failed large empty
	// a discount failed small empty
}

func ExampleQuerySlot_Fill() {
	env := sdktest.New(nil, percentOff("large", 20))
	fmt.Println(sdktest.Fill(env, discount, basket{990}).Amount)
	// Output: 198
}

func ExampleCommandSlot_One() {
	cash := sdk.NewApp("cash", tender.Fill("cash", func(_ *sdk.Tx, in basket) (saving, error) { return saving{in.Total}, nil }))
	env := sdktest.New(nil, desk(), sdktest.With(cash))
	out, err := sdktest.Run(env, checkout, tendered{"cash", 700})
	fmt.Println(out.Amount, err)
	_, err = sdktest.Run(env, checkout, tendered{"pebbles", 700})
	fmt.Println(sdk.CodeOf(err), sdk.ReasonOf(err))
	// Output:
	// 700 <nil>
	// not_found filler
}

func ExampleCommandSlot_Keys() {
	means := sdk.Query[sdk.None, tendered]{Name: "desk.means"}
	fill := func(id string) *sdk.App {
		return sdk.NewApp(id, tender.Fill(id, func(_ *sdk.Tx, in basket) (saving, error) { return saving{in.Total}, nil }))
	}
	counter := sdk.NewApp("desk", means.Handle(func(v *sdk.View, _ sdk.None) (tendered, error) {
		return tendered{Means: fmt.Sprint(tender.Keys(v))}, nil
	}))
	out, err := sdktest.Call(sdktest.New(nil, counter, sdktest.With(fill("points"), fill("cash"))), means, sdk.None{})
	fmt.Println(out.Means, err)
	// Output: [cash points] <nil>
}
