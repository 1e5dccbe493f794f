package sdktest_test

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

const (
	kittysManifest = `{"id": "kitty", "grants": [
		{"call": "bank.borrow", "bounds": {"max": [{"field": "amount", "max": 5}]}}
	], "provides": {"operations": [{"name": "kitty.drop", "store": "owner"}, {"name": "kitty.total"}]}}`
	banksManifest = `{"id": "bank", "provides": {"operations": [{"name": "bank.borrow", "store": "owner"}]}}`
)

// bank lends.
func bank() *sdk.App {
	return sdk.NewApp("bank", borrow.Handle(func(_ *sdk.Tx, in change) (change, error) { return in, nil }))
}

// TestStores: who is limited to stores may act for these; an operation about no
// store is not limited.
func TestStores(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, kitty(), sdktest.Manifest([]byte(kittysManifest)), sdktest.With(bank()))
	env.AsPrincipal(sdktest.Principal{ID: "user:anna", Stores: []string{"MI-01", "MI-02"}})
	for store, want := range map[string]string{"MI-01": "", "MI-02": "", "TO-01": abi.ReasonStore, "": ""} {
		_, err := sdktest.Run(env, drop, change{store, 1})
		if sdk.ReasonOf(err) != want || (err != nil) != (want != "") || err != nil && sdk.CodeOf(err) != sdk.CodeDenied {
			t.Errorf("store %q: %v, want %q", store, err, want)
		}
		if _, err := sdktest.Call(env, total, change{Owner: store}); err != nil {
			t.Errorf("total of %q: %v", store, err)
		}
	}
	env.As("user:anna")
	if _, err := sdktest.Run(env, drop, change{"TO-01", 1}); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}

// TestGrantBounds: a grant within bounds ends there.
func TestGrantBounds(t *testing.T) {
	t.Parallel()
	for bounds, c := range map[string]struct {
		in   change
		want string
	}{
		`{"max": [{"field": "amount", "max": 5}]}`:  {change{"MI-01", 6}, "max"},
		`{"max": [{"field": "owner", "max": 5}]}`:   {change{"MI-01", 1}, "max"},
		`{"max": [{"field": "amount", "max": 6}]}`:  {change{"MI-01", 6}, ""},
		`{"max": [{"field": "nothing", "max": 0}]}`: {change{"MI-01", 6}, ""},
		`{"stores": ["MI-01"]}`:                     {change{"MI-01", 1}, ""},
		`{"stores": ["MI-02"]}`:                     {change{"MI-01", 1}, "stores"},
		`{"stores": []}`:                            {change{"MI-01", 1}, "stores"},
		`{"slot": "till.tender"}`:                   {change{"MI-01", 1}, "slot"},
	} {
		paper := `{"id": "kitty", "grants": [{"call": "bank.borrow", "bounds": ` + bounds + `}]}`
		env := sdktest.New(t, kitty(), sdktest.Manifest([]byte(paper)), sdktest.With(bank()), sdktest.Manifest([]byte(banksManifest)))
		err := sdktest.Fire(env, remind, c.in)
		bound := ""
		if e, ok := err.(*sdk.Error); ok && e.Reason == abi.ReasonGrantBound && e.Code == sdk.CodeDenied { //nolint:errorlint // as it comes
			bound = e.Fields[0].Text
		}
		if bound != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %q", bounds, err, c.want)
		}
	}
}
