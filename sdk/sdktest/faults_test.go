package sdktest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// draws is an app that shows its attempts.
func draws(attempts *int, ids *[]string) *sdk.App {
	return sdk.NewApp("kitty", coins,
		drop.Handle(func(tx *sdk.Tx, in change) (coin, error) {
			*attempts++
			*ids = append(*ids, tx.NewID()+string(tx.Random(4)))
			sdk.Log(tx, "dropping")
			c := coin{ID: in.Owner, Owner: in.Owner, Amount: int64(*attempts)}
			return c, errors.Join(coins.Insert(tx, c), dropped.Emit(tx, c))
		}))
}

func TestConflictRunsTheHandlerAgain(t *testing.T) {
	t.Parallel()
	var attempts int
	var ids []string
	env := sdktest.New(t, draws(&attempts, &ids))
	env.Faults.Conflict(3)
	c, err := sdktest.Run(env, drop, change{Owner: "anna"})
	if err != nil || c.Amount != 4 || attempts != 4 {
		t.Errorf("after 3 conflicts: %+v, %v, %d attempts", c, err, attempts)
	}
	if distinct := slices.Compact(slices.Clone(ids)); len(distinct) != 1 {
		t.Errorf("a rerun was given other ids: %q", ids)
	}
	if n := len(env.Events()); n != 1 {
		t.Errorf("%d events of 4 attempts", n)
	}
	if n := len(env.Logs()); n != 4 {
		t.Errorf("%d log lines of 4 attempts", n)
	}
	if _, err = sdktest.Run(env, drop, change{Owner: "bice"}); err != nil || attempts != 5 {
		t.Errorf("the next command: %v, %d attempts", err, attempts)
	}
}

func TestTwiceShowsStateOutsideOfTheData(t *testing.T) {
	t.Parallel()
	var attempts int
	var ids []string
	env := sdktest.New(t, draws(&attempts, &ids), sdktest.Twice)
	if c, err := sdktest.Run(env, drop, change{Owner: "anna"}); err != nil || c.Amount != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	if n := len(env.Events()); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestFaultsFailUntilHealed(t *testing.T) {
	t.Parallel()
	asker := sdk.NewApp("asker", sdk.Command[change, change]{Name: "asker.ask"}.Handle(borrow.Call))
	lend := borrow.Handle(func(_ *sdk.Tx, in change) (change, error) { return in, nil })
	env := sdktest.New(t, asker, sdktest.Stub(lend))
	ask := sdk.Command[change, change]{Name: "asker.ask"}
	env.Faults.Fail("bank.borrow", sdk.Fail(sdk.CodeUnavailable, "closed", "The bank is closed."))
	if _, err := sdktest.Run(env, ask, change{}); sdk.CodeOf(err) != sdk.CodeUnavailable || sdk.ReasonOf(err) != "closed" {
		t.Errorf("while it fails: %v", err)
	}
	env.Faults.Heal("bank.borrow")
	if out, err := sdktest.Run(env, ask, change{Amount: 3}); err != nil || out.Amount != 3 {
		t.Errorf("healed: %+v, %v", out, err)
	}
}

func TestMistakesThatAGuestCouldMake(t *testing.T) {
	t.Parallel()
	var kept *sdk.Tx
	env := sdktest.New(t, sdk.NewApp("kitty", drop.Handle(func(tx *sdk.Tx, in change) (coin, error) {
		switch in.Owner {
		case "keep":
			kept = tx
		case "use":
			kept.NewID()
		case "undeclared":
			return coin{}, coins.Put(tx, coin{ID: "x"})
		case "undeclared read":
			coins.Get(tx, sdk.K("x"))
		case "event":
			return coin{}, sdk.Event[coin]{Name: "bank.opened"}.Emit(tx, coin{})
		case "plain":
			return coin{}, errors.New("secret")
		}
		return coin{}, nil
	})))
	for owner, want := range map[string]string{
		"use":             abi.ReasonAppFault,
		"undeclared":      abi.ReasonUndeclared,
		"undeclared read": abi.ReasonAppFault,
		"event":           abi.ReasonEvent,
		"plain":           "",
	} {
		if _, err := sdktest.Run(env, drop, change{Owner: "keep"}); err != nil {
			t.Fatal(err)
		}
		_, err := sdktest.Run(env, drop, change{Owner: owner})
		var e *sdk.Error
		if !errors.As(err, &e) || e.Reason != want || e.Message == "secret" {
			t.Errorf("%s: %v, want reason %q", owner, err, want)
		}
	}
	if !slices.ContainsFunc(env.Logs(), func(l sdktest.Line) bool { return l.Message == "secret" && l.Level == abi.LogError }) {
		t.Error("the text of a plain error is not in the log")
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	names := "abcdefghi" // nine apps, each calls the next
	var apps []*sdk.App
	for i := range len(names) {
		next := sdk.Query[change, change]{Name: names[min(i+1, 8):min(i+2, 9)] + ".go"}
		apps = append(apps, sdk.NewApp(names[i:i+1], sdk.Query[change, change]{Name: names[i:i+1] + ".go"}.Handle(
			func(v *sdk.View, in change) (change, error) {
				if in.Amount--; in.Amount == 0 {
					return in, nil
				}
				return next.Call(v, in)
			})))
	}
	env := sdktest.New(t, apps[0], sdktest.With(apps[1:]...))
	first := sdk.Query[change, change]{Name: "a.go"}
	if _, err := sdktest.Call(env, first, change{Amount: abi.MaxDepth}); err != nil {
		t.Errorf("eight apps: %v", err)
	}
	if _, err := sdktest.Call(env, first, change{Amount: abi.MaxDepth + 1}); sdk.CodeOf(err) != sdk.CodeExhausted || sdk.ReasonOf(err) != abi.ReasonCallDepth {
		t.Errorf("nine apps: %v", err)
	}
}
