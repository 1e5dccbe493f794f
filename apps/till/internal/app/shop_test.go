package app

import (
	"errors"
	"os"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/pricingtest"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/stocktest"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// shop is two stores with goods, prices and stock, over the four real apps,
// each held to the grants of its manifest.
func shop(t *testing.T, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	env := shopWith(t, stocktest.New(), parts...)
	for _, id := range []retail.StoreID{"MI-01", "RM-01"} {
		must(sdktest.Run(env, stock.PutPlace, stock.Place{ID: stock.PlaceID(id + "-floor"), Name: "Floor", Kind: stock.Floor, Store: id}))(t)
	}
	return env
}

// shopWith is a shop with some app of stock.
func shopWith(t *testing.T, goods *sdk.App, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	parts = append(parts, sdktest.With(catalogtest.New(), pricingtest.New(), goods))
	for _, id := range []string{"till", "pricing"} {
		paper, err := os.ReadFile("../../../../manifests/" + id + ".json")
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, sdktest.Manifest(paper))
	}
	env := sdktest.New(t, New(), parts...)
	env.At("2026-11-21 17:05 Europe/Rome")
	furnish(t, env)
	return env
}

func furnish(t *testing.T, env *sdktest.Env) {
	t.Helper()
	must(sdktest.Run(env, catalog.PutEntity, catalog.Entity{ID: "IT01", Name: "Emporio", Country: "IT"}))(t)
	for _, id := range []retail.StoreID{"MI-01", "RM-01"} {
		must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: id, Name: string(id), Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	}
	must(sdktest.Run(env, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "22", Rates: []catalog.VATRate{{Rate: 2200}}}))(t)
	must(sdktest.Run(env, catalog.PutVATClass, catalog.VATClass{ID: "food", Name: "10", Rates: []catalog.VATRate{{Rate: 1000}}}))(t)
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		product("shirt", "Shirt", "standard", "alba"),
		product("pen", "Pen", "standard", ""),
		product("honey", "Honey", "food", ""),
		{ID: "hem", Name: "Hemming", Kind: catalog.Service, VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: "hem"}}},
	}}))(t)
	must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "base", Name: "Base", Currency: "EUR"}))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{
		{SKU: "shirt", Amount: 2990}, {SKU: "pen", Amount: 333}, {SKU: "honey", Amount: 599}, {SKU: "hem", Amount: 1000},
	}}))(t)
}

func product(sku retail.SKU, name string, vat retail.VATClass, brand string) catalog.Product {
	return catalog.Product{
		ID: string(sku), Name: name, Brand: brand, VAT: []catalog.ProductVAT{{Class: vat}},
		Variants: []catalog.Variant{{SKU: sku, Barcodes: barcodes(sku)}},
	}
}

func barcodes(sku retail.SKU) []catalog.Barcode {
	if sku == "shirt" {
		return []catalog.Barcode{{GTIN: "8001505005479"}}
	}
	return nil
}

// goLive puts a promotion and publishes it, whatever lint says.
func goLive(t *testing.T, env *sdktest.Env, p pricing.Promotion) {
	t.Helper()
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	every := []string{"overlap", "collision", "unreachable", "below_floor", "unfunded", "no_cost"}
	must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: p.ID, Accept: every}))(t)
}

// must fails a test on an error; it takes a call's two results at once.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refuses fails a test unless err has a code, a reason and a pointer.
func refuses(t *testing.T, err error, code sdk.Code, reason, pointer string) *sdk.Error {
	t.Helper()
	var e *sdk.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v; want %s (%s)", err, code, reason)
	}
	if e.Code != code || e.Reason != reason || e.Pointer != pointer {
		t.Fatalf("%v (fields %v); want %s (%s) at %q", e, e.Fields, code, reason, pointer)
	}
	return e
}

// field is a number that an error carries.
func field(e *sdk.Error, name string) int64 {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Int
		}
	}
	return -1
}

func sale(lines []till.Line, tenders ...till.Payment) till.CloseIn {
	return till.CloseIn{Store: "MI-01", Till: "3", Cashier: "ada", Lines: lines, Tenders: tenders}
}

func cash(amount retail.Money) till.Payment { return till.Payment{Type: till.Cash, Amount: amount} }

func card(amount retail.Money) till.Payment {
	return till.Payment{Type: till.Card, Amount: amount, Reference: "auth-7", Terminal: "T1"}
}

func goodsOf(sku retail.SKU, quantity retail.Quantity) till.Line {
	return till.Line{SKU: sku, Quantity: quantity}
}

// onHand is what a store's floor holds of a SKU.
func onHand(t *testing.T, env *sdktest.Env, store retail.StoreID, sku retail.SKU) retail.Quantity {
	t.Helper()
	out := must(sdktest.Call(env, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{sku}, Stores: []retail.StoreID{store}}))(t)
	for _, s := range out.Stores {
		return s.Sellable
	}
	return 0
}

// sound fails a test unless Verify, page by page, finds every document well.
func sound(t *testing.T, env *sdktest.Env, documents int64) {
	t.Helper()
	var checked int64
	for cursor := ""; ; {
		out := must(sdktest.Call(env, till.Verify, till.VerifyIn{Cursor: cursor, Limit: 2}))(t)
		if len(out.Faults) > 0 {
			t.Fatalf("faults: %+v", out.Faults)
		}
		checked += out.Checked
		if cursor = out.Cursor; cursor == "" {
			break
		}
	}
	if checked != documents {
		t.Fatalf("verified %d documents, want %d", checked, documents)
	}
}
