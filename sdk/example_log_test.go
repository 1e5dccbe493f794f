package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func ExampleLog() {
	env := sdktest.New(nil, sdk.NewApp("import"))
	_ = env.View(func(v *sdk.View) error {
		sdk.Log(v, "rows read", sdk.Int("rows", 417), sdk.Text("file", "prices.csv"))
		return nil
	})
	line := env.Logs()[0]
	fmt.Println(line.App, line.Message, line.Fields[0].Int, line.Fields[1].Text)
	// Output: import rows read 417 prices.csv
}
