package sdktest_test

import (
	"errors"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A small shop of apps: kitty keeps coins, and asks the bank for more.

type coin struct {
	ID     string `json:"id"`
	Owner  string `json:"owner"`
	Amount int64  `json:"amount"`
	Until  int64  `json:"until"`
}

type change struct {
	Owner  string `json:"owner"`
	Amount int64  `json:"amount"`
}

type balance struct {
	Amount int64 `json:"amount"`
	Coins  int64 `json:"coins"`
}

var (
	drop    = sdk.Command[change, coin]{Name: "kitty.drop"}
	total   = sdk.Query[change, balance]{Name: "kitty.total"}
	dropped = sdk.Event[coin]{Name: "kitty.dropped", Key: func(c *coin) string { return c.Owner }}
	bonus   = sdk.QuerySlot[change, change]{Name: "kitty.bonus"}
	borrow  = sdk.Command[change, change]{Name: "bank.borrow"}

	coins   = sdk.Collection[coin]{Name: "coins", Key: []string{"id"}, Indexes: []sdk.Index{{Name: "owner", Fields: []string{"owner", "amount"}}}, Expires: "until"}
	sum     = sdk.Counter{Name: "sum"}
	remind  = sdk.Timer[change]{Name: "remind"}
	options = sdk.Settings[change]{Default: change{Amount: 1}}
)

func kitty() *sdk.App {
	return sdk.NewApp("kitty", coins, sum, options,
		drop.Handle(func(tx *sdk.Tx, in change) (coin, error) {
			if in.Amount == 0 {
				return coin{}, sdk.Invalid("/amount", "zero", "A coin is worth something.")
			}
			c := coin{ID: tx.NewID(), Owner: in.Owner, Amount: in.Amount * options.Get(tx).Amount}
			if err := coins.Insert(tx, c); err != nil {
				return c, err
			}
			if err := sum.Add(tx, sdk.K(c.Owner), c.Amount, 0, 100); err != nil {
				return c, err
			}
			if err := remind.Schedule(tx, c.Owner, tx.Now()+60_000, in); err != nil {
				return c, err
			}
			return c, dropped.Emit(tx, c)
		}),
		total.Handle(func(v *sdk.View, in change) (balance, error) {
			b := balance{Amount: sum.Get(v, sdk.K(in.Owner))}
			for range coins.Scan(v, sdk.Scan{Index: "owner", Prefix: sdk.K(in.Owner)}) {
				b.Coins++
			}
			return b, nil
		}),
		remind.On(func(tx *sdk.Tx, in change) error {
			_, err := borrow.Call(tx, in)
			return err
		}),
	)
}

func TestRunCommitsAndFailsAsAWhole(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, kitty(), sdktest.Settings(change{Amount: 10}))
	first, err := sdktest.Run(env, drop, change{"anna", 6})
	if err != nil || first.Amount != 60 || len(first.ID) != 26 {
		t.Fatalf("drop = %+v, %v", first, err)
	}
	_, err = sdktest.Run(env, drop, change{"anna", 5})
	if sdk.CodeOf(err) != sdk.CodeExhausted || sdk.ReasonOf(err) != "bound" {
		t.Errorf("passing the bound: %v", err)
	}
	if b, err := sdktest.Call(env, total, change{Owner: "anna"}); err != nil || b != (balance{60, 1}) {
		t.Errorf("total = %+v, %v", b, err)
	}
	if got := sdktest.Emitted(env, dropped); len(got) != 1 || got[0] != first {
		t.Errorf("emitted %+v, want %+v", got, first)
	}
	if got := env.Events(); got[0].Key != "anna" || got[0].Position != 1 || got[0].At != env.Now() {
		t.Errorf("event %+v", got[0])
	}
	if got := sdktest.Scheduled(env, remind); len(got) != 1 || got[0].Owner != "anna" {
		t.Errorf("timers %+v", got)
	}
}

func TestErrorsKeepTheirParts(t *testing.T) {
	t.Parallel()
	_, err := sdktest.Run(sdktest.New(t, kitty()), drop, change{})
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code != sdk.CodeInvalid || e.Reason != "zero" || e.Pointer != "/amount" || e.App != "kitty" {
		t.Errorf("error %#v", err)
	}
}
