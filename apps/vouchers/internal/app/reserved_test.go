package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A customer comes for what lies aside for him and takes one of two: the sale collects it,
// and the other is free again. What comes back does not lie aside any more.
func TestSaleCollectsReservation(t *testing.T) {
	t.Parallel()
	env := counter(t)
	must(sdktest.Run(env, stock.Receive, stock.ReceiveIn{To: "MI-01-floor", Document: "DDT 1", Lines: []stock.Line{{SKU: "shirt", Quantity: 2}}}))(t)
	aside := must(sdktest.Run(env, stock.Reserve, stock.ReserveIn{Store: "MI-01", Name: "Ada", Lines: []stock.Line{{SKU: "shirt", Quantity: 2}}}))(t)
	level := func() stock.StoreLevel {
		t.Helper()
		return must(sdktest.Call(env, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"shirt"}}))(t).Stores[0]
	}
	in := basket([]till.Line{{SKU: "shirt", Quantity: 1}}, with(till.Card, 2990, ""))
	in.Reservations = []string{aside.ID, "nobody's"}
	d := must(sdktest.Run(env, till.Close, in))(t)
	if got := level(); got.Sellable != 1 || got.Reserved != 0 {
		t.Errorf("after the sale %+v", got)
	}
	if r := must(sdktest.Call(env, stock.GetReservation, stock.GetReservationIn{ID: aside.ID}))(t); r.State != stock.Converted || r.By != d.ID {
		t.Errorf("the reservation is %+v", r)
	}
	must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: d.ID, Cashier: "ada", Reason: "changed his mind"}))(t)
	if got := level(); got.Sellable != 2 || got.Reserved != 0 {
		t.Errorf("after the void %+v", got)
	}
}
