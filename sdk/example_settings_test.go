package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type rounding struct {
	To   int64  `json:"to"`
	Mode string `json:"mode"`
}

var roundingSettings = sdk.Settings[rounding]{Default: rounding{To: 5, Mode: "nearest"}}

func ExampleSettings_Get() {
	show := func(v *sdk.View) error {
		s := roundingSettings.Get(v)
		fmt.Println(s.To, s.Mode)
		return nil
	}
	_ = sdktest.New(nil, sdk.NewApp("cash", roundingSettings)).View(show)
	// What the retailer left out has its default.
	type onlyTo struct {
		To int64 `json:"to"`
	}
	_ = sdktest.New(nil, sdk.NewApp("cash", roundingSettings), sdktest.Settings(onlyTo{10})).View(show)
	// Output:
	// 5 nearest
	// 10 nearest
}
