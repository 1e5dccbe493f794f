package sdktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// clerk listens to kitty and writes down what it hears.
type note struct {
	ID   string `json:"id"`
	What string `json:"what"`
	At   int64  `json:"at"`
}

var (
	notes = sdk.Collection[note]{Name: "notes", Key: []string{"id"}}
	alarm = sdk.Timer[change]{Name: "alarm"}
	noted = sdk.Event[note]{Name: "clerk.noted"}
)

func clerk() *sdk.App {
	return sdk.NewApp("clerk", notes,
		dropped.On(func(tx *sdk.Tx, c coin) error {
			if c.Amount == 13 {
				return sdk.FailedPrecondition("unlucky", "")
			}
			n := note{ID: c.ID, What: fmt.Sprintf("%s %d by %s", c.Owner, c.Amount, tx.Info().Principal), At: int64(tx.Now())}
			if err := notes.Put(tx, n); err != nil {
				return err
			}
			if err := alarm.Schedule(tx, c.Owner, tx.Now()+retail.Instant(c.Amount)*1000, change{c.Owner, c.Amount}); err != nil {
				return err
			}
			return noted.Emit(tx, n)
		}),
		alarm.On(func(tx *sdk.Tx, in change) error {
			if in.Amount == 66 {
				return sdk.FailedPrecondition("evil", "")
			}
			return notes.Put(tx, note{ID: tx.NewID(), What: "ring " + in.Owner, At: int64(tx.Now())})
		}),
	)
}

func whatIsNoted(t *testing.T, env *sdktest.Env) string {
	t.Helper()
	var all []string
	if err := env.View(func(v *sdk.View) error {
		for n := range notes.Scan(v, sdk.Scan{}) {
			all = append(all, n.What)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

func TestSettleDeliversOnceAndInOrder(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, clerk(), sdktest.With(kitty()))
	for _, amount := range []int64{1, 2} {
		if _, err := sdktest.Run(env, drop, change{"anna", amount}); err != nil {
			t.Fatal(err)
		}
	}
	if got := whatIsNoted(t, env); got != "" {
		t.Errorf("before Settle: %s", got)
	}
	for range 2 {
		if err := env.Settle(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range sdktest.Emitted(env, noted) {
			got = append(got, n.What)
		}
		if want := "anna 1 by app:clerk, anna 2 by app:clerk"; strings.Join(got, ", ") != want {
			t.Errorf("after Settle: %s, want %s", got, want)
		}
	}
	if got := sdktest.Scheduled(env, alarm); len(got) != 1 || got[0].Amount != 2 {
		t.Errorf("timers %+v, want the second, which replaced the first", got)
	}
}

func TestAdvanceFiresTimersAtTheirInstants(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, clerk())
	env.At("2026-03-29 01:59 Europe/Rome")
	begin := env.Now()
	for owner, amount := range map[string]int64{"late": 3600, "soon": 5, "evil": 66} {
		if err := sdktest.Deliver(env, dropped, coin{ID: owner, Owner: owner, Amount: amount}); err != nil {
			t.Fatal(err)
		}
	}
	err := env.Advance(2 * time.Minute)
	if err == nil || !strings.Contains(err.Error(), "timer alarm evil of clerk") || strings.Contains(err.Error(), "soon") {
		t.Errorf("Advance = %v, want the evil timer's error", err)
	}
	if env.Now() != begin+120_000 {
		t.Errorf("clock moved by %d ms", env.Now()-begin)
	}
	if got := env.Timers(); len(got) != 2 || got[0].ID != "evil" || got[1].ID != "late" {
		t.Errorf("timers that wait: %+v", got)
	}
	if err := env.View(func(v *sdk.View) error {
		for n := range notes.Scan(v, sdk.Scan{}) {
			if n.What == "ring soon" && n.At != int64(begin)+5000 {
				t.Errorf("soon rang at %d, want its own instant", n.At-int64(begin))
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAFailingEventWaitsWithLaterOnesOfItsKey(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, clerk(), sdktest.With(kitty()))
	for _, c := range []change{{"anna", 13}, {"anna", 1}, {"bice", 2}} {
		if _, err := sdktest.Run(env, drop, c); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		err := env.Settle()
		if sdk.ReasonOf(err) != "unlucky" {
			t.Errorf("Settle = %v", err)
		}
		if got := whatIsNoted(t, env); got != "bice 2 by app:clerk" {
			t.Errorf("noted: %s", got)
		}
	}
}

func TestFireAndDeliver(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, clerk())
	if err := sdktest.Fire(env, alarm, change{Owner: "now", Amount: 1}); err != nil {
		t.Error(err)
	}
	if err := sdktest.Deliver(env, dropped, coin{Amount: 13}); sdk.ReasonOf(err) != "unlucky" {
		t.Errorf("Deliver = %v", err)
	}
	if got := whatIsNoted(t, env); got != "ring now" {
		t.Errorf("noted: %s", got)
	}
}

func TestEventsThatCauseEachOtherAreFound(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, sdk.NewApp("kitty", dropped.On(dropped.Emit)))
	if err := sdktest.Deliver(env, dropped, coin{}); err != nil {
		t.Fatal(err)
	}
	if err := env.Settle(); sdk.ReasonOf(err) != abi.ReasonHop || len(env.Events()) != abi.MaxHop {
		t.Errorf("after %d events Settle = %v", len(env.Events()), err)
	}
}

func TestTimersThatNeverRestAreFound(t *testing.T) {
	t.Parallel()
	again := func(tx *sdk.Tx, c change) error { return alarm.Schedule(tx, "again", tx.Now(), c) }
	env := sdktest.New(nil, sdk.NewApp("clerk", alarm.On(again)))
	if err := sdktest.Fire(env, alarm, change{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "do not come to rest") {
			t.Errorf("Settle ended with %v", r)
		}
	}()
	_ = env.Settle()
}
