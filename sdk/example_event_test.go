package sdk_test

import (
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type receipt struct {
	Number   int64  `json:"number"`
	Customer string `json:"customer"`
	Total    int64  `json:"total"`
}

var (
	closeSale = sdk.Command[receipt, receipt]{Name: "counter.close"}
	closed    = sdk.Event[receipt]{Name: "counter.closed", Key: func(r *receipt) string { return r.Customer }}
	points    = sdk.Counter{Name: "points"}
)

func newTill() *sdk.App {
	return sdk.NewApp("counter", closeSale.Handle(func(tx *sdk.Tx, in receipt) (receipt, error) {
		return in, closed.Emit(tx, in)
	}))
}

func ExampleEvent_Emit() {
	env := sdktest.New(nil, newTill())
	_, err := sdktest.Run(env, closeSale, receipt{417, "C-88", 7192})
	fmt.Println(sdktest.Emitted(env, closed), env.Events()[0].Key, err)
	// Output: [{417 C-88 7192}] C-88 <nil>
}

// A handler runs in a transaction of its own, after the one that emitted.
func ExampleEvent_On() {
	loyalty := sdk.NewApp("loyalty", points, closed.On(func(tx *sdk.Tx, r receipt) error {
		return points.Add(tx, sdk.K(r.Customer), r.Total/100, 0, sdk.NoMax)
	}))
	env := sdktest.New(nil, loyalty, sdktest.With(newTill()))
	_, _ = sdktest.Run(env, closeSale, receipt{417, "C-88", 7192})
	has := func() (n int64) {
		_ = env.View(func(v *sdk.View) error { n = points.Get(v, sdk.K("C-88")); return nil })
		return n
	}
	fmt.Println(has())
	fmt.Println(env.Settle(), has())
	// Output:
	// 0
	// <nil> 71
}

// What closed was before it knew shops and cents.
type receiptV1 struct {
	Number int64 `json:"number"`
	Euros  int64 `json:"euros"`
}

// A shape that old events do not fit gets a version, and an upcaster from the one
// before. Handlers see only the new shape, old events too.
func ExampleUpcast() {
	closed := sdk.Event[receipt]{Name: "counter.closed", Version: 2, Upcasts: []sdk.Upcaster{
		sdk.Upcast(func(v receiptV1) receipt { return receipt{Number: v.Number, Total: v.Euros * 100} }),
	}}
	loyalty := sdk.NewApp("loyalty", closed.On(func(_ *sdk.Tx, r receipt) error {
		fmt.Println(r.Number, r.Total)
		return nil
	}))
	env := sdktest.New(nil, loyalty)
	fmt.Println(sdktest.Deliver(env, sdk.Event[receiptV1]{Name: "counter.closed"}, receiptV1{1, 12}))
	fmt.Println(sdktest.Deliver(env, closed, receipt{Number: 417, Total: 7192}))
	fmt.Println(sdk.ReasonOf(sdktest.Deliver(env, sdk.Event[receipt]{Name: "counter.closed", Version: 3}, receipt{})))
	// Output:
	// 1 1200
	// <nil>
	// 417 7192
	// <nil>
	// event_version
}

// An app that is enabled later hears of the past, if its handlers can: with the
// time of then, without calling others, and without sending anything.
func ExampleSubscription_Replayable() {
	var tomorrow retail.Instant
	loyalty := sdk.NewApp("loyalty", points, closed.On(func(tx *sdk.Tx, r receipt) error {
		fmt.Println(r.Number, "yesterday:", tx.Now() < tomorrow, "replayed:", tx.Info().Replayed)
		return points.Add(tx, sdk.K(r.Customer), r.Total/100, 0, sdk.NoMax)
	}).Replayable())
	env := sdktest.New(nil, loyalty, sdktest.With(newTill()), sdktest.Later)
	_, _ = sdktest.Run(env, closeSale, receipt{417, "C-88", 7192})
	tomorrow = env.Now() + 1
	_ = env.Advance(24 * time.Hour)
	_ = env.Replay()
	_, _ = sdktest.Run(env, closeSale, receipt{418, "C-88", 100})
	_ = env.Settle()
	// Output:
	// 417 yesterday: true replayed: true
	// 418 yesterday: false replayed: false
}
