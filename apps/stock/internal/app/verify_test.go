package app_test

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Verify pages over SKUs, each once, and finds a counter that somebody moved
// behind the ledger's back.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 7 {
		receive(t, e, "MI-01", fmt.Sprintf("a%d:%d b:1", i, i+1))
	}
	var in stock.VerifyIn
	var checked int64
	for in.Limit = 3; ; {
		out := sdktest.Ask(t, e, stock.Verify, in)
		checked += out.Checked
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
		if out.Checked != 3 {
			t.Errorf("a page of %d", out.Checked)
		}
	}
	if checked != 8 {
		t.Errorf("%d SKUs checked, want 8", checked)
	}
	counter := sdk.Counter{Name: "on_hand"}
	err := e.Update(func(tx *sdk.Tx) error {
		return counter.Add(tx, sdk.K("MI-02").Text("a3"), 2, sdk.NoMin, sdk.NoMax)
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(sdktest.Ask(t, e, stock.Verify, stock.VerifyIn{}).Faults)
	if want := "[{a3  0 2 false} {a3 MI-02 0 2 false}]"; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
}

// Over many places a page is as long as the host's calls allow, and reserved counters are
// verified too.
func TestVerifyOverManyPlaces(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 700 {
		run(t, e, stock.PutPlace, stock.Place{ID: stock.PlaceID(fmt.Sprintf("shelf %03d", i)), Name: "Scaffale", Kind: stock.Back, Store: "MI-02"})
	}
	for i := range 20 {
		receive(t, e, "shelf 007", fmt.Sprintf("a%02d:1", i))
	}
	if checked, _ := sound(t, e); checked != 20 {
		t.Errorf("%d SKUs checked", checked)
	}
	reserved := sdk.Counter{Name: "reserved"}
	err := e.Update(func(tx *sdk.Tx) error {
		return reserved.Add(tx, sdk.K("MI-02").Text("a03"), 2, sdk.NoMin, sdk.NoMax)
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(sdktest.Ask(t, e, stock.Verify, stock.VerifyIn{Limit: 4}).Faults)
	if want := "[{a03  0 2 false} {a03 MI-02 0 2 false} {a03 MI-02 0 2 true}]"; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
}
