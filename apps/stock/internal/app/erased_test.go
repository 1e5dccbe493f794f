package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/customerstest"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// everySKU stands in for a catalog with one store.
var everySKU = sdktest.Stub(
	catalog.Products.Handle(func(_ *sdk.View, in catalog.ProductsIn) (out catalog.ProductsOut, _ error) {
		for _, sku := range in.SKUs {
			out.Items = append(out.Items, catalog.Item{SKU: sku, Kind: catalog.Goods})
		}
		return out, nil
	}),
	catalog.GetStore.Handle(func(_ *sdk.View, in catalog.GetStoreIn) (catalog.Store, error) {
		return catalog.Store{ID: in.ID, Zone: "Europe/Rome"}, nil
	}),
)

// aside puts one of the goods aside, with a name and a note that nobody else has.
func aside(t *testing.T, e *sdktest.Env, customer retail.CustomerID, document string, deposit *stock.Deposit) string {
	t.Helper()
	return sdktest.Do(t, e, stock.Reserve, stock.ReserveIn{
		Store: "MI-01", Document: document, Customer: customer, Name: "Zanzibar", Note: "Zanzibar rings twice",
		Lines: []stock.Line{{SKU: "a", Quantity: 1}}, Deposit: deposit,
	}).ID
}

// kept is all reservations and their indexes as they are kept, and all events.
func kept(t *testing.T, e *sdktest.Env) string {
	t.Helper()
	var out strings.Builder
	err := e.View(func(v *sdk.View) error {
		for _, index := range append([]sdk.Index{{}}, reservations.Indexes...) {
			for r := range reservations.Scan(v, sdk.Scan{Index: index.Name}) {
				text, err := json.Marshal(r)
				if err != nil {
					return err
				}
				fmt.Fprintln(&out, index.Name, string(text))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A customer who is erased is in no reservation any more, however many he had: what lay
// aside is free, but for what he has paid ahead. What others have stays theirs.
func TestErasedHasNothingAside(t *testing.T) {
	t.Parallel()
	for _, many := range []int{1, mostForgotten, 2*mostForgotten + 1} {
		e := sdktest.New(t, New(), everySKU, sdktest.With(customerstest.New()), sdktest.Twice)
		sdktest.Do(t, e, stock.PutPlace, stock.Place{ID: "floor", Name: "Floor", Kind: stock.Floor, Store: "MI-01"})
		sdktest.Do(t, e, stock.Receive, stock.ReceiveIn{To: "floor", Document: "DDT 1", Lines: []stock.Line{{SKU: "a", Quantity: 100}}})
		for _, id := range []retail.CustomerID{"C-1", "C-88"} {
			sdktest.Do(t, e, customers.Create, customers.CreateIn{ID: id})
		}
		paid := aside(t, e, "C-88", "paid", &stock.Deposit{Amount: 500, Currency: "EUR", Reference: "MI-01/1/7"})
		gone := aside(t, e, "C-88", "cancelled", nil)
		sdktest.Do(t, e, stock.Cancel, stock.CancelIn{ID: gone, Reason: "Zanzibar rang"})
		others := sdktest.Do(t, e, stock.Reserve, stock.ReserveIn{Store: "MI-01", Customer: "C-1", Name: "Ada", Lines: []stock.Line{{SKU: "a", Quantity: 1}}})
		for i := range many {
			aside(t, e, "C-88", fmt.Sprint("open ", i), nil)
		}
		if text := kept(t, e); !strings.Contains(text, "Zanzibar") || !strings.Contains(text, "C-88") {
			t.Fatal("the canary is not there before")
		}

		sdktest.Do(t, e, customers.Erase, customers.CustomerRef{ID: "C-88"})
		if err := e.Deliver(); err != nil {
			t.Fatal(err)
		}
		for range many {
			if err := e.Advance(1); err != nil { // the rest goes on at once
				t.Fatal(err)
			}
		}
		if text := kept(t, e); strings.Contains(text, "Zanzibar") || strings.Contains(text, "C-88") {
			t.Errorf("of %d there is still\n%s", many, text)
		}
		for _, event := range e.Events() {
			if strings.Contains(string(event.Payload), "Zanzibar") {
				t.Errorf("%s says who he was", event.Name)
			}
		}
		level := sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a"}}).Places[0]
		if level.OnHand != 100 || level.Reserved != 2 {
			t.Errorf("%d on hand, %d reserved", level.OnHand, level.Reserved)
		}
		r := sdktest.Ask(t, e, stock.GetReservation, stock.GetReservationIn{ID: paid})
		if r.State != stock.Open || r.Deposit.Reference != "MI-01/1/7" || r.Name != "" {
			t.Errorf("what was paid ahead: %+v", r)
		}
		if r := sdktest.Ask(t, e, stock.GetReservation, stock.GetReservationIn{ID: others.ID}); r.Name != "Ada" || r.Customer != "C-1" || r.State != stock.Open {
			t.Errorf("another's: %+v", r)
		}
		if out := sdktest.Ask(t, e, stock.Verify, stock.VerifyIn{}); len(out.Faults) > 0 {
			t.Errorf("faults: %+v", out.Faults)
		}
	}
}
