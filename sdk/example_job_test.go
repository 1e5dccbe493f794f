package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type markdown struct {
	Percent int64 `json:"percent"`
}

// marked is what one step leaves to the next, and at the end the result.
type marked struct {
	After  string `json:"after"`
	Prices int64  `json:"prices"`
}

var (
	markDown = sdk.Command[markdown, markdown]{Name: "shelf.mark_down"}
	lower    = sdk.Job[markdown, marked]{Name: "lower"}
)

// lowerSome lowers three prices at most per transaction; a real one would lower
// hundreds.
func lowerSome(tx *sdk.Tx, in markdown, s *sdk.Step[marked]) error {
	s.Finished = true
	for p := range products.Scan(tx, sdk.Scan{From: sdk.K(s.State.After), Limit: 3}) {
		if p.SKU == s.State.After {
			continue
		}
		p.Price -= p.Price * in.Percent / 100
		if err := products.Put(tx, p); err != nil {
			return err
		}
		s.State.After, s.Finished = p.SKU, false
		s.State.Prices++
	}
	s.Done = uint64(s.State.Prices)
	return nil
}

func ExampleJob() {
	env := sdktest.New(nil, sdk.NewApp("shelf", products,
		markDown.Handle(func(tx *sdk.Tx, in markdown) (markdown, error) { return in, lower.Begin(tx, "sale", in) }),
		lower.Handle(lowerSome),
	))
	_ = env.Update(func(tx *sdk.Tx) error {
		for i := range 5 {
			if err := products.Put(tx, product{SKU: fmt.Sprint("p", i), Price: 1000}); err != nil {
				return err
			}
		}
		return nil
	})
	_, _ = sdktest.Run(env, markDown, markdown{20})
	_ = env.Settle()
	result, finished := sdktest.Result(env, lower, "sale")
	fmt.Println(result.Prices, "prices in", env.Jobs()[0].Steps, "steps, finished:", finished)
	// Output: 5 prices in 3 steps, finished: true
}
