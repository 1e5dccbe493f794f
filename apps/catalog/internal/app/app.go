// Package app answers the operations of the catalog. It knows the contract,
// the rules of package assortment and its own collections; it must not know
// any other app.
package app

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New makes the catalog.
func New() *sdk.App {
	return sdk.NewApp("catalog",
		products, variants, classes, stores, entities, terms,
		catalog.PutProduct.Handle(putProduct),
		catalog.PutProducts.Handle(putProducts),
		catalog.GetProduct.Handle(getProduct),
		catalog.Products.Handle(items),
		catalog.Resolve.Handle(resolve),
		catalog.Search.Handle(search),
		catalog.Archive.Handle(archive),
		catalog.PutVATClass.Handle(putVATClass),
		catalog.VATClasses.Handle(vatClasses),
		catalog.PutStore.Handle(putStore),
		catalog.GetStore.Handle(getStore),
		catalog.Stores.Handle(listStores),
		catalog.PutEntity.Handle(putEntity),
		catalog.GetEntity.Handle(getEntity),
		catalog.Entities.Handle(listEntities),
		catalog.PutTerm.Handle(putTerm),
		catalog.Terms.Handle(listTerms),
	)
}

// products are what shoppers call one thing. They are never deleted.
var products = sdk.Collection[ProductRecord]{
	Name: "products", Key: []string{"id"},
	Indexes: []sdk.Index{
		{Name: "name", Fields: []string{"search_key"}},
		{Name: "brand", Fields: []string{"brand"}},
		{Name: "line", Fields: []string{"line"}},
		{Name: "season", Fields: []string{"season"}},
		{Name: "supplier", Fields: []string{"supplier"}},
		{Name: "category", Fields: []string{"category"}},
	},
}

// variants are what tills sell. The unique index is why a barcode resolves to
// one active SKU.
var variants = sdk.Collection[VariantRecord]{
	Name: "variants", Key: []string{"sku"},
	Indexes: []sdk.Index{{Name: "code", Fields: []string{"codes"}, Unique: true}},
}

// classes are the VAT classes that products refer to.
var classes = sdk.Collection[catalog.VATClass]{Name: "vat_classes", Key: []string{"id"}}

// terms are the brands, lines, seasons, suppliers and categories that products
// refer to.
var terms = sdk.Collection[catalog.Term]{Name: "terms", Key: []string{"kind", "id"}}

// stores are shops, warehouses and web shops.
var stores = sdk.Collection[catalog.Store]{
	Name: "stores", Key: []string{"id"},
	Indexes: []sdk.Index{{Name: "entity", Fields: []string{"entity"}}},
}

// entities are the legal persons that stores belong to. A VAT number is one
// person's.
var entities = sdk.Collection[catalog.Entity]{
	Name: "entities", Key: []string{"id"},
	Indexes: []sdk.Index{{Name: "vat_number", Fields: []string{"country", "vat_number"}, Unique: true}},
}

// ProductRecord is a product without its variants.
type ProductRecord struct {
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	SearchKey  string               `json:"search_key"`
	Kind       catalog.Kind         `json:"kind"`
	Brand      string               `json:"brand,omitempty"`
	Line       string               `json:"line,omitempty"`
	Season     string               `json:"season,omitempty"`
	Supplier   string               `json:"supplier,omitempty"`
	Category   string               `json:"category,omitempty"`
	Tags       []string             `json:"tags,omitempty"`
	Attributes []catalog.Attribute  `json:"attributes,omitempty"`
	Unit       retail.Unit          `json:"unit"`
	VAT        []catalog.ProductVAT `json:"vat"`
	Status     catalog.Status       `json:"status"`
	SKUs       []retail.SKU         `json:"skus"` // of all variants, sorted
	Changed    retail.Instant       `json:"changed"`
}

// VariantRecord is a variant.
type VariantRecord struct {
	SKU        retail.SKU          `json:"sku"`
	Product    string              `json:"product"`
	Size       string              `json:"size,omitempty"`
	Colour     string              `json:"colour,omitempty"`
	Attributes []catalog.Attribute `json:"attributes,omitempty"`
	Barcodes   []catalog.Barcode   `json:"barcodes,omitempty"` // what it has, sorted
	Codes      []retail.GTIN       `json:"codes,omitempty"`    // of Barcodes while active, else none: what resolves
	Status     catalog.Status      `json:"status"`
}

func productKey(id string) sdk.Key                  { return sdk.K(id) }
func variantKey(sku retail.SKU) sdk.Key             { return sdk.K(sku) }
func termKey(k catalog.TermKind, id string) sdk.Key { return sdk.K(k).Text(id) }

// keys encodes many keys of one part.
func keys[S ~string](ids []S) []sdk.Key {
	out := make([]sdk.Key, len(ids))
	for i, id := range ids {
		out[i] = sdk.K(id)
	}
	return out
}

// pageSize is the limit of a list: 50 unless it is asked for, never above
// catalog.MaxPage.
func pageSize(limit int64) int {
	if limit <= 0 {
		return 50
	}
	return int(min(limit, catalog.MaxPage))
}
