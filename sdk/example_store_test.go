package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type sales struct {
	Stores []retail.StoreID `json:"stores"`
}

// An operation about many stores answers with those that who asks may see.
func ExampleMayStore() {
	days := sdk.Query[sdk.None, sales]{Name: "days.list"}
	env := sdktest.New(nil, sdk.NewApp("days", days.Handle(func(v *sdk.View, _ sdk.None) (out sales, err error) {
		for _, store := range []retail.StoreID{"MI-01", "MI-02", "TO-01"} {
			if sdk.MayStore(v, store) {
				out.Stores = append(out.Stores, store)
			}
		}
		return out, nil
	})))
	fmt.Println(sdktest.Call(env, days, sdk.None{}))
	env.AsPrincipal(sdktest.Principal{ID: "user:anna", Stores: []string{"MI-02"}})
	fmt.Println(sdktest.Call(env, days, sdk.None{}))
	// Output:
	// {[MI-01 MI-02 TO-01]} <nil>
	// {[MI-02]} <nil>
}
