package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// at is the JSON pointer of an element, or of a field of one.
func at(list string, i int, field string) string {
	p := "/" + list + "/" + strconv.Itoa(i)
	if field != "" {
		p += "/" + field
	}
	return p
}

// productOf checks a product of a put and gives it its normal form: defaults
// filled in, lists sorted. Its variants come apart.
func productOf(p *catalog.Product) (ProductRecord, error) {
	r := ProductRecord{
		ID: p.ID, Name: p.Name, Kind: cmp.Or(p.Kind, catalog.Goods),
		Brand: p.Brand, Line: p.Line, Season: p.Season, Supplier: p.Supplier, Category: p.Category,
		Unit: cmp.Or(p.Unit, retail.Piece), Status: cmp.Or(p.Status, catalog.Active),
	}
	var ok bool
	switch r.Tags, ok = assortment.Set(p.Tags); {
	case !assortment.Label(p.ID, 64):
		return r, sdk.Invalid("/id", "id", "a product's id has 1 to 64 characters")
	case !assortment.Label(p.Name, 200):
		return r, sdk.Invalid("/name", "name", "a product's name has 1 to 200 characters")
	case r.Kind != catalog.Goods && r.Kind != catalog.Service && r.Kind != catalog.GiftCard:
		return r, sdk.Invalid("/kind", "kind", "kinds are goods, service and gift_card")
	case r.Unit.Per() == 0:
		return r, sdk.Invalid("/unit", "unit", "units are piece, gram, millimetre and millilitre")
	case !ok:
		return r, sdk.Invalid("/tags", "tags", "a tag has 1 to 64 characters")
	}
	if err := validStatus(r.Status, "/status"); err != nil {
		return r, err
	}
	var err error
	if r.Attributes, err = attributesOf(p.Attributes, "/attributes"); err != nil {
		return r, err
	}
	if r.VAT, err = assortment.SortSteps(p.VAT, fromOfVAT); err != nil {
		return r, sdk.Invalid("/vat", "vat_steps", err.Error())
	}
	r.SearchKey = assortment.SearchKey(p.Name)
	return r, nil
}

func fromOfVAT(v *catalog.ProductVAT) retail.Instant { return v.From }

func fromOfRate(r *catalog.VATRate) retail.Instant { return r.From }

func validStatus(s catalog.Status, pointer string) error {
	if s != catalog.Active && s != catalog.Archived {
		return sdk.Invalid(pointer, "status", "statuses are active and archived")
	}
	return nil
}

// variantsOf checks the variants of a put and gives them their normal form, in
// the order of the put. Variants of an archived product are archived.
func variantsOf(p *catalog.Product, product *ProductRecord) ([]VariantRecord, error) {
	if len(p.Variants) > catalog.MaxVariants {
		return nil, sdk.Invalid("/variants", "variants", "at most 100 variants in one put")
	}
	list := make([]VariantRecord, len(p.Variants))
	for i := range p.Variants {
		v, err := variantOf(&p.Variants[i], i)
		if err != nil {
			return nil, err
		}
		v.Product = product.ID
		if product.Status == catalog.Archived {
			v.Status = catalog.Archived
		}
		v.Codes = activeCodes(&v)
		if slices.ContainsFunc(list[:i], func(o VariantRecord) bool { return o.SKU == v.SKU }) {
			return nil, sdk.Invalid(at("variants", i, "sku"), "variants", "SKU "+string(v.SKU)+" stands twice")
		}
		list[i] = v
	}
	return list, nil
}

func variantOf(v *catalog.Variant, i int) (VariantRecord, error) {
	r := VariantRecord{SKU: v.SKU, Size: v.Size, Colour: v.Colour, Status: cmp.Or(v.Status, catalog.Active)}
	if !assortment.Label(string(v.SKU), 64) {
		return r, sdk.Invalid(at("variants", i, "sku"), "sku", "a SKU has 1 to 64 characters")
	}
	if v.Size != "" && !assortment.Label(v.Size, 64) || v.Colour != "" && !assortment.Label(v.Colour, 64) {
		return r, sdk.Invalid(at("variants", i, ""), "variants", "sizes and colours have at most 64 characters")
	}
	if err := validStatus(r.Status, at("variants", i, "status")); err != nil {
		return r, err
	}
	var err error
	if r.Attributes, err = attributesOf(v.Attributes, at("variants", i, "attributes")); err != nil {
		return r, err
	}
	if len(v.Barcodes) > 100 {
		return r, sdk.Invalid(at("variants", i, "barcodes"), "variants", "at most 100 barcodes of one SKU")
	}
	for j, b := range v.Barcodes {
		code, err := retail.ParseGTIN(string(b.GTIN))
		if err != nil {
			return r, badGTIN(err, at("variants", i, "barcodes")+"/"+strconv.Itoa(j)+"/gtin", string(b.GTIN))
		}
		b.GTIN, b.Quantity = code, cmp.Or(b.Quantity, 1)
		if b.Quantity < 1 {
			return r, sdk.Invalid(at("variants", i, "barcodes")+"/"+strconv.Itoa(j)+"/quantity", "barcode_quantity", "a scan stands for 1 or more")
		}
		r.Barcodes = append(r.Barcodes, b)
	}
	slices.SortFunc(r.Barcodes, func(a, b catalog.Barcode) int { return cmp.Compare(a.GTIN, b.GTIN) })
	return r, nil
}

// badGTIN names what is wrong with a barcode.
func badGTIN(err error, pointer, code string) error {
	reason := "gtin_digits"
	switch {
	case errors.Is(err, retail.ErrGTINCheck):
		reason = "gtin_check"
	case errors.Is(err, retail.ErrGTINSpreadsheet):
		reason = "gtin_spreadsheet"
	}
	e := sdk.Invalid(pointer, reason, err.Error())
	e.Fields = []sdk.Field{sdk.Text("code", code)}
	return e
}

// activeCodes is what resolves to a variant.
func activeCodes(v *VariantRecord) []retail.GTIN {
	if v.Status != catalog.Active {
		return nil
	}
	var codes []retail.GTIN
	for _, b := range v.Barcodes {
		codes = append(codes, b.GTIN)
	}
	return codes
}

// sameProduct compares all but the time of the last change.
func sameProduct(a, b *ProductRecord) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Kind == b.Kind && a.Brand == b.Brand && a.Line == b.Line &&
		a.Season == b.Season && a.Supplier == b.Supplier && a.Category == b.Category && a.Unit == b.Unit &&
		a.Status == b.Status && slices.Equal(a.Tags, b.Tags) && sameAttributes(a.Attributes, b.Attributes) &&
		slices.Equal(a.VAT, b.VAT) && slices.Equal(a.SKUs, b.SKUs)
}

func sameVariant(a, b *VariantRecord) bool {
	return a.SKU == b.SKU && a.Product == b.Product && a.Size == b.Size && a.Colour == b.Colour && a.Status == b.Status &&
		sameAttributes(a.Attributes, b.Attributes) && slices.Equal(a.Barcodes, b.Barcodes) && slices.Equal(a.Codes, b.Codes)
}

// wire is a product as the contract shows it. The lists of variants is sorted
// by SKU.
func wire(p *ProductRecord, list []VariantRecord) catalog.Product {
	out := catalog.Product{
		ID: p.ID, Name: p.Name, Kind: p.Kind, Brand: p.Brand, Line: p.Line, Season: p.Season, Supplier: p.Supplier,
		Category: p.Category, Tags: p.Tags, Attributes: p.Attributes, Unit: p.Unit, VAT: p.VAT, Status: p.Status, Changed: p.Changed,
		Variants: make([]catalog.Variant, len(list)),
	}
	for i, v := range list {
		out.Variants[i] = catalog.Variant{
			SKU: v.SKU, Size: v.Size, Colour: v.Colour, Attributes: v.Attributes, Barcodes: v.Barcodes, Status: v.Status,
		}
	}
	return out
}
