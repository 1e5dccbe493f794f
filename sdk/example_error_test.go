package sdk_test

import (
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// An error has a closed code, which decides what a caller can do, and an open
// reason with parameters, which the operation documents.
func ExampleFail() {
	redeem := sdk.Command[debit, debit]{Name: "gift.redeem"}
	gift := sdk.NewApp("gift", redeem.Handle(func(_ *sdk.Tx, in debit) (debit, error) {
		e := sdk.Fail(sdk.CodeExhausted, "balance", "The card holds 12,40 €.")
		e.Pointer, e.Fields = "/amount", []sdk.Field{sdk.Int("balance", int64(1240))}
		return in, e
	}))
	_, err := sdktest.Run(sdktest.New(nil, gift), redeem, debit{"C-1", 2000})
	var e *sdk.Error
	if errors.As(err, &e) {
		fmt.Println(e)
		fmt.Println(e.Code.Retryable(), e.Fields[0].Name, e.Fields[0].Int, "from", e.App)
	}
	// Output:
	// exhausted (balance): The card holds 12,40 €. at /amount
	// false balance 1240 from gift
}

func ExampleInvalid() {
	fmt.Println(sdk.Invalid("/lines/0/quantity", "not_positive", "A quantity is at least one."))
	fmt.Println(sdk.NotFound("card", "There is no such card."))
	fmt.Println(sdk.FailedPrecondition("closed", "The day is closed."))
	// Output:
	// invalid (not_positive): A quantity is at least one. at /lines/0/quantity
	// not_found (card): There is no such card.
	// failed_precondition (closed): The day is closed.
}

// Any other error is a fault: its text goes to the app's log and no further.
func ExampleCodeOf() {
	fmt.Println(sdk.CodeOf(nil), sdk.CodeOf(errors.New("disk on fire")), sdk.CodeOf(fmt.Errorf("redeem: %w", sdk.NotFound("card", ""))))
	fmt.Println(sdk.ReasonOf(fmt.Errorf("redeem: %w", sdk.NotFound("card", ""))))
	// Output:
	// ok internal not_found
	// card
}
