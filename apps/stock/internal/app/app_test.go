package app_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/app"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// goods stands in for the catalog: it knows SKUs that begin with a letter from
// a to f, the stores MI-01, MI-02 and WH-01, and one gift card.
var goods = sdktest.Stub(
	catalog.Products.Handle(func(_ *sdk.View, in catalog.ProductsIn) (catalog.ProductsOut, error) {
		var out catalog.ProductsOut
		for i, sku := range in.SKUs {
			item := catalog.Item{SKU: sku, Kind: catalog.Goods}
			switch {
			case sku == "card":
				item.Kind = catalog.GiftCard
			case sku[0] < 'a' || sku[0] > 'f':
				e := sdk.NotFound("sku", "no SKU "+string(sku))
				e.Pointer, e.Fields = fmt.Sprintf("/skus/%d", i), []sdk.Field{sdk.Text("sku", sku)}
				return out, e
			}
			out.Items = append(out.Items, item)
		}
		return out, nil
	}),
	catalog.GetStore.Handle(func(_ *sdk.View, in catalog.GetStoreIn) (catalog.Store, error) {
		if !slices.Contains([]retail.StoreID{"MI-01", "MI-02", "MI-03", "WH-01"}, in.ID) {
			e := sdk.NotFound("store", "no store "+string(in.ID))
			e.Pointer = "/id"
			return catalog.Store{}, e
		}
		return catalog.Store{ID: in.ID, Zone: "Europe/Rome"}, nil
	}),
)

// network is two stores and a warehouse.
var network = []stock.Place{
	{ID: "MI-01", Name: "Milano 1", Kind: stock.Floor, Store: "MI-01"},
	{ID: "MI-01/back", Name: "Milano 1, retro", Kind: stock.Back, Store: "MI-01"},
	{ID: "MI-01/look", Name: "Milano 1, da vedere", Kind: stock.Quarantine, Store: "MI-01"},
	{ID: "MI-02", Name: "Milano 2", Kind: stock.Floor, Store: "MI-02"},
	{ID: "WH-01", Name: "Deposito", Kind: stock.Warehouse, Store: "WH-01"},
	{ID: "truck", Name: "Furgone", Kind: stock.Transit},
}

func setup(t testing.TB) *sdktest.Env {
	t.Helper()
	e := sdktest.New(t, app.New(), goods, sdktest.Twice)
	for _, p := range network {
		run(t, e, stock.PutPlace, p)
	}
	return e
}

// run runs a command, a second after the one before.
func run[In, Out any](t sdktest.Reporter, e *sdktest.Env, c sdk.Command[In, Out], in In) Out {
	t.Helper()
	if err := e.Advance(time.Second); err != nil {
		t.Fatalf("%v", err)
	}
	return sdktest.Do(t, e, c, in)
}

// lines reads "a:2 b:1".
func lines(text string) (list []stock.Line) {
	for _, f := range strings.Fields(text) {
		sku, n, _ := strings.Cut(f, ":")
		q, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			panic(err) // a mistake in the table
		}
		list = append(list, stock.Line{SKU: retail.SKU(sku), Quantity: retail.Quantity(q)})
	}
	return list
}

// counts is lines for a count.
func counts(text string) (list []stock.Counting) {
	for _, l := range lines(text) {
		list = append(list, stock.Counting{SKU: l.SKU, Actual: l.Quantity})
	}
	return list
}

// levels writes what is on hand of a SKU, "MI-01:2 WH-01:5".
func levels(t sdktest.Reporter, e *sdktest.Env, sku retail.SKU) string {
	t.Helper()
	var parts []string
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{sku}}).Places {
		parts = append(parts, fmt.Sprintf("%s:%d", l.Place, l.OnHand))
	}
	return strings.Join(parts, " ")
}

// sound fails unless every counter is what the movements add up to.
func sound(t sdktest.Reporter, e *sdktest.Env) (checked, entries int64) {
	t.Helper()
	var in stock.VerifyIn
	for {
		out := sdktest.Ask(t, e, stock.Verify, in)
		if len(out.Faults) > 0 {
			t.Fatalf("faults: %+v", out.Faults)
		}
		checked, entries = checked+out.Checked, entries+out.Entries
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return checked, entries
		}
	}
}

func receive(t sdktest.Reporter, e *sdktest.Env, to stock.PlaceID, text string) {
	t.Helper()
	run(t, e, stock.Receive, stock.ReceiveIn{To: to, Document: "DDT 1", Lines: lines(text)})
}

func TestGoodsFlow(t *testing.T) {
	t.Parallel()
	e := setup(t)
	e.As("anna")
	receive(t, e, "WH-01", "a:10 b:5")
	run(t, e, stock.Move, stock.MoveIn{From: "WH-01", To: "truck", Reason: stock.Transfer, Document: "T1", Lines: lines("a:4 a:2")})
	run(t, e, stock.Move, stock.MoveIn{From: "truck", To: "MI-01", Reason: stock.Transfer, Document: "T1", Lines: lines("a:6")})
	sale := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "MI-01/3/417", Lines: lines("a:1 a:2"), At: 1_700_000_000_000})
	if sale.Actor != "anna" || sale.Place != "MI-01" || sale.At != 1_700_000_000_000 || sale.Recorded != e.Now() ||
		!slices.Equal(sale.Entries, []stock.Entry{{SKU: "a", From: "MI-01", To: stock.Customer, Quantity: 3}}) {
		t.Errorf("the sale is %+v", sale)
	}
	run(t, e, stock.TakeBack, stock.TakeBackIn{Store: "MI-01", Document: "MI-01/3/418", Lines: []stock.ReturnLine{
		{SKU: "a", Quantity: 1}, {SKU: "a", Quantity: 1, Quarantine: true},
	}})
	run(t, e, stock.Move, stock.MoveIn{From: "MI-01/look", To: stock.Adjustment, Reason: stock.Damage, Document: "D1", Lines: lines("a:1")})
	run(t, e, stock.Move, stock.MoveIn{From: "WH-01", To: stock.Supplier, Reason: stock.SendBack, Document: "R1", Lines: lines("b:5")})
	if got := levels(t, e, "a"); got != "MI-01:4 WH-01:4" {
		t.Errorf("a lies at %s", got)
	}
	if got := levels(t, e, "b"); got != "" {
		t.Errorf("b lies at %s", got)
	}
	if n := len(sdktest.Emitted(e, stock.Moved)); n != 7 {
		t.Errorf("%d movements told, want 7", n)
	}
	if n := len(sdktest.Emitted(e, stock.DiscrepancyFound)); n != 0 {
		t.Errorf("%d discrepancies", n)
	}
	if checked, entries := sound(t, e); checked != 2 || entries != 9 {
		t.Errorf("verified %d SKUs, %d entries", checked, entries)
	}
}

// A till never refuses what the customer holds in the hand; everything else
// never goes below zero.
func TestTheDeliberateAsymmetry(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:2 b:2 c:1")
	sale := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("c:1 a:2 b:1 b:2")})
	if got := levels(t, e, "b"); got != "MI-01:-1" {
		t.Errorf("b lies at %s", got)
	}
	want := stock.Discrepancy{Movement: sale.ID, Document: "1", Place: "MI-01", Store: "MI-01", Lines: lines("b:3"), At: e.Now()}
	if got := sdktest.Emitted(e, stock.DiscrepancyFound); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
		t.Errorf("told %+v, want %+v", got, want)
	}
	for _, sku := range []string{"a", "b", "d"} {
		_, err := sdktest.Run(e, stock.Move, stock.MoveIn{From: "MI-01", To: "MI-02", Reason: stock.Transfer, Document: "T", Lines: lines("c:0 " + sku + ":1")[1:]})
		sdktest.Refused(t, err, "exhausted on_hand /lines/0/quantity")
	}
	if got := levels(t, e, "a"); got != "" {
		t.Errorf("a refused transfer left %s", got)
	}
	sound(t, e)
}

func TestLookUp(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:2")
	receive(t, e, "MI-01/back", "a:3")
	receive(t, e, "MI-02", "a:1 b:1")
	receive(t, e, "WH-01", "a:100")
	run(t, e, stock.Move, stock.MoveIn{From: "WH-01", To: "truck", Reason: stock.Transfer, Document: "T", Lines: lines("a:7")})
	run(t, e, stock.TakeBack, stock.TakeBackIn{Store: "MI-01", Document: "R", Lines: []stock.ReturnLine{{SKU: "a", Quantity: 1, Quarantine: true}}})

	all := sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"b", "a", "zzz"}})
	if got := fmt.Sprint(all.Stores); got != "[{b MI-02 1 0 1} {a MI-01 5 0 5} {a MI-02 1 0 1} {a WH-01 93 0 93}]" {
		t.Errorf("stores have %s", got)
	}
	if got := levels(t, e, "a"); got != "MI-01:2 MI-01/back:3 MI-01/look:1 MI-02:1 WH-01:93 truck:7" {
		t.Errorf("places have %s", got)
	}
	some := sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a"}, Stores: []retail.StoreID{"MI-02", "WH-01"}})
	if !slices.Equal(some.Stores, all.Stores[2:]) || len(some.Places) != 2 {
		t.Errorf("two stores have %v", some)
	}
	_, err := sdktest.Call(e, stock.LookUp, stock.LookUpIn{SKUs: make([]retail.SKU, stock.MaxSKUs+1)})
	sdktest.Refused(t, err, "too_large skus")
}

func TestLookUpIsBounded(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 30 {
		run(t, e, stock.PutPlace, stock.Place{ID: stock.PlaceID(fmt.Sprint("shelf ", i)), Name: "Scaffale", Kind: stock.Back, Store: "MI-02"})
	}
	skus := make([]retail.SKU, stock.MaxSKUs)
	for i := range skus {
		skus[i] = retail.SKU(fmt.Sprint("a", i))
	}
	_, err := sdktest.Call(e, stock.LookUp, stock.LookUpIn{SKUs: skus})
	sdktest.Refused(t, err, "too_large cells")
	sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: skus, Stores: []retail.StoreID{"MI-01"}})
}

func TestCount(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:5 b:5")
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("c:2")})
	out := run(t, e, stock.Count, stock.CountIn{Place: "MI-01", Document: "inventario", Lines: counts("d:1 c:0 b:5 a:3")})
	if got := fmt.Sprint(out.Differences); got != "[{a 5 3} {c -2 0} {d 0 1}]" {
		t.Errorf("differences are %s", got)
	}
	want := "[{a MI-01 adjustment 2} {c adjustment MI-01 2} {d adjustment MI-01 1}]"
	if got := fmt.Sprint(out.Movement.Entries); out.Movement.Reason != stock.Counted || got != want {
		t.Errorf("the movement is %+v", out.Movement)
	}
	events := len(e.Events())
	proof := run(t, e, stock.Count, stock.CountIn{Place: "MI-01", Document: "inventario", Lines: counts("a:3")})
	if len(proof.Differences) != 0 || len(e.Events()) != events {
		t.Errorf("a count without differences: %+v", proof)
	}
	if got := sdktest.Ask(t, e, stock.Movements, stock.MovementsIn{Document: "inventario"}).Movements; len(got) != 2 || got[0].ID != proof.Movement.ID {
		t.Errorf("counts on record: %+v", got)
	}
	sound(t, e)
}

func TestMovementsNewestFirst(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:50 b:50")
	var want []string
	for i := range 7 {
		m := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: fmt.Sprint(i), Lines: lines("a:1")})
		want = append([]string{m.ID}, want...)
	}
	all := sdktest.Ask(t, e, stock.Movements, stock.MovementsIn{SKU: "a"})
	if len(all.Movements) != 8 || all.Cursor != "" || all.Movements[7].Reason != stock.Receipt {
		t.Fatalf("%d movements, cursor %q", len(all.Movements), all.Cursor)
	}
	for _, in := range []stock.MovementsIn{{SKU: "a"}, {Place: stock.Customer}, {Place: "MI-01"}} {
		var got []string
		for in.Limit = 2; ; {
			out := sdktest.Ask(t, e, stock.Movements, in)
			for _, m := range out.Movements {
				if m.Reason == stock.Sale {
					got = append(got, m.ID)
				}
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v in pages of two: %v, want %v", in, got, want)
		}
	}
	for _, in := range []stock.MovementsIn{{}, {SKU: "a", Document: "1"}} {
		_, err := sdktest.Call(e, stock.Movements, in)
		sdktest.Refused(t, err, "invalid filter")
	}
}

func TestADocumentMovesGoodsOnce(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sell := stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1")}
	back := stock.TakeBackIn{Store: "MI-01", Document: "1", Lines: []stock.ReturnLine{{SKU: "a", Quantity: 1}}}
	run(t, e, stock.Sell, sell)
	run(t, e, stock.TakeBack, back)
	_, err := sdktest.Run(e, stock.Sell, sell)
	sdktest.Refused(t, err, "conflict document /document")
	_, err = sdktest.Run(e, stock.TakeBack, back)
	sdktest.Refused(t, err, "conflict document /document")
	back.Reason = stock.Void
	run(t, e, stock.TakeBack, back)
	receive(t, e, "MI-01", "a:1")
	receive(t, e, "MI-01", "a:1") // a delivery note comes in parts
	if got := levels(t, e, "a"); got != "MI-01:3" {
		t.Errorf("a lies at %s", got)
	}
}
