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

// A hold that became a sale is not released.
func ExampleTimer_Cancel() {
	sell := sdk.Command[hold, hold]{Name: "holds.sell"}
	env := sdktest.New(nil, sdk.NewApp("holds", holds,
		reserve.Handle(func(tx *sdk.Tx, in hold) (hold, error) {
			return in, release.Schedule(tx, in.SKU, tx.Now()+900_000, in)
		}),
		sell.Handle(func(tx *sdk.Tx, in hold) (hold, error) { return in, release.Cancel(tx, in.SKU) }),
		release.On(func(tx *sdk.Tx, in hold) error { return holds.Add(tx, sdk.K(in.SKU), -1, 0, sdk.NoMax) }),
	))
	_, _ = sdktest.Run(env, reserve, hold{"shirt"})
	fmt.Println(len(env.Timers()), "waits")
	_, _ = sdktest.Run(env, sell, hold{"shirt"})
	fmt.Println(len(env.Timers()), "wait")
	// Output:
	// 1 waits
	// 0 wait
}

func ExampleDaily() {
	env := sdktest.New(nil, sdk.NewApp("holds",
		sdk.Daily("sweep", "02:30", func(tx *sdk.Tx) error {
			fmt.Println(tx.Info().Key, time.UnixMilli(int64(tx.Now())).UTC().Format("02 Jan 15:04"))
			return nil
		}),
	), sdktest.Zone("Europe/Rome"))
	env.At("2026-03-27 12:00")
	_ = env.Advance(72 * time.Hour) // on the 29th there is no 02:30
	// Output:
	// sweep 28 Mar 01:30
	// sweep 29 Mar 01:00
	// sweep 30 Mar 00:30
}
