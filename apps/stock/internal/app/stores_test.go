package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/app"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// eva may act for MI-01 only.
var eva = sdktest.Principal{ID: "user:eva", Stores: []string{"MI-01"}}

// limited is setup over the manifest, by which the host refuses a store that an
// input names.
func limited(t testing.TB, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	paper, err := os.ReadFile("../../../../manifests/stock.json")
	if err != nil {
		t.Fatal(err)
	}
	e := sdktest.New(t, app.New(), append(parts, goods, sdktest.Manifest(paper))...)
	for _, p := range network {
		run(t, e, stock.PutPlace, p)
	}
	return e
}

// TestLimitedToStores is a table of what eva does with places of her store, of
// another and of none.
func TestLimitedToStores(t *testing.T) {
	t.Parallel()
	e := limited(t, sdktest.Twice)
	for _, p := range []stock.PlaceID{"MI-01", "MI-02", "truck"} {
		receive(t, e, p, "a:100")
	}
	e.AsPrincipal(eva)
	move := func(from, to stock.PlaceID, reason stock.Reason) error {
		_, err := sdktest.Run(e, stock.Move, stock.MoveIn{From: from, To: to, Reason: reason, Document: "d", Lines: lines("a:1")})
		return err
	}
	take := func(to stock.PlaceID) error {
		_, err := sdktest.Run(e, stock.Receive, stock.ReceiveIn{To: to, Document: "d", Lines: lines("a:1")})
		return err
	}
	tally := func(place stock.PlaceID) error {
		_, err := sdktest.Run(e, stock.Count, stock.CountIn{Place: place, Document: "d", Lines: []stock.Counting{{SKU: "a", Actual: 7}}})
		return err
	}
	levels := func(stores ...retail.StoreID) error {
		_, err := sdktest.Call(e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a"}, Stores: stores})
		return err
	}
	ledger := func(place stock.PlaceID) error {
		_, err := sdktest.Call(e, stock.Movements, stock.MovementsIn{Place: place})
		return err
	}
	put := func(p stock.Place) error {
		_, err := sdktest.Run(e, stock.PutPlace, p)
		return err
	}
	_, verified := sdktest.Call(e, stock.Verify, stock.VerifyIn{})
	for _, tt := range []struct {
		what string
		err  error
		want string
	}{
		{"receive at home", take("MI-01"), "ok"},
		{"receive elsewhere", take("MI-02"), "denied store /to"},
		{"receive at no place", take("nowhere"), "not_found place /to"},
		{"move at home", move("MI-01", "MI-01/back", stock.Transfer), "ok"},
		{"send into the truck", move("MI-01", "truck", stock.Transfer), "ok"},
		{"take from the truck", move("truck", "MI-01", stock.Transfer), "ok"},
		{"send into another store", move("MI-01", "MI-02", stock.Transfer), "denied store /to"},
		{"take from another store", move("MI-02", "MI-01", stock.Transfer), "denied store /from"},
		{"lose elsewhere", move("MI-02", stock.Adjustment, stock.Loss), "denied store /from"},
		{"count at home", tally("MI-01"), "ok"},
		{"count elsewhere", tally("MI-02"), "denied store /place"},
		{"count the truck", tally("truck"), "ok"},
		{"look up home", levels("MI-01"), "ok"},
		{"look up two", levels("MI-01", "MI-02"), "denied store /stores/1"},
		{"movements at home", ledger("MI-01"), "ok"},
		{"movements elsewhere", ledger("MI-02"), "denied store /place"},
		{"movements of the truck", ledger("truck"), "ok"},
		{"movements of customers", ledger(stock.Customer), "ok"},
		{"a place at home", put(stock.Place{ID: "new", Name: "N", Kind: stock.Back, Store: "MI-01"}), "ok"},
		{"a place elsewhere", put(stock.Place{ID: "other", Name: "O", Kind: stock.Back, Store: "MI-02"}), "denied store"},
		{"close the truck", put(stock.Place{ID: "truck", Name: "Furgone", Kind: stock.Transit, Closed: true}), "denied store /store"},
		{"verify", verified, "denied store"},
	} {
		t.Run(tt.what, func(t *testing.T) { sdktest.Refused(t, tt.err, tt.want) })
	}
}

// TestNestedIsNotLimited: an app that calls acts by its grant, whoever asked it.
func TestNestedIsNotLimited(t *testing.T) {
	t.Parallel()
	all := sdk.Query[sdk.None, stock.LookUpOut]{Name: "availability.all"}
	shown := sdktest.Stub(all.Handle(func(v *sdk.View, _ sdk.None) (stock.LookUpOut, error) {
		return stock.LookUp.Call(v, stock.LookUpIn{SKUs: []retail.SKU{"a"}})
	}))
	e := limited(t, shown)
	receive(t, e, "MI-01", "a:1")
	receive(t, e, "MI-02", "a:2")
	e.AsPrincipal(eva)
	if n := len(sdktest.Ask(t, e, all, sdk.None{}).Stores); n != 2 {
		t.Errorf("the app sees %d stores, want 2", n)
	}
	if n := len(sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a"}}).Stores); n != 1 {
		t.Errorf("eva sees %d stores, want 1", n)
	}
}

// elsewhere is everything that only other stores have: levels and movements.
func elsewhere(t sdktest.Reporter, e *sdktest.Env) string {
	var b strings.Builder
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a", "b", "c"}}).Places {
		if l.Store != "" && l.Store != "MI-01" {
			fmt.Fprintln(&b, l)
		}
	}
	for _, place := range []stock.PlaceID{"MI-02", "WH-01"} {
		for _, m := range sdktest.Ask(t, e, stock.Movements, stock.MovementsIn{Place: place, Limit: stock.MaxPage}).Movements {
			fmt.Fprintln(&b, m.ID)
		}
	}
	for _, p := range sdktest.Ask(t, e, stock.Places, stock.PlacesIn{}).Places {
		if p.Store != "MI-01" {
			fmt.Fprintln(&b, p)
		}
	}
	return b.String()
}

// Whatever happens in three stores: nothing that eva tries changes what another
// one has, and she sees all movements that touch her store, or no store at all,
// each once, and no others.
func TestLimitedInAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		e := limited(t)
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			e.As("owner")
			if rapid.Bool().Draw(rt, "owner") {
				attempt(rt, e, fmt.Sprint("doc ", i))
				continue
			}
			before := elsewhere(rt, e)
			e.AsPrincipal(eva)
			what := attempt(rt, e, fmt.Sprint("doc ", i))
			e.As("owner")
			if after := elsewhere(rt, e); after != before {
				rt.Fatalf("eva did %s: others had\n%s\nand have\n%s", what, before, after)
			}
		}
		limit := rapid.Int64Range(1, 5).Draw(rt, "limit")
		for _, in := range []stock.MovementsIn{{SKU: "a"}, {Place: stock.Customer}, {Place: "truck"}, {Document: "doc 1"}} {
			e.As("owner")
			want := ""
			for _, m := range pages(rt, e, in, stock.MaxPage) {
				if hers(&m) {
					want += m.ID + "\n"
				}
			}
			e.AsPrincipal(eva)
			got := ""
			for _, m := range pages(rt, e, in, limit) {
				got += m.ID + "\n"
			}
			if got != want {
				rt.Fatalf("%+v: eva sees\n%s\nwant\n%s", in, got, want)
			}
		}
		e.AsPrincipal(eva)
		for _, out := range []any{
			sdktest.Ask(rt, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a", "b", "c"}}), sdktest.Ask(rt, e, stock.Places, stock.PlacesIn{}),
		} {
			b, err := json.Marshal(out)
			if err != nil || strings.Contains(string(b), "MI-02") || strings.Contains(string(b), "WH-01") {
				rt.Fatalf("eva is told %s, %v", b, err)
			}
		}
	})
}

// hers says whether eva may see a movement, by the names of the places.
func hers(m *stock.Movement) bool {
	b := fmt.Sprint(m.Place, " ", m.Entries)
	return strings.Contains(b, "MI-01") || !strings.Contains(b, "MI-02") && !strings.Contains(b, "WH-01")
}

func pages(t sdktest.Reporter, e *sdktest.Env, in stock.MovementsIn, limit int64) (all []stock.Movement) {
	t.Helper()
	for in.Limit = limit; ; {
		out := sdktest.Ask(t, e, stock.Movements, in)
		all = append(all, out.Movements...)
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return all
		}
	}
}

// attempt does one random thing, which may be refused.
func attempt(t *rapid.T, e *sdktest.Env, document string) string {
	place := rapid.SampledFrom([]stock.PlaceID{"MI-01", "MI-01/back", "MI-02", "WH-01", "truck", stock.Adjustment})
	store := rapid.SampledFrom([]retail.StoreID{"MI-01", "MI-02"}).Draw(t, "store")
	list := []stock.Line{{SKU: rapid.SampledFrom([]retail.SKU{"a", "b", "c"}).Draw(t, "sku"), Quantity: 1}}
	from, to := place.Draw(t, "from"), place.Draw(t, "to")
	var err error
	n := rapid.IntRange(0, 6).Draw(t, "what")
	switch n {
	case 0, 1:
		_, err = sdktest.Run(e, stock.Receive, stock.ReceiveIn{To: to, Document: document, Lines: list})
	case 2:
		reason := rapid.SampledFrom([]stock.Reason{stock.Transfer, stock.Loss, stock.Found}).Draw(t, "reason")
		_, err = sdktest.Run(e, stock.Move, stock.MoveIn{From: from, To: to, Reason: reason, Document: document, Lines: list})
	case 3:
		_, err = sdktest.Run(e, stock.Sell, stock.SellIn{Store: store, Document: document, Lines: list})
	case 4:
		_, err = sdktest.Run(e, stock.TakeBack, stock.TakeBackIn{Store: store, Document: document, Lines: []stock.ReturnLine{{SKU: list[0].SKU, Quantity: 1}}})
	case 5:
		_, err = sdktest.Run(e, stock.Count, stock.CountIn{Place: to, Document: document, Lines: []stock.Counting{{SKU: list[0].SKU, Actual: 3}}})
	case 6:
		_, err = sdktest.Run(e, stock.PutPlace, stock.Place{ID: to, Name: "Other", Kind: stock.Back, Store: store})
	}
	return fmt.Sprint(n, " ", store, " ", from, " ", to, ": ", err)
}
