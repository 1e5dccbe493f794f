package sdktest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// mistake runs fn and returns what sdktest says of the test's own mistake.
func mistake(fn func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	fn()
	return ""
}

func TestMistakesOfATest(t *testing.T) {
	t.Parallel()
	none := sdk.NewApp("none")
	twin := sdk.NewApp("twin", drop.Handle(func(*sdk.Tx, change) (coin, error) { return coin{}, nil }))
	both := sdk.NewApp("both", total.Handle(nil), borrow.Handle(nil))
	for want, fn := range map[string]func(){
		"kitty and twin both provide kitty.drop": func() { sdktest.New(nil, kitty(), sdktest.With(twin)) },
		"an app provides one contract":           func() { sdktest.New(nil, both) },
		`settings of "other": no such app`:       func() { sdktest.New(nil, none, sdktest.SettingsOf("other", change{})) },
		`manifest of "other": no such app`:       func() { sdktest.New(nil, none, sdktest.Manifest([]byte(`{"id":"other"}`))) },
		"leave the port out of a.example:443": func() {
			sdktest.New(nil, none, sdktest.Manifest([]byte(`{"id":"none","grants":[{"http":"a.example:443"}]}`)))
		},
		"read a manifest":                    func() { sdktest.New(nil, none, sdktest.Manifest([]byte(`{`))) },
		"a stub is one handler":              func() { sdktest.New(nil, none, sdktest.Stub(coins)) },
		"none does not fill kitty.bonus":     func() { sdktest.Fill(sdktest.New(nil, none), bonus, change{}) },
		"nobody listens to kitty.dropped":    func() { _ = sdktest.Deliver(sdktest.New(nil, none), dropped, coin{}) },
		"no handler of the timer remind":     func() { _ = sdktest.Fire(sdktest.New(nil, none), remind, change{}) },
		`is not like "2026-03-29 15:00`:      func() { sdktest.New(nil, none).At("noon") },
		`the zone of "2026-01-01 Mars/Base"`: func() { sdktest.New(nil, none).At("2026-01-01 Mars/Base") },
	} {
		if got := mistake(fn); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestStubsWinAndSlotsAreAsked(t *testing.T) {
	t.Parallel()
	filler := func(id string, answer change, err error) *sdk.App {
		return sdk.NewApp(id, bonus.Fill(func(*sdk.View, change) (change, error) { return answer, err }))
	}
	env := sdktest.New(t, filler("good", change{Amount: 1}, nil),
		sdktest.With(filler("bad", change{}, sdk.NotFound("nothing", "")), kitty()),
		sdktest.Stub(
			bonus.Fill(func(*sdk.View, change) (change, error) { return change{Amount: 3}, nil }),
			total.Handle(func(*sdk.View, change) (balance, error) { return balance{Amount: 99}, nil }),
		))
	if b, err := sdktest.Call(env, total, change{}); err != nil || b.Amount != 99 {
		t.Errorf("stubbed total = %+v, %v", b, err)
	}
	if out := sdktest.Fill(env, bonus, change{}); out.Amount != 1 {
		t.Errorf("Fill asked %+v, want the app under test", out)
	}
	got := sdktest.Each(env, bonus, change{})
	if len(got) != 3 || got[0].Filler != "bad" || sdk.ReasonOf(got[0].Err) != "nothing" || got[1].Filler != "good" || got[2].Filler != "stub kitty.bonus" || got[2].Out.Amount != 3 {
		t.Errorf("Each = %+v", got)
	}
	if ids := env.Fillers(bonus.Name); strings.Join(ids, ",") != "bad,good,stub kitty.bonus" {
		t.Errorf("fillers %v", ids)
	}
}

func TestUpdateAndView(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, kitty())
	boom := errors.New("boom")
	if err := env.Update(func(tx *sdk.Tx) error { return coins.Put(tx, coin{ID: "a", Owner: "anna"}) }); err != nil {
		t.Fatal(err)
	}
	if err := env.Update(func(tx *sdk.Tx) error { return errors.Join(coins.Delete(tx, sdk.K("a")), boom) }); !errors.Is(err, boom) {
		t.Errorf("Update returns %v, want the error as it was", err)
	}
	var found bool
	if err := env.View(func(v *sdk.View) error { _, found = coins.Get(v, sdk.K("a")); return nil }); err != nil || !found {
		t.Errorf("after an undone Update: %v, found %v", err, found)
	}
}

func TestTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	run := func(parts ...sdktest.Part) string {
		env := sdktest.New(t, kitty(), parts...)
		var out []string
		for range 3 {
			c, err := sdktest.Run(env, drop, change{"anna", 1})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c.ID)
		}
		return strings.Join(out, " ")
	}
	if a, b := run(), run(sdktest.Twice); a != b {
		t.Errorf("ids differ from run to run:\n%s\n%s", a, b)
	}
	if run() == run(sdktest.Seed(1)) {
		t.Error("another seed, the same ids")
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1970-01-02":                      86_400_000,
		"1970-01-01 00:00:01":             1000,
		"2026-03-29 15:00 Europe/Rome":    1_774_789_200_000,
		"2026-01-29 15:00:02 Europe/Rome": 1_769_695_202_000,
		"2026-03-29 Pacific/Auckland":     1_774_695_600_000,
	} {
		env := sdktest.New(t, kitty())
		if env.At(text); int64(env.Now()) != want {
			t.Errorf("%s is %d, want %d", text, env.Now(), want)
		}
	}
}

func TestManifestGrants(t *testing.T) {
	t.Parallel()
	manifest := func(grants string) sdktest.Part {
		return sdktest.Manifest([]byte(`{"id":"kitty","version":"1.0.0","grants":[` + grants + `]}`))
	}
	lend := sdktest.Stub(borrow.Handle(func(_ *sdk.Tx, in change) (change, error) { return in, nil }))
	granted := sdktest.New(t, kitty(), lend, manifest(`{"call":"bank.borrow","why":{"en":"…"}}`))
	if err := sdktest.Fire(granted, remind, change{}); err != nil {
		t.Errorf("granted: %v", err)
	}
	denied := sdktest.New(t, kitty(), lend, manifest(""))
	if err := sdktest.Fire(denied, remind, change{}); sdk.CodeOf(err) != sdk.CodeDenied || sdk.ReasonOf(err) != "grant" {
		t.Errorf("not granted: %v", err)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	var probe recorder
	sdktest.Golden(&probe, balance{Amount: 13, Coins: 3})
	sdktest.Golden(t, balance{Amount: 12, Coins: 3})
	t.Run("in a subtest", func(t *testing.T) { sdktest.Golden(t, []coin{{ID: "<à>"}}) })
	if !strings.Contains(probe.text, `want "amount": 12`) || !strings.Contains(probe.text, `got  "amount": 13`) {
		t.Errorf("a difference is shown as %q", probe.text)
	}
}

// recorder is a test that fails without failing this one.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return "TestGolden" }
func (r *recorder) Errorf(format string, args ...any) {
	r.text = fmt.Sprintf(format, args...)
}
