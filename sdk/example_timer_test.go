package sdk_test

import (
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type hold struct {
	SKU string `json:"sku"`
}

var (
	reserve = sdk.Command[hold, hold]{Name: "holds.reserve"}
	holds   = sdk.Counter{Name: "holds"}
	release = sdk.Timer[hold]{Name: "release"}
)

func ExampleTimer_Schedule() {
	env := sdktest.New(nil, sdk.NewApp("holds", holds,
		reserve.Handle(func(tx *sdk.Tx, in hold) (hold, error) {
			if err := holds.Add(tx, sdk.K(in.SKU), 1, 0, 5); err != nil {
				return in, err
			}
			return in, release.Schedule(tx, tx.NewID(), tx.Now()+retail.Instant(15*time.Minute/time.Millisecond), in)
		}),
		release.On(func(tx *sdk.Tx, in hold) error {
			return holds.Add(tx, sdk.K(in.SKU), -1, 0, sdk.NoMax)
		}),
	))
	show := func() {
		_ = env.View(func(v *sdk.View) error { fmt.Println(holds.Get(v, sdk.K("shirt")), "held"); return nil })
	}
	_, _ = sdktest.Run(env, reserve, hold{"shirt"})
	_ = env.Advance(14 * time.Minute)
	show()
	_ = env.Advance(time.Minute)
	show()
	// Output:
	// 1 held
	// 0 held
}
