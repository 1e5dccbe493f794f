package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type debit struct {
	Card   string `json:"card"`
	Amount int64  `json:"amount"`
}

type saleDone struct {
	Paid string `json:"paid"`
}

var (
	take = sdk.Command[debit, debit]{Name: "cards.take"}
	sell = sdk.Command[debit, saleDone]{Name: "shop.sell"}
)

var cardBalance = sdk.Counter{Name: "balance"}

func newCards() *sdk.App {
	return sdk.NewApp("cards", cardBalance, take.Handle(func(tx *sdk.Tx, in debit) (debit, error) {
		return in, cardBalance.Add(tx, sdk.K(in.Card), -in.Amount, 0, sdk.NoMax)
	}))
}

// A command of another contract runs in the caller's transaction. Its error
// undoes what it did, and only that: the caller may go on.
func ExampleCommand_Call() {
	shop := sdk.NewApp("shop", sell.Handle(func(tx *sdk.Tx, in debit) (saleDone, error) {
		_, err := take.Call(tx, in)
		switch {
		case err == nil:
			return saleDone{"by card"}, nil
		case sdk.ReasonOf(err) == "bound":
			return saleDone{"in cash"}, nil
		}
		return saleDone{}, err
	}))
	env := sdktest.New(nil, newCards(), sdktest.With(shop))
	_ = env.Update(func(tx *sdk.Tx) error { return cardBalance.Add(tx, sdk.K("C-1"), 1500, 0, sdk.NoMax) })
	for range 2 {
		out, err := sdktest.Run(env, sell, debit{"C-1", 1000})
		fmt.Println(out.Paid, err)
	}
	// Output:
	// by card <nil>
	// in cash <nil>
}

// What every handler may know of its operation.
func ExampleReader() {
	who := sdk.Query[sdk.None, saleDone]{Name: "shop.who"}
	shop := sdk.NewApp("shop", who.Handle(func(v *sdk.View, _ sdk.None) (saleDone, error) {
		return saleDone{fmt.Sprint(v.Info().Principal, " at ", int64(v.Now()))}, nil
	}))
	env := sdktest.New(nil, shop)
	env.At("2026-03-29 15:00 Europe/Rome")
	env.As("user:anna")
	out, err := sdktest.Call(env, who, sdk.None{})
	fmt.Println(out.Paid, err)
	// Output: user:anna at 1774789200000 <nil>
}

// Ids sort in the order in which they were asked for.
func ExampleTx_NewID() {
	env := sdktest.New(nil, newCards())
	_ = env.Update(func(tx *sdk.Tx) error {
		first, second := tx.NewID(), tx.NewID()
		fmt.Println(len(first), first < second, len(tx.Random(8)))
		return nil
	})
	// Output: 26 true 8
}
