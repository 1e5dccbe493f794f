package app

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// faultsOf is what Verify finds, in pages of two documents.
func faultsOf(t *testing.T, env *sdktest.Env) (all []till.VerifyFault) {
	t.Helper()
	for cursor, more := "", true; more; more = cursor != "" {
		out := must(sdktest.Call(env, till.Verify, till.VerifyIn{Cursor: cursor, Limit: 2}))(t)
		all, cursor = append(all, out.Faults...), out.Cursor
	}
	return all
}

// A day close that says anything but the sum of its documents is found, whatever total it
// is, and so is one that is missing and a document that slipped into a closed day.
func TestVerifyProvesDayCloses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*till.DayClose)
		reason string
		total  string
	}{
		{"cash", func(z *till.DayClose) { z.Totals[0].Tenders[1].Amount++ }, "close", "EUR/tender/cash"},
		{"a rate of VAT", func(z *till.DayClose) { z.Totals[0].VAT[0].VAT++ }, "close", "EUR/vat/1000/vat"},
		{"a department", func(z *till.DayClose) { z.Totals[0].Departments[0].Total++ }, "close", "EUR/department/"},
		{"a kind", func(z *till.DayClose) { z.Totals[0].Kinds[0].Count++ }, "close", "EUR/count/return"},
		{"the number of documents", func(z *till.DayClose) { z.Count++ }, "close", "documents"},
		{"another currency", func(z *till.DayClose) {
			z.Totals = append(z.Totals, till.DayTotal{Currency: "USD", Total: 1})
		}, "close", "USD/total"},
		{"a document more", func(z *till.DayClose) { z.Last++ }, "closing", ""},
		{"a document less", func(z *till.DayClose) { z.First++ }, "gap", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := shop(t)
			for range 3 {
				r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1), goodsOf("honey", 2)}, card(1000), cash(600))))(t)
				must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
				must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "bea"}))(t)
			}
			if all := faultsOf(t, env); len(all) > 0 {
				t.Fatalf("%+v", all)
			}
			must(0, env.Update(func(tx *sdk.Tx) error {
				z, _ := closes.Get(tx, sdk.K("MI-01/3/Z2"))
				tt.change(&z)
				return closes.Put(tx, z)
			}))(t)
			all := faultsOf(t, env)
			if !slices.ContainsFunc(all, func(f till.VerifyFault) bool { return f.Reason == tt.reason && f.Total == tt.total }) {
				t.Errorf("found %+v", all)
			}
		})
	}
}

// A store's day of many documents closes in one step, because the tills have added up as
// they went: closing reads no document.
func TestCloseDayReadsNoDocument(t *testing.T) {
	t.Parallel()
	env := shop(t)
	var total retail.Money
	for i := range 300 {
		in := sale([]till.Line{goodsOf("pen", retail.Quantity(i%5+1))}, cash(5000))
		in.Till = []string{"1", "2", "3"}[i%3]
		total += must(sdktest.Run(env, till.Close, in))(t).Total
	}
	must(0, env.Update(func(tx *sdk.Tx) error {
		for r := range receipts.Scan(tx, sdk.Scan{}) {
			if err := receipts.Delete(tx, sdk.K(r.ID)); err != nil {
				return err
			}
		}
		return nil
	}))(t)
	out := must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "bea"}))(t)
	if len(out.Closes) != 3 || out.Totals[0].Total != total || out.Totals[0].Kinds[0].Count != 300 {
		t.Errorf("%+v", out)
	}
	if told := sdktest.Emitted(env, till.DayClosed); len(told) != 3 || told[0].ID != "MI-01/1/Z1" {
		t.Errorf("told %+v", told)
	}
	list := must(sdktest.Call(env, till.DayCloses, till.DayClosesIn{Store: "MI-01", Limit: 2}))(t)
	rest := must(sdktest.Call(env, till.DayCloses, till.DayClosesIn{Store: "MI-01", Day: "2026-11-21", Limit: 2, Cursor: list.Cursor}))(t)
	if len(list.Closes) != 2 || len(rest.Closes) != 1 || rest.Cursor != "" {
		t.Errorf("%d and %d in the list", len(list.Closes), len(rest.Closes))
	}
}

// A till that ran before there were day closes begins with its next document.
func TestFirstDayCloseOfAnOldTill(t *testing.T) {
	t.Parallel()
	env := shop(t)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	must(0, env.Update(func(tx *sdk.Tx) error {
		return series.Put(tx, tillState{Store: "MI-01", Till: "3", Last: 1}) // as it was kept then
	}))(t)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("honey", 1)}, card(599))))(t)
	z := must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "bea"}))(t).Closes[0]
	if z.First != 2 || z.Last != 2 || z.Totals[0].Total != 599 {
		t.Errorf("%+v", z)
	}
	if all := faultsOf(t, env); len(all) > 0 {
		t.Errorf("%+v", all)
	}
}

// Stock of another vendor: the till calls the contract, whoever answers it.
func TestForeignStock(t *testing.T) {
	t.Parallel()
	moved := map[retail.SKU]retail.Quantity{}
	env := shopWith(t, sdk.NewApp("acme-stock",
		stock.Sell.Handle(func(_ *sdk.Tx, in stock.SellIn) (out stock.Movement, err error) {
			for _, l := range in.Lines {
				moved[l.SKU] -= l.Quantity
			}
			return out, nil
		}),
		stock.TakeBack.Handle(func(_ *sdk.Tx, in stock.TakeBackIn) (out stock.Movement, err error) {
			for _, l := range in.Lines {
				moved[l.SKU] += l.Quantity
			}
			return out, nil
		}),
	))
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 3), goodsOf("hem", 1)}, card(1999))))(t)
	must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	if moved["pen"] != -2 || len(moved) != 1 {
		t.Errorf("moved %v", moved)
	}
	sound(t, env, 2)
}
