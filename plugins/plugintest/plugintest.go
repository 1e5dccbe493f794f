// Package plugintest lends native tests of plugins a shop: catalog and pricing with a
// store, a price list and the plugin. It knows no plugin, and no guest imports it.
package plugintest

import (
	"os"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/pricingtest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Good is a product that a Shop sells in one variant, whose SKU is the product's id.
type Good struct {
	Product catalog.Product // VAT and Variants are filled in: 22 %
	Amount  retail.Money    // of one piece, with VAT
}

// Shop is a store of Milan, MI-01 in Europe/Rome, that sells goods from one price
// list, with a plugin under test. Pricing and the plugin are held to their
// manifests, which stand in a folder; parts are what else belongs to it.
func Shop(t testing.TB, manifests, id string, plugin *sdk.App, goods []Good, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	parts = append(parts, sdktest.With(catalogtest.New(), plugin))
	for _, name := range []string{"pricing", id} {
		b, err := os.ReadFile(manifests + "/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, sdktest.Manifest(b))
	}
	env := sdktest.New(t, pricingtest.New(), parts...)
	sdktest.Do(t, env, catalog.PutEntity, catalog.Entity{ID: "IT01", Name: "Emporio", Country: "IT"})
	sdktest.Do(t, env, catalog.PutStore, catalog.Store{ID: "MI-01", Name: "Milano", Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"})
	sdktest.Do(t, env, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "22", Rates: []catalog.VATRate{{Rate: 2200}}})
	products, entries := make([]catalog.Product, len(goods)), make([]pricing.Entry, len(goods))
	for i, g := range goods {
		sku := retail.SKU(g.Product.ID)
		products[i], entries[i] = g.Product, pricing.Entry{SKU: sku, Amount: g.Amount}
		products[i].VAT = []catalog.ProductVAT{{Class: "standard"}}
		products[i].Variants = []catalog.Variant{{SKU: sku}}
	}
	sdktest.Do(t, env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: products})
	sdktest.Do(t, env, pricing.PutList, pricing.List{ID: "base", Name: "Base", Currency: "EUR"})
	sdktest.Do(t, env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: entries})
	return env
}
