// Package catalog is the contract of the catalog: what is sold (products, their
// variants and barcodes, VAT) and who sells it where (legal persons, stores).
// It knows no price, no stock and no customer.
//
// A product is what a shopper calls one thing; its variants are what a till
// sells, each with a SKU that is never reused and never deleted. Puts
// are idempotent: the same content again writes nothing and emits nothing.
//
// Stores belong to whoever may act for them; everything else is the retailer's,
// and rights alone decide who may see and change it.
package catalog

import "github.com/bottega-retail/bottega/sdk"

// Limits of one call.
const (
	MaxBatch    = 100 // products in one PutProducts
	MaxVariants = 100 // variants in one product of a put; 1,000 in a product
	MaxSKUs     = 500 // SKUs in one Products
	MaxPage     = 200 // records in one answer of a list

	MaxAttributes      = 30 // of one product, and of one variant
	MaxAttributeValues = 20 // of one attribute
)

// PutProduct creates a product or changes it: the fields of the product are
// replaced, the variants it names are created or replaced, and variants it does
// not name stay as they are.
//
// Errors: those of a [Result] with its reason, pointer and message; conflict,
// reason "unique", if a barcode was given away at the same moment.
var PutProduct = sdk.Command[Product, PutProductOut]{Name: "catalog.put_product"}

// PutProducts is PutProduct for at most MaxBatch products at once. Without
// DryRun and Partial the first refused product fails all of them, with the
// error that its result would have shown. With DryRun nothing is written; with
// Partial the good ones are.
//
// Errors: those of PutProduct; too_large, reason "batch", Fields["max"].
var PutProducts = sdk.Command[PutProductsIn, PutProductsOut]{Name: "catalog.put_products"}

// GetProduct is a product with all its variants, by any of its SKUs or by its
// id. Errors: not_found, reason "sku" or "product"; invalid, reason "filter"
// (not exactly one field).
var GetProduct = sdk.Query[GetProductIn, Product]{Name: "catalog.product"}

// Products tells what a sale must know of many SKUs, and of the store it
// happens in, in one call. Items stand in the order of the SKUs asked for, one
// for each; archived ones too, because they may be returned.
//
// Errors: not_found, reason "sku" (Fields["sku"], pointer /skus/N) or "store";
// too_large, reason "skus".
var Products = sdk.Query[ProductsIn, ProductsOut]{Name: "catalog.products"}

// Resolve finds what a scanned or typed code stands for: a barcode of 8, 12, 13
// or 14 digits, an in-store label with a price in it, or a SKU.
//
// Errors: invalid, reason "gtin_digits", "gtin_check" or "gtin_spreadsheet" (a
// number such as 8,0015E+12); not_found, reason "code".
var Resolve = sdk.Query[ResolveIn, ResolveOut]{Name: "catalog.resolve"}

// Search lists products, by one or more of the fields of In, all of which must
// match. Products are ordered by name if Prefix is given, else by id.
// Errors: invalid, reason "cursor".
var Search = sdk.Query[SearchIn, SearchOut]{Name: "catalog.search"}

// Archive takes products' variants out of the assortment, or a whole product,
// and releases their barcodes. The records stay for ever. Archiving what is
// archived changes nothing; a put with status "active" brings a SKU back.
// Errors: those of GetProduct.
var Archive = sdk.Command[ArchiveIn, Product]{Name: "catalog.archive"}

// PutVATClass creates or replaces a VAT class. Errors: invalid, reason "id",
// "name", "vat_steps" (no rate that holds from the beginning, or two from the
// same instant) or "rate".
var PutVATClass = sdk.Command[VATClass, VATClass]{Name: "catalog.put_vat_class"}

// VATClasses lists all VAT classes, by id.
var VATClasses = sdk.Query[sdk.None, VATClassesOut]{Name: "catalog.vat_classes"}

// PutStore creates or replaces a store, a warehouse or a web shop.
// Errors: invalid, reason "id", "name", "kind", "zone", "currency", "channel",
// "hours", "special", "position", "address", "country" or "status"; not_found,
// reason "entity".
var PutStore = sdk.Command[Store, Store]{Name: "catalog.put_store"}

// GetStore is a store by its id. Errors: not_found, reason "store".
var GetStore = sdk.Query[GetStoreIn, Store]{Name: "catalog.store"}

// Stores lists stores by id, for whoever is limited to stores these.
var Stores = sdk.Query[StoresIn, StoresOut]{Name: "catalog.stores"}

// PutEntity creates or replaces a legal person of the retailer. Errors:
// invalid, reason "id", "name", "country", "vat_number" (the check digit of an
// Italian one), "tax_code" or "address"; conflict, reason "vat_number" (another entity has it).
var PutEntity = sdk.Command[Entity, Entity]{Name: "catalog.put_entity"}

// GetEntity is a legal person by its id. Errors: not_found, reason "entity".
var GetEntity = sdk.Query[GetEntityIn, Entity]{Name: "catalog.entity"}

// Entities lists all legal persons, by id.
var Entities = sdk.Query[sdk.None, EntitiesOut]{Name: "catalog.entities"}

// PutTerm creates or renames a brand, line, season, supplier or category.
// Errors: invalid, reason "kind", "id" or "name".
var PutTerm = sdk.Command[Term, Term]{Name: "catalog.put_term"}

// Terms lists the terms of one kind, by id. Errors: invalid, reason "kind".
var Terms = sdk.Query[TermsIn, TermsOut]{Name: "catalog.terms"}

// ProductChanged is emitted once per product that a command changed.
var ProductChanged = sdk.Event[ProductChange]{
	Name: "catalog.product_changed",
	Key:  func(c *ProductChange) string { return c.Product.ID },
}

// StoreChanged is emitted when a store is new or other than before.
var StoreChanged = sdk.Event[Store]{
	Name: "catalog.store_changed",
	Key:  func(s *Store) string { return string(s.ID) },
}

// EntityChanged is emitted when a legal person is new or other than before.
var EntityChanged = sdk.Event[Entity]{
	Name: "catalog.entity_changed",
	Key:  func(e *Entity) string { return string(e.ID) },
}

// TermChanged is emitted when PutTerm made or renamed a term.
var TermChanged = sdk.Event[Term]{
	Name: "catalog.term_changed",
	Key:  func(t *Term) string { return string(t.Kind) + "/" + t.ID },
}

// VATClassChanged is emitted when a VAT class is new or other than before.
var VATClassChanged = sdk.Event[VATClass]{
	Name: "catalog.vat_class_changed",
	Key:  func(c *VATClass) string { return string(c.ID) },
}
