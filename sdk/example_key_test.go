package sdk_test

import (
	"bytes"
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
)

// Keys sort as their values do: first by part, then by length.
func ExampleK() {
	fmt.Println(bytes.Compare(sdk.K("MI-01").Int(9), sdk.K("MI-01").Int(10)))
	fmt.Println(bytes.Compare(sdk.K("MI-01").Int(9), sdk.K("MI-02")))
	fmt.Println(bytes.Compare(sdk.K("MI"), sdk.K("MI").Text("")))
	// Output:
	// -1
	// -1
	// -1
}

func ExampleKInt() {
	type number int64
	fmt.Println(bytes.Compare(sdk.KInt(number(-1)), sdk.KInt(int64(0))))
	// Output: -1
}

// A key that others begin with is not changed by them.
func ExampleKey_Text() {
	store := sdk.K("MI-01")
	open, closed := store.Text("till-1").Bool(true), store.Text("till-1").Bool(false)
	fmt.Println(bytes.Equal(open, closed), len(store))
	// Output: false 7
}
