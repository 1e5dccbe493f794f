package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

var couponUses = sdk.Counter{Name: "uses"}

// Add checks and moves at once: there is nothing to check before.
func ExampleCounter_Add() {
	env := sdktest.New(nil, sdk.NewApp("coupons", couponUses))
	use := func(tx *sdk.Tx) error { return couponUses.Add(tx, sdk.K("WINTER"), 1, 0, 2) }
	for range 3 {
		fmt.Println(env.Update(use))
	}
	// Output:
	// <nil>
	// <nil>
	// exhausted (bound): the bound of uses would be passed
}

// A till sale is an Add without a lower bound: what is gone is gone.
func ExampleCounter_Get() {
	onHand := sdk.Counter{Name: "on_hand"}
	env := sdktest.New(nil, sdk.NewApp("stock", onHand))
	_ = env.Update(func(tx *sdk.Tx) error {
		err := onHand.Add(tx, sdk.K("MI-01").Text("shirt"), -3, sdk.NoMin, sdk.NoMax)
		fmt.Println(onHand.Get(tx, sdk.K("MI-01").Text("shirt")), onHand.Get(tx, sdk.K("never")), err)
		return nil
	})
	// Output: -3 0 <nil>
}

// Stock of one thing at many places is one call to the host, not one for each.
func ExampleCounter_GetMany() {
	onHand := sdk.Counter{Name: "on_hand"}
	env := sdktest.New(nil, sdk.NewApp("stock", onHand))
	_ = env.Update(func(tx *sdk.Tx) error {
		err := onHand.Add(tx, sdk.K("MI-02").Text("shirt"), 4, 0, sdk.NoMax)
		var keys []sdk.Key
		for _, store := range []string{"MI-01", "MI-02", "RM-01"} {
			keys = append(keys, sdk.K(store).Text("shirt"))
		}
		fmt.Println(onHand.GetMany(tx, keys), err)
		return nil
	})
	// Output: [0 4 0] <nil>
}
