package catalog

import "github.com/bottega-retail/bottega/sdk/retail"

// Status says whether something is in the assortment.
type Status string

// The statuses. "" in a put is Active.
const (
	Active   Status = "active"
	Archived Status = "archived"
)

// Kind says what a product is to the rest of the shop.
type Kind string

// The kinds. "" in a put is Goods.
const (
	Goods    Kind = "goods"     // moves stock
	Service  Kind = "service"   // moves no stock: delivery, alterations
	GiftCard Kind = "gift_card" // stored value: no stock, never discounted, counts for no threshold
)

// Product is a product with its variants.
type Product struct {
	ID         string         `json:"id"`                   // 1 to 64 characters
	Name       string         `json:"name"`                 // what the receipt shows, 1 to 200 characters
	Kind       Kind           `json:"kind,omitempty"`       // "" in a put is goods
	Brand      string         `json:"brand,omitempty"`      // id of a term
	Line       string         `json:"line,omitempty"`       // id of a term
	Season     string         `json:"season,omitempty"`     // id of a term
	Supplier   string         `json:"supplier,omitempty"`   // id of a term
	Category   string         `json:"category,omitempty"`   // id of a term
	Tags       []string       `json:"tags,omitempty"`       // sorted, each once
	Attributes []Attribute    `json:"attributes,omitempty"` // of all its variants: material, gender, allergen …; sorted by name
	Unit       retail.Unit    `json:"unit,omitempty"`       // of the quantities of its SKUs; "" in a put is piece
	VAT        []ProductVAT   `json:"vat"`                  // sorted by From; the first holds from the beginning
	Status     Status         `json:"status,omitempty"`     // "" in a put is active
	Variants   []Variant      `json:"variants"`             // sorted by SKU in answers
	Changed    retail.Instant `json:"changed,omitempty"`    // last change; ignored in a put
}

// Attribute is something else that goods are or have, and that promotions may ask
// for. Names and values are compared letter by letter, so linen and Linen are two.
// Size and colour are no attributes: variants have fields for them.
type Attribute struct {
	Name   string   `json:"name"`   // 1 to 64 characters, each once
	Values []string `json:"values"` // 1 to MaxAttributeValues of 1 to 64 characters; sorted, each once, in answers
}

// What promotions ask for the size and colour of a variant as.
const (
	SizeAttribute   = "size"
	ColourAttribute = "colour"
)

// ProductVAT says from when on a product is of a VAT class. Each holds until
// the next, so that there is exactly one at any instant.
type ProductVAT struct {
	From  retail.Instant  `json:"from,omitempty"` // 0 is the beginning
	Class retail.VATClass `json:"class"`          // id of a VATClass
}

// Variant is what is sold, counted and returned.
type Variant struct {
	SKU    retail.SKU `json:"sku"`              // 1 to 64 characters; belongs to one product for ever
	Size   string     `json:"size,omitempty"`   // promotions ask for it as the attribute size
	Colour string     `json:"colour,omitempty"` // promotions ask for it as the attribute colour
	// Attributes stand in for those of the product that have the same name, with
	// all their values. Sorted by name, at most MaxAttributes.
	Attributes []Attribute `json:"attributes,omitempty"`
	Barcodes   []Barcode   `json:"barcodes,omitempty"` // sorted in answers
	Status     Status      `json:"status,omitempty"`   // "" in a put is active
}

// Barcode is one code of a SKU. An active code belongs to one active SKU.
type Barcode struct {
	// GTIN in a put may have 8, 12, 13 or 14 digits; in answers it has 14. The
	// base of in-store labels with a price is the label with price 00000.
	GTIN retail.GTIN `json:"gtin"`
	// Quantity is how much of the SKU one scan stands for: 6 for a box of six.
	// 0 in a put is 1.
	Quantity retail.Quantity `json:"quantity,omitempty"`
}

// PutProductOut is a product as it is now.
type PutProductOut struct {
	Outcome Outcome `json:"outcome"`
	Product Product `json:"product"`
}

// Outcome says what a put did.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
	Refused   Outcome = "refused"
)

// PutProductsIn is a batch.
type PutProductsIn struct {
	Products    []Product `json:"products"`
	DryRun      bool      `json:"dry_run,omitempty"`      // say what would happen, write nothing
	Partial     bool      `json:"partial,omitempty"`      // refused products do not hold up the others
	CreateTerms bool      `json:"create_terms,omitempty"` // make missing brands, lines … with their id as name
}

// PutProductsOut has one result per product of the batch, in its order.
type PutProductsOut struct {
	Results []Result `json:"results"`
}

// Result is what became of one product of a batch. Of a refused one:
//
//   - invalid: "id", "name", "kind", "unit", "status", "tags", "attributes" (too
//     many, one twice, a name or value that is no label, size or colour),
//     "variants" (none, too many, one twice), "sku", "barcode_quantity", "gtin_digits",
//     "gtin_check", "gtin_spreadsheet", "vat_steps";
//   - not_found: "vat_class", "brand", "line", "season", "supplier", "category";
//   - conflict: "sku" (it belongs to another product, Message names it),
//     "barcode" (another active SKU has it).
type Result struct {
	ID      string  `json:"id"`
	Outcome Outcome `json:"outcome"`
	Code    string  `json:"code,omitempty"` // of the error
	Reason  string  `json:"reason,omitempty"`
	Pointer string  `json:"pointer,omitempty"` // into the batch, /products/3/variants/0/sku
	Message string  `json:"message,omitempty"`
}

// GetProductIn names a product: exactly one field.
type GetProductIn struct {
	SKU retail.SKU `json:"sku,omitempty"`
	ID  string     `json:"id,omitempty"`
}

// ProductsIn names SKUs.
type ProductsIn struct {
	SKUs  []retail.SKU   `json:"skus"`
	Store retail.StoreID `json:"store,omitempty"` // answered in ProductsOut.Store
	At    retail.Instant `json:"at,omitempty"`    // of the VAT; 0 is now
}

// ProductsOut has one item per SKU asked for, in their order.
type ProductsOut struct {
	Items []Item `json:"items"`
	Store *Store `json:"store,omitempty"` // nil if none was asked for
}

// Item is a SKU as a sale sees it at one instant: receipts keep a copy.
type Item struct {
	SKU         retail.SKU         `json:"sku"`
	Product     string             `json:"product"`
	Description string             `json:"description"` // the product's name, then colour and size
	Kind        Kind               `json:"kind"`
	Brand       string             `json:"brand,omitempty"`
	Line        string             `json:"line,omitempty"`
	Season      string             `json:"season,omitempty"`
	Supplier    string             `json:"supplier,omitempty"`
	Category    string             `json:"category,omitempty"`
	Tags        []string           `json:"tags,omitempty"`
	Size        string             `json:"size,omitempty"`
	Colour      string             `json:"colour,omitempty"`
	Attributes  []Attribute        `json:"attributes,omitempty"` // of the variant and, of other names, of its product; sorted by name
	Unit        retail.Unit        `json:"unit"`
	VATClass    retail.VATClass    `json:"vat_class"`
	VATRate     retail.BasisPoints `json:"vat_rate"` // 2200 is 22 %
	Status      Status             `json:"status"`
}

// ResolveIn is a code as it was scanned or typed; outer blanks are ignored.
type ResolveIn struct {
	Code string         `json:"code"`
	At   retail.Instant `json:"at,omitempty"` // of the VAT; 0 is now
}

// ResolveOut is what a code stands for.
type ResolveOut struct {
	Quantity retail.Quantity `json:"quantity"`        // of the SKU, in its unit
	Price    *retail.Money   `json:"price,omitempty"` // of an in-store label that carries one
	Item     Item            `json:"item"`
}

// SearchIn selects products; empty fields do not.
type SearchIn struct {
	Prefix   string `json:"prefix,omitempty"` // of the name, in any case
	Brand    string `json:"brand,omitempty"`
	Line     string `json:"line,omitempty"`
	Season   string `json:"season,omitempty"`
	Supplier string `json:"supplier,omitempty"`
	Category string `json:"category,omitempty"`
	Status   Status `json:"status,omitempty"`
	Cursor   string `json:"cursor,omitempty"` // of the page before
	Limit    int64  `json:"limit,omitempty"`  // 1 to MaxPage; 0 is 50
}

// SearchOut is one page. It may hold fewer than Limit although Cursor is set.
type SearchOut struct {
	Products []Product `json:"products"`
	Cursor   string    `json:"cursor,omitempty"` // "" at the end
}

// ArchiveIn names a product or some of its SKUs: exactly one field.
type ArchiveIn struct {
	ID  string     `json:"id,omitempty"`
	SKU retail.SKU `json:"sku,omitempty"`
}

// ProductChange is the payload of ProductChanged.
type ProductChange struct {
	Product  Product        `json:"product"` // as it is now, with all variants
	Created  bool           `json:"created,omitempty"`
	Assigned []BarcodeOfSKU `json:"assigned,omitempty"` // barcodes that resolve now and did not before
	Released []BarcodeOfSKU `json:"released,omitempty"` // barcodes that no longer resolve
}

// BarcodeOfSKU is a barcode and whose it is or was.
type BarcodeOfSKU struct {
	GTIN retail.GTIN `json:"gtin"`
	SKU  retail.SKU  `json:"sku"`
}

// VATClass is a class of goods with one rate at any instant.
type VATClass struct {
	ID    retail.VATClass `json:"id"` // standard, reduced …
	Name  string          `json:"name"`
	Rates []VATRate       `json:"rates"` // sorted by From; the first holds from the beginning
}

// VATRate holds from an instant until the next rate.
type VATRate struct {
	From retail.Instant     `json:"from,omitempty"` // 0 is the beginning
	Rate retail.BasisPoints `json:"rate"`           // 0 to 10,000
}

// VATClassesOut lists VAT classes by id.
type VATClassesOut struct {
	Classes []VATClass `json:"classes"`
}

// TermKind says what a term names.
type TermKind string

// The kinds of term.
const (
	Brand    TermKind = "brand"
	Line     TermKind = "line"
	Season   TermKind = "season"
	Supplier TermKind = "supplier"
	Category TermKind = "category"
)

// Term is a value that products refer to, so that references never dangle.
type Term struct {
	Kind TermKind `json:"kind"`
	ID   string   `json:"id"`   // 1 to 64 characters
	Name string   `json:"name"` // 1 to 200 characters
}

// TermsIn selects terms.
type TermsIn struct {
	Kind   TermKind `json:"kind"`
	Cursor string   `json:"cursor,omitempty"`
	Limit  int64    `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// TermsOut is one page.
type TermsOut struct {
	Terms  []Term `json:"terms"`
	Cursor string `json:"cursor,omitempty"` // "" at the end
}
