package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type promise struct {
	Price int64  `json:"price"`
	Mac   []byte `json:"mac,omitempty"`
}

// text is what is signed: what for, in which form, and all that is promised.
func (p promise) text() []byte { return fmt.Appendf(nil, "promise 1 %d", p.Price) }

// What a customer is promised comes back with the proof that it was.
func ExampleSign() {
	ask := sdk.Query[sdk.None, promise]{Name: "shop.ask"}
	buy := sdk.Command[promise, saleDone]{Name: "shop.buy"}
	shop := sdk.NewApp("shop",
		ask.Handle(func(v *sdk.View, _ sdk.None) (promise, error) {
			p := promise{Price: 1990}
			p.Mac = sdk.Sign(v, p.text())
			return p, nil
		}),
		buy.Handle(func(tx *sdk.Tx, p promise) (saleDone, error) {
			if !sdk.Signed(tx, p.text(), p.Mac) {
				return saleDone{}, sdk.Invalid("/mac", "promise", "nobody promised that")
			}
			return saleDone{fmt.Sprint(p.Price)}, nil
		}))
	env := sdktest.New(nil, shop)
	p, _ := sdktest.Call(env, ask, sdk.None{})
	fmt.Println(sdktest.Run(env, buy, p))
	p.Price = 1
	fmt.Println(sdktest.Run(env, buy, p))
	// Output:
	// {1990} <nil>
	// {} invalid (promise): nobody promised that at /mac
}

// A signature that was changed is none.
func ExampleSigned() {
	env := sdktest.New(nil, sdk.NewApp("shop"))
	_ = env.View(func(v *sdk.View) error {
		mac := sdk.Sign(v, []byte("x"))
		fmt.Println(len(mac), sdk.Signed(v, []byte("x"), mac), sdk.Signed(v, []byte("y"), mac))
		return nil
	})
	// Output:
	// 32 true false
}
