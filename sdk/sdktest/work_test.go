package sdktest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// The courier works outside, long and daily.

type walk struct {
	At    int64 `json:"at"`
	Steps int64 `json:"steps"`
}

var (
	ring  = sdk.Effect[change, coin]{Name: "ring"}
	round = sdk.Job[change, walk]{Name: "round"}
	call  = sdk.Command[change, coin]{Name: "courier.call"}
	tell  = sdk.Command[coin, sdk.None]{Name: "courier.tell"}
	route = sdk.Event[coin]{Name: "courier.walked"}
)

// courier is asked to ring for somebody as often as the amount says.
func courier() *sdk.App {
	return sdk.NewApp("courier", notes, options,
		call.Handle(func(tx *sdk.Tx, in change) (coin, error) {
			if err := ring.Start(tx, in.Owner, in); err != nil {
				return coin{}, err
			}
			return coin{}, round.Begin(tx, in.Owner, in)
		}),
		tell.Handle(func(tx *sdk.Tx, in coin) (sdk.None, error) { return sdk.None{}, route.Emit(tx, in) }),
		ring.Handle(func(o *sdk.Outside, in change) (coin, error) {
			i := o.Info()
			r, err := o.HTTP(sdk.Request{URL: "https://bell.example/" + in.Owner, Body: []byte(fmt.Sprint(i.Key, " ", i.Attempt))})
			return coin{Owner: string(r.Body), Amount: options.Get(o).Amount}, err
		}, func(tx *sdk.Tx, in change, out coin, err error) error {
			return note{What: fmt.Sprintf("%s %s %d %v %s", in.Owner, out.Owner, out.Amount, sdk.CodeOf(err), sdk.ReasonOf(err))}.write(tx)
		}),
		round.Handle(func(tx *sdk.Tx, in change, s *sdk.Step[walk]) error {
			if in.Owner == "lost" {
				return sdk.FailedPrecondition("lost", "")
			}
			s.State.At += 2
			s.State.Steps++
			s.Done, s.Total = uint64(s.State.At), uint64(in.Amount)
			s.Finished = s.State.At >= in.Amount
			return note{What: fmt.Sprint(in.Owner, " at ", s.State.At, " for ", tx.Info().Key)}.write(tx)
		}),
		sdk.Daily("rise", "07:00", func(tx *sdk.Tx) error { return note{What: "rise"}.write(tx) }),
	)
}

func (n note) write(tx *sdk.Tx) error {
	n.ID, n.At = tx.NewID(), int64(tx.Now())
	return notes.Put(tx, n)
}

// TestEffectWhoseAnswerIsLost: the world is asked twice, the app is told once.
func TestEffectWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, courier(), sdktest.Twice)
	var asked []string
	env.HTTP(func(r sdk.Request) (sdk.Response, error) {
		asked = append(asked, r.Method+" "+string(r.Body))
		return sdk.Response{Status: 200, Body: []byte("came")}, nil
	})
	env.Faults.LoseAnswer(1)
	if _, err := sdktest.Run(env, call, change{"anna", 1}); err != nil {
		t.Fatal(err)
	}
	if got := sdktest.Started(env, ring); len(got) != 1 || got[0].Owner != "anna" {
		t.Errorf("started %+v", got)
	}
	if err := env.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(asked, ", "); got != "GET courier-ring-anna 1, GET courier-ring-anna 2" {
		t.Errorf("asked %s", got)
	}
	if got := whatIsNoted(t, env); got != "anna at 2 for anna, anna came 1 ok " || len(env.Effects()) != 0 {
		t.Errorf("noted %q, waiting %+v", got, env.Effects())
	}
}

// TestEffectThatFails: a code that cannot be retried ends it at once, nobody's
// answer after six attempts; the app is told either way.
func TestEffectThatFails(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, courier())
	env.HTTP(func(sdk.Request) (sdk.Response, error) { return sdk.Response{}, sdk.Fail(sdk.CodeDenied, "egress", "") })
	if _, err := sdktest.Run(env, call, change{"bice", 1}); err != nil || env.Settle() != nil {
		t.Fatal(err)
	}
	env.HTTP(nil)
	if _, err := sdktest.Run(env, call, change{"carla", 1}); err != nil || env.Advance(time.Minute) != nil {
		t.Fatal(err)
	}
	if got := env.Effects(); len(got) != 1 || got[0].Attempt != 4 || got[0].At != env.Now()+96_000 {
		t.Errorf("after a minute %+v", got)
	}
	if err := env.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := whatIsNoted(t, env); !strings.Contains(got, "bice  0 denied egress") || !strings.Contains(got, "carla  0 unavailable http") {
		t.Errorf("noted %q", got)
	}
}

// TestDoneThatFails: what was done outside is not done again for it.
func TestDoneThatFails(t *testing.T) {
	t.Parallel()
	asked, broken := 0, true
	env := sdktest.New(t, sdk.NewApp("courier", notes, call.Handle(func(tx *sdk.Tx, in change) (coin, error) { return coin{}, ring.Start(tx, "k", in) }),
		ring.Handle(func(*sdk.Outside, change) (coin, error) { asked++; return coin{}, nil }, func(tx *sdk.Tx, _ change, _ coin, _ error) error {
			if broken {
				return errors.New("not now")
			}
			return note{What: "done"}.write(tx)
		})))
	if _, err := sdktest.Run(env, call, change{}); err != nil {
		t.Fatal(err)
	}
	if err := env.Settle(); sdk.CodeOf(err) != sdk.CodeInternal {
		t.Errorf("Settle = %v", err)
	}
	broken = false
	if err := env.Settle(); err != nil || whatIsNoted(t, env) != "done" || asked != 1 {
		t.Errorf("%v; noted %s, asked %d times", err, whatIsNoted(t, env), asked)
	}
}

// TestOutsideHasNoData: no handler of an effect gets at records, even if it forges
// a *sdk.Tx, and only proper requests leave it.
func TestOutsideHasNoData(t *testing.T) {
	t.Parallel()
	var ended error
	env := sdktest.New(t, sdk.NewApp("courier", notes,
		call.Handle(func(tx *sdk.Tx, in change) (coin, error) {
			return coin{}, ring.Start(tx, strings.Repeat("k", int(in.Amount)), in)
		}),
		ring.Handle(func(o *sdk.Outside, _ change) (coin, error) {
			for url, want := range map[string]string{
				"http://bell.example": abi.ReasonEgress, "ftp://x": abi.ReasonEgress, "": abi.ReasonEgress, "https://": abi.ReasonEgress,
				"https://anna@bell.example": abi.ReasonHTTP, "https://bell.example/#x": abi.ReasonHTTP, "https:bell.example": abi.ReasonHTTP,
			} {
				if _, err := o.HTTP(sdk.Request{URL: url}); sdk.ReasonOf(err) != want {
					return coin{}, fmt.Errorf("%s: %w", url, err)
				}
			}
			if err := notes.Put((*sdk.Tx)(unsafe.Pointer(o)), note{ID: "x"}); sdk.ReasonOf(err) != abi.ReasonOutside {
				return coin{}, fmt.Errorf("put: %w", err)
			}
			_, err := o.HTTP(sdk.Request{URL: "https://x", Body: make([]byte, abi.MaxHTTP+1)})
			return coin{}, err
		}, func(_ *sdk.Tx, _ change, _ coin, err error) error { ended = err; return nil })))
	if _, err := sdktest.Run(env, call, change{Amount: abi.MaxTimerID + 1}); sdk.ReasonOf(err) != abi.ReasonKey {
		t.Errorf("a long key: %v", err)
	}
	if _, err := sdktest.Run(env, call, change{Amount: 1}); err != nil || env.Settle() != nil {
		t.Error(err)
	}
	if sdk.CodeOf(ended) != sdk.CodeTooLarge {
		t.Errorf("the effect ended with %v", ended)
	}
}

// TestReach: with its manifest an app reaches the hosts that it asks for, and its
// secrets go where they are bound to.
func TestReach(t *testing.T) {
	t.Parallel()
	manifest := []byte(`{"id": "courier", "grants": [
		{"http": "bell.example", "secret": {"setting": "key", "header": "Authorization"}}, {"http": "mail.example:8443"}
	]}`)
	for _, c := range []struct {
		request sdk.Request
		want    string
	}{
		{sdk.Request{URL: "https://bell.example/x", Secret: "key"}, ""},
		{sdk.Request{URL: "https://Bell.Example:443/x"}, ""},
		{sdk.Request{URL: "https://bell.example", Secret: "other"}, abi.ReasonEgress},
		{sdk.Request{URL: "https://bell.example:8443"}, abi.ReasonEgress},
		{sdk.Request{URL: "https://mail.example:8443"}, ""},
		{sdk.Request{URL: "https://mail.example:8443", Secret: "key"}, abi.ReasonEgress},
		{sdk.Request{URL: "https://elsewhere.example"}, abi.ReasonEgress},
		{sdk.Request{URL: "https://bell.example/long"}, abi.ReasonHTTP},
	} {
		var ended error
		env := sdktest.New(t, sdk.NewApp("courier", call.Handle(func(tx *sdk.Tx, in change) (coin, error) { return coin{}, ring.Start(tx, "k", in) }),
			ring.Handle(func(o *sdk.Outside, _ change) (coin, error) {
				_, err := o.HTTP(c.request)
				return coin{}, err
			}, func(_ *sdk.Tx, _ change, _ coin, err error) error { ended = err; return nil })), sdktest.Manifest(manifest))
		env.HTTP(func(r sdk.Request) (sdk.Response, error) {
			if strings.HasSuffix(r.URL, "/long") {
				return sdk.Response{Body: make([]byte, abi.MaxHTTP+1)}, nil
			}
			return sdk.Response{Status: 204}, nil
		})
		if _, err := sdktest.Run(env, call, change{}); err != nil || env.Settle() != nil || sdk.ReasonOf(ended) != c.want {
			t.Errorf("%s with the secret %q: %v, the effect ended with %v, want %q", c.request.URL, c.request.Secret, err, ended, c.want)
		}
	}
}

func TestJobs(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, courier(), sdktest.Twice)
	env.HTTP(func(sdk.Request) (sdk.Response, error) { return sdk.Response{}, nil })
	for _, in := range []change{{"anna", 5}, {"lost", 1}} {
		if _, err := sdktest.Run(env, call, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := env.Settle(); sdk.ReasonOf(err) != "lost" {
		t.Errorf("Settle = %v", err)
	}
	if got, finished := sdktest.Result(env, round, "anna"); got != (walk{6, 3}) || !finished {
		t.Errorf("result %+v, %v", got, finished)
	}
	if j := env.Jobs(); len(j) != 2 || j[1].Steps != 0 || j[0].Steps != 3 || j[0].Done != 6 || j[0].Total != 5 || !j[0].Finished {
		t.Errorf("jobs %+v", j)
	}
	if got, finished := sdktest.Result(env, round, "lost"); got != (walk{}) || finished {
		t.Errorf("the lost one %+v, %v", got, finished)
	}
}

// TestJobBegunAgain: a job that is at work on the same goes on, one on something
// else and one that has finished begin anew.
func TestJobBegunAgain(t *testing.T) {
	t.Parallel()
	steps, again := 0, change{"anna", 3}
	env := sdktest.New(t, sdk.NewApp("courier",
		call.Handle(func(tx *sdk.Tx, in change) (coin, error) { return coin{}, round.Begin(tx, "k", in) }),
		route.On(func(tx *sdk.Tx, _ coin) error { return round.Begin(tx, "k", again) }),
		tell.Handle(func(tx *sdk.Tx, in coin) (sdk.None, error) { return sdk.None{}, route.Emit(tx, in) }),
		round.Handle(func(tx *sdk.Tx, in change, s *sdk.Step[walk]) error {
			steps++
			s.State.At++
			s.Finished = s.State.At == in.Amount
			if s.State.At == 2 && steps == 2 {
				return route.Emit(tx, coin{})
			}
			return nil
		})))
	for _, c := range []struct {
		again change
		steps int
	}{{change{"anna", 3}, 3}, {change{"bice", 3}, 5}} {
		steps, again = 0, c.again
		sdktest.Do(t, env, call, change{"anna", 3})
		if j := env.Jobs(); len(j) != 1 || j[0].Steps != 0 || j[0].Finished {
			t.Errorf("before the first step %+v", j)
		}
		if err := env.Settle(); err != nil || steps != c.steps {
			t.Errorf("begun again with %v: %v, %d steps, want %d", c.again, err, steps, c.steps)
		}
		if j := env.Jobs(); len(j) != 1 || j[0].Steps != 3 || !j[0].Finished {
			t.Errorf("at the end %+v", j)
		}
	}
}

// TestJobBegunAnewByItsStep: what a step begins under its own id comes next, from
// its beginning, whether it was the last step or not.
func TestJobBegunAnewByItsStep(t *testing.T) {
	t.Parallel()
	for _, last := range []bool{false, true} {
		var got []string
		env := sdktest.New(t, sdk.NewApp("courier",
			call.Handle(func(tx *sdk.Tx, in change) (coin, error) { return coin{}, round.Begin(tx, "k", in) }),
			round.Handle(func(tx *sdk.Tx, in change, s *sdk.Step[walk]) error {
				got = append(got, fmt.Sprint(in.Owner, s.State.At))
				s.State.At++
				if s.Finished = s.State.At == in.Amount; in.Owner != "old" {
					return nil
				}
				s.Finished = last
				return round.Begin(tx, "k", change{"new", 2})
			})))
		sdktest.Do(t, env, call, change{"old", 9})
		if err := env.Settle(); err != nil || !slices.Equal(got, []string{"old0", "new0", "new1"}) {
			t.Errorf("last %v: steps %q, %v", last, got, err)
		}
		if j := env.Jobs(); len(j) != 1 || j[0].Steps != 2 || !j[0].Finished {
			t.Errorf("last %v: %+v", last, j)
		}
	}
}

// TestDaily: at the civil time of the zone, once a day, and not for days that
// were jumped over.
func TestDaily(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, courier(), sdktest.Zone("America/New_York"))
	count := func() int { return strings.Count(whatIsNoted(t, env), "rise") }
	for _, c := range []struct {
		d    time.Duration
		want int
	}{{2*time.Hour - time.Minute, 0}, {time.Minute, 1}, {23 * time.Hour, 1}, {time.Hour, 2}, {72 * time.Hour, 5}} {
		if err := env.Advance(c.d); err != nil || count() != c.want {
			t.Errorf("after %v more: %d times, %v; want %d", c.d, count(), err, c.want)
		}
	}
	env.At("2026-03-01 15:00")
	if err := env.Settle(); err != nil || count() != 6 {
		t.Errorf("after a jump %d times, %v", count(), err)
	}
	env.At("2026-02-01 15:00")
	if err := env.Advance(24 * time.Hour); err != nil || count() != 7 {
		t.Errorf("after a jump back %d times, %v", count(), err)
	}
}

// TestReplayIsATwin: an app that hears of the past is what it would be if it had
// been there, its timers included, and not one effect is started.
func TestReplayIsATwin(t *testing.T) {
	t.Parallel()
	listener := func() *sdk.App {
		return sdk.NewApp("clerk", notes,
			dropped.On(func(tx *sdk.Tx, c coin) error {
				if err := ring.Start(tx, c.ID, change{c.Owner, c.Amount}); err != nil {
					return err
				}
				if c.Amount == 5 {
					return alarm.Cancel(tx, "two")
				}
				if err := alarm.Schedule(tx, c.Owner, tx.Now()+retail.Instant(c.Amount)*1000, change{c.Owner, c.Amount}); err != nil {
					return err
				}
				i := tx.Info()
				return notes.Put(tx, note{ID: c.ID, What: fmt.Sprint(c.Owner, i.Key, i.Position, i.Attempt, len(i.Event), " "), At: int64(tx.Now())})
			}).Replayable(),
			alarm.On(func(tx *sdk.Tx, in change) error {
				return notes.Put(tx, note{ID: fmt.Sprint("~", tx.Now()), What: "ring " + in.Owner + " " + tx.Info().Key, At: int64(tx.Now())})
			}),
			ring.Handle(func(*sdk.Outside, change) (coin, error) { return coin{}, nil }, nil),
			sdk.Daily("count", "10:01", func(tx *sdk.Tx) error {
				return notes.Put(tx, note{ID: fmt.Sprint("~", tx.Now()), What: "counted", At: int64(tx.Now())})
			}),
		)
	}
	play := func(env *sdktest.Env, rings *int) {
		for _, c := range []struct {
			owner  string
			amount int64
		}{{"one", 30}, {"two", 90}, {"one", 70}, {"three", 5}, {"four", 99}} {
			if _, err := sdktest.Run(env, drop, change{c.owner, c.amount}); err != nil && sdk.CodeOf(err) != sdk.CodeExhausted {
				t.Fatal(err)
			}
			*rings += len(env.Effects())
			if err := env.Advance(40 * time.Second); err != nil && sdk.ReasonOf(err) != abi.ReasonOperation {
				t.Fatal(err)
			}
		}
	}
	twin, late, rings := sdktest.New(t, listener(), sdktest.With(kitty())), sdktest.New(t, listener(), sdktest.With(kitty()), sdktest.Later), 0
	play(twin, &rings)
	play(late, &rings)
	if got := whatIsNoted(t, late); got != "" {
		t.Errorf("before the replay: %s", got)
	}
	if err := late.Replay(); err != nil {
		t.Fatal(err)
	}
	if a, b := full(t, twin), full(t, late); a != b || strings.Count(a, "ring one") != 2 || strings.Contains(a, "ring two") || strings.Count(a, "counted") != 1 {
		t.Errorf("the twin noted\n%s\nthe late one\n%s", a, b)
	}
	if len(late.Effects()) != 0 {
		t.Errorf("effects of the past: %+v", late.Effects())
	}
}

// full is everything that is noted, with its time.
func full(t *testing.T, env *sdktest.Env) string {
	t.Helper()
	var all []string
	if err := env.View(func(v *sdk.View) error {
		for n := range notes.Scan(v, sdk.Scan{}) {
			all = append(all, fmt.Sprint(n.At, " ", n.What))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// TestReplayKeepsToItself: no other app is called, and what is emitted is heard
// only by who asked for it.
func TestReplayKeepsToItself(t *testing.T) {
	t.Parallel()
	var refused error
	old := sdk.NewApp("courier", notes, tell.Handle(func(tx *sdk.Tx, in coin) (sdk.None, error) { return sdk.None{}, nil }),
		dropped.On(func(tx *sdk.Tx, c coin) error {
			_, refused = borrow.Call(tx, change{})
			return route.Emit(tx, c)
		}).Replayable())
	heard := map[string]int{}
	hear := func(name string) func(*sdk.Tx, coin) error {
		return func(tx *sdk.Tx, _ coin) error {
			if tx.Info().Replayed {
				heard[name]++
			}
			return nil
		}
	}
	env := sdktest.New(t, old, sdktest.Later, sdktest.With(kitty(),
		sdk.NewApp("keen", route.On(hear("keen")).AlsoReplayed()), sdk.NewApp("plain", route.On(hear("plain")))),
		sdktest.Stub(borrow.Handle(func(*sdk.Tx, change) (change, error) { return change{}, nil })))
	if _, err := sdktest.Run(env, drop, change{"anna", 1}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(env.Replay(), env.Settle()); err != nil {
		t.Fatal(err)
	}
	if sdk.CodeOf(refused) != sdk.CodeDenied || sdk.ReasonOf(refused) != abi.ReasonReplay {
		t.Errorf("a call in a replay: %v", refused)
	}
	if events := env.Events(); len(events) != 2 || !events[1].Replayed || heard["keen"] != 1 || heard["plain"] != 0 {
		t.Errorf("events %+v, heard %v", events, heard)
	}
}

// TestAttempts: a handler that failed learns how often.
func TestAttempts(t *testing.T) {
	t.Parallel()
	var seen []int
	env := sdktest.New(t, sdk.NewApp("clerk", dropped.On(func(tx *sdk.Tx, _ coin) error {
		if seen = append(seen, tx.Info().Attempt); len(seen) < 3 {
			return sdk.FailedPrecondition("again", "")
		}
		return nil
	})), sdktest.With(kitty()))
	if _, err := sdktest.Run(env, drop, change{"anna", 1}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = env.Settle() // its error is the handler's
	}
	if fmt.Sprint(seen) != "[1 2 3]" || env.Settle() != nil {
		t.Errorf("attempts %v", seen)
	}
}

// TestTimeThatADayLacks: daily work happens behind the gap, and once on a day that
// has its time twice.
func TestTimeThatADayLacks(t *testing.T) {
	t.Parallel()
	for zone, days := range map[string][]string{
		"Europe/Rome":         {"2026-03-28 00:00", "28 01:30", "29 01:00", "30 00:30"},
		"Europe/Berlin":       {"2026-10-24 00:00", "24 00:30", "25 00:30", "26 01:30"},
		"America/New_York":    {"2026-10-30 12:00", "31 06:30", "01 07:30", "02 07:30"},
		"Australia/Lord_Howe": {"2026-10-02 00:00", "02 16:00", "03 15:30", "04 15:30"},
		"Asia/Kolkata":        {"2026-01-01 00:00", "01 21:00", "02 21:00", "03 21:00"},
	} {
		var got []string
		env := sdktest.New(t, sdk.NewApp("clerk", sdk.Daily("d", "02:30", func(tx *sdk.Tx) error {
			got = append(got, time.UnixMilli(int64(tx.Now())).UTC().Format("02 15:04"))
			return nil
		})), sdktest.Zone(zone))
		env.At(days[0])
		if err := env.Advance(72 * time.Hour); err != nil || !slices.Equal(got, days[1:]) {
			t.Errorf("%s: %v, %v; want %v", zone, got, err, days[1:])
		}
	}
}
